"""Progress plots: nothing is lost or claimed on the way to the picture, and they fit into pages."""

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hep_vision.core.definition import Direction
from hep_vision.core.pain import PainZones
from hep_vision.core.types import Side, View
from hep_vision.errors import ExportError
from hep_vision.program.adherence import Adherence
from hep_vision.program.overview import VersionMark
from hep_vision.program.progress import Change, DayFeeling, DayRange, DayWork, RangeCourse
from hep_vision.program.schedule import DayTally
from hep_vision.reports.progress_calendar import DayState, day_states
from hep_vision.reports.progress_described import (
    NO_FEELING,
    NO_FORM,
    NO_RANGE,
    NO_WORK,
)
from hep_vision.reports.progress_plot import PlotPart, described, plot_progress, progress_svg
from hep_vision.reports.progress_story import (
    MOST_PERIODS,
    Story,
    readable_period,
    works_by_day,
)
from hep_vision.reports.progress_words import (
    NO_CHANGE,
    TOO_FEW_DAYS,
    change_words,
    left_out_words,
)

MONDAY = date(2026, 3, 2)
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@dataclass(frozen=True)
class Exercise:
    exercise_id: str
    name: str
    courses: tuple[RangeCourse, ...] = ()
    work: tuple[DayWork, ...] = ()
    timed: bool = False


def on(*places: int) -> list[date]:
    return [MONDAY + timedelta(days=place) for place in places]


def course(
    days: Sequence[date],
    side: Side = Side.BOTH,
    values: Sequence[float] | None = None,
    goals: Sequence[float] | None = None,
    *,
    direction: Direction = Direction.INCREASE,
    limit: float = 160.0,
    left_out: int = 0,
    change: Change | None = None,
    exercise_id: str = "heel_slide",
) -> RangeCourse:
    values = values or [70.0 + place % 7 for place in range(len(days))]
    goals = goals or [90.0] * len(days)
    ranges = tuple(
        DayRange(day, value, 8.0, 3, goal, limit)
        for day, value, goal in zip(days, values, goals, strict=True)
    )
    return RangeCourse(
        exercise_id, side, "knee_flexion", "deg", direction, View.SIDE, ranges, left_out, change
    )


def work(day: date, counted: int = 30, judged: int = 20, clean: int = 15) -> DayWork:
    return DayWork(day, 3, counted, 0, judged, clean)


def exercise(days: Sequence[date], *courses: RangeCourse) -> Exercise:
    return Exercise(
        "heel_slide", "Heel slide", courses or (course(days),), tuple(work(day) for day in days)
    )


def story_of(*exercises: Exercise, **changes: object) -> Story:
    days = [one.day for each in exercises for one in each.work] or [MONDAY]
    story = Story(min(days), max(days), exercises, (), None, PainZones())
    return replace(story, **changes)


def everything(count: int) -> Story:
    days = on(*range(count))
    left, right = course(days, Side.LEFT), course(days, Side.RIGHT, left_out=2)
    held = tuple(DayWork(day, 1, 3, 45_000, 3, 2) for day in days)
    return story_of(
        exercise(days, left, right),
        Exercise("plank", "Plank", (), held, timed=True),
        feeling=tuple(DayFeeling(day, 1, 4, None, 6) for day in days),
        adherence=Adherence(tuple(DayTally(day, 3, 3) for day in days), ()),
        marks=(VersionMark(days[0], 1),),
    )


def drawn(story: Story, kind: PlotPart, prefix: str = "a") -> ET.Element:
    return ET.fromstring(progress_svg(story, kind, prefix))


def words_of(svg: ET.Element) -> list[str]:
    return ["".join(one.itertext()).strip() for one in svg.iter(f"{SVG}text")]


def group(svg: ET.Element, name: str) -> ET.Element:
    return next(one for one in svg.iter(f"{SVG}g") if one.get("id") == name)


def marks_of(svg: ET.Element, name: str) -> list[tuple[float, float]]:
    uses = group(svg, name).iter(f"{SVG}use")
    return [(float(one.get("x", "nan")), float(one.get("y", "nan"))) for one in uses]


