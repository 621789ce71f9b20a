"""An exercise written as a file is the same exercise when it is read."""

import dataclasses

import pytest

import definitions
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.exercises.loading import catalogue, sources
from hep_vision.exercises.spec import parse_exercise
from hep_vision.exercises.writing import exercise_toml


def read(text: str, exercise_id: str) -> ExerciseDefinition | None:
    exercise, problems = parse_exercise(text.encode(), exercise_id, sources())
    assert problems == []
    return exercise


@pytest.mark.parametrize("exercise_id", catalogue())
def test_every_exercise_of_the_catalogue_survives(exercise_id: str) -> None:
    exercise = catalogue()[exercise_id]
    assert read(exercise_toml(exercise), exercise_id) == exercise


def test_text_of_any_kind_survives() -> None:
    odd = 'Say "ah" \\ Ärzte \x7f # = [no]'
    exercise = dataclasses.replace(definitions.squat(), purpose=odd, equipment=(odd, "x" * 120))
    assert read(exercise_toml(exercise), exercise.id) == exercise
