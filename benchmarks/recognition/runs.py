"""What there is to recognise: the figure, everyday movements, recordings with a truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

from benchmarks.confusion.runs import exercise_frames

import everyday
from hep_vision.app.analyse import TRACK_SUFFIX, find_model, read_landmarks
from hep_vision.app.evaluate import Case, read_cases
from hep_vision.core.definition import Kind
from hep_vision.core.types import PoseFrame, View
from hep_vision.exercises.loading import catalogue
from hep_vision.store.locations import data_dir
from moving import done_by, filmed, sides_of
from synthetic import Effort

FIGURE: Final = "figure"
EVERYDAY: Final = "everyday"
_HOLD_MS: Final = 12_000


@dataclass(frozen=True, slots=True)
class Job:
    """Something to recognise.

    Attributes:
        source: ``figure``, ``everyday``, or the name of a folder of recordings.
        name: Which recording or movement it is.
        done: The exercise in it; None where there is none of the catalogue.
        reps: How many of it; a movement of which there is one cannot be a set.
        seed: How the figure does it.
        view: Where an everyday movement is filmed from.
        case: A recording.
    """

    source: str
    name: str
    done: str | None
    reps: int = 5
    seed: int = 0
    view: View = View.FRONT
    case: Case | None = None


def figure_jobs(seeds: Sequence[int]) -> list[Job]:
    """Return every exercise that says how it moves, done by the figure."""
    moving = [name for name, found in sorted(catalogue().items()) if found.motion is not None]
    return [Job(FIGURE, name, name, seed=seed) for name, seed in product(moving, seeds)]


def everyday_jobs(seeds: Sequence[int]) -> list[Job]:
    """Return every everyday movement from every view."""
    views = (View.FRONT, View.OBLIQUE, View.SIDE)
    return [
        Job(EVERYDAY, name, None, 0, seed, view)
        for name, view, seed in product(everyday.MOVEMENTS, views, seeds)
    ]


def recorded_jobs(folder: Path) -> list[Job]:
    """Return the recordings of a folder whose label is not in doubt.

    Raises:
        TruthError: There is no truth, or it is malformed.
    """
    return [
        Job(
            folder.name,
            case.path.name,
            case.truth.exercise_id if case.truth.exercise_id in catalogue() else None,
            case.truth.acceptable[1],
            case=case,
        )
        for case in read_cases(folder)
        if case.path.exists()
    ]


def frames_of(job: Job) -> Sequence[PoseFrame]:
    """Return the landmarks of a job."""
    if job.case is not None:
        track = job.case.path.suffix == TRACK_SUFFIX
        model = None if track else find_model("full", data_dir(None, {}))
        return list(read_landmarks(job.case.path, model).poses())
    if job.done is None:
        return everyday.film(everyday.MOVEMENTS[job.name], job.view, everyday.manner(job.seed))
    exercise = catalogue()[job.done]
    if exercise.kind is not Kind.TIMED_HOLD:
        return exercise_frames(exercise, job.seed)
    sides = sides_of(exercise)
    side = sides[job.seed % len(sides)]
    hold = [Effort(1.0, duration_ms=3_000, hold_ms=_HOLD_MS)]
    return filmed(done_by(exercise, hold, side), exercise.camera.view, side)
