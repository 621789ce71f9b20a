"""Reading exercise files: what is accepted, and what is said about the rest."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hep_vision.core.definition import Combine, CompletesAt, GuardSide, Kind, Operator
from hep_vision.core.types import Severity, Side, View
from hep_vision.errors import ExerciseSpecError, ExitCode, UnknownExerciseError
from hep_vision.exercises.loading import (
    catalogue,
    exercise_ids,
    find_exercise,
    load_exercise,
    validate_file,
)
from hep_vision.exercises.spec import parse_exercise

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = re.findall(
    r"```toml\n(id = .*?)```", (DOCS / "exercises.md").read_text(encoding="utf-8"), re.DOTALL
)[0]
PLANK = """
id = "chair_squat"
revision = 1
name = "Chair squat"
kind = "timed_hold"
side = "both"
position = "prone"
purpose = "A."
setup = "B."
steps = ["C."]
equipment = []
precautions = []
sources = ["OWN"]
dose = { sets = 1, reps = 3, hold_ms = 20000, rest_ms = 60000, sources = ["OWN"] }
camera = { view = "side", height_m = [0.3, 0.6], distance_m = [2, 3], placement = "D." }
reported = { measure = "hip_over_elbow", rest = 0.1, goal = 0.5, limit = 0.9 }
timing = { min_rep_ms = 2000, max_rep_ms = 180000 }

[[hold]]
measure = "trunk_elevation"
maximum = 40
margin = 8

