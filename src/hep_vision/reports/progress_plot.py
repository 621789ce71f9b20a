"""Plot the progress of a home exercise program: one figure of all of it, or one part for a page.

    story = Story.of(progress, marks, today)
    plot_progress(path, story)                        # a PNG or SVG file
    progress_svg(story, PlotPart.RANGE, "range")      # text for a page

Every part says in words what it shows, for who cannot see it. Nothing hangs on colour: sides,
answers, bars and days differ in mark, line or texture, also in black and white.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from hep_vision.errors import ExportError
from hep_vision.files import private_draft
from hep_vision.reports.plot import SUFFIXES
from hep_vision.reports.progress_calendar import calendar_part
from hep_vision.reports.progress_canvas import Part, draw_alone, draw_parts, png_of, svg_of
from hep_vision.reports.progress_days import feeling_part, form_part, work_part
from hep_vision.reports.progress_range import range_part
from hep_vision.reports.progress_story import Story, span_in_words


class PlotPart(StrEnum):
    """What can be drawn, in the order of the figure of all."""

    RANGE = "range"
    WORK = "work"
    FORM = "form"
    FEELING = "feeling"
    CALENDAR = "calendar"


_PARTS: Final[dict[PlotPart, Callable[[Story], Part]]] = {
    PlotPart.RANGE: range_part,
    PlotPart.WORK: work_part,
    PlotPart.FORM: form_part,
    PlotPart.FEELING: feeling_part,
    PlotPart.CALENDAR: calendar_part,
}


def plot_progress(path: Path, story: Story, exercise_id: str | None = None) -> None:
    """Write one figure of everything as PNG (1200 px wide) or SVG, by the suffix of ``path``.

    The file is readable by its owner only and replaces one of the same name when it is complete.
    Days on which nothing is known stay gaps. The description is stored with the picture.

    Args:
        path: Where to write; the folder must exist.
        story: What is drawn.
        exercise_id: Draws this exercise alone: range, repetitions or holds, form, and what was
            felt on the days on which it was done.

    Raises:
        ExportError: The suffix is unknown or the file cannot be written.
        KeyError: The story has no such exercise.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ExportError(f"cannot plot to {path}: the name must end in {' or '.join(SUFFIXES)}.")
    whose = "Progress"
    kinds = tuple(PlotPart)
    if exercise_id is not None:
        story = story.of_exercise(exercise_id)
        whose = story.exercises[0].name
        kinds = tuple(kind for kind in kinds if kind is not PlotPart.CALENDAR)
    heading = f"{whose}, {span_in_words(story.since, story.until)}"
    parts = [_PARTS[kind](story) for kind in kinds]
    description = " ".join(part.description for part in parts)
    figure = draw_parts(parts, heading, width_in=story.width_in)
    if suffix == ".png":
        picture = png_of(figure, heading, description)
    else:
        svg = svg_of(figure, heading, description, "progress")
        picture = f'<?xml version="1.0" encoding="utf-8"?>\n{svg}'.encode()
    with private_draft(path, "the plot") as draft:
        draft.write_bytes(picture)


def progress_svg(story: Story, kind: PlotPart, prefix: str) -> str:
    """Return one part as an SVG element for a page, with its title and description.

    The same story gives the same text.

    Args:
        story: What is drawn; `Story.of_exercise` gives that of one exercise.
        kind: Which part.
        prefix: Begins every id in it; another one for every picture of a page.

    Raises:
        ValueError: The prefix is no id.
    """
    part = _PARTS[kind](story)
    alone = len(story.exercises) == 1
    title = f"{part.title}: {story.exercises[0].name}" if alone else part.title
    return svg_of(draw_parts([part], width_in=story.width_in), title, part.description, prefix)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One part for a page that writes title and captions by itself.

    Attributes:
        title: What it shows.
        lines: Captions.
        description: In place of the picture.
        svg: The picture, with its title and description; empty where there is nothing to draw.
    """

    title: str
    lines: tuple[str, ...]
    description: str
    svg: str


def drawn(story: Story, kind: PlotPart, prefix: str) -> Drawn:
    """Return one part, its words beside it.

    Args:
        story: As for `progress_svg`.
        kind: Which part.
        prefix: As for `progress_svg`.

    Raises:
        ValueError: As for `progress_svg`.
    """
    part = _PARTS[kind](story)
    alone = len(story.exercises) == 1
    title = f"{part.title}: {story.exercises[0].name}" if alone else part.title
    svg = ""
    if part.draw is not None:
        figure = draw_alone(part, width_in=story.width_in)
        svg = svg_of(figure, title, part.description, prefix)
    return Drawn(part.title, part.lines, part.description, svg)


def described(story: Story, kind: PlotPart) -> str:
    """Return what a part shows in a few plain sentences, for who cannot see it."""
    return _PARTS[kind](story).description
