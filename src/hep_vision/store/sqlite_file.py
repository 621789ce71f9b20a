"""A log in one SQLite file: of one machine, and of its owner only.

Readers see one consistent state (``BEGIN`` in a write-ahead log); writers queue (``BEGIN
IMMEDIATE``), so nothing ever has to be repeated.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from hep_vision.store.backend import FAULT, IN_USE
from hep_vision.store.locations import (
    DISK_FULL,
    OTHER_FOLDER,
    REFUSED,
    close_to_others,
    make_private_file,
    make_private_folder,
    store_errors,
)

_SWITCH_ATTEMPTS: Final = 20
_DAMAGED: Final = (
    f"is not a readable log: move it away to start a new one, put a backup back, {OTHER_FOLDER}"
)
_EXPLANATIONS: Final = {
    sqlite3.SQLITE_BUSY: IN_USE,
    sqlite3.SQLITE_LOCKED: IN_USE,
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_READONLY: REFUSED,
    sqlite3.SQLITE_CANTOPEN: REFUSED,
    sqlite3.SQLITE_PERM: REFUSED,
    sqlite3.SQLITE_AUTH: REFUSED,
    sqlite3.SQLITE_IOERR: f"cannot be read or written: check the disk, {OTHER_FOLDER}",
    sqlite3.SQLITE_ERROR: _DAMAGED,  # no such table or column
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}


class SqliteFile:
    """The `Backend` of a file, which is created if it is not there.

    Raises:
        StoreError: The folder or the file cannot be made.
    """

    elsewhere = OTHER_FOLDER
    damaged = _DAMAGED

    def __init__(self, path: Path, busy_timeout_ms: int) -> None:
        self._path = path
        self._busy_timeout_ms = busy_timeout_ms
        self.name = str(path)
        with store_errors(path):
            make_private_folder(path.parent)
            make_private_file(path)  # SQLite gives those beside it the same mode
            for suffix in ("-wal", "-shm"):
                close_to_others(path.with_name(path.name + suffix))
        self.reading: Engine = self._engine(foreign_keys=True)
        self.writing: Engine = self.reading.execution_options(transaction="IMMEDIATE")

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Open one transaction without foreign keys.

        SQLite changes a table by copying and dropping it, and dropping the old one would take its
        repetitions along. They cannot be switched inside a transaction.
        """
        engine = self._engine(foreign_keys=False)
        try:
            with engine.execution_options(transaction="IMMEDIATE").begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def settle(self, connection: Connection) -> str | None:
        """Look whether every row still belongs to one that is there."""
        orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        return "events without their session" if orphan else None

    def explain(self, error: DBAPIError) -> str:
        """Go by the code of SQLite."""
        # Extended codes carry the plain one in their low byte.
        return _EXPLANATIONS.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF, FAULT)

    def detail(self, error: DBAPIError) -> str:
        """Return the words of SQLite."""
        return " ".join(str(error.orig).split())

    def may_repeat(self, error: DBAPIError) -> bool:
        """Return False: whoever waits here has waited already."""
        return False

    def close(self) -> None:
        """Close the file; the last one to do so folds the write-ahead log into it."""
        self.reading.dispose()

    def _engine(self, *, foreign_keys: bool) -> Engine:
        engine = create_engine(
            URL.create("sqlite", database=str(self._path)),
            connect_args={"timeout": self._busy_timeout_ms / 1000},
        )

        @event.listens_for(engine, "connect")
        def configure(connection: sqlite3.Connection, _record: object) -> None:
            connection.isolation_level = None  # no BEGIN but those of the listener below
            use_write_ahead_log(connection)
            connection.execute("PRAGMA synchronous = FULL")  # what is logged outlives a power cut
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
