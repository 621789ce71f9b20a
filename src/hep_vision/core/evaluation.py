"""Match what was found with what is true: counts, intervals, holds and flags.

Shares are taken over sums, never as a mean of means. Intervals match one to one, best overlap
first, when their intersection over union reaches a threshold.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from hep_vision.core.types import Event, Hold, Rep, RepStatus

MATCH_IOU: Final = 0.5
BOUNDARY_IOU: Final = 0.3
"""Overlap from which the bounds of a repetition are compared; 0.5 would leave bad ones out."""
HOLD_TOLERANCE_MS: Final = 2_000
HOLD_MISSED_MS: Final = 1_000_000
"""The error of a hold that was not found, or that was found where there is none."""

Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TrueRep:
    """A repetition as a person or a construction says it was.

    Attributes:
        faults: Ids of the checks that must be flagged.
        acceptable: Ids of checks that may be flagged too, because they follow from the faults.
    """

    start_ms: int
    end_ms: int
    faults: tuple[str, ...] = ()
    acceptable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one recording.

    Attributes:
        name: The file's name.
        exercise_id: What is done in it, or None for a recording of something else.
        acceptable: Smallest and largest right count; a range where a repetition is cut off.
        reps: The repetitions, or None where only their number is known.
        holds: Timed holds, or None where they were not labelled.
        faults_known: Whether ``faults`` of the repetitions and holds are complete.
        note: Why the label or the landmarks are questionable, or None.
    """

    name: str
    exercise_id: str | None
    acceptable: tuple[int, int]
    reps: tuple[TrueRep, ...] | None = None
    holds: tuple[TrueRep, ...] | None = None
    faults_known: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """How one recording came out.

    Attributes:
        exercise_id: What it was analysed as.
        counted: Repetitions found.
        error: Distance of ``counted`` from the acceptable range, signed; 0 is right.
        relative_error: |error| over the largest acceptable count.
        matched: Repetitions whose interval was found, of ``true_reps`` and ``found_reps``.
        boundary_errors_ms: (start, end) found minus true, of each repetition found well enough.
        hold_error_ms: Largest error of start, end and duration over the holds; None without any.
        flags_hit: Planted faults flagged on their repetition.
        flags_missed: Planted faults not flagged there.
        flags_false: Flags where no such fault was planted.
    """

    name: str
    exercise_id: str
    counted: int
    acceptable: tuple[int, int]
    error: int
    matched: int
    true_reps: int
    found_reps: int
    boundary_errors_ms: tuple[tuple[int, int], ...]
    hold_error_ms: int | None
    flags_hit: tuple[str, ...]
    flags_missed: tuple[str, ...]
    flags_false: tuple[str, ...]
    note: str | None

    @property
    def relative_error(self) -> float:
        """|error| over the largest acceptable count."""
        return abs(self.error) / max(self.acceptable[1], 1)

    @property
    def right(self) -> bool:
        """Whether the count is acceptable and every hold within two seconds."""
        held = self.hold_error_ms is None or self.hold_error_ms <= HOLD_TOLERANCE_MS
        return self.error == 0 and held


def score(truth: Truth, exercise_id: str, events: Iterable[Event]) -> Score:
    """Compare the events of one recording with its truth."""
    events = list(events)
    reps = [e for e in events if isinstance(e, Rep) and e.status is RepStatus.COUNTED]
    holds = [e for e in events if isinstance(e, Hold)]
    low, high = truth.acceptable
    error = len(reps) - high if len(reps) > high else min(0, len(reps) - low)
    true, found = _spans(truth.reps or ()), _spans(reps)
    pairs = match_intervals(true, found)
    hit, missed, false = _flags(truth, reps, holds, pairs)
    return Score(
        name=truth.name,
        exercise_id=exercise_id,
        counted=len(reps),
        acceptable=truth.acceptable,
        error=error,
        matched=len(pairs),
        true_reps=len(truth.reps or ()),
        found_reps=0 if truth.reps is None else len(reps),
        boundary_errors_ms=_boundary_errors_ms(true, found),
        hold_error_ms=_hold_error_ms(truth, reps, holds),
        flags_hit=hit,
        flags_missed=missed,
        flags_false=false,
        note=truth.note,
    )


def _spans(items: Sequence[Rep | Hold | TrueRep]) -> list[Interval]:
    return [(item.start_ms, item.end_ms) for item in items]


def match_intervals(
    true: Sequence[Interval], found: Sequence[Interval], iou: float = MATCH_IOU
) -> list[tuple[int, int]]:
    """Return index pairs (true, found), one to one, best overlap first, of at least ``iou``."""
    overlaps = sorted(
        (
            (overlap(first, second), i, j)
            for i, first in enumerate(true)
            for j, second in enumerate(found)
        ),
        reverse=True,
    )
    pairs: list[tuple[int, int]] = []
    for share, i, j in overlaps:
        taken = any(i == pair[0] or j == pair[1] for pair in pairs)
        if share >= iou and not taken:
            pairs.append((i, j))
    return sorted(pairs)


def _boundary_errors_ms(
    true: Sequence[Interval], found: Sequence[Interval]
) -> tuple[tuple[int, int], ...]:
    return tuple(
        (found[j][0] - true[i][0], found[j][1] - true[i][1])
        for i, j in match_intervals(true, found, BOUNDARY_IOU)
    )


