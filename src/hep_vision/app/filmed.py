"""Recordings that count as done by a program: how one is judged and booked.

    booking = booking_for(recording, log, own_dir, now, zone)   # see `filmed_set`
    analysis = analyse(booking.task(model), log=log)
    analysis.booked                       # what counts now; None where nothing does

A recording is one set. It is judged by the version of the program that held on the day it was
filmed, exactly as a live set is, and it is booked when it has been analysed to its end: one that is
killed on the way leaves a session that stands alone, which counts for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Final

from hep_vision import __version__
from hep_vision.app.analyse import TRACK_SUFFIX, Model, Task
from hep_vision.app.live_plan import sets_due, to_plain
from hep_vision.app.program import done_sets
from hep_vision.coach.plan import PlannedSet
from hep_vision.core.types import Event, Hold, Side
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.schedule import due_of, local_day
from hep_vision.program.spec import Prescription
from hep_vision.sources.film_date import DateOrigin, FilmDate
from hep_vision.store.records import BookedRecording, ProgramRef
from hep_vision.store.sessions import SessionLog

SHORT: Final = "less than prescribed"
"""Why a set is interrupted whose recording ends before everything was done."""

SAY_WHEN: Final = "give the right moment with --recorded-at"


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
                f"If that is wrong, {SAY_WHEN} and --again."
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


def already_booked(path: Path, earlier: BookedRecording, zone: tzinfo) -> str:
    """Return the line that says as what a recording is booked already."""
    day = local_day(datetime.fromisoformat(earlier.started_at), zone)
    return (
        f"{path} is booked already, on {day} as session {earlier.session_id[:8]}; "
        "--again books it anew and takes that back."
    )
