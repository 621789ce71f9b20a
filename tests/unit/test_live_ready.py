"""Getting ready: what each point of the checklist asks for, what is said, and what starts a set."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hep_vision.coach.getting_ready import STILL_MS, GetReady, Readiness, parts_needed
from hep_vision.coach.screens import Countdown, GettingReady, Tick
from hep_vision.coach.seen import Light, RaisedHands, Seen
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.types import PoseFrame, Side, View
from hep_vision.exercises.loading import catalogue, find_exercise
from moving import done_by
from sittings import DAYLIGHT, FPS, SIZE_PX, at_rest, camera_for, planned, room
from synthetic import (
    SIDE_VIEW,
    Camera,
    Effort,
    Flaws,
    Posture,
    one_after_another,
    record,
    stillness,
    walk,
)

SQUAT = find_exercise("squat")
NOBODY = [PoseFrame.unseen(0, SIZE_PX)]
DARK = Light(30.0, 30.0, 30.0)
BACKLIT = Light(150.0, 50.0, 160.0)
POINTS = ["camera", "light", "person", "body", "near", "view", "position"]


def standing(
    camera: Camera = SIDE_VIEW, posture: Posture | None = None, **flaws
) -> list[PoseFrame]:
    return record(stillness(30_000, posture), camera, fps=FPS, flaws=Flaws(**flaws))


class Watch:
    """A checklist shown one picture after the other."""

    def __init__(self, exercise: ExerciseDefinition = SQUAT, side: Side = Side.BOTH) -> None:
        self._watch = GetReady(exercise, side)
        self._now_ms = 0
        self.found: list[Readiness] = []

    def shows(
        self,
        poses: list[PoseFrame],
        duration_ms: int = 3_000,
        light: Light = DAYLIGHT,
        people: int | None = None,
    ) -> Readiness:
        for number in range(round(duration_ms * FPS / 1_000)):
            self._now_ms += round(1_000 / FPS)
            pose = replace(poses[number % len(poses)], timestamp_ms=self._now_ms)
            self.found.append(self._watch.update(Seen(pose, light, people)))
        return self.found[-1]

    def starts_after(self) -> int | None:
        """How long it took until the set started; None if it did not."""
        shares = [found.still_share for found in self.found]
        return round(shares.index(1.0) * 1_000 / FPS) if 1.0 in shares else None


def waiting(found: Readiness) -> str | None:
    """Return the point that waits, and check that all before are done and all after come later."""
    ticks = [point.tick for point in found.points]
    assert len(ticks) == len(POINTS)
    if Tick.WAITING not in ticks:
        assert ticks == [Tick.DONE] * len(ticks)
        return None
    at = ticks.index(Tick.WAITING)
    assert ticks == [Tick.DONE] * at + [Tick.WAITING] + [Tick.LATER] * (len(ticks) - at - 1)
    return POINTS[at]


LEG_RAISE = find_exercise("straight_leg_raise")
BRIDGE = find_exercise("glute_bridge")
ABDUCTION = find_exercise("standing_hip_abduction")
AT_HAND = {"exercise": SQUAT, "side": Side.BOTH}

WRONG = {
    "dark": (AT_HAND, {"poses": standing(), "light": DARK}, "light", "dark: turn on a light"),
    "backlit": (AT_HAND, {"poses": standing(), "light": BACKLIT}, "light", "light is behind you"),
    "nobody": (AT_HAND, {"poses": NOBODY}, "person", "Step into the picture"),
    "two": (AT_HAND, {"poses": standing(), "people": 2}, "person", "Only you"),
    "feet below": (
        AT_HAND,
        {"poses": standing(Camera(shift_px=(0.0, 120.0)))},
        "body",
        "Tilt the camera down: I cannot see your feet",
    ),
    "too near": (
        AT_HAND,
        {"poses": standing(Camera(px_per_m=500.0, shift_px=(0.0, 250.0)))},
        "body",
        "Step back: I cannot see your feet",
    ),
    "shoulders above": (
        AT_HAND,
        {"poses": standing(Camera(shift_px=(0.0, -290.0)))},
        "body",
        "Tilt the camera up, or step back: I cannot see your shoulders",
    ),
    "aside": (
        AT_HAND,
        {"poses": standing(Camera(shift_px=(700.0, 0.0)))},
        "body",
        "Move to the middle",
    ),
    "hidden": (
        AT_HAND,
        {
            "poses": [
                replace(pose, visibility=np.where(np.arange(33) >= 27, 0.1, pose.visibility))
                for pose in standing()
            ]
        },
        "body",
        "I cannot see your feet",
    ),
    "far away": (
        AT_HAND,
        {"poses": standing(Camera(px_per_m=110.0))},
        "near",
        "Come a little closer",
    ),
    "facing, not side-on": (
        AT_HAND,
        {"poses": standing(Camera(view=View.FRONT))},
        "view",
        "Turn sideways to the camera",
    ),
    "side-on, not facing": (
        {"exercise": ABDUCTION, "side": Side.LEFT},
        {"poses": standing()},
        "view",
        "Turn to face the camera",
    ),
    "the other side": (
        {"exercise": LEG_RAISE, "side": Side.LEFT},
        {"poses": [at_rest(LEG_RAISE, Side.RIGHT)]},
        "view",
        "Turn your left side to the camera",
    ),
    "lying, not standing": (
        AT_HAND,
        {"poses": [at_rest(BRIDGE)]},
        "position",
        "Stand or sit up tall",
    ),
    "standing, not lying": (
        {"exercise": BRIDGE, "side": Side.BOTH},
        {"poses": standing()},
        "position",
        "Lie or lean as shown",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_each_point_fails_and_passes_for_its_own_reason(wrong):
    who, shown, point, hint = WRONG[wrong]
    watch = Watch(**who)
    found = watch.shows(**shown)
    assert waiting(found) == point
    assert hint in found.hint
    assert not found.ready
    assert found.still_share == 0.0
    right = [at_rest(**who)]
    found = watch.shows(right, people=1)
    assert waiting(found) is None
    assert found.ready
    assert found.hint is None
    assert waiting(watch.shows(**shown)) == point


@pytest.mark.parametrize("light", [DAYLIGHT, Light(60.0, 55.0, 61.0), Light(180.0, 100.0, 185.0)])
def test_light_that_suffices(light):
    assert Watch().shows(standing(), light=light).ready


def test_a_moment_of_something_wrong_changes_nothing():
    watch = Watch()
    watch.shows(standing())
    for _ in range(5):
        assert watch.shows(standing(), 200, light=DARK).ready
        assert watch.shows(standing(), 600).ready


def test_before_anything_is_settled_nothing_is_said():
    assert Watch().shows(NOBODY, 100).hint is None


def test_only_limbs_that_the_exercise_needs_must_be_seen():
    raise_arms = find_exercise("shoulder_abduction_raise")
    assert not {"KNEE", "ANKLE"} & set(parts_needed(raise_arms))
    no_legs = standing(Camera(view=View.FRONT, px_per_m=400.0, shift_px=(0.0, 330.0)))
    assert Watch(raise_arms).shows(no_legs).ready
    assert waiting(Watch(ABDUCTION).shows(no_legs)) == "body"


def test_the_far_side_of_a_body_seen_from_the_side_may_be_hidden():
    assert Watch().shows(standing(Camera(far_visibility=0.1))).ready
    facing = standing(Camera(view=View.FRONT))
    one_sided = [
        replace(pose, visibility=np.where(np.arange(33) == 27, 0.1, pose.visibility))
        for pose in facing
    ]
    assert waiting(Watch(ABDUCTION, Side.LEFT).shows(one_sided)) == "body"


def test_who_cannot_turn_is_counted_after_a_while_where_that_can_be():
    facing = standing(Camera(view=View.FRONT))
    assert any(View.FRONT in signal.views for signal in SQUAT.count)
    watch = Watch()
    assert waiting(watch.shows(facing, 10_000)) == "view"
    assert watch.shows(facing, 5_000).ready
    from_side_alone = find_exercise("heel_slide")
    assert not any(View.FRONT in signal.views for signal in from_side_alone.count)
    seated = [at_rest(from_side_alone)]
    assert Watch(from_side_alone, Side.RIGHT).shows(seated, 4_000).ready
    assert waiting(Watch(from_side_alone, Side.RIGHT).shows(facing, 25_000)) == "view"


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_the_list_says_what_it_wants_in_few_words(name):
    exercise = catalogue()[name]
    for side in (Side.BOTH, Side.LEFT):
        points = Watch(exercise, side).shows(NOBODY, 100).points
        assert all(0 < len(point.words) <= 32 for point in points)
        assert len({point.words for point in points}) == len(points)


# -- the start ----------------------------------------------------------------------------------


@pytest.mark.parametrize("noise_ratio", [0.0, 0.01, 0.02])
def test_holding_still_starts_with_a_tremor_too(noise_ratio):
    watch = Watch()
    watch.shows(standing(noise_ratio=noise_ratio), 6_000)
    started_ms = watch.starts_after()
    assert started_ms is not None
    assert STILL_MS + 400 <= started_ms <= 4_000


def test_the_ring_fills_while_holding_still():
    watch = Watch()
    watch.shows(standing(), 2_500)
    shares = [found.still_share for found in watch.found]
    assert shares == sorted(shares)
    assert any(0.0 < share < 1.0 for share in shares)


@pytest.mark.parametrize("speed_m_per_s", [0.0, 0.5])
@pytest.mark.parametrize("view", [View.SIDE, View.FRONT])
def test_walking_starts_nothing(speed_m_per_s, view):
    exercise = SQUAT if view is View.SIDE else ABDUCTION
    motion = walk(4_000, speed_m_per_s=speed_m_per_s)
    film = record(one_after_another(motion, motion), Camera(view=view), fps=FPS)
    watch = Watch(exercise)
    watch.shows(film, 8_000)
    assert watch.starts_after() is None


def test_moving_before_the_time_is_over_begins_it_anew():
    watch = Watch()
    still = standing()
    watch.shows(still, 1_400)
    assert 0.0 < watch.found[-1].still_share < 1.0
    squat = record(done_by(SQUAT, [Effort(1.0, 2_000)], Side.BOTH), camera_for(SQUAT), fps=FPS)
    watch.shows(squat[15:45], 2_000)
    assert watch.found[-1].still_share == 0.0
    watch.shows(still, 1_200)
    assert watch.starts_after() is None
    watch.shows(still, 3_000)
    assert watch.starts_after() is not None


def test_exercising_already_starts_nothing():
    squats = record(
        done_by(SQUAT, [Effort(1.0, 2_000, pause_ms=200)] * 5, Side.BOTH),
        camera_for(SQUAT),
        fps=FPS,
    )
    watch = Watch()
    watch.shows(squats[15:], 10_000)
    assert watch.starts_after() is None


# -- what is said -------------------------------------------------------------------------------


def hints_of(made) -> list[tuple[int, str]]:
    return [one for one in made.said() if not one[1].startswith("Squat")]


def test_a_hint_is_said_at_most_once_in_ten_seconds():
    made = room(planned("squat"))
    made.stay(45_000, NOBODY[0])
    said = hints_of(made)
    assert {words for _, words in said} == {"Step into the picture."}
    assert all(10_000 <= b - a <= 10_200 for (a, _), (b, _) in pairwise(said))
    assert len(said) == 5
    assert said[0][0] <= 6_000, "the first one soon"


def test_hints_that_change_are_not_said_more_often():
    made = room(planned("squat"))
    for _ in range(15):
        made.stay(1_000, NOBODY[0])
        made.stay(1_000, light=DARK)
        made.stay(1_000, people=2)
    said = hints_of(made)
    assert len(said) >= 3
    assert all(b - a >= 10_000 for (a, _), (b, _) in pairwise(said))


def test_what_is_said_is_what_is_shown():
    made = room(planned("squat"))
    shown = made.stay(4_500, light=DARK)
    assert isinstance(shown.screen, GettingReady)
    assert made.words()[-1] == shown.screen.caption.words == "It is too dark: turn on a light."


def test_who_is_ready_is_not_nagged():
    made = room(planned("squat"))
    made.until(Countdown)
    assert made.words() == ["Squat", "3"]


# -- light and hands ----------------------------------------------------------------------------


def picture(luminance: float, person: float | None = None) -> np.ndarray:
    rgb = np.full((720, 1280, 3), luminance, np.uint8)
    if person is not None:
        rgb[150:420, 560:720] = person
    return rgb


def test_light_is_read_of_the_person_and_of_the_rest():
    pose = standing(Camera(view=View.FRONT))[0]
    light = Light.of(picture(200.0, 20.0), pose)
    assert light.person < 60.0 < 190.0 < light.around
    assert light.person < light.picture < light.around


def test_without_a_person_the_whole_picture_counts():
    assert Light.of(picture(90.0), NOBODY[0]) == Light(90.0, 90.0, 90.0)


def test_a_person_outside_the_picture_has_no_light_of_their_own():
    pose = standing(Camera(shift_px=(2_000.0, 0.0)))[0]
    light = Light.of(picture(90.0), pose)
    assert light.person == pytest.approx(90.0)


UP = record(stillness(100, Posture(shoulder=175.0)))[0]
ONE_UP = record(stillness(100, Posture(shoulder=np.array([[175.0, 0.0]]))))[0]
DOWN = standing()[0]


def signs(*parts: tuple[PoseFrame, int], every_ms: int = 67) -> list[int]:
    """When the sign was given in postures held for so many ms."""
    hands, now_ms, given = RaisedHands(), 0, []
    for pose, duration_ms in parts:
        for _ in range(duration_ms // every_ms):
            now_ms += every_ms
            if hands.update(replace(pose, timestamp_ms=now_ms)):
                given.append(now_ms)
    return given


def test_the_sign_is_both_hands_up_for_a_second_and_a_half():
    (given_ms,) = signs((DOWN, 1_000), (UP, 4_000))
    assert 2_400 <= given_ms <= 2_700
    assert signs((UP, 1_400), (DOWN, 1_000)) == []
    assert signs((ONE_UP, 5_000)) == []


def test_a_flicker_does_not_end_it_and_lowering_the_hands_does():
    assert len(signs((UP, 800), (NOBODY[0], 140), (UP, 800))) == 1
    assert signs((UP, 1_000), (DOWN, 500), (UP, 1_000)) == []
    assert len(signs((UP, 2_000), (DOWN, 500), (UP, 2_000))) == 2


def test_a_slow_camera_sees_the_sign_but_two_far_glimpses_are_none():
    assert len(signs((UP, 4_000), every_ms=400)) == 1
    assert signs((UP, 4_000), every_ms=2_000) == []
