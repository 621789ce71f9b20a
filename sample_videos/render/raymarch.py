"""Draws a solid in a room: a compiled ray-marcher with soft shadows."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from .body import Floats, Look, Solid, bounding_sphere, capsule_points
from .camera import Camera, Lens
from .field import (
    Point,
    along,
    between,
    body_distance,
    compiled,
    distance_within,
    dot,
    groups_ahead,
    light_through,
    nearest_capsule,
    normalised,
    row,
    surface_normal,
)
from .geometry import as_point
from .room import Backdrop
from .skeleton import Pose
from .surface import (
    EAR,
    FACE,
    HAIR,
    SHIRT,
    SKIN,
    TROUSERS,
    head_colour,
    in_frame,
    limb_colour,
    shirt_over_trousers,
    wrinkled,
)

CLOTH_GLOSS = (0.02, 12.0)
EDGE_PX = 0.55
TILE_PX = 8
STRIDE = 0.9
FLOOR_Y_M = 0.0


class Window(NamedTuple):
    """The part of the picture that the solid may cover, and its depth range (m)."""

    left: float
    right: float
    top: float
    bottom: float
    near: float
    far: float


class Lamp(NamedTuple):
    """Where the light comes from and how strong the main lamp is."""

    main: Point
    fill: Point
    strength: float


class Wearer(NamedTuple):
    """Frames and colours of the person that the solid was made for."""

    palette: Floats
    head: Point
    head_frame: Floats
    pelvis: Point
    pelvis_frame: Floats
    hem: float


class Scene(NamedTuple):
    """What is drawn over the room, seen how and in which light."""

    solid: Solid
    wearer: Wearer
    lens: Lens
    lamp: Lamp


@compiled
def ray(lens: Lens, x: float, y: float, width: int, height: int) -> Point:
    """Return the direction in which a pixel looks."""
    across, upwards = (x + 0.5 - width / 2) / lens.focal_px, (height / 2 - y - 0.5) / lens.focal_px
    return normalised(along(along(lens.ahead, lens.right, across), lens.up, upwards))


@compiled
def approach(solid: Solid, lens: Lens, look: Point, window: Window) -> float:
    """Return a depth (m) up to which a whole tile of pixels sees nothing; 0 if it never does."""
    spread = 0.75 * TILE_PX / lens.focal_px
    groups = groups_ahead(solid, lens.position, look, 0.03 + spread * window.far)
    depth = window.near
    if groups == 0:
        return 0.0
    for _ in range(60):
        distance = body_distance(solid, along(lens.position, look, depth), groups)
        clear = distance - spread * depth - 0.004
        if clear < 0.004:
            return depth
        depth += clear * STRIDE
        if depth > window.far:
            return 0.0
    return depth


@compiled
def march(
    solid: Solid, lens: Lens, look: Point, depth: float, far: float
) -> tuple[float, float, int]:
    """Return how much of a pixel the body covers (0-1), the depth (m) and the groups ahead."""
    groups = groups_ahead(solid, lens.position, look, 0.02)
    if groups == 0:
        return 0.0, 0.0, 0
    closest, closest_depth = 1e9, depth
    for _ in range(90):
        distance = body_distance(solid, along(lens.position, look, depth), groups)
        if distance < 0.0006 * depth:
            return 1.0, depth, groups
        if distance / depth < closest:
            closest, closest_depth = distance / depth, depth
        depth += distance * STRIDE
        if depth > far:
            break
    return max(0.0, EDGE_PX - closest * lens.focal_px), closest_depth, groups


@compiled
def openness(solid: Solid, point: Point, normal: Point, groups: int, strength: float) -> float:
    """Return how open to the sky a point of the surface is (0.18-1)."""
    closed, weight = 0.0, 1.0
    for index in range(1, 5):
        height = 0.02 * index
        here = along(point, normal, height)
        clearance = min(body_distance(solid, here, groups), here[1] - FLOOR_Y_M)
        closed += (height - clearance) * weight
        weight *= 0.75
    return min(max(1.0 - strength * closed, 0.18), 1.0)


@compiled
def appearance(
    solid: Solid, wearer: Wearer, point: Point, normal: Point
) -> tuple[Point, Point, tuple[float, float], int]:
    """Return colour, normal, gloss and material of a point of the surface."""
    index = nearest_capsule(solid, point)
    hem_offset = between(wearer.pelvis, point)
    material = shirt_over_trousers(
        solid.material[index], hem_offset, wearer.pelvis_frame, wearer.hem
    )
    colour = row(wearer.palette, material)
    if material in (SHIRT, TROUSERS):
        cloth, tilted = wrinkled(solid, index, point, normal, colour)
        return cloth, tilted, CLOTH_GLOSS, material
    if material in (FACE, EAR, HAIR):
        place = in_frame(wearer.head_frame, between(wearer.head, point))
        painted, gloss = head_colour(wearer.palette, material, place)
        return painted, normal, gloss, material
    plain, gloss = limb_colour(solid, index, point, material, colour)
    return plain, normal, gloss, material


@compiled
def shaded(scene: Scene, point: Point, look: Point, groups: int) -> Point:
    """Return the lit colour of a point of the surface."""
    solid, lamp = scene.solid, scene.lamp
    outward = surface_normal(solid, point, groups)
    colour, normal, gloss, material = appearance(solid, scene.wearer, point, outward)
    is_head = material in (FACE, HAIR)
    is_skin = material in (SKIN, FACE, EAR)
    facing = dot(normal, lamp.main)
    lit = 0.0
    if facing > -0.25:
        lit = light_through(solid, along(point, normal, 0.006), lamp.main)
    open_sky = openness(solid, point, normal, groups, 2.6 if is_head else 5.5)
    wrap = 0.25 if is_skin else 0.08
    direct = max(0.0, (facing + wrap) / (1.0 + wrap)) * (lit * 0.85 + (0.15 if facing > 0 else 0))
    direct *= lamp.strength
    sky = 0.5 + 0.5 * normal[1]
    fill = max(0.0, dot(normal, lamp.fill)) * open_sky
    warm = (0.34 + 0.20 * sky) * open_sky + 0.22 * fill
    cool = (0.35 + 0.21 * sky) * open_sky + 0.24 * fill
    glow = math.exp(-((facing / 0.22) ** 2)) * 0.10 * lit if is_skin else 0.0
    halfway = normalised(between(look, lamp.main))
    shine = max(0.0, dot(normal, halfway)) ** gloss[1] * gloss[0] * lit * 2.0
    shine += (1.0 - max(0.0, -dot(normal, look))) ** 4 * 0.10 * open_sky
    return (
        colour[0] * (direct * 1.05 + warm + glow) + shine,
        colour[1] * (direct + warm + glow * 0.35) + shine,
        colour[2] * (direct * 0.93 + cool + glow * 0.2) + shine,
    )


@compiled
def paint_tile(
    picture: Floats, scene: Scene, corner: tuple[int, int], near: float, far: float
) -> None:
    """Draw the solid in one small square of the picture."""
    solid, lens = scene.solid, scene.lens
    height, width, _ = picture.shape
    for y in range(corner[1], min(corner[1] + TILE_PX, height)):
        for x in range(corner[0], min(corner[0] + TILE_PX, width)):
            look = ray(lens, x, y, width, height)
            covered, depth, groups = march(solid, lens, look, near, far)
            if covered > 0.0:
                point = along(lens.position, look, depth)
                colour = shaded(scene, point, look, groups)
                for c in range(3):
                    picture[y, x, c] += (colour[c] - picture[y, x, c]) * covered


@compiled
def paint(backdrop: Floats, scene: Scene, window: Window) -> Floats:
    """Draw the solid over a backdrop (height, width, 3)."""
    solid, lens = scene.solid, scene.lens
    height, width, _ = backdrop.shape
    picture = backdrop.copy()
    for top in range(max(0, int(window.top)), min(height, int(window.bottom) + 1), TILE_PX):
        for left in range(max(0, int(window.left)), min(width, int(window.right) + 1), TILE_PX):
            middle = ray(lens, left + TILE_PX / 2 - 0.5, top + TILE_PX / 2 - 0.5, width, height)
            depth = approach(solid, lens, middle, window)
            if depth > 0.0:
                paint_tile(picture, scene, (left, top), depth, window.far)
    return picture


@compiled
def darken(points: Floats, solid: Solid, lamp: Lamp, sphere: Floats) -> NDArray[np.float32]:
    """Return how much light (0-1) is left on points (rows, columns, 3) of floor and walls."""
    height, width, _ = points.shape
    light = np.ones((height, width), np.float32)
    everything = (1 << (solid.group_start.shape[0] - 1)) - 1
    for y in range(height):
        for x in range(width):
            point = points[y, x, 0], points[y, x, 1], points[y, x, 2]
            to_body = sphere[0] - point[0], sphere[1] - point[1], sphere[2] - point[2]
            away, ahead = dot(to_body, to_body), dot(to_body, lamp.main)
            shadowed = ahead > 0.0 and away - ahead * ahead < (sphere[3] + 0.08) ** 2
            near = away < (sphere[3] + 0.25) ** 2
            share = 1.0
            if shadowed:
                above = point[0], point[1] + 0.004, point[2]
                share = 0.55 + 0.45 * light_through(solid, above, lamp.main)
            if near:
                clearance = max(distance_within(solid, point, everything, 0.25), 0.0)
                share *= min(1.0, 0.45 + 0.55 * clearance / 0.22)
            light[y, x] = share
    return light


def cover(camera: Camera, points: Floats, reach: Floats) -> Window:
    """Return the part of the picture that balls around points may cover."""
    _, _, ahead = camera.axes
    depth = (points - camera.position) @ ahead
    pixels = np.array([camera.project(point) for point in points])
    radius = (reach + 0.03) / np.maximum(depth, 0.1) * camera.focal_px * 1.15
    left, top = (pixels - radius[:, None]).min(axis=0)
    right, bottom = (pixels + radius[:, None]).max(axis=0)
    near, far = max(0.1, depth.min() - 0.3), depth.max() * 1.25 + 0.3
    return Window(float(left), float(right), float(top), float(bottom), float(near), float(far))


def wearer_of(pose: Pose, look: Look) -> Wearer:
    """Return what the ray-marcher needs to know to colour a dressed pose."""
    return Wearer(
        palette=look.palette(),
        head=as_point(pose.joints["head"]),
        head_frame=np.ascontiguousarray(pose.frames["head"], dtype=np.float64),
        pelvis=as_point(pose.joints["pelvis"]),
        pelvis_frame=np.ascontiguousarray(pose.frames["pelvis"], dtype=np.float64),
        hem=look.hem_m,
    )


def expose(colours: Floats) -> NDArray[np.uint8]:
    """Return linear colours as a picture; bright ones are held back."""
    colours = np.clip(colours, 0.0, None)
    exposed = colours * (1.0 + colours * 0.08) / (1.0 + colours * 0.18) * 1.04
    return np.asarray(np.clip(exposed, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def draw(
    solid: Solid, pose: Pose, look: Look, camera: Camera, backdrop: Backdrop
) -> NDArray[np.uint8]:
    """Return the picture (height, width, 3, RGB) of a dressed pose in a room."""
    points, reach = capsule_points(solid.start, solid.axis, solid.radius, solid.flat)
    lamp = Lamp(as_point(backdrop.to_lamp), as_point(backdrop.to_fill), backdrop.lamp_strength)
    sphere = bounding_sphere(points, reach + 0.03, 0.0)
    light = darken(np.ascontiguousarray(backdrop.points[::2, ::2]), solid, lamp, sphere)
    size = camera.width_px, camera.height_px
    every_pixel = np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_LINEAR))
    shadowed = backdrop.colours * every_pixel[:, :, None]
    window = cover(camera, points, reach)
    scene = Scene(solid, wearer_of(pose, look), camera.lens, lamp)
    return expose(paint(shadowed, scene, window))
