"""``hep-vision live`` as a patient types it: one line and the documented code for an error."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import media
from hep_vision.app import live, live_session
from hep_vision.app.booking import now
from hep_vision.app.live_plan import Asked, plan_sets, to_plain
from hep_vision.coach.screens import GettingReady
from hep_vision.coach.sitting import Sitting
from hep_vision.core.pain import PainZones
from hep_vision.errors import ExitCode
from hep_vision.store.sessions import SessionLog
from rehearsal import Disk, MadeUpDisplay, Rehearsal, Room, close_at_the_end, sets_of, squats

Command = Callable[..., Any]
CLIPS_ARE_KEPT = "What is flagged is kept as short clips, on this computer alone (--no-clips)."
SQUATS = ("live", "-e", "squat", "--sets", "1", "--reps", "3", "--fresh")


@pytest.fixture
def rehearsed(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> Callable[..., Rehearsal]:
    """Return a function that puts a made-up room in the place of camera and window."""
    hold = live_session.hold_session

    def rehearse(
        script: Callable[[MadeUpDisplay], Sequence[str]] = close_at_the_end,
    ) -> Rehearsal:
        rehearsal = Rehearsal(data_dir, Room(squats(3)), script)
        for module in (live, live_session):
            monkeypatch.setattr(module, "draw_screen", rehearsal.display.draw)
        monkeypatch.setattr(
            live_session, "hold_session", lambda options: hold(options, rehearsal.equipment)
        )
        return rehearsal

    return rehearse


def one_line(err: str) -> str:
    """Return the only line of the errors."""
    (line,) = err.splitlines()
    assert line.startswith("hep-vision: ")
    return line


def nothing_was_begun(data_dir: Path) -> bool:
    if not data_dir.exists():
        return True
    with SessionLog.open(data_dir) as log:
        return log.sittings.rows() == []


class TestWhatGoesWell:
    def test_what_was_done_is_told(
        self, hep_vision: Command, rehearsed: Callable[..., Rehearsal], data_dir: Path
    ) -> None:
        rehearsed()
        ran = hep_vision(*SQUATS, "--no-questions", "--voice", "silent")

        assert (ran.code, ran.err) == (ExitCode.OK, "")
        assert ran.out.splitlines() == [
            CLIPS_ARE_KEPT,
            "Squat: 3 of 3 repetitions",
            "Kept in the log; see it with: hep-vision log",
            "1 clip of flagged repetitions kept on this machine; see: hep-vision clips list",
        ]
        assert sets_of(data_dir)[0].row.counts.counted == 3

    def test_the_dose_of_the_options_is_what_is_done(
        self, hep_vision: Command, rehearsed: Callable[..., Rehearsal], data_dir: Path
    ) -> None:
        def skip_and_close(display: MadeUpDisplay) -> Sequence[str]:
            display.closed = isinstance(display.screen, GettingReady)
            return ["s"]

        rehearsed(skip_and_close)
        options = ("--sets", "2", "--reps", "7", "--rest", "5", "--tempo", "2-1-3")
        side = ("--side", "each")
        hep_vision("live", "-e", "seated_knee_extension", *options, *side, "--voice", "silent")

        with SessionLog.open(data_dir) as log:
            (row,) = log.sittings.rows()
        sets = row.plan["sets"]
        assert [one["side"] for one in sets] == ["left", "right"] * 2
        assert {(one["reps"], one["rest_ms"]) for one in sets} == {(7, 5_000)}
        assert sets[0]["tempo_ms"] == [2_000, 1_000, 3_000]


class TestWhatGoesWrong:
    def test_no_exercise(self, hep_vision: Command, data_dir: Path) -> None:
        ran = hep_vision("live")
        assert ran.code == ExitCode.USAGE
        assert "name an exercise with --exercise" in one_line(ran.err)
        assert nothing_was_begun(data_dir)

    def test_an_unknown_exercise(self, hep_vision: Command, data_dir: Path) -> None:
        ran = hep_vision("live", "-e", "sqat")
        assert ran.code == ExitCode.USAGE
        assert "squat" in one_line(ran.err)
        assert nothing_was_begun(data_dir)

    @pytest.mark.parametrize("tempo", ["2", "fast", "2-1", "0-0-0", "2-1-99"])
    def test_a_tempo_that_is_none(self, hep_vision: Command, data_dir: Path, tempo: str) -> None:
        ran = hep_vision(*SQUATS, "--tempo", tempo)
        assert ran.code == ExitCode.USAGE
        assert "--tempo" in ran.err
        assert nothing_was_begun(data_dir)

    @pytest.mark.parametrize(
        "options", [("--sets", "0"), ("--reps", "201"), ("--hold", "-1"), ("--side", "up")], ids=str
    )
    def test_a_dose_that_is_none(
        self, hep_vision: Command, data_dir: Path, options: tuple[str, str]
    ) -> None:
        ran = hep_vision("live", "-e", "squat", *options)
        assert ran.code == ExitCode.USAGE
        assert options[0] in ran.err
        assert nothing_was_begun(data_dir)

    def test_a_camera_file_that_is_not_there(
        self, hep_vision: Command, rehearsed: Callable[..., Rehearsal], data_dir: Path
    ) -> None:
        rehearsal = rehearsed()
        ran = hep_vision(*SQUATS, "--camera", "nowhere.mp4", "--voice", "silent")
        assert ran.code == ExitCode.INPUT_UNUSABLE
        assert "nowhere.mp4" in one_line(ran.err)
        assert nothing_was_begun(data_dir)
        assert rehearsal.display.shown == 0

    def test_a_camera_file_that_is_none(
        self,
        hep_vision: Command,
        rehearsed: Callable[..., Rehearsal],
        data_dir: Path,
        tmp_path: Path,
    ) -> None:
        rehearsed()
        clip = media.write_sound(tmp_path / "song.mp4")
        ran = hep_vision(*SQUATS, "--camera", clip, "--voice", "silent")
        assert ran.code == ExitCode.INPUT_UNUSABLE
        assert "song.mp4" in one_line(ran.err)
        assert nothing_was_begun(data_dir)

    def test_a_damaged_model(self, hep_vision: Command, data_dir: Path) -> None:
        folder = data_dir / "models"
        folder.mkdir(parents=True)
        (folder / "pose_landmarker_lite.task").write_bytes(b"not a model")
        ran = hep_vision(*SQUATS, "--model", "lite")
        assert ran.code == ExitCode.INPUT_UNUSABLE
        assert "pose_landmarker_lite.task" in one_line(ran.err)

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a screen")
    @pytest.mark.parametrize("display", ["", ":4711"])
    def test_no_display(
        self,
        hep_vision: Command,
        data_dir: Path,
        monkeypatch: pytest.MonkeyPatch,
        display: str,
    ) -> None:
        def open_nothing(*_: object, **__: object) -> object:
            raise AssertionError("a camera was opened")

        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.setenv("DISPLAY", display)
        monkeypatch.setattr("hep_vision.sources.camera.LiveCamera", open_nothing)
        ran = hep_vision(*SQUATS)
        assert ran.code == ExitCode.INPUT_UNUSABLE
        assert "DISPLAY" in one_line(ran.err)
        assert nothing_was_begun(data_dir)

    def test_a_full_disk(
        self,
        hep_vision: Command,
        rehearsed: Callable[..., Rehearsal],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def fill(display: MadeUpDisplay) -> Sequence[str]:
            disk.full = disk.full or display.count == 2
            return close_at_the_end(display)

        rehearsed(fill)
        with Disk(monkeypatch) as disk:
            ran = hep_vision(*SQUATS, "--no-questions", "--voice", "silent")
        assert ran.code == ExitCode.STORE_UNUSABLE
        assert ran.out == f"{CLIPS_ARE_KEPT}\nSquat: 3 of 3 repetitions\n"
        assert "the disk is full: free some space" in one_line(ran.err)

    def test_a_log_that_is_none(self, hep_vision: Command, data_dir: Path) -> None:
        data_dir.write_text("a file in its place")
        ran = hep_vision(*SQUATS)
        assert ran.code == ExitCode.STORE_UNUSABLE
        assert "--data-dir" in one_line(ran.err)


def test_the_help_has_all_options_with_their_ranges(hep_vision: Command) -> None:
    ran = hep_vision("live", "--help")
    words = " ".join(ran.out.split())
    assert ran.code == ExitCode.OK
    for option in ("--exercise", "--camera", "--tempo", "--no-questions", "--fresh", "--no-log"):
        assert option in words
    assert "Exercise in front of the camera" in words


PROGRAM = """
patient = "A."
therapist = "B."
start = 2026-01-05
review = 2026-02-16
precautions = ["Go gently"]
[pain]
red_from = 5
[[exercises]]
id = "squat"
sets = 1
reps = 3
times_per_day = 2
"""


class TestAProgram:
    @pytest.fixture(autouse=True)
    def imported(self, hep_vision: Command, tmp_path: Path) -> None:
        path = tmp_path / "program.toml"
        path.write_text(PROGRAM)
        assert hep_vision("program", "import", path).code == 0

    def test_what_is_due_is_done_and_booked_with_its_version(
        self, hep_vision: Command, rehearsed: Callable[..., Rehearsal], data_dir: Path
    ) -> None:
        command = ("live", "--program", "today", "--no-questions", "--voice", "silent", "--fresh")
        for done in (1, 2):
            rehearsed()
            ran = hep_vision(*command)
            assert (ran.code, ran.err) == (ExitCode.OK, "")
            assert ran.out.splitlines()[:3] == [
                "Take care: Go gently",
                CLIPS_ARE_KEPT,
                "Squat: 3 of 3 repetitions",
            ]
            today = json.loads(hep_vision("today", "-f", "json").out)
            assert (today["due"][0]["sets_done"], today["complete"]) == (done, done == 2)
        assert "all done for today" in hep_vision(*command).out  # and no window is opened

        with SessionLog.open(data_dir) as log:
            (version,) = log.programs.newest()
            assert [row.program for row in log.sittings.rows()] == [version.ref] * 2

    def test_its_dose_is_not_mixed_with_options(self, hep_vision: Command, data_dir: Path) -> None:
        for options in (("-e", "squat"), ("--reps", "5"), ("--as-before",), ("--no-log",)):
            ran = hep_vision("live", "--program", "today", *options)
            assert ran.code == ExitCode.USAGE
            assert "Invalid value for --program" in ran.err
        assert "Invalid value for --patient" in hep_vision(*SQUATS, "--patient", "A.").err
        assert nothing_was_begun(data_dir)

    def test_its_pain_rule_holds_where_it_was_cut_off_too(
        self,
        hep_vision: Command,
        rehearsed: Callable[..., Rehearsal],
        data_dir: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        used: list[tuple[PainZones, bool]] = []

        def begin(*plan: Any, zones: PainZones, ask_each: bool, **more: Any) -> Sitting:
            used.append((zones, ask_each))
            return Sitting(*plan, zones=zones, ask_each=ask_each, **more)

        plan = to_plain(plan_sets(Asked("squat", sets=1, reps=3), data_dir))
        with SessionLog.open(data_dir) as log:
            (version,) = log.programs.newest()
            log.sittings.begin(plan, now(), "0.1.0", version.ref)  # whose process was killed
        monkeypatch.setattr(live_session, "Sitting", begin)
        silent = ("--no-questions", "--voice", "silent")
        rehearsed()
        hep_vision("live", "--resume", *silent)
        rehearsed()
        hep_vision("live", "--program", "today", "--fresh", *silent)
        rehearsed()
        hep_vision(*SQUATS, *silent)
        ours = (PainZones(3, 5), True)
        assert used == [ours, ours, (PainZones(), False)]
