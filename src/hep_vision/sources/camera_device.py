"""One camera of this machine or of the network, by OpenCV: the only place that captures with it.

OpenCV says neither why a camera does not open nor anything in words for a patient. Both are made up
for here, so that what is above this port can be shown with a made-up device.
"""

import errno
import os
import platform
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from hep_vision.quiet import quiet_stderr

if TYPE_CHECKING:
    import cv2

Picture = NDArray[np.uint8]

MAX_INDEX: Final = 5
"""Cameras are looked for up to this number: a laptop shows one or two, each with a twin node."""

_WANTED_SIZE_PX: Final = (1280, 720)
_WANTED_FRAMES_PER_S: Final = 30
_URL_TIMEOUT_MS: Final = 5_000
_STALLED_S: Final = 4
"""How long a camera of this machine may take for a picture, its first one too; own judgement."""

# USB cameras drop a damaged picture now and then; this many in a row are no accident any more. Own
# judgement.
_DAMAGED_IN_A_ROW: Final = 5

_DEVICE_FOLDER: Final = Path("/dev")
_NAMES_FOLDER: Final = Path("/sys/class/video4linux")
_PROCESSES_FOLDER: Final = Path("/proc")
_NUMBERED_NODE: Final = re.compile(r"/dev/video(\d+)")
_NUMBER: Final = re.compile(r"\d{1,3}")
_ADDRESS: Final = re.compile(r"(rtsps?|https?)://", re.IGNORECASE)


_ALLOW: Final = (
    "check its plug, close other programs that may use it, "
    "and allow programs to use the camera in the settings of the system"
)


class Refusal(StrEnum):
    """Why a camera does not open, as far as the system says."""

    ABSENT = "absent"
    FORBIDDEN = "forbidden"
    BUSY = "busy"
    UNKNOWN = "unknown"


class Device(Protocol):
    """What can be opened, gives pictures, and may fail at both; used by one thread at a time."""

    def open(self) -> Refusal | None:
        """Open the device; say why if it does not."""
        ...

    def read(self) -> Picture | None:
        """Wait for the next picture; None when the device fails.

        Returns:
            (H, W, 3) uint8, blue first, or (H, W) of a camera without colours.
        """
        ...

    def release(self) -> None:
        """Give the device back; harmless when it is not open."""
        ...


class CvDevice:
    """A `Device` by OpenCV, silent on the standard error."""

    def __init__(self, where: int | str) -> None:
        """Name the device, without opening it.

        Args:
            where: A number, a path below /dev, or the address of a network camera.
        """
        node = _NUMBERED_NODE.fullmatch(str(where))
        self._where: int | str = int(node[1]) if node else where
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> Refusal | None:
        """Open the device and ask for what it should give; it gives what it can."""
        self.release()
        path = device_path(self._where)
        if path is not None and (refusal := _refusal_of_node(path)) is not None:
            return refusal
        self._capture = _capture(self._where)
        if self._capture is not None:
            return None
        return Refusal.BUSY if path is not None and _is_held(path) else Refusal.UNKNOWN

    def read(self) -> Picture | None:
        """Wait for the next picture that can be decoded; see `Device.read`."""
        import cv2

        if self._capture is None:
            return None
        try:
            for _ in range(_DAMAGED_IN_A_ROW):
                if not self._capture.grab():
                    return None
                # libjpeg remarks on every second picture of some cameras, and no setting stops it.
                with quiet_stderr():
                    decoded, picture = self._capture.retrieve()
                if decoded and picture.size:
                    return cast("Picture", picture)
        except cv2.error:
            return None
        return None

    def release(self) -> None:
        """Give the device back; harmless when it is not open."""
        if self._capture is not None:
            with quiet_stderr():
                self._capture.release()
            self._capture = None


def device_path(where: int | str) -> Path | None:
    """Return the device file of a camera, or None of an address and where there are no such."""
    if platform.system() != "Linux":
        return None
    if isinstance(where, int):
        return _DEVICE_FOLDER / f"video{where}"
    return None if is_address(where) else Path(where)


def camera_indices() -> tuple[int, ...]:
    """Return the numbers that may be cameras; on Linux those with a device file."""
    everything = range(MAX_INDEX + 1)
    if platform.system() != "Linux":
        return tuple(everything)
    return tuple(index for index in everything if (_DEVICE_FOLDER / f"video{index}").exists())


