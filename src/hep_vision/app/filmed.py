"""Recordings that count as done by a program: which set one shows, and how it is booked.

    booking = booking_for(Recording(path, program=True), log, own_dir, now, zone)
    analysis = analyse(booking.task(model), log=log)
    analysis.booked                       # what counts now; None where nothing does

A recording is one set. It is judged by the version of the program that held on the day it was
filmed, exactly as a live set is, and it is booked when it has been analysed to its end: one that is
killed on the way leaves a session that stands alone, which counts for nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Final

from hep_vision import __version__
from hep_vision.app.analyse import TRACK_SUFFIX, Model, Task, find_model
from hep_vision.app.batch import Result, failed
from hep_vision.app.live_plan import all_sets_of, sets_due, to_plain
from hep_vision.app.program import done_sets, newest_version, version_on_day
from hep_vision.coach.plan import PlannedSet
from hep_vision.core.definition import Kind
from hep_vision.core.types import Event, Hold, Side
from hep_vision.errors import HepVisionError, ProgramError, SourceOpenError, StoreError
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.schedule import due_of, local_day, prescribed_on
from hep_vision.program.spec import Prescription, Program, Works
from hep_vision.sources.film_date import DateOrigin, FilmDate, film_date
from hep_vision.store.records import BookedRecording, ProgramRef, ProgramVersionRow
from hep_vision.store.sessions import SessionLog

SHORT: Final = "less than prescribed"
"""Why a set is interrupted whose recording ends before everything was done."""

_SAY_WHEN: Final = "give the right moment with --recorded-at"


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording and what is known of it, as one row of a list of recordings says it.

    Attributes:
        path: A video, or a landmark track.
        exercise: Id of the exercise; None for the only one that is prescribed on the day.
        side: The side that works in it; None follows the program and the person.
        patient: Alias in the program; None where the log holds one program only.
        program: Whether it counts as done by the program.
        recorded_at: When it was filmed, with its offset from UTC; None goes by the file.
    """

    path: Path
    exercise: str | None = None
    side: Side | None = None
    patient: str | None = None
    program: bool = False
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BookedSide:
    """What of one planned set a recording shows."""

    side: Side
    done: int
    prescribed: int

    @property
    def complete(self) -> bool:
        """Whether the whole dose was done."""
        return self.done >= self.prescribed


@dataclass(frozen=True, slots=True)
class Booked:
    """A recording as it was booked.

    Attributes:
        sitting_id: The sitting, of which it is the one set.
        day: The patient's day that it counts for.
        sides: What it shows of each side that was prescribed and worked.
    """

    sitting_id: str
    day: date
    sides: tuple[BookedSide, ...]


@dataclass(frozen=True, slots=True)
class Booking:
    """How a recording is to be judged and booked.

    Attributes:
        recording: The recording.
        program: The version that held on its day.
        patient: The alias in that version.
        prescription: What it asks for.
        plan: One set of it, or one for each side where either side may be the one filmed.
        filmed: When.
        day: The patient's day of that.
        zone: The patient's.
        sha256: Checksum of the file.
        own_dir: Folder with exercise files of one's own.
        again: Whether an earlier booking of the same file is taken back.
    """

    recording: Recording
    program: ProgramRef
    patient: str
    prescription: Prescription
    plan: tuple[PlannedSet, ...]
    filmed: FilmDate
    day: date
    zone: tzinfo
    sha256: str
    own_dir: Path
    again: bool = False

    @property
    def side(self) -> Side | None:
        """The side that the engine is told; None follows the person."""
        if self.recording.side is not None:
            return self.recording.side
        only = self.plan[0].side if len(self.plan) == 1 else Side.BOTH
        return None if only is Side.BOTH else only

    def task(self, model: Model | None, overlay: Path | None = None) -> Task:
        """Return what is to be analysed.

        Args:
            model: Pose model; not used for a landmark track.
            overlay: See `Task`.
        """
        path, first = self.recording.path, self.plan[0]
        return Task(
            path,
            first.exercise,
            self.side,
            None if path.suffix.lower() == TRACK_SUFFIX else model,
            overlay,
            first.targets,
            booking=self,
        )

    def shown(self, events: Sequence[Event]) -> tuple[BookedSide, ...]:
        """Return what of each planned set was done, without those of which nothing was."""
        several = len(self.plan) > 1
        found = [
            BookedSide(one.side, one.done_in(events, one.side if several else None), one.reps)
            for one in self.plan
        ]
        return tuple(one for one in found if one.done)

    def short_of(self, events: Sequence[Event]) -> str | None:
        """Return why the set is not complete; None where one is, or where nothing was done."""
        shown = self.shown(events)
        return SHORT if shown and not any(one.complete for one in shown) else None

    def enter(
        self, log: SessionLog, session_id: str, duration_ms: int, events: Sequence[Event]
    ) -> Booked | str | None:
        """Book the session of this recording.

        Returns:
            What is booked; or the line that says as what the same file was booked meanwhile; or
            None where nothing was done, so that there is nothing to book.

        Raises:
            StoreError: The log cannot be written.
        """
        shown = self.shown(events)
        if not shown:
            return None
        sides = [one.side for one in shown]
        plan = to_plain([one for one in self._numbered(log) if one.side in sides])
        ended_at = (self.filmed.at + timedelta(milliseconds=duration_ms)).isoformat()
        found, is_new = log.programs.book(
            session_id, self.program, plan, ended_at, __version__, again=self.again
        )
        if not is_new:
            return already_booked(self.recording.path, found, self.zone)
        return Booked(found.sitting_id, self.day, shown)

    def notes(self, booked: Booked | None, events: Sequence[Event]) -> tuple[str, ...]:
        """Return what a person must know of how it was booked, or why it was not."""
        notes: list[str] = []
        if booked is None and any(one.done_in(events) for one in self.plan):
            notes.append(
                "Not booked: it is not clear which side worked; say so with --side left or right."
            )
        elif booked is None:
            held = any(isinstance(one, Hold) for one in events)
            missing = "no hold was long enough" if held else "nothing of what is prescribed counted"
            notes.append(f"Not booked: {missing}.")
        if booked is not None and self.filmed.origin is DateOrigin.FILE:
            notes.append(
                "The recording does not say when it was filmed; the date of its file was taken. "
                f"If that is wrong, {_SAY_WHEN} and --again."
            )
        return tuple(notes)

    def _numbered(self, log: SessionLog) -> list[PlannedSet]:
        """Return the planned sets with the numbers that are next on this day."""
        find = partial(find_exercise, extra_dir=self.own_dir)
        done = done_sets(log.programs.sittings(self.program.program_id), find)
        left = sets_due([due_of(self.prescription, done, self.day, self.zone)], self.own_dir)
        return [
            replace(next((set_ for set_ in left if set_.side is one.side), one), place=place)
            for place, one in enumerate(self.plan, 1)
        ]


