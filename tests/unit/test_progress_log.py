"""Progress of a patient from the log, against what was entered into it."""

from collections.abc import Iterator

import pytest

from hep_vision.app.progress import Span, news_of, progress_of
from hep_vision.core.types import ReportKind
from hep_vision.errors import ProgramError
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.milestones import MilestoneKind
from hep_vision.program.overview import Progress
from hep_vision.program.suggestions import SuggestionKind
from hep_vision.store.locations import LogPlace
from hep_vision.store.sessions import SessionLog
from practised import PROGRAM, day, enter_program, moment, practise
from prescriptions import ZONE

GOOD = {ReportKind.PAIN_AFTER: 1, ReportKind.EFFORT: 3}


@pytest.fixture
def log(place: LogPlace) -> Iterator[SessionLog]:
    with SessionLog.open(place) as opened:
        yield opened


def look(log: SessionLog, until: int, since: int | None = None) -> Progress:
    span = Span(None if since is None else day(since), day(until))
    return progress_of(log, None, find_exercise, span, ZONE)


def test_an_empty_log_has_no_progress_and_no_error(log: SessionLog) -> None:
    found = look(log, 0)
    assert found.empty
    assert (found.adherence, found.exercises, found.milestones) == (None, (), ())


def test_a_program_that_nobody_began_is_all_due(log: SessionLog) -> None:
    enter_program(log)
    found = look(log, 6)
    assert found.empty
    assert found.adherence is not None
    assert (found.adherence.sets.due, found.adherence.sets.attempted) == (6, 0)
    assert [one.exercise_id for one in found.exercises] == ["squat"]


def test_a_week_adds_up(log: SessionLog) -> None:
    ref = enter_program(log)
    practise(log, ref, 0, peak=50.0, said={ReportKind.PAIN_AFTER: 2})
    practise(log, ref, 2, peak=55.0, faults=3)
    practise(log, ref, 4, sets=1, complete=False, reps=2)
    found = look(log, 6)

    assert found.patient == "A. B."
    assert found.adherence is not None
    sets = found.adherence.sets
    assert (sets.due, sets.attempted, sets.completed, sets.good) == (6, 5, 4, 2)
    assert (found.adherence.days_due, found.adherence.days_complete) == (3, 2)
    (course,) = found.exercises[0].courses
    assert [(one.day, one.value, one.goal) for one in course.days][:2] == [
        (day(0), 50.0, find_exercise("squat").shown.goal),
        (day(2), 55.0, find_exercise("squat").shown.goal),
    ]
    assert [one.counted for one in found.work] == [10, 10, 2]
    assert [(one.day, one.after) for one in found.feeling] == [(day(0), 2)]
    assert [(one.check_id, one.seen, one.judged) for one in found.flags] == [("knees_in", 6, 22)]


def test_a_span_leaves_out_what_was_before_it(log: SessionLog) -> None:
    ref = enter_program(log)
    for ahead in (0, 2, 4):
        practise(log, ref, ahead)
    found = look(log, 6, since=2)
    assert (found.since, found.until) == (day(2), day(6))
    assert [one.day for one in found.work] == [day(2), day(4)]
    assert found.adherence is not None
    assert found.adherence.sets.due == 4


def test_without_a_program_everything_in_the_log_is_told(log: SessionLog) -> None:
    practise(log, None, 0, peak=70.0)
    found = look(log, 1)
    assert (found.patient, found.adherence, found.suggestions) == (None, None, ())
    assert found.exercises[0].courses[0].days[0].value == 70.0


def test_of_several_patients_one_has_to_be_named(log: SessionLog) -> None:
    ann = enter_program(log)
    bob = enter_program(log, PROGRAM.replace("A. B.", "Böb <x>"))
    practise(log, ann, 0, reps=3)
    practise(log, bob, 0, reps=5)
    with pytest.raises(ProgramError, match="--patient"):
        look(log, 0)
    found = progress_of(log, "Böb <x>", find_exercise, Span(None, day(0)), ZONE)
    assert [one.counted for one in found.work] == [10]


def test_an_exercise_that_is_gone_still_counts(log: SessionLog) -> None:
    practise(log, None, 0)

    def find_nothing(exercise_id: str) -> object:
        return find_exercise(f"{exercise_id}_gone")

    found = progress_of(log, None, find_nothing, Span(None, day(0)), ZONE)  # type: ignore[arg-type]
    assert (found.exercises[0].name, found.exercises[0].courses) == ("squat", ())
    assert found.work[0].counted == 10


def test_three_good_days_are_a_suggestion_until_the_program_changes(log: SessionLog) -> None:
    ref = enter_program(log)
    for ahead in (0, 2, 4):
        practise(log, ref, ahead, said=GOOD)
    assert [one.kind for one in look(log, 5).suggestions] == [SuggestionKind.MORE]
    assert [one.kind for one in look(log, 7).suggestions] == [SuggestionKind.MORE]  # not over yet
    assert look(log, 8).suggestions == ()  # a day was left out
    enter_program(log, PROGRAM.replace("reps = 5", "reps = 6"), ahead=5)
    assert look(log, 5).suggestions == ()


def test_milestones_are_told_once_and_old_ones_never(log: SessionLog) -> None:
    ref = enter_program(log)
    for ahead in (0, 2, 4):
        practise(log, ref, ahead)
    assert news_of(log, None, find_exercise, moment(3), ZONE) == ()
    week = "A full week: everything done. Well done!"
    assert news_of(log, None, find_exercise, moment(4, 12), ZONE) == (week,)
    assert news_of(log, None, find_exercise, moment(4, 13), ZONE) == ()
    for ahead in (7, 9, 11):
        practise(log, ref, ahead)
    assert news_of(log, None, find_exercise, moment(40), ZONE) == ()
    assert [one.kind for one in look(log, 40).milestones] == [MilestoneKind.WEEK] * 2


def test_a_free_set_is_no_milestone_of_anybody(log: SessionLog) -> None:
    practise(log, None, 0, reps=60)
    assert news_of(log, None, find_exercise, moment(0, 12), ZONE) == ()
