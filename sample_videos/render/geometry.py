"""Vectors, rotations and two-bone chains in metres and degrees.

World axes: X points to the left of a person who faces +Z, Y points up, the floor is Y = 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

UP: Vector = np.array([0.0, 1.0, 0.0])
FORWARD: Vector = np.array([0.0, 0.0, 1.0])


def vec(x: float, y: float, z: float) -> Vector:
    """Return the vector (x, y, z)."""
    return np.array([x, y, z], dtype=np.float64)


def as_point(vector: Vector) -> tuple[float, float, float]:
    """Return a vector as three plain floats."""
    x, y, z = vector
    return float(x), float(y), float(z)


def unit(vector: Vector) -> Vector:
    """Scale a vector to length one."""
    return np.asarray(vector / np.linalg.norm(vector))


def perpendicular(vector: Vector, axis: Vector) -> Vector:
    """Return the unit part of a vector that is perpendicular to a unit axis."""
    return unit(vector - axis * float(vector @ axis))


def sagittal(deg: float) -> Vector:
    """Return the direction that points down at 0 deg and forward (+Z) at 90 deg."""
    angle = np.radians(deg)
    return vec(0.0, -np.cos(angle), np.sin(angle))


def rotation_x(deg: float) -> Matrix:
    """Rotate about X: a positive angle tips an upright trunk forward."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def rotation_y(deg: float) -> Matrix:
    """Rotate about Y: a positive angle turns the front towards the person's left."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def rotation_z(deg: float) -> Matrix:
    """Rotate about Z: a positive angle tips an upright trunk towards the person's right."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def chain_length(first_m: float, second_m: float, flexion_deg: float) -> float:
    """Return the end-to-end length of two segments whose joint is flexed (0 = straight)."""
    cosine = np.cos(np.radians(flexion_deg))
    return float(np.sqrt(first_m**2 + second_m**2 + 2.0 * first_m * second_m * cosine))


def middle_joint(root: Vector, tip: Vector, root_m: float, tip_m: float, pole: Vector) -> Vector:
    """Place the joint between two segments so that it points towards the pole direction.

    A chain that is too short to reach is drawn straight.
    """
    span = tip - root
    length = min(float(np.linalg.norm(span)), (root_m + tip_m) * 0.99999)
    axis = unit(span)
    along = (root_m**2 - tip_m**2 + length**2) / (2.0 * length)
    height = np.sqrt(max(root_m**2 - along**2, 0.0))
    return np.asarray(root + axis * along + perpendicular(pole, axis) * height)


def included_angle_deg(first: Vector, joint: Vector, last: Vector) -> float:
    """Return the angle first-joint-last in degrees, for 2-D or 3-D points."""
    towards_first, towards_last = first - joint, last - joint
    cosine = towards_first @ towards_last
    cosine /= np.linalg.norm(towards_first) * np.linalg.norm(towards_last)
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
