"""Look whether this machine can do the work, and say what to do where it cannot."""

import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from hep_vision import __version__
from hep_vision.app.analyse import find_model
from hep_vision.coach.voice import examine_audio
from hep_vision.errors import HepVisionError
from hep_vision.sources.base import Frame

_LOW_DISK_BYTES: Final = 500_000_000
_SLOW_MS: Final = 66.0
_TRIALS: Final = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    result: str
    sound: bool


def examine(data_dir: Path) -> list[Finding]:
    """Return what was found, in the order a person would look."""
    versions = f"hep-vision {__version__}, Python {platform.python_version()}"
    return [
        Finding("versions", versions, sound=True),
        _try("catalogue", _catalogue),
        _try("log", lambda: _log(data_dir)),
        _disk(data_dir),
        _try("model", lambda: str(find_model("full", data_dir).path)),
        _try("speed", lambda: _speed(data_dir)),
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


def _log(data_dir: Path) -> str:
    from hep_vision.store.sessions import SessionLog

    with SessionLog.open(data_dir) as log:
        return f"{data_dir}, {len(log.sessions())} sessions"


def _disk(data_dir: Path) -> Finding:
    existing = next(folder for folder in (data_dir, *data_dir.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    return Finding("disk", f"{free / 1e9:.1f} GB free", sound=free >= _LOW_DISK_BYTES)


def _speed(data_dir: Path) -> str:
    """Time the detector, the slowest step, on an empty picture."""
    from hep_vision.pose.mediapipe_tasks import MediaPipePose

    picture = np.zeros((480, 640, 3), dtype=np.uint8)
    with MediaPipePose(find_model("full", data_dir).path) as pose:
        pose.estimate_pose(Frame(0, 0, picture), (640, 480))
        began = time.perf_counter()
        for index in range(1, _TRIALS + 1):
            pose.estimate_pose(Frame(index, 40 * index, picture), (640, 480))
    each_ms = 1000.0 * (time.perf_counter() - began) / _TRIALS
    advice = "; slow: try --model lite" if each_ms > _SLOW_MS else ""
    return f"{each_ms:.0f} ms a picture when looking for a person{advice}"
