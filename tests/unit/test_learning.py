"""Learning from a demonstration whose movement is known."""

from dataclasses import dataclass

import numpy as np
import pytest

import synthetic
from definitions import counted_in, run
from hep_vision.core.candidates import combined_sides
from hep_vision.core.definition import Combine, CountSignal, Direction
from hep_vision.core.drafting import Taught, teach
from hep_vision.core.figure import Posture, body_m
from hep_vision.core.landmarks import Landmark
from hep_vision.core.lesson import Nothing, Position, why_nothing
from hep_vision.core.postures import read_postures
from hep_vision.core.signal import combine_sides
from hep_vision.core.types import PoseFrame, Side, View
from hep_vision.exercises.spec import parse_exercise
from hep_vision.exercises.writing import exercise_toml
from synthetic import FRONT_VIEW, SIDE_VIEW, Camera, Effort, Flaws, Motion, efforts, record

NOISE = Flaws(noise_ratio=0.01, seed=3)
ONE_SIDE = Camera(far_visibility=0.2)


@dataclass(frozen=True)
class Shown:
    """A movement, how it is filmed, and what is true of it."""

    motion: Motion
    again: Motion
    camera: Camera
    side: Side | None
    position: Position


def turns(amplitudes: tuple[float, ...], *sides: Side) -> tuple[Effort, ...]:
    return tuple(
        Effort(amplitude, side=sides[number % len(sides)])
        for number, amplitude in enumerate(amplitudes)
    )


def curls(*sides: Side) -> Motion:
    return synthetic.elbow_curl(turns((120, 115, 122, 118, 110, 121, 119), *sides))


