"""A report in words: what was told, seen and measured, without blame and without orders."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

from hep_vision.core.definition import Check, ExerciseDefinition, RepValue
from hep_vision.core.form import OVER_LIMIT, OVER_LIMIT_NAME
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Severity, Side, StopReason, View
from hep_vision.program.concerns import Kind
from hep_vision.program.overview import Progress
from hep_vision.program.review import Example
from hep_vision.reports.progress_story import in_words
from hep_vision.reports.progress_words import (
    days_in_words,
    measure_words,
    sets_in_words,
    side_words,
)

FindIfThere = Callable[[str], ExerciseDefinition | None]

KIND_WORDS: Final = {
    Kind.RED_PAIN: "Pain in the red zone",
    Kind.STOPPED_FOR_PAIN: "Stopped because of pain",
    Kind.RISING_PAIN: "Pain that rises",
    Kind.NOT_SETTLED: "Pain that had not settled by the next morning",
    Kind.OVER_LIMIT: "Beyond the safety limit",
    Kind.SAME_DEVIATION: "The same deviation again and again",
    Kind.MESSAGE: "Messages",
    Kind.UNCERTAIN_COUNT: "Uncertain counts",
}
STOP_WORDS: Final = {
    StopReason.PAIN: "Ended early because of pain",
    StopReason.TIRED: "Ended early, tired",
    StopReason.OTHER: "Ended early for another reason",
}
VIEW_WORDS: Final = {
    View.FRONT: "the front",
    View.SIDE: "the side",
    View.OBLIQUE: "an oblique angle",
    View.UNKNOWN: "an unknown side",
}
SEVERITY_WORDS: Final = {
    Severity.INFO: "a hint",
    Severity.WARN: "matters",
    Severity.STOP: "matters most",
}
_VALUE_WORDS: Final = {
    RepValue.EFFORT_MS: "time of the effort",
    RepValue.RETURN_MS: "time of the return",
    RepValue.HOLD_MS: "time held",
    RepValue.GOAL_SHARE: "share of the way to the goal",
    RepValue.LEFT_RIGHT_DIFFERENCE: "difference between left and right",
}


def counted(number: int, noun: str) -> str:
    """Return "1 set" or "3 sets"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def sentence(progress: Progress) -> str:
    """Return the whole stretch in one sentence."""
    parts = []
    if progress.adherence is not None and progress.adherence.days_due:
        parts += [sets_in_words(progress.adherence), days_in_words(progress.adherence)]
    else:
        sets = sum(one.sets for one in progress.work)
        parts.append(f"{counted(sets, 'set')} done on {counted(len(progress.work), 'day')}")
    worst = worst_pain(progress)
    if worst is not None:
        score, day = worst
        parts.append(f"the most pain told was {score} of 10, of {in_words(day)}")
    return f"{'; '.join(parts)}."


def worst_pain(progress: Progress) -> tuple[int, date] | None:
    """Return the highest pain told, and the last day it was told of; None where none was."""
    told = [
        (score, one.day)
        for one in progress.feeling
        for score in (one.before, one.after, one.next_morning)
        if score is not None
    ]
    return max(told, default=None)


def named(words: str, find: FindIfThere, exercise_ids: Iterable[str]) -> str:
    """Return words with the names of exercises and checks in place of their ids."""
    names: dict[str, str] = {}
    for each in exercise_ids:
        exercise = find(each)
        if exercise is not None:
            names |= {check.id: f"“{check.name}”" for check in exercise.checks}
            names[each] = exercise.name
    if not names:
        return words
    either = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.sub(rf"\b(?:{either})\b", lambda found: names[found.group()], words)


# -- deviations -----------------------------------------------------------------------------------


def check_of(exercise: ExerciseDefinition | None, check_id: str) -> Check | None:
    """Return a check of an exercise; None where either is not here any more."""
    checks = () if exercise is None else exercise.checks
    return next((one for one in checks if one.id == check_id), None)


def check_words(exercise: ExerciseDefinition | None, check_id: str) -> str:
    """Return the name of a check; its id in words where it is not here any more."""
    if check_id == OVER_LIMIT:
        return OVER_LIMIT_NAME
    check = check_of(exercise, check_id)
    return check.name if check is not None else check_id.replace("_", " ").capitalize()


def amount(value: float, unit: str) -> str:
    """Return a measured value with its unit, no sharper than a camera can tell it."""
    if unit == "deg":
        return f"{value:.0f}°"
    if unit == "ms":
        return f"{value / 1000:.1f} s"
    if unit == "percent":
        return f"{value:.0f} %"
    return f"{value:.2f}"


def finding(example: Example, exercise: ExerciseDefinition | None) -> str:
    """Return the measured value beside its threshold: "knee flexion 62° (± 9°), bound 55°"."""
    seen = example.deviation
    measure, relative = _measure(exercise, seen.id)
    known = MEASURES.get(measure)
    view = example.view if example.view in (View.FRONT, View.SIDE, View.OBLIQUE) else View.SIDE
    error = ""
    if known is not None:
        error = f" (± {amount(known.uncertainty_from(view, size=abs(seen.value)), seen.unit)})"
    share = measure == RepValue.GOAL_SHARE
    unit, factor = ("percent", 100.0) if share else (seen.unit, 1.0)
    what = _VALUE_WORDS.get(RepValue(measure)) if measure in list(RepValue) else None
    what = what or (measure_words(measure) if measure else "measured")
    change = ", change from rest" if relative else ""
    value, bound = (amount(factor * one, unit) for one in (seen.value, seen.threshold))
    return f"{what}{change}: {value}{error}; threshold {bound}"


def _measure(exercise: ExerciseDefinition | None, check_id: str) -> tuple[str, bool]:
    check = check_of(exercise, check_id)
    if check is not None:
        return check.measure, check.relative
    if check_id == OVER_LIMIT and exercise is not None and exercise.reported is not None:
        return exercise.reported.measure, False
    return "", False


def example_words(example: Example, day: date) -> str:
    """Return where an example is: "12 November 2026, set 2, repetition 4, left"."""
    place = "" if example.set_number is None else f", set {example.set_number}"
    noun = "hold" if example.held else "repetition"
    side = "" if example.deviation.side is Side.BOTH else f", {side_words(example.deviation.side)}"
    return f"{in_words(day)}{place}, {noun} {example.deviation.rep}{side}"
