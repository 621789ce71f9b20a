"""Write an exercise as the file that `hep_vision.exercises.loading` reads.

What is as it would be without being said is left out. Reading the text back gives the same
exercise.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any, Final

from hep_vision.core.definition import ExerciseDefinition

_WIDTH: Final = 100


def exercise_toml(exercise: ExerciseDefinition) -> str:
    """Return the text of the exercise file."""
    return _table(exercise, "").strip() + "\n"


def _table(value: Any, name: str) -> str:
    """Return the keys of a dataclass or mapping, then its tables; TOML wants them in this order."""
    plain, tables = [], []
    for key, item in _items(value):
        path = f"{name}.{key}" if name else key
        if _is_table(item):
            body = _table(item, path)
            head = f"[{path}]\n" if not body.startswith("[") else ""
            tables.append(f"{head}{body}")
        elif isinstance(item, tuple) and item and _is_table(item[0]):
            tables += [f"[[{path}]]\n{_table(row, path)}" for row in item]
        else:
            plain.append(_line(key, item))
    return "\n".join(filter(None, ("".join(plain), *tables)))


def _line(key: str, value: Any) -> str:
    line = f"{key} = {_value(value)}\n"
    if len(line) <= _WIDTH or not isinstance(value, tuple):
        return line
    rows = "".join(f"    {_value(item)},\n" for item in value)
    return f"{key} = [\n{rows}]\n"


def _items(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return list(value.items())
    return [
        (field.name, item)
        for field in fields(value)
        if (item := getattr(value, field.name)) is not None and item != _default(field)
    ]


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or is_dataclass(value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return _value(value.value)
    if isinstance(value, str):
        # A TOML string is a JSON string, but for the delete character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return str(value)
