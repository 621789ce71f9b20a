"""Clips that stand for a camera: somebody who stands still first, as when getting ready."""

from pathlib import Path
from typing import Final

import numpy as np

import media
from hep_vision.sources.video_file import VideoFile

SAMPLE: Final = Path(__file__).parents[1] / "sample_videos" / "squat_side.mp4"
_STEP_MS: Final = 100


def squats_after_standing(path: Path, stands_ms: int = 7_000) -> Path:
    """Write a small clip of somebody who stands still, then squats twice as fast as filmed."""
    with VideoFile(SAMPLE) as video:
        squatting = [f.rgb for f in video if f.index % 3 == 0 and f.timestamp_ms < 15_000]
    pictures = [np.ascontiguousarray(rgb[::2, ::2]) for rgb in squatting]
    pictures = [pictures[0]] * (stands_ms // _STEP_MS) + pictures
    height_px, width_px = pictures[0].shape[:2]
    return media.write_video(
        path,
        stamps_ms=range(0, _STEP_MS * len(pictures), _STEP_MS),
        size_px=(width_px, height_px),
        picture=lambda index: pictures[index],
    )
