"""Which recordings a batch is of."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from hep_vision.app.batch.manifest import Listed, read_inputs
from hep_vision.app.filmed import Recording
from hep_vision.core.types import Side
from hep_vision.errors import SourceOpenError
from prescriptions import ZONE


def read(*inputs: object, not_in: Sequence[Path] = (), **given: Any) -> tuple[Listed, ...]:
    names = [str(one) for one in inputs]
    return read_inputs(names, Recording(Path(), **given), ZONE, not_in=not_in).listed


def table(tmp_path: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


FULL = "path,exercise,side,patient,program,recorded_at\na b.mp4,squat,left,A. B.,yes,2026-03-01\n"
EXPECTED = ("squat", Side.LEFT, "A. B.", True, datetime(2026, 2, 28, 23, tzinfo=UTC))


def asked(one: Listed) -> tuple[object, ...]:
    found = one.recording
    return found.exercise, found.side, found.patient, found.program, found.recorded_at


@pytest.mark.parametrize(
    "content",
    [
        FULL.encode(),
        b"\xef\xbb\xbf" + FULL.encode(),
        FULL.replace(",", ";").encode(),
        FULL.replace(",", "\t").encode(),
        FULL.replace("\n", "\r\n").encode(),
        FULL.rstrip("\n").encode(),
        FULL.replace("path,exercise", " Path , EXERCISE").encode(),
        FULL.replace("\na b", '\n"a b').replace("mp4,", 'mp4",').encode(),
    ],
)
def test_a_csv_table_in_any_dialect(tmp_path: Path, content: bytes) -> None:
    (one,) = read(table(tmp_path, content))
    assert (one.recording.path, one.name) == (tmp_path / "a b.mp4", "a b.mp4")
    assert asked(one) == EXPECTED
    assert one.problem == ""


def test_a_parquet_table_with_its_own_types(tmp_path: Path) -> None:
    columns = {
        "Path": ["a.mp4", str(tmp_path / "else" / "b.mp4")],
        "exercise": ["squat", None],
        "side": ["LEFT", None],
        "patient": ["A. B.", None],
        "program": [True, None],
        "recorded_at": [datetime(2026, 2, 28, 23, tzinfo=UTC), None],
    }
    parquet.write_table(pa.table(columns), tmp_path / "list.parquet")
    first, second = read(tmp_path / "list.parquet", exercise="push_up")
    assert asked(first) == EXPECTED
    assert second.recording == Recording(tmp_path / "else" / "b.mp4", "push_up")


def test_what_a_table_leaves_open_is_as_the_options_say(tmp_path: Path) -> None:
    path = table(tmp_path, "path,side,program\na.mp4,,\nb.mp4,both,no\n")
    first, second = read(path, exercise="squat", side=Side.RIGHT, program=True, patient="C.")
    assert asked(first) == ("squat", Side.RIGHT, "C.", True, None)
    assert asked(second) == ("squat", None, "C.", False, None)


def test_paths_and_exercise_files_are_taken_from_the_folder_of_the_table(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    (one,) = read(table(folder, "path,exercise\n../clips/a.mp4,own.toml\n"))
    assert one.recording.path == folder / "../clips/a.mp4"
    assert one.recording.exercise == str(folder / "own.toml")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a.mp4,squat,lft,,,", "side: 'lft' is neither left nor right"),
        ("a.mp4,squat,,,maybe,", "program: 'maybe' is neither yes nor no"),
        ("a.mp4,squat,,,,yesterday", "recorded_at: 'yesterday' is no moment"),
        (",squat,,,,", "no path"),
        ("a,b.mp4,squat,,,,,2026-03-01", "more cells than the heading"),
        ("a\0b.mp4,squat,,,,", "zero byte"),
        ("a.mp4,squat,lft,,maybe,", "'lft' is neither left nor right; program: 'maybe'"),
    ],
)
def test_what_is_wrong_with_a_line_is_told_of_that_line_alone(
    tmp_path: Path, line: str, words: str
) -> None:
    heading, good = FULL.splitlines()
    path = table(tmp_path, f"{heading}\n\n{good}\n\n{line}\n")
    first, second = read(path)
    assert first.problem == ""
    assert words in second.problem
    assert second.problem.startswith(f"{path}, line 5: ")


def test_a_good_line_is_not_lost_to_a_bad_one_about_the_same_file(tmp_path: Path) -> None:
    path = table(tmp_path, "path,side\na.mp4,lft\na.mp4,\n,\n\n,left\n")
    assert [bool(one.problem) for one in read(path)] == [True, False, True]


def test_unknown_columns_are_told_and_not_used(tmp_path: Path) -> None:
    path = table(tmp_path, "path,camera,,note\na.mp4,1,2,3\n")
    found = read_inputs([str(path)], Recording(Path()), ZONE)
    assert found.notes == (f"{path}: columns not used: camera, note",)
    assert [one.problem for one in found.listed] == [""]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no column 'path'; it has none"),
        (b"file,exercise\na.mp4,squat\n", "no column 'path'; it has file, exercise"),
        (b"path,exercise\n", "lists no recordings"),
        (b"path,exercise\n\n,\n", "lists no recordings"),
        (b"path,path\na.mp4,b.mp4\n", "the column 'path' twice"),
        (b"path\nf\xfcr.mp4\n", "not a table in UTF-8"),
        ("path\na.mp4\n".encode("utf-16"), "not a table in UTF-8"),
        (b'path\n"a.mp4\n', "is not a table"),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(SourceOpenError, match=words) as raised:
        read(table(tmp_path, content))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["none.csv", "none.parquet", "folder.csv"])
def test_a_table_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SourceOpenError, match="cannot be read"):
        read(tmp_path / name)


def test_a_parquet_table_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SourceOpenError, match="cannot be read as Parquet") as raised:
        read(table(tmp_path, "path\na.mp4\n", "list.parquet"))
    assert "\n" not in str(raised.value)


def test_a_text_may_hold_anything_but_its_end(tmp_path: Path) -> None:
    odd = 'a "b"\u2028c\x0bd,\ne\x85.mp4'
    quoted = '"' + odd.replace('"', '""') + '"'
    first, second = read(table(tmp_path, f"path,side\n{quoted},left\nb.mp4,right\n"))
    assert (first.name, first.recording.side) == (odd, Side.LEFT)
    assert (second.name, second.recording.side) == ("b.mp4", Side.RIGHT)


def test_folders_patterns_files_and_tables_together_and_none_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("x/b.mp4", "x/y/a.NPZ", "x/notes.txt", "z[1].mp4", "z1.mp4"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    table(tmp_path, "path\nx/b.mp4\nnot there.mp4\n")
    found = [one.name for one in read("x", "x/**/*.mp4", "z[1].mp4", "list.csv", "z?.mp4")]
    assert found == ["x/b.mp4", "x/y/a.NPZ", "z[1].mp4", "not there.mp4", "z1.mp4"]


def test_a_pattern_or_a_folder_without_recordings_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceOpenError, match="nothing is called like this"):
        read(tmp_path / "*.mp4")
    with pytest.raises(SourceOpenError, match="no video and no landmark track"):
        read(tmp_path)


def test_results_of_a_batch_are_no_recordings_unless_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    results = tmp_path / "results"
    for name in ("a.mp4", "results/overlays/a.mp4", "results/tracks/ab/cd.npz"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    (results / "csv").mkdir()
    table(results / "csv", "path\nlisted.mp4\n", "recordings.csv")
    for way in (".", "**/*", str(tmp_path)):
        names = [Path(one.name).name for one in read(way, not_in=[results])]
        assert [name for name in names if name != "results"] == ["a.mp4"], way
    for way in ("results/overlays", "results/overlays/a.mp4", "results/overlays/*"):
        assert [one.name for one in read(way, not_in=[results])] == ["results/overlays/a.mp4"]
    with pytest.raises(SourceOpenError, match="Nothing but results"):
        read("result*", not_in=[results])


def test_two_files_that_are_named_alike_are_told_apart(tmp_path: Path) -> None:
    lists = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        lists.append(table(tmp_path / name, "path,side\na.mp4,left\na.mp4,right\n"))
    assert [one.name for one in read(lists[0])] == ["a.mp4", "a.mp4"]
    names = [one.name for one in read(*lists)]
    assert names == [str(one.parent / "a.mp4") for one in lists for _ in range(2)]


def test_a_name_that_is_not_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"f\xfcr.mp4")
    (tmp_path / name).touch()
    (one,) = read(tmp_path)
    assert one.recording.path == tmp_path / name
