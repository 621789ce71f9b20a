"""A still of a flagged repetition: the body as the camera saw it, without the picture.

It is drawn from the landmarks that every session keeps, so it needs no clip, and shows no face.
"""

from dataclasses import dataclass
from html import escape
from itertools import takewhile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.landmarks import BODY_EDGES, Landmark
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Deviation, FloatArray, PoseFrame, Side
from hep_vision.core.whole_set import followed
from hep_vision.sources.recorded import LandmarkTrack

_HEIGHT_PX: Final = 220.0
_MARGIN: Final = 0.08
_NARROWEST: Final = 0.6
_WIDEST: Final = 1.8
_HEAD_SHARE: Final = 0.45
_CLEAR: Final = 0.5
"""A landmark that the model trusts less than this is drawn dashed."""


@dataclass(frozen=True, slots=True)
class _Look:
    body: str = "#5b636b"
    point: str = "#b84e00"


_LOOK: Final = _Look()


def flag_pose(track: LandmarkTrack, deviation: Deviation) -> PoseFrame | None:
    """Return the patient's pose in the middle of a deviation; None where nobody is seen in it.

    Args:
        track: The landmarks of its session.
        deviation: What was seen.
    """
    middle_ms = (deviation.start_ms + deviation.end_ms) / 2
    until_then = takewhile(lambda pose: pose.timestamp_ms <= deviation.end_ms, track.poses())
    seen = [
        pose
        for pose in followed(until_then)
        if pose.detected and deviation.start_ms <= pose.timestamp_ms
    ]
    return min(seen, key=lambda pose: abs(pose.timestamp_ms - middle_ms), default=None)


def flag_svg(pose: PoseFrame, exercise: ExerciseDefinition, deviation: Deviation) -> str | None:
    """Return a pose as an SVG element, the part of the body that the check looks at marked.

    Args:
        pose: As `flag_pose` gives it.
        exercise: What was done.
        deviation: What was seen; its value and threshold are for the words beside the drawing.

    Returns:
        None where nothing of the body is in the picture.
    """
    at_px = pose.image_px
    known: NDArray[np.bool_] = np.asarray(np.isfinite(at_px).all(axis=1))
    ends = np.array(BODY_EDGES, dtype=np.intp)
    ends = ends[known[ends].all(axis=1)]
    if not len(ends):
        return None
    head = _head(at_px, known)
    fit = _fitted(at_px[np.unique(ends)], head)
    at, width = fit.lay(at_px), fit.width_px
    marked = _marked(exercise, deviation)
    lines = [_line(at, first, last, pose, marked) for first, last in ends.tolist()]
    dots = [
        f'<circle cx="{at[one, 0]:.1f}" cy="{at[one, 1]:.1f}" r="5" fill="{_LOOK.point}"/>'
        for one in sorted(marked)
        if known[one]
    ]
    drawn_head = [] if head is None else [_circle(fit.lay(head[0]), fit.scale * head[1])]
    title = escape(f"The body in repetition {deviation.rep}, as the camera saw it.")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {_HEIGHT_PX:.0f}" '
        f'role="img" aria-label="{title}">' + "".join((*lines, *drawn_head, *dots)) + "</svg>"
    )


def _head(at_px: FloatArray, known: NDArray[np.bool_]) -> tuple[FloatArray, float] | None:
    """Return middle and radius of the head; None where it is not seen."""
    ears = [Landmark.LEFT_EAR.value, Landmark.RIGHT_EAR.value]
    shoulders = [Landmark.LEFT_SHOULDER.value, Landmark.RIGHT_SHOULDER.value]
    if not (known[ears].all() and known[shoulders].all()):
        return None
    middle, neck = at_px[ears].mean(axis=0), at_px[shoulders].mean(axis=0)
    return middle, _HEAD_SHARE * float(np.hypot(*(neck - middle)))


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Lays pixels of the picture into the drawing."""

    middle_px: FloatArray
    scale: float
    width_px: float

    def lay(self, at_px: FloatArray) -> FloatArray:
        centre = np.array([self.width_px, _HEIGHT_PX]) / 2
        return (at_px - self.middle_px) * self.scale + centre


def _fitted(points: FloatArray, head: tuple[FloatArray, float] | None) -> _Fit:
    if head is not None:
        points = np.vstack([points, head[0] - head[1], head[0] + head[1]])
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.maximum(high - low, 1.0)
    # A body that lies is wide and low: it gets as much width as it needs, up to a limit.
    width = float(np.clip(span[0] / span[1], _NARROWEST, _WIDEST)) * _HEIGHT_PX
    room = np.array([width, _HEIGHT_PX]) * (1 - 2 * _MARGIN)
    return _Fit((low + high) / 2, float((room / span).min()), width)


def _marked(exercise: ExerciseDefinition, deviation: Deviation) -> frozenset[int]:
    check = next((one for one in exercise.checks if one.id == deviation.id), None)
    name = check.measure if check is not None else ""
    if name not in MEASURES and exercise.reported is not None:
        name = exercise.reported.measure  # a check of time or of the goal
    if name not in MEASURES:
        return frozenset()
    sides = ("LEFT", "RIGHT") if deviation.side is Side.BOTH else (deviation.side.name,)
    return frozenset(
        Landmark[f"{side}_{part}"].value for side in sides for part in MEASURES[name].landmarks
    )


def _line(at: FloatArray, first: int, last: int, pose: PoseFrame, marked: frozenset[int]) -> str:
    (x1, y1), (x2, y2) = at[first], at[last]
    points_at = first in marked and last in marked
    colour, thick = (_LOOK.point, 5) if points_at else (_LOOK.body, 3)
    clear = min(pose.visibility[first], pose.visibility[last]) >= _CLEAR
    dashed = "" if clear else ' stroke-dasharray="4 4"'
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{thick}" stroke-linecap="round"{dashed}/>'
    )


def _circle(centre: FloatArray, radius_px: float) -> str:
    return (
        f'<circle cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{radius_px:.1f}" fill="none" '
        f'stroke="{_LOOK.body}" stroke-width="3"/>'
    )
