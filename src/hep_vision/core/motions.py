"""How the whole body moved in a demonstration, as the joint angles of ``[motion]``."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from hep_vision.core.candidates import Measured
from hep_vision.core.definition import Angles, GuardSide, Limb, Motion
from hep_vision.core.figure import SPINE_ANGLES
from hep_vision.core.geometry import distance
from hep_vision.core.landmarks import Landmark
from hep_vision.core.postures import READ, read_postures
from hep_vision.core.swings import Swing
from hep_vision.core.types import FloatArray, PoseFrame, Side, View

_STEP_DEG: Final = 5.0
_MOVES_DEG: Final = 12.0
"""Change from which a joint is said to move: what the landmarks of a still person wander."""
_SURE_DEG: Final = {View.SIDE: 12.0, View.FRONT: 20.0}
"""Angle at rest that is told from 0; depth, which a front view needs, is the less sure."""
_REACH_DEG: Final = (-120.0, 190.0)
_OUT_SURE_DEG: Final = 35.0
_LEGS: Final = ("hip", "hip_out", "knee")
_ARMS: Final = ("shoulder", "shoulder_out", "elbow")
_PLANE: Final = {
    "trunk": "trunk_lean_forward",
    "hip": "hip_flexion",
    "knee": "knee_flexion",
    "shoulder": "shoulder_flexion",
    "elbow": "elbow_flexion",
}
_ANCHORS: Final = ("ankle", "wrist", "hip", "shoulder")
_ANCHOR_STILL_RATIO: Final = 0.15

Pair = tuple[float, float]


def demonstrated_motion(
    poses: Sequence[PoseFrame],
    measured: Measured,
    reps: Sequence[Swing],
    working: Sequence[Side],
    view: View,
) -> Motion | None:
    """Return the posture at rest and at the goal, or None where they cannot be told.

    In a view from the side the angles come from the plane of the picture, from the front out of
    the landmarks in space. Half-way neither is sure, and a wrong posture is worse than none.

    Args:
        poses: The recording.
        measured: Its measures, moment by moment the same.
        reps: The demonstrated repetitions.
        working: The side that works in each; both where they move alike.
        view: Where the camera stood.
    """
    if view is View.OBLIQUE:
        return None
    angles = read_postures(np.array([pose.world_m for pose in poses]))
    if view is not View.FRONT:
        _prefer_plane(angles, measured)
    rest: dict[str, Angles] = {}
    goal: dict[str, Angles] = {}
    for name in READ:
        start = _level(angles[name], measured, [rep.rest_span_ms for rep in reps], working)
        end = _level(angles[name], measured, [rep.top_span_ms for rep in reps], working)
        if name in SPINE_ANGLES or Side.BOTH in working:
            start, end = (_mean(start),) * 2, (_mean(end),) * 2
        _note(name, start, end, view, (rest, goal))
    if not goal:
        return None
    anchor, side = _anchor(poses, measured, reps, working)
    return Motion(goal=goal, rest=rest, free=_free(goal), anchor=anchor, anchor_side=side)


def _prefer_plane(angles: dict[str, FloatArray], measured: Measured) -> None:
    """Take what the picture shows exactly; a limb lifted aside is not in its plane."""
    for name, measure in _PLANE.items():
        plane = measured.of(measure)
        angles[name] = np.where(np.isfinite(plane), plane, angles[name])
    for name in ("hip_out", "shoulder_out"):
        angles[name] = np.where(np.abs(angles[name]) < _OUT_SURE_DEG, 0.0, angles[name])


def _level(
    values: FloatArray, measured: Measured, spans_ms: Sequence[Pair], working: Sequence[Side]
) -> Pair:
    """Return the median in these spans for the working and the other side."""
    found = []
    for span_ms, side in zip(spans_ms, working, strict=True):
        near = values[measured.inside(*span_ms)]
        if side is Side.RIGHT:
            near = near[:, ::-1]
        found.append(near)
    every = np.concatenate(found)
    columns = [column[np.isfinite(column)] for column in every.T]
    work, other = (float(np.median(c)) if len(c) else float("nan") for c in columns)
    return work, other


def _note(
    name: str,
    start: Pair,
    end: Pair,
    view: View,
    into: tuple[dict[str, Angles], dict[str, Angles]],
) -> None:
    rest, goal = into
    # What is not seen of one side is taken to be as the other.
    start, end = _within(_filled(start)), _within(_filled(end))
    if not np.isfinite([*start, *end]).all():
        return
    sure = _SURE_DEG.get(view, 20.0)
    at_rest = tuple(0.0 if abs(value) < sure else value for value in start)
    moved = [b - a if abs(b - a) >= _MOVES_DEG else 0.0 for a, b in zip(start, end, strict=True)]
    if any(at_rest):
        rest[name] = _rounded(at_rest, name)
    if any(moved):
        goal[name] = _rounded([a + m for a, m in zip(at_rest, moved, strict=True)], name)
        if goal[name] == rest.get(name, 0.0):
            del goal[name]


def _mean(pair: Pair) -> float:
    """Return the mean of the sides that are known."""
    known = [value for value in pair if np.isfinite(value)]
    return sum(known) / len(known) if known else float("nan")


def _filled(pair: Pair) -> Pair:
    work, other = pair
    if np.isnan(work):
        return other, other
    return (work, work) if np.isnan(other) else pair


def _within(pair: Pair) -> Pair:
    """Return angles that a body can have; a landmark that jumps knows no such bounds."""
    low, high = _REACH_DEG
    return min(max(pair[0], low), high), min(max(pair[1], low), high)


def _rounded(pair: Sequence[float], name: str) -> Angles:
    work, other = (_STEP_DEG * round(value / _STEP_DEG) for value in pair)
    if name in SPINE_ANGLES or abs(work - other) < _MOVES_DEG:
        return _STEP_DEG * round((pair[0] + pair[1]) / 2.0 / _STEP_DEG)
    return work, other


def _free(goal: dict[str, Angles]) -> tuple[Limb, ...]:
    """Return the limbs that take no part: the legs where they stay, the arms beside the legs."""
    if not any(name in goal for name in _LEGS):
        return (Limb.LEGS,)
    return () if any(name in goal for name in _ARMS) else (Limb.ARMS,)


def _anchor(
    poses: Sequence[PoseFrame],
    measured: Measured,
    reps: Sequence[Swing],
    working: Sequence[Side],
) -> tuple[str, GuardSide]:
    """Return the landmark that moves least from rest to goal, the ankle where that hardly does."""
    ways: dict[tuple[str, GuardSide], float] = {}
    for name in _ANCHORS:
        left = Landmark[f"LEFT_{name.upper()}"]
        points = np.array([pose.image_px[left : left + 2] for pose in poses])
        scale = measured.scale_px[:, None]
        moved = []
        for rep, side in zip(reps, working, strict=True):
            first, last = np.searchsorted(measured.time_ms, [rep.rest_ms, rep.peak_ms])
            way = distance(points[first], points[last]) / scale[first]
            moved.append(way[::-1] if side is Side.RIGHT else way)
        work, other = np.median(np.array(moved), axis=0)
        ways[name, GuardSide.BOTH] = float(max(work, other))
        if Side.BOTH not in working:
            ways[name, GuardSide.OTHER] = float(other)
    still = [place for place, way in ways.items() if way < _ANCHOR_STILL_RATIO]
    known = [place for place, way in ways.items() if np.isfinite(way)]
    if still:
        return still[0]
    return min(known, key=lambda place: ways[place]) if known else ("ankle", GuardSide.BOTH)
