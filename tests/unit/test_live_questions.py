"""What a patient is asked before and after, how it is answered, and what follows from it."""

import pytest

from hep_vision.coach.pain import STOP_AT_ONCE, advice_after, advice_before
from hep_vision.coach.screens import Choice, GettingReady, Scale, Summary, Working, Writing
from hep_vision.coach.sitting import Sitting
from hep_vision.coach.spoken import Urgency
from hep_vision.coach.stages import SetBegan, Stopped, Told, Wrote
from hep_vision.core.pain import PainZones, Zone
from hep_vision.core.types import ReportKind, Severity, StopReason
from hep_vision.exercises.loading import find_exercise
from sittings import Room, at_rest, doing, planned, planned_sets, room
from synthetic import efforts


def asked(*plan) -> Room:
    made = room(*(plan or [planned("squat")]), ask=True)
    made.see()
    return made


def after_exercise(pain_before: str = "") -> Room:
    made = asked()
    made.keys(*pain_before, "enter")
    made.until(Working)
    made.press("n")
    assert isinstance(made.screen, Scale)
    return made


def told(made: Room) -> dict[ReportKind, int]:
    return {one.report: one.value for one in made.happened(Told)}


# -- the pain rule ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "zone", "severity"),
    [
        (range(3), Zone.GREEN, None),
        (range(3, 6), Zone.AMBER, Severity.WARN),
        (range(6, 11), Zone.RED, Severity.STOP),
    ],
)
def test_scores_fall_into_three_zones(scores, zone, severity):
    zones = PainZones()
    for score in scores:
        assert zones.zone(score) is zone
        for advise in (advice_before, advice_after):
            advice = advise(score, zones)
            assert (advice and advice.severity) == severity


def test_a_therapist_may_move_the_zones():
    zones = PainZones(amber_from=2, red_from=4)
    assert [zones.zone(score) for score in (1, 2, 3, 4)] == [
        Zone.GREEN, Zone.AMBER, Zone.AMBER, Zone.RED
    ]  # fmt: skip


@pytest.mark.parametrize(("amber", "red"), [(0, 6), (5, 4), (3, 11)])
def test_zones_out_of_order_are_refused(amber, red):
    with pytest.raises(ValueError, match="pain zones"):
        PainZones(amber, red)


# -- a scale ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ("0", 0),
        ("7", 7),
        ("73", 3),
        ("10", 10),
        ("100", 0),
        ("110", 10),
        (["1", "left", "0"], 0),
        (["right"], 0),
        (["left"], 0),
        (["right"] * 4, 3),
        (["5", "left", "left"], 3),
        (["9", "right", "right", "right"], 10),
        (["0", "left"], 0),
    ],
)
def test_digits_and_arrows_choose(keys, value):
    made = asked()
    made.keys(*keys)
    assert isinstance(made.screen, Scale)
    assert made.screen.value == value
    made.press("enter")
    assert told(made) == {ReportKind.PAIN_BEFORE: value}


@pytest.mark.parametrize("key", ["²", "٣", "x", "tab", ""])
def test_other_keys_choose_nothing(key):
    made = asked()
    made.press(key)
    assert made.screen == asked().screen


@pytest.mark.parametrize("key", ["s", "escape", "enter", "space"])
def test_a_scale_is_skipped_with_one_key_and_nothing_is_booked(key):
    made = asked()
    made.press(key)
    assert isinstance(made.screen, GettingReady)
    assert told(made) == {}


def test_skipping_takes_back_what_was_marked():
    made = asked()
    made.keys("4", "s")
    assert told(made) == {}


def test_advice_follows_the_mark():
    made = asked()
    assert made.press("2").screen.advice is None
    assert made.press("4").screen.severity is Severity.WARN
    assert made.press("8").screen.severity is Severity.STOP
    assert "therapist" in made.screen.advice


def test_the_question_is_said():
    assert asked().words() == ["How much pain do you have now?"]


# -- before -------------------------------------------------------------------------------------


@pytest.mark.parametrize("score", ["0", "2", "3", "5"])
def test_who_has_little_pain_begins(score):
    made = asked()
    made.keys(score, "enter")
    assert isinstance(made.screen, GettingReady)


@pytest.mark.parametrize("score", [["6"], ["1", "0"]])
def test_who_has_much_pain_is_asked_to_rest(score):
    made = asked()
    made.keys(*score, "enter")
    assert isinstance(made.screen, Choice)
    assert "rest today" in made.screen.question
    assert any(saying.urgency is Urgency.SAFETY for shown in made.shown for saying in shown.sayings)


@pytest.mark.parametrize("key", ["1", "s", "escape"])
def test_resting_ends_the_sitting_because_of_pain(key):
    made = asked()
    made.keys("7", "enter", key)
    assert isinstance(made.screen, Summary)
    assert [one.reason for one in made.happened(Stopped)] == [StopReason.PAIN]
    assert made.happened(SetBegan) == []
    assert made.screen.severity is Severity.STOP
    assert told(made) == {ReportKind.PAIN_BEFORE: 7}


def test_who_was_told_to_go_on_goes_on():
    made = asked()
    made.keys("7", "enter", "2")
    assert isinstance(made.screen, GettingReady)
    assert made.happened(Stopped) == []


def test_zones_of_the_therapist_are_heeded():
    plan = planned("squat")
    sitting = Sitting([plan], zones=PainZones(2, 4))
    made = Room(sitting, at_rest(plan.exercise))
    made.keys("4", "enter")
    assert isinstance(made.screen, Choice)


