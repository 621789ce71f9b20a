"""A program on paper: everything is there, in words, and nothing comes from elsewhere."""

import re
from collections.abc import Iterator
from datetime import date, time
from functools import cache
from xml.etree import ElementTree as ET

import pytest

from hep_vision.coach.pain import STOP_AT_ONCE
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.pain import PainZones, Zone
from hep_vision.core.targets import Targets
from hep_vision.core.tempo import Tempo
from hep_vision.core.types import Side
from hep_vision.exercises.loading import catalogue, find_exercise
from hep_vision.program.loading import read_program
from hep_vision.program.spec import Prescription, Program, Weekday, Works
from hep_vision.program.templates import Blanks, filled_in, template_names
from hep_vision.reports.handout import handout, pain_rule
from hep_vision.reports.handout_words import (
    amount_in_words,
    dose_in_words,
    pace_in_words,
    rest_in_words,
    side_in_words,
    targets_in_words,
    when_in_words,
)
from prescriptions import prescribe, program

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DANGEROUS = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"}


@cache
def find(exercise_id: str) -> ExerciseDefinition:
    return find_exercise(exercise_id)


@cache
def template_program(name: str) -> Program:
    blanks = Blanks(date(2026, 11, 24), date(2027, 1, 5), "Anna B.", "C. D.", Side.LEFT)
    return read_program(filled_in(name, blanks).encode(), name, find)


def parsed(page: str) -> ET.Element:
    return ET.fromstring(page)


def words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def sections(page: ET.Element) -> list[ET.Element]:
    return [one for one in page.iter("section") if "exercise" in one.get("class", "").split()]


def facts(section: ET.Element) -> dict[str, str]:
    names, values = section.iter("dt"), section.iter("dd")
    return {words(name): words(value) for name, value in zip(names, values, strict=True)}


def week(page: ET.Element) -> list[list[ET.Element]]:
    (table,) = (one for one in page.iter("table") if one.get("class") == "week")
    return [list(row) for row in table.iter("tr")][1:]


def boxes(cell: ET.Element) -> int:
    return sum(one.get("class") == "box" for one in cell.iter("span"))


def from_elsewhere(page: ET.Element) -> Iterator[str]:
    """Yield whatever would make a browser load or run something."""
    for element in page.iter():
        if element.tag.rpartition("}")[2] in DANGEROUS:
            yield element.tag
        for name, value in element.attrib.items():
            if name.startswith("on") or name.rpartition("}")[2] in ("src", "href", "style", "data"):
                yield f"{element.tag} {name}={value}"
    for style in page.iter("style"):
        yield from re.findall(r"url\(|@import|@font-face", style.text or "")


# -- the page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", template_names())
def test_every_exercise_of_a_template_is_there_with_its_dose_and_its_boxes(name: str) -> None:
    plan = template_program(name)
    page = parsed(handout(plan, 2, find))
    assert words(next(page.iter("h1"))) == "Home exercises of Anna B."
    for place, (one, part, row) in enumerate(
        zip(plan.exercises, sections(page), week(page), strict=True), 1
    ):
        exercise = find(one.exercise_id)
        assert words(next(part.iter("h2"))) == f"{place}. {exercise.name}"
        assert facts(part)["How much"] == dose_in_words(one, exercise)
        assert facts(part)["When"] == when_in_words(one)
        text = words(part)
        for line in (exercise.setup, *exercise.steps, *exercise.precautions, *one.precautions):
            assert line in text
        assert exercise.camera.placement in text
        assert f"{exercise.camera.distance_m[0]:g} to {exercise.camera.distance_m[1]:g} m" in text
        assert exercise.name in words(row[0])
        due = [one.times_per_day if day in one.days else 0 for day in WEEKDAYS]
        assert [boxes(cell) for cell in row[1:]] == due
        assert [words(cell) == "rest" for cell in row[1:]] == [count == 0 for count in due]
    assert not list(from_elsewhere(page))


