"""A log on a server says plainly what is wrong with it, and never its password."""

import contextlib
import logging
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from hep_vision.app.doctor import examine
from hep_vision.core.types import Side
from hep_vision.errors import ExitCode, SchemaTooNewError, StoreError
from hep_vision.store.database import Database
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import SessionHeader, SourceKind, SourceRecord
from hep_vision.store.schema import Base, StoredProgramVersion
from hep_vision.store.selection import Selection
from hep_vision.store.sessions import SessionLog
from logged import counted_rep
from practised import enter_program
from servers import PASSWORD, Places, Server, run_sql

SECRET = "open-sesame"
COUNTED = counted_rep(1)
HEADER = SessionHeader(
    "squat", 1, Side.BOTH, SourceRecord(SourceKind.WEBCAM, "0"), "2026-03-01T09:30:00Z", "0.1.0"
)


@pytest.fixture
def server(postgres_places: Places) -> Server:
    return postgres_places.server


@pytest.fixture
def empty(server: Server, tmp_path: Path) -> Iterator[LogPlace]:
    """A database in which there is nothing yet."""
    name = server.database()
    yield LogPlace(tmp_path / "data", server.url(name))
    with server.admin() as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def refused(place: LogPlace, *, busy_timeout_ms: int = 1000) -> str:
    """Return the line that opening a log ends with."""
    with pytest.raises(StoreError) as raised:
        SessionLog.open(place, busy_timeout_ms=busy_timeout_ms)
    return plain(raised.value)


def plain(error: StoreError) -> str:
    """Return the message, in one line, once no part of the error holds a password."""
    told = "".join(traceback.format_exception(error))
    assert not any(secret in told for secret in (PASSWORD, SECRET, "not%2Fa%3Asecret"))
    assert "\n" not in str(error)
    assert error.exit_code is ExitCode.STORE_UNUSABLE
    return str(error)


class TestTheUrl:
    @pytest.mark.parametrize(
        "url",
        [
            f"mysql://anna:{SECRET}@host/clinic",
            f"{SECRET}",
            f"postgresql://anna:{SECRET}@host:port/clinic",
            f"postgresql://anna:{SECRET}@host",
            f"postgresql://anna:p@{SECRET}@host/clinic",
            f"postgresql://anna:p@x/{SECRET}@host/clinic",
            "sqlite:///log.sqlite3",
        ],
    )
    def test_what_cannot_be_one_is_told_without_its_password(
        self, tmp_path: Path, url: str
    ) -> None:
        told = refused(LogPlace(tmp_path, url))
        assert told.startswith("--database: ")
        assert "host/database" in told

    def test_a_place_does_not_show_it(self, tmp_path: Path) -> None:
        assert SECRET not in repr(LogPlace(tmp_path, f"postgresql://anna:{SECRET}@host/clinic"))

    def test_without_the_driver_it_says_how_to_get_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "psycopg", None)
        told = refused(LogPlace(tmp_path, f"postgresql://anna:{SECRET}@host/clinic"))
        assert "pip install 'hep-vision[postgres]'" in told


