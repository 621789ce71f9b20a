"""Several sets as one sitting, with what the patient says of pain and effort."""

import dataclasses
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

import hep_vision.store
from hep_vision.core.types import Rep, RepStatus, Side, View
from hep_vision.errors import MessageChangedError, StoreError
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import (
    Correction,
    MessageReading,
    ReportKind,
    SelfReport,
    SessionHeader,
    SessionStatus,
    SittingSet,
    SourceKind,
    SourceRecord,
    StopReason,
    TrackingQuality,
)
from hep_vision.store.selection import Selection
from hep_vision.store.sessions import SessionLog
from servers import run_sql

PACKAGES = Path(hep_vision.store.__file__).parents[2]
PLAN: dict[str, Any] = {
    "name": "Knie, Woche 2, früh",
    "sets": [{"exercise": "squat", "goal": 10, "side": None}, {"exercise": "heel_raise"}],
    "pause_s": 22.5,
}
BEGAN, ENDED = "2026-03-01T09:30:00Z", "2026-03-01T09:50:00Z"
TRACKING = TrackingQuality(frame_count=300, detected_ratio=0.97, view=View.FRONT, view_ok=True)
REP = Rep(
    1, Side.LEFT, 2500, 3500, 4300, RepStatus.COUNTED, None, 104.2, 101.0, 8.0, 900, 1000, 0
)  # fmt: skip
READ = MessageReading(ENDED, "C. D.")
PAIN_BEFORE = SelfReport(ReportKind.PAIN_BEFORE, 2, BEGAN)


def header(
    sitting_id: str | None, set_number: int | None, exercise_id: str = "squat"
) -> SessionHeader:
    return SessionHeader(
        exercise_id=exercise_id,
        exercise_revision=3,
        side=Side.LEFT,
        source=SourceRecord(SourceKind.WEBCAM, "camera 0"),
        started_at=BEGAN,
        hep_vision_version="0.1.0",
        sitting_id=sitting_id,
        set_number=set_number,
    )


@pytest.fixture
def log(place: LogPlace) -> Iterator[SessionLog]:
    with SessionLog.open(place) as opened:
        yield opened


def begin(log: SessionLog, started_at: str = BEGAN) -> str:
    return log.sittings.begin(PLAN, started_at, "0.1.0").sitting_id


