"""Renders one clip: pictures to H.264, truth to JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import groupby, repeat
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from .body import Solid, add_chair, sculpt
from .clips import CLIPS, FPS, Clip
from .postures import POSTURES
from .raymarch import draw
from .room import see_room
from .skeleton import Pose
from .truth import truth_of
from .webcam import webcam

CONSTANT_RATE_FACTOR = "28"
REPORT_EVERY_FRAMES = 15
Picture = NDArray[np.uint8]
OnFrame = Callable[[int, int], None]


def poses_of(clip: Clip) -> list[Pose]:
    """Return the pose in every frame of a clip; frames of a still person share one."""
    posture, poses = POSTURES[clip.exercise_id], list[Pose]()
    angles_before: dict[str, float] = {}
    for frame in range(round(clip.duration_s * FPS)):
        angles = clip.angles_at(frame / FPS)
        still = angles == angles_before
        poses.append(poses[-1] if still else posture(clip.bones, angles, clip.side))
        angles_before = angles
    return poses


def solid_of(clip: Clip, pose: Pose) -> Solid:
    """Return the dressed person, and the chair if the exercise needs one."""
    body = sculpt(pose, clip.look)
    if clip.chair is not None:
        add_chair(body, *clip.chair)
    return body.pack()


def pictures(clip: Clip, poses: Sequence[Pose]) -> Iterator[Picture]:
    """Yield one clean picture (RGB) per pose; a pose that repeats is drawn once."""
    backdrop = see_room(clip.room, clip.camera)
    for _, still in groupby(poses, key=id):
        pose, *others = still
        picture = draw(solid_of(clip, pose), pose, clip.look, clip.camera, backdrop)
        yield from repeat(picture, 1 + len(others))


def write_mp4(path: Path, frames: Iterable[Picture], width: int, height: int) -> None:
    """Write pictures (RGB) as an H.264 file that browsers can play while it loads."""
    options = {"movflags": "faststart"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": CONSTANT_RATE_FACTOR, "preset": "slow", "threads": "1"}
        for picture in frames:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_truth(path: Path, truth: dict[str, object]) -> None:
    """Write a truth as JSON, one line per key."""
    lines = [
        f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}"
        for key, value in truth.items()
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def render(clip: Clip, folder: Path, on_frame: OnFrame) -> None:
    """Render ``<clip>.mp4`` and ``<clip>.truth.json`` into a folder; neither is left half written.

    Args:
        clip: What to render.
        folder: Where the two files go.
        on_frame: Called with frames done and frames in all.
    """
    poses, camera = poses_of(clip), clip.camera
    watched = counted(webcam(pictures(clip, poses), clip.seed), len(poses), on_frame)
    with replacing(folder / f"{clip.name}.mp4") as video:
        write_mp4(video, watched, camera.width_px, camera.height_px)
    render_truth(clip, folder)


def render_truth(clip: Clip, folder: Path) -> None:
    """Write only the truth of a clip, which takes a second."""
    with replacing(folder / f"{clip.name}.truth.json") as path:
        write_truth(path, truth_of(clip, poses_of(clip)))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path that takes the place of ``path`` if all goes well."""
    unfinished = path.with_name(f".{path.name}.part")
    yield unfinished
    unfinished.replace(path)


def counted(frames: Iterable[Picture], total: int, on_frame: OnFrame) -> Iterator[Picture]:
    """Yield pictures and report how many have passed."""
    for done, frame in enumerate(frames, start=1):
        yield frame
        on_frame(done, total)


def render_named(name: str, folder: Path, reports: Any) -> None:
    """Render a clip in a worker process and put (name, frames done, frames in all) in a queue."""

    def report(done: int, total: int) -> None:
        if done % REPORT_EVERY_FRAMES == 0 or done == total:
            reports.put((name, done, total))

    render(CLIPS[name], folder, report)
