"""A flagged repetition to look at again: its clip where there is one, and its landmarks always.

Without a clip the landmarks alone are a replay: a stick figure, drawn from the stored track.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from hep_vision.core.clips import ClipPolicy, ClipScope, ClipSpan
from hep_vision.core.landmarks import BODY_EDGES
from hep_vision.sources.recorded import LandmarkTrack, read_track
from hep_vision.store.records import SessionDetail
from hep_vision.store.review_records import ClipRow
from hep_vision.store.sessions import SessionLog

JSON_SCHEMA: Final = 1
_EVERY: Final = ClipPolicy(ClipScope.EVERY)


@dataclass(frozen=True, slots=True)
class Replay:
    """One flagged repetition or hold.

    Attributes:
        span: Which, why, and the span to show: that of the clip where there is one.
        clip: Its clip; None where none was kept. `hep_vision.store.clips.ClipLog.path` checks it.
    """

    span: ClipSpan
    clip: ClipRow | None


def replays(log: SessionLog, detail: SessionDetail) -> tuple[Replay, ...]:
    """Return every flagged repetition and hold of a session, in their order.

    Raises:
        StoreError: The log cannot be read.
    """
    clips = {row.clip.ordinal: row for row in log.clips.rows(detail.row.session_id)}
    found = []
    for span in sorted(_EVERY.candidates(detail.events), key=lambda each: each.ordinal):
        row = clips.get(span.ordinal)
        if row is not None:
            clip = row.clip
            span = ClipSpan(span.ordinal, span.number, span.checks, clip.start_ms, clip.end_ms)
        found.append(Replay(span, row))
    return tuple(found)


def replay_landmarks(detail: SessionDetail, span: ClipSpan) -> dict[str, Any] | None:
    """Return the landmarks of a span of a session; None where it kept none.

    Raises:
        SourceOpenError: The landmark track is missing or damaged.
    """
    if detail.row.track_path is None:
        return None
    return clip_landmarks(read_track(detail.row.track_path), span.start_ms, span.end_ms)


def clip_landmarks(track: LandmarkTrack, start_ms: int, end_ms: int) -> dict[str, Any]:
    """Return the landmarks of a span as JSON values.

    Times count from ``start_ms``, as those of a clip do: a player at ``t`` milliseconds shows the
    last frame with ``t_ms <= t``. Landmarks are in pixels of ``image_size``, null where not seen.

    Args:
        track: The landmarks of the session.
        start_ms: Media time of the beginning.
        end_ms: Media time of the end, which is not in it.
    """
    inside = np.flatnonzero((track.timestamp_ms >= start_ms) & (track.timestamp_ms < end_ms))
    return {
        "schema": JSON_SCHEMA,
        "start_ms": start_ms,
        "end_ms": end_ms,
        "image_size": list(track.image_size_px),
        "edges": [[int(first), int(second)] for first, second in BODY_EDGES],
        "frames": [
            {
                "t_ms": int(track.timestamp_ms[place]) - start_ms,
                "xy": [_rounded(point, 1) for point in track.image_px[place].tolist()],
                "visibility": _rounded(track.visibility[place].tolist(), 3, each=True),
            }
            for place in inside.tolist()
        ],
    }


def _rounded(values: list[float], digits: int, *, each: bool = False) -> list[float | None] | None:
    """Return numbers for JSON; a point with an unknown coordinate is unknown, unless ``each``."""
    known = [None if value != value else round(value, digits) for value in values]
    return known if each or None not in known else None
