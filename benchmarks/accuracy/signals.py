"""What the baselines read from a landmark track: whole-track arrays, nothing smoothed.

They get what helps them and costs their idea nothing: measures in pixels rather than in
normalised coordinates, the same joint in three dimensions where the view hides it, and the
person's stance taken from the whole track.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hep_vision.core.definition import Combine, CountSignal, Direction, ExerciseDefinition
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import MEASURES, measure_pose
from hep_vision.core.orientation import FRONT_RATIO, SIDE_RATIO, facing_vote
from hep_vision.core.types import FloatArray, View
from hep_vision.sources.recorded import LandmarkTrack

SEEN: Final = 0.5
"""Visibility from which MediaPipe's examples draw a landmark and most apps believe it."""

_VOTES: Final = 200
_IN_DEPTH: Final = {
    "knee_flexion": "knee_flexion_depth",
    "hip_flexion": "hip_flexion_depth",
    "shoulder_abduction": "shoulder_elevation_depth",
    "shoulder_flexion": "shoulder_elevation_depth",
}


@dataclass(frozen=True, slots=True)
class Stance:
    """The person in the picture: trunk length, view, and +1 or -1 for the way they face."""

    scale_px: float
    view: View
    facing: float


def planes(track: LandmarkTrack) -> tuple[FloatArray, FloatArray]:
    """Return image (T, 33, 2) and world (T, 33, 3); each stands in for the other if missing."""
    image = track.image_px.astype(np.float64)
    world = track.world_m.astype(np.float64)
    if np.isnan(world).all():
        world = np.concatenate([image, np.zeros((*image.shape[:2], 1))], axis=2)
    if np.isnan(image).all():
        image = world[..., :2]
    return image, world


def middle(points: FloatArray, part: str) -> FloatArray:
    """Return the midpoint of the left and the right landmark, (..., D)."""
    left = Landmark[f"LEFT_{part}"]
    return points[..., left : left + 2, :].mean(axis=-2)


def stance_of(track: LandmarkTrack) -> Stance:
    """Return the stance of the whole track; NaN and unknown where nobody is seen."""
    image, _ = planes(track)
    trunk = middle(image, "SHOULDER") - middle(image, "HIP")
    length = np.hypot(trunk[:, 0], trunk[:, 1])
    known = np.isfinite(length) & (length > 0.0)
    if not known.any():
        return Stance(np.nan, View.UNKNOWN, np.nan)
    scale_px = float(np.percentile(length[known], 90))
    up = trunk[known] / length[known, None]
    across = image[known, Landmark.LEFT_SHOULDER] - image[known, Landmark.RIGHT_SHOULDER]
    width = float(np.median(np.abs(across[:, 0] * -up[:, 1] + across[:, 1] * up[:, 0])))
    ratio = width / scale_px
    view = (
        View.FRONT if ratio >= FRONT_RATIO else View.SIDE if ratio <= SIDE_RATIO else View.OBLIQUE
    )
    rows = np.flatnonzero(known)[:: max(1, int(known.sum()) // _VOTES)]
    votes = sum(
        facing_vote((trunk[row, 0], trunk[row, 1]), [(x, y) for x, y in image[row].tolist()])
        for row in rows
    )
    return Stance(scale_px, view, 1.0 if votes >= 0.0 else -1.0)


def measure_track(track: LandmarkTrack, name: str, stance: Stance) -> tuple[FloatArray, FloatArray]:
    """Return a measure (T, 2) by side, and the visibility of its least visible landmark (T, 2)."""
    image, world = planes(track)
    scale = np.full(len(track), stance.scale_px)
    facing = np.full(len(track), stance.facing)
    values = measure_pose((name,), image, world, scale, facing)[:, 0]
    rows = [Landmark[f"LEFT_{part}"].value for part in MEASURES[name].landmarks]
    seen = np.stack(
        [track.visibility[:, [row + side for row in rows]].min(axis=1) for side in (0, 1)], axis=1
    )
    return values, np.nan_to_num(seen.astype(np.float64))


def count_signal(definition: ExerciseDefinition, view: View) -> CountSignal:
    """Return the signal that is counted from this view, or the first one."""
    fitting = [signal for signal in definition.count if view in signal.views]
    return (fitting or list(definition.count))[0]


def counted_measure(track: LandmarkTrack, definition: ExerciseDefinition) -> FloatArray:
    """Return the exercise's counted measure, (T,), growing with effort; NaN where it is not seen.

    The sides are combined as the exercise file says, the mean weighted by visibility.
    """
    stance = stance_of(track)
    signal = count_signal(definition, stance.view)
    values, seen = measure_track(track, signal.measure, stance)
    if signal.direction is Direction.DECREASE:
        values = -values
    values = np.where(seen >= SEEN, values, np.nan)
    return _combined(values, seen**4, signal.combine)


def reported_share(
    track: LandmarkTrack, definition: ExerciseDefinition, *, gated: bool
) -> FloatArray:
    """Return the textbook angle as a share of the way from rest (0) to goal (1), (T,).

    Args:
        track: The landmarks.
        definition: Gives measure, rest and goal.
        gated: Take the mean of the sides whose landmarks are all seen, NaN where none is. Without
            it the side that is seen better in the whole track is believed whatever happens.
    """
    stance = stance_of(track)
    reported = definition.reported
    name = reported.measure
    if stance.view not in MEASURES[name].views:
        name = _IN_DEPTH.get(name, name)
    values, seen = measure_track(track, name, stance)
    share = (values - reported.rest) / (reported.goal - reported.rest)
    combine = count_signal(definition, stance.view).combine
    if gated:
        share = np.where(seen >= SEEN, share, np.nan)
        return _combined(share, np.ones_like(share), combine)
    if combine is Combine.MEAN:
        return share[:, int(np.median(seen, axis=0).argmax())]
    return _combined(share, np.ones_like(share), combine)


def _combined(values: FloatArray, weights: FloatArray, combine: Combine) -> FloatArray:
    left, right = values[:, 0], values[:, 1]
    if combine is Combine.LARGER:
        return np.fmax(left, right)
    if combine is Combine.SMALLER:
        return np.minimum(left, right)
    if combine is Combine.DIFFERENCE:
        return np.abs(left - right)
    known = np.isfinite(values)
    total = (np.where(known, values, 0.0) * weights).sum(axis=1)
    weight = np.where(known, weights, 0.0).sum(axis=1)
    return np.where(weight > 0.0, total / np.where(weight > 0.0, weight, 1.0), np.nan)


def evenly_spaced(
    timestamp_ms: np.ndarray, values: FloatArray, step_ms: float
) -> tuple[FloatArray, FloatArray]:
    """Return times (N,) ``step_ms`` apart and the values (N,) there; unknown ones are bridged."""
    known = np.isfinite(values)
    if known.sum() < 2:
        return np.empty(0), np.empty(0)
    times = timestamp_ms[known].astype(np.float64)
    grid = np.arange(times[0], times[-1] + 1.0, step_ms)
    return grid, np.interp(grid, times, values[known])
