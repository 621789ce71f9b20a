"""Read one exercise file and say everything that is wrong with it.

The fields are those of the dataclasses in `hep_vision.core.definition`; pydantic checks the shape
against them (types, unknown and missing keys), the rules below check what a shape cannot say. A
file whose shape is wrong is not checked against the rules.

Keys are named as in the file: ``timing.min_rep_ms``, ``checks[knees_in].threshold``, and
``count[2].measure`` for the second ``[[count]]``.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from hep_vision.core.definition import (
    Angles,
    Check,
    CheckPhase,
    Combine,
    Condition,
    Confidence,
    CountSignal,
    Direction,
    ExerciseDefinition,
    Guard,
    GuardSide,
    Kind,
    Motion,
    Operator,
    RepValue,
)
from hep_vision.core.figure import ANGLES, SPINE_ANGLES
from hep_vision.core.form import OVER_LIMIT
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Side, View
from hep_vision.exercises.shape import Problem, build, did_you_mean, parse_toml, shape_of

_LARGEST: Final = {"deg": 360.0, "ratio": 5.0}
_SMALLEST_MS: Final = 50
_UNPUBLISHED: Final = {"OWN", "GEOM"}
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_BOUNDS: Final = tuple(
    field.name for field in fields(Guard) if field.name.endswith(("_min", "_max"))
)


class Reading(StrEnum):
    """How much of a source was read."""

    EXCERPT = "excerpt"
    FROM_MEMORY = "from_memory"


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures of the catalogue come from."""

    citation: str
    read: Reading


def parse_exercise(
    data: bytes, file_id: str, sources: Collection[str]
) -> tuple[ExerciseDefinition | None, list[Problem]]:
    """Read an exercise file.

    Args:
        data: Content of the file.
        file_id: File name without its ending; the exercise's id must be the same.
        sources: Keys that may be cited.

    Returns:
        The exercise and no problems, or None and at least one problem.
    """
    document, problem = parse_toml(data)
    if problem is not None:
        return None, [problem]
    # TOML has no null; an exercise whose side is chosen per set leaves the key out.
    definition, problems = build(EXERCISE_SHAPE, ExerciseDefinition, {"side": None, **document})
    if definition is not None:
        problems = list(_broken_rules(definition, file_id, sources))
    return (None if problems else definition), problems


def parse_sources(data: bytes) -> tuple[dict[str, Source], list[Problem]]:
    """Read a list of sources; empty if there are problems."""
    document, problem = parse_toml(data)
    if problem is not None:
        return {}, [problem]
    found: dict[str, Source] = {}
    for key, value in document.items():
        source, problems = build(_SOURCE, Source, value)
        if source is None:
            return {}, [Problem(f"{key}.{problems[0].where}", problems[0].what)]
        found[key] = source
    return found, []


EXERCISE_SHAPE: Final = shape_of(ExerciseDefinition)
"""Checks types and keys of an exercise, the only item of a tuple."""
_SOURCE: Final = shape_of(Source)


# -- rules ----------------------------------------------------------------------------------------


def _broken_rules(
    exercise: ExerciseDefinition, file_id: str, sources: Collection[str]
) -> Iterator[Problem]:
    yield from _identity(exercise, file_id)
    yield from _texts(exercise, "")
    yield from _dose_and_timing(exercise)
    yield from _camera(exercise)
    yield from _reported(exercise)
    yield from _kind(exercise)
    for number, signal in enumerate(exercise.count, start=1):
        yield from _count(signal, f"count[{number}]", exercise)
    for number, guard in enumerate(exercise.guards, start=1):
        yield from _guard(guard, f"guards[{number}]")
    for number, condition in enumerate(exercise.hold, start=1):
        yield from _condition(condition, f"hold[{number}]")
    for check in exercise.checks:
        yield from _check(check, f"checks[{check.id}]", exercise)
    if exercise.motion is not None:
        yield from _motion(exercise.motion, {check.id for check in exercise.checks})
    yield from _sources(exercise, sources)


