"""From what the engine knows to what a picture shows: limbs, values and the message about them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from hep_vision.coach.overlay import OverlayState
from hep_vision.coach.skeleton import Segment
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.engine import EngineState
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Deviation, PoseFrame, Severity, Side

_SEVERITY_ORDER: Final = (Severity.STOP, Severity.WARN, Severity.INFO)


def overlay_state(
    exercise: ExerciseDefinition, pose: PoseFrame, state: EngineState, message: Deviation | None
) -> OverlayState:
    """Return what one picture shows of the engine and of the deviation it reports."""
    if exercise.reported is None:
        return OverlayState(
            exercise.name,
            count=None,
            phase=state.phase,
            side=state.side,
            message="Not judged by the camera: use a timer.",
        )
    reported = MEASURES[exercise.reported.measure]
    is_hold = exercise.kind is Kind.TIMED_HOLD
    return OverlayState(
        exercise=exercise.name,
        count=None if is_hold else state.counted,
        phase=state.phase,
        side=state.side,
        angle_value=state.value if state.view in reported.views else None,
        angle_unit=reported.unit,
        angle_landmark=_angle_landmark(exercise, state.side, pose),
        highlighted=segments_of(exercise.reported.measure, state.side),
        hold_ms=state.holding_ms if is_hold else None,
        progress=state.progress,
        message=message.cue if message else None,
        severity=message.severity if message else None,
        deviating=_deviating(exercise, message),
    )


def gravest(deviations: Sequence[Deviation]) -> Deviation | None:
    """Return the deviation that matters most, the first of equals; None of none."""
    return min(deviations, key=lambda item: _SEVERITY_ORDER.index(item.severity), default=None)


def segments_of(measure: str, side: Side) -> tuple[Segment, ...]:
    """Return the segments between the landmarks of a measure."""
    parts = MEASURES[measure].landmarks
    names = [name for name in ("LEFT", "RIGHT") if side is Side.BOTH or name.lower() == side]
    return tuple(
        (Landmark[f"{name}_{first}"], Landmark[f"{name}_{last}"])
        for name in names
        for first, last in pairwise(parts)
    )


def _deviating(exercise: ExerciseDefinition, message: Deviation | None) -> tuple[Segment, ...]:
    """Return the segments a deviation is about; of one in tempo or range, the limb at work."""
    if message is None:
        return ()
    measures = {check.id: check.measure for check in exercise.checks}
    measure = measures.get(message.id)  # the limit is of the limb at work
    return segments_of(measure if measure in MEASURES else exercise.shown.measure, message.side)


def _angle_landmark(exercise: ExerciseDefinition, side: Side, pose: PoseFrame) -> Landmark | None:
    parts = MEASURES[exercise.shown.measure].landmarks
    joint = parts[1] if len(parts) > 1 else parts[0]
    left, right = Landmark[f"LEFT_{joint}"], Landmark[f"RIGHT_{joint}"]
    if side is Side.BOTH:
        return left if pose.visibility[left] >= pose.visibility[right] else right
    return left if side is Side.LEFT else right
