"""Recordings of a batch that count as done by a program."""

from dataclasses import replace
from datetime import datetime

from hep_vision.app.analyse import Model, analyse
from hep_vision.app.filmed import Booked, Booking, Recording
from hep_vision.app.filmed_set import booking_for
from hep_vision.app.machine_zone import MachineZone
from hep_vision.core.types import Side
from hep_vision.sources.track_store import StoredTrack
from hep_vision.store.locations import LogPlace
from hep_vision.store.sessions import SessionLog


def booking_in(place: LogPlace, recording: Recording, now: datetime, sha256: str = "") -> Booking:
    """Return how a recording is judged by the program, also where it is booked already.

    Args:
        place: Where the log is; exercise files of one's own are in its folder.
        recording: The recording.
        now: The present moment.
        sha256: Checksum of the file, where it is known already.

    Raises:
        ProgramError, ExerciseSpecError, SourceOpenError, StoreError: As for `booking_for`.
    """
    zone = MachineZone()
    with SessionLog.open(place) as log:
        own_dir = place.folder / "exercises"
        found = booking_for(recording, log, own_dir, now, zone, again=True, sha256=sha256)
    if isinstance(found, str):
        raise TypeError("a recording that may be booked again has a booking")
    return replace(found, again=False)


def book(
    booking: Booking, place: LogPlace, model: Model | None, landmarks: StoredTrack | None
) -> tuple[str, ...]:
    """Book a recording, unless it is booked already, and return what a person must know of that.

    Raises:
        HepVisionError: As for `analyse`.
    """
    with SessionLog.open(place) as log:
        exercise_id, side = booking.prescription.exercise_id, booking.side or Side.BOTH
        earlier = log.programs.booked(booking.program.program_id, booking.sha256, exercise_id, side)
        if earlier is not None:
            # What is told must not depend on whether an earlier run was killed right after it.
            return booking.notes(Booked(earlier.sitting_id, booking.day, ()), ())
        task = replace(booking.task(model), landmarks=landmarks)
        return analyse(task, log=log).booking_notes