def _identity(exercise: ExerciseDefinition, file_id: str) -> Iterator[Problem]:
    if exercise.id != file_id:
        yield Problem("id", f"must be the file's name, {file_id!r}, not {exercise.id!r}")
    ids = [check.id for check in exercise.checks]
    for name in dict.fromkeys(ids):
        if ids.count(name) > 1:
            yield Problem(f"checks[{name}].id", "is used twice; each check needs its own id")
    for key, name in (("id", exercise.id), *((f"checks[{name}].id", name) for name in ids)):
        if not _NAME.fullmatch(name):
            yield Problem(key, "must be lower-case letters, digits and underscores")
    if OVER_LIMIT in ids:
        what = "is the flag that every exercise has for its limit; use another id"
        yield Problem(f"checks[{OVER_LIMIT}].id", what)
    if exercise.revision < 1:
        yield Problem("revision", "must be 1 or more")


def _texts(value: object, key: str) -> Iterator[Problem]:
    """Every text is one line and says something."""
    if isinstance(value, str):
        if not value.strip() or len(value.splitlines()) > 1:
            yield Problem(key, "must be one line of text")
    elif isinstance(value, tuple):
        for number, item in enumerate(value, start=1):
            yield from _texts(item, f"{key}[{getattr(item, 'id', None) or number}]")
    elif is_dataclass(value):
        for field in fields(value):
            name = f"{key}.{field.name}" if key else field.name
            yield from _texts(getattr(value, field.name), name)


def _dose_and_timing(exercise: ExerciseDefinition) -> Iterator[Problem]:
    dose, timing = exercise.dose, exercise.timing
    for key in ("sets", "reps"):
        if getattr(dose, key) < 1:
            yield Problem(f"dose.{key}", "must be 1 or more")
    for key in ("hold_ms", "rest_ms"):
        if getattr(dose, key) < 0:
            yield Problem(f"dose.{key}", "must not be negative")
    if timing.min_rep_ms < _SMALLEST_MS:
        yield Problem("timing.min_rep_ms", _too_short(timing.min_rep_ms))
    if timing.max_rep_ms <= timing.min_rep_ms:
        yield Problem("timing.max_rep_ms", "must be more than min_rep_ms")
    elif timing.max_rep_ms <= dose.hold_ms:
        yield Problem("timing.max_rep_ms", f"must be more than dose.hold_ms, {dose.hold_ms}")
    if exercise.max_travel_ratio is not None and exercise.max_travel_ratio <= 0:
        yield Problem("max_travel_ratio", "must be more than 0")


def _too_short(value: float) -> str:
    return f"must be milliseconds, {_SMALLEST_MS} or more, not {value:g}"


def _camera(exercise: ExerciseDefinition) -> Iterator[Problem]:
    camera = exercise.camera
    for key, (low, high), largest in (
        ("height_m", camera.height_m, 3.0),
        ("distance_m", camera.distance_m, 10.0),
    ):
        if not 0.0 < low <= high <= largest:
            yield Problem(f"camera.{key}", f"must be [low, high] in metres, up to {largest:g}")
    yield from _views((camera.view,), "camera.view")
    for part in ("count", "hold"):
        items: Sequence[CountSignal | Condition] = getattr(exercise, part)
        if items and not any(camera.view in item.views for item in items):
            yield Problem(f"{part}.views", f"none is usable from camera.view, {camera.view}")


