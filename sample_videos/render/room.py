"""The room behind the person: floor, walls, a mat, and some furniture on the walls."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .body import Colour, Floats
from .camera import Camera, Lens
from .field import Point, along, compiled, normalised
from .geometry import Vector, unit, vec
from .surface import hash_noise, noise, times

PLAIN, WINDOW, SHELVES = 0, 1, 2
CEILING_M = 2.6
SIDE_WALLS_M = 2.3
FRONT_WALL_M = 4.2
SKIRTING_M = 0.10


@dataclass(frozen=True, slots=True)
class Room:
    """A room, in metres; the person is near X = Z = 0.

    Attributes:
        decor: What hangs and stands at the walls: PLAIN, WINDOW or SHELVES.
        mat: Half width, half length and middle Z of a mat on the floor.
        back_z_m: Where the wall behind the person is.
        lamp: Direction from the person to the main lamp.
        lamp_strength: Brightness of the main lamp.
    """

    wall: Colour = (0.80, 0.78, 0.74)
    floor: Colour = (0.60, 0.45, 0.31)
    mat_colour: Colour = (0.36, 0.25, 0.44)
    mat: tuple[float, float, float] = (0.32, 0.90, 0.0)
    decor: int = WINDOW
    back_z_m: float = -2.0
    lamp: tuple[float, float, float] = (0.45, 0.75, 0.55)
    lamp_strength: float = 0.85


class Walls(NamedTuple):
    """A room in the form the compiled code reads."""

    low: Point
    high: Point
    wall: Point
    floor: Point
    mat_colour: Point
    mat: Point
    decor: int


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The empty room as one camera sees it.

    Attributes:
        colours: (height, width, 3) linear colours.
        points: (height, width, 3) world position (m) behind each pixel.
    """

    colours: Floats
    points: Floats
    to_lamp: Vector
    to_fill: Vector
    lamp_strength: float


@compiled
def hit_wall(walls: Walls, origin: Point, direction: Point) -> tuple[float, int]:
    """Return the distance to the wall a ray ends at, and its axis (1 = floor, 3 = ceiling)."""
    nearest, axis = 1e9, 0
    for a in range(3):
        if abs(direction[a]) > 1e-9:
            bound = walls.high[a] if direction[a] > 0.0 else walls.low[a]
            distance = (bound - origin[a]) / direction[a]
            if 0.0 < distance < nearest:
                nearest = distance
                axis = 3 if a == 1 and direction[a] > 0.0 else a
    return nearest, axis


@compiled
def floor_colour(walls: Walls, point: Point) -> tuple[Point, float]:
    """Return the colour of boards or mat, and how much room light falls there."""
    x, _, z = point
    board = math.floor(x / 0.14)
    plank = math.floor((z + board * 0.37) / 1.1)
    shade = 0.86 + 0.22 * hash_noise(int(board) + 50, int(plank) + 50, 3)
    shade += 0.12 * (noise(x * 60.0, z * 3.0, 2.0) - 0.5)
    if abs(x / 0.14 - board) < 0.02:
        shade *= 0.75
    colour = times(walls.floor, shade, shade, shade)
    if abs(x) < walls.mat[0] and abs(z - walls.mat[2]) < walls.mat[1]:
        weave = 0.95 + 0.08 * noise(x * 90.0, z * 90.0, 1.0)
        colour = times(walls.mat_colour, weave, weave, weave)
    edge = min(min(x - walls.low[0], walls.high[0] - x), min(z - walls.low[2], walls.high[2] - z))
    return colour, 0.62 + 0.30 * min(1.0, max(0.0, edge) / 0.5)


@compiled
def window_colour(aside: float, up: float, wall: Point) -> Point:
    """Paint a window with a garden behind it."""
    across, height = abs(aside - 1.15), abs(up - 1.65)
    if across > 0.42 or height > 0.50:
        return wall
    bars = across < 0.012 or height < 0.012
    if across > 0.38 or height > 0.46 or bars:
        return 0.93, 0.93, 0.92
    hedge = 1.55 + 0.12 * math.sin(aside * 9.0) + 0.05 * math.sin(aside * 31.0)
    if up < hedge:
        return 0.34, 0.48, 0.26
    return 0.62 + 0.25 * (up - 1.2), 0.76 + 0.18 * (up - 1.2), 0.92


@compiled
def picture_colour(aside: float, up: float, wall: Point) -> Point:
    """Paint a framed picture of coloured clouds."""
    across, height = abs(aside + 1.2), abs(up - 1.6)
    if across > 0.26 or height > 0.34:
        return wall
    if across > 0.22 or height > 0.30:
        return 0.22, 0.18, 0.14
    cloud = noise(aside * 6.0, up * 6.0, 4.0)
    return (
        0.75 * cloud + 0.2,
        0.5 + 0.2 * noise(aside * 4.0, up * 7.0, 8.0),
        0.45 + 0.3 * (1.0 - cloud),
    )


