"""Readers of TRC and MOT files, written from the formats' descriptions and not from our writer."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Markers:
    """A TRC file: its header, marker names, (T,) seconds and (T, M, 3) positions, NaN = empty."""

    header: dict[str, str]
    names: list[str]
    time_s: NDArray[np.float64]
    positions: NDArray[np.float64]


@dataclass(frozen=True)
class Storage:
    """A MOT file: its header, (T,) seconds and a (T,) column by label."""

    header: dict[str, str]
    time_s: NDArray[np.float64]
    columns: dict[str, NDArray[np.float64]]


def _cells(line: str) -> list[str]:
    """Split as OpenSim does: every cell ends with a tab, the last one with the line."""
    cells = line.split("\t")
    return cells[:-1] if cells[-1] == "" else cells


def read_trc(path: Path) -> Markers:
    lines = path.read_text("ascii").split("\n")
    assert lines.pop() == ""
    first, keys, values, names, axes, blank, *rows = lines
    assert first.split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    assert len(first.split("\t")) == 4
    header = dict(zip(keys.split("\t"), values.split("\t"), strict=True))
    count = int(header["NumMarkers"])
    labels = [name for name in _cells(names) if name]
    assert labels[:2] == ["Frame#", "Time"]
    assert len(labels) == count + 2
    expected = [f"{axis}{number}" for number in range(1, count + 1) for axis in "XYZ"]
    assert _cells(axes) == ["", "", *expected]
    assert blank == ""
    table = [_cells(row) for row in rows]
    assert len(table) == int(header["NumFrames"])
    assert {len(row) for row in table} == {2 + 3 * count}
    assert [int(row[0]) for row in table] == list(range(1, len(table) + 1))
    numbers = [[float(cell) if cell else np.nan for cell in row[2:]] for row in table]
    return Markers(
        header,
        labels[2:],
        np.array([float(row[1]) for row in table]),
        np.array(numbers).reshape(len(table), count, 3),
    )


def read_mot(path: Path) -> Storage:
    lines = path.read_text("ascii").split("\n")
    assert lines.pop() == ""
    end = lines.index("endheader")
    header = dict(line.split("=") for line in lines[1:end] if "=" in line)
    labels = lines[end + 1].split("\t")
    assert labels[0] == "time"
    assert len(set(labels)) == len(labels) == int(header["nColumns"])
    table = np.array([[float(cell) for cell in line.split("\t")] for line in lines[end + 2 :]])
    assert table.shape == (int(header["nRows"]), len(labels))
    return Storage(header, table[:, 0], dict(zip(labels[1:], table[:, 1:].T, strict=True)))
