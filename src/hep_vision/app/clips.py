"""Clips of recordings, and clips for somebody else: cut from the file, and written out again."""

import json
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hep_vision.app.booking import now
from hep_vision.app.replay import clip_landmarks
from hep_vision.core.clips import ClipPolicy, ClipSpan
from hep_vision.core.face import FaceFinder
from hep_vision.errors import ExportError, SourceError
from hep_vision.exports.face_blur import hide
from hep_vision.exports.video import VideoWriter
from hep_vision.files import private_draft
from hep_vision.sources.base import Frame
from hep_vision.sources.recorded import LandmarkTrack, read_track
from hep_vision.sources.video_file import READ_AS_USUAL, ReadSettings, VideoFile
from hep_vision.store.records import SessionDetail
from hep_vision.store.review_records import ClipRow, NewClip
from hep_vision.store.sessions import SessionLog

_FEWEST_FRAMES: Final = 2


@dataclass(slots=True)
class _Cut:
    """A clip that is being cut from a recording."""

    span: ClipSpan
    draft: Path
    writer: VideoWriter | None = None
    stamps: list[int] = field(default_factory=list)


def cut_clips(
    log: SessionLog,
    video: Path,
    session_id: str,
    policy: ClipPolicy,
    *,
    blurs: bool,
    reading: ReadSettings = READ_AS_USUAL,
) -> list[ClipRow]:
    """Cut the clips of a session from the recording it was made from, by the file's own times.

    Args:
        log: The log that holds the session, and takes the clips.
        video: The recording.
        session_id: Whole id of the session.
        policy: What is worth a clip.
        blurs: Whether faces are hidden in what is kept.
        reading: How the recording was read.

    Raises:
        SourceError: The recording cannot be read any more.
        ExportError, StoreError: A clip cannot be written or kept.
    """
    detail = log.session(session_id)
    spans = policy.pick(detail.events)
    if not spans:
        return []
    face = _face(_track(detail)) if blurs else None
    cuts = [_Cut(span, log.clips.draft()) for span in spans]
    try:
        with ExitStack() as stack:
            frames = stack.enter_context(VideoFile(video, reading))
            for frame in frames:
                for cut in cuts:
                    if cut.span.start_ms <= frame.timestamp_ms < cut.span.end_ms:
                        _write(cut, frame, face, stack)
                if all(frame.timestamp_ms >= cut.span.end_ms for cut in cuts):
                    break
        return [
            log.clips.add(session_id, _described(cut, blurs), cut.draft)
            for cut in cuts
            if cut.writer is not None and len(cut.stamps) >= _FEWEST_FRAMES
        ]
    finally:
        for cut in cuts:
            cut.draft.unlink(missing_ok=True)


def export_clips(log: SessionLog, session: str, folder: Path, *, blurs: bool) -> list[Path]:
    """Write the clips of a session for somebody else, each with its landmarks beside it.

    Args:
        log: The log.
        session: Id of the session, or enough of its beginning.
        folder: Where to; made for its owner only where it is not there.
        blurs: Whether faces are hidden. Where no landmarks were kept all of the picture is.

    Returns:
        The videos written.

    Raises:
        ClipError, StoreError: A clip is missing or damaged, or the log cannot be read.
        SourceError: A clip cannot be decoded.
        ExportError: The folder cannot be written.
    """
    detail = log.session(session)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"cannot make the folder {folder}: {error.strerror}. Choose another with --out."
        ) from error
    track = _track(detail)
    written = []
    for row in log.clips.rows(detail.row.session_id):
        source = log.clips.path(row)
        path = folder / _name(detail, row)
        if blurs and not row.clip.blurred:
            _write_hidden(source, path, row, track)
        else:
            with private_draft(path, "the clip") as draft:
                shutil.copyfile(source, draft)
        if track is not None:
            landmarks = clip_landmarks(track, row.clip.start_ms, row.clip.end_ms)
            with private_draft(path.with_suffix(".json"), "the landmarks") as draft:
                draft.write_text(json.dumps(landmarks), encoding="utf-8")
        written.append(path)
    return written


def _write(cut: _Cut, frame: Frame, face: FaceFinder | None, stack: ExitStack) -> None:
    if cut.writer is None:
        height, width = frame.rgb.shape[:2]
        writer = VideoWriter(cut.draft, (width, height), origin_ms=frame.timestamp_ms)
        cut.writer = stack.enter_context(writer)
    rgb = frame.rgb
    if face is not None:
        rgb = hide(rgb, face.regions(frame.timestamp_ms), face.image_size_px)
    cut.writer.write(rgb, frame.timestamp_ms)
    cut.stamps.append(frame.timestamp_ms)


def _described(cut: _Cut, blurred: bool) -> NewClip:
    assert cut.writer is not None
    stamps, span = cut.stamps, cut.span
    end_ms = stamps[-1] + stamps[-1] - stamps[-2]
    fps = round(1000 * len(stamps) / (end_ms - stamps[0]), 3)
    what = (span.ordinal, span.number, span.checks, stamps[0], end_ms)
    return NewClip(*what, *cut.writer.size_px, fps, blurred, now())


def _write_hidden(source: Path, path: Path, row: ClipRow, track: LandmarkTrack | None) -> None:
    face, clip = _face(track), row.clip
    with (
        VideoFile(source, ReadSettings(max_rate_hz=None)) as video,
        VideoWriter(path, (clip.width_px, clip.height_px)) as writer,
    ):
        for frame in video:
            regions = face.regions(clip.start_ms + frame.timestamp_ms)
            writer.write(hide(frame.rgb, regions, face.image_size_px), frame.timestamp_ms)


def _face(track: LandmarkTrack | None) -> FaceFinder:
    return FaceFinder(list(track.poses()) if track is not None else [])


def _track(detail: SessionDetail) -> LandmarkTrack | None:
    """Return the landmarks of a session; None where there are none any more."""
    if detail.row.track_path is None:
        return None
    try:
        return read_track(detail.row.track_path)
    except SourceError:
        return None


def _name(detail: SessionDetail, row: ClipRow) -> str:
    """Return a file name that tells the clips of a therapist's folder apart."""
    exercise = "".join(c for c in detail.row.header.exercise_id if c.isalnum() or c in "_-")
    return f"{exercise}-{row.session_id[:8]}-{row.clip.rep:02d}-{row.clip_id[:8]}.mp4"