def test_every_exercise_of_the_catalogue_prints_with_figures_or_says_that_it_has_none() -> None:
    known = list(catalogue().values())
    page = parsed(handout(program(*(prescribe(one.id) for one in known)), 1, find))
    for exercise, part in zip(known, sections(page), strict=True):
        figures = [one for one in part.iter("svg") if one.get("role") == "img"]
        if exercise.motion is None:
            assert not figures
            assert "There is no drawing of this one" in words(part)
            continue
        assert len(figures) >= 3
        assert all(figure.get("aria-label") for figure in figures)
        # A fault is told in words, and not only by a colour or a mark.
        assert "Not like this: " in words(next(part.iter("figcaption")))
        assert "Better: " in words(next(part.iter("figcaption")))
    assert not list(from_elsewhere(page))


def test_who_when_goals_and_cautions_are_there_and_the_same_page_comes_again() -> None:
    plan = Program(
        "A.",
        "C. D.",
        date(2026, 11, 24),
        date(2027, 1, 5),
        (prescribe("squat"),),
        ("Climb the stairs",),
        ("Go gently",),
        PainZones(2, 5),
    )
    page = handout(plan, 3, find)
    text = words(parsed(page))
    assert "C. D., version 3" in text
    assert "Tuesday 24 November 2026; review together on Tuesday 5 January 2027" in text
    assert "Climb the stairs" in text
    assert "Go gently" in text
    assert STOP_AT_ONCE in text
    assert "Exercise feedback, not a medical device" in text
    assert ", version" not in words(parsed(handout(plan, None, find)))
    assert handout(plan, 3, find) == page


def test_what_a_person_wrote_is_shown_as_it_is_and_does_nothing() -> None:
    hostile = (
        "<script>alert('1')</script>",
        '"><img src="http://evil.example/x.png" onerror="x()">',
        "{{ 7 * 7 }} {% raw %} & &amp;",
        "עברית \u202eabc 🦵",
        "</title></style><b>" + 300 * "a",
    )
    one = prescribe("squat", load=hostile[1], precautions=hostile)
    plan = Program(
        hostile[0], hostile[4], date(2026, 1, 1), date(2026, 2, 1), (one,), hostile, hostile
    )
    page = parsed(handout(plan, 1, find))
    assert not list(from_elsewhere(page))
    shown = [words(item) for item in page.iter("li")]
    assert all(shown.count(line) == 3 for line in hostile)
    assert next(page.iter("title")).text == f"Home exercises of {hostile[0]}"
    # Each stands apart, so that its direction does not turn the words around it.
    assert {*hostile} <= {one.text for one in page.iter("bdi")}


def test_no_letters_are_smaller_than_11_pt() -> None:
    (style,) = parsed(handout(program(prescribe("squat")), 1, find)).iter("style")
    sizes = re.findall(r"(?:font-size: |font: )([\d.]+)(\w+|%)", style.text or "")
    assert {unit for _, unit in sizes} == {"rem", "px", "pt"}
    smallest = {"rem": 1.0, "pt": 11.0, "px": 11 / 0.75}
    assert all(float(size) >= smallest[unit] for size, unit in sizes)


def test_no_exercise_and_no_rule_is_split_over_pages() -> None:
    page = parsed(handout(template_program("falls_prevention"), 1, find))
    (style,) = page.iter("style")
    _, _, paper = (style.text or "").partition("@media print")
    assert re.search(r"\.exercise \{ break-inside: avoid;", paper)
    assert re.search(r"\.whole, tr, .*\{ break-inside: avoid; \}", paper)
    framed = [one for one in page.iter("section") if STOP_AT_ONCE in words(one)]
    assert ["whole" in one.get("class", "").split() for one in framed] == [True]


# -- the pain rule --------------------------------------------------------------------------------


def test_the_pain_rule_has_the_zones_of_the_program() -> None:
    lines = pain_rule(PainZones(3, 6))
    assert [(line.zone, line.scores) for line in lines] == [
        (Zone.GREEN, "0 to 2"),
        (Zone.AMBER, "3 to 5"),
        (Zone.RED, "6 to 10"),
    ]
    assert "contact your therapist" in lines[2].before
    assert [line.scores for line in pain_rule(PainZones(1, 10))] == ["0", "1 to 9", "10"]
    assert [line.zone for line in pain_rule(PainZones(4, 4))] == [Zone.GREEN, Zone.RED]


