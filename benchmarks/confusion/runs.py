"""What there is to look at: exercises done by the figure, recordings, everyday movements."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np

import everyday
import synthetic
from hep_vision.app.analyse import TRACK_SUFFIX, find_model, read_landmarks
from hep_vision.app.evaluate import Case, read_cases
from hep_vision.core.definition import Combine, ExerciseDefinition, Kind, Motion
from hep_vision.core.figure import movement_m
from hep_vision.core.landmarks import LANDMARK_COUNT, Landmark
from hep_vision.core.types import FloatArray, PoseFrame, Side, View
from hep_vision.exercises.loading import catalogue
from hep_vision.store.locations import data_dir
from synthetic import Camera, Effort, Flaws
from together import counts

SYNTHETIC: Final = "synthetic"
RECORDED: Final = "recorded"
EVERYDAY: Final = "everyday"
VIEWS: Final = (View.FRONT, View.OBLIQUE, View.SIDE)
REPS: Final = 5
_QUICK_RECORDINGS: Final = 2
_HIPS: Final = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]


@dataclass(frozen=True, slots=True)
class Job:
    """Something to look at as every exercise.

    Attributes:
        source: ``synthetic``, ``recorded`` or ``everyday``.
        done: What is done in it: an exercise, or the name of an everyday movement.
        reps: How many there are.
        seed: How the figure does it.
        view: Where an everyday movement is filmed from.
        case: A recording.
    """

    source: str
    done: str
    reps: int = REPS
    seed: int = 0
    view: View = View.UNKNOWN
    case: Case | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What every exercise counted."""

    job: Job
    counted: dict[str, int]


def repeated() -> dict[str, ExerciseDefinition]:
    """Return every exercise that counts repetitions, by id."""
    kinds = (Kind.REPETITION, Kind.REPETITION_WITH_HOLD)
    return {name: found for name, found in catalogue().items() if found.kind in kinds}


def synthetic_jobs(seeds: int) -> list[Job]:
    """Return every exercise that says how it moves, done by the figure."""
    moving = [name for name, found in repeated().items() if found.motion is not None]
    return [Job(SYNTHETIC, name, seed=seed) for name, seed in product(moving, range(seeds))]


def recorded_jobs(folder: Path, *, quick: bool) -> list[Job]:
    """Return the recordings of repetitions in a folder; a few of each exercise if ``quick``.

    Raises:
        TruthError: There is no truth, or it is malformed.
    """
    jobs, taken = [], Counter[str]()
    for case in read_cases(folder):
        done, reps = case.truth.exercise_id, case.truth.acceptable[1]
        wanted = done in repeated() and reps > 0 and case.truth.note is None and case.path.exists()
        if done is None or not wanted or (quick and taken[done] >= _QUICK_RECORDINGS):
            continue
        taken[done] += 1
        jobs.append(Job(RECORDED, done, reps, case=case))
    return jobs


def everyday_jobs(seeds: int) -> list[Job]:
    """Return every everyday movement from every view."""
    return [
        Job(EVERYDAY, name, 0, seed, view)
        for name, view, seed in product(everyday.MOVEMENTS, VIEWS, range(seeds))
    ]


def run(job: Job) -> Result:
    """Look at one recording as every exercise."""
    return Result(job, counts(_every(), _frames(job)))


_every: Final = cache(catalogue)


def _frames(job: Job) -> Sequence[PoseFrame]:
    if job.case is not None:
        track = job.case.path.suffix == TRACK_SUFFIX
        model = None if track else find_model("full", data_dir(None, {}))
        return list(read_landmarks(job.case.path, model).poses())
    if job.source == EVERYDAY:
        return everyday.film(everyday.MOVEMENTS[job.done], job.view, everyday.manner(job.seed))
    return exercise_frames(_every()[job.done], job.seed)


def exercise_frames(exercise: ExerciseDefinition, seed: int) -> list[PoseFrame]:
    """Return a figure that does an exercise as well as people do, from its own camera.

    It comes 0.6 to 1.1 of the way to the goal, less or more by a twentieth each time, and takes
    1.5 to 3.5 s for each repetition. Even seeds work with the right side; sides that take turns do.
    """
    assert exercise.motion is not None
    rng = np.random.default_rng(seed)
    size, usual_ms = rng.uniform(0.6, 1.1), rng.uniform(1_500, 3_500)
    sides = _sides_in_turn(exercise, seed)
    plan = [
        Effort(
            size * rng.uniform(0.95, 1.05),
            int(usual_ms * rng.uniform(0.85, 1.15)),
            min(exercise.dose.hold_ms, 2_000),
            int(rng.uniform(300, 1_200)),
            sides[number % len(sides)],
        )
        for number in range(REPS)
    ]
    done = synthetic.Motion(
        lambda time_ms: _figure(exercise.motion, sides, synthetic.excursion(time_ms, plan)),
        synthetic.total_ms(plan),
        synthetic.place(plan),
    )
    camera = Camera(view=exercise.camera.view, faces_right=sides[0] is not Side.LEFT)
    return synthetic.record(done, camera, fps=15.0, flaws=Flaws(noise_ratio=0.01, seed=seed))


def _sides_in_turn(exercise: ExerciseDefinition, seed: int) -> tuple[Side, ...]:
    if exercise.side is Side.BOTH:
        return (Side.BOTH,)
    sides = (Side.RIGHT, Side.LEFT) if seed % 2 == 0 else (Side.LEFT, Side.RIGHT)
    in_turns = any(signal.combine is Combine.EACH for signal in exercise.count)
    return sides if in_turns else sides[:1]


def _figure(motion: Motion, sides: Sequence[Side], share: FloatArray) -> FloatArray:
    """Return the figure, (T, 33, 3), where each side goes its own share of the way, (T, 2)."""
    points = np.empty((len(share), LANDMARK_COUNT, 3))
    for side in sides:
        column = share[:, 1 if side is Side.RIGHT else 0]
        mine = (column > 0.0) | (side is sides[0])
        moved = movement_m(motion, np.concatenate([[0.0], column[mine]]), side)
        # The foot that stays is another one; the person is not.
        moved[..., 2] -= moved[0, _HIPS, 2].mean()
        points[mine] = moved[1:]
    return points
