"""What a table is made of: columns with their kind, unit and meaning, and rows of values."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What the values of a column are; every one may also be unknown."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    TRUTH = "true or false"
    MOMENT = "moment (UTC)"
    TEXTS = "list of texts"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Its heading.
        kind: What its values are.
        unit: ``ms``, ``deg`` ...; empty where there is none.
        meaning: One line.
        value: Gives it from what the row is about.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    value: Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Table:
    """One table; its name is that of its file."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    def row(self, about: object) -> "Row":
        """Return the row about one thing; a number that is not finite is unknown."""
        return Row(self, tuple(_known(column.value(about)) for column in self.columns))


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one row, in the order of the columns; None is unknown.

    A moment is text in the form of `hep_vision.store.records.utc_stamp`, texts are a tuple.
    """

    table: Table
    values: tuple[object, ...]


def described(table: Table) -> str:
    """Return a table of the columns in Markdown."""
    head = "| column | kind | unit | meaning |\n|---|---|---|---|\n"
    return f"### {table.name}\n\n{table.meaning}\n\n{head}" + "".join(
        f"| `{column.name}` | {column.kind} | {column.unit} | {column.meaning} |\n"
        for column in table.columns
    )


def _known(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.value if isinstance(value, StrEnum) else value


def _path(*names: str) -> Callable[[Any], object]:
    """Return what follows names one after the other, None where one of them is None."""

    def follow(about: Any) -> object:
        for name in names:
            if about is None:
                return None
            about = getattr(about, name)
        found: object = about
        return found

    return follow


def column(
    name: str, kind: Kind, meaning: str, *path: str, unit: str = "", value: Any = None
) -> Column:
    """Return a column of what a row is about.

    Args:
        name: Its heading.
        kind: What its values are.
        meaning: One line.
        path: Names that lead to its value, one after the other; its heading where there are none.
        unit: Of its values; empty where there is none.
        value: Gives it, where no names lead to it.
    """
    return Column(name, kind, unit, meaning, value or _path(*(path or (name,))))
