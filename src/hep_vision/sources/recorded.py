"""Landmark tracks: what the camera saw, kept as numbers instead of pictures.

A track is an ``.npz`` file that any program can write and that is analysed in place of a video:

    timestamp_ms  (T,)        whole numbers, strictly increasing
    image_px      (T, 33, 2)  x right, y down, in pixels of the source picture; NaN = not seen
    world_m       (T, 33, 3)  metres, origin between the hips, y down; NaN = not known
    visibility    (T, 33)     0..1; NaN where there is no pose
    image_size    (2,)        width and height of the source picture
"""

import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.landmarks import LANDMARK_COUNT
from hep_vision.core.types import PoseFrame
from hep_vision.errors import SourceOpenError
from hep_vision.files import private_draft

KEYS: Final = ("timestamp_ms", "image_px", "world_m", "visibility", "image_size")

# What a damaged, encrypted or hostile archive makes numpy and zipfile raise.
_UNREADABLE: Final = (
    ValueError,
    OSError,
    EOFError,
    RuntimeError,
    MemoryError,
    zlib.error,
    zipfile.BadZipFile,
)

_IMAGE, _WORLD, _VISIBILITY = slice(0, 2), slice(2, 5), 5
_COLUMNS: Final = 6
_FIRST_CAPACITY: Final = 256


@dataclass(frozen=True, slots=True, eq=False)
class LandmarkTrack:
    """The landmarks of one person over time. Arrays are read-only.

    Attributes:
        timestamp_ms: (T,) int64, strictly increasing.
        image_px: (T, 33, 2) float32, pixels; NaN = not seen.
        world_m: (T, 33, 3) float32, metres; NaN = not known.
        visibility: (T, 33) float32, 0..1; NaN where there is no pose.
        image_size_px: Width and height of the source picture.

    Raises:
        ValueError: An array has another shape or kind, or values that cannot be; one line that
            begins with the key of the file.
    """

    timestamp_ms: NDArray[np.int64]
    image_px: NDArray[np.float32]
    world_m: NDArray[np.float32]
    visibility: NDArray[np.float32]
    image_size_px: tuple[int, int]

    def __post_init__(self) -> None:
        stamps = _stamps(self.timestamp_ms)
        object.__setattr__(self, "timestamp_ms", stamps)
        for name, columns in (("image_px", (2,)), ("world_m", (3,)), ("visibility", ())):
            array = _landmarks(name, getattr(self, name), (len(stamps), LANDMARK_COUNT, *columns))
            object.__setattr__(self, name, array)
        if ((self.visibility < 0) | (self.visibility > 1)).any():
            raise ValueError("visibility: expected values from 0 to 1, or NaN")
        object.__setattr__(self, "image_size_px", _image_size(self.image_size_px))

    def __len__(self) -> int:
        return len(self.timestamp_ms)

    def poses(self) -> Iterator[PoseFrame]:
        """Yield the frames in time order, exactly as they were recorded."""
        for index, timestamp_ms in enumerate(self.timestamp_ms.tolist()):
            yield PoseFrame(
                timestamp_ms=timestamp_ms,
                image_px=self.image_px[index],
                world_m=self.world_m[index],
                visibility=self.visibility[index],
                image_size_px=self.image_size_px,
            )


class TrackRecorder:
    """Collects poses into a `LandmarkTrack`; a frame costs 800 bytes."""

    def __init__(self, image_size_px: tuple[int, int]) -> None:
        """Start empty, for poses in pixels of a picture of ``image_size_px``."""
        self._image_size_px = image_size_px
        self._timestamps_ms: list[int] = []
        self._landmarks = np.empty((_FIRST_CAPACITY, LANDMARK_COUNT, _COLUMNS), np.float32)

    def __len__(self) -> int:
        return len(self._timestamps_ms)

    def add(self, pose: PoseFrame) -> None:
        """Append one pose.

        Raises:
            ValueError: It is in pixels of a picture of another size.
        """
        if pose.image_size_px != self._image_size_px:
            raise ValueError(
                f"image_size: expected {self._image_size_px}, got {pose.image_size_px}"
            )
        count = len(self)
        if count == len(self._landmarks):
            # Memory that was never written to is not taken from the machine.
            room = np.empty((2 * count, LANDMARK_COUNT, _COLUMNS), np.float32)
            room[:count] = self._landmarks
            self._landmarks = room
        row = self._landmarks[count]
        row[:, _IMAGE] = pose.image_px
        row[:, _WORLD] = pose.world_m
        row[:, _VISIBILITY] = pose.visibility
        self._timestamps_ms.append(pose.timestamp_ms)

    def track(self) -> LandmarkTrack:
        """Return what was added so far.

        Raises:
            ValueError: The time stamps do not increase.
        """
        rows = self._landmarks[: len(self)]
        rows.setflags(write=False)  # what was added never changes, so it need not be copied
        return LandmarkTrack(
            timestamp_ms=np.array(self._timestamps_ms, np.int64),
            image_px=rows[:, :, _IMAGE],
            world_m=rows[:, :, _WORLD],
            visibility=rows[:, :, _VISIBILITY],
            image_size_px=self._image_size_px,
        )


