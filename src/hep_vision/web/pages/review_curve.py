"""The curve of a session as an SVG that follows the page's colours, and as numbers.

Times go from left to right over the same width for all pages, so that a script can tell the moment
under a pointer. What a curve is compared with is named on it. Nothing hangs on colour: bands of
repetitions that did not count are hatched, marks of flags are triangles, of what may harm squares.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from hep_vision.app.session_replay import Lines, Replay
from hep_vision.core.types import FloatArray, Hold, Rep, RepStatus, Severity, Trace
from hep_vision.web.pages.review_shared import clock, exact_words

WIDTH, HEIGHT = 1000.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 860.0, 34.0, 262.0
_ANGLE_STEP: Final = 30.0
_TICK_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800)
_MOST_TICKS: Final = 10
_MOST_POINTS: Final = 2_000
_LABEL_APART: Final = 22.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Which times and values are drawn.

    Attributes:
        begin_ms: At the left edge.
        end_ms: At the right edge.
        low: At the bottom.
        high: At the top.
    """

    begin_ms: float
    end_ms: float
    low: float
    high: float

    def x(self, time_ms: float) -> float:
        """Return the place of a moment."""
        share = (time_ms - self.begin_ms) / (self.end_ms - self.begin_ms)
        return round(LEFT + share * (RIGHT - LEFT), 1)

    def y(self, value: float) -> float:
        """Return the place of a value."""
        share = (value - self.low) / (self.high - self.low)
        return round(BOTTOM - share * (BOTTOM - TOP), 1)


@dataclass(frozen=True, slots=True)
class Band:
    """A repetition, or hold, on the curve."""

    ordinal: int
    x: float
    width: float
    kind: str
    number: str
    start_ms: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A flag on the curve, in words and with its place as the points of a triangle or square."""

    points: str
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """A goal or limit with its label, which may be moved so that labels do not overlap."""

    name: str
    y: float
    label_y: float
    words: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """Everything the template draws; lengths are those of the picture's own units."""

    scale: Scale
    label: str
    description: str
    curves: tuple[tuple[str, str], ...]
    uncertain: tuple[str, ...]
    bands: tuple[Band, ...]
    marks: tuple[Mark, ...]
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]
    levels: tuple[tuple[float, str], ...]


def scale_of(replays: Sequence[Replay]) -> Scale | None:
    """Return a scale on which all of these can be drawn beside each other; None without a curve.

    Each begins at its own first moment, so the scale is of durations unless it is one replay.
    """
    shown = [one for one in replays if one.curves]
    if not shown:
        return None
    spans = [_span(one) for one in shown]
    begin = spans[0][0] if len(shown) == 1 else 0.0
    longest = max(end - first for first, end in spans)
    values = np.concatenate([_values(one) for one in shown])
    unit = shown[0].curves[0].unit
    low, high = float(values.min()), float(values.max())
    step = _ANGLE_STEP if unit == "deg" else (high - low) / 5 or 1.0
    return Scale(
        begin,
        begin + max(longest, 1_000.0),
        min(low, step * math.floor((low + 0.35 * step) / step)) - 0.05 * step,
        step * math.ceil((high + 0.1 * step) / step),
    )


def draw(replay: Replay, scale: Scale) -> Drawn | None:
    """Return the curve of a session; None where there is none."""
    if not replay.curves:
        return None
    first, _ = _span(replay)
    shift = scale.begin_ms - first
    unit = replay.curves[0].unit
    error = _uncertainty(replay)
    return Drawn(
        scale,
        f"{replay.curves[0].label} ({'degrees' if unit == 'deg' else unit})",
        _described(replay, unit),
        tuple(
            (curve.label, points)
            for curve in replay.curves
            for points in _polylines(curve, scale, shift)
        ),
        tuple(
            _ribbon(points, error * (BOTTOM - TOP) / (scale.high - scale.low))
            for curve in replay.curves[:1]
            for points in _polylines(curve, scale, shift)
            if error
        ),
        tuple(_bands(replay, scale, shift)),
        tuple(_marks(replay, scale, shift)),
        _lines(replay.lines, scale, unit),
        _ticks(scale),
        _levels(scale, unit),
    )


def numbers(replay: Replay) -> dict[str, Any]:
    """Return the curves as JSON values: milliseconds, and values in their unit; None = unknown."""
    return {
        "unit": replay.curves[0].unit if replay.curves else None,
        "goal": replay.lines.goal if replay.lines else None,
        "minimum": replay.lines.minimum if replay.lines else None,
        "limit": replay.lines.limit if replay.lines else None,
        "time_ms": replay.curves[0].timestamp_ms.tolist() if replay.curves else [],
        "curves": [
            {
                "label": curve.label,
                "values": [round(v, 2) if math.isfinite(v) else None for v in curve.value.tolist()],
            }
            for curve in replay.curves
        ],
    }


def _span(replay: Replay) -> tuple[float, float]:
    stamps = replay.curves[0].timestamp_ms
    return float(stamps[0]), float(stamps[-1])


def _values(replay: Replay) -> FloatArray:
    lines = replay.lines
    edges = [] if lines is None else [lines.goal, lines.limit, *filter(None, [lines.minimum])]
    values: FloatArray = np.concatenate([*(one.value for one in replay.curves), np.array(edges)])
    return values[np.isfinite(values)]


