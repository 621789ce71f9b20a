"""The plan of a live sitting: from what was asked, into the log, and back when it was cut off."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hep_vision.app.live_book import ENDED_BY_PATIENT
from hep_vision.coach.plan import HOLD_SHARE, PlannedSet, sets_of
from hep_vision.core.personal import PersonalRange
from hep_vision.core.targets import Targets, prescribed
from hep_vision.core.tempo import Tempo
from hep_vision.core.types import Side
from hep_vision.errors import HepVisionError
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.schedule import Due
from hep_vision.program.spec import Prescription, Works
from hep_vision.store.records import (
    ProgramRef,
    SessionCounts,
    SessionRow,
    SessionStatus,
    SittingRow,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for one exercise; None takes the exercise's own dose.

    Attributes:
        exercise: Id, or the path of an exercise file.
        sides: Left, right, or both one after the other; empty follows the person.
    """

    exercise: str
    sides: tuple[Side, ...] = ()
    sets: int | None = None
    reps: int | None = None
    hold_ms: int | None = None
    rest_ms: int | None = None
    tempo: Tempo | None = None
    targets: Targets | None = None
    personal: PersonalRange | None = None


def plan_sets(asked: Asked, own_dir: Path) -> tuple[PlannedSet, ...]:
    """Return the sets of one exercise.

    Raises:
        ExerciseSpecError: There is no such exercise, or its file is malformed.
        TargetsError: The targets do not go with it.
    """
    exercise = find_exercise(asked.exercise, own_dir)
    targets = asked.targets
    if targets is not None:
        exercise = prescribed(exercise, targets)
    dose = exercise.dose
    held = targets.hold_ms if targets is not None else None
    hold_ms = next((ms for ms in (asked.hold_ms, held) if ms is not None), dose.hold_ms)
    first = PlannedSet(
        exercise,
        Side.BOTH,
        1,
        1,
        asked.reps if asked.reps is not None else dose.reps,
        hold_ms,
        asked.rest_ms if asked.rest_ms is not None else dose.rest_ms,
        targets,
        asked.personal,
        asked.tempo,
    )
    sets = asked.sets if asked.sets is not None else dose.sets
    return sets_of(first, sets, asked.sides or (Side.BOTH,))


def sets_due(times: Sequence[Due], own_dir: Path) -> tuple[PlannedSet, ...]:
    """Return the sets of what a program asks for next, one exercise after the other.

    Sets of that time which are done already are left out; the others keep their numbers.

    Args:
        times: What is due; see `hep_vision.program.today.Today.to_begin`.
        own_dir: Folder with exercise files of one's own.

    Raises:
        ExerciseSpecError: An exercise is not here any more.
        TargetsError: The targets do not go with it any more.
    """
    sets = [one for due in times for one in _sets_of_due(due, own_dir)]
    return tuple(replace(one, place=place) for place, one in enumerate(sets, 1))


def all_sets_of(one: Prescription, own_dir: Path) -> tuple[PlannedSet, ...]:
    """Return the sets of one time of an exercise of a program, done or not.

    Raises:
        ExerciseSpecError, TargetsError: As for `sets_due`.
    """
    asked = Asked(
        one.exercise_id,
        () if one.works is Works.NONE else one.sides,
        one.sets,
        one.reps,
        one.hold_ms,
        one.rest_ms,
        one.tempo,
        one.targets,
    )
    return plan_sets(asked, own_dir)


def _sets_of_due(due: Due, own_dir: Path) -> Iterator[PlannedSet]:
    one = due.prescription
    done = {side: one.sets - left for side, left in due.left_at_next()}
    for planned in all_sets_of(one, own_dir):
        if done[planned.side] > 0:
            done[planned.side] -= 1
        else:
            yield planned


def to_plain(plan: Sequence[PlannedSet], exercise: str | None = None) -> dict[str, Any]:
    """Return a plan as JSON values.

    Args:
        plan: The sets.
        exercise: The id or path that the exercise was found by; None where each was by its id.
    """
    return {
        "sets": [
            {
                "exercise": exercise or one.exercise.id,
                "side": str(one.side),
                "number": one.number,
                "of": one.of,
                "place": one.place,
                "reps": one.reps,
                "hold_ms": one.hold_ms,
                "rest_ms": one.rest_ms,
                "targets": one.targets.to_plain() if one.targets else None,
                "personal": one.personal.to_plain() if one.personal else None,
                "tempo_ms": (
                    [one.tempo.out_ms, one.tempo.hold_ms, one.tempo.back_ms] if one.tempo else None
                ),
            }
            for one in plan
        ]
    }


def from_plain(plain: Mapping[str, Any], own_dir: Path) -> tuple[PlannedSet, ...]:
    """Return the plan that `to_plain` gave.

    Raises:
        ExerciseSpecError: An exercise is not here any more, or its file is malformed.
        TargetsError: The targets do not go with it any more.
        KeyError, ValueError: It is not a plan.
    """
    return tuple(_set_from(one, own_dir) for one in plain["sets"])


def _set_from(plain: Mapping[str, Any], own_dir: Path) -> PlannedSet:
    exercise = find_exercise(plain["exercise"], own_dir)
    targets = Targets.from_plain(plain["targets"]) if plain["targets"] else None
    personal = PersonalRange.from_plain(plain["personal"]) if plain["personal"] else None
    return PlannedSet(
        exercise if targets is None else prescribed(exercise, targets),
        Side(plain["side"]),
        plain["number"],
        plain["of"],
        plain["reps"],
        plain["hold_ms"],
        plain["rest_ms"],
        targets,
        personal,
        Tempo(*plain["tempo_ms"]) if plain["tempo_ms"] else None,
        place=plain["place"],
    )


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A sitting that was cut off, and what is left of it.

    Attributes:
        sitting_id: Its id.
        started_at: When it began.
        done: Repetitions and holds that are in the log.
        left: The sets still to do.
        program: The version of the program it follows, or None.
    """

    sitting_id: str
    started_at: str
    done: int
    left: tuple[PlannedSet, ...]
    program: ProgramRef | None = None


def what_is_left(row: SittingRow, own_dir: Path) -> Unfinished | None:
    """Return what is left of a sitting; None where nothing is, or its plan cannot be read."""
    try:
        plan = from_plain(row.plan, own_dir)
    except (HepVisionError, KeyError, TypeError, ValueError):
        return None  # an exercise was taken away since: a new sitting is begun instead
    done = {
        one.place: sum(
            _done_in(logged.session.counts, one)
            for logged in row.sets
            if logged.set_number == one.place
        )
        for one in plan
    }
    over = {one.set_number for one in row.sets if _is_over(one.session)}
    left = [
        replace(one, already=done[one.place])
        for one in plan
        if one.place not in over and done[one.place] < one.reps
    ]
    if not left:
        return None
    return Unfinished(row.sitting_id, row.started_at, sum(done.values()), tuple(left), row.program)


def _done_in(counts: SessionCounts, plan: PlannedSet) -> int:
    """Return how much of a set one session did; holds that broke off early are not done."""
    if not plan.timed:
        return counts.counted
    if not plan.hold_ms:
        return counts.holds
    return min(counts.holds, int(counts.held_ms / (HOLD_SHARE * plan.hold_ms)))


def _is_over(session: SessionRow) -> bool:
    """Whether a set was done, or the patient went on to the next one."""
    return session.status is SessionStatus.FINISHED or session.status_reason == ENDED_BY_PATIENT
