"""A demonstration as an animated SVG: one file without scripts, fonts or anything from elsewhere.

Browsers move it with SMIL, also inside an ``<img>``. Who asks for less motion, and paper, get the
figures at the goal. The same demonstration gives the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from hep_vision.coach.canvas import Box, Point, fit, lettering_width
from hep_vision.coach.palette import BLUE, CALM, GREEN, INK, VERMILION, Rgb
from hep_vision.coach.stance import OUTLINE_M, OUTLINED_MORE, Place
from hep_vision.core.demonstration import Demonstration, Panel
from hep_vision.core.mannequin import Part, Role, Stroke
from hep_vision.core.types import FloatArray, Side, View
from hep_vision.reports.demo_sheet import (
    COLOURS,
    EDGE_M,
    PAPER,
    Cell,
    Still,
    label_of,
    lay_out,
    place_in,
    seconds,
    stills,
    tempo_curve,
    tempo_word_box,
    tempo_words,
    title_of,
)

SEEN: Final[Mapping[View, str]] = {
    View.FRONT: "from the front",
    View.SIDE: "from the side",
    View.OBLIQUE: "half from the side",
    View.UNKNOWN: "from the front",
}
"""From where a figure is seen, in words."""
_STEPS: Final = 10
"""Straight pieces that each way is made of."""
_LETTER_ROOM: Final = 0.92
"""Fonts of browsers are a little wider than the one that is measured."""
_LYING: Final = 1.6
"""Figures so many times as wide as high stand one under the other."""
_STILL_SCALE: Final = 200.0
"""Pixels a metre of a still; a page may scale it."""
_STYLE: Final = (
    ".still{display:none}"
    "@media (prefers-reduced-motion:reduce),print{.moving{display:none}.still{display:inline}}"
)


def demonstration_svg(
    demo: Demonstration,
    size_px: tuple[int, int],
    *,
    reps: int | None = None,
    side_given: bool = False,
) -> str:
    """Return the document.

    Args:
        demo: What is shown.
        size_px: Width and height; a browser may scale it.
        reps: How many repetitions it does; without end if None.
        side_given: Whether somebody has said which side works, so that it is named.
    """
    return "".join(_Document(demo, size_px, reps, side_given).lines())


@dataclass(frozen=True, slots=True)
class _Clock:
    """The moments that are drawn, and how a browser goes through them."""

    shares: FloatArray
    times: FloatArray
    duration_ms: int
    reps: int | None

    def animate(self, attribute: str, values: Sequence[str]) -> str:
        """Return the element that moves an attribute, nothing where it stays."""
        if len(set(values)) == 1:
            return ""
        times = ";".join(_number(time, 4) for time in self.times)
        count = "indefinite" if self.reps is None else str(self.reps)
        return (
            f'<animate attributeName="{attribute}" dur="{self.duration_ms}ms" '
            f'repeatCount="{count}" keyTimes="{times}" values="{";".join(values)}"/>'
        )


class _Document:
    def __init__(
        self, demo: Demonstration, size_px: tuple[int, int], reps: int | None, side_given: bool
    ) -> None:
        self._demo = demo
        self._size_px = size_px
        self._title = title_of(demo, side_given=side_given)
        self._sheet = lay_out(size_px, 1 if demo.fault is None else 2, moving=True)
        tempo = demo.tempo
        way = np.linspace(0.0, 1.0, _STEPS + 1)
        turn = tempo.rest_ms + tempo.effort_ms
        back = turn + tempo.hold_ms
        self._times_ms = np.unique(
            [0.0, *(tempo.rest_ms + tempo.effort_ms * way), *(back + tempo.return_ms * way)]
        )
        self._goal = int(np.searchsorted(self._times_ms, turn))
        shares = tempo.share_at(self._times_ms)
        self._clock = _Clock(shares, self._times_ms / tempo.rep_ms, tempo.rep_ms, reps)

    def lines(self) -> Iterator[str]:
        """Yield the document from top to bottom."""
        width, height = self._size_px
        name = f"demo-{self._demo.exercise.id}"
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" '
            f'aria-labelledby="{name}-title {name}-desc" '
            'font-family="system-ui, sans-serif">\n'
            f'<title id="{name}-title">{escape(self._title)}</title>\n'
            f'<desc id="{name}-desc">{escape(described(self._demo))}</desc>\n'
            f"<style>{_STYLE}</style>\n"
            f'<rect width="{width}" height="{height}" fill="{_hex(PAPER)}"/>\n'
        )
        text_px = self._sheet.text_px
        yield _text(self._title, self._sheet.title, round(1.25 * text_px), bold=True)
        panels = self._demo.panels(self._clock.shares)
        for cell, panel in zip(self._sheet.cells, panels, strict=True):
            yield _sign(cell.sign, cell.sign_px, sound=panel.fault is None)
            yield _text(label_of(panel), cell.label, text_px, bold=True, centred=False)
            yield from self._figure(cell, panel)
        yield from self._tempo()
        yield "</svg>\n"

    def _figure(self, cell: Cell, panel: Panel) -> Iterator[str]:
        place = place_in(cell.figure, self._demo.extent_m)
        for name, clock in (("moving", self._clock), ("still", None)):
            yield f'<g class="{name}" stroke-linecap="round" stroke-linejoin="round">\n'
            for part in panel.parts:
                yield from _part(part, place, clock, self._goal)
            yield "</g>\n"

    def _tempo(self) -> Iterator[str]:
        tempo, box, text_px = self._demo.tempo, self._sheet.tempo, self._sheet.text_px
        if box is None:
            return
        curve = tempo_curve(tempo, box, np.linspace(0.0, tempo.rep_ms, 101))
        yield (
            f'<polyline points="{_points(curve)}" fill="none" stroke="{_hex(CALM)}" '
            f'stroke-width="{_number(0.16 * text_px)}" stroke-linejoin="round"/>\n'
        )
        for words, start, end in tempo_words(tempo):
            yield _text(words, tempo_word_box(box, start, end), round(0.72 * text_px))
        way = tempo_curve(tempo, box, self._times_ms)
        moves = "".join(
            self._clock.animate(name, [_number(value) for value in way[:, axis]])
            for axis, name in enumerate(("cx", "cy"))
        )
        x, y = (_number(value) for value in way[self._goal])
        yield (
            f'<circle class="moving" cx="{x}" cy="{y}" r="{_number(0.24 * text_px)}" '
            f'fill="{_hex(BLUE)}" stroke="{_hex(INK)}" stroke-width="{_number(0.08 * text_px)}">'
            f"{moves}</circle>\n"
        )


def _part(part: Part, place: Place, clock: _Clock | None, moment: int) -> Iterator[str]:
    colour = _hex(COLOURS[part.role])
    if part.role is Role.MARK:
        # Without round ends a ring that has not grown yet is not seen.
        yield '<g stroke-linecap="butt">'
    if part.outlined:
        grown = OUTLINE_M * (OUTLINED_MORE if part.role is Role.WORKING else 1.0) * place.scale
        for stroke in part.strokes:
            yield _stroke(stroke, place, _hex(INK), 2.0 * max(1.0, grown), clock, moment)
    for stroke in part.strokes:
        yield _stroke(stroke, place, colour, 0.0, clock, moment)
    if part.role is Role.MARK:
        yield "</g>\n"


def _stroke(
    stroke: Stroke,
    place: Place,
    colour: str,
    grown_px: float,
    clock: _Clock | None,
    moment: int,
) -> str:
    points = place.px(stroke.points_m)
    at = points[min(moment, len(points) - 1)]
    width = _number(stroke.width_m * place.scale + grown_px)
    if len(at) == 1:
        radius = _number((stroke.width_m * place.scale + grown_px) / 2)
        x, y = (_number(value) for value in at[0])
        moves = ""
        if clock is not None:
            for axis, name in enumerate(("cx", "cy")):
                moves += clock.animate(name, [_number(v) for v in points[:, 0, axis]])
        return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}">{moves}</circle>\n'
    tag = "polygon" if stroke.closed else "polyline"
    fill = colour if stroke.closed else "none"
    moves = clock.animate("points", [_points(each) for each in points]) if clock else ""
    return (
        f'<{tag} points="{_points(at)}" fill="{fill}" stroke="{colour}" '
        f'stroke-width="{width}">{moves}</{tag}>\n'
    )


def described(demo: Demonstration) -> str:
    """Return the demonstration in words, for who does not see it."""
    exercise, tempo = demo.exercise, demo.tempo
    working = "" if demo.side is Side.BOTH else f", working on the {demo.side}"
    hold = f", {seconds(tempo.hold_ms)} held" if tempo.hold_ms else ""
    sentences = [
        f"A drawn figure, seen {SEEN[demo.view]} as in a mirror{working}.",
        exercise.setup,
        "Like this:",
        *exercise.steps,
        f"One repetition: {seconds(tempo.effort_ms)} there{hold}, {seconds(tempo.return_ms)} back.",
    ]
    if demo.fault is not None:
        label = label_of(Panel(demo.fault, ()))
        sentences.append(f"Beside it, {label[0].lower()}{label[1:]}. {demo.fault.cue}")
    return " ".join(sentences).replace("\N{NO-BREAK SPACE}", " ")


def still_svg(demo: Demonstration, still: Still, alternative: str) -> str:
    """Return one figure as an ``<svg>`` that stands inside a page of HTML.

    It has no words in it, and all stills of a demonstration are of one size.

    Args:
        demo: What is shown.
        still: Which moment of it.
        alternative: The same in words, for who does not see it.
    """
    low, high = demo.extent_m
    width, height = (round(float(side) * _STILL_SCALE) for side in high - low + 2 * EDGE_M)
    place = place_in(Box(0, 0, width, height), demo.extent_m)
    strokes = "".join(
        line for part in still.parts for line in _part(part, place, None, still.moment)
    )
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label={quoteattr(alternative)} stroke-linecap="round" stroke-linejoin="round">\n'
        f"{strokes}</svg>\n"
    )


def start_and_goal_svg(demo: Demonstration) -> str:
    """Return the figure at the start and at the goal as a document of its own, without words.

    Beside each other, or one under the other where the figure lies; on white, whatever is around.
    """
    shown = [one for one in stills(demo) if one.fault is None]
    pair = (shown[0], shown[-1])
    low, high = demo.extent_m
    width, height = (round(float(side) * _STILL_SCALE) for side in high - low + 2 * EDGE_M)
    across, down = (0, height) if width > _LYING * height else (width, 0)
    figures = "".join(
        f'<svg x="{k * across}" y="{k * down}"{still_svg(demo, one, one.words)[4:]}'
        for k, one in enumerate(pair)
    )
    size = f'width="{width + across}" height="{height + down}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + across} {height + down}" '
        f'{size}>\n<rect {size} fill="{_hex(PAPER)}"/>\n{figures}</svg>\n'
    )


def sign_svg(*, sound: bool) -> str:
    """Return the tick or the cross of a still, for the words beside it."""
    return (
        '<svg class="sign" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">'
        f"{_sign((10.0, 10.0), 10.0, sound=sound)}</svg>"
    )


def _sign(centre: Point, radius_px: float, *, sound: bool) -> str:
    (x, y), r = centre, radius_px
    line = f'fill="none" stroke="#ffffff" stroke-width="{_number(0.24 * r)}" stroke-linecap="round"'
    if sound:
        tick = np.array([(-0.48, 0.02), (-0.12, 0.38), (0.5, -0.36)]) * r + (x, y)
        return (
            f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(r)}" fill="{_hex(GREEN)}"/>'
            f'<polyline points="{_points(tick)}" {line}/>\n'
        )
    corner = 0.86 * r
    crosses = [np.array([(-0.46, -0.46 * way), (0.46, 0.46 * way)]) * r + (x, y) for way in (1, -1)]
    return (
        f'<rect x="{_number(x - corner)}" y="{_number(y - corner)}" width="{_number(2 * corner)}" '
        f'height="{_number(2 * corner)}" fill="{_hex(VERMILION)}"/>'
        + "".join(f'<polyline points="{_points(cross)}" {line}/>' for cross in crosses)
        + "\n"
    )


def _text(words: str, box: Box, size_px: int, *, bold: bool = False, centred: bool = True) -> str:
    room = round(_LETTER_ROOM * box.width)
    size, lines = fit(words, room, box.height, size_px, bold=bold)
    # The measured font's size is the height of its lines; that of browsers is the em.
    em = 0.86 * size
    x = box.centre[0] if centred else box.x
    y = box.centre[1] - (len(lines) - 1) * 0.6 * size + 0.35 * em
    look = f'font-size="{_number(em)}" fill="{_hex(INK)}"'
    look += ' font-weight="bold"' if bold else ""
    look += ' text-anchor="middle"' if centred else ""
    spans = []
    for number, line in enumerate(lines):
        at = f'x="{_number(x)}" y="{_number(y + number * 1.2 * size)}"'
        # However wide a browser's font is, a long line stays in its place.
        wide = lettering_width([line], size, bold=bold)
        kept = f' textLength="{wide}" lengthAdjust="spacingAndGlyphs"' if wide > 0.9 * room else ""
        spans.append(f"<tspan {at}{kept}>{escape(line)}</tspan>")
    # The space keeps the last word of a line from the first of the next when it is read out.
    return f"<text {look}>{' '.join(spans)}</text>\n"


def _points(points: FloatArray) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float, digits: int = 1) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
    return "0" if text in ("-0", "") else text


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
