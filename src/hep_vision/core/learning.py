"""Learn from a demonstration what is to be counted: find the movement that repeats.

    measures -> candidate signals -> excursions that repeat -> scores -> the best

A candidate is looked at from the largest scale down until it makes the demonstrated number of
consecutive excursions that are alike: the same size, the same duration, from the same level. It
scores by how alike and how smooth they are, how large against noise and against the measure's own
uncertainty, how well they are seen, how clearly the body rests between them, and by how many other
measures see the same repetitions. Among what moves alike, a joint angle is preferred to a height
and a height to a place, because people understand it best.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hep_vision.core.candidates import (
    STEP_MS,
    BoolArray,
    Candidate,
    Measured,
    activity,
    candidates,
)
from hep_vision.core.definition import Combine
from hep_vision.core.measures import MEASURES, PLACES
from hep_vision.core.swings import (
    ALIKE_DURATION,
    ALIKE_ROM,
    Swing,
    first_run,
    staying,
    swings,
)
from hep_vision.core.types import FloatArray, Side, View

_LADDER: Final = 0.8
_FLOOR_UNCERTAINTIES: Final = 0.7
_FLOOR_NOISES: Final = 6.0
_WAVE_POINTS: Final = 40
_BOTH_SIDES_SHARE: Final = 0.6
_PERIPHERAL: Final = frozenset({"ELBOW", "WRIST", "EAR", "HEEL", "FOOT_INDEX"})
_BODY_SCORE_SHARE: Final = 0.95
_BODY_SIZE: Final = 0.7
_SAME_PEAK_SHARE: Final = 0.3
_SAME_REPS_SHARE: Final = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A candidate that repeats.

    Attributes:
        candidate: The signal.
        reps: The demonstrated repetitions.
        qualities: What it scores for, by name, each 0..1.
        score: All of them together, 0..1.
    """

    candidate: Candidate
    reps: tuple[Swing, ...]
    all_reps: tuple[Swing, ...]
    qualities: dict[str, float]
    score: float = 0.0

    @property
    def rom(self) -> float:
        """Median range of the demonstrated repetitions."""
        return float(np.median([rep.rom for rep in self.reps]))

    @property
    def span_ms(self) -> tuple[float, float]:
        """From the start of the first to the end of the last."""
        return self.reps[0].start_ms, self.reps[-1].end_ms


def find_movements(measured: Measured, reps: int, side: Side | None = None) -> list[Found]:
    """Return every signal that repeats, the best first.

    Args:
        measured: The recording.
        reps: How many repetitions are the demonstration, 2 or more.
        side: The side that works, or both, or None to find out.
    """
    scene = _Scene(measured, activity(measured))
    found = [
        movement
        for candidate in candidates(measured, side)
        if (movement := _movement(candidate, scene, reps)) is not None
    ]
    ranked = sorted(map(_scored, _with_support(found)), key=lambda item: -item.score)
    return _body_before_limbs(ranked)


def _body_before_limbs(ranked: list[Found]) -> list[Found]:
    """Put a movement of legs or trunk before that of arms or feet in the same repetitions.

    Arms and feet go along with most exercises, each person's in their own way; legs with none.
    """
    if not ranked or not is_peripheral(ranked[0]):
        return ranked
    for item in ranked:
        clear = item.qualities["size"] >= _BODY_SIZE
        near = item.score >= _BODY_SCORE_SHARE * ranked[0].score
        if near and clear and not is_peripheral(item) and same_reps(ranked[0], item):
            return [item, *(other for other in ranked if other is not item)]
    return ranked


def is_peripheral(found: Found) -> bool:
    """Return whether arms, head or feet are what moves, rather than the trunk or the legs."""
    return bool(_PERIPHERAL & set(MEASURES[found.candidate.measure].landmarks))


def same_reps(first: Found, second: Found) -> bool:
    """Return whether two signals see the same repetitions, most of them at the same moments."""
    peaks = np.array([rep.peak_ms for rep in second.all_reps])
    apart = []
    for rep in first.all_reps:
        inside = peaks[(peaks >= rep.start_ms) & (peaks <= rep.end_ms)]
        one = len(inside) == 1
        apart.append(abs(inside[0] - rep.peak_ms) / rep.duration_ms if one else math.inf)
    return float(np.quantile(apart, _SAME_REPS_SHARE, method="higher")) <= _SAME_PEAK_SHARE


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """What all candidates share: the recording, and how much the body moves when."""

    measured: Measured
    activity: FloatArray

    def view_of(self, run: Sequence[Swing]) -> View:
        """Return where the camera stood for these repetitions."""
        return self.measured.view(run[0].start_ms, run[-1].end_ms)


