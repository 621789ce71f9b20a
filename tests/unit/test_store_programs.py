"""Versions of programs in the log, and what was done by each."""

from collections.abc import Iterator

import pytest

from hep_vision.core.types import Side, View
from hep_vision.errors import StoreError
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import (
    ProgramRef,
    SessionHeader,
    SessionStatus,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.sessions import SessionLog

MORNING, NOON, EVENING = (f"2026-03-02T{hour:02d}:00:00.000Z" for hour in (8, 12, 18))


@pytest.fixture
def log(place: LogPlace) -> Iterator[SessionLog]:
    with SessionLog.open(place) as opened:
        yield opened


def test_a_changed_text_makes_a_version_and_the_same_text_does_not(log: SessionLog) -> None:
    first, new = log.programs.enter("a", "Ann", MORNING)
    again, again_new = log.programs.enter("a", "Ann", NOON)
    second, second_new = log.programs.enter("b", "Ann", EVENING)
    back, back_new = log.programs.enter("a", "Ann", "2026-03-03T08:00:00Z")

    assert (new, again_new, second_new, back_new) == (True, False, True, True)
    assert again == first
    assert [first.ref.number, second.ref.number, back.ref.number] == [1, 2, 3]
    assert {row.ref.program_id for row in (first, second, back)} == {first.ref.program_id}
    assert log.programs.versions(first.ref.program_id) == [first, second, back]
    assert (first.plan, first.patient, first.valid_from) == ("a", "Ann", MORNING)


def test_one_version_holds_at_each_moment(log: SessionLog) -> None:
    first, _ = log.programs.enter("a", "Ann", MORNING)
    second, _ = log.programs.enter("b", "Ann", NOON)
    held = [
        log.programs.current(first.ref.program_id, moment)
        for moment in ("2026-03-02T07:59:59.999Z", MORNING, "2026-03-02T11:59:59.999Z", NOON)
    ]
    assert held == [None, first, first, second]
    assert log.programs.current("none", NOON) is None


@pytest.mark.parametrize("moment", [MORNING, NOON])
def test_a_clock_that_was_put_back_is_refused(log: SessionLog, moment: str) -> None:
    first, _ = log.programs.enter("a", "Ann", NOON)
    with pytest.raises(StoreError, match="set the clock") as raised:
        log.programs.enter("b", "Ann", moment)
    assert "\n" not in str(raised.value)
    assert log.programs.versions(first.ref.program_id) == [first]


def test_patients_have_programs_of_their_own_told_by_alias_or_id(log: SessionLog) -> None:
    ann, _ = log.programs.enter("a", "Ann ../ <x> ß", MORNING)
    bob, _ = log.programs.enter("a", "Bob", NOON)
    renamed, _ = log.programs.enter("b", "Anna", EVENING, ann.ref.program_id)
    other, _ = log.programs.enter("c", "Ann ../ <x> ß", EVENING)

    assert ann.ref.program_id != bob.ref.program_id
    assert renamed.ref == ProgramRef(ann.ref.program_id, 2)
    assert other.ref.number == 1
    assert {row.patient for row in log.programs.newest()} == {"Anna", "Bob", "Ann ../ <x> ß"}
    assert log.programs.newest()[-1] == bob


def header(sitting_id: str, number: int) -> SessionHeader:
    source = SourceRecord(SourceKind.WEBCAM, "0")
    return SessionHeader(
        "squat", 1, Side.LEFT, source, NOON, "0.1.0", sitting_id=sitting_id, set_number=number
    )


def test_a_sitting_keeps_the_version_it_was_done_by(log: SessionLog) -> None:
    first, _ = log.programs.enter("a", "Ann", MORNING)
    done = log.sittings.begin({"sets": []}, NOON, "0.1.0", first.ref)
    one = log.begin(header(done.sitting_id, 1))
    one.finish(NOON, TrackingQuality(1, 1.0, View.SIDE, view_ok=True))
    log.begin(header(done.sitting_id, 2)).interrupt(NOON)
    done.finish(EVENING)
    second, _ = log.programs.enter("b", "Ann", EVENING)
    later = log.sittings.begin({}, EVENING, "0.1.0", second.ref)
    free = log.sittings.begin({}, EVENING, "0.1.0")

    logged = log.programs.sittings(first.ref.program_id)
    assert [one.sitting_id for one in logged] == [done.sitting_id, later.sitting_id]
    assert logged[0].status is SessionStatus.FINISHED
    assert [(one.exercise_id, one.side, one.set_number, one.status) for one in logged[0].sets] == [
        ("squat", Side.LEFT, 1, SessionStatus.FINISHED),
        ("squat", Side.LEFT, 2, SessionStatus.INTERRUPTED),
    ]
    assert log.sittings.sitting(done.sitting_id).program == first.ref
    assert log.sittings.sitting(later.sitting_id).program == second.ref
    assert log.sittings.sitting(free.sitting_id).program is None


def test_a_version_that_is_not_there_is_refused_and_nothing_is_booked(log: SessionLog) -> None:
    with pytest.raises(StoreError, match="No version 2 of program x"):
        log.sittings.begin({}, NOON, "0.1.0", ProgramRef("x", 2))
    assert log.sittings.rows() == []
