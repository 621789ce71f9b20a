"""Form checks: deviation rules over the measures of one repetition or hold.

A check that the view cannot judge, or whose landmarks were hidden, is *not checked*; it is never
silently good. Unknown samples break a run: they neither add to a deviation nor excuse it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.definition import (
    Check,
    CheckPhase,
    Direction,
    ExerciseDefinition,
    GuardSide,
    Operator,
    Reported,
    RepValue,
)
from hep_vision.core.history import Window
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Deviation, FloatArray, Severity, Side, View

_MIN_KNOWN_SHARE: Final = 0.5
_PEAK_MARGIN_MS: Final = 150
_MAX_SAMPLE_GAP_MS: Final = 400
_EXTREME_PERCENT: Final = 97.0

OVER_LIMIT: Final = "over_limit"
"""Id of the one deviation that every exercise has: beyond the safety maximum."""
OVER_LIMIT_NAME: Final = "Beyond the safety limit"
OVER_LIMIT_CUE: Final = "Please go a little less far, and stop if anything hurts."


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What the checks look at.

    Attributes:
        index: The repetition's or hold's number, from 1.
        side: The side that worked.
        view: The view it was seen from.
        window: Its measures over time.
        spans: For each phase the ``(start_ms, end_ms)`` it covers.
        rest: (M, 2) measures at rest.
        values: Values of the whole repetition; missing where they could not be measured.
    """

    index: int
    side: Side
    view: View
    window: Window
    spans: Mapping[CheckPhase, tuple[int, int]]
    rest: FloatArray
    values: Mapping[RepValue, float]


@dataclass(frozen=True, slots=True)
class FormResult:
    """Deviations found, and the ids of the checks that could not be judged."""

    deviations: tuple[Deviation, ...]
    not_checked: tuple[str, ...]

    def __add__(self, other: "FormResult") -> "FormResult":
        return FormResult(self.deviations + other.deviations, self.not_checked + other.not_checked)


@dataclass(frozen=True, slots=True)
class _Finding:
    start_ms: int
    end_ms: int
    value: float


def check_views(check: Check) -> tuple[View, ...]:
    """Return the views from which a check can be judged.

    An angle that belongs to one plane is judged square-on only: an oblique view shortens it by an
    unknown amount, so it is not evidence for or against a threshold.
    """
    if check.views is not None:
        return check.views
    if check.measure not in MEASURES:
        return tuple(View)
    views = MEASURES[check.measure].views
    return (
        views
        if View.FRONT in views and View.SIDE in views
        else tuple(view for view in views if view is not View.OBLIQUE)
    )


def reported_error(
    definition: ExerciseDefinition, view: View, *, hidden: bool = False, size: float = 0.0
) -> float | None:
    """Return the half-width of the interval of the reported measure, or None where not shown.

    It is never narrower than from where the exercise puts the camera. An angle that several views
    may show lies in the plane in which the exercise moves: a curl seen from the front bends towards
    the camera, and reads anything from 0 to 180 degrees.

    Args:
        definition: The exercise.
        view: Where the camera stands.
        hidden: The limb is behind the body.
        size: The largest value that the interval is about, in the measure's unit.
    """
    info, usual = MEASURES[definition.shown.measure], definition.camera.view
    square = {View.FRONT, View.SIDE}
    across = {view, usual} == square and square <= set(info.views) and info.unit == "deg"
    if view not in info.views or across:
        return None
    seen = info.uncertainty_from(view, hidden=hidden, size=size)
    return max(seen, info.uncertainty_from(usual, size=size))


def judge_form(checks: Sequence[Check], index: Mapping[str, int], judged: Judged) -> FormResult:
    """Apply every check to one repetition or hold.

    Args:
        checks: The exercise's checks.
        index: Row of each measure in ``judged.window.measures``.
        judged: The repetition or hold.
    """
    deviations, not_checked = [], []
    for check in checks:
        if check.phase not in judged.spans and check.measure in MEASURES:
            continue
        known, finding = _find(check, index, judged)
        if not known:
            not_checked.append(check.id)
        elif finding is not None:
            deviations.append(_deviation(check, judged, finding))
    return FormResult(tuple(deviations), tuple(not_checked))


def judge_limit(
    reported: Reported, judged: Judged, peak: float | None, uncertainty: float | None
) -> FormResult:
    """Flag a repetition or hold that went beyond the safety maximum, whatever the exercise.

    It is flagged where the extreme lies beyond the limit by more than the error to expect of it:
    nearer than that the camera cannot tell, and a patient who is told to stop for nothing stops
    listening. Who must stay below an angle strictly is given a limit lower by that error.

    Args:
        reported: The measure, its limit and its direction.
        judged: The repetition or hold.
        peak: The measure's extreme there; None where the view does not show it.
        uncertainty: Mean absolute error of ``peak``, in its unit.
    """
    if peak is None or uncertainty is None:
        return FormResult((), (OVER_LIMIT,))
    sign = 1.0 if reported.direction is Direction.INCREASE else -1.0
    if sign * (peak - reported.limit) <= uncertainty:
        return FormResult((), ())
    start_ms, end_ms = _whole(judged)
    if CheckPhase.PEAK in judged.spans:
        top_ms = judged.spans[CheckPhase.PEAK]
        start_ms = max(start_ms, top_ms[0] - _PEAK_MARGIN_MS)
        end_ms = min(end_ms, top_ms[1] + _PEAK_MARGIN_MS)
    deviation = Deviation(
        OVER_LIMIT,
        judged.index,
        judged.side,
        Severity.STOP,
        start_ms,
        end_ms,
        round(peak, 3),
        reported.limit,
        MEASURES[reported.measure].unit,
        OVER_LIMIT_CUE,
    )
    return FormResult((deviation,), ())


