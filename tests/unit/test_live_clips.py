"""Clips cut while a set goes on: the right pictures, never a wait, and nothing left behind."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from flagged import PERIOD_MS, REP_MS, flag, rep
from hep_vision.app import live_clips
from hep_vision.app.clip_encoder import MOST_WAITING, ClipEncoder, ClipJob, write_clip
from hep_vision.app.frame_ring import FrameRing
from hep_vision.app.live_clips import LiveClips
from hep_vision.core.clips import ClipPolicy
from hep_vision.core.types import Event, PoseFrame, Severity, Side
from hep_vision.errors import ExportError
from hep_vision.sources.base import Frame
from hep_vision.store.clips import STRAY_AFTER
from hep_vision.store.records import SessionHeader, SourceKind, SourceRecord
from hep_vision.store.review_records import ClipRow
from hep_vision.store.sessions import SessionLog
from numbered import SIZE_PX, decoded, number_of, numbered

STOP = flag("over_limit", Severity.STOP)
LEAN = flag()
STEP_MS = 50
STUCK_S = 30.0
"""Only a broken encoder lets a test wait for this long."""


class Room:
    """A set before a camera whose pictures are numbered by their time."""

    def __init__(
        self,
        folder: Path,
        write: Callable[[ClipJob], None] = write_clip,
        policy: ClipPolicy | None = None,
        *,
        blurs: bool = False,
    ) -> None:
        self.log = SessionLog.open(folder)
        self.ring = FrameRing()
        self.encoder = ClipEncoder(write)
        self.clips = LiveClips(
            self.log.clips, self.ring, self.encoder, policy or ClipPolicy(), blurs=blurs
        )
        self.events: list[Event] = []
        self.now_ms = 0

    def go_on(self, until_ms: int, *found: Event, looks: bool = True) -> None:
        """Film until a time; what is found comes with the next picture after its end."""
        waiting = list(found)
        while self.now_ms < until_ms:
            self.ring.keep(Frame(0, self.now_ms, numbered(self.now_ms // STEP_MS)))
            new = [each for each in waiting if each.end_ms <= self.now_ms]  # type: ignore[union-attr]
            waiting = [each for each in waiting if each not in new]
            self.events += new
            if looks:
                pose = PoseFrame.unseen(self.now_ms, SIZE_PX)
                self.clips.watch(pose, new, self.events)
            self.now_ms += STEP_MS

    def end_set(self) -> str:
        """End the set; return the id of its session."""
        source = SourceRecord(SourceKind.WEBCAM, "0")
        header = SessionHeader("squat", 1, Side.BOTH, source, "2026-11-24T12:00:00Z", "0.1.0")
        writer = self.log.begin(header)
        for event in self.events:
            writer.record(event)
        session_id = writer.session_id
        self.clips.end_set(
            self.events, lambda clip, draft: self.clips.keep(session_id, clip, draft)
        )
        self.events = []
        return session_id

    def finish(self) -> list[ClipRow]:
        """End the set and the session; return the clips in the order of the repetitions."""
        session_id = self.end_set()
        self.clips.close()
        return self.log.clips.rows(session_id)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Room]]:
    made: list[Room] = []

    def room(*arguments: Any, **options: Any) -> Room:
        made.append(Room(tmp_path / "data", *arguments, **options))
        return made[-1]

    yield room
    for each in made:
        each.log.close()


def left_behind(tmp_path: Path) -> list[str]:
    """Return the files of the folder of clips that are drafts."""
    folder = tmp_path / "data" / "clips"
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def shown(room: Room, row: ClipRow) -> list[int]:
    """Return the media times of the pictures of a clip, by their content and by their stamps."""
    pictures = decoded(room.log.clips.path(row))
    by_content = [STEP_MS * number_of(picture) for _, picture in pictures]
    by_stamp = [row.clip.start_ms + round(time_ms) for time_ms, _ in pictures]
    assert by_content == by_stamp
    return by_content


class TestPictures:
    def test_a_clip_holds_exactly_the_pictures_of_its_span(
        self, make: Callable[..., Room], tmp_path: Path
    ) -> None:
        room = make()
        room.go_on(3 * PERIOD_MS, rep(1), rep(2, STOP))
        (row,) = room.finish()

        span_ms = range(PERIOD_MS - 2_000, PERIOD_MS + REP_MS + 1_000, STEP_MS)
        assert shown(room, row) == list(span_ms)
        clip = row.clip
        assert (clip.start_ms, clip.end_ms) == (span_ms.start, span_ms.stop)
        assert (clip.ordinal, clip.rep, clip.checks) == (1, 2, ("over_limit",))
        assert (clip.fps, clip.blurred) == (20.0, False)
        assert (clip.width_px, clip.height_px) == SIZE_PX
        assert left_behind(tmp_path) == []
        assert room.clips.lines == (
            "1 clip of flagged repetitions kept on this machine; see: hep-vision clips list",
        )

    def test_at_the_borders_of_the_set_there_is_less(self, make: Callable[..., Room]) -> None:
        room = make()
        room.go_on(REP_MS + 200, rep(1, STOP))
        (row,) = room.finish()
        assert shown(room, row) == list(range(0, REP_MS + 200, STEP_MS))

    def test_nothing_of_a_pause_or_a_rest_is_in_it(self, make: Callable[..., Room]) -> None:
        room = make()
        room.go_on(2_500)
        room.go_on(3_500, looks=False)
        room.go_on(2 * PERIOD_MS, rep(2, STOP))
        (row,) = room.finish()
        stamps = [*range(2_000, 2_500, STEP_MS), *range(3_500, 7_000, STEP_MS)]
        assert shown(room, row) == stamps

        room = make()
        room.go_on(PERIOD_MS)
        room.end_set()
        room.go_on(PERIOD_MS + 1_000, looks=False)
        room.go_on(2 * PERIOD_MS, rep(2, STOP))
        (row,) = room.finish()
        assert min(shown(room, row)) == PERIOD_MS + 1_000

    def test_where_nobody_was_seen_all_is_hidden_when_faces_shall_be(
        self, make: Callable[..., Room]
    ) -> None:
        room = make(blurs=True)
        room.go_on(REP_MS + 1_500, rep(1, STOP))
        (row,) = room.finish()
        assert row.clip.blurred
        assert all(picture.max() < 200 for _, picture in decoded(room.log.clips.path(row)))


class TestChoice:
    def test_a_clean_set_leaves_nothing(self, make: Callable[..., Room], tmp_path: Path) -> None:
        room = make()
        room.go_on(3 * PERIOD_MS, rep(1), rep(2), rep(3))
        assert room.finish() == []
        assert room.clips.lines == ()
        assert not (tmp_path / "data" / "clips").exists()

    def test_what_turned_out_not_to_be_worth_one_is_gone(
        self, make: Callable[..., Room], tmp_path: Path
    ) -> None:
        room = make()
        worse = flag(value=70.0)
        room.go_on(4 * PERIOD_MS, rep(1, LEAN), rep(2, worse), rep(3, flag("knees_in")))
        (row,) = room.finish()
        assert (row.clip.rep, row.clip.checks) == (2, ("trunk_lean",))
        assert left_behind(tmp_path) == []

    def test_two_sets_keep_their_own(self, make: Callable[..., Room]) -> None:
        room = make()
        room.go_on(PERIOD_MS, rep(1, STOP))
        first = room.end_set()
        room.go_on(3 * PERIOD_MS, rep(2, STOP))
        second = room.end_set()
        room.clips.close()
        assert [row.clip.start_ms for row in room.log.clips.rows(first)] == [0]
        assert [row.clip.start_ms for row in room.log.clips.rows(second)] == [PERIOD_MS]


class TestSlow:
    def test_an_encoder_that_is_too_slow_costs_clips_and_never_a_wait(
        self, make: Callable[..., Room], tmp_path: Path
    ) -> None:
        """The loop goes to the end of the set while the first clip is still being written."""
        may_go_on = threading.Event()

        def write(job: ClipJob) -> None:
            assert may_go_on.wait(STUCK_S)
            write_clip(job)

        count = MOST_WAITING + 3
        room = make(write, ClipPolicy(most=count))
        room.go_on((count + 1) * PERIOD_MS, *(rep(k, STOP) for k in range(1, count + 1)))
        session_id = room.end_set()
        assert room.log.clips.rows(session_id) == []  # and the set is over
        may_go_on.set()
        room.clips.close()

        kept = [row.clip.rep for row in room.log.clips.rows(session_id)]
        assert kept == list(range(1, MOST_WAITING + 2))
        assert room.clips.lines[1] == (
            "2 clips were left out: this computer had no time for more beside counting."
        )
        assert left_behind(tmp_path) == []

    def test_what_waits_is_bounded_in_memory(self) -> None:
        may_go_on = threading.Event()
        ring = FrameRing()
        for place in range(10):
            ring.keep(Frame(0, place, numbered(place)))
        job = ClipJob(ring.between(0, 10), Path("draft.mp4"))
        encoder = ClipEncoder(lambda _: may_go_on.wait(STUCK_S), most_bytes=2 * job.bytes_held)
        jobs = [ClipJob(job.frames, Path(f"{k}.mp4")) for k in range(3)]
        assert [encoder.submit(each) for each in jobs] == [True, True, False]
        may_go_on.set()
        assert encoder.close(STUCK_S)
        assert sorted(str(path) for path, _ in encoder.take()) == ["0.mp4", "1.mp4"]

    def test_one_that_never_comes_back_does_not_hold_up_the_end(
        self, make: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(live_clips, "CLOSE_TIMEOUT_S", 0.0)
        never = threading.Event()
        room = make(lambda _: never.wait(STUCK_S))
        room.go_on(PERIOD_MS, rep(1, STOP))
        assert room.finish() == []
        assert "1 clip was left out" in room.clips.lines[0]
        never.set()

    def test_pictures_are_let_go_once_a_clip_is_written(self, make: Callable[..., Room]) -> None:
        room = make()
        room.go_on(PERIOD_MS, rep(1, STOP))
        room.finish()
        assert room.ring.bytes_kept == 0
        assert [draft for one in room.clips._ended for draft in one.drafts] == []


class TestWhatGoesWrong:
    def test_a_full_disk_is_said_once_and_keeps_nothing(
        self, make: Callable[..., Room], tmp_path: Path
    ) -> None:
        def write(job: ClipJob) -> None:
            raise ExportError("cannot write the video: no space left")

        room = make(write)
        room.go_on(3 * PERIOD_MS, rep(1, STOP), rep(2, STOP))
        assert room.finish() == []
        assert room.clips.lines == ("cannot write the video: no space left",)
        assert left_behind(tmp_path) == []

    def test_what_nobody_expected_is_said_too(self, make: Callable[..., Room]) -> None:
        def write(job: ClipJob) -> None:
            raise ZeroDivisionError

        room = make(write)
        room.go_on(2 * PERIOD_MS, rep(1, STOP))
        assert room.finish() == []
        assert room.clips.lines == ("A clip could not be written (ZeroDivisionError).",)

    def test_a_log_that_refuses_a_clip_stops_nothing(
        self, make: Callable[..., Room], tmp_path: Path
    ) -> None:
        room = make()
        room.go_on(PERIOD_MS, rep(1, STOP))
        room.clips.end_set(
            room.events, lambda clip, draft: room.clips.keep("nobody's", clip, draft)
        )
        room.clips.close()
        (line,) = room.clips.lines
        assert line.startswith("A clip was not kept: No session")
        assert left_behind(tmp_path) == []

    def test_a_folder_that_cannot_be_made_is_said(
        self, make: Callable[..., Room], tmp_path: Path
    ) -> None:
        room = make()
        (tmp_path / "data" / "clips").write_text("a file in its place")
        room.go_on(PERIOD_MS, rep(1, STOP))
        assert room.finish() == []
        assert len(room.clips.lines) == 1

    def test_a_repetition_longer_than_what_is_kept_loses_its_beginning(
        self, make: Callable[..., Room]
    ) -> None:
        room = make()
        room.ring._budget_bytes = 30 * SIZE_PX[0] * SIZE_PX[1] * 3 // 2
        room.go_on(REP_MS + 1_050, rep(1, STOP))
        (row,) = room.finish()
        assert len(shown(room, row)) == 29
        assert row.clip.end_ms == REP_MS + 1_000


KILLED: Final = """
import os, signal, sys
from pathlib import Path
import numbered
from hep_vision.app.clip_encoder import ClipJob, write_clip
from hep_vision.app.frame_ring import FrameRing, KeptFrame
from hep_vision.exports.video import VideoWriter
from hep_vision.sources.base import Frame
from hep_vision.store.clips import ClipLog
from hep_vision.store.review_records import NewClip
from hep_vision.store.sessions import SessionLog

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

