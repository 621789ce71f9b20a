"""The colour of skin, face, hair, cloth and shoes at a point of the body, compiled.

Colours are linear red, green, blue in 0-1; lengths are metres.
"""

from __future__ import annotations

import math
from typing import Any

from .body import Material, Solid
from .field import Point, between, compiled, dot, normalised, row

SKIN, FACE, SHIRT = int(Material.SKIN), int(Material.FACE), int(Material.SHIRT)
TROUSERS, SHOE, HAIR = int(Material.TROUSERS), int(Material.SHOE), int(Material.HAIR)
EAR = int(Material.EAR)

MATT = (0.05, 12.0)
CLOTH = (0.02, 12.0)
SHINY_SKIN = (0.08, 12.0)
WET_EYE = (0.30, 40.0)
SLEEK_HAIR = (0.10, 18.0)


@compiled
def hash_noise(i: int, j: int, k: int) -> float:
    """Return a repeatable random number in 0-1 for a grid point."""
    n = (i * 374761393 + j * 668265263 + k * 2147483647) & 0xFFFFFFFF
    n = ((n ^ (n >> 13)) * 1274126177) & 0xFFFFFFFF
    return ((n ^ (n >> 16)) & 0xFFFF) / 65535.0


@compiled
def noise(x: float, y: float, z: float) -> float:
    """Return smooth noise in 0-1 that varies over a length of one."""
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    u, v, w = ease(x - i), ease(y - j), ease(z - k)
    total = 0.0
    for a in range(2):
        for b in range(2):
            for c in range(2):
                weight = (u if a else 1 - u) * (v if b else 1 - v) * (w if c else 1 - w)
                total += weight * hash_noise(i + a, j + b, k + c)
    return total


@compiled
def ease(t: float) -> float:
    """Bend 0-1 into an S."""
    return t * t * (3.0 - 2.0 * t)


@compiled
def step(start: float, end: float, x: float) -> float:
    """Return 0 before ``start``, 1 past ``end`` and an S between."""
    return ease(min(max((x - start) / (end - start), 0.0), 1.0))


@compiled
def bell(square: float, width: float) -> float:
    """Return a bell curve of a squared distance."""
    return math.exp(-square / width)


@compiled
def times(colour: Point, red: float, green: float, blue: float) -> Point:
    """Darken or lighten each channel."""
    return colour[0] * red, colour[1] * green, colour[2] * blue


@compiled
def mixed(a: Point, b: Point, share: float) -> Point:
    """Blend towards the second colour."""
    return (
        a[0] + (b[0] - a[0]) * share,
        a[1] + (b[1] - a[1]) * share,
        a[2] + (b[2] - a[2]) * share,
    )


@compiled
def in_frame(frame: Any, offset: Point) -> Point:
    """Return (left, up, front) of an offset in a body part's frame."""
    return (
        frame[0, 0] * offset[0] + frame[1, 0] * offset[1] + frame[2, 0] * offset[2],
        frame[0, 1] * offset[0] + frame[1, 1] * offset[1] + frame[2, 1] * offset[2],
        frame[0, 2] * offset[0] + frame[1, 2] * offset[1] + frame[2, 2] * offset[2],
    )


@compiled
def on_capsule(solid: Solid, index: int, point: Point) -> tuple[Point, Point, Point, Point]:
    """Return coordinates along, across and around a capsule, and those three directions."""
    axis, flat_axis = normalised(row(solid.axis, index)), row(solid.flat_axis, index)
    side = (
        axis[1] * flat_axis[2] - axis[2] * flat_axis[1],
        axis[2] * flat_axis[0] - axis[0] * flat_axis[2],
        axis[0] * flat_axis[1] - axis[1] * flat_axis[0],
    )
    offset = between(row(solid.start, index), point)
    place = dot(offset, axis), dot(offset, flat_axis), dot(offset, side)
    return place, axis, flat_axis, side


@compiled
def wrinkled(
    solid: Solid, index: int, point: Point, normal: Point, colour: Point
) -> tuple[Point, Point]:
    """Return the colour and the tilted normal of creased cloth."""
    place, axis, flat_axis, side = on_capsule(solid, index, point)
    x, y, z = place[0] * 22.0 + index * 7.0, place[1] * 9.0 + 31.0, place[2] * 9.0 + 11.0
    here = noise(x, y, z)
    slope = noise(x + 0.6, y, z) - here, noise(x, y + 0.4, z) - here, noise(x, y, z + 0.4) - here
    tilt = 0.38
    tilted = (
        normal[0] - tilt * (slope[0] * axis[0] + slope[1] * flat_axis[0] + slope[2] * side[0]),
        normal[1] - tilt * (slope[0] * axis[1] + slope[1] * flat_axis[1] + slope[2] * side[1]),
        normal[2] - tilt * (slope[0] * axis[2] + slope[1] * flat_axis[2] + slope[2] * side[2]),
    )
    weave = noise(place[0] * 300.0, place[1] * 300.0, place[2] * 300.0) - 0.5
    shade = 0.92 + 0.16 * (here - 0.5) + 0.06 * weave
    return times(colour, shade, shade, shade), normalised(tilted)


