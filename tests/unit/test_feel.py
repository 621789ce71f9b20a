"""What is told of a sitting that is over, from the log and back, and what follows from it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from hep_vision.app.concerns import concerns_of
from hep_vision.app.feel import Feeling, morning_due, tell
from hep_vision.app.program import import_program
from hep_vision.core.audit import Audit
from hep_vision.core.types import (
    Deviation,
    Rep,
    ReportKind,
    RepStatus,
    Severity,
    Side,
    StopReason,
)
from hep_vision.errors import FeelingError
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.concerns import Kind
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import (
    Correction,
    ProgramRef,
    SelfReport,
    SessionHeader,
    SittingRow,
    SourceKind,
    SourceRecord,
)
from hep_vision.store.sessions import SessionLog
from prescriptions import ZONE

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MORNING = ReportKind.PAIN_NEXT_MORNING
PROGRAM = """
patient = "A. B."
therapist = "C. D."
start = 2026-03-01
review = 2026-05-01
[pain]
amber_from = 2
red_from = 4
[[exercises]]
id = "squat"
sets = 1
reps = 10
times_per_day = 1
"""


@pytest.fixture
def log(place: LogPlace) -> Iterator[SessionLog]:
    with SessionLog.open(place) as opened:
        yield opened


def program(log: SessionLog, patient: str = "A. B.") -> ProgramRef:
    text = PROGRAM.replace("A. B.", patient).encode()
    return import_program(log, text, "a", find_exercise, (NOON - 60 * DAY).isoformat()).row.ref


def rep(number: int, *faults: tuple[str, Severity], counted: bool = True) -> Rep:
    deviations = tuple(
        Deviation(name, number, Side.BOTH, severity, 0, 10, 1.0, 0.5, "deg", "Mind it.")
        for name, severity in faults
    )
    status = RepStatus.COUNTED if counted else RepStatus.PARTIAL
    start = number * 3_000
    return Rep(
        number, Side.BOTH, start, start + 900, start + 1_900, status, None, 90.0, 80.0, 5.0,
        900, 1_000, 0, deviations,
    )  # fmt: skip


def sit(
    log: SessionLog,
    at: datetime,
    *reps: Rep,
    ref: ProgramRef | None = None,
    exercise: str = "squat",
    audit: Audit | None = None,
) -> SittingRow:
    stamp = at.isoformat()
    writer = log.sittings.begin({"sets": [{"exercise": exercise}]}, stamp, "0", ref)
    header = SessionHeader(
        exercise, 1, Side.BOTH, SourceRecord(SourceKind.WEBCAM, "0"), stamp, "0",
        sitting_id=writer.sitting_id, set_number=1,
    )  # fmt: skip
    session = log.begin(header)
    for one in reps:
        session.record(one)
    if audit is not None:
        session.keep_audit(audit)
    writer.finish(stamp)
    return log.sittings.sitting(writer.sitting_id)


class TestTelling:
    def test_what_is_told_is_kept_with_the_sitting(self, log: SessionLog) -> None:
        row = sit(log, NOON)
        scores = ((ReportKind.PAIN_AFTER, 3), (ReportKind.EFFORT, 6))
        tell(log, row, Feeling(scores, "squat", "It  was\nfine\x1b[31m."), find_exercise, _now())
        row = log.sittings.sitting(row.sitting_id)
        assert row.reported(ReportKind.PAIN_AFTER, "squat") == 3
        assert row.reported(ReportKind.EFFORT, "squat") == 6
        assert row.message == "It was fine [31m."

    def test_a_later_message_is_added_and_none_is_lost(self, log: SessionLog) -> None:
        row = sit(log, NOON)
        for words in ("First.", "Zweite, ä.", " "):
            tell(log, row, Feeling(message=words), find_exercise, _now())
        assert log.sittings.sitting(row.sitting_id).message == "First.\nZweite, ä."

    def test_the_advice_is_that_of_the_zones_of_the_program(self, log: SessionLog) -> None:
        free, ours = sit(log, NOON), sit(log, NOON, ref=program(log))
        told = Feeling(((ReportKind.PAIN_AFTER, 4),))
        (amber,) = tell(log, free, told, find_exercise, _now())
        (red,) = tell(log, ours, told, find_exercise, _now())
        assert (amber.severity, red.severity) == (Severity.WARN, Severity.STOP)

    @pytest.mark.parametrize("score", [(MORNING, 0), (ReportKind.EFFORT, 10)])
    def test_no_pain_and_effort_bring_no_advice(
        self, log: SessionLog, score: tuple[ReportKind, int]
    ) -> None:
        assert tell(log, sit(log, NOON), Feeling((score,)), find_exercise, _now()) == ()

    @pytest.mark.parametrize(
        ("feeling", "words"),
        [
            (Feeling(((MORNING, 11),)), "0 to 10"),
            (Feeling(((MORNING, -1), (ReportKind.EFFORT, 3))), "0 to 10"),
            (Feeling(((MORNING, 1),), "bridge"), "its exercises: squat"),
            (Feeling((), "squat", "hm"), "--after"),
            (Feeling(message="x" * 501), "501 letters"),
        ],
    )
    def test_what_is_wrong_keeps_nothing(
        self, log: SessionLog, feeling: Feeling, words: str
    ) -> None:
        row = sit(log, NOON)
        with pytest.raises(FeelingError, match=words):
            tell(log, row, feeling, find_exercise, _now())
        assert log.sittings.sitting(row.sitting_id) == row


def _now() -> str:
    return (NOON + DAY).isoformat()


class TestMorning:
    @pytest.mark.parametrize(("days", "due"), [(0, False), (1, True), (2, True), (3, False)])
    def test_it_is_due_on_the_two_days_after(self, log: SessionLog, days: int, due: bool) -> None:
        sit(log, NOON)
        assert (morning_due(log, None, NOON + days * DAY, ZONE) is not None) is due

    def test_the_days_are_those_of_the_patient(self, log: SessionLog) -> None:
        sit(log, datetime(2026, 3, 4, 22, 30, tzinfo=UTC))  # 23:30 there
        assert morning_due(log, None, datetime(2026, 3, 4, 22, 50, tzinfo=UTC), ZONE) is None
        assert morning_due(log, None, datetime(2026, 3, 4, 23, 10, tzinfo=UTC), ZONE) is not None

    def test_it_is_asked_once_and_of_the_newest_only(self, log: SessionLog) -> None:
        sit(log, NOON - DAY)
        newest = sit(log, NOON)
        found = morning_due(log, None, NOON + DAY, ZONE)
        assert found is not None
        assert found.sitting_id == newest.sitting_id
        log.sittings.report(newest.sitting_id, SelfReport(MORNING, 2, _now()))
        assert morning_due(log, None, NOON + DAY, ZONE) is None

    def test_a_sitting_in_which_nothing_was_done_is_not_asked_about(self, log: SessionLog) -> None:
        log.sittings.begin({"sets": []}, NOON.isoformat(), "0")
        assert morning_due(log, None, NOON + DAY, ZONE) is None

    def test_another_patient_is_not_asked(self, log: SessionLog) -> None:
        ours, theirs = program(log), program(log, "E. F.")
        sit(log, NOON, ref=ours)
        assert morning_due(log, ours.program_id, NOON + DAY, ZONE) is not None
        assert morning_due(log, theirs.program_id, NOON + DAY, ZONE) is None


class TestConcerns:
    def kinds(
        self, log: SessionLog, patient: str | None = None, since: datetime = NOON - 9 * DAY
    ) -> list[Kind]:
        return [one.kind for one in concerns_of(log, patient, since, find_exercise)]

    def test_an_empty_log_has_none(self, log: SessionLog) -> None:
        assert self.kinds(log) == []

    def test_pain_is_judged_by_the_zones_of_the_version(self, log: SessionLog) -> None:
        row = sit(log, NOON, ref=program(log))
        log.sittings.report(row.sitting_id, SelfReport(ReportKind.PAIN_AFTER, 4, _now(), "squat"))
        (found,) = concerns_of(log, None, NOON - DAY, find_exercise)
        assert (found.kind, found.exercise_id) == (Kind.RED_PAIN, "squat")
        assert found.evidence[0].sitting_id == row.sitting_id

    def test_faults_are_counted_over_counted_repetitions(self, log: SessionLog) -> None:
        fault = ("knee_in", Severity.WARN)
        for day in range(3):
            # Twice in one repetition is one repetition; what did not count does not count here.
            reps = (
                rep(1, fault, fault),
                rep(2, fault),
                rep(3),
                rep(4),
                rep(5, fault, counted=False),
            )
            sit(log, NOON - day * DAY, *reps)
        (found,) = concerns_of(log, None, NOON - 9 * DAY, find_exercise)
        assert found.kind is Kind.SAME_DEVIATION
        assert [one.what for one in found.evidence] == ["2 of 4"] * 3

    def test_beyond_the_limit_is_seen_in_any_repetition(self, log: SessionLog) -> None:
        sit(log, NOON, rep(1, ("over_limit", Severity.STOP), counted=False))
        assert self.kinds(log) == [Kind.OVER_LIMIT]

    def test_a_corrected_count_is_no_concern_any_more(self, log: SessionLog) -> None:
        row = sit(log, NOON, rep(1), audit=Audit(5, True))
        assert self.kinds(log) == [Kind.UNCERTAIN_COUNT]
        log.correct(row.sets[0].session.session_id, Correction(5, _now()))
        assert self.kinds(log) == []

    def test_stops_and_messages(self, log: SessionLog) -> None:
        row = sit(log, NOON)
        log.sittings.resume(row.sitting_id).stop(NOON.isoformat(), StopReason.PAIN)
        log.sittings.say(row.sitting_id, "It hurt.")
        assert self.kinds(log) == [Kind.STOPPED_FOR_PAIN, Kind.MESSAGE]
        assert self.kinds(log, since=NOON + DAY) == []

    def test_of_several_patients_only_the_one_asked_for(self, log: SessionLog) -> None:
        ours, _ = program(log), program(log, "E. F.")
        row = sit(log, NOON, ref=ours)
        log.sittings.say(row.sitting_id, "Hello.")
        assert self.kinds(log, "A. B.") == [Kind.MESSAGE]
        assert self.kinds(log, "E. F.") == []
