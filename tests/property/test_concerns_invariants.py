"""A rise of pain is never made of noise."""

import random

from hypothesis import given
from hypothesis import strategies as st

from hep_vision.program.concerns import FEWEST_SITTINGS, MOST_SITTINGS, SMALLEST_RISE, rise

scores = st.lists(st.integers(0, 10), max_size=20)


@given(st.integers(0, 9), st.lists(st.integers(0, 1), max_size=20))
def test_scores_within_a_point_never_rise(level: int, noise: list[int]) -> None:
    assert rise([level + one for one in noise]) is None


@given(st.integers(0, 10), st.integers(0, 10), st.integers(4, 8), st.data())
def test_one_odd_day_is_no_rise(usual: int, odd: int, count: int, data: st.DataObject) -> None:
    values = [usual] * count
    values[data.draw(st.integers(0, count - 1))] = odd
    assert rise(values) is None


@given(scores)
def test_what_rises_rose_by_enough_and_the_way_back_does_not(values: list[int]) -> None:
    points = rise(values)
    if points is not None:
        last = values[-MOST_SITTINGS:]
        assert len(last) >= FEWEST_SITTINGS
        assert SMALLEST_RISE <= points <= max(last) - min(last)
        assert rise(last[::-1]) is None


@given(scores, st.integers(0, 10))
def test_only_the_differences_count(values: list[int], more: int) -> None:
    assert rise([value + more for value in values]) == rise(values)


@given(st.integers(0, 3), st.integers(1, 2), st.integers(4, 8))
def test_a_steady_rise_is_always_found(start: int, step: int, count: int) -> None:
    assert rise([start + step * k for k in range(count)]) == step * (count - 1)


def test_unordered_scores_seldom_rise() -> None:
    rng = random.Random(7)
    found = sum(
        rise([rng.choice((2, 3, 3, 4, 4, 5)) for _ in range(8)]) is not None for _ in range(2_000)
    )
    assert found <= 0.05 * 2_000
