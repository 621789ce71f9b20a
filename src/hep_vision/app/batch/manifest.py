"""Which recordings a batch is of: files, folders, patterns, or a table of them.

A table is a CSV or Parquet file with a column ``path`` and any of ``exercise``, ``side``,
``patient``, ``program`` and ``recorded_at``. Paths in it are taken from its own folder. What is
wrong with one line is a problem of that line alone.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo
from functools import partial
from glob import glob, has_magic
from pathlib import Path
from typing import Any, Final, TypeVar

from hep_vision.app.analyse_many import find_recordings
from hep_vision.app.filmed import Recording
from hep_vision.core.types import Side
from hep_vision.errors import SourceOpenError

COLUMNS: Final = ("path", "exercise", "side", "patient", "program", "recorded_at")
TABLE_SUFFIXES: Final = frozenset({".csv", ".parquet"})

_YES: Final = frozenset({"yes", "true", "1", "y"})
_NO: Final = frozenset({"no", "false", "0", "n"})

_MORE: Final = ""
"""In the place of cells that have no heading."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Listed:
    """A recording as it was named.

    Attributes:
        recording: The recording, its path in full; without what could not be understood.
        name: How it was named; in full where two are named alike.
        problem: What could not be understood; empty where nothing.
    """

    recording: Recording
    name: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """The recordings of a batch.

    Attributes:
        listed: In the order they were named; none twice.
        notes: What of the inputs is not used, a line each.
    """

    listed: tuple[Listed, ...]
    notes: tuple[str, ...] = ()


def read_inputs(
    inputs: Sequence[str], given: Recording, zone: tzinfo, *, not_in: Sequence[Path] = ()
) -> Listing:
    """Return the recordings that the inputs name.

    Args:
        inputs: Files, folders, patterns such as ``clinic/**/*.mp4``, tables.
        given: What holds wherever a table says nothing; its path is not used.
        zone: Of moments without an offset.
        not_in: Folders of results, in which what is found in a folder or by a pattern is left out.

    Raises:
        SourceOpenError: A pattern matches nothing, a folder or a table is empty, or a table
            cannot be read. A recording that is not there is not told here.
    """
    found: dict[tuple[Recording, str], Listed] = {}
    results = [folder.resolve() for folder in not_in]
    notes: list[str] = []
    for name in inputs:
        # Results that are named themselves are wanted.
        left_out = [one for one in results if not _lies_in(Path(name), [one])]
        for path in _matching(name):
            if path != Path(name) and _lies_in(path, left_out):
                continue
            if path.suffix.lower() in TABLE_SUFFIXES:
                rows, unused = _rows(path)
                notes += unused
                listed = [_listed(row, path, number, given, zone) for number, row in rows]
            else:
                listed = [
                    Listed(replace(given, path=one.absolute()), str(one))
                    for one in find_recordings([path])
                    if not _lies_in(one, left_out)
                ]
            for one in listed:
                found.setdefault((one.recording, one.problem), one)
    if not found:
        raise SourceOpenError("Nothing but results of a batch was found; name the recordings.")
    return Listing(tuple(_told_apart(list(found.values()))), tuple(notes))


def _lies_in(path: Path, folders: Sequence[Path]) -> bool:
    resolved = path.resolve() if folders else path
    return any(resolved.is_relative_to(folder) for folder in folders)


def _told_apart(listed: Sequence[Listed]) -> list[Listed]:
    """Return them with the whole path as the name where two files are named alike."""
    paths = {(one.name, one.recording.path) for one in listed}
    named = Counter(name for name, _ in paths)
    return [
        replace(one, name=str(one.recording.path)) if named[one.name] > 1 else one for one in listed
    ]


def _matching(name: str) -> list[Path]:
    """Return what a name stands for: itself, or, where nothing is called so, all that match."""
    path = Path(name)
    if path.exists() or not has_magic(name):
        return [path]
    # Of pathlib's own glob, a pattern that begins with a folder or a drive is an error.
    matching = sorted(glob(name, recursive=True))  # noqa: PTH207
    if not matching:
        raise SourceOpenError(f"{name}: nothing is called like this; check the pattern.")
    return [Path(one) for one in matching]


