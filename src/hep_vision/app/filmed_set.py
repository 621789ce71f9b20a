"""Which set of a program a recording shows, by the day it was filmed on."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from pathlib import Path

from hep_vision.app.analyse import TRACK_SUFFIX, Task, find_model
from hep_vision.app.analyse_many import Result, failed
from hep_vision.app.filmed import SAY_WHEN, Booking, Recording, already_booked
from hep_vision.app.live_plan import all_sets_of
from hep_vision.app.program import newest_version, version_on_day
from hep_vision.coach.plan import PlannedSet
from hep_vision.core.definition import Kind
from hep_vision.core.types import Side
from hep_vision.errors import HepVisionError, ProgramError, SourceOpenError, StoreError
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.schedule import local_day, prescribed_on
from hep_vision.program.spec import Prescription, Program, Works
from hep_vision.sources.film_date import DateOrigin, FilmDate, film_date
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import ProgramVersionRow
from hep_vision.store.sessions import SessionLog


def booking_for(  # noqa: PLR0913 -- what the caller knows already
    recording: Recording,
    log: SessionLog,
    own_dir: Path,
    now: datetime,
    zone: tzinfo,
    *,
    again: bool = False,
    sha256: str = "",
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
        sha256: Checksum of the file, where it is known already.

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
        sha256 or _checksum(recording.path),
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
    place: Path | LogPlace,
    now: datetime,
    zone: tzinfo,
    *,
    again: bool = False,
) -> list[Booking | Result]:
    """Return how each recording is booked, or the line that says why it is not.

    Args:
        recordings: See `booking_for`.
        place: Where the log is, in its folder also exercise files of one's own.
        now: The present moment.
        zone: The patient's.
        again: Take back earlier bookings of the same files.

    Raises:
        StoreError: The log cannot be read.
    """
    found: list[Booking | Result] = []
    own_dir = LogPlace.of(place).folder / "exercises"
    with SessionLog.open(place) as log:
        for recording in recordings:
            try:
                one = booking_for(recording, log, own_dir, now, zone, again=again)
            except StoreError:
                raise
            except HepVisionError as error:
                found.append(failed(error))
            else:
                found.append(Result(problem=one) if isinstance(one, str) else one)
    return found


def _filmed(recording: Recording, now: datetime, zone: tzinfo) -> FilmDate:
    given = recording.recorded_at
    filmed = film_date(recording.path)  # also says that there is no such file
    if given is not None:
        filmed = FilmDate(given.astimezone(UTC), DateOrigin.GIVEN)
    if filmed.at > now:
        shown = f"{filmed.at.astimezone(zone):%Y-%m-%d %H:%M}"
        raise ProgramError(
            f"{recording.path}: filmed on {shown}, which is still to come; {SAY_WHEN}."
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
            f"entered on {since}; {SAY_WHEN}."
        )
    row, program = found
    if day < program.start:
        raise ProgramError(
            f"{recording.path} was filmed on {day}, and the program of {row.patient} begins on "
            f"{program.start}; {SAY_WHEN}."
        )
    return row, program


def _prescribed(recording: Recording, program: Program, day: date, own_dir: Path) -> Prescription:
    """Return what the program asks for on that day and the recording shows."""
    asked = prescribed_on(program, day)
    names = ", ".join(dict.fromkeys(one.exercise_id for one in asked))
    if not asked:
        raise ProgramError(
            f"{recording.path} was filmed on {day:%a} {day}, a day on which nothing is prescribed; "
            f"{SAY_WHEN}."
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