def booking_for(
    recording: Recording,
    log: SessionLog,
    own_dir: Path,
    now: datetime,
    zone: tzinfo,
    *,
    again: bool = False,
) -> Booking | str:
    """Return how a recording is judged and booked by the program.

    Of one that is booked already, the line that says so is returned instead.

    Args:
        recording: The recording; ``program`` is taken to be set.
        log: The log.
        own_dir: Folder with exercise files of one's own.
        now: The present moment.
        zone: The patient's.
        again: Take back an earlier booking of the same file.

    Raises:
        ProgramError: There is no program, none for that day, or it does not prescribe this; one
            line that says what it does prescribe.
        ExerciseSpecError: There is no such exercise.
        SourceOpenError: The file cannot be read.
        StoreError: The log cannot be read.
    """
    newest = newest_version(log, recording.patient)
    filmed = _filmed(recording, now, zone)
    day = local_day(filmed.at, zone)
    row, program = _held(log, newest, recording, day, own_dir, zone)
    prescription = _prescribed(recording, program, day, own_dir)
    booking = Booking(
        recording,
        row.ref,
        row.patient,
        prescription,
        _plan(recording, prescription, own_dir),
        filmed,
        day,
        zone,
        _checksum(recording.path),
        own_dir,
        again,
    )
    exercise_id, side = prescription.exercise_id, booking.side or Side.BOTH
    earlier = log.programs.booked(row.ref.program_id, booking.sha256, exercise_id, side)
    if earlier is None or again:
        return booking
    return already_booked(recording.path, earlier, zone)


def tasks_by_program(
    bookings: Sequence[Booking | Result], data_dir: Path, model: str, overlay: Path | None = None
) -> list[Task | Result]:
    """Return what is to be analysed, with what is a result already in its place.

    Args:
        bookings: See `bookings_for`.
        data_dir: Folder of fetched models.
        model: Name of the pose model, looked for only where a video is to be analysed.
        overlay: See `Task`.

    Raises:
        ModelError: The pose model cannot be used.
    """
    videos = [
        one
        for one in bookings
        if isinstance(one, Booking) and one.recording.path.suffix.lower() != TRACK_SUFFIX
    ]
    found = find_model(model, data_dir) if videos else None
    return [one.task(found, overlay) if isinstance(one, Booking) else one for one in bookings]


def bookings_for(
    recordings: Sequence[Recording],
    data_dir: Path,
    now: datetime,
    zone: tzinfo,
    *,
    again: bool = False,
) -> list[Booking | Result]:
    """Return how each recording is booked, or the line that says why it is not.

    Args:
        recordings: See `booking_for`.
        data_dir: Folder of the log and of exercise files of one's own.
        now: The present moment.
        zone: The patient's.
        again: Take back earlier bookings of the same files.

    Raises:
        StoreError: The log cannot be read.
    """
    found: list[Booking | Result] = []
    with SessionLog.open(data_dir) as log:
        for recording in recordings:
            try:
                one = booking_for(recording, log, data_dir / "exercises", now, zone, again=again)
            except StoreError:
                raise
            except HepVisionError as error:
                found.append(failed(error))
            else:
                found.append(Result(problem=one) if isinstance(one, str) else one)
    return found