class TestReadingBack:
    def test_a_finished_sitting_comes_back_as_it_was_given(self, log: SessionLog) -> None:
        sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
        sitting.report(PAIN_BEFORE)
        ids = []
        for number, exercise in enumerate(("squat", "heel_raise"), start=1):
            writer = log.begin(header(sitting.sitting_id, number, exercise))
            writer.record(REP)
            writer.finish(ENDED, TRACKING)
            ids.append(writer.session_id)
        effort = SelfReport(ReportKind.EFFORT, 6, "2026-03-01T10:49:00+01:00", "heel_raise")
        sitting.report(effort)
        sitting.say("Rechts zwickt es beim Aufstehen.")
        sitting.finish(ENDED)

        row = log.sittings.sitting(sitting.sitting_id)

        assert row.sitting_id == sitting.sitting_id
        assert (row.started_at, row.ended_at) == (
            "2026-03-01T09:30:00.000Z",
            "2026-03-01T09:50:00.000Z",
        )
        assert (row.status, row.stop_reason) == (SessionStatus.FINISHED, None)
        assert row.plan == PLAN
        assert row.message == "Rechts zwickt es beim Aufstehen."
        assert row.hep_vision_version == "0.1.0"
        assert row.reports == (PAIN_BEFORE, effort)
        assert effort.reported_at == "2026-03-01T09:49:00.000Z"
        assert row.sets == tuple(
            SittingSet(number, log.session(session_id).row)
            for number, session_id in enumerate(ids, start=1)
        )
        assert [each.session.counts.counted for each in row.sets] == [1, 1]
        assert log.sittings.rows() == [row]

    def test_a_sitting_that_begins_knows_nothing_of_its_end(self, log: SessionLog) -> None:
        row = log.sittings.sitting(begin(log))
        assert (row.status, row.ended_at) == (SessionStatus.RUNNING, None)
        assert (row.stop_reason, row.message, row.reports, row.sets) == (None, None, (), ())

    def test_each_call_is_there_as_soon_as_it_returns(
        self, log: SessionLog, place: LogPlace
    ) -> None:
        sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
        with SessionLog.open(place) as other:

            def seen() -> tuple[int, str | None, SessionStatus]:
                row = other.sittings.sitting(sitting.sitting_id)
                return len(row.reports), row.message, row.status

            assert seen() == (0, None, SessionStatus.RUNNING)
            sitting.report(PAIN_BEFORE)
            assert seen() == (1, None, SessionStatus.RUNNING)
            sitting.say("Gut.")
            assert seen() == (1, "Gut.", SessionStatus.RUNNING)
            sitting.finish(ENDED)
            assert seen() == (1, "Gut.", SessionStatus.FINISHED)

    def test_a_session_says_which_set_it_is(self, log: SessionLog) -> None:
        sitting_id = begin(log)
        given = header(sitting_id, 2)
        session_id = log.begin(given).session_id
        alone = log.begin(header(None, None)).session_id

        assert log.session(session_id).row.header == given
        assert log.session(alone).row.header == header(None, None)
        assert {row.header.sitting_id for row in log.sessions()} == {sitting_id, None}
        assert [detail.row.header.set_number for detail in log.details()] == [None, 2]
        corrected = log.correct(session_id, Correction(3, ENDED))
        assert (corrected.header.sitting_id, corrected.header.set_number) == (sitting_id, 2)
        assert log.sittings.sitting(sitting_id).sets == (SittingSet(2, corrected),)

    def test_sets_of_several_sittings_stay_apart_in_the_order_they_were_begun(
        self, log: SessionLog
    ) -> None:
        early, late = begin(log), begin(log, "2026-03-02T09:30:00Z")
        empty = begin(log, "2026-02-01T09:30:00Z")
        for sitting_id, number in ((late, 1), (early, 1), (early, 2), (late, 2), (early, 2)):
            log.begin(header(sitting_id, number))

        rows = log.sittings.rows()

        assert [row.sitting_id for row in rows] == [late, early, empty]
        assert [[each.set_number for each in row.sets] for row in rows] == [[1, 2], [1, 2, 2], []]
        for row in rows:
            assert {each.session.header.sitting_id for each in row.sets} <= {row.sitting_id}
        assert [row.sitting_id for row in log.sittings.rows(limit=1)] == [late]

    @pytest.mark.parametrize("reason", [*StopReason, None])
    def test_a_sitting_that_is_stopped_says_why_if_it_was_said(
        self, log: SessionLog, reason: StopReason | None
    ) -> None:
        sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
        sitting.stop(ENDED, reason)
        row = log.sittings.sitting(sitting.sitting_id)
        assert (row.status, row.stop_reason) == (SessionStatus.INTERRUPTED, reason)
        assert row.ended_at == "2026-03-01T09:50:00.000Z"

    def test_a_message_that_is_no_text_is_escaped_and_an_empty_one_is_none(
        self, log: SessionLog
    ) -> None:
        sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
        sitting.say("a\udc80")
        assert log.sittings.sitting(sitting.sitting_id).message == r"a\udc80"
        sitting.say("")
        assert log.sittings.sitting(sitting.sitting_id).message is None


