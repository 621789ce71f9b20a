"""The eye hands on every glance in order, counts people when asked, and tells what ended it."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import numpy as np
import pytest

from hep_vision.app.eye import Eye, Glance
from hep_vision.core.types import PoseFrame
from hep_vision.errors import ModelDamagedError, PoseEstimationError
from hep_vision.sources.base import Frame

STUCK_S = 30.0
"""Only a broken eye lets a test wait for this long."""


def frames(*stamps_ms: int) -> Iterator[Frame]:
    picture = np.full((48, 64, 3), 100, np.uint8)
    return (Frame(index, stamp, picture) for index, stamp in enumerate(stamps_ms))


class Playing:
    """A camera that has these frames and then no more."""

    def __init__(self, *stamps_ms: int) -> None:
        self._frames = frames(*stamps_ms)

    def newest(self, timeout_s: float) -> Frame | None:
        return next(self._frames, None)


class Nobody:
    """A pose estimator that sees nobody, and may fail."""

    def __init__(self, failing_at_ms: int | None = None) -> None:
        self._failing_at_ms = failing_at_ms

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    def estimate_pose(self, frame: Frame, image_size_px: tuple[int, int]) -> PoseFrame:
        if frame.timestamp_ms == self._failing_at_ms:
            raise PoseEstimationError("it failed")
        return PoseFrame.unseen(frame.timestamp_ms, image_size_px)


def everything(eye: Eye) -> list[Glance]:
    """Take until nothing more will come."""
    taken: list[Glance] = []
    for _ in range(round(STUCK_S / 0.01)):
        was_idle = eye.idle
        glances = eye.take(0.01)
        taken += glances
        if was_idle and not glances:
            return taken
    raise AssertionError("the eye does not come to rest")


def test_every_glance_is_handed_on_in_order() -> None:
    stamps_ms = tuple(range(0, 1_000, 33))
    with Eye(Playing(*stamps_ms), Nobody) as eye:
        taken = everything(eye)
    assert tuple(glance.seen.pose.timestamp_ms for glance in taken) == stamps_ms
    assert {round(glance.seen.light.picture) for glance in taken} == {100}


def test_people_are_counted_about_once_a_second_while_asked_to() -> None:
    counted_ms: list[int] = []

    def count(frame: Frame) -> int:
        counted_ms.append(frame.timestamp_ms)
        return 2

    eye = Eye(Playing(*range(0, 2_500, 100)), Nobody, count)
    eye.counts_people = True
    with eye:
        taken = everything(eye)
    assert counted_ms == [0, 1_000, 2_000]
    # No picture waits for the count: it comes with the next one.
    told = [g.frame.timestamp_ms for g in taken if g.seen.people == 2]
    assert told == [100, 1_100, 2_100]


def test_people_are_not_counted_otherwise() -> None:
    def count(frame: Frame) -> int:
        raise AssertionError("nobody asked")

    with Eye(Playing(*range(0, 2_500, 100)), Nobody, count) as eye:
        taken = everything(eye)
    assert {glance.seen.people for glance in taken} == {None}


def test_what_ends_it_reaches_who_takes() -> None:
    with (
        Eye(Playing(0, 33, 66), lambda: Nobody(failing_at_ms=66)) as eye,
        pytest.raises(PoseEstimationError, match="it failed"),
    ):
        everything(eye)


def test_a_model_that_cannot_be_opened_does_too() -> None:
    def damaged() -> Nobody:
        raise ModelDamagedError("it is damaged")

    with Eye(Playing(0), damaged) as eye, pytest.raises(ModelDamagedError):
        everything(eye)
