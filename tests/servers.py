"""A real PostgreSQL server for the tests: started once, thrown away at the end."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from hep_vision.store.locations import DATABASE_NAME, LogPlace
from hep_vision.store.schema import Base
from hep_vision.store.sessions import SessionLog

PASSWORD: Final = "not/a:secret"
_QUOTED: Final = "not%2Fa%3Asecret"
_PORT: Final = 5432  # names a socket in a folder of its own, so it is free in any case


def binaries() -> Path | None:
    """Return the folder of the newest server that is installed; None where none is."""
    if os.name != "posix":
        return None
    named = shutil.which("pg_ctl")
    if named and shutil.which("initdb"):
        return Path(named).resolve().parent
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    return found[-1] if found else None


@dataclass(frozen=True)
class Server:
    """A running server, reached through a socket in a folder of its own.

    Attributes:
        folder: Holds the socket.
    """

    folder: Path
    program: Path
    as_user: tuple[str, ...] = ()

    def url(self, database: str, user: str = "clinic", password: str = _QUOTED) -> str:
        """Return the URL of a database."""
        return f"postgresql://{user}:{password}@/{database}?host={self.folder}"

    def admin(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """Connect as the one who may do everything."""
        return psycopg.connect(
            host=str(self.folder), dbname=database, user="admin", password=PASSWORD, autocommit=True
        )

    def database(self, options: str = "") -> str:
        """Create an empty database and return its name."""
        name = f"log_{uuid.uuid4().hex[:12]}"
        with self.admin() as admin:
            admin.execute(f"CREATE DATABASE {name} OWNER clinic TEMPLATE template0 {options}")
        return name

    def control(self, *arguments: str) -> None:
        """Run pg_ctl."""
        subprocess.run(
            [*self.as_user, self.program, "-D", self.folder / "data", "-s", "-w", *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            cwd="/",
        )


@contextlib.contextmanager
def running(found: Path) -> Iterator[Server]:
    """Start a server in a folder of its own."""
    # In the folder for such things: the path of a socket may have some hundred characters only.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        as_user = _as_user(folder)
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        initdb = [found / "initdb", "-D", folder / "data", "-U", "admin", "--pwfile", secret]
        more = ["-A", "scram-sha-256", "--locale", "C.UTF-8", "-E", "UTF8", "--no-sync"]
        subprocess.run([*as_user, *initdb, *more], check=True, stdout=subprocess.DEVNULL, cwd="/")
        server = Server(folder, found / "pg_ctl", as_user)
        # Only this session's tests read it, so nothing has to outlive a power cut.
        tuning = (
            "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=64MB"
        )
        where = f"-c listen_addresses='' -c unix_socket_directories={folder} -p {_PORT}"
        server.control("-o", f"{where} {tuning}", "-l", str(folder / "data" / "log"), "start")
        try:
            with server.admin() as admin:
                admin.execute(f"CREATE ROLE clinic LOGIN CREATEDB PASSWORD '{PASSWORD}'")
            yield server
        finally:
            server.control("-m", "immediate", "stop")


def _as_user(folder: Path) -> tuple[str, ...]:
    """Hand the folder to somebody else where this is root, as whom no server starts."""
    if os.geteuid() != 0:
        return ()
    import pwd  # POSIX has it alone

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            os.chown(folder, user.pw_uid, user.pw_gid)
            folder.chmod(0o755)
            return ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    raise RuntimeError("neither postgres nor nobody is a user of this machine")


_OTHER_ORDER: Final = "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
"""A database that sorts text as people do, so that a log that relies on it is noticed."""


class Places:
    """Gives every test a log of its own on the server, in the schema of today.

    A database is used by one test at a time, and emptied before it is used again: to create one
    takes far longer than most tests.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self._free: list[str] = []

    def take(self) -> str:
        """Return the name of a database with an empty log."""
        if self._free:
            return self._free.pop()
        try:
            name = self.server.database(_OTHER_ORDER)
        except psycopg.Error:  # a server before 15, or one without ICU
            name = self.server.database()
        with tempfile.TemporaryDirectory() as folder:
            SessionLog.open(LogPlace(Path(folder), self.server.url(name))).close()
        return name

    def give_back(self, name: str) -> None:
        """Empty a database."""
        tables = ", ".join(f'"{table}"' for table in Base.metadata.tables)
        with self.server.admin(name) as admin:
            admin.execute("SET lock_timeout = '10s'")
            admin.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        self._free.append(name)


def without_server() -> None:
    """Skip what needs a server, or fail where every test has to run."""
    why = "needs PostgreSQL (on Debian: apt-get install postgresql)"
    if os.environ.get("HEP_VISION_ALL_TESTS"):
        pytest.fail(f"HEP_VISION_ALL_TESTS is set, and this {why}")
    pytest.skip(why)


def run_sql(place: LogPlace, statement: str) -> list[tuple[Any, ...]]:
    """Do what no program of ours does, and return what it answers."""
    if place.url is None:
        with contextlib.closing(sqlite3.connect(place.folder / DATABASE_NAME)) as raw, raw:
            raw.execute("PRAGMA foreign_keys = ON")
            return raw.execute(statement).fetchall()
    with psycopg.connect(place.url, autocommit=True) as connection:
        found = connection.execute(statement)
        return found.fetchall() if found.description else []
