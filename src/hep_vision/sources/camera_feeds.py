"""What plays behind a live camera: a device that may fail, or a file at its own pace."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol, cast

import numpy as np

from hep_vision.errors import SourceReadError
from hep_vision.sources.base import Frame
from hep_vision.sources.camera_device import Device, Picture, Refusal
from hep_vision.sources.video_file import VideoFile

Clock = Callable[[], int]
"""Milliseconds that never go back; only differences mean anything."""

RETRY_S: Final = 1.0
MISSING_MS: Final = 1_500
FIRST_PICTURE_MS: Final = 5_000
"""A camera that wakes up may take seconds; own judgement."""

BLACK_MS: Final = 1_000
FROZEN_MS: Final = 2_000

# Of 255, over a mosaic of the picture in which the noise of the sensor has averaged out. A covered
# lens gives below 10 and even, a dark room with one lamp is darker than 16 but not even. Own
# judgement.
BLACK_MEAN: Final = 16.0
BLACK_SPREAD: Final = 4.0
_MOSAIC_PX: Final = (32, 18)
_MOSAIC_STEP: Final = 4


class CameraState(StrEnum):
    """What a camera is doing."""

    OPENING = "opening"
    LIVE = "live"
    BLACK = "black"
    FROZEN = "frozen"
    LOST = "lost"
    BUSY = "busy"
    ENDED = "ended"


_TROUBLES: Final = {
    CameraState.BLACK: "The camera shows black: open its cover, or switch on a light.",
    CameraState.FROZEN: (
        "The picture stands still: check the switch of the camera, or unplug it and plug it in."
    ),
    CameraState.LOST: "The camera is gone: check its plug. Trying again.",
    CameraState.BUSY: "Another program is using the camera: close it. Trying again.",
}
_ADDRESS_LOST: Final = (
    "The camera does not answer: check that it is switched on, and the network. Trying again."
)


class Feed(Protocol):
    """Where the pictures of a `LiveCamera` come from."""

    def run(self, give: Callable[[Frame], None], pause: Callable[[float], bool]) -> None:
        """Give pictures until they end or ``pause`` (seconds) says that the camera is closed."""
        ...

    def state(self, now_ms: int) -> CameraState:
        """Tell what the source is doing."""
        ...

    def trouble(self, state: CameraState) -> str | None:
        """Say what is wrong in this state and what to do."""
        ...

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Tell width and height before scaling; None while they are not known."""
        ...


class Watch:
    """Whether pictures are black or stand still, from one to the next."""

    def __init__(self, *, may_freeze: bool) -> None:
        self._may_freeze = may_freeze
        self._black_since_ms: int | None = None
        self._same_since_ms: int | None = None
        self._before: tuple[Picture, int] | None = None

    def look(self, picture: Picture, now_ms: int) -> CameraState:
        """Return BLACK, FROZEN or LIVE."""
        if not _is_black(picture):
            self._black_since_ms = None
        elif self._black_since_ms is None:
            self._black_since_ms = now_ms
        self._compare(picture, now_ms)
        if self._black_since_ms is not None and now_ms - self._black_since_ms > BLACK_MS:
            return CameraState.BLACK
        if self._same_since_ms is not None and now_ms - self._same_since_ms >= FROZEN_MS:
            return CameraState.FROZEN
        return CameraState.LIVE

    def _compare(self, picture: Picture, now_ms: int) -> None:
        if not self._may_freeze:
            return
        # The noise of a sensor alone makes every picture differ from the one before.
        if self._before is None or not np.array_equal(picture, self._before[0]):
            self._same_since_ms = None
        elif self._same_since_ms is None:
            self._same_since_ms = self._before[1]
        self._before = picture, now_ms


