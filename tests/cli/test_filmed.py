"""Filmed sets that count as done by the program, as a patient books them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest

import media
from filmed import enter_program, film
from hep_vision.app.live_plan import from_plain
from hep_vision.core.types import Side
from hep_vision.store.programs import ProgramLog
from hep_vision.store.records import SessionStatus, SittingRow
from hep_vision.store.sessions import SessionLog

Command = Callable[..., Any]

NOW = datetime.now(UTC)
TODAY = NOW.astimezone().date()
YESTERDAY, BEFORE = TODAY - timedelta(days=1), TODAY - timedelta(days=2)
ENTERED = NOW - timedelta(days=5)
SQUAT = 'id = "squat"\nsets = 1\nreps = 3\ntimes_per_day = 1\ngoal_deg = 80\nminimum_deg = 30'
RAISE = 'id = "straight_leg_raise"\nsets = 1\nreps = 2\nside = "each"\ntimes_per_day = 1'
STRETCH = 'id = "stretch_hold"\nsets = 1\nreps = 1\ntimes_per_day = 1'


@pytest.fixture
def squats(tmp_path: Path) -> Path:
    return film(tmp_path / "squats.npz", "squat", (3, Side.BOTH))


def due(hep_vision: Command) -> dict[str, tuple[int, int, int]]:
    """Return sets due, done and begun today."""
    found = json.loads(hep_vision("today", "-f", "json").out)["due"]
    return {
        one["exercise"]: (one["sets_due"], one["sets_done"], one["sets_begun"]) for one in found
    }


def sittings(data_dir: Path) -> list[SittingRow]:
    with SessionLog.open(data_dir) as log:
        return log.sittings.rows()


def booked(hep_vision: Command, *args: object) -> dict[str, Any]:
    ran = hep_vision("analyze", *args, "--program", "-f", "json")
    assert ran.code == 0, ran.err
    document: dict[str, Any] = json.loads(ran.out)
    return document


# -- what counts ----------------------------------------------------------------------------------


def test_a_filmed_set_is_done_by_the_program(
    hep_vision: Command, squats: Path, data_dir: Path
) -> None:
    program = enter_program(data_dir, [SQUAT], ENTERED)
    assert due(hep_vision) == {"squat": (1, 0, 0)}

    ran = hep_vision("analyze", squats, "--program")

    words = " ".join(ran.out.split())
    assert ran.code == 0
    assert "Booked by version 1 of the program of A. B.: 3 of 3 repetitions, done." in words
    assert "the date of its file was taken" in words
    assert "goal 80°" in words
    assert due(hep_vision) == {"squat": (1, 1, 0)}
    (sitting,) = sittings(data_dir)
    (set_,) = sitting.sets
    assert (sitting.status, sitting.program, set_.set_number) == (
        SessionStatus.FINISHED,
        program,
        1,
    )
    (planned,) = from_plain(sitting.plan, data_dir)
    assert (planned.exercise.shown.goal, planned.reps, planned.place) == (80.0, 3, 1)
    shown = json.loads(hep_vision("log", "show", set_.session.session_id).out)
    assert shown["program"] == {"id": program.program_id, "version": 1}
    assert (shown["sitting"], shown["source"]["kind"]) == (sitting.sitting_id, "track")
    assert hep_vision("program", "history").out.splitlines()[1].split()[-1] == "1"


def test_it_gives_the_same_events_as_without_the_program(
    hep_vision: Command, squats: Path, data_dir: Path
) -> None:
    enter_program(data_dir, [SQUAT], ENTERED)
    with_program = booked(hep_vision, squats)
    args = ("-e", "squat", "--goal", 80, "--minimum", 30, "--no-log", "-f", "json")
    alone = json.loads(hep_vision("analyze", squats, *args).out)
    assert len(with_program["reps"]) == 3
    for key in ("reps", "holds", "deviations", "checks", "counts", "targets"):
        assert with_program[key] == alone[key]
    assert (alone["program"], alone["booked"]) == (None, None)


def test_the_document_says_as_what_it_counts(
    hep_vision: Command, squats: Path, data_dir: Path
) -> None:
    program = enter_program(data_dir, [SQUAT], ENTERED)
    found = booked(hep_vision, squats, "--recorded-at", f"{YESTERDAY}T10:00")
    (sitting,) = sittings(data_dir)
    at = datetime.fromisoformat(f"{YESTERDAY}T10:00").astimezone(UTC)
    assert found["program"] == {"id": program.program_id, "version": 1}
    assert found["booked"] == {
        "sitting": sitting.sitting_id,
        "date": YESTERDAY.isoformat(),
        "recorded_at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
        "recorded_at_from": "given",
        "sides": [{"side": "both", "done": 3, "prescribed": 3, "complete": True}],
    }
    assert due(hep_vision) == {"squat": (1, 0, 0)}
    (set_,) = sitting.sets
    assert set_.session.header.started_at == sitting.started_at == found["booked"]["recorded_at"]
    assert set_.session.ended_at == sitting.ended_at
    took = datetime.fromisoformat(sitting.ended_at or "") - at
    assert took == timedelta(milliseconds=found["source"]["duration_ms"])


@pytest.mark.parametrize(
    ("count", "expected", "status", "words"),
    [
        (2, (1, 0, 1), SessionStatus.INTERRUPTED, "2 of 3 repetitions, begun"),
        (7, (1, 1, 0), SessionStatus.FINISHED, "7 of 3 repetitions, done"),
    ],
)
def test_less_than_the_dose_is_not_done_and_more_is_one_set(
    hep_vision: Command,
    tmp_path: Path,
    data_dir: Path,
    count: int,
    expected: tuple[int, int, int],
    status: SessionStatus,
    words: str,
) -> None:
    enter_program(data_dir, [SQUAT], ENTERED)
    clip = film(tmp_path / "clip.npz", "squat", (count, Side.BOTH))
    assert words in " ".join(hep_vision("analyze", clip, "--program").out.split())
    assert due(hep_vision) == {"squat": expected}
    (sitting,) = sittings(data_dir)
    assert sitting.sets[0].session.status is status


def test_what_is_another_exercise_is_logged_and_not_booked(
    hep_vision: Command, tmp_path: Path, data_dir: Path
) -> None:
    enter_program(data_dir, [SQUAT], ENTERED)
    clip = film(tmp_path / "clip.npz", "straight_leg_raise", (3, Side.LEFT))
    found = booked(hep_vision, clip)
    assert found["booked"] is None
    assert found["program"]["version"] == 1
    assert any("Not booked" in note for note in found["notes"])
    assert found["session"] is not None
    assert (sittings(data_dir), due(hep_vision)) == ([], {"squat": (1, 0, 0)})


def test_the_version_that_held_on_the_day_decides(
    hep_vision: Command, squats: Path, data_dir: Path
) -> None:
    enter_program(data_dir, [SQUAT], ENTERED)
    enter_program(data_dir, [SQUAT.replace("reps = 3", "reps = 9")], NOW - timedelta(minutes=1))
    found = booked(hep_vision, squats, "--recorded-at", f"{BEFORE}T10:00")
    assert found["program"]["version"] == 1
    assert found["booked"]["sides"][0]["complete"] is True
    found = booked(hep_vision, squats, "--again", "--recorded-at", NOW.isoformat())
    assert found["program"]["version"] == 2
    assert found["booked"]["sides"][0]["complete"] is False


# -- sides ----------------------------------------------------------------------------------------


def test_a_recording_counts_for_each_side_that_did_its_dose(
    hep_vision: Command, tmp_path: Path, data_dir: Path
) -> None:
    enter_program(data_dir, [RAISE], ENTERED)
    clip = film(tmp_path / "raise.npz", "straight_leg_raise", (3, Side.LEFT), (1, Side.RIGHT))
    found = booked(hep_vision, clip)
    assert [(one["side"], one["done"], one["complete"]) for one in found["booked"]["sides"]] == [
        ("left", 3, True),
        ("right", 1, False),
    ]
    assert due(hep_vision) == {"straight_leg_raise": (2, 1, 1)}
    both = film(tmp_path / "both.npz", "straight_leg_raise", (2, Side.RIGHT), (2, Side.LEFT))
    booked(hep_vision, both)
    assert due(hep_vision) == {"straight_leg_raise": (2, 2, 1)}
    last, first = sittings(data_dir)
    assert [one["side"] for one in last.plan["sets"]] == ["left", "right"]
    assert first.sets[0].session.header.side is Side.BOTH


def test_one_side_of_a_recording_may_be_named_and_then_the_other(
    hep_vision: Command, tmp_path: Path, data_dir: Path
) -> None:
    enter_program(data_dir, [RAISE], ENTERED)
    clip = film(tmp_path / "raise.npz", "straight_leg_raise", (2, Side.LEFT), (2, Side.RIGHT))
    booked(hep_vision, clip, "--side", "left")
    assert due(hep_vision) == {"straight_leg_raise": (2, 1, 0)}
    again = hep_vision("analyze", clip, "--program", "--side", "left")
    assert (again.code, "booked already" in again.err) == (0, True)
    booked(hep_vision, clip, "--side", "right")
    assert due(hep_vision) == {"straight_leg_raise": (2, 2, 0)}
    whole = hep_vision("analyze", clip, "--program")
    assert "booked already" in whole.err


def test_where_nobody_can_say_which_side_worked_it_is_asked_for(
    hep_vision: Command, tmp_path: Path, data_dir: Path
) -> None:
    curl = RAISE.replace("straight_leg_raise", "elbow_flexion_curl")
    enter_program(data_dir, [curl], ENTERED)
    clip = film(tmp_path / "curls.npz", "elbow_flexion_curl", (2, Side.BOTH))
    found = booked(hep_vision, clip)
    assert [one["side"] for one in found["reps"]] == ["both", "both"]
    assert any("--side left or right" in note for note in found["notes"])
    assert (found["booked"], due(hep_vision)) == (None, {"elbow_flexion_curl": (2, 0, 0)})
    booked(hep_vision, clip, "--side", "right")
    assert due(hep_vision) == {"elbow_flexion_curl": (2, 1, 0)}


# -- the same file --------------------------------------------------------------------------------


def test_the_same_file_is_done_once_whatever_its_name(
    hep_vision: Command, squats: Path, tmp_path: Path, data_dir: Path
) -> None:
    enter_program(data_dir, [SQUAT.replace("sets = 1", "sets = 3")], ENTERED)
    session = booked(hep_vision, squats)["session"]
    copy = tmp_path / "copy.npz"
    copy.write_bytes(squats.read_bytes())
    ran = hep_vision("analyze", copy, "--program")
    assert (ran.code, ran.out, ran.err.count("\n")) == (0, "", 1)
    assert f"copy.npz is booked already, on {TODAY} as session {session[:8]};" in ran.err
    assert hep_vision("analyze", copy, "--program", "-f", "json").out == "null\n"
    assert due(hep_vision) == {"squat": (3, 1, 0)}


def test_copies_in_one_run_are_done_once(
    hep_vision: Command, squats: Path, tmp_path: Path, data_dir: Path
) -> None:
    enter_program(data_dir, [SQUAT.replace("sets = 1", "sets = 3")], ENTERED)
    copy = tmp_path / "copy.npz"
    copy.write_bytes(squats.read_bytes())
    ran = hep_vision("analyze", squats, copy, "--program")
    assert ran.code == 0
    assert "copy.npzisbookedalready" in "".join(ran.out.split())  # wherever a line ends
    assert due(hep_vision) == {"squat": (3, 1, 0)}
    assert hep_vision("log", "list").out.count("squats.npz") == 1
    assert "copy.npz" not in hep_vision("log", "list").out


def test_a_booking_on_the_wrong_day_is_moved(
    hep_vision: Command, squats: Path, data_dir: Path
) -> None:
    enter_program(data_dir, [SQUAT], ENTERED)
    first = booked(hep_vision, squats)["session"]
    (sitting,) = sittings(data_dir)
    assert hep_vision("log", "list").code == 0
    booked(hep_vision, squats, "--again", "--recorded-at", f"{YESTERDAY}T10:00")
    assert due(hep_vision) == {"squat": (1, 0, 0)}
    (moved,) = sittings(data_dir)
    assert moved.sitting_id != sitting.sitting_id
    with SessionLog.open(data_dir) as log:
        old = log.session(first).row
    assert (old.header.sitting_id, old.program, old.counts.counted) == (None, None, 3)


# -- one line -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exercises", "args", "words"),
    [
        ([SQUAT, RAISE], [], "with --exercise: squat, straight_leg_raise"),
        ([SQUAT, RAISE], ["-e", "sit_to_stand"], "sit_to_stand is not prescribed on"),
        ([SQUAT], ["-e", "sqat"], "Did you mean squat"),
        ([RAISE.replace("each", "left")], ["--side", "right"], "for the left side, not the right"),
        ([STRETCH], [], "not for a camera to judge"),
        ([SQUAT], ["--recorded-at", "2026-01-05T10:00"], "before the program of A. B."),
        ([SQUAT], ["--recorded-at", "2098-01-05T10:00"], "still to come"),
        ([SQUAT], ["--patient", "Rob"], "There is no program of Rob"),
    ],
)
def test_what_cannot_be_booked_is_one_line_and_nothing_is_logged(
    hep_vision: Command,
    squats: Path,
    data_dir: Path,
    exercises: list[str],
    args: list[str],
    words: str,
) -> None:
    enter_program(data_dir, exercises, ENTERED)
    ran = hep_vision("analyze", squats, "--program", *args)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert words in ran.err
    assert "No sessions yet" in hep_vision("log", "list").out


def test_a_rest_day_and_a_program_that_has_not_begun_are_said(
    hep_vision: Command, squats: Path, data_dir: Path
) -> None:
    other = f"{TODAY + timedelta(days=1):%a}".lower()
    enter_program(data_dir, [SQUAT.replace("times_per_day = 1", f'days = ["{other}"]')], ENTERED)
    assert "a day on which nothing is prescribed" in hep_vision("analyze", squats, "--program").err
    later = f"{TODAY + timedelta(days=3)}"
    enter_program(data_dir, [SQUAT], NOW - timedelta(hours=1), start=later)
    assert f"begins on {later}" in hep_vision("analyze", squats, "--program").err


def test_without_a_program_there_is_nothing_to_book(hep_vision: Command, squats: Path) -> None:
    ran = hep_vision("analyze", squats, "--program", "-e", "squat")
    assert (ran.code, "There is no program yet" in ran.err) == (2, True)


def test_of_several_patients_one_is_named(
    hep_vision: Command, squats: Path, data_dir: Path
) -> None:
    enter_program(data_dir, [SQUAT], ENTERED)
    enter_program(data_dir, [SQUAT], ENTERED, patient="Bob")
    assert "say whose with --patient" in hep_vision("analyze", squats, "--program").err
    booked(hep_vision, squats, "--patient", "Bob")
    booked(hep_vision, squats, "--patient", "A. B.")
    for patient in ("Bob", "A. B."):
        found = json.loads(hep_vision("today", "-f", "json", "--patient", patient).out)
        assert found["complete"] is True


@pytest.mark.parametrize(
    "args",
    [
        ["--program", "--goal", "70"],
        ["--program", "--as-before"],
        ["--program", "--no-log"],
        ["--program", "--recorded-at", "yesterday"],
        ["-e", "squat", "--recorded-at", "2026-11-24"],
        ["-e", "squat", "--patient", "A. B."],
        ["-e", "squat", "--again"],
        [],
    ],
)
def test_options_that_do_not_go_together_are_refused(
    hep_vision: Command, squats: Path, data_dir: Path, args: list[str]
) -> None:
    enter_program(data_dir, [SQUAT], ENTERED)
    assert hep_vision("analyze", squats, *args).code == 2
    assert "No sessions yet" in hep_vision("log", "list").out


# -- when it was filmed ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "text", "origin"),
    [
        ("creation_time", f"{YESTERDAY}T12:00:00.000000Z", "recording"),
        ("com.apple.quicktime.creationdate", f"{YESTERDAY}T23:30:00+0100", "recording"),
        ("creation_time", "1904-01-01T00:00:00.000000Z", "file"),
    ],
)
def test_the_container_says_when_it_was_filmed(
    hep_vision: Command, squat_clip: Path, tmp_path: Path, data_dir: Path,
    tag: str, text: str, origin: str,
) -> None:  # fmt: skip
    enter_program(data_dir, [SQUAT], ENTERED)
    clip = tmp_path / "phone.mp4"
    with av.open(str(squat_clip)) as source, av.open(
        str(clip), "w", container_options={"movflags": "use_metadata_tags"}
    ) as target:  # fmt: skip
        target.metadata[tag] = text
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    found = booked(hep_vision, clip)["booked"]
    assert found["recorded_at_from"] == origin
    if origin == "recording":
        moment = datetime.fromisoformat(text)
        assert datetime.fromisoformat(found["recorded_at"]) == moment
        assert found["date"] == f"{moment.astimezone().date()}"
    else:
        assert found["date"] == f"{TODAY}"


def test_the_date_of_the_file_is_taken_where_nothing_else_says(
    hep_vision: Command, squats: Path, data_dir: Path
) -> None:
    enter_program(data_dir, [SQUAT], ENTERED)
    moment = datetime.fromisoformat(f"{BEFORE}T12:00").astimezone()
    os.utime(squats, (moment.timestamp(), moment.timestamp()))
    found = booked(hep_vision, squats)["booked"]
    assert (found["date"], found["recorded_at_from"]) == (f"{BEFORE}", "file")


# -- folders and interruptions --------------------------------------------------------------------


def test_a_folder_is_booked_and_what_is_not_for_it_stops_nothing(
    hep_vision: Command, tmp_path: Path, data_dir: Path
) -> None:
    enter_program(data_dir, [SQUAT.replace("sets = 1", "sets = 2")], ENTERED)
    folder = tmp_path / "clips"
    folder.mkdir()
    film(folder / "a.npz", "squat", (3, Side.BOTH))
    film(folder / "b.npz", "squat", (4, Side.BOTH))
    media.write_sound(folder / "c.mp4")
    old = film(folder / "d.npz", "squat", (5, Side.BOTH))
    os.utime(old, (0, 0))
    ran = hep_vision("analyze", folder, "--program", "-j", 2)
    assert ran.code == 3
    first, second = ran.err.splitlines()
    assert "c.mp4" in first
    assert "d.npz was filmed on 1970-01-01, before the program" in second
    assert due(hep_vision) == {"squat": (2, 2, 0)}
    again = hep_vision("analyze", folder / "a.npz", folder / "b.npz", "--program", "-j", 2)
    assert (again.code, again.err.count("booked already")) == (0, 2)


def test_a_killed_run_leaves_nothing_that_counts_and_can_be_done_anew(
    hep_vision: Command, squats: Path, data_dir: Path
) -> None:
    enter_program(data_dir, [SQUAT], ENTERED)
    script = (
        "import os, sys\n"
        "from hep_vision.store.sessions import SessionWriter\n"
        "from hep_vision.cli.main import run\n"
        "keep = SessionWriter.record\n"
        "def record(self, event):\n"
        "    keep(self, event)\n"
        "    if type(event).__name__ == 'Rep': os._exit(9)\n"
        "SessionWriter.record = record\n"
        f"sys.argv = ['hep-vision', 'analyze', {str(squats)!r}, '--program']\n"
        "run()\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], check=False)
    assert ran.returncode == 9
    with SessionLog.open(data_dir) as log:
        (left,) = log.sessions()
    assert (left.status, left.header.sitting_id) == (SessionStatus.RUNNING, None)
    assert (sittings(data_dir), due(hep_vision)) == ([], {"squat": (1, 0, 0)})
    booked(hep_vision, squats)
    assert due(hep_vision) == {"squat": (1, 1, 0)}


def test_a_run_stopped_at_the_last_moment_leaves_nothing_that_counts(
    hep_vision: Command, squats: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_program(data_dir, [SQUAT], ENTERED)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ProgramLog, "book", interrupted)
        assert hep_vision("analyze", squats, "--program").code == 130
    assert (sittings(data_dir), due(hep_vision)) == ([], {"squat": (1, 0, 0)})
    booked(hep_vision, squats)
    assert due(hep_vision) == {"squat": (1, 1, 0)}
