"""A whole sitting in virtual time: what leads to what, what is counted, and what stops it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hep_vision.coach.screens import (
    Choice,
    Countdown,
    GettingReady,
    Message,
    Paused,
    Rest,
    Summary,
    Trouble,
    Working,
)
from hep_vision.coach.seen import hands_are_up
from hep_vision.coach.spoken import Sound
from hep_vision.coach.stages import SetBegan, SetEnded, Stopped, Watched
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.types import Hold, PoseFrame, Rep, RepTick, Side, StopReason, View
from hep_vision.exercises.loading import find_exercise
from moving import MOVING, sides_of
from sittings import (
    GONE,
    SIZE_PX,
    Room,
    camera_for,
    doing,
    planned,
    planned_sets,
    room,
)
from synthetic import Effort, Posture, efforts, excursion, record, stillness

NOBODY = PoseFrame.unseen(0, SIZE_PX)
HANDS_UP = record(stillness(100, Posture(shoulder=175.0)), camera_for(find_exercise("squat")))[0]
SQUATS = efforts([1.0] * 3, duration_ms=3_000)


def working(*plan, ask=False, fills=None) -> Room:
    """A room whose first set has just begun."""
    made = room(*plan, ask=ask, fills=fills)
    if ask:
        made.press("s")
    made.until(Working)
    return made


def squatting(reps: int = 10, **parts) -> Room:
    return working(planned("squat", reps=reps, **parts))


def perform(made: Room, film: list[PoseFrame]) -> None:
    """Play a film and, until the set is over, the rest that shows its last repetition ended."""
    made.play(film, while_=Working)
    if isinstance(made.screen, Working):
        made.play([replace(made.resting, timestamp_ms=67 * n) for n in range(40)], while_=Working)


def outcomes(made: Room):
    return [one.outcome for one in made.happened(SetEnded)]


# -- the whole way ------------------------------------------------------------------------------


def repetitions_of(exercise, reps: int, hold_ms: int) -> list[Effort]:
    held_ms = hold_ms + 600 if hold_ms else 0
    return [Effort(1.0, duration_ms=3_000, hold_ms=held_ms, pause_ms=1_200)] * reps


@pytest.mark.parametrize("name", MOVING)
def test_every_exercise_is_carried_through_a_sitting_by_its_figure(name):
    exercise = MOVING[name]
    side = sides_of(exercise)[0]
    reps, hold_ms = min(3, exercise.dose.reps), min(4_000, exercise.dose.hold_ms)
    made = working(planned(exercise, side=side, reps=reps, hold_ms=hold_ms))
    perform(made, doing(exercise, repetitions_of(exercise, reps, hold_ms), side))
    assert isinstance(made.screen, Summary)
    (outcome,) = outcomes(made)
    assert (outcome.done, outcome.complete) == (reps, True)
    assert len(made.heard(Sound.REP)) == (0 if outcome.plan.timed else reps)
    assert len(made.heard(Sound.SET_DONE)) == 1
    assert "Paused." not in made.words()


@pytest.mark.parametrize("name", [name for name, found in MOVING.items() if found.side is None])
def test_where_no_side_is_prescribed_the_person_is_followed(name):
    exercise = MOVING[name]
    reps, hold_ms = 2, min(3_500, exercise.dose.hold_ms)
    made = working(planned(exercise, reps=reps, hold_ms=hold_ms), fills=Side.RIGHT)
    plan = repetitions_of(exercise, reps, hold_ms)
    perform(made, doing(exercise, plan, Side.RIGHT))
    assert outcomes(made)[0].complete


def test_the_stages_follow_one_another():
    made = room(*planned_sets("squat", 2, reps=2, rest_ms=5_000))
    made.until(Working)
    perform(made, doing(find_exercise("squat"), SQUATS[:2]))
    made.until(Working)
    perform(made, doing(find_exercise("squat"), SQUATS[:2]))
    screens = [type(shown.screen) for shown in made.shown]
    changes = [screens[0], *(b for a, b in pairwise(screens) if a is not b)]
    once = [GettingReady, Countdown, Working]
    assert changes == [*once, Rest, *once, Summary]
    assert made.stay(10_000).over
    assert isinstance(made.screen, Message)


# -- the start ----------------------------------------------------------------------------------


def test_three_two_one_are_said_once_each_a_second_apart():
    made = squatting()
    counted = [(at_ms, words) for at_ms, words in made.said() if words in "321"]
    assert [words for _, words in counted] == ["3", "2", "1"]
    assert all(900 <= b - a <= 1_100 for (a, _), (b, _) in pairwise(counted))
    assert len(made.heard(Sound.COUNTDOWN)) == 3
    assert len(made.heard(Sound.GO)) == 1


def test_the_engine_sees_the_quiet_time_before_the_start():
    made = squatting()
    began, *rest = made.happened()
    assert isinstance(began, SetBegan)
    times_ms = [one.pose.timestamp_ms for one in rest]
    assert 1_300 <= made.now_ms - times_ms[0] <= 1_500
    assert times_ms == sorted(set(times_ms))


def test_a_key_starts_before_everything_is_right():
    made = room(planned("squat"))
    dark = replace(made.see().screen)
    assert isinstance(dark, GettingReady)
    made.press("space")
    assert isinstance(made.screen, Countdown)
    made.until(Working, longest_ms=3_200)


def test_another_key_in_the_same_moment_does_not_take_the_start_back():
    made = room(planned("squat"))
    made.see()
    made.press("space", "m")
    assert isinstance(made.screen, Countdown)
    assert made.shown[-1].muted


def test_the_start_key_waits_for_the_first_picture():
    made = room(planned("squat"))
    made.press("space")
    made.now_ms += 5_000
    made.look()
    assert isinstance(made.screen, GettingReady)
    made.see()
    assert isinstance(made.screen, Countdown)


def test_a_set_can_be_left_out_before_it_begins():
    made = room(planned("squat"), planned("heel_raise", place=2))
    made.see()
    assert made.press("n").screen.title == "Heel raise"
    made.see()
    assert isinstance(made.press("n").screen, Summary)
    assert made.happened(SetBegan) == []


def test_without_a_picture_the_countdown_begins_anew():
    made = room(planned("squat"))
    made.until(Countdown)
    made.look(trouble=GONE)
    assert isinstance(made.screen, Trouble)
    assert isinstance(made.see().screen, GettingReady)
    made.until(Working)
    assert made.words().count("3") == 2


# -- counting -----------------------------------------------------------------------------------


def test_counts_are_shown_and_said():
    made = squatting(3)
    numbers = []
    for pose in doing(find_exercise("squat"), SQUATS):
        made.play([pose])
        if isinstance(made.screen, Working):
            numbers.append(made.screen.overlay.count)
    assert sorted(set(numbers)) == [0, 1, 2, 3]
    assert numbers == sorted(numbers)
    assert [words for words in made.words() if words in "123"] == ["3", "2", "1", "1", "2", "3"]


@pytest.mark.parametrize("duration_ms", [1_300, 2_400, 5_000])
@pytest.mark.parametrize(
    "name", ["squat", "sit_to_stand", "glute_bridge", "shoulder_press", "standing_march", "push_up"]
)
def test_every_repetition_has_one_tick_soon_after_its_end(name, duration_ms):
    exercise = find_exercise(name)
    side = sides_of(exercise)[0]
    made = working(planned(exercise, side=side, reps=9))
    plan = [Effort(1.0, duration_ms=duration_ms, pause_ms=700)] * 4
    started_ms = made.now_ms + 67
    film = doing(exercise, plan, side)
    made.play(film)
    ticks_ms = made.heard(Sound.REP)
    ends_ms = [
        started_ms + 1_000 + number * (duration_ms + 700) + duration_ms for number in range(4)
    ]
    assert len(ticks_ms) == 4
    for tick_ms, end_ms in zip(ticks_ms, ends_ms, strict=True):
        assert end_ms - duration_ms < tick_ms <= end_ms + 300


def swaying(poses: list[PoseFrame], plan, share_px: float) -> list[PoseFrame]:
    """The same, wandering to one side on the way: not clearly the exercise."""
    way = excursion(np.array([pose.timestamp_ms for pose in poses], dtype=float), plan)[:, 0]
    return [
        replace(pose, image_px=pose.image_px + np.array([share_px * share, 0.0]))
        for pose, share in zip(poses, way, strict=True)
    ]


def seen_from_the_front(plan) -> Room:
    """Somebody whose squats sway, so that the first one counts only with another like it."""
    squat = find_exercise("squat")
    front = replace(squat, camera=replace(squat.camera, view=View.FRONT))
    made = working(planned(front, reps=5))
    # As far as the largest of them is doubtful: 70 to 80 pixels.
    made.play(
        swaying(doing(front, plan), plan, 75.0 / max(effort.amplitude_deg for effort in plan))
    )
    return made


def ticks_of(made: Room) -> list[RepTick]:
    return [event for event in made.events if isinstance(event, RepTick)]


def test_a_first_repetition_that_waits_is_heard_when_seen_and_not_again():
    made = seen_from_the_front(efforts([1.0] * 3, duration_ms=3_000))
    waited = [shown.screen.waiting for shown in made.shown if isinstance(shown.screen, Working)]
    assert any(waited), "the first one waits"
    ticks = ticks_of(made)
    assert [tick.count for tick in ticks] == [1, 2, 3]
    assert ticks[0].timestamp_ms == ticks[1].timestamp_ms
    heard_ms = made.heard(Sound.REP)
    assert len(heard_ms) == 3
    assert heard_ms[0] < ticks[0].timestamp_ms - 3_000
    assert [w for w in made.words() if w in "12345"][-2:] == ["2", "3"]


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param([Effort(1.0, pause_ms=10_000), Effort(1.0), Effort(1.0)], id="much later"),
        pytest.param([Effort(1.2), Effort(0.36), Effort(0.36)], id="of another size"),
    ],
)
def test_one_that_waited_in_vain_takes_no_tick_from_the_next(plan):
    made = seen_from_the_front(plan)
    done_once = [e for e in made.events if isinstance(e, Rep) and "done once" in (e.reason or "")]
    assert len(done_once) == 1
    assert [tick.count for tick in ticks_of(made)] == [1, 2]
    assert len(made.heard(Sound.REP)) == 3


@pytest.mark.parametrize("name", ["squat", "front_plank", "standing_march"])
def test_what_is_found_live_is_what_the_same_poses_give_later(name):
    exercise = find_exercise(name)
    side = sides_of(exercise)[0]
    made = working(planned(exercise, side=side, reps=9, hold_ms=5_000))
    film = doing(exercise, repetitions_of(exercise, 4, exercise.dose.hold_ms and 5_000), side)
    made.play(film[: len(film) // 2])
    made.press("space")
    made.stay(4_000)
    made.press("space")
    made.play(film[len(film) // 2 :])
    made.press("n")
    engine = ExerciseEngine(exercise, None if side is Side.BOTH else side)
    watched = made.happened(Watched)
    again = [event for one in watched for event in engine.process(one.pose)]
    assert made.events == again
    assert list(made.happened(SetEnded)[0].events) == engine.finish()
    assert again


# -- holds --------------------------------------------------------------------------------------


def test_the_clock_of_a_hold_runs_while_the_posture_is_right():
    exercise = find_exercise("front_plank")
    made = working(planned(exercise, reps=1, hold_ms=10_000))
    made.play(doing(exercise, [Effort(1.0, 2_000, 6_000)]))
    outcome = made.press("n") and outcomes(made)[0]
    assert not outcome.complete
    assert 5_500 <= outcome.held_ms <= 7_500
    assert outcome.done_words.endswith("s of 10 s")


def test_a_hold_is_done_when_its_time_is_over():
    exercise = find_exercise("front_plank")
    made = working(planned(exercise, reps=1, hold_ms=5_000))
    perform(made, doing(exercise, [Effort(1.0, 2_000, 20_000)]))
    assert isinstance(made.screen, Summary)
    assert outcomes(made)[0].complete
    assert 5_000 <= outcomes(made)[0].held_ms <= 5_300
    assert len(made.heard(Sound.HOLD_REACHED)) == 1


def test_each_of_several_holds_has_its_number():
    exercise = find_exercise("front_plank")
    made = working(planned(exercise, reps=3, hold_ms=4_000))
    assert made.screen.setting == "Hold 1 of 3"
    made.play(doing(exercise, [Effort(1.0, 2_000, 5_000)] * 2))
    assert made.screen.setting == "Hold 3 of 3"
    assert [words for words in made.words() if " of " in words] == ["1 of 3", "2 of 3"]
    assert len(made.heard(Sound.HOLD_REACHED)) == 2


def test_a_hold_that_breaks_off_early_is_not_one_of_them():
    exercise = find_exercise("front_plank")
    made = working(planned(exercise, reps=2, hold_ms=8_000))
    made.play(doing(exercise, [Effort(1.0, 2_000, 4_000), Effort(1.0, 2_000, 9_000)]))
    assert made.words()[-1] == "1 of 2"
    assert len(made.heard(Sound.HOLD_REACHED)) == 1


def test_a_hold_without_a_goal_is_done_when_it_ends():
    exercise = find_exercise("front_plank")
    made = working(planned(exercise, reps=1, hold_ms=0))
    made.stay(3_000)
    assert isinstance(made.screen, Working)
    perform(made, doing(exercise, [Effort(1.0, 2_000, 6_000)]))
    assert [hold.counted_ms > 5_000 for hold in made.events if isinstance(hold, Hold)] == [True]
    assert isinstance(made.screen, Summary)


def test_a_repetition_that_is_held_sounds_when_the_time_is_over():
    exercise = find_exercise("glute_bridge")
    made = working(planned(exercise, reps=2, hold_ms=3_000))
    perform(made, doing(exercise, [Effort(1.0, 3_000, 4_000)] * 2))
    assert len(made.heard(Sound.HOLD_REACHED)) == 2


def stretching(**parts) -> Room:
    return working(planned("stretch_hold", **({"reps": 2, "hold_ms": 5_000} | parts)))


def test_what_the_patient_times_is_done_when_its_time_is_over():
    made = stretching()
    began_ms = made.now_ms
    made.until(Summary, longest_ms=11_000)
    assert 9_900 <= made.now_ms - began_ms <= 10_300
    assert len(made.heard(Sound.HOLD_REACHED)) == 2
    assert outcomes(made)[0].done_words == "2 of 2 holds"


def test_its_clock_shows_one_hold_after_the_other():
    made = stretching()
    made.stay(4_000)
    assert 3_900 <= made.screen.overlay.hold_ms <= 4_200
    made.stay(2_000)
    assert 900 <= made.screen.overlay.hold_ms <= 1_300


def test_its_clock_stands_still_in_a_pause():
    made = stretching()
    made.stay(2_000)
    made.press("space")
    made.stay(20_000)
    made.press("space")
    made.stay(1_000)
    assert 2_800 <= made.screen.overlay.hold_ms <= 3_200


@pytest.mark.parametrize(("name", "already"), [("squat", 8), ("front_plank", 2)])
def test_what_was_done_before_an_interruption_is_not_done_again(name, already):
    exercise = find_exercise(name)
    reps = 3 if name == "front_plank" else 10
    hold_ms = 4_000 if name == "front_plank" else 0
    made = working(planned(exercise, reps=reps, hold_ms=hold_ms, already=already))
    perform(made, doing(exercise, repetitions_of(exercise, reps - already, hold_ms)))
    assert isinstance(made.screen, Summary)
    assert (outcomes(made)[0].done, outcomes(made)[0].complete) == (reps, True)
    if name == "squat":
        assert made.words()[-4:-1] == ["9", "One more.", "10"]


def test_a_set_that_was_done_before_is_over_at_once():
    made = room(planned("squat", reps=10, already=10))
    made.until(Summary, longest_ms=6_000)
    assert outcomes(made)[0].complete


# -- pauses -------------------------------------------------------------------------------------


def test_both_hands_up_pause_and_go_on():
    made = squatting()
    made.stay(1_300, HANDS_UP)
    assert isinstance(made.screen, Working)
    made.stay(400, HANDS_UP)
    assert isinstance(made.screen, Paused)
    made.stay(5_000, HANDS_UP)
    assert isinstance(made.screen, Paused), "held on it is not given again"
    made.stay(1_000)
    made.stay(1_700, HANDS_UP)
    assert isinstance(made.screen, Working)
    assert [words for words in made.words() if words in ("Paused.", "Going on.")] == [
        "Paused.",
        "Going on.",
    ]


@pytest.mark.parametrize("key", ["space", "p"])
def test_a_key_pauses_and_goes_on(key):
    made = squatting()
    assert isinstance(made.press(key).screen, Paused)
    made.stay(5_000)
    assert isinstance(made.screen, Paused)
    assert isinstance(made.press(key).screen, Working)


def test_a_paused_set_watches_and_counts_nothing():
    made = squatting()
    made.press("space")
    before = len(made.happened(Watched))
    made.play(doing(find_exercise("squat"), SQUATS))
    assert len(made.happened(Watched)) == before
    assert made.heard(Sound.REP) == []


def test_leaving_the_picture_pauses_and_coming_back_goes_on():
    made = squatting()
    made.stay(2_800, NOBODY)
    assert isinstance(made.screen, Working)
    made.stay(400, NOBODY)
    assert isinstance(made.screen, Paused)
    assert made.screen.why == "You left the picture"
    made.stay(30_000, NOBODY)
    made.stay(800)
    assert isinstance(made.screen, Paused)
    made.stay(400)
    assert isinstance(made.screen, Working)


def test_who_comes_back_and_exercises_on_at_once_loses_no_repetition():
    made = squatting()
    made.stay(5_000, NOBODY)
    plan = [Effort(1.0, 2_000)] * 2
    at_once = [pose for pose in doing(find_exercise("squat"), plan) if pose.timestamp_ms > 600]
    made.play(at_once)
    made.stay(1_500)
    assert made.screen.overlay.count == 2
    times_ms = [one.pose.timestamp_ms for one in made.happened(Watched)]
    assert times_ms == sorted(set(times_ms))


def test_who_paused_by_a_sign_and_left_goes_on_by_a_sign():
    made = squatting()
    made.press("space")
    made.stay(5_000, NOBODY)
    made.stay(5_000)
    assert isinstance(made.screen, Paused)


def test_a_short_loss_of_the_person_pauses_nothing():
    made = squatting()
    for _ in range(5):
        made.stay(2_000, NOBODY)
        made.stay(200)
    assert not made.words().count("You left the picture.")


def overhead() -> list[str]:
    """Exercises at whose goal both hands are up like those of the sign."""
    found = []
    for name, exercise in MOVING.items():
        side = sides_of(exercise)[0]
        film = doing(exercise, [Effort(1.0, 1_000, 1_000)], side, fps=5)
        found += [name] if any(hands_are_up(pose) for pose in film) else []
    return found


OVERHEAD = overhead()


def test_there_are_exercises_that_raise_the_hands():
    assert {"shoulder_press", "jumping_jack"} <= set(OVERHEAD)


@pytest.mark.parametrize("name", OVERHEAD)
def test_an_exercise_that_raises_the_hands_does_not_pause_itself(name):
    exercise = MOVING[name]
    made = working(planned(exercise, side=sides_of(exercise)[0], reps=9))
    made.play(doing(exercise, [Effort(1.0, 2_000, 3_000)], sides_of(exercise)[0]))
    assert "Paused." not in made.words()
    assert "both hands up" not in dict(made.shown[-1].keys)
    assert isinstance(made.press("space").screen, Paused)


def test_an_exercise_of_the_arms_without_a_figure_may_raise_the_hands():
    made = working(planned(replace(find_exercise("shoulder_press"), motion=None)))
    made.stay(3_000, HANDS_UP)
    assert isinstance(made.screen, Working)


def hands_at(**posture: float) -> bool:
    return hands_are_up(record(stillness(100, Posture(**posture)))[0])


def test_who_lies_gives_the_sign_beyond_the_head_and_not_towards_the_ceiling():
    for lean_deg in (-100.0, -92.0, -90.0, -88.0, -75.0):
        assert not hands_at(trunk=lean_deg, shoulder=90.0)
        assert not hands_at(trunk=lean_deg, shoulder=0.0)
        assert not hands_at(trunk=lean_deg, shoulder=150.0, elbow=140.0), "hands behind the head"
        assert hands_at(trunk=lean_deg, shoulder=175.0)


def test_who_leans_and_holds_the_arms_out_gives_no_sign():
    for lean_deg in (20.0, 40.0, 50.0, 60.0):
        assert not hands_at(trunk=lean_deg, hip=lean_deg, shoulder=90.0 + lean_deg)
    assert hands_at(shoulder=175.0)
    assert not hands_at(shoulder=95.0)


def test_who_lies_can_pause_the_set_too():
    bridge = find_exercise("glute_bridge")
    made = working(planned(bridge))
    reach = replace(bridge, motion=replace(bridge.motion, goal={"shoulder": 175.0}))
    made.play(doing(reach, [Effort(1.0, 1_500, 2_000)]))
    assert isinstance(made.screen, Paused)
    made.play(doing(reach, [Effort(1.0, 1_500, 2_000)]))
    assert isinstance(made.screen, Working)
    assert made.heard(Sound.REP) == []


# -- the camera ---------------------------------------------------------------------------------


def test_a_camera_that_goes_pauses_says_so_once_and_goes_on_by_itself():
    made = squatting(4)
    made.play(doing(find_exercise("squat"), SQUATS[:2]))
    for _ in range(20):
        made.now_ms += 500
        made.look(trouble=GONE)
    assert isinstance(made.screen, Trouble)
    assert made.screen.waited_ms == 9_500
    assert made.screen.what == GONE.what
    assert made.words().count(GONE.what) == 1
    assert len(made.heard(Sound.TROUBLE)) == 1
    made.see()
    assert isinstance(made.screen, Paused)
    made.stay(1_200)
    assert isinstance(made.screen, Working)
    perform(made, doing(find_exercise("squat"), SQUATS[:2]))
    assert outcomes(made)[0].done == 4


def test_a_camera_that_comes_and_goes_is_not_announced_each_time():
    made = squatting()
    for _ in range(30):
        made.stay(300)
        made.now_ms += 300
        made.look(trouble=GONE)
    told_ms = [at_ms for at_ms, words in made.said() if words == GONE.what]
    assert len(told_ms) == 2
    assert told_ms[1] - told_ms[0] >= 10_000


def test_hints_are_not_given_while_there_is_no_picture():
    made = room(planned("squat"))
    made.stay(2_000, NOBODY)
    for _ in range(30):
        made.now_ms += 1_000
        made.look(trouble=GONE)
    assert [words for words in made.words() if "picture" in words] == []


def test_in_trouble_the_question_why_is_still_shown():
    made = squatting()
    made.look(trouble=GONE)
    made.look(trouble=GONE, keys=["escape"])
    assert isinstance(made.screen, Choice)


@pytest.mark.parametrize("until", [GettingReady, Countdown, Working])
def test_the_end_of_the_recording_ends_the_sitting(until):
    made = room(planned("squat"), planned("heel_raise", place=2))
    made.until(until)
    made.look(ended=True)
    made.look(ended=True)
    assert made.shown[-1].over
    assert len(made.happened(SetBegan)) == len(made.happened(SetEnded))
    assert len(made.happened(SetEnded)) == (until is Working)


# -- keys ---------------------------------------------------------------------------------------


def test_n_ends_the_set_and_the_next_one_follows():
    made = working(*planned_sets("squat", 2, rest_ms=10_000))
    made.play(doing(find_exercise("squat"), SQUATS[:2]))
    assert isinstance(made.press("n").screen, Rest)
    assert outcomes(made)[0].done == 2
    assert not outcomes(made)[0].complete
    assert made.heard(Sound.SET_DONE) == []


@pytest.mark.parametrize("key", ["escape", "q"])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("1", StopReason.PAIN),
        ("2", StopReason.TIRED),
        ("3", StopReason.OTHER),
        ("s", None),
        ("escape", None),
    ],
)
def test_who_stops_is_asked_why(key, answer, reason):
    made = squatting()
    assert isinstance(made.press(key).screen, Choice)
    made.press(answer)
    assert [one.reason for one in made.happened(Stopped)] == [reason]
    assert len(made.happened(SetEnded)) == 1
    assert isinstance(made.screen, Summary)
    stop = [words for words in made.words() if words.startswith("Chest pain")]
    assert bool(stop) == (reason is StopReason.PAIN)


def test_who_does_not_want_to_stop_after_all_goes_on():
    made = squatting()
    made.press("escape")
    made.press("4")
    made.stay(1_500)
    assert isinstance(made.screen, Working)
    assert made.happened(Stopped) == []


def test_m_mutes_a_shows_degrees_h_shows_help():
    made = squatting()
    assert not made.see().muted
    assert made.screen.overlay.angle_value is None
    made.keys("m", "a", "h")
    shown = made.see()
    assert (shown.muted, shown.screen.muted, shown.help_open) == (True, True, True)
    assert shown.screen.overlay.angle_value is not None
    made.press("escape")
    assert not made.see().help_open, "escape closes the help first"
    assert isinstance(made.screen, Working)
    made.keys("m", "a")
    assert not made.see().muted
    assert made.screen.overlay.angle_value is None


def test_the_help_names_every_key():
    made = squatting()
    assert "a" not in dict(made.shown[-1].keys), "the line at the bottom stays short"
    named = [key for key, _ in made.press("h").keys]
    assert sorted(named) == sorted(["both hands up", "space", "n", "esc", "h", "m", "a"])


def test_caps_lock_changes_no_key():
    made = squatting()
    made.keys("M", "P")
    assert made.shown[-1].muted
    assert isinstance(made.screen, Paused)
    assert isinstance(made.press("N").screen, Summary)


def test_each_screen_names_its_keys():
    made = squatting()
    assert dict(made.shown[-1].keys)["space"] == "pause"
    assert dict(made.press("space").keys)["space"] == "go on"


# -- the rest -----------------------------------------------------------------------------------


def resting(rest_ms: int = 20_000) -> Room:
    made = working(*planned_sets("squat", 2, rest_ms=rest_ms))
    made.press("n")
    assert isinstance(made.screen, Rest)
    return made


def test_the_rest_ends_by_itself():
    made = resting()
    made.stay(19_800)
    assert isinstance(made.screen, Rest)
    assert made.screen.left_ms <= 300
    made.stay(300)
    assert isinstance(made.screen, GettingReady)


@pytest.mark.parametrize("key", ["space", "enter", "n"])
def test_a_key_ends_the_rest(key):
    assert isinstance(resting().press(key).screen, GettingReady)


def test_both_hands_up_end_the_rest():
    made = resting()
    made.stay(1_700, HANDS_UP)
    assert isinstance(made.screen, GettingReady)


def test_the_rest_says_what_comes_next():
    assert resting().screen.following == "Set 2 of 2"


def test_without_a_rest_nobody_is_told_to_rest():
    made = working(*planned_sets("squat", 2))
    assert isinstance(made.press("n").screen, GettingReady)
    assert not any("Rest" in words for words in made.words())


# -- the end ------------------------------------------------------------------------------------


def test_stopping_books_an_open_set_once():
    made = squatting()
    made.play(doing(find_exercise("squat"), SQUATS[:2]))
    (left,) = made.sitting.stop()
    assert isinstance(left, SetEnded)
    assert left.outcome.done == 2
    assert made.sitting.stop() == ()


def test_stopping_books_the_set_that_the_question_why_interrupted():
    made = squatting()
    made.press("escape")
    (left,) = made.sitting.stop()
    assert isinstance(left, SetEnded)


def test_stopping_before_a_set_books_none():
    made = room(planned("squat"))
    made.see()
    assert made.sitting.stop() == ()


def test_the_summary_has_a_line_for_each_set():
    made = working(*planned_sets("squat", 2, reps=2))
    perform(made, doing(find_exercise("squat"), SQUATS[:2]))
    made.until(Working)
    made.press("n")
    assert isinstance(made.screen, Summary)
    assert [line.done for line in made.screen.sets] == ["2 of 2 repetitions", "0 of 2 repetitions"]
    assert made.screen.title == "Good that you did some"
    assert "usually" in made.screen.sets[0].extra
    assert made.sitting.lines == made.screen.sets


def test_nothing_else_happens_when_it_is_over():
    made = squatting()
    made.press("n")
    made.press("space")
    assert made.shown[-1].over
    shown = made.see(keys=["space", "escape"])
    assert (shown.over, shown.happened) == (True, ())