folder, session_id, when = sys.argv[1:]
if when == "while it is written":
    VideoWriter._finish = die
elif when == "before it is entered":
    ClipLog._insert = die
ring = FrameRing()
for place in range(50):
    ring.keep(Frame(0, place * 40, numbered.numbered(place)))
with SessionLog.open(Path(folder)) as log:
    draft = log.clips.draft()
    write_clip(ClipJob(ring.between(0, 10_000), draft))
    if when == "before it is kept":
        die()
    clip = NewClip(0, 1, ("over_limit",), 0, 2000, 160, 48, 25.0, False, "2026-11-24T12:00:00Z")
    log.clips.add(session_id, clip, draft)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a signal that cannot be caught is POSIX")
@pytest.mark.parametrize(
    "when", ["while it is written", "before it is kept", "before it is entered"]
)
def test_a_process_that_is_killed_leaves_no_half_clip(tmp_path: Path, when: str) -> None:
    source = SourceRecord(SourceKind.WEBCAM, "0")
    with SessionLog.open(tmp_path / "data") as log:
        header = SessionHeader("squat", 1, Side.BOTH, source, "2026-11-24T12:00:00Z", "0.1.0")
        session_id = log.begin(header).session_id
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "data"), session_id, when],
        env=environment,
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL
    with SessionLog.open(tmp_path / "data") as log:
        left = list((tmp_path / "data" / "clips").iterdir())
        assert len(left) == 1
        assert (log.clips.rows(), log.clips.verify()) == ([], [])
        pruned = log.clips.keep_within(datetime.now(UTC) + 2 * STRAY_AFTER)
        assert pruned.swept == 1
    assert not left[0].exists()
