"""Draw what the coach knows onto a picture: skeleton, angle, phase, count and one message.

A pure function of its arguments. All sizes follow the height of the picture, so that the same
state reads the same at 320 pixels and at 4K. A wide picture carries its panel on the left, a tall
one on top; the message is at the bottom. Drawing decides nothing: which message is shown, and
which segments deviate, comes in with the `OverlayState`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np

from hep_vision.coach.canvas import (
    LINE_EM,
    Box,
    Picture,
    Point,
    around,
    draw_disc,
    fit,
    lettering_width,
    shade,
    write,
)
from hep_vision.coach.icons import (
    draw_clock,
    draw_phase,
    draw_ring,
    draw_seen_once,
    draw_severity,
    draw_warning,
)
from hep_vision.coach.layout import Layout, layout_of
from hep_vision.coach.palette import BLUE, INK, WHITE
from hep_vision.coach.skeleton import (
    Segment,
    Skeleton,
    draw_correction,
    draw_skeleton,
    draw_value,
)
from hep_vision.coach.telling import Icon
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import Phase, PoseFrame, Severity, Side

NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"
PART: Final = " · "
POP_GROWTH: Final = 0.2
POP_STEPS: Final = 4
"""Sizes the number goes through while it pops: each is lettered once and then kept."""

PHASE_WORDS: Final = {
    Phase.REST: "ready",
    Phase.CONCENTRIC: "go",
    Phase.PEAK: "peak",
    Phase.ECCENTRIC: "return",
    Phase.LOST: "not seen",
}
UNIT_FORMATS: Final = {
    "deg": "{:.0f}°",
    "ratio": "{:.2f}",
    "percent": "{:.0f} %",
    "s": "{:.1f} s",
}


@dataclass(frozen=True, slots=True)
class OverlayState:
    """What one picture shows.

    Attributes:
        exercise: Name as a person reads it.
        count: Repetitions so far; None where only time counts, and then ``hold_ms`` is the
            large number.
        phase: Phase of the repetition under way.
        side: Side at work.
        target: Repetitions to do, if prescribed.
        angle_value: Live value of the driving measure in ``angle_unit``; None or NaN = unknown.
        angle_unit: ``deg``, ``ratio``, ``percent`` or ``s``.
        angle_landmark: Where the value is written; None = not shown.
        highlighted: Segments of the limb being exercised.
        hold_ms: Time held so far, or None when nothing is being held.
        progress: Fill of the ring, 0..1; NaN = empty.
        message: The one line at the bottom.
        severity: Marks the message as a flagged deviation; None = an ordinary cue.
        deviating: Segments that the deviation is about.
        correction: A landmark and the direction (right, down; as the camera sees it) in which it
            should move, drawn as an arrow.
        view_note: What is wrong with where the person stands, at the top right.
    """

    exercise: str
    count: int | None
    phase: Phase
    side: Side = Side.BOTH
    target: int | None = None
    angle_value: float | None = None
    angle_unit: str = "deg"
    angle_landmark: Landmark | None = None
    highlighted: tuple[Segment, ...] = ()
    hold_ms: int | None = None
    progress: float = 0.0
    message: str | None = None
    severity: Severity | None = None
    deviating: tuple[Segment, ...] = ()
    correction: tuple[Landmark, Point] | None = None
    view_note: str | None = None


def draw_overlay(
    rgb: Picture, pose: PoseFrame | None, state: OverlayState, *, mirror: bool = False
) -> Picture:
    """Return a new picture with the state drawn on it; ``rgb`` is left as it is.

    Args:
        rgb: (H, W, 3) uint8, any scale: the pose is scaled from its own picture size to this one.
        pose: Landmarks of this moment; NaN landmarks, and all of None, are not drawn.
        state: What to show.
        mirror: Flip picture and skeleton left to right, as a mirror does; text stays readable.

    Raises:
        ValueError: ``rgb`` is not an (H, W, 3) uint8 picture.
    """
    check_picture(rgb)
    picture: Picture = np.empty(rgb.shape, np.uint8)
    if mirror:
        cv2.flip(rgb, 1, dst=picture)
    else:
        np.copyto(picture, rgb)
    height, width = picture.shape[:2]
    layout = layout_of(width, height)
    if pose is not None:
        skeleton = Skeleton.of(pose, Box(0, 0, width, height), mirror=mirror)
        draw_person(picture, skeleton, state, layout, mirror=mirror)
    draw_panel(picture, Panel.of(state), layout)
    draw_message(picture, state.message, state.severity, layout)
    draw_notes(picture, [(state.view_note, draw_warning)] if state.view_note else [], layout)
    return picture


def check_picture(rgb: Picture) -> None:
    """Raise ValueError unless ``rgb`` is an (H, W, 3) uint8 picture."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ValueError(f"rgb: expected (H, W, 3) uint8, got {rgb.shape} {rgb.dtype}")


