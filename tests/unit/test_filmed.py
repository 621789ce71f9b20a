"""Which set a recording shows: the day it was filmed on, and what the program asks for then."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from filmed import enter_program, film
from hep_vision.app.analyse import analyse
from hep_vision.app.filmed import Booking, Recording
from hep_vision.app.filmed_set import booking_for
from hep_vision.app.program import today_of
from hep_vision.core.types import Hold, ReportKind, Side
from hep_vision.errors import ProgramError
from hep_vision.exercises.loading import find_exercise
from hep_vision.sources.film_date import DateOrigin
from hep_vision.store.records import MessageReading, SelfReport
from hep_vision.store.sessions import SessionLog
from prescriptions import ZONE
from sittings import planned

ENTERED = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SQUAT = 'id = "squat"\nsets = 2\nreps = 2\ntimes_per_day = 1'


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SessionLog]:
    with SessionLog.open(tmp_path) as opened:
        yield opened


def booking(log: SessionLog, recording: Recording, now: datetime = NOW) -> Booking:
    found = booking_for(recording, log, Path("none"), now, ZONE)
    assert isinstance(found, Booking)
    return found


def sets_done(log: SessionLog, moment: datetime) -> int:
    today, _ = today_of(log, None, find_exercise, moment, ZONE)
    return sum(one.sets_done for one in today.times)


@pytest.mark.parametrize(
    ("wall", "day"),
    [
        ("2026-03-28T23:59:59", "2026-03-28"),
        ("2026-03-29T00:00:00", "2026-03-29"),
        ("2026-03-29T02:30:00", "2026-03-29"),  # the clock skips this
        ("2026-03-29T23:59:59", "2026-03-29"),  # a day of 23 hours
        ("2026-10-25T02:30:00", "2026-10-25"),  # this comes twice
        ("2026-10-25T23:59:59", "2026-10-25"),  # a day of 25 hours
        ("2026-10-26T00:00:00", "2026-10-26"),
    ],
)
def test_a_recording_counts_for_the_patients_day(
    log: SessionLog, tmp_path: Path, wall: str, day: str
) -> None:
    enter_program(tmp_path, [SQUAT], ENTERED)
    clip = film(tmp_path / "clip.npz", "squat", (2, Side.BOTH))
    moment = datetime.fromisoformat(wall).replace(tzinfo=ZONE)
    found = booking(log, Recording(clip, program=True, recorded_at=moment))
    assert str(found.day) == day
    assert found.filmed.origin is DateOrigin.GIVEN
    analysis = analyse(found.task(None), log=log)
    assert analysis.booked is not None
    assert str(analysis.booked.day) == day
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZONE)
    around = [sets_done(log, noon + timedelta(days=days)) for days in (-1, 0, 1)]
    assert around == [0, 1, 0]


def test_sets_of_a_day_are_numbered_in_the_order_they_are_booked(
    log: SessionLog, tmp_path: Path
) -> None:
    enter_program(tmp_path, [SQUAT], ENTERED)
    moment = datetime(2026, 5, 4, 9, tzinfo=UTC)
    # All are prepared before the first of them is booked, as for a folder.
    bookings = [
        booking(
            log,
            Recording(
                film(tmp_path / f"{count}.npz", "squat", (count, Side.BOTH)),
                program=True,
                recorded_at=moment,
            ),
        )
        for count in (2, 3, 4)
    ]
    for one in bookings:
        analyse(one.task(None), log=log)
    plans = [row.plan["sets"] for row in reversed(log.sittings.rows())]
    assert sorted((one["number"], one["of"], one["place"]) for (one,) in plans) == [
        (1, 2, 1),
        (2, 2, 1),
        (2, 2, 1),  # more than was due
    ]
    assert sets_done(log, moment) == 2


def test_the_side_of_the_prescription_is_the_side_that_is_judged(
    log: SessionLog, tmp_path: Path
) -> None:
    raising = [
        f'id = "straight_leg_raise"\nsets = 1\nreps = {reps}\nside = "{side}"\ntimes_per_day = 1'
        for reps, side in ((2, "left"), (4, "right"))
    ]
    enter_program(tmp_path, raising, ENTERED)
    clip = film(tmp_path / "clip.npz", "straight_leg_raise", (2, Side.LEFT))
    found = booking(log, Recording(clip, side=Side.RIGHT, program=True, recorded_at=NOW))
    assert (found.task(None).side, found.plan[0].reps) == (Side.RIGHT, 4)
    with pytest.raises(ProgramError, match="prescribed for each side by itself"):
        booking(log, Recording(clip, program=True, recorded_at=NOW))


def test_what_is_said_of_a_booking_that_is_taken_back_is_kept(
    log: SessionLog, tmp_path: Path
) -> None:
    enter_program(tmp_path, [SQUAT], ENTERED)
    clip = film(tmp_path / "clip.npz", "squat", (2, Side.BOTH))
    recording = Recording(clip, program=True, recorded_at=datetime(2026, 5, 4, 9, tzinfo=UTC))
    first = analyse(booking(log, recording).task(None), log=log)
    assert first.booked is not None
    said = SelfReport(ReportKind.EFFORT, 3, NOW.isoformat(), "squat")
    log.sittings.report(first.booked.sitting_id, said)
    log.sittings.say(first.booked.sitting_id, "It clicks.")
    reading = MessageReading(NOW.isoformat(), "C. D.")
    log.sittings.mark_read(first.booked.sitting_id, reading)
    again = booking_for(recording, log, Path("none"), NOW, ZONE, again=True)
    assert isinstance(again, Booking)
    analyse(again.task(None), log=log)
    (row,) = log.sittings.rows()
    assert row.reports == (said,)
    assert (row.message, row.reading) == ("It clicks.", reading)
    assert row.sitting_id != first.booked.sitting_id


def test_how_much_of_a_set_was_done_is_counted_as_live() -> None:
    hold = planned("wall_sit", reps=2, hold_ms=10_000)
    held = [Hold(1, Side.LEFT, 0, 9_500, 9_000), Hold(2, Side.RIGHT, 0, 9_500, 8_999)]
    assert hold.done_in(held) == 1
    assert hold.done_in(held, Side.RIGHT) == 0
    assert planned("wall_sit", hold_ms=0).done_in(held) == 2
    assert planned("squat").done_in(held) == 0


def test_a_hold_that_is_too_short_is_said_to_be(log: SessionLog, tmp_path: Path) -> None:
    wall_sit = 'id = "wall_sit"\nsets = 1\nreps = 1\nhold_s = 20\ntimes_per_day = 1'
    enter_program(tmp_path, [wall_sit], ENTERED)
    clip = film(tmp_path / "clip.npz", "squat", (1, Side.BOTH))
    found = booking(log, Recording(clip, program=True, recorded_at=NOW))
    short = Hold(1, Side.BOTH, 0, 15_000, 15_000)
    assert found.shown([short]) == ()
    assert found.notes(None, [short]) == ("Not booked: no hold was long enough.",)
    assert found.notes(None, []) == ("Not booked: nothing of what is prescribed counted.",)
    (enough,) = found.shown([Hold(1, Side.BOTH, 0, 18_000, 18_000)])
    assert enough.complete
