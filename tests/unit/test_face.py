"""No face is left: the region covers the head in every picture, and cannot be made out again."""

import numpy as np
import pytest
from numpy.typing import NDArray

from hep_vision.core.face import SURE_MS, Box, FaceFinder
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import PoseFrame
from hep_vision.exports.face_blur import CELLS, hide

SIZE_PX = (640, 480)
STEP_MS = 40
EAR_PX = 9.0
"""Half the width of the head; the crown is 16 px above its middle, the chin as far below."""


def pose(timestamp_ms: int, head: tuple[float, float]) -> PoseFrame:
    """Return a person of 150 px who looks at the camera, the middle of the head at ``head``."""
    x, y = head
    at = np.full((33, 2), (x, y + 60.0))
    at[Landmark.NOSE : Landmark.MOUTH_RIGHT + 1] = (x, y)
    at[Landmark.LEFT_EAR], at[Landmark.RIGHT_EAR] = (x + EAR_PX, y), (x - EAR_PX, y)
    at[Landmark.LEFT_EYE], at[Landmark.RIGHT_EYE] = (x + 4, y - 3), (x - 4, y - 3)
    at[Landmark.MOUTH_LEFT], at[Landmark.MOUTH_RIGHT] = (x + 3, y + 7), (x - 3, y + 7)
    at[Landmark.LEFT_SHOULDER], at[Landmark.RIGHT_SHOULDER] = (x + 18, y + 25), (x - 18, y + 25)
    at[Landmark.LEFT_HIP], at[Landmark.RIGHT_HIP] = (x + 10, y + 75), (x - 10, y + 75)
    return PoseFrame(timestamp_ms, at, np.full((33, 3), np.nan), np.full(33, 0.9), SIZE_PX)


def walk(count: int = 50, *, unseen: range = range(0)) -> list[PoseFrame]:
    """Return a head that moves 4 px a picture; nobody is found in some."""
    return [
        PoseFrame.unseen(k * STEP_MS, SIZE_PX) if k in unseen else pose(k * STEP_MS, head_at(k))
        for k in range(count)
    ]


def head_at(place: int) -> tuple[float, float]:
    return (200.0 + 4 * place, 120.0 + 20 * np.sin(place / 5))


def face(place: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return a picture with a face of checks on a plain wall, and where the face is."""
    y, x = np.mgrid[: SIZE_PX[1], : SIZE_PX[0]]
    middle_x, middle_y = head_at(place)
    inside = ((x - middle_x) / EAR_PX) ** 2 + ((y - middle_y) / 16) ** 2 <= 1
    picture = np.full((SIZE_PX[1], SIZE_PX[0], 3), 128, np.uint8)
    picture[inside & ((x // 2 + y // 2) % 2 == 0)] = (250, 20, 20)
    picture[inside & ((x // 2 + y // 2) % 2 == 1)] = (20, 250, 20)
    return picture, inside


def is_hidden(picture: NDArray[np.uint8], inside: NDArray[np.bool_]) -> bool:
    """Tell whether the checks of the face are gone everywhere, down to the last pixel."""
    red, green = picture[..., 0].astype(int), picture[..., 1].astype(int)
    return bool((np.abs(red - green)[inside] < 100).all())


def covers(regions: tuple[Box, ...] | None, point: tuple[float, float]) -> bool:
    if regions is None:
        return True
    x, y = point
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in regions)


def all_are_hidden(poses: list[PoseFrame]) -> bool:
    finder = FaceFinder(poses)
    for place in range(len(poses)):
        picture, inside = face(place)
        assert not is_hidden(picture, inside)
        if not is_hidden(hide(picture, finder.regions(place * STEP_MS), SIZE_PX), inside):
            return False
    return True


def test_the_face_is_hidden_in_every_picture() -> None:
    assert all_are_hidden(walk())


@pytest.mark.parametrize("unseen", [range(20, 30), range(10), range(40, 50)], ids=str)
def test_and_where_the_body_is_not_found_for_a_while(unseen: range) -> None:
    assert all_are_hidden(walk(unseen=unseen))


def test_and_in_pictures_that_come_between_two_poses() -> None:
    poses = walk()[::5]  # a pose every 0.2 s, and a picture every 0.04 s
    finder = FaceFinder(poses)
    for place in range(45):
        picture, inside = face(place)
        assert is_hidden(hide(picture, finder.regions(place * STEP_MS), SIZE_PX), inside)


def test_the_region_grows_with_the_time_since_the_head_was_seen() -> None:
    finder = FaceFinder(walk(10))
    widths = []
    for time_ms in (360, 800, 1_200, 1_600):
        ((left, _, right, _),) = finder.regions(time_ms) or ()
        widths.append(right - left)
    assert widths == sorted(widths)
    assert widths[-1] > 2.5 * widths[0]


def test_where_nobody_can_know_the_whole_picture_is_hidden() -> None:
    finder = FaceFinder(walk(10))
    assert finder.regions(360 + SURE_MS) is not None
    assert finder.regions(361 + SURE_MS) is None
    assert FaceFinder([]).regions(0) is None
    picture, inside = face(5)
    assert is_hidden(hide(picture, None, SIZE_PX), inside)
    assert is_hidden(hide(picture, (), None), inside)


def test_somebody_whom_the_model_took_for_the_patient_is_hidden_beside_the_patient() -> None:
    other = (500.0, 300.0)
    poses = [pose(k * STEP_MS, other if 60 <= k < 66 else (200.0, 120.0)) for k in range(90)]
    for k in range(60, 66):
        regions = FaceFinder(poses).regions(k * STEP_MS)
        assert covers(regions, other)
        assert covers(regions, (200.0, 120.0))


def test_what_is_not_the_head_stays() -> None:
    picture, _ = face(10)
    picture[300:, :] = np.random.default_rng(1).integers(0, 255, (180, 640, 3), np.uint8)
    hidden = hide(picture, FaceFinder(walk()).regions(10 * STEP_MS), SIZE_PX)
    assert np.array_equal(hidden[300:], picture[300:])


def test_few_colours_are_left_whatever_was_there() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8)
    hidden = hide(picture, [(100.0, 100.0, 300.0, 300.0)], SIZE_PX)
    part = hidden[100:300, 100:300].reshape(-1, 3)
    assert len(np.unique(part, axis=0)) <= CELLS**2
    assert np.array_equal(hidden[:100], picture[:100])


def test_it_is_hidden_at_the_scale_of_a_smaller_copy() -> None:
    small = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
    hidden = hide(small, [(100.0, 100.0, 300.0, 300.0)], SIZE_PX)
    changed = (hidden != small).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (50, 149, 50, 149)


@pytest.mark.parametrize(
    "box", [(-50.0, -50.0, 10.0, 10.0), (630.0, 470.0, 900.0, 900.0), (-9.0, -9.0, -1.0, -1.0)]
)
def test_a_head_at_the_edge_or_outside_is_no_trouble(box: Box) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8)
    assert hide(picture, [box], SIZE_PX).shape == picture.shape


def test_the_picture_itself_stays_as_it_is() -> None:
    picture, inside = face(0)
    hide(picture, None, SIZE_PX)
    assert not is_hidden(picture, inside)
