"""A stick figure of 33 landmarks driven by joint-angle functions of time.

The figure is `hep_vision.core.figure`'s (forward, up, towards the person's left; metres), placed,
turned about the vertical and projected in parallel onto the picture, so every angle in the plane
of the picture is exactly the angle that was put in. Each motion returns the figure over time
together with its analytic truth.

An effort is a smooth excursion: half a raised cosine up in half of ``duration_ms``, ``hold_ms`` at
the top, half a raised cosine down. With ``start_ms`` where the climb begins, the movement

* is at its extreme from ``start_ms + duration_ms / 2`` for ``hold_ms``,
* is half-way up ``duration_ms / 4`` after its start and half-way down as long before its end,
* ends at ``start_ms + duration_ms + hold_ms``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core import figure
from hep_vision.core.figure import SHANK_M, THIGH_M, TRUNK_M
from hep_vision.core.landmarks import LANDMARK_COUNT, MIRROR, Landmark
from hep_vision.core.types import PoseFrame, Side, View

Array = NDArray[np.float64]

TURN_DEG: Final = {View.FRONT: 0.0, View.OBLIQUE: 62.0, View.SIDE: 90.0}
"""Turn of the trunk away from the camera; oblique shows 0.8 * cos 62 = 0.38 trunk lengths."""


# -- efforts --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Effort:
    """One planned excursion from rest.

    Attributes:
        amplitude_deg: How far the driving angle goes beyond rest.
        duration_ms: Climb and return together, the hold left out.
        hold_ms: Time at the extreme.
        pause_ms: Rest after it.
        side: Which side of the body moves.
    """

    amplitude_deg: float
    duration_ms: int = 3_000
    hold_ms: int = 0
    pause_ms: int = 1_000
    side: Side = Side.BOTH


@dataclass(frozen=True, slots=True)
class TrueEffort:
    """Where an effort lies in time: the interval is ``[start_ms, end_ms)``."""

    start_ms: int
    peak_ms: int
    end_ms: int
    amplitude_deg: float
    side: Side


def efforts(amplitudes_deg: Sequence[float], **options: int | Side) -> tuple[Effort, ...]:
    """Return efforts of these amplitudes that are alike in everything else."""
    return tuple(Effort(amplitude, **options) for amplitude in amplitudes_deg)


def place(plan: Sequence[Effort], lead_in_ms: int = 1_000) -> tuple[TrueEffort, ...]:
    """Return the plan on the time axis; ``peak_ms`` is the middle of the time at the extreme."""
    placed, at_ms = [], lead_in_ms
    for effort in plan:
        end_ms = at_ms + effort.duration_ms + effort.hold_ms
        middle_ms = at_ms + (effort.duration_ms + effort.hold_ms) // 2
        placed.append(TrueEffort(at_ms, middle_ms, end_ms, effort.amplitude_deg, effort.side))
        at_ms = end_ms + effort.pause_ms
    return tuple(placed)


def total_ms(plan: Sequence[Effort], lead_in_ms: int = 1_000, tail_ms: int = 1_500) -> int:
    """Return how long the whole plan takes, stillness before and after included."""
    return lead_in_ms + tail_ms + sum(e.duration_ms + e.hold_ms + e.pause_ms for e in plan)


def excursion(time_ms: Array, plan: Sequence[Effort], lead_in_ms: int = 1_000) -> Array:
    """Return the excursion of (left, right) at each time, (T, 2) degrees; 0 between the efforts."""
    result = np.zeros((len(time_ms), 2))
    for effort, true in zip(plan, place(plan, lead_in_ms), strict=True):
        half_ms = effort.duration_ms / 2.0
        rising = np.clip((time_ms - true.start_ms) / half_ms, 0.0, 1.0)
        falling = np.clip((true.end_ms - time_ms) / half_ms, 0.0, 1.0)
        share = (1.0 - np.cos(np.pi * np.minimum(rising, falling))) / 2.0
        working = np.array([effort.side is not Side.RIGHT, effort.side is not Side.LEFT])
        result += effort.amplitude_deg * share[:, None] * working
    return result


def signal(
    plan: Sequence[Effort], *, fps: float = 30.0, rest: float = 0.0, lead_in_ms: int = 1_000
) -> list[tuple[int, float]]:
    """Return the bare excursion as (stamp, value) samples, for machines that take one scalar."""
    stamps = stamps_ms(total_ms(plan, lead_in_ms), fps)
    values = rest + excursion(stamps.astype(np.float64), plan, lead_in_ms)[:, 0]
    return list(zip(stamps.tolist(), values.tolist(), strict=True))


def stamps_ms(duration_ms: int, fps: float, start_ms: int = 0) -> NDArray[np.int64]:
    """Return whole-millisecond stamps of a steady camera, from ``start_ms``."""
    count = int(duration_ms * fps / 1000.0) + 1
    return start_ms + np.round(np.arange(count) * 1000.0 / fps).astype(np.int64)


# -- the figure -----------------------------------------------------------------------------------

Angle = Array | float


@dataclass(frozen=True, slots=True)
class Posture:
    """Joint angles in degrees by the neutral-zero method: numbers, (T, 1) or (T, 2) left, right.

    Attributes:
        trunk: Forward lean; -90 lies on the back with the head behind, 90 on the front.
        hip: Flexion of the thigh against the trunk.
        hip_out: Abduction of the leg.
        shoulder: Flexion of the upper arm against the trunk.
        shoulder_out: Abduction of the arm.
        foot_flat: Feet point forward along the floor; otherwise at a right angle to the shank.
        knee_in_m: How far each knee is pushed towards the middle.
        anchor: The part whose midpoint stays at ``place_m``.
        place_m: (forward, up) of the anchor, (2,) or (T, 2).
    """

    trunk: Angle = 0.0
    hip: Angle = 0.0
    knee: Angle = 0.0
    hip_out: Angle = 0.0
    shoulder: Angle = 0.0
    shoulder_out: Angle = 0.0
    elbow: Angle = 0.0
    foot_flat: bool = True
    knee_in_m: Angle = 0.0
    anchor: str = "ANKLE"
    place_m: Array = field(default_factory=lambda: np.array([0.0, 0.08]))


def body_m(posture: Posture, count: int) -> Array:
    """Return the figure, (count, 33, 3) metres: forward, up, towards the person's left."""
    angles = {name: getattr(posture, name) for name in _JOINTS}
    ankle = None if posture.foot_flat else 0.0
    points = figure.body_m(figure.Posture(**angles, ankle=ankle), count)
    left = Landmark[f"LEFT_{posture.anchor}"]
    anchor = points[:, left : left + 2, :2].mean(axis=1)
    points[:, :, :2] += (posture.place_m - anchor)[:, None, :]
    return points


