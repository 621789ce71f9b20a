"""Courses of key postures: how a whole figure moves about a room.

What a key does not name stays as it was; between keys the figure moves like a raised cosine, its
lowest landmark on the floor. Walking follows from the pace: the legs step as fast as the person
gets on or turns, and the arms swing against them. The angles of walking follow Perry's *Gait
Analysis* from memory; the rest is own judgement of how people move.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hep_vision.core import figure
from hep_vision.core.landmarks import Landmark
from synthetic import Array, Motion

Value = float | tuple[float, float]
"""An angle of both sides, or of (working, other)."""
Key = tuple[float, dict[str, Value]]
"""Seconds from the start, and what is different from then on."""

_JOINTS: Final = tuple(name for name in figure.ANGLES if name not in ("ankle", "knee_in_m"))
_COURSE: Final = (*_JOINTS, "heading", "pace", "tread", "feet")
_MIRRORED: Final = ("trunk_side", "roll", "heading")
_HIPS: Final = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
_ANKLES: Final = [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]
_STEP_MS: Final = 560.0
_FULL_PACE_M_PER_S: Final = 1.1
_TURN_AS_PACE: Final = 1.0 / 250.0
"""Metres per second of walking that stepping round at one degree per second looks like."""
_GRID_MS: Final = 20.0
_SMOOTHING_MS: Final = 400.0
_ANKLE_RANGE_DEG: Final = (-50.0, 35.0)


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody does it on one day.

    Attributes:
        tempo: Duration over the usual one.
        size: Size of the arms' and the trunk's movement over the usual one.
        mirrored: Whether the left side does what the right usually does.
        seed: Of what is left to chance: gestures, swaying.
    """

    tempo: float = 1.0
    size: float = 1.0
    mirrored: bool = False
    seed: int = 0


def moving(keys: Sequence[Key], how: Manner) -> Motion:
    """Return the figure on its course, placed and turned in the room."""
    course = _Course(keys, how)
    return Motion(course.body_m, int(course.duration_ms), heading_deg=course.heading_deg)


