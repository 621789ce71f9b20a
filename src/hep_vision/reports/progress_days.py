"""How much, how well and how it felt: bars and marks along the days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from hep_vision.core.types import FloatArray
from hep_vision.program.progress import DayFeeling, DayWork
from hep_vision.reports.plot import BLUE, DPI, GREEN, GREY, INK, PALE, SKY, VERMILION
from hep_vision.reports.progress_canvas import (
    EDGE_IN,
    LEFT_IN,
    RIGHT_IN,
    TICKS_IN,
    Part,
    Sheet,
    grid,
    polygons,
    set_dates,
)
from hep_vision.reports.progress_described import (
    NO_FEELING,
    NO_FORM,
    NO_WORK,
    feeling_description,
    feeling_values,
    form_description,
    work_description,
)
from hep_vision.reports.progress_story import (
    DAY,
    WEEK,
    Period,
    Story,
    summed,
    works_by_day,
)

_BARS_IN, _SHARES_IN, _PAIN_IN = 1.7, 1.6, 2.3
_ABOVE_IN: Final = 0.22
_KEY_IN: Final = 0.26
_HOLDS_APART_IN: Final = 0.15
_WIDE: Final = 0.8
_FINE_BARS: Final = 80
"""More bars than this touch each other: a gap would be thinner than a pixel."""
_DIGIT_PX: Final = 7
_FELT_DAYS: Final = 70
"""Up to so many days have room for the four marks of each."""

_MARKS: Final = (("o", BLUE, "white"), ("s", INK, INK), ("^", VERMILION, "white"),
                 ("x", INK, INK))  # fmt: skip
_ZONE_LOOKS: Final = (("#FFFFFF", ""), ("#FFF4DC", "."), ("#FBE3DA", "//"))


@dataclass(frozen=True, slots=True)
class _Slots:
    """Where periods lie along the axes: those that the span cuts off are as much narrower."""

    period: Period
    since: date
    until: date

    def edges(self, start: date, wide: float = _WIDE) -> tuple[float, float]:
        """Return both ends of what is drawn for the period that begins on a day."""
        first = max(start, self.since).toordinal() - 0.5
        after = min(self.period.after(start).toordinal(), self.until.toordinal() + 1) - 0.5
        gap = (1 - wide) / 2 * (after - first)
        return first + gap, after - gap


# -- how much -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Layer:
    """One part of stacked bars."""

    words: str
    face: str
    hatch: str


_CLEAN: Final = _Layer("good form", GREEN, "")
_TO_WORK_ON: Final = _Layer("form to work on", "#FFE3A8", "///")
_SHARE: Final = _Layer("share of good form", GREEN, "")
_NOT_JUDGED: Final = _Layer("form not judged from this view", "#FFFFFF", "...")
_HELD: Final = _Layer("seconds held", SKY, "\\\\\\")


def work_part(story: Story) -> Part:
    """Return what was done on each day: repetitions, and seconds where holds are timed."""
    period = WEEK if story.by_week else DAY
    slots = _Slots(period, story.since, story.until)
    counted = _bars(works_by_day(one for one in story.exercises if not one.timed), period)
    held = _bars(works_by_day(one for one in story.exercises if one.timed), period)
    title = f"What was done, by {period.word}"
    if not counted and not held:
        return Part("What was done", (NO_WORK,), NO_WORK)
    plots = int(bool(counted)) + int(bool(held))
    each_in = _KEY_IN + _ABOVE_IN + _BARS_IN + TICKS_IN

    def draw(sheet: Sheet, top_in: float) -> None:
        if counted:
            axes = _axes(sheet, top_in + _KEY_IN + _ABOVE_IN, _BARS_IN)
            layers = {
                _CLEAN: [one.clean for one in counted],
                _TO_WORK_ON: [one.judged - one.clean for one in counted],
                _NOT_JUDGED: [one.counted - one.judged for one in counted],
            }
            _stack(axes, [one.day for one in counted], layers, slots)
            _finish(axes, story, "Repetitions")
            top_in += each_in + _HOLDS_APART_IN
        if held:
            axes = _axes(sheet, top_in + _KEY_IN + _ABOVE_IN, _BARS_IN)
            _stack(
                axes, [one.day for one in held], {_HELD: [w.held_ms / 1000 for w in held]}, slots
            )
            _finish(axes, story, "Seconds held")

    height_in = plots * each_in + (plots - 1) * _HOLDS_APART_IN
    return Part(title, (), work_description(story), height_in, draw)


def _bars(works: Sequence[DayWork], period: Period) -> list[DayWork]:
    groups = period.grouped(works, lambda one: one.day)
    return [summed(start, group) for start, group in groups.items()]


def _axes(sheet: Sheet, top_in: float, height_in: float) -> Axes:
    return sheet.axes(
        EDGE_IN + LEFT_IN, top_in, sheet.width_in - 2 * EDGE_IN - LEFT_IN - RIGHT_IN, height_in
    )


def _finish(axes: Axes, story: Story, label: str) -> None:
    grid(axes)
    axes.set_ylabel(label, fontsize=9, color=INK)
    set_dates(axes, story)


def _stack(
    axes: Axes, starts: Sequence[date], layers: Mapping[_Layer, Sequence[float]], slots: _Slots
) -> None:
    base = np.zeros(len(starts))
    keys = []
    for layer, heights in layers.items():
        top = base + np.array(heights, dtype=float)
        if (top > base).any():
            axes.add_artist(_boxes(starts, base, top, layer, slots))
            keys.append(_key(layer))
        base = top
    axes.set_ylim(0, 1.08 * max(float(base.max()), 1.0))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    _legend(axes, keys)


def _boxes(
    starts: Sequence[date], base: FloatArray, top: FloatArray, layer: _Layer, slots: _Slots
) -> PathPatch:
    fine = len(starts) > _FINE_BARS
    boxes = []
    for start, low, high in zip(starts, base, top, strict=True):
        if high > low:
            left, right = slots.edges(start, 1.0 if fine else _WIDE)
            boxes.append([(left, low), (left, high), (right, high), (right, low)])
    return PathPatch(
        polygons(boxes), facecolor=layer.face, edgecolor=INK, hatch=layer.hatch or None,
        linewidth=0.2 if fine else 0.8, zorder=3,
        gid=f"bars-{layer.words.replace(' ', '-')}",
    )  # fmt: skip


def _key(layer: _Layer) -> Patch:
    return Patch(
        facecolor=layer.face, edgecolor=INK, hatch=layer.hatch, linewidth=0.8, label=layer.words
    )


def _legend(axes: Axes, keys: Sequence[Patch] | None = None) -> None:
    """Write the key over the axes, above the names of the versions."""
    height_in = axes.bbox.height / DPI
    where = {"loc": "lower left", "bbox_to_anchor": (-0.005, 1 + (_ABOVE_IN - 0.06) / height_in)}
    style = {"frameon": False, "fontsize": 9, "borderaxespad": 0.0, "labelcolor": INK}
    columns = {"ncols": 5, "handlelength": 2.2, "columnspacing": 1.6, "borderpad": 0.1}
    handles = {} if keys is None else {"handles": list(keys)}
    axes.legend(**handles, **where, **style, **columns)


# -- how well -------------------------------------------------------------------------------------


def form_part(story: Story) -> Part:
    """Return the share of good form, of what could be judged."""
    judged = [one for one in works_by_day(story.exercises) if one.judged]
    if not judged:
        return Part("Good form", (NO_FORM,), NO_FORM)
    period = story.period
    slots = _Slots(period, story.since, story.until)
    bars = _bars(judged, period)

    def draw(sheet: Sheet, top_in: float) -> None:
        axes = _axes(sheet, top_in + _ABOVE_IN, _SHARES_IN)
        share = np.array([100 * (one.clean_share or 0.0) for one in bars])
        starts = [one.day for one in bars]
        # A share of none still has a foot to be seen.
        axes.add_artist(_boxes(starts, np.zeros(len(bars)), np.maximum(share, 1.0), _SHARE, slots))
        axes.set_ylim(0, 132)
        axes.set_yticks([0, 25, 50, 75, 100])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} %"))
        _finish(axes, story, "Good form")
        day_px = axes.bbox.width / np.ptp(axes.get_xlim())
        for one, top in zip(bars, share, strict=True):
            left, right = slots.edges(one.day)
            # A number wider than its bar would cover its neighbour's, or the labels of the axis.
            short = right - left < 0.5 * _WIDE * _days(period, one.day)
            cut = short and (right - left) * day_px < _DIGIT_PX * len(str(one.judged))
            at = left if cut and one is bars[0] else (left + right) / 2
            side = "left" if cut and one is bars[0] else "center"
            axes.text(
                at, top + (17 if cut else 3), str(one.judged), ha=side, va="bottom",
                fontsize=8, color=INK, clip_on=False, gid=f"judged-{one.day.isoformat()}",
            )  # fmt: skip

    lines = ("The number over each bar says how many repetitions or holds could be judged.",)
    height_in = _ABOVE_IN + _SHARES_IN + TICKS_IN
    return Part(f"Good form, by {period.word}", lines, form_description(story), height_in, draw)


def _days(period: Period, start: date) -> int:
    return (period.after(start) - start).days


# -- how it felt ----------------------------------------------------------------------------------


def feeling_part(story: Story) -> Part:
    """Return pain and effort over the zones of the pain scale."""
    series = [
        (words, found, mark)
        for (words, values), mark in zip(feeling_values(story.feeling), _MARKS, strict=True)
        if (found := _said(story.feeling, values))
    ]
    if not series:
        return Part("How it felt", (NO_FEELING,), NO_FEELING)
    days = (story.until - story.since).days + 1
    period = DAY if days <= _FELT_DAYS else story.period
    slots = _Slots(period, story.since, story.until)

    def draw(sheet: Sheet, top_in: float) -> None:
        axes = _axes(sheet, top_in + _KEY_IN + _ABOVE_IN, _PAIN_IN)
        axes.set_ylim(-0.5, 10.5)
        axes.set_yticks(range(0, 11, 2))
        axes.set_ylabel("0 none, 10 most", fontsize=9, color=INK)
        set_dates(axes, story)
        _zones(axes, story)
        for place, (words, found, mark) in enumerate(series):
            _felt(axes, (place + 0.5) / len(series), words, found, mark, slots)
        _legend(axes)

    lines = ("The zones are those of the pain scale; effort is not judged by them.",)
    if period is not DAY:
        lines = (
            f"Each mark is the median of a {period.word}; its line goes from the lowest answer to "
            f"the highest. {lines[0]}",
        )
    height_in = _KEY_IN + _ABOVE_IN + _PAIN_IN + TICKS_IN
    return Part(
        f"How it felt, by {period.word}", lines, feeling_description(story), height_in, draw
    )


def _said(feeling: Sequence[DayFeeling], values: Sequence[int | None]) -> list[tuple[date, int]]:
    pairs = zip(feeling, values, strict=True)
    return [(one.day, value) for one, value in pairs if value is not None]


def _zones(axes: Axes, story: Story) -> None:
    zones = story.zones
    edges = (0, zones.amber_from, zones.red_from, 11)
    words = ("all right", "go gently", "stop and rest")
    for place, (first, after) in enumerate(pairwise(edges)):
        if first == after:
            continue
        face, hatch = _ZONE_LOOKS[place]
        axes.axhspan(
            first - 0.5,
            after - 0.5,
            facecolor=face,
            edgecolor=PALE,
            hatch=hatch,
            linewidth=0,
            zorder=0,
        )
        if place:
            axes.axhline(first - 0.5, color=GREY, linewidth=0.8, zorder=1)
        scores = f"{first}" if after - first == 1 else f"{first} to {after - 1}"
        axes.text(
            1.012, (first + after - 1) / 2, f"{scores}: {words[place]}", va="center",
            transform=axes.get_yaxis_transform(), fontsize=9, color=INK, fontweight="bold",
        )  # fmt: skip


def _felt(
    axes: Axes,
    share: float,
    words: str,
    found: Sequence[tuple[date, int]],
    mark: tuple[str, str, str],
    slots: _Slots,
) -> None:
    marker, colour, face = mark
    groups = slots.period.grouped(found, lambda one: one[0])
    at = []
    for start in groups:
        left, right = slots.edges(start)
        at.append(left + share * (right - left))
    values = [[value for _, value in group] for group in groups.values()]
    if slots.period is not DAY:
        axes.vlines(
            at, [min(one) for one in values], [max(one) for one in values], color=colour,
            linewidth=1.0, zorder=3,
        )  # fmt: skip
    axes.plot(
        at, [median(one) for one in values], linestyle="none", marker=marker, color=colour,
        markerfacecolor=face, markersize=5, markeredgewidth=1.2, zorder=4, label=words,
        clip_on=False, gid=f"felt-{words.replace(' ', '-')}",
    )  # fmt: skip
