"""Pose estimation with the MediaPipe Tasks API; the only importer of mediapipe.

mediapipe is imported when an estimator is made, not before: that takes a second or more.
"""

import contextlib
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from hep_vision.core.types import PoseFrame
from hep_vision.errors import ModelDamagedError, ModelMissingError, PoseEstimationError
from hep_vision.quiet import quiet_stderr
from hep_vision.sources.base import Frame

# What the Tasks API raises, one for each status of its C library.
_MEDIAPIPE_ERRORS: Final = (RuntimeError, ValueError, OSError, NotImplementedError, IndexError)


class MediaPipePose:
    """The landmarks of one person, tracked from frame to frame.

    A `PoseEstimator`: use it as a context manager. Landmarks are rounded to float32, the precision
    of a stored track, so that a track gives the same events as the video it was made from.
    Landmarks outside the picture keep the place the model guesses, with a low visibility.
    """

    def __init__(
        self,
        model_path: Path,
        *,
        min_detection_confidence: float = 0.5,
        min_presence_confidence: float = 0.5,
        min_tracking_confidence: float = 0.5,
    ) -> None:
        """Load the model.

        Args:
            model_path: A pose landmarker bundle (``.task``).
            min_detection_confidence: Score, 0..1, from which a person counts as found.
            min_presence_confidence: Score from which landmarks count as a person's.
            min_tracking_confidence: Score below which the person is searched for anew.

        Raises:
            ModelMissingError: The file is not there or cannot be read.
            ModelDamagedError: The file is not a pose landmarker bundle.
            PoseEstimationError: MediaPipe cannot be loaded on this machine.
        """
        self._mediapipe = _import_mediapipe()
        self._landmarker = _landmarker(
            self._mediapipe,
            model_path,
            running_mode=self._mediapipe.tasks.vision.RunningMode.VIDEO,
            num_poses=1,
            min_pose_detection_confidence=min_detection_confidence,
            min_pose_presence_confidence=min_presence_confidence,
            min_tracking_confidence=min_tracking_confidence,
        )
        self._last_ms: int | None = None
        self._person_seen = False
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the model; harmless when repeated."""
        if not self._closed:
            self._closed = True
            self._landmarker.close()

    def estimate_pose(self, frame: Frame, image_size_px: tuple[int, int]) -> PoseFrame:
        """Return the landmarks of ``frame`` in pixels of a picture of ``image_size_px``.

        A frame in which nobody is found gives `PoseFrame.unseen`.

        Raises:
            PoseEstimationError: The time stamp is not after the one before, or MediaPipe failed.
        """
        if self._closed:
            raise PoseEstimationError("The pose estimator is closed; make a new one.")
        if self._last_ms is not None and frame.timestamp_ms <= self._last_ms:
            # MediaPipe may never recover from such a stamp, so it must not see it.
            raise PoseEstimationError(
                f"The frame at {frame.timestamp_ms} ms came after the one at {self._last_ms} ms; "
                "frames must come in time order."
            )
        self._last_ms = frame.timestamp_ms
        image = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(frame.rgb)
        )
        try:
            # The library's last remark comes with the first person.
            with contextlib.nullcontext() if self._person_seen else quiet_stderr():
                result = self._landmarker.detect_for_video(image, frame.timestamp_ms)
        except _MEDIAPIPE_ERRORS as error:
            raise PoseEstimationError(
                f"MediaPipe failed on the frame at {frame.timestamp_ms} ms: {_one_line(error)}."
            ) from error
        if not result.pose_landmarks:
            return PoseFrame.unseen(frame.timestamp_ms, image_size_px)
        self._person_seen = True
        return _pose_frame(
            frame.timestamp_ms,
            result.pose_landmarks[0],
            result.pose_world_landmarks[0],
            image_size_px,
        )


class MediaPipePeople:
    """Counts the people in single pictures, up to two: whether the patient is alone."""

    _MOST: Final = 2

    def __init__(self, model_path: Path) -> None:
        """Load the model.

        Raises:
            ModelMissingError: The file is not there or cannot be read.
            ModelDamagedError: The file is not a pose landmarker bundle.
            PoseEstimationError: MediaPipe cannot be loaded on this machine.
        """
        self._mediapipe = _import_mediapipe()
        modes = self._mediapipe.tasks.vision.RunningMode
        self._landmarker = _landmarker(
            self._mediapipe, model_path, running_mode=modes.IMAGE, num_poses=self._MOST
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._landmarker.close()

    def count(self, frame: Frame) -> int:
        """Return how many people are seen in a frame, 2 for more.

        Raises:
            PoseEstimationError: MediaPipe failed.
        """
        image = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(frame.rgb)
        )
        try:
            with quiet_stderr():
                return len(self._landmarker.detect(image).pose_landmarks)
        except _MEDIAPIPE_ERRORS as error:
            raise PoseEstimationError(
                f"MediaPipe failed on the frame at {frame.timestamp_ms} ms: {_one_line(error)}."
            ) from error


def _landmarker(mediapipe: Any, model_path: Path, **options: Any) -> Any:
    try:
        model = model_path.read_bytes()
    except OSError as error:
        raise ModelMissingError(
            f"The model file {model_path} cannot be read: {error.strerror}; "
            "see which there are with: hep-vision models list"
        ) from error
    tasks = mediapipe.tasks
    try:
        with quiet_stderr():
            return tasks.vision.PoseLandmarker.create_from_options(
                tasks.vision.PoseLandmarkerOptions(
                    base_options=tasks.BaseOptions(model_asset_buffer=model), **options
                )
            )
    except _MEDIAPIPE_ERRORS as error:
        raise ModelDamagedError(
            f"The model file {model_path} is damaged or not a pose model "
            f"({_one_line(error)}); get it again or install hep-vision again."
        ) from error


def _pose_frame(
    timestamp_ms: int, normalised: list[Any], world: list[Any], image_size_px: tuple[int, int]
) -> PoseFrame:
    seen = np.array([(point.x, point.y, point.visibility) for point in normalised])
    return PoseFrame(
        timestamp_ms=timestamp_ms,
        image_px=(seen[:, :2] * image_size_px).astype(np.float32),
        world_m=np.array([(point.x, point.y, point.z) for point in world], np.float32),
        visibility=seen[:, 2].astype(np.float32),
        image_size_px=image_size_px,
    )


def _import_mediapipe() -> Any:
    try:
        import mediapipe
    except (ImportError, OSError) as error:
        raise PoseEstimationError(
            f"MediaPipe cannot be loaded on this machine: {_one_line(error)}; "
            "see the requirements in the README."
        ) from error
    return mediapipe


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