def _rows(path: Path) -> tuple[list[tuple[int, dict[str, Any]]], list[str]]:
    """Return the rows of a table with their numbers as a spreadsheet shows them, and notes."""
    read = _parquet if path.suffix.lower() == ".parquet" else _csv
    columns, rows = read(path)
    if "path" not in columns:
        raise SourceOpenError(
            f"{path} has no column 'path'; it has {', '.join(columns) or 'none'}. "
            f"Known are {', '.join(COLUMNS)}."
        )
    twice = [name for name, count in Counter(columns).items() if count > 1 and name in COLUMNS]
    if twice:
        raise SourceOpenError(f"{path} has the column '{twice[0]}' twice.")
    if not rows:
        raise SourceOpenError(f"{path} lists no recordings.")
    unused = [name for name in columns if name and name not in COLUMNS]
    notes = [f"{path}: columns not used: {', '.join(unused)}"] if unused else []
    return rows, notes


def _csv(path: Path) -> tuple[list[str], list[tuple[int, dict[str, Any]]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SourceOpenError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SourceOpenError(
            f"{path} is not a table in UTF-8 ({error.reason} at byte {error.start}); "
            "save it as CSV UTF-8."
        ) from error
    heading, _, _ = text.partition("\n")
    # Spreadsheets write semicolons wherever the comma belongs to numbers.
    delimiter = max(",;\t", key=heading.count)
    try:
        lines = list(
            csv.reader(
                io.StringIO(text, newline=""),
                delimiter=delimiter,
                strict=True,
                skipinitialspace=True,
            )
        )
    except csv.Error as error:
        raise SourceOpenError(f"{path} is not a table: {error}.") from error
    names = [name.strip().lower() for name in lines[0]] if lines else []
    rows = [
        (number, {**dict(zip(names, cells, strict=False)), _MORE: any(cells[len(names) :])})
        for number, cells in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]
    return names, rows


def _parquet(path: Path) -> tuple[list[str], list[tuple[int, dict[str, Any]]]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (OSError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())
        raise SourceOpenError(f"{path} cannot be read as Parquet: {reason}") from error
    names = [name.strip().lower() for name in table.column_names]
    columns = [column.to_pylist() for column in table.columns]
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    return names, list(enumerate(rows, start=2))


def _listed(
    row: Mapping[str, Any], table: Path, number: int, given: Recording, zone: tzinfo
) -> Listed:
    values = {name: _plain(row.get(name)) for name in COLUMNS}
    path = str(values["path"] or "")
    problems = [] if path else ["no path"]
    if "\0" in path:
        problems, path = ["a path cannot hold a zero byte"], ""
    if row.get(_MORE):
        problems.append("more cells than the heading has; put texts with commas in quotes")

    def read(column: str, reader: Callable[[Any], _Value], default: _Value) -> _Value:
        if values[column] is None:
            return default
        try:
            return reader(values[column])
        except ValueError as error:
            problems.append(f"{column}: {error}")
            return default

    recording = Recording(
        (table.parent / path).absolute(),
        read("exercise", partial(_exercise, table.parent), given.exercise),
        read("side", _side, given.side),
        read("patient", str, given.patient),
        read("program", _truth, given.program),
        read("recorded_at", partial(_moment, zone), given.recorded_at),
    )
    problem = f"{table}, line {number}: {'; '.join(problems)}" if problems else ""
    return Listed(recording, path or f"{table}, line {number}", problem)


def _plain(value: Any) -> Any:
    """Return a value of a cell; None where it is empty."""
    if isinstance(value, str):
        value = value.strip()
    return None if value == "" or value != value else value


def _exercise(folder: Path, value: Any) -> str:
    """Return the name of an exercise; the file of one is, as a recording, in the table's folder."""
    name = str(value)
    return str((folder / name).absolute()) if name.endswith(".toml") else name


def _side(value: Any) -> Side | None:
    try:
        side = Side(str(value).lower())
    except ValueError:
        raise ValueError(f"{value!r} is neither left nor right") from None
    return None if side is Side.BOTH else side


def _truth(value: Any) -> bool:
    word = str(value).lower()
    if word not in _YES | _NO:
        raise ValueError(f"{value!r} is neither yes nor no")
    return word in _YES


def _moment(zone: tzinfo, value: Any) -> datetime:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        local = moment if moment.utcoffset() is not None else moment.replace(tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{value!r} is no moment; write it like 2026-11-24T09:30") from None
