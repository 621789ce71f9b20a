"""The pain after each exercise of a program, and of the morning after the last time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from hep_vision.coach.plan import PlannedSet
from hep_vision.coach.screens import Choice, GettingReady, Rest, Scale, Summary, Working, Writing
from hep_vision.coach.sitting import Sitting
from hep_vision.coach.spoken import Urgency
from hep_vision.coach.stages import Stopped, Told
from hep_vision.core.types import ReportKind, Severity, StopReason
from sittings import Room, at_rest, planned, planned_sets

BEFORE, AFTER = ReportKind.PAIN_BEFORE, ReportKind.PAIN_AFTER
MORNING, EFFORT = ReportKind.PAIN_NEXT_MORNING, ReportKind.EFFORT


def in_places(*plan: PlannedSet) -> tuple[PlannedSet, ...]:
    return tuple(replace(one, place=place) for place, one in enumerate(plan, 1))


TWO = in_places(*planned_sets("squat", 2), planned("mini_squat"))


def opened(plan: Sequence[PlannedSet] = TWO, **options: Any) -> Room:
    sitting = Sitting(plan, **{"ask": True, "ask_each": True, **options})
    made = Room(sitting, at_rest(plan[0].exercise))
    made.see()
    return made


def begun(plan: Sequence[PlannedSet] = TWO, **options: Any) -> Room:
    made = opened(plan, **options)
    made.press("s")
    return made


def after_squats(plan: Sequence[PlannedSet] = TWO, **options: Any) -> Room:
    """Both sets of squats are behind the patient."""
    made = begun(plan, **options)
    for _ in range(2):
        made.until(Working)
        made.press("n")
    return made


def told(made: Room) -> list[tuple[ReportKind, int, str | None]]:
    return [(one.report, one.value, one.exercise_id) for one in made.happened(Told)]


class TestAfterEachExercise:
    def test_it_is_asked_after_the_exercise_and_not_after_each_set(self) -> None:
        made = begun()
        made.until(Working)
        made.press("n")
        assert isinstance(made.screen, GettingReady)
        made.until(Working)
        made.press("n")
        assert isinstance(made.screen, Scale)
        assert made.screen.question == "Squat: how much pain do you have now?"

    def test_one_key_is_enough(self) -> None:
        made = after_squats()
        made.press("2")
        assert isinstance(made.until(GettingReady, 3_000).screen, GettingReady)
        assert told(made) == [(AFTER, 2, "squat")]

    def test_ten_can_be_typed_and_a_slip_be_mended(self) -> None:
        made = after_squats()
        made.press("1")
        made.stay(1_000)
        made.press("0")
        assert made.screen.value == 10
        made.press("3")
        made.until(GettingReady)
        assert told(made) == [(AFTER, 3, "squat")]

    @pytest.mark.parametrize("key", ["s", "escape", "enter"])
    def test_it_is_skipped_with_one_key(self, key: str) -> None:
        made = after_squats()
        made.press(key)
        assert isinstance(made.screen, GettingReady)
        assert told(made) == []

    def test_nobody_has_to_come_to_the_keyboard(self) -> None:
        made = after_squats()
        made.stay(50_000)
        assert isinstance(made.screen, Scale)
        made.until(GettingReady, 15_000)
        assert told(made) == []

    def test_amber_gives_advice_to_read_and_goes_on(self) -> None:
        made = after_squats()
        made.press("4")
        made.stay(3_000)
        assert made.screen.severity is Severity.WARN
        made.until(GettingReady, 4_000)
        assert made.happened(Stopped) == []

    def test_the_last_exercise_is_asked_about_in_place_of_the_sitting(self) -> None:
        made = after_squats()
        made.press("enter")
        made.until(Working)
        made.press("n")
        made.keys("5", "enter", "7", "enter")
        assert isinstance(made.screen, Writing)
        assert told(made) == [(AFTER, 5, "mini_squat"), (EFFORT, 7, None)]

    def test_an_exercise_left_out_as_a_whole_is_not_asked_about(self) -> None:
        made = begun(in_places(planned("squat"), planned("mini_squat"), planned("squat")))
        made.keys("n", "n")
        assert isinstance(made.screen, GettingReady)

    def test_an_exercise_of_which_the_last_set_is_left_out_is(self) -> None:
        made = begun()
        made.until(Working)
        made.keys("n", "n")
        assert isinstance(made.screen, Scale)

    def test_the_rest_goes_on_while_it_is_asked(self) -> None:
        plan = in_places(planned("squat", rest_ms=30_000), planned("mini_squat"))
        made = begun(plan)
        made.until(Working)
        made.press("n")
        made.stay(10_000)
        made.press("enter")
        shown = made.see()
        assert isinstance(shown.screen, Rest)
        assert shown.screen.left_ms <= 20_000

    def test_a_rest_that_is_over_is_not_announced(self) -> None:
        plan = in_places(planned("squat", rest_ms=5_000), planned("mini_squat"))
        made = begun(plan)
        made.until(Working)
        made.press("n")
        made.stay(10_000)
        made.press("enter")
        assert isinstance(made.screen, GettingReady)
        assert not any("Rest now" in words for words in made.words())

    def test_without_it_the_sitting_is_asked_about_once(self) -> None:
        made = after_squats(ask_each=False)
        assert isinstance(made.screen, GettingReady)
        made.until(Working)
        made.press("n")
        made.keys("3", "enter")
        assert told(made) == [(AFTER, 3, None)]

    def test_without_questions_nothing_is_asked(self) -> None:
        made = Room(Sitting(TWO, ask=False, ask_each=True), at_rest(TWO[0].exercise))
        for _ in range(2):
            made.until(Working)
            made.press("n")
        assert isinstance(made.screen, GettingReady)


class TestRed:
    def red(self) -> Room:
        made = after_squats()
        made.keys("8", "enter")
        assert isinstance(made.screen, Choice)
        return made

    def test_it_asks_to_stop_and_says_so(self) -> None:
        made = self.red()
        assert "therapist" in made.screen.question
        assert made.screen.answers[0] == "Stop for today"
        assert any(one.urgency is Urgency.SAFETY for one in made.shown[-1].sayings)

    @pytest.mark.parametrize("key", ["1", "s", "escape"])
    def test_to_stop_is_what_happens_unless_something_else_is_chosen(self, key: str) -> None:
        made = self.red()
        made.press(key)
        assert [one.reason for one in made.happened(Stopped)] == [StopReason.PAIN]
        assert "hard" in made.screen.question
        made.keys("s", "escape")
        assert isinstance(made.screen, Summary)
        assert made.screen.severity is Severity.STOP
        assert told(made) == [(AFTER, 8, "squat")]

    def test_the_patient_may_go_on_and_is_reminded_at_the_end(self) -> None:
        made = self.red()
        made.press("2")
        assert isinstance(made.screen, GettingReady)
        assert made.happened(Stopped) == []
        made.until(Working)
        made.press("n")
        made.keys("1", "enter", "s", "escape")
        assert isinstance(made.screen, Summary)
        assert made.screen.severity is Severity.STOP


class TestStopping:
    def test_in_the_middle_the_exercise_under_way_is_asked_about(self) -> None:
        made = begun()
        made.until(Working)
        made.keys("escape", "2")
        assert isinstance(made.screen, Scale)
        made.keys("2", "enter")
        assert told(made) == [(AFTER, 2, "squat")]

    def test_what_was_told_a_moment_ago_is_not_asked_again(self) -> None:
        made = after_squats()
        made.keys("2", "enter", "escape", "2")
        assert "hard" in made.screen.question


class TestMorning:
    def test_it_is_asked_first_and_once(self) -> None:
        made = opened(ask_morning=True)
        assert made.screen.question == "How is the pain this morning, after last time?"
        made.keys("3", "enter", "2", "enter")
        assert isinstance(made.screen, GettingReady)
        assert told(made) == [(MORNING, 3, None), (BEFORE, 2, None)]

    def test_it_can_be_skipped(self) -> None:
        made = opened(ask_morning=True)
        made.keys("s", "2", "enter")
        assert told(made) == [(BEFORE, 2, None)]

    @pytest.mark.parametrize(("now", "rests"), [(["s"], True), (["2", "enter"], False)])
    def test_a_red_morning_asks_to_rest_unless_the_pain_is_gone(
        self, now: list[str], rests: bool
    ) -> None:
        made = opened(ask_morning=True)
        made.keys("8", "enter", *now)
        assert isinstance(made.screen, Choice) is rests
