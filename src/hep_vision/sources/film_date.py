"""When a recording was made: as its container says, else as its file does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from hep_vision.errors import SourceError, SourceOpenError
from hep_vision.sources.video_file import open_container

_KEYS: Final = ("com.apple.quicktime.creationdate", "creation_time")
"""In the order of trust: programs that edit a recording rewrite the second."""

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""What is older is a clock that was never set, and zero: 1904 or 1970. Own judgement."""


class DateOrigin(StrEnum):
    """Who says when a recording was made."""

    GIVEN = "given"
    RECORDING = "recording"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class FilmDate:
    """When a recording was made.

    Attributes:
        at: The moment it began, in UTC. A container may have its end instead, by the phone.
        origin: Who says so.
    """

    at: datetime
    origin: DateOrigin


def film_date(path: Path) -> FilmDate:
    """Return when a recording was made.

    A landmark track carries no date, so that of its file is taken.

    Raises:
        SourceOpenError: The file cannot be looked at.
    """
    try:
        modified_s = path.stat().st_mtime
    except OSError as error:
        raise SourceOpenError(f"{path} does not exist; check the name and the folder.") from error
    told = _told_by_container(path)
    if told is not None:
        return FilmDate(told, DateOrigin.RECORDING)
    return FilmDate(datetime.fromtimestamp(modified_s, UTC), DateOrigin.FILE)


def _told_by_container(path: Path) -> datetime | None:
    try:
        container = open_container(path)
    except SourceError:
        return None  # a track, or nothing at all: who analyses it says so
    with container:
        tags = [container.metadata, *(stream.metadata for stream in container.streams)]
        moments = (moment for key in _KEYS for tag in tags for moment in _moments(tag, key))
        return next(moments, None)


def _moments(tags: Mapping[str, str], wanted: str) -> Iterator[datetime]:
    for key, text in tags.items():
        if key.lower() != wanted:
            continue
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            continue
        if moment.utcoffset() is None:
            moment = moment.replace(tzinfo=UTC)  # as the MP4 and Matroska formats ask for
        if moment >= _EARLIEST:
            yield moment.astimezone(UTC)
