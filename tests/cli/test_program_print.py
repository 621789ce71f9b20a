"""`hep-vision program print` as a therapist types it."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]

TEXT = """
patient = "A. <b>"
therapist = "C. D."
start = 2026-11-24
review = 2027-01-05

[[exercises]]
id = "mini_squat"
sets = 2
reps = 8
times_per_day = 1
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "program.toml"
    path.write_text(TEXT)
    return path


def test_a_file_is_printed_before_it_is_entered(
    hep_vision: Command, file: Path, data_dir: Path, tmp_path: Path
) -> None:
    place = tmp_path / "page.html"
    ran = hep_vision("program", "print", file, "--out", place)
    assert ran.code == 0
    assert ran.out.splitlines()[0] == f"Written: {place}"
    page = place.read_text(encoding="utf-8")
    assert "A. &lt;b&gt;" in page
    assert "2 sets of 8" in page
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert not data_dir.exists()


def test_a_version_is_printed_and_printed_again_in_the_same_place(
    hep_vision: Command, file: Path, tmp_path: Path
) -> None:
    place = tmp_path / "page.html"
    hep_vision("program", "import", file)
    file.write_text(TEXT.replace("reps = 8", "reps = 9"))
    hep_vision("program", "import", file)
    assert hep_vision("program", "print", "--out", place).code == 0
    newest = place.read_bytes()
    assert b"2 sets of 9" in newest
    ran = hep_vision("program", "print", "--version", 1, "--patient", "A. <b>", "--out", place)
    assert (ran.code, ran.out.splitlines()[0]) == (0, f"Written: {place}, version 1")
    assert b"2 sets of 8" in place.read_bytes()
    hep_vision("program", "print", "--out", place)
    assert place.read_bytes() == newest


def test_a_file_of_something_else_is_never_replaced(
    hep_vision: Command, file: Path, tmp_path: Path
) -> None:
    ran = hep_vision("program", "print", file, "--out", file)
    assert ran.code == 2
    assert ran.err.splitlines() == [
        f"hep-vision: {file}: there already, and not a handout of hep-vision; give another --out."
    ]
    assert file.read_text() == TEXT
    assert list(tmp_path.glob(".*")) == []


def test_what_cannot_be_printed_is_one_line(
    hep_vision: Command, file: Path, tmp_path: Path
) -> None:
    ran = hep_vision("program", "print", "--out", tmp_path / "page.html")
    assert ran.code == 2
    assert "There is no program yet" in ran.err
    file.write_text(TEXT.replace("reps = 8", "reps = 0"))
    ran = hep_vision("program", "print", file, "--out", tmp_path / "page.html")
    assert ran.code == 2
    assert "exercises[mini_squat].reps" in ran.err
    file.write_text(TEXT)
    ran = hep_vision("program", "print", file, "--out", tmp_path / "none" / "page.html")
    assert ran.code == 1
    assert "cannot write the handout" in ran.err
    assert not list(tmp_path.glob("*.html"))
