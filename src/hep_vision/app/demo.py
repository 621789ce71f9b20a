"""Write the demonstration of an exercise: a video, a moving or a still picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from hep_vision.coach.palette import CALM, GREEN, INK
from hep_vision.core.demonstration import Demonstration
from hep_vision.errors import DemonstrationError
from hep_vision.exports.video import VideoWriter
from hep_vision.files import private_draft
from hep_vision.reports.demo_sheet import COLOURS, PAPER, MovingSheet, draw_strip, strip_size_px
from hep_vision.reports.demo_svg import demonstration_svg

VIDEO_FRAME_MS: Final = 40
GIF_FRAME_MS: Final = 80
GIF_MIXES: Final = (1 / 3, 2 / 3)
VIDEO_REPS: Final = 3
SIZES_PX: Final = {".mp4": (1280, 720), ".gif": (640, 360), ".svg": (960, 540)}
STRIP_WIDTH_PX: Final = 1600
SMALLEST_PX: Final = 120
LARGEST_PX: Final = 3840


def write_demonstration(
    demo: Demonstration,
    path: Path,
    *,
    reps: int | None = None,
    size_px: tuple[int, int] | None = None,
    side_given: bool = False,
) -> None:
    """Write a demonstration; the suffix of ``path`` says as what.

    Args:
        demo: What is shown.
        path: ``.mp4``, ``.gif``, ``.svg`` or ``.png``.
        reps: How many repetitions: three in a video (one of a timed hold), without end in a moving
            picture, where nothing is said. A still has none.
        size_px: Width and height; one that suits the format if None.
        side_given: Whether somebody has said which side works, so that it is named.

    Raises:
        DemonstrationError: The suffix is another, the size cannot be, or a still should repeat.
        ExportError: The file cannot be written.
    """
    suffix = path.suffix.lower()
    write = _WRITERS.get(suffix)
    if write is None:
        raise DemonstrationError(
            f"{path}: a demonstration is {', '.join(_WRITERS)}; change the name."
        )
    if size_px is None:
        size_px = SIZES_PX.get(suffix) or strip_size_px(demo, STRIP_WIDTH_PX)
    if min(size_px) < SMALLEST_PX or max(size_px) > LARGEST_PX:
        raise DemonstrationError(
            f"--size: width and height are {SMALLEST_PX} to {LARGEST_PX} pixels."
        )
    if suffix == ".png" and reps is not None:
        raise DemonstrationError("--reps: a .png does not move; leave it out, or write an .mp4.")
    write(demo, path, size_px, reps, side_given)


def _write_video(
    demo: Demonstration, path: Path, size_px: tuple[int, int], reps: int | None, side_given: bool
) -> None:
    tempo = demo.tempo
    if reps is None:
        # A hold that fills the video need not be seen again.
        reps = 1 if tempo.hold_ms > tempo.effort_ms + tempo.return_ms else VIDEO_REPS
    sheet = MovingSheet(demo, size_px, side_given=side_given)
    times_ms = np.arange(0.0, tempo.rep_ms, VIDEO_FRAME_MS)
    draw = sheet.drawer(times_ms)
    with VideoWriter(path, size_px) as video:
        for rep in range(reps):
            for moment, time_ms in enumerate(times_ms):
                video.write(draw(moment), rep * tempo.rep_ms + int(time_ms))
        video.write(draw(0), reps * tempo.rep_ms)


def _write_gif(
    demo: Demonstration, path: Path, size_px: tuple[int, int], reps: int | None, side_given: bool
) -> None:
    sheet = MovingSheet(demo, size_px, side_given=side_given)
    times_ms = np.arange(0.0, demo.tempo.rep_ms, GIF_FRAME_MS)
    draw = sheet.drawer(times_ms)
    palette = _palette()
    frames = [
        Image.fromarray(draw(moment)).quantize(palette=palette, dither=Image.Dither.NONE)
        for moment in range(len(times_ms))
    ]
    # The count is of repetitions after the first; none at all plays once, 0 for ever.
    loop = {} if reps == 1 else {"loop": 0 if reps is None else reps - 1}
    with private_draft(path, "the picture") as draft, draft.open("wb") as file:
        frames[0].save(
            file,
            format="GIF",
            save_all=True,
            append_images=frames[1:],
            duration=GIF_FRAME_MS,
            optimize=False,
            **loop,
        )


def _palette() -> Image.Image:
    """Return the colours that are drawn with, and what edges mix of them with ink and paper."""
    pure = np.array([*dict.fromkeys([PAPER, INK, GREEN, CALM, *COLOURS.values()])], np.float64)
    grounds = np.array([PAPER, INK], np.float64)
    mixed = [pure + (ground - pure) * share for ground in grounds for share in GIF_MIXES]
    colours = np.unique(np.rint(np.concatenate([pure, *mixed])).astype(np.uint8), axis=0)
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours.tobytes())
    return palette


def _write_svg(
    demo: Demonstration, path: Path, size_px: tuple[int, int], reps: int | None, side_given: bool
) -> None:
    document = demonstration_svg(demo, size_px, reps=reps, side_given=side_given)
    with private_draft(path, "the picture") as draft:
        draft.write_text(document, encoding="utf-8", newline="\n")


def _write_strip(
    demo: Demonstration, path: Path, size_px: tuple[int, int], reps: int | None, side_given: bool
) -> None:
    picture = draw_strip(demo, size_px, side_given=side_given)
    with private_draft(path, "the picture") as draft, draft.open("wb") as file:
        Image.fromarray(picture).save(file, format="PNG", optimize=True)


_Writer = Callable[[Demonstration, Path, tuple[int, int], int | None, bool], None]
_WRITERS: Final[dict[str, _Writer]] = {
    ".mp4": _write_video,
    ".gif": _write_gif,
    ".svg": _write_svg,
    ".png": _write_strip,
}
