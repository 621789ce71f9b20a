"""A log in which every part of a session is there once, for tests of what is made of it."""

from pathlib import Path

import numpy as np

from hep_vision.core.audit import Audit
from hep_vision.core.personal import PersonalRange, SignalRange
from hep_vision.core.targets import Targets
from hep_vision.core.types import (
    Deviation,
    Hold,
    Rep,
    RepStatus,
    Severity,
    Side,
    TrackingLost,
    View,
)
from hep_vision.sources.recorded import LandmarkTrack, write_track
from hep_vision.store.records import (
    Correction,
    ModelRecord,
    SessionHeader,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.review_records import NewClip
from hep_vision.store.sessions import SessionLog, SessionWriter
from practised import moment

FRAMES = 3
_FAULT = Deviation("knees_in", 1, Side.LEFT, Severity.WARN, 0, 900, 9.0, 5.0, "deg", "Knees out.")


def whole_session(log: SessionLog, ahead: int = 1) -> str:
    """Enter a session of a video with everything that there can be, and return its id."""
    at = moment(ahead).isoformat()
    writer = log.begin(
        SessionHeader(
            "squat",
            1,
            Side.BOTH,
            SourceRecord(SourceKind.VIDEO, "squat.mp4", 1000, 640, 480, 9000, "0" * 64),
            at,
            "0.1.0",
            "0.10.33",
            ModelRecord("full", "1" * 64),
            Targets(goal=60.0, side=Side.LEFT, measure="knee_flexion"),
            PersonalRange((SignalRange("knee_flexion", View.SIDE, Side.BOTH, 58.0),), "before"),
        )
    )
    times = (0, 900, 1800)
    counted = (RepStatus.COUNTED, None, 60.0, 55.0, 8.0, 900, 900, 0, (_FAULT,), ("tempo",))
    unseen = (RepStatus.REJECTED, "another movement", None, None, None, 900, 900, 0)
    writer.record(Rep(1, Side.LEFT, *times, *counted))
    writer.record(Rep(None, Side.BOTH, 2000, 2900, 3800, *unseen))
    writer.record(Hold(1, Side.BOTH, 4000, 6000, 1900, (), ("trunk",)))
    writer.record(TrackingLost(6000, 6500))
    writer.keep_track(lambda path: write_track(path, some_track()))
    writer.keep_audit(Audit(3, uncertain=True))
    writer.finish(at, TrackingQuality(270, 0.98, View.SIDE, view_ok=True))
    log.correct(writer.session_id, Correction(2, at, "one was missed"))
    return writer.session_id


def bare_session(log: SessionLog, ahead: int = 1) -> str:
    """Enter a session of which next to nothing is known, and return its id."""
    source = SourceRecord(SourceKind.TRACK, "set.npz")
    at = moment(ahead).isoformat()
    return log.begin(SessionHeader("plank", 1, Side.BOTH, source, at, "0.1.0")).session_id


def live_session(log: SessionLog, ahead: int = 5) -> SessionWriter:
    """Begin a session before the camera."""
    source = SourceRecord(SourceKind.WEBCAM, "0")
    at = moment(ahead).isoformat()
    return log.begin(SessionHeader("squat", 1, Side.BOTH, source, at, "0.1.0"))


def counted_rep(index: int) -> Rep:
    """Return one of many repetitions that are all alike."""
    begin_ms = 2_000 * index
    times = (begin_ms, begin_ms + 900, begin_ms + 1_800)
    return Rep(index, Side.BOTH, *times, RepStatus.COUNTED, None, 60.0, 55.0, 8.0, 900, 900, 0)


def some_track() -> LandmarkTrack:
    """Return a short track in which nobody is seen at first."""
    image_px = np.full((FRAMES, 33, 2), np.nan, np.float32)
    image_px[1:] = 12.25
    visibility = np.full((FRAMES, 33), np.nan, np.float32)
    visibility[1:] = 0.5
    return LandmarkTrack(
        np.arange(0, 40 * FRAMES, 40),
        image_px,
        np.full((FRAMES, 33, 3), np.nan, np.float32),
        visibility,
        (640, 480),
    )


def lose_track(folder: Path, session_id: str) -> None:
    """Remove the file of a track, as somebody may who tidies up."""
    (folder / "tracks" / f"{session_id}.npz").unlink()


def keep_clip(log: SessionLog, session_id: str, content: bytes = b"0123456789") -> str:
    """Keep a clip of the flagged repetition of a `whole_session`, and return its id."""
    draft = log.clips.draft()
    draft.write_bytes(content)
    at = moment(1).isoformat()
    clip = NewClip(0, 1, ("knees_in",), 0, 80, 64, 48, 25.0, blurred=False, created_at=at)
    return log.clips.add(session_id, clip, draft).clip_id
