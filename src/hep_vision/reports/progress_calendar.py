"""The calendar of a program: a cell for each day, told apart by what is drawn in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch

from hep_vision.program.schedule import DayTally
from hep_vision.reports.plot import GREY, INK
from hep_vision.reports.progress_canvas import EDGE_IN, Part, Sheet, polygons
from hep_vision.reports.progress_described import (
    NO_DAYS,
    NO_WORK,
    calendar_description,
)
from hep_vision.reports.progress_story import MONTHS, Story, monday

_WEEKS_OF_A_ROW: Final = 54
_LARGEST_CELL_IN: Final = 0.28
_DAYS_IN: Final = 0.6
_YEAR_GAP_IN: Final = 0.12
_MONTHS_IN: Final = 0.24
_KEY_IN: Final = 0.34
_GREEN: Final = "#00664B"
_HALF: Final = 0.41


class DayState(StrEnum):
    """What became of a day; the words of the key."""

    DONE = "all done"
    PARTLY = "some of it done"
    OPEN = "not done"
    REST = "rest day"
    AHEAD = "to come"


_ONLY_DONE: Final = {DayState.DONE: "a day with exercise", DayState.REST: "no exercise"}


@dataclass(frozen=True, slots=True)
class _Block:
    """Weeks side by side.

    Attributes:
        first: Monday of its first week.
        days: Its days, with what became of each.
        year: Written beside it.
    """

    first: date
    days: tuple[tuple[date, DayState], ...]
    year: str

    @property
    def weeks(self) -> int:
        """Return how many weeks it has."""
        return (self.days[-1][0] - self.first).days // 7 + 1


def calendar_part(story: Story) -> Part:
    """Return the days of the program, or without one those on which something was done."""
    title = "Days of the program" if story.adherence else "Days with exercise"
    states = day_states(story)
    if not states or (story.adherence is None and not story.days_done):
        words = NO_DAYS if story.adherence else NO_WORK
        return Part(title, (words,), words)
    blocks = _blocks(states)
    most_weeks = max(block.weeks for block in blocks)
    cell_in = min(_LARGEST_CELL_IN, (story.width_in - 2 * EDGE_IN - _DAYS_IN) / most_weeks)
    block_in = _MONTHS_IN + 7 * cell_in + _YEAR_GAP_IN

    def draw(sheet: Sheet, top_in: float) -> None:
        _draw_key(sheet, top_in, story, states)
        top_in += _KEY_IN
        for block in blocks:
            axes = sheet.axes(
                EDGE_IN + _DAYS_IN, top_in + _MONTHS_IN, block.weeks * cell_in, 7 * cell_in
            )
            _draw_block(axes, block, cell_in, named=len(blocks) > 1)
            top_in += block_in

    height_in = _KEY_IN + block_in * len(blocks)
    return Part(title, (), calendar_description(story), height_in, draw)


def day_states(story: Story) -> tuple[tuple[date, DayState], ...]:
    """Return what became of each day, in their order."""
    if story.adherence is not None:
        return tuple((one.day, _state(one, story.today)) for one in story.adherence.days)
    done = set(story.days_done)
    count = (story.until - story.since).days + 1
    days = [story.since + timedelta(days=ahead) for ahead in range(count)]
    return tuple((day, DayState.DONE if day in done else DayState.REST) for day in days)


def _state(one: DayTally, today: date | None) -> DayState:
    if one.rest:
        return DayState.REST
    if one.complete:
        return DayState.DONE
    if one.sets_done:
        return DayState.PARTLY
    return DayState.AHEAD if today is not None and one.day >= today else DayState.OPEN


def _blocks(states: Sequence[tuple[date, DayState]]) -> list[_Block]:
    """Return all weeks in one row where there is room, else a row for each year."""
    first, last = states[0][0], states[-1][0]
    if (last - monday(first)).days // 7 < _WEEKS_OF_A_ROW:
        return [_Block(monday(first), tuple(states), "")]
    years: dict[int, list[tuple[date, DayState]]] = {}
    for day, state in states:
        years.setdefault(day.year, []).append((day, state))
    # Each year begins at its own beginning, so that months stand under each other.
    return [
        _Block(monday(date(year, 1, 1)), tuple(days), str(year)) for year, days in years.items()
    ]


def _draw_block(axes: Axes, block: _Block, cell_in: float, *, named: bool) -> None:
    axes.set_xlim(0, block.weeks)
    axes.set_ylim(7, 0)
    axes.set_axis_off()
    cells: dict[DayState, list[tuple[float, float]]] = {}
    for day, state in block.days:
        at = (day - block.first).days // 7 + 0.5, day.weekday() + 0.5
        cells.setdefault(state, []).append(at)
    for state, places in cells.items():
        _draw_cells(axes, state, places, f"days-{state.name.lower()}-{block.days[0][0].year}")
    _draw_months(axes, block)
    size = 8 if cell_in < 0.22 else 9
    for row, word in enumerate(("Mon", "", "Wed", "", "Fri", "", "Sun")):
        if word:
            axes.text(
                -0.25, row + 0.5, word, ha="right", va="center", fontsize=size - 0.5, color=INK
            )
    if named:
        axes.text(
            -0.25, -0.72, block.year, ha="right", va="center", fontsize=10, color=INK,
            fontweight="bold",
        )  # fmt: skip


def _draw_months(axes: Axes, block: _Block) -> None:
    """Name months over the week of their first day, and part them by a line."""
    named_to = -1
    for place, (day, _) in enumerate(block.days):
        week, row = (day - block.first).days // 7, day.weekday()
        if place and day.day == 1:
            steps = [(week, 7), (week, row), (week + 1, row), (week + 1, 0)]
            axes.add_collection(
                LineCollection([steps], color=GREY, linewidth=1.0, zorder=1), autolim=False
            )
        first_of = place == 0 or day.day == 1
        if first_of and week >= named_to:
            year = f" {day.year}" if not block.year and (place == 0 or day.month == 1) else ""
            axes.text(
                week + 0.1, -0.25, f"{MONTHS[day.month - 1]}{year}", ha="left", va="bottom",
                fontsize=8.5, color=INK,
            )  # fmt: skip
            named_to = week + (3 if year else 2)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Something that is drawn in a cell."""

    corners: tuple[tuple[float, float], ...]
    face: str
    edge: str = INK
    dash: str = "-"


