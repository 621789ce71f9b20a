"""The flesh, clothes and furniture: tapered capsules around the bones of a pose.

A solid is a set of capsules in groups. Capsules of one group melt into each other; a bounding
sphere per group lets the ray-marcher skip what is far away.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .geometry import FORWARD, UP, Matrix, Vector, perpendicular, unit, vec
from .skeleton import SIDES, Pose

Floats = NDArray[np.float64]
Colour = tuple[float, float, float]
LONG_SLEEVE = 0.95
LEFTWARD: Vector = vec(1.0, 0.0, 0.0)


class Material(IntEnum):
    """What a capsule is made of; the ray-marcher colours by these numbers."""

    SKIN = 0
    FACE = 1
    SHIRT = 2
    TROUSERS = 3
    SHOE = 4
    HAIR = 5
    SOLE = 6
    SOCK = 7
    SEAT = 8
    EAR = 9
    METAL = 10


class Group(IntEnum):
    """Capsules that melt into each other; paired ones are numbered left, right."""

    TRUNK = 0
    HEAD = 1
    UPPER_ARM = 2
    FOREARM = 4
    THIGH = 6
    SHANK = 8
    HAND = 10
    CHAIR = 12


@dataclass(frozen=True, slots=True)
class Look:
    """How a person looks: skin, hair, clothes and build.

    Attributes:
        girth: Thickness of trunk and limbs, 1.0 = average.
        sleeve: Share of the upper arm that the shirt covers (over 0.95 = long).
        leggings: Long trousers instead of shorts.
        hem_m: How far above the hip joints the shirt ends.
    """

    skin: Colour = (0.80, 0.58, 0.46)
    hair: Colour = (0.16, 0.10, 0.07)
    shirt: Colour = (0.16, 0.36, 0.62)
    trousers: Colour = (0.16, 0.17, 0.20)
    shoe: Colour = (0.90, 0.90, 0.92)
    sock: Colour = (0.85, 0.85, 0.85)
    seat: Colour = (0.30, 0.36, 0.30)
    girth: float = 1.0
    sleeve: float = 0.48
    leggings: bool = False
    long_hair: bool = False
    hem_m: float = -0.005

    def palette(self) -> Floats:
        """Return one colour per material."""
        sole, metal = (0.30, 0.30, 0.32), (0.45, 0.45, 0.47)
        colours = [self.skin, self.skin, self.shirt, self.trousers, self.shoe, self.hair, sole]
        return np.array([*colours, self.sock, self.seat, self.skin, metal], dtype=np.float64)


class Solid(NamedTuple):
    """Capsules as arrays, sorted by group, in the form the ray-marcher reads.

    Attributes:
        start: (n, 3) start of each axis in metres.
        axis: (n, 3) vector from start to end.
        per_square: (n,) one over the squared length of each axis.
        radius: (n, 2) radius at start and end.
        flat_axis: (n, 3) unit direction in which the cross-section is stretched.
        flat: (n,) stretch along ``flat_axis``; 1 = round.
        blend: (n,) width in metres over which a capsule melts into the ones before it.
        material: (n,) a ``Material``.
        group_start: (groups + 1,) index of the first capsule of each group.
        group_sphere: (groups, 4) centre and radius of a sphere around each group.
    """

    start: Floats
    axis: Floats
    per_square: Floats
    radius: Floats
    flat_axis: Floats
    flat: Floats
    blend: Floats
    material: NDArray[np.int64]
    group_start: NDArray[np.int64]
    group_sphere: Floats


@dataclass(slots=True)
class Sculpture:
    """Collects capsules and packs them into a solid."""

    rows: list[tuple[int, list[float]]] = field(default_factory=list)

    def add(  # noqa: PLR0913 - this is what a capsule consists of
        self,
        group: int,
        material: int,
        ends: tuple[Vector, Vector],
        radii: tuple[float, float],
        *,
        flat_axis: Vector = FORWARD,
        flat: float = 1.0,
        blend: float = 0.02,
    ) -> None:
        """Add one tapered capsule (metres)."""
        start, axis = ends[0], ends[1] - ends[0]
        if np.linalg.norm(axis) < 1e-4:
            axis = 1e-4 * UP
        row = [*start, *axis, *radii, *unit(flat_axis), flat, blend, float(material)]
        self.rows.append((int(group), row))

    def pack(self) -> Solid:
        """Return the capsules as arrays, sorted by group."""
        rows = sorted(self.rows, key=lambda row: row[0])
        table = np.array([row for _, row in rows], dtype=np.float64)
        groups = np.array([group for group, _ in rows])
        bounds = np.searchsorted(groups, np.arange(groups.max() + 2)).astype(np.int64)
        columns = np.split(table, [3, 6, 8, 11, 12, 13], axis=1)
        start, axis, radius, flat_axis, flat, blend, material = map(np.ascontiguousarray, columns)
        spheres = [
            bounding_sphere(*capsule_points(start[a:b], axis[a:b], radius[a:b], flat[a:b, 0]))
            for a, b in itertools.pairwise(bounds)
        ]
        kinds = material[:, 0].astype(np.int64)
        return Solid(
            start=start,
            axis=axis,
            per_square=1.0 / np.sum(axis**2, axis=1),
            radius=radius,
            flat_axis=flat_axis,
            flat=flat[:, 0].copy(),
            blend=blend[:, 0].copy(),
            material=kinds,
            group_start=bounds,
            group_sphere=np.array(spheres),
        )


def capsule_points(
    start: Floats, axis: Floats, radius: Floats, flat: Floats
) -> tuple[Floats, Floats]:
    """Return the end points of capsules and how far their flesh reaches from them."""
    stretch = np.maximum(1.0, flat)
    reach = np.concatenate([radius[:, 0] * stretch, radius[:, 1] * stretch])
    return np.vstack([start, start + axis]), reach


def bounding_sphere(points: Floats, reach: Floats, margin_m: float = 0.02) -> Floats:
    """Return centre and radius of a sphere around balls; an empty set gives one at nowhere."""
    if len(points) == 0:
        return np.array([0.0, -99.0, 0.0, 0.0])
    centre = (points.min(axis=0) + points.max(axis=0)) / 2.0
    radius = (np.linalg.norm(points - centre, axis=1) + reach).max() + margin_m
    return np.array([*centre, radius])


def placer(origin: Vector, frame: Matrix) -> Callable[[float, float, float], Vector]:
    """Return a function from (left, up, front) metres in a frame to world coordinates."""
    return lambda left, up, front: np.asarray(origin + frame @ vec(left, up, front))


def sculpt(pose: Pose, look: Look) -> Sculpture:
    """Dress the bones of a pose."""
    body = Sculpture()
    add_pelvis(body, pose, look)
    add_chest(body, pose, look)
    add_head(body, pose, look)
    for index, (side, sign) in enumerate(SIDES.items()):
        add_upper_arm(body, pose, look, side, Group.UPPER_ARM + index)
        add_forearm(body, pose, look, side, Group.FOREARM + index)
        add_hand(body, pose, side, sign, Group.HAND + index)
        add_thigh(body, pose, look, side, Group.THIGH + index)
        add_shank(body, pose, look, side, Group.SHANK + index)
        add_foot(body, pose, side, Group.SHANK + index)
    return body


def add_pelvis(body: Sculpture, pose: Pose, look: Look) -> None:
    """Add hips and buttocks."""
    frame, girth, cloth = pose.frames["pelvis"], look.girth, Material.TROUSERS
    at, left = placer(pose.joints["pelvis"], frame), frame @ LEFTWARD
    ends = at(0, -0.03, 0.006), at(0, 0.06, 0.0)
    radii = 0.103 * girth, 0.100 * girth
    body.add(Group.TRUNK, cloth, ends, radii, flat_axis=left, flat=1.48, blend=0.03)
    for sign in SIDES.values():
        ends = at(sign * 0.075, -0.045, -0.034), at(sign * 0.07, 0.02, -0.030)
        radii = 0.086 * girth, 0.080 * girth
        body.add(Group.TRUNK, cloth, ends, radii, flat_axis=left, flat=1.05, blend=0.04)


def add_chest(body: Sculpture, pose: Pose, look: Look) -> None:
    """Add belly, ribs, shoulders and neck."""
    girth, cloth, trunk = look.girth, Material.SHIRT, Group.TRUNK
    hips = placer(pose.joints["pelvis"], pose.frames["pelvis"])
    at, frame = placer(pose.joints["lumbar"], pose.frames["chest"]), pose.frames["chest"]
    left, front = frame @ LEFTWARD, frame @ FORWARD
    for ends, radii, flat, blend in (
        ((hips(0, 0.085, -0.005), at(0, 0.06, 0)), (0.097, 0.094), 1.36, 0.05),
        ((at(0, 0.06, 0), at(0, 0.20, -0.005)), (0.095, 0.102), 1.36, 0.06),
        ((at(0, 0.20, -0.01), at(0, 0.30, -0.02)), (0.103, 0.088), 1.46, 0.06),
    ):
        thick = radii[0] * girth, radii[1] * girth
        body.add(trunk, cloth, ends, thick, flat_axis=left, flat=flat, blend=blend)
    for side, sign in SIDES.items():
        ends = at(sign * 0.075, 0.25, 0.045), at(sign * 0.06, 0.27, 0.05)
        body.add(trunk, cloth, ends, (0.055, 0.055), flat_axis=front, flat=0.8, blend=0.05)
        tip = pose.joints[f"{side}_shoulder"] + frame @ vec(-sign * 0.01, 0.015, -0.005)
        ends = at(sign * 0.03, 0.36, -0.03), tip
        body.add(trunk, cloth, ends, (0.05, 0.05), flat_axis=front, flat=0.9, blend=0.05)
    skull = placer(pose.joints["head"], pose.frames["head"])
    ends = pose.joints["neck"] - frame @ vec(0, 0.03, 0), skull(0, 0.02, -0.01)
    body.add(trunk, Material.SKIN, ends, (0.054, 0.052))


def add_head(body: Sculpture, pose: Pose, look: Look) -> None:
    """Add skull, face, ears and hair."""
    frame = pose.frames["head"]
    at, left, up = placer(pose.joints["head"], frame), frame @ LEFTWARD, frame @ UP
    skull = at(0, 0.085, -0.022), at(0, 0.088, 0.012)
    body.add(Group.HEAD, Material.FACE, skull, (0.081, 0.078), flat_axis=up, flat=1.12)
    for points, radii, flat, blend in FACE_CAPSULES:
        for mirror in SIDES.values() if points[0] > 0.0 else (1.0,):
            ends = at(mirror * points[0], *points[1:3]), at(mirror * points[3], *points[4:])
            body.add(Group.HEAD, Material.FACE, ends, radii, flat_axis=left, flat=flat, blend=blend)
    for sign in SIDES.values():
        ear = at(sign * 0.076, 0.035, -0.004), at(sign * 0.078, 0.062, -0.012)
        body.add(
            Group.HEAD, Material.EAR, ear, (0.018, 0.023), flat_axis=left, flat=0.45, blend=0.006
        )
    add_hair(body, at, (left, up), look.long_hair)


def add_hair(
    body: Sculpture,
    at: Callable[[float, float, float], Vector],
    axes: tuple[Vector, Vector],
    long_hair: bool,
) -> None:
    """Add a cap of hair, and a knot at the neck if it is long."""
    left, up = axes
    cap = 0.090 if long_hair else 0.085
    strands = [((0, 0.102, -0.03), (0, 0.112, 0.004), (cap, cap * 0.9), up, 1.10, 0.008)]
    if long_hair:
        strands += [
            ((0, 0.07, -0.05), (0, -0.03, -0.06), (0.070, 0.055), left, 1.15, 0.03),
            ((0, 0.10, -0.11), (0, 0.02, -0.15), (0.035, 0.030), left, 1.00, 0.02),
        ]
    for start, end, radii, axis, flat, blend in strands:
        ends = at(*start), at(*end)
        body.add(Group.HEAD, Material.HAIR, ends, radii, flat_axis=axis, flat=flat, blend=blend)


# Start and end (left, up, front), radii, stretch, blend, all in metres in the head's frame.
# Those that start to the left of the middle are mirrored.
FACE_CAPSULES: tuple[tuple[tuple[float, ...], tuple[float, float], float, float], ...] = (
    ((0, 0.050, 0.028, 0, -0.012, 0.052), (0.064, 0.040), 0.96, 0.035),
    ((0, -0.020, 0.072, 0, -0.020, 0.073), (0.021, 0.021), 1.2, 0.025),
    ((0, 0.060, 0.088, 0, 0.030, 0.106), (0.009, 0.0125), 1.0, 0.012),
    ((0.012, 0.025, 0.096, 0.012, 0.025, 0.096), (0.0095, 0.0095), 1.0, 0.008),
    ((0.030, 0.018, 0.068, 0.034, 0.024, 0.062), (0.022, 0.022), 1.0, 0.03),
    ((0.018, 0.078, 0.081, 0.045, 0.074, 0.068), (0.008, 0.007), 1.0, 0.014),
    ((-0.016, 0.002, 0.0875, 0.016, 0.002, 0.0875), (0.0075, 0.0075), 1.0, 0.012),
)


def add_upper_arm(body: Sculpture, pose: Pose, look: Look, side: str, group: int) -> None:
    """Add shoulder, upper arm and sleeve."""
    shoulder, elbow = pose.joints[f"{side}_shoulder"], pose.joints[f"{side}_elbow"]
    upper, girth, skin = unit(elbow - shoulder), look.girth, Material.SKIN
    biceps = perpendicular(pose.fronts[f"{side}_arm"], upper)
    ends = shoulder, shoulder + upper * 0.07
    body.add(group, skin, ends, (0.053 * girth, 0.050 * girth), flat_axis=biceps)
    body.add(group, skin, (shoulder, elbow), (0.048 * girth, 0.038), flat_axis=biceps)
    ends = shoulder + upper * 0.10 + biceps * 0.012, shoulder + upper * 0.20 + biceps * 0.010
    body.add(group, skin, ends, (0.038, 0.034), flat_axis=biceps, blend=0.03)
    cuff = shoulder + (elbow - shoulder) * min(look.sleeve, 1.0)
    radii = 0.057 * girth, (0.056 if look.sleeve < 0.6 else 0.046) * girth
    ends = shoulder - upper * 0.005, cuff
    body.add(group, Material.SHIRT, ends, radii, flat_axis=biceps, blend=0.01)


def add_forearm(body: Sculpture, pose: Pose, look: Look, side: str, group: int) -> None:
    """Add forearm and long sleeve."""
    elbow, wrist = pose.joints[f"{side}_elbow"], pose.joints[f"{side}_wrist"]
    fore = unit(wrist - elbow)
    crease = perpendicular(pose.fronts[f"{side}_arm"], fore)
    across, skin = np.cross(fore, crease), Material.SKIN
    body.add(group, skin, (elbow, wrist), (0.039, 0.026), flat_axis=across, flat=1.1)
    ends = elbow + fore * 0.03 + crease * 0.004, elbow + fore * 0.11
    body.add(group, skin, ends, (0.037, 0.036), flat_axis=across, flat=1.12, blend=0.03)
    if look.sleeve > LONG_SLEEVE:
        ends = elbow, elbow + (wrist - elbow) * 0.92
        body.add(group, Material.SHIRT, ends, (0.046, 0.035), flat_axis=across, blend=0.01)


def add_hand(body: Sculpture, pose: Pose, side: str, sign: float, group: int) -> None:
    """Add palm, four fingers and thumb, relaxed and a little curled."""
    elbow, wrist = pose.joints[f"{side}_elbow"], pose.joints[f"{side}_wrist"]
    along, palm = hand_directions(pose, side, sign, unit(wrist - elbow))
    across = np.cross(along, palm)
    if across @ pose.fronts[f"{side}_arm"] < 0:
        across = -across
    ends = wrist + along * 0.01, wrist + along * 0.08
    body.add(group, Material.SKIN, ends, (0.027, 0.036), flat_axis=palm, flat=0.45)
    for offset, length in ((0.028, 0.075), (0.0095, 0.085), (-0.0095, 0.080), (-0.027, 0.062)):
        knuckle = wrist + along * 0.088 + across * offset
        bend = knuckle + along * length * 0.55 + palm * 0.008
        tip = bend + along * length * 0.38 + palm * 0.020
        add_finger(body, group, (knuckle, bend, tip), (0.0095, 0.0088, 0.007))
    root = wrist + along * 0.02 + across * 0.022
    bend = wrist + along * 0.07 + across * 0.05 + palm * 0.012
    tip = wrist + along * 0.10 + across * 0.052 + palm * 0.020
    add_finger(body, group, (root, bend, tip), (0.014, 0.0105, 0.008))


def hand_directions(pose: Pose, side: str, sign: float, fore: Vector) -> tuple[Vector, Vector]:
    """Return where the fingers point and where the palm faces."""
    flat_hand = pose.fronts.get(f"{side}_hand")
    if flat_hand is not None:
        return flat_hand, -UP
    crease = perpendicular(pose.fronts[f"{side}_arm"], fore)
    across = np.cross(fore, crease)
    inwards = pose.frames["chest"] @ vec(-sign, 0.0, 0.0)
    palm = 0.35 * crease + (across if across @ inwards > 0 else -across)
    return fore, perpendicular(palm, fore)


def add_finger(
    body: Sculpture,
    group: int,
    joints: tuple[Vector, Vector, Vector],
    radii: tuple[float, float, float],
) -> None:
    """Add one finger of two segments."""
    body.add(group, Material.SKIN, joints[:2], radii[:2], blend=0.006)
    body.add(group, Material.SKIN, joints[1:], radii[1:], blend=0.004)


def add_thigh(body: Sculpture, pose: Pose, look: Look, side: str, group: int) -> None:
    """Add thigh and trouser leg."""
    hip, knee, girth = pose.joints[f"{side}_hip"], pose.joints[f"{side}_knee"], look.girth
    thigh = unit(knee - hip)
    quad = perpendicular(pose.fronts[f"{side}_leg"], thigh)
    cover = Material.TROUSERS if look.leggings else Material.SKIN
    ends = hip + thigh * 0.02, knee
    body.add(group, cover, ends, (0.083 * girth, 0.054), flat_axis=quad)
    ends = hip + thigh * 0.10 + quad * 0.022, hip + thigh * 0.33 + quad * 0.012
    body.add(group, cover, ends, (0.060 * girth, 0.042), flat_axis=quad, blend=0.04)
    if not look.leggings:
        ends, radii = (hip - thigh * 0.02, hip + (knee - hip) * 0.62), (0.098, 0.082)
        thick = radii[0] * girth, radii[1] * girth
        body.add(group, Material.TROUSERS, ends, thick, flat_axis=quad, flat=1.02)


def add_shank(body: Sculpture, pose: Pose, look: Look, side: str, group: int) -> None:
    """Add knee, knee cap, calf and sock."""
    hip, knee, ankle = (pose.joints[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle"))
    thigh, shank = unit(knee - hip), unit(ankle - knee)
    quad = perpendicular(pose.fronts[f"{side}_leg"], thigh)
    shin = perpendicular(pose.fronts[f"{side}_leg"], shank)
    cover = Material.TROUSERS if look.leggings else Material.SKIN
    cap = knee + unit(quad + shin) * 0.035
    front_of_knee = knee + quad * 0.004, knee + shank * 0.03 + shin * 0.006
    calf = knee + shank * 0.06 - shin * 0.022, knee + shank * 0.19 - shin * 0.016
    for ends, radii, axis, blend in (
        (front_of_knee, (0.051, 0.048), quad, 0.03),
        ((cap, cap + shank * 0.03), (0.020, 0.018), quad, 0.03),
        ((knee, ankle), (0.047, 0.034), shin, 0.02),
        (calf, (0.042 * look.girth, 0.034), shin, 0.04),
    ):
        body.add(group, cover, ends, radii, flat_axis=axis, blend=blend)
    ends = ankle - shank * 0.07, ankle
    body.add(group, Material.SOCK, ends, (0.035, 0.036), flat_axis=shin, blend=0.01)


def add_foot(body: Sculpture, pose: Pose, side: str, group: int) -> None:
    """Add a shoe and its sole."""
    heel, toe, ankle = (pose.joints[f"{side}_{joint}"] for joint in ("heel", "toe", "ankle"))
    forward, up = pose.fronts[f"{side}_foot"], pose.fronts[f"{side}_instep"]
    low, ball = heel + up * 0.012, heel + up * 0.012 + forward * 0.13
    sole, sole_ball = heel - up * 0.012, heel - up * 0.014 + forward * 0.14
    throat = ankle + up * 0.005 - forward * 0.005, heel + up * 0.035 + forward * 0.13
    shoe, rubber = Material.SHOE, Material.SOLE
    for material, ends, radii, flat, blend in (
        (shoe, (low, ball), (0.034, 0.041), 0.85, 0.02),
        (shoe, (ball, toe + up * 0.004), (0.041, 0.034), 0.72, 0.02),
        (shoe, throat, (0.041, 0.034), 1.0, 0.03),
        (rubber, (sole, sole_ball), (0.033, 0.039), 0.45, 0.006),
        (rubber, (sole_ball, toe - up * 0.012), (0.039, 0.035), 0.40, 0.006),
    ):
        body.add(group, material, ends, radii, flat_axis=up, flat=flat, blend=blend)


def add_chair(body: Sculpture, seat_height_m: float, middle_z_m: float) -> None:
    """Add a slatted chair that faces +Z."""
    back, front = middle_z_m - 0.20, middle_z_m + 0.26
    for left in (-0.2, 0.2):
        back_foot, front_foot = vec(left, 0, back + 0.02), vec(left, 0, front - 0.02)
        back_top = vec(left, seat_height_m, back + 0.02)
        rail = vec(left, seat_height_m + 0.45, back - 0.07)
        posts = (back_foot, back_top), (front_foot, front_foot + seat_height_m * UP)
        for ends in (*posts, (back_top, rail)):
            body.add(Group.CHAIR, Material.METAL, ends, (0.014, 0.014), blend=0.002)
    for height, depth, axis, radius, flat in chair_slats(seat_height_m, back, front):
        ends = vec(-0.2, height, depth), vec(0.2, height, depth)
        radii = radius, radius
        body.add(Group.CHAIR, Material.SEAT, ends, radii, flat_axis=axis, flat=flat, blend=0.03)


def chair_slats(
    seat_height_m: float, back_z_m: float, front_z_m: float
) -> Iterator[tuple[float, float, Vector, float, float]]:
    """Yield height, depth, flat axis, radius and stretch of the slats of seat and backrest."""
    for index in range(7):
        depth = back_z_m + 0.03 + index * (front_z_m - back_z_m - 0.06) / 6
        yield seat_height_m, depth, UP, 0.030, 0.8
    for index in range(4):
        rise = seat_height_m + 0.26 + index * 0.055
        yield rise, back_z_m - 0.04 - index * 0.012, FORWARD, 0.028, 0.6
