"""Progress of a patient: the log and the program, put together for tables, plots and reports.

found = progress_of(log, None, find, Span(since, until), zone)
found.adherence, found.exercises[0].courses
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from hep_vision.app.program import FindExercise, done_of, newest_version, program_of, versions_of
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.pain import PainZones
from hep_vision.errors import ExerciseSpecError, UnknownExerciseError
from hep_vision.exercises.shape import did_you_mean
from hep_vision.program.adherence import adherence, day_range
from hep_vision.program.milestones import Milestone, in_words, milestones
from hep_vision.program.overview import ExerciseProgress, Progress, VersionMark
from hep_vision.program.performed import Felt, PerformedSet
from hep_vision.program.progress import (
    feeling_by_day,
    most_frequent_flags,
    range_courses,
    work_by_day,
)
from hep_vision.program.schedule import (
    DoneSet,
    ProgramVersion,
    daily_dues,
    local_day,
    moment_of,
    streak,
    unbroken,
)
from hep_vision.program.spec import Program
from hep_vision.program.suggestions import Lately, Suggestion, suggestions
from hep_vision.store.records import ProgramVersionRow
from hep_vision.store.sessions import SessionLog

LATELY: Final = timedelta(days=14)
"""How far back suggestions look."""
_WEEK_DAYS: Final = 7
_NEWS: Final = timedelta(days=7)
_MOST_NEWS: Final = 2


@dataclass(frozen=True, slots=True)
class Span:
    """Days that are looked at, both included.

    Attributes:
        since: First day; None begins with the first thing done or prescribed.
        until: Last day: the present one, or one before it.
    """

    since: date | None
    until: date


@dataclass(frozen=True, slots=True)
class _History:
    """What the log holds of one patient, all of it or from a day on."""

    row: ProgramVersionRow | None
    program: Program | None
    versions: Sequence[ProgramVersion]
    sets: Sequence[PerformedSet]
    done: Sequence[DoneSet]
    said: Sequence[Felt]
    since: date | None = None


def progress_of(
    log: SessionLog, patient: str | None, find: FindExercise, span: Span, zone: tzinfo
) -> Progress:
    """Return the progress of a patient.

    Without any program in the log, it is of everything in the log, and nothing was prescribed.
    Only the span is read, however many years came before it. What was reached takes all that was
    ever done, so milestones are there where the span begins with the program.

    Args:
        log: The log.
        patient: As for `newest_version`.
        find: Gives an exercise by its id.
        span: The days.
        zone: The patient's.

    Raises:
        ProgramError: It is not clear whose is meant, or the version that holds cannot be read.
    """
    history = _history(log, patient, find, zone, span)
    first = _first_day(history, zone)
    since = max(span.since, first) if span.since is not None and first else first
    since = since or span.since or span.until
    sets = [one for one in history.sets if since <= local_day(one.at, zone) <= span.until]
    said = [one for one in history.said if since <= local_day(one.at, zone) <= span.until]
    reached = _milestones(history, find, span.until, zone) if history.since is None else ()
    return Progress(
        patient=history.row.patient if history.row else None,
        version=history.row.ref.number if history.row else None,
        program=history.program,
        since=since,
        until=span.until,
        adherence=(
            adherence(history.versions, history.done, day_range(since, span.until), zone)
            if history.versions
            else None
        ),
        days_in_a_row=_streak(log, history, find, span.until, zone),
        exercises=_exercises(history, sets, find, zone),
        work=work_by_day(sets, zone),
        feeling=feeling_by_day(said, zone),
        flags=most_frequent_flags(sets),
        milestones=tuple(one for one in reached if one.day >= since),
        suggestions=_suggestions(history, find, span.until, zone),
        uncertain=tuple(one.session_id for one in sets if one.uncertain),
        zones=history.program.zones if history.program else PainZones(),
        marks=tuple(
            VersionMark(day, one.number)
            for one in history.versions
            if (day := local_day(one.valid_from, zone)) <= span.until
        ),
    )


def only_of(found: Progress, exercise_id: str) -> Progress:
    """Return the progress in one exercise.

    Raises:
        UnknownExerciseError: Nothing is known of it in these days.
    """
    ids = [one.exercise_id for one in found.exercises]
    if exercise_id not in ids:
        raise UnknownExerciseError(
            f"Nothing of '{exercise_id}' in these days{did_you_mean(exercise_id, ids)}."
        )
    return found.only(exercise_id)


def news_of(
    log: SessionLog, patient: str | None, find: FindExercise, moment: datetime, zone: tzinfo
) -> tuple[str, ...]:
    """Return what the patient has reached and was not told of yet, and mark it as told.

    At most `_MOST_NEWS` lines, of the last `_NEWS` alone: what is older is no news, and marked as
    told without being said.

    Args:
        log: The log.
        patient: As for `newest_version`.
        find: Gives an exercise by its id.
        moment: The present one.
        zone: The patient's.

    Returns:
        Nothing without a program.

    Raises:
        ProgramError: As for `progress_of`.
        StoreError: The log cannot be written.
    """
    today = local_day(moment, zone)
    history = _history(log, patient, find, zone, Span(None, today))
    if history.row is None:
        return ()
    reached = _milestones(history, find, today, zone)
    new = set(
        log.programs.tell(
            history.row.ref.program_id, [one.key for one in reached], moment.isoformat()
        )
    )
    news = [one for one in reached if one.key in new and one.day > today - _NEWS]
    return tuple(_said(one, find) for one in news[-_MOST_NEWS:])


def _said(milestone: Milestone, find: FindExercise) -> str:
    exercise = _found(milestone.exercise_id, find) if milestone.exercise_id else None
    return in_words(milestone, exercise.name if exercise else milestone.exercise_id)


def _history(
    log: SessionLog, patient: str | None, find: FindExercise, zone: tzinfo, span: Span
) -> _History:
    if patient is None and not log.programs.newest():
        moment = _begin(span.since, zone)
        sets, said = log.practice.sets(since=moment), log.practice.said(since=moment)
        return _History(None, None, (), sets, (), said, span.since)
    row = newest_version(log, patient)
    program_id = row.ref.program_id
    versions = versions_of(log, row, find)
    since = span.since
    if since is not None and since <= _first_due(versions, zone):
        since = None
    if since is not None:
        since = min(since, span.until - LATELY)
    moment = _begin(since, zone)
    sets = log.practice.sets(program_id, since=moment)
    totals = {one.session_id: one for one in sets}
    return _History(
        row,
        program_of(row, find),
        versions,
        sets,
        done_of(log, program_id, find, since, zone, totals),
        log.practice.said(program_id, since=moment),
        since,
    )


def _begin(day: date | None, zone: tzinfo) -> str | None:
    return None if day is None else moment_of(day, time(0), zone).isoformat()


def _first_due(versions: Sequence[ProgramVersion], zone: tzinfo) -> date:
    return min(max(local_day(one.valid_from, zone), one.program.start) for one in versions)


def _streak(
    log: SessionLog, history: _History, find: FindExercise, until: date, zone: tzinfo
) -> int:
    done, since = history.done, history.since
    if history.row and since and unbroken(history.versions, done, since, until, zone):
        done = done_of(log, history.row.ref.program_id, find)
    return streak(history.versions, done, until, zone)


def _first_day(history: _History, zone: tzinfo) -> date | None:
    begun = [local_day(one.at, zone) for one in history.sets[:1]]
    due = [_first_due(history.versions, zone)] if history.versions else []
    return min((*begun, *due), default=None)


def _exercises(
    history: _History, sets: Sequence[PerformedSet], find: FindExercise, zone: tzinfo
) -> tuple[ExerciseProgress, ...]:
    prescribed = history.program.exercises if history.program else ()
    ids = dict.fromkeys(one.exercise_id for one in prescribed)
    ids |= dict.fromkeys(one.exercise_id for one in sets)
    return tuple(
        _exercise(each, [one for one in sets if one.exercise_id == each], find, zone)
        for each in ids
    )


def _exercise(
    exercise_id: str, sets: Sequence[PerformedSet], find: FindExercise, zone: tzinfo
) -> ExerciseProgress:
    exercise = _found(exercise_id, find)
    return ExerciseProgress(
        exercise_id,
        exercise.name if exercise else exercise_id,
        range_courses(sets, exercise, zone) if exercise else (),
        work_by_day(sets, zone),
        any(one.held_ms for one in sets),
    )


def _found(exercise_id: str, find: FindExercise) -> ExerciseDefinition | None:
    try:
        return find(exercise_id)
    except ExerciseSpecError:
        return None  # removed since: what was counted still counts


def _milestones(
    history: _History, find: FindExercise, until: date, zone: tzinfo
) -> tuple[Milestone, ...]:
    first = _first_day(history, zone)
    if first is None:
        return ()
    sets = [one for one in history.sets if local_day(one.at, zone) <= until]
    sunday = until + timedelta(days=_WEEK_DAYS - 1 - until.weekday())
    days = adherence(history.versions, history.done, day_range(first, sunday), zone).days
    courses = [course for one in _exercises(history, sets, find, zone) for course in one.courses]
    return tuple(
        one for one in milestones(work_by_day(sets, zone), days, courses) if one.day <= until
    )


def _suggestions(
    history: _History, find: FindExercise, until: date, zone: tzinfo
) -> tuple[Suggestion, ...]:
    if history.program is None or not history.versions:
        return ()
    # What an earlier version asked for says nothing of the dose that holds.
    entered = local_day(history.versions[-1].valid_from, zone)
    days = day_range(max(entered, until - LATELY + timedelta(days=1)), until)
    if not days:
        return ()
    dues = list(daily_dues(history.versions, history.done, days, zone))
    said = [(day, one) for one in history.said if (day := local_day(one.at, zone)) >= days[0]]
    recent = [one for one in history.sets if local_day(one.at, zone) >= days[0]]
    found: list[Suggestion] = []
    for exercise_id in dict.fromkeys(one.exercise_id for one in history.program.exercises):
        mine = [one for one in recent if one.exercise_id == exercise_id]
        exercise = _found(exercise_id, find)
        lately = Lately(
            exercise_id,
            [
                (day, due)
                for day, times in dues
                for due in times
                # Of the last day nothing is missed yet: it may still be done.
                if due.prescription.exercise_id == exercise_id and (due.sets or day < until)
            ],
            said,
            range_courses(mine, exercise, zone) if exercise else (),
            _flags_by_day(mine, zone),
        )
        found += suggestions(lately, history.program.zones)
    return tuple(found)


def _flags_by_day(sets: Iterable[PerformedSet], zone: tzinfo) -> list[tuple[date, dict[str, int]]]:
    days: dict[date, dict[str, int]] = {}
    for one in sets:
        seen = days.setdefault(local_day(one.at, zone), {})
        for flag, count in one.flags.items():
            seen[flag] = seen.get(flag, 0) + count
    return sorted(days.items())