class TestWhatThePatientSays:
    def test_the_last_report_of_a_kind_holds_and_all_are_kept(self, log: SessionLog) -> None:
        sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
        given = (
            SelfReport(ReportKind.PAIN_AFTER, 7, ENDED),
            SelfReport(ReportKind.EFFORT, 5, ENDED, "squat"),
            SelfReport(ReportKind.EFFORT, 8, ENDED),
            SelfReport(ReportKind.PAIN_AFTER, 0, BEGAN),  # a clock that was set back
        )
        for report in given:
            sitting.report(report)

        row = log.sittings.sitting(sitting.sitting_id)

        assert row.reports == given
        assert row.reported(ReportKind.PAIN_AFTER) == 0
        assert row.reported(ReportKind.EFFORT) == 8
        assert row.reported(ReportKind.EFFORT, "squat") == 5
        assert row.reported(ReportKind.EFFORT, "heel_raise") is None
        assert row.reported(ReportKind.PAIN_BEFORE) is None

    def test_the_next_morning_belongs_to_a_sitting_that_is_over(self, log: SessionLog) -> None:
        sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
        sitting.finish(ENDED)
        morning = SelfReport(ReportKind.PAIN_NEXT_MORNING, 4, "2026-03-02T07:00:00Z")

        row = log.sittings.report(sitting.sitting_id[:8], morning)

        assert row == log.sittings.sitting(sitting.sitting_id)
        assert row.reported(ReportKind.PAIN_NEXT_MORNING) == 4
        assert row.status is SessionStatus.FINISHED

    @pytest.mark.parametrize("value", [0, 10])
    def test_both_ends_of_the_scale_are_on_it(self, log: SessionLog, value: int) -> None:
        sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
        sitting.report(SelfReport(ReportKind.EFFORT, value, ENDED))
        assert log.sittings.sitting(sitting.sitting_id).reported(ReportKind.EFFORT) == value

    @pytest.mark.parametrize("value", [-1, 11, 3.5])
    def test_what_is_not_on_the_scale_is_refused(
        self, log: SessionLog, place: LogPlace, value: int
    ) -> None:
        with pytest.raises(ValueError, match=f"{value}: expected a whole number from 0 to 10"):
            SelfReport(ReportKind.EFFORT, value, ENDED)
        begin(log)
        row = f"INSERT INTO self_report VALUES (1, 1, NULL, 'effort', {value}, '{BEGAN}')"
        if value != 3.5:  # no database has it of its own accord
            refused = (sqlite3.IntegrityError, psycopg.errors.CheckViolation)
            with pytest.raises(refused, match="on_the_scale"):
                run_sql(place, row)

    def test_a_report_without_its_moment_is_refused(self) -> None:
        with pytest.raises(ValueError, match="yesterday"):
            SelfReport(ReportKind.EFFORT, 3, "yesterday")


class TestRefused:
    @pytest.mark.parametrize(
        "plan",
        [{"at": object()}, {"sets": (1, 2)}, {1: "squat"}, {"pause_s": float("nan")}],
        ids=["an object", "a tuple", "a number as key", "not a number"],
    )
    def test_a_plan_that_would_not_come_back(self, log: SessionLog, plan: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"JSON"):
            log.sittings.begin(plan, BEGAN, "0.1.0")
        assert log.sittings.rows() == []

    def test_a_moment_without_its_zone(self, log: SessionLog) -> None:
        for moment in ("2026-03-01T09:30:00", "soon"):
            with pytest.raises(ValueError, match=moment):
                log.sittings.begin(PLAN, moment, "0.1.0")
            with pytest.raises(ValueError, match=moment):
                log.sittings.unfinished(moment)
        assert log.sittings.rows() == []

    def test_a_reason_that_is_none_of_ours(self, log: SessionLog) -> None:
        sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
        with pytest.raises(ValueError, match="bored"):
            sitting.stop(ENDED, "bored")  # type: ignore[arg-type]
        assert log.sittings.sitting(sitting.sitting_id).status is SessionStatus.RUNNING

    @pytest.mark.parametrize(("sitting_id", "number"), [("aaaa0000", None), ("aaaa0000", 0)])
    def test_a_set_of_a_sitting_without_its_number(
        self, sitting_id: str, number: int | None
    ) -> None:
        with pytest.raises(ValueError, match="number"):
            header(sitting_id, number)

    def test_a_set_of_a_sitting_that_is_not_there(self, log: SessionLog) -> None:
        sitting_id = begin(log)
        for unknown in ("aaaa0000", sitting_id[:8]):
            with pytest.raises(StoreError, match=f"No sitting '{unknown}' in the log"):
                log.begin(header(unknown, 1))
        assert log.sessions() == []


class TestFindingSittings:
    def test_by_the_beginning_of_its_id(self, log: SessionLog, place: LogPlace) -> None:
        first, second = begin(log), begin(log, "2026-03-02T09:30:00Z")
        run_sql(place, f"UPDATE sitting SET id = 'aaaa0000' WHERE id = '{first}'")
        run_sql(place, f"UPDATE sitting SET id = 'aaab0000' WHERE id = '{second}'")

        assert log.sittings.sitting("aaab").sitting_id == "aaab0000"
        assert log.sittings.resume("aaaa").sitting_id == "aaaa0000"
        some = r"More than one sitting begins with 'aaa': give more of aaab0000, aaaa0000\.$"
        with pytest.raises(StoreError, match=some):
            log.sittings.sitting("aaa")
        for missing in ("x", "%", "_aaa"):
            wanted = f"No sitting begins with '{missing}': the newest is aaab0000"
            with pytest.raises(StoreError, match=wanted):
                log.sittings.sitting(missing)
            with pytest.raises(StoreError, match=wanted):
                log.sittings.resume(missing)
            with pytest.raises(StoreError, match=wanted):
                log.sittings.report(missing, PAIN_BEFORE)

    def test_none_at_all(self, log: SessionLog) -> None:
        log.begin(header(None, None))
        with pytest.raises(StoreError, match=r"No sitting 'x': none is logged yet\."):
            log.sittings.sitting("x")