[[checks]]
id = "sag"
name = "Hips sagging"
measure = "body_line"
operator = "below"
threshold = -10
phase = "hold"
severity = "warn"
cue = "Lift your hips."
therapist = "Sag."
confidence = "own_judgement"
sources = ["OWN"]
"""
STRETCH = """
id = "chair_squat"
revision = 1
name = "Chair squat"
kind = "self_timed"
position = "any"
purpose = "A."
setup = "B."
steps = ["C."]
equipment = []
precautions = []
sources = ["OWN"]
dose = { sets = 1, reps = 3, hold_ms = 20000, rest_ms = 60000, sources = ["OWN"] }
camera = { view = "side", height_m = [0.3, 0.6], distance_m = [2, 3], placement = "D." }
timing = { min_rep_ms = 2000, max_rep_ms = 180000 }
"""
HOLD = '[[hold]]\nmeasure = "trunk_elevation"\nmaximum = 40\nmargin = 8\n'
GUARD = "change_max = -0.05"
KNEES = 'measure = "knee_valgus"\noperator = "above"\nthreshold = 12\nphase = "effort"'
RETURN = 'measure = "return_ms"\noperator = "below"\nthreshold = 1000\nphase = "rep"'


def write(folder: Path, text: str, name: str = "chair_squat") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) >= 1, f"the example no longer has {old!r}"
    return text.replace(old, new, 1)


def test_the_example_of_the_documentation_loads(tmp_path: Path) -> None:
    path = write(tmp_path, EXAMPLE)

    exercise = load_exercise(path)

    assert validate_file(path) == []
    assert exercise.kind is Kind.REPETITION
    assert exercise.side is Side.BOTH
    assert exercise.camera.height_m == (0.8, 1.0)
    assert exercise.count[0].views == (View.SIDE, View.OBLIQUE)
    assert exercise.count[0].combine is Combine.MEAN
    assert exercise.completes_at is CompletesAt.RETURN
    assert exercise.guards[0].side is GuardSide.EITHER
    assert exercise.checks[0].operator is Operator.ABOVE
    assert exercise.checks[0].severity is Severity.WARN
    assert exercise.timing.min_rep_ms == 600


def test_a_timed_hold_loads(tmp_path: Path) -> None:
    exercise = load_exercise(write(tmp_path, PLANK))

    assert exercise.hold[0].maximum == 40.0
    assert exercise.count == ()


def test_a_self_timed_exercise_measures_nothing(tmp_path: Path) -> None:
    exercise = load_exercise(write(tmp_path, STRETCH))

    assert exercise.reported is None
    with pytest.raises(ValueError, match="reports no measure"):
        _ = exercise.shown


def test_the_side_may_be_left_out(tmp_path: Path) -> None:
    text = changed(EXAMPLE, 'side = "both" ', "# ")

    assert load_exercise(write(tmp_path, text)).side is None


def test_a_file_with_a_byte_order_mark_loads(tmp_path: Path) -> None:
    path = tmp_path / "chair_squat.toml"
    path.write_bytes(b"\xef\xbb\xbf" + EXAMPLE.replace("\n", "\r\n").encode())

    assert load_exercise(path).id == "chair_squat"


MALFORMED = {
    # what the file's shape gets wrong
    "unknown key": ("revision = 1", "revision = 1\ncolour = 3", "colour", "unknown key"),
    "misspelt key": ("revision = 1", "revison = 1", "revison", "did you mean revision?"),
    "wrong unit in key": ("min_rep_ms = 600", "min_rep_s = 1", "timing.min_rep_s", "min_rep_ms?"),
    "unknown key deep down": (GUARD, "change_mx = 1", "guards[1].change_mx", "change_max?"),
    "missing": ("goal = 80 ", "# ", "reported.goal", "missing"),
    "seconds for ms": (
        "min_rep_ms = 600",
        "min_rep_ms = 1.2",
        "timing.min_rep_ms",
        "whole milliseconds, not 1.2 (1.2 s",
    ),
    "text for a number": ("rest = 5", 'rest = "5"', "reported.rest", "not '5'"),
    "truth value": ("sets = 2", "sets = true", "dose.sets", "valid integer"),
    "date": ("rest = 5", "rest = 2026-01-02", "reported.rest", "valid number"),
    "endless": ("limit = 120", "limit = inf", "reported.limit", "finite"),
    "not a number": ("limit = 120", "limit = nan", "reported.limit", "finite"),
    "unknown kind": ('"repetition"', '"repetitions"', "kind", "one of repetition,"),
    "unknown view": ('["front"]', '["behind"]', "count[2].views[1]", "one of front,"),
    "three heights": ("[0.8, 1.0]", "[0.8, 1.0, 2.0]", "camera.height_m", "at most 2"),
    "single bracket": ("[[guards]] ", "[guards] ", "guards", "write [[guards]]"),
    "steps not a list": ('["Bend', '"Bend" #["', "steps", "list"),
    # what the rules say
    "other id": ('id = "chair_squat"', 'id = "squat"', "id", "'chair_squat', not 'squat'"),
    "check id": ('id = "knees_in"', 'id = "Knees in"', "checks[Knees in].id", "lower-case"),
    "check twice": ('id = "knees_in"', 'id = "fast_return"', "checks[fast_return].id", "twice"),
    "revision": ("revision = 1", "revision = 0", "revision", "1 or more"),
    "empty text": ('"Keep your knees over your toes."', '" "', "checks[knees_in].cue", "one line"),
    "two lines": ('"Stand up again."', '"Stand.\\nUp."', "steps[2]", "one line"),
    "no sets": ("sets = 2", "sets = 0", "dose.sets", "1 or more"),
    "negative rest": ("rest_ms = 60000", "rest_ms = -1", "dose.rest_ms", "negative"),
    "rep in seconds": (
        "min_rep_ms = 600",
        "min_rep_ms = 1",
        "timing.min_rep_ms",
        "must be milliseconds",
    ),
    "max below min": ("= 12000", "= 500", "timing.max_rep_ms", "more than min_rep_ms"),
    "camera in cm": ("[0.8, 1.0]", "[80, 100]", "camera.height_m", "metres"),
    "camera reversed": ("[2.0, 3.0]", "[3.0, 2.0]", "camera.distance_m", "[low, high]"),
    "camera nowhere": ('view = "side" ', 'view = "unknown" ', "camera.view", "front, oblique or"),
    "reported measure": (
        'measure = "knee_flexion"',
        'measure = "knee_flexon"',
        "reported.measure",
        "did you mean knee_flexion?",
    ),
    "reported depth": (
        'measure = "knee_flexion"',
        'measure = "knee_flexion_depth"',
        "reported.measure",
        "too rough to report",
    ),
    "goal below rest": ("goal = 80", "goal = 4", "reported.goal", "above rest"),
    "limit below goal": ("limit = 120", "limit = 70", "reported.limit", "above goal"),
    "wrong way": (
        "limit = 120",
        'direction = "decrease"\nlimit = -10',
        "reported.goal",
        "below rest",
    ),
    "angle too large": ("limit = 120", "limit = 1200", "reported.limit", "degrees"),
    "hold in a repetition": (
        "[[checks]]",
        '[[hold]]\nmeasure = "knee_flexion"\nminimum = 3\nmargin = 1\n[[checks]]',
        "hold",
        "does not go with kind repetition",
    ),
    "hold kind without hold": (
        'kind = "repetition" ',
        'kind = "repetition_with_hold" ',
        "dose.hold_ms",
        "more than 0",
    ),
    "count measure": (
        'measure = "hip_flexion"',
        'measure = "hip_flexin"',
        "count[1].measure",
        "hip_flexion?",
    ),
    "no jump": ("minimum_rom = 25", "minimum_rom = 25\njump = 0", "count[1].jump", "more than 0"),
    "minimum beyond the goal": (
        "limit = 120",
        "limit = 120\nminimum = 75",
        "reported.minimum",
        "less than from rest to goal",
    ),
    "the id of the limit": ('id = "knees_in"', 'id = "over_limit"', "checks[over_limit].id", "use"),
    "no range": ("minimum_rom = 25", "minimum_rom = 0", "count[1].minimum_rom", "more than 0"),
    "range beyond goal": (
        'measure = "hip_flexion"\nminimum_rom = 25',
        'measure = "knee_flexion"\nminimum_rom = 75',
        "count[1].minimum_rom",
        "less than from reported.rest",
    ),
    "count the other way": (
        'measure = "hip_flexion"\n',
        'measure = "knee_flexion"\ndirection = "decrease"\n',
        "count[1].direction",
        "must be increase",
    ),
    "no view": ('views = ["front"]', "views = []", "count[2].views", "names no view"),
    "view twice": ('["front"]', '["front", "front"]', "count[2].views", "twice"),
    "camera sees nothing": ('["side", "oblique"]', '["oblique"]', "count.views", "camera.view"),
    "guard without bound": (GUARD, "", "guards[1]", "asks nothing"),
    "guard reversed": (GUARD, "rest_min = 2\nrest_max = 1", "guards[1].rest_max", "less than"),
    "guard in pixels": (GUARD, "change_max = -50", "guards[1].change_max", "trunk lengths"),
    "guard measure": (
        'measure = "hip_over_ankle"',
        'measure = "hip_over_ankel"',
        "guards[1].measure",
        "hip_over_ankle?",
    ),
    "check measure": (
        'measure = "knee_valgus"',
        'measure = "knee_valgos"',
        "checks[knees_in].measure",
        "knee_valgus?",
    ),
    "check value": (
        'measure = "return_ms"',
        'measure = "return_s"',
        "checks[fast_return].measure",
        "return_ms?",
    ),
    "measure without sustain": (
        KNEES,
        KNEES + "\nsustain_ms = 0",
        "checks[knees_in].sustain_ms",
        "more than 0",
    ),
    "view out of plane": (
        KNEES,
        KNEES + '\nviews = ["side"]',
        "checks[knees_in].views",
        "cannot be judged from the side",
    ),
    "outside zero": (
        KNEES,
        KNEES.replace("above", "outside").replace("12", "-12"),
        "checks[knees_in].threshold",
        "outside",
    ),
    "held repetition": (
        KNEES,
        KNEES.replace("effort", "hold"),
        "checks[knees_in].phase",
        "use peak",
    ),
    "no source": ('sources = ["MUNRO2012"]', "sources = []", "checks[knees_in].sources", "OWN"),
    "unknown source": (
        '["MUNRO2012"]',
        '["MUNRO2021"]',
        "checks[knees_in].sources",
        "did you mean MUNRO2012?",
    ),
    "unknown source above": ('sources = ["OWN"] ', 'sources = ["MINE"] ', "sources", "'MINE'"),
    "informed by nobody": (
        '["MUNRO2012"]',
        '["OWN"]',
        "checks[knees_in].confidence",
        "besides OWN",
    ),
    "return in seconds": (
        RETURN,
        RETURN.replace("1000", "1.5"),
        "checks[fast_return].threshold",
        "milliseconds",
    ),
    "value in a phase": (
        RETURN,
        RETURN.replace('"rep"', '"return"'),
        "checks[fast_return].phase",
        "must be rep",
    ),
    "value relative": (
        RETURN,
        RETURN + "\nrelative = true",
        "checks[fast_return].relative",
        "no value at rest",
    ),
    "share in percent": (
        RETURN,
        RETURN.replace("return_ms", "goal_share").replace("1000", "70"),
        "checks[fast_return].threshold",
        "such as 0.7",
    ),
    "hold beyond dose": (
        RETURN,
        RETURN.replace("return_ms", "hold_ms"),
        "checks[fast_return].threshold",
        "dose.hold_ms",
    ),
    "no travel": (
        "revision = 1",
        "revision = 1\nmax_travel_ratio = 0",
        "max_travel_ratio",
        "than 0",
    ),
}
MALFORMED_HOLD = {
    "no hold": (HOLD, "", "hold", "at least one [[hold]]"),
    "count in a hold": (
        "[[hold]]",
        '[[count]]\nmeasure = "hip_flexion"\nminimum_rom = 9\n[[hold]]',
        "count",
        "does not go with kind timed_hold",
    ),
    "no time": ("hold_ms = 20000", "hold_ms = 0", "dose.hold_ms", "more than 0"),
    "time too long": ("= 180000", "= 20000", "timing.max_rep_ms", "dose.hold_ms"),
    "condition without bound": ("maximum = 40\n", "", "hold[1]", "asks nothing"),
    "condition reversed": ("maximum = 40", "minimum = 41\nmaximum = 40", "hold[1].maximum", "less"),
    "condition measure": ("trunk_elevation", "trunk_elevaton", "hold[1].measure", "elevation?"),
    "no margin": ("margin = 8", "margin = 0", "hold[1].margin", "noise"),
    "phase": ('phase = "hold"', 'phase = "effort"', "checks[sag].phase", "must be hold"),
    "camera": ("margin = 8", 'margin = 8\nviews = ["front"]', "hold.views", "camera.view"),
    "one-sided difference": (
        'measure = "body_line"\noperator = "below"\nthreshold = -10\nphase = "hold"',
        'measure = "effort_ms"\noperator = "below"\nthreshold = 900\nphase = "rep"',
        "checks[sag].measure",
        "does not go with kind timed_hold",
    ),
}
TIMING = "timing = {"
MALFORMED_SELF_TIMED = {
    "reported": (
        TIMING,
        'reported = { measure = "knee_flexion", rest = 5, goal = 80, limit = 120 }\n' + TIMING,
        "reported",
        "does not go with kind self_timed",
    ),
    "count": (
        "180000 }",
        '180000 }\n[[count]]\nmeasure = "hip_flexion"\nminimum_rom = 9',
        "count",
        "does not go with kind self_timed",
    ),
    "hold": ("180000 }", "180000 }\n" + HOLD, "hold", "does not go with kind self_timed"),
    "guards": (
        "180000 }",
        '180000 }\n[[guards]]\nmeasure = "hip_flexion"\nwhy = "e"\nrest_max = 9',
        "guards",
        "does not go with kind self_timed",
    ),
    "checks": (
        "180000 }",
        "180000 }\n" + PLANK[PLANK.index("[[checks]]") :],
        "checks",
        "does not go with kind self_timed",
    ),
    "motion": ("180000 }", "180000 }\n[motion.goal]\nhip = 9", "motion", "does not go with kind"),
    "no time": ("hold_ms = 20000", "hold_ms = 0", "dose.hold_ms", "more than 0"),
    "judged after all": ('"self_timed"', '"repetition"', "reported", "missing"),
}
CASES = [(name, EXAMPLE, *case) for name, case in MALFORMED.items()] + [
    (f"timed: {name}", PLANK, *case) for name, case in MALFORMED_HOLD.items()
]
CASES += [(f"self-timed: {name}", STRETCH, *case) for name, case in MALFORMED_SELF_TIMED.items()]


@pytest.mark.parametrize(
    ("base", "old", "new", "key", "what"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_malformed_file_gives_one_line_with_file_and_key(
    tmp_path: Path, base: str, old: str, new: str, key: str, what: str
) -> None:
    path = write(tmp_path, changed(base, old, new))

    problems = validate_file(path)

    found = [line for line in problems if line.startswith(f"{path}: {key}: ")]
    assert found, problems
    assert any(what in line for line in found), problems
    assert all(len(line.splitlines()) == 1 for line in problems)
    with pytest.raises(ExerciseSpecError, match=re.escape(problems[0])) as raised:
        load_exercise(path)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('id = "chair_squat"\nrevision 1\n', "line 2, column 10: "),
        ('id = "chair_squat"\nid = "squat"\n', "line 2, column "),
        ('id = "chair_squat', "end of document: "),
    ],
)
def test_malformed_toml_names_line_and_column(tmp_path: Path, text: str, where: str) -> None:
    path = write(tmp_path, text)

    with pytest.raises(ExerciseSpecError, match=re.escape(f"{path}: {where}")) as raised:
        load_exercise(path)

    assert len(str(raised.value).splitlines()) == 1


def test_text_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "chair_squat.toml"
    path.write_bytes(b'id = "chair_squat"\nname = "\xfcbung"\n')

    assert validate_file(path) == [f"{path}: line 2: not UTF-8 text; save the file as UTF-8"]


def test_a_left_right_difference_needs_both_sides(tmp_path: Path) -> None:
    text = changed(EXAMPLE, RETURN, RETURN.replace("return_ms", "left_right_difference"))
    text = changed(changed(text, "threshold = 1000", "threshold = 15"), 'side = "both" ', "# ")

    (problem,) = validate_file(write(tmp_path, text))

    assert problem.endswith(
        'checks[fast_return].measure: left_right_difference needs side = "both" or combine = "each"'
    )


def test_sides_that_take_turns_have_a_left_right_difference(tmp_path: Path) -> None:
    text = changed(EXAMPLE, RETURN, RETURN.replace("return_ms", "left_right_difference"))
    text = changed(changed(text, "threshold = 1000", "threshold = 15"), 'side = "both" ', "# ")
    text = text.replace("minimum_rom = 25", 'minimum_rom = 25\ncombine = "each"')

    assert validate_file(write(tmp_path, text)) == []


def test_all_problems_are_listed_and_the_error_counts_the_others(tmp_path: Path) -> None:
    text = changed(EXAMPLE, "goal = 80", "goal = 4")
    text = changed(text, "min_rep_ms = 600", "min_rep_ms = 2")
    path = write(tmp_path, changed(text, "knee_valgus", "knee_valgos"))

    problems = validate_file(path)
    with pytest.raises(ExerciseSpecError) as raised:
        load_exercise(path)

    assert len(problems) == 3
    assert str(raised.value) == (
        f"{problems[0]} (and 2 more: run hep-vision exercises validate {path})"
    )


def test_a_misspelt_key_is_said_once(tmp_path: Path) -> None:
    path = write(tmp_path, changed(EXAMPLE, "severity =", "severty ="))

    assert validate_file(path) == [
        f"{path}: checks[knees_in].severty: unknown key; did you mean severity?"
    ]


@pytest.mark.parametrize("name", ["nothing_here.toml", "."])
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExerciseSpecError, match=re.escape(str(tmp_path))) as raised:
        load_exercise(tmp_path / name)

    assert len(str(raised.value).splitlines()) == 1
    assert raised.value.exit_code is ExitCode.USAGE


def test_own_sources_beside_the_file_may_be_cited(tmp_path: Path) -> None:
    path = write(tmp_path, changed(EXAMPLE, '["MUNRO2012"]', '["SMITH2020", "MUNRO2012"]'))
    assert "'SMITH2020'" in validate_file(path)[0]

    write(tmp_path, '[SMITH2020]\nread = "excerpt"\ncitation = "Smith 2020."\n', "sources")

    assert validate_file(path) == []
    assert exercise_ids(tmp_path).count("sources") == 0


def test_a_damaged_list_of_own_sources_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, EXAMPLE)
    own = write(tmp_path, '[SMITH2020]\nread = "whole"\ncitation = "Smith 2020."\n', "sources")

    with pytest.raises(ExerciseSpecError, match=re.escape(f"{own}: SMITH2020.read: must be one")):
        load_exercise(path)


def test_an_exercise_is_found_by_id_by_path_and_in_the_extra_folder(tmp_path: Path) -> None:
    path = write(tmp_path, EXAMPLE)

    assert find_exercise(path) == find_exercise(str(path)) == load_exercise(path)
    assert find_exercise("chair_squat", tmp_path) == load_exercise(path)
    assert find_exercise("squat", tmp_path) == catalogue()["squat"]
    assert find_exercise("squat", tmp_path / "not_there") == catalogue()["squat"]
    assert set(exercise_ids(tmp_path)) == {"chair_squat", *exercise_ids()}


def test_ones_own_file_goes_before_the_catalogue(tmp_path: Path) -> None:
    write(tmp_path, changed(EXAMPLE, '"chair_squat"', '"squat"'), "squat")

    assert find_exercise("squat", tmp_path).name == "Chair squat"
    assert find_exercise("squat").name == "Squat"


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("sqat", "Did you mean squat, "),
        ("Biceps curl", "Did you mean elbow_flexion_curl?"),
        ("plank", "Did you mean front_plank or side_plank?"),
        ("calf raise", "Did you mean heel_raise?"),
        ("leg raise", "straight_leg_raise"),
        ("supine leg rais", "Did you mean straight_leg_raise"),
        ("straight leg rais", "Did you mean straight_leg_raise?"),
        ("pushup", "Did you mean push_up?"),
    ],
)
def test_an_unknown_exercise_suggests_the_nearest(query: str, suggestion: str) -> None:
    with pytest.raises(UnknownExerciseError) as raised:
        find_exercise(query)

    message = str(raised.value)
    assert message.startswith(f"There is no exercise '{query}'.")
    assert suggestion in message
    assert message.endswith("`hep-vision exercises list` shows all.")


def test_what_is_like_nothing_suggests_nothing() -> None:
    with pytest.raises(UnknownExerciseError) as raised:
        find_exercise("zzz")

    assert str(raised.value) == (
        "There is no exercise 'zzz'. `hep-vision exercises list` shows all."
    )


def test_suggestions_survive_a_damaged_file_in_the_extra_folder(tmp_path: Path) -> None:
    write(tmp_path, "not toml at all", "side_plank")

    with pytest.raises(UnknownExerciseError, match=r"side_plank"):
        find_exercise("sideplank", tmp_path)


def test_looking_up_one_exercise_reads_one_file(tmp_path: Path) -> None:
    write(tmp_path, EXAMPLE)
    write(tmp_path, "damaged", "other")

    assert find_exercise("chair_squat", tmp_path).id == "chair_squat"


def test_listing_exercises_imports_no_pydantic() -> None:
    code = (
        "import sys; from hep_vision.exercises.loading import exercise_ids; exercise_ids();"
        "sys.exit('pydantic' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_problems_not_exceptions(data: bytes) -> None:
    definition, problems = parse_exercise(data, "chair_squat", {"OWN"})

    assert definition is None
    assert problems


LINES = EXAMPLE.splitlines()


@settings(deadline=None)
@given(st.integers(0, len(LINES) - 1), st.sampled_from(["", "x = 1", "[x]", "[[x]]", "x"]))
def test_any_damaged_line_gives_an_exercise_or_problems(number: int, instead: str) -> None:
    text = "\n".join([*LINES[:number], instead, *LINES[number + 1 :]])

    definition, problems = parse_exercise(text.encode(), "chair_squat", {"OWN", "MUNRO2012"})

    assert (definition is None) == bool(problems)
    assert all(problem.where and problem.what for problem in problems)


@pytest.mark.parametrize("name", ["\0/a", "a\0.toml", "/", "a/../..", "\\", "\ud800/x"])
def test_what_no_file_can_be_called_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(ExerciseSpecError) as raised:
        find_exercise(name, tmp_path)
    assert "\n" not in str(raised.value)
