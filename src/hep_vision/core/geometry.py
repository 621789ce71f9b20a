"""Angles and distances on arrays of points.

Points are (..., 2) or (..., 3) arrays in one unit of length with equal axes (pixels or metres,
never normalised coordinates). Leading axes broadcast. NaN in, NaN out.
"""

import numpy as np

from hep_vision.core.types import FloatArray


def angle_deg(first: FloatArray, vertex: FloatArray, last: FloatArray) -> FloatArray:
    """Return the included angle at ``vertex``, (...) degrees in 0..180; NaN if a side is zero."""
    a, b = first - vertex, last - vertex
    a_length, b_length = _length(a), _length(b)
    # Kahan's form keeps all digits near 0 and 180 degrees, where arccos loses half of them.
    a, b = a * b_length[..., None], b * a_length[..., None]
    angle = 2.0 * np.degrees(np.arctan2(_length(a - b), _length(a + b)))
    return np.where(a_length * b_length > 0.0, angle, np.nan)


def turn_deg(start: FloatArray, end: FloatArray) -> FloatArray:
    """Return the signed turn from direction ``start`` to ``end``, (..., 2) -> (...) in -180..180.

    Positive is clockwise as seen on screen, because y points down. NaN if either has no length.
    """
    cross = start[..., 0] * end[..., 1] - start[..., 1] * end[..., 0]
    dot = start[..., 0] * end[..., 0] + start[..., 1] * end[..., 1]
    known = (cross != 0.0) | (dot != 0.0)
    return np.where(known, np.degrees(np.arctan2(cross, dot)), np.nan)


def distance(first: FloatArray, last: FloatArray) -> FloatArray:
    """Return the Euclidean distance, (..., D) -> (...)."""
    return _length(last - first)


def midpoint(first: FloatArray, last: FloatArray) -> FloatArray:
    """Return the point half-way between two points; where one is NaN, the other."""
    mean: FloatArray = (first + last) / 2.0
    unknown = np.isnan(mean)
    if not unknown.any():
        return mean
    return np.where(unknown, np.where(np.isnan(first), last, first), mean)


def _length(vector: FloatArray) -> FloatArray:
    square = vector * vector
    # Two sums are several times as fast as a reduction, which this is every frame's.
    flat = square.shape[-1] == 2
    return np.asarray(np.sqrt(square[..., 0] + square[..., 1] if flat else square.sum(axis=-1)))