# -- words ----------------------------------------------------------------------------------------


def dosed(exercise_id: str, **more: object) -> tuple[Prescription, ExerciseDefinition]:
    return prescribe(exercise_id, **more), find(exercise_id)  # type: ignore[arg-type]


def test_doses_are_said_as_people_say_them() -> None:
    assert dose_in_words(*dosed("squat")) == "2 sets of 10"
    assert dose_in_words(*dosed("squat", sets=1)) == "1 set of 10"
    held = dosed("straight_leg_raise", hold_ms=5000)
    assert dose_in_words(*held) == "2 sets of 10, each held for 5 seconds"
    timed = Prescription("front_plank", 3, 1, (Weekday.MONDAY,), hold_ms=90_000)
    assert dose_in_words(timed, find("front_plank")) == "3 holds of 90 seconds"
    timed = Prescription("front_plank", 1, 2, (Weekday.MONDAY,), hold_ms=60_000)
    assert dose_in_words(timed, find("front_plank")) == "1 set of 2 holds of 1 minute"


def test_the_week_says_dose_side_and_times_in_short() -> None:
    held = dosed("straight_leg_raise", hold_ms=5000, works=Works.EACH)
    assert amount_in_words(*held) == "2 sets of 10, hold 5 seconds, each side"
    timed = dosed("clamshell", works=Works.LEFT, times=(time(9), time(18, 30)), hold_ms=1000)
    assert amount_in_words(*timed) == ("2 sets of 10, hold 1 second, left side, at 09:00 and 18:30")


def test_sides_are_named_where_there_is_a_choice() -> None:
    assert side_in_words(*dosed("squat")) == ""
    assert side_in_words(*dosed("clamshell", works=Works.RIGHT)) == "Your right side."
    each = dosed("clamshell", works=Works.EACH)
    assert side_in_words(*each) == "Each side: 2 sets left and 2 sets right."
    assert side_in_words(*dosed("standing_march")) == "Left and right take turns."


def test_days_times_rest_and_pace_are_said_in_words() -> None:
    monday, friday = Weekday.MONDAY, Weekday.FRIDAY
    assert when_in_words(prescribe(days=(monday, friday))) == "Monday and Friday"
    assert when_in_words(prescribe(times_per_day=3)) == "Every day, 3 times a day"
    assert when_in_words(prescribe(times=(time(9),))) == "Every day at 09:00"
    assert rest_in_words(*dosed("squat", rest_ms=90_000)) == "90 seconds between sets"
    assert rest_in_words(*dosed("squat", sets=1)) == ""
    assert rest_in_words(*dosed("squat", rest_ms=0)) == ""
    pace = pace_in_words(prescribe(tempo=Tempo(2000, 1000, 3500)))
    assert pace == "2 seconds there, 1 second held, 3.5 seconds back"
    assert pace_in_words(prescribe(tempo=Tempo(2000, 0, 1000))) == "2 seconds there, 1 second back"


def test_targets_name_an_angle_only_where_people_can_picture_it() -> None:
    knee = Targets(goal=55.0, limit=80.0, minimum=25.0, measure="knee_flexion")
    told = targets_in_words(prescribe(targets=knee))
    assert "Bend of the knee: aim for about 55°; go no further than 80°; " in told
    assert "a movement counts from 25° on. 0° is straight" in told
    as_shown = "As far as your therapist showed you, and no further."
    spread = Targets(goal=0.5, measure="knee_spread")
    assert targets_in_words(prescribe(targets=spread)) == as_shown
    behind = Targets(goal=-10.0, measure="hip_flexion")
    assert targets_in_words(prescribe(targets=behind)) == as_shown
    assert targets_in_words(prescribe(targets=Targets(hold_ms=5000))) == ""
    assert targets_in_words(prescribe()) == ""
