"""Make the pictures of the README and the manuals: from the sample videos, and drawn.

python scripts/pictures.py
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2

from hep_vision.app.analyse import Task, analyse, find_model
from hep_vision.app.demo import write_demonstration
from hep_vision.app.output import write_plot
from hep_vision.core.demonstration import demonstrate
from hep_vision.core.types import Rep
from hep_vision.errors import HepVisionError
from hep_vision.exercises.loading import find_exercise
from hep_vision.pose.model_file import DEFAULT_MODEL
from hep_vision.sources.video_file import VideoFile

CHECKOUT: Final = Path(__file__).resolve().parents[1]
CLIP: Final = CHECKOUT / "sample_videos" / "squat_side.mp4"
EXERCISE: Final = "squat"
DRAWN: Final = "straight_leg_raise"
DRAWN_PX: Final = (1200, 400)
PICTURES: Final = CHECKOUT / "docs" / "pictures"
AFTER_FLAGGED_REP_MS: Final = 1_500
"""How long after a flagged repetition the picture is taken: its message is still on screen."""


def main() -> int:
    """Write the pictures and return the exit code."""
    try:
        make_pictures()
    except HepVisionError as error:
        sys.stderr.write(f"pictures: {error}\n")
        return int(error.exit_code)
    return 0


def make_pictures() -> None:
    """Analyse the clip, write the plot and one picture of the overlay; draw an exercise.

    Raises:
        HepVisionError: The clip cannot be analysed or a picture not written.
    """
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        overlay = Path(folder) / "overlay.mp4"
        model = find_model(DEFAULT_MODEL, Path(folder))
        analysis = analyse(Task(CLIP, find_exercise(EXERCISE), model=model, overlay=overlay))
        write_plot(analysis, PICTURES / "plot.png")
        ends_ms = [e.end_ms for e in analysis.events if isinstance(e, Rep) and e.deviations]
        save_picture(overlay, ends_ms[0] + AFTER_FLAGGED_REP_MS, PICTURES / "overlay.png")
    write_demonstration(demonstrate(find_exercise(DRAWN)), PICTURES / "demo.png", size_px=DRAWN_PX)
    for picture in PICTURES.glob("*.png"):
        picture.chmod(0o644)  # what the program writes is for its owner only; these are published


def save_picture(video: Path, timestamp_ms: int, path: Path) -> None:
    """Write the picture of ``video`` that is on screen at ``timestamp_ms``, or its last."""
    shown = None
    with VideoFile(video) as frames:
        for frame in frames:
            shown = frame
            if frame.timestamp_ms >= timestamp_ms:
                break
    if shown is not None:
        cv2.imwrite(str(path), cv2.cvtColor(shown.rgb, cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    sys.exit(main())
