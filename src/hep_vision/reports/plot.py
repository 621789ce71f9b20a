"""Plot a session: the angle over time, and under it everything that was found, row by row.

The title states the finding, goal and limits are named on the plot, and every kind of band and
mark has its own hatch or shape, so that nothing hangs on colour. Rows under the curve name what
they hold at their left end: one for each reason a repetition did not count, one for each
deviation, one for holds and one for lost tracking.
"""

import io
import math
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from hep_vision.core.types import (
    Deviation,
    Event,
    FloatArray,
    Hold,
    Rep,
    RepStatus,
    Severity,
    Trace,
    TrackingLost,
)
from hep_vision.errors import ExportError
from hep_vision.files import private_draft
from hep_vision.reports.finding import STATUS_WORDS, Found, state_finding

SUFFIXES: Final = (".png", ".svg")

# Okabe-Ito, told apart by all kinds of colour vision.
BLUE, SKY, GREEN = "#0072B2", "#56B4E9", "#009E73"
ORANGE, VERMILION = "#E69F00", "#D55E00"
INK, GREY, PALE = "#101418", "#6B727A", "#D9DDE1"

DPI: Final = 100
WIDTH_IN: Final = 12.0
LEAST_HEIGHT_IN: Final = 5.0
CURVE_HEIGHT_IN: Final = 2.7
ROW_IN: Final = 0.34
LEFT_IN, RIGHT_IN, BOTTOM_IN, TOP_IN, GAP_IN = 2.35, 1.5, 0.62, 0.35, 0.06
TITLE_LINE_IN: Final = 0.25
TITLE_COLUMNS: Final = 104
ROW_LABEL_COLUMNS: Final = 28
PLOT_WIDTH_PX: Final = (WIDTH_IN - LEFT_IN - RIGHT_IN) * DPI
LEAST_NUMBER_PX: Final = 30
ANGLE_STEP_DEG: Final = 30
TICK_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800)
MOST_TICKS: Final = 13
MINUTES_FROM_S: Final = 120

UNIT_SIGNS: Final = {"deg": "°", "percent": " %", "s": " s", "ratio": ""}


@dataclass(frozen=True, slots=True)
class _Look:
    """How a kind of span is filled; the hatch alone tells the kinds apart."""

    face: str
    edge: str
    hatch: str
    opacity: float


STATUS_LOOKS: Final = {
    RepStatus.COUNTED: _Look(SKY, BLUE, "", 0.22),
    RepStatus.PARTIAL: _Look("none", ORANGE, "//", 0.9),
    RepStatus.REJECTED: _Look("none", VERMILION, "xx", 0.6),
    RepStatus.OPEN: _Look("none", BLUE, "..", 0.6),
}
HOLD_LOOK: Final = _Look(GREEN, GREEN, "", 0.22)
LOST_LOOK: Final = _Look(PALE, GREY, "\\\\\\", 0.7)
SEVERITY_MARKS: Final = {
    Severity.INFO: ("o", SKY),
    Severity.WARN: ("^", ORANGE),
    Severity.STOP: ("8", VERMILION),
}


