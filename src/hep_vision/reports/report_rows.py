"""The tables of a report: what was due and done, and how far it went; each cell is a word."""

from collections.abc import Sequence
from dataclasses import dataclass

from hep_vision.core.summary import about
from hep_vision.program.overview import ExerciseProgress, Progress
from hep_vision.program.progress import DAYS_COMPARED, DayRange, RangeCourse
from hep_vision.reports.progress_story import span_in_words
from hep_vision.reports.progress_words import (
    change_words,
    form_in_words,
    goal_in_words,
    left_out_words,
    side_words,
    total_in_words,
)
from hep_vision.reports.report_words import VIEW_WORDS, amount, counted


@dataclass(frozen=True, slots=True)
class Dose:
    """A row of what was due and done; each cell is a word."""

    name: str
    days: str
    sets: tuple[str, ...]
    reps: tuple[str, ...]
    total: bool = False


def dose_rows(progress: Progress) -> list[Dose]:
    """Return a row for each exercise, and one of all together where there are several."""
    found = progress.adherence
    if found is None:
        return [_unprescribed(one) for one in progress.exercises if one.work]
    names = {one.exercise_id: one.name for one in progress.exercises}
    rows = [
        Dose(
            names.get(one.exercise_id, one.exercise_id),
            f"{one.days_done} of {one.days_due}",
            (str(one.sets.due), str(one.sets.attempted), str(one.sets.completed),
             form_in_words(one.sets)),
            (str(one.reps.due), str(one.reps.attempted), str(one.reps.completed),
             form_in_words(one.reps)),
        )
        for one in found.exercises
    ]  # fmt: skip
    if len(rows) > 1:
        sets, reps = found.sets, found.reps
        rows.append(
            Dose(
                "All",
                f"{found.days_complete} of {found.days_due}",
                (str(sets.due), str(sets.attempted), str(sets.completed), form_in_words(sets)),
                (str(reps.due), str(reps.attempted), str(reps.completed), form_in_words(reps)),
                total=True,
            )
        )
    return rows


def _unprescribed(one: ExerciseProgress) -> Dose:
    judged, clean = (sum(getattr(day, key) for day in one.work) for key in ("judged", "clean"))
    return Dose(
        one.name,
        str(len(one.work)),
        (str(sum(day.sets for day in one.work)),),
        (total_in_words(one), f"{clean} of {judged}" if judged else "-"),
    )


def others_done(progress: Progress) -> list[str]:
    """Return what was done in the program's sittings without being due in these days."""
    if progress.adherence is None:
        return []
    due = {one.exercise_id for one in progress.adherence.exercises}
    return [
        f"{one.name}: {counted(sum(day.sets for day in one.work), 'set')}, {total_in_words(one)}"
        for one in progress.exercises
        if one.work and one.exercise_id not in due
    ]


@dataclass(frozen=True, slots=True)
class Course:
    """A row of a range: each cell is a word."""

    side: str
    first: str
    first_days: str
    last: str
    last_days: str
    change: str
    goal: str
    seen_from: str
    left_out: str


def course_row(course: RangeCourse) -> Course:
    """Return what is said of one side's range."""
    change = course.change
    days = 1 if change is None else DAYS_COMPARED
    first, last = course.days[:days], course.days[-days:]
    before = first[0].value if change is None else change.before
    now = last[0].value if change is None else change.now
    return Course(
        side_words(course.side),
        _measured(before, first, course.unit) if len(course.days) > 1 else "",
        _days(first),
        _measured(now, last, course.unit),
        _days(last),
        change_words(course),
        goal_in_words(course).replace(" deg", "°"),
        VIEW_WORDS[course.view],
        left_out_words(course) or "none left out",
    )


def _measured(value: float, days: Sequence[DayRange], unit: str) -> str:
    error = max(one.uncertainty for one in days)
    return f"{about(value, '°' if unit == 'deg' else '')} ± {amount(error, unit)}"


def _days(days: Sequence[DayRange]) -> str:
    return span_in_words(days[0].day, days[-1].day)
