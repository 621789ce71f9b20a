"""The distance field of a solid, compiled: how far a point is from the body, and shadows.

Points and directions are tuples of three floats (m); everything here runs inside the ray-marcher.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from .body import Solid

Point = tuple[float, float, float]

GROUP_BLEND_M = 0.014
FAR_M = 1e9

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a function to machine code and keep it on disk for the next run."""
    return cast(F, numba.njit(fastmath=True, nogil=True, cache=True)(function))


@compiled
def dot(a: Point, b: Point) -> float:
    """Return the scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@compiled
def along(origin: Point, direction: Point, distance: float) -> Point:
    """Return the point at a distance along a direction."""
    return (
        origin[0] + direction[0] * distance,
        origin[1] + direction[1] * distance,
        origin[2] + direction[2] * distance,
    )


@compiled
def between(start: Point, end: Point) -> Point:
    """Return the vector from one point to another."""
    return end[0] - start[0], end[1] - start[1], end[2] - start[2]


@compiled
def normalised(a: Point) -> Point:
    """Scale to length one; a zero vector stays zero."""
    scale = 1.0 / math.sqrt(dot(a, a) + 1e-12)
    return a[0] * scale, a[1] * scale, a[2] * scale


@compiled
def row(table: Any, index: int) -> Point:
    """Return three columns of a table as a point."""
    return table[index, 0], table[index, 1], table[index, 2]


@compiled
def melt(a: float, b: float, width: float) -> float:
    """Return the smaller distance, rounded off where both are nearly equal."""
    overlap = width - abs(a - b)
    return min(a, b) - (overlap * overlap / (4.0 * width) if overlap > 0.0 else 0.0)


@compiled
def capsule_distance(solid: Solid, index: int, point: Point) -> float:
    """Return the distance to one stretched, tapered capsule."""
    offset, axis = between(row(solid.start, index), point), row(solid.axis, index)
    flat = float(solid.flat[index])
    if flat != 1.0:
        flat_axis = row(solid.flat_axis, index)
        offset = along(offset, flat_axis, dot(offset, flat_axis) * (1.0 / flat - 1.0))
    share = min(max(dot(offset, axis) * float(solid.per_square[index]), 0.0), 1.0)
    offset = along(offset, axis, -share)
    first, last = float(solid.radius[index, 0]), float(solid.radius[index, 1])
    distance = math.sqrt(dot(offset, offset)) - (first + (last - first) * share)
    return distance * flat if flat < 1.0 else distance


@compiled
def group_distance(solid: Solid, group: int, point: Point) -> float:
    """Return the distance to the capsules of one group, melted together."""
    distance = FAR_M
    for index in range(solid.group_start[group], solid.group_start[group + 1]):
        distance = melt(distance, capsule_distance(solid, index, point), solid.blend[index])
    return distance


@compiled
def sphere_distance(solid: Solid, group: int, point: Point) -> float:
    """Return the distance to the sphere around a group."""
    offset = between(row(solid.group_sphere, group), point)
    return math.sqrt(dot(offset, offset)) - float(solid.group_sphere[group, 3])


@compiled
def distance_within(solid: Solid, point: Point, groups: int, near: float) -> float:
    """Return the distance to the groups in a bit mask; exact only within ``near`` metres."""
    distance = FAR_M
    for group in range(solid.group_start.shape[0] - 1):
        if groups >> group & 1:
            to_sphere = sphere_distance(solid, group, point)
            exact = to_sphere <= near
            part = group_distance(solid, group, point) if exact else to_sphere + 0.02
            distance = melt(distance, part, GROUP_BLEND_M)
    return distance


@compiled
def body_distance(solid: Solid, point: Point, groups: int) -> float:
    """Return the distance to the body from a point on or near it."""
    return distance_within(solid, point, groups, 0.06)


@compiled
def groups_ahead(solid: Solid, origin: Point, direction: Point, margin: float) -> int:
    """Return a bit mask of the groups whose sphere a ray comes near."""
    groups = 0
    for group in range(solid.group_start.shape[0] - 1):
        offset = between(origin, row(solid.group_sphere, group))
        ahead = dot(offset, direction)
        reach = solid.group_sphere[group, 3] + margin
        aside = dot(offset, offset) - max(ahead, 0.0) ** 2
        if aside < reach * reach:
            groups |= 1 << group
    return groups


@compiled
def nearest_capsule(solid: Solid, point: Point) -> int:
    """Return the index of the capsule whose surface is nearest."""
    nearest, least = 0, FAR_M
    for group in range(solid.group_start.shape[0] - 1):
        if sphere_distance(solid, group, point) <= 0.06:
            for index in range(solid.group_start[group], solid.group_start[group + 1]):
                distance = capsule_distance(solid, index, point)
                if distance < least:
                    nearest, least = index, distance
    return nearest


@compiled
def surface_normal(solid: Solid, point: Point, groups: int) -> Point:
    """Return the outward direction of the surface at a point."""
    e = 0.0012
    x, y, z = point
    a = body_distance(solid, (x + e, y - e, z - e), groups)
    b = body_distance(solid, (x - e, y - e, z + e), groups)
    c = body_distance(solid, (x - e, y + e, z - e), groups)
    d = body_distance(solid, (x + e, y + e, z + e), groups)
    return normalised((a - b - c + d, -a - b + c + d, -a + b - c + d))


@compiled
def light_through(solid: Solid, point: Point, to_light: Point) -> float:
    """Return the share (0-1) of the lamp's light that reaches a point, with soft edges."""
    groups = groups_ahead(solid, point, to_light, 0.04)
    if groups == 0:
        return 1.0
    share, travelled = 1.0, 0.015
    for _ in range(18):
        here = along(point, to_light, travelled)
        clearance = distance_within(solid, here, groups, 0.04 + 0.13 * travelled)
        if clearance < 0.001:
            return 0.0
        share = min(share, 10.0 * clearance / travelled)
        travelled += min(max(clearance, 0.014), 0.3)
        if travelled > 2.4:
            break
    return share * share * (3.0 - 2.0 * share) if share < 1.0 else 1.0
