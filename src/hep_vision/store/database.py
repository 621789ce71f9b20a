"""One database: opened safely, brought up to date, read and written in transactions.

It is a file or a server; what differs is in their `Backend`. The only place that meets the
exceptions of SQLAlchemy and of the drivers; they leave as `StoreError`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from hep_vision.errors import SchemaTooNewError, StoreError
from hep_vision.store.backend import Backend
from hep_vision.store.locations import DATABASE_NAME, LogPlace
from hep_vision.store.schema import SCHEMA_REVISION
from hep_vision.store.sqlite_file import SqliteFile

_ATTEMPTS: Final = 3
_REVISION: Final = re.compile(r"\d{4}")


class Database:
    """An open log; `close` it after use.

    Raises:
        StoreError: The database cannot be opened, is no log, is damaged or stays locked.
        SchemaTooNewError: A newer version of this program wrote it.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        try:
            with self._errors():
                with self._backend.reading.connect() as connection:
                    revision = _revision(connection, backend)
                if revision != SCHEMA_REVISION:
                    self._upgrade()
        except BaseException:
            self.close()
            raise

    @classmethod
    def at(cls, place: LogPlace, busy_timeout_ms: int) -> "Database":
        """Open the database of a log: that of its URL, else the file in its folder."""
        if place.url is None:
            return cls(SqliteFile(place.folder / DATABASE_NAME, busy_timeout_ms))
        # Here, because most logs are files.
        from hep_vision.store.postgresql import PostgresqlServer

        return cls(PostgresqlServer(place.url, busy_timeout_ms))

    @property
    def name(self) -> str:
        """What to call it; never with a password."""
        return self._backend.name

    @property
    def engine(self) -> Engine:
        """What is read through."""
        return self._backend.reading

    def close(self) -> None:
        """Close it; see the `Backend`."""
        self._backend.close()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read one consistent state, however much others write meanwhile."""
        with self._errors(), Session(self._backend.reading) as session:
            try:
                yield session
            except (LookupError, ValueError) as error:  # a stored word that no enum knows
                raise StoreError(f"{self.name} {self._backend.damaged}.") from error

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Write in one transaction: it is on the disk when the block ends, or nothing is.

        Writers queue, so what the block reads stays true until its end.
        """
        with self._errors(), Session(self._backend.writing) as session, session.begin():
            yield session

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Raise `StoreError`, one line, for what the database refuses."""
        backend = self._backend
        try:
            yield
        except DBAPIError as error:
            told = f"{backend.explain(error)} ({backend.detail(error)})"
            raise StoreError(f"{backend.name} {told}.") from error
        except PoolTimeoutError as error:
            raise StoreError(f"{backend.name} is asked too much at once: try again.") from error

    def _upgrade(self) -> None:
        for attempts_left in reversed(range(_ATTEMPTS)):
            try:
                return _upgrade(self._backend)
            except DBAPIError as error:
                if not (attempts_left and self._backend.may_repeat(error)):
                    raise
        return None


def _revision(connection: Connection, backend: Backend) -> str | None:
    """Return the revision of the log, None for an empty database."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    revision = None
    if "alembic_version" in tables:
        versions = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
        revision = str(versions.first())
    if revision is None or not _REVISION.fullmatch(revision):
        raise StoreError(
            f"{backend.name} {backend.damaged} (it is the database of another program)."
        )
    if revision > SCHEMA_REVISION:
        raise SchemaTooNewError(
            f"{backend.name} was written by a newer hep-vision (log {revision}, this one knows up "
            f"to {SCHEMA_REVISION}): update hep-vision, {backend.elsewhere}."
        )
    return revision


def _upgrade(backend: Backend) -> None:
    from alembic import command  # slow to import, and needed once for each new schema
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    scripts = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", scripts.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    try:
        with backend.migrating() as connection:
            if _revision(connection, backend) == SCHEMA_REVISION:
                return  # another process was first
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            problem = backend.settle(connection)
            if problem:
                raise StoreError(f"{backend.name} {backend.damaged} ({problem}).")
    except CommandError as error:
        raise StoreError(f"{backend.name} {backend.damaged} ({error}).") from error
