"""Cells of a table that people open in a spreadsheet."""

from typing import Final

_FORMULA_STARTS: Final = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # the full-width ones work too
_CONTROL_TO_SPACE: Final = dict.fromkeys((*range(32), 127), " ")


def csv_cell(value: object) -> object:
    """Return a value that stays on one line and that no spreadsheet runs as a formula."""
    if not isinstance(value, str):
        return value
    line = value.translate(_CONTROL_TO_SPACE)
    return f"'{line}" if line.lstrip().startswith(_FORMULA_STARTS) else line


def text_cell(text: str) -> str:
    """Return a text as a cell that no spreadsheet runs as a formula, and from which it comes back.

    A text that could be a formula, that begins with a ``'`` or that is empty gets a ``'`` in front;
    nothing else is changed, and line ends stay inside the cell.
    """
    guarded = text.translate(_CONTROL_TO_SPACE).lstrip().startswith((*_FORMULA_STARTS, "'"))
    return f"'{text}" if guarded or not text else text


def cell_text(cell: str) -> str | None:
    """Return the text that `text_cell` made a cell of; None, which is unknown, for an empty one."""
    return cell.removeprefix("'") if cell else None
