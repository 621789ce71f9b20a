"""Draw what the coach knows onto a picture: skeleton, angle, phase, count and one message.

A pure function of its arguments. All sizes follow the height of the picture, so that the same
state reads the same at 320 pixels and at 4K. A wide picture carries its panel on the left, a tall
one on top; the message is at the bottom. Drawing decides nothing: which message is shown, and
which segments deviate, comes in with the `OverlayState`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from hep_vision.coach.canvas import (
    LINE_EM,
    Box,
    Picture,
    Point,
    around,
    dashes,
    draw_arc,
    draw_disc,
    draw_lines,
    draw_polygon,
    fit,
    lettering,
    lettering_width,
    paste,
    shade,
    write,
)
from hep_vision.coach.palette import (
    CALM,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    SKY,
    VERMILION,
    WHITE,
    Rgb,
)
from hep_vision.core.landmarks import BODY_EDGES, Landmark
from hep_vision.core.types import FloatArray, Phase, PoseFrame, Severity, Side

Segment = tuple[Landmark, Landmark]

SEEN_VISIBILITY: Final = 0.5
"""A landmark that the model trusts less than this is not marked, and its segments are dashed."""

TALL_BELOW_ASPECT: Final = 1.15
NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"

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
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ValueError(f"rgb: expected (H, W, 3) uint8, got {rgb.shape} {rgb.dtype}")
    picture: Picture = np.empty(rgb.shape, np.uint8)
    if mirror:
        cv2.flip(rgb, 1, dst=picture)
    else:
        np.copyto(picture, rgb)
    height, width = picture.shape[:2]
    layout = _layout(width, height)
    if pose is not None:
        figure = _Figure.of(pose, picture, mirror=mirror)
        _draw_figure(picture, figure, state, layout)
        _draw_correction(picture, figure, state, layout, mirror=mirror)
        _draw_angle(picture, figure, state, layout, mirror=mirror)
    _draw_panel(picture, state, layout)
    _draw_message(picture, state, layout)
    _draw_view_note(picture, state, layout)
    return picture


# Where things are


@dataclass(frozen=True, slots=True)
class _Layout:
    """Boxes in pixels; ``unit_px`` is the length that all sizes are fractions of."""

    unit_px: float
    panel: Box
    name: Box
    side: Box
    count: Box
    target: Box
    ring: Box
    word: Box
    free: Box

    def px(self, fraction: float) -> int:
        return max(1, round(fraction * self.unit_px))


@lru_cache(maxsize=8)
def _layout(width: int, height: int) -> _Layout:
    tall = width < TALL_BELOW_ASPECT * height
    return _tall_layout(width, height) if tall else _wide_layout(width, height)


def _wide_layout(width: int, height: int) -> _Layout:
    unit = float(height)
    margin, panel = round(0.025 * unit), round(0.40 * unit)

    def row(top: float, bottom: float) -> Box:
        return Box(margin, round(top * unit), panel - 2 * margin, round((bottom - top) * unit))

    return _Layout(
        unit_px=unit,
        panel=Box(0, 0, panel, height),
        name=row(0.02, 0.155),
        side=row(0.165, 0.24),
        count=row(0.26, 0.51),
        target=row(0.53, 0.61),
        ring=row(0.635, 0.865),
        word=row(0.88, 0.96),
        free=Box(panel, 0, width - panel, height),
    )


def _tall_layout(width: int, height: int) -> _Layout:
    unit = min(float(height), 1.25 * width)
    margin, panel = round(0.03 * unit), round(0.41 * unit)
    left, right = round(0.40 * width), round(0.30 * width)

    def box(x: int, breadth: int, top: float, bottom: float) -> Box:
        return Box(x, round(top * unit), breadth, round((bottom - top) * unit))

    middle = width - left - right - 3 * margin
    return _Layout(
        unit_px=unit,
        panel=Box(0, 0, width, panel),
        name=box(margin, width - 2 * margin, 0.02, 0.10),
        side=box(left + 2 * margin, middle, 0.26, 0.38),
        count=box(margin, left, 0.13, 0.38),
        target=box(left + 2 * margin, middle, 0.13, 0.24),
        ring=box(width - margin - right, right, 0.12, 0.29),
        word=box(width - margin - right, right, 0.30, 0.40),
        free=Box(0, panel, width, height - panel),
    )


# The figure


@dataclass(frozen=True, slots=True, eq=False)
class _Figure:
    """Landmarks in pixels of the picture drawn on; ``clear`` where the model trusts them."""

    at_px: FloatArray
    known: NDArray[np.bool_]
    clear: NDArray[np.bool_]

    @classmethod
    def of(cls, pose: PoseFrame, picture: Picture, *, mirror: bool) -> Self:
        size = np.array(picture.shape[1::-1], dtype=np.float64)
        at_px = pose.image_px * (size / np.array(pose.image_size_px))
        if mirror:
            at_px[:, 0] = size[0] - 1 - at_px[:, 0]
        known = np.isfinite(at_px).all(axis=1)
        # OpenCV takes 32-bit coordinates: a landmark far outside keeps only its direction.
        at_px = np.clip(at_px, -2 * size, 3 * size)
        return cls(at_px, known, known & (pose.visibility >= SEEN_VISIBILITY))

    def lines(self, segments: Sequence[Segment]) -> tuple[FloatArray, FloatArray]:
        """Return the (N, 2, 2) lines clearly seen, and those hardly seen."""
        ends = np.array(segments, dtype=np.intp).reshape(-1, 2)
        known, clear = self.known[ends].all(axis=1), self.clear[ends].all(axis=1)
        return self.at_px[ends[clear]], self.at_px[ends[known & ~clear]]


def _draw_figure(picture: Picture, figure: _Figure, state: OverlayState, layout: _Layout) -> None:
    thin, bright, heavy = layout.px(0.005), max(2, layout.px(0.013)), max(4, layout.px(0.03))
    halo = layout.px(0.003)
    flagged = _undirected(state.deviating)
    limb = [s for s in state.highlighted if frozenset(s) not in flagged]
    special = flagged | _undirected(limb)
    calm = [s for s in BODY_EDGES if frozenset(s) not in special]
    for segments, colour, thickness in (
        (calm, CALM, thin),
        (limb, SKY, bright),
        (state.deviating, ORANGE, heavy),
    ):
        clear, doubtful = figure.lines(segments)
        # A dark halo lets a light line show on a light wall.
        draw_lines(picture, clear, INK, thickness + 2 * halo)
        draw_lines(picture, clear, colour, thickness)
        dashed = dashes(doubtful, 3.0 * thickness + 4)
        draw_lines(picture, dashed, FAINT, max(1, thickness // 2))
    core = dashes(figure.lines(state.deviating)[0], 2.0 * heavy)
    draw_lines(picture, core, INK, max(1, heavy // 4))
    _draw_joints(picture, figure, calm, CALM, thin)
    _draw_joints(picture, figure, (*limb, *state.deviating), WHITE, bright)


def _undirected(segments: Iterable[Segment]) -> set[frozenset[Landmark]]:
    return {frozenset(segment) for segment in segments}


def _draw_joints(
    picture: Picture, figure: _Figure, segments: Iterable[Segment], colour: Rgb, radius_px: int
) -> None:
    for landmark in sorted({landmark for segment in segments for landmark in segment}):
        if figure.clear[landmark]:
            centre = figure.at_px[landmark]
            draw_disc(picture, centre, radius_px + max(1, radius_px // 2), INK)
            draw_disc(picture, centre, radius_px, colour)


def _draw_correction(
    picture: Picture, figure: _Figure, state: OverlayState, layout: _Layout, *, mirror: bool
) -> None:
    if state.correction is None or not figure.known[state.correction[0]]:
        return
    landmark, (right, down) = state.correction
    length = math.hypot(right, down)
    if not length > 0:
        return
    way = np.array([-right if mirror else right, down]) / length * layout.unit_px
    across = np.array([-way[1], way[0]])
    start = figure.at_px[landmark] + 0.045 * way
    neck = start + 0.07 * way
    head = [neck + 0.06 * way, neck + 0.045 * across, neck - 0.045 * across]
    for colour, halo in ((INK, 2 * layout.px(0.006)), (ORANGE, 0)):
        draw_lines(picture, [[start, neck]], colour, max(3, layout.px(0.022)) + halo)
        draw_polygon(picture, head, colour, halo)


def _draw_angle(
    picture: Picture, figure: _Figure, state: OverlayState, layout: _Layout, *, mirror: bool
) -> None:
    """Write the value beside its joint: away from the trunk, or else away from the arrow."""
    value, landmark = state.angle_value, state.angle_landmark
    if value is None or not math.isfinite(value) or landmark is None or not figure.known[landmark]:
        return
    text = UNIT_FORMATS.get(state.angle_unit, "{:.1f} " + state.angle_unit).format(value)
    size, gap = layout.px(0.07), layout.px(0.04)
    glyphs = lettering(text, size, bold=True)
    width, height = glyphs.shape[1] + gap // 2, round(1.3 * size)
    x, y = figure.at_px[landmark]
    rightwards = bool(x >= figure.at_px[figure.known, 0].mean())
    if state.correction is not None and state.correction[0] == landmark:
        rightwards = (state.correction[1][0] < 0) is not mirror
    free = layout.free
    left = x + gap if rightwards else x - gap - width
    box = Box(
        round(min(max(left, free.x), free.x + free.width - width)),
        round(min(max(y - height / 2, free.y), free.y + free.height - height)),
        width,
        height,
    )
    shade(picture, box)
    paste(picture, glyphs, box.x + gap // 4, box.y + (height - glyphs.shape[0]) // 2)


# The panel


def _draw_panel(picture: Picture, state: OverlayState, layout: _Layout) -> None:
    shade(picture, layout.panel)
    write(picture, state.exercise, layout.name, layout.px(0.062))
    if state.side is not Side.BOTH:
        write(picture, f"{state.side} side", layout.side, layout.px(0.06), SKY)
    large = _seconds(state.hold_ms) if state.count is None else str(state.count)
    write(picture, large, layout.count, layout.px(0.33), bold=True)
    if state.target is not None and state.count is not None:
        write(picture, f"of {state.target}", layout.target, layout.px(0.07))
    _draw_ring(picture, state, layout)


def _seconds(duration_ms: int | None) -> str:
    return "" if duration_ms is None else f"{duration_ms // 1000}{NO_BREAK_SPACE}s"


def _draw_ring(picture: Picture, state: OverlayState, layout: _Layout) -> None:
    centre = layout.ring.centre
    radius = min(layout.ring.width, layout.ring.height) / 2
    thickness = max(2, round(0.2 * radius))
    middle = radius - thickness / 2
    fill = min(max(state.progress, 0.0), 1.0) if math.isfinite(state.progress) else 0.0
    draw_arc(picture, centre, middle, 1.0, FAINT, max(1, thickness // 3))
    draw_arc(picture, centre, middle, fill, GREEN if fill >= 1.0 else SKY, thickness)
    word = PHASE_WORDS[state.phase]
    if state.hold_ms is None or state.phase is Phase.LOST:
        _draw_phase(picture, centre, 0.45 * radius, state.phase)
    else:
        _draw_clock(picture, centre, middle - thickness, state.hold_ms)
        word = "hold" if state.count is None else f"hold {_seconds(state.hold_ms)}"
    write(picture, word, layout.word, layout.px(0.07))


def _draw_clock(picture: Picture, centre: Point, radius_px: float, hold_ms: int) -> None:
    """Draw a clock face whose hand goes round once a minute."""
    marks = [[around(centre, r * radius_px, k / 12) for r in (0.85, 1.0)] for k in range(12)]
    hand = [centre, around(centre, 0.8 * radius_px, hold_ms / 60_000)]
    draw_lines(picture, marks, CALM, max(1, round(0.05 * radius_px)))
    draw_lines(picture, [hand], WHITE, max(2, round(0.12 * radius_px)))
    draw_disc(picture, centre, 0.12 * radius_px, WHITE)


def _draw_phase(picture: Picture, centre: Point, radius_px: float, phase: Phase) -> None:
    """Draw the shape of a phase: disc, arrowheads out, diamond, arrowheads back, triangle."""
    x, y = centre
    r = radius_px
    if phase is Phase.REST:
        draw_disc(picture, centre, 0.8 * r, GREEN)
    elif phase is Phase.PEAK:
        draw_polygon(picture, [(x, y - r), (x + r, y), (x, y + r), (x - r, y)], WHITE)
    elif phase is Phase.LOST:
        _draw_warning(picture, centre, r)
    else:
        way = r if phase is Phase.CONCENTRIC else -r
        for start in (x - 0.8 * way, x + 0.1 * way):
            tip = (start + 0.75 * way, y)
            draw_polygon(picture, [(start, y - 0.75 * r), tip, (start, y + 0.75 * r)], WHITE)


# The message


def _draw_message(picture: Picture, state: OverlayState, layout: _Layout) -> None:
    if not state.message:
        return
    free, pad = layout.free, layout.px(0.025)
    icon = 0 if state.severity is None else layout.px(0.10)
    width = free.width - 3 * pad - (icon + pad if icon else 0)
    size, lines = fit(state.message, width, layout.px(0.24), layout.px(0.068))
    height = max(round(len(lines) * LINE_EM * size), icon) + 2 * pad
    strip = Box(free.x, free.y + free.height - height, free.width, height)
    shade(picture, strip)
    if state.severity is not None:
        centre = (strip.x + 1.5 * pad + icon / 2, strip.centre[1])
        _draw_severity(picture, centre, icon / 2, state.severity)
    text = Box(strip.x + strip.width - width - pad, strip.y, width, height)
    write(picture, state.message, text, size, centred=not icon)


def _draw_severity(picture: Picture, centre: Point, radius_px: float, severity: Severity) -> None:
    """Draw a disc with an i, a triangle with a bang, or an octagon with a bar."""
    x, y = centre
    r = radius_px
    bar = max(2, round(0.2 * r))
    if severity is Severity.WARN:
        _draw_warning(picture, (x, y + 0.1 * r), r)
    elif severity is Severity.STOP:
        draw_polygon(picture, [around(centre, r, (k + 0.5) / 8) for k in range(8)], VERMILION)
        draw_lines(picture, [[(x - 0.5 * r, y), (x + 0.5 * r, y)]], WHITE, bar)
    else:
        draw_disc(picture, centre, 0.85 * r, SKY)
        draw_lines(picture, [[(x, y - 0.05 * r), (x, y + 0.45 * r)]], INK, bar)
        draw_disc(picture, (x, y - 0.42 * r), 0.13 * r, INK)


def _draw_warning(picture: Picture, centre: Point, radius_px: float) -> None:
    x, y = centre
    r = radius_px
    corners = [(x, y - r), (x + 1.05 * r, y + 0.8 * r), (x - 1.05 * r, y + 0.8 * r)]
    draw_polygon(picture, corners, ORANGE)
    draw_lines(picture, [[(x, y - 0.35 * r), (x, y + 0.2 * r)]], INK, max(2, round(0.22 * r)))
    draw_disc(picture, (x, y + 0.55 * r), 0.13 * r, INK)


def _draw_view_note(picture: Picture, state: OverlayState, layout: _Layout) -> None:
    if not state.view_note:
        return
    free, pad = layout.free, layout.px(0.02)
    most = round(0.8 * free.width) - 2 * pad
    size, lines = fit(state.view_note, most, layout.px(0.17), layout.px(0.06))
    width, height = lettering_width(lines, size), round(len(lines) * LINE_EM * size)
    left = free.x + free.width - width - 3 * pad
    shade(picture, Box(left, free.y + pad, width + 2 * pad, height + pad))
    box = Box(left + pad, free.y + pad, width, height + pad)
    write(picture, state.view_note, box, size)