_JOINTS: Final = (
    "trunk", "hip", "knee", "hip_out", "shoulder", "shoulder_out", "elbow", "knee_in_m"
)  # fmt: skip


# -- motions --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Motion:
    """A movement and what is true of it.

    Attributes:
        body_m: The figure, (T, 33, 3), at (T,) milliseconds from the start of the motion.
        duration_ms: How long it lasts.
        truth: Its efforts on the time axis.
        heading_deg: Which way the person faces, (T,): 0 is forward, 90 towards the left. The figure
            is already turned; this tells which side hides the other.
    """

    body_m: Callable[[Array], Array]
    duration_ms: int
    truth: tuple[TrueEffort, ...] = ()
    heading_deg: Callable[[Array], Array] = lambda time_ms: np.zeros(len(time_ms))


def _motion(plan: Sequence[Effort], posture: Callable[[Array], Posture]) -> Motion:
    return Motion(
        lambda time_ms: body_m(posture(excursion(time_ms, plan)), len(time_ms)),
        total_ms(plan),
        place(plan),
    )


def squat(plan: Sequence[Effort], knee_in_m: float = 0.0) -> Motion:
    """Squat on fixed feet: knee flexion = hip flexion = amplitude at the peak, 0 at rest.

    The trunk leans 0.35 of the knee angle forward. ``knee_in_m`` is how far both knees drift in at
    90 degrees, in proportion before.
    """
    return _motion(
        plan,
        lambda bend: Posture(
            trunk=0.35 * bend, hip=bend, knee=bend, knee_in_m=knee_in_m * bend / 90.0
        ),
    )


