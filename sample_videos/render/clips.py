"""The table of clips: who does which exercise, seen from where, with which faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .body import Look
from .camera import Camera
from .motion import Rep, angles_at
from .room import PLAIN, SHELVES, WINDOW, Room
from .skeleton import Bones

FPS = 15
LEFT_SIDE_AZIMUTH_DEG, RIGHT_SIDE_AZIMUTH_DEG, FRONT_AZIMUTH_DEG = 90.0, -90.0, 0.0
STANDING_TARGET_M = (0.0, 0.88, 0.0)
LAMP_AT_RIGHT = (-0.45, 0.75, 0.55)


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip.

    Attributes:
        name: File name without suffix.
        exercise_id: Exercise of the catalogue, and key of the posture.
        view: ``front`` or ``side``.
        side: The person's own working side: ``left``, ``right`` or ``both``.
        camera: Where it is filmed from.
        rest: Joint angles (deg) at rest; see the posture for their names.
        peak: Joint angles (deg) at the peak of a good repetition.
        reps: The repetitions in order.
        seed: Seed of the sensor noise.
        first_rest_s: Still seconds before the first repetition.
        last_rest_s: Still seconds after the last one.
        chair: Height of the seat and depth of its middle (m), if there is a chair.
        timed_hold: The exercise is a hold: its movements are holds, not repetitions.
    """

    name: str
    exercise_id: str
    view: str
    side: str
    camera: Camera
    rest: Mapping[str, float]
    peak: Mapping[str, float]
    reps: tuple[Rep, ...]
    seed: int
    bones: Bones = field(default_factory=Bones)
    look: Look = field(default_factory=Look)
    room: Room = field(default_factory=Room)
    first_rest_s: float = 1.2
    last_rest_s: float = 1.0
    chair: tuple[float, float] | None = None
    timed_hold: bool = False

    @property
    def duration_s(self) -> float:
        """Length of the clip in seconds."""
        moving = sum(rep.moving_s for rep in self.reps)
        between = sum(rep.rest_s for rep in self.reps[:-1])
        return self.first_rest_s + moving + between + self.last_rest_s

    def angles_at(self, time_s: float) -> dict[str, float]:
        """Return the joint angles (deg) and the progress at a moment."""
        return angles_at(time_s, self.first_rest_s, self.reps, self.rest, self.peak)


def squat_rep(faults: tuple[str, ...] = (), **peak: float) -> Rep:
    """Return a squat repetition: down, up."""
    return Rep(1.2, 0.1, 2.8, 0.5, peak, faults)


def chair_rep(faults: tuple[str, ...] = (), back_s: float = 2.6, **peak: float) -> Rep:
    """Return a repetition of standing up and sitting down again."""
    return Rep(1.8, 0.3, back_s, 0.6, peak, faults)


def abduction_rep(faults: tuple[str, ...] = (), **peak: float) -> Rep:
    """Return a raise of both arms, lowered slowly."""
    return Rep(1.3, 0.2, 3.2, 0.5, peak, faults)


def curl_rep(faults: tuple[str, ...] = (), **peak: float) -> Rep:
    """Return a curl of the elbow, lowered slowly."""
    return Rep(1.4, 0.2, 2.8, 0.6, peak, faults)


def held_rep(
    back_s: float,
    faults: tuple[str, ...] = (),
    acceptable: tuple[str, ...] = (),
    stay_s: float = 3.6,
    **peak: float,
) -> Rep:
    """Return a repetition with a hold at the top."""
    return Rep(1.2, stay_s, back_s, 0.5, peak, faults, acceptable)


def push_up_rep(faults: tuple[str, ...] = (), **peak: float) -> Rep:
    """Return a push-up: down, up."""
    return Rep(1.2, 0.1, 2.4, 0.5, peak, faults)


SQUAT_FRONT = Clip(
    name="squat_front",
    exercise_id="squat",
    view="front",
    side="both",
    camera=Camera(FRONT_AZIMUTH_DEG, (0.0, 0.85, 0.0), 3.0, 1.0),
    rest={"knee_flexion": 6.0, "trunk_lean": 2.0, "arms": 8.0, "knees_in": 1.0},
    peak={"knee_flexion": 95.0, "trunk_lean": 33.0, "arms": 78.0, "knees_in": 5.0},
    reps=(
        squat_rep(),
        squat_rep(),
        squat_rep(("knees_in",), knees_in=25.0),
        squat_rep(),
        squat_rep(),
    ),
    seed=11,
    look=Look(long_hair=True, girth=0.95),
    room=Room(decor=WINDOW, mat=(0.50, 0.60, 0.0)),
)