class TestNotConnected:
    def test_nobody_listens(self, tmp_path: Path) -> None:
        url = f"postgresql://anna:{SECRET}@/clinic?host={tmp_path}"
        told = refused(LogPlace(tmp_path, url))
        assert "postgresql://anna@/clinic cannot be reached: check that the server runs" in told

    def test_a_wrong_password(self, server: Server, tmp_path: Path) -> None:
        told = refused(LogPlace(tmp_path, server.url("postgres", password=SECRET)))
        assert "does not take this user and password" in told

    def test_a_user_that_is_none(self, server: Server, tmp_path: Path) -> None:
        told = refused(LogPlace(tmp_path, server.url("postgres", user="nobody_here")))
        assert "does not take this user and password" in told

    def test_a_database_that_is_not_there(self, server: Server, tmp_path: Path) -> None:
        told = refused(LogPlace(tmp_path, server.url("nowhere")))
        assert "is not there: create it on the server with createdb" in told

    def test_a_database_that_does_not_keep_all_text(self, server: Server, tmp_path: Path) -> None:
        name = server.database("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
        told = refused(LogPlace(tmp_path, server.url(name)))
        assert "does not keep text in UTF-8" in told


class TestNoLog:
    def test_the_database_of_another_program(self, empty: LogPlace) -> None:
        run_sql(empty, "CREATE TABLE bookmarks (url text)")
        assert "it is the database of another program" in refused(empty)

    def test_the_database_of_another_program_that_migrates_likewise(self, empty: LogPlace) -> None:
        run_sql(empty, "CREATE TABLE alembic_version AS SELECT 'ae1027a6acf1' AS version_num")
        assert "it is the database of another program" in refused(empty)

    def test_a_log_of_a_newer_version(self, empty: LogPlace) -> None:
        SessionLog.open(empty).close()
        run_sql(empty, "UPDATE alembic_version SET version_num = '0099'")
        with pytest.raises(SchemaTooNewError, match=r"newer hep-vision \(log 0099") as raised:
            SessionLog.open(empty)
        assert "--database" in plain(raised.value)

    def test_a_table_that_was_dropped(self, empty: LogPlace) -> None:
        with SessionLog.open(empty) as log:
            run_sql(empty, "DROP TABLE told_milestone")
            with pytest.raises(StoreError, match="is not a readable log") as raised:
                log.programs.tell("some", ["streak"], "2026-03-01T00:00:00Z")
        plain(raised.value)


class TestRights:
    def test_a_user_who_may_not_create_tables(self, server: Server, tmp_path: Path) -> None:
        name = server.database()
        with server.admin(name) as admin:
            admin.execute("ALTER SCHEMA public OWNER TO admin")
            admin.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
            admin.execute("GRANT USAGE ON SCHEMA public TO clinic")
        assert "does not let this user do that" in refused(LogPlace(tmp_path, server.url(name)))

    def test_who_may_only_read_reads_and_is_told_so_when_writing(
        self, postgres_place: LogPlace
    ) -> None:
        assert postgres_place.url is not None
        with SessionLog.open(postgres_place) as log:
            session_id = log.begin(HEADER).session_id
        only_reads = f"{postgres_place.url}&options=-c%20default_transaction_read_only%3Don"
        with SessionLog.open(LogPlace(postgres_place.folder, only_reads)) as log:
            assert log.session(session_id).row.header == HEADER
            with pytest.raises(StoreError, match="may only be read") as raised:
                log.begin(HEADER)
        plain(raised.value)


def backends(server: Server, place: LogPlace) -> None:
    """End every connection to a database, as a restart of the server does."""
    assert place.url is not None
    name = place.url.rpartition("?")[0].rpartition("/")[2]
    with server.admin() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )


class TestConnectionLost:
    def test_in_the_middle_of_a_transaction_nothing_of_it_is_kept(
        self, server: Server, postgres_place: LogPlace
    ) -> None:
        database = Database.at(postgres_place, 1000)

        def interrupted() -> None:
            with database.writing() as session:
                session.execute(text("INSERT INTO told_milestone VALUES (1, 'a', 'b', 'c')"))
                backends(server, postgres_place)
                session.execute(text("INSERT INTO told_milestone VALUES (2, 'a', 'c', 'c')"))

        with pytest.raises(StoreError) as raised:
            interrupted()
        assert "broke the connection off" in plain(raised.value)
        database.close()
        assert run_sql(postgres_place, "SELECT count(*) FROM told_milestone") == [(0,)]

    def test_between_two_the_log_connects_again(
        self, server: Server, postgres_place: LogPlace
    ) -> None:
        with SessionLog.open(postgres_place) as log:
            writer = log.begin(HEADER)
            backends(server, postgres_place)
            writer.record(COUNTED)
            assert log.session(writer.session_id).events == (COUNTED,)


