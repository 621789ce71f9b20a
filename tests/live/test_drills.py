"""What goes wrong in a living room: the patient is told, goes on, and nothing is lost."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from hep_vision.app.live_plan import Asked
from hep_vision.app.live_session import LiveResult
from hep_vision.coach.loudspeaker import Engine, LoudspeakerError
from hep_vision.coach.screens import GettingReady, Trouble, Working
from hep_vision.coach.voice import open_voice
from hep_vision.core.types import Rep, RepStatus
from hep_vision.errors import PoseEstimationError
from hep_vision.store.records import SessionStatus
from hep_vision.store.sessions import SessionLog
from rehearsal import (
    START_MS,
    Disk,
    MadeUpDisplay,
    Rehearsal,
    Room,
    analysed,
    close_at_the_end,
    sets_of,
    sitting_of,
    squats,
)

Hold = Callable[[Rehearsal, Asked | None], LiveResult]
THREE = Asked("squat", sets=1, reps=3)
IN_THE_SECOND_MS = 11_000
"""After the start: the second squat is from 10.4 to 12.2 s."""


class TestCamera:
    def test_lost_for_three_seconds_in_a_repetition(self, tmp_path: Path, hold: Hold) -> None:
        room = Room(squats(8))
        room.unplugged_ms = (IN_THE_SECOND_MS, IN_THE_SECOND_MS + 3_000)
        rehearsal = Rehearsal(tmp_path, room)
        result = hold(rehearsal, THREE)

        assert rehearsal.display.kinds() == [
            "GettingReady",
            "Countdown",
            "Working",
            "Trouble",
            "Paused",
            "Working",
            "Summary",
            "Message",
        ]
        trouble = next(s for s in rehearsal.display.screens if isinstance(s, Trouble))
        assert trouble.what == "The camera is gone"
        assert trouble.advice == "Check its plug. Trying again."
        (only,) = sets_of(tmp_path)
        starts_ms = [
            event.start_ms - START_MS
            for event in only.events
            if isinstance(event, Rep) and event.status is RepStatus.COUNTED
        ]
        assert len(starts_ms) == 3
        assert starts_ms[0] < IN_THE_SECOND_MS < IN_THE_SECOND_MS + 3_000 < starts_ms[1]
        assert only.events == analysed(only)
        assert only.row.status is SessionStatus.FINISHED
        assert result.lines[0] == "Squat: 3 of 3 repetitions"

    def test_lost_for_good(self, tmp_path: Path, hold: Hold) -> None:
        def give_up(display: MadeUpDisplay) -> Sequence[str]:
            screen = display.screen
            display.closed = isinstance(screen, Trouble) and screen.waited_ms > 10_000
            return []

        room = Room(squats(3))
        room.unplugged_ms = (IN_THE_SECOND_MS, 10**9)
        hold(Rehearsal(tmp_path, room, give_up), THREE)

        (only,) = sets_of(tmp_path)
        assert only.row.status is SessionStatus.INTERRUPTED
        assert only.row.counts.counted == 1
        assert only.events == analysed(only)
        assert sitting_of(tmp_path).status is SessionStatus.INTERRUPTED

    def test_black_for_three_seconds(self, tmp_path: Path, hold: Hold) -> None:
        room = Room(squats(8))
        room.black_ms = (IN_THE_SECOND_MS, IN_THE_SECOND_MS + 3_000)
        rehearsal = Rehearsal(tmp_path, room)
        hold(rehearsal, THREE)

        told = {s.what for s in rehearsal.display.screens if isinstance(s, Trouble)}
        assert told == {"The camera shows black"}
        (only,) = sets_of(tmp_path)
        assert only.row.counts.counted == 3
        assert only.events == analysed(only)

    def test_lost_before_the_set(self, tmp_path: Path, hold: Hold) -> None:
        room = Room(squats(8))
        room.unplugged_ms = (1_000, 4_000)
        rehearsal = Rehearsal(tmp_path, room)
        hold(rehearsal, THREE)

        kinds = rehearsal.display.kinds()
        assert kinds[:3] == ["GettingReady", "Trouble", "GettingReady"]
        assert sets_of(tmp_path)[0].row.counts.counted == 3


class TestPoseModel:
    def test_one_that_fails_keeps_the_repetitions(self, tmp_path: Path, hold: Hold) -> None:
        room = Room(squats(3))
        room.failure = PoseEstimationError("MediaPipe failed on the frame at 13000 ms.")
        room.failing_at_ms = 13_400
        with pytest.raises(PoseEstimationError, match="at 13000 ms"):
            hold(Rehearsal(tmp_path, room), THREE)

        (only,) = sets_of(tmp_path)
        assert only.row.status is SessionStatus.INTERRUPTED
        assert only.row.counts.counted == 2
        assert only.events == analysed(only)


class TestDisk:
    def test_full_in_the_middle(
        self, tmp_path: Path, hold: Hold, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fill(display: MadeUpDisplay) -> Sequence[str]:
            disk.full = disk.full or display.count == 2
            return close_at_the_end(display)

        rehearsal = Rehearsal(tmp_path, Room(squats(3)), fill)
        with Disk(monkeypatch) as disk:
            result = hold(rehearsal, THREE)

        assert disk.refused > 0
        assert rehearsal.display.kinds()[2:] == ["Working", "Summary", "Message"]
        assert result.lines == ("Squat: 3 of 3 repetitions",)
        assert result.problem is not None
        assert "the disk is full: free some space" in result.problem
        assert "\n" not in result.problem
        (only,) = sets_of(tmp_path)
        assert only.row.counts.counted == 1
        assert only.row.status is SessionStatus.RUNNING

    def test_everything_is_written_once_there_is_room(
        self, tmp_path: Path, hold: Hold, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fill_for_a_while(display: MadeUpDisplay) -> Sequence[str]:
            disk.full = isinstance(display.screen, Working) and display.count in (1, 2)
            return close_at_the_end(display)

        with Disk(monkeypatch) as disk:
            result = hold(Rehearsal(tmp_path, Room(squats(3)), fill_for_a_while), THREE)

        assert disk.refused > 0
        assert result.problem is None
        (only,) = sets_of(tmp_path)
        assert only.row.counts.counted == 3
        assert only.events == analysed(only)
        assert only.row.status is SessionStatus.FINISHED
        assert sitting_of(tmp_path).status is SessionStatus.FINISHED

    def test_no_room_for_the_landmarks(
        self, tmp_path: Path, hold: Hold, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fill_at_the_end(display: MadeUpDisplay) -> Sequence[str]:
            disk.full = disk.full or display.count == 3
            return close_at_the_end(display)

        with Disk(monkeypatch, takes_entries=True) as disk:
            result = hold(Rehearsal(tmp_path, Room(squats(3)), fill_at_the_end), THREE)

        assert result.problem is not None
        assert "cannot write the landmark track" in result.problem
        assert sets_of(tmp_path)[0].row.counts.counted == 3


class TestVoice:
    def test_without_an_audio_device_it_is_all_on_the_screen(
        self, tmp_path: Path, hold: Hold, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def nothing() -> Engine:
            raise LoudspeakerError("there is no audio device")

        silent = partial(open_voice, speech=nothing, sounds=nothing)
        monkeypatch.setattr("hep_vision.app.live_session.open_voice", silent)
        rehearsal = Rehearsal(tmp_path, Room(squats(3)), options={"voice": "full"})
        result = hold(rehearsal, THREE)

        assert result.problem is None
        screens = rehearsal.display.screens
        assert any(s.caption.words for s in screens if isinstance(s, GettingReady))
        assert any(s.overlay.message for s in screens if isinstance(s, Working))
        assert sitting_of(tmp_path).status is SessionStatus.FINISHED


def test_two_windows_at_once_keep_to_their_own_sitting(tmp_path: Path, hold: Hold) -> None:
    with SessionLog.open(tmp_path) as other:
        theirs = other.sittings.begin({"sets": []}, "2026-03-01T09:30:00Z", "0.1")
        hold(Rehearsal(tmp_path, Room(squats(3))), THREE)
        assert other.sittings.sitting(theirs.sitting_id).sets == ()
