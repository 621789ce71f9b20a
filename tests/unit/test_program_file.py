"""A program file is read as the therapist wrote it, or says file and key of what is wrong."""

from datetime import date, time
from pathlib import Path

import pytest

from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.pain import PainZones
from hep_vision.core.targets import Targets
from hep_vision.core.tempo import Tempo
from hep_vision.core.types import Side
from hep_vision.errors import ProgramError
from hep_vision.exercises.loading import find_exercise, sources
from hep_vision.program.loading import load_program, parse_program, read_program, validate_file
from hep_vision.program.spec import WEEK, PainAsk, Program, Weekday, Works
from hep_vision.program.templates import (
    Blanks,
    asks_for_side,
    filled_in,
    template_names,
    template_text,
)

HEAD = """
patient = "../../etc <A> ß"
therapist = "B."
goals = ["Climb the stairs"]
start = 2026-11-24
review = 2027-01-05
precautions = ["Go gently"]
"""
SQUAT = """
[[exercises]]
id = "mini_squat"
sets = 2
reps = 8
days = ["fri", "mon"]
times = ["09:00", 18:30:00]
rest_s = 45
tempo = "2-1-3"
goal_deg = 55
minimum_deg = 25
limit_deg = 80
load = "a chair"
precautions = ["Heels down"]
"""
RAISE = """
[[exercises]]
id = "straight_leg_raise"
sets = 3
reps = 10
hold_s = 4
side = "each"
times_per_day = 2
"""
PLANK = """
[[exercises]]
id = "front_plank"
sets = 1
reps = 3
days = ["sun"]
"""


def find(exercise_id: str) -> ExerciseDefinition:
    return find_exercise(exercise_id)


def read(text: str) -> Program:
    return read_program(text.encode(), "a.toml", find)


def complaints(text: str) -> list[str]:
    return [f"{one.where}: {one.what}" for one in parse_program(text.encode(), find)[1]]


def test_the_pain_may_be_asked_once_a_sitting() -> None:
    assert read(HEAD + '[pain]\nask = "sitting"\n' + SQUAT).pain_ask is PainAsk.SITTING
    (line,) = complaints(HEAD + '[pain]\nask = "siting"\n' + SQUAT)
    assert line.startswith("pain.ask: ")
    assert "sitting" in line


def test_everything_comes_through_as_written() -> None:
    program = read(HEAD + "[pain]\nred_from = 5\n" + SQUAT + RAISE + PLANK)
    squat, leg, plank = program.exercises

    assert (program.patient, program.therapist) == ("../../etc <A> ß", "B.")
    assert (program.start, program.review) == (date(2026, 11, 24), date(2027, 1, 5))
    assert (program.goals, program.precautions) == (("Climb the stairs",), ("Go gently",))
    assert program.zones == PainZones(3, 5)
    assert program.pain_ask is PainAsk.EACH_EXERCISE
    assert (squat.exercise_id, squat.sets, squat.reps) == ("mini_squat", 2, 8)
    assert squat.days == (Weekday.MONDAY, Weekday.FRIDAY)
    assert (squat.times_per_day, squat.times) == (2, (time(9), time(18, 30)))
    assert (squat.rest_ms, squat.tempo) == (45_000, Tempo(2_000, 1_000, 3_000))
    assert squat.targets == Targets(55.0, 25.0, 80.0, measure="knee_flexion")
    assert (squat.load, squat.precautions) == ("a chair", ("Heels down",))
    assert squat.sides == (Side.BOTH,)
    assert (leg.days, leg.times_per_day, leg.times) == (WEEK, 2, ())
    assert (leg.hold_ms, leg.works) == (4_000, Works.EACH)
    assert leg.sides == (Side.LEFT, Side.RIGHT)
    assert (plank.times_per_day, plank.hold_ms, plank.rest_ms) == (1, None, None)
    assert (plank.tempo, plank.targets) == (None, None)


def test_one_side_is_a_target_of_the_exercise_too() -> None:
    (leg,) = read(HEAD + RAISE.replace('"each"', '"left"')).exercises
    assert leg.sides == (Side.LEFT,)
    assert leg.targets is not None
    assert leg.targets.side is Side.LEFT