class TestTakingUpAgain:
    def test_only_what_still_runs_and_is_not_too_old_is_unfinished(self, log: SessionLog) -> None:
        assert log.sittings.unfinished(BEGAN) is None
        early = begin(log, "2026-03-01T08:00:00Z")
        late = begin(log, "2026-03-01T10:00:00+01:00")  # 09:00 UTC
        stopped = log.sittings.begin(PLAN, "2026-03-01T10:00:00Z", "0.1.0")
        stopped.stop("2026-03-01T10:01:00Z", None)
        finished = log.sittings.begin(PLAN, "2026-03-01T11:00:00Z", "0.1.0")
        finished.finish("2026-03-01T11:01:00Z")

        found = log.sittings.unfinished("2026-03-01T07:00:00Z")
        assert found == log.sittings.sitting(late)
        same_moment = log.sittings.unfinished("2026-03-01T09:00:00Z")
        assert same_moment is not None
        assert log.sittings.unfinished("2026-03-01T09:00:00.001Z") is None

        log.sittings.resume(late).finish(ENDED)
        found = log.sittings.unfinished("2026-03-01T07:00:00Z")
        assert found is not None
        assert found.sitting_id == early

    def test_its_sets_under_way_are_interrupted_and_no_others(self, log: SessionLog) -> None:
        sitting_id, other_id = begin(log), begin(log)
        done = log.begin(header(sitting_id, 1))
        done.finish(ENDED, TRACKING)
        broken = log.begin(header(sitting_id, 2))
        broken.fail(ENDED, "the camera was unplugged")
        cut_off = log.begin(header(sitting_id, 3))
        cut_off.record(REP)
        elsewhere = log.begin(header(other_id, 1))
        alone = log.begin(header(None, None))

        sitting = log.sittings.resume(sitting_id)
        log.begin(header(sitting.sitting_id, 3))

        row = log.sittings.sitting(sitting_id)
        assert row.status is SessionStatus.RUNNING
        assert [(each.session.status, each.session.status_reason) for each in row.sets] == [
            (SessionStatus.FINISHED, None),
            (SessionStatus.FAILED, "the camera was unplugged"),
            (SessionStatus.INTERRUPTED, "the program was ended"),
            (SessionStatus.RUNNING, None),
        ]
        assert row.sets[2].session.ended_at is None
        assert log.session(cut_off.session_id).events == (REP,)
        for writer in (elsewhere, alone):
            assert log.session(writer.session_id).row.status is SessionStatus.RUNNING

    def test_a_reason_to_stop_is_not_forgotten(self, log: SessionLog) -> None:
        sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
        sitting.report(PAIN_BEFORE)
        sitting.stop(ENDED, StopReason.PAIN)

        again = log.sittings.resume(sitting.sitting_id)

        row = log.sittings.sitting(sitting.sitting_id)
        assert (row.status, row.ended_at) == (SessionStatus.RUNNING, None)
        assert row.reports == (PAIN_BEFORE,)
        again.stop(ENDED, None)
        assert log.sittings.sitting(sitting.sitting_id).stop_reason is StopReason.PAIN
        again.stop(ENDED, StopReason.TIRED)
        assert log.sittings.sitting(sitting.sitting_id).stop_reason is StopReason.TIRED
        again.finish(ENDED)
        row = log.sittings.sitting(sitting.sitting_id)
        assert (row.status, row.stop_reason) == (SessionStatus.FINISHED, StopReason.TIRED)