def already_booked(path: Path, earlier: BookedRecording, zone: tzinfo) -> str:
    """Return the line that says as what a recording is booked already."""
    day = local_day(datetime.fromisoformat(earlier.started_at), zone)
    return (
        f"{path} is booked already, on {day} as session {earlier.session_id[:8]}; "
        "--again books it anew and takes that back."
    )


def _filmed(recording: Recording, now: datetime, zone: tzinfo) -> FilmDate:
    given = recording.recorded_at
    filmed = film_date(recording.path)  # also says that there is no such file
    if given is not None:
        filmed = FilmDate(given.astimezone(UTC), DateOrigin.GIVEN)
    if filmed.at > now:
        shown = f"{filmed.at.astimezone(zone):%Y-%m-%d %H:%M}"
        raise ProgramError(
            f"{recording.path}: filmed on {shown}, which is still to come; {_SAY_WHEN}."
        )
    return filmed


def _held(
    log: SessionLog,
    newest: ProgramVersionRow,
    recording: Recording,
    day: date,
    own_dir: Path,
    zone: tzinfo,
) -> tuple[ProgramVersionRow, Program]:
    """Return the version that held on a day, and what it says."""
    find = partial(find_exercise, extra_dir=own_dir)
    found = version_on_day(log, newest.ref.program_id, day, find, zone)
    if found is None:
        first = log.programs.versions(newest.ref.program_id)[0]
        since = local_day(datetime.fromisoformat(first.valid_from), zone)
        raise ProgramError(
            f"{recording.path} was filmed on {day}, before the program of {newest.patient} was "
            f"entered on {since}; {_SAY_WHEN}."
        )
    row, program = found
    if day < program.start:
        raise ProgramError(
            f"{recording.path} was filmed on {day}, and the program of {row.patient} begins on "
            f"{program.start}; {_SAY_WHEN}."
        )
    return row, program


def _prescribed(recording: Recording, program: Program, day: date, own_dir: Path) -> Prescription:
    """Return what the program asks for on that day and the recording shows."""
    asked = prescribed_on(program, day)
    names = ", ".join(dict.fromkeys(one.exercise_id for one in asked))
    if not asked:
        raise ProgramError(
            f"{recording.path} was filmed on {day:%a} {day}, a day on which nothing is prescribed; "
            f"{_SAY_WHEN}."
        )
    wanted = recording.exercise
    if wanted is None and len({one.exercise_id for one in asked}) > 1:
        raise ProgramError(
            f"{recording.path}: several exercises are prescribed on {day:%a} {day}; say which it "
            f"shows with --exercise: {names}."
        )
    mine = [one for one in asked if wanted in (None, one.exercise_id)]
    if not mine and wanted is not None:
        exercise = find_exercise(wanted, own_dir)
        if exercise.id in {one.exercise_id for one in asked}:
            raise ProgramError(
                f"{wanted}: a program knows exercises by their id; name it as "
                f"--exercise {exercise.id}."
            )
        raise ProgramError(
            f"{recording.path}: {exercise.id} is not prescribed on {day:%a} {day}, but {names}; "
            "without --program it is analysed all the same."
        )
    fitting = [one for one in mine if _goes_with(one, recording.side)]
    if not fitting:
        sides = " and ".join(one.works for one in mine)
        raise ProgramError(
            f"{recording.path}: {mine[0].exercise_id} is prescribed for the {sides} side, "
            f"not the {recording.side}."
        )
    if len(fitting) > 1:
        raise ProgramError(
            f"{recording.path}: {mine[0].exercise_id} is prescribed for each side by itself; "
            "say which it shows with --side."
        )
    return fitting[0]


def _goes_with(one: Prescription, side: Side | None) -> bool:
    return side is None or one.works is Works.NONE or side in one.sides


def _plan(
    recording: Recording, prescription: Prescription, own_dir: Path
) -> tuple[PlannedSet, ...]:
    """Return one set of each side that may be the one filmed, numbered as the last of the day."""
    sets = all_sets_of(prescription, own_dir)
    if sets[0].exercise.kind is Kind.SELF_TIMED:
        raise ProgramError(
            f"{recording.path}: {prescription.exercise_id} is not for a camera to judge; "
            "`hep-vision live --program today` books it."
        )
    wanted = recording.side
    if wanted is not None and prescription.works is not Works.NONE:
        sets = tuple(one for one in sets if one.side is wanted)
    last = {one.side: one for one in sets}
    return tuple(last.values())


def _checksum(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise SourceOpenError(f"{path} cannot be read: {error.strerror}.") from error
