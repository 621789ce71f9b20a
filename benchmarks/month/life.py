"""Some weeks of a simulated patient's life: which days, how far, how well, and how it feels.

All figures are made up (own judgement). Nothing here says anything about patients.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.month.body import Attempt, SetTask

from hep_vision.app.live_plan import sets_due
from hep_vision.coach.plan import PlannedSet
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.figure import posture_at
from hep_vision.core.types import Side, StopReason
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.loading import read_program
from hep_vision.program.schedule import ProgramVersion, dues, version_on
from synthetic import Effort

REVIEW_AFTER: Final = timedelta(weeks=6)
_HERE: Final = Path(__file__).parent
_WRITTEN_START: Final = "start = 2026-01-05"
_WRITTEN_REVIEW: Final = "review = 2026-02-16"
_BAD_WEEK: Final = (0.3, 0.5)
_RED_DAY: Final = 0.38
_MISSED: Final = 0.12
_HALF_WAY: Final = 0.2
_MESSAGES: Final = ("The stairs went better today.", "I did it after my walk, and felt fine.")
_SORE_MESSAGE: Final = "My knee is swollen since yesterday. I stopped early; please call me."

_FROM_TO: Final = {
    "sit_to_stand": (0.93, 0.985),
    "mini_squat": (0.78, 1.0),
    "seated_knee_extension": (0.86, 0.98),
    "wall_sit": (0.75, 0.88),
}
"""Share of the figure's way from rest to goal, on the first and on the last day."""
_SPREAD: Final = 0.012
_SORE_SIDE: Final = (Side.LEFT, 0.035)
_SMALL_SHARE: Final = {"sit_to_stand": 0.25, "mini_squat": 0.3, "seated_knee_extension": 0.2}
_FAULTS: Final = {
    "sit_to_stand": ("not_fully_up",),
    "mini_squat": ("trunk_lean", "too_deep"),
    "seated_knee_extension": ("lag", "lean_back", "short_hold"),
    "wall_sit": ("rising", "off_wall"),
}
_FLANKS_MS: Final = {"sit_to_stand": 3_800, "mini_squat": 4_400, "seated_knee_extension": 4_200}
_INTO_HOLD_MS: Final = 3_000
_SHORT_HOLD_MS: Final = 700
_BREAK_OFF_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class SittingTask:
    """One sitting as it will go; pain and effort from 0 to 10.

    Attributes:
        day_index: Days since the start.
        version: Number of the program's version.
        planned: All sets that were due.
        sets: Those that are begun, as they are done.
        stopped: Whether it ends before its plan is done, and why.
        pains: Before and after each exercise that is begun.
        next_morning: None where nobody entered it.
    """

    day_index: int
    began: datetime
    version: int
    planned: tuple[PlannedSet, ...]
    sets: tuple[SetTask, ...]
    stopped: StopReason | None
    pain_before: int
    pain_after: int
    pains: dict[str, tuple[int, int]]
    effort: int
    next_morning: int | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Life:
    """The texts of the program's versions, with the moments they are entered, and the sittings."""

    versions: tuple[tuple[datetime, str], ...]
    sittings: tuple[SittingTask, ...]
    missed: tuple[date, ...]


