"""How far it went: a panel for each exercise, with the sides told apart by mark and line."""

import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from hep_vision.core.definition import Direction
from hep_vision.core.types import FloatArray, Side
from hep_vision.program.overview import ExerciseProgress
from hep_vision.program.progress import DayRange, RangeCourse
from hep_vision.reports.plot import BLUE, GREEN, INK, UNIT_SIGNS, VERMILION
from hep_vision.reports.progress_canvas import (
    EDGE_IN,
    LINE_IN,
    TICKS_IN,
    Part,
    Sheet,
    grid,
    set_dates,
    spread,
)
from hep_vision.reports.progress_described import (
    NO_RANGE,
    range_description,
)
from hep_vision.reports.progress_story import WEEK, Story
from hep_vision.reports.progress_words import (
    change_words,
    left_out_words,
    measure_words,
    side_words,
)

JOINED_DAYS: Final = 7
"""Days that are further apart are not joined by a line."""
_MIDWEEK: Final = 3
_CURVE_IN: Final = 1.9
_NAME_IN: Final = 0.23
_VERSIONS_IN: Final = 0.2
_BETWEEN_IN: Final = 0.3
_AXIS_IN, _LABELS_IN = 0.85, 1.35
_LEAST_SPAN: Final = {"deg": 30.0, "ratio": 0.2}
_MARK_SIZES: Final = ((60, 5.5), (150, 3.0), (math.inf, 2.2))
_BROWN: Final = "#8A4B00"
_Dash = Literal["-", "--"]
_LOOKS: Final[dict[Side, tuple[str, _Dash, str, str]]] = {
    Side.LEFT: ("o", "-", BLUE, BLUE),
    Side.RIGHT: ("s", "--", _BROWN, "white"),
    Side.BOTH: ("D", "-", BLUE, BLUE),
}


@dataclass(frozen=True, slots=True)
class _Point:
    """A day, or the days of a week together."""

    at: float
    value: float
    low: float
    high: float


def range_part(story: Story) -> Part:
    """Return how far it went."""
    shown = [one for one in story.exercises if one.courses]
    title = "How far it went"
    if not shown:
        return Part(title, (NO_RANGE,), NO_RANGE)
    lines = [_what_is_drawn(story)]
    others = [one.name for one in story.exercises if not one.courses and one.work]
    if others:
        lines.append(f"Without a measured range: {', '.join(others)}.")
    columns = 1 if len(shown) == 1 else 2
    rows = [shown[at : at + columns] for at in range(0, len(shown), columns)]
    heights = [_row_in(row, columns) for row in rows]

    def draw(sheet: Sheet, top_in: float) -> None:
        for row, height_in in zip(rows, heights, strict=True):
            for column, one in enumerate(row):
                _panel(sheet, (column, columns), (top_in, height_in), one, story)
            top_in += height_in

    return Part(title, tuple(lines), range_description(story), sum(heights), draw)


def _what_is_drawn(story: Story) -> str:
    if story.by_week:
        return (
            "Each mark is the median of a week; the band goes from its lowest to its highest day, "
            "with the uncertainty of the measurement. Gaps of more than a week stay open."
        )
    return (
        "Each mark is the mean of a day's best repetitions; the band is the uncertainty of the "
        "measurement. Gaps of more than a week stay open."
    )


def _column_in(columns: int, width_in: float) -> float:
    return (width_in - 2 * EDGE_IN + _BETWEEN_IN) / columns - _BETWEEN_IN


def _name(exercise: ExerciseProgress, columns: int) -> list[str]:
    return textwrap.wrap(exercise.name, 46 if columns == 2 else 100) or [exercise.exercise_id]


def _lines(exercise: ExerciseProgress, columns: int) -> list[tuple[RangeCourse | None, str]]:
    """Return the lines under the name, with the course whose mark stands before them."""
    wide = 68 if columns == 2 else 130
    found: list[tuple[RangeCourse | None, str]] = []
    for course in exercise.courses:
        found.append((course, f"{side_words(course.side)}: {change_words(course)}"))
        found += [(None, line) for line in textwrap.wrap(left_out_words(course), wide)]
    if exercise.courses[0].direction is Direction.DECREASE:
        found.append((None, "Here a smaller number is further: it is drawn higher."))
    return found