def read_track(path: Path) -> LandmarkTrack:
    """Read a landmark track.

    Raises:
        SourceOpenError: The file is missing, not a track, or malformed; the message names the key.
    """
    return _read(path, KEYS)[0]


def read_track_with(path: Path, key: str) -> tuple[LandmarkTrack, NDArray[np.generic]]:
    """Read a landmark track and one more array that was kept beside it.

    Raises:
        SourceOpenError: As for `read_track`, or there is no such array.
    """
    track, arrays = _read(path, (*KEYS, key))
    return track, arrays[key]


def _read(path: Path, keys: Sequence[str]) -> tuple[LandmarkTrack, dict[str, Any]]:
    try:
        arrays = _read_arrays(path, keys)
        track = LandmarkTrack(
            timestamp_ms=arrays["timestamp_ms"],
            image_px=arrays["image_px"],
            world_m=arrays["world_m"],
            visibility=arrays["visibility"],
            image_size_px=_image_size(arrays["image_size"]),
        )
    except ValueError as error:
        raise SourceOpenError(f"{path} is not a usable landmark track: {error}.") from error
    if not len(track):
        raise SourceOpenError(f"{path} is a landmark track without frames; record it again.")
    return track, arrays


def write_track(path: Path, track: LandmarkTrack, **texts: str) -> None:
    """Write ``track`` to ``path``, readable by its owner only, all of it or nothing.

    Args:
        path: Where it goes.
        track: The landmarks.
        texts: What is kept beside it, by key; other programs see one more array.

    Raises:
        ExportError: The file cannot be written.
    """
    arrays = {field.name: getattr(track, field.name) for field in fields(track)}
    arrays["image_size"] = np.array(arrays.pop("image_size_px"), np.int64)
    arrays |= {key: np.array(text) for key, text in texts.items()}
    with private_draft(path, "the landmark track") as draft, draft.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
        file.flush()
        os.fsync(file.fileno())


def _read_arrays(path: Path, keys: Sequence[str]) -> dict[str, Any]:
    """Return the arrays of the file, without trusting it: no pickles.

    Raises:
        SourceOpenError: There is no such file.
        ValueError: It is not an archive of arrays, or a key is missing or cannot be read.
    """
    with ExitStack() as opened:
        try:
            file = opened.enter_context(path.open("rb"))
            archive = opened.enter_context(zipfile.ZipFile(file))
        # A damaged version number makes zipfile say that it is too new to be read.
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise ValueError("it is no .npz archive, or damaged, or cut short") from error
        except OSError as error:
            raise SourceOpenError(
                f"{path} cannot be opened: {error.strerror}; "
                "check the name and that you may read it."
            ) from error
        return {key: _array(archive, key) for key in keys}


def _array(archive: zipfile.ZipFile, key: str) -> NDArray[np.generic]:
    try:
        with archive.open(f"{key}.npy") as member:
            found = np.asarray(np.lib.format.read_array(member, allow_pickle=False))
            found.setflags(write=False)  # nobody else has it, so it need not be copied
            return found
    except KeyError as error:
        raise ValueError(f"{key}: missing") from error
    except _UNREADABLE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{key}: cannot be read ({reason})") from error


def _stamps(values: NDArray[np.generic]) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"timestamp_ms: expected shape (T,), got {array.shape}")
    if array.dtype.kind not in "iu":
        raise ValueError(f"timestamp_ms: expected whole numbers (int64), got {array.dtype}")
    stamps = array.astype(np.int64)
    later = np.diff(stamps) > 0
    if not later.all():
        index = int(np.argmin(later)) + 1
        raise ValueError(f"timestamp_ms: not after the one before at index {index}")
    stamps.setflags(write=False)
    return stamps


def _landmarks(
    name: str, values: NDArray[np.generic], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    array = np.asarray(values)
    if array.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, got {array.shape}")
    if array.dtype.kind != "f":
        raise ValueError(f"{name}: expected floating point (float32), got {array.dtype}")
    with np.errstate(over="ignore"):  # too large for float32 becomes infinite, and is refused
        result = array.astype(np.float32, copy=bool(array.flags.writeable))
    if np.isinf(result).any():
        raise ValueError(f"{name}: expected finite numbers or NaN, got infinity")
    result.setflags(write=False)
    return result


def _image_size(values: tuple[int, int] | NDArray[np.generic]) -> tuple[int, int]:
    array = np.asarray(values)
    if array.shape != (2,) or array.dtype.kind not in "iuf":
        raise ValueError(f"image_size: expected width and height, got {array.tolist()}")
    width_px, height_px = (float(value) for value in array)
    if not (width_px >= 1 and height_px >= 1 and width_px % 1 == 0 and height_px % 1 == 0):
        raise ValueError(f"image_size: expected whole numbers above 0, got {array.tolist()}")
    return int(width_px), int(height_px)