class TestReading:
    def test_the_first_reading_of_the_same_words_holds(self, log: SessionLog) -> None:
        sitting_id = begin(log)
        log.sittings.say(sitting_id, "It clicks.")
        assert log.sittings.sitting(sitting_id).reading is None
        assert log.sittings.mark_read(sitting_id[:8], READ).reading == READ
        log.sittings.mark_read(sitting_id, MessageReading(BEGAN, "E. F."))
        assert [row.reading for row in log.sittings.rows()] == [READ]
        assert [row.reading for row in log.sittings.chosen(Selection())] == [READ]

    def test_other_words_are_read_anew(self, log: SessionLog) -> None:
        sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
        sitting.say("It clicks.")
        log.sittings.mark_read(sitting.sitting_id, READ)
        sitting.say("It hurts.")
        assert log.sittings.sitting(sitting.sitting_id).reading is None
        with pytest.raises(MessageChangedError, match="other words"):
            log.sittings.mark_read(sitting.sitting_id, READ, "It clicks.")
        later = MessageReading("2026-03-02T09:30:00Z")
        row = log.sittings.mark_read(sitting.sitting_id, later, "It hurts.")
        assert row.reading == later
        sitting.say("It clicks.")
        assert log.sittings.sitting(sitting.sitting_id).reading == READ

    def test_what_says_nothing_cannot_be_read(self, log: SessionLog) -> None:
        sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
        for wanted in (None, ""):
            with pytest.raises(MessageChangedError, match="no message"):
                log.sittings.mark_read(sitting.sitting_id, READ, wanted)
        with pytest.raises(StoreError, match="No sitting"):
            log.sittings.mark_read("none", READ)
        with pytest.raises(ValueError, match="offset"):
            MessageReading("2026-03-02T09:30:00")


class TestRemoving:
    def test_a_sitting_that_goes_takes_its_reports_and_leaves_its_sessions(
        self, log: SessionLog, place: LogPlace
    ) -> None:
        gone, kept = (log.sittings.begin(PLAN, BEGAN, "0.1.0") for _ in range(2))
        for sitting in (gone, kept):
            sitting.report(PAIN_BEFORE)
            sitting.say("It clicks.")
            log.sittings.mark_read(sitting.sitting_id, READ)
        writer = log.begin(header(gone.sitting_id, 2))
        writer.record(REP)

        run_sql(place, f"DELETE FROM sitting WHERE id = '{gone.sitting_id}'")

        assert run_sql(place, "SELECT count(*) FROM self_report") == [(1,)]
        assert run_sql(place, "SELECT count(*) FROM message_reading") == [(1,)]
        detail = log.session(writer.session_id)
        assert detail.row.header == header(None, 2)
        assert detail.events == (REP,)
        assert [row.sitting_id for row in log.sittings.rows()] == [kept.sitting_id]
        with pytest.raises(StoreError, match="refused an entry"):
            gone.report(PAIN_BEFORE)

    def test_a_discarded_session_leaves_its_sitting(self, log: SessionLog) -> None:
        sitting_id = begin(log)
        kept = log.begin(header(sitting_id, 1))
        log.begin(header(sitting_id, 2)).discard()
        (left,) = log.sittings.sitting(sitting_id).sets
        assert left.session.session_id == kept.session_id


class TestDamage:
    @pytest.fixture
    def place(self, tmp_path: Path) -> LogPlace:
        """In a file: a server keeps most of this out by itself."""
        return LogPlace(tmp_path / "data")

    @pytest.mark.parametrize(
        "damage",
        [
            "UPDATE sitting SET status = 'paused'",
            "UPDATE sitting SET stop_reason = 'bored'",
            "UPDATE sitting SET plan = '{\"name\": '",
            "UPDATE sitting SET plan = '[1]'",
            "UPDATE self_report SET kind = 'joy'",
            "UPDATE self_report SET value = 2.5",
            "UPDATE self_report SET reported_at = 'soon'",
            "UPDATE session SET set_number = NULL",
            "UPDATE session SET set_number = 0",
        ],
    )
    def test_what_no_program_of_ours_writes(
        self, log: SessionLog, place: LogPlace, damage: str
    ) -> None:
        sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
        sitting.report(PAIN_BEFORE)
        log.begin(header(sitting.sitting_id, 1))
        run_sql(place, damage)
        with pytest.raises(StoreError) as raised:
            log.sittings.rows()
        assert "is not a readable log" in str(raised.value)
        assert "\n" not in str(raised.value)

    def test_a_damaged_sitting_leaves_its_sessions_readable(
        self, log: SessionLog, place: LogPlace
    ) -> None:
        sitting_id = begin(log)
        session_id = log.begin(header(sitting_id, 1)).session_id
        run_sql(place, "UPDATE sitting SET status = 'paused', plan = '['")
        assert log.session(session_id).row.header == header(sitting_id, 1)
        with pytest.raises(StoreError, match="is not a readable log"):
            log.sittings.sitting(sitting_id)