def overlap(first: Interval, second: Interval) -> float:
    """Return intersection over union of two intervals; 0 when they do not meet."""
    shared = min(first[1], second[1]) - max(first[0], second[0])
    union = max(first[1], second[1]) - min(first[0], second[0])
    return shared / union if shared > 0 else 0.0


def _flags(
    truth: Truth,
    reps: Sequence[Rep],
    holds: Sequence[Hold],
    pairs: Sequence[tuple[int, int]],
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    if not truth.faults_known:
        return (), (), ()
    planted, excused = _planted(truth)
    true_rep = {found: true for true, found in pairs}
    flagged = {
        (f"rep {true_rep[j] + 1}" if j in true_rep else f"unmatched rep {j + 1}", deviation.id)
        for j, rep in enumerate(reps)
        for deviation in rep.deviations
    }
    hold_pairs = match_intervals(_spans(truth.holds or ()), _spans(holds), iou=0.2)
    true_hold = {found: true for true, found in hold_pairs}
    flagged |= {
        (f"hold {true_hold[j] + 1}" if j in true_hold else f"unmatched hold {j + 1}", deviation.id)
        for j, hold in enumerate(holds)
        for deviation in hold.deviations
    }
    return (
        _told(planted & flagged),
        _told(planted - flagged),
        _told(flagged - planted - excused),
    )


_Flags = set[tuple[str, str]]


def _planted(truth: Truth) -> tuple[_Flags, _Flags]:
    """Return the flags that must be raised, and those that may be, as (where, check)."""
    numbered = [
        *((f"rep {i}", item) for i, item in enumerate(truth.reps or (), start=1)),
        *((f"hold {i}", item) for i, item in enumerate(truth.holds or (), start=1)),
    ]
    return (
        {(where, check) for where, item in numbered for check in item.faults},
        {(where, check) for where, item in numbered for check in item.acceptable},
    )


def _told(flags: _Flags) -> tuple[str, ...]:
    return tuple(f"{check} on {where}" for where, check in sorted(flags))


def _hold_error_ms(truth: Truth, reps: Sequence[Rep], holds: Sequence[Hold]) -> int | None:
    """Return the largest error over the true holds; a missing or invented hold is all wrong.

    Holds inside repetitions are compared by their duration, timed holds also by start and end.
    """
    if truth.holds is None or not (truth.holds or holds):
        return None
    if truth.reps:
        return max((_rep_hold_error_ms(hold, reps) for hold in truth.holds), default=None)
    if len(truth.holds) != len(holds):
        return HOLD_MISSED_MS
    return max(
        max(
            abs(found.start_ms - true.start_ms),
            abs(found.end_ms - true.end_ms),
            abs(found.counted_ms - (true.end_ms - true.start_ms)),
        )
        for true, found in zip(truth.holds, holds, strict=True)
    )


def _rep_hold_error_ms(true: TrueRep, reps: Sequence[Rep]) -> int:
    middle_ms = (true.start_ms + true.end_ms) // 2
    around = [rep for rep in reps if rep.start_ms <= middle_ms < rep.end_ms]
    if not around:
        return HOLD_MISSED_MS
    return abs(around[0].hold_ms - (true.end_ms - true.start_ms))


@dataclass(frozen=True, slots=True)
class Totals:
    """Scores of one exercise, added up."""

    cases: int
    exact: int
    within_one: int
    relative_error_sum: float
    matched: int
    true_reps: int
    found_reps: int
    false_counts: int
    boundary_errors_ms: tuple[tuple[int, int], ...]

    @property
    def exact_share(self) -> float:
        """Share of recordings whose count is acceptable."""
        return self.exact / self.cases

    @property
    def within_one_share(self) -> float:
        """Share of recordings at most one off the acceptable range."""
        return self.within_one / self.cases

    @property
    def mean_relative_error(self) -> float:
        """Mean of |error| / count."""
        return self.relative_error_sum / self.cases

    @property
    def interval_f1(self) -> float | None:
        """F1 of repetition intervals; None where none are labelled."""
        total = self.true_reps + self.found_reps
        return 2.0 * self.matched / total if total else None

    @property
    def median_boundary_error_ms(self) -> tuple[float, float] | None:
        """Median |error| of start and of end; None where no bounds could be compared."""
        if not self.boundary_errors_ms:
            return None
        starts, ends = zip(*self.boundary_errors_ms, strict=True)
        return median(map(abs, starts)), median(map(abs, ends))


def add_up(scores: Sequence[Score]) -> Totals:
    """Return the totals of at least one score."""
    return Totals(
        cases=len(scores),
        exact=sum(item.right for item in scores),
        within_one=sum(abs(item.error) <= 1 for item in scores),
        relative_error_sum=sum(item.relative_error for item in scores),
        matched=sum(item.matched for item in scores),
        true_reps=sum(item.true_reps for item in scores),
        found_reps=sum(item.found_reps for item in scores),
        false_counts=sum(max(item.error, 0) for item in scores),
        boundary_errors_ms=tuple(pair for item in scores for pair in item.boundary_errors_ms),
    )
