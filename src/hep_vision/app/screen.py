"""The overlay video: what the engine knows at each frame, drawn and encoded."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hep_vision.coach.describe import gravest, overlay_state
from hep_vision.coach.overlay import draw_overlay
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.engine import EngineState
from hep_vision.core.types import Deviation, Event, Hold, PoseFrame, Rep
from hep_vision.exports.video import VideoWriter
from hep_vision.sources.base import Frame

_MESSAGE_MS: Final = 2_500


class OverlayScreen:
    """Draws each frame and writes it to a video; the file appears when it is closed."""

    def __init__(self, path: Path, definition: ExerciseDefinition) -> None:
        self._path = path
        self._definition = definition
        self._writer: VideoWriter | None = None
        self._message: Deviation | None = None
        self._message_until_ms = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.__exit__(exc_type, exc, traceback)

    def show(
        self, frame: Frame, pose: PoseFrame, state: EngineState, events: Sequence[Event]
    ) -> None:
        """Draw and encode one frame."""
        if self._writer is None:
            height_px, width_px = frame.rgb.shape[:2]
            writer = VideoWriter(self._path, (width_px, height_px), origin_ms=frame.timestamp_ms)
            self._writer = writer.__enter__()
        self._note(frame.timestamp_ms, events)
        message = self._message if frame.timestamp_ms < self._message_until_ms else None
        shown = overlay_state(self._definition, pose, state, message)
        self._writer.write(draw_overlay(frame.rgb, pose, shown), frame.timestamp_ms)

    def _note(self, timestamp_ms: int, events: Sequence[Event]) -> None:
        found = [
            deviation
            for event in events
            if isinstance(event, Rep | Hold)
            for deviation in event.deviations
        ]
        if found:
            self._message = gravest(found)
            self._message_until_ms = timestamp_ms + _MESSAGE_MS
