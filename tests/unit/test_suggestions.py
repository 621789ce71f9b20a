"""Suggestions to the therapist: only where the days agree, each with its evidence."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hep_vision.core.definition import Direction
from hep_vision.core.pain import PainZones
from hep_vision.core.types import ReportKind, Side, View
from hep_vision.program.performed import Felt
from hep_vision.program.progress import DayRange, RangeCourse
from hep_vision.program.schedule import DoneSet, Due, dues
from hep_vision.program.suggestions import Lately, SuggestionKind, suggestions
from prescriptions import ZONE, prescribe, version

MONDAY = date(2026, 3, 2)
PLAN = version(prescribe(sets=2))
ZONES = PainZones()


def day(ahead: int) -> date:
    return MONDAY + timedelta(days=ahead)


def at(ahead: int) -> datetime:
    return datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(days=ahead)


def due(ahead: int, *clean: int | None, complete: bool = True) -> tuple[date, Due]:
    """Return a day on which a set of ten was done for each of ``clean``."""
    done = [
        DoneSet(at(ahead), "squat", complete=complete, tried=10, counted=10, clean=each)
        for each in clean
    ]
    return day(ahead), dues([PLAN], done, day(ahead), ZONE)[0]


def pain(
    ahead: int, score: int, kind: ReportKind = ReportKind.PAIN_AFTER, of: str | None = None
) -> tuple[date, Felt]:
    return day(ahead), Felt(at(ahead), kind, score, "", of)


def kinds(lately: Lately) -> list[SuggestionKind]:
    return [one.kind for one in suggestions(lately, ZONES)]


GOOD_DAYS = [due(n, 10, 10) for n in range(3)]
NO_PAIN = [pain(n, 1) for n in range(3)]


def test_three_good_days_without_pain_suggest_more_with_their_figures() -> None:
    (found,) = suggestions(Lately("squat", GOOD_DAYS, NO_PAIN), ZONES)
    assert found.kind is SuggestionKind.MORE
    assert found.evidence == (
        "All sets done on the last 3 days it was due.",
        "60 of 60 repetitions without a deviation that matters.",
        "Pain in the green zone: 1 on 2026-03-02, 1 on 2026-03-03, 1 on 2026-03-04.",
    )


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (GOOD_DAYS[:2], NO_PAIN),
        ([*GOOD_DAYS[:2], due(2, 10)], NO_PAIN),  # a set left out
        ([*GOOD_DAYS[:2], due(2, 10, 5)], NO_PAIN),  # a set in another form
        ([due(n, None, None) for n in range(3)], NO_PAIN),  # nobody saw the form
        (GOOD_DAYS, []),  # nobody said how it felt
        (GOOD_DAYS, [*NO_PAIN, pain(2, 3)]),
        (GOOD_DAYS, [*NO_PAIN, pain(1, 4, ReportKind.PAIN_NEXT_MORNING)]),
        (GOOD_DAYS, [*NO_PAIN, pain(1, 7, ReportKind.EFFORT)]),
    ],
)
def test_more_is_not_suggested_where_one_thing_is_missing(
    days: Sequence[tuple[date, Due]], said: Sequence[tuple[date, Felt]]
) -> None:
    assert kinds(Lately("squat", days, said)) == []


def test_red_pain_suggests_to_ease_and_then_nothing_more() -> None:
    found = suggestions(Lately("squat", GOOD_DAYS, [*NO_PAIN, pain(2, 7)]), ZONES)
    assert [one.kind for one in found] == [SuggestionKind.EASE]
    assert found[0].evidence == ("Pain in the red zone: 7 on 2026-03-04.",)


def test_pain_in_another_exercise_says_nothing_of_this_one() -> None:
    lately = Lately("squat", GOOD_DAYS, [*NO_PAIN, pain(2, 7, of="heel_slide")])
    assert kinds(lately) == [SuggestionKind.MORE]


@pytest.mark.parametrize(
    ("scores", "eased"), [((3, 4, 5), True), ((5, 4, 3), False), ((2, 4, 5), False)]
)
def test_rising_pain_above_green_suggests_to_ease(scores: tuple[int, ...], eased: bool) -> None:
    said = [pain(n, score) for n, score in enumerate(scores)]
    assert (SuggestionKind.EASE in kinds(Lately("squat", GOOD_DAYS, said))) is eased


def test_sets_that_are_begun_and_not_finished_suggest_to_ease() -> None:
    cut = [due(n, 4, complete=False) for n in range(3)]
    assert kinds(Lately("squat", cut)) == [SuggestionKind.EASE]


def test_the_same_deviation_three_days_running_suggests_to_show_it_again() -> None:
    days = [due(n, 5, 5) for n in range(3)]
    flags = [(day(n), {"knees_in": 10, "lean": n}) for n in range(3)]
    (found,) = suggestions(Lately("squat", days, NO_PAIN, flags=flags), ZONES)
    assert found.kind is SuggestionKind.SHOW_AGAIN
    assert found.evidence == (
        "knees_in in half of the repetitions and more, 3 days running: 10 of 20, 10 of 20, 10 of "
        "20.",
    )


def test_less_than_half_done_is_worth_asking_about() -> None:
    days = [due(n) for n in range(5)] + [due(5, 10, 10)]
    (found,) = suggestions(Lately("squat", days), ZONES)
    assert found.kind is SuggestionKind.LESS_OFTEN
    assert found.evidence == ("2 of 12 sets done, on 1 of 6 days.",)
    assert kinds(Lately("squat", days[:5])) == []  # too few to say


def course(*values: float, limit: float = 120.0) -> RangeCourse:
    days = tuple(DayRange(day(n), value, 8.0, 3, 60.0, limit) for n, value in enumerate(values))
    return RangeCourse(
        "squat", Side.LEFT, "knee_flexion", "deg", Direction.INCREASE, View.SIDE, days, 0, None
    )


def test_a_goal_that_is_reached_three_days_running_may_be_further() -> None:
    (found,) = suggestions(Lately("squat", [], courses=[course(50, 61, 62, 60)]), ZONES)
    assert found.kind is SuggestionKind.FURTHER_GOAL
    assert found.evidence == (
        "Goal of 60 deg reached on the last 3 days measured (left): 61 deg, 62 deg, 60 deg, each "
        "+/- 8 deg.",
    )
    assert kinds(Lately("squat", [], courses=[course(61, 62, 59)])) == []
    assert kinds(Lately("squat", [], courses=[course(61, 62, 63, limit=60.0)])) == []


def test_the_zones_of_the_program_decide() -> None:
    said = [pain(n, 4) for n in range(3)]
    wide = PainZones(amber_from=5, red_from=8)
    assert [one.kind for one in suggestions(Lately("squat", GOOD_DAYS, said), wide)] == [
        SuggestionKind.MORE
    ]


def test_nothing_is_suggested_of_an_exercise_that_was_not_due() -> None:
    assert suggestions(replace(Lately("squat", []), said=NO_PAIN), ZONES) == ()
