"""Draft an exercise: from what a demonstration taught, or from answers to a few questions.

Everything here is a starting point, and its confidence is own judgement: one person's repetitions
are no norm. Thresholds are shares of what was shown, with the reasons at the constants.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from hep_vision.core.definition import (
    Camera,
    Check,
    CheckPhase,
    Confidence,
    CountSignal,
    Direction,
    Dose,
    ExerciseDefinition,
    Guard,
    GuardSide,
    Kind,
    Motion,
    Operator,
    Reported,
    RepValue,
    Timing,
)
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.lesson import Lesson, Levels, Position, lessons
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import PoseFrame, Rep, RepStatus, Severity, Side, View

_OWN: Final = ("OWN",)
_NEAR_SCORE_SHARE: Final = 0.93
"""A reading much poorer than the likeliest is no way out where the counter does not follow."""
_FASTEST_SHARE: Final = 0.4
_SLOWEST_TIMES: Final = 4.0
_SHORTEST_MS: Final = 200
_LONGEST_AT_LEAST_MS: Final = 8_000
_HOLD_FROM_MS: Final = 1_500
_BEYOND_SHARE: Final = 0.35
"""The limit lies this share of the range beyond the goal: farther was not shown."""
_FAST_RETURN_SHARE: Final = 0.5
_SHORT_SHARE: Final = 0.7
_SHORT_HOLD_SHARE: Final = 0.6
_LEAN_MARGIN_DEG: Final = 15.0
_LEAN_PART_OF_IT_DEG: Final = 30.0
_UPRIGHT_DEG: Final = 65.0
_LYING_DEG: Final = 30.0
_POSTURE_MARGIN_DEG: Final = 35.0
_TRAVEL_RATIO: Final = 0.5
_TIMING: Final = Timing(400, 20_000)
_HALF_TURN_DEG: Final = 180.0
_LIMIT_ROOM_DEG: Final = 10.0
_DOSE: Final = Dose(2, 10, 0, 60_000, _OWN)

_SETUP: Final = {
    Position.STANDING: ("Stand", "hip", (0.8, 1.0), (2.0, 3.0)),
    Position.SEATED: ("Sit", "seat", (0.6, 0.8), (2.0, 3.0)),
    Position.KNEELING: ("Kneel", "knee", (0.3, 0.6), (2.0, 3.0)),
    Position.SUPINE: ("Lie on your back", "mat", (0.3, 0.6), (2.0, 3.0)),
    Position.PRONE: ("Get down on your front", "mat", (0.3, 0.6), (2.0, 3.0)),
}
_TOWARDS: Final = {
    View.FRONT: "facing it",
    View.SIDE: "sideways to it",
    View.OBLIQUE: "half turned away from it",
}


SEEN: Final = {
    View.FRONT: "seen from the front",
    View.SIDE: "seen from the side",
    View.OBLIQUE: "seen at an angle",
}
"""Where the camera stood, in words."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The least that has to be said of an exercise; the rest of its file follows from it.

    Attributes:
        id: Its name in the catalogue.
        name: As a person reads it.
        position: How the person starts.
        side: Both, or None where one side works at a time.
        view: Where the camera stands.
        signals: What is counted.
        reported: What is shown.
        reps: Usual repetitions of a set.
        hold_ms: Time to hold at the goal; 0 = none.
        return_ms: Usual time from goal to rest; NaN = unknown.
        timing: Plausible durations of a repetition.
        lean_deg: How far the trunk may lean in a repetition; NaN = unknown, no check.
        trunk_deg: The trunk above the horizontal at rest; NaN = unknown, no guard.
        travel_ratio: Net way across the picture that a repetition may take, in trunk lengths.
        motion: How the whole body moves, if that is known.
        purpose: One line.
    """

    id: str
    name: str
    position: Position
    side: Side | None
    view: View
    signals: tuple[CountSignal, ...]
    reported: Levels
    reps: int = 10
    hold_ms: int = 0
    return_ms: float = math.nan
    timing: Timing = _TIMING
    lean_deg: float = math.nan
    trunk_deg: float = math.nan
    travel_ratio: float = _TRAVEL_RATIO
    motion: Motion | None = None
    purpose: str = "Say here what the exercise is for."


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """What was learnt, and the exercise drafted from it.

    Attributes:
        lesson: What the demonstration taught.
        exercise: The draft.
        counted: How many repetitions it counts in the whole recording.
        sure: Whether it counts the demonstrated repetitions, each of them once.
    """

    lesson: Lesson
    exercise: ExerciseDefinition
    counted: int
    sure: bool


def teach(
    poses: Sequence[PoseFrame], exercise_id: str, name: str, reps: int, side: Side | None = None
) -> Taught | None:
    """Learn an exercise from a recording whose first repetitions demonstrate it.

    The likeliest reading that the counter itself agrees with is taken.

    Args:
        poses: The recording, in time order.
        exercise_id: Id of the new exercise.
        name: Its name.
        reps: How many repetitions, from the first, are the demonstration.
        side: The side that works, or both, or None to find out.

    Returns:
        What was learnt, or None where nothing repeats.
    """
    first: Taught | None = None
    for lesson in lessons(poses, reps, side):
        exercise = draft(outline_of(lesson, exercise_id, name))
        taught = _tried(poses, lesson, exercise)
        if not taught.sure and exercise.motion is not None:
            # Depth from one camera may be wrong; a posture that rejects what it was read from is.
            taught = _tried(poses, lesson, replace(exercise, motion=None))
        near = first is None or (
            lesson.counted.score >= _NEAR_SCORE_SHARE * first.lesson.counted.score
        )
        if taught.sure and near:
            return taught
        first = first or taught
    return first


def _tried(poses: Sequence[PoseFrame], lesson: Lesson, exercise: ExerciseDefinition) -> Taught:
    events = ExerciseEngine(exercise).replay(poses)
    reps = [event for event in events if isinstance(event, Rep)]
    counted = [rep for rep in reps if rep.status is RepStatus.COUNTED]
    once = [
        sum(shown.start_ms <= rep.peak_ms <= shown.end_ms for rep in counted) == 1
        for shown in lesson.counted.reps
    ]
    return Taught(lesson, exercise, len(counted), all(once))


def outline_of(lesson: Lesson, exercise_id: str, name: str) -> Outline:
    """Return the outline of an exercise that was demonstrated."""
    durations = [rep.duration_ms for rep in lesson.counted.reps]
    hold_ms = lesson.hold_ms if lesson.hold_ms >= _HOLD_FROM_MS else 0.0
    shortest = max(_SHORTEST_MS, 50 * round(_FASTEST_SHARE * min(durations) / 50))
    longest = max(_LONGEST_AT_LEAST_MS, 500 * round(_SLOWEST_TIMES * max(durations) / 500))
    return Outline(
        id=exercise_id,
        name=name,
        position=lesson.position,
        side=lesson.side,
        view=lesson.view,
        signals=lesson.signals,
        reported=lesson.reported,
        hold_ms=1_000 * round(hold_ms / 1_000),
        return_ms=lesson.return_ms,
        timing=Timing(shortest, longest),
        lean_deg=lesson.lean_deg,
        trunk_deg=lesson.trunk_deg,
        travel_ratio=max(_TRAVEL_RATIO, round(2.0 * lesson.travel_ratio, 1)),
        motion=lesson.motion,
        purpose="Learned from a demonstration; say here what it is for.",
    )


def draft(outline: Outline) -> ExerciseDefinition:
    """Return a complete exercise from its outline."""
    verb, level, height_m, distance_m = _SETUP[outline.position]
    levels = outline.reported
    return ExerciseDefinition(
        id=outline.id,
        revision=1,
        name=outline.name,
        kind=Kind.REPETITION_WITH_HOLD if outline.hold_ms else Kind.REPETITION,
        side=outline.side,
        position=outline.position,
        purpose=outline.purpose,
        setup=f"{verb} where the camera sees your whole body.",
        steps=_steps(outline),
        equipment=(),
        precautions=("Stay in the range without pain.",),
        dose=Dose(_DOSE.sets, outline.reps, outline.hold_ms, _DOSE.rest_ms, _OWN),
        camera=Camera(
            outline.view,
            height_m,
            distance_m,
            f"Put the camera level at {level} height. {verb} {_TOWARDS[outline.view]}.",
        ),
        reported=Reported(
            levels.measure,
            levels.rest,
            levels.goal,
            limit_of(levels),
            levels.direction,
        ),
        timing=outline.timing,
        sources=_OWN,
        count=outline.signals,
        max_travel_ratio=outline.travel_ratio,
        guards=_guards(outline),
        checks=tuple(_checks(outline)),
        motion=outline.motion,
    )


def limit_of(levels: Levels) -> float:
    """Return the safety limit of what is shown: a share of the range beyond the goal."""
    limit = levels.goal + _BEYOND_SHARE * (levels.goal - levels.rest)
    if MEASURES[levels.measure].unit != "deg":
        return round(limit, 2)
    # No joint goes beyond half a turn; a goal close to it still needs room.
    most = max(_HALF_TURN_DEG, abs(levels.goal) + _LIMIT_ROOM_DEG)
    return float(round(min(max(limit, -most), most)))


def _steps(outline: Outline) -> tuple[str, ...]:
    levels = outline.reported
    what = MEASURES[levels.measure].meaning.split(";")[0].split(",")[0]
    more = "reaches" if levels.direction is Direction.INCREASE else "has come down to"
    hold = (f"Hold for {outline.hold_ms / 1000:g} seconds.",) if outline.hold_ms else ()
    return (
        f"Start at rest ({what}: about {_said(levels.rest, levels)}).",
        f"Move until it {more} about {_said(levels.goal, levels)}, as far as is comfortable.",
        *hold,
        "Return slowly to where you started.",
    )


def _said(value: float, levels: Levels) -> str:
    if MEASURES[levels.measure].unit == "deg":
        return f"{5 * round(value / 5)} degrees"
    return f"{value:.2f} trunk lengths"


def _guards(outline: Outline) -> tuple[Guard, ...]:
    """Return one loose guard on the posture at rest, where that is clear."""
    trunk = outline.trunk_deg
    if trunk >= _UPRIGHT_DEG:
        floor = 5.0 * round((trunk - _POSTURE_MARGIN_DEG) / 5.0)
        why = "the trunk was not upright"
        return (Guard("trunk_elevation", why, GuardSide.EITHER, rest_min=floor),)
    if trunk <= _LYING_DEG and outline.view is not View.FRONT:
        ceiling = 5.0 * round((trunk + _POSTURE_MARGIN_DEG) / 5.0)
        why = "the trunk was not level"
        views = (View.SIDE, View.OBLIQUE)
        return (Guard("trunk_elevation", why, GuardSide.EITHER, views, rest_max=ceiling),)
    return ()


def _checks(outline: Outline) -> list[Check]:
    checks = []
    if outline.lean_deg < _LEAN_PART_OF_IT_DEG:
        checks.append(_trunk_check(outline))
    if outline.side is Side.BOTH and outline.view is View.FRONT:
        checks.append(
            _rep_check(
                ("asymmetry", "Uneven sides", RepValue.LEFT_RIGHT_DIFFERENCE, Operator.ABOVE, 25.0),
                "Move both sides the same way.",
                "Left and right peaks differ by more than 25 %.",
            )
        )
    if math.isfinite(outline.return_ms):
        least_ms = max(200, 100 * round(_FAST_RETURN_SHARE * outline.return_ms / 100))
        checks.append(
            _rep_check(
                ("fast_return", "Fast return", RepValue.RETURN_MS, Operator.BELOW, least_ms),
                "Come back slowly and with control.",
                f"Return in under {least_ms / 1000:g} s: twice as fast as usual.",
            )
        )
    if outline.hold_ms:
        least_ms = round(_SHORT_HOLD_SHARE * outline.hold_ms)
        checks.append(
            _rep_check(
                ("short_hold", "Short hold", RepValue.HOLD_MS, Operator.BELOW, least_ms),
                "Stay at the top a little longer.",
                f"Held for less than {least_ms / 1000:g} s.",
            )
        )
    checks.append(
        _rep_check(
            ("incomplete_rom", "Short of the full range", RepValue.GOAL_SHARE, Operator.BELOW,
             _SHORT_SHARE),
            "A little further, if that feels comfortable.",
            f"Less than {_SHORT_SHARE * 100:.0f} % of the way from rest to goal.",
        )
    )  # fmt: skip
    return checks


def _trunk_check(outline: Outline) -> Check:
    """Return a check that the trunk moves no more than was shown, with a margin for the camera."""
    front = outline.view is View.FRONT
    bound = 5.0 * math.ceil((outline.lean_deg + _LEAN_MARGIN_DEG) / 5.0)
    return Check(
        id="trunk_lean",
        name="Leaning with the trunk",
        measure="trunk_lean_side" if front else "trunk_lean_forward",
        operator=Operator.OUTSIDE,
        threshold=bound,
        phase=CheckPhase.EFFORT,
        severity=Severity.WARN,
        cue="Keep your trunk as it was at the start.",
        therapist=f"Trunk more than {bound:g} deg out of its posture at rest: compensation.",
        confidence=Confidence.OWN_JUDGEMENT,
        sources=_OWN,
        relative=True,
    )


def _rep_check(what: tuple[str, str, RepValue, Operator, float], cue: str, therapist: str) -> Check:
    check_id, name, value, operator, threshold = what
    mild = value in (RepValue.GOAL_SHARE, RepValue.LEFT_RIGHT_DIFFERENCE)
    return Check(
        id=check_id,
        name=name,
        measure=value,
        operator=operator,
        threshold=threshold,
        phase=CheckPhase.REP,
        severity=Severity.INFO if mild else Severity.WARN,
        cue=cue,
        therapist=therapist,
        confidence=Confidence.OWN_JUDGEMENT,
        sources=_OWN,
        views=(View.FRONT,) if value is RepValue.LEFT_RIGHT_DIFFERENCE else None,
        sustain_ms=0,
    )
