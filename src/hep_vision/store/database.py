"""One SQLite file: opened safely, brought up to date, read and written in transactions.

The only place that meets the exceptions of SQLAlchemy and sqlite3; they leave as `StoreError`.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hep_vision.errors import SchemaTooNewError, StoreError
from hep_vision.store.locations import close_to_others, make_private_file, make_private_folder
from hep_vision.store.schema import SCHEMA_REVISION

_SWITCH_ATTEMPTS: Final = 20
_ELSEWHERE: Final = "or choose another folder with --data-dir"
_DAMAGED: Final = (
    f"is not a readable log: move it away to start a new one, put a backup back, {_ELSEWHERE}"
)
_REFUSED: Final = f"cannot be written: check the permissions of its folder, {_ELSEWHERE}"
_FAULT: Final = "refused an entry, which is a fault of hep-vision: please report it"
_FULL: Final = f"cannot grow, the disk is full: free some space, {_ELSEWHERE}"
_EXPLANATIONS: Final = {
    sqlite3.SQLITE_BUSY: "is in use by another program: close that and try again",
    sqlite3.SQLITE_LOCKED: "is in use by another program: close that and try again",
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _REFUSED,
    sqlite3.SQLITE_CANTOPEN: _REFUSED,
    sqlite3.SQLITE_PERM: _REFUSED,
    sqlite3.SQLITE_AUTH: _REFUSED,
    sqlite3.SQLITE_IOERR: f"cannot be read or written: check the disk, {_ELSEWHERE}",
    sqlite3.SQLITE_ERROR: _DAMAGED,  # no such table or column
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}


class Database:
    """An open log file; `close` it after use.

    Raises:
        StoreError: The file cannot be opened, is no log, is damaged or stays locked.
        SchemaTooNewError: A newer version of this program wrote it.
    """

    def __init__(self, path: Path, busy_timeout_ms: int) -> None:
        self._path = path
        with store_errors(path):
            make_private_folder(path.parent)
            make_private_file(path)  # SQLite gives those beside it the same mode
            for suffix in ("-wal", "-shm"):
                close_to_others(path.with_name(path.name + suffix))
        self._engine = _engine(path, busy_timeout_ms, foreign_keys=True)
        try:
            with store_errors(path):
                with self._engine.connect() as connection:
                    revision = _revision(connection, path)
                if revision != SCHEMA_REVISION:
                    _upgrade(path, busy_timeout_ms)
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; the last one to do so folds the write-ahead log into it."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read one consistent state, however much others write meanwhile."""
        with store_errors(self._path), Session(self._engine) as session:
            try:
                yield session
            except (LookupError, ValueError) as error:  # a stored word that no enum knows
                raise StoreError(f"{self._path} {_DAMAGED}.") from error

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Write in one transaction: it is on the disk when the block ends, or nothing is."""
        engine = self._engine.execution_options(transaction="IMMEDIATE")
        with store_errors(self._path), Session(engine) as session, session.begin():
            yield session


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Raise `StoreError`, one line about ``path``, for what SQLite or the system refuses."""
    try:
        yield
    except DBAPIError as error:
        # Extended codes carry the plain one in their low byte.
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        detail = " ".join(str(error.orig).split())
        raise StoreError(f"{path} {_EXPLANATIONS.get(code, _FAULT)} ({detail}).") from error
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(
            f"{path.parent} is not a folder: choose another with --data-dir."
        ) from error
    except OSError as error:
        explanation = _FULL if error.errno == errno.ENOSPC else _REFUSED
        raise StoreError(f"{path} {explanation} ({error.strerror}).") from error


def _engine(path: Path, busy_timeout_ms: int, *, foreign_keys: bool) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": busy_timeout_ms / 1000},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # no BEGIN but those of the listener below
        use_write_ahead_log(connection)
        connection.execute("PRAGMA synchronous = FULL")  # a repetition outlives a power cut too
        connection.execute(f"PRAGMA foreign_keys = {foreign_keys:d}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its place in the queue at once: turning from reader to writer later
        # fails without waiting whenever another process wrote in between.
        options: dict[str, Any] = dict(connection.get_execution_options())
        connection.exec_driver_sql(f"BEGIN {options.get('transaction', 'DEFERRED')}")

    return engine


def use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch the file once and for all; a file system that cannot keep one stays as it is."""
    for attempts_left in reversed(range(_SWITCH_ATTEMPTS)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not attempts_left:
                raise
        # Two that switch a new file at once do not wait for each other, but a writer does.
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")


def _revision(connection: Connection, path: Path) -> str | None:
    """Return the revision of the log, None for an empty file."""
    tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars())
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise StoreError(f"{path} {_DAMAGED} (it is the database of another program).")
    versions = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
    revision = str(versions.first())
    if revision > SCHEMA_REVISION:
        raise SchemaTooNewError(
            f"{path} was written by a newer hep-vision (log {revision}, this one knows up to "
            f"{SCHEMA_REVISION}): update hep-vision, {_ELSEWHERE}."
        )
    return revision


def _upgrade(path: Path, busy_timeout_ms: int) -> None:
    from alembic import command  # slow to import, and needed once for each new schema
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    scripts = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", scripts.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    # Without foreign keys: SQLite changes a table by copying and dropping it, and dropping the
    # old one would take its repetitions along. They cannot be switched inside a transaction.
    engine = _engine(path, busy_timeout_ms, foreign_keys=False)
    try:
        with engine.execution_options(transaction="IMMEDIATE").begin() as connection:
            if _revision(connection, path) == SCHEMA_REVISION:
                return  # another process was first
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise StoreError(f"{path} {_DAMAGED} (events without their session).")
    except CommandError as error:
        raise StoreError(f"{path} {_DAMAGED} ({error}).") from error
    finally:
        engine.dispose()
