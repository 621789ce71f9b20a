"""Every exercise of the catalogue, held to the rules the format cannot say."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from hep_vision.core.definition import (
    CheckPhase,
    Confidence,
    Direction,
    ExerciseDefinition,
    Kind,
    Operator,
    RepValue,
)
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Side
from hep_vision.exercises.loading import catalogue, exercise_ids, find_exercise, sources
from hep_vision.exercises.spec import Reading

DOCS = Path(__file__).parents[2] / "docs"
EXERCISES = {
    "ankle_pump",
    "bird_dog",
    "clamshell",
    "crunch",
    "donkey_kick",
    "elbow_flexion_curl",
    "forward_lunge",
    "front_plank",
    "glute_bridge",
    "heel_raise",
    "heel_slide",
    "high_knees",
    "hip_hinge",
    "jumping_jack",
    "mini_squat",
    "prone_press_up",
    "push_up",
    "reverse_lunge_knee_drive",
    "seated_knee_extension",
    "seated_march",
    "shoulder_abduction_raise",
    "shoulder_extension",
    "shoulder_external_rotation",
    "shoulder_flexion_raise",
    "shoulder_press",
    "shoulder_scaption",
    "side_lying_hip_abduction",
    "side_plank",
    "side_lunge",
    "single_leg_mini_squat",
    "single_leg_stance",
    "sit_to_stand",
    "sit_up",
    "squat",
    "standing_hamstring_curl",
    "standing_hip_abduction",
    "standing_row",
    "standing_hip_extension",
    "standing_hip_flexion",
    "standing_march",
    "static_lunge",
    "step_up",
    "straight_leg_raise",
    "stretch_hold",
    "superman",
    "tandem_stance",
    "wall_push_up",
    "wall_sit",
}
QUICK = {"high_knees", "jumping_jack"}
"""Fast by nature: nobody is told to come back slowly."""
FORBIDDEN = re.compile(r"\b(wrong|fail\w*|bad|badly|poor|injur\w*|prevent\w*)\b", re.IGNORECASE)

each = pytest.mark.parametrize("exercise_id", sorted(EXERCISES))


def texts_of(exercise: ExerciseDefinition) -> list[str]:
    """Every sentence a patient reads."""
    return [
        exercise.purpose,
        exercise.setup,
        exercise.camera.placement,
        *exercise.steps,
        *exercise.precautions,
        *(check.cue for check in exercise.checks),
    ]


def test_the_catalogue_holds_these_exercises() -> None:
    assert set(exercise_ids()) == EXERCISES
    assert {exercise.id for exercise in catalogue().values()} == EXERCISES


@each
def test_each_is_valid_and_found_by_its_id(exercise_id: str) -> None:
    exercise = find_exercise(exercise_id)

    assert exercise.id == exercise_id
    assert bool(exercise.checks) is (exercise.kind is not Kind.SELF_TIMED)
    assert exercise.steps


@each
def test_every_measure_named_exists(exercise_id: str) -> None:
    exercise = find_exercise(exercise_id)
    named = {exercise.reported.measure} if exercise.reported else set()
    named |= {signal.measure for signal in exercise.count}
    named |= {guard.measure for guard in exercise.guards}
    named |= {condition.measure for condition in exercise.hold}
    named |= {check.measure for check in exercise.checks} - set(RepValue)

    assert named <= set(MEASURES)


@each
def test_sentences_are_one_short_kind_line(exercise_id: str) -> None:
    exercise = find_exercise(exercise_id)

    for check in exercise.checks:
        assert len(check.cue) <= 90, check.cue
        assert len(check.therapist) <= 100, check.therapist
        assert not FORBIDDEN.search(check.therapist), check.therapist
        assert check.therapist.endswith("."), check.therapist
        assert not FORBIDDEN.search(check.name), check.name
    for text in texts_of(exercise):
        assert text[0].isupper(), text
        assert text.endswith((".", "!", "?")), text
        assert len(text) <= 100, text
        assert not FORBIDDEN.search(text), text
    for guard in exercise.guards:
        assert guard.why[0].islower(), guard.why  # it follows "another movement: "
        assert not guard.why.endswith("."), guard.why


@each
def test_every_repetition_has_its_range_and_return_judged(exercise_id: str) -> None:
    exercise = find_exercise(exercise_id)
    judged = {check.measure for check in exercise.checks}

    if exercise.kind is Kind.SELF_TIMED:
        assert not judged
    elif exercise.kind is Kind.TIMED_HOLD:
        assert RepValue.HOLD_MS in judged
    else:
        assert RepValue.GOAL_SHARE in judged
        assert RepValue.RETURN_MS in judged or exercise_id in QUICK
    if exercise.kind is Kind.REPETITION_WITH_HOLD:
        assert RepValue.HOLD_MS in judged


@each
def test_one_sided_exercises_leave_the_side_open(exercise_id: str) -> None:
    one_sided = {
        "bird_dog",
        "clamshell",
        "donkey_kick",
        "elbow_flexion_curl",
        "heel_slide",
        "forward_lunge",
        "high_knees",
        "reverse_lunge_knee_drive",
        "seated_knee_extension",
        "shoulder_extension",
        "shoulder_external_rotation",
        "shoulder_flexion_raise",
        "shoulder_scaption",
        "seated_march",
        "side_lying_hip_abduction",
        "side_plank",
        "side_lunge",
        "single_leg_mini_squat",
        "single_leg_stance",
        "standing_hamstring_curl",
        "standing_hip_abduction",
        "standing_hip_extension",
        "standing_hip_flexion",
        "standing_march",
        "static_lunge",
        "step_up",
        "straight_leg_raise",
        "tandem_stance",
        "stretch_hold",
    }

    assert find_exercise(exercise_id).side is (None if exercise_id in one_sided else Side.BOTH)


@each
def test_doing_it_as_intended_crosses_no_threshold(exercise_id: str) -> None:
    """Goals, thresholds and doses fit one another."""
    exercise = find_exercise(exercise_id)
    reported = exercise.reported
    for check in exercise.checks:
        if check.measure == RepValue.HOLD_MS:
            assert check.threshold <= exercise.dose.hold_ms
        if reported is None or check.measure != reported.measure or check.relative:
            continue
        at_goal = check.phase in (CheckPhase.PEAK, CheckPhase.HOLD)
        passed = (reported.goal,) if at_goal else (reported.rest, reported.goal)
        for value in passed:
            beyond = value - check.threshold
            beyond = -beyond if check.operator is Operator.BELOW else beyond
            assert beyond <= 0, (check.id, value)


def test_names_and_synonyms_belong_to_one_exercise_each() -> None:
    labels = [
        label.lower()
        for exercise in catalogue().values()
        for label in {exercise.name, *exercise.synonyms}
    ]

    assert sorted(labels) == sorted(set(labels))


def test_a_check_id_means_the_same_measure_everywhere() -> None:
    """Except where the word means another thing in another exercise."""
    measures: dict[str, set[str]] = {}
    for exercise in catalogue().values():
        for check in exercise.checks:
            measures.setdefault(check.id, set()).add(check.measure)
    several = {name for name, found in measures.items() if len(found) > 1}

    assert several == {"knees_in", "too_deep", "too_high"} & several
    assert measures["incomplete_rom"] == {RepValue.GOAL_SHARE}
    assert measures["fast_return"] == {RepValue.RETURN_MS}


def test_exercises_that_straighten_or_extend_go_downwards() -> None:
    decreasing = {
        exercise.id
        for exercise in catalogue().values()
        if exercise.reported and exercise.reported.direction is Direction.DECREASE
    }

    assert decreasing == {
        "glute_bridge",
        "seated_knee_extension",
        "shoulder_extension",
        "sit_to_stand",
        "bird_dog",
        "donkey_kick",
        "superman",
        "side_lunge",
        "standing_hip_extension",
        "step_up",
        "tandem_stance",
    }


def test_every_source_is_cited_and_every_citation_is_known() -> None:
    cited: set[str] = set()
    for exercise in catalogue().values():
        cited |= {*exercise.sources, *exercise.dose.sources}
        for check in exercise.checks:
            cited |= set(check.sources)

    assert cited == set(sources())


def test_a_published_value_was_read() -> None:
    for exercise in catalogue().values():
        for check in exercise.checks:
            if check.confidence is Confidence.PUBLISHED_VALUE:
                assert any(sources()[key].read is Reading.EXCERPT for key in check.sources)


def rows_of(page: str, heading: str) -> list[list[str]]:
    """Cells of the table below a heading."""
    text = (DOCS / page).read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_the_page_of_sources_lists_the_same_sources() -> None:
    words = {Reading.EXCERPT: "excerpt", Reading.FROM_MEMORY: "from memory"}

    assert rows_of("sources.md", "The list") == [
        [key, words[source.read], source.citation] for key, source in sorted(sources().items())
    ]


def test_the_page_on_exercises_lists_every_measure() -> None:
    assert rows_of("exercises.md", "The measures") == [
        [name, info.unit, ", ".join(info.views), info.meaning] for name, info in MEASURES.items()
    ]


def test_files_are_in_the_package_and_plain_toml() -> None:
    folder = files("hep_vision.exercises") / "catalogue"

    for exercise_id in EXERCISES:
        text = (folder / f"{exercise_id}.toml").read_text(encoding="utf-8")
        assert tomllib.loads(text)["id"] == exercise_id
        assert max(map(len, text.splitlines())) <= 100
