"""A second count of a set, offline, from its landmarks alone: does it agree with the first?

The live count cannot look ahead; this one sees the whole set at once and goes another way. It has
no phase machine, no guards, no causal filter: one view, one scale and one facing for the set, the
measure on an even grid, a filter without delay, and the peaks that stand out from it. What both
share is the landmarks, the measures, and the limits of view and visibility, so they can fail
together: agreement is no proof, disagreement is a reason to look.

What is compared. The live count also reports excursions that it left out, with their reason. Each
of those accounts for one peak of the recount at most, so that a movement rightly left out raises no
doubt, while five peaks inside one excursion that "did not return" do. Excursions rejected between
the first and the last counted repetition account for none: before and after a set people set up
and walk away, but in the middle of it what is as large as a repetition mostly is one (so it was
on the development tracks). What is left is compared with the counted repetitions; one
more or less is common at the ends of a set and no doubt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.definition import (
    Combine,
    CompletesAt,
    CountSignal,
    Direction,
    ExerciseDefinition,
    Kind,
)
from hep_vision.core.geometry import distance, midpoint
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import MEASURES, measure_pose
from hep_vision.core.orientation import FRONT_RATIO, SIDE_RATIO, facing_vote
from hep_vision.core.signal import VISIBLE
from hep_vision.core.types import Event, FloatArray, Rep, RepStatus, Side, View

_GRID_MS: Final = 40
_CUTOFF_HZ: Final = 3.0
"""Above the fastest repetitions met, 0.6 s each, and below the tremble of landmarks."""
_PAD_MS: Final = 1_000
_GAP_MS: Final = 1_500
"""The longest gap that is bridged, as in the live count: behind it nothing is known."""
_SIGHT_MS: Final = 250
_USUAL_SHARE: Final = 0.45
"""Of the median prominence; counts a tired repetition, not a bob. Chosen on development tracks."""
_SCALE_PERCENTILE: Final = 90.0
"""Of the trunk lengths in the picture: leaning at the camera only ever shortens them."""
_TOLERANCE: Final = 1


class LandmarkSeries(Protocol):
    """The landmarks of one person over time, as a stored track holds them; NaN = not seen."""

    @property
    def timestamp_ms(self) -> NDArray[np.int64]:
        """(T,) media time, strictly increasing."""

    @property
    def image_px(self) -> NDArray[np.float32]:
        """(T, 33, 2) pixels."""

    @property
    def world_m(self) -> NDArray[np.float32]:
        """(T, 33, 3) metres."""

    @property
    def visibility(self) -> NDArray[np.float32]:
        """(T, 33) 0..1."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What the second count came to.

    Attributes:
        recount: Repetitions found, without those that the live count explains having left out.
        uncertain: Whether it differs from the live count by more than one.
    """

    recount: int
    uncertain: bool


def audit_set(
    definition: ExerciseDefinition,
    landmarks: LandmarkSeries,
    events: Iterable[Event],
    side: Side | None = None,
) -> Audit | None:
    """Count a set again and compare; see the module for the rule.

    Args:
        definition: The exercise.
        landmarks: The whole set.
        events: What the live count made of it.
        side: The side that was prescribed, or None.

    Returns:
        None where there is nothing to recount: a timed hold, or a trunk that was never seen.
    """
    peaks_ms = recount_ms(definition, landmarks, side)
    if peaks_ms is None:
        return None
    reps = [event for event in events if isinstance(event, Rep)]
    counted = sum(rep.status is RepStatus.COUNTED for rep in reps)
    recount = len(_unexplained(peaks_ms, reps))
    return Audit(recount, abs(recount - counted) > _TOLERANCE)


def _unexplained(peaks_ms: Sequence[int], reps: Sequence[Rep]) -> list[int]:
    """Return the peaks without one for each excursion that was left out and accounts for it."""
    starts_ms = [rep.start_ms for rep in reps if rep.status is RepStatus.COUNTED]
    rest_ms = list(peaks_ms)
    for rep in reps:
        within = bool(starts_ms) and starts_ms[0] < rep.start_ms < starts_ms[-1]
        doubted = rep.status is RepStatus.REJECTED and within
        if rep.status is RepStatus.COUNTED or doubted:
            continue
        held_ms = next((ms for ms in rest_ms if rep.start_ms <= ms < rep.end_ms), None)
        if held_ms is not None:
            rest_ms.remove(held_ms)
    return rest_ms


def doubt(audit: Audit | None) -> tuple[str, ...]:
    """Return the line that tells a person of an uncertain count, or nothing."""
    if audit is None or not audit.uncertain:
        return ()
    return (
        f"This count is uncertain: counting again another way gave {audit.recount}. "
        "Please check it against the recording.",
    )


def recount_ms(
    definition: ExerciseDefinition, landmarks: LandmarkSeries, side: Side | None = None
) -> list[int] | None:
    """Return the moments of the peaks of the counted measure, in time order.

    None for a timed hold, and where no trunk or no signal for the view of the set was seen.
    """
    if definition.kind is Kind.TIMED_HOLD:
        return None
    body = _Body.of(landmarks)
    signal = next((item for item in definition.count if body.view in item.views), None)
    if signal is None:
        return None
    prescribed = side if side is not Side.BOTH else None
    values = _counted_values(signal, body, landmarks, prescribed)
    segments = _segments(landmarks.timestamp_ms, values)
    if segments and definition.completes_at is CompletesAt.PEAK:
        # Done at the extreme: the return that the recording does not show is not asked for.
        start_ms, last = segments[-1]
        segments[-1] = (start_ms, np.append(last, last.min()))
    return _peaks_ms(segments, signal.minimum_rom, definition.timing.min_rep_ms)


@dataclass(frozen=True, slots=True, eq=False)
class _Body:
    """The set as a whole: landmarks in both planes, one scale, view and facing."""

    image: FloatArray
    world: FloatArray
    scale: float
    view: View
    facing: float

    @classmethod
    def of(cls, landmarks: LandmarkSeries) -> "_Body":
        image = landmarks.image_px.astype(np.float64)
        world = landmarks.world_m.astype(np.float64)
        if np.isnan(image).all():
            image = world[..., :2]
        elif np.isnan(world).all():
            world = np.concatenate([image, np.zeros((*image.shape[:2], 1))], axis=-1)
        hips, shoulders = (_middle(image, part) for part in ("HIP", "SHOULDER"))
        length = distance(hips, shoulders)
        seen = length > 0.0
        if not seen.any():
            return cls(image, world, np.nan, View.UNKNOWN, np.nan)
        scale = float(np.percentile(length[seen], _SCALE_PERCENTILE))
        up = (shoulders - hips)[seen] / length[seen, None]
        apart = (image[:, Landmark.LEFT_SHOULDER] - image[:, Landmark.RIGHT_SHOULDER])[seen]
        across = np.abs(apart[:, 1] * up[:, 0] - apart[:, 0] * up[:, 1])
        return cls(image, world, scale, _view(across / scale), _facing(image[seen], up))


def _middle(points: FloatArray, part: str) -> FloatArray:
    left, right = Landmark[f"LEFT_{part}"], Landmark[f"RIGHT_{part}"]
    return midpoint(points[:, left], points[:, right])


def _view(width_ratio: FloatArray) -> View:
    known = width_ratio[np.isfinite(width_ratio)]
    if not len(known):
        return View.UNKNOWN
    ratio = float(np.median(known))
    if ratio >= FRONT_RATIO:
        return View.FRONT
    return View.SIDE if ratio <= SIDE_RATIO else View.OBLIQUE


def _facing(image: FloatArray, up: FloatArray) -> float:
    votes = (
        facing_vote((float(x), float(y)), [(px, py) for px, py in points.tolist()])
        for (x, y), points in zip(up, image, strict=True)
    )
    return float(np.sign(sum(votes)))


def _counted_values(
    signal: CountSignal, body: _Body, landmarks: LandmarkSeries, side: Side | None
) -> FloatArray:
    """Return the signal at each frame, (T,), growing with effort; NaN = unknown."""
    frames = len(body.image)
    facing = np.full(frames, body.facing if body.facing else np.nan)
    measure = measure_pose(
        (signal.measure,), body.image, body.world, np.full(frames, body.scale), facing
    )[:, 0]
    sight = _sight(signal.measure, landmarks)
    sign = 1.0 if signal.direction is Direction.INCREASE else -1.0
    left, right = np.where(sight >= VISIBLE, sign * measure, np.nan).T
    if signal.combine is Combine.DIFFERENCE:
        return np.abs(left - right) if side is None else _chosen(left - right, right - left, side)
    if side is not None:
        return _chosen(left, right, side)
    if signal.combine is Combine.LARGER:
        return np.asarray(np.fmax(left, right))
    if signal.combine is Combine.SMALLER:
        return np.asarray(np.minimum(left, right))
    return _mean(left, right, sight)


def _chosen(left: FloatArray, right: FloatArray, side: Side) -> FloatArray:
    return left if side is Side.LEFT else right


def _mean(left: FloatArray, right: FloatArray, sight: FloatArray) -> FloatArray:
    """Return the mean of the sides, weighed by how well each is seen over the whole set.

    The fourth power lets the near side of a side view speak almost alone. Weights that do not
    change within the set cannot make the signal move; a side that is missing leaves the other.
    """
    sights = [column[np.isfinite(column)] for column in sight.T]
    weights = [float(column.mean()) ** 4 if len(column) else 0.0 for column in sights]
    total = np.zeros(len(left))
    weight = np.zeros(len(left))
    for values, own in zip((left, right), weights, strict=True):
        known = np.isfinite(values)
        total += np.where(known, own * values, 0.0)
        weight += np.where(known, own, 0.0)
    return np.where(weight > 0.0, total / np.where(weight > 0.0, weight, 1.0), np.nan)


def _sight(measure: str, landmarks: LandmarkSeries) -> FloatArray:
    """Return how well each side of a measure is seen, (T, 2): its least visible landmark.

    Averaged over a quarter of a second to either side; NaN where nobody was found all that time.
    """
    time_ms = landmarks.timestamp_ms
    first = np.searchsorted(time_ms, time_ms - _SIGHT_MS)
    last = np.searchsorted(time_ms, time_ms + _SIGHT_MS, side="right")
    rows = [Landmark[f"LEFT_{part}"].value for part in MEASURES[measure].landmarks]
    visibility = np.stack(
        [landmarks.visibility[:, [row + side for row in rows]] for side in (0, 1)], axis=-1
    ).astype(np.float64)
    known = np.isfinite(visibility)
    edge = np.zeros((1, *visibility.shape[1:]))
    total = np.concatenate([edge, np.where(known, visibility, 0.0).cumsum(axis=0)])
    count = np.concatenate([edge, known.cumsum(axis=0)])
    inside = count[last] - count[first]
    mean = np.where(
        inside > 0.0, (total[last] - total[first]) / np.where(inside > 0.0, inside, 1.0), np.nan
    )
    return np.asarray(mean.min(axis=1))


def _segments(time_ms: NDArray[np.int64], values: FloatArray) -> list[tuple[int, FloatArray]]:
    """Return the smoothed signal between its long gaps: (first moment, values on the grid)."""
    known = np.isfinite(values)
    time_ms, values = time_ms[known], values[known]
    cuts = np.flatnonzero(np.diff(time_ms) > _GAP_MS) + 1
    segments = []
    for part_ms, part in zip(np.split(time_ms, cuts), np.split(values, cuts), strict=True):
        if len(part) < 2:
            continue
        grid_ms = np.arange(part_ms[0], part_ms[-1] + 1, _GRID_MS)
        segments.append((int(part_ms[0]), _low_pass(np.interp(grid_ms, part_ms, part))))
    return segments


def _low_pass(values: FloatArray) -> FloatArray:
    """Return what a 2nd-order Butterworth filter leaves, run forwards and back.

    Both runs together have no delay and the squared gain of one, 1 / (1 + (f / f_c)^4), which is
    applied to the spectrum. The ends are continued by their point reflection.
    """
    pad = min(len(values) - 1, _PAD_MS // _GRID_MS)
    if pad < 1:
        return values
    before = 2.0 * values[0] - values[pad:0:-1]
    after = 2.0 * values[-1] - values[-2 : -pad - 2 : -1]
    padded = np.concatenate([before, values, after])
    frequency_hz = np.fft.rfftfreq(len(padded), _GRID_MS / 1_000.0)
    gain = 1.0 / (1.0 + (frequency_hz / _CUTOFF_HZ) ** 4)
    smooth = np.fft.irfft(np.fft.rfft(padded) * gain, len(padded))
    return np.asarray(smooth[pad : pad + len(values)])


def _peaks_ms(
    segments: list[tuple[int, FloatArray]], minimum_rom: float, min_rep_ms: int
) -> list[int]:
    """Return the moments of the peaks that stand out as a repetition does, in time order."""
    found = [
        (start_ms + _GRID_MS * index, height, prominence)
        for start_ms, values in segments
        for index, height, prominence in _prominent(values, minimum_rom)
    ]
    if not found:
        return []
    usual = float(np.median([prominence for _, _, prominence in found]))
    found = [peak for peak in found if peak[2] >= _USUAL_SHARE * usual]
    kept: list[int] = []
    for peak_ms, _, _ in sorted(found, key=lambda peak: -peak[1]):
        if all(abs(peak_ms - other_ms) >= min_rep_ms for other_ms in kept):
            kept.append(peak_ms)
    return sorted(kept)


def _prominent(values: FloatArray, minimum: float) -> list[tuple[int, float, float]]:
    """Return (index, height, prominence) of the peaks that stand out by at least ``minimum``.

    The prominence is the smaller of the ways down to either side, before a higher peak or an end.
    """
    inner = values[1:-1]
    tops = np.flatnonzero((values[:-2] < inner) & (inner >= values[2:])) + 1
    found = []
    for top in tops.tolist():
        height = float(values[top])
        higher = np.flatnonzero(values > height)
        place = int(np.searchsorted(higher, top))
        start = int(higher[place - 1]) + 1 if place else 0
        end = int(higher[place]) if place < len(higher) else len(values)
        base = max(values[start : top + 1].min(), values[top:end].min())
        if height - base >= minimum:
            found.append((top, height, float(height - base)))
    return found
