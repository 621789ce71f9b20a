"""What a therapist sets for one patient and one exercise, laid over the catalogue.

    own = prescribed(catalogue["squat"], Targets(goal=60.0, minimum=15.0, limit=75.0))

The exercise of the catalogue stays as it is; `prescribed` returns another one. What follows a
target, so that no check contradicts it:

- goal: the way to it, and with it every check of that way (``goal_share``); a check that asks for
  more than the new goal moves to the same share of the new way; a check that asks for less than
  the new goal moves out with it.
- minimum: what the counter calls a repetition, see `with_smallest`.
- limit: the ``over_limit`` flag.
- hold: the usual dose, and the checks of a hold that is too short, by the same share of it.
- side: nothing here. It is for the engine, which is told the side beside the exercise.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

from hep_vision.core.definition import (
    Check,
    Condition,
    Direction,
    ExerciseDefinition,
    Kind,
    Operator,
    Reported,
    RepValue,
)
from hep_vision.core.measures import MEASURES
from hep_vision.core.phases import LONGEST_HOLD_MS
from hep_vision.core.smallest import SMALLEST_SHARE, smallest_range, with_smallest
from hep_vision.core.types import Side
from hep_vision.errors import TargetsError

_LARGEST: Final = {"deg": 360.0, "ratio": 5.0}
_LONGEST_TIMED_MS: Final = 600_000


@dataclass(frozen=True, slots=True)
class Targets:
    """What a therapist sets; None leaves it to the catalogue.

    Attributes:
        goal: Value of the reported measure that is aimed at, in its unit.
        minimum: Smallest range of the reported measure that counts, from rest.
        limit: Safety maximum of the reported measure.
        hold_ms: Time at the goal, or of a timed hold.
        side: Side that works; both follows the person.
        measure: The reported measure that the values are of; None is whatever the exercise shows.
    """

    goal: float | None = None
    minimum: float | None = None
    limit: float | None = None
    hold_ms: int | None = None
    side: Side | None = None
    measure: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is set."""
        return self == Targets(measure=self.measure)

    def over(self, other: Self) -> Self:
        """Return these targets, and ``other`` where they leave something open."""
        mine = {name: value for name, value in asdict(self).items() if value is not None}
        return replace(other, **mine)

    def to_plain(self) -> dict[str, Any]:
        """Return what is set as JSON values."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Return what `to_plain` gave.

        Raises:
            ValueError: It is something else.
        """
        try:
            side = plain.get("side")
            return cls(**{**plain, "side": None if side is None else Side(side)})
        except (TypeError, AttributeError) as error:
            raise ValueError(f"not targets: {plain!r}") from error


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a target does not go with an exercise.

    Attributes:
        field: The field of `Targets`.
        what: One line.
    """

    field: str
    what: str


def prescribed(exercise: ExerciseDefinition, targets: Targets) -> ExerciseDefinition:
    """Return the exercise as it is for this patient; the one given is not changed.

    Raises:
        TargetsError: The targets do not go with it; the message names the first that does not.
    """
    for objection in objections(exercise, targets):
        raise TargetsError(f"{exercise.id}: {objection.field}: {objection.what}.")
    if targets.hold_ms is not None:
        exercise = _with_hold(exercise, targets.hold_ms)
    if exercise.reported is None:
        return exercise
    reported = _aimed(exercise.reported, targets)
    checks = tuple(_moved(check, exercise.reported, reported) for check in exercise.checks)
    if targets.minimum is not None and exercise.kind is Kind.TIMED_HOLD:
        hold = _entered(exercise.hold, reported, targets.minimum)
        exercise = replace(exercise, hold=hold)
    elif targets.minimum is not None:
        exercise = with_smallest(exercise, targets.minimum)
    return replace(exercise, reported=reported, checks=checks)


# -- what does not go -----------------------------------------------------------------------------


def objections(exercise: ExerciseDefinition, targets: Targets) -> Iterator[Objection]:
    """Yield everything about the targets that does not go with the exercise."""
    yield from _side_objections(exercise, targets)
    yield from _hold_objections(exercise, targets)
    values = {name: getattr(targets, name) for name in ("goal", "minimum", "limit")}
    given = {name: value for name, value in values.items() if value is not None}
    if not given:
        return
    reported = exercise.reported
    if reported is None:
        for name in given:
            yield Objection(name, "this exercise is timed by the person, nothing is measured")
        return
    if targets.measure not in (None, reported.measure):
        what = f"is of {targets.measure}, but {exercise.id} shows {reported.measure}"
        yield Objection(next(iter(given)), what)
        return
    odd = list(_implausible(given, reported.measure))
    yield from odd or _range_objections(exercise, targets)


def _side_objections(exercise: ExerciseDefinition, targets: Targets) -> Iterator[Objection]:
    if targets.side in (None, Side.BOTH):
        return
    if exercise.side is Side.BOTH:
        yield Objection("side", f"both sides work in {exercise.id}; leave it out")
    elif exercise.side not in (None, targets.side):
        yield Objection("side", f"{exercise.id} is done with the {exercise.side} side")


def _hold_objections(exercise: ExerciseDefinition, targets: Targets) -> Iterator[Objection]:
    hold_ms = targets.hold_ms
    if hold_ms is None:
        return
    timed = exercise.kind in (Kind.TIMED_HOLD, Kind.SELF_TIMED)
    shortest_ms = exercise.timing.min_rep_ms if exercise.kind is Kind.TIMED_HOLD else 500
    longest_ms = _LONGEST_TIMED_MS if timed else LONGEST_HOLD_MS
    if exercise.dose.hold_ms == 0:
        yield Objection("hold_ms", f"nothing is held in {exercise.id}; leave it out")
    elif not shortest_ms <= hold_ms <= longest_ms:
        bounds = f"{shortest_ms / 1000:g} to {longest_ms / 1000:g} s"
        yield Objection("hold_ms", f"must be {bounds}, not {hold_ms / 1000:g}")


def _implausible(given: Mapping[str, float], measure: str) -> Iterator[Objection]:
    unit = MEASURES[measure].unit
    scale = "degrees" if unit == "deg" else "a ratio, such as 0.25 trunk lengths"
    for name, value in given.items():
        if not math.isfinite(value):
            yield Objection(name, "must be a number")
        elif abs(value) > _LARGEST[unit]:
            yield Objection(name, f"{value:g} is too large; {measure} is {scale}")
        elif name == "minimum" and value <= 0.0:
            yield Objection(name, "must be more than 0: it is a range, counted from rest")


def _range_objections(exercise: ExerciseDefinition, targets: Targets) -> Iterator[Objection]:
    before = exercise.shown
    reported = _aimed(before, targets)
    unit = f" {MEASURES[reported.measure].unit}"
    sign = _sign(reported)
    way = "above" if sign > 0 else "below"
    to_goal = sign * (reported.goal - reported.rest)
    if to_goal <= 0.0:
        what = f"must be {way} rest, {reported.rest:g}{unit}, not {reported.goal:g}"
        yield Objection("goal", what)
        return
    if sign * (reported.limit - reported.goal) < 0.0:
        yield _crossed(targets, reported, unit)
    counted = targets.minimum
    if counted is None:
        least = _least_of(exercise)
        if targets.goal is not None and to_goal <= least:
            what = (
                f"lies {to_goal:.3g}{unit} from rest, but smaller than {least:.2g}{unit} is not "
                "counted; set the minimum too"
            )
            yield Objection("goal", what)
        return
    if counted >= to_goal:
        what = f"must be less than the way from rest to the goal, {to_goal:.3g}{unit}"
        yield Objection("minimum", what)
    elif exercise.kind is Kind.TIMED_HOLD and not _entries(exercise):
        yield Objection("minimum", f"{exercise.id} is not timed by {reported.measure}")
    elif counted < (least := _least_of(exercise, SMALLEST_SHARE)):
        yield Objection("minimum", f"must be {least:.2g}{unit} or more: less is not told from rest")


def _crossed(targets: Targets, reported: Reported, unit: str) -> Objection:
    goal, limit = f"{reported.goal:g}{unit}", f"{reported.limit:g}{unit}"
    if targets.goal is None:
        return Objection("limit", f"lies short of the goal, {goal}; set the goal too")
    if targets.limit is None:
        return Objection("goal", f"lies beyond the safety limit, {limit}; set the limit too")
    return Objection("goal", f"{goal} lies beyond the limit, {limit}")


def _least_of(exercise: ExerciseDefinition, share: float = 1.0) -> float:
    """Return the reported range of ``share`` of the smallest repetition; 0 where not known."""
    if exercise.kind is Kind.TIMED_HOLD:
        return share * max(_entries(exercise), default=0.0)
    return smallest_range(exercise, share)


# -- applying -------------------------------------------------------------------------------------


def _sign(reported: Reported) -> float:
    return 1.0 if reported.direction is Direction.INCREASE else -1.0


def _aimed(reported: Reported, targets: Targets) -> Reported:
    goal = reported.goal if targets.goal is None else float(targets.goal)
    limit = reported.limit if targets.limit is None else float(targets.limit)
    minimum = reported.minimum if targets.minimum is None else float(targets.minimum)
    return replace(reported, goal=goal, limit=limit, minimum=minimum)


def _with_hold(exercise: ExerciseDefinition, hold_ms: int) -> ExerciseDefinition:
    share = hold_ms / exercise.dose.hold_ms
    longer_ms = max(0, hold_ms - exercise.dose.hold_ms)
    return replace(
        exercise,
        dose=replace(exercise.dose, hold_ms=hold_ms),
        # A repetition may last as much longer.
        timing=replace(exercise.timing, max_rep_ms=exercise.timing.max_rep_ms + longer_ms),
        checks=tuple(_held(check, share, hold_ms) for check in exercise.checks),
    )


def _held(check: Check, share: float, hold_ms: int) -> Check:
    if check.measure != RepValue.HOLD_MS:
        return check
    threshold = float(round(check.threshold * share))
    seconds = max(1, round(threshold / 1000.0))
    return replace(
        check,
        threshold=threshold,
        cue=f"Stay there for about {seconds} second{'s' if seconds > 1 else ''}.",
        therapist=f"Held {check.operator} {threshold / 1000:g} s of the {hold_ms / 1000:g} s set.",
    )


def _moved(check: Check, before: Reported, after: Reported) -> Check:
    """Return a check of the reported measure, moved so that reaching the goal is never a fault."""
    if check.measure != before.measure or check.relative or before.goal == after.goal:
        return check
    if check.operator is Operator.OUTSIDE:
        return check
    asks_for_more = (check.operator is Operator.BELOW) == (before.direction is Direction.INCREASE)
    way, new_way = before.goal - before.rest, after.goal - after.rest
    share = (check.threshold - before.rest) / way
    if asks_for_more and 0.0 < share <= 1.0:
        threshold = after.rest + share * new_way
    elif not asks_for_more and share >= 1.0 and abs(new_way) > abs(way):
        threshold = check.threshold + after.goal - before.goal
    else:
        return check
    unit = MEASURES[check.measure].unit
    return replace(
        check,
        threshold=threshold,
        therapist=f"{check.name}: {check.operator} {threshold:.3g} {unit}, moved with the goal.",
    )


def _gates(condition: Condition, reported: Reported) -> bool:
    """Whether a condition of a timed hold is what lets it begin on the way to the goal."""
    bound = condition.minimum if reported.direction is Direction.INCREASE else condition.maximum
    return condition.measure == reported.measure and bound is not None


def _entries(exercise: ExerciseDefinition) -> list[float]:
    """Return the ranges of the reported measure from which a timed hold begins."""
    reported = exercise.shown
    bound = "minimum" if reported.direction is Direction.INCREASE else "maximum"
    return [
        _sign(reported) * (getattr(item, bound) - reported.rest)
        for item in exercise.hold
        if _gates(item, reported)
    ]


def _entered(
    conditions: tuple[Condition, ...], reported: Reported, minimum: float
) -> tuple[Condition, ...]:
    """Return the conditions of a timed hold, begun once the range from rest is ``minimum``."""
    level = reported.rest + _sign(reported) * minimum
    return tuple(
        item
        if not _gates(item, reported)
        else replace(item, minimum=level)
        if reported.direction is Direction.INCREASE
        else replace(item, maximum=level)
        for item in conditions
    )
