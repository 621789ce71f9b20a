"""`hep-vision report` as a therapist types it."""

import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hep_vision.store.sessions import SessionLog
from practised import MONDAY, PROGRAM, enter_program, practise

Command = Callable[..., Any]


def fill(data_dir: Path) -> None:
    with SessionLog.open(data_dir) as log:
        ref = enter_program(log)
        for ahead in (0, 2, 4, 7, 9, 11):
            practise(log, ref, ahead, faults=1)


def test_a_page_is_written_for_its_owner_and_written_again(
    hep_vision: Command, data_dir: Path, tmp_path: Path
) -> None:
    fill(data_dir)
    place = tmp_path / "page.html"
    ran = hep_vision("report", "--since", MONDAY, "--out", place)
    assert (ran.code, ran.err) == (0, "")
    today = datetime.now(UTC).date().year
    assert ran.out.startswith(f"Written: {place}, {MONDAY} to {today}")
    assert "<title>Report of A. B., 2 March 2026 to " in place.read_text(encoding="utf-8")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert hep_vision("report", "--patient", "A. B.", "--out", place).code == 0


def test_an_empty_log_gives_a_page(hep_vision: Command, tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    assert hep_vision("report", "--out", place).code == 0
    assert "Nothing is logged for these days yet" in place.read_text(encoding="utf-8")


def test_what_cannot_be_is_said_and_leaves_no_page(
    hep_vision: Command, data_dir: Path, tmp_path: Path
) -> None:
    fill(data_dir)
    place = tmp_path / "page.html"
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    ran = hep_vision("report", "--since", tomorrow, "--out", place)
    assert ran.code == 2
    assert f"{tomorrow} is still to come" in ran.err
    ran = hep_vision("report", "--patient", "Nobody", "--out", place)
    assert ran.code == 2
    assert ran.err == ("hep-vision: There is no program of Nobody; there are those of A. B..\n")
    with SessionLog.open(data_dir) as log:
        enter_program(log, PROGRAM.replace("A. B.", "E. F."))
    ran = hep_vision("report", "--out", place)
    assert ran.code == 2
    assert "say whose with --patient" in ran.err
    assert not place.exists()


def test_a_file_of_someone_else_stays(hep_vision: Command, tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    place.write_text("a letter")
    ran = hep_vision("report", "--out", place)
    assert ran.code == 2
    assert "not a report of hep-vision" in ran.err
    assert place.read_text() == "a letter"
    ran = hep_vision("report", "--out", tmp_path / "no" / "page.html")
    assert ran.code == 1
    assert len(ran.err.splitlines()) == 1