class TestAtOnce:
    def test_a_writer_queues_before_it_reads_what_it_will_change(
        self, postgres_place: LogPlace
    ) -> None:
        first, second = (Database.at(postgres_place, 50) for _ in range(2))
        with first.writing() as at_work:
            at_work.scalars(select(StoredProgramVersion)).all()
            with pytest.raises(StoreError, match="in use by another"), second.writing() as session:
                session.scalars(select(StoredProgramVersion)).all()
            with second.reading() as session:  # a reader is never kept waiting
                assert session.scalars(select(StoredProgramVersion)).all() == []
        first.close()
        second.close()

    def test_a_reader_sees_one_state_while_others_write(self, postgres_place: LogPlace) -> None:
        database = Database.at(postgres_place, 1000)
        with SessionLog.open(postgres_place) as log, database.reading() as session:
            count = text("SELECT count(*) FROM session")
            before = session.scalar(count)
            log.begin(HEADER)
            assert session.scalar(count) == before == 0
        database.close()

    def test_two_that_enter_a_program_at_once_number_its_versions(
        self, postgres_place: LogPlace
    ) -> None:
        count, begun = 6, threading.Barrier(2)
        with SessionLog.open(postgres_place) as log:
            program_id = enter_program(log).program_id

        def enter(who: int) -> None:
            with SessionLog.open(postgres_place) as log:
                begun.wait()
                for number in range(count):
                    plan, at = f"plan {who} {number}", f"2030-01-01T00:{number:02}:0{who}Z"
                    with contextlib.suppress(StoreError):  # the other's is from a later moment
                        log.programs.enter(plan, "A. B.", at, program_id)

        both = [threading.Thread(target=enter, args=(who,)) for who in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        with SessionLog.open(postgres_place) as log:
            versions = log.programs.versions(program_id)
        assert [one.ref.number for one in versions] == list(range(1, len(versions) + 1))
        assert len(versions) > count
        assert [one.valid_from for one in versions] == sorted(one.valid_from for one in versions)

    def test_processes_that_create_the_log_at_once_wait_for_each_other(
        self, empty: LogPlace
    ) -> None:
        script = (
            "import sys; from pathlib import Path; from hep_vision.store.locations import LogPlace;"
            "from hep_vision.store.sessions import SessionLog;"
            "SessionLog.open(LogPlace(Path(sys.argv[1]), sys.argv[2])).close()"
        )
        assert empty.url is not None
        command = [sys.executable, "-c", script, str(empty.folder), empty.url]
        both = [subprocess.Popen(command, env={"PYTHONPATH": ":".join(sys.path)}) for _ in range(2)]
        assert [one.wait() for one in both] == [0, 0]
        with SessionLog.open(empty) as log:
            assert log.sessions() == []

    def test_a_schema_change_that_was_called_off_is_repeated(
        self, empty: LogPlace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import hep_vision.store.database as database_module
        from hep_vision.store.backend import Backend

        upgrade, calls = database_module._upgrade, []

        def called_off_once(backend: Backend) -> None:
            calls.append(backend)
            if len(calls) == 1:
                with backend.migrating() as connection:
                    connection.execute(text("CREATE TABLE half (key integer)"))
                    connection.execute(text("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$"))
            upgrade(backend)

        monkeypatch.setattr(database_module, "_upgrade", called_off_once)
        SessionLog.open(empty).close()
        assert len(calls) == 2
        assert run_sql(empty, "SELECT to_regclass('half') IS NULL") == [(True,)]


class TestTheSame:
    def test_the_schema_is_that_of_the_code(self, empty: LogPlace) -> None:
        SessionLog.open(empty).close()
        database = Database.at(empty, 1000)
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
        database.close()

    def test_text_is_compared_by_its_characters(self, postgres_place: LogPlace) -> None:
        assert run_sql(
            postgres_place,
            "SELECT count(*) FILTER (WHERE collation_name IS DISTINCT FROM 'C') "
            "FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type = 'character varying' AND table_name <> 'alembic_version'",
        ) == [(0,)]

    def test_a_character_that_no_server_keeps_is_replaced(self, postgres_place: LogPlace) -> None:
        odd = replace(HEADER, source=SourceRecord(SourceKind.VIDEO, "a\0b.mp4"))
        with SessionLog.open(postgres_place) as log:
            writer = log.begin(odd)
            assert log.session(writer.session_id).row.header.source.path == "a\ufffdb.mp4"
            with pytest.raises(StoreError, match="No session begins"):
                log.session("a\0b")


def test_the_password_is_nowhere(
    server: Server,
    postgres_place: LogPlace,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not in a database's name, not in doctor, not in anything that is logged on the way."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("hep_vision.app.doctor.list_cameras", lambda _: [])
    monkeypatch.setattr("hep_vision.app.doctor._speed", lambda _: "")
    with SessionLog.open(postgres_place) as log:
        log.begin(HEADER).record(COUNTED)
        assert log.count_chosen(Selection()) == 1
        told = [log.database_name, repr(log.place), str(log.session(log.sessions()[0].session_id))]
    told += [finding.result for finding in examine(postgres_place)]
    assert any(line.startswith("postgresql://clinic@/") and "1 sessions" in line for line in told)
    everything = "\n".join([*told, caplog.text, *capfd.readouterr()])
    assert PASSWORD not in everything
    assert "not%2F" not in everything
