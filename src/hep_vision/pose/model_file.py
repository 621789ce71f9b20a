"""Where the pose models are, whether they are whole, and how a further one is fetched.

The full model ships with the program: in a wheel it is package data, in a source checkout it is
the repository's ``models`` folder. Others are fetched into a folder of the user's. Nothing is
downloaded unless `fetch` is called.
"""

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from hep_vision.errors import ModelDamagedError, ModelError, ModelMissingError

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from urllib.request import Request

DEFAULT_MODEL: Final = "full"
NETWORK_TIMEOUT_S: Final = 30.0
CHUNK_BYTES: Final = 1 << 16

_PACKAGE_DATA = Path(__file__).parents[1] / "model_data"
_SOURCE_CHECKOUT = Path(__file__).parents[3] / "models"

Progress = Callable[[int, int], None]
"""Called with the bytes on disk so far and the bytes in all."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model of the manifest.

    Attributes:
        name: What a person calls it: ``full``, ``lite`` or ``heavy``.
        file: Its file name, in the program and in the user's folder.
        size_bytes: Its exact size.
        sha256: Its checksum, in hexadecimal.
        licence: SPDX identifier.
        summary: One line for a person who chooses.
        origin: Where it came from.
        url: Where to fetch it, or None for the model that ships with the program.
    """

    name: str
    file: str
    size_bytes: int
    sha256: str
    licence: str
    summary: str
    origin: str
    url: str | None


class Opener(Protocol):
    """Opens a request, as `urllib.request.urlopen` does."""

    def __call__(
        self, request: "Request", *, timeout: float
    ) -> AbstractContextManager["HTTPResponse"]:
        """Return the response, to be closed by the caller."""
        ...


def shipped_folder() -> Path:
    """Return the folder with the manifest and the model that ships with the program."""
    return _PACKAGE_DATA if _PACKAGE_DATA.is_dir() else _SOURCE_CHECKOUT


@cache
def list_models() -> tuple[ModelInfo, ...]:
    """Return the models of the manifest, the default first.

    Raises:
        ModelMissingError: The manifest is not where the program was installed.
    """
    manifest = shipped_folder() / "manifest.toml"
    try:
        entries = tomllib.loads(manifest.read_text(encoding="utf-8"))["models"]
    except OSError as error:
        raise ModelMissingError(
            f"The model list {manifest} cannot be read; install hep-vision again."
        ) from error
    return tuple(
        ModelInfo(
            name=name,
            file=entry["file"],
            size_bytes=entry["bytes"],
            sha256=entry["sha256"],
            licence=entry["licence"],
            summary=entry["summary"],
            origin=entry["origin"],
            url=entry.get("url"),
        )
        for name, entry in entries.items()
    )


def find_model(name: str) -> ModelInfo:
    """Return the model called ``name``.

    Raises:
        ModelMissingError: No model has this name; the message lists those there are.
    """
    for info in list_models():
        if info.name == name:
            return info
    names = ", ".join(info.name for info in list_models())
    raise ModelMissingError(f"There is no model called {name!r}; choose one of: {names}.")


def locate(name: str, cache_dir: Path) -> Path:
    """Return where the model called ``name`` is on this machine, without checking its content.

    Args:
        name: ``full``, ``lite`` or ``heavy``.
        cache_dir: The user's folder for fetched models.

    Raises:
        ModelMissingError: It is not here; the message says how to get it.
    """
    info = find_model(name)
    for folder in (shipped_folder(), cache_dir):
        path = folder / info.file
        if path.is_file():
            return path
    raise ModelMissingError(f"The {name} model is not on this machine; {_remedy(info)}.")


def verify(path: Path, info: ModelInfo) -> None:
    """Check that ``path`` holds exactly the model ``info``; about 10 ms.

    Raises:
        ModelMissingError: There is no such file, or it cannot be read.
        ModelDamagedError: Its size or its checksum is not the model's.
    """
    try:
        size_bytes = path.stat().st_size
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelMissingError(
            f"The model file {path} cannot be read: {error.strerror}; {_remedy(info)}."
        ) from error
    if size_bytes != info.size_bytes:
        what = f"it has {size_bytes:,} bytes instead of {info.size_bytes:,}"
    elif sha256 != info.sha256:
        what = "its checksum differs"
    else:
        return
    raise ModelDamagedError(f"The model file {path} is damaged ({what}); {_remedy(info)}.")