def sit_to_stand(plan: Sequence[Effort]) -> Motion:
    """Rise from sitting: knee flexion = 90 - amplitude at the peak (90 stands up), 90 at rest."""

    def posture(rise: Array) -> Posture:
        lean = 35.0 * np.sin(np.pi * np.clip(rise / 90.0, 0.0, 1.0))
        return Posture(trunk=lean, hip=90.0 - rise + lean, knee=90.0 - rise)

    return _motion(plan, posture)


def arm_raise(plan: Sequence[Effort], *, sideways: bool = False) -> Motion:
    """Raise straight arms from hanging: shoulder flexion (or abduction) = amplitude."""
    if sideways:
        return _motion(plan, lambda lift: Posture(shoulder_out=lift))
    return _motion(plan, lambda lift: Posture(shoulder=lift))


def elbow_curl(plan: Sequence[Effort], rest_deg: float = 10.0) -> Motion:
    """Curl: elbow flexion = ``rest_deg`` + amplitude, the upper arms hang still."""
    return _motion(plan, lambda bend: Posture(elbow=rest_deg + bend))


def straight_leg_raise(plan: Sequence[Effort]) -> Motion:
    """Lying on the back: hip flexion = amplitude of the working leg; a leg at rest is flat."""
    return _motion(
        plan,
        lambda lift: Posture(
            trunk=-90.0, hip=lift, foot_flat=False, anchor="HIP", place_m=np.array([0.0, 0.1])
        ),
    )


_BRIDGE_ANKLE_M: Final = TRUNK_M + (THIGH_M + SHANK_M) * np.cos(np.radians(50.0))


def bridge_knee_deg(lift_deg: Angle) -> Angle:
    """Return knee flexion of a bridge whose trunk is lifted: 100 at rest."""
    lift = np.radians(lift_deg)
    reach_m = np.hypot(_BRIDGE_ANKLE_M - TRUNK_M * np.cos(lift), TRUNK_M * np.sin(lift))
    return 2.0 * np.degrees(np.arccos(reach_m / (THIGH_M + SHANK_M)))


def bridge_hip_deg(lift_deg: Angle) -> Angle:
    """Return hip flexion of a bridge whose trunk is lifted: 50 at rest, about 1 at 24 degrees."""
    lift = np.radians(lift_deg)
    dip = np.arctan2(TRUNK_M * np.sin(lift), _BRIDGE_ANKLE_M - TRUNK_M * np.cos(lift))
    return bridge_knee_deg(lift_deg) / 2.0 - np.degrees(dip) - lift_deg


def bridge(plan: Sequence[Effort]) -> Motion:
    """Bridge: shoulders and feet stay, the trunk lifts by the amplitude (24 = straight line)."""
    return _motion(
        plan,
        lambda lift: Posture(
            trunk=-90.0 - lift,
            hip=bridge_hip_deg(lift),
            knee=bridge_knee_deg(lift),
            shoulder=-lift,
            anchor="SHOULDER",
            place_m=np.array([-0.3, 0.1]),
        ),
    )


def wall_sit(plan: Sequence[Effort]) -> Motion:
    """Slide down a wall with shanks upright: knee = hip flexion = amplitude, trunk upright."""
    return _motion(plan, lambda bend: Posture(hip=bend, knee=bend))


def plank(plan: Sequence[Effort]) -> Motion:
    """Forearm plank from lying flat; an amplitude of 90 is the plank.

    Flat, the arms lie ahead and the hip is level with the elbows; in the plank the hip is
    0.43 trunk lengths above them and shoulders, hips and ankles are in line (body line 0).
    """
    return _motion(
        plan,
        lambda lift: Posture(
            trunk=90.0 - lift / 9.0,
            shoulder=180.0 - lift / 9.0 - lift,
            elbow=lift,
            foot_flat=False,
            anchor="ELBOW",
            place_m=np.array([0.5, 0.05]),
        ),
    )


def stillness(duration_ms: int, posture: Posture | None = None) -> Motion:
    """Nothing moves: nothing may count."""
    return Motion(lambda time_ms: body_m(posture or Posture(), len(time_ms)), duration_ms)


