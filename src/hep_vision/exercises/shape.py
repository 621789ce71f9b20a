"""From TOML to a dataclass, or every key that does not fit, in words.

Keys are named as in the file: ``timing.min_rep_ms``, ``checks[knees_in].threshold``, and
``count[2].measure`` for the second ``[[count]]``.
"""

import json
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from types import GenericAlias
from typing import Any, Final, TypeVar, get_args, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

T = TypeVar("T")

_TOML_PLACE: Final = re.compile(r"(.*) \(at (.*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file.

    Attributes:
        where: The key, or the line and column of malformed TOML.
    """

    where: str
    what: str


def parse_toml(data: bytes) -> tuple[dict[str, Any], Problem | None]:
    """Read TOML; on failure an empty document and what is wrong with it."""
    try:
        return tomllib.loads(data.decode("utf-8-sig")), None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return {}, Problem(f"line {line}", "not UTF-8 text; save the file as UTF-8")
    except tomllib.TOMLDecodeError as error:
        match = _TOML_PLACE.fullmatch(str(error))
        what, where = match.groups() if match else (str(error), "not TOML")
        return {}, Problem(where, what)


def shape_of(kind: type) -> TypeAdapter[Any]:
    """Return what checks types and keys of a dataclass, given as the only item of a tuple."""
    # A plain dataclass takes its configuration from what holds it.
    config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    holder: Any = GenericAlias(tuple, (kind,))
    return TypeAdapter(holder, config=config)


def build(
    adapter: TypeAdapter[Any], kind: type[T], document: object
) -> tuple[T | None, list[Problem]]:
    """Build ``kind`` from a parsed document, or say what does not fit."""
    # Strict JSON, unlike strict Python, takes names for enums and lists for tuples.
    text = json.dumps([document], default=str)
    try:
        return adapter.validate_json(text)[0], []
    except ValidationError as error:
        return None, _shape_problems(kind, document, error.errors(include_url=False))


def _shape_problems(kind: type, document: object, details: Sequence[ErrorDetails]) -> list[Problem]:
    misspelt: dict[tuple[int | str, ...], list[str]] = {}
    for detail in details:
        if detail["type"] == "unexpected_keyword_argument":
            *parent, key = detail["loc"][1:]
            names = [field.name for field in fields(_dataclass_at(kind, parent))]
            misspelt[(*parent, key)] = get_close_matches(str(key), names, n=1)
    meant = {(*loc[:-1], name) for loc, names in misspelt.items() for name in names}
    problems = []
    for detail in details:
        loc = detail["loc"][1:]
        if detail["type"] == "missing" and loc in meant:
            continue  # said once, at the misspelt key
        key = _key(loc, document)
        problems.append(Problem(key, _shape_message(detail, misspelt.get(loc))))
    return problems


def _dataclass_at(kind: type, loc: Sequence[int | str]) -> Any:
    found: Any = kind
    for step in loc:
        if isinstance(step, str):
            annotation = get_type_hints(found)[step]
            found = next(a for a in (annotation, *get_args(annotation)) if is_dataclass(a))
    return found


def _key(loc: Sequence[int | str], document: object) -> str:
    text, value = "", document
    for step in loc:
        value = _item(value, step)
        if isinstance(step, str):
            text += f".{step}" if text else step
        else:
            name = value.get("id") if isinstance(value, Mapping) else None
            text += f"[{name if isinstance(name, str) else step + 1}]"
    return text or "file"


def _item(value: object, step: int | str) -> object:
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return value.get(step) if isinstance(value, Mapping) else None


def _shape_message(detail: ErrorDetails, suggestions: list[str] | None) -> str:
    given = detail.get("input")
    if suggestions is not None:
        return "unknown key" + (f"; did you mean {suggestions[0]}?" if suggestions else "")
    if detail["type"] == "missing":
        return "missing"
    if detail["type"] == "enum":
        choices = str(detail["ctx"]["expected"]).replace("'", "")
        return f"must be one of {choices}, not {given!r}"
    key = str(detail["loc"][-1])
    if detail["type"] == "int_type" and key.endswith("_ms") and isinstance(given, float):
        return f"must be whole milliseconds, not {given} ({given} s is {given * 1000:.0f})"
    if detail["type"] == "tuple_type" and isinstance(given, Mapping):
        return f"is a list of tables: write [[{key}]], not [{key}]"
    what = detail["msg"].replace("Input should be", "must be").replace("valid array", "list")
    return f"{what}, not {given!r}" if isinstance(given, str | int | float) else what


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Return the end of a message that suggests the nearest of ``known``, or nothing."""
    nearest = get_close_matches(name, known, n=1)
    return f"; did you mean {nearest[0]}?" if nearest else ""
