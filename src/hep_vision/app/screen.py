"""The overlay video: what the engine knows at each frame, drawn and encoded."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hep_vision.coach.overlay import OverlayState, draw_overlay
from hep_vision.coach.skeleton import Segment
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.engine import EngineState
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Deviation, Event, Hold, PoseFrame, Rep, Severity, Side
from hep_vision.exports.video import VideoWriter
from hep_vision.sources.base import Frame

_MESSAGE_MS: Final = 2_500
_SEVERITY_ORDER: Final = (Severity.STOP, Severity.WARN, Severity.INFO)


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
        shown = self._state(frame.timestamp_ms, pose, state)
        self._writer.write(draw_overlay(frame.rgb, pose, shown), frame.timestamp_ms)

    def _note(self, timestamp_ms: int, events: Sequence[Event]) -> None:
        found = [
            deviation
            for event in events
            if isinstance(event, Rep | Hold)
            for deviation in event.deviations
        ]
        if found:
            self._message = min(found, key=lambda item: _SEVERITY_ORDER.index(item.severity))
            self._message_until_ms = timestamp_ms + _MESSAGE_MS

    def _deviating(self, message: Deviation | None) -> tuple[Segment, ...]:
        """Return the segments a deviation is about; of one in tempo or range, the limb at work."""
        if message is None:
            return ()
        measures = {check.id: check.measure for check in self._definition.checks}
        measure = measures.get(message.id)  # the limit is of the limb at work
        return segments_of(
            measure if measure in MEASURES else self._definition.shown.measure, message.side
        )

    def _state(self, timestamp_ms: int, pose: PoseFrame, state: EngineState) -> OverlayState:
        if self._definition.reported is None:
            return OverlayState(
                self._definition.name,
                count=None,
                phase=state.phase,
                side=state.side,
                message="Not judged by the camera: use a timer.",
            )
        message = self._message if timestamp_ms < self._message_until_ms else None
        reported = MEASURES[self._definition.shown.measure]
        limb = segments_of(self._definition.shown.measure, state.side)
        is_hold = self._definition.kind is Kind.TIMED_HOLD
        return OverlayState(
            exercise=self._definition.name,
            count=None if is_hold else state.counted,
            phase=state.phase,
            side=state.side,
            angle_value=state.value if state.view in reported.views else None,
            angle_unit=reported.unit,
            angle_landmark=_angle_landmark(self._definition, state.side, pose),
            highlighted=limb,
            hold_ms=state.holding_ms if is_hold else None,
            progress=state.progress,
            message=message.cue if message else None,
            severity=message.severity if message else None,
            deviating=self._deviating(message),
            view_note=None,
        )


def segments_of(measure: str, side: Side) -> tuple[Segment, ...]:
    """Return the segments between the landmarks of a measure."""
    parts = MEASURES[measure].landmarks
    names = [name for name in ("LEFT", "RIGHT") if side is Side.BOTH or name.lower() == side]
    return tuple(
        (Landmark[f"{name}_{first}"], Landmark[f"{name}_{last}"])
        for name in names
        for first, last in pairwise(parts)
    )


def _angle_landmark(definition: ExerciseDefinition, side: Side, pose: PoseFrame) -> Landmark | None:
    parts = MEASURES[definition.shown.measure].landmarks
    joint = parts[1] if len(parts) > 1 else parts[0]
    left, right = Landmark[f"LEFT_{joint}"], Landmark[f"RIGHT_{joint}"]
    if side is Side.BOTH:
        return left if pose.visibility[left] >= pose.visibility[right] else right
    return left if side is Side.LEFT else right