def test_a_hold_of_nothing_may_be_written_where_nothing_is_held() -> None:
    (squat,) = read(HEAD + SQUAT + "hold_s = 0\n").exercises
    assert squat.hold_ms == 0


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("sets = 2", "sets = 0", "exercises[mini_squat].sets: must be 1 to 20, not 0"),
        ("reps = 8", "reps = 500", "exercises[mini_squat].reps: must be 1 to 200, not 500"),
        ("reps = 8", "", "exercises[mini_squat].reps: missing"),
        ("reps = 8", "rep = 8", "exercises[mini_squat].rep: unknown key; did you mean reps?"),
        ("rest_s = 45", "rest_s = -1", "exercises[mini_squat].rest_s: must be 0 to 600 s, not -1"),
        (
            "rest_s = 45",
            "hold_s = 5",
            "exercises[mini_squat].hold_s: nothing is held in mini_squat; leave it out",
        ),
        (
            '"2-1-3"',
            '"slow"',
            "exercises[mini_squat].tempo: 'slow': expected seconds out, held and back, such as "
            "2-1-3",
        ),
        ('["fri", "mon"]', "[]", "exercises[mini_squat].days: no day at all"),
        (
            '["fri", "mon"]',
            '["friday"]',
            "exercises[mini_squat].days[1]: must be one of mon, tue, wed",
        ),
        ('["fri", "mon"]', '["mon", "mon"]', "exercises[mini_squat].days: names mon twice"),
        (
            '["09:00", 18:30:00]',
            '["18:30", "09:00"]',
            "exercises[mini_squat].times: must come one after the other",
        ),
        ('["09:00", 18:30:00]', "[]", "exercises[mini_squat].times: names no time"),
        ('["09:00", 18:30:00]', '["25:00"]', "exercises[mini_squat].times[1]: must be"),
        (
            "rest_s = 45",
            "times_per_day = 3",
            "exercises[mini_squat].times_per_day: is 3, but times names 2",
        ),
        (
            "rest_s = 45",
            'side = "left"',
            "exercises[mini_squat].side: both sides work in mini_squat; leave it out",
        ),
        (
            "rest_s = 45",
            'side = "each"',
            "exercises[mini_squat].side: both sides work in mini_squat; leave it out",
        ),
        (
            "goal_deg = 55",
            "goal_ratio = 0.5",
            "exercises[mini_squat].goal_ratio: knee_flexion is in degrees; write goal_deg",
        ),
        ("goal_deg = 55", "goal_deg = 90", "exercises[mini_squat].goal_deg: 90 deg lies beyond"),
        ('"mini_squat"', '"mini_sqat"', "exercises[mini_sqat].id: There is no exercise"),
        ('"mini_squat"', '"../squat.toml"', "exercises[../squat.toml].id: must be an id"),
        ('"a chair"', '"  "', "exercises[mini_squat].load: must be one line of text"),
        ("review = 2027-01-05", "review = 2026-11-23", "review: must be after start, 2026-11-24"),
        ("start = 2026-11-24", 'start = "soon"', "start: must be a valid date"),
        ('therapist = "B."', 'therapist = ""', "therapist: write who adapted this program"),
        ('"B."', '"B\\u001b[2J"', "therapist: must be one line of text"),
        ("rest_s = 45", "rest_s = inf", "exercises[mini_squat].rest_s: must be a finite number"),
        ('["Go gently"]', '["Go", ""]', "precautions[2]: must be one line of text"),
        ("precautions = [", "precaution = [", "precaution: unknown key; did you mean precautions?"),
    ],
)
def test_a_slip_is_one_line_with_its_key(old: str, new: str, complaint: str) -> None:
    text = HEAD + SQUAT
    assert complaints(text) == []
    assert old in text
    (first, *others) = complaints(text.replace(old, new, 1))
    assert first.startswith(complaint)
    assert "\n" not in first
    assert others == []


@pytest.mark.parametrize(
    ("extra", "complaint"),
    [
        ("hold_s = 3600", "exercises[front_plank].hold_s: must be 2 to 600 s, not 3600"),
        ("hold_s = -1e308", "exercises[front_plank].hold_s: must be 2 to 600 s, not -1e+09"),
        ("hold_s = 1e308", "exercises[front_plank].hold_s: must be 2 to 600 s, not 1e+09"),
        ('tempo = "2-1-3"', "exercises[front_plank].tempo: does not go with front_plank"),
    ],
)
def test_what_does_not_go_with_a_timed_hold_is_said(extra: str, complaint: str) -> None:
    (only,) = complaints(HEAD + PLANK + extra)
    assert only.startswith(complaint)


