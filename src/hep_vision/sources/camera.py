"""The live camera of a patient's laptop: always the newest picture, and words for what is wrong.

A thread grabs; who looks at the pictures takes the newest one and never an old one. A recording can
stand in for the camera: it plays at its own pace, with its own exact times.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from hep_vision.errors import SourceOpenError
from hep_vision.sources.base import Frame
from hep_vision.sources.camera_device import (
    CvDevice,
    Device,
    Refusal,
    camera_indices,
    camera_name,
    device_path,
    is_address,
    place_of,
    why_not,
)
from hep_vision.sources.camera_feeds import (
    CameraState,
    Clock,
    DeviceFeed,
    Feed,
    FileFeed,
    mosaic,
)
from hep_vision.sources.video_file import MAX_SIDE_PX as FILE_MAX_SIDE_PX
from hep_vision.sources.video_file import ReadSettings, VideoFile

__all__ = ["CameraInfo", "CameraState", "LiveCamera", "list_cameras", "open_camera"]

MAX_SIDE_PX: Final = 1280
"""Longer side of a camera's pictures: enough for a window; the pose model needs less."""

CLOSE_TIMEOUT_S: Final = 2.0
"""How long closing waits for a device that does not come back from reading."""

# Mean light of a picture, of 255. A webcam that sets its own exposure aims at the middle. Own
# judgement.
DARK_BELOW: Final = 50.0
BRIGHT_FROM: Final = 215.0

_WARM_UP_PICTURES: Final = 5
_MEASURED_PICTURES: Final = 20
_SILENT: Final = "It opens but gives no picture; close other programs that may be using it."


