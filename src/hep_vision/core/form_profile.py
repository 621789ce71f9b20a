"""How one repetition was done, as a few numbers: its form profile.

The named checks of an exercise look for faults that somebody thought of. A profile describes the
whole repetition instead, so that two repetitions can be compared whatever went differently:
range and tempo of the counted measure, its smoothness, the trunk, the joints, and how even the
sides are. `hep_vision.core.form_quality` compares profiles.

Every feature is a range, a time or a share within one repetition. None is a place or a posture, so
a camera that was moved a little, or another posture of the day, changes them little. None depends
on the size of the person, and mirroring the picture changes none of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hep_vision.core.definition import Combine, CountSignal, ExerciseDefinition
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import SIDES
from hep_vision.core.signal import VISIBLE
from hep_vision.core.types import FloatArray, Side, View
from hep_vision.core.whole_set import (
    GRID_MS,
    LandmarkSeries,
    WholeSet,
    counted_values,
    low_pass,
    patient_in,
    sight_of,
)

_CUTOFF_HZ: Final = 4.0
"""Keeps the movement of a limb and takes the tremble of landmarks; own judgement."""
_MOVING_SHARE: Final = 0.1
"""Of the range, from which the movement counts as under way, as in `hep_vision.core.reps`."""
_LEAST_SAMPLES: Final = 8
_LEAST_KNOWN: Final = 0.6
"""Of the samples of a repetition that must be seen, or a feature of it is unknown."""
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Feature:
    """What a number of a profile means.

    Attributes:
        id: Its name in JSON.
        unit: ``log`` for the logarithm of a ratio scale, ``deg``, ``ratio`` or ``share``.
        spread: By how much a person's repetitions usually differ, see ``docs/form.md``.
        more: What it is in plain words when it is larger than usual.
        less: And when it is smaller.
    """

    id: str
    unit: str
    spread: float
    more: str
    less: str


FEATURES: Final = (
    Feature("range", "log", 0.12, "moved further", "moved less far"),
    Feature("tempo", "log", 0.14, "slower", "faster"),
    Feature("timing", "share", 0.07, "took longer to get there", "took longer to come back"),
    Feature("smoothness", "log", 0.7, "smoother", "jerkier"),
    Feature("trunk_forward", "deg", 3.0, "trunk leaned more", "trunk leaned less"),
    Feature("trunk_side", "deg", 1.5, "trunk leaned sideways more", "trunk leaned sideways less"),
    Feature("trunk_turn", "deg", 2.5, "trunk turned more", "trunk turned less"),
    Feature("sway", "ratio", 0.04, "hips shifted more", "hips shifted less"),
    Feature("hip_range", "deg", 9.5, "hips bent more", "hips bent less"),
    Feature("knee_range", "deg", 9.0, "knees bent more", "knees bent less"),
    Feature("shoulder_range", "deg", 5.0, "upper arms moved more", "upper arms moved less"),
    Feature("elbow_range", "deg", 7.0, "elbows bent more", "elbows bent less"),
    Feature("hip_uneven", "deg", 9.5, "hips less alike", "hips more alike"),
    Feature("knee_uneven", "deg", 11.0, "knees less alike", "knees more alike"),
    Feature("shoulder_uneven", "deg", 4.0, "arms less alike", "arms more alike"),
    Feature("knee_out_of_line", "ratio", 0.05, "knee drifted more", "knee drifted less"),
)
"""The features of a profile, in the order of its columns."""

_ANGLES: Final = (
    "hip_flexion_depth", "knee_flexion_depth", "shoulder_elevation_depth", "elbow_flexion_depth"
)  # fmt: skip
"""In three dimensions: rough as angles, but from every view they move as the joint does."""


@dataclass(frozen=True, slots=True, eq=False)
class SetProfiles:
    """The profiles of a set.

    Attributes:
        values: (N, len(FEATURES)), a row for each repetition; NaN where it could not be seen.
        view: The view of most of the set.
    """

    values: FloatArray
    view: View


def profile_reps(
    definition: ExerciseDefinition,
    landmarks: LandmarkSeries,
    spans: Sequence[tuple[int, int, Side]],
) -> SetProfiles:
    """Return the profile of each repetition of a set.

    Args:
        definition: The exercise.
        landmarks: The whole set.
        spans: ``(start_ms, end_ms, side)`` of each repetition; ``BOTH`` if no side is known.
    """
    landmarks = patient_in(landmarks)
    body = WholeSet.of(landmarks)
    signal = _counted_signal(definition, body.view)
    if signal is None or not spans:
        return SetProfiles(np.full((len(spans), len(FEATURES)), np.nan), body.view)
    series = _Series.of(signal, body, landmarks)
    return SetProfiles(np.array([series.profile(*span) for span in spans]), body.view)


def _counted_signal(definition: ExerciseDefinition, view: View) -> CountSignal | None:
    """Return what is counted from a view, or None."""
    return next((signal for signal in definition.count if view in signal.views), None)


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """All that a profile is made of, over the whole set; NaN = not seen."""

    time_ms: FloatArray
    view: View
    signal: dict[Side, FloatArray]
    angles: FloatArray
    lean: FloatArray
    knee_line: FloatArray
    sway: FloatArray
    trunk: FloatArray
    shoulders: FloatArray
    hips: FloatArray

    @classmethod
    def of(cls, signal: CountSignal, body: WholeSet, landmarks: LandmarkSeries) -> "_Series":
        each = signal.combine is Combine.EACH
        sides = {
            side: counted_values(signal, body, landmarks, side if each else None) for side in SIDES
        }

        def seen(name: str) -> FloatArray:
            values = body.measures((name,))[:, 0]
            return np.where(sight_of(name, landmarks) >= VISIBLE, values, np.nan)

        pairs = {
            part: body.world[:, [Landmark[f"LEFT_{part}"], Landmark[f"RIGHT_{part}"]]]
            for part in ("SHOULDER", "HIP")
        }
        return cls(
            landmarks.timestamp_ms.astype(np.float64),
            body.view,
            sides,
            np.stack([seen(name) for name in _ANGLES], axis=1),
            seen("trunk_lean_side")[:, 0],
            _knee_out_of_line(body, seen("knee_valgus")),
            -seen("ankle_ahead").mean(axis=1),
            pairs["SHOULDER"].mean(axis=1) - pairs["HIP"].mean(axis=1),
            pairs["SHOULDER"][:, 0] - pairs["SHOULDER"][:, 1],
            pairs["HIP"][:, 0] - pairs["HIP"][:, 1],
        )

    def profile(self, start_ms: int, end_ms: int, side: Side) -> FloatArray:
        """Return the features of one repetition, in the order of `FEATURES`."""
        rows = slice(*np.searchsorted(self.time_ms, [start_ms, end_ms]))
        movement = _movement(self.time_ms[rows], self._signal_of(rows, side))
        forward, sideways, turn = self._trunk(rows)
        hip, knee, shoulder, elbow = (self._larger_range(rows, part) for part in range(4))
        hip_gap, knee_gap, shoulder_gap = (self._uneven(rows, part) for part in range(3))
        knee_line = _larger(_range(self.knee_line[rows, side]) for side in (0, 1))
        return np.array(
            [
                *movement,
                forward,
                sideways,
                turn,
                _range(self.sway[rows]),
                *(hip, knee, shoulder, elbow),
                *(hip_gap, knee_gap, shoulder_gap),
                knee_line,
            ]
        )

    def _signal_of(self, rows: slice, side: Side) -> FloatArray:
        """Return the counted signal; of the side that works, or moves more, where each has one."""
        if side is Side.BOTH:
            side = max(SIDES, key=lambda one: np.nan_to_num(_range(self.signal[one][rows])))
        return self.signal[side][rows]

    def _larger_range(self, rows: slice, part: int) -> float:
        return _larger(_range(self.angles[rows, part, side]) for side in (0, 1))

    def _uneven(self, rows: slice, part: int) -> float:
        return _range(self.angles[rows, part, 0] - self.angles[rows, part, 1])

    def _trunk(self, rows: slice) -> tuple[float, float, float]:
        """Return how far the trunk leaned forward, bent sideways and turned, in degrees.

        In the person's own axes: the mean trunk of the repetition is up, the mean of shoulders
        and hips is left. Where the picture is the plane of the lean, it is measured there.
        """
        trunk, shoulders = self.trunk[rows], self.shoulders[rows]
        across = shoulders + self.hips[rows]
        known = np.isfinite(trunk + across).all(axis=1)
        if known.sum() < max(_LEAST_SAMPLES, _LEAST_KNOWN * known.size):
            return np.nan, np.nan, np.nan
        trunk, shoulders, across = trunk[known], shoulders[known], across[known]
        up = _unit(trunk.mean(axis=0))
        left = across.mean(axis=0)
        left = _unit(left - (left @ up) * up)
        ahead = np.cross(left, up)
        forward = np.degrees(np.arctan2(trunk @ ahead, trunk @ up))
        sideways = np.degrees(np.arctan2(trunk @ left, trunk @ up))
        turn = np.degrees(np.arctan2(shoulders @ ahead, shoulders @ left))
        lean = _range(self.lean[rows])
        return (
            lean if self.view is View.SIDE else _range(forward),
            lean if self.view is View.FRONT else _range(sideways),
            _range(turn),
        )


def _knee_out_of_line(body: WholeSet, seen: FloatArray) -> FloatArray:
    """Return how far each knee lies off the line from hip to ankle, (T, 2) trunk lengths.

    In the picture, and not as an angle: one of a thigh that points at the camera turns wildly.
    """
    hip, knee, ankle = (
        body.image[:, [Landmark[f"LEFT_{part}"], Landmark[f"RIGHT_{part}"]]]
        for part in ("HIP", "KNEE", "ANKLE")
    )
    leg, thigh = ankle - hip, knee - hip
    across = leg[..., 0] * thigh[..., 1] - leg[..., 1] * thigh[..., 0]
    length = np.maximum(np.hypot(leg[..., 0], leg[..., 1]), 0.2 * body.scale)
    return np.where(np.isfinite(seen), across / length / body.scale, np.nan)


def _movement(time_ms: FloatArray, signal: FloatArray) -> tuple[float, float, float, float]:
    """Return range, tempo, timing and smoothness of the counted signal.

    Smoothness is the log dimensionless jerk of the speed profile (Hogan and Sternad 2009, J Mot
    Behav 41:529; in this form Balasubramanian et al. 2012, IEEE Trans Biomed Eng 59:2126): minus
    the logarithm of the squared jerk, integrated over the movement, times its duration cubed over
    its peak speed squared. 0 is smooth, more negative is jerkier.
    """
    known = np.isfinite(signal)
    if known.sum() < max(_LEAST_SAMPLES, _LEAST_KNOWN * len(signal)):
        return np.nan, np.nan, np.nan, np.nan
    grid_ms = np.arange(time_ms[0], time_ms[-1] + 1.0, GRID_MS)
    values = low_pass(np.interp(grid_ms, time_ms[known], signal[known]), _CUTOFF_HZ)
    low, high = np.percentile(values, [3.0, 97.0])
    moving = np.flatnonzero(values > low + _MOVING_SHARE * (high - low))
    if len(values) < _LEAST_SAMPLES or len(moving) < _LEAST_SAMPLES // 2:
        return np.nan, np.nan, np.nan, np.nan
    first, last = moving[0], moving[-1]
    step_s = GRID_MS / 1_000.0
    taken_s = (last - first + 1) * step_s
    speed = np.gradient(values, step_s)
    jerk = np.gradient(np.gradient(speed, step_s), step_s)[first : last + 1]
    jerkiness = np.mean(jerk**2) * taken_s**4 / max(float(np.max(speed**2)), _TINY)
    return (
        float(np.log(max(high - low, _TINY))),
        float(np.log(taken_s)),
        float((np.argmax(values) - first) / max(last - first, 1)),
        -float(np.log(max(jerkiness, _TINY))),
    )


def _range(values: FloatArray) -> float:
    """Return the 5-95 % range; NaN where too little was seen."""
    known = values[np.isfinite(values)]
    if len(known) < max(_LEAST_SAMPLES, _LEAST_KNOWN * len(values)):
        return float("nan")
    low, high = np.percentile(known, [5.0, 95.0])
    return float(high - low)


def _larger(values: Iterable[float]) -> float:
    """Return the larger of the known ones; NaN where none is."""
    return max((value for value in values if not np.isnan(value)), default=float("nan"))


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), _TINY))
