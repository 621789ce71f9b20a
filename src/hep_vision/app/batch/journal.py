"""What a batch has done so far, in one file that a kill at any moment leaves whole.

    with Journal(path) as journal:
        journal.keep(entry)
        journal.find(entry.id)

One batch works on a folder at a time; a second one is told. The lock is that of the file itself,
so that one who was killed leaves none behind.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from hep_vision.errors import StoreError
from hep_vision.store.locations import make_private_file
from hep_vision.store.records import escaped

_SCHEMA: Final = 1
_APPLICATION: Final = 0x68657062
"""Tells a journal from any other SQLite file: "hepb"."""

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS recordings (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    outcome TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS recordings_by_path ON recordings (path);
"""


@dataclass(frozen=True, slots=True)
class FileState:
    """What tells without reading a file whether it is still the same one.

    Attributes:
        path: Where it lies, `escaped`.
        size_bytes: Its length.
        modified_ns: When it was written last.
    """

    path: str
    size_bytes: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """Return that of a file; None where there is none."""
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(escaped(str(path.resolve())), found.st_size, found.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one recording.

    Attributes:
        id: Names the recording and what was asked of it.
        key: Names all that the outcome depends on beside the file.
        file: The file as it was.
        sha256: Its checksum; empty where it was not read to its end.
        outcome: Plain values, as JSON knows them.
    """

    id: str
    key: str
    file: FileState
    sha256: str
    outcome: dict[str, Any]


class Journal:
    """The open journal; use it as a context manager.

    Raises:
        StoreError: The file cannot be used, is no journal, or another batch is at work on it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._errors():
            make_private_file(path)
            self._file = sqlite3.connect(path, isolation_level=None, timeout=1)
        try:
            with self._errors():
                self._open()
        except StoreError:
            self._file.close()
            raise

    def _open(self) -> None:
        self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("BEGIN EXCLUSIVE")
        self._file.execute("COMMIT")  # the lock stays
        (application,) = self._file.execute("PRAGMA application_id").fetchone()
        (schema,) = self._file.execute("PRAGMA user_version").fetchone()
        (tables,) = self._file.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != _APPLICATION:
            raise StoreError(
                f"{self._path} is not the journal of a batch; choose another folder with --out."
            )
        if schema not in (0, _SCHEMA):
            raise StoreError(
                f"{self._path} was written by another version of hep-vision; "
                "choose another folder with --out."
            )
        self._file.executescript(
            f"BEGIN; PRAGMA application_id = {_APPLICATION};"
            f"PRAGMA user_version = {_SCHEMA}; {_TABLE} COMMIT;"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def find(self, entry_id: str) -> Entry | None:
        """Return an entry; None where there is none, or it is damaged and to be made again."""
        with self._errors():
            row = self._file.execute(
                "SELECT key, path, size_bytes, modified_ns, sha256, outcome"
                " FROM recordings WHERE id = ?",
                (entry_id,),
            ).fetchone()
        if row is None:
            return None
        key, path, size_bytes, modified_ns, sha256, outcome = row
        state = FileState(path, size_bytes, modified_ns)
        try:
            return Entry(entry_id, key, state, sha256, json.loads(outcome))
        except ValueError:
            return None

    def sha256(self, file: FileState) -> str:
        """Return the checksum of a file that was read before and is unchanged; or nothing."""
        with self._errors():
            row = self._file.execute(
                "SELECT sha256 FROM recordings"
                " WHERE path = ? AND size_bytes = ? AND modified_ns = ? AND sha256 != ''",
                (file.path, file.size_bytes, file.modified_ns),
            ).fetchone()
        return row[0] if row else ""

    def keep(self, entry: Entry) -> None:
        """Keep an entry in place of an earlier one; it is on the disk on return."""
        file = entry.file
        with self._errors():
            self._file.execute(
                "INSERT OR REPLACE INTO recordings VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    entry.id,
                    entry.key,
                    file.path,
                    file.size_bytes,
                    file.modified_ns,
                    entry.sha256,
                    json.dumps(entry.outcome, separators=(",", ":"), allow_nan=False),
                ),
            )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StoreError(
                    f"{self._path.parent}: another batch is at work in this folder; "
                    "wait for it, or choose another with --out."
                ) from error
            raise self._unusable(error) from error
        except (sqlite3.DatabaseError, ValueError, OSError) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> StoreError:
        if isinstance(error, sqlite3.DatabaseError) and error.sqlite_errorcode & 0xFF in (
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
        ):
            return StoreError(
                f"{self._path} is damaged, or not the journal of a batch; move it away and run "
                "again: landmarks that are kept are not estimated again."
            )
        return StoreError(
            f"{self._path} cannot be used ({error}); free some space or check the permissions, "
            "or choose another folder with --out."
        )