class LiveCamera:
    """The newest picture of a camera, and what is wrong with it; use it as a context manager."""

    def __init__(
        self, feed: Feed, clock: Clock, sleep: Callable[[float], object] | None = None
    ) -> None:
        """Start grabbing; `open_camera` makes one."""
        self._feed = feed
        self._clock = clock
        self._arrived = threading.Condition()
        self._newest: Frame | None = None
        self._dropped = 0
        self._over = False
        self._error: Exception | None = None
        self._closing = threading.Event()
        self._sleep = sleep or self._closing.wait
        # A daemon, so that a device that never comes back cannot keep the program from ending.
        self._thread = threading.Thread(target=self._grab, name="camera", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop grabbing and give the camera back; harmless when repeated.

        A device that does not come back from reading within ``CLOSE_TIMEOUT_S`` is left to its
        thread, which gives it back as soon as it can.
        """
        self._closing.set()
        with self._arrived:
            self._over = True
            self._newest = None
            self._arrived.notify_all()
        self._thread.join(CLOSE_TIMEOUT_S)

    def newest(self, timeout_s: float) -> Frame | None:
        """Return the newest picture that was not handed out yet; wait for one if there is none.

        Returns:
            The frame, or None when none came in time, the recording has ended, or the camera is
            closed. The time of a recording's frames is that of the start of playing plus that of
            the media, exactly.
        """
        with self._arrived:
            self._arrived.wait_for(lambda: self._newest is not None or self._over, timeout_s)
            if self._error is not None:
                raise self._error
            frame, self._newest = self._newest, None
            return frame

    @property
    def dropped(self) -> int:
        """Count the pictures that a newer one replaced before anyone took them."""
        return self._dropped

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Tell width and height of the picture before it was scaled; None before the first one."""
        return self._feed.size_px

    @property
    def state(self) -> CameraState:
        """Tell what the camera is doing; a recording ends when its last picture was taken."""
        state = self._feed.state(self._clock())
        return CameraState.LIVE if state is CameraState.ENDED and self._newest else state

    @property
    def trouble(self) -> str | None:
        """Say in one line what is wrong and what to do; None when nothing is."""
        return self._feed.trouble(self.state)

    def _grab(self) -> None:
        error: Exception | None = None
        try:
            self._feed.run(self._give, self._pause)
        except Exception as raised:  # noqa: BLE001 - raised again in the thread that takes pictures
            error = raised
        with self._arrived:
            self._over = True
            self._error = error
            self._arrived.notify_all()

    def _give(self, frame: Frame) -> None:
        with self._arrived:
            if self._over:
                return
            self._dropped += self._newest is not None
            self._newest = frame
            self._arrived.notify_all()

    def _pause(self, seconds: float) -> bool:
        if seconds > 0 and not self._closing.is_set():
            self._sleep(seconds)
        return self._closing.is_set()


def open_camera(
    where: str,
    clock: Clock,
    *,
    pace: float = 1.0,
    max_side_px: int | None = None,
    sleep: Callable[[float], object] | None = None,
    devices: Callable[[int | str], Device] = CvDevice,
) -> LiveCamera:
    """Open a camera, or a recording that stands in for one.

    Args:
        where: A number ("0"), a device ("/dev/video0"), an address (rtsp, http) or a video file.
        clock: Monotonic milliseconds.
        pace: How many times faster than it was recorded a video file is played.
        max_side_px: Longer pictures are scaled down to this. By default ``MAX_SIDE_PX``, and of a
            file what `VideoFile` takes, so that landmarks are those of analysing it.
        sleep: Waits for so many seconds; by default until the camera is closed, at most.
        devices: Makes the device of a number, path or address.

    Raises:
        SourceOpenError: It does not open; says what was tried and what to do.
        SourceReadError: It is a video file that cannot be decoded.
        ValueError: The pace is not above 0.
    """
    if not pace > 0:
        raise ValueError("pace must be above 0")
    place = place_of(where)
    if place is None:
        video = VideoFile(where, ReadSettings(max_side_px or FILE_MAX_SIDE_PX))
        return LiveCamera(FileFeed(video, clock, pace), clock, sleep)
    device = devices(place)
    refusal = device.open()
    if refusal is not None:
        instead = "" if is_address(place) else _instead(place, devices)
        raise SourceOpenError(why_not(place, refusal, instead))
    feed = DeviceFeed(device, clock, max_side_px or MAX_SIDE_PX, is_address=is_address(place))
    return LiveCamera(feed, clock, sleep)


def _instead(place: int | str, devices: Callable[[int | str], Device]) -> str:
    """Name the other cameras that open."""
    found = []
    for index in camera_indices():
        if place not in (index, str(device_path(index))):
            device = devices(index)
            if device.open() is None:
                found.append(str(index))
            device.release()
    if found:
        return f"or use one that opens: {', '.join(found)}"
    return "or name a video file instead"


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera of this machine, as it was found.

    Attributes:
        index: The number to open it by.
        name: What its maker calls it, or empty.
        size_px: Width and height of its pictures; None when it gave none.
        frames_per_s: Measured, or None.
        light: Mean luminance of its last picture, 0..255, or None.
        trouble: Why it gave no picture and what to do, or None.
    """

    index: int
    name: str
    size_px: tuple[int, int] | None = None
    frames_per_s: float | None = None
    light: float | None = None
    trouble: str | None = None

    @property
    def light_word(self) -> str:
        """Judge the light: dark, enough or too bright; empty when it is not known."""
        if self.light is None:
            return ""
        if self.light < DARK_BELOW:
            return "dark"
        return "enough" if self.light < BRIGHT_FROM else "too bright"


def list_cameras(
    clock: Clock, devices: Callable[[int | str], Device] = CvDevice
) -> list[CameraInfo]:
    """Open each camera of this machine in turn, and look at about a second of its pictures.

    A device file that does not open for no known reason is left out when another opens: laptops
    have a twin of each camera that gives no pictures.
    """
    found = []
    twins = []
    for index in camera_indices():
        device = devices(index)
        try:
            refusal = device.open()
            if refusal is None:
                found.append(_looked_at(index, device, clock))
            elif refusal is Refusal.UNKNOWN and device_path(index) is not None:
                twins.append(_closed(index, refusal))
            elif refusal in (Refusal.BUSY, Refusal.FORBIDDEN):
                found.append(_closed(index, refusal))
        finally:
            device.release()
    return found or twins


def _closed(index: int, refusal: Refusal) -> CameraInfo:
    return CameraInfo(index, camera_name(index), trouble=why_not(index, refusal))


def _looked_at(index: int, device: Device, clock: Clock) -> CameraInfo:
    name = camera_name(index)
    began_ms, picture = clock(), device.read()
    for taken in range(1, _WARM_UP_PICTURES + _MEASURED_PICTURES):
        if picture is None:
            break
        if taken == _WARM_UP_PICTURES:
            began_ms = clock()
        picture = device.read()
    if picture is None:
        return CameraInfo(index, name, trouble=_SILENT)
    took_ms = max(1, clock() - began_ms)
    return CameraInfo(
        index,
        name,
        size_px=(picture.shape[1], picture.shape[0]),
        frames_per_s=1000 * _MEASURED_PICTURES / took_ms,
        light=float(mosaic(picture).mean()),
    )
