"""When a person moves: repetitions, holds and rests, and how smoothly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

LOWERING_RAMP_S = 0.4


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition: the way out, a stay at the peak, the way back, and the rest after it.

    Attributes:
        out_s: Seconds from rest to the peak.
        stay_s: Seconds at the peak.
        back_s: Seconds from the peak to rest.
        rest_s: Still seconds afterwards.
        peak: Joint angles (deg) at the peak that differ from the clip's usual ones.
        faults: Form checks of the exercise that this repetition was made to fail.
        faults_acceptable: Further checks that a strict reader may report because they follow
            from the planted fault (a repetition that stops short has no hold past its target).
    """

    out_s: float
    stay_s: float
    back_s: float
    rest_s: float = 0.6
    peak: Mapping[str, float] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    faults_acceptable: tuple[str, ...] = ()

    @property
    def moving_s(self) -> float:
        """Seconds from leaving rest to being back at rest."""
        return self.out_s + self.stay_s + self.back_s


def travelled(elapsed_s: float, duration_s: float, ramp_s: float) -> float:
    """Return the share (0-1) of a movement done, speeding up and slowing down smoothly.

    The speed rises and falls as a raised cosine over ``ramp_s`` and is constant between. A ramp
    of half the duration gives a bell-shaped speed close to minimum jerk; a shorter one gives
    the even speed of a controlled lowering.
    """
    ramp = min(ramp_s, duration_s / 2.0)
    top_speed = 1.0 / (duration_s - ramp)
    elapsed = float(np.clip(elapsed_s, 0.0, duration_s))
    if elapsed > duration_s / 2.0:
        return 1.0 - travelled(duration_s - elapsed, duration_s, ramp_s)
    if elapsed >= ramp:
        return top_speed * (elapsed - ramp / 2.0)
    return top_speed * (elapsed - ramp / np.pi * float(np.sin(np.pi * elapsed / ramp))) / 2.0


def progress(rep: Rep, since_start_s: float) -> float:
    """Return how far (0 = rest, 1 = peak) a repetition has gone."""
    if since_start_s < rep.out_s:
        return travelled(since_start_s, rep.out_s, rep.out_s / 2.0)
    since_leaving_peak_s = since_start_s - rep.out_s - rep.stay_s
    return 1.0 - travelled(since_leaving_peak_s, rep.back_s, LOWERING_RAMP_S)


def starts_s(first_rest_s: float, reps: tuple[Rep, ...]) -> Iterator[float]:
    """Yield when each repetition leaves rest, in seconds."""
    start = first_rest_s
    for rep in reps:
        yield start
        start += rep.moving_s + rep.rest_s


def angles_at(
    time_s: float,
    first_rest_s: float,
    reps: tuple[Rep, ...],
    rest: Mapping[str, float],
    peak: Mapping[str, float],
) -> dict[str, float]:
    """Return the joint angles (deg) at a moment, and the ``progress`` (0-1) of the repetition."""
    for start, rep in zip(starts_s(first_rest_s, reps), reps, strict=True):
        if start <= time_s < start + rep.moving_s:
            goal = {**peak, **rep.peak}
            share = progress(rep, time_s - start)
            angles = {name: deg + (goal[name] - deg) * share for name, deg in rest.items()}
            return {**angles, "progress": share}
    return {**rest, "progress": 0.0}
