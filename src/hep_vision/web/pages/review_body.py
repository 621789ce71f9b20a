"""The body in each picture of a session, as numbers for the script that draws it.

A joint is ``[right, down, clearly seen]`` in pixels of the picture, or null. Edges are pairs of
places in the list of joints, whose first three are nose and ears.
"""

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from hep_vision.app.session_replay import Replay
from hep_vision.coach.describe import segments_of
from hep_vision.core.landmarks import BODY_EDGES, Landmark
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Hold, Rep, Side
from hep_vision.errors import NotThereError

_CLEAR: Final = 0.5
"""A landmark that the model trusts less than this is drawn faint, as in the live picture."""
_HEAD: Final = (Landmark.NOSE, Landmark.LEFT_EAR, Landmark.RIGHT_EAR)
_JOINTS: Final = (*_HEAD, *sorted({joint for edge in BODY_EDGES for joint in edge}))
_PLACE: Final = {joint: place for place, joint in enumerate(_JOINTS)}


def body(replay: Replay, start_ms: int, end_ms: int) -> dict[str, Any]:
    """Return the body in each picture of a part, as JSON values.

    Args:
        replay: The session.
        start_ms: Media time of the part.
        end_ms: Media time at which it ends.

    Raises:
        NotThereError: No landmarks can be read.
    """
    frames = replay.frames
    if frames is None:
        raise NotThereError("No landmarks of this session can be read.")
    within = (frames.timestamp_ms >= start_ms) & (frames.timestamp_ms < end_ms)
    image = frames.image_px[within][:, list(_JOINTS)]
    clear = frames.visibility[within][:, list(_JOINTS)] >= _CLEAR
    return {
        "size": list(frames.size_px),
        "edges": [[_PLACE[first], _PLACE[last]] for first, last in BODY_EDGES],
        "limb": _limb(replay),
        "flags": list(_flagged(replay)),
        "time_ms": frames.timestamp_ms[within].astype(np.int64).tolist(),
        "frames": [
            [_point(x, y, seen) for (x, y), seen in zip(points, sight, strict=True)]
            for points, sight in zip(image.tolist(), clear.tolist(), strict=True)
        ],
    }


def _point(x: float, y: float, seen: bool) -> list[float] | None:
    if not (math.isfinite(x) and math.isfinite(y)):
        return None
    return [round(x, 1), round(y, 1), int(seen)]


def _limb(replay: Replay) -> list[list[int]]:
    exercise = replay.exercise
    if exercise is None or exercise.reported is None:
        return []
    return _edges(exercise.reported.measure, replay.detail.row.header.side)


def _flagged(replay: Replay) -> Iterator[dict[str, Any]]:
    exercise = replay.exercise
    if exercise is None or exercise.reported is None:
        return
    measures = {check.id: check.measure for check in exercise.checks}
    for event in replay.detail.events:
        for one in event.deviations if isinstance(event, Rep | Hold) else ():
            measure = measures.get(one.id, "")
            known = measure if measure in MEASURES else exercise.reported.measure
            yield {
                "start_ms": one.start_ms,
                "end_ms": one.end_ms,
                "name": one.id.replace("_", " "),
                "edges": _edges(known, one.side),
            }


def _edges(measure: str, side: Side) -> list[list[int]]:
    return [
        [_PLACE[first], _PLACE[last]]
        for first, last in segments_of(measure, side)
        if first in _PLACE and last in _PLACE
    ]