def test_who_is_not_asked_begins_at_once():
    made = room(planned("squat"))
    assert isinstance(made.see().screen, GettingReady)


# -- after --------------------------------------------------------------------------------------


def test_after_exercise_pain_effort_and_words_are_asked():
    made = after_exercise("2")
    made.keys("3", "enter")
    assert made.screen.question == "How hard was it?"
    assert made.press("9").screen.advice is None, "effort is no pain"
    made.press("enter")
    assert isinstance(made.screen, Writing)
    made.keys(*"Knie", "space", *"gut", "enter")
    assert isinstance(made.screen, Summary)
    assert told(made) == {
        ReportKind.PAIN_BEFORE: 2,
        ReportKind.PAIN_AFTER: 3,
        ReportKind.EFFORT: 9,
    }
    assert [one.text for one in made.happened(Wrote)] == ["Knie gut"]
    assert made.screen.severity is Severity.WARN


@pytest.mark.parametrize("key", ["s", "escape"])
def test_every_question_after_is_skipped_with_one_key(key):
    made = after_exercise()
    made.keys(key, key)
    assert isinstance(made.screen, Writing)
    made.press("escape")
    assert isinstance(made.screen, Summary)
    assert told(made) == {}
    assert made.happened(Wrote) == []
    assert made.screen.advice is None


def test_red_pain_after_asks_to_stop():
    made = after_exercise()
    made.keys("8", "enter", "s", "escape")
    assert made.screen.severity is Severity.STOP
    assert "Stop this exercise for today" in made.screen.advice
    grave = [s.words for s in made.shown[-1].sayings if s.urgency is Urgency.SAFETY]
    assert grave == [made.screen.advice], "it is said, too"


def stopped(reason_key: str, *after: str) -> Room:
    made = asked()
    made.press("s")
    made.until(Working)
    made.keys("escape", reason_key, *after, "s", "escape")
    assert isinstance(made.screen, Summary)
    return made


def test_who_stopped_because_of_pain_is_told_when_to_get_help():
    made = stopped("1", "s")
    assert made.screen.advice == STOP_AT_ONCE
    assert made.screen.severity is Severity.STOP
    assert stopped("1", "7", "enter").screen.advice != STOP_AT_ONCE
    assert stopped("2", "s").screen.advice is None


# -- words --------------------------------------------------------------------------------------


def writing() -> Room:
    made = after_exercise()
    made.keys("s", "s")
    return made


def test_letters_that_are_keys_elsewhere_are_only_letters_here():
    made = writing()
    made.keys(*"smahqnp?10 ", "space", *"s")
    assert made.screen.text == "smahqnp?10  s"
    shown = made.shown[-1]
    assert (shown.muted, shown.help_open, shown.over) == (False, False, False)
    assert made.happened(Stopped) == []


def test_capitals_stay_capitals():
    made = writing()
    made.keys(*"SMn")
    assert made.screen.text == "SMn"


def test_mistakes_are_taken_back():
    made = writing()
    made.keys(*"knei", "backspace", "backspace", *"ie", "left", "backspace", *"e", "enter")
    assert [one.text for one in made.happened(Wrote)] == ["knie"]


def test_nothing_but_spaces_is_not_booked():
    made = writing()
    made.keys("space", "space", "enter")
    assert made.happened(Wrote) == []


def test_a_text_has_an_end():
    made = writing()
    made.keys(*"x" * 600)
    assert len(made.screen.text) == 500
    made.press("backspace")
    assert len(made.screen.text) == 499


# -- choices and the end ------------------------------------------------------------------------


def test_answers_are_chosen_by_arrows_and_confirmed():
    made = asked()
    made.press("s")
    made.until(Working)
    made.press("escape")
    assert made.press("enter").screen.chosen is None, "nothing is marked yet"
    made.keys("right", "right")
    assert made.screen.chosen == 1
    made.press("left")
    assert made.screen.chosen == 0
    made.press("enter")
    assert [one.reason for one in made.happened(Stopped)] == [StopReason.PAIN]
    assert isinstance(made.screen, Scale), "pain and effort are asked all the same"


@pytest.mark.parametrize("key", ["5", "0", "²", "x"])
def test_there_is_no_such_answer(key):
    made = asked()
    made.press("s")
    made.until(Working)
    made.press("escape")
    assert isinstance(made.press(key).screen, Choice)


@pytest.mark.parametrize("key", ["space", "enter", "escape", "q", "s"])
def test_a_key_closes_the_summary(key):
    made = writing()
    made.press("escape")
    assert isinstance(made.screen, Summary)
    assert made.press(key, "m").over


def test_the_summary_stays_to_be_read():
    made = writing()
    made.press("escape")
    made.now_ms += 100_000
    assert not made.look(ended=True).over
    made.now_ms += 30_000
    assert made.look().over


def test_the_summary_names_the_one_thing_to_work_on():
    exercise = find_exercise("heel_raise")
    made = room(*planned_sets("heel_raise", 1, reps=3))
    made.until(Working)
    made.play(doing(exercise, efforts([1.0] * 3, duration_ms=1_600)))
    made.until(Summary, longest_ms=4_000)
    assert made.screen.work_on == "Lower your heels slowly, in two seconds or more."
    assert made.screen.title == "Well done"
    assert "3 repetitions" in made.screen.well
    assert "clean" not in made.screen.well
