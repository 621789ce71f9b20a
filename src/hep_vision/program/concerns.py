"""What a therapist has to see first, and why: plain values in, plain values out.

    found = concerns(sittings, since)       # the most urgent first, then the newest

Nothing here diagnoses: each concern says what was told or seen, with its evidence, and leaves the
judgement to the therapist. `Kind` is the order of urgency, which is our own judgement; the sources
of the figures are in docs/sources.md.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from math import sqrt
from statistics import median
from typing import Final

from hep_vision.core.form import OVER_LIMIT
from hep_vision.core.pain import PainZones, Zone
from hep_vision.core.types import ReportKind, Severity, StopReason

FEWEST_SITTINGS: Final = 4
MOST_SITTINGS: Final = 8
SMALLEST_RISE: Final = 2.0
"""Points of the scale: about the smallest change that matters to patients (FARRAR2001, CHILDS2005).
"""
_SURE_Z: Final = 2.326  # one-sided, 1 in 100
_EARLY_Z: Final = 1.645  # 5 in 100: below six sittings no row at all is surer than that
_EARLY: Final = 6
RUNNING: Final = 3
FAULTY_SHARE: Final = 0.5


class Kind(StrEnum):
    """Why something is shown, the most urgent first."""

    RED_PAIN = "red_pain"
    STOPPED_FOR_PAIN = "stopped_for_pain"
    RISING_PAIN = "rising_pain"
    NOT_SETTLED = "not_settled"
    OVER_LIMIT = "over_limit"
    SAME_DEVIATION = "same_deviation"
    MESSAGE = "message"
    UNCERTAIN_COUNT = "uncertain_count"


_URGENCY: Final = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Said:
    """One score that a patient told, 0 to 10.

    Attributes:
        kind: What was asked.
        value: The score.
        at: When it was told.
        exercise_id: The exercise it is about; None for the whole sitting.
    """

    kind: ReportKind
    value: int
    at: datetime
    exercise_id: str | None = None


@dataclass(frozen=True, slots=True)
class Faulty:
    """How many repetitions, or holds, had one form deviation.

    Attributes:
        check_id: Which deviation.
        severity: How much it matters.
        counted: Of those that counted.
        total: Of all, for the safety maximum.
    """

    check_id: str
    severity: Severity
    counted: int
    total: int


@dataclass(frozen=True, slots=True)
class Exercised:
    """One exercise of a sitting, over all its sets.

    Attributes:
        exercise_id: Which.
        counted: Repetitions, or holds, that counted.
        faulty: The form deviations seen.
        uncertain: Sets of which the count is uncertain.
    """

    exercise_id: str
    counted: int
    faulty: tuple[Faulty, ...] = ()
    uncertain: int = 0


@dataclass(frozen=True, slots=True)
class Sat:
    """One sitting.

    Attributes:
        sitting_id: Its id.
        at: When it began, with its offset from UTC.
        said: What the patient told, in that order.
        exercises: What was done.
        stop_reason: Why it ended early, if that was said.
        message: For the therapist; None where there is none, or it was read.
        zones: Limits of the pain rule that held.
    """

    sitting_id: str
    at: datetime
    said: tuple[Said, ...] = ()
    exercises: tuple[Exercised, ...] = ()
    stop_reason: StopReason | None = None
    message: str | None = None
    zones: PainZones = PainZones()  # noqa: RUF009 -- frozen

    def told(self, kind: ReportKind, exercise_id: str | None = None) -> int | None:
        """Return the score told last of this kind and exercise; None where none was."""
        values = [
            one.value for one in self.said if (one.kind, one.exercise_id) == (kind, exercise_id)
        ]
        return values[-1] if values else None

    @property
    def worst_after(self) -> int | None:
        """The highest score that holds after exercise, of any exercise; None where none was."""
        about = {one.exercise_id for one in self.said}
        values = [self.told(ReportKind.PAIN_AFTER, one) for one in about]
        return max((value for value in values if value is not None), default=None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that a concern rests on.

    Attributes:
        sitting_id: Where it is in the log.
        at: When it was told or done, with its offset from UTC.
        what: In a few words: "after squat", "6 of 10".
        value: The score, or the number of repetitions or sets; None where there is no number.
    """

    sitting_id: str
    at: datetime
    what: str
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that a therapist has to see.

    Attributes:
        kind: Why.
        at: When the newest of its evidence was told or done.
        sentence: What it is, in one plain sentence.
        evidence: What it rests on, in time order.
        exercise_id: The exercise it is about; None for the whole sitting.
        message: What the patient wrote, where it is about that.
    """

    kind: Kind
    at: datetime
    sentence: str
    evidence: tuple[Evidence, ...]
    exercise_id: str | None = None
    message: str | None = None


def concerns(sittings: Sequence[Sat], since: datetime) -> list[Concern]:
    """Return what has to be seen, the most urgent kind first, then the newest first.

    Args:
        sittings: In any order; those before ``since`` only serve to see a rise or a row.
        since: Only what was told or done from this moment on, with its offset from UTC.
    """
    ordered = sorted(sittings, key=lambda one: one.at)
    every = (
        *(found for one in ordered for found in _of_one(one)),
        *_rising(ordered),
        *_of_exercises(ordered, since),
    )
    recent = [one for one in every if one.at >= since]
    newest_first = sorted(recent, key=lambda one: one.at, reverse=True)
    return sorted(newest_first, key=lambda one: _URGENCY[one.kind])


# -- one sitting -----------------------------------------------------------------------------------


def _of_one(sat: Sat) -> Iterator[Concern]:
    # A score that was mended is still shown: better one too many than a red one unseen.
    red = [one for one in sat.said if _is_pain(one) and sat.zones.zone(one.value) is Zone.RED]
    if red:
        told = ", ".join(f"{one.value} {_when(one)}" for one in red)
        evidence = tuple(Evidence(sat.sitting_id, one.at, _when(one), one.value) for one in red)
        about = {one.exercise_id for one in red}
        yield Concern(
            Kind.RED_PAIN,
            max(one.at for one in red),
            f"Pain in the red zone (from {sat.zones.red_from}): {told}.",
            evidence,
            about.pop() if len(about) == 1 else None,
        )
    if sat.stop_reason is StopReason.PAIN:
        yield _single(Kind.STOPPED_FOR_PAIN, sat, "Stopped early because of pain.", "stopped")
    yield from _not_settled(sat)
    if sat.message:
        words = " / ".join(sat.message.splitlines())
        wrote = _single(Kind.MESSAGE, sat, f"Wrote: {words}", "message")
        yield replace(wrote, message=sat.message)
    uncertain = [one for one in sat.exercises if one.uncertain]
    if uncertain:
        names = ", ".join(one.exercise_id for one in uncertain)
        sets = sum(one.uncertain for one in uncertain)
        sentence = f"The count is uncertain: {names}."
        yield _single(Kind.UNCERTAIN_COUNT, sat, sentence, "uncertain sets", sets)


def _not_settled(sat: Sat) -> Iterator[Concern]:
    before = sat.told(ReportKind.PAIN_BEFORE)
    mornings = [one for one in sat.said if one.kind is ReportKind.PAIN_NEXT_MORNING]
    # A point up or down is within what the same pain is told as on two days.
    if before is None or not mornings or mornings[-1].value < before + SMALLEST_RISE:
        return
    morning = mornings[-1]
    yield Concern(
        Kind.NOT_SETTLED,
        morning.at,
        f"Pain had not settled by the next morning: {before} before, {morning.value} then.",
        (
            Evidence(sat.sitting_id, sat.at, "before", before),
            Evidence(sat.sitting_id, morning.at, "next morning", morning.value),
        ),
        morning.exercise_id,
    )


def _single(kind: Kind, sat: Sat, sentence: str, what: str, value: int | None = None) -> Concern:
    return Concern(kind, sat.at, sentence, (Evidence(sat.sitting_id, sat.at, what, value),))


def _is_pain(said: Said) -> bool:
    return said.kind is not ReportKind.EFFORT


_WHEN: Final = {
    ReportKind.PAIN_BEFORE: "before",
    ReportKind.PAIN_AFTER: "after",
    ReportKind.PAIN_NEXT_MORNING: "next morning",
}


def _when(said: Said) -> str:
    about = f" {said.exercise_id}" if said.exercise_id is not None else ""
    return f"{_WHEN[said.kind]}{about}"


# -- rising pain -----------------------------------------------------------------------------------


def rise(values: Sequence[int]) -> float | None:
    """Return how many points the pain rose over sittings; None where it did not for certain.

    Mann-Kendall says whether it rises at all (one-sided, 1 in 100, below six scores 5 in 100; ties
    and continuity corrected), Theil-Sen by how much: the median slope over the whole, and no more
    than between the lowest and the highest score. Both rest on ranks and medians, so one odd day
    does not make a rise.

    Args:
        values: Scores of sittings, in their order; the last `MOST_SITTINGS` are looked at.

    Returns:
        At least `SMALLEST_RISE`, or None; always None below `FEWEST_SITTINGS` scores.
    """
    last = values[-MOST_SITTINGS:]
    sure_z = _EARLY_Z if len(last) < _EARLY else _SURE_Z
    if len(last) < FEWEST_SITTINGS or _mann_kendall_z(last) < sure_z:
        return None
    pairs = combinations(range(len(last)), 2)
    slope = median((last[late] - last[early]) / (late - early) for early, late in pairs)
    points = min(slope * (len(last) - 1), float(max(last) - min(last)))
    return points if points >= SMALLEST_RISE else None


def _mann_kendall_z(values: Sequence[int]) -> float:
    """Return the normal score of a monotone trend; 0 where all values are alike."""
    n = len(values)
    s = sum((late > early) - (late < early) for early, late in combinations(values, 2))
    ties = [values.count(value) for value in set(values)]
    spread = n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)
    if not s or not spread:
        return 0.0
    return (s - (1 if s > 0 else -1)) / sqrt(spread / 18)


def _rising(ordered: Sequence[Sat]) -> Iterator[Concern]:
    """Yield the exercises after which pain rises; else the sitting; else the pain before it."""
    exercises = dict.fromkeys(
        said.exercise_id for sat in ordered for said in sat.said if said.exercise_id is not None
    )
    found = [
        rising
        for one in exercises
        if (rising := _rise_of(ordered, _after_exercise(one), f"after {one}", one)) is not None
    ]
    if not found:
        whole = _rise_of(ordered, lambda sat: sat.worst_after, "after", None)
        found = [whole] if whole is not None else []
    if not found:
        before = _rise_of(ordered, lambda sat: sat.told(ReportKind.PAIN_BEFORE), "before", None)
        found = [before] if before is not None else []
    yield from found


def _after_exercise(exercise_id: str) -> Callable[[Sat], int | None]:
    return lambda sat: sat.told(ReportKind.PAIN_AFTER, exercise_id)


def _rise_of(
    ordered: Sequence[Sat],
    score: Callable[[Sat], int | None],
    what: str,
    exercise_id: str | None,
) -> Concern | None:
    told = [(sat, value) for sat in ordered if (value := score(sat)) is not None][-MOST_SITTINGS:]
    values = [value for _, value in told]
    if rise(values) is None:
        return None
    row = ", ".join(map(str, values))
    return Concern(
        Kind.RISING_PAIN,
        told[-1][0].at,
        f"Pain {what} is rising over {len(values)} sittings: {row}.",
        tuple(Evidence(sat.sitting_id, sat.at, what, value) for sat, value in told),
        exercise_id,
    )


# -- one exercise over sittings --------------------------------------------------------------------


def _of_exercises(ordered: Sequence[Sat], since: datetime) -> Iterator[Concern]:
    done: dict[str, list[tuple[Sat, Exercised]]] = {}
    for sat in ordered:
        for one in sat.exercises:
            done.setdefault(one.exercise_id, []).append((sat, one))
    for exercise_id, rows in done.items():
        yield from _over_limit(exercise_id, [row for row in rows if row[0].at >= since])
        yield from _same_deviation(exercise_id, rows)


def _over_limit(exercise_id: str, rows: Sequence[tuple[Sat, Exercised]]) -> Iterator[Concern]:
    beyond = [
        (sat, sum(one.total for one in exercised.faulty if one.check_id == OVER_LIMIT))
        for sat, exercised in rows
    ]
    evidence = tuple(
        Evidence(sat.sitting_id, sat.at, "beyond the safety limit", times)
        for sat, times in beyond
        if times
    )
    if evidence:
        times = sum(one.value or 0 for one in evidence)
        yield Concern(
            Kind.OVER_LIMIT,
            evidence[-1].at,
            f"{exercise_id}: beyond the safety limit {_often(times, 'time')} in "
            f"{_often(len(evidence), 'sitting')}.",
            evidence,
            exercise_id,
        )


def _same_deviation(exercise_id: str, rows: Sequence[tuple[Sat, Exercised]]) -> Iterator[Concern]:
    judged = [row for row in rows if row[1].counted]  # without a repetition there is nothing to see
    for check_id in dict.fromkeys(one.check_id for _, done in judged[-1:] for one in done.faulty):
        evidence: list[Evidence] = []
        for sat, done in reversed(judged):
            faulty = _faulty(done, check_id)
            if faulty < FAULTY_SHARE * done.counted or not faulty:
                break
            what = f"{faulty} of {done.counted}"
            evidence.append(Evidence(sat.sitting_id, sat.at, what, faulty))
        if len(evidence) >= RUNNING:
            yield Concern(
                Kind.SAME_DEVIATION,
                evidence[0].at,
                f"{exercise_id}: {check_id} on {evidence[0].what}, {len(evidence)} sittings "
                "running.",
                tuple(reversed(evidence)),
                exercise_id,
            )


def _faulty(done: Exercised, check_id: str) -> int:
    """Return the counted repetitions with a deviation that matters; the limit is told apart."""
    matters = (Severity.WARN, Severity.STOP)
    found = [one for one in done.faulty if one.check_id == check_id and check_id != OVER_LIMIT]
    return sum(one.counted for one in found if one.severity in matters)


def _often(times: int, noun: str) -> str:
    return f"{times} {noun}" if times == 1 else f"{times} {noun}s"