SQUAT_SIDE = Clip(
    name="squat_side",
    exercise_id="squat",
    view="side",
    side="both",
    camera=Camera(RIGHT_SIDE_AZIMUTH_DEG, (0.0, 0.85, 0.0), 2.9, 0.85),
    rest={"knee_flexion": 6.0, "trunk_lean": 2.0, "arms": 8.0, "knees_in": 0.0},
    peak={"knee_flexion": 97.0, "trunk_lean": 32.0, "arms": 78.0, "knees_in": 0.0},
    reps=(
        squat_rep(),
        squat_rep(("trunk_lean",), trunk_lean=66.0, arms=62.0),
        squat_rep(),
        squat_rep(("incomplete_rom",), knee_flexion=57.0, trunk_lean=22.0, arms=60.0),
        squat_rep(),
    ),
    seed=12,
    bones=Bones(thigh_m=0.43, shank_m=0.42, half_shoulders_m=0.185),
    look=Look(
        skin=(0.36, 0.24, 0.17),
        hair=(0.05, 0.04, 0.04),
        shirt=(0.72, 0.70, 0.66),
        trousers=(0.20, 0.26, 0.38),
        shoe=(0.18, 0.18, 0.20),
        girth=1.05,
    ),
    room=Room(
        decor=PLAIN,
        wall=(0.62, 0.70, 0.68),
        floor=(0.50, 0.50, 0.52),
        mat=(0, 0, 0),
        lamp=LAMP_AT_RIGHT,
    ),
)

SIT_TO_STAND_SIDE = Clip(
    name="sit_to_stand_side",
    exercise_id="sit_to_stand",
    view="side",
    side="both",
    camera=Camera(LEFT_SIDE_AZIMUTH_DEG, (0.0, 0.85, -0.12), 2.8, 0.9),
    rest={"knee_flexion": 88.0, "shank_lean": 4.0, "trunk_lean": 3.0, "swing": 36.0},
    peak={"knee_flexion": 4.0, "shank_lean": 2.0, "trunk_lean": 1.0, "swing": 36.0},
    reps=(
        chair_rep(),
        chair_rep(("drop_sit",), back_s=0.6),
        chair_rep(),
        chair_rep(
            ("not_fully_up",), knee_flexion=14.0, shank_lean=6.0, trunk_lean=28.0, swing=22.0
        ),
    ),
    seed=13,
    bones=Bones(thigh_m=0.41, shank_m=0.40, half_shoulders_m=0.168),
    look=Look(
        hair=(0.66, 0.65, 0.63),
        shirt=(0.55, 0.20, 0.24),
        trousers=(0.24, 0.24, 0.27),
        shoe=(0.30, 0.24, 0.20),
        seat=(0.55, 0.42, 0.28),
        girth=1.12,
        leggings=True,
    ),
    room=Room(decor=SHELVES, wall=(0.82, 0.79, 0.68), mat=(0, 0, 0)),
    chair=(0.425, -0.38),
)

SHOULDER_ABDUCTION_FRONT = Clip(
    name="shoulder_abduction_front",
    exercise_id="shoulder_abduction_raise",
    view="front",
    side="both",
    camera=Camera(FRONT_AZIMUTH_DEG, (0.0, 0.95, 0.0), 2.6, 1.2),
    rest={"abduction": 16.0, "elbow_flexion": 3.0},
    peak={"abduction": 95.0, "elbow_flexion": 8.0},
    reps=(
        abduction_rep(),
        abduction_rep(("elbow_bent",), elbow_flexion=62.0),
        abduction_rep(("incomplete_rom",), abduction=62.0),
        abduction_rep(),
    ),
    seed=14,
    bones=Bones(half_shoulders_m=0.168, half_hips_m=0.10),
    look=Look(
        skin=(0.55, 0.38, 0.27),
        hair=(0.08, 0.06, 0.05),
        shirt=(0.20, 0.46, 0.36),
        trousers=(0.30, 0.30, 0.33),
        girth=1.0,
        sleeve=0.40,
    ),
    room=Room(decor=SHELVES, wall=(0.76, 0.78, 0.82), mat=(0, 0, 0), lamp=LAMP_AT_RIGHT),
)

