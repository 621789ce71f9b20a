"""Which exercise a recording shows, or that this cannot be told.

Every exercise that could be in the recording is counted (`hep_vision.core.evidence`), and what came
of each is weighed into one number, its weight of evidence. "None of them" always stands beside them
with a weight of 0. The share of an exercise in the sum of all (each to the power of e) is how sure
it is: two exercises that fit alike share it, and where nothing fits, "none" has it. Below
`SURE` nothing is proposed, because a wrong exercise in the log is worse than a question.

Exercises that one camera does not tell apart are one answer with several names; see `ALIKE`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.evidence import Body, Evidence, gather, likeliest, measure_body, possible
from hep_vision.core.types import PoseFrame

ALIKE: Final = (
    (
        ("squat", "mini_squat", "sit_to_stand"),
        "hips and knees bend and straighten over feet that stay, to another depth or on a chair",
    ),
    (
        ("standing_march", "high_knees"),
        "the same lift of the knee in turn, to another height and in another tempo",
    ),
    (
        ("shoulder_scaption", "shoulder_abduction_raise"),
        "planes 30 to 40 degrees apart, which one camera sees as a somewhat shorter arm",
    ),
)
"""Exercises that are not told apart from where they are filmed, and why."""

SURE: Final = 0.9
"""Own judgement: 0.85 was enough where the weights were chosen, but let four wrong proposals pass
in 347 recordings and figures, most of them new; 0.9 lets one."""
FEWEST: Final = 2
"""Repetitions that make a set; what is done once may be anything."""
SHORTEST_MS: Final = 3_000
"""Of a recording in which two repetitions can be seen at all."""
_SHOWN: Final = 5
_MOST_COUNTED: Final = 12
"""Exercises that are counted; in 82 of 84 recordings and figures what was done was among them."""


@dataclass(frozen=True, slots=True)
class _Weights:
    """What each sign weighs; see ``docs/recognition.md`` for where the numbers come from."""

    repetition: float
    number: float
    left_out: float
    covered: float
    mismatch: float
    mismatch_whole: float
    distance: float
    twin: float
    hold: float
    moving: float
    held: float


_WEIGHTS: Final = _Weights(
    repetition=-0.4,
    number=3.0,
    left_out=-1.3,
    covered=0.4,
    mismatch=-2.3,
    mismatch_whole=-2.3,
    distance=-0.9,
    twin=-2.0,
    hold=0.2,
    moving=-1.0,
    held=1.2,
)
_STRANGE: Final = 1.2
"""Mismatch of a body of which nothing is seen, or of an exercise without a motion: the largest
that counts at all."""
_USUAL_DISTANCE: Final = 0.5
_MANY: Final = 6
_LONG_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """One exercise that a recording may show.

    Attributes:
        confidence: Its own share of the evidence, 0..1.
        counted: Repetitions, or holds of a timed one, that were found with it.
        alike: Ids of the exercises that one camera does not tell from it.
    """

    exercise_id: str
    name: str
    confidence: float
    counted: int
    alike: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a recording shows.

    Attributes:
        best: What is proposed; None where it is unknown.
        confidence: How sure the proposal is, with all that are not told from it, 0..1; where
            nothing is proposed, how sure the nearest would have been.
        proposals: The nearest, best first; what was not found at all is not among them.
        reason: Why it is unknown, in words; None where something is proposed.
    """

    best: Proposal | None
    confidence: float
    proposals: tuple[Proposal, ...]
    reason: str | None


def recognise_exercise(
    poses: Iterable[PoseFrame], definitions: Sequence[ExerciseDefinition]
) -> Recognition:
    """Return which of some exercises a recording shows, or that it is unknown, and why.

    Args:
        poses: The recording, in time order.
        definitions: The exercises that it could be; those that a person times are never proposed.
    """
    judged = [one for one in definitions if one.kind is not Kind.SELF_TIMED]
    body = measure_body(poses, judged)
    unusable = _unusable(body)
    if unusable is not None:
        return Recognition(None, 0.0, (), unusable)
    could_be = likeliest(body, [one for one in judged if possible(body, one)], _MOST_COUNTED)
    return weigh([gather(body, one) for one in could_be])


def _unusable(body: Body) -> str | None:
    if not body.seen.any():
        return "nobody was seen in it"
    first, last = body.time_ms[body.seen][[0, -1]]
    if last - first < SHORTEST_MS:
        return f"somebody is seen for less than {SHORTEST_MS // 1000} seconds"
    return None


def weigh(found: Iterable[Evidence]) -> Recognition:
    """Return what the evidence for every exercise comes to."""
    weighed = [(one, weight) for one in found if (weight := _weight(one)) is not None]
    # "None of them" weighs 0; the largest is taken off so that no power overflows.
    largest = max([0.0, *(weight for _, weight in weighed)])
    total = math.exp(-largest) + sum(math.exp(weight - largest) for _, weight in weighed)
    proposals = sorted(
        (_proposal(one, math.exp(weight - largest) / total) for one, weight in weighed),
        key=lambda one: (-one.confidence, one.exercise_id),
    )
    if not proposals:
        return Recognition(None, 0.0, (), "no exercise was seen at least twice, and no hold")
    best = proposals[0]
    together = (one for one in proposals if one is best or one.exercise_id in best.alike)
    confidence = sum(one.confidence for one in together)
    shown = tuple(proposals[:_SHOWN])
    if confidence >= SURE:
        return Recognition(best, confidence, shown, None)
    others = [one for one in proposals[1:] if one.exercise_id not in best.alike]
    several = bool(others) and confidence + others[0].confidence >= SURE
    reason = "it could be more than one" if several else "nothing is like it clearly enough"
    return Recognition(None, confidence, shown, reason)


def _proposal(found: Evidence, share: float) -> Proposal:
    own = found.definition
    alike = next((ids for ids, _ in ALIKE if own.id in ids), ())
    others = tuple(other for other in alike if other != own.id)
    return Proposal(own.id, own.name, share, found.counted, others)


def _weight(found: Evidence) -> float | None:
    """Return the weight of evidence; None where there is no set and no hold."""
    if found.definition.kind is Kind.TIMED_HOLD:
        return _weight_of_hold(found) if found.counted else None
    if found.counted < FEWEST:
        return None
    whole = found.mismatch_whole if not np.isnan(found.mismatch_whole) else _STRANGE
    own = found.mismatch if not np.isnan(found.mismatch) else whole
    distance = found.distance if not np.isnan(found.distance) else _USUAL_DISTANCE
    twin = found.twin if not np.isnan(found.twin) else 1.0
    return (
        _WEIGHTS.repetition
        + _WEIGHTS.number * math.log(min(found.counted, _MANY))
        + _WEIGHTS.left_out * found.left_out / (found.counted + found.left_out)
        + _WEIGHTS.covered * found.covered
        + _WEIGHTS.mismatch * min(own, 2.0)
        + _WEIGHTS.mismatch_whole * min(whole, 2.0)
        + _WEIGHTS.distance * distance
        + _WEIGHTS.twin * min(twin, 1.0)
    )


def _weight_of_hold(found: Evidence) -> float:
    held = min(max(found.held_ms, 500), 3 * _LONG_MS) / _LONG_MS
    return _WEIGHTS.hold + _WEIGHTS.moving * found.moving + _WEIGHTS.held * math.log(held)