def walk(duration_ms: int, *, speed_m_per_s: float = 1.0, step_ms: int = 600) -> Motion:
    """Walk forward, or on the spot at speed 0: no repetition of anything.

    The thighs swing 30 degrees in turn and each knee bends up to 60 as its leg comes forward; on
    the spot the knees are lifted to 60 instead. Arms swing 25 degrees against the legs.
    """
    opposite = np.array([0.0, np.pi])

    def posture(time_ms: Array) -> Posture:
        stride = np.pi * time_ms[:, None] / step_ms + opposite
        ahead = speed_m_per_s * (time_ms - duration_ms / 2.0) / 1000.0
        lift = np.clip(np.sin(stride), 0.0, None)
        on_spot = speed_m_per_s == 0.0
        return Posture(
            hip=60.0 * lift if on_spot else 30.0 * np.sin(stride),
            knee=60.0 * (lift if on_spot else np.clip(np.cos(stride), 0.0, None)),
            shoulder=-25.0 * np.sin(stride),
            anchor="HIP",
            place_m=np.stack([ahead, np.full_like(ahead, 0.92)], axis=-1),
        )

    return Motion(lambda time_ms: body_m(posture(time_ms), len(time_ms)), duration_ms)


def one_after_another(*motions: Motion) -> Motion:
    """Return the motions one after another; the truth is shifted along."""
    starts = np.cumsum([0, *(motion.duration_ms for motion in motions)])

    def turns(time_ms: Array) -> list[tuple[Motion, NDArray[np.bool_], Array]]:
        turn = np.clip(np.searchsorted(starts, time_ms, side="right") - 1, 0, len(motions) - 1)
        mine = [turn == number for number in range(len(motions))]
        return [
            (motion, now, time_ms[now] - start)
            for motion, now, start in zip(motions, mine, starts, strict=False)
        ]

    def body(time_ms: Array) -> Array:
        points = np.empty((len(time_ms), LANDMARK_COUNT, 3))
        for motion, now, since_ms in turns(time_ms):
            points[now] = motion.body_m(since_ms)
        return points

    def heading(time_ms: Array) -> Array:
        angle = np.empty(len(time_ms))
        for motion, now, since_ms in turns(time_ms):
            angle[now] = motion.heading_deg(since_ms)
        return angle

    truth = tuple(
        replace(
            true,
            start_ms=true.start_ms + int(start),
            peak_ms=true.peak_ms + int(start),
            end_ms=true.end_ms + int(start),
        )
        for start, motion in zip(starts, motions, strict=False)
        for true in motion.truth
    )
    return Motion(body, int(starts[-1]), truth, heading)


