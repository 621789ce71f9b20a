"""Programs as a therapist and a patient type them."""

import json
import stat
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from calendars import Component, read_calendar
from hep_vision.app import program_edit
from hep_vision.core.types import Side, View
from hep_vision.program.spec import WEEK
from hep_vision.store.records import (
    SessionHeader,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.sessions import SessionLog

Command = Callable[..., Any]

TODAY = datetime.now(UTC).astimezone().date()
TEXT = f"""
patient = "A. [b] ../x"
therapist = "C. D."
goals = ["Climb the stairs"]
start = {TODAY}
review = {TODAY + timedelta(days=42)}
precautions = ["Go gently"]

[pain]
red_from = 5

[[exercises]]
id = "mini_squat"
sets = 2
reps = 8
goal_deg = 55
load = "a chair"
times_per_day = 1

[[exercises]]
id = "straight_leg_raise"
sets = 1
reps = 10
hold_s = 4
side = "each"
times_per_day = 2
precautions = ["Keep the knee straight"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "program.toml"
    path.write_text(TEXT)
    return path


def fits(text: str) -> bool:
    return all(len(line) <= 80 for line in text.splitlines())


def log_a_set(
    data_dir: Path,
    exercise_id: str,
    side: Side,
    *,
    complete: bool = True,
    of_program: bool = True,
) -> None:
    """Book a set as the live session does."""
    now = datetime.now(UTC).isoformat()
    with SessionLog.open(data_dir) as log:
        (row,) = log.programs.newest()
        program = row.ref if of_program else None
        sitting = log.sittings.begin({"sets": []}, now, "0.1.0", program)
        source = SourceRecord(SourceKind.WEBCAM, "0")
        header = SessionHeader(
            exercise_id,
            1,
            side,
            source,
            now,
            "0.1.0",
            sitting_id=sitting.sitting_id,
            set_number=1,
        )
        writer = log.begin(header)
        if complete:
            writer.finish(now, TrackingQuality(1, 1.0, View.SIDE, view_ok=True))
        else:
            writer.interrupt(now)
        sitting.finish(now)


# -- files ----------------------------------------------------------------------------------------


def test_a_new_program_is_a_template_to_adapt_and_then_sound(
    hep_vision: Command, tmp_path: Path
) -> None:
    place = tmp_path / "mine.toml"
    ran = hep_vision("program", "new", "rotator_cuff", "--out", place, "--patient", "A/../ß")
    assert ran.code == 0
    assert "To be adapted by a therapist" in ran.out
    assert 'put left or right in place of "SIDE"' in ran.out
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    checked = hep_vision("program", "validate", place)
    assert checked.code == 2
    assert f"{place}: exercises[shoulder_scaption].side: must be one of left, right" in checked.err

    ran = hep_vision(
        "program", "new", "rotator_cuff", "--out", place, "--patient", "A", "--therapist", "B",
        "--side", "left", "--start", "2026-11-24", "--review", "2026-12-24", "--replace",
    )  # fmt: skip
    assert ran.code == 0
    assert hep_vision("program", "validate", place).out == f"{place}: sound\n"
    shown = json.loads(hep_vision("program", "show", place, "-f", "json").out)
    assert (shown["start"], shown["review"]) == ("2026-11-24", "2026-12-24")
    assert {one["side"] for one in shown["exercises"]} == {"left", "none"}


def test_templates_are_listed_and_an_unknown_one_is_one_line(hep_vision: Command) -> None:
    assert "  knee_osteoarthritis\n" in hep_vision("program", "new").out
    ran = hep_vision("program", "new", "knee_osteoarthrosis")
    assert ran.code == 2
    assert "did you mean knee_osteoarthritis" in ran.err


def test_a_file_that_is_there_is_not_replaced_unasked(hep_vision: Command, file: Path) -> None:
    ran = hep_vision("program", "new", "low_back", "--out", file)
    assert ran.code == 2
    assert "there already" in ran.err
    assert file.read_text() == TEXT


def test_problems_are_named_with_file_and_key(hep_vision: Command, file: Path) -> None:
    file.write_text(TEXT.replace("reps = 8", "reps = 500").replace("sets = 1", "sets = 0"))
    ran = hep_vision("program", "validate", file)
    assert ran.code == 2
    assert ran.err.splitlines() == [
        f"{file}: exercises[mini_squat].reps: must be 1 to 200, not 500",
        f"{file}: exercises[straight_leg_raise].sets: must be 1 to 20, not 0",
    ]


def test_a_program_is_shown_in_80_columns(hep_vision: Command, file: Path) -> None:
    ran = hep_vision("program", "show", file)
    assert ran.code == 0
    assert fits(ran.out)
    words = " ".join(ran.out.split())
    for part in (
        "Program of A. [b] ../x",
        "By C. D., from",
        "Goal: Climb the stairs",
        "2 x 8",
        "1 x 10, hold 4 s",
        "daily, 2 x a day",
        "a chair",
        "Mini squat: goal 55°.",
        "Take care: Go gently",
        "Take care (Straight leg raise): Keep the knee straight",
        "Pain from 3: go gently. From 5: stop and rest.",
    ):
        assert part in words


# -- versions -------------------------------------------------------------------------------------


def test_importing_makes_a_version_only_where_something_changed(
    hep_vision: Command, file: Path
) -> None:
    first = hep_vision("program", "import", file)
    again = hep_vision("program", "import", file)
    file.write_text(TEXT.replace("reps = 8", "reps = 9"))
    second = hep_vision("program", "import", file)

    assert first.out == "Version 1 of the program of A. [b] ../x holds from now on.\n"
    assert again.out.startswith("Nothing changed: version 1")
    assert second.out.startswith("Version 2 ")
    assert '"reps": 9' in hep_vision("program", "show", "-f", "json").out
    assert hep_vision("program", "show", "--version", 1, "-f", "toml").out == TEXT
    missing = hep_vision("program", "show", "--version", 3)
    assert (missing.code, "the newest is 2" in missing.err) == (2, True)


def test_a_file_with_a_problem_enters_nothing(hep_vision: Command, file: Path) -> None:
    file.write_text(TEXT.replace("reps = 8", "reps = 500"))
    ran = hep_vision("program", "import", file)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "There is no program yet" in hep_vision("today").err


def test_history_tells_what_was_done_by_each_version(
    hep_vision: Command, file: Path, data_dir: Path
) -> None:
    hep_vision("program", "import", file)
    log_a_set(data_dir, "mini_squat", Side.BOTH)
    file.write_text(TEXT.replace("reps = 8", "reps = 9"))
    hep_vision("program", "import", file)
    rows = [line.split() for line in hep_vision("program", "history").out.splitlines()]
    assert [row[0] for row in rows[1:3]] == ["2", "1"]
    assert [row[-1] for row in rows[1:3]] == ["0", "1"]
    assert "now" in rows[1]


def test_of_several_programs_one_must_be_named(hep_vision: Command, file: Path) -> None:
    hep_vision("program", "import", file)
    file.write_text(TEXT.replace("A. [b] ../x", "Bob"))
    hep_vision("program", "import", file)
    unclear = hep_vision("today")
    assert unclear.code == 2
    assert "say whose with --patient: Bob, A. [b] ../x" in unclear.err
    assert hep_vision("today", "--patient", "Bob").code == 0
    assert "There is no program of Rob" in hep_vision("today", "--patient", "Rob").err


# -- the editor -----------------------------------------------------------------------------------


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str], None]:
    """Return a function that makes an editor which replaces one text by another."""

    def becomes(old: str, new: str) -> None:
        script = tmp_path / "editor.py"
        script.write_text(
            "import pathlib, sys\npath = pathlib.Path(sys.argv[1])\n"
            f"path.write_text(path.read_text().replace({old!r}, {new!r}))\n"
        )
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", f"'{sys.executable}' '{script}'")

    return becomes


def drafts(data_dir: Path) -> list[Path]:
    return list(data_dir.glob("program.*.toml"))


def test_a_change_in_the_editor_is_a_new_version_of_the_same_program(
    hep_vision: Command, file: Path, data_dir: Path, editor: Callable[[str, str], None]
) -> None:
    hep_vision("program", "import", file)
    editor("A. [b] ../x", "Another alias")
    ran = hep_vision("program", "edit")
    assert ran.out == "Version 2 of the program of Another alias holds from now on.\n"
    assert drafts(data_dir) == []


def test_nothing_changed_is_no_version(
    hep_vision: Command, file: Path, data_dir: Path, editor: Callable[[str, str], None]
) -> None:
    hep_vision("program", "import", file)
    editor("not there", "")
    assert hep_vision("program", "edit").out == "Nothing changed: version 1 still holds.\n"
    assert drafts(data_dir) == []


def test_what_is_not_sound_is_kept_and_not_entered(
    hep_vision: Command, file: Path, data_dir: Path, editor: Callable[[str, str], None]
) -> None:
    hep_vision("program", "import", file)
    editor("reps = 8", "reps = 500")
    ran = hep_vision("program", "edit")  # nobody answers whether to go on
    (draft,) = drafts(data_dir)
    assert ran.code == 2
    assert "exercises[mini_squat].reps: must be 1 to 200, not 500" in ran.err
    assert f"What you wrote is in {draft}" in ran.err
    assert stat.S_IMODE(draft.stat().st_mode) == 0o600
    assert '"reps": 8' in hep_vision("program", "show", "-f", "json").out


def test_an_editor_that_is_not_there_is_one_line(
    hep_vision: Command, file: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hep_vision("program", "import", file)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "/no/such/editor")
    ran = hep_vision("program", "edit")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "cannot be run" in ran.err
    assert drafts(data_dir) == []


def test_the_editor_opens_again_until_the_program_is_sound(
    hep_vision: Command,
    file: Path,
    editor: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hep_vision("program", "import", file)
    texts = iter([TEXT.replace("reps = 8", "reps = 500"), TEXT.replace("reps = 8", "reps = 7")])
    monkeypatch.setattr(program_edit, "_open", lambda draft: draft.write_text(next(texts)))
    monkeypatch.setattr("hep_vision.cli.commands.program._ask_again", lambda problems: True)
    assert hep_vision("program", "edit").out.startswith("Version 2 ")
    assert '"reps": 7' in hep_vision("program", "show", "-f", "json").out


# -- today ----------------------------------------------------------------------------------------


def test_today_tells_due_done_left_and_next(
    hep_vision: Command, file: Path, data_dir: Path
) -> None:
    hep_vision("program", "import", file)
    log_a_set(data_dir, "mini_squat", Side.BOTH)
    log_a_set(data_dir, "straight_leg_raise", Side.LEFT)
    log_a_set(data_dir, "straight_leg_raise", Side.RIGHT, complete=False)
    ran = hep_vision("today")
    found = json.loads(hep_vision("today", "-f", "json").out)

    assert ran.code == 0
    assert fits(ran.out)
    assert "4 of 6 sets to do" in ran.out
    assert "Now: Mini squat, Straight leg raise." in ran.out
    assert "You need: a chair." in ran.out
    assert "hep-vision live --program today" in ran.out
    assert [
        (one["exercise"], one["sets_due"], one["sets_done"], one["sets_left"], one["sets_begun"])
        for one in found["due"]
    ] == [("mini_squat", 2, 1, 1, 0), ("straight_leg_raise", 4, 1, 3, 1)]
    assert found["now"] == ["mini_squat", "straight_leg_raise"]
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    assert found["next"] == {
        "date": tomorrow,
        "at": None,
        "exercises": ["mini_squat", "straight_leg_raise"],
    }
    assert (found["complete"], found["days_in_a_row"]) == (False, 0)


def test_a_done_day_is_said_to_be_done(hep_vision: Command, file: Path, data_dir: Path) -> None:
    file.write_text(TEXT.partition('[[exercises]]\nid = "straight')[0])
    hep_vision("program", "import", file)
    for _ in range(2):
        log_a_set(data_dir, "mini_squat", Side.BOTH)
    ran = hep_vision("today")
    assert "all done for today" in ran.out
    assert "Now:" not in ran.out
    assert json.loads(hep_vision("today", "-f", "json").out)["days_in_a_row"] == 1


def test_what_was_done_outside_the_program_does_not_count(
    hep_vision: Command, file: Path, data_dir: Path
) -> None:
    hep_vision("program", "import", file)
    log_a_set(data_dir, "mini_squat", Side.BOTH, of_program=False)
    found = json.loads(hep_vision("today", "-f", "json").out)
    assert [one["sets_done"] for one in found["due"]] == [0, 0]


def test_a_day_of_rest_and_days_before_the_start_are_said(hep_vision: Command, file: Path) -> None:
    other = (TODAY + timedelta(days=1)).strftime("%a").lower()
    file.write_text(
        TEXT.replace("times_per_day = 1", f'days = ["{other}"]').replace(
            "times_per_day = 2", f'days = ["{other}"]'
        )
    )
    hep_vision("program", "import", file)
    ran = hep_vision("today")
    assert "a rest day" in ran.out
    assert "Next:" in ran.out
    file.write_text(TEXT.replace(f"start = {TODAY}", f"start = {TODAY + timedelta(days=2)}"))
    hep_vision("program", "import", file)
    assert "your program begins on" in hep_vision("today").out


def test_a_review_that_has_come_is_said(hep_vision: Command, file: Path) -> None:
    text = TEXT.replace(f"start = {TODAY}", f"start = {TODAY - timedelta(days=9)}")
    file.write_text(text.replace(f"review = {TODAY + timedelta(days=42)}", f"review = {TODAY}"))
    hep_vision("program", "import", file)
    words = " ".join(hep_vision("today").out.split())
    assert "please arrange it with C. D." in words


# -- the calendar ---------------------------------------------------------------------------------


def calendar_events(path: Path) -> list[Component]:
    return read_calendar(path.read_bytes()).components


def test_a_calendar_is_written_for_its_owner_and_written_again(
    hep_vision: Command, file: Path, tmp_path: Path
) -> None:
    hep_vision("program", "import", file)
    place = tmp_path / "mine.ics"
    ran = hep_vision("program", "calendar", "--out", place)
    assert ran.code == 0
    review = TODAY + timedelta(days=42)
    assert f"Written: {place}, version 1 until the review on {review}." in ran.out
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    first = place.read_bytes()
    assert hep_vision("program", "calendar", "--out", place, "--patient", "A. [b] ../x").code == 0
    assert place.read_bytes() == first
    for told in (b"A. [b]", b"C. D.", b"stairs", b"gently", b"quat", b"raise"):
        assert told not in first
    starts = [event["DTSTART"] for event in calendar_events(place)]
    assert starts == [f"{TODAY:%Y%m%d}T090000", f"{TODAY:%Y%m%d}T190000"]


def test_time_alarm_and_names_of_a_calendar_are_as_asked(
    hep_vision: Command, file: Path, tmp_path: Path
) -> None:
    hep_vision("program", "import", file)
    place = tmp_path / "mine.ics"
    hep_vision("program", "calendar", "--out", place, "--time", "07:30", "--alarm", 45, "--names")
    first, second = calendar_events(place)
    assert first["DTSTART"].endswith("T073000")
    assert first["DESCRIPTION"] == "Mini squat\nStraight leg raise"
    assert second["DESCRIPTION"] == "Straight leg raise"
    assert first.components[0]["TRIGGER"] == "-PT45M"
    hep_vision("program", "calendar", "--out", place, "--no-alarm")
    assert [event.components for event in calendar_events(place)] == [[], []]


def test_a_changed_program_takes_out_of_the_calendar_what_is_no_more_due(
    hep_vision: Command, file: Path, tmp_path: Path
) -> None:
    hep_vision("program", "import", file)
    place = tmp_path / "mine.ics"
    hep_vision("program", "calendar", "--out", place)
    before = {event["UID"]: event for event in calendar_events(place)}
    file.write_text(TEXT.replace("times_per_day = 2", "times_per_day = 1"))
    hep_vision("program", "import", file)
    hep_vision("program", "calendar", "--out", place)
    after = {event["UID"]: event for event in calendar_events(place)}
    assert set(after) == set(before)
    assert {event["SEQUENCE"] for event in after.values()} == {"2"}
    cancelled = [uid for uid, event in after.items() if "STATUS" in event.properties]
    assert [before[uid]["DTSTART"][-7:] for uid in cancelled] == ["T190000"]


def test_days_before_a_version_was_entered_are_not_in_the_calendar(
    hep_vision: Command, file: Path, tmp_path: Path
) -> None:
    file.write_text(TEXT.replace(f"start = {TODAY}", f"start = {TODAY - timedelta(days=30)}"))
    hep_vision("program", "import", file)
    place = tmp_path / "mine.ics"
    hep_vision("program", "calendar", "--out", place)
    assert {event["DTSTART"][:8] for event in calendar_events(place)} == {f"{TODAY:%Y%m%d}"}


def test_a_calendar_that_cannot_be_is_one_line(
    hep_vision: Command, file: Path, tmp_path: Path
) -> None:
    place = tmp_path / "mine.ics"
    assert "There is no program yet" in hep_vision("program", "calendar", "--out", place).err
    hep_vision("program", "import", file)
    for asked, told in (
        (("--alarm", 5, "--no-alarm"), "contradict each other"),
        (("--time", "18:31"), "begin at 18:30 or earlier"),
        (("--patient", "Rob"), "There is no program of Rob"),
    ):
        ran = hep_vision("program", "calendar", "--out", place, *asked)
        assert (ran.code, len(ran.err.splitlines())) == (2, 1)
        assert told in ran.err
    assert not place.exists()


def test_after_the_review_or_with_nothing_before_it_there_is_no_calendar(
    hep_vision: Command, file: Path, tmp_path: Path
) -> None:
    place = tmp_path / "mine.ics"
    begun = TEXT.replace(f"start = {TODAY}", f"start = {TODAY - timedelta(days=42)}")

    def written_with(review: date, days: str) -> Any:
        text = begun.replace(f"review = {TODAY + timedelta(days=42)}", f"review = {review}")
        file.write_text(text.replace("times_per_day", f"days = {days}\ntimes_per_day"))
        hep_vision("program", "import", file)
        return hep_vision("program", "calendar", "--out", place)

    over = written_with(TODAY - timedelta(days=1), "['mon']")
    assert (over.code, "The review was on" in over.err) == (2, True)
    yesterday = WEEK[TODAY.weekday() - 1]
    none_left = written_with(TODAY, f"['{yesterday}']")
    assert (none_left.code, "Nothing is due from" in none_left.err) == (2, True)
    assert not place.exists()
