"""What is kept of one stream of poses, live or recorded: landmarks, events, the log."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hep_vision.core.audit import Audit, audit_set
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.engine import EngineState
from hep_vision.core.summary import Tracking, TrackingMeter
from hep_vision.core.types import Event, PoseFrame, Side
from hep_vision.sources.recorded import LandmarkTrack, TrackRecorder, write_track

if TYPE_CHECKING:
    from hep_vision.store.records import TrackingQuality


class Writer(Protocol):
    """What books one session, as `hep_vision.store.sessions.SessionWriter` does."""

    def record(self, event: Event) -> None:
        """Commit an event."""
        ...

    def keep_track(self, write: Callable[[Path], None]) -> object:
        """Have the landmarks written and keep them."""
        ...

    def keep_audit(self, audit: Audit) -> None:
        """Keep a second count."""
        ...

    def finish(self, ended_at: str, tracking: "TrackingQuality") -> None:
        """Mark the session as complete."""
        ...

    def interrupt(
        self,
        ended_at: str,
        reason: str | None = None,
        tracking: "TrackingQuality | None" = None,
    ) -> None:
        """Mark the session as stopped before its end."""
        ...

    def discard(self) -> None:
        """Remove the session."""
        ...


class SessionBook:
    """Keeps one stream: every event is in the log when `take` returns.

    Args:
        exercise: What is done.
        side: The prescribed side, or None.
        size_px: Width and height of the pictures.
        writer: Where to book it, or None.
        clock: The present moment as the log takes it; by default this machine's.
        known: The landmarks of the whole stream, where they are known beforehand.
    """

    def __init__(
        self,
        exercise: ExerciseDefinition,
        side: Side | None,
        size_px: tuple[int, int],
        writer: Writer | None,
        clock: Callable[[], str] | None = None,
        known: LandmarkTrack | None = None,
    ) -> None:
        self._exercise = exercise
        self._side = side
        self._recorder = TrackRecorder(size_px)
        self._known = known
        self._meter = TrackingMeter(exercise.camera.view)
        self._writer = writer
        self._clock = clock or now
        self.events: list[Event] = []

    def take(self, pose: PoseFrame, state: EngineState, events: Sequence[Event]) -> None:
        """Take in one pose and what the engine made of it.

        Raises:
            StoreError: The log cannot be written.
        """
        self._meter.add(pose, state.view, measured=state.measured)
        if self._known is None:
            self._recorder.add(pose)
        self.add(events)

    def add(self, events: Sequence[Event]) -> None:
        """Take in events by themselves, such as those that the end brings.

        Raises:
            StoreError: The log cannot be written.
        """
        self.events += events
        if self._writer is not None:
            for event in events:
                self._writer.record(event)

    @property
    def tracking(self) -> Tracking:
        """How well the person was seen so far."""
        return self._meter.tracking()

    @property
    def track(self) -> LandmarkTrack:
        """The landmarks so far, or all of them where they are known."""
        return self._recorder.track() if self._known is None else self._known

    def audit(self, track: LandmarkTrack) -> Audit | None:
        """Return what a second count of the landmarks comes to."""
        return audit_set(self._exercise, track, self.events, self._side)

    def close(
        self, track: LandmarkTrack, audit: Audit | None, *, reason: str | None = None
    ) -> None:
        """Close the log, as finished, or as interrupted where there is a reason.

        Raises:
            StoreError: The log cannot be written.
        """
        if self._writer is None:
            return
        from hep_vision.store.records import TrackingQuality

        self._writer.keep_track(lambda path: write_track(path, track))
        if audit is not None:
            self._writer.keep_audit(audit)
        found = self.tracking
        quality = TrackingQuality(found.frames, found.detected_ratio, found.view, found.view_ok)
        if reason is None:
            self._writer.finish(self._clock(), quality)
        else:
            self._writer.interrupt(self._clock(), reason, quality)

    def abandon(self) -> None:
        """Leave nothing half-written, but keep repetitions that are already in the log."""
        if self._writer is None:
            return
        if self.events:
            self._writer.interrupt(self._clock())
        else:
            self._writer.discard()


def now() -> str:
    """Return the present moment as the log takes it."""
    return datetime.now(UTC).isoformat()
