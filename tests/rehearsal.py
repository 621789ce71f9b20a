"""A live session without a room: a figure before a made-up camera and a display that is a script.

Camera, eye and loop are the real ones, with their threads. Time is made up: it moves on only when
what was filmed before has been looked at and shown, so a rehearsal is as fast as the machine and
the same on every machine.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import pytest
import sqlalchemy.event

import synthetic
from hep_vision.app import live, live_session
from hep_vision.app.analyse import Task, analyse
from hep_vision.app.live_plan import Asked
from hep_vision.app.live_session import Equipment, Follows, LiveOptions, LiveResult, hold_session
from hep_vision.coach.screens import Screen, Summary, Working
from hep_vision.core.types import Event, PhaseChange, PoseFrame, RepTick
from hep_vision.errors import ExportError
from hep_vision.exercises.loading import catalogue
from hep_vision.sources.base import Frame
from hep_vision.sources.camera import open_camera
from hep_vision.sources.camera_device import Picture, Refusal
from hep_vision.sources.recorded import LandmarkTrack, write_track
from hep_vision.store.records import SessionDetail, SittingRow
from hep_vision.store.sessions import SessionLog

START_MS: Final = 50_000
FPS: Final = 12
SIZE_PX: Final = (160, 120)
STUCK_S: Final = 30.0
"""Only a broken session lets a rehearsal wait for this long."""

_CAMERA: Final = synthetic.Camera(size_px=SIZE_PX, px_per_m=50.0)
_STANDS_MS: Final = 7_000
_GRID_FPS: Final = 50
_PATIENCE_MS: Final = 20_000
_MOST_SCREENS: Final = 3_000

Script = Callable[["MadeUpDisplay"], Sequence[str]]
"""What the patient does when a screen is shown: the keys pressed; it may also close the window."""


def squats(*counts: int) -> synthetic.Motion:
    """Stand still for long enough to start without hands, then squat so many times; and again."""
    motions = []
    for count in counts:
        plan = synthetic.efforts([90.0] * count, duration_ms=1_800, pause_ms=600)
        motions += [synthetic.stillness(_STANDS_MS), synthetic.squat(plan)]
    return synthetic.one_after_another(*motions)


class Room:
    """The figure, its time, and the camera device that films it.

    Args:
        motion: What the figure does; it stands still in its last posture afterwards.
    """

    def __init__(self, motion: synthetic.Motion) -> None:
        self.now_ms = START_MS
        self.patience_ms = START_MS + motion.duration_ms + _PATIENCE_MS
        self.unplugged_ms: tuple[int, int] | None = None
        self.black_ms: tuple[int, int] | None = None
        self.failing_at_ms: int | None = None
        self.looks = 0
        self._poses = synthetic.record(motion, _CAMERA, fps=_GRID_FPS)
        self._noise = np.random.default_rng(0)
        self._turn = threading.Condition()
        self._may_go_on = False
        self._was_looked_at = False
        self._is_over = False
        self._is_device = False

    # The clock and the device of the camera.

    def clock(self) -> int:
        return self.now_ms

    def sleep(self, seconds: float) -> None:
        if self._is_device:
            self._was_looked_at = True  # nothing was filmed: wait for the screen alone
        self._wait_for_turn()
        self.now_ms += max(1, round(1000 * seconds))

    def open(self) -> Refusal | None:
        self._is_device = True
        if self._is_within(self.unplugged_ms):
            return Refusal.ABSENT
        self._may_go_on = True
        return None

    def read(self) -> Picture | None:
        self._wait_for_turn()
        self.now_ms += round(1000 / FPS)
        if self._is_within(self.unplugged_ms):
            return None
        light = (0, 4) if self._is_within(self.black_ms) else (90, 160)
        return self._noise.integers(*light, (SIZE_PX[1], SIZE_PX[0], 3), np.uint8)

    def release(self) -> None:
        pass

    # The pose estimator, and what counts people.

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    def estimate_pose(self, frame: Frame, image_size_px: tuple[int, int]) -> PoseFrame:
        assert image_size_px == SIZE_PX
        self.looks += 1
        self._was_looked_at = True
        if self.failing_at_ms is not None and frame.timestamp_ms - START_MS >= self.failing_at_ms:
            raise self.failure
        if frame.rgb.max() < 10:
            return PoseFrame.unseen(frame.timestamp_ms, image_size_px)
        index = (frame.timestamp_ms - START_MS) * _GRID_FPS // 1000
        pose = self._poses[min(index, len(self._poses) - 1)]
        # As precise as the landmarks of the real estimator, and of a stored track.
        return replace(
            pose,
            timestamp_ms=frame.timestamp_ms,
            image_px=pose.image_px.astype(np.float32),
            world_m=pose.world_m.astype(np.float32),
            visibility=pose.visibility.astype(np.float32),
        )

    failure: Exception = RuntimeError("not set")

    @staticmethod
    def count(frame: Frame) -> int:
        return 1

    # What the rehearsal does.

    def show(self) -> None:
        """Let time go on if what was filmed has been looked at."""
        with self._turn:
            if self._was_looked_at:
                self._was_looked_at = False
                self._may_go_on = True
                self._turn.notify()

    def leave(self) -> None:
        """Let the camera's thread end."""
        with self._turn:
            self._is_over = True
            self._turn.notify()

    def _wait_for_turn(self) -> None:
        with self._turn:
            assert self._turn.wait_for(lambda: self._may_go_on or self._is_over, STUCK_S)
            self._may_go_on = False

    def _is_within(self, span_ms: tuple[int, int] | None) -> bool:
        return span_ms is not None and span_ms[0] <= self.now_ms - START_MS < span_ms[1]