def _head_in(exercise: ExerciseProgress, columns: int) -> float:
    return _NAME_IN * len(_name(exercise, columns)) + LINE_IN * len(_lines(exercise, columns))


def _row_in(row: Sequence[ExerciseProgress], columns: int) -> float:
    head_in = max(_head_in(one, columns) for one in row)
    return head_in + _VERSIONS_IN + _CURVE_IN + TICKS_IN + 0.15


def _panel(
    sheet: Sheet,
    column: tuple[int, int],
    place_in: tuple[float, float],
    exercise: ExerciseProgress,
    story: Story,
) -> None:
    number, columns = column
    top_in, height_in = place_in
    width_in = _column_in(columns, story.width_in)
    left_in = EDGE_IN + number * (width_in + _BETWEEN_IN)
    name = _name(exercise, columns)
    sheet.text(left_in, top_in, "\n".join(name), size=11, bold=True)
    curve_in = top_in + height_in - _CURVE_IN - TICKS_IN - 0.15
    axes = sheet.axes(left_in + _AXIS_IN, curve_in, width_in - _AXIS_IN - _LABELS_IN, _CURVE_IN)
    line_in = top_in + _NAME_IN * len(name)
    for course, words in _lines(exercise, columns):
        if course is not None:
            _sample(sheet, left_in, line_in + 0.09, course.side)
        sheet.text(left_in + 0.55, line_in, words, size=9.5)
        line_in += LINE_IN
    _curves(axes, exercise, story)


def _sample(sheet: Sheet, left_in: float, middle_in: float, side: Side) -> None:
    marker, dash, colour, face = _LOOKS[side]
    height_in = sheet.figure.get_figheight()
    at = [(left_in + along_in) / sheet.width_in for along_in in (0.0, 0.22, 0.44)]
    sheet.figure.add_artist(
        Line2D(
            at, [1 - middle_in / height_in] * 3, color=colour, linestyle=dash, marker=marker,
            markerfacecolor=face, markersize=5.5, markevery=[1], linewidth=1.4,
        )
    )  # fmt: skip


def _curves(axes: Axes, exercise: ExerciseProgress, story: Story) -> None:
    unit = exercise.courses[0].unit
    points = {course.side: _points(course, story) for course in exercise.courses}
    low, high = _value_range(exercise.courses, points.values(), unit)
    further_up = exercise.courses[0].direction is Direction.INCREASE
    axes.set_ylim((low, high) if further_up else (high, low))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 3, 5, 10]))
    grid(axes)
    sign = UNIT_SIGNS.get(unit, unit) or "ratio"
    label = measure_words(exercise.courses[0].measure).capitalize()
    axes.set_ylabel(
        "\n".join(textwrap.wrap(f"{label} ({sign})", 24)), fontsize=9, color=INK, parse_math=False
    )
    set_dates(axes, story)
    for course in exercise.courses:
        _course(axes, course, points[course.side])
    _levels(axes, exercise.courses)


def _points(course: RangeCourse, story: Story) -> list[_Point]:
    if not story.by_week:
        return [_point(one.day.toordinal(), [one]) for one in course.days]
    weeks = WEEK.grouped(course.days, lambda one: one.day)
    first, last = story.since.toordinal(), story.until.toordinal()
    return [
        _point(min(max(start.toordinal() + _MIDWEEK, first), last), days)
        for start, days in weeks.items()
    ]


def _point(at: float, days: Sequence[DayRange]) -> _Point:
    return _Point(
        at,
        median(one.value for one in days),
        min(one.value - one.uncertainty for one in days),
        max(one.value + one.uncertainty for one in days),
    )


def _value_range(
    courses: Sequence[RangeCourse], points: Iterable[Sequence[_Point]], unit: str
) -> tuple[float, float]:
    shown = [value for side in points for one in side for value in (one.low, one.high)]
    shown += [one.goal for course in courses for one in course.days]
    low, high = min(shown), max(shown)
    missing = max(0.0, _LEAST_SPAN.get(unit, 0.0) - (high - low)) / 2
    margin = 0.06 * (high - low + 2 * missing) or 0.1
    return low - missing - margin, high + missing + margin