class DeviceFeed:
    """Pictures of a device, which is opened again and again after it was lost."""

    def __init__(self, device: Device, clock: Clock, max_side_px: int, *, is_address: bool) -> None:
        self._device = device
        self._clock = clock
        self._max_side_px = max_side_px
        self._is_address = is_address
        self._opened_ms = clock()
        self._index = 0
        self._last_ms: int | None = None
        self._seen: CameraState | None = None  # of the last picture; None while there is none
        self._missing = CameraState.OPENING
        self._watch = self._new_watch()
        self.size_px: tuple[int, int] | None = None

    def run(self, give: Callable[[Frame], None], pause: Callable[[float], bool]) -> None:
        """Give pictures until the camera is closed."""
        try:
            while not pause(0):
                picture = self._device.read()
                if picture is not None:
                    give(self._frame(picture))
                else:
                    self._open_again(pause)
        finally:
            self._device.release()

    def state(self, now_ms: int) -> CameraState:
        """Judge by the last picture, or by its absence."""
        seen, last_ms = self._seen, self._last_ms
        if seen is not None and last_ms is not None:
            return CameraState.LOST if now_ms - last_ms > MISSING_MS else seen
        never_came = now_ms - self._opened_ms > FIRST_PICTURE_MS
        if self._missing is CameraState.OPENING and never_came:
            return CameraState.LOST
        return self._missing

    def trouble(self, state: CameraState) -> str | None:
        """Say what is wrong in this state and what to do."""
        if self._is_address and state is CameraState.LOST:
            return _ADDRESS_LOST
        return _TROUBLES.get(state)

    def _frame(self, picture: Picture) -> Frame:
        now_ms = self._clock()
        stamp_ms = now_ms if self._last_ms is None else max(now_ms, self._last_ms + 1)
        height_px, width_px = picture.shape[:2]
        self.size_px = width_px, height_px
        frame = Frame(self._index, stamp_ms, _rgb(picture, self._max_side_px))
        self._index += 1
        self._last_ms = stamp_ms
        self._seen = self._watch.look(picture, stamp_ms)
        return frame

    def _open_again(self, pause: Callable[[float], bool]) -> None:
        # One that opens but never gives a picture is what a camera in use looks like on Windows.
        silent = self._last_ms is None and not self._is_address
        self._missing = CameraState.BUSY if silent else CameraState.LOST
        self._seen = None
        self._device.release()
        while not pause(RETRY_S):
            refusal = self._device.open()
            if refusal is None:
                self._watch = self._new_watch()
                return
            busy = refusal is Refusal.BUSY
            self._missing = CameraState.BUSY if busy else CameraState.LOST

    def _new_watch(self) -> Watch:
        # What a network sends is compressed: where nothing moves, pictures may well be the same.
        return Watch(may_freeze=not self._is_address)


class FileFeed:
    """Pictures of a file at the times they were recorded at."""

    def __init__(self, video: VideoFile, clock: Clock, pace: float) -> None:
        self._video = video
        self._clock = clock
        self._pace = pace
        self._state = CameraState.OPENING
        self._failure: str | None = None
        self._watch = Watch(may_freeze=False)

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Tell width and height of the file's pictures."""
        return self._video.info.width_px, self._video.info.height_px

    def run(self, give: Callable[[Frame], None], pause: Callable[[float], bool]) -> None:
        """Give each picture when it is due, until the end or the camera is closed."""
        start_ms = self._clock()
        with self._video as frames:
            try:
                for frame in frames:
                    # Due by the start, so that one that came late does not delay the others.
                    due_ms = start_ms + frame.timestamp_ms / self._pace
                    while not (closed := pause(0)) and (left_ms := due_ms - self._clock()) > 0:
                        pause(left_ms / 1000)
                    if closed:
                        return
                    self._state = self._watch.look(frame.rgb, frame.timestamp_ms)
                    give(Frame(frame.index, start_ms + frame.timestamp_ms, frame.rgb))
            except SourceReadError as error:
                self._failure = str(error)
            self._state = CameraState.ENDED

    def state(self, now_ms: int) -> CameraState:
        """Tell where the playing is; `now_ms` is no part of it."""
        return self._state

    def trouble(self, state: CameraState) -> str | None:
        """Say what is wrong in this state and what to do."""
        return self._failure if state is CameraState.ENDED else _TROUBLES.get(state)


def _rgb(picture: Picture, max_side_px: int) -> Picture:
    import cv2

    scale = max_side_px / max(picture.shape[:2])
    if scale < 1:
        height_px, width_px = picture.shape[:2]
        size_px = (max(1, round(width_px * scale)), max(1, round(height_px * scale)))
        # Averaging by a factor that is no whole number takes 12 ms from 1080p; between half and
        # full size every pixel has its say in the quick way too.
        how = cv2.INTER_LINEAR if scale > 0.5 else cv2.INTER_AREA
        picture = cast("Picture", cv2.resize(picture, size_px, interpolation=how))
    code = cv2.COLOR_GRAY2RGB if picture.ndim == 2 else cv2.COLOR_BGR2RGB
    return cast("Picture", cv2.cvtColor(picture, code))


def mosaic(picture: Picture) -> Picture:
    """Return the light of a few hundred places of a picture, 0..255, blue or red first."""
    import cv2

    some = np.ascontiguousarray(picture[::_MOSAIC_STEP, ::_MOSAIC_STEP])
    light = some if some.ndim == 2 else cv2.cvtColor(some, cv2.COLOR_BGR2GRAY)
    return cast("Picture", cv2.resize(light, _MOSAIC_PX, interpolation=cv2.INTER_AREA))


def _is_black(picture: Picture) -> bool:
    light = mosaic(picture)
    return bool(light.mean() < BLACK_MEAN and light.std() < BLACK_SPREAD)