def outlines_of(svg: ET.Element, name: str) -> int:
    paths = group(svg, name).iter(f"{SVG}path")
    return sum(len(re.findall("M", one.get("d", ""))) for one in paths)


# -- words ----------------------------------------------------------------------------------------


@given(
    st.floats(20, 160),
    st.floats(20, 160),
    st.floats(15, 40),
    st.sampled_from(Direction),
)
def test_a_change_is_named_only_where_it_is_claimed(
    before: float, now: float, least: float, direction: Direction
) -> None:
    toward = now > before if direction is Direction.INCREASE else now < before
    change = Change(before, now, least, toward)
    words = change_words(course([MONDAY], direction=direction, change=change))
    if abs(now - before) < least:
        assert words == NO_CHANGE
        return
    named = re.match(r"(more|less) by about (\d+) degrees", words)
    assert named is not None
    assert (named[1] == "more") == (now > before)
    assert int(named[2]) % 5 == 0
    assert abs(int(named[2]) - abs(now - before)) <= 2.5
    further = direction is Direction.DECREASE and toward
    assert ("which is further" in words) == further


def test_too_few_days_are_not_compared() -> None:
    assert change_words(course(on(0, 1))) == TOO_FEW_DAYS


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        (0, ""),
        (1, "1 set seen from another side is left out"),
        (3, "3 sets seen from another side are left out"),
    ],
)
def test_sets_seen_from_elsewhere_are_named_in_the_panel(left_out: int, words: str) -> None:
    found = course(on(0, 1), left_out=left_out)
    assert left_out_words(found) == words
    shown = words_of(drawn(story_of(exercise(on(0, 1), found)), PlotPart.RANGE))
    assert [one for one in shown if "another side" in one] == ([words] if words else [])


def test_the_description_says_what_the_picture_shows() -> None:
    story = everything(10)
    assert described(story, PlotPart.RANGE) == (
        "Heel slide, knee flexion: left between about 70 degrees and about 75 degrees on 10 days, "
        "too few days to compare; right between about 70 degrees and about 75 degrees on 10 days, "
        "too few days to compare."
    )
    assert described(story, PlotPart.WORK) == (
        "10 days with exercise, 2 March 2026 to 11 March 2026. 300 repetitions counted; form was "
        "judged in 200 and good in 150; 450 seconds held."
    )
    assert described(story, PlotPart.FEELING) == (
        "On a scale from 0 to 10: pain before 1, pain after 4, effort 6. Pain stayed below 6."
    )
    assert described(story, PlotPart.CALENDAR).startswith("10 days with something to do")


# -- range ----------------------------------------------------------------------------------------


def test_every_day_has_its_mark_on_each_side() -> None:
    days = on(0, 1, 3, 4, 9)
    story = story_of(exercise(days, course(days, Side.LEFT), course(days[:3], Side.RIGHT)))
    svg = drawn(story, PlotPart.RANGE)
    assert len(marks_of(svg, "a-range-heel_slide-left")) == 5
    assert len(marks_of(svg, "a-range-heel_slide-right")) == 3


def test_sides_differ_in_mark_and_line_without_colour() -> None:
    days = on(*range(5))
    story = story_of(exercise(days, course(days, Side.LEFT), course(days, Side.RIGHT)))
    svg = drawn(story, PlotPart.RANGE)
    shapes, dashes = [], []
    for side in ("left", "right"):
        shape = group(svg, f"a-range-heel_slide-{side}").find(f".//{SVG}path")
        line = group(svg, f"a-joined-heel_slide-{side}").find(f".//{SVG}path")
        assert shape is not None
        assert line is not None
        shapes.append(shape.get("d"))
        dashes.append("stroke-dasharray" in line.get("style", ""))
    assert shapes[0] != shapes[1]
    assert dashes == [False, True]


