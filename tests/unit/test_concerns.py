"""What a therapist has to see first, and that noise is none of it."""

from datetime import UTC, datetime, timedelta

import pytest

from hep_vision.core.form import OVER_LIMIT
from hep_vision.core.pain import PainZones
from hep_vision.core.types import ReportKind, Severity, StopReason
from hep_vision.program.concerns import (
    Exercised,
    Faulty,
    Kind,
    Said,
    Sat,
    concerns,
    rise,
)

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
BEFORE, AFTER = ReportKind.PAIN_BEFORE, ReportKind.PAIN_AFTER
MORNING, EFFORT = ReportKind.PAIN_NEXT_MORNING, ReportKind.EFFORT


def sat(day: int, *told: tuple, **more) -> Sat:
    at = FIRST + day * DAY
    said = tuple(Said(kind, value, at, *about) for kind, value, *about in told)
    return Sat(f"sitting-{day}", at, said, **more)


def exercised(day: int, exercise: Exercised) -> Sat:
    return sat(day, exercises=(exercise,))


def kinds(*sittings: Sat, since: datetime = FIRST) -> list[Kind]:
    return [one.kind for one in concerns(sittings, since)]


class TestPain:
    @pytest.mark.parametrize("kind", [BEFORE, AFTER, MORNING])
    def test_any_red_pain_is_shown_with_its_score(self, kind: ReportKind) -> None:
        (found,) = concerns([sat(0, (kind, 6))], FIRST)
        assert found.kind is Kind.RED_PAIN
        assert "6" in found.sentence
        assert [(one.sitting_id, one.value) for one in found.evidence] == [("sitting-0", 6)]

    @pytest.mark.parametrize("told", [(BEFORE, 5), (AFTER, 5, "squat"), (EFFORT, 10)])
    def test_amber_pain_and_effort_are_not(self, told: tuple) -> None:
        assert kinds(sat(0, told)) == []

    def test_the_zones_are_those_of_the_program(self) -> None:
        assert kinds(sat(0, (AFTER, 4), zones=PainZones(2, 4))) == [Kind.RED_PAIN]

    def test_the_exercise_is_named(self) -> None:
        (found,) = concerns([sat(0, (AFTER, 7, "squat"), (AFTER, 1, "bridge"))], FIRST)
        assert found.exercise_id == "squat"
        assert "7 after squat" in found.sentence

    def test_a_red_score_that_was_mended_is_still_shown(self) -> None:
        assert kinds(sat(0, (AFTER, 9), (AFTER, 2))) == [Kind.RED_PAIN]

    def test_stopping_for_pain_is_shown_and_for_other_reasons_is_not(self) -> None:
        stopped = [sat(0, stop_reason=reason) for reason in StopReason]
        assert kinds(*stopped) == [Kind.STOPPED_FOR_PAIN]

    @pytest.mark.parametrize(
        ("told", "shown"),
        [
            (((BEFORE, 2), (MORNING, 3)), True),
            (((BEFORE, 2), (MORNING, 2)), False),
            (((BEFORE, 2), (AFTER, 5), (MORNING, 1)), False),
            (((MORNING, 5),), False),  # nobody knows what it was before
            (((BEFORE, 2), (MORNING, 4), (MORNING, 2)), False),  # the last one holds
        ],
    )
    def test_pain_that_did_not_settle(self, told: tuple, shown: bool) -> None:
        assert kinds(sat(0, *told)) == [Kind.NOT_SETTLED] * shown

    def test_what_was_told_later_is_new_although_its_sitting_is_old(self) -> None:
        told_late = Said(MORNING, 8, FIRST + 3 * DAY)
        old = Sat("old", FIRST, (told_late,))
        assert kinds(old, since=FIRST + 2 * DAY) == [Kind.RED_PAIN]
        assert kinds(old, since=FIRST + 4 * DAY) == []


class TestRise:
    @pytest.mark.parametrize(
        "values", [[1, 2, 3, 4], [0, 1, 2, 3, 4, 5], [2, 2, 3, 4, 4], [5, 1, 1, 2, 3, 3, 4, 4, 5]]
    )
    def test_a_rise_of_two_points_or_more_is_one(self, values: list[int]) -> None:
        found = rise(values)
        assert found is not None
        assert 2 <= found <= max(values) - min(values)

    @pytest.mark.parametrize(
        "values",
        [
            [],
            [1, 3, 5],  # too few
            [3] * 8,
            [2, 3, 2, 3, 2, 3, 2, 3],  # within a point
            [2, 2, 2, 2, 2, 2, 2, 8],  # one bad day
            [2, 8, 2, 2, 3, 2, 2, 2],
            [1, 5, 1, 5, 1, 5, 1, 5],  # up and down
            [5, 4, 3, 2, 1],
            [0, 0, 0, 0, 1, 1, 1, 1],  # for certain, but a point only
        ],
    )
    def test_these_are_none(self, values: list[int]) -> None:
        assert rise(values) is None

    def test_only_the_last_eight_count(self) -> None:
        assert rise([0, 1, 2, 3, 4, 5, 6, 7] + [7] * 8) is None

    def test_it_is_shown_for_the_exercise_that_it_follows(self) -> None:
        rows = [sat(k, (AFTER, k + 1, "squat"), (AFTER, 1, "bridge")) for k in range(4)]
        (found,) = concerns(rows, FIRST)
        assert (found.kind, found.exercise_id) == (Kind.RISING_PAIN, "squat")
        assert [one.value for one in found.evidence] == [1, 2, 3, 4]
        assert "1, 2, 3, 4" in found.sentence

    @pytest.mark.parametrize("kind", [BEFORE, AFTER])
    def test_it_is_shown_for_the_whole_sitting(self, kind: ReportKind) -> None:
        (found,) = concerns([sat(k, (kind, k)) for k in range(5)], FIRST)
        assert (found.kind, found.exercise_id) == (Kind.RISING_PAIN, None)

    def test_the_worst_exercise_stands_for_the_sitting(self) -> None:
        # Another exercise each day: none of them rises by itself.
        rows = [sat(k, (AFTER, k, f"exercise_{k}"), (AFTER, 0, "bridge")) for k in range(5)]
        assert kinds(*rows) == [Kind.RISING_PAIN]

    def test_sittings_before_the_first_day_are_part_of_the_rise(self) -> None:
        rows = [sat(k, (AFTER, k)) for k in range(5)]
        assert kinds(*rows, since=FIRST + 4 * DAY) == [Kind.RISING_PAIN]
        assert kinds(*rows, since=FIRST + 5 * DAY) == []