@pytest.mark.parametrize(
    ("pain", "complaint"),
    [
        ("amber_from = 0", "pain.amber_from: must be 1 to 10, not 0"),
        ("red_from = 2", "pain.red_from: must be from amber_from, 3, to 10, not 2"),
        ("red_from = 11", "pain.red_from: must be from amber_from, 3, to 10, not 11"),
        ("read_from = 5", "pain.read_from: unknown key; did you mean red_from?"),
    ],
)
def test_pain_zones_are_in_order(pain: str, complaint: str) -> None:
    assert complaints(f"{HEAD}[pain]\n{pain}\n{SQUAT}") == [complaint]


def test_without_exercises_there_is_no_program() -> None:
    assert complaints(HEAD) == ["exercises: missing"]
    assert complaints(HEAD.replace("\npatient", "\nexercises = []\npatient")) == [
        "exercises: there are none; write at least one [[exercises]]"
    ]


def test_an_exercise_may_be_there_twice_only_where_it_is_clear_which_was_done() -> None:
    twice = "exercises[front_plank]: is there twice for sun; write it once, or give each its own"
    assert complaints(HEAD + PLANK + PLANK)[0].startswith(twice)
    assert complaints(HEAD + PLANK + PLANK.replace('"sun"', '"mon"')) == []
    left, right = (RAISE.replace('"each"', f'"{side}"') for side in ("left", "right"))
    assert complaints(HEAD + left + right) == []
    assert len(complaints(HEAD + left + RAISE)) == 1


def test_all_problems_of_a_file_are_found_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(HEAD + SQUAT.replace("sets = 2", "sets = 0") + RAISE.replace("10", "0"))
    found = validate_file(path, find)
    assert [line.partition(": must")[0] for line in found] == [
        f"{path}: exercises[mini_squat].sets",
        f"{path}: exercises[straight_leg_raise].reps",
    ]
    with pytest.raises(ProgramError, match=r"sets: must be 1 to 20, not 0 \(and 1 more: "):
        load_program(path, find)


def test_a_file_that_is_no_file_or_no_toml_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="there is no such file"):
        load_program(tmp_path / "none.toml", find)
    with pytest.raises(ProgramError, match="cannot be read"):
        load_program(tmp_path, find)
    (tmp_path / "odd.toml").write_bytes(b'patient = "\xff"')
    assert validate_file(tmp_path / "odd.toml", find) == [
        f"{tmp_path / 'odd.toml'}: line 1: not UTF-8 text; save the file as UTF-8"
    ]


# -- templates ------------------------------------------------------------------------------------

TEMPLATES = (
    "after_total_knee_replacement",
    "falls_prevention",
    "knee_osteoarthritis",
    "low_back",
    "rotator_cuff",
)
BLANKS = Blanks(date(2026, 11, 24), date(2027, 1, 5), 'A "quoted" \\1', "B.", Side.RIGHT)


def test_there_are_five_templates() -> None:
    assert tuple(template_names()) == TEMPLATES


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_that_is_filled_in_is_a_program_with_known_sources(name: str) -> None:
    program = read(filled_in(name, BLANKS))
    assert (program.patient, program.therapist) == ('A "quoted" \\1', "B.")
    assert (program.start, program.review) == (date(2026, 11, 24), date(2027, 1, 5))
    assert program.zones == PainZones()
    for one in program.exercises:
        assert one.sources
        assert set(one.sources) <= set(sources())
        assert one.works is not Works.LEFT


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_as_it_is_must_be_adapted_first(name: str) -> None:
    assert "TO BE ADAPTED BY A THERAPIST" in template_text(name)
    said = complaints(template_text(name))
    if asks_for_side(name):
        assert all(".side: must be one of left, right, each or none, not 'SIDE'" in s for s in said)
        assert said
    else:
        assert said == [
            "patient: must be one line of text",
            "therapist: write who adapted this program to the patient",
        ]


def test_templates_that_are_for_one_side_say_so() -> None:
    assert [name for name in TEMPLATES if asks_for_side(name)] == [
        "after_total_knee_replacement",
        "rotator_cuff",
    ]


def test_an_unknown_template_suggests_the_nearest() -> None:
    with pytest.raises(ProgramError, match="did you mean low_back"):
        template_text("lowback")