def _movement(candidate: Candidate, scene: _Scene, reps: int) -> Found | None:
    """Return the demonstration as a candidate sees it; None where nothing repeats."""
    smooth = candidate.smooth
    low, high = np.percentile(smooth, [1.0, 99.0])
    floor = max(
        _FLOOR_UNCERTAINTIES * MEASURES[candidate.measure].uncertainty,
        _FLOOR_NOISES * candidate.noise,
    )
    swing = 0.95 * float(high - low)
    while swing >= floor:
        every, run = _demonstration(candidate, scene, swing, reps)
        if run is not None:
            # Earlier repetitions may have been a little smaller than the scale that found these.
            smaller = 0.5 * float(np.median([rep.rom for rep in run]))
            all_reps, first = _demonstration(candidate, scene, smaller, reps)
            if first is not None:
                every, run = all_reps, first
            return Found(candidate, run, tuple(every), _qualities(candidate, scene, run, every))
        swing *= _LADDER
    return None


def _demonstration(
    candidate: Candidate, scene: _Scene, swing: float, reps: int
) -> tuple[list[Swing], tuple[Swing, ...] | None]:
    """Return all repetitions of a size, and the demonstration if a view shows the measure there."""
    every = staying(swings(candidate, swing), scene.measured)
    run = first_run(every, reps)
    shown = run is not None and scene.view_of(run) in MEASURES[candidate.measure].views
    return every, run if shown else None


# -- scores ---------------------------------------------------------------------------------------

# Own judgement, tried on half of the people of published recordings; see benchmarks/learning.py.
# Size weighs most: what moves far beyond the error of its measure is what was meant.
_WEIGHTS: Final = {
    "size": 3.5,
    "noise": 0.5,
    "shape": 1.0,
    "even": 0.5,
    "steady": 1.0,
    "smooth": 1.0,
    "seen": 1.0,
    "rest": 1.5,
    "cover": 1.5,
    "first": 1.0,
    "support": 1.0,
    "kind": 2.0,
    "sides": 1.0,
}


def _scored(found: Found) -> Found:
    logs = sum(
        weight * math.log(max(found.qualities[name], 1e-3)) for name, weight in _WEIGHTS.items()
    )
    return replace(found, score=math.exp(logs / sum(_WEIGHTS.values())))


def _qualities(
    candidate: Candidate, scene: _Scene, run: Sequence[Swing], every: Sequence[Swing]
) -> dict[str, float]:
    roms = np.array([item.rom for item in run])
    rom = float(np.median(roms))
    uncertainties = rom / MEASURES[candidate.measure].uncertainty_from(scene.view_of(run))
    noises = rom / max(candidate.noise, 1e-6)
    inside = (candidate.time_ms >= run[0].start_ms) & (candidate.time_ms <= run[-1].end_ms)
    way = float(np.abs(np.diff(candidate.smooth[inside])).sum())
    return {
        "size": uncertainties / (uncertainties + 3.0),
        "noise": noises / (noises + 20.0),
        "shape": _likeness(candidate, run),
        "even": float(np.clip(1.0 - np.ptp(roms) / (2.0 * rom), 0.0, 1.0)),
        "steady": _steadiness(every, run),
        "smooth": min(1.0, 2.0 * float(roms.sum()) / max(way, 1e-9)),
        "seen": float(candidate.known[inside].mean()),
        "rest": _restfulness(candidate, every, rom),
        "cover": _cover(candidate, scene, every),
        "first": _firstness(candidate, scene, run, every),
        "kind": _explainability(candidate),
        "sides": _side_fit(candidate, scene.measured, run),
    }


def _likeness(candidate: Candidate, run: Sequence[Swing]) -> float:
    """Return how alike the courses are, 1 = the same; each brought to one length and height."""
    waves = []
    for item in run:
        at_ms = np.linspace(item.start_ms, item.end_ms, _WAVE_POINTS)
        course = np.interp(at_ms, candidate.time_ms, candidate.smooth)
        waves.append((course - item.rest) / item.rom)
    apart = np.abs(np.array(waves) - np.mean(waves, axis=0)).mean()
    return float(np.clip(1.0 - 4.0 * apart, 0.0, 1.0))


def _steadiness(every: Sequence[Swing], run: Sequence[Swing]) -> float:
    """Return the share of all excursions that are like the demonstrated ones.

    What comes before the demonstration counts against it: it is said to come first.
    """
    rom = np.median([item.rom for item in run])
    duration = np.median([item.duration_ms for item in run])
    like = [
        ALIKE_ROM[0] <= item.rom / rom <= ALIKE_ROM[1]
        and ALIKE_DURATION[0] <= item.duration_ms / duration <= ALIKE_DURATION[1]
        for item in every
    ]
    skipped = sum(item.start_ms < run[0].start_ms for item in every)
    return float(np.mean(like)) / (1.0 + 0.2 * skipped)


def _restfulness(candidate: Candidate, every: Sequence[Swing], rom: float) -> float:
    """Return how much the low level looks like rest.

    A demonstration begins and ends there, and most people dwell there longer than at the goal.
    """
    rest = float(np.median([item.rest for item in every]))
    level = np.clip((candidate.smooth - rest) / rom, 0.0, 1.0)
    time_ms, reach_ms = candidate.time_ms, 1.5 * float(np.median([i.duration_ms for i in every]))
    first = float(np.interp(every[0].start_ms - reach_ms, time_ms, level))
    last = float(np.interp(every[-1].end_ms + reach_ms, time_ms, level))
    inside = (time_ms >= every[0].start_ms) & (time_ms <= every[-1].end_ms)
    dwelling = float((level[inside] < 0.25).mean() - (level[inside] > 0.75).mean())
    evidence = 0.5 * (0.5 - first) + 0.4 * (0.5 - last) + 0.3 * dwelling
    return float(np.clip(0.6 + evidence, 0.1, 1.0))