def extreme_of(values: FloatArray, direction: Direction) -> float:
    """Return the extreme of (T,) known values, such as one glitch does not make."""
    share = _EXTREME_PERCENT if direction is Direction.INCREASE else 100.0 - _EXTREME_PERCENT
    return float(np.percentile(values, share))


def _whole(judged: Judged) -> tuple[int, int]:
    return judged.spans[CheckPhase.REP if CheckPhase.REP in judged.spans else CheckPhase.HOLD]


def _find(check: Check, index: Mapping[str, int], judged: Judged) -> tuple[bool, _Finding | None]:
    if check.measure not in MEASURES:
        return _judge_value(check, judged)
    if judged.view not in check_views(check):
        return False, None
    return _judge_measure(check, index[check.measure], judged)


def _judge_value(check: Check, judged: Judged) -> tuple[bool, _Finding | None]:
    value = judged.values.get(RepValue(check.measure), math.nan)
    if math.isnan(value):
        return False, None
    if not _crossed(check, np.array(value)):
        return True, None
    return True, _Finding(*_whole(judged), value)


def _judge_measure(check: Check, row: int, judged: Judged) -> tuple[bool, _Finding | None]:
    start_ms, end_ms = judged.spans[check.phase]
    if check.phase is CheckPhase.PEAK:
        start_ms, end_ms = start_ms - _PEAK_MARGIN_MS, end_ms + _PEAK_MARGIN_MS
    time_ms = judged.window.timestamp_ms
    inside = (time_ms >= start_ms) & (time_ms < end_ms)
    values = judged.window.measures[inside, row, :]
    if check.relative:
        values = values - judged.rest[row]
    sides = _sides(check.side, judged.side)
    known = np.isfinite(values[:, sides])
    # One side may speak for either, but not for both.
    needed = np.min if check.side is GuardSide.BOTH else np.max
    if not len(values) or needed(known.mean(axis=0)) < _MIN_KNOWN_SHARE:
        return False, None
    findings = [_longest_run(check, time_ms[inside], values[:, side]) for side in sides]
    found = [finding for finding in findings if finding is not None]
    if check.side is GuardSide.BOTH and len(found) < len(sides):
        return True, None
    return True, max(found, key=_excess(check), default=None)


def _sides(side: GuardSide, working: Side) -> list[int]:
    if side in (GuardSide.BOTH, GuardSide.EITHER) or working is Side.BOTH:
        return [0, 1]
    worker = 0 if working is Side.LEFT else 1
    return [worker if side is GuardSide.WORKING else 1 - worker]


def _crossed(check: Check, values: FloatArray) -> NDArray[np.bool_]:
    if check.operator is Operator.ABOVE:
        return values > check.threshold
    if check.operator is Operator.BELOW:
        return values < check.threshold
    return np.abs(values) > check.threshold


def _excess(check: Check) -> Callable[[_Finding], float]:
    if check.operator is Operator.BELOW:
        return lambda finding: -finding.value
    if check.operator is Operator.ABOVE:
        return lambda finding: finding.value
    return lambda finding: abs(finding.value)


def _longest_run(check: Check, time_ms: FloatArray, values: FloatArray) -> _Finding | None:
    """Return the longest stretch beyond the threshold if it lasts ``sustain_ms``."""
    crossed = _crossed(check, values)  # NaN compares false
    gaps = np.diff(time_ms) > _MAX_SAMPLE_GAP_MS
    edges = np.flatnonzero((crossed[1:] != crossed[:-1]) | gaps) + 1
    best: _Finding | None = None
    for run in np.split(np.arange(len(values)), edges):
        if not len(run) or not crossed[run[0]]:
            continue
        lasted = time_ms[run[-1]] - time_ms[run[0]]
        if lasted >= check.sustain_ms and (best is None or lasted > best.end_ms - best.start_ms):
            extreme = _extreme(check, values[run])
            best = _Finding(int(time_ms[run[0]]), int(time_ms[run[-1]]), extreme)
    return best


def _extreme(check: Check, values: FloatArray) -> float:
    if check.operator is Operator.BELOW:
        return float(values.min())
    if check.operator is Operator.ABOVE:
        return float(values.max())
    return float(values[np.argmax(np.abs(values))])


def _deviation(check: Check, judged: Judged, finding: _Finding) -> Deviation:
    unit = (
        MEASURES[check.measure].unit
        if check.measure in MEASURES
        else _VALUE_UNITS[RepValue(check.measure)]
    )
    return Deviation(
        check.id,
        judged.index,
        judged.side,
        check.severity,
        finding.start_ms,
        finding.end_ms,
        round(finding.value, 3),
        check.threshold,
        unit,
        check.cue,
    )


_VALUE_UNITS: Final = {
    RepValue.EFFORT_MS: "ms",
    RepValue.RETURN_MS: "ms",
    RepValue.HOLD_MS: "ms",
    RepValue.GOAL_SHARE: "ratio",
    RepValue.LEFT_RIGHT_DIFFERENCE: "percent",
}
