"""Look whether this machine can do the work, and say what to do where it cannot."""

import os
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from hep_vision import __version__
from hep_vision.app.analyse import find_model
from hep_vision.coach.voice import examine_audio
from hep_vision.errors import HepVisionError
from hep_vision.sources.base import Frame
from hep_vision.sources.camera import CameraInfo, list_cameras

if TYPE_CHECKING:
    from hep_vision.store.locations import LogPlace

_LOW_DISK_BYTES: Final = 500_000_000
_SLOW_MS: Final = 66.0
_TRIALS: Final = 10

_WITH_PERSON_RATIO: Final = 1.6
"""How much longer a picture takes with a person in it: 1.5 to 2.0 times in four runs of the full
model over the first 60 pictures of the squat sample, and over black ones."""

_SLOW_CAMERA_FRAMES_PER_S: Final = 14.0
"""Below this, quick repetitions have too few pictures; webcams halve their rate in the dark. Own
judgement."""

_LIGHT_ADVICE: Final = {
    "dark": "dark; switch on a light",
    "too bright": "too bright; turn the camera away from the window or lamp",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: The thing.
        result: What was found, and what to do when it is not sound.
        sound: Whether it is as it should be.
        needed: Whether recordings cannot be analysed without it.
    """

    what: str
    result: str
    sound: bool
    needed: bool = True


def examine(place: "Path | LogPlace") -> list[Finding]:
    """Return what was found, in the order a person would look.

    Opens every camera of this machine for a second or two.
    """
    from hep_vision.store.locations import LogPlace

    place = LogPlace.of(place)
    data_dir = place.folder
    versions = f"hep-vision {__version__}, Python {platform.python_version()}"
    return [
        Finding("versions", versions, sound=True),
        _try("catalogue", _catalogue),
        _try("log", lambda: _log(place)),
        _disk(data_dir),
        _try("model", lambda: str(find_model("full", data_dir).path)),
        _try("speed", lambda: _speed(data_dir)),
        *_cameras(),
        _display(),
        Finding("audio", "; ".join(examine_audio()), sound=True),
    ]


def _try(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, look(), sound=True)
    except HepVisionError as error:
        return Finding(what, str(error), sound=False)


def _catalogue() -> str:
    from hep_vision.exercises.loading import catalogue

    return f"{len(catalogue())} exercises"


def _log(place: "LogPlace") -> str:
    from hep_vision.store.selection import Selection
    from hep_vision.store.sessions import SessionLog

    with SessionLog.open(place) as log:
        where = place.folder if place.url is None else f"{log.database_name}, {place.folder}"
        return f"{where}, {log.count_chosen(Selection())} sessions"


def _disk(data_dir: Path) -> Finding:
    existing = next(folder for folder in (data_dir, *data_dir.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    return Finding("disk", f"{free / 1e9:.1f} GB free", sound=free >= _LOW_DISK_BYTES)


def _speed(data_dir: Path) -> str:
    """Time the search on an empty picture: none with a person is shipped."""
    from hep_vision.pose.mediapipe_tasks import MediaPipePose

    picture = np.zeros((480, 640, 3), dtype=np.uint8)
    with MediaPipePose(find_model("full", data_dir).path) as pose:
        pose.estimate_pose(Frame(0, 0, picture), (640, 480))
        began = time.perf_counter()
        for index in range(1, _TRIALS + 1):
            pose.estimate_pose(Frame(index, 40 * index, picture), (640, 480))
    each_ms = 1000.0 * (time.perf_counter() - began) / _TRIALS
    with_person_ms = each_ms * _WITH_PERSON_RATIO
    advice = "; slow: try --model lite" if with_person_ms > _SLOW_MS else ""
    return (
        f"{each_ms:.0f} ms a picture when looking for a person, "
        f"about {with_person_ms:.0f} ms with one{advice}"
    )


def _cameras() -> list[Finding]:
    cameras = list_cameras(lambda: time.monotonic_ns() // 1_000_000)
    if cameras:
        return [_camera(camera) for camera in cameras]
    advice = (
        "none was found: plug one in and open its cover; on a laptop, allow programs to use it in "
        "the settings; recordings can be analysed without one"
    )
    return [Finding("camera", advice, sound=False, needed=False)]


def _camera(camera: CameraInfo) -> Finding:
    what = f"camera {camera.index}"
    called = f"{camera.name}, " if camera.name else ""
    if camera.size_px is None or camera.frames_per_s is None or camera.light is None:
        return Finding(what, f"{called}{camera.trouble}", sound=False, needed=False)
    width_px, height_px = camera.size_px
    light = _LIGHT_ADVICE.get(camera.light_word, camera.light_word)
    slow = camera.frames_per_s < _SLOW_CAMERA_FRAMES_PER_S
    rate = f"{camera.frames_per_s:.0f} pictures a second" + (" (few: more light helps)" * slow)
    return Finding(
        what,
        f"{called}{width_px}x{height_px}, {rate}, light {camera.light:.0f} of 255 ({light})",
        sound=not slow and camera.light_word not in _LIGHT_ADVICE,
        needed=False,
    )


def _display() -> Finding:
    if platform.system() != "Linux":
        return Finding("display", "that of the system", sound=True, needed=False)
    shown = [name for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)]
    if shown:
        return Finding("display", os.environ[shown[0]], sound=True, needed=False)
    advice = (
        "none: a live session needs a screen, so start it from the desktop and not over a remote "
        "shell; recordings can be analysed without one"
    )
    return Finding("display", advice, sound=False, needed=False)
