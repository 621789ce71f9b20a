"""What a therapist sets for one patient, as a file: a table for each exercise.

    [squat]
    goal_deg = 60
    minimum_deg = 15
    limit_deg = 80

Keys end in the unit of what the exercise shows, so that nobody reads a ratio for degrees. A file
is checked against the exercises it names; every error names file and key.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.measures import MEASURES
from hep_vision.core.targets import Targets, objections
from hep_vision.core.types import Side
from hep_vision.errors import ExerciseSpecError, TargetsError
from hep_vision.exercises.shape import Problem, build, parse_toml, shape_of

FindExercise = Callable[[str], ExerciseDefinition]

_FAR_TOO_LONG_MS: Final = 1e12
_VALUES: Final = ("goal", "minimum", "limit")


@dataclass(frozen=True, slots=True)
class _Row:
    """The keys of one exercise."""

    goal_deg: float | None = None
    goal_ratio: float | None = None
    minimum_deg: float | None = None
    minimum_ratio: float | None = None
    limit_deg: float | None = None
    limit_ratio: float | None = None
    hold_s: float | None = None
    side: Side | None = None


_ROW: Final = shape_of(_Row)
TARGET_KEYS: Final = tuple(field.name for field in fields(_Row))
"""Every key of a table of targets."""


def read_targets(path: Path, find: FindExercise) -> dict[str, Targets]:
    """Return the targets in a file, by exercise id.

    Args:
        path: A TOML file.
        find: Gives an exercise by its id; raises `ExerciseSpecError` where there is none.

    Raises:
        TargetsError: The file is missing or malformed, or a target does not go with its exercise.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise TargetsError(f"{path}: there is no such file") from error
    except OSError as error:
        raise TargetsError(f"{path}: cannot be read: {error.strerror}") from error
    document, problem = parse_toml(data)
    if problem is not None:
        raise TargetsError(f"{path}: {problem.where}: {problem.what}")
    found: dict[str, Targets] = {}
    problems: list[Problem] = []
    for exercise_id, table in document.items():
        targets, wrong = _section(exercise_id, table, find)
        problems += wrong
        if targets is not None:
            found[exercise_id] = targets
    if problems:
        first, others = problems[0], len(problems) - 1
        more = f" (and {others} more)" if others else ""
        raise TargetsError(f"{path}: {first.where}: {first.what}{more}")
    if not found:
        raise TargetsError(f"{path}: sets nothing; write a table such as [squat]")
    return found


def _section(
    exercise_id: str, table: object, find: FindExercise
) -> tuple[Targets | None, list[Problem]]:
    if not isinstance(table, dict):
        what = "stands outside a table; put it below the exercise it is for, such as [squat]"
        return None, [Problem(exercise_id, what)]
    try:
        exercise = find(exercise_id)
    except ExerciseSpecError as error:
        return None, [Problem(f"[{exercise_id}]", str(error))]
    targets, wrong = targets_in(table, exercise)
    if not wrong and targets is not None and targets.empty:
        wrong = [Problem("", "sets nothing; give goal, minimum, limit, hold_s or side")]
    return targets, [
        replace(one, where=".".join(filter(None, (exercise_id, one.where)))) for one in wrong
    ]


def targets_in(
    table: Mapping[str, Any], exercise: ExerciseDefinition
) -> tuple[Targets | None, list[Problem]]:
    """Return the targets in one table, and everything that does not go with the exercise.

    Args:
        table: Keys of `TARGET_KEYS` and their values.
        exercise: As in the catalogue.
    """
    row, problems = build(_ROW, _Row, table)
    if row is None:
        return None, problems
    wrong = list(_wrong_units(exercise, table))
    targets = _targets(row, exercise)
    if not wrong:
        wrong = [
            Problem(key_of(item.field, exercise), item.what)
            for item in objections(exercise, targets)
        ]
    return targets, wrong


def _unit(exercise: ExerciseDefinition) -> str:
    return "deg" if exercise.reported is None else MEASURES[exercise.reported.measure].unit


def key_of(field: str, exercise: ExerciseDefinition) -> str:
    """Return the key of a field of `Targets` in the file."""
    return {"hold_ms": "hold_s", "side": "side"}.get(field, f"{field}_{_unit(exercise)}")


def _wrong_units(exercise: ExerciseDefinition, table: Mapping[str, Any]) -> Iterator[Problem]:
    unit, reported = _unit(exercise), exercise.reported
    if reported is None:
        return  # said once, by the objections
    is_what = "in degrees" if unit == "deg" else "a ratio of trunk lengths"
    for name in _VALUES:
        for other in {"deg", "ratio"} - {unit}:
            if f"{name}_{other}" in table:
                what = f"{reported.measure} is {is_what}; write {name}_{unit}"
                yield Problem(f"{name}_{other}", what)


def _targets(row: _Row, exercise: ExerciseDefinition) -> Targets:
    values = {name: getattr(row, f"{name}_{_unit(exercise)}") for name in _VALUES}
    hold_ms = None if row.hold_s is None else _whole_ms(row.hold_s)
    measure = exercise.reported.measure if exercise.reported else None
    return Targets(**values, hold_ms=hold_ms, side=row.side, measure=measure)


def _whole_ms(seconds: float) -> int:
    """Return whole milliseconds; what no clock would show is objected to later, whatever it is."""
    return round(max(-_FAR_TOO_LONG_MS, min(1000 * seconds, _FAR_TOO_LONG_MS)))