@pytest.mark.parametrize(("gap", "lines"), [(7, 1), (8, 2)])
def test_a_gap_of_more_than_a_week_stays_open(gap: int, lines: int) -> None:
    days = on(0, 1, 2, 2 + gap, 3 + gap)
    svg = drawn(story_of(exercise(days)), PlotPart.RANGE)
    assert outlines_of(svg, "a-joined-heel_slide-both") == lines


def test_more_than_200_days_are_put_together_by_week() -> None:
    days = on(*range(210))
    assert (
        len(marks_of(drawn(story_of(exercise(days)), PlotPart.RANGE), "a-range-heel_slide-both"))
        == 30
    )
    few = on(*range(199))
    svg = drawn(story_of(exercise(few)), PlotPart.RANGE)
    assert len(marks_of(svg, "a-range-heel_slide-both")) == 199
    long = words_of(drawn(story_of(exercise(days)), PlotPart.RANGE))
    assert any("median of a week" in one for one in long)


def test_of_a_measure_that_decreases_the_smaller_is_drawn_higher() -> None:
    days = on(0, 1)
    found = course(days, values=[150.0, 120.0], goals=[110.0] * 2, direction=Direction.DECREASE)
    svg = drawn(story_of(exercise(days, found)), PlotPart.RANGE)
    (_, first), (_, then) = marks_of(svg, "a-range-heel_slide-both")
    assert then < first  # downwards in an SVG
    assert "Here a smaller number is further: it is drawn higher." in words_of(svg)


def test_the_goal_is_named_as_it_is_now_and_the_maximum_where_it_is_in_view() -> None:
    days = on(0, 1, 2)
    near = course(days, goals=[80.0, 80.0, 90.0], limit=92.0)
    shown = words_of(drawn(story_of(exercise(days, near)), PlotPart.RANGE))
    assert "goal 90°" in shown
    assert "goal 80°" not in shown
    assert any("safety" in one for one in shown)
    far = course(days, limit=160.0)
    assert not any(
        "safety" in one for one in words_of(drawn(story_of(exercise(days, far)), PlotPart.RANGE))
    )


def test_versions_close_together_share_a_label() -> None:
    days = on(*range(30))
    marks = tuple(
        VersionMark(day, number) for number, day in enumerate(on(0, 12, 13, 27, 400), start=1)
    )
    shown = words_of(drawn(story_of(exercise(days), marks=marks), PlotPart.WORK))
    assert [one for one in shown if one.startswith("version")] == [
        "version 1", "versions 2 to 3", "version 4",
    ]  # fmt: skip


def test_names_are_shown_as_they_are() -> None:
    named = replace(exercise(on(0)), name="Lift <5 & $hold$")
    svg = drawn(story_of(named), PlotPart.RANGE)
    assert "Lift <5 & $hold$" in words_of(svg)


# -- work, form, feeling --------------------------------------------------------------------------


def test_bars_are_stacked_by_what_is_known_of_the_form() -> None:
    days = on(0, 1, 2)
    works = (work(days[0], 30, 30, 30), work(days[1], 30, 0, 0), work(days[2], 30, 20, 10))
    svg = drawn(story_of(Exercise("a", "A", (), works)), PlotPart.WORK)
    assert outlines_of(svg, "a-bars-good-form") == 2
    assert outlines_of(svg, "a-bars-form-to-work-on") == 1
    assert outlines_of(svg, "a-bars-form-not-judged-from-this-view") == 2


def test_holds_are_shown_by_their_seconds() -> None:
    held = (DayWork(MONDAY, 1, 3, 45_000, 3, 2),)
    shown = words_of(drawn(story_of(Exercise("a", "A", (), held, timed=True)), PlotPart.WORK))
    assert "Seconds held" in shown
    assert "Repetitions" not in shown


def test_each_share_of_good_form_has_its_denominator() -> None:
    days = on(*range(21))
    svg = drawn(story_of(exercise(days)), PlotPart.FORM)
    numbers = [
        int("".join(one.itertext()))
        for one in svg.iter(f"{SVG}g")
        if one.get("id", "").startswith("a-judged-")
    ]
    assert numbers == [140, 140, 140]


