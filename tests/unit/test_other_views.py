"""Every exercise filmed from all sides: what counts from where, and what is not claimed there.

The figure does the exercise's own movement. The table in ``docs/exercises.md`` says the same.
"""

from functools import cache
from pathlib import Path

import pytest

from definitions import counted_in, holds_in, run
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.form import OVER_LIMIT, check_views
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Hold, Rep, View
from moving import MOVING, done_by, filmed, sides_of, times

VIEWS = (View.FRONT, View.OBLIQUE, View.SIDE)
EXERCISES_PAGE = Path(__file__).parents[2] / "docs" / "exercises.md"

_END_ON = "lying or kneeling, the body points at the camera"
_HIDDEN = "the movement goes towards the camera"
NOT_COUNTED = {
    **{
        (name, View.FRONT): _END_ON
        for name in (
            "ankle_pump",
            "bird_dog",
            "donkey_kick",
            "front_plank",
            "glute_bridge",
            "heel_slide",
            "prone_press_up",
            "push_up",
            "straight_leg_raise",
            "superman",
        )
    },
    **{
        (name, View.SIDE): _END_ON
        for name in ("clamshell", "side_lying_hip_abduction", "side_plank")
    },
    **{
        (name, View.FRONT): _HIDDEN
        for name in (
            "seated_knee_extension",
            "shoulder_extension",
            "standing_hip_extension",
            "standing_hip_flexion",
            "wall_sit",
        )
    },
    **{
        (name, View.SIDE): _HIDDEN
        for name in (
            "shoulder_abduction_raise",
            "shoulder_external_rotation",
            "side_lunge",
            "standing_hip_abduction",
        )
    },
    ("shoulder_external_rotation", View.OBLIQUE): _HIDDEN,
    ("tandem_stance", View.OBLIQUE): "one foot before the other shows only from the front",
    ("tandem_stance", View.SIDE): "one foot before the other shows only from the front",
}
"""Views from which an exercise is not counted, and why."""

TAKEN_AS_SQUARE_ON = {
    name
    for name, exercise in MOVING.items()
    if exercise.position in ("supine", "prone", "side_lying", "quadruped")
}
"""Lying, the shoulders look as narrow from an oblique camera as from one square-on."""
TOO_LARGE = {
    "clamshell": {OVER_LIMIT, "feet_apart"},
    "side_lying_hip_abduction": {OVER_LIMIT, "too_high"},
}
"""Lying on the side, a trunk that an oblique camera shortens makes the lift look larger."""


@cache
def seen(exercise_id: str, view: View) -> list[Rep | Hold]:
    """What is counted of five good repetitions, or of one hold, filmed from a view."""
    exercise = MOVING[exercise_id]
    held = exercise.kind is Kind.TIMED_HOLD
    plan = times(1, 1.0, hold_ms=8_000) if held else times(5, 1.0)
    side = sides_of(exercise)[0]
    events = run(exercise, filmed(done_by(exercise, plan, side), view, side))
    return [*counted_in(events), *holds_in(events)]


def everywhere(*, counted: bool, own: bool = True) -> list[object]:
    return [
        pytest.param(exercise, view, id=f"{name}-{view}")
        for name, exercise in MOVING.items()
        for view in VIEWS
        if counted is ((name, view) not in NOT_COUNTED)
        if own or view is not exercise.camera.view
    ]


def full(exercise: ExerciseDefinition) -> int:
    return 1 if exercise.kind is Kind.TIMED_HOLD else 5


@pytest.mark.parametrize(("exercise", "view"), everywhere(counted=True))
def test_it_counts_from_every_view_that_shows_it(exercise, view):
    assert len(seen(exercise.id, view)) == full(exercise)


@pytest.mark.parametrize(("exercise", "view"), everywhere(counted=False))
def test_what_a_view_does_not_show_is_not_counted(exercise, view):
    assert view is not exercise.camera.view
    assert seen(exercise.id, view) == []


@pytest.mark.parametrize(("exercise", "view"), everywhere(counted=True, own=False))
def test_another_view_never_claims_to_measure_better(exercise, view):
    if exercise.kind is Kind.TIMED_HOLD:
        pytest.skip("a hold reports no angle")
    own = max(rep.uncertainty_deg or 0.0 for rep in seen(exercise.id, exercise.camera.view))
    for rep in seen(exercise.id, view):
        assert (rep.peak_deg is None) == (rep.uncertainty_deg is None)
        assert rep.uncertainty_deg is None or rep.uncertainty_deg >= own


@pytest.mark.parametrize(("exercise", "view"), everywhere(counted=True))
def test_what_a_view_cannot_judge_is_listed_as_not_checked(exercise, view):
    square_on = view is View.OBLIQUE and exercise.id in TAKEN_AS_SQUARE_ON
    believed = View.SIDE if square_on and exercise.camera.view is View.SIDE else view
    believed = View.FRONT if square_on and exercise.camera.view is View.FRONT else believed
    hidden = {check.id for check in exercise.checks if believed not in check_views(check)}
    for item in seen(exercise.id, view):
        assert hidden <= set(item.not_checked)


@pytest.mark.parametrize(("exercise", "view"), everywhere(counted=True))
def test_good_form_stays_good_from_another_view(exercise, view):
    posture = {check.id for check in exercise.checks if check.measure in MEASURES}
    posture.add(OVER_LIMIT)
    if view is View.OBLIQUE:
        posture -= TOO_LARGE.get(exercise.id, set())
    flagged = {deviation.id for item in seen(exercise.id, view) for deviation in item.deviations}
    assert not posture & flagged


def test_the_page_says_the_same():
    marks = {
        (name, view): "-" if (name, view) in NOT_COUNTED else _mark(exercise, view)
        for name, exercise in MOVING.items()
        for view in VIEWS
    }
    table = [
        f"| `{name}` | " + " | ".join(marks[name, view] for view in VIEWS) + " |" for name in MOVING
    ]
    lines = EXERCISES_PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line in set(table)] == table


def _mark(exercise: ExerciseDefinition, view: View) -> str:
    reported = all(
        isinstance(rep, Hold) or rep.peak_deg is not None for rep in seen(exercise.id, view)
    )
    mark = "yes" if reported else "count only"
    return f"**{mark}**" if view is exercise.camera.view else mark
