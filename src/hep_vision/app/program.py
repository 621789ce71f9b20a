"""Programs between files, the log and the present day."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from hep_vision.coach.plan import HOLD_SHARE
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.types import Side
from hep_vision.errors import ExerciseSpecError, ProgramError
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.loading import read_program
from hep_vision.program.performed import PerformedSet
from hep_vision.program.schedule import (
    DoneSet,
    ProgramVersion,
    local_day,
    moment_of,
    unbroken,
    version_on,
)
from hep_vision.program.spec import Program
from hep_vision.program.today import Today, look_at
from hep_vision.program.weekly import Reminders, Weekly, first_day, weekly
from hep_vision.store.records import (
    LoggedSet,
    LoggedSitting,
    ProgramRef,
    ProgramVersionRow,
    SessionStatus,
)
from hep_vision.store.sessions import SessionLog

FindExercise = Callable[[str], ExerciseDefinition]

_LATELY: Final = timedelta(weeks=8)
"""How far back is looked first; what is older is read only if nothing was left out since."""
_IMPORT: Final = "`hep-vision program import FILE` enters one"


def finder(data_dir: Path) -> FindExercise:
    """Return what finds exercises by their id, those of one's own first."""
    return partial(find_exercise, extra_dir=data_dir / "exercises")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to.

    Attributes:
        row: The version that holds now.
        program: What it says.
        is_new: Whether it is another than before.
    """

    row: ProgramVersionRow
    program: Program
    is_new: bool


def import_program(  # noqa: PLR0913 -- what is entered, where, and how it is called
    log: SessionLog,
    data: bytes,
    shown: str,
    find: FindExercise,
    moment: str,
    program_id: str | None = None,
    based_on: int | None = None,
) -> Imported:
    """Enter the text of a program file into the log, if it is sound and another than before.

    Args:
        log: The log.
        data: The text, as UTF-8.
        shown: What to call it in a message.
        find: Gives an exercise by its id.
        moment: From when it holds.
        program_id: The program that it changes; None goes by the alias in it.
        based_on: The number of the version that was changed; None takes whatever holds.

    Raises:
        ProgramError: It is malformed; nothing is entered.
        StaleVersionError: Another version holds by now than ``based_on``.
        StoreError: The log cannot be written.
    """
    program = read_program(data, shown, find)
    text = data.decode("utf-8-sig")
    row, is_new = log.programs.enter(text, program.patient, moment, program_id, based_on)
    return Imported(row, program, is_new)


def newest_version(log: SessionLog, patient: str | None) -> ProgramVersionRow:
    """Return the version that holds now.

    Args:
        log: The log.
        patient: Whose; None where the log holds one program only.

    Raises:
        ProgramError: There is none, or it is not clear whose is meant.
    """
    rows = log.programs.newest()
    if not rows:
        raise ProgramError(f"There is no program yet; {_IMPORT}.")
    aliases = ", ".join(row.patient for row in rows)
    if patient is not None:
        named = [row for row in rows if row.patient == patient]
        if not named:
            raise ProgramError(f"There is no program of {patient}; there are those of {aliases}.")
        return named[0]
    if len(rows) > 1:
        raise ProgramError(f"There are several programs; say whose with --patient: {aliases}.")
    return rows[0]


def program_of(row: ProgramVersionRow, find: FindExercise) -> Program:
    """Return what a version says.

    Raises:
        ProgramError: It cannot be read any more, as when an exercise of one's own was removed.
    """
    shown = f"version {row.ref.number} of the program"
    return read_program(row.plan.encode("utf-8"), shown, find)


def program_by(log: SessionLog, ref: ProgramRef, find: FindExercise) -> Program | None:
    """Return what a version says; None where it cannot be read any more."""
    for row in log.programs.versions(ref.program_id):
        if row.ref == ref:
            try:
                return program_of(row, find)
            except ProgramError:
                return None
    return None


def today_of(
    log: SessionLog, patient: str | None, find: FindExercise, now: datetime, zone: tzinfo
) -> tuple[Today, ProgramRef]:
    """Return what is due, done, left and next, and the version that says so.

    Raises:
        ProgramError: As `newest_version`; or the version that holds cannot be read.
    """
    newest = newest_version(log, patient)
    versions = versions_of(log, newest, find)
    today = local_day(now, zone)
    since = today - _LATELY
    done = done_of(log, newest.ref.program_id, find, since, zone)
    if unbroken(versions, done, since, today, zone):
        done = done_of(log, newest.ref.program_id, find)
    return look_at(versions, done, now, zone), newest.ref


def done_of(
    log: SessionLog,
    program_id: str,
    find: FindExercise,
    since: date | None = None,
    zone: tzinfo = UTC,
    totals: Mapping[str, PerformedSet] | None = None,
) -> list[DoneSet]:
    """Return what was done by a program, from the beginning of a day on or at all.

    Args:
        log: The log.
        program_id: The program.
        find: Gives an exercise by its id.
        since: The first day.
        zone: The patient's, whose day it is.
        totals: As for `done_sets`.
    """
    moment = None if since is None else moment_of(since, time(0), zone).isoformat()
    return done_sets(log.programs.sittings(program_id, moment), find, totals)


def versions_of(
    log: SessionLog, newest: ProgramVersionRow, find: FindExercise
) -> tuple[ProgramVersion, ...]:
    """Return all versions of a program, of which ``newest`` is the one that holds.

    Raises:
        ProgramError: The newest cannot be read; an earlier one that cannot asks for nothing.
    """
    earlier = [row for row in log.programs.versions(newest.ref.program_id) if row.ref != newest.ref]
    return (*_earlier(earlier, find), _version(newest, program_of(newest, find)))


def version_on_day(
    log: SessionLog, program_id: str, day: date, find: FindExercise, zone: tzinfo
) -> tuple[ProgramVersionRow, Program] | None:
    """Return the version by which a day is judged, and what it says; None before the first.

    Raises:
        ProgramError: It cannot be read any more.
    """
    rows = log.programs.versions(program_id)
    held = version_on(list(_earlier(rows, find)), day, zone)
    if held is None:
        return None
    row = next(row for row in rows if row.ref.number == held.number)
    return row, program_of(row, find)


def reminders_of(
    log: SessionLog,
    patient: str | None,
    find: FindExercise,
    anytime: time,
    now: datetime,
    zone: tzinfo,
) -> Reminders:
    """Return what the version that holds asks for, for a calendar.

    Args:
        log: The log.
        patient: As for `newest_version`.
        find: Gives an exercise by its id.
        anytime: When to do what has no time.
        now: The present moment; it changes nothing in what is returned.
        zone: The patient's.

    Raises:
        ProgramError: As `today_of`; or the review is over; or too little of the day is left after
            ``anytime``.
    """
    newest = newest_version(log, patient)
    program, entered_at = program_of(newest, find), datetime.fromisoformat(newest.created_at)
    if program.review < local_day(now, zone):
        raise ProgramError(
            f"The review was on {program.review}, and a calendar goes no further: enter a later "
            "one with `hep-vision program edit`."
        )
    start = max(program.start, local_day(datetime.fromisoformat(newest.valid_from), zone))
    week = [one for one in weekly(program, anytime) if first_day(one, start) <= program.review]
    rows = [row for row in log.programs.versions(newest.ref.program_id) if row.ref != newest.ref]
    kept = {one.key for one in week}
    ended = {
        one.key: one
        for version in _earlier(rows, find)
        for one in _week_if_any(version.program, anytime)
        if one.key not in kept
    }
    return Reminders(
        newest.ref.program_id,
        newest.ref.number,
        entered_at,
        start,
        program.review,
        tuple(week),
        tuple(ended.values()),
    )


def _week_if_any(program: Program, anytime: time) -> tuple[Weekly, ...]:
    try:
        return weekly(program, anytime)
    except ProgramError:
        return ()  # no room from this time on: it was never written with it


def _earlier(rows: Sequence[ProgramVersionRow], find: FindExercise) -> Iterator[ProgramVersion]:
    for row in rows:
        try:
            yield _version(row, program_of(row, find))
        except ProgramError:
            # Nobody can say any more what was due: such days are taken for rest days.
            moment = datetime.fromisoformat(row.valid_from)
            nothing = Program(row.patient, "", moment.date(), moment.date(), ())
            yield _version(row, nothing)


def _version(row: ProgramVersionRow, program: Program) -> ProgramVersion:
    return ProgramVersion(row.ref.number, datetime.fromisoformat(row.valid_from), program)


def done_sets(
    sittings: Sequence[LoggedSitting],
    find: FindExercise,
    totals: Mapping[str, PerformedSet] | None = None,
) -> list[DoneSet]:
    """Return what was done in sittings, a value for each set however often it was taken up.

    Args:
        sittings: What was done.
        find: Gives an exercise by its id.
        totals: What each session came to, by its id; without them, the values have no counts.
    """
    # Years of sittings name the same few exercises again and again; each is a look at the disk.
    self_timed = cache(partial(_is_self_timed, find=find))
    return [
        one
        for sitting in sittings
        for one in (*_counted(sitting, totals or {}), *_self_timed(sitting, self_timed))
    ]


def _counted(sitting: LoggedSitting, totals: Mapping[str, PerformedSet]) -> Iterator[DoneSet]:
    places: dict[int, list[LoggedSet]] = {}
    for one in sitting.sets:
        places.setdefault(one.set_number, []).append(one)
    for sets in places.values():
        last = sets[-1]
        moment = datetime.fromisoformat(last.started_at)
        came_to = [totals[one.session_id] for one in sets if one.session_id in totals]
        if sides := list(_sides_of(last, sitting.plan)):
            for side, count, complete in sides:
                clean_of = [
                    one.clean_by_side.get(side, 0) if one.clean is not None else None
                    for one in came_to
                ]
                yield DoneSet(
                    moment, last.exercise_id, side, complete, count, count, _summed(clean_of)
                )
            continue
        yield DoneSet(
            moment,
            last.exercise_id,
            last.side,
            any(one.status is SessionStatus.FINISHED for one in sets),
            sum(one.tried for one in came_to),
            sum(one.counted for one in came_to),
            _summed([one.clean for one in came_to]),
        )


def _summed(clean: Sequence[int | None]) -> int | None:
    return None if not clean or None in clean else sum(filter(None, clean))


def _sides_of(one: LoggedSet, plan: Mapping[str, Any]) -> Iterator[tuple[Side, int, bool]]:
    """Yield each side that a recording shows and its plan names, how much, and if it was all.

    Only a recording may follow the person where the plan names a side: it may show one side after
    the other, each done by its own count. Any other set is done by its status.
    """
    if one.side is not Side.BOTH or not (one.counted or one.held_ms):
        return
    for planned in plan.get("sets", []):
        side = Side(planned["side"])
        if planned["exercise"] != one.exercise_id or side is Side.BOTH:
            continue
        least_ms = HOLD_SHARE * planned["hold_ms"]
        holds = sum(which is side and held_ms >= least_ms for which, held_ms in one.held_ms)
        if done := holds or one.counted.get(side, 0):
            yield side, done, done >= planned["reps"]


def _self_timed(sitting: LoggedSitting, self_timed: Callable[[str], bool]) -> Iterator[DoneSet]:
    """Yield sets that no camera judges, so that no session tells of them: done with the sitting."""
    if sitting.status is not SessionStatus.FINISHED:
        return
    planned: list[dict[str, Any]] = sitting.plan.get("sets", [])
    for one in planned:
        if self_timed(one["exercise"]):
            moment = datetime.fromisoformat(sitting.started_at)
            reps = one.get("reps", 1)
            yield DoneSet(moment, one["exercise"], Side(one["side"]), tried=reps, counted=reps)


def _is_self_timed(exercise_id: str, find: FindExercise) -> bool:
    try:
        return find(exercise_id).kind is Kind.SELF_TIMED
    except ExerciseSpecError:
        return False  # removed since; nobody can say