_SQUARE: Final = ((-_HALF, -_HALF), (_HALF, -_HALF), (_HALF, _HALF), (-_HALF, _HALF))
_CORNER: Final = ((-_HALF, _HALF), (_HALF, _HALF), (_HALF, -_HALF))
_DOT: Final = ((-0.1, -0.1), (0.1, -0.1), (0.1, 0.1), (-0.1, 0.1))
_LOOKS: Final = {
    DayState.DONE: (_Shape(_SQUARE, _GREEN),),
    DayState.PARTLY: (_Shape(_SQUARE, "white"), _Shape(_CORNER, _GREEN)),
    DayState.OPEN: (_Shape(_SQUARE, "white"),),
    DayState.REST: (_Shape(_DOT, GREY, edge="none"),),
    DayState.AHEAD: (_Shape(_SQUARE, "white", edge=GREY, dash=":"),),
}


def _draw_cells(
    axes: Axes, state: DayState, places: Sequence[tuple[float, float]], name: str | None = None
) -> None:
    for place, one in enumerate(_LOOKS[state]):
        shapes = [[(x + dx, y + dy) for dx, dy in one.corners] for x, y in places]
        axes.add_artist(
            PathPatch(
                polygons(shapes), facecolor=one.face, edgecolor=one.edge, linestyle=one.dash,
                linewidth=0.8, zorder=2, gid=name and f"{name}-{place}",
            )
        )  # fmt: skip


def _draw_key(
    sheet: Sheet, top_in: float, story: Story, states: Sequence[tuple[date, DayState]]
) -> None:
    there = {state for _, state in states}
    shown = [state for state in DayState if state in there]
    size_in = 0.22
    axes = sheet.axes(EDGE_IN, top_in, sheet.width_in - 2 * EDGE_IN, size_in)
    axes.set_xlim(0, (sheet.width_in - 2 * EDGE_IN) / size_in)
    axes.set_ylim(1, 0)
    axes.set_axis_off()
    at = 0.0
    for state in shown:
        words = str(state) if story.adherence else _ONLY_DONE[state]
        _draw_cells(axes, state, [(at + 0.5, 0.5)])
        axes.text(at + 1.2, 0.5, words, ha="left", va="center", fontsize=9, color=INK)
        at += 2.6 + 0.36 * len(words)