class TestForm:
    @staticmethod
    def squats(
        faulty: int, of: int = 10, severity: Severity = Severity.WARN, check: str = "knee_in"
    ) -> Exercised:
        return Exercised("squat", of, (Faulty(check, severity, faulty, faulty),))

    def rows(self, *faulty: int, **more) -> list[Sat]:
        return [exercised(day, self.squats(many, **more)) for day, many in enumerate(faulty)]

    @pytest.mark.parametrize("severity", [Severity.WARN, Severity.STOP])
    def test_the_same_fault_on_half_of_them_three_sittings_running(
        self, severity: Severity
    ) -> None:
        (found,) = concerns(self.rows(0, 5, 8, 6, severity=severity), FIRST)
        assert found.kind is Kind.SAME_DEVIATION
        assert found.sentence == "squat: knee_in on 6 of 10, 3 sittings running."
        assert [one.what for one in found.evidence] == ["5 of 10", "8 of 10", "6 of 10"]

    @pytest.mark.parametrize("faulty", [(8, 8), (8, 4, 8), (8, 8, 8, 0), (4, 4, 4)])
    def test_less_than_that_is_none(self, faulty: tuple[int, ...]) -> None:
        assert concerns(self.rows(*faulty), FIRST) == []

    def test_a_hint_is_none(self) -> None:
        assert concerns(self.rows(9, 9, 9, severity=Severity.INFO), FIRST) == []

    def test_three_different_faults_are_none(self) -> None:
        rows = [exercised(k, self.squats(9, check=f"check_{k}")) for k in range(3)]
        assert concerns(rows, FIRST) == []

    def test_a_sitting_without_a_repetition_breaks_no_row(self) -> None:
        rows = [*self.rows(9, 9), exercised(2, Exercised("squat", 0)), exercised(3, self.squats(9))]
        assert kinds(*rows) == [Kind.SAME_DEVIATION]

    def test_beyond_the_limit_is_shown_once_for_an_exercise_however_rare(self) -> None:
        beyond = Exercised("squat", 10, (Faulty(OVER_LIMIT, Severity.STOP, 0, 1),))
        (found,) = concerns([exercised(0, beyond), exercised(1, beyond)], FIRST)
        assert found.kind is Kind.OVER_LIMIT
        assert "2 times in 2 sittings" in found.sentence

    def test_the_limit_is_not_told_twice(self) -> None:
        assert kinds(*self.rows(9, 9, 9, check=OVER_LIMIT)) == [Kind.OVER_LIMIT]

    def test_uncertain_counts_name_their_exercises(self) -> None:
        done = (Exercised("squat", 5, uncertain=2), Exercised("bridge", 5))
        (found,) = concerns([sat(0, exercises=done)], FIRST)
        assert found.kind is Kind.UNCERTAIN_COUNT
        assert found.sentence == "The count is uncertain: squat."
        assert found.evidence[0].value == 2


class TestOrder:
    def test_the_urgent_comes_first_and_then_the_new(self) -> None:
        rows = [
            sat(0, (AFTER, 7)),
            sat(1, message="My knee clicks."),
            sat(2, (AFTER, 8)),
            sat(3, stop_reason=StopReason.PAIN),
            sat(4, exercises=(Exercised("squat", 5, uncertain=1),)),
        ]
        found = concerns(rows, FIRST)
        assert [(one.kind, one.evidence[0].sitting_id) for one in found] == [
            (Kind.RED_PAIN, "sitting-2"),
            (Kind.RED_PAIN, "sitting-0"),
            (Kind.STOPPED_FOR_PAIN, "sitting-3"),
            (Kind.MESSAGE, "sitting-1"),
            (Kind.UNCERTAIN_COUNT, "sitting-4"),
        ]

    def test_the_order_of_sittings_changes_nothing(self) -> None:
        rows = [sat(k, (AFTER, k + 1)) for k in range(6)]
        assert concerns(rows, FIRST) == concerns(rows[::-1], FIRST)

    def test_nothing_is_nothing(self) -> None:
        assert concerns([], FIRST) == []
        assert kinds(sat(0, (BEFORE, 2), (AFTER, 2), (MORNING, 2))) == []
