"""The token for programs, in a file that only its owner can read, while the server runs."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from hep_vision.errors import OutputTakenError
from hep_vision.files import private_draft
from hep_vision.web.access import BEARER_START

_LONGEST: Final = 200


@contextmanager
def token_file(path: Path, token: str) -> Iterator[None]:
    """Keep ``token`` in a file until the block ends; the server is then gone, and so is the file.

    Args:
        path: The file; one left behind by a server that was killed is replaced, no other.
        token: As `Access.bearer` gives it.

    Raises:
        OutputTakenError: Another file is there.
        ExportError: It cannot be written.
    """
    if path.is_file() and not _read(path).startswith(BEARER_START):
        raise OutputTakenError(
            f"{path}: there already, and no token of hep-vision; give another --token-file."
        )
    with private_draft(path, "the token") as draft:
        draft.write_text(f"{token}\n", encoding="utf-8")
    try:
        yield
    finally:
        with suppress(OSError):
            if _read(path).strip() == token:  # another server may have put its own there
                path.unlink()


def _read(path: Path) -> str:
    """Return the beginning of a file; nothing of one that cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(_LONGEST)
    except OSError:
        return ""