def fetch(name: str, cache_dir: Path, progress: Progress, opener: Opener | None = None) -> Path:
    """Download the model called ``name`` into ``cache_dir`` unless it is there and whole.

    See `download` for arguments and errors.
    """
    return download(find_model(name), cache_dir, progress, opener)


def download(
    info: ModelInfo, cache_dir: Path, progress: Progress, opener: Opener | None = None
) -> Path:
    """Download ``info`` into ``cache_dir``, going on where an earlier attempt broke off.

    The file appears under its own name only when whole and verified.

    Args:
        info: The model; one that ships with the program is only verified.
        cache_dir: The user's folder for fetched models; made if missing.
        progress: Called after each chunk.
        opener: Opens the connection; `urllib.request.urlopen` by default.

    Returns:
        Where the model is.

    Raises:
        ModelError: The network or the disk failed; what has arrived is kept for the next attempt.
        ModelDamagedError: What arrived is not the model; it is deleted.
    """
    if info.url is None:
        path = locate(info.name, cache_dir)
        verify(path, info)
        return path
    path = cache_dir / info.file
    if _is_whole(path, info):
        return path
    part = path.with_name(path.name + ".part")
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        if not part.is_file() or part.stat().st_size < info.size_bytes:
            _receive(info, info.url, part, progress, opener)
        if not _is_whole(part, info):
            part.unlink()
            raise ModelDamagedError(
                f"What {info.url} sent is not the {info.name} model (its checksum differs), so it "
                "was deleted; try again, on another network if it happens twice."
            )
        part.replace(path)
    except OSError as error:
        raise ModelError(
            f"The model cannot be written to {cache_dir}: {error.strerror or error}; "
            "free some space or choose another folder."
        ) from error
    return path


def _receive(
    info: ModelInfo, url: str, part: Path, progress: Progress, opener: Opener | None
) -> None:
    """Write what is missing to ``part``."""
    part.touch()
    have_bytes = part.stat().st_size
    with part.open("r+b") as file:
        for offset_bytes, chunk in _chunks(info, url, have_bytes, opener):
            file.seek(offset_bytes)
            file.truncate()
            file.write(chunk)
            have_bytes = offset_bytes + len(chunk)
            progress(have_bytes, info.size_bytes)
    if have_bytes < info.size_bytes:
        raise ModelError(
            f"The download of the {info.name} model broke off after {have_bytes:,} of "
            f"{info.size_bytes:,} bytes; run the same command again to go on from there."
        )


def _chunks(
    info: ModelInfo, url: str, have_bytes: int, opener: Opener | None
) -> Iterator[tuple[int, bytes]]:
    """Yield what the server sends from ``have_bytes`` on, each piece with its offset."""
    # Costly imports that only a download needs.
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    request = Request(url, headers={"Range": f"bytes={have_bytes}-"} if have_bytes else {})
    try:
        with (opener or urlopen)(request, timeout=NETWORK_TIMEOUT_S) as response:
            # A server may ignore the range and send everything.
            resumed = response.status == HTTPStatus.PARTIAL_CONTENT
            offset_bytes = have_bytes if resumed else 0
            while offset_bytes < info.size_bytes and (chunk := response.read(CHUNK_BYTES)):
                yield offset_bytes, chunk
                offset_bytes += len(chunk)
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()  # it is the response, and its socket would stay open
        reason = getattr(error, "reason", None) or error
        raise ModelError(
            f"The {info.name} model could not be fetched from {url}: {reason}; "
            "check the connection and run the same command again."
        ) from error


def _is_whole(path: Path, info: ModelInfo) -> bool:
    try:
        verify(path, info)
    except (ModelMissingError, ModelDamagedError):
        return False
    return True


def _remedy(info: ModelInfo) -> str:
    if info.url is None:
        return "install hep-vision again"
    return f"get it with: hep-vision models fetch {info.name}"
