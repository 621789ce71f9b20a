"""Analyse one recording in one pass: frames or landmarks in; events, log, overlay, trace out."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from hep_vision import __version__
from hep_vision.app.booking import SessionBook, now
from hep_vision.app.screen import OverlayScreen
from hep_vision.core.audit import Audit, doubt
from hep_vision.core.clips import ClipPolicy
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.measures import MEASURES
from hep_vision.core.personal import PersonalRange
from hep_vision.core.summary import (
    SetSummary,
    Tracking,
    remarks,
    summarise,
)
from hep_vision.core.targets import Targets
from hep_vision.core.types import Event, PoseFrame, Side, Trace
from hep_vision.errors import SourceOpenError
from hep_vision.sources.base import Frame, SourceInfo
from hep_vision.sources.recorded import LandmarkTrack, TrackRecorder, read_track
from hep_vision.sources.track_store import StoredTrack
from hep_vision.sources.video_file import READ_AS_USUAL, ReadSettings, VideoFile, read_ahead
from hep_vision.stages import COUNT, INFERENCE, LOG, NO_TIMER, OVERLAY, Profile, StageTimer, Timer

if TYPE_CHECKING:
    from hep_vision.app.filmed import Booked, Booking
    from hep_vision.core.recognition import Recognition
    from hep_vision.store.records import SessionHeader
    from hep_vision.store.review_records import ClipRow
    from hep_vision.store.sessions import SessionLog, SessionWriter

TRACK_SUFFIX: Final = ".npz"
_POSES_AHEAD: Final = 2

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Model:
    """The pose model to use."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Task:
    """What to do with one recording.

    Attributes:
        path: A video, or a landmark track (``.npz``).
        definition: The exercise to count.
        side: The prescribed side, or None to follow the person.
        model: Pose model; None for a track, which brings its landmarks.
        overlay: Where to write the picture with everything drawn on it, or None.
        targets: What ``definition`` was prescribed with, or None; it is booked, not applied again.
        personal: What the person usually does, or None.
        notes: What a person must know of how this was set up.
        booking: How it counts as done by a program, or None; it needs a log.
        clips: Which flagged repetitions become clips, once all is booked; None makes none.
        blur_faces: Whether faces are hidden in the clips.
        landmarks: What was estimated from it before; pictures are read for an overlay only.
        recognised: What ``definition`` was chosen by, or None where a person said it.
        reading: How a video is read.
        profiled: Whether to measure what takes how long.
    """

    path: Path
    definition: ExerciseDefinition
    side: Side | None = None
    model: Model | None = None
    overlay: Path | None = None
    targets: Targets | None = None
    personal: PersonalRange | None = None
    notes: tuple[str, ...] = ()
    booking: "Booking | None" = None
    clips: ClipPolicy | None = None
    blur_faces: bool = False
    landmarks: StoredTrack | None = None
    recognised: "Recognition | None" = None
    reading: ReadSettings = READ_AS_USUAL
    profiled: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """Everything found in one recording.

    ``booked`` is None where it does not count as done by a program; ``booking_notes`` say why.
    ``clips`` are those that were cut from it once it was booked.
    """

    task: Task
    info: SourceInfo
    duration_ms: int
    tracking: Tracking
    summary: SetSummary
    events: tuple[Event, ...]
    trace: Trace
    warnings: tuple[str, ...]
    session_id: str | None
    audit: Audit | None
    booked: "Booked | None" = None
    booking_notes: tuple[str, ...] = ()
    clips: "tuple[ClipRow, ...]" = ()
    profile: Profile | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person must know beside the numbers."""
        definition = self.task.definition
        told = remarks(definition, self.summary, self.tracking, self.duration_ms)
        return (*told, *doubt(self.audit), *self.task.notes, *self.booking_notes)


def analyse(
    task: Task, *, log: "SessionLog | None" = None, progress: Progress | None = None
) -> Analysis:
    """Analyse one recording.

    Args:
        task: What to analyse.
        log: Where to book the session as it happens, or None.
        progress: Called with the share done, 0..1.

    Raises:
        SourceError: The recording cannot be used, or nobody is in it.
        ModelError: The pose model cannot be used.
        PoseEstimationError: The model failed.
        StoreError: The log cannot be written.
        ExportError: The overlay cannot be written.
    """
    timer = StageTimer() if task.profiled else NO_TIMER
    with ExitStack() as stack:
        stream = _stream_of(task, stack, timer)
        run = _Run(task, stream, stack, log, timer)
        if isinstance(timer, StageTimer):
            timer.begin()
        try:
            for frame, pose in stream.poses:
                run.take(frame, pose)
                if progress is not None:
                    progress(_share(stream.info, pose.timestamp_ms))
            found = run.finish(stream.warnings())
        except BaseException:
            run.abandon()
            raise
    if isinstance(timer, StageTimer):
        found = replace(found, profile=timer.profile(found.tracking.frames))
    return found


def estimate_track(task: Task) -> LandmarkTrack:
    """Return the landmarks of a recording, without counting anything.

    Raises:
        SourceError, ModelError, PoseEstimationError: As for `analyse`.
    """
    return read_landmarks(task.path, task.model, reading=task.reading)


def read_landmarks(
    path: Path,
    model: Model | None,
    progress: Progress | None = None,
    *,
    reading: ReadSettings = READ_AS_USUAL,
) -> LandmarkTrack:
    """Return the landmarks of a recording, of which no exercise is known yet.

    Args:
        path: A video, or a landmark track.
        model: Pose model; None for a track.
        progress: Called with the share done, 0..1.
        reading: How a video is read.

    Raises:
        SourceError, ModelError, PoseEstimationError: As for `analyse`.
    """
    return estimate(path, model, progress, reading=reading).track


def estimate(
    path: Path,
    model: Model | None,
    progress: Progress | None = None,
    *,
    reading: ReadSettings = READ_AS_USUAL,
) -> StoredTrack:
    """Return the landmarks of a recording with what else of it `analyse` asks for.

    Args and errors are those of `read_landmarks`.
    """
    with ExitStack() as stack:
        stream = _open_stream(path, model, reading, stack)
        recorder = TrackRecorder((stream.info.width_px, stream.info.height_px))
        for _, pose in stream.poses:
            recorder.add(pose)
            if progress is not None:
                progress(_share(stream.info, pose.timestamp_ms))
        return StoredTrack.of(recorder.track(), stream.info, stream.warnings())


@dataclass(frozen=True, slots=True)
class _Stream:
    info: SourceInfo
    poses: Iterator[tuple[Frame | None, PoseFrame]]
    warnings: Callable[[], tuple[str, ...]]
    track: LandmarkTrack | None = None


def _stream_of(task: Task, stack: ExitStack, timer: Timer) -> _Stream:
    """Return what to look at: landmarks that are there already are not estimated again."""
    stored = task.landmarks
    if stored is None:
        return _open_stream(task.path, task.model, task.reading, stack, timer)
    poses = _recorded(stored.track)
    if task.overlay is not None and task.path.suffix.lower() != TRACK_SUFFIX:
        frames = stack.enter_context(VideoFile(task.path, task.reading, timer=timer))
        # The landmarks are those of these pictures, one for each.
        poses = zip(frames, stored.track.poses(), strict=True)
    return _Stream(stored.info(task.path), poses, lambda: stored.warnings, stored.track)


def _open_stream(
    path: Path,
    model: Model | None,
    reading: ReadSettings,
    stack: ExitStack,
    timer: Timer = NO_TIMER,
) -> _Stream:
    if path.suffix.lower() == TRACK_SUFFIX:
        track = read_track(path)
        return _Stream(_track_info(path, track), _recorded(track), tuple, track)
    return _open_video(path, model, reading, stack, timer)


def _open_video(
    path: Path,
    model: Model | None,
    reading: ReadSettings,
    stack: ExitStack,
    timer: Timer = NO_TIMER,
) -> _Stream:
    from hep_vision.pose.looking_again import LookingAgain
    from hep_vision.pose.mediapipe_tasks import MediaPipePose

    if model is None:
        raise ValueError("a video needs a model")
    video = stack.enter_context(VideoFile(path, reading, timer=timer))
    pose = stack.enter_context(LookingAgain(partial(MediaPipePose, model.path)))
    size_px = (video.info.width_px, video.info.height_px)

    def poses() -> Iterator[tuple[Frame, PoseFrame]]:
        for frame in video:
            with timer.timed(INFERENCE):
                found = pose.estimate_pose(frame, size_px)
            yield frame, found

    # What is made of a pose overlaps with the estimation of the next; closed before the estimator.
    ahead = read_ahead(poses(), _POSES_AHEAD, "pose-estimator")
    stack.callback(ahead.close)
    return _Stream(video.info, ahead, lambda: video.warnings)


def _recorded(track: LandmarkTrack) -> Iterator[tuple[Frame | None, PoseFrame]]:
    for pose in track.poses():
        yield None, pose


def _track_info(path: Path, track: LandmarkTrack) -> SourceInfo:
    if not len(track):
        raise SourceOpenError(f"{path}: the landmark track has no frames.")
    duration_ms = int(track.timestamp_ms[-1] - track.timestamp_ms[0])
    width_px, height_px = track.image_size_px
    return SourceInfo(str(path), width_px, height_px, duration_ms, len(track))


def _share(info: SourceInfo, timestamp_ms: int) -> float:
    return min(1.0, timestamp_ms / info.duration_ms) if info.duration_ms else 0.0


class _Run:
    """The sinks of one pass: engine, book, trace and overlay."""

    def __init__(
        self,
        task: Task,
        stream: _Stream,
        stack: ExitStack,
        log: "SessionLog | None",
        timer: Timer,
    ) -> None:
        self._timer = timer
        self._task = task
        self._info = info = stream.info
        self._log = log
        self._engine = ExerciseEngine(task.definition, task.side, task.personal)
        self._trace: list[tuple[int, float, float, float]] = []
        self._screen = stack.enter_context(
            OverlayScreen(task.overlay, task.definition)
            if task.overlay is not None
            else nullcontext()
        )
        # The log holds what was judged; a person's own report is not for a camera to book.
        judged = task.definition.kind is not Kind.SELF_TIMED
        self._writer = _begin(task, info, log) if log is not None and judged else None
        size_px = (info.width_px, info.height_px)
        self._book = SessionBook(
            task.definition, task.side, size_px, self._writer, known=stream.track
        )

    def take(self, frame: Frame | None, pose: PoseFrame) -> None:
        """Take in one frame."""
        with self._timer.timed(COUNT):
            events = self._engine.process(pose)
            state = self._engine.state
            self._trace.append((pose.timestamp_ms, state.value, *state.left_right))
        with self._timer.timed(LOG):
            self._book.take(pose, state, events)
        if self._screen is not None and frame is not None:
            with self._timer.timed(OVERLAY):
                self._screen.show(frame, self._engine.pose or pose, state, events)

    def finish(self, warnings: tuple[str, ...]) -> Analysis:
        """End the pass and return what was found; the log is closed."""
        self._book.add(self._engine.finish())
        tracking = self._book.tracking
        if not tracking.frames:
            raise SourceOpenError(f"{self._info.path}: holds no picture that can be read.")
        self_timed = self._task.definition.kind is Kind.SELF_TIMED
        if not tracking.detected_ratio and not self_timed:
            raise SourceOpenError(
                f"{self._info.path}: no person was seen in any of {tracking.frames} pictures; "
                "check the light and that the whole body is in view."
            )
        track = self._book.track
        with self._timer.timed(COUNT):
            audit = self._book.audit(track)
        events = self._book.events
        booking = self._task.booking
        duration_ms = int(track.timestamp_ms[-1] - track.timestamp_ms[0])
        with self._timer.timed(LOG):
            self._book.close(track, audit, reason=booking.short_of(events) if booking else None)
        booked, notes = self._enter(duration_ms)
        return Analysis(
            self._task,
            self._info,
            duration_ms,
            tracking,
            summarise(events),
            tuple(events),
            self._traced(),
            warnings,
            self._writer.session_id if self._writer is not None else None,
            audit,
            booked,
            notes,
        )

    def _enter(self, duration_ms: int) -> "tuple[Booked | None, tuple[str, ...]]":
        """Have a program know of this recording; the log is closed already."""
        booking = self._task.booking
        if booking is None or self._log is None or self._writer is None:
            return None, ()
        booked = booking.enter(self._log, self._writer.session_id, duration_ms, self._book.events)
        if isinstance(booked, str):  # the same file was booked while this one was analysed
            self._writer.discard()
            self._writer = None
            return None, (booked,)
        return booked, booking.notes(booked, self._book.events)

    def abandon(self) -> None:
        """Leave nothing half-written, but keep repetitions that are already in the log."""
        self._book.abandon()

    def _traced(self) -> Trace:
        """Return the reported measure of the side that worked most."""
        reported = self._task.definition.reported
        measure = reported.measure if reported is not None else None
        by_side = summarise(self._book.events).by_side
        side = max(by_side, key=lambda item: by_side[item]) if any(by_side.values()) else Side.BOTH
        side = self._task.side or side
        column = {Side.BOTH: 1, Side.LEFT: 2, Side.RIGHT: 3}[side]
        prefix = "" if side is Side.BOTH else f"{side} "
        return Trace(
            np.array([row[0] for row in self._trace], dtype=np.int64),
            np.array([row[column] for row in self._trace], dtype=np.float64),
            MEASURES[measure].unit if measure else "",
            prefix + measure.replace("_", " ") if measure else "",
        )


def _begin(task: Task, info: SourceInfo, log: "SessionLog") -> "SessionWriter":
    booking = task.booking
    if booking is None:
        return log.begin(session_header(task, info, now()))
    return log.begin(session_header(task, info, booking.filmed.at.isoformat(), booking.sha256))


def session_header(
    task: Task, info: SourceInfo, started_at: str, sha256: str | None = None
) -> "SessionHeader":
    """Return what is known of the session of a recording when it begins.

    Args:
        task: What is analysed.
        info: Its source.
        started_at: The moment it began.
        sha256: Checksum of the file, where it is known.
    """
    from hep_vision.store.records import ModelRecord, SessionHeader, SourceKind, SourceRecord

    is_track = task.path.suffix.lower() == TRACK_SUFFIX
    source = SourceRecord(
        SourceKind.TRACK if is_track else SourceKind.VIDEO,
        str(task.path.resolve()),
        task.path.stat().st_size,
        info.width_px,
        info.height_px,
        info.duration_ms,
        sha256,
    )
    model = None
    if task.model is not None:
        model = ModelRecord(task.model.name, task.model.sha256)
    return SessionHeader(
        task.definition.id,
        task.definition.revision,
        task.side or task.definition.side or Side.BOTH,
        source,
        started_at,
        __version__,
        mediapipe_version(task),
        model,
        task.targets,
        task.personal,
    )


def mediapipe_version(task: Task) -> str | None:
    """Return the version that finds the landmarks, or None where a track brings its own."""
    return version("mediapipe") if task.model is not None else None


def find_model(name: str, data_dir: Path) -> Model:
    """Return a model that is on this machine and whole.

    Raises:
        ModelMissingError: It is not here; the message says how to get it.
        ModelDamagedError: Its checksum does not match.
    """
    from hep_vision.pose import model_file

    info = model_file.find_model(name)
    path = model_file.locate(name, data_dir / "models")
    model_file.verify(path, info)
    return Model(name, path, info.sha256)