def live(start: date, days: int, seed: int) -> Life:
    """Return what happens from a day on; the same seed gives the same."""
    own_dir = Path()
    texts = [(start, _text("first.toml", start))]
    if days > 1:
        texts.append((start + timedelta(days=days // 2), _text("second.toml", start)))
    moments = tuple((datetime.combine(day, time(7), UTC), text) for day, text in texts)
    versions = [
        ProgramVersion(number, moment, read_program(text.encode(), "the program", find_exercise))
        for number, (moment, text) in enumerate(moments, 1)
    ]
    due_days = []
    for index in range(days):
        day = start + timedelta(days=index)
        plan = sets_due(dues(versions, (), day, UTC), own_dir)
        if plan:
            version = version_on(versions, day, UTC)
            assert version is not None
            due_days.append((index, version.number, plan))
    fate = np.random.default_rng([seed, 1])
    free = {index for index, _, _ in due_days[2:] if fate.random() < _MISSED}
    red = _nearest(due_days, _RED_DAY * days) if days >= _LONG_ENOUGH else None
    half = _nearest(due_days, _HALF_WAY * days) if days >= _LONG_ENOUGH else None
    free -= {red, half}
    sittings = tuple(
        _sitting(_Day(seed, index, index / max(1, days - 1), index == red, index == half), *rest)
        for index, *rest in ((i, start, number, plan) for i, number, plan in due_days)
        if index not in free
    )
    return Life(moments, sittings, tuple(start + timedelta(days=i) for i in sorted(free)))


_LONG_ENOUGH: Final = 14
"""Days from which on there is room for a bad week and the like."""


@dataclass(frozen=True, slots=True)
class _Day:
    seed: int
    index: int
    share: float
    red: bool
    half_way: bool

    @property
    def bad(self) -> bool:
        return _BAD_WEEK[0] <= self.share < _BAD_WEEK[1] and self.index > 1


def _nearest(due_days: list[tuple[int, int, tuple[PlannedSet, ...]]], wanted: float) -> int:
    return min((index for index, _, _ in due_days), key=lambda index: abs(index - wanted))


def _text(name: str, start: date) -> str:
    text = (_HERE / name).read_text(encoding="utf-8")
    for written, day in ((_WRITTEN_START, start), (_WRITTEN_REVIEW, start + REVIEW_AFTER)):
        text = text.replace(written, f"{written.split(' = ')[0]} = {day.isoformat()}")
    return text


def _sitting(day: _Day, start: date, version: int, plan: tuple[PlannedSet, ...]) -> SittingTask:
    rng = np.random.default_rng([day.seed, 2, day.index])
    sore = 2.0 if day.bad else 0.0
    before = _score(3.0 - 2.0 * day.share + sore + rng.normal(0.0, 0.6))
    after = 7 if day.red else min(5, _score(before + rng.normal(0.4, 0.7)))
    begun = list(plan)
    if day.red:
        begun = begun[: max(1, len(begun) // 2)]
    elif day.bad:  # an eased dose: one set of each exercise and side
        begun = [one for one in begun if one.number <= (1 if one.side is Side.BOTH else 2)]
    form = float(rng.normal(0.0, 0.012))
    last = begun[-1].place
    tasks = []
    for one in begun:
        leaves = (day.half_way and one.place == begun[0].place + 1) or (
            day.red and one.place == last
        )
        tasks.append(_set(day, one, form, leaves=leaves))
    stopped = None
    if len(begun) < len(plan):
        stopped = StopReason.PAIN if day.red or before >= _AMBER else StopReason.TIRED
    pains = {}
    for name in dict.fromkeys(one.exercise.id for one in begun):
        pains[name] = (before, _score(after + rng.normal(-0.5, 0.7)))
    if day.red:
        pains[begun[-1].exercise.id] = (before, after)
    message = _SORE_MESSAGE if day.red else None
    if not day.bad and rng.random() < _TALKS:
        message = str(rng.choice(_MESSAGES))
    morning = _score(after - 1.0 + rng.normal(0.0, 0.7)) if rng.random() < _TELLS else None
    began = datetime.combine(
        start + timedelta(days=day.index), time(9, int(rng.integers(0, 60))), UTC
    )
    effort = _score(6.0 - 1.5 * day.share + 0.5 * sore + rng.normal(0.0, 0.6))
    return SittingTask(
        day.index,
        began,
        version,
        plan,
        tuple(tasks),
        stopped,
        before,
        after,
        pains,
        effort,
        5 if day.red else morning,
        message,
    )


_AMBER: Final = 3
_TALKS: Final = 0.1
_TELLS: Final = 0.8


def _score(value: float) -> int:
    return int(np.clip(round(value), 0, 10))


def _set(day: _Day, planned: PlannedSet, form: float, *, leaves: bool) -> SetTask:
    rng = np.random.default_rng([day.seed, 3, day.index, planned.place])
    attempts = tuple(_attempts(rng, day, planned, form))
    if leaves:
        attempts = attempts[: max(2, len(attempts) // 2)]
    return SetTask(planned, attempts, (day.seed, 4, day.index, planned.place))


def _attempts(
    rng: np.random.Generator, day: _Day, planned: PlannedSet, form: float
) -> Iterator[Attempt]:
    """Yield as many as are prescribed, and now and then one that is too small or too short."""
    held = planned.exercise.kind is Kind.TIMED_HOLD
    first, last = _FROM_TO[planned.exercise.id]
    usual = first + (last - first) * day.share + form - (0.04 if day.bad else 0.0)
    if planned.side is _SORE_SIDE[0]:
        usual -= _SORE_SIDE[1]
    faulty, small = 0.22 - 0.16 * day.share + 0.05 * day.bad, 0.07 - 0.04 * day.share
    done = 0
    while done < planned.reps:
        tired = 0.015 * done / planned.reps
        effort = _effort(rng, planned, usual - tired + rng.normal(0.0, _SPREAD))
        # Neither the first nor the last: what a set begins and ends with is judged by the others.
        inside = 2 <= done < planned.reps - 1
        if inside and rng.random() < small:
            yield _too_little(planned, effort, held=held)
            continue
        done += 1
        if (inside or held) and rng.random() < faulty:
            yield _with_fault(rng, planned, effort)
        else:
            yield _sound(planned, effort)


def _effort(rng: np.random.Generator, planned: PlannedSet, share: float) -> Effort:
    share = float(np.clip(share, 0.3, 1.03))
    if planned.exercise.kind is Kind.TIMED_HOLD:
        hold_ms = planned.hold_ms + int(rng.uniform(900, 1_600))
        return Effort(share, _INTO_HOLD_MS, hold_ms, int(rng.uniform(2_000, 3_000)))
    flanks_ms = _FLANKS_MS[planned.exercise.id] + int(rng.normal(0, 180))
    hold_ms = planned.hold_ms + int(rng.uniform(100, 500))
    return Effort(share, flanks_ms, hold_ms, int(rng.uniform(700, 1_300)))


def _sound(planned: PlannedSet, effort: Effort) -> Attempt:
    extreme = _knee_deg(planned.exercise, effort.amplitude_deg)
    return Attempt(effort, extreme=extreme)


def _too_little(planned: PlannedSet, effort: Effort, *, held: bool) -> Attempt:
    if held:
        effort = replace(effort, hold_ms=_BREAK_OFF_MS)
    else:
        share = _SMALL_SHARE[planned.exercise.id]
        effort = replace(effort, amplitude_deg=share, hold_ms=200, duration_ms=3_000)
    return replace(_sound(planned, effort), full=False)


def _with_fault(rng: np.random.Generator, planned: PlannedSet, effort: Effort) -> Attempt:
    fault = str(rng.choice(_FAULTS[planned.exercise.id]))
    motion = planned.exercise.motion
    assert motion is not None
    if fault not in motion.faults:  # it is in the time alone
        return replace(
            _sound(planned, replace(effort, hold_ms=_SHORT_HOLD_MS)), fault=fault, drawn=False
        )
    effort = replace(effort, amplitude_deg=1.0)
    extreme = _knee_deg(planned.exercise, 1.0, fault)
    return Attempt(effort, fault=fault, extreme=extreme)


def _knee_deg(exercise: ExerciseDefinition, share: float, fault: str | None = None) -> float:
    """Return the flexion of the working knee, which every exercise of the program reports."""
    assert exercise.motion is not None
    posture = posture_at(exercise.motion, np.array([share]), Side.LEFT, fault)
    return float(np.broadcast_to(posture.knee, (1, 2))[0, 0])
