"""The eye of the live session: the newest picture of the camera and its landmarks, in a thread."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Protocol, Self

from hep_vision.coach.seen import Light, Seen
from hep_vision.pose.base import PoseEstimator
from hep_vision.sources.base import Frame

_WAIT_S: Final = 0.25
_PAUSE_S: Final = 0.01
"""Before the camera is asked again: one that is over answers at once."""
_PEOPLE_EVERY_MS: Final = 1_000


class NewestFrames(Protocol):
    """What the eye needs of a camera."""

    def newest(self, timeout_s: float) -> Frame | None:
        """Return the newest frame not handed out yet, or None after a while."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """One picture and what the pose model saw in it."""

    frame: Frame
    seen: Seen


class Eye:
    """Estimates poses as fast as they can be, always of the newest picture.

    Every glance is handed on, in time order: what the engine has seen is what the track holds.

    Args:
        camera: Where the pictures come from.
        make_estimator: Makes the pose estimator, in the eye's own thread.
        count_people: Counts the people in a picture, about once a second while asked to.
        keep: Takes a copy of each picture that was looked at, quickly.
    """

    def __init__(
        self,
        camera: NewestFrames,
        make_estimator: Callable[[], PoseEstimator],
        count_people: Callable[[Frame], int] | None = None,
        keep: Callable[[Frame], None] | None = None,
    ) -> None:
        self._camera = camera
        self._make_estimator = make_estimator
        self._count_people = count_people
        self._keep = keep
        self._people_ms: int | None = None
        self._people: int | None = None
        self._glances: list[Glance] = []
        self._new = threading.Condition()
        self._closing = threading.Event()
        self._error: Exception | None = None
        self._idle = False
        self.counts_people = False
        self._thread = threading.Thread(target=self._watch, name="eye", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._thread.join()

    @property
    def idle(self) -> bool:
        """Whether there was no new picture when last asked for one, and all others are looked at.

        Once the camera has ended, this means that nothing more will be seen.
        """
        return self._idle

    def take(self, timeout_s: float) -> list[Glance]:
        """Return all glances since the last call, after waiting for one.

        Raises:
            PoseEstimationError, ModelError, SourceError: What ended the thread.
        """
        with self._new:
            self._new.wait_for(lambda: self._glances or self._error, timeout_s)
            if self._error is not None:
                raise self._error
            glances, self._glances = self._glances, []
            return glances

    def _watch(self) -> None:
        try:
            with self._make_estimator() as estimator:
                while not self._closing.is_set():
                    self._idle = False
                    frame = self._camera.newest(_WAIT_S)
                    if frame is not None:
                        self._hand_on(self._look(frame, estimator))
                        self._count_in(frame)
                    else:
                        self._idle = True
                        self._closing.wait(_PAUSE_S)
        except Exception as error:  # noqa: BLE001 -- raised again in the thread that takes glances
            with self._new:
                self._error = error
                self._new.notify()

    def _look(self, frame: Frame, estimator: PoseEstimator) -> Glance:
        height, width = frame.rgb.shape[:2]
        pose = estimator.estimate_pose(frame, (width, height))
        people, self._people = self._people, None
        if self._keep is not None:
            self._keep(frame)
        return Glance(frame, Seen(pose, Light.of(frame.rgb, pose), people))

    def _count_in(self, frame: Frame) -> None:
        """Count the people, for the next glance: the present one need not wait for it."""
        if not self.counts_people or self._count_people is None:
            return
        if self._people_ms is None or frame.timestamp_ms - self._people_ms >= _PEOPLE_EVERY_MS:
            self._people_ms = frame.timestamp_ms
            self._people = self._count_people(frame)

    def _hand_on(self, glance: Glance) -> None:
        with self._new:
            self._glances.append(glance)
            self._new.notify()
