"""Angles and distances against figures whose answer is known."""

import numpy as np
import pytest

from hep_vision.core.geometry import angle_deg, distance, midpoint, turn_deg

NAN = np.nan


def point(*coordinates: float) -> np.ndarray:
    return np.array(coordinates)


def polar(degrees: float, length: float = 1.0) -> np.ndarray:
    return length * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ((4.0, 0.0), (0.0, 3.0), 90.0),
        ((2.0, 0.0), (1.0, np.sqrt(3.0)), 60.0),
        ((5.0, 0.0), (9.0, 0.0), 0.0),
        ((5.0, 0.0), (-1.0, 0.0), 180.0),
        ((1.0, 1.0), (-1.0, 1.0), 90.0),
        ((1.0, 0.0, 0.0), (0.0, 0.0, 2.0), 90.0),
        ((1.0, 1.0, 0.0), (0.0, 1.0, 1.0), 60.0),
    ],
)
def test_angle_of_a_known_triangle(first, last, expected):
    vertex = np.full(len(first), 7.0)
    assert angle_deg(point(*first) + vertex, vertex, point(*last) + vertex) == pytest.approx(
        expected, abs=1e-9
    )


@pytest.mark.parametrize("expected", [1e-6, 1e-3, 179.999, 180.0 - 1e-6])
def test_angle_keeps_its_digits_near_straight(expected):
    assert angle_deg(point(1.0, 0.0), point(0.0, 0.0), polar(expected)) == pytest.approx(
        expected, abs=1e-9
    )


def test_angle_does_not_depend_on_the_lengths_of_its_sides():
    short, long = polar(10.0, 1e-3), polar(55.0, 1e4)
    assert angle_deg(short, point(0.0, 0.0), long) == pytest.approx(45.0, abs=1e-6)


def test_angle_without_a_side_is_unknown():
    assert np.isnan(angle_deg(point(1.0, 1.0), point(1.0, 1.0), point(2.0, 2.0)))


def test_angles_of_many_poses_at_once():
    last = np.stack([polar(angle) for angle in (30.0, 60.0, 90.0)])
    angles = angle_deg(point(1.0, 0.0), np.zeros((3, 2)), last)
    assert angles == pytest.approx([30.0, 60.0, 90.0])


@pytest.mark.parametrize("which", [0, 1, 2])
def test_an_unknown_point_makes_only_its_own_angle_unknown(which):
    points = [np.tile(polar(angle), (2, 1)) for angle in (0.0, 100.0, 200.0)]
    points[which][0, 1] = NAN
    unknown, known = angle_deg(*points)
    assert np.isnan(unknown)
    assert np.isfinite(known)


@pytest.mark.parametrize("squeeze", [9 / 16, 16 / 9])
def test_axes_of_unequal_scale_falsify_an_angle(squeeze):
    """Why coordinates are pixels or metres, never normalised."""
    sides = polar(45.0), polar(135.0)
    squeezed = [side * [1.0, squeeze] for side in sides]
    assert angle_deg(sides[0], np.zeros(2), sides[1]) == pytest.approx(90.0)
    assert abs(angle_deg(squeezed[0], np.zeros(2), squeezed[1]) - 90.0) > 25.0


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ((1.0, 0.0), (0.0, 1.0), 90.0),  # right to down: clockwise on screen
        ((0.0, -1.0), (1.0, 0.0), 90.0),  # up to right
        ((0.0, 1.0), (1.0, 0.0), -90.0),
        ((1.0, 0.0), (3.0, 0.0), 0.0),
        ((2.0, 0.0), (1.0, 1.0), 45.0),
    ],
)
def test_turn_is_positive_clockwise_on_screen(start, end, expected):
    assert turn_deg(point(*start), point(*end)) == pytest.approx(expected)


def test_turning_right_round_is_half_a_circle():
    assert abs(turn_deg(point(1.0, 0.0), point(-2.0, 0.0))) == pytest.approx(180.0)


@pytest.mark.parametrize(
    ("start", "end"),
    [((0.0, 0.0), (1.0, 0.0)), ((1.0, 0.0), (0.0, 0.0)), ((NAN, 0.0), (1.0, 0.0))],
)
def test_turn_of_nothing_is_unknown(start, end):
    assert np.isnan(turn_deg(point(*start), point(*end)))


def test_distance_in_two_and_three_dimensions():
    assert distance(point(1.0, 1.0), point(4.0, 5.0)) == pytest.approx(5.0)
    assert distance(point(0.0, 0.0, 0.0), point(2.0, 3.0, 6.0)) == pytest.approx(7.0)
    assert np.isnan(distance(point(NAN, 1.0), point(4.0, 5.0)))


def test_midpoint_lies_half_way():
    assert midpoint(point(0.0, 2.0), point(4.0, 4.0)).tolist() == [2.0, 3.0]


def test_midpoint_of_one_seen_point_is_that_point():
    seen, hidden = point(1.0, 2.0), point(NAN, NAN)
    assert midpoint(seen, hidden).tolist() == [1.0, 2.0]
    assert midpoint(hidden, seen).tolist() == [1.0, 2.0]
    assert np.isnan(midpoint(hidden, hidden)).all()
