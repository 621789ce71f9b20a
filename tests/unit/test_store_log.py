"""The log gives back what was written, to its owner only, and says plainly what is wrong."""

import contextlib
import dataclasses
import errno
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, event, inspect, select, text

from hep_vision.core.audit import Audit
from hep_vision.core.personal import PersonalRange, SignalRange
from hep_vision.core.targets import Targets
from hep_vision.core.types import (
    Deviation,
    Hold,
    Phase,
    PhaseChange,
    Rep,
    RepStatus,
    RepTick,
    Severity,
    Side,
    TrackingLost,
    View,
)
from hep_vision.errors import ExitCode, SchemaTooNewError, StoreError
from hep_vision.store.database import Database
from hep_vision.store.locations import DATABASE_NAME, LogPlace, data_dir
from hep_vision.store.records import (
    Correction,
    ModelRecord,
    SessionCounts,
    SessionHeader,
    SessionStatus,
    SourceKind,
    SourceRecord,
    TrackingQuality,
    utc_stamp,
)
from hep_vision.store.schema import (
    StoredDeviation,
    StoredHold,
    StoredRep,
    StoredSession,
    StoredTrackingLoss,
)
from hep_vision.store.sessions import SessionLog
from hep_vision.store.sqlite_file import SqliteFile, use_write_ahead_log
from servers import run_sql

TRACKING = TrackingQuality(frame_count=300, detected_ratio=0.97, view=View.FRONT, view_ok=True)
KNEES_IN = Deviation(
    "knees_in", 1, Side.LEFT, Severity.WARN, 3200, 3900, 16.1, 12.0, "deg", "Knees over toes."
)
COUNTED = Rep(
    index=1,
    side=Side.LEFT,
    start_ms=2500,
    peak_ms=3500,
    end_ms=4300,
    status=RepStatus.COUNTED,
    reason=None,
    peak_deg=104.2,
    rom_deg=101.0,
    uncertainty_deg=8.0,
    concentric_ms=900,
    eccentric_ms=1000,
    hold_ms=0,
    deviations=(KNEES_IN, dataclasses.replace(KNEES_IN, id="trunk_lean")),
    not_checked=("heels_up",),
)
PARTIAL = dataclasses.replace(
    COUNTED,
    index=None,
    status=RepStatus.PARTIAL,
    reason="too shallow",
    peak_deg=None,
    rom_deg=None,
    uncertainty_deg=None,
    deviations=(),
    not_checked=(),
)
HOLD = Hold(1, Side.BOTH, 0, 30_000, 28_500, (KNEES_IN,), ("hips_level",))
LOST = TrackingLost(5000, 6200)