def camera_name(index: int) -> str:
    """Return what the maker calls the camera, where the system says so without opening it."""
    try:
        return (_NAMES_FOLDER / f"video{index}" / "name").read_text(errors="replace").strip()
    except OSError:
        return ""


def _refusal_of_node(path: Path) -> Refusal | None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
    except PermissionError:
        return Refusal.FORBIDDEN
    except OSError as error:
        return Refusal.BUSY if error.errno == errno.EBUSY else Refusal.ABSENT
    return None


def _is_held(path: Path) -> bool:
    """Tell whether a process that this person started has the device open."""
    path = path.resolve()
    for link in _PROCESSES_FOLDER.glob("[0-9]*/fd/*"):
        try:
            if link.readlink() == path:
                return True
        except OSError:  # ended meanwhile, or not this person's
            continue
    return False


def _capture(where: int | str) -> "cv2.VideoCapture | None":
    """Open with the first way that works."""
    # Both are read when a camera is first used: FFmpeg by itself prints why an address does not
    # answer, and V4L2 waits ten seconds for a camera that stalls, which nothing else shortens.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(_STALLED_S))
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    for backend in _backends(where):
        with quiet_stderr():
            try:
                capture = _opened(where, backend)
            except cv2.error:
                continue
        if capture.isOpened():
            return capture
        capture.release()
    return None


def _backends(where: int | str) -> tuple[int, ...]:
    import cv2

    if is_address(where):
        return (cv2.CAP_FFMPEG,)
    own = {
        "Linux": (cv2.CAP_V4L2,),
        # Media Foundation may take half a minute to open what DirectShow opens at once.
        "Windows": (cv2.CAP_DSHOW, cv2.CAP_MSMF),
        "Darwin": (cv2.CAP_AVFOUNDATION,),
    }
    return own.get(platform.system(), (cv2.CAP_ANY,))


def _opened(where: int | str, backend: int) -> "cv2.VideoCapture":
    import cv2

    if backend == cv2.CAP_FFMPEG:
        waits = (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, cv2.CAP_PROP_READ_TIMEOUT_MSEC)
        options = [value for wait in waits for value in (wait, _URL_TIMEOUT_MS)]
        return cv2.VideoCapture(str(where), backend, options)
    source: Any = where  # its stubs know numbers and names, but not one or the other
    capture = cv2.VideoCapture(source, backend)
    width_px, height_px = _WANTED_SIZE_PX
    # First the coding: uncompressed pictures of this size and rate do not fit through USB 2.
    for what, value in (
        (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
        (cv2.CAP_PROP_FRAME_WIDTH, width_px),
        (cv2.CAP_PROP_FRAME_HEIGHT, height_px),
        (cv2.CAP_PROP_FPS, _WANTED_FRAMES_PER_S),
        (cv2.CAP_PROP_BUFFERSIZE, 1),
    ):
        capture.set(what, value)
    return capture


def place_of(where: str) -> int | str | None:
    """Return the number, device or address that is meant; None of a file."""
    if _NUMBER.fullmatch(where):
        return int(where)
    return where if where.startswith("/dev/") or is_address(where) else None


def is_address(place: int | str) -> bool:
    """Tell whether a camera of the network is meant."""
    return isinstance(place, str) and _ADDRESS.match(place) is not None


def why_not(place: int | str, refusal: Refusal, instead: str = "") -> str:
    """Say in one line why a camera does not open and what to do, or else ``instead``."""
    if is_address(place):
        return (
            f"No camera answers at {_without_password(str(place))}; "
            "check the address, the network, and that the camera is switched on."
        )
    shown = f"camera {place}" if isinstance(place, int) else place
    problem, advice = {
        Refusal.ABSENT: (f"There is no {shown} on this machine", "plug it in"),
        Refusal.FORBIDDEN: (f"You may not use {shown}", _how_to_be_allowed(place)),
        Refusal.BUSY: (f"Another program is using {shown}", "close it and try again"),
        Refusal.UNKNOWN: (f"{shown[0].upper()}{shown[1:]} does not open", _ALLOW),
    }[refusal]
    return f"{problem}; {advice}, {instead}." if instead else f"{problem}; {advice}."


def _how_to_be_allowed(place: int | str) -> str:
    path = device_path(place)
    try:
        group = path.group() if path is not None else "video"
    except (OSError, KeyError):
        group = "video"
    return f"join the group {group} (sudo usermod -aG {group} $USER), then log out and in again"


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
