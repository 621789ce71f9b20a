"""Angles are facts of the figure: they do not change with where, how large or how turned it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hep_vision.core.geometry import angle_deg, distance, midpoint, turn_deg

QUICK = settings(max_examples=60, deadline=None)

coordinate = st.floats(-1000.0, 1000.0)
angle = st.floats(-180.0, 180.0)
scale = st.floats(0.01, 100.0)


def points(dimensions=2):
    return st.lists(coordinate, min_size=dimensions, max_size=dimensions).map(np.array)


@st.composite
def triangles(draw):
    """Three points no two of which are close, so that rounding stays small."""
    first, vertex, last = draw(points()), draw(points()), draw(points())
    if min(distance(first, vertex), distance(last, vertex), distance(first, last)) < 1.0:
        first, last = np.add(vertex, [10.0, 0.0]), np.add(vertex, [0.0, 10.0])
    return first, vertex, last


def rotation(degrees):
    turn = np.radians(degrees)
    return np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])


@QUICK
@given(triangles(), angle, scale, points())
def test_angles_survive_turning_scaling_and_shifting(triangle, degrees, factor, offset):
    moved = [factor * (rotation(degrees) @ corner) + offset for corner in triangle]
    # Shifting a small figure far away costs digits, about 1e3 / 0.01 of them.
    assert angle_deg(*moved) == pytest.approx(angle_deg(*triangle), abs=1e-5)


@QUICK
@given(triangles())
def test_angle_is_the_same_from_either_end(triangle):
    first, vertex, last = triangle
    assert angle_deg(first, vertex, last) == pytest.approx(angle_deg(last, vertex, first))


@QUICK
@given(triangles())
def test_angles_of_a_triangle_add_up_to_half_a_circle(triangle):
    a, b, c = triangle
    assert angle_deg(a, b, c) + angle_deg(b, c, a) + angle_deg(c, a, b) == pytest.approx(180.0)


@QUICK
@given(st.floats(-179.0, 179.0), angle, scale)
def test_turn_is_the_angle_put_in_with_its_sign(turn, heading, length):
    start = rotation(heading) @ [1.0, 0.0]
    end = length * (rotation(heading + turn) @ [1.0, 0.0])
    assert turn_deg(start, end) == pytest.approx(turn, abs=1e-9)
    assert turn_deg(end, start) == pytest.approx(-turn, abs=1e-9)


@QUICK
@given(triangles(), st.integers(0, 2), st.integers(0, 1))
def test_unknown_in_is_unknown_out(triangle, corner, axis):
    spoilt = [part.copy() for part in triangle]
    spoilt[corner][axis] = np.nan
    assert np.isnan(angle_deg(*spoilt))
    assert np.isnan(distance(spoilt[corner], triangle[corner - 1]))
    assert np.isnan(turn_deg(spoilt[corner], triangle[corner - 1]))


@QUICK
@given(points(3), points(3))
def test_midpoint_is_as_far_from_both(first, last):
    middle = midpoint(first, last)
    assert distance(first, middle) == pytest.approx(distance(middle, last), abs=1e-9)