def _runs(points: Sequence[_Point]) -> list[list[_Point]]:
    """Return the points that are joined by a line."""
    runs: list[list[_Point]] = []
    for one in points:
        if runs and one.at - runs[-1][-1].at <= JOINED_DAYS:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _course(axes: Axes, course: RangeCourse, points: Sequence[_Point]) -> None:
    marker, dash, colour, face = _LOOKS[course.side]
    runs = _runs(points)
    axes.add_collection(
        PolyCollection(
            [_band(run) for run in runs], facecolor=colour, edgecolor=colour, alpha=0.16,
            linewidth=0.8, linestyle=dash, zorder=2,
        ),
        autolim=False,
    )  # fmt: skip
    name = f"{course.exercise_id}-{course.side}"
    at = [value for run in runs for value in (*(one.at for one in run), np.nan)]
    value = [value for run in runs for value in (*(one.value for one in run), np.nan)]
    axes.plot(
        at, value, color=colour, linestyle=dash, linewidth=1.4, zorder=4, gid=f"joined-{name}"
    )
    size = next(size for most, size in _MARK_SIZES if len(points) <= most)
    axes.plot(
        [one.at for one in points], [one.value for one in points], linestyle="none",
        marker=marker, markersize=size, color=colour, markerfacecolor=face,
        markeredgewidth=1.2 if size > 4 else 0.7, zorder=5, clip_on=False, gid=f"range-{name}",
    )  # fmt: skip


def _band(run: Sequence[_Point]) -> FloatArray:
    # A day on its own has no width.
    wide = 0.35 if len(run) == 1 else 0.0
    there = [(one.at - wide, one.low) for one in run] + [(run[-1].at + wide, run[-1].low)]
    back = [(one.at + wide, one.high) for one in reversed(run)]
    return np.array([*there, *back, (run[0].at - wide, run[0].high)])


def _levels(axes: Axes, courses: Sequence[RangeCourse]) -> None:
    """Draw goals and safety maxima as steps, each named at its right end."""
    low, high = sorted(axes.get_ylim())
    labels: list[tuple[float, str, str]] = []
    for kind, colour, dash in (("goal", GREEN, "--"), ("safety maximum", VERMILION, "-.")):
        steps = {course.side: _steps(course, kind) for course in courses}
        same = len({tuple(one) for one in steps.values()}) == 1
        for side, found in list(steps.items())[: 1 if same else None]:
            if not low <= found[-1][1] <= high:
                continue
            at = [one[0] - 0.5 for one in found] + [axes.get_xlim()[1]]
            axes.step(
                [min(at[0], axes.get_xlim()[0]) if len(found) == 1 else at[0], *at[1:]],
                [*(one[1] for one in found), found[-1][1]],
                where="post", color=colour, linestyle=dash, linewidth=1.3, zorder=3,
            )  # fmt: skip
            unit = UNIT_SIGNS.get(courses[0].unit, courses[0].unit)
            whose = "" if same else f" {side_words(side)}"
            labels.append((found[-1][1], f"{kind}{whose} {found[-1][1]:g}{unit}", colour))
    _name_levels(axes, labels)


def _steps(course: RangeCourse, kind: str) -> list[tuple[float, float]]:
    """Return from which day on which level held."""
    found: list[tuple[float, float]] = []
    for one in course.days:
        level = one.goal if kind == "goal" else one.limit
        if not found or found[-1][1] != level:
            found.append((one.day.toordinal(), level))
    return found


def _name_levels(axes: Axes, labels: Sequence[tuple[float, str, str]]) -> None:
    low, high = sorted(axes.get_ylim())
    ordered = sorted(labels)
    wrapped = ["\n".join(textwrap.wrap(words, 16)) for _, words, _ in ordered]
    gap = (high - low) * 0.34 / _CURVE_IN
    places = spread([level for level, _, _ in ordered], low, high, gap)
    for place, words, (_, _, colour) in zip(places, wrapped, ordered, strict=True):
        axes.text(
            1.015, place, words, transform=axes.get_yaxis_transform(), va="center", fontsize=9,
            color=colour, fontweight="bold", parse_math=False,
        )  # fmt: skip
