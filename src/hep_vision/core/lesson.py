"""What a demonstration taught, in the terms of an exercise file.

The movement that repeats is found by `hep_vision.core.learning`; here its levels, tempo, posture
and view are read off.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from hep_vision.core.candidates import Measured, is_sideless, measure_recording
from hep_vision.core.definition import Combine, CountSignal, Direction, Motion
from hep_vision.core.learning import (
    DEVIATIONS,
    Found,
    find_movements,
    is_peripheral,
    same_reps,
    side_changes,
)
from hep_vision.core.measures import MEASURES
from hep_vision.core.motions import demonstrated_motion
from hep_vision.core.reps import side_values
from hep_vision.core.types import FloatArray, PoseFrame, Side, View
from hep_vision.core.whole_set import followed

_READINGS: Final = 6
_CLEAR: Final = 0.6
_SHOWN_SCORE_SHARE: Final = 0.85
_SHOWN_UNCERTAINTIES: Final = 1.5
_LYING_DEG: Final = 40.0
_SEATED_HIPS_RATIO: Final = 1.25
"""Hip over ankle in trunk lengths: 1.7 in a standing adult, 0.8 on a chair."""
_KNEELING_HIPS_RATIO: Final = 0.35
_MINIMUM_SHARE: Final = 0.3
"""Share of the demonstrated range that counts: patients reach 30-40 % of a goal."""
_MINIMUM_NOISES: Final = 4.0
_LARGEST_MINIMUM_SHARE: Final = 0.6
_SIDES_TOGETHER_SHARE: Final = 0.6
_ALL_VIEWS: Final = (View.FRONT, View.OBLIQUE, View.SIDE)
_NEIGHBOURS: Final = {
    View.FRONT: (View.FRONT, View.OBLIQUE),
    View.OBLIQUE: (View.OBLIQUE, View.SIDE),
    View.SIDE: (View.SIDE, View.OBLIQUE),
}


class Position(StrEnum):
    """How the person starts, as exercise files say it."""

    STANDING = "standing"
    SEATED = "seated"
    KNEELING = "kneeling"
    SUPINE = "supine"
    PRONE = "prone"


class Nothing(StrEnum):
    """Why nothing could be learnt."""

    NOBODY = "nobody"
    STILL = "still"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels of the measure that is shown to people."""

    measure: str
    rest: float
    goal: float

    @property
    def direction(self) -> Direction:
        """Which way it goes from rest."""
        return Direction.INCREASE if self.goal > self.rest else Direction.DECREASE


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What a demonstration taught.

    Attributes:
        view: Where the camera stood.
        position: How the person starts.
        side: Both, or None where one side works at a time.
        counted: The movement that is counted, with its demonstrated repetitions.
        signals: What to count, for the view of the demonstration and for others.
        reported: The measure that is shown.
        hold_ms: Time at the goal.
        return_ms: Time from goal to rest.
        travel_ratio: Largest net way across the picture of a repetition, in trunk lengths.
        trunk_deg: The trunk above the horizontal at rest; NaN = unknown.
        lean_deg: How far the trunk leans in a repetition, in the plane of the view.
        motion: How the whole body moves, or None where it cannot be told.
        time_ms: (T,) moments of ``value``.
        value: (T,) the reported measure, the mean of the sides that work.
    """

    view: View
    position: Position
    side: Side | None
    counted: Found
    signals: tuple[CountSignal, ...]
    reported: Levels
    hold_ms: float
    return_ms: float
    travel_ratio: float
    trunk_deg: float
    lean_deg: float
    motion: Motion | None
    time_ms: FloatArray
    value: FloatArray


def lessons(poses: Sequence[PoseFrame], reps: int, side: Side | None = None) -> Iterator[Lesson]:
    """Yield what a recording teaches, the likeliest reading first; none if nothing repeats.

    Args:
        poses: The recording, in time order.
        reps: How many repetitions, from the first, are the demonstration.
        side: The side that works, or both, or None to find out.
    """
    poses = followed(poses)
    measured = measure_recording(poses)
    ranked = find_movements(measured, reps, side)
    for counted in ranked[:_READINGS]:
        sided = _sided(counted, ranked, measured)
        working = _working_sides(sided, measured, side)
        reported = _reported(counted, ranked, measured, working)
        if reported is not None:
            yield _lesson(poses, measured, counted, ranked, reported, working)


def why_nothing(poses: Sequence[PoseFrame]) -> Nothing:
    """Return why a recording teaches nothing."""
    measured = measure_recording(followed(poses))
    if not measured.seen.any():
        return Nothing.NOBODY
    clear = [item for item in find_movements(measured, 1) if item.qualities["size"] >= _CLEAR]
    return Nothing.TOO_FEW if clear else Nothing.STILL


def _lesson(
    poses: Sequence[PoseFrame],
    measured: Measured,
    counted: Found,
    ranked: Sequence[Found],
    reported: Levels,
    working: Sequence[Side],
) -> Lesson:
    view = measured.view(*counted.span_ms)
    hold_ms, return_ms = _tempo(counted)
    trunk_deg = _at_rest(measured, "trunk_elevation", counted)
    return Lesson(
        view=view,
        position=_position(measured, counted, trunk_deg),
        side=Side.BOTH if Side.BOTH in working else None,
        counted=counted,
        signals=signals_of(view, counted, ranked),
        reported=reported,
        hold_ms=hold_ms,
        return_ms=return_ms,
        travel_ratio=_travel_ratio(measured, counted),
        trunk_deg=trunk_deg,
        lean_deg=_lean(measured, counted, view),
        motion=demonstrated_motion(poses, measured, counted.reps, working, view),
        time_ms=measured.time_ms,
        value=_worked(measured, reported.measure, counted, working),
    )


def _sided(counted: Found, ranked: Sequence[Found], measured: Measured) -> Found:
    """Return what tells the side that works: the best that has sides, of the same repetitions."""
    for item in (counted, *ranked):
        if not is_sideless(measured.of(item.candidate.measure)) and same_reps(counted, item):
            return item
    return counted


def _working_sides(counted: Found, measured: Measured, side: Side | None) -> list[Side]:
    """Return the side that works in each repetition; both in all where they move alike in most."""
    if side is not None:
        return [side] * len(counted.reps)
    found = []
    for change in side_changes(measured, counted.candidate.measure, counted.reps):
        size = np.nan_to_num(counted.candidate.sign * change, nan=-math.inf)
        alike = min(np.abs(change)) >= _SIDES_TOGETHER_SHARE * max(np.abs(change))
        # A side that is not seen is taken to do as the other, as so often in a view from the side.
        unseen = np.isnan(change).any() and counted.candidate.combine is Combine.MEAN
        worker = Side.LEFT if size[0] >= size[1] else Side.RIGHT
        found.append(Side.BOTH if alike or unseen else worker)
    if sum(one is Side.BOTH for one in found) > len(found) / 2:
        return [Side.BOTH] * len(found)
    return [Side.LEFT if one is Side.BOTH else one for one in found]


# -- what is shown --------------------------------------------------------------------------------


def _reported(
    counted: Found, ranked: Sequence[Found], measured: Measured, working: Sequence[Side]
) -> Levels | None:
    """Return the measure to show: a joint angle of the same repetitions, if there is a clear one.

    What is counted need not be what people understand best.
    """
    view = measured.view(*counted.span_ms)
    angles = [
        item
        for item in ranked
        if item.score >= _SHOWN_SCORE_SHARE * ranked[0].score
        and is_peripheral(item) is is_peripheral(counted)
        and MEASURES[item.candidate.measure].unit == "deg"
        and item.candidate.measure not in DEVIATIONS
        and same_reps(counted, item)
    ]
    own = [counted] if MEASURES[counted.candidate.measure].unit == "deg" else []
    for item in (*own, *angles, counted, *ranked):
        measure = item.candidate.measure
        if measure.endswith("_depth") or view not in MEASURES[measure].views:
            continue
        levels = _levels(measure, counted, measured, working)
        if levels is not None and _fits(levels, counted):
            return levels
    return None


def _fits(levels: Levels, counted: Found) -> bool:
    """Return whether a file may report this: it moves, as what is counted of the same name does."""
    rom = abs(levels.goal - levels.rest)
    if rom < _SHOWN_UNCERTAINTIES * MEASURES[levels.measure].uncertainty:
        return False
    if levels.measure != counted.candidate.measure:
        return True
    return levels.direction is counted.candidate.direction and minimum_rom(counted) < rom


def _levels(
    measure: str, counted: Found, measured: Measured, working: Sequence[Side]
) -> Levels | None:
    values = measured.of(measure)
    rests, peaks = [], []
    for rep, side in zip(counted.reps, working, strict=True):
        still = measured.inside(*rep.rest_span_ms)
        top = measured.inside(*rep.top_span_ms)
        rests.append(_median(side_values(values[still], side)))
        peaks.append(_median(side_values(values[top], side)))
    digits = 0 if MEASURES[measure].unit == "deg" else 2
    rest = round(_median(np.array(rests)), digits) if np.isfinite(rests).any() else math.nan
    goal = round(_median(np.array(peaks)), digits) if np.isfinite(peaks).any() else math.nan
    return Levels(measure, rest, goal) if abs(goal - rest) > 0.0 else None


def _worked(
    measured: Measured, measure: str, counted: Found, working: Sequence[Side]
) -> FloatArray:
    """Return (T,) of the side at work, which may change from one repetition to the next."""
    values = measured.of(measure)
    shown = side_values(values, working[0])
    for rep, side in zip(counted.reps, working, strict=True):
        inside = measured.inside(rep.start_ms - 300, rep.end_ms + 300)
        shown[inside] = side_values(values[inside], side)
    return shown


def _median(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else math.nan


# -- tempo, place, posture ------------------------------------------------------------------------


def _tempo(counted: Found) -> tuple[float, float]:
    """Return the median time at the goal and of the return."""
    candidate = counted.candidate
    holds, returns = [], []
    for rep in counted.reps:
        inside = (candidate.time_ms >= rep.start_ms) & (candidate.time_ms <= rep.end_ms)
        time_ms, level = candidate.time_ms[inside], candidate.smooth[inside]
        high = time_ms[level >= rep.peak - 0.1 * rep.rom]
        # A raised cosine spends a fifth of its time above nine tenths of its height.
        holds.append(float(high[-1] - high[0]) - 0.2 * rep.duration_ms)
        returns.append((rep.end_ms - float(high[-1])) / 0.8)
    return max(0.0, float(np.median(holds))), float(np.median(returns))


def _travel_ratio(measured: Measured, counted: Found) -> float:
    place, ways = measured.of("position_x")[:, 0], []
    for rep in counted.reps:
        first, last = np.searchsorted(measured.time_ms, [rep.start_ms, rep.end_ms])
        last = min(int(last), len(place) - 1)
        ways.append(abs(place[last] - place[first]) / measured.scale_px[first])
    return float(max((way for way in ways if math.isfinite(way)), default=0.0))


def _at_rest(measured: Measured, measure: str, counted: Found) -> float:
    still = [measured.inside(*rep.rest_span_ms) for rep in counted.reps]
    values = [side_values(measured.of(measure)[inside], Side.BOTH) for inside in still]
    return _median(np.concatenate(values))


def _lean(measured: Measured, counted: Found, view: View) -> float:
    measure = "trunk_lean_side" if view is View.FRONT else "trunk_lean_forward"
    column, found = measured.of(measure)[:, 0], []
    for rep in counted.reps:
        values = column[measured.inside(rep.start_ms, rep.end_ms)]
        values = values[np.isfinite(values)]
        found.append(float(np.abs(values - values[0]).max()) if len(values) else math.nan)
    return _median(np.array(found))


def _position(measured: Measured, counted: Found, trunk_deg: float) -> Position:
    hips = _at_rest(measured, "hip_over_ankle", counted)
    if not trunk_deg < _LYING_DEG:
        return Position.SEATED if hips < _SEATED_HIPS_RATIO else Position.STANDING
    if hips > _KNEELING_HIPS_RATIO:
        return Position.KNEELING
    lean = _at_rest(measured, "trunk_lean_forward", counted)
    return Position.PRONE if lean > 0.0 else Position.SUPINE


# -- what is counted ------------------------------------------------------------------------------


def minimum_rom(found: Found) -> float:
    """Return the smallest excursion that is to count: a share of what was shown, above noise."""
    rom = found.rom
    wanted = max(_MINIMUM_SHARE * rom, _MINIMUM_NOISES * found.candidate.noise)
    digits = 0 if MEASURES[found.candidate.measure].unit == "deg" and rom >= 10.0 else 2
    return max(round(min(wanted, _LARGEST_MINIMUM_SHARE * rom), digits), 10.0**-digits)


def seen_from_anywhere(measure: str) -> bool:
    """Return whether a measure means the same from every side of the person.

    A height does, as the camera is level; an angle in space does; an angle in the plane of the
    picture, or a place across it, does not.
    """
    info = MEASURES[measure]
    height = info.unit == "ratio" and info.meaning.startswith("height")
    return set(info.views) == set(_ALL_VIEWS) and (height or measure.endswith("_depth"))


def signals_of(view: View, counted: Found, ranked: Sequence[Found]) -> tuple[CountSignal, ...]:
    """Return what to count in each view: the best one, and from elsewhere what means the same."""
    candidate = counted.candidate
    if seen_from_anywhere(candidate.measure):
        return (candidate.signal(minimum_rom(counted), _ALL_VIEWS),)
    shown = MEASURES[candidate.measure].views
    own = tuple(v for v in _NEIGHBOURS[view] if v in shown)
    others = tuple(v for v in _ALL_VIEWS if v not in own)
    # What only goes along with a movement is a poor stand-in for it.
    for item in sorted(ranked, key=lambda item: is_peripheral(item) is not is_peripheral(counted)):
        if seen_from_anywhere(item.candidate.measure) and same_reps(counted, item):
            stand_in = item.candidate.signal(minimum_rom(item), others)
            return (candidate.signal(minimum_rom(counted), own), stand_in)
    # Better the same measure from every view that shows it at all than nothing counted there.
    return (candidate.signal(minimum_rom(counted), shown),)