ELBOW_CURL_SIDE = Clip(
    name="elbow_curl_side",
    exercise_id="elbow_flexion_curl",
    view="side",
    side="left",
    camera=Camera(LEFT_SIDE_AZIMUTH_DEG, (0.0, 0.95, 0.0), 2.5, 1.15),
    rest={"elbow_flexion": 10.0, "upper_arm": 3.0, "trunk_lean": 1.0},
    peak={"elbow_flexion": 135.0, "upper_arm": 8.0, "trunk_lean": 1.0},
    reps=(
        curl_rep(),
        curl_rep(("arm_drift",), upper_arm=48.0),
        curl_rep(),
        curl_rep(("incomplete_rom",), elbow_flexion=84.0),
    ),
    seed=15,
    bones=Bones(upper_arm_m=0.295, forearm_m=0.258),
    look=Look(
        skin=(0.82, 0.64, 0.53),
        hair=(0.42, 0.26, 0.14),
        shirt=(0.86, 0.72, 0.26),
        trousers=(0.13, 0.14, 0.19),
        girth=1.08,
        sleeve=0.36,
    ),
    room=Room(decor=WINDOW, wall=(0.70, 0.74, 0.78), floor=(0.44, 0.36, 0.28), mat=(0, 0, 0)),
)

GLUTE_BRIDGE_SIDE = Clip(
    name="glute_bridge_side",
    exercise_id="glute_bridge",
    view="side",
    side="both",
    camera=Camera(RIGHT_SIDE_AZIMUTH_DEG, (0.0, 0.32, 0.36), 2.4, 0.55),
    rest={"hip_flexion": 52.0, "feet_m": 0.50},
    peak={"hip_flexion": -1.0, "feet_m": 0.50},
    reps=(
        held_rep(2.4),
        held_rep(2.4, ("short_hold",), stay_s=0.1),
        held_rep(2.4, ("incomplete_rom",), ("too_low", "short_hold"), hip_flexion=21.0),
    ),
    seed=16,
    look=Look(
        skin=(0.74, 0.55, 0.42),
        hair=(0.20, 0.12, 0.08),
        shirt=(0.78, 0.36, 0.30),
        trousers=(0.15, 0.18, 0.30),
        leggings=True,
        long_hair=False,
        girth=0.98,
    ),
    room=Room(
        decor=PLAIN,
        mat=(0.34, 1.05, 0.36),
        mat_colour=(0.26, 0.40, 0.42),
        lamp=LAMP_AT_RIGHT,
    ),
)

STRAIGHT_LEG_RAISE_SIDE = Clip(
    name="straight_leg_raise_side",
    exercise_id="straight_leg_raise",
    view="side",
    side="left",
    camera=Camera(LEFT_SIDE_AZIMUTH_DEG, (0.0, 0.38, 0.48), 2.4, 0.5),
    rest={"hip_flexion": 2.0, "knee_flexion": 2.0},
    peak={"hip_flexion": 40.0, "knee_flexion": 3.0},
    reps=(
        held_rep(2.8),
        held_rep(2.8, ("lag",), knee_flexion=32.0),
        held_rep(2.8, ("incomplete_rom",), ("short_hold",), hip_flexion=24.5),
    ),
    seed=17,
    bones=Bones(thigh_m=0.41, shank_m=0.40),
    look=Look(
        skin=(0.30, 0.20, 0.14),
        hair=(0.04, 0.03, 0.03),
        shirt=(0.62, 0.64, 0.72),
        trousers=(0.34, 0.18, 0.22),
        girth=1.05,
    ),
    room=Room(
        decor=WINDOW, wall=(0.74, 0.70, 0.72), mat=(0.36, 1.10, 0.44), mat_colour=(0.30, 0.34, 0.5)
    ),
)

SEATED_KNEE_EXTENSION_SIDE = Clip(
    name="seated_knee_extension_side",
    exercise_id="seated_knee_extension",
    view="side",
    side="left",
    camera=Camera(LEFT_SIDE_AZIMUTH_DEG, (0.0, 0.66, 0.2), 2.4, 0.7),
    rest={"knee_flexion": 87.0, "trunk_lean": 1.0},
    peak={"knee_flexion": 2.0, "trunk_lean": 0.0},
    reps=(
        held_rep(2.3),
        held_rep(2.3, ("lean_back",), trunk_lean=-27.0),
        held_rep(2.3, ("lag", "incomplete_rom"), ("short_hold",), knee_flexion=38.0),
    ),
    seed=18,
    look=Look(
        skin=(0.84, 0.66, 0.56),
        hair=(0.72, 0.71, 0.70),
        shirt=(0.30, 0.34, 0.56),
        trousers=(0.20, 0.24, 0.36),
        leggings=True,
        shoe=(0.86, 0.84, 0.82),
        seat=(0.36, 0.22, 0.18),
        girth=1.1,
        long_hair=True,
    ),
    room=Room(decor=WINDOW, wall=(0.78, 0.74, 0.70), floor=(0.52, 0.40, 0.30), mat=(0, 0, 0)),
    chair=(0.42, 0.0),
)