SHOWN = {
    "squat": Shown(
        synthetic.squat(efforts((90, 85, 92, 88, 80, 91, 86))),
        synthetic.squat(efforts((60, 66, 62, 58, 61), duration_ms=4_000)),
        SIDE_VIEW, Side.BOTH, Position.STANDING,
    ),
    "squat_front": Shown(
        synthetic.squat(efforts((90, 85, 92, 88, 80, 91, 86))),
        synthetic.squat(efforts((60, 66, 62, 58, 61), duration_ms=4_000)),
        FRONT_VIEW, Side.BOTH, Position.STANDING,
    ),
    "arms_sideways": Shown(
        synthetic.arm_raise(efforts((90, 95, 88, 92, 91, 85, 94)), sideways=True),
        synthetic.arm_raise(efforts((60, 62, 55, 61, 65)), sideways=True),
        FRONT_VIEW, Side.BOTH, Position.STANDING,
    ),
    "arm_forward": Shown(
        synthetic.arm_raise(turns((90, 95, 88, 92, 91, 85, 94), Side.RIGHT)),
        synthetic.arm_raise(turns((70, 75, 68, 72, 71), Side.RIGHT)),
        SIDE_VIEW, None, Position.STANDING,
    ),
    "curl": Shown(
        curls(Side.RIGHT), curls(Side.RIGHT), SIDE_VIEW, None, Position.STANDING
    ),
    "curls_in_turn": Shown(
        curls(Side.LEFT, Side.RIGHT), curls(Side.LEFT), FRONT_VIEW, None, Position.STANDING
    ),
    "bridge": Shown(
        synthetic.bridge(efforts((24, 22, 25, 23, 24, 21, 24))),
        synthetic.bridge(efforts((16, 15, 17, 16, 15), hold_ms=2_000)),
        SIDE_VIEW, Side.BOTH, Position.SUPINE,
    ),
    "leg_raise": Shown(
        synthetic.straight_leg_raise(turns((45, 42, 46, 44, 47, 40, 45), Side.RIGHT)),
        synthetic.straight_leg_raise(turns((30, 33, 28, 31, 32), Side.RIGHT)),
        SIDE_VIEW, None, Position.SUPINE,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def taught() -> dict[str, Taught]:
    return {
        name: learn(record(shown.motion, shown.camera, flaws=NOISE))
        for name, shown in SHOWN.items()
    }


def learn(poses: list[PoseFrame], reps: int = 3, side: Side | None = None) -> Taught:
    found = teach(poses, "shown", "Shown", reps, side)
    assert found is not None
    return found


@pytest.mark.parametrize("name", SHOWN)
def test_what_was_learned_from_the_first_three_counts_the_rest(
    taught: dict[str, Taught], name: str
) -> None:
    assert taught[name].sure
    assert taught[name].counted == len(SHOWN[name].motion.truth)


@pytest.mark.parametrize("name", SHOWN)
def test_it_counts_smaller_and_slower_repetitions_of_another_recording(
    taught: dict[str, Taught], name: str
) -> None:
    shown = SHOWN[name]
    again = record(shown.again, shown.camera, flaws=Flaws(noise_ratio=0.01, seed=9))

    reps = counted_in(run(taught[name].exercise, again))

    assert len(reps) == len(shown.again.truth)
    for rep, true in zip(reps, shown.again.truth, strict=True):
        assert rep.start_ms < true.peak_ms < rep.end_ms


@pytest.mark.parametrize("name", SHOWN)
def test_view_position_and_side_are_found(taught: dict[str, Taught], name: str) -> None:
    shown, lesson = SHOWN[name], taught[name].lesson
    assert lesson.view is shown.camera.view
    assert lesson.position is shown.position
    assert taught[name].exercise.side is shown.side


@pytest.mark.parametrize("name", SHOWN)
def test_the_demonstration_is_the_first_three(taught: dict[str, Taught], name: str) -> None:
    reps = taught[name].lesson.counted.reps
    for rep, true in zip(reps, SHOWN[name].motion.truth[:3], strict=True):
        assert abs(rep.peak_ms - true.peak_ms) < 400
        assert rep.start_ms < true.peak_ms < rep.end_ms


@pytest.mark.parametrize(
    ("name", "measure", "rest", "goal"),
    [
        ("squat", "knee_flexion", 0, 90),
        # The hips of the figure are narrower than its shoulders, by 9 degrees of the trunk's side.
        ("arms_sideways", "shoulder_abduction", 9, 99),
        ("curl", "elbow_flexion", 10, 130),
    ],
)
def test_rest_and_goal_are_those_that_were_shown(
    taught: dict[str, Taught], name: str, measure: str, rest: float, goal: float
) -> None:
    lesson = taught[name].lesson
    assert lesson.reported.measure == measure
    assert lesson.reported.rest == pytest.approx(rest, abs=5)
    assert lesson.reported.goal == pytest.approx(goal, abs=8)


def test_the_body_is_read_back_as_joint_angles(taught: dict[str, Taught]) -> None:
    motion = taught["squat"].lesson.motion
    assert motion is not None
    assert motion.goal["knee"] == pytest.approx(90, abs=10)
    assert motion.goal["hip"] == pytest.approx(90, abs=15)
    assert motion.goal["trunk"] == pytest.approx(0.35 * 90, abs=10)
    assert "elbow" not in motion.goal


def test_one_side_moves_and_the_other_does_not(taught: dict[str, Taught]) -> None:
    motion = taught["leg_raise"].lesson.motion
    assert motion is not None
    assert isinstance(motion.goal["hip"], tuple)
    working, other = motion.goal["hip"]
    assert working == pytest.approx(45, abs=10)
    assert other == pytest.approx(0, abs=10)
    assert motion.rest["trunk"] == pytest.approx(-90, abs=10)


def test_a_hold_at_the_goal_becomes_the_dose() -> None:
    found = learn(record(synthetic.squat(efforts((90,) * 4, hold_ms=3_000))))
    assert found.exercise.dose.hold_ms == pytest.approx(3_000, abs=1_000)
    assert "short_hold" in {check.id for check in found.exercise.checks}


def test_walking_up_to_the_place_is_no_demonstration() -> None:
    squats = synthetic.squat(efforts((90, 88, 91, 86, 90)))
    came = synthetic.one_after_another(synthetic.walk(4_000), squats)
    found = learn(record(came))
    assert found.lesson.counted.reps[0].start_ms >= 4_000
    assert abs(found.lesson.counted.reps[0].peak_ms - came.truth[0].peak_ms) < 400


@pytest.mark.parametrize(
    ("poses", "why"),
    [
        (record(synthetic.stillness(6_000), flaws=NOISE), Nothing.STILL),
        (record(synthetic.squat(efforts((90,))), flaws=NOISE), Nothing.TOO_FEW),
        ([PoseFrame.unseen(40 * number, (640, 480)) for number in range(50)], Nothing.NOBODY),
    ],
)
def test_what_teaches_nothing_says_why(poses: list[PoseFrame], why: Nothing) -> None:
    assert teach(poses, "shown", "Shown", 3) is None
    assert why_nothing(poses) is why


@pytest.mark.parametrize("seed", range(3))
def test_wild_landmarks_never_stop_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    poses = []
    place = random.normal(300, 60, (33, 2))
    for number in range(240):
        place = place + random.normal(0, 15, (33, 2))
        seen = random.random(33) > 0.2
        image = np.where(seen[:, None], place, np.nan)
        world = np.concatenate([image / 300.0, random.normal(0, 0.3, (33, 1))], axis=1)
        poses.append(
            PoseFrame(50 * number, image, world, np.where(seen, random.random(33), 0), (640, 480))
        )

    found = teach(poses, "shown", "Shown", 2)

    if found is None:
        assert why_nothing(poses) in Nothing
    else:
        assert parse_exercise(exercise_toml(found.exercise).encode(), "shown", {"OWN"})[1] == []


@pytest.mark.parametrize("combine", [Combine.MEAN, Combine.LARGER, Combine.SMALLER])
@pytest.mark.parametrize("direction", Direction)
def test_sides_are_combined_as_the_counter_combines_them(
    combine: Combine, direction: Direction
) -> None:
    random = np.random.default_rng(5)
    values, weights = random.normal(0, 40, (200, 2)), random.uniform(0, 1, (200, 2))
    signal = CountSignal("knee_flexion", 10.0, combine=combine, direction=direction)
    expected = [combine_sides(signal, *row, None) for row in zip(values, weights, strict=True)]

    found = combined_sides(values, weights, combine)[direction]

    np.testing.assert_allclose(found, expected)


def test_postures_are_the_inverse_of_the_figure() -> None:
    random = np.random.default_rng(2)
    angles = {
        "trunk": random.uniform(-110, 100, (50, 1)),
        "hip": random.uniform(-20, 120, (50, 2)),
        "hip_out": random.uniform(-10, 45, (50, 2)),
        "knee": random.uniform(0, 130, (50, 2)),
        "shoulder": random.uniform(-40, 160, (50, 2)),
        "shoulder_out": random.uniform(0, 60, (50, 2)),
        "elbow": random.uniform(0, 130, (50, 2)),
    }
    forward, up, left = np.moveaxis(body_m(Posture(**angles), 50), -1, 0)
    turn = np.radians(35.0)
    right_m = np.cos(turn) * left + np.sin(turn) * forward
    away_m = np.sin(turn) * left - np.cos(turn) * forward

    found = read_postures(np.stack([right_m, -up, away_m], axis=-1))

    for name, true in angles.items():
        np.testing.assert_allclose(found[name], np.broadcast_to(true, (50, 2)), atol=1e-6)
    assert np.abs(found["roll"]).max() == 0.0


def test_lying_on_a_side_is_a_roll() -> None:
    points = body_m(Posture(roll=-90.0))
    forward, up, left = np.moveaxis(points, -1, 0)
    found = read_postures(np.stack([left, -up, -forward], axis=-1))
    assert found["roll"][0] == pytest.approx([-90.0, -90.0])
    assert found["trunk"][0] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert points[0, Landmark.NOSE].shape == (3,)


def test_a_prescribed_side_is_the_one_looked_at() -> None:
    motion = synthetic.elbow_curl(turns((100, 100, 100, 100, 100), Side.LEFT))
    poses = record(motion, FRONT_VIEW)
    assert learn(poses, side=Side.LEFT).counted == 5
    assert teach(poses, "shown", "Shown", 3, Side.RIGHT) is None


def test_another_view_counts_with_a_measure_that_means_the_same_there(
    taught: dict[str, Taught],
) -> None:
    views = {view for signal in taught["squat"].exercise.count for view in signal.views}
    assert views == {View.FRONT, View.OBLIQUE, View.SIDE}
    seen = record(SHOWN["squat"].again, FRONT_VIEW, flaws=NOISE)
    assert len(counted_in(run(taught["squat"].exercise, seen))) == 5
