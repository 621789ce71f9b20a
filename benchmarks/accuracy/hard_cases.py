"""Movements of the stick figure that are hard to count, with the right count by construction.

The right count is the number of whole repetitions. One of which no more than half is in the
recording, or of which the middle is not, is none; three quarters of one may count. The figure
moves as no person does: these cases rank rules of counting, not products, and say nothing about
accuracy on people.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from benchmarks.accuracy.company import in_company, with_another_picture
from benchmarks.accuracy.motions import (
    between,
    bouncing,
    from_ends,
    leg_raise_with_other_knee_bent,
    shaking_hand,
    squat,
    squat_with_arms,
    squats_through,
    standing,
    stopping_half_way,
    swaying,
    tremor,
    walk_across,
)
from benchmarks.accuracy.spoiling import (
    FRONT_VIEW,
    SIDE_VIEW,
    TRUNK_PX,
    altered,
    clipped,
    filmed,
    knee_dropouts,
    one_after_the_other,
    rows_at,
    spread_out,
    with_bumps,
    with_feet_outside,
    with_guessed_far_side,
    with_outliers,
    with_repeated_frames,
    with_sides_swapped,
    with_tilt,
)

import synthetic
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import Side, View
from hep_vision.sources.recorded import LandmarkTrack
from synthetic import (
    Camera,
    Effort,
    Flaws,
    Motion,
    Posture,
    Spike,
    efforts,
    one_after_another,
    place,
    stillness,
    total_ms,
)


@dataclass(frozen=True, slots=True, eq=False)
class HardCase:
    """One recording of the figure.

    Attributes:
        group: Heading it is listed under.
        name: What is hard about it.
        exercise_id: What everything counts it as.
        right: Smallest and largest right count; they differ where a part may count.
        track: The landmarks.
    """

    group: str
    name: str
    exercise_id: str
    right: tuple[int, int]
    track: LandmarkTrack


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """A case before it is filmed."""

    name: str
    right: int | tuple[int, int]
    seen: Motion | LandmarkTrack
    exercise_id: str = "squat"
    camera: Camera = SIDE_VIEW
    flaws: Flaws = synthetic.CLEAN
    fps: float = 30.0

    def case(self, group: str) -> HardCase:
        right = self.right if isinstance(self.right, tuple) else (self.right, self.right)
        track = self.seen
        if isinstance(track, Motion):
            track = filmed(track, self.camera, fps=self.fps, flaws=self.flaws)
        return HardCase(group, self.name, self.exercise_id, right, track)


def hard_cases() -> Iterator[HardCase]:
    """Yield every case, group by group."""
    for group, rows in _GROUPS.items():
        for row in rows():
            yield row.case(group)


CURL: Final = "elbow_flexion_curl"
RAISE: Final = "shoulder_flexion_raise"
LEG: Final = "straight_leg_raise"
TEN: Final = efforts([100.0] * 10, duration_ms=3_000, pause_ms=500)
TEN_END_MS: Final = total_ms(TEN) - 1_500
FIVE: Final = squat(efforts([100.0] * 5, pause_ms=500))
NOISY: Final = Flaws(noise_ratio=8.0 / TRUNK_PX)
RIGHT_ARM: Final = synthetic.arm_raise(efforts([155.0] * 8, side=Side.RIGHT))
IN_TURN: Final = [
    Effort(130.0, duration_ms=2_500, pause_ms=200, side=(Side.LEFT, Side.RIGHT)[number % 2])
    for number in range(10)
]
STAND: Final = Posture()
SINKING: Final = Posture(trunk=40.0, hip=85.0, knee=55.0)
SEATED: Final = Posture(hip=90.0, knee=90.0)


def _textbook() -> Iterator[_Row]:
    yield _Row("squat, clean", 10, squat(TEN))
    yield _Row("squat, front view", 10, squat(TEN), camera=FRONT_VIEW)
    chair = synthetic.sit_to_stand(efforts([90.0] * 8, duration_ms=2_400, hold_ms=800))
    yield _Row("sit to stand", 8, chair, "sit_to_stand")
    yield _Row("sit to stand, front view", 8, chair, "sit_to_stand", FRONT_VIEW)
    yield _Row("elbow curl", 8, synthetic.elbow_curl(efforts([130.0] * 8)), CURL)
    yield _Row("arm raise, one arm", 8, RIGHT_ARM, RAISE)
    sideways = synthetic.arm_raise(efforts([95.0] * 8), sideways=True)
    yield _Row("arms out to the side", 8, sideways, "shoulder_abduction_raise", FRONT_VIEW)
    lifted = efforts([50.0] * 8, hold_ms=2_000, side=Side.RIGHT)
    lying = synthetic.straight_leg_raise(lifted)
    yield _Row("straight leg raise, both legs flat, held 2 s", 8, lying, LEG)
    hooked = leg_raise_with_other_knee_bent(lifted)
    yield _Row("straight leg raise, other knee bent, held 2 s", 8, hooked, LEG)
    bridges = synthetic.bridge(efforts([26.0] * 8, hold_ms=2_000))
    yield _Row("bridge, held 2 s", 8, bridges, "glute_bridge")
    for name, exercise_id, camera in (
        ("knee extension, seated", "seated_knee_extension", SIDE_VIEW),
        ("leg out to the side", "standing_hip_abduction", FRONT_VIEW),
        ("heel raise", "heel_raise", SIDE_VIEW),
        ("push-up", "push_up", SIDE_VIEW),
        ("push-up at the wall", "wall_push_up", SIDE_VIEW),
        ("lunge", "static_lunge", SIDE_VIEW),
    ):
        yield _Row(name, 8, from_ends(exercise_id, efforts([1.1] * 8)), exercise_id, camera)
    yield _Row("squat, arms lifted forward on the way down", 10, squat_with_arms(TEN))


def _range() -> Iterator[_Row]:
    plan = efforts([80.0] * 10, duration_ms=3_000, pause_ms=500)
    yield _Row("squat to 100 deg", 10, squat(plan))
    plan = efforts([60.0] * 10, duration_ms=3_000, pause_ms=500)
    yield _Row("squat to 120 deg, early after an operation", 10, squat(plan))
    yield _Row("squat, stands only to 140 deg", 10, squat(plan, rest_deg=40.0))
    tired = efforts(np.linspace(100.0, 55.0, 10).tolist(), pause_ms=500)
    yield _Row("squat, tiring from 100 to 55 deg of bend", 10, squat(tired))
    never = squats_through(10, [(1_500, 100.0), (1_500, 30.0)])
    yield _Row("squat, never straight in between (30 deg)", 10, never)
    shallow = efforts([45.0] * 3 + [100.0] * 7, pause_ms=500)
    yield _Row("squat, 3 to 45 deg of bend, then 7 to 100", 10, squat(shallow))
    deep = efforts([100.0] * 5 + [62.0] * 5, pause_ms=500)
    yield _Row("squat, 5 to 100 deg of bend, then 5 to 62", 10, squat(deep))
    stiff = synthetic.arm_raise(efforts([70.0] * 8, side=Side.RIGHT))
    yield _Row("arm raise, stiff shoulder, 70 deg", 8, stiff, RAISE)
    weak = synthetic.straight_leg_raise(efforts([25.0] * 8, side=Side.RIGHT))
    yield _Row("straight leg raise, 25 deg", 8, weak, LEG)
    half = synthetic.elbow_curl(efforts([80.0] * 8), rest_deg=25.0)
    yield _Row("elbow curl, 25 to 105 deg", 8, half, CURL)
    low = synthetic.bridge(efforts([16.0] * 8, hold_ms=1_000))
    yield _Row("bridge, two thirds of the way", 8, low, "glute_bridge")


def _tempo() -> Iterator[_Row]:
    fast = squat(efforts([100.0] * 10, duration_ms=800, pause_ms=0))
    yield _Row("squat, 0.8 s each, 10 pictures/s", 10, fast, fps=10.0)
    yield _Row("squat, 0.8 s each, 30 pictures/s", 10, fast)
    yield _Row("squat, 9 s each", 5, squat(efforts([100.0] * 5, duration_ms=9_000)))
    held = efforts([100.0] * 3, hold_ms=20_000, pause_ms=2_000)
    yield _Row("squat, held 20 s x 3", 3, squat(held))
    held = efforts([50.0] * 3, hold_ms=10_000, pause_ms=2_000, side=Side.RIGHT)
    yield _Row("straight leg raise, held 10 s x 3", 3, synthetic.straight_leg_raise(held), LEG)
    held = efforts([26.0] * 3, hold_ms=15_000, pause_ms=2_000)
    yield _Row("bridge, held 15 s x 3", 3, synthetic.bridge(held), "glute_bridge")
    yield _Row("squat, 5 + 20 s rest + 5", 10, one_after_another(FIVE, stillness(20_000), FIVE))
    rest = stillness(25_000)
    yield _Row("squat, 3 x 5 with 25 s rests", 15, one_after_another(FIVE, rest, FIVE, rest, FIVE))
    durations_ms = (1_500, 4_000, 2_000, 6_000, 1_200, 3_000, 5_000, 1_800, 2_500, 4_500)
    pauses_ms = (300, 3_000, 500, 1_000, 4_000, 200, 2_000, 800, 0, 1_500)
    mixed = [
        Effort(100.0, duration_ms=duration_ms, pause_ms=pause_ms)
        for duration_ms, pause_ms in zip(durations_ms, pauses_ms, strict=True)
    ]
    yield _Row("squat, every one in another tempo", 10, squat(mixed))
    yield _Row("squat, stopping half way up", 6, stopping_half_way(6))
    yield _Row("squat, bouncing at the bottom", 6, bouncing(6))
    raises = synthetic.arm_raise([replace(effort, amplitude_deg=155.0) for effort in IN_TURN])
    yield _Row("arm raise, left and right in turn", 10, raises, RAISE)
    curls = synthetic.elbow_curl(IN_TURN)
    yield _Row("elbow curl, left and right in turn, front", 10, curls, CURL, FRONT_VIEW)
    yield _Row("elbow curl, left and right in turn, side", 10, curls, CURL)


def _landmark_errors() -> Iterator[_Row]:
    yield _Row("squat, noise of 8 px", 10, squat(TEN), flaws=NOISY)
    yield _Row("squat, noise of 15 px", 10, squat(TEN), flaws=Flaws(noise_ratio=15.0 / TRUNK_PX))
    yield _Row("standing 60 s, noise of 8 px", 0, stillness(60_000), flaws=NOISY)
    in_set, out = spread_out(15, 1_000, TEN_END_MS), spread_out(15, 1_000, 59_000)
    yield _Row("squat, 15 knee dropouts to (0, 0)", 10, squat(TEN), flaws=knee_dropouts(in_set))
    still, name = stillness(60_000), "standing 60 s, 15 knee dropouts to (0, 0)"
    yield _Row(name, 0, still, flaws=knee_dropouts(out))
    # A knee that far ahead of the line from hip to ankle reads as bent to 100 degrees.
    knees = with_outliers(filmed(still), out, "KNEE", (150.0, 0.0))
    yield _Row("standing 60 s, 15 knee outliers", 0, knees)
    hips = with_outliers(filmed(still), out, "HIP", (-120.0, 0.0))
    yield _Row("standing 60 s, 15 hip outliers", 0, hips)
    wrist = tuple(
        Spike(Landmark.RIGHT_WRIST, round(at), frames=2) for at in spread_out(10, 1_000, 30_000)
    )
    curls = synthetic.elbow_curl(efforts([130.0] * 8))
    yield _Row("elbow curl, 10 wrist dropouts", 8, curls, CURL, flaws=Flaws(spikes=wrist))
    far = with_guessed_far_side(filmed(squat(TEN), Camera(far_visibility=0.15)), 0.3)
    yield _Row("squat, far side hidden and guessed", 10, far)
    track = filmed(squat(TEN))
    dim = altered(track, visibility=np.minimum(track.visibility, 0.45))
    yield _Row("squat, nothing seen better than 0.45", 10, dim)
    yield _Row("squat, feet outside the picture", 10, with_feet_outside(track))
    yield from _mistaken(track)


def _mistaken(track: LandmarkTrack) -> Iterator[_Row]:
    swapped = with_sides_swapped(track, spread_out(15, 1_000, TEN_END_MS), 3)
    yield _Row("squat, left and right swapped 15 x 0.1 s", 10, swapped)
    leg = filmed(from_ends("standing_hip_abduction", efforts([1.1] * 8)), FRONT_VIEW)
    swapped = with_sides_swapped(leg, spread_out(16, 1_000, 32_000), 3)
    name = "leg out to the side, sides swapped 16 x 0.1 s"
    yield _Row(name, 8, swapped, "standing_hip_abduction")
    arm, swaps = filmed(RIGHT_ARM), spread_out(12, 1_000, RIGHT_ARM.duration_ms - 1_500)
    swapped = with_sides_swapped(arm, swaps, 3)
    yield _Row("arm raise, sides swapped 12 x 0.1 s", 8, swapped, RAISE)
    swapped = with_sides_swapped(arm, swaps[::3], 30)
    yield _Row("arm raise, sides swapped 4 x 1 s", 8, swapped, RAISE)


def _company() -> Iterator[_Row]:
    for name, right, track, exercise_id in (*in_company(), *with_another_picture()):
        yield _Row(name, right, track, exercise_id)


def _gaps() -> Iterator[_Row]:
    reps = place(TEN)
    gaps = tuple((rep.start_ms + 600, rep.start_ms + 1_000) for rep in reps[::2])
    lost = Flaws(gaps_ms=gaps)
    yield _Row("squat, 0.4 s lost on the way down x 5", 10, squat(TEN), flaws=lost)
    gaps = tuple((rep.peak_ms - 400, rep.peak_ms + 400) for rep in reps[::3])
    lost = Flaws(gaps_ms=gaps)
    yield _Row("squat, 0.8 s lost at the bottom x 4", 10, squat(TEN), flaws=lost)
    lost = Flaws(gaps_ms=((reps[4].start_ms - 100, reps[4].end_ms + 100),))
    yield _Row("squat, fifth one not seen at all", 9, squat(TEN), flaws=lost)
    slow = efforts([100.0] * 10, duration_ms=5_000, pause_ms=500)
    fifth = place(slow)[4]
    lost = Flaws(gaps_ms=((fifth.start_ms + 1_000, fifth.end_ms - 1_000),))
    yield _Row("squat, 3 s in the middle of the fifth lost", 9, squat(slow), flaws=lost)
    uneven = Flaws(dropped_share=0.4, jitter_ms=12)
    yield _Row("squat, 40 % of pictures missing, uneven times", 10, squat(TEN), flaws=uneven)
    track = filmed(squat(TEN))
    rows = np.arange(len(track))
    repeated = with_repeated_frames(track, rows - rows % 3)
    yield _Row("squat, every picture three times", 10, repeated)
    for at_ms in spread_out(4, 3_000, TEN_END_MS - 1_500):
        stuck = rows_at(track, [at_ms], frames=30)
        rows[stuck] = stuck[0]
    yield _Row("squat, picture frozen 4 x 1 s", 10, with_repeated_frames(track, rows))
    yield _Row("squat, 8 pictures/s", 10, squat(TEN), fps=8.0)
    yield _Row("squat, 60 pictures/s", 10, squat(TEN), fps=60.0)


def _cuts() -> Iterator[_Row]:
    track, reps, end_ms = filmed(squat(TEN)), place(TEN), total_ms(TEN)
    cut = clipped(track, 0, reps[9].peak_ms)
    yield _Row("squat, ends at the bottom of the tenth", 9, cut)
    cut = clipped(track, 0, reps[9].end_ms - 750)
    yield _Row("squat, ends half way up the tenth", (9, 10), cut)
    cut = clipped(track, reps[0].start_ms + 750, end_ms)
    yield _Row("squat, begins half way down the first", (9, 10), cut)
    cut = clipped(track, reps[0].peak_ms, end_ms)
    yield _Row("squat, begins at the bottom of the first", 9, cut)
    cut = clipped(track, reps[0].end_ms - 750, end_ms)
    yield _Row("squat, begins half way up the first", 9, cut)


def _camera() -> Iterator[_Row]:
    half = squat(efforts([75.0] * 10, pause_ms=500))
    yield _Row("half squat (105 deg), landscape", 10, half)
    portrait = Camera(size_px=(720, 1280))
    yield _Row("half squat (105 deg), portrait", 10, half, camera=portrait)
    yield _Row("squat, mirrored", 10, squat(TEN), camera=Camera(mirror=True))
    yield _Row("squat, facing the other way", 10, squat(TEN), camera=Camera(faces_right=False))
    yield _Row("squat, oblique view", 10, squat(TEN), camera=Camera(view=View.OBLIQUE))
    yield _Row("arm raise, one arm, mirrored", 8, RIGHT_ARM, RAISE, Camera(mirror=True))
    small, pixel = Camera(px_per_m=60.0), Flaws(noise_ratio=1.0 / 30.0)
    name = "squat, small figure (trunk 30 px), noise of 1 px"
    yield _Row(name, 10, squat(TEN), camera=small, flaws=pixel)
    track = filmed(squat(TEN))
    yield _Row("squat, camera tilted by 12 deg", 10, with_tilt(track, 12.0))
    turned = one_after_the_other(filmed(FIVE, FRONT_VIEW), filmed(FIVE))
    yield _Row("squat, 5 from the front, 5 from the side", 10, turned)
    closer = one_after_the_other(filmed(FIVE), filmed(FIVE, Camera(px_per_m=400.0)))
    yield _Row("squat, 5, steps closer (a third larger), 5", 10, closer)
    pushed = with_bumps(track, [(place(TEN)[4].peak_ms, total_ms(TEN))], (40.0, 20.0))
    yield _Row("squat, camera pushed by 40 px for good", 10, pushed)
    knocks = [(at, at + 100.0) for at in spread_out(10, 1_000, TEN_END_MS)]
    knocked = with_bumps(track, knocks, (40.0, 20.0))
    yield _Row("squat, camera knocked 10 times by 40 px", 10, knocked)
    knocked = with_bumps(filmed(RIGHT_ARM), knocks, (40.0, 20.0))
    yield _Row("arm raise, camera knocked 10 times by 40 px", 8, knocked, RAISE)


def _around_the_set() -> Iterator[_Row]:
    enter, leave = walk_across(2_400, -2.4, 0.0), walk_across(2_400, 0.0, 2.4)
    walks = one_after_another(enter, FIVE, leave)
    yield _Row("walks in, 5 squats, walks out", 5, walks)
    sits = between((0, STAND), (900, SINKING), (1_800, SEATED), (15_000, SEATED))
    yield _Row("5 squats, then sits down and stays", 5, one_after_another(FIVE, sits))
    reach = Posture(trunk=50.0, hip=60.0, knee=15.0, shoulder=90.0, elbow=20.0)
    laptop = between((0, STAND), (1_000, reach), (3_500, reach), (4_500, STAND), (5_500, STAND))
    reaches = one_after_another(laptop, FIVE, laptop)
    yield _Row("reaches for the laptop, 5 squats, reaches again", 5, reaches)
    pick = Posture(trunk=95.0, hip=110.0, knee=20.0, shoulder=95.0)
    picks = between((0, STAND), (1_200, pick), (2_000, pick), (3_200, STAND), (4_000, STAND))
    name = "5 squats, picks something up with straight knees"
    yield _Row(name, 5, one_after_another(FIVE, picks))
    fidget = swaying(15.0, 1_900.0, 2_700.0, 4_300.0)
    one = squat(efforts([100.0], pause_ms=500))
    pairs = [part for _ in range(6) for part in (one, standing(8_000, shake=fidget))]
    yield _Row("fidgets between 6 squats", 6, one_after_another(*pairs))
    yield _Row("squat with a tremor of 5 Hz", 10, squat(TEN, shake=tremor(4.0)))
    shaking = shaking_hand(RIGHT_ARM)
    yield _Row("arm raise with a hand tremor of 6 Hz", 8, shaking, RAISE)
    yield from _around_a_chair(leave)
    cup, down = Posture(shoulder=25.0, elbow=125.0), Posture(elbow=10.0)
    drinks = between((0, down), (1_000, cup), (3_000, cup), (4_000, down), (5_000, down))
    curls = synthetic.elbow_curl(efforts([130.0] * 5))
    yield _Row("5 curls, then drinks from a cup", 5, one_after_another(curls, drinks), CURL)


def _around_a_chair(leave: Motion) -> Iterator[_Row]:
    chair = synthetic.sit_to_stand(efforts([90.0] * 5, duration_ms=2_400, hold_ms=800))
    sits = between((0, STAND), (1_500, STAND), (2_400, SINKING), (3_300, SEATED), (4_300, SEATED))
    first = one_after_another(sits, chair)
    yield _Row("stands, sits down, 5 sit to stand", 5, first, "sit_to_stand")
    rises = [Effort(rise, 2_400, 500) for rise in (90.0, 22.0, 90.0, 25.0, 90.0, 90.0)]
    failing = synthetic.sit_to_stand(rises)
    yield _Row("4 sit to stand, 2 failed attempts", 4, failing, "sit_to_stand")
    rises = between((0, SEATED), (900, SINKING), (1_800, STAND), (2_300, STAND))
    last = one_after_another(chair, rises, leave)
    yield _Row("6 sit to stand, walks away after the last", 6, last, "sit_to_stand")


def _something_else() -> Iterator[_Row]:
    fidget = swaying(15.0, 1_900.0, 2_700.0, 4_300.0)
    yield _Row("fidgets for 60 s", 0, standing(60_000, shake=fidget))
    hands = swaying(90.0, 1_300.0, 2_100.0)
    talks = standing(60_000, shake=swaying(8.0, 2_300.0), arms=hands)
    yield _Row("stands and talks with the hands for 60 s", 0, talks)
    yield _Row("walks across the picture for 10 s", 0, walk_across(10_000, -2.0, 2.0))
    marches = synthetic.walk(20_000, speed_m_per_s=0.0)
    yield _Row("marches on the spot for 20 s", 0, marches)
    yield _Row("raises the arms 8 times", 0, synthetic.arm_raise(efforts([155.0] * 8)))


_GROUPS: Final[dict[str, Callable[[], Iterator[_Row]]]] = {
    "Textbook movement": _textbook,
    "Range of a patient": _range,
    "Tempo and pauses": _tempo,
    "Errors of the landmarks": _landmark_errors,
    "Other people, other pictures": _company,
    "Gaps and frame rates": _gaps,
    "Recordings that are cut": _cuts,
    "Camera": _camera,
    "Around the set": _around_the_set,
    "Something else, counted as squats": _something_else,
}