# -- the camera -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the camera stands and how large the picture is.

    Attributes:
        view: How far the person is turned away.
        faces_right: Whether a person seen from the side faces image right (right side near).
        size_px: Width and height of the picture.
        px_per_m: How large a metre is.
        shift_px: Moves the person in the picture, right and down.
        mirror: Flip the picture: left becomes right for the estimator, too.
        far_visibility: Visibility of the far side in a side view; the near side has 0.95.
        world: Whether there are world landmarks.
        image: Whether there are image landmarks.
    """

    view: View = View.SIDE
    faces_right: bool = True
    size_px: tuple[int, int] = (1280, 720)
    px_per_m: float = 300.0
    shift_px: tuple[float, float] = (0.0, 0.0)
    mirror: bool = False
    far_visibility: float = 0.6
    world: bool = True
    image: bool = True


@dataclass(frozen=True, slots=True)
class Spike:
    """A landmark that jumps to the corner of the picture for some frames."""

    landmark: Landmark
    at_ms: int
    frames: int = 1


@dataclass(frozen=True, slots=True)
class Flaws:
    """What goes wrong between the person and the landmarks.

    Attributes:
        noise_ratio: Standard deviation of each coordinate, in trunk lengths.
        jitter_ms: Largest error of a stamp; the movement is sampled at the true moment.
        dropped_share: Share of the frames that never arrive.
        spikes: Landmarks at (0, 0) for some frames.
        gaps_ms: ``[start, end)`` in which nobody is found.
        seed: Of all randomness.
    """

    noise_ratio: float = 0.0
    jitter_ms: int = 0
    dropped_share: float = 0.0
    spikes: tuple[Spike, ...] = ()
    gaps_ms: tuple[tuple[int, int], ...] = ()
    seed: int = 0


CLEAN: Final = Flaws()
SIDE_VIEW: Final = Camera()
FRONT_VIEW: Final = Camera(view=View.FRONT)


def project(
    points_m: Array, camera: Camera, heading_deg: Array | float = 0.0
) -> tuple[Array, Array, Array]:
    """Return image landmarks (T, 33, 2), world landmarks (T, 33, 3) and visibility (T, 33)."""
    turn = np.radians(TURN_DEG[camera.view]) * (1.0 if camera.faces_right else -1.0)
    forward, up, left = np.moveaxis(points_m, -1, 0)
    right_m = np.cos(turn) * left + np.sin(turn) * forward
    away_m = np.sin(turn) * left - np.cos(turn) * forward
    image_px = camera.px_per_m * np.stack([right_m, -up], axis=-1) + _floor_px(camera)
    hips = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
    world_m = np.stack([right_m, -up, away_m], axis=-1)
    world_m = world_m - world_m[:, hips].mean(axis=1, keepdims=True)
    visibility = np.full(points_m.shape[:2], 0.95)
    left_away = np.broadcast_to(np.sin(turn + np.radians(heading_deg)), len(points_m))
    for far, away in (("LEFT", left_away), ("RIGHT", -left_away)):
        hidden = [landmark for landmark in Landmark if far in landmark.name]
        visibility[:, hidden] -= (0.95 - camera.far_visibility) * np.maximum(away, 0.0)[:, None]
    if camera.mirror:
        table = list(MIRROR)
        image_px = image_px[:, table] * [-1.0, 1.0] + [float(camera.size_px[0]), 0.0]
        world_m = world_m[:, table] * [-1.0, 1.0, 1.0]
        visibility = visibility[:, table]
    return image_px, world_m, visibility


def _floor_px(camera: Camera) -> Array:
    width, height = camera.size_px
    return np.array([width / 2.0 + camera.shift_px[0], 0.93 * height + camera.shift_px[1]])


def record(
    motion: Motion,
    camera: Camera = SIDE_VIEW,
    *,
    fps: float = 30.0,
    start_ms: int = 0,
    flaws: Flaws = CLEAN,
) -> list[PoseFrame]:
    """Film a motion: its time 0 is stamped ``start_ms``, so its truth moves by as much."""
    rng = np.random.default_rng(flaws.seed)
    true_ms = stamps_ms(motion.duration_ms, fps).astype(np.float64)
    true_ms = true_ms[rng.random(len(true_ms)) >= flaws.dropped_share]
    image_px, world_m, visibility = project(
        motion.body_m(true_ms), camera, motion.heading_deg(true_ms)
    )
    noise_m = flaws.noise_ratio * TRUNK_M
    image_px = image_px + noise_m * camera.px_per_m * rng.standard_normal(image_px.shape)
    world_m = world_m + noise_m * rng.standard_normal(world_m.shape)
    for spike in flaws.spikes:
        first = int(np.searchsorted(true_ms, spike.at_ms))
        image_px[first : first + spike.frames, spike.landmark] = 0.0
    if not camera.world:
        world_m[:] = np.nan
    if not camera.image:
        image_px[:] = np.nan
    stamped = _stamps(true_ms, flaws.jitter_ms, rng) + start_ms
    lost = np.zeros(len(true_ms), dtype=bool)
    for gap_start, gap_end in flaws.gaps_ms:
        lost |= (true_ms >= gap_start) & (true_ms < gap_end)
    return [
        PoseFrame.unseen(at_ms, camera.size_px)
        if lost[row]
        else PoseFrame(at_ms, image_px[row], world_m[row], visibility[row], camera.size_px)
        for row, at_ms in enumerate(stamped.tolist())
    ]


def _stamps(true_ms: Array, jitter_ms: int, rng: np.random.Generator) -> NDArray[np.int64]:
    jitter = rng.integers(-jitter_ms, jitter_ms + 1, len(true_ms)) if jitter_ms else 0
    stamps = np.round(true_ms + jitter).astype(np.int64)
    for earlier, later in pairwise(range(len(stamps))):
        stamps[later] = max(stamps[later], stamps[earlier] + 1)
    return stamps
