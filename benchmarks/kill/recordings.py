"""Short recordings to be killed over: cut out of the sample videos, some twice, some broken."""

import csv
import json
import random
import shutil
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

_SAMPLES: Final = Path(__file__).parents[2] / "sample_videos"
_SIZE_PX: Final = (160, 120)
_FPS: Final = 8
_FRAMES: Final = range(6, 11)
_LONG_FRAMES: Final = 48
_LONG_SHARE: Final = 0.04
"""Of recordings in which a whole repetition has room."""

_TWICE_SHARE: Final = 0.02
Picture = NDArray[np.uint8]


def make_recordings(folder: Path, count: int, broken_share: float, chance: random.Random) -> Path:
    """Write the recordings and return the table that lists them."""
    clips = {
        json.loads(clip.with_suffix(".truth.json").read_text())["exercise_id"]: _small(clip)
        for clip in sorted(_SAMPLES.glob("*.mp4"))
    }
    broken = round(count * broken_share)
    twice = round(count * _TWICE_SHARE)
    rows: list[tuple[str, str]] = []
    for number in range(count - broken - twice):
        exercise = chance.choice(list(clips))
        path = folder / f"{number:05}.mp4"
        long = chance.random() < _LONG_SHARE
        frames = _LONG_FRAMES if long else chance.choice(_FRAMES)
        pictures = clips[exercise]
        start = chance.randrange(max(1, len(pictures) - frames))
        _write(path, pictures[start : start + frames], seed=number)
        rows.append((path.name, exercise))
    for number, (name, exercise) in enumerate(chance.sample(rows, twice)):
        shutil.copyfile(folder / name, folder / f"again{number:05}.mp4")
        rows.append((f"again{number:05}.mp4", exercise))
    for number in range(broken):
        path = folder / f"broken{number:05}.mp4"
        whole = folder / chance.choice(rows)[0]
        _BREAKS[number % len(_BREAKS)](path, whole.read_bytes())
        rows.append((path.name, "squat"))
    chance.shuffle(rows)
    table = folder / "recordings.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("path", "exercise"), *rows])
    return table


def _small(clip: Path) -> list[Picture]:
    """Return the pictures of a clip, small, at `_FPS`."""
    pictures = []
    with av.open(str(clip)) as container:
        next_s = 0.0
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= next_s:
                next_s += 1 / _FPS
                pictures.append(frame.reformat(*_SIZE_PX, format="rgb24").to_ndarray())
    return pictures


def _write(path: Path, pictures: Sequence[Picture], seed: int) -> None:
    noise = (
        np.random.default_rng(seed).integers(0, 4, pictures[0].shape, np.uint8) if pictures else 0
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(_FPS), options={"preset": "ultrafast"}
        )
        stream.width, stream.height, stream.pix_fmt = *_SIZE_PX, "yuv420p"
        container.start_encoding()
        for picture in pictures:
            picture = np.minimum(picture, 251) + noise
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def _without_frames(path: Path, _whole: bytes) -> None:
    _write(path, [], seed=0)


_BREAKS: Final[tuple[Callable[[Path, bytes], object], ...]] = (
    lambda path, whole: path.write_bytes(whole[: len(whole) // 2]),
    lambda path, _: path.write_bytes(b""),
    lambda path, _: path.write_text("This is not a video.\n"),
    _without_frames,
)
