"""Landmark tracks by what they were estimated from, so that no video is estimated twice.

    store = TrackStore(folder)
    key = track_key(file_sha256, model_sha256, settings)
    stored = store.find(key)            # None: nobody has estimated it yet
    store.keep(key, stored)

A track is found again by the content of its file, whatever that is called and wherever it lies.
The files are landmark tracks as `hep_vision.sources.recorded` describes them, with one more array,
``about``: what else is known of the video, as JSON. Several processes may use one folder at once.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from hep_vision.errors import ExportError, SourceOpenError
from hep_vision.sources.base import SourceInfo
from hep_vision.sources.recorded import LandmarkTrack, read_track_with, write_track

WAY_TO_LANDMARKS: Final = 1
"""Raised whenever the same picture and model would give other landmarks than before."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredTrack:
    """The landmarks of a video, with what else was seen while it was read.

    Attributes:
        track: The landmarks.
        duration_ms: Length by the container, or None.
        frame_count: Number of frames by the container, or None.
        warnings: What went wrong but did not stop the reading.
    """

    track: LandmarkTrack
    duration_ms: int | None = None
    frame_count: int | None = None
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, track: LandmarkTrack, info: SourceInfo, warnings: tuple[str, ...]) -> Self:
        """Return the landmarks of a source that was read to its end."""
        return cls(track, info.duration_ms, info.frame_count, warnings)

    def info(self, path: Path) -> SourceInfo:
        """Describe the video that lies at ``path`` now."""
        width_px, height_px = self.track.image_size_px
        return SourceInfo(str(path), width_px, height_px, self.duration_ms, self.frame_count)


def file_sha256(path: Path) -> str:
    """Return the checksum of a file, in hexadecimal.

    Raises:
        SourceOpenError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceOpenError(
            f"{path} cannot be read: {error.strerror}; check the name and that you may read it."
        ) from error


def track_key(file_sha256: str, model_sha256: str, settings: Mapping[str, str]) -> str:
    """Return the name of what is estimated from a file, in hexadecimal.

    Args:
        file_sha256: Checksum of the file.
        model_sha256: Checksum of the pose model.
        settings: Whatever else the landmarks depend on: how the file is read, versions.
    """
    parts = {
        "file": file_sha256,
        "model": model_sha256,
        "way": str(WAY_TO_LANDMARKS),
        **{f"setting {name}": value for name, value in settings.items()},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class TrackStore:
    """A folder of landmark tracks, each under its key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        """Return where a track lies, or would."""
        # By its first characters: no file system is quick with a hundred thousand in one folder.
        return self._folder / key[:2] / f"{key}.npz"

    def find(self, key: str) -> StoredTrack | None:
        """Return a track; None where it was never kept, or is damaged and to be made again."""
        try:
            track, about = read_track_with(self.path(key), "about")
            plain = json.loads(str(about))
            return StoredTrack(
                track,
                plain["duration_ms"],
                plain["frame_count"],
                tuple(plain["warnings"]),
            )
        except (SourceOpenError, ValueError, KeyError, TypeError):
            return None

    def keep(self, key: str, stored: StoredTrack) -> None:
        """Keep a track, readable by its owner only, all of it or nothing.

        Raises:
            ExportError: It cannot be written.
        """
        path = self.path(key)
        about: dict[str, Any] = {
            "duration_ms": stored.duration_ms,
            "frame_count": stored.frame_count,
            "warnings": list(stored.warnings),
        }
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ExportError(
                f"cannot make {path.parent}: {error.strerror}. Choose another folder."
            ) from error
        write_track(path, stored.track, about=json.dumps(about, sort_keys=True))
