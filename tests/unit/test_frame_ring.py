"""The pictures of the last seconds: small copies, in order, within a budget."""

import numpy as np
import pytest

import media
from hep_vision.app.frame_ring import FrameRing, KeptFrame
from hep_vision.sources.base import Frame


def frame(timestamp_ms: int, width_px: int = 64, height_px: int = 48) -> Frame:
    return Frame(0, timestamp_ms, media.quadrants(width_px, height_px))


def test_it_never_takes_more_than_its_budget_and_the_oldest_go_first() -> None:
    one = KeptFrame.of(frame(0)).yuv.nbytes
    ring = FrameRing(budget_bytes=5 * one + 1)
    for place in range(40):
        ring.keep(frame(place * 40))
        assert ring.bytes_kept <= 5 * one
    assert [kept.timestamp_ms for kept in ring.between(0, 10_000)] == [1400, 1440, 1480, 1520, 1560]


def test_the_budget_holds_when_the_pictures_grow() -> None:
    ring = FrameRing(budget_bytes=10_000)
    for place, width_px in enumerate((16, 16, 64, 64, 96, 96)):
        ring.keep(frame(place, width_px, 64))
        assert ring.bytes_kept <= 10_000
    assert [kept.timestamp_ms for kept in ring.between(0, 10)] == [5]


def test_a_span_holds_its_start_and_not_its_end() -> None:
    ring = FrameRing()
    for stamp_ms in (0, 40, 80, 120):
        ring.keep(frame(stamp_ms))
    assert [kept.timestamp_ms for kept in ring.between(40, 120)] == [40, 80]


def test_it_is_a_copy_and_the_colours_survive() -> None:
    picture = media.quadrants(64, 48)
    ring = FrameRing()
    ring.keep(Frame(0, 0, picture))
    picture[:] = 0
    (kept,) = ring.between(0, 1)
    for (row, column), colour in {
        (10, 10): media.RED, (10, 50): media.GREEN, (40, 10): media.BLUE, (40, 50): media.WHITE,
    }.items():  # fmt: skip
        assert np.abs(kept.rgb[row, column].astype(int) - colour).max() <= 6


@pytest.mark.parametrize(
    ("size_px", "small_px"),
    [
        ((1280, 720), (480, 270)),
        ((720, 1280), (270, 480)),
        ((640, 480), (480, 360)),
        ((65, 49), (64, 48)),
        ((3, 3), (4, 4)),
        ((4000, 2), (480, 2)),
    ],
    ids=str,
)
def test_pictures_are_small_and_even(size_px: tuple[int, int], small_px: tuple[int, int]) -> None:
    assert KeptFrame.of(frame(0, *size_px)).size_px == small_px


def test_all_is_forgotten() -> None:
    ring = FrameRing()
    ring.keep(frame(0))
    ring.clear()
    assert (ring.between(0, 10), ring.bytes_kept) == ((), 0)
