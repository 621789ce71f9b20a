"""Files that appear whole or not at all, readable by their owner only."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hep_vision.errors import ExportError


@contextmanager
def private_draft(path: Path, what: str) -> Iterator[Path]:
    """Give a draft beside ``path`` that takes its place when the block ends without an error.

    Args:
        path: Where the file belongs; an existing one is replaced.
        what: What it is, for the message: "the plot".

    Raises:
        ExportError: It cannot be written; any OSError in the block counts as that.
    """
    draft: Path | None = None
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        # mkstemp gives mode 0600: what a camera saw of a patient is health data.
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem}.", suffix=f".part{path.suffix}"
        )
        os.close(handle)
        draft = Path(name)
        yield draft
        draft.replace(path)
    except OSError as error:
        raise ExportError(
            f"cannot write {what} {path}: {error.strerror or error}. Choose a folder that exists, "
            "that you may write to and that has room."
        ) from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


@contextmanager
def private_folder_draft(path: Path, what: str) -> Iterator[Path]:
    """Give a new folder beside ``path`` that takes its place when the block ends without an error.

    Args:
        path: Where the folder belongs; an existing one is replaced with all that is in it.
        what: What it is, for the message: "the tables".

    Raises:
        ExportError: It cannot be written; any OSError in the block counts as that.
    """
    draft: Path | None = None
    try:
        if path.exists() and not path.is_dir():
            raise NotADirectoryError(20, "it is a file")
        draft = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part"))
        yield draft
        _put_in_place(draft, path)
    except OSError as error:
        raise ExportError(
            f"cannot write {what} {path}: {error.strerror or error}. Choose a folder that exists, "
            "that you may write to and that has room."
        ) from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)


def _put_in_place(draft: Path, path: Path) -> None:
    """Move a folder, and one that is in its place out of it first: no system swaps them."""
    if not path.exists():
        draft.rename(path)
        return
    before = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".old"))
    path.replace(before)
    try:
        draft.rename(path)
    except OSError:
        before.rename(path)
        raise
    shutil.rmtree(before, ignore_errors=True)
