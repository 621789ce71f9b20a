"""What the simulated patient does in one set, filmed by a made-up camera and run by the engine.

Noise of the landmarks, and how much people vary, are our own judgement.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

import synthetic
from hep_vision.coach.plan import PlannedSet
from hep_vision.coach.set_run import SetOutcome, SetRun
from hep_vision.core.engine import EngineState
from hep_vision.core.figure import TRUNK_M, movement_m
from hep_vision.core.types import Event, Side
from hep_vision.sources.recorded import LandmarkTrack
from synthetic import Array, Camera, Effort

FPS: Final = 20.0
_TREMBLE: Final = 0.004
_WANDER: Final = 0.010
_WANDER_MS: Final = 300.0
_DEPTH: Final = 3.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One planned repetition or hold.

    Attributes:
        effort: When and how far; the amplitude is a share of the way from rest to goal.
        full: Whether it should count; the others are too small or too short.
        fault: The check it should be flagged by, or None.
        drawn: Whether the fault is one of the figure's, not of the time it takes.
        extreme: The reported measure at its extreme.
    """

    effort: Effort
    full: bool = True
    fault: str | None = None
    drawn: bool = True
    extreme: float = float("nan")


@dataclass(frozen=True, slots=True)
class SetTask:
    """One set as the patient will do it; ``seed`` is that of the camera's noise."""

    planned: PlannedSet
    attempts: tuple[Attempt, ...]
    seed: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Performed:
    """What the engine made of a set, picture by picture, and what was true."""

    track: LandmarkTrack
    steps: tuple[tuple[EngineState, tuple[Event, ...]], ...]
    end_events: tuple[Event, ...]
    outcome: SetOutcome
    truth: dict[str, Any]


def perform(task: SetTask) -> Performed:
    """Do a set and end it as a live one ends: when everything is done, or at the last attempt."""
    track = film(task)
    run = SetRun(task.planned)
    steps = []
    for pose in track.poses():
        events = tuple(run.take(pose))
        steps.append((run.engine.state, events))
        if run.done:
            break
    return Performed(track, tuple(steps), tuple(run.finish()), run.outcome(), truth_of(task))


def film(task: SetTask) -> LandmarkTrack:
    """Return the landmarks of a set, with the noise of a camera."""
    exercise, rng = task.planned.exercise, np.random.default_rng(task.seed)
    camera = Camera(
        view=exercise.camera.view,
        faces_right=task.planned.side is not Side.LEFT,
        px_per_m=float(rng.uniform(270.0, 310.0)),
        shift_px=(float(rng.uniform(-60.0, 60.0)), 0.0),
    )
    stamps = synthetic.stamps_ms(synthetic.total_ms([one.effort for one in task.attempts]), FPS)
    image_px, world_m, visibility = synthetic.project(
        _body_m(task, stamps.astype(np.float64)), camera
    )
    noise = _noise(rng, len(stamps))
    image_px = image_px + camera.px_per_m * TRUNK_M * noise[..., :2]
    world_m = world_m + TRUNK_M * noise[..., 2:] * [1.0, 1.0, _DEPTH]
    visibility = np.clip(visibility + 0.02 * rng.standard_normal(visibility.shape), 0.0, 1.0)
    return LandmarkTrack(
        stamps,
        image_px.astype(np.float32),
        world_m.astype(np.float32),
        visibility.astype(np.float32),
        camera.size_px,
    )


def truth_of(task: SetTask) -> dict[str, Any]:
    """Return what was planned, on the time axis of the set's track."""
    attempts = []
    placed = synthetic.place([one.effort for one in task.attempts])
    for one, true in zip(task.attempts, placed, strict=True):
        attempts.append(
            {
                "start_ms": true.start_ms,
                "peak_ms": true.peak_ms,
                "end_ms": true.end_ms,
                "hold_ms": one.effort.hold_ms,
                "full": one.full,
                "fault": one.fault,
                "extreme": round(one.extreme, 2),
            }
        )
    planned = task.planned
    return {
        "exercise": planned.exercise.id,
        "side": str(planned.side),
        "place": planned.place,
        "prescribed": planned.reps,
        "full": sum(one.full for one in task.attempts),
        "attempts": attempts,
    }


def _body_m(task: SetTask, time_ms: Array) -> Array:
    motion, side = task.planned.exercise.motion, task.planned.side
    assert motion is not None
    efforts = [one.effort for one in task.attempts]
    share = synthetic.excursion(time_ms, efforts)[:, 0]
    points = np.array(movement_m(motion, share, side))
    for one, true in zip(task.attempts, synthetic.place(efforts), strict=True):
        if one.fault is not None and one.drawn:
            now = (time_ms >= true.start_ms) & (time_ms < true.end_ms)
            points[now] = movement_m(motion, share[now], side, one.fault)
    return points


def _noise(rng: np.random.Generator, frames: int) -> Array:
    """Return a fast tremble and a slow wandering, (T, 33, 5) trunk lengths."""
    wander = rng.standard_normal((frames, 33, 5))
    memory = float(np.exp(-1000.0 / FPS / _WANDER_MS))
    fresh = np.sqrt(1.0 - memory**2)
    for row in range(1, frames):
        wander[row] = memory * wander[row - 1] + fresh * wander[row]
    return np.asarray(_WANDER * wander + _TREMBLE * rng.standard_normal(wander.shape))