def _cover(candidate: Candidate, scene: _Scene, every: Sequence[Swing]) -> float:
    """Return the share of all movement of the body that happens within the repetitions.

    A signal that sees every other repetition, or moves only by chance, covers little of it.
    """
    total = float(scene.activity.sum())
    return float(scene.activity[_inside(candidate, every)].sum()) / total if total else 1.0


def _firstness(
    candidate: Candidate, scene: _Scene, run: Sequence[Swing], every: Sequence[Swing]
) -> float:
    """Return how little the body moved before the demonstration, in repetitions of it.

    The demonstration comes first. A signal that starts late has missed what others see.
    """
    usual = float(scene.activity[_inside(candidate, run)].sum()) / len(run)
    before = (candidate.time_ms < run[0].start_ms) & ~_inside(candidate, every)
    missed = float(scene.activity[before].sum())
    return 1.0 / (1.0 + missed / usual) if usual else 1.0


def _inside(candidate: Candidate, reps: Sequence[Swing]) -> BoolArray:
    inside = np.zeros(len(candidate.time_ms), dtype=bool)
    for item in reps:
        first, last = np.searchsorted(candidate.time_ms, [item.start_ms, item.end_ms])
        inside[first : last + 1] = True
    return inside


DEVIATIONS: Final = frozenset({"knee_valgus", "pelvic_obliquity", "weight_shift", "knee_over_toe"})
"""Measures that describe how well a movement is done; they are no movement that people do."""


def _explainability(candidate: Candidate) -> float:
    """Return how well people understand a measure, and how well it means the same elsewhere.

    Own judgement. A joint angle says most; where something is in the picture says least, because
    it changes with the camera and with where the person stands.
    """
    measure = candidate.measure
    meaning = MEASURES[measure].meaning
    if measure in DEVIATIONS:
        kind = 0.4
    elif measure in PLACES or meaning.startswith("place"):
        kind = 0.5
    elif MEASURES[measure].unit == "deg":
        kind = 0.85 if measure.endswith("_depth") else 1.0
    else:
        kind = 0.9 if meaning.startswith("height") else 0.65
    return kind * (0.9 if candidate.combine in (Combine.DIFFERENCE, Combine.SMALLER) else 1.0)


def side_changes(measured: Measured, measure: str, run: Sequence[Swing]) -> FloatArray:
    """Return how far each side moved in each repetition, (reps, 2); NaN where it is not seen."""
    values = measured.of(measure)
    changes = []
    for item in run:
        rest = _median_of(values[measured.inside(*item.rest_span_ms)])
        peak = _median_of(values[measured.inside(*item.top_span_ms)])
        changes.append(peak - rest)
    return np.array(changes)


def _median_of(values: FloatArray) -> FloatArray:
    """Return the median over time, (T, 2) -> (2,); NaN where never known."""
    known = np.isfinite(values)
    return np.array(
        [
            np.median(values[known[:, side], side]) if known[:, side].any() else math.nan
            for side in (0, 1)
        ]
    )


def _side_fit(candidate: Candidate, measured: Measured, run: Sequence[Swing]) -> float:
    """Prefer the mean where both sides move alike, one of them where they do not."""
    changes = np.abs(side_changes(measured, candidate.measure, run))
    known = changes[np.isfinite(changes).all(axis=1)]
    if not len(known):
        return 1.0
    shares = known.min(axis=1) / np.maximum(known.max(axis=1), 1e-9)
    together = float(np.median(shares)) >= _BOTH_SIDES_SHARE
    if candidate.combine is Combine.MEAN:
        return 1.0 if together else 0.8
    return 0.85 if together else 1.0


def _with_support(found: Sequence[Found]) -> list[Found]:
    """Add how far the others see the same repetitions, by their own clarity."""
    clear = np.array(
        [
            item.qualities["shape"] * item.qualities["smooth"] * item.qualities["size"]
            for item in found
        ]
    )
    peaks = [np.array([rep.peak_ms for rep in item.all_reps]) for item in found]
    result = []
    for own, item in enumerate(found):
        agreement = np.array([_agreement(item.reps, other) for other in peaks])
        others = np.arange(len(found)) != own
        weight = clear[others].sum()
        support = float((agreement * clear)[others].sum() / weight) if weight > 0.0 else 1.0
        result.append(replace(item, qualities={**item.qualities, "support": support}))
    return result


def _agreement(reps: Sequence[Swing], peaks_ms: FloatArray) -> float:
    """Return the share of repetitions in which another signal has exactly one peak."""
    bounds = [(rep.start_ms - 2 * STEP_MS, rep.end_ms + 2 * STEP_MS) for rep in reps]
    inside = [((peaks_ms >= start) & (peaks_ms <= end)).sum() for start, end in bounds]
    return float(np.mean(np.array(inside) == 1))
