"""A second count of a set, offline, from its landmarks alone: does it agree with the first?

The live count cannot look ahead; this one sees the whole set at once and goes another way. It has
no phase machine, no guards, no causal filter: one view, one scale and one facing for the set, the
measure on an even grid, a filter without delay, and the peaks that stand out from it. What both
share is the landmarks, who of those in the picture is the patient, the measures, and the limits of
view and visibility, so they can fail together: agreement is no proof, disagreement is a reason to
look.

What is compared. The live count also reports excursions that it left out, with their reason. Each
of those accounts for one peak of the recount at most, so that a movement rightly left out raises no
doubt, while five peaks inside one excursion that "did not return" do. Excursions rejected between
the first and the last counted repetition account for none: before and after a set people set up
and walk away, but in the middle of it what is as large as a repetition mostly is one (so it was
on the development tracks). What is left is compared with the counted repetitions; one
more or less is common at the ends of a set and no doubt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.definition import CompletesAt, ExerciseDefinition, Kind
from hep_vision.core.types import Event, FloatArray, Rep, RepStatus, Side
from hep_vision.core.whole_set import (
    GRID_MS,
    LandmarkSeries,
    WholeSet,
    counted_values,
    low_pass,
    patient_in,
)

_CUTOFF_HZ: Final = 3.0
"""Above the fastest repetitions met, 0.6 s each, and below the tremble of landmarks."""
_GAP_MS: Final = 1_500
"""The longest gap that is bridged, as in the live count: behind it nothing is known."""
_USUAL_SHARE: Final = 0.45
"""Of the median prominence; counts a tired repetition, not a bob. Chosen on development tracks."""
_TOLERANCE: Final = 1


@dataclass(frozen=True, slots=True)
class Audit:
    """What the second count came to.

    Attributes:
        recount: Repetitions found, without those that the live count explains having left out.
        uncertain: Whether it differs from the live count by more than one.
    """

    recount: int
    uncertain: bool


def audit_set(
    definition: ExerciseDefinition,
    landmarks: LandmarkSeries,
    events: Iterable[Event],
    side: Side | None = None,
) -> Audit | None:
    """Count a set again and compare; see the module for the rule.

    Args:
        definition: The exercise.
        landmarks: The whole set.
        events: What the live count made of it.
        side: The side that was prescribed, or None.

    Returns:
        None where there is nothing to recount: a timed hold, or a trunk that was never seen.
    """
    peaks_ms = recount_ms(definition, landmarks, side)
    if peaks_ms is None:
        return None
    reps = [event for event in events if isinstance(event, Rep)]
    counted = sum(rep.status is RepStatus.COUNTED for rep in reps)
    recount = len(_unexplained(peaks_ms, reps))
    return Audit(recount, abs(recount - counted) > _TOLERANCE)


def _unexplained(peaks_ms: Sequence[int], reps: Sequence[Rep]) -> list[int]:
    """Return the peaks without one for each excursion that was left out and accounts for it."""
    starts_ms = [rep.start_ms for rep in reps if rep.status is RepStatus.COUNTED]
    rest_ms = list(peaks_ms)
    for rep in reps:
        within = bool(starts_ms) and starts_ms[0] < rep.start_ms < starts_ms[-1]
        doubted = rep.status is RepStatus.REJECTED and within
        if rep.status is RepStatus.COUNTED or doubted:
            continue
        held_ms = next((ms for ms in rest_ms if rep.start_ms <= ms < rep.end_ms), None)
        if held_ms is not None:
            rest_ms.remove(held_ms)
    return rest_ms


def doubt(audit: Audit | None) -> tuple[str, ...]:
    """Return the line that tells a person of an uncertain count, or nothing."""
    if audit is None or not audit.uncertain:
        return ()
    return (
        f"This count is uncertain: counting again another way gave {audit.recount}. "
        "Please check it against the recording.",
    )


def recount_ms(
    definition: ExerciseDefinition, landmarks: LandmarkSeries, side: Side | None = None
) -> list[int] | None:
    """Return the moments of the peaks of the counted measure, in time order.

    None for a timed hold, and where no trunk or no signal for the view of the set was seen.
    """
    if definition.kind is Kind.TIMED_HOLD:
        return None
    landmarks = patient_in(landmarks)
    body = WholeSet.of(landmarks)
    signal = next((item for item in definition.count if body.view in item.views), None)
    if signal is None:
        return None
    prescribed = side if side is not Side.BOTH else None
    values = counted_values(signal, body, landmarks, prescribed)
    segments = _segments(landmarks.timestamp_ms, values)
    if segments and definition.completes_at is CompletesAt.PEAK:
        # Done at the extreme: the return that the recording does not show is not asked for.
        start_ms, last = segments[-1]
        segments[-1] = (start_ms, np.append(last, last.min()))
    return _peaks_ms(segments, signal.minimum_rom, definition.timing.min_rep_ms)


def _segments(time_ms: NDArray[np.int64], values: FloatArray) -> list[tuple[int, FloatArray]]:
    """Return the smoothed signal between its long gaps: (first moment, values on the grid)."""
    known = np.isfinite(values)
    time_ms, values = time_ms[known], values[known]
    cuts = np.flatnonzero(np.diff(time_ms) > _GAP_MS) + 1
    segments = []
    for part_ms, part in zip(np.split(time_ms, cuts), np.split(values, cuts), strict=True):
        if len(part) < 2:
            continue
        grid_ms = np.arange(part_ms[0], part_ms[-1] + 1, GRID_MS)
        segments.append((int(part_ms[0]), low_pass(np.interp(grid_ms, part_ms, part), _CUTOFF_HZ)))
    return segments


def _peaks_ms(
    segments: list[tuple[int, FloatArray]], minimum_rom: float, min_rep_ms: int
) -> list[int]:
    """Return the moments of the peaks that stand out as a repetition does, in time order."""
    found = [
        (start_ms + GRID_MS * index, height, prominence)
        for start_ms, values in segments
        for index, height, prominence in _prominent(values, minimum_rom)
    ]
    if not found:
        return []
    usual = float(np.median([prominence for _, _, prominence in found]))
    found = [peak for peak in found if peak[2] >= _USUAL_SHARE * usual]
    kept: list[int] = []
    for peak_ms, _, _ in sorted(found, key=lambda peak: -peak[1]):
        if all(abs(peak_ms - other_ms) >= min_rep_ms for other_ms in kept):
            kept.append(peak_ms)
    return sorted(kept)


def _prominent(values: FloatArray, minimum: float) -> list[tuple[int, float, float]]:
    """Return (index, height, prominence) of the peaks that stand out by at least ``minimum``.

    The prominence is the smaller of the ways down to either side, before a higher peak or an end.
    """
    inner = values[1:-1]
    tops = np.flatnonzero((values[:-2] < inner) & (inner >= values[2:])) + 1
    found = []
    for top in tops.tolist():
        height = float(values[top])
        higher = np.flatnonzero(values > height)
        place = int(np.searchsorted(higher, top))
        start = int(higher[place - 1]) + 1 if place else 0
        end = int(higher[place]) if place < len(higher) else len(values)
        base = max(values[start : top + 1].min(), values[top:end].min())
        if height - base >= minimum:
            found.append((top, height, float(height - base)))
    return found
