"""What every pose estimator promises."""

from types import TracebackType
from typing import Protocol, Self

from hep_vision.core.types import PoseFrame
from hep_vision.sources.base import Frame


class PoseEstimator(Protocol):
    """Finds one person's landmarks; frames must come in time order."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def estimate_pose(self, frame: Frame, image_size_px: tuple[int, int]) -> PoseFrame:
        """Return the landmarks of ``frame`` in pixels of a picture of ``image_size_px``.

        A frame in which nobody is found gives `PoseFrame.unseen`.

        Raises:
            PoseEstimationError: The estimator failed on the frame.
        """
        ...
