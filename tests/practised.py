"""A log of a program that was done on known days, for tests."""

from datetime import date, datetime, time, timedelta

from hep_vision.app.program import import_program
from hep_vision.core.types import Deviation, Rep, ReportKind, RepStatus, Severity, Side
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.schedule import moment_of
from hep_vision.store.records import (
    ProgramRef,
    SelfReport,
    SessionHeader,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.sessions import SessionLog
from prescriptions import ZONE

MONDAY = date(2026, 3, 2)

PROGRAM = f"""
patient = "A. B."
therapist = "C. D."
start = {MONDAY}
review = 2026-04-13
[[exercises]]
id = "squat"
sets = 2
reps = 5
goal_deg = 60
days = ["mon", "wed", "fri"]
"""


def day(ahead: int) -> date:
    return MONDAY + timedelta(days=ahead)


def moment(ahead: int, hour: int = 9) -> datetime:
    return moment_of(day(ahead), time(hour), ZONE)


def enter_program(log: SessionLog, text: str = PROGRAM, ahead: int = -1) -> ProgramRef:
    entered = import_program(log, text.encode(), "it", find_exercise, moment(ahead).isoformat())
    return entered.row.ref


def practise(
    log: SessionLog,
    ref: ProgramRef | None,
    ahead: int,
    *,
    peak: float = 60.0,
    reps: int = 5,
    sets: int = 2,
    faults: int = 0,
    said: dict[ReportKind, int] | None = None,
    exercise_id: str = "squat",
    complete: bool = True,
) -> str:
    """Enter a sitting of sets that all went alike, the last of them left half-way if asked for."""
    at = moment(ahead).isoformat()
    sitting = log.sittings.begin({"sets": []}, at, "0.1.0", ref)
    for number in range(1, sets + 1):
        writer = log.begin(
            SessionHeader(
                exercise_id,
                1,
                Side.BOTH,
                SourceRecord(SourceKind.WEBCAM, "0"),
                at,
                "0.1.0",
                sitting_id=sitting.sitting_id,
                set_number=number,
            )
        )
        for index in range(1, reps + 1):
            fault = Deviation(
                "knees_in", index, Side.BOTH, Severity.WARN, 0, 1, 9.0, 5.0, "deg", "Knees out."
            )
            writer.record(
                Rep(
                    index,
                    Side.BOTH,
                    2_000 * index,
                    2_000 * index + 900,
                    2_000 * index + 1_800,
                    RepStatus.COUNTED,
                    None,
                    peak,
                    peak - 5,
                    8.0,
                    900,
                    900,
                    0,
                    (fault,) if index <= faults else (),
                )
            )
        quality = TrackingQuality(100, 1.0, find_exercise(exercise_id).camera.view, view_ok=True)
        if number == sets and not complete:
            writer.interrupt(at, "ended by the patient", quality)
        else:
            writer.finish(at, quality)
    for kind, value in (said or {}).items():
        sitting.report(SelfReport(kind, value, at))
    sitting.finish(at)
    return sitting.sitting_id
