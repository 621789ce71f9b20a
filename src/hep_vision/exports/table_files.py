"""Tables as folders of CSV or Parquet files, one file for each table, written as a stream."""

import csv
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from hep_vision import __version__
from hep_vision.exports.cells import text_cell
from hep_vision.exports.columns import Kind, Row, Table
from hep_vision.exports.drafts import check_own_folder, own_folder_draft
from hep_vision.exports.tables import MEASURES, SCHEMA, TABLES

_ROWS_AT_ONCE: Final = 20_000
"""Rows of a Parquet row group, which are held in memory; more make no smaller files."""


class _Writer(Protocol):
    def write(self, values: tuple[object, ...]) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...


def write_csv(tables: Sequence[Table], rows: Iterable[Row], place: Path) -> None:
    """Write a folder with a CSV file for each of ``tables``: UTF-8, a heading, line ends LF.

    Unknown is an empty cell, true and false are ``true`` and ``false``, texts have a space between
    them. Text that a spreadsheet would run as a formula gets a ``'`` in front; see `text_cell`.

    Raises:
        ExportError: It cannot be written, or what is in its place is not ours.
    """
    _write_folder(tables, rows, place, "csv", _CsvWriter)


def write_parquet(tables: Sequence[Table], rows: Iterable[Row], place: Path) -> None:
    """Write a folder with a Parquet file for each of ``tables``, units with its fields.

    Raises:
        ExportError: As for `write_csv`.
    """
    _write_folder(tables, rows, place, "parquet", _ParquetWriter)


def _write_folder(
    tables: Sequence[Table],
    rows: Iterable[Row],
    place: Path,
    suffix: str,
    writer: Callable[[Table, BinaryIO], _Writer],
) -> None:
    ours = _names(tables)
    with own_folder_draft(place, "tables", ours.__contains__) as folder, ExitStack() as opened:
        writers: dict[str, _Writer] = {}
        for table in tables:
            file = opened.enter_context(_private_file(folder / f"{table.name}.{suffix}"))
            writers[table.name] = one = writer(table, file)
            opened.callback(one.abandon)
        for row in rows:
            writers[row.table.name].write(row.values)
        for one in writers.values():
            one.close()


def check_place(tables: Sequence[Table], place: Path) -> None:
    """Raise what `write_csv` would of what is in its place, before there is anything to write.

    Raises:
        ExportError: What is in its place is not ours.
    """
    check_own_folder(place, "tables", _names(tables).__contains__)


def _names(tables: Sequence[Table]) -> set[str]:
    """Return what a file of any export may be called."""
    known = {*TABLES, MEASURES, *tables}
    return {f"{table.name}.{ending}" for table in known for ending in _SUFFIXES}


def _private_file(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


class _CsvWriter:
    """Writes one table as CSV."""

    def __init__(self, table: Table, file: BinaryIO) -> None:
        self._write = file.write
        self._cells = csv.writer(self, lineterminator="\n")
        self._cells.writerow([column.name for column in table.columns])

    def write(self, values: Any) -> None:
        """Take a row, or, for the csv module, its line."""
        if isinstance(values, str):
            self._write(values.encode())
        else:
            self._cells.writerow([_cell(value) for value in values])

    def close(self) -> None:
        """Do nothing: each line is written at once."""

    def abandon(self) -> None:
        """Do nothing."""


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return " ".join(value)
    return text_cell(value) if isinstance(value, str) else value


class _ParquetWriter:
    """Writes one table as Parquet, a group of rows at a time."""

    def __init__(self, table: Table, file: BinaryIO) -> None:
        from pyarrow.parquet import ParquetWriter

        self._schema = _arrow_schema(table)
        self._kinds = [column.kind for column in table.columns]
        self._rows: list[tuple[object, ...]] = []
        self._file = ParquetWriter(file, self._schema, compression="zstd")

    def write(self, values: tuple[object, ...]) -> None:
        """Take a row."""
        self._rows.append(values)
        if len(self._rows) == _ROWS_AT_ONCE:
            self._flush()

    def close(self) -> None:
        """Write what is left, and the foot of the file."""
        if self._rows:
            self._flush()
        self._file.close()

    def abandon(self) -> None:
        """Let go of a file that is not to be finished; does nothing after `close`."""
        try:
            self._file.close()
        finally:
            self._file.is_open = False  # its __del__ would try, and complain, again

    def _flush(self) -> None:
        import pyarrow as pa

        columns = zip(*self._rows, strict=True)
        arrays = [
            pa.array(map(_moment, values) if kind is Kind.MOMENT else values, field.type)
            for kind, values, field in zip(self._kinds, columns, self._schema, strict=True)
        ]
        self._file.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows.clear()


def _moment(stamp: Any) -> datetime | None:
    return None if stamp is None else datetime.fromisoformat(stamp)


def _arrow_schema(table: Table) -> Any:
    import pyarrow as pa

    types = {
        Kind.TEXT: pa.string(),
        Kind.WHOLE: pa.int64(),
        Kind.NUMBER: pa.float64(),
        Kind.TRUTH: pa.bool_(),
        Kind.MOMENT: pa.timestamp("ms", tz="UTC"),
        Kind.TEXTS: pa.list_(pa.string()),
    }
    fields = [
        pa.field(
            column.name,
            types[column.kind],
            metadata={"meaning": column.meaning} | ({"unit": column.unit} if column.unit else {}),
        )
        for column in table.columns
    ]
    about = {"hep_vision.schema": str(SCHEMA), "hep_vision.version": __version__}
    return pa.schema(fields, metadata=about | {"meaning": table.meaning})


_SUFFIXES: Final = ("csv", "parquet")