@compiled
def eye_colour(aside: float, up: float, colour: Point) -> tuple[Point, bool]:
    """Paint socket, lids, white, iris and pupil; also tell whether the eyeball is there."""
    across = (aside - 0.031) / 0.0145
    height = (up - 0.058 + 5.0 * (aside - 0.031) ** 2) / 0.0066
    inside = across * across + height * height
    socket = math.exp(-((aside - 0.031) ** 2 / 0.0005 + (up - 0.060) ** 2 / 0.00018))
    colour = times(colour, 1 - 0.22 * socket, 1 - 0.28 * socket, 1 - 0.28 * socket)
    if inside < 1.0:
        iris = math.sqrt((aside - 0.031) ** 2 + (up - 0.0585) ** 2)
        colour = (0.88, 0.86, 0.84)
        if iris < 0.0062:
            colour = (0.22, 0.14, 0.08)
        if iris < 0.0028:
            colour = (0.02, 0.02, 0.02)
        if (aside - 0.029) ** 2 + (up - 0.061) ** 2 < 0.0016**2:
            colour = (0.95, 0.95, 0.95)
        return colour, True
    if inside < 1.7 and up > 0.058:
        return times(colour, 0.28, 0.24, 0.22), False
    if inside < 1.5:
        return times(colour, 0.75, 0.66, 0.64), False
    return colour, False


@compiled
def brow_and_mouth(place: Point, colour: Point, hair: Point) -> Point:
    """Paint eyebrows, lips and nostrils."""
    left, up, front = place
    aside = abs(left)
    arch = up - 0.080 + 7.0 * (aside - 0.033) ** 2 + 0.06 * (aside - 0.033)
    brow = step(1.0, 0.6, ((aside - 0.033) / 0.021) ** 2 + (arch / 0.0052) ** 2)
    colour = mixed(colour, hair, 0.85 * brow)
    bow = up - 0.0005 - 7.0 * left * left - 0.001 * math.cos(left * 300.0)
    lips = step(1.15, 0.8, (left / 0.024) ** 2 + (bow / 0.0072) ** 2)
    colour = times(colour, 1 - 0.16 * lips, 1 - 0.42 * lips, 1 - 0.38 * lips)
    if front > 0.06:
        line = bell((up - 0.0005 - 8.0 * left * left) ** 2, 0.0011**2) * step(0.025, 0.020, aside)
        colour = times(colour, 1 - 0.6 * line, 1 - 0.65 * line, 1 - 0.65 * line)
    nostril = bell((aside - 0.0085) ** 2 + (up - 0.018) ** 2, 0.000012)
    return times(colour, 1 - 0.45 * nostril, 1 - 0.55 * nostril, 1 - 0.55 * nostril)


@compiled
def is_scalp(place: Point) -> bool:
    """Tell whether hair grows at a point of the head."""
    left, up, front = place
    aside = abs(left)
    hairline = 0.122 - 4.8 * aside**2 + 0.006 * (noise(left * 160.0, 3.0, 5.0) - 0.5)
    temple = (front < 0.030 and up > 0.068 and aside > 0.05) or (front < 0.052 and up > 0.098)
    nape = front < -0.012 and up > -0.005
    sideburn = 0.004 < front < 0.022 and aside > 0.055 and up > 0.035
    return up > hairline or temple or nape or sideburn


@compiled
def head_colour(palette: Any, material: int, place: Point) -> tuple[Point, tuple[float, float]]:
    """Return the colour and gloss (strength, sharpness) of face, ears and hair."""
    left, up, front = place
    if material == EAR:
        return times(row(palette, SKIN), 1.02, 0.92, 0.90), MATT
    if material == HAIR or is_scalp(place):
        strand = 0.65 + 0.7 * noise(left * 260.0, up * 60.0, front * 60.0 + left * 40.0)
        return times(row(palette, HAIR), strand, strand, strand), SLEEK_HAIR
    colour, gloss = row(palette, SKIN), SHINY_SKIN
    if front > 0.02:
        aside = abs(left)
        cheek = 0.35 * bell((aside - 0.038) ** 2 + (up - 0.022) ** 2, 0.0004)
        colour, eyeball = eye_colour(
            aside, up, times(colour, 1.0, 1 - 0.25 * cheek, 1 - 0.22 * cheek)
        )
        if eyeball:
            return colour, WET_EYE
        colour = brow_and_mouth(place, colour, row(palette, HAIR))
    return colour, gloss


@compiled
def limb_colour(
    solid: Solid, index: int, point: Point, material: int, colour: Point
) -> tuple[Point, tuple[float, float]]:
    """Return the colour and gloss of bare skin, shoes and everything plain."""
    place, _, _, _ = on_capsule(solid, index, point)
    if material == SKIN:
        blotch = 1.0 + 0.05 * (noise(place[0] * 40.0, place[1] * 40.0, place[2] * 40.0) - 0.5)
        return times(colour, blotch, blotch * 0.995, blotch * 0.99), (0.07, 12.0)
    laces = place[1] > 0.018 and abs(place[2]) < 0.022
    if material == SHOE and laces and math.floor(place[0] * 110.0) % 2 == 0:
        return times(colour, 0.55, 0.55, 0.60), MATT
    return colour, MATT


@compiled
def shirt_over_trousers(material: int, offset: Point, frame: Any, hem: float) -> int:
    """Return the shirt for the part of the trousers that it hangs over."""
    _, up, front = in_frame(frame, offset)
    if material == TROUSERS and up > hem + max(0.0, front - 0.05) * 1.5:
        return SHIRT
    return material
