"""Writes clips beside a live session, in a thread that nobody waits for.

It takes one core at most. Few clips may wait: one that finds no room is refused, and the session
goes on.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hep_vision.app.frame_ring import BUDGET_BYTES, KeptFrame
from hep_vision.core.face import FaceFinder
from hep_vision.core.types import PoseFrame
from hep_vision.errors import HepVisionError
from hep_vision.exports.face_blur import hide
from hep_vision.exports.video import VideoWriter

MOST_WAITING: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class ClipJob:
    """Pictures that shall become a clip.

    Attributes:
        frames: At least two, of one size, in time order.
        draft: Where to write it.
        poses: Landmarks by which faces are hidden; None leaves them as they are.
    """

    frames: tuple[KeptFrame, ...]
    draft: Path
    poses: tuple[PoseFrame, ...] | None = None

    @property
    def bytes_held(self) -> int:
        """What its pictures take in memory."""
        return sum(frame.yuv.nbytes for frame in self.frames)


def write_clip(job: ClipJob) -> None:
    """Write a clip to its draft, on one core.

    Raises:
        ExportError: It cannot be written.
    """
    stamps = [frame.timestamp_ms for frame in job.frames]
    face = FaceFinder(job.poses) if job.poses is not None else None
    with VideoWriter(
        job.draft, job.frames[0].size_px, origin_ms=stamps[0], one_thread=True
    ) as writer:
        for frame in job.frames:
            rgb = frame.rgb
            if face is not None:
                rgb = hide(rgb, face.regions(frame.timestamp_ms), face.image_size_px)
            writer.write(rgb, frame.timestamp_ms)


class ClipEncoder:
    """Writes clips one after the other in a thread.

    Args:
        write: Writes one.
        most_bytes: What the pictures of all that wait may take.
    """

    def __init__(
        self, write: Callable[[ClipJob], None] = write_clip, most_bytes: int = BUDGET_BYTES
    ) -> None:
        self._write = write
        self._most_bytes = most_bytes
        self._waiting: queue.Queue[ClipJob | None] = queue.Queue()
        self._open: list[ClipJob] = []
        self._done: list[tuple[Path, str | None]] = []
        self._lock = threading.Lock()
        # A daemon, so that a disk that does not answer cannot keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="clips", daemon=True)
        self._thread.start()

    def submit(self, job: ClipJob) -> bool:
        """Have a clip written; return whether there is room for it. Returns at once."""
        with self._lock:
            held = sum(each.bytes_held for each in self._open)
            if len(self._open) > MOST_WAITING or held + job.bytes_held > self._most_bytes:
                return False
            self._open.append(job)
        self._waiting.put(job)
        return True

    def take(self) -> list[tuple[Path, str | None]]:
        """Return the drafts done since the last call, each with what went wrong, or None."""
        with self._lock:
            done, self._done = self._done, []
        return done

    def close(self, timeout_s: float) -> bool:
        """Write what waits, but for so many seconds at most; return whether all is written."""
        self._waiting.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        # No lower priority: put aside while it holds the interpreter, it would hold up the others.
        while (job := self._waiting.get()) is not None:
            problem: str | None = None
            try:
                self._write(job)
            except HepVisionError as error:
                problem = str(error)
            except Exception as error:  # noqa: BLE001 -- a clip must never end a session
                problem = f"A clip could not be written ({type(error).__name__})."
            with self._lock:
                self._open.remove(job)
                self._done.append((job.draft, problem))
            del job  # its pictures would stay until the next one comes