def plot_session(  # noqa: PLR0913 -- each part of a plot has a name
    path: Path,
    trace: Trace,
    events: Iterable[Event],
    *,
    exercise_name: str,
    target: float | None = None,
    minimum: float | None = None,
    limit: float | None = None,
    title: str | None = None,
) -> None:
    """Write the plot of a session as PNG (1200 px wide) or SVG, by the suffix of ``path``.

    The file is readable by its owner only and replaces one of the same name when it is complete.
    Gaps (NaN) in the trace stay gaps. The finding is stored as the picture's description.

    Args:
        path: Where to write; the folder must exist.
        trace: The reported measure; may be empty.
        events: Everything the engine reported; ticks and phase changes are not drawn.
        exercise_name: Name as a person reads it.
        target: Goal of the measure, in the trace's unit.
        minimum: Smallest value that counts, likewise.
        limit: Safety maximum, likewise.
        title: In place of the finding.

    Raises:
        ExportError: The suffix is unknown or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ExportError(f"cannot plot to {path}: the name must end in {' or '.join(SUFFIXES)}.")
    found = Found.of(events)
    finding = state_finding(exercise_name, found.all)
    lines = {"goal": target, "minimum": minimum, "safety limit": limit}
    figure = _draw(
        trace, found, title or finding, {k: v for k, v in lines.items() if v is not None}
    )
    picture = io.BytesIO()
    metadata = {"Title": title or finding, "Description": finding}
    # Left alone, an SVG carries the date of drawing, which says nothing about the session.
    metadata_by_suffix = {".png": metadata, ".svg": {**metadata, "Date": None}}
    figure.savefig(picture, format=suffix[1:], dpi=DPI, metadata=metadata_by_suffix[suffix])
    with private_draft(path, "the plot") as draft:
        draft.write_bytes(picture.getvalue())


# Rows


@dataclass(frozen=True, slots=True)
class _Row:
    """One line under the curve: spans in a look, or marks of deviations."""

    label: str
    spans: tuple[tuple[int, int], ...] = ()
    look: _Look = LOST_LOOK
    texts: tuple[str, ...] = ()
    deviations: tuple[Deviation, ...] = ()


def _rows(found: Found) -> list[_Row]:
    rows = []
    for status, word in STATUS_WORDS.items():
        reasons: dict[str, list[Rep]] = defaultdict(list)
        for rep in found.with_status(status):
            reasons[rep.reason or ""].append(rep)
        for reason, reps in reasons.items():
            label = f"{word}: {reason}" if reason else word
            rows.append(_Row(label, _spans(reps), STATUS_LOOKS[status]))
    if found.holds:
        texts = tuple(_hold_text(hold) for hold in found.holds)
        rows.append(_Row("hold", _spans(found.holds), HOLD_LOOK, texts))
    for name, deviations in found.deviations().items():
        rows.append(_Row(name, deviations=tuple(deviations)))
    if found.lost:
        rows.append(_Row("not seen", _spans(found.lost), LOST_LOOK))
    return rows


def _spans(events: Sequence[Rep | Hold | TrackingLost]) -> tuple[tuple[int, int], ...]:
    return tuple((event.start_ms, event.end_ms) for event in events)


def _hold_text(hold: Hold) -> str:
    counted_s, lasted_s = hold.counted_ms // 1000, (hold.end_ms - hold.start_ms) // 1000
    return f"{counted_s} s" if counted_s == lasted_s else f"{counted_s} of {lasted_s} s"


# The drawing


def _draw(trace: Trace, found: Found, title: str, lines: dict[str, float]) -> Figure:
    rows = _rows(found)
    title_lines = textwrap.wrap(title, TITLE_COLUMNS) or [""]
    top_in = TOP_IN + TITLE_LINE_IN * len(title_lines)
    rows_in = ROW_IN * len(rows)
    fixed_in = top_in + BOTTOM_IN + rows_in + (GAP_IN if rows else 0)
    height_in = max(LEAST_HEIGHT_IN, fixed_in + CURVE_HEIGHT_IN)
    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=DPI, facecolor="white")

    def axes(bottom_in: float, tall_in: float) -> Axes:
        width_in = WIDTH_IN - LEFT_IN - RIGHT_IN
        return figure.add_axes(
            (LEFT_IN / WIDTH_IN, bottom_in / height_in, width_in / WIDTH_IN, tall_in / height_in)
        )

    curve_in = height_in - fixed_in
    curve = axes(height_in - top_in - curve_in, curve_in)
    start_s, end_s = _time_range(trace, found)
    _draw_curve(curve, trace, found, lines, end_s - start_s)
    lowest = curve
    if rows:
        lowest = axes(BOTTOM_IN, rows_in)
        _draw_rows(lowest, rows, found, (start_s, end_s))
        curve.tick_params(labelbottom=False, bottom=False)
    for part in {curve, lowest}:
        part.set_xlim(start_s, end_s)
        _style(part)
    _scale_time(curve, end_s - start_s)
    lowest.set_xlabel(_scale_time(lowest, end_s - start_s), color=INK, fontsize=11)
    figure.text(
        0.15 / WIDTH_IN,
        1 - 0.14 / height_in,
        "\n".join(title_lines),
        ha="left",
        va="top",
        fontsize=15,
        fontweight="bold",
        color=INK,
        parse_math=False,
    )
    return figure


def _time_range(trace: Trace, found: Found) -> tuple[float, float]:
    moments = [int(t) for t in trace.timestamp_ms[[0, -1]]] if trace.timestamp_ms.size else []
    moments += [moment for span in _spans(found.all) for moment in span]
    if not moments:
        return 0.0, 1.0
    start_s, end_s = min(moments) / 1000, max(moments) / 1000
    return start_s, max(end_s, start_s + 1.0)


def _draw_curve(
    axes: Axes, trace: Trace, found: Found, lines: dict[str, float], duration_s: float
) -> None:
    for status, look in STATUS_LOOKS.items():
        _draw_bands(axes, _spans(found.with_status(status)), look)
    _draw_bands(axes, _spans(found.holds), HOLD_LOOK)
    _draw_bands(axes, _spans(found.lost), LOST_LOOK)
    time_s = trace.timestamp_ms / 1000
    axes.plot(time_s, trace.value, color=INK, linewidth=1.4, zorder=4)
    _draw_uncertainty(axes, found)
    for deviations in found.deviations().values():
        for deviation in deviations:
            middle_s = (deviation.start_ms + deviation.end_ms) / 2000
            value = _value_at(trace, middle_s)
            if value is not None:
                _draw_mark(axes, middle_s, value, deviation.severity)
    low, high = _value_range(trace, found, lines.values())
    axes.set_ylim(low, high)
    if trace.unit == "deg":
        axes.yaxis.set_major_locator(MultipleLocator(ANGLE_STEP_DEG))
    _draw_lines(axes, lines, trace.unit)
    _draw_numbers(axes, found, duration_s)
    unit = UNIT_SIGNS.get(trace.unit, trace.unit).strip() or trace.unit
    label = f"{trace.label[:1].upper()}{trace.label[1:]} ({unit})"
    axes.set_ylabel("\n".join(textwrap.wrap(label, 32)), color=INK, fontsize=11, parse_math=False)
    if not np.isfinite(trace.value).any():
        axes.text(
            0.5, 0.5, "nothing was measured: the joint was never seen",
            transform=axes.transAxes, ha="center", va="center", fontsize=12, color=GREY,
        )  # fmt: skip


def _value_at(trace: Trace, time_s: float) -> float | None:
    if not trace.timestamp_ms.size:
        return None
    nearest = int(np.abs(trace.timestamp_ms / 1000 - time_s).argmin())
    value = float(trace.value[nearest])
    return value if math.isfinite(value) else None


def _value_range(trace: Trace, found: Found, lines: Iterable[float]) -> tuple[float, float]:
    """Return limits that are the same for like sessions: whole steps around all that is shown."""
    peaks = [rep.peak_deg for rep in found.reps if rep.peak_deg is not None]
    shown: FloatArray = np.concatenate([trace.value, np.array([*lines, *peaks, 0.0])])
    shown = shown[np.isfinite(shown)]
    low, high = float(shown.min()), float(shown.max())
    step = float(ANGLE_STEP_DEG) if trace.unit == "deg" else (high - low) / 5 or 1.0
    # A little noise below zero opens no further step; above there is room for the numbers.
    bottom = min(low, step * math.floor((low + 0.35 * step) / step))
    return bottom - 0.05 * step, step * math.ceil((high + 0.35 * step) / step)


def _draw_bands(axes: Axes, spans: Sequence[tuple[int, int]], look: _Look) -> None:
    """Fill spans over the full height."""
    axes.broken_barh(
        [(start / 1000, (end - start) / 1000) for start, end in spans],
        (0, 1),
        transform=axes.get_xaxis_transform(),
        facecolor=look.face,
        edgecolor=look.edge,
        hatch=look.hatch,
        alpha=look.opacity,
        linewidth=0.6,
        zorder=1,
    )


def _draw_uncertainty(axes: Axes, found: Found) -> None:
    known = [
        (rep.peak_ms / 1000, rep.peak_deg, rep.uncertainty_deg)
        for rep in found.with_status(RepStatus.COUNTED)
        if rep.peak_deg is not None and rep.uncertainty_deg is not None
    ]
    if known:
        at_s, peak, uncertainty = zip(*known, strict=True)
        axes.errorbar(at_s, peak, uncertainty, fmt="none", ecolor=BLUE, elinewidth=2, zorder=5)
        axes.text(
            1.0, 1.02, "| ± uncertainty of the peak", transform=axes.transAxes,
            ha="right", va="bottom", fontsize=9, color=BLUE,
        )  # fmt: skip


def _draw_lines(axes: Axes, lines: dict[str, float], unit: str) -> None:
    looks = {"goal": (GREEN, "--"), "minimum": (BLUE, ":"), "safety limit": (VERMILION, "-.")}
    low, high = axes.get_ylim()
    gap = (high - low) * 0.16 / CURVE_HEIGHT_IN
    label_at = -math.inf
    for name, value in sorted(lines.items(), key=lambda line: line[1]):
        colour, dash = looks[name]
        axes.axhline(value, color=colour, linestyle=dash, linewidth=1.6, zorder=2)
        label_at = max(value, label_at + gap)
        axes.text(
            1.008, label_at, f"{name} {value:g}{UNIT_SIGNS.get(unit, ' ' + unit)}",
            transform=axes.get_yaxis_transform(), va="center", fontsize=10.5, color=colour,
            fontweight="bold", parse_math=False,
        )  # fmt: skip


def _draw_numbers(axes: Axes, found: Found, duration_s: float) -> None:
    """Number counted repetitions; every fifth or so where there is no room for all."""
    reps = [rep for rep in found.with_status(RepStatus.COUNTED) if rep.index is not None]
    if not reps:
        return
    spacing_px = (
        PLOT_WIDTH_PX * (reps[-1].end_ms - reps[0].start_ms) / 1000 / duration_s / len(reps)
    )
    every = next((n for n in (1, 2, 5, 10, 20) if n * spacing_px >= LEAST_NUMBER_PX), 50)
    for rep in reps:
        if rep.index is not None and rep.index % every == 0:
            axes.text(
                (rep.start_ms + rep.end_ms) / 2000, 0.985, str(rep.index),
                transform=axes.get_xaxis_transform(), ha="center", va="top",
                fontsize=11, fontweight="bold", color=BLUE, zorder=5,
            )  # fmt: skip


def _draw_mark(axes: Axes, at_s: float, level: float, severity: Severity) -> None:
    marker, colour = SEVERITY_MARKS[severity]
    axes.plot(
        [at_s], [level], marker=marker, color=colour, markersize=8.5, markeredgecolor=INK,
        markeredgewidth=0.9, zorder=6, clip_on=False,
    )  # fmt: skip


def _draw_rows(
    axes: Axes, rows: Sequence[_Row], found: Found, range_s: tuple[float, float]
) -> None:
    axes.set_ylim(len(rows) - 0.5, -0.5)
    _draw_bands(axes, _spans(found.with_status(RepStatus.COUNTED)), STATUS_LOOKS[RepStatus.COUNTED])
    for level, row in enumerate(rows):
        axes.axhline(level - 0.5, color=PALE, linewidth=0.8, zorder=0)
        _draw_span_row(axes, level, row, range_s)
        _draw_mark_row(axes, level, row, range_s)
    labels = ["\n".join(_shorten(row.label)) for row in rows]
    axes.set_yticks(range(len(rows)), labels, fontsize=9.5, color=INK, parse_math=False)


def _draw_span_row(axes: Axes, level: int, row: _Row, range_s: tuple[float, float]) -> None:
    # A span shorter than a few pixels is still to be seen.
    least_s = 0.004 * (range_s[1] - range_s[0])
    bars = [(start / 1000, max((end - start) / 1000, least_s)) for start, end in row.spans]
    look = row.look
    axes.broken_barh(
        bars, (level - 0.3, 0.6), facecolor=look.face, edgecolor=look.edge, hatch=look.hatch,
        linewidth=1.2, zorder=3,
    )  # fmt: skip
    for (start_ms, _), text in zip(row.spans, row.texts, strict=False):
        _annotate(axes, start_ms / 1000, level, text, 4)


def _draw_mark_row(axes: Axes, level: int, row: _Row, range_s: tuple[float, float]) -> None:
    """Mark deviations; each with the number of its repetition if there is room between them."""
    middles_s = [(d.start_ms + d.end_ms) / 2000 for d in row.deviations]
    closest_s = float(np.diff(sorted(middles_s)).min()) if len(middles_s) > 1 else math.inf
    numbered = closest_s * PLOT_WIDTH_PX / (range_s[1] - range_s[0]) > 2 * LEAST_NUMBER_PX
    for deviation, middle_s in zip(row.deviations, middles_s, strict=True):
        span_s = [deviation.start_ms / 1000, deviation.end_ms / 1000]
        axes.plot(span_s, [level, level], color=INK, linewidth=1.2, zorder=5)
        _draw_mark(axes, middle_s, level, deviation.severity)
        if numbered:
            _annotate(axes, span_s[1], level, str(deviation.rep), 8)


def _annotate(axes: Axes, at_s: float, level: float, text: str, right_pt: float) -> None:
    axes.annotate(
        text, (at_s, level), xytext=(right_pt, 0), textcoords="offset points", va="center",
        fontsize=9.5, fontweight="bold", color=INK, zorder=7, parse_math=False,
    )  # fmt: skip


def _shorten(label: str) -> list[str]:
    return textwrap.wrap(label, ROW_LABEL_COLUMNS, max_lines=2, placeholder=" …") or [""]


def _style(axes: Axes) -> None:
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(GREY)
    axes.tick_params(colors=INK, color=GREY, labelsize=10)


def _scale_time(axes: Axes, duration_s: float) -> str:
    """Set readable ticks and return the label of the axis."""
    fitting = (step for step in TICK_STEPS_S if duration_s / step <= MOST_TICKS)
    axes.xaxis.set_major_locator(MultipleLocator(next(fitting, duration_s / MOST_TICKS)))
    if duration_s < MINUTES_FROM_S:
        return "Time (s)"
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda at_s, _: f"{int(at_s) // 60}:{int(at_s) % 60:02d}")
    )
    return "Time (min:s)"
