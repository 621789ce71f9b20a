"""A demonstration on paper: where everything is, and its picture at any time."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np

from hep_vision.coach.canvas import (
    Box,
    Picture,
    Point,
    draw_disc,
    draw_lines,
    write_on_paper,
)
from hep_vision.coach.icons import draw_cross, draw_tick
from hep_vision.coach.palette import BLUE, CALM, FAINT, INK, VERMILION, WHITE, Rgb
from hep_vision.coach.stance import Place, draw_parts
from hep_vision.core.definition import Check
from hep_vision.core.demonstration import Demonstration, Panel, Tempo
from hep_vision.core.mannequin import Part, Role
from hep_vision.core.types import FloatArray, Side

PAPER: Final = WHITE
SKIN: Final[Rgb] = (0xE3, 0xE7, 0xEB)
SHADOW: Final[Rgb] = (0xA4, 0xAB, 0xB3)
WOOD: Final[Rgb] = (0xB7, 0xA1, 0x86)

COLOURS: Final[Mapping[Role, Rgb]] = {
    Role.GROUND: FAINT,
    Role.FURNITURE: WOOD,
    Role.FAR: SHADOW,
    Role.NEAR: SKIN,
    Role.WORKING: BLUE,
    Role.TRUNK: SKIN,
    Role.HEAD: SKIN,
    Role.EYE: INK,
    Role.MARK: VERMILION,
}

SOUND_LABEL: Final = "Like this"
FAULT_LABEL: Final = "Not like this"


_CELL_UNITS, _MARGIN_UNITS = 0.62, 0.4
EDGE_M: Final = 0.03
"""Room for the outline of a figure."""


class Cell(NamedTuple):
    """Where one figure is: a sign and its words above, the figure below."""

    sign: Point
    sign_px: float
    label: Box
    figure: Box


class Sheet(NamedTuple):
    """Where everything is in a picture; the tempo only where something moves."""

    title: Box
    cells: tuple[Cell, ...]
    tempo: Box | None
    text_px: int


def lay_out(size_px: tuple[int, int], cells: int, *, moving: bool) -> Sheet:
    """Return the places of a title, of figures beside or below one another, and of a tempo."""
    width, height = size_px
    page = Box(0, 0, width, height).inset(round(0.03 * min(size_px)))
    unit = (
        min(width / (_CELL_UNITS * cells + _MARGIN_UNITS), height)
        if width >= height
        else width / 1.1
    )
    title_px, tempo_px = round(0.1 * unit), round(0.17 * unit) if moving else 0
    title = Box(page.x, page.y, page.width, title_px)
    body = Box(page.x, page.y + title_px, page.width, page.height - title_px - tempo_px)
    text_px = max(8, round(0.052 * unit))
    places = [
        body.part(0.0, 1.0, k / cells, (k + 1) / cells)
        if width >= height
        else body.part(k / cells, (k + 1) / cells)
        for k in range(cells)
    ]
    tempo = Box(page.x, page.y + page.height - tempo_px, page.width, tempo_px) if moving else None
    return Sheet(title, tuple(_cell(place, text_px) for place in places), tempo, text_px)


def _cell(place: Box, text_px: int) -> Cell:
    inner = place.inset(max(2, text_px // 3))
    band, radius = round(2.5 * text_px), 0.62 * text_px
    left = round(2.6 * radius)
    label = Box(inner.x + left, inner.y, inner.width - left, band)
    sign = (inner.x + radius, inner.y + band / 2)
    gap = round(0.7 * text_px)
    figure = Box(inner.x, inner.y + band + gap, inner.width, inner.height - band - gap)
    return Cell(sign, radius, label, figure)


def place_in(figure: Box, extent_m: tuple[FloatArray, FloatArray]) -> Place:
    """Return how a figure of some extent fits the middle of a box, its outline included."""
    low, high = (corner + way * EDGE_M for corner, way in zip(extent_m, (-1, 1), strict=True))
    scale = float(min(figure.width / (high[0] - low[0]), figure.height / (high[1] - low[1])))
    x, y = (low + high) / 2 * scale
    return Place((figure.centre[0] - float(x), figure.centre[1] - float(y)), scale)


def title_of(demo: Demonstration, *, side_given: bool) -> str:
    """Return the name of the exercise, with the side where somebody has said which."""
    named = side_given and demo.side is not Side.BOTH
    return f"{demo.exercise.name} · {demo.side} side" if named else demo.exercise.name


def label_of(panel: Panel) -> str:
    """Return what a figure shows: "Not like this: knees drifting in"."""
    if panel.fault is None:
        return SOUND_LABEL
    name = panel.fault.name
    return f"{FAULT_LABEL}: {name[0].lower()}{name[1:]}"


def seconds(duration_ms: int) -> str:
    """Return a duration as people say it: "2.5 s"."""
    return f"{duration_ms / 1000:g}\N{NO-BREAK SPACE}s"


def tempo_words(tempo: Tempo) -> list[tuple[str, float, float]]:
    """Return what is written under the tempo, with the shares of it where each part is."""
    starts = np.cumsum([0, *tempo]) / tempo.rep_ms
    words = [seconds(tempo.effort_ms), f"hold {seconds(tempo.hold_ms)}", seconds(tempo.return_ms)]
    parts = zip(words, tempo[1:], starts[1:], starts[2:], strict=False)
    return [(text, float(a), float(b)) for text, part_ms, a, b in parts if part_ms]


def tempo_curve(tempo: Tempo, box: Box, times_ms: FloatArray) -> FloatArray:
    """Return (T, 2) pixels of the way to the goal at times within one repetition."""
    band = box.part(0.16, 0.6, 0.12, 0.88)
    at_end = times_ms >= tempo.rep_ms
    share = np.where(at_end, 0.0, tempo.share_at(times_ms))
    x = band.x + band.width * times_ms / tempo.rep_ms
    return np.stack([x, band.y + band.height * (1.0 - share)], axis=-1)


def tempo_word_box(box: Box, start: float, end: float) -> Box:
    """Return where the words of a part of the tempo go."""
    at = [0.12 + 0.76 * share for share in (start, end)]
    spread = max(0.0, 0.08 - (at[1] - at[0])) / 2
    return box.part(0.68, 1.0, at[0] - spread, at[1] + spread)


class MovingSheet:
    """Draws the picture of a demonstration at any time of one repetition."""

    def __init__(
        self, demo: Demonstration, size_px: tuple[int, int], *, side_given: bool = False
    ) -> None:
        self._demo = demo
        cells = 1 if demo.fault is None else 2
        self._sheet = lay_out(size_px, cells, moving=True)
        self._ground = _ground(size_px, self._sheet, title_of(demo, side_given=side_given))
        for cell, panel in zip(self._sheet.cells, demo.panels(np.zeros(1)), strict=True):
            _label(self._ground, cell, panel, self._sheet.text_px)
        self._draw_tempo()

    def drawer(self, times_ms: FloatArray) -> Callable[[int], Picture]:
        """Return what draws the picture of each of (T,) times, by its number."""
        panels = self._demo.panels(self._demo.tempo.share_at(times_ms))
        return lambda moment: self._draw(panels, moment, float(times_ms[moment]))

    def _draw(self, panels: tuple[Panel, ...], moment: int, time_ms: float) -> Picture:
        picture = self._ground.copy()
        for cell, panel in zip(self._sheet.cells, panels, strict=True):
            place = place_in(cell.figure, self._demo.extent_m)
            draw_parts(picture, panel.parts, moment, place, COLOURS)
        if (box := self._sheet.tempo) is not None:
            at = tempo_curve(self._demo.tempo, box, np.array([time_ms % self._demo.tempo.rep_ms]))
            draw_disc(picture, at[0], 0.28 * self._sheet.text_px, INK)
            draw_disc(picture, at[0], 0.2 * self._sheet.text_px, BLUE)
        return picture

    def _draw_tempo(self) -> None:
        tempo, box, text_px = self._demo.tempo, self._sheet.tempo, self._sheet.text_px
        if box is None:
            return
        times_ms = np.linspace(0.0, tempo.rep_ms, 201)
        curve = tempo_curve(tempo, box, times_ms)
        draw_lines(self._ground, [curve], CALM, max(2, round(0.16 * text_px)))
        for words, start, end in tempo_words(tempo):
            write_on_paper(
                self._ground, words, tempo_word_box(box, start, end), round(0.72 * text_px)
            )


def strip_size_px(demo: Demonstration, width: int) -> tuple[int, int]:
    """Return a width and the height that suits the stills: low for those that lie."""
    cells = _still_count(demo)
    low, high = demo.extent_m
    tall, wide = high[1] - low[1] + 2 * EDGE_M, high[0] - low[0] + 2 * EDGE_M
    figure = min(0.9 * width / cells * float(tall / wide), 0.3 * width)
    # Title, labels and margins take this share of the unit, which the height may be.
    unit, above = width / (_CELL_UNITS * cells + _MARGIN_UNITS), 0.42
    height = min(figure + above * unit, figure / (1.0 - above))
    return width, 2 * round(max(height, 0.2 * width) / 2)


def _still_count(demo: Demonstration) -> int:
    return 2 + bool(demo.motion.via) + (demo.fault is not None)


class Still(NamedTuple):
    """One figure that stands still: its words, whether it is as it should be, and when it is.

    ``sound`` is None on the way to the goal, where there is nothing to judge.
    """

    words: str
    sound: bool | None
    parts: tuple[Part, ...]
    moment: int
    fault: Check | None = None


def stills(demo: Demonstration) -> list[Still]:
    """Return the start, half-way where it is not straight, the goal, and the fault."""
    way = ["Start", "On the way"] if demo.motion.via else ["Start"]
    panels = demo.panels(np.linspace(0.0, 1.0, len(way) + 1))
    found = [Still(words, None, panels[0].parts, k) for k, words in enumerate(way)]
    return found + [
        Still(label_of(panel), panel.fault is None, panel.parts, len(way), panel.fault)
        for panel in panels
    ]


def draw_strip(
    demo: Demonstration, size_px: tuple[int, int], *, side_given: bool = False
) -> Picture:
    """Return stills side by side: start, half-way where it is not straight, goal, fault."""
    shown = stills(demo)
    sheet = lay_out(size_px, len(shown), moving=False)
    picture = _ground(size_px, sheet, title_of(demo, side_given=side_given))
    for cell, still in zip(sheet.cells, shown, strict=True):
        label = cell.label
        if still.sound is None:
            label = Box(cell.figure.x, label.y, cell.figure.width, label.height)
        else:
            draw = draw_tick if still.sound else draw_cross
            draw(picture, cell.sign, cell.sign_px)
        write_on_paper(picture, still.words, label, sheet.text_px, bold=True, centred=False)
        place = place_in(cell.figure, demo.extent_m)
        draw_parts(picture, still.parts, still.moment, place, COLOURS)
    return picture


def _ground(size_px: tuple[int, int], sheet: Sheet, title: str) -> Picture:
    width, height = size_px
    picture: Picture = np.full((height, width, 3), PAPER, np.uint8)
    write_on_paper(picture, title, sheet.title, round(1.25 * sheet.text_px), bold=True)
    return picture


def _label(picture: Picture, cell: Cell, panel: Panel, text_px: int) -> None:
    draw = draw_tick if panel.fault is None else draw_cross
    draw(picture, cell.sign, cell.sign_px)
    write_on_paper(picture, label_of(panel), cell.label, text_px, bold=True, centred=False)