def draw_person(
    picture: Picture, skeleton: Skeleton, state: OverlayState, layout: Layout, *, mirror: bool
) -> None:
    """Draw the skeleton with what the state says about it."""
    draw_skeleton(picture, skeleton, layout, state.highlighted, state.deviating)
    arrow = None
    if state.correction is not None:
        landmark, (right, down) = state.correction
        way = (-right if mirror else right, down)
        draw_correction(picture, skeleton, layout, landmark, way)
        arrow = way if landmark == state.angle_landmark else None
    value, joint = state.angle_value, state.angle_landmark
    if value is None or not math.isfinite(value) or joint is None or not skeleton.known[joint]:
        return
    text = UNIT_FORMATS.get(state.angle_unit, "{:.1f} " + state.angle_unit).format(value)
    draw_value(picture, skeleton, layout, joint, text, arrow)


# The panel


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows.

    Attributes:
        name: Exercise.
        line: Below it: the side, or set and side.
        large: The number.
        below: What the number goes up to: "of 10".
        fill: Fill of the ring, 0..1; NaN = empty.
        phase: The shape in the ring.
        clock_ms: Time on the clock that replaces the shape; None draws the shape.
        word: What the ring says.
        guide: Where on the ring the dot of the tempo guide is, 0..1; None draws none.
        popped: 1 at the moment the number changed, falling to 0.
        waiting: Whether one more was seen than the number says; its shape replaces the others.
    """

    name: str
    line: str
    large: str
    below: str
    fill: float
    phase: Phase
    clock_ms: int | None
    word: str
    guide: float | None = None
    popped: float = 0.0
    waiting: bool = False

    @classmethod
    def of(cls, state: OverlayState, hold_goal_ms: int | None = None) -> Self:
        """Return the panel of a state; with a goal, the ring of a hold fills towards it."""
        held_ms = None if state.phase is Phase.LOST else state.hold_ms
        fill, word = state.progress, PHASE_WORDS[state.phase]
        if held_ms is not None:
            word = "hold" if state.count is None else f"hold {_seconds(held_ms)}"
            fill = held_ms / hold_goal_ms if hold_goal_ms else fill
        below = ""
        if state.count is None:
            below = f"of {_seconds(hold_goal_ms)}" if hold_goal_ms else "seconds"
        elif state.target is not None:
            below = f"of {state.target}"
        large = "" if state.hold_ms is None else f"{state.hold_ms // 1000}"
        return cls(
            name=state.exercise,
            line="" if state.side is Side.BOTH else f"{state.side} side",
            large=large if state.count is None else str(state.count),
            below=below,
            fill=fill,
            phase=state.phase,
            clock_ms=held_ms,
            word=word,
        )


def draw_panel(picture: Picture, panel: Panel, layout: Layout) -> None:
    """Draw name, number and ring on their shaded ground."""
    shade(picture, layout.panel)
    pop = round(POP_STEPS * min(max(panel.popped, 0.0), 1.0)) / POP_STEPS
    if pop:
        # Two digits fill the panel and can hardly grow: light behind them shows it as well.
        light = [round(ink + pop * (blue - ink)) for ink, blue in zip(INK, BLUE, strict=True)]
        colour = (light[0], light[1], light[2])
        draw_disc(picture, layout.count.centre, (0.12 + 0.05 * pop) * layout.unit_px, colour)
    write(picture, panel.name, layout.name, layout.px(0.062))
    write_parts(picture, panel.line, layout.side, layout.px(0.06))
    size = layout.px(0.33 * (1 + POP_GROWTH * pop))
    write(picture, panel.large, _grown(layout.count, POP_GROWTH), size, bold=True)
    write(picture, panel.below, layout.target, layout.px(0.07))
    _draw_gauge(picture, panel, layout)


def write_parts(picture: Picture, text: str, box: Box, size_px: int) -> None:
    """Write "Set 2 of 3 · left side" on one line, or, where that is too long, a line for each."""
    parts = [text] if fit(text, box.width, size_px, size_px)[0] == size_px else text.split(PART)
    for k, part in enumerate(parts):
        row = box.part(k / len(parts), (k + 1) / len(parts))
        write(picture, part, row, size_px)


def _seconds(duration_ms: int) -> str:
    return f"{duration_ms // 1000}{NO_BREAK_SPACE}s"


def _grown(box: Box, share: float) -> Box:
    x, y = round(share * box.width / 2), round(share * box.height / 2)
    return Box(box.x - x, box.y - y, box.width + 2 * x, box.height + 2 * y)


def _draw_gauge(picture: Picture, panel: Panel, layout: Layout) -> None:
    centre = layout.ring.centre
    radius = min(layout.ring.width, layout.ring.height) / 2
    inside = draw_ring(picture, centre, radius, panel.fill)
    if panel.waiting:
        draw_seen_once(picture, centre, 0.45 * radius)
    elif panel.clock_ms is None:
        draw_phase(picture, centre, 0.45 * radius, panel.phase)
    else:
        draw_clock(picture, centre, inside, panel.clock_ms)
    if panel.guide is not None:
        dot = around(centre, 0.9 * radius, min(max(panel.guide, 0.0), 1.0))
        draw_disc(picture, dot, 0.2 * radius, INK)
        draw_disc(picture, dot, 0.15 * radius, WHITE)
    write(picture, panel.word, layout.word, layout.px(0.07))


# Messages


def draw_message(
    picture: Picture, words: str | None, severity: Severity | None, layout: Layout
) -> None:
    """Draw the one line at the bottom of the free part, with the mark of a deviation."""
    if not words:
        return
    free, pad = layout.free, layout.px(0.025)
    icon = 0 if severity is None else layout.px(0.10)
    width = free.width - 3 * pad - (icon + 3 * pad // 2 if icon else 0)
    size, lines = fit(words, width, layout.px(0.24), layout.px(0.068))
    height = max(round(len(lines) * LINE_EM * size), icon) + 2 * pad
    strip = Box(free.x, free.y + free.height - height, free.width, height)
    shade(picture, strip)
    if severity is not None:
        centre = (strip.x + 2 * pad + icon / 2, strip.centre[1])
        draw_severity(picture, centre, icon / 2, severity)
    text = Box(strip.x + strip.width - width - pad, strip.y, width, height)
    write(picture, words, text, size, centred=not icon)


def draw_notes(picture: Picture, notes: Sequence[tuple[str, Icon | None]], layout: Layout) -> None:
    """Draw short notes below each other at the top right, each with or without an icon."""
    free, pad = layout.free, layout.px(0.02)
    top = free.y + pad
    for words, draw_icon in notes:
        icon = layout.px(0.06) + pad if draw_icon else 0
        most = round(0.8 * free.width) - 2 * pad - icon
        size, lines = fit(words, most, layout.px(0.17), layout.px(0.06))
        width, height = lettering_width(lines, size), round(len(lines) * LINE_EM * size)
        left = free.x + free.width - width - icon - 3 * pad
        shade(picture, Box(left, top, width + icon + 2 * pad, height + pad))
        if draw_icon:
            draw_icon(
                picture, (left + icon / 2 + pad / 2, top + (height + pad) / 2), icon / 2 - pad / 2
            )
        write(picture, words, Box(left + pad + icon, top, width, height + pad), size)
        top += height + 2 * pad
