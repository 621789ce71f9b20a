"""Other targets of one exercise in the text of a program, which otherwise stays as it was written.

The text is the therapist's, with its comments and its order. So lines are changed and not the
whole written anew, and what came out is read again: it must say what was asked for, and nothing
else.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from hep_vision.errors import ProgramError

_TABLE: Final = re.compile(r"\s*\[")
_HEADER: Final = re.compile(r"\s*\[\[\s*exercises\s*\]\]\s*(#.*)?")
_BY_HAND: Final = "change it in the editor of the program"


def with_targets(text: str, exercise_id: str, values: Mapping[str, float | None]) -> str:
    """Return the text of a program with other targets of an exercise.

    Args:
        text: A sound program.
        exercise_id: The exercise; of several tables of it, all are changed.
        values: By key, such as ``goal_deg``; None removes it.

    Raises:
        ProgramError: The program has no such exercise, or is written in a way that cannot be
            changed here.
    """
    before = tomllib.loads(text)
    wanted = _wanted(before, exercise_id, values)
    lines = text.split("\n")
    begins = [at for at, line in enumerate(lines) if _HEADER.fullmatch(line)]
    # From the end, so that what is inserted moves nothing that is still to be looked at.
    for begin in reversed(begins):
        end = next(
            (at for at in range(begin + 1, len(lines)) if _TABLE.match(lines[at])), len(lines)
        )
        table = lines[begin + 1 : end]
        if _id_in(table) == exercise_id:
            lines[begin + 1 : end] = _changed(table, values)
    changed = "\n".join(lines)
    try:
        after = tomllib.loads(changed)
    except tomllib.TOMLDecodeError:
        after = {}
    if after != wanted:
        raise ProgramError(f"The program cannot be changed here: {_BY_HAND}.")
    return changed


def _wanted(
    before: dict[str, Any], exercise_id: str, values: Mapping[str, float | None]
) -> dict[str, Any]:
    tables: list[dict[str, Any]] = before.get("exercises", [])
    if not any(table.get("id") == exercise_id for table in tables):
        raise ProgramError(f"The program has no {exercise_id}: add it in the editor first.")
    return {
        **before,
        "exercises": [
            _merged(table, values) if table.get("id") == exercise_id else table for table in tables
        ],
    }


def _merged(table: dict[str, Any], values: Mapping[str, float | None]) -> dict[str, Any]:
    whole = {**table, **values}
    return {key: value for key, value in whole.items() if value is not None}


def _id_in(table: list[str]) -> str | None:
    for line in table:
        if re.match(r"\s*id\s*=", line):
            try:
                found = tomllib.loads(line).get("id")
            except tomllib.TOMLDecodeError:
                return None
            return found if isinstance(found, str) else None
    return None


def _changed(table: list[str], values: Mapping[str, float | None]) -> list[str]:
    left = {key: value for key, value in values.items() if value is not None}
    lines = []
    for line in table:
        key = line.split("=")[0].strip()
        if key not in values or "=" not in line:
            lines.append(line)
        elif (value := left.pop(key, None)) is not None:
            comment = re.search(r"\s+#.*$", line)
            lines.append(f"{key} = {value:g}{comment.group() if comment else ''}")
    end = len(lines)
    # What stands last, apart from the keys, is most likely about the table that comes next.
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return [*lines[:end], *(f"{key} = {value:g}" for key, value in left.items()), *lines[end:]]
