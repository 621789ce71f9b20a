"""Draw what a demonstration taught: the measure over time, its repetitions, rest, goal, minimum."""

import io
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hep_vision.core.drafting import SEEN, Taught, limit_of
from hep_vision.core.lesson import minimum_rom
from hep_vision.core.measures import MEASURES
from hep_vision.errors import ExportError
from hep_vision.files import private_draft
from hep_vision.reports.plot import BLUE, GREEN, GREY, INK, ORANGE, SKY, SUFFIXES, VERMILION

_WIDTH_IN: Final = 12.0
_PANEL_IN: Final = 3.2
_DPI: Final = 100
_WHOLE_FROM: Final = 5.0
"""From here on values are degrees, shown whole; ratios never get so large."""


def draw_lesson(path: Path, taught: Taught) -> None:
    """Write a picture of a lesson, PNG or SVG by the suffix of ``path``.

    The measure that is shown to people lies above, the one that is counted below, unless they are
    the same. The demonstrated repetitions are shaded and numbered.

    Raises:
        ExportError: The suffix is another, or the file cannot be written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ExportError(f"{path}: a picture is {' or '.join(SUFFIXES)}; change the name.")
    lesson = taught.lesson
    same = lesson.reported.measure == lesson.counted.candidate.measure
    panels = 1 if same else 2
    picture = Figure(figsize=(_WIDTH_IN, _PANEL_IN * panels + 0.8), dpi=_DPI)
    axes = picture.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
    _draw_shown(axes[0], taught, minimum=same)
    if not same:
        _draw_counted(axes[1], taught)
    for panel in axes:
        _draw_reps(panel, taught)
        panel.spines[["top", "right"]].set_visible(False)
    axes[-1].set_xlabel("Time (s)", color=INK)
    picture.suptitle(_finding(taught), x=0.01, ha="left", fontsize=14, weight="bold", color=INK)
    picture.tight_layout()
    data = io.BytesIO()
    picture.savefig(data, format=path.suffix[1:].lower())
    with private_draft(path, "the picture") as draft:
        draft.write_bytes(data.getvalue())


def _finding(taught: Taught) -> str:
    count = len(taught.lesson.counted.reps)
    return (
        f"{taught.exercise.name}: learned from {count} repetitions, "
        f"{SEEN[taught.lesson.view]}; {taught.counted} counted in all"
    )


def _draw_shown(axes: Axes, taught: Taught, *, minimum: bool) -> None:
    lesson, reported = taught.lesson, taught.lesson.reported
    axes.plot(lesson.time_ms / 1000.0, lesson.value, color=INK, linewidth=1.3)
    _label(axes, reported.measure)
    _draw_line(axes, reported.rest, "rest", BLUE, "-")
    _draw_line(axes, reported.goal, "goal", GREEN, "--")
    if minimum:
        sign = 1.0 if reported.goal > reported.rest else -1.0
        counts = reported.rest + sign * minimum_rom(lesson.counted)
        _draw_line(axes, counts, "counts from", ORANGE, ":")
    _draw_line(axes, limit_of(reported), "limit", VERMILION, "-.")


def _draw_counted(axes: Axes, taught: Taught) -> None:
    found = taught.lesson.counted
    candidate = found.candidate
    values = candidate.sign * candidate.smooth
    rest = candidate.sign * float(np.median([rep.rest for rep in found.reps]))
    axes.plot(candidate.time_ms / 1000.0, values, color=INK, linewidth=1.3)
    _label(axes, candidate.measure)
    _draw_line(axes, rest, "rest", BLUE, "-")
    _draw_line(axes, rest + candidate.sign * found.rom, "goal", GREEN, "--")
    counts = rest + candidate.sign * minimum_rom(found)
    _draw_line(axes, counts, "counts from", ORANGE, ":")


def _label(axes: Axes, measure: str) -> None:
    unit = "°" if MEASURES[measure].unit == "deg" else "trunk lengths"
    axes.set_ylabel(f"{measure.replace('_', ' ')}\n({unit})", color=INK)


def _draw_line(axes: Axes, value: float, name: str, colour: str, dash: str) -> None:
    digits = 0 if abs(value) >= _WHOLE_FROM else 2
    axes.axhline(value, color=colour, linestyle=dash, linewidth=1.4, zorder=1)
    axes.text(
        1.005, value, f"{name} {value:.{digits}f}", transform=axes.get_yaxis_transform(),
        va="center", fontsize=10, color=colour, weight="bold",
    )  # fmt: skip


def _draw_reps(axes: Axes, taught: Taught) -> None:
    for number, rep in enumerate(taught.lesson.counted.reps, start=1):
        start_s, end_s = rep.start_ms / 1000.0, rep.end_ms / 1000.0
        axes.axvspan(start_s, end_s, facecolor=SKY, alpha=0.25, zorder=0)
        axes.axvline(rep.peak_ms / 1000.0, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
        axes.text(
            (start_s + end_s) / 2.0, 1.01, str(number), transform=axes.get_xaxis_transform(),
            ha="center", va="bottom", fontsize=11, weight="bold", color=BLUE,
        )  # fmt: skip
