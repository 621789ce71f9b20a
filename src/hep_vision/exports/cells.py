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
