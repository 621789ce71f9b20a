"""The paper that progress is drawn on: parts one under the other, dates along them, SVG text."""

import io
import math
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from typing import Final
from xml.sax.saxutils import escape

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from hep_vision.core.types import FloatArray
from hep_vision.program.overview import VersionMark
from hep_vision.reports.plot import DPI, GREY, INK, PALE
from hep_vision.reports.progress_story import MONTHS, WIDTH_IN, Story, monday

EDGE_IN: Final = 0.3
LEFT_IN, RIGHT_IN = 0.85, 1.75
TICKS_IN: Final = 0.34
HEADING_IN, TITLE_IN, LINE_IN, GAP_IN = 0.55, 0.3, 0.2, 0.3
ALONE_IN: Final = 0.05
LINE_COLUMNS: Final = 140
_LEAST_DAYS: Final = 7
_VERSION_PX: Final = 112
_TICK_PX: Final = 62

_ONE_AT_A_TIME: Final = Lock()
"""Matplotlib's settings are those of the whole process."""


class Sheet:
    """A figure that is measured in inches from its upper left corner."""

    def __init__(self, height_in: float, width_in: float) -> None:
        self.figure = Figure(figsize=(width_in, height_in), dpi=DPI, facecolor="white")
        self.width_in = width_in
        self._height_in = height_in

    def axes(self, left_in: float, top_in: float, width_in: float, height_in: float) -> Axes:
        """Return new axes in the house style."""
        bottom = 1 - (top_in + height_in) / self._height_in
        axes = self.figure.add_axes(
            (
                left_in / self.width_in,
                bottom,
                width_in / self.width_in,
                height_in / self._height_in,
            )
        )
        for name, spine in axes.spines.items():
            spine.set_visible(name in ("left", "bottom"))
            spine.set_color(GREY)
        axes.tick_params(colors=INK, color=GREY, labelsize=9)
        return axes

    def text(
        self,
        left_in: float,
        top_in: float,
        words: str,
        *,
        size: float = 10,
        bold: bool = False,
        colour: str = INK,
    ) -> None:
        """Write words with their upper left corner at a place."""
        self.figure.text(
            left_in / self.width_in, 1 - top_in / self._height_in, words, ha="left", va="top",
            fontsize=size, fontweight="bold" if bold else "normal", color=colour,
            parse_math=False, linespacing=1.3,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of plot.

    Attributes:
        title: What it shows.
        lines: Captions under it.
        description: In place of the picture.
        height_in: Room for what is drawn under title and captions.
        draw: Draws it, given the sheet and how far down it begins.
    """

    title: str
    lines: tuple[str, ...]
    description: str
    height_in: float = 0.0
    draw: Callable[[Sheet, float], None] | None = None

    @property
    def words(self) -> list[str]:
        """Return the captions, wrapped."""
        return [line for one in self.lines for line in textwrap.wrap(one, LINE_COLUMNS)]

    @property
    def full_height_in(self) -> float:
        """Return the room for all of it."""
        return TITLE_IN + LINE_IN * len(self.words) + self.height_in + GAP_IN


def draw_parts(parts: Sequence[Part], heading: str = "", *, width_in: float = WIDTH_IN) -> Figure:
    """Return the figure with parts one under the other."""
    lines = textwrap.wrap(heading, 90)
    top_in = 0.2 + (HEADING_IN - 0.2 + 0.28 * (len(lines) - 1) if lines else 0.0)
    sheet = Sheet(top_in + sum(one.full_height_in for one in parts), width_in)
    if lines:
        sheet.text(EDGE_IN, 0.2, "\n".join(lines), size=16, bold=True)
    for one in parts:
        sheet.text(EDGE_IN, top_in, one.title, size=13, bold=True)
        if one.words:
            sheet.text(EDGE_IN, top_in + TITLE_IN, "\n".join(one.words), colour=INK)
        if one.draw is not None:
            one.draw(sheet, top_in + TITLE_IN + LINE_IN * len(one.words))
        top_in += one.full_height_in
    return sheet.figure


def draw_alone(part: Part, *, width_in: float) -> Figure:
    """Return the figure of a part whose title and captions stand beside it."""
    sheet = Sheet(part.height_in + 2 * ALONE_IN, width_in)
    if part.draw is not None:
        part.draw(sheet, ALONE_IN)
    return sheet.figure


# -- dates ----------------------------------------------------------------------------------------


def set_dates(axes: Axes, story: Story) -> None:
    """Lay the days of a story along axes: limits, ticks and the changes of the program."""
    first, last = story.since, story.until
    missing = max(0, _LEAST_DAYS - 1 - (last - first).days)
    first -= timedelta(days=missing // 2)
    last += timedelta(days=missing - missing // 2)
    axes.set_xlim(first.toordinal() - 0.6, last.toordinal() + 0.6)
    width_px = axes.bbox.width
    ticks = _ticks(first, last, max(2, int(width_px / _TICK_PX)))
    axes.set_xticks([day.toordinal() for day, _ in ticks], [words for _, words in ticks])
    _draw_marks(axes, story.marks, width_px)


def _ticks(first: date, last: date, most: int) -> list[tuple[date, str]]:
    days = (last - first).days + 1
    for step in (1, 2, 3):
        if days / step <= most:
            shown = [first + timedelta(days=ahead) for ahead in range(0, days, step)]
            return [(day, f"{day.day} {MONTHS[day.month - 1]}") for day in shown]
    for weeks in (1, 2):
        if days / 7 / weeks <= most:
            start = monday(first + timedelta(days=6))
            shown = [start + timedelta(days=ahead) for ahead in range(0, days, 7 * weeks)]
            return [(day, f"{day.day} {MONTHS[day.month - 1]}") for day in shown if day <= last]
    steps = (1, 2, 3, 6, 12, 24, 60)
    step = next((one for one in steps if days / 30.4 / one <= most), 120)
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    shown = [date(one // 12, one % 12 + 1, 1) for one in months if one % step == 0]
    return [
        (day, str(day.year) if step >= 12 else f"{MONTHS[day.month - 1]} {day.year}")
        for day in shown
        if first <= day <= last
    ]


def _draw_marks(axes: Axes, marks: Sequence[VersionMark], width_px: float) -> None:
    """Draw a line for each change of the program; those close together share their label."""
    low, high = axes.get_xlim()
    shown = [one for one in marks if low <= one.day.toordinal() - 0.5 <= high]
    together: list[list[VersionMark]] = []
    for one in shown:
        axes.axvline(
            one.day.toordinal() - 0.5, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1
        )
        days = (one.day - together[-1][0].day).days if together else math.inf
        if days / (high - low) * width_px < _VERSION_PX:
            together[-1].append(one)
        else:
            together.append([one])
    for group in together:
        numbers = [str(one.number) for one in (group[0], group[-1])]
        words = f"version {numbers[0]}" if len(group) == 1 else f"versions {' to '.join(numbers)}"
        axes.text(
            group[0].day.toordinal() - 0.5, 1.0, words, transform=axes.get_xaxis_transform(),
            ha="left", va="bottom", fontsize=8, color=INK,
        )  # fmt: skip


def polygons(shapes: Sequence[Sequence[tuple[float, float]]]) -> Outline:
    """Return closed shapes as one outline: thousands are drawn as fast as one."""
    corners = [corner for shape in shapes for corner in (*shape, shape[0])]
    codes = [
        code
        for shape in shapes
        for code in (Outline.MOVETO, *[Outline.LINETO] * (len(shape) - 1), Outline.CLOSEPOLY)
    ]
    return Outline(np.array(corners, dtype=float).reshape(-1, 2), codes)


def spread(values: Sequence[float], low: float, high: float, gap: float) -> FloatArray:
    """Return where labels of ascending values are written so that none covers another."""
    places = np.array(values, dtype=float)
    for place in range(1, len(places)):
        places[place] = max(places[place], places[place - 1] + gap)
    if len(places) and places[-1] > high:
        places[-1] = high
        for place in range(len(places) - 2, -1, -1):
            places[place] = min(places[place], places[place + 1] - gap)
    kept: FloatArray = np.maximum(places, low)
    return kept


def grid(axes: Axes) -> None:
    """Draw faint lines across."""
    axes.grid(axis="y", color=PALE, linewidth=0.7, zorder=0)
    axes.set_axisbelow(True)


# -- pictures -------------------------------------------------------------------------------------


def png_of(figure: Figure, title: str, description: str) -> bytes:
    """Return the picture as PNG."""
    picture = io.BytesIO()
    with _ONE_AT_A_TIME:
        figure.savefig(
            picture,
            format="png",
            dpi=DPI,
            metadata={"Title": title, "Description": description},
        )
    return picture.getvalue()


def svg_of(figure: Figure, title: str, description: str, prefix: str) -> str:
    """Return the picture as an SVG element that can stand in a page with others.

    The same figure gives the same text. Letters stay letters.

    Args:
        figure: The picture.
        title: Its name.
        description: What it shows, in words.
        prefix: Begins every id; another one for every picture of a page.

    Raises:
        ValueError: The prefix is no id.
    """
    if not re.fullmatch(r"[A-Za-z][\w-]*", prefix):
        raise ValueError(f"an id begins with a letter and has no spaces, not {prefix!r}")
    picture = io.StringIO()
    with _ONE_AT_A_TIME, mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": prefix}):
        figure.savefig(picture, format="svg", metadata={"Date": None})
    svg = picture.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|xlink:href="#|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    # A style in one picture holds for the whole page.
    svg = svg.replace('<style type="text/css">*{', f'<style type="text/css">#{prefix} *{{', 1)
    head = f'<svg id="{prefix}" role="img" aria-labelledby="{prefix}-title {prefix}-desc" '
    svg = svg.replace("<svg ", head, 1)
    named = (
        f'>\n <title id="{prefix}-title">{escape(title)}</title>\n'
        f' <desc id="{prefix}-desc">{escape(description)}</desc>'
    )
    return svg.replace(">", named, 1)
