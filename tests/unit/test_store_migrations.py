"""A log of any age ends up with the tables that the code expects."""

import contextlib
import dataclasses
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect

import hep_vision.store.database as database_module
from hep_vision.core.personal import PersonalRange, SignalRange
from hep_vision.core.targets import Targets
from hep_vision.core.types import Hold, RepStatus, Side, TrackingLost, View
from hep_vision.errors import StoreError
from hep_vision.store.locations import DATABASE_NAME
from hep_vision.store.records import (
    Correction,
    MessageReading,
    SessionHeader,
    SessionStatus,
    SourceKind,
    SourceRecord,
)
from hep_vision.store.review_records import Finding, Verdict
from hep_vision.store.schema import SCHEMA_REVISION, Base
from hep_vision.store.sessions import SessionLog

MIGRATIONS = Path(database_module.__file__).with_name("migrations")


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def described(engine: Engine) -> dict[str, Any]:
    """Return all that can be read off the tables, without the order of their columns."""
    seen = inspect(engine)

    def in_order(parts: list[Any]) -> list[str]:
        return sorted(str(sorted(part.items())) for part in parts)

    return {
        table: {
            "columns": in_order(
                [column | {"type": str(column["type"])} for column in seen.get_columns(table)]
            ),
            "primary key": seen.get_pk_constraint(table),
            "foreign keys": in_order(seen.get_foreign_keys(table)),
            "unique": in_order(seen.get_unique_constraints(table)),
            "checks": in_order(seen.get_check_constraints(table)),
            "indexes": in_order(seen.get_indexes(table)),
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def test_an_empty_log_becomes_the_schema_of_the_code(tmp_path: Path) -> None:
    SessionLog.open(tmp_path / "log").close()
    migrated = create_engine(f"sqlite:///{tmp_path / 'log' / DATABASE_NAME}")
    declared = create_engine(f"sqlite:///{tmp_path / 'declared.sqlite3'}")
    Base.metadata.create_all(declared)

    assert described(migrated) == described(declared)
    assert described(migrated).keys() == Base.metadata.tables.keys()
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == SCHEMA_REVISION
    migrated.dispose()
    declared.dispose()


def test_revisions_are_numbered_in_one_line_up_to_that_of_the_code() -> None:
    newest_first = [script.revision for script in scripts().walk_revisions()]
    numbers = [f"{number:04d}" for number in range(len(newest_first), 0, -1)]
    assert newest_first == numbers
    assert newest_first[0] == SCHEMA_REVISION


NEXT_REVISION = f"{int(SCHEMA_REVISION) + 1:04d}"
NEXT = f"""
import sqlalchemy as sa
from alembic import op

revision = "{NEXT_REVISION}"
down_revision = "{SCHEMA_REVISION}"

def upgrade():
    with op.batch_alter_table("session", recreate="always") as session:
        session.alter_column("exercise_id", new_column_name="exercise_name")
"""


def write_log(folder: Path) -> None:
    source = SourceRecord(SourceKind.VIDEO, "squats.mp4")
    header = SessionHeader("squat", 1, Side.BOTH, source, "2026-03-01T09:30:00Z", "0.1.0")
    with SessionLog.open(folder) as log:
        log.begin(header).record(TrackingLost(1, 2))


def install(script: str, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the store one of a later version, which has ``script`` as one more revision."""
    shutil.copytree(MIGRATIONS, package / "migrations", ignore=shutil.ignore_patterns("*.pyc"))
    (package / "migrations" / "versions" / f"v{NEXT_REVISION}.py").write_text(script)
    monkeypatch.setattr(database_module, "__file__", str(package / "database.py"))
    monkeypatch.setattr(database_module, "SCHEMA_REVISION", NEXT_REVISION)


def test_rebuilding_a_table_keeps_what_belongs_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(tmp_path / "log")
    install(NEXT, tmp_path / "later", monkeypatch)

    SessionLog.open(tmp_path / "log").close()

    with contextlib.closing(sqlite3.connect(tmp_path / "log" / DATABASE_NAME)) as raw:
        assert raw.execute("SELECT exercise_name FROM session").fetchall() == [("squat",)]
        assert raw.execute("SELECT start_ms FROM tracking_loss").fetchall() == [(1,)]
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (NEXT_REVISION,)
        ]


@pytest.mark.parametrize(
    "ending",
    [
        "    op.execute('INSERT INTO nowhere VALUES (1)')",
        "    op.execute('DELETE FROM session')",
    ],
    ids=["fails", "orphans events"],
)
def test_an_upgrade_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    write_log(tmp_path / "log")
    install(f"{NEXT}{ending}\n", tmp_path / "later", monkeypatch)

    with pytest.raises(StoreError) as raised:
        SessionLog.open(tmp_path / "log")

    assert "\n" not in str(raised.value)
    with contextlib.closing(sqlite3.connect(tmp_path / "log" / DATABASE_NAME)) as raw:
        assert raw.execute("SELECT exercise_id FROM session").fetchall() == [("squat",)]
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (SCHEMA_REVISION,)
        ]


def log_of_revision(revision: str, folder: Path, *rows: str) -> None:
    """Write a log as it was when ``revision`` was the newest, with ``rows`` in it."""
    folder.mkdir()
    engine = create_engine(f"sqlite:///{folder / DATABASE_NAME}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for row in rows:
            connection.exec_driver_sql(row)
    engine.dispose()


FIRST_SESSION = """
INSERT INTO session (key, id, exercise_id, exercise_revision, side, source_kind, source_path,
    hep_vision_version, schema_revision, started_at, ended_at, status, frame_count, detected_ratio,
    view, view_ok, track_file)
VALUES (1, 'aaaa0000', 'squat', 1, 'both', 'video', 'squats.mp4', '0.1.0', '0001',
    '2026-03-01T09:30:00.000Z', '2026-03-01T09:31:00.000Z', 'finished', 370, 1.0, 'side', 1,
    'tracks/aaaa0000.npz')
"""
FIRST_REP = """
INSERT INTO rep (key, session_key, ordinal, start_ms, end_ms, number, side, peak_ms, status,
    peak_deg, concentric_ms, eccentric_ms, hold_ms, not_checked)
VALUES (1, 1, 0, 2500, 4300, 1, 'both', 3500, 'counted', 104.2, 900, 900, 0, '["knees_in"]')
"""
FIRST_DEVIATION = """
INSERT INTO deviation (rep_key, ordinal, check_id, number, side, severity, start_ms, end_ms, value,
    threshold, unit, cue)
VALUES (1, 0, 'trunk_lean', 1, 'both', 'warn', 3200, 3900, 66.0, 55.0, 'deg', 'Chest up.')
"""


def test_a_log_of_the_first_version_keeps_all_it_held_and_can_be_corrected(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    log_of_revision("0001", folder, FIRST_SESSION, FIRST_REP, FIRST_DEVIATION)

    with SessionLog.open(folder) as log:
        before = log.session("aaaa0000")
        log.correct("aaaa0000", Correction(2, "2026-03-02T10:00:00Z"))
        after = log.session("aaaa0000")

    (rep,) = before.reps
    assert (rep.status, rep.start_ms, rep.peak_deg) == (RepStatus.COUNTED, 2500, 104.2)
    assert rep.not_checked == ("knees_in",)
    assert [deviation.id for deviation in rep.deviations] == ["trunk_lean"]
    assert before.row.track_path == folder / "tracks" / "aaaa0000.npz"
    assert (before.row.audit, before.row.corrections) == (None, ())
    assert (before.row.header.targets, before.row.header.personal) == (None, None)
    assert after.events == before.events
    assert after.row.corrected_count == 2


THIRD_SESSIONS = """
INSERT INTO session (key, id, exercise_id, exercise_revision, side, source_kind, source_path,
    hep_vision_version, schema_revision, started_at, status, recount, uncertain, targets,
    personal_range)
VALUES (2, 'bbbb0000', 'squat', 1, 'left', 'webcam', 'camera 0', '0.2.0', '0003',
    '2026-03-02T09:30:00.000Z', 'running', 4, 1, '{targets}', '{personal}'),
    (3, 'cccc0000', 'squat', 1, 'left', 'webcam', 'camera 0', '0.2.0', '0003',
    '2026-03-03T09:30:00.000Z', 'failed', NULL, NULL, NULL, NULL)
"""
THIRD_ROWS = (
    "INSERT INTO correction VALUES (1, 2, 5, 'from the video', '2026-03-02T10:00:00.000Z')",
    "INSERT INTO hold VALUES (1, 2, 0, 0, 30000, 1, 'both', 28500, '[]')",
    "INSERT INTO tracking_loss VALUES (1, 2, 1, 30000, 31000)",
)


def test_sessions_from_before_there_were_sittings_stand_alone_and_lose_nothing(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "log"
    targets = Targets(70.0, 20.0, 85.5, 4_000, Side.LEFT, "knee_flexion")
    usual = SignalRange("hip_bend", View.SIDE, Side.BOTH, 93.25)
    personal = PersonalRange((usual,), "calibration first.mp4")
    sessions = THIRD_SESSIONS.format(
        targets=json.dumps(targets.to_plain()), personal=json.dumps(personal.to_plain())
    )
    log_of_revision(
        "0003", folder, FIRST_SESSION, FIRST_REP, FIRST_DEVIATION, sessions, *THIRD_ROWS
    )

    with SessionLog.open(folder) as log:
        failed, second, first = log.details()
        sitting = log.sittings.begin({"name": "knee"}, "2026-03-04T09:30:00Z", "0.3.0")
        log.begin(
            dataclasses.replace(second.row.header, sitting_id=sitting.sitting_id, set_number=1)
        )
        log.sittings.resume(sitting.sitting_id)
        (one,) = log.sittings.rows()
        untouched = [log.session(each.row.session_id) for each in (failed, second, first)]

    assert untouched == [failed, second, first]
    assert [each.session.status for each in one.sets] == [SessionStatus.INTERRUPTED]
    assert [each.row.session_id for each in untouched] == ["cccc0000", "bbbb0000", "aaaa0000"]
    assert {(each.row.header.sitting_id, each.row.header.set_number) for each in untouched} == {
        (None, None)
    }
    assert [each.row.status for each in untouched] == [
        SessionStatus.FAILED,
        SessionStatus.RUNNING,
        SessionStatus.FINISHED,
    ]
    assert (second.row.header.targets, second.row.header.personal) == (targets, personal)
    assert second.row.corrections == (Correction(5, "2026-03-02T10:00:00Z", "from the video"),)
    assert [type(event) for event in second.events] == [Hold, TrackingLost]
    assert [len(rep.deviations) for rep in first.reps] == [1]


def test_sittings_of_an_older_log_were_done_by_no_program(tmp_path: Path) -> None:
    folder = tmp_path / "older"
    log_of_revision(
        "0004",
        folder,
        "INSERT INTO sitting (key, id, started_at, status, plan, hep_vision_version) VALUES "
        "(1, 'aaaa', '2026-03-02T08:00:00.000Z', 'finished', '{}', '0.1.0')",
        "INSERT INTO self_report VALUES (1, 1, NULL, 'pain_before', 2, '2026-03-02T08:00:00.000Z')",
    )
    with SessionLog.open(folder) as log:
        (row,) = log.sittings.rows()
        assert (row.sitting_id, row.program, len(row.reports)) == ("aaaa", None, 1)
        assert log.programs.newest() == []


def test_an_older_log_keeps_what_it_held_and_takes_clips_and_verdicts(tmp_path: Path) -> None:
    folder = tmp_path / "older"
    log_of_revision(
        "0006",
        folder,
        FIRST_SESSION,
        FIRST_REP,
        FIRST_DEVIATION,
        "INSERT INTO told_milestone VALUES (1, 'p', 'ten_days', '2026-03-02T08:00:00.000Z')",
    )
    verdict = Verdict(0, "trunk_lean", Finding.CONFIRMED, "2026-03-02T10:00:00Z")
    with SessionLog.open(folder) as log:
        (detail,) = log.details()
        assert [len(rep.deviations) for rep in detail.reps] == [1]
        assert log.clips.rows() == []
        log.verdicts.decide("aaaa0000", verdict)
        assert log.verdicts.of_session("aaaa0000") == [verdict]
    with contextlib.closing(sqlite3.connect(folder / DATABASE_NAME)) as raw:
        assert raw.execute("SELECT milestone FROM told_milestone").fetchall() == [("ten_days",)]


def test_messages_of_an_older_log_were_read_by_nobody_and_can_be(tmp_path: Path) -> None:
    folder = tmp_path / "older"
    log_of_revision(
        "0007",
        folder,
        "INSERT INTO sitting (key, id, started_at, status, plan, message, hep_vision_version) "
        "VALUES (1, 'aaaa', '2026-03-02T08:00:00.000Z', 'finished', '{}', 'It clicks.', '0.1.0')",
    )
    with SessionLog.open(folder) as log:
        (before,) = log.sittings.rows()
        assert (before.message, before.reading) == ("It clicks.", None)
        reading = MessageReading("2026-03-03T08:00:00Z", "C. D.")
        assert log.sittings.mark_read("aaaa", reading).reading == reading