WALL_SIT_SIDE = Clip(
    name="wall_sit_side",
    exercise_id="wall_sit",
    view="side",
    side="both",
    camera=Camera(LEFT_SIDE_AZIMUTH_DEG, (0.0, 0.85, 0.0), 2.8, 0.9),
    rest={"knee_flexion": 5.0, "feet_m": 0.36},
    peak={"knee_flexion": 75.0, "feet_m": 0.36},
    reps=(Rep(1.7, 11.0, 1.6, 1.0), Rep(1.7, 4.0, 1.6, faults=("short_hold",))),
    seed=19,
    bones=Bones(thigh_m=0.43, shank_m=0.41),
    look=Look(
        skin=(0.66, 0.48, 0.36),
        hair=(0.10, 0.07, 0.05),
        shirt=(0.80, 0.80, 0.82),
        trousers=(0.20, 0.30, 0.26),
        leggings=True,
        girth=0.94,
    ),
    room=Room(decor=PLAIN, wall=(0.66, 0.62, 0.60), mat=(0, 0, 0), back_z_m=-0.50),
    timed_hold=True,
)

STANDING_HIP_ABDUCTION_FRONT = Clip(
    name="standing_hip_abduction_front",
    exercise_id="standing_hip_abduction",
    view="front",
    side="right",
    camera=Camera(FRONT_AZIMUTH_DEG, STANDING_TARGET_M, 2.9, 0.9),
    rest={"leg_out": 2.0, "trunk_to_stance": 0.0, "pelvis_drop": 0.0, "hips_shift_m": 0.03},
    peak={"leg_out": 30.0, "trunk_to_stance": 1.5, "pelvis_drop": 0.0, "hips_shift_m": 0.045},
    reps=(
        held_rep(2.3),
        held_rep(2.3, ("side_lean",), leg_out=47.0, trunk_to_stance=16.5, pelvis_drop=5.0),
        held_rep(2.3),
    ),
    seed=20,
    look=Look(
        skin=(0.78, 0.56, 0.42),
        hair=(0.30, 0.16, 0.08),
        shirt=(0.30, 0.30, 0.34),
        trousers=(0.50, 0.24, 0.36),
        leggings=True,
        long_hair=True,
        girth=0.96,
    ),
    room=Room(decor=WINDOW, wall=(0.84, 0.82, 0.76), floor=(0.40, 0.30, 0.22), mat=(0, 0, 0)),
)

PUSH_UP_SIDE = Clip(
    name="push_up_side",
    exercise_id="push_up",
    view="side",
    side="both",
    camera=Camera(RIGHT_SIDE_AZIMUTH_DEG, (0.0, 0.42, 0.68), 2.5, 0.6),
    rest={"elbow_flexion": 10.0, "body_line": 2.0},
    peak={"elbow_flexion": 90.0, "body_line": 2.0},
    reps=(
        push_up_rep(),
        push_up_rep(),
        push_up_rep(("hips_sag",), body_line=-25.0),
        push_up_rep(("incomplete_rom",), elbow_flexion=55.0),
        push_up_rep(),
    ),
    seed=21,
    bones=Bones(half_shoulders_m=0.185),
    look=Look(
        skin=(0.48, 0.33, 0.23),
        hair=(0.06, 0.05, 0.04),
        shirt=(0.24, 0.44, 0.66),
        trousers=(0.16, 0.16, 0.18),
        girth=1.02,
        sleeve=0.40,
    ),
    room=Room(
        decor=SHELVES,
        wall=(0.72, 0.74, 0.70),
        mat=(0.42, 1.1, 0.7),
        mat_colour=(0.5, 0.46, 0.36),
        lamp=LAMP_AT_RIGHT,
    ),
)

CLIPS: dict[str, Clip] = {
    clip.name: clip
    for clip in (
        SQUAT_FRONT,
        SQUAT_SIDE,
        SIT_TO_STAND_SIDE,
        SHOULDER_ABDUCTION_FRONT,
        ELBOW_CURL_SIDE,
        GLUTE_BRIDGE_SIDE,
        STRAIGHT_LEG_RAISE_SIDE,
        SEATED_KNEE_EXTENSION_SIDE,
        WALL_SIT_SIDE,
        STANDING_HIP_ABDUCTION_FRONT,
        PUSH_UP_SIDE,
    )
}
