"""Where the log lives, and that nobody but its owner reads it.

The rows may be in the database of a server instead; clips and tracks are in the folder in any case.

<data folder>/                     0700
├── hep-vision.sqlite3 (-wal -shm) 0600
├── clips/                         0700
│   └── <clip id>.mp4              0600
└── tracks/                        0700
    └── <session id>.npz           0600
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hep_vision.errors import StoreError

DATA_DIR_VARIABLE: Final = "HEP_VISION_DATA_DIR"
DATABASE_NAME: Final = "hep-vision.sqlite3"
TRACKS_NAME: Final = "tracks"
CLIPS_NAME: Final = "clips"

OTHER_FOLDER: Final = "or choose another folder with --data-dir"
REFUSED: Final = f"cannot be written: check the permissions of its folder, {OTHER_FOLDER}"
DISK_FULL: Final = f"cannot grow, the disk is full: free some space, {OTHER_FOLDER}"

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where a log is; settled once, where the program starts, and handed on as a whole.

    Attributes:
        folder: The data folder, with clips, tracks and, without a URL, the database.
        url: URL of the database of a server; None is the file in the folder. It may hold a
            password, so it is never shown.
    """

    folder: Path
    url: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, place: "Path | LogPlace") -> "LogPlace":
        """Return a folder as the place of the log in its file, and a place as it is."""
        return place if isinstance(place, LogPlace) else cls(place)


def data_dir(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the absolute data folder: ``explicit``, else the variable, else the platform's own.

    Nothing is created. The platform's own follows its conventions, on Linux ``XDG_DATA_HOME``.

    Raises:
        StoreError: The path starts with a ``~user`` that this machine does not know.
    """
    named = explicit or environ.get(DATA_DIR_VARIABLE)
    if not named:
        import platformdirs  # here, because --help needs no data folder

        return platformdirs.user_data_path("hep-vision", appauthor=False)
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError as error:
        raise StoreError(
            f"{named}: no such home folder; name the data folder in full with --data-dir."
        ) from error


def make_private_folder(folder: Path) -> None:
    """Create ``folder`` for its owner only, or tighten it if it is there and still empty.

    A folder that already holds something may be shared on purpose, so its mode is left alone; the
    files put there are the owner's only in any case.

    Raises:
        OSError: It cannot be created, or is not a folder.
    """
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        shared_by_all = folder.stat().st_mode & stat.S_ISVTX
        if any(folder.iterdir()) or shared_by_all:
            return
        with contextlib.suppress(PermissionError):  # someone else's: the files stay private
            folder.chmod(0o700)


def make_private_file(path: Path) -> None:
    """Create ``path`` empty for its owner only, or take the access of others away.

    Raises:
        OSError: It cannot be created.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        close_to_others(path)


def close_to_others(path: Path) -> None:
    """Take the access of others to ``path`` away, if it is there and the caller's to decide."""
    # By name: opening and closing a database file would drop this process's locks on it.
    with contextlib.suppress(FileNotFoundError, PermissionError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            path.chmod(mode & ~_OTHERS)


@contextlib.contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Raise `StoreError`, one line about the file ``path``, for what the system refuses."""
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(
            f"{path.parent} is not a folder: choose another with --data-dir."
        ) from error
    except OSError as error:
        explanation = DISK_FULL if error.errno == errno.ENOSPC else REFUSED
        raise StoreError(f"{path} {explanation} ({error.strerror}).") from error