def _reported(exercise: ExerciseDefinition) -> Iterator[Problem]:
    reported = exercise.reported
    if reported is None:
        if exercise.kind is not Kind.SELF_TIMED:
            yield Problem("reported", "missing")
        return
    if reported.measure not in MEASURES:
        yield _unknown_measure(reported.measure, "reported.measure", MEASURES)
        return
    if reported.measure.endswith("_depth"):
        yield Problem("reported.measure", "depth measures count; they are too rough to report")
    for key in ("rest", "goal", "limit"):
        yield from _plausible(getattr(reported, key), reported.measure, f"reported.{key}")
    sign = _sign(reported.direction)
    way = "above" if sign > 0 else "below"
    if sign * (reported.goal - reported.rest) <= 0:
        yield Problem("reported.goal", f"must be {way} rest, as direction is {reported.direction}")
    if sign * (reported.limit - reported.goal) <= 0:
        yield Problem("reported.limit", f"must be {way} goal, as direction is {reported.direction}")
    way_to_goal = abs(reported.goal - reported.rest)
    if reported.minimum is not None and not 0 < reported.minimum < way_to_goal:
        yield Problem("reported.minimum", "must be more than 0 and less than from rest to goal")


def _sign(direction: Direction) -> int:
    return 1 if direction is Direction.INCREASE else -1


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a kind must have, and what it cannot have."""

    needed: str | None
    barred: tuple[str, ...]


_PARTS: Final = {
    Kind.REPETITION: _Parts("count", ("hold",)),
    Kind.REPETITION_WITH_HOLD: _Parts("count", ("hold",)),
    Kind.TIMED_HOLD: _Parts("hold", ("count", "guards")),
    Kind.SELF_TIMED: _Parts(
        None, ("reported", "count", "hold", "guards", "checks", "side_measure", "motion")
    ),
}


def _kind(exercise: ExerciseDefinition) -> Iterator[Problem]:
    parts = _PARTS[exercise.kind]
    if parts.needed is not None and not getattr(exercise, parts.needed):
        what = f"missing; kind {exercise.kind} needs at least one [[{parts.needed}]]"
        yield Problem(parts.needed, what)
    for key in parts.barred:
        if getattr(exercise, key):
            yield Problem(key, f"does not go with kind {exercise.kind}; remove it")
    if exercise.kind is not Kind.REPETITION and exercise.dose.hold_ms == 0:
        yield Problem("dose.hold_ms", f"must be more than 0 for kind {exercise.kind}")


def _count(signal: CountSignal, key: str, exercise: ExerciseDefinition) -> Iterator[Problem]:
    yield from _views(signal.views, f"{key}.views")
    if signal.measure not in MEASURES:
        yield _unknown_measure(signal.measure, f"{key}.measure", MEASURES)
        return
    yield from _plausible(signal.minimum_rom, signal.measure, f"{key}.minimum_rom")
    if signal.minimum_rom <= 0:
        yield Problem(f"{key}.minimum_rom", "must be more than 0")
    yield from _plausible(signal.jump, signal.measure, f"{key}.jump")
    if signal.jump is not None and signal.jump <= 0:
        yield Problem(f"{key}.jump", "must be more than 0")
    reported = exercise.reported
    if reported is None or signal.measure != reported.measure:
        return
    if signal.direction is not reported.direction:
        yield Problem(f"{key}.direction", f"must be {reported.direction}, as in [reported]")
    elif signal.minimum_rom >= abs(reported.goal - reported.rest):
        yield Problem(f"{key}.minimum_rom", "must be less than from reported.rest to goal")


def _guard(guard: Guard, key: str) -> Iterator[Problem]:
    yield from _views(guard.views, f"{key}.views")
    if guard.measure not in MEASURES:
        yield _unknown_measure(guard.measure, f"{key}.measure", MEASURES)
        return
    if all(getattr(guard, name) is None for name in _BOUNDS):
        yield Problem(key, f"asks nothing; give at least one of {', '.join(_BOUNDS)}")
    for name in _BOUNDS:
        value, of = getattr(guard, name), name.rpartition("_")[0]
        if of != "share":
            yield from _plausible(value, guard.measure, f"{key}.{name}")
        if name.endswith("_max"):
            low = getattr(guard, f"{of}_min", None)
            yield from _ordered(low, value, f"{key}.{name}", f"{of}_min")


def _condition(condition: Condition, key: str) -> Iterator[Problem]:
    yield from _views(condition.views, f"{key}.views")
    if condition.measure not in MEASURES:
        yield _unknown_measure(condition.measure, f"{key}.measure", MEASURES)
        return
    if condition.minimum is None and condition.maximum is None:
        yield Problem(key, "asks nothing; give minimum, maximum or both")
    yield from _ordered(condition.minimum, condition.maximum, f"{key}.maximum", "minimum")
    for name in ("minimum", "maximum", "margin"):
        yield from _plausible(getattr(condition, name), condition.measure, f"{key}.{name}")
    if condition.margin <= 0:
        yield Problem(f"{key}.margin", "must be more than 0, so that noise does not stop the clock")


def _check(check: Check, key: str, exercise: ExerciseDefinition) -> Iterator[Problem]:
    if check.views:
        yield from _views(check.views, f"{key}.views")
    if check.operator is Operator.OUTSIDE and check.threshold <= 0:
        yield Problem(f"{key}.threshold", "must be more than 0 for outside, which ignores the sign")
    if not check.sources:
        yield Problem(f"{key}.sources", "names no source; OWN is one")
    elif check.confidence in _PUBLISHED and set(check.sources) <= _UNPUBLISHED:
        yield Problem(f"{key}.confidence", f"{check.confidence} needs a source besides OWN")
    if check.measure in set(RepValue):
        yield from _value_check(check, key, exercise)
    elif check.measure in MEASURES:
        yield from _measure_check(check, key, exercise)
    else:
        yield _unknown_measure(check.measure, f"{key}.measure", (*MEASURES, *RepValue))


_PUBLISHED: Final = {Confidence.PUBLISHED_VALUE, Confidence.SOURCE_INFORMED}


def _measure_check(check: Check, key: str, exercise: ExerciseDefinition) -> Iterator[Problem]:
    yield from _plausible(check.threshold, check.measure, f"{key}.threshold")
    if check.sustain_ms <= 0:
        yield Problem(f"{key}.sustain_ms", "must be more than 0: one sample is not evidence")
    plane = MEASURES[check.measure].views
    for view in check.views or ():
        if view not in plane and view is not View.UNKNOWN:
            yield Problem(f"{key}.views", f"{check.measure} cannot be judged from the {view}")
    if exercise.kind is Kind.TIMED_HOLD and check.phase is not CheckPhase.HOLD:
        yield Problem(f"{key}.phase", "must be hold for kind timed_hold")
    if exercise.kind is Kind.REPETITION and check.phase is CheckPhase.HOLD:
        yield Problem(f"{key}.phase", "hold does not go with kind repetition; use peak")


def _value_check(check: Check, key: str, exercise: ExerciseDefinition) -> Iterator[Problem]:
    value = RepValue(check.measure)
    if check.phase is not CheckPhase.REP:
        yield Problem(f"{key}.phase", f"must be rep for {value}, a value of the whole repetition")
    if check.relative:
        yield Problem(f"{key}.relative", f"{value} has no value at rest; remove it")
    if check.sustain_ms < 0:
        yield Problem(f"{key}.sustain_ms", "must not be negative")
    if not _VALUE_FITS[value](check.threshold):
        yield Problem(f"{key}.threshold", _VALUE_HINTS[value].format(check.threshold))
    elif value is RepValue.HOLD_MS and check.threshold > exercise.dose.hold_ms:
        yield Problem(f"{key}.threshold", "must not be more than dose.hold_ms")
    in_turn = any(signal.combine is Combine.EACH for signal in exercise.count)
    two_sided = exercise.side is Side.BOTH or in_turn
    if value is RepValue.LEFT_RIGHT_DIFFERENCE and not two_sided:
        yield Problem(f"{key}.measure", f'{value} needs side = "both" or combine = "each"')
    if exercise.kind is Kind.TIMED_HOLD and value is not RepValue.HOLD_MS:
        yield Problem(f"{key}.measure", f"{value} does not go with kind timed_hold")


def _is_ms(value: float) -> bool:
    return value >= _SMALLEST_MS


_MS_HINT: Final = f"must be milliseconds, {_SMALLEST_MS} or more, not {{:g}}"
_VALUE_FITS: Final[dict[RepValue, Callable[[float], bool]]] = {
    RepValue.EFFORT_MS: _is_ms,
    RepValue.RETURN_MS: _is_ms,
    RepValue.HOLD_MS: _is_ms,
    RepValue.GOAL_SHARE: lambda value: 0.0 < value <= 2.0,
    RepValue.LEFT_RIGHT_DIFFERENCE: lambda value: 1.0 <= value <= 100.0,
}
_VALUE_HINTS: Final = {
    RepValue.EFFORT_MS: _MS_HINT,
    RepValue.RETURN_MS: _MS_HINT,
    RepValue.HOLD_MS: _MS_HINT,
    RepValue.GOAL_SHARE: "must be a share of the way to the goal, such as 0.7, not {:g}",
    RepValue.LEFT_RIGHT_DIFFERENCE: "must be percent, 1 to 100, not {:g}",
}


_FARTHEST_DEG: Final = 200.0


def _motion(motion: Motion, checks: Collection[str]) -> Iterator[Problem]:
    parts = {"rest": motion.rest, "goal": motion.goal, "via": motion.via, "start": motion.start}
    for name, fault in motion.faults.items():
        parts[f"faults.{name}"] = fault
        if name not in checks:
            hint = did_you_mean(name, checks)
            yield Problem(f"motion.faults.{name}", f"no check of this id{hint}")
    for part, angles in parts.items():
        for name, value in angles.items():
            yield from _joint(name, value, f"motion.{part}.{name}")
    if not motion.goal:
        yield Problem("motion.goal", "names no joint; what moves?")
    if f"LEFT_{motion.anchor.upper()}" not in Landmark.__members__:
        yield Problem("motion.anchor", "must be a landmark without its side, such as ankle")
    if motion.anchor_side is GuardSide.EITHER:
        yield Problem("motion.anchor_side", "must be both, working or other")


def _joint(name: str, value: Angles, key: str) -> Iterator[Problem]:
    if name not in ANGLES:
        yield Problem(key, f"no joint angle {name!r}{did_you_mean(name, ANGLES)}")
    elif name in SPINE_ANGLES and isinstance(value, tuple):
        yield Problem(key, "is one number: there is one trunk")
    elif max(np.abs(np.atleast_1d(value))) > (0.3 if name == "knee_in_m" else _FARTHEST_DEG):
        unit = "metres" if name == "knee_in_m" else "degrees"
        yield Problem(key, f"is too large; {name} is {unit}")


def _sources(exercise: ExerciseDefinition, known: Collection[str]) -> Iterator[Problem]:
    cited = (
        ("sources", exercise.sources),
        ("dose.sources", exercise.dose.sources),
        *((f"checks[{check.id}].sources", check.sources) for check in exercise.checks),
    )
    for key, names in cited:
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known)
                yield Problem(key, f"no source {name!r} in sources.toml{hint}")


# -- shared ---------------------------------------------------------------------------------------


def _unknown_measure(name: str, key: str, known: Collection[str]) -> Problem:
    return Problem(key, f"no measure {name!r}{did_you_mean(name, known)}")


def _plausible(value: float | None, measure: str, key: str) -> Iterator[Problem]:
    unit = MEASURES[measure].unit
    if value is not None and abs(value) > _LARGEST[unit]:
        what = "degrees" if unit == "deg" else "a ratio, such as 0.25 trunk lengths"
        yield Problem(key, f"{value:g} is too large; {measure} is {what}")


def _ordered(low: float | None, high: float | None, key: str, low_name: str) -> Iterator[Problem]:
    if low is not None and high is not None and high < low:
        yield Problem(key, f"must not be less than {low_name}")


def _views(views: Sequence[View], key: str) -> Iterator[Problem]:
    if not views:
        yield Problem(key, "names no view; leave the key out for the usual ones")
    if View.UNKNOWN in views:
        yield Problem(key, "must be front, oblique or side")
    if len(set(views)) < len(views):
        yield Problem(key, "names a view twice")