def close_at_the_end(display: "MadeUpDisplay") -> Sequence[str]:
    """Do nothing but close the summary."""
    return ["space"] if isinstance(display.screen, Summary) else []


class MadeUpDisplay:
    """Keeps the screens it is given, and lets a script answer."""

    size_px = (320, 180)

    def __init__(self, room: Room, script: Script = close_at_the_end) -> None:
        self.closed = False
        self.screens: list[Screen] = []
        self.shown = 0
        self.room = room
        self._script = script

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.room.leave()

    @property
    def screen(self) -> Screen:
        """The newest."""
        return self.screens[-1]

    @property
    def count(self) -> int:
        """The count on it; 0 where there is none."""
        return (self.screen.overlay.count or 0) if isinstance(self.screen, Working) else 0

    def draw(self, screen: Screen, *_: Any, **__: Any) -> Picture:
        """Take the place of `draw_screen`: keep the screen instead of drawing it."""
        self.screens.append(screen)
        return np.zeros((1, 1, 3), np.uint8)

    def show(self, picture: Picture) -> list[str]:
        self.shown += 1
        assert self.shown < _MOST_SCREENS, self.kinds()
        assert self.room.now_ms < self.room.patience_ms, self.kinds()
        self.room.show()
        return list(self._script(self))

    def kinds(self) -> list[str]:
        """Return the kinds of screen in their order, each once in a row."""
        names = [type(screen).__name__ for screen in self.screens]
        return [name for k, name in enumerate(names) if k == 0 or name != names[k - 1]]


@dataclass
class Rehearsal:
    """One live session, held in this process.

    Attributes:
        data_dir: Folder of the log.
        room: What is filmed.
        script: What the patient does.
        options: What differs from one set of squats, without questions and sound.
    """

    data_dir: Path
    room: Room
    script: Script = close_at_the_end
    camera: str = "0"
    options: dict[str, Any] = field(default_factory=dict)
    display: MadeUpDisplay = field(init=False)

    def __post_init__(self) -> None:
        self.display = MadeUpDisplay(self.room, self.script)

    @property
    def equipment(self) -> Equipment:
        return Equipment(
            open_window=lambda _: self.display,
            open_camera=partial(open_camera, sleep=self.room.sleep, devices=lambda _: self.room),
            make_estimator=lambda _: self.room,
            make_people=lambda _: nullcontext(self.room),
            clock=self.room.clock,
        )

    def hold(
        self,
        monkeypatch: pytest.MonkeyPatch,
        asked: Asked | Follows | None,
        draw: Callable[..., Picture] | None = None,
    ) -> LiveResult:
        """Hold the session, with its screens kept instead of drawn."""
        for module in (live, live_session):
            monkeypatch.setattr(module, "draw_screen", draw or self.display.draw)
        options: dict[str, Any] = {"voice": "silent", "ask": False, "resume": False}
        options |= self.options
        return hold_session(
            LiveOptions(asked, self.data_dir, self.camera, **options), self.equipment
        )


class Disk:
    """The disk under the log, which may be full; what does not fit is refused as SQLite does it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, takes_entries: bool = False) -> None:
        self.full = False
        self._takes_entries = takes_entries
        self.refused = 0
        monkeypatch.setattr("hep_vision.app.booking.write_track", self._write_track)

    def __enter__(self) -> Self:
        sqlalchemy.event.listen(sqlalchemy.Engine, "do_execute", self._execute)
        return self

    def __exit__(self, *_: object) -> None:
        sqlalchemy.event.remove(sqlalchemy.Engine, "do_execute", self._execute)

    def _execute(self, cursor: Any, statement: str, *_: Any) -> None:
        if self.full and not self._takes_entries and statement.startswith(("INSERT", "UPDATE")):
            self.refused += 1
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    def _write_track(self, path: Path, track: LandmarkTrack) -> None:
        if self.full:
            raise ExportError(f"cannot write the landmark track {path}: no space left")
        write_track(path, track)


def sitting_of(data_dir: Path) -> SittingRow:
    """Return the only sitting in the log."""
    with SessionLog.open(data_dir) as log:
        (row,) = log.sittings.rows()
    return row


def sets_of(data_dir: Path) -> list[SessionDetail]:
    """Return the sets in the log, in their order."""
    with SessionLog.open(data_dir) as log:
        return sorted(log.details(), key=lambda one: one.row.header.started_at)


def analysed(detail: SessionDetail) -> tuple[Event, ...]:
    """Return what `analyse` makes of the landmarks that a set kept, as far as a log keeps it."""
    assert detail.row.track_path is not None
    exercise = catalogue()[detail.row.header.exercise_id]
    found = analyse(Task(detail.row.track_path, exercise))
    return tuple(event for event in found.events if not isinstance(event, RepTick | PhaseChange))