def test_every_answer_has_its_mark_and_the_zones_have_words() -> None:
    days = on(0, 1, 2)
    feeling = (
        DayFeeling(days[0], 2, 3, None, 5),
        DayFeeling(days[1], None, 7, 1, 5),
        DayFeeling(days[2], 0, 10, 1, None),
    )
    story = story_of(exercise(days), feeling=feeling, zones=PainZones(4, 7))
    svg = drawn(story, PlotPart.FEELING)
    kinds = ("pain-before", "pain-after", "pain-next-morning", "effort")
    assert [len(marks_of(svg, f"a-felt-{kind}")) for kind in kinds] == [2, 3, 2, 2]
    shown = words_of(svg)
    assert {"0 to 3: all right", "4 to 6: go gently", "7 to 10: stop and rest"} <= set(shown)
    assert "Pain was 7 or more on 2 days." in described(story, PlotPart.FEELING)


@given(DAYS, st.integers(0, 2700))
def test_there_is_room_for_every_period(since: date, more: int) -> None:
    until = since + timedelta(days=more)
    period = readable_period(since, until)
    day, count = period.start(since), 0
    while day <= until:
        assert period.start(day) == day
        day, count = period.after(day), count + 1
    assert count <= MOST_PERIODS + 2  # those that both ends cut off


@given(st.lists(st.tuples(DAYS, st.integers(0, 60)), max_size=40))
def test_nothing_is_lost_between_days_and_periods(done: list[tuple[date, int]]) -> None:
    exercises = [
        Exercise(str(i), "A", (), (work(day, n, 0, 0),)) for i, (day, n) in enumerate(done)
    ]
    days = works_by_day(exercises)
    assert sum(one.counted for one in days) == sum(number for _, number in done)
    period = readable_period(date(2020, 1, 1), date(2030, 12, 31))
    groups = period.grouped(days, lambda one: one.day)
    assert [one for found in groups.values() for one in found] == list(days)


# -- calendar -------------------------------------------------------------------------------------


def test_days_are_told_apart() -> None:
    due = [(3, 3), (3, 1), (3, 0), (0, 0), (3, 1), (3, 0)]
    days = on(*range(6))
    tallies = tuple(DayTally(day, *pair) for day, pair in zip(days, due, strict=True))
    story = story_of(adherence=Adherence(tallies, ()), today=days[4])
    assert [state for _, state in day_states(story)] == [
        DayState.DONE, DayState.PARTLY, DayState.OPEN, DayState.REST, DayState.PARTLY,
        DayState.AHEAD,
    ]  # fmt: skip
    assert set(DayState) <= set(words_of(drawn(story, PlotPart.CALENDAR)))


def test_each_of_many_days_has_a_cell_in_its_year() -> None:
    days = on(*range(1826))
    tallies = tuple(DayTally(day, 3, 3 if place % 2 else 0) for place, day in enumerate(days))
    svg = drawn(story_of(adherence=Adherence(tallies, ())), PlotPart.CALENDAR)
    cells = [
        outlines_of(svg, f"a-days-{state}-{year}-0")
        for state in ("done", "open")
        for year in range(2026, 2032)
    ]
    assert sum(cells) == 1826
    assert {"2026", "2027", "2028", "2029", "2030", "2031"} <= set(words_of(svg))


def test_without_a_program_nothing_is_due() -> None:
    story = story_of(exercise(on(0, 2)))
    assert [state for _, state in day_states(story)] == [
        DayState.DONE, DayState.REST, DayState.DONE,
    ]  # fmt: skip
    shown = words_of(drawn(story, PlotPart.CALENDAR))
    assert {"Days with exercise", "a day with exercise", "no exercise"} <= set(shown)
    assert not {"not done", "rest day"} & set(shown)