class _Course:
    def __init__(self, keys: Sequence[Key], how: Manner) -> None:
        self._how = how
        self._times_ms = 1000.0 * how.tempo * np.array([at_s for at_s, _ in keys])
        self.duration_ms = float(self._times_ms[-1])
        self._values = _filled(keys, how)
        grid = np.arange(0.0, self.duration_ms + _GRID_MS, _GRID_MS)
        self._grid_ms = grid
        heading = self.heading_deg(grid)
        pace = _smooth(self._at(grid, "pace")[:, 0])
        step_m = pace * _GRID_MS / 1000.0
        way = np.cumsum(
            step_m[:, None]
            * np.stack([np.cos(np.radians(heading)), np.sin(np.radians(heading))], axis=-1),
            axis=0,
        )
        # The middle of the way is the middle of the picture.
        self._way_m = way - (way.min(axis=0) + way.max(axis=0)) / 2.0
        turning = np.abs(np.gradient(heading, _GRID_MS / 1000.0))
        stepping = (np.abs(pace) + _TURN_AS_PACE * turning) / _FULL_PACE_M_PER_S
        self._stepping = _smooth(np.clip(stepping, 0.0, 1.1))

    def heading_deg(self, time_ms: Array) -> Array:
        """Return which way the person faces, (T,)."""
        return self._at(time_ms, "heading")[:, 0]

    def body_m(self, time_ms: Array) -> Array:
        """Return the figure in the room, (T, 33, 3)."""
        angles = {name: self._at(time_ms, name) for name in _JOINTS}
        self._walk(angles, time_ms)
        self._sway(angles, time_ms)
        # The soles are flat on the floor as far as the ankles let them.
        ankle = angles["knee"] + angles["trunk"] - angles["hip"]
        points = figure.body_m(
            figure.Posture(**angles, ankle=np.clip(ankle, *_ANKLE_RANGE_DEG)), len(time_ms)
        )
        turn = np.radians(self.heading_deg(time_ms))[:, None]
        feet = self._at(time_ms, "feet")[:, :1]
        held = feet * points[:, _ANKLES].mean(axis=1) + (1.0 - feet) * points[:, _HIPS].mean(axis=1)
        forward, up, left = np.moveaxis(points - held[:, None], -1, 0)
        way = np.stack([np.interp(time_ms, self._grid_ms, self._way_m[:, k]) for k in (0, 1)])
        return np.stack(
            [
                np.cos(turn) * forward - np.sin(turn) * left + way[0][:, None],
                up - up.min(axis=1, keepdims=True),
                np.sin(turn) * forward + np.cos(turn) * left + way[1][:, None],
            ],
            axis=-1,
        )

    def _at(self, time_ms: Array, name: str) -> Array:
        """Return a value over time, (T, 2)."""
        times = self._times_ms
        number = np.clip(np.searchsorted(times, time_ms, side="right") - 1, 0, len(times) - 2)
        share = np.clip((time_ms - times[number]) / np.diff(times)[number], 0.0, 1.0)
        eased = ((1.0 - np.cos(np.pi * share)) / 2.0)[:, None]
        values = self._values[name]
        return values[number] + eased * (values[number + 1] - values[number])

    def _walk(self, angles: dict[str, Array], time_ms: Array) -> None:
        """Add the swing of legs and arms to postures; ``tread`` lifts the knees on the spot."""
        stride = (time_ms / (2.0 * _STEP_MS * self._how.tempo))[:, None] + np.array([0.0, 0.5])
        share = np.interp(time_ms, self._grid_ms, self._stepping)[:, None]
        swing = np.cos(2.0 * np.pi * stride)
        angles["hip"] = angles["hip"] + share * (8.0 + 21.0 * swing)
        bump = 55.0 * _bump(stride, 0.73, 0.10) + 12.0 * _bump(stride, 0.13, 0.07)
        angles["knee"] = angles["knee"] + share * (4.0 + bump)
        angles["shoulder"] = angles["shoulder"] - share * 19.0 * swing
        angles["elbow"] = angles["elbow"] + share * (10.0 - 8.0 * swing)
        tread = self._at(time_ms, "tread")
        lift = np.clip(np.sin(2.0 * np.pi * stride), 0.0, None)
        angles["hip"] = angles["hip"] + tread * lift
        angles["knee"] = angles["knee"] + 1.5 * tread * lift
        angles["shoulder"] = angles["shoulder"] - 0.3 * tread * np.sin(2.0 * np.pi * stride)

    def _sway(self, angles: dict[str, Array], time_ms: Array) -> None:
        """Nobody keeps quite still."""
        rng = np.random.default_rng(self._how.seed + 10_000)
        for name, most in (("trunk", 1.0), ("trunk_side", 0.8), ("shoulder", 1.5), ("elbow", 2.0)):
            sides = 1 if name.startswith("trunk") else 2
            periods = rng.uniform(1_500.0, 4_500.0, (3, 1, sides))
            starts = rng.uniform(0.0, 2.0 * np.pi, (3, 1, sides))
            swings = np.sin(2.0 * np.pi * time_ms[:, None] / periods + starts)
            angles[name] = angles[name] + most * swings.mean(axis=0)


def _filled(keys: Sequence[Key], how: Manner) -> dict[str, Array]:
    """Return every value at every key, (keys, 2) left, right."""
    now: dict[str, Value] = dict.fromkeys(_COURSE, 0.0) | {"feet": 1.0, "elbow": 12.0, "knee": 3.0}
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in _COURSE}
    for _, changes in keys:
        unknown = changes.keys() - now.keys()
        if unknown:
            raise KeyError(f"no angle {sorted(unknown)}")
        now = now | changes
        for name in _COURSE:
            value = now[name]
            working, other = value if isinstance(value, tuple) else (value, value)
            if name in _MIRRORED and not how.mirrored:
                working, other = -working, -other
            rows[name].append((working, other) if how.mirrored else (other, working))
    return {name: np.array(values) for name, values in rows.items()}


def _bump(stride: Array, middle: float, width: float) -> Array:
    apart = (stride - middle + 0.5) % 1.0 - 0.5
    return np.exp(-((apart / width) ** 2) / 2.0)


def _smooth(values: Array) -> Array:
    count = int(_SMOOTHING_MS / _GRID_MS)
    padded = np.pad(values, (count // 2, count - 1 - count // 2), mode="edge")
    return np.convolve(padded, np.full(count, 1.0 / count), mode="valid")