@compiled
def cabinet_colour(aside: float, up: float, wall: Point) -> Point:
    """Paint a low wooden cabinet with two doors and two drawers."""
    across = abs(aside + 1.35)
    if across > 0.45 or up > 0.78:
        return wall
    grain = 0.95 + 0.1 * noise(aside * 4.0, up * 60.0, 7.0)
    if abs(up - 0.76) < 0.02:
        grain *= 1.2
    if across < 0.006 or abs(up - 0.40) < 0.006:
        grain *= 0.5
    return times((0.62, 0.52, 0.40), grain, grain, grain)


@compiled
def shelf_colour(aside: float, up: float, wall: Point) -> Point:
    """Paint a bookcase with rows of books."""
    across = abs(aside - 1.25)
    if across > 0.50 or up > 1.85:
        return wall
    above_board = (up - 0.05) % 0.36
    if across > 0.48 or above_board < 0.025:
        return 0.46, 0.34, 0.24
    book = math.floor(aside / 0.042) + 97 * math.floor((up - 0.05) / 0.36)
    if above_board > 0.22 + 0.10 * hash_noise(book, 1, 1):
        return 0.16, 0.13, 0.11
    return (
        0.20 + 0.55 * hash_noise(book, 2, 1),
        0.18 + 0.45 * hash_noise(book, 3, 1),
        0.18 + 0.45 * hash_noise(book, 4, 1),
    )


@compiled
def wall_colour(walls: Walls, point: Point, axis: int) -> tuple[Point, float]:
    """Return the colour of a wall and what stands at it, and the light there."""
    x, y, z = point
    aside = z if axis == 0 else x
    plaster = 1.0 + 0.03 * (noise(aside * 8.0, y * 8.0, axis * 9.0) - 0.5)
    colour = times(walls.wall, plaster, plaster, plaster)
    if y < SKIRTING_M:
        colour = (0.88, 0.87, 0.85)
    if abs(y - SKIRTING_M) < 0.006:
        colour = (0.5, 0.5, 0.5)
    if walls.decor == WINDOW:
        colour = window_colour(aside, y, colour)
        colour = cabinet_colour(aside, y, picture_colour(aside, y, colour))
    elif walls.decor == SHELVES:
        colour = shelf_colour(aside, y, picture_colour(aside, y, colour))
    low, high = (walls.low[2], walls.high[2]) if axis == 0 else (walls.low[0], walls.high[0])
    corner = min(aside - low, high - aside)
    light = (0.66 + 0.14 * y / CEILING_M) * (0.80 + 0.20 * min(1.0, max(0.0, corner) / 0.5))
    light *= 0.85 + 0.15 * min(1.0, y / 0.35)
    return colour, light * (0.92 if axis == 0 else 1.0)


@compiled
def room_pixel(walls: Walls, lens: Lens, x: float, y: float) -> tuple[Point, Point]:
    """Return the colour and the world point seen at offsets (px) from the middle."""
    look = along(lens.ahead, lens.right, x / lens.focal_px)
    look = normalised(along(look, lens.up, y / lens.focal_px))
    distance, axis = hit_wall(walls, lens.position, look)
    point = along(lens.position, look, distance)
    if axis == 3:
        return (0.72, 0.72, 0.72), point
    colour, light = floor_colour(walls, point) if axis == 1 else wall_colour(walls, point, axis)
    return times(colour, light, light, light), point


@compiled
def paint_room(walls: Walls, lens: Lens, width: int, height: int) -> tuple[Floats, Floats]:
    """Return colours and world points (height, width, 3), four samples a pixel."""
    colours, points = np.zeros((height, width, 3)), np.zeros((height, width, 3))
    for y in range(height):
        for x in range(width):
            for sample in range(4):
                right = x + 0.25 + 0.5 * (sample & 1) - width / 2
                up = height / 2 - y - 0.25 - 0.5 * (sample >> 1)
                colour, point = room_pixel(walls, lens, right, up)
                for c in range(3):
                    colours[y, x, c] += 0.25 * colour[c]
                    points[y, x, c] = point[c]
    return colours, points


def see_room(room: Room, camera: Camera) -> Backdrop:
    """Return an empty room as a camera sees it."""
    low, high = (-SIDE_WALLS_M, 0.0, room.back_z_m), (SIDE_WALLS_M, CEILING_M, FRONT_WALL_M)
    walls = Walls(low, high, room.wall, room.floor, room.mat_colour, room.mat, room.decor)
    colours, points = paint_room(walls, camera.lens, camera.width_px, camera.height_px)
    fill = vec(-room.lamp[0], 0.25, room.lamp[2])
    return Backdrop(colours, points, unit(vec(*room.lamp)), unit(fill), room.lamp_strength)