def header(exercise_id: str = "squat", started_at: str = "2026-03-01T09:30:00Z") -> SessionHeader:
    return SessionHeader(
        exercise_id=exercise_id,
        exercise_revision=3,
        side=Side.LEFT,
        source=SourceRecord(
            SourceKind.VIDEO, "squats.mp4", 1_000_000, 1280, 720, 43_000, "ab" * 32
        ),
        started_at=started_at,
        hep_vision_version="0.1.0",
        mediapipe_version="0.10.33",
        model=ModelRecord("pose_landmarker_full.task", "cd" * 32),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def log(place: LogPlace) -> Iterator[SessionLog]:
    with SessionLog.open(place) as opened:
        yield opened


def touched(target: Path) -> None:
    target.write_bytes(b"track")


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestReadingBack:
    def test_a_finished_session_comes_back_as_it_was_given(self, log: SessionLog) -> None:
        writer = log.begin(header())
        for logged in (PARTIAL, LOST, COUNTED, HOLD):
            writer.record(logged)
        writer.finish("2026-03-01T09:31:00Z", TRACKING)

        detail = log.session(writer.session_id)

        assert detail.events == (PARTIAL, LOST, COUNTED, HOLD)
        assert detail.row.header == header()
        assert detail.row.tracking == TRACKING
        assert detail.row.status is SessionStatus.FINISHED
        assert detail.row.ended_at == "2026-03-01T09:31:00.000Z"

    def test_what_was_set_and_known_of_the_patient_comes_back(self, log: SessionLog) -> None:
        targets = Targets(70.0, 20.0, 85.5, 4_000, Side.LEFT, "knee_flexion")
        usual = SignalRange("hip_bend", View.SIDE, Side.BOTH, 93.25)
        personal = PersonalRange((usual,), "calibration first.mp4")
        given = dataclasses.replace(header(), targets=targets, personal=personal)
        session_id = log.begin(given).session_id
        assert log.session(session_id).row.header == given

    def test_targets_that_nobody_wrote_are_a_damaged_log(
        self, log: SessionLog, place: LogPlace
    ) -> None:
        session_id = log.begin(header()).session_id
        run_sql(place, "UPDATE session SET targets = '{\"depth\": 3}'")
        with pytest.raises(StoreError, match="not a readable log"):
            log.session(session_id)

    def test_what_is_unknown_stays_unknown(self, log: SessionLog) -> None:
        bare = dataclasses.replace(
            header(),
            source=SourceRecord(SourceKind.WEBCAM, "camera 0"),
            mediapipe_version=None,
            model=None,
        )

        row = log.session(log.begin(bare).session_id).row

        assert row.header == bare
        assert (row.status, row.ended_at, row.tracking) == (SessionStatus.RUNNING, None, None)
        assert row.track_path is None
        assert row.counts == SessionCounts()

    def test_each_event_is_there_as_soon_as_it_is_recorded(
        self, log: SessionLog, place: LogPlace
    ) -> None:
        writer = log.begin(header())
        with SessionLog.open(place) as reader:
            events: tuple[Rep | Hold | TrackingLost, ...] = (COUNTED, HOLD, LOST)
            for number, logged in enumerate(events, start=1):
                writer.record(logged)
                assert len(reader.session(writer.session_id).events) == number

    def test_ticks_and_phases_are_not_kept(self, log: SessionLog) -> None:
        writer = log.begin(header())
        writer.record(RepTick(3500, 1, Side.LEFT))
        writer.record(PhaseChange(3500, Side.LEFT, Phase.PEAK))
        assert log.session(writer.session_id).events == ()

    def test_counts_follow_from_the_events(self, log: SessionLog) -> None:
        writer = log.begin(header())
        right = dataclasses.replace(COUNTED, side=Side.RIGHT, deviations=())
        rejected = dataclasses.replace(PARTIAL, status=RepStatus.REJECTED)
        cut_off = dataclasses.replace(PARTIAL, status=RepStatus.OPEN)
        for logged in (COUNTED, COUNTED, right, PARTIAL, rejected, rejected, cut_off, HOLD, HOLD):
            writer.record(logged)
        other = log.begin(header())
        other.record(dataclasses.replace(COUNTED, side=Side.BOTH))

        counts = {row.session_id: row.counts for row in log.sessions()}

        assert counts[writer.session_id] == SessionCounts(
            counted=3,
            partial=1,
            rejected=2,
            open=1,
            counted_left=2,
            counted_right=1,
            counted_both=0,
            flagged=2,
            holds=2,
            held_ms=57_000,
        )
        assert counts[other.session_id] == SessionCounts(counted=1, counted_both=1, flagged=1)

    @pytest.mark.parametrize("status", [SessionStatus.INTERRUPTED, SessionStatus.FAILED])
    def test_an_early_end_keeps_the_events_and_the_reason(
        self, log: SessionLog, status: SessionStatus
    ) -> None:
        writer = log.begin(header())
        writer.record(COUNTED)
        end = writer.interrupt if status is SessionStatus.INTERRUPTED else writer.fail
        end("2026-03-01T09:31:00Z", "clip\udcff.mp4: the file is cut off")

        detail = log.session(writer.session_id)

        assert detail.row.status is status
        assert detail.row.status_reason == r"clip\udcff.mp4: the file is cut off"
        assert detail.events == (COUNTED,)

    def test_deviations_keep_their_order_wherever_the_rows_lie(
        self, log: SessionLog, place: LogPlace
    ) -> None:
        writer = log.begin(header())
        writer.record(COUNTED)
        run_sql(place, "UPDATE deviation SET key = 100 - key")
        assert log.session(writer.session_id).events == (COUNTED,)

    def test_a_path_that_is_no_text_is_escaped(self, log: SessionLog) -> None:
        odd = dataclasses.replace(header(), source=SourceRecord(SourceKind.VIDEO, "a\udc80.mp4"))
        row = log.session(log.begin(odd).session_id).row
        assert row.header.source.path == r"a\udc80.mp4"

    def test_a_log_of_many_sessions_is_read_whole(
        self, log: SessionLog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hep_vision.store.queries._BATCH", 2)
        ids = []
        for _ in range(5):
            writer = log.begin(header())
            writer.record(COUNTED)
            ids.append(writer.session_id)
        assert [row.session_id for row in log.sessions()] == ids[::-1]
        assert [detail.row.session_id for detail in log.details()] == ids[::-1]
        assert [row.counts.counted for row in log.sessions()] == [1] * 5

    @pytest.mark.parametrize(
        ("value", "table"),
        [
            (COUNTED, StoredRep),
            (HOLD, StoredHold),
            (LOST, StoredTrackingLoss),
            (KNEES_IN, StoredDeviation),
        ],
        ids=lambda part: part.__name__ if isinstance(part, type) else "",
    )
    def test_no_field_of_an_event_lacks_its_column(self, value: object, table: type) -> None:
        fields = {field.name for field in dataclasses.fields(value)}  # type: ignore[arg-type]
        assert fields <= set(inspect(table).attrs.keys())


class TestTheSecondCountAndTheHand:
    @pytest.mark.parametrize("audit", [Audit(9, True), Audit(0, False)], ids=str)
    def test_a_second_count_stands_beside_the_first(self, log: SessionLog, audit: Audit) -> None:
        writer = log.begin(header())
        writer.record(COUNTED)
        writer.keep_audit(audit)

        row = log.session(writer.session_id).row

        assert row.audit == audit
        assert row.doubtful is audit.uncertain
        assert row.measured_count == row.counts.counted == 1
        assert log.sessions() == [row]

    def test_the_last_correction_holds_and_nothing_before_it_is_lost(self, log: SessionLog) -> None:
        writer = log.begin(header())
        writer.record(COUNTED)
        writer.keep_audit(Audit(9, True))
        other = log.begin(header())
        late = Correction(10, "2026-03-02T12:00:00+02:00", "the first was hidden")
        early = Correction(8, "2026-03-01T09:00:00Z")  # a clock that was set back

        log.correct(writer.session_id, late)
        row = log.correct(writer.session_id, early)

        assert row == log.session(writer.session_id).row
        assert row.corrections == (late, early)
        assert late.corrected_at == "2026-03-02T10:00:00.000Z"
        assert row.corrected_count == 8
        assert (row.measured_count, row.audit, row.doubtful) == (1, Audit(9, True), False)
        assert log.session(writer.session_id).events == (COUNTED,)
        assert log.session(other.session_id).row.corrected_count is None
        assert [found.corrections for found in log.sessions()] == [(), (late, early)]

    def test_a_session_is_corrected_by_the_beginning_of_its_id(self, log: SessionLog) -> None:
        log.begin(header(), "aaaa0000")
        log.begin(header(), "aaab0000")
        assert log.correct("aaab", Correction(0, "2026-03-02T12:00:00Z")).corrected_count == 0
        for wanted in ("x", "aaa"):
            with pytest.raises(StoreError, match="session begins with"):
                log.correct(wanted, Correction(1, "2026-03-02T12:00:00Z"))
        assert log.session("aaaa").row.corrections == ()

    def test_holds_are_what_is_corrected_where_holds_are_timed(self, log: SessionLog) -> None:
        writer = log.begin(header())
        writer.record(HOLD)
        row = log.correct(writer.session_id, Correction(2, "2026-03-02T12:00:00Z"))
        assert (row.measured_count, row.corrected_count) == (1, 2)

    def test_a_discarded_session_takes_its_corrections_along(
        self, log: SessionLog, place: LogPlace
    ) -> None:
        writer = log.begin(header())
        log.correct(writer.session_id, Correction(2, "2026-03-02T12:00:00Z"))
        writer.discard()
        assert run_sql(place, "SELECT count(*) FROM correction") == [(0,)]

    def test_what_cannot_be_a_correction_is_refused(self) -> None:
        with pytest.raises(ValueError, match="-1"):
            Correction(-1, "2026-03-02T12:00:00Z")
        with pytest.raises(ValueError, match="yesterday"):
            Correction(1, "yesterday")
        assert Correction(1, "2026-03-02T12:00:00Z", "").note is None


class TestFindingSessions:
    def test_newest_first_whatever_the_form_of_the_stamp(self, log: SessionLog) -> None:
        stamps = ("2026-03-01T09:30:00.5Z", "2026-03-01T11:30:00+02:00", "2026-03-01T09:30:01Z")
        ids = [log.begin(header(started_at=stamp)).session_id for stamp in stamps]
        assert [row.session_id for row in log.sessions()] == [ids[2], ids[0], ids[1]]

    def test_by_exercise_status_and_number(self, log: SessionLog) -> None:
        log.begin(header("squat")).finish("2026-03-01T09:31:00Z", TRACKING)
        running = log.begin(header("squat"))
        log.begin(header("heel_raise"))

        found = log.sessions(exercise_id="squat", status=SessionStatus.RUNNING)

        assert [row.session_id for row in found] == [running.session_id]
        assert len(log.sessions(exercise_id="squat")) == 2
        assert len(log.sessions(limit=1)) == 1
        assert [detail.row for detail in log.details(exercise_id="squat", limit=1)] == found

    def test_by_the_beginning_of_its_id(self, log: SessionLog) -> None:
        log.begin(header(), "aaaa0000")
        log.begin(header(), "aaab0000")
        assert log.session("aaab").row.session_id == "aaab0000"

    def test_a_whole_id_wins_over_longer_ones(self, log: SessionLog) -> None:
        log.begin(header(), "aaaa0000")
        for number in range(5):
            log.begin(header(), f"aaaa0000-{number}")
        assert log.session("aaaa0000").row.session_id == "aaaa0000"

    def test_none_says_which_is_the_newest(self, log: SessionLog) -> None:
        with pytest.raises(StoreError, match=r"No session 'x': the log is empty\."):
            log.session("x")
        log.begin(header(), "aaaa0000")
        with pytest.raises(StoreError, match="begins with 'x': the newest is aaaa0000"):
            log.session("x")

    @pytest.mark.parametrize("wild", ["%", "_aaa", "aa%"])
    def test_wildcards_are_plain_letters(self, log: SessionLog, wild: str) -> None:
        log.begin(header(), "aaaa0000")
        with pytest.raises(StoreError, match="No session begins with"):
            log.session(wild)

    def test_more_than_one_names_some(self, log: SessionLog) -> None:
        for number in range(5):
            log.begin(header(), f"aaaa000{number}")
        with pytest.raises(StoreError, match=r"aaaa0004, aaaa0003, aaaa0002, \.\.\.\.$"):
            log.session("aaaa")

    @pytest.mark.parametrize("unsafe", ["../../etc", "a/bcdefgh", "short", "-aaaaaaaa", "a" * 65])
    def test_an_id_that_is_no_file_name_is_refused(self, log: SessionLog, unsafe: str) -> None:
        with pytest.raises(ValueError, match="letters, digits and dashes"):
            log.begin(header(), unsafe)

    @pytest.mark.parametrize("stamp", ["2026-03-01T09:30:00", "yesterday"])
    def test_a_moment_without_its_zone_is_refused(self, stamp: str) -> None:
        with pytest.raises(ValueError, match=stamp):
            utc_stamp(stamp)


class TestTracks:
    def test_the_track_is_kept_beside_the_log(self, log: SessionLog, folder: Path) -> None:
        writer = log.begin(header())
        stamps_ms = np.array([0, 33, 67], dtype=np.int64)

        path = writer.keep_track(lambda target: np.savez_compressed(target, timestamp_ms=stamps_ms))

        assert path == folder / "tracks" / f"{writer.session_id}.npz" == writer.track_path
        assert log.session(writer.session_id).row.track_path == path
        with np.load(path) as track:
            np.testing.assert_array_equal(track["timestamp_ms"], stamps_ms)

    def test_a_track_that_fails_leaves_nothing(self, log: SessionLog) -> None:
        def disk_full(target: Path) -> None:
            target.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

        writer = log.begin(header())
        with pytest.raises(StoreError, match=r"the disk is full.*No space left"):
            writer.keep_track(disk_full)

        assert list(writer.track_path.parent.iterdir()) == []
        assert log.session(writer.session_id).row.track_path is None

    def test_discard_leaves_nothing(self, log: SessionLog, folder: Path, place: LogPlace) -> None:
        kept, dropped = log.begin(header()), log.begin(header())
        for writer in (kept, dropped):
            for logged in (COUNTED, HOLD, LOST):
                writer.record(logged)
            writer.keep_track(touched)

        dropped.discard()

        assert [row.session_id for row in log.sessions()] == [kept.session_id]
        assert list((folder / "tracks").iterdir()) == [kept.track_path]
        rows = {
            table: run_sql(place, f"SELECT count(*) FROM {table}")[0][0]
            for table in ("session", "rep", "hold", "tracking_loss", "deviation")
        }
        assert rows == {"session": 1, "rep": 1, "hold": 1, "tracking_loss": 1, "deviation": 3}


@pytest.fixture
def loose_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has these permissions")
@pytest.mark.usefixtures("loose_umask")
class TestPrivacy:
    def test_folder_log_and_tracks_are_the_owners_only(self, tmp_path: Path) -> None:
        folder = tmp_path / "new" / "data"
        with SessionLog.open(folder) as log:
            writer = log.begin(header())

            def replaced_by_the_writer(target: Path) -> None:
                target.unlink()
                target.write_bytes(b"track")

            writer.keep_track(replaced_by_the_writer)
            modes = {path.name: permissions(path) for path in folder.rglob("*")}

        assert permissions(folder) == 0o700
        assert modes == {
            DATABASE_NAME: 0o600,
            f"{DATABASE_NAME}-wal": 0o600,
            f"{DATABASE_NAME}-shm": 0o600,
            "tracks": 0o700,
            f"{writer.session_id}.npz": 0o600,
        }

    def test_an_empty_folder_is_tightened(self, tmp_path: Path) -> None:
        SessionLog.open(tmp_path).close()
        assert permissions(tmp_path) == 0o700

    @pytest.mark.parametrize("shared", ["used", "sticky"])
    def test_a_shared_folder_stays_shared_but_not_the_log(
        self, tmp_path: Path, shared: str
    ) -> None:
        folder = tmp_path / "shared"
        folder.mkdir()
        mode = 0o755 if shared == "used" else 0o1777
        folder.chmod(mode)
        if shared == "used":
            (folder / "other.txt").touch()

        SessionLog.open(folder).close()

        assert permissions(folder) == mode
        assert permissions(folder / DATABASE_NAME) == 0o600

    def test_a_log_that_others_could_read_is_closed_to_them(self, folder: Path) -> None:
        names = [DATABASE_NAME, f"{DATABASE_NAME}-wal", f"{DATABASE_NAME}-shm"]
        with SessionLog.open(folder):
            for name in names:
                (folder / name).chmod(0o644)
            SessionLog.open(folder).close()
            assert [permissions(folder / name) for name in names] == [0o600] * 3


class TestDataFolder:
    def test_the_option_wins_over_the_variable(self, tmp_path: Path) -> None:
        environ = {"HEP_VISION_DATA_DIR": str(tmp_path / "variable")}
        assert data_dir(tmp_path / "option", environ) == tmp_path / "option"
        assert data_dir(None, environ) == tmp_path / "variable"

    @pytest.mark.parametrize("environ", [{}, {"HEP_VISION_DATA_DIR": ""}])
    def test_the_platforms_own_is_the_default(self, environ: dict[str, str]) -> None:
        folder = data_dir(None, environ)
        assert folder.is_absolute()
        assert folder.name == "hep-vision"

    def test_a_relative_path_is_made_absolute(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert data_dir(Path("logs"), {}) == tmp_path / "logs"

    def test_home_is_expanded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        assert data_dir(Path("~/logs"), {}) == tmp_path / "logs"

    def test_an_unknown_home_is_named(self) -> None:
        with pytest.raises(StoreError, match="~nobody-of-this-name/x: no such home folder"):
            data_dir(Path("~nobody-of-this-name/x"), {})

    @pytest.mark.parametrize("name", ["100%", "a b", "x?mode=ro", "ä#1"])
    def test_any_name_will_do(self, tmp_path: Path, name: str) -> None:
        with SessionLog.open(tmp_path / name) as log:
            log.begin(header())
        assert (tmp_path / name / DATABASE_NAME).is_file()


def one_line(error: StoreError) -> str:
    message = str(error)
    assert "\n" not in message
    assert error.exit_code is ExitCode.STORE_UNUSABLE
    return message


class TestWhatGoesWrong:
    def test_a_file_where_the_folder_should_be(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        for folder in (tmp_path / "file", tmp_path / "file" / "deeper"):
            with pytest.raises(StoreError) as raised:
                SessionLog.open(folder)
            assert one_line(raised.value) == (
                f"{folder} is not a folder: choose another with --data-dir."
            )

    @pytest.mark.parametrize("mode", [0o500, 0o000])
    def test_a_folder_that_may_not_be_written(self, folder: Path, mode: int) -> None:
        folder.mkdir()
        (folder / "other.txt").touch()
        folder.chmod(mode)
        try:
            if os.access(folder, os.W_OK):
                pytest.skip("this user may write everywhere")
            with pytest.raises(StoreError) as raised:
                SessionLog.open(folder)
        finally:
            folder.chmod(0o700)
        assert "cannot be written: check the permissions" in one_line(raised.value)

    def test_a_log_that_may_not_be_written(self, folder: Path) -> None:
        SessionLog.open(folder).close()
        path = folder / DATABASE_NAME
        database = Database(SqliteFile(path, 0))

        def refuse(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA query_only = ON")

        event.listen(database.engine, "connect", refuse)
        database.engine.dispose()
        with pytest.raises(StoreError) as raised, database.writing() as session:
            session.execute(text("DELETE FROM session"))
        database.close()
        assert f"{path} cannot be written" in one_line(raised.value)

    def test_a_folder_where_the_file_should_be(self, folder: Path) -> None:
        (folder / DATABASE_NAME).mkdir(parents=True)
        with pytest.raises(StoreError) as raised:
            SessionLog.open(folder)
        assert f"{folder / DATABASE_NAME} cannot be written" in one_line(raised.value)

    @pytest.mark.parametrize(
        "content", [b"squat;10;2026\n" * 500, b"SQLite format 3\0" + b"?" * 5000]
    )
    def test_a_file_that_is_no_database(self, folder: Path, content: bytes) -> None:
        folder.mkdir()
        (folder / DATABASE_NAME).write_bytes(content)
        with pytest.raises(StoreError) as raised:
            SessionLog.open(folder)
        assert "is not a readable log: move it away" in one_line(raised.value)
        assert (folder / DATABASE_NAME).read_bytes() == content

    def test_a_damaged_page(self, folder: Path) -> None:
        with SessionLog.open(folder) as log:
            writer = log.begin(header())
            for _ in range(50):
                writer.record(COUNTED)
        path = folder / DATABASE_NAME
        content = bytearray(path.read_bytes())
        content[8192:] = b"\xff" * (len(content) - 8192)
        path.write_bytes(content)
        with pytest.raises(StoreError) as raised, SessionLog.open(folder) as log:
            list(log.details())
        assert "is not a readable log" in one_line(raised.value)

    def test_a_word_that_this_version_does_not_know(self, folder: Path) -> None:
        with SessionLog.open(folder) as log:
            log.begin(header())
            with contextlib.closing(sqlite3.connect(folder / DATABASE_NAME)) as raw, raw:
                raw.execute("UPDATE session SET status = 'paused'")
            with pytest.raises(StoreError) as raised:
                log.sessions()
        assert "is not a readable log" in one_line(raised.value)

    def test_the_database_of_another_program(self, folder: Path) -> None:
        folder.mkdir()
        with contextlib.closing(sqlite3.connect(folder / DATABASE_NAME)) as raw:
            raw.execute("CREATE TABLE bookmarks (url TEXT)")
        with pytest.raises(StoreError, match="the database of another program"):
            SessionLog.open(folder)

    def test_a_log_of_a_newer_version_is_left_alone(self, folder: Path) -> None:
        with SessionLog.open(folder) as log:
            log.begin(header())
        with contextlib.closing(sqlite3.connect(folder / DATABASE_NAME)) as raw, raw:
            raw.execute("UPDATE alembic_version SET version_num = '0099'")
        before = (folder / DATABASE_NAME).read_bytes()

        with pytest.raises(SchemaTooNewError) as raised:
            SessionLog.open(folder)

        assert "newer hep-vision (log 0099" in one_line(raised.value)
        assert (folder / DATABASE_NAME).read_bytes() == before

    def test_a_log_that_another_program_keeps_locked(self, folder: Path) -> None:
        with SessionLog.open(folder, busy_timeout_ms=0) as log:
            writer = log.begin(header())
            other = sqlite3.connect(folder / DATABASE_NAME, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError) as raised:
                writer.record(COUNTED)
            other.execute("ROLLBACK")
            other.close()
            assert "is in use by another program" in one_line(raised.value)

            writer.record(COUNTED)
            assert log.session(writer.session_id).events == (COUNTED,)

    def test_a_new_log_that_another_program_keeps_locked(self, folder: Path) -> None:
        folder.mkdir()
        other = sqlite3.connect(folder / DATABASE_NAME, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError) as raised:
            SessionLog.open(folder, busy_timeout_ms=0)
        other.close()
        assert "is in use by another program" in one_line(raised.value)

    def test_a_writer_queues_before_it_reads_what_it_will_change(self, folder: Path) -> None:
        path = folder / DATABASE_NAME
        first, second = Database(SqliteFile(path, 0)), Database(SqliteFile(path, 0))
        with first.writing() as at_work:
            at_work.scalars(select(StoredSession)).all()
            with pytest.raises(StoreError, match="in use"), second.writing() as session:
                session.scalars(select(StoredSession)).all()
            with second.reading() as session:  # a reader is never kept waiting
                assert session.scalars(select(StoredSession)).all() == []
        first.close()
        second.close()

    def test_two_that_create_the_log_at_once_wait_for_each_other(self, tmp_path: Path) -> None:
        class Second(sqlite3.Connection):
            refused = 0

            def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
                if sql == "PRAGMA journal_mode = WAL" and self.refused < 2:
                    self.refused += 1
                    error = sqlite3.OperationalError("database is locked")
                    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
                    raise error
                return super().execute(sql, *parameters)  # type: ignore[arg-type]

        connection = Second(tmp_path / "log.sqlite3", isolation_level=None)
        use_write_ahead_log(connection)
        assert connection.refused == 2
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert not connection.in_transaction
        connection.close()

    def test_a_log_of_a_version_that_never_was(self, folder: Path) -> None:
        SessionLog.open(folder).close()
        with contextlib.closing(sqlite3.connect(folder / DATABASE_NAME)) as raw, raw:
            raw.execute("UPDATE alembic_version SET version_num = '0000'")
        with pytest.raises(StoreError) as raised:
            SessionLog.open(folder)
        assert "is not a readable log" in one_line(raised.value)

    def test_a_full_disk_loses_only_what_did_not_fit(self, folder: Path) -> None:
        SessionLog.open(folder).close()

        def no_more_pages(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA max_page_count = 1")  # SQLite takes it as the present size

        recorded = 0
        event.listen(Engine, "connect", no_more_pages)
        try:
            with SessionLog.open(folder) as log:
                writer = log.begin(header())
                with pytest.raises(StoreError) as raised:  # noqa: PT012 - which one is not known
                    for _ in range(1000):
                        writer.record(COUNTED)
                        recorded += 1
        finally:
            event.remove(Engine, "connect", no_more_pages)

        assert "the disk is full: free some space" in one_line(raised.value)
        assert 0 < recorded < 1000
        with SessionLog.open(folder) as log:
            assert log.session(writer.session_id).events == (COUNTED,) * recorded

    def test_an_id_that_is_taken(self, log: SessionLog) -> None:
        log.begin(header(), "aaaa0000")
        with pytest.raises(StoreError, match="refused an entry"):
            log.begin(header(), "aaaa0000")