# -- documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PlotPart)
@pytest.mark.parametrize("count", [1, 30, 400])
def test_a_part_is_a_picture_with_words_and_without_a_date(kind: PlotPart, count: int) -> None:
    story = everything(count)
    text = progress_svg(story, kind, "one")
    assert text == progress_svg(story, kind, "one")
    svg = ET.fromstring(text)
    assert svg.get("role") == "img"
    title, description = svg[0], svg[1]
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert description.text == described(story, kind)
    assert svg.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert "metadata" not in text
    assert title.text in words_of(svg)


def test_several_pictures_fit_into_one_page() -> None:
    story = everything(30)
    ids: list[str] = []
    for prefix, kind in [*((kind.value, kind) for kind in PlotPart), ("again", PlotPart.RANGE)]:
        text = progress_svg(story, kind, prefix)
        mine = re.findall(r'\bid="([^"]+)"', text)
        used = re.findall(r'(?:href="#|url\(#)([^")]+)', text)
        assert used
        assert set(used) <= set(mine)
        assert f"#{prefix} *{{" in text  # its style is its own
        ids += mine
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("prefix", ["", "1a", "a b", 'a"><script>'])
def test_a_prefix_is_an_id(prefix: str) -> None:
    with pytest.raises(ValueError, match="an id begins with a letter"):
        progress_svg(everything(1), PlotPart.FORM, prefix)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (PlotPart.RANGE, NO_RANGE),
        (PlotPart.WORK, NO_WORK),
        (PlotPart.FORM, NO_FORM),
        (PlotPart.FEELING, NO_FEELING),
        (PlotPart.CALENDAR, NO_WORK),
    ],
)
def test_where_there_is_nothing_yet_words_stand_in_place_of_axes(
    kind: PlotPart, words: str
) -> None:
    svg = drawn(story_of(), kind)
    assert words in words_of(svg)
    assert not [one for one in svg.iter(f"{SVG}g") if "axes" in one.get("id", "")]
    assert described(story_of(), kind) == words


@pytest.mark.parametrize("count", [30, 400])
def test_the_figure_of_all_names_each_of_its_parts_once(tmp_path: Path, count: int) -> None:
    path = tmp_path / "progress.svg"
    plot_progress(path, everything(count))
    ids = re.findall(r'\bid="([^"]+)"', path.read_text(encoding="utf-8"))
    assert len(ids) == len(set(ids))


def test_the_figure_of_all_has_every_part(tmp_path: Path) -> None:
    path = tmp_path / "progress.svg"
    plot_progress(path, everything(30))
    first = path.read_bytes()
    shown = words_of(ET.fromstring(first))
    assert "Progress, 2 March 2026 to 31 March 2026" in shown
    assert {"How far it went", "What was done, by day", "Good form, by week",
            "How it felt, by day", "Days of the program"} <= set(shown)  # fmt: skip
    plot_progress(path, everything(30))
    assert path.read_bytes() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("count", [1, 30])
def test_the_png_opens_and_is_not_blank(tmp_path: Path, count: int) -> None:
    path = tmp_path / "progress.png"
    plot_progress(path, everything(count))
    with Image.open(path) as picture:
        assert picture.width == 1200
        assert np.unique(np.asarray(picture.convert("L"))).size > 50
        assert "Heel slide" in picture.text["Description"]


def test_one_exercise_in_detail_is_of_the_days_on_which_it_was_done(tmp_path: Path) -> None:
    story = everything(10)
    days = on(0, 1)
    other = Exercise("other", "Other", (), tuple(work(day) for day in days))
    story = replace(story, exercises=(*story.exercises, other))
    assert [one.day for one in story.of_exercise("other").feeling] == days
    path = tmp_path / "one.svg"
    plot_progress(path, story, "other")
    shown = words_of(ET.fromstring(path.read_bytes()))
    assert "Other, 2 March 2026 to 11 March 2026" in shown
    assert "Days of the program" not in shown
    assert "Heel slide" not in shown
    with pytest.raises(KeyError):
        plot_progress(path, story, "nothing")


def test_an_unknown_suffix_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"must end in \.png or \.svg"):
        plot_progress(tmp_path / "progress.pdf", everything(1))