def _uncertainty(replay: Replay) -> float:
    known = [one.uncertainty_deg for one in replay.detail.reps if one.uncertainty_deg is not None]
    return float(np.median(known)) if known else 0.0


def _polylines(curve: Trace, scale: Scale, shift: float) -> list[str]:
    """Return the pieces between gaps, each as the points of a line."""
    stride = max(1, len(curve.value) // _MOST_POINTS)
    times, values = curve.timestamp_ms[::stride], curve.value[::stride]
    pieces: list[list[str]] = [[]]
    for time_ms, value in zip(times.tolist(), values.tolist(), strict=True):
        if math.isfinite(value):
            pieces[-1].append(f"{scale.x(time_ms + shift)},{scale.y(value)}")
        elif pieces[-1]:
            pieces.append([])
    return [" ".join(piece) for piece in pieces if len(piece) > 1]


def _ribbon(points: str, half: float) -> str:
    """Return the outline of a band of this half-width round a line."""
    places = [tuple(map(float, point.split(","))) for point in points.split()]
    over = [f"{x},{max(TOP, y - half):.1f}" for x, y in places]
    under = [f"{x},{min(BOTTOM, y + half):.1f}" for x, y in reversed(places)]
    return " ".join(over + under)


def _bands(replay: Replay, scale: Scale, shift: float) -> Iterable[Band]:
    for ordinal, event in enumerate(replay.detail.events):
        if not isinstance(event, Rep | Hold):
            continue
        counted = isinstance(event, Hold) or event.status is RepStatus.COUNTED
        left, right = scale.x(event.start_ms + shift), scale.x(event.end_ms + shift)
        left, right = max(LEFT, left), min(RIGHT, right)
        if right > left:
            number = str(event.index) if event.index is not None else ""
            kind = "counted" if counted else "other"
            yield Band(ordinal, left, round(right - left, 1), kind, number, event.start_ms)


def _marks(replay: Replay, scale: Scale, shift: float) -> Iterable[Mark]:
    curve = replay.curves[0]
    for event in replay.detail.events:
        if not isinstance(event, Rep | Hold):
            continue
        for flag in event.deviations:
            middle_ms = (flag.start_ms + flag.end_ms) / 2
            nearest = int(np.abs(curve.timestamp_ms - middle_ms).argmin())
            value = float(curve.value[nearest])
            x = scale.x(middle_ms + shift)
            y = scale.y(value) if math.isfinite(value) else TOP + 20
            if not LEFT <= x <= RIGHT:
                continue
            stops = flag.severity is Severity.STOP
            points = (
                f"{x - 8},{y - 8} {x + 8},{y - 8} {x + 8},{y + 8} {x - 8},{y + 8}"
                if stops
                else f"{x},{y - 11} {x + 10},{y + 7} {x - 10},{y + 7}"
            )
            words = f"{flag.id.replace('_', ' ')}, number {flag.rep}"
            yield Mark(points, "stop" if stops else flag.severity.value, words)


def _lines(lines: Lines | None, scale: Scale, unit: str) -> tuple[Line, ...]:
    if lines is None:
        return ()
    values = {"minimum": lines.minimum, "goal": lines.goal, "limit": lines.limit}
    named = {"minimum": "smallest", "goal": "goal", "limit": "limit"}
    known = sorted(
        ((name, value) for name, value in values.items() if value is not None),
        key=lambda one: one[1],
    )
    found: list[Line] = []
    label_y = math.inf
    for name, value in known:
        y = scale.y(value)
        label_y = min(y + 6, label_y - _LABEL_APART)
        found.append(Line(name, y, label_y, f"{named[name]} {exact_words(round(value, 2), unit)}"))
    return tuple(found)


def _ticks(scale: Scale) -> tuple[tuple[float, str], ...]:
    duration_s = (scale.end_ms - scale.begin_ms) / 1000
    step = next((s for s in _TICK_STEPS_S if duration_s / s <= _MOST_TICKS), _TICK_STEPS_S[-1])
    first = math.ceil(scale.begin_ms / 1000 / step)
    last = math.floor(scale.end_ms / 1000 / step)
    return tuple(
        (scale.x(1000 * step * n), clock(1000 * step * n).removesuffix(".0"))
        for n in range(first, last + 1)
    )


def _levels(scale: Scale, unit: str) -> tuple[tuple[float, str], ...]:
    step = _ANGLE_STEP if unit == "deg" else (scale.high - scale.low) / 5
    first, last = math.ceil(scale.low / step), math.floor(scale.high / step)
    return tuple(
        (scale.y(step * n), exact_words(round(step * n, 2), unit)) for n in range(first, last + 1)
    )


def _described(replay: Replay, unit: str) -> str:
    peaks = [one.peak_deg for one in replay.detail.reps if one.peak_deg is not None]
    reached = ""
    if peaks:
        low, high = (exact_words(round(v, 2 if unit != "deg" else 0), unit) for v in
                     (min(peaks), max(peaks)))  # fmt: skip
        reached = f" Peaks from {low} to {high}."
    goal = "" if replay.lines is None else f" Goal {exact_words(replay.lines.goal, unit)}."
    return f"{replay.curves[0].label} over time.{reached}{goal} The table has every value."