# Says the id of the sitting once it runs, then each number once its report is on the disk.
WRITER = """
import sys
from pathlib import Path
from hep_vision.core.types import Side, TrackingLost
from hep_vision.store.records import (
    ReportKind, SelfReport, SessionHeader, SourceKind, SourceRecord)
from hep_vision.store.locations import LogPlace
from hep_vision.store.sessions import SessionLog

began, count = "2026-03-01T09:30:00Z", int(sys.argv[2])
with SessionLog.open(LogPlace(Path(sys.argv[1]), sys.argv[3] or None)) as log:
    sitting = log.sittings.begin({"name": "knee"}, began, "0.1")
    source = SourceRecord(SourceKind.WEBCAM, "camera 0")
    log.begin(SessionHeader("squat", 1, Side.LEFT, source, began, "0.1",
                            sitting_id=sitting.sitting_id, set_number=1)).record(TrackingLost(1, 2))
    print(sitting.sitting_id, flush=True)
    sys.stdin.readline()
    for number in range(count):
        sitting.report(SelfReport(ReportKind.EFFORT, number % 11, began))
        print(number, flush=True)
    sitting.finish(began)
"""


def start(place: LogPlace, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(place.folder), str(count), place.url or ""],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(PACKAGES)},
    )


def let_go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_a_killed_process_leaves_a_sitting_that_can_be_taken_up_again(place: LogPlace) -> None:
    with start(place, 1_000_000) as process:
        assert process.stdout is not None
        sitting_id = process.stdout.readline().strip()
        let_go(process)
        for _ in range(20):
            process.stdout.readline()
        process.kill()  # SIGKILL, in the middle of its writing
        acknowledged = 20 + len(process.stdout.read().split())
    assert process.returncode != 0

    with SessionLog.open(place) as log:
        found = log.sittings.unfinished(BEGAN)
        assert found is not None
        assert (found.sitting_id, found.status) == (sitting_id, SessionStatus.RUNNING)
        assert len(found.reports) in (acknowledged, acknowledged + 1)
        assert [each.session.status for each in found.sets] == [SessionStatus.RUNNING]

        log.sittings.resume(found.sitting_id).finish(ENDED)

        row = log.sittings.sitting(sitting_id)
        assert row.status is SessionStatus.FINISHED
        assert row.reports == found.reports
        assert [each.session.status for each in row.sets] == [SessionStatus.INTERRUPTED]
        assert log.sittings.unfinished(BEGAN) is None


def test_processes_that_write_at_once_lose_nothing(place: LogPlace) -> None:
    count = 30
    processes = [start(place, count) for _ in range(2)]
    ids = []
    for process in processes:
        assert process.stdout is not None
        ids.append(process.stdout.readline().strip())
    for process in processes:  # both have begun: let both go
        let_go(process)
    for process in processes:
        process.communicate()
        assert process.returncode == 0

    with SessionLog.open(place) as log:
        rows = {row.sitting_id: row for row in log.sittings.rows()}
    assert rows.keys() == set(ids)
    for row in rows.values():
        assert row.status is SessionStatus.FINISHED
        assert [report.value for report in row.reports] == [number % 11 for number in range(count)]
        assert len(row.sets) == 1


def test_two_writers_of_one_sitting_lose_nothing(log: SessionLog, place: LogPlace) -> None:
    sitting = log.sittings.begin(PLAN, BEGAN, "0.1.0")
    with SessionLog.open(place) as other:
        for value in range(5):
            sitting.report(dataclasses.replace(PAIN_BEFORE, value=value))
            other.sittings.report(
                sitting.sitting_id, dataclasses.replace(PAIN_BEFORE, value=10 - value)
            )
    said = [report.value for report in log.sittings.sitting(sitting.sitting_id).reports]
    assert said == [0, 10, 1, 9, 2, 8, 3, 7, 4, 6]
