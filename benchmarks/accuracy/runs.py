"""Count recordings with every method, several at a time."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from benchmarks.accuracy.baselines import BASELINES
from benchmarks.accuracy.hard_cases import HardCase

from hep_vision.app.analyse import TRACK_SUFFIX, Model, Task, estimate_track, find_model
from hep_vision.app.evaluate import Case, definitions_for, read_cases, replay
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.types import Rep, RepStatus
from hep_vision.errors import HepVisionError
from hep_vision.exercises.loading import catalogue, find_exercise
from hep_vision.sources.recorded import LandmarkTrack

OURS: Final = "hep-vision"
METHODS: Final = (OURS, *BASELINES)

_SUBJECT: Final = re.compile(r"_s(\d+)_")
_FIRST_SUBJECTS: Final = 3


@dataclass(frozen=True, slots=True)
class Run:
    """One recording, counted as one exercise by every method.

    Attributes:
        group: Heading of a hard case, or the name of a data set.
        part: ``A`` or ``B``, the half of a data set that its person belongs to.
        exercise_id: What it was counted as.
        negative: It shows something else.
        note: Why its label or its landmarks are in doubt.
        right: Smallest and largest right count.
        counts: By method; None where a method cannot be asked.
    """

    group: str
    name: str
    part: str
    exercise_id: str
    negative: bool
    note: str | None
    right: tuple[int, int]
    counts: dict[str, int | None]

    def error(self, method: str) -> int | None:
        """Return the signed distance of a count from the right ones."""
        counted = self.counts[method]
        if counted is None:
            return None
        low, high = self.right
        return counted - high if counted > high else min(0, counted - low)


def count_all(track: LandmarkTrack, definition: ExerciseDefinition) -> dict[str, int | None]:
    """Return the count of every method."""
    counts = {name: method(track, definition) for name, method in BASELINES.items()}
    return {OURS: count_ours(track, definition), **counts}


def count_ours(track: LandmarkTrack, definition: ExerciseDefinition) -> int:
    """Return the number of repetitions that the engine counts."""
    return sum(
        isinstance(event, Rep) and event.status is RepStatus.COUNTED
        for event in replay(track, definition)
    )


# -- hard cases -----------------------------------------------------------------------------------


def run_hard_case(case: HardCase) -> Run:
    """Count one hard case."""
    counts = count_all(case.track, find_exercise(case.exercise_id))
    return Run(case.group, case.name, "", case.exercise_id, False, None, case.right, counts)


def run_hard_cases(cases: Iterable[HardCase], jobs: int) -> Iterator[Run]:
    """Yield hard cases, counted, in their order."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(run_hard_case, cases)


# -- recordings -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording with its truth, and the exercises to count it as."""

    case: Case
    definitions: tuple[ExerciseDefinition, ...]
    model: Model | None


def recordings(folders: Sequence[Path]) -> tuple[list[Recording], int]:
    """Return the recordings below the folders, and how many show an exercise not counted here.

    Raises:
        TruthError: A folder has no truth, or a malformed one.
        ModelError: There are videos and no pose model.
    """
    counted = {name: exercise for name, exercise in catalogue().items() if exercise.count}
    cases = [case for folder in folders for case in read_cases(folder)]
    videos = any(case.path.suffix.lower() != TRACK_SUFFIX for case in cases)
    model = find_model("full", Path()) if videos else None
    found = [Recording(case, definitions_for(case, counted), model) for case in cases]
    known = [recording for recording in found if recording.definitions]
    return known, len(found) - len(known)


def run_recording(recording: Recording) -> list[Run] | str:
    """Count one recording as each of its exercises; the line that says why not, if it cannot be."""
    case, truth = recording.case, recording.case.truth
    try:
        track = estimate_track(Task(case.path, recording.definitions[0], model=recording.model))
    except HepVisionError as error:
        return str(error)
    data_set = case.path.parent.name
    return [
        Run(
            group=data_set,
            name=case.path.stem,
            part=part_of(data_set, case.path.stem),
            exercise_id=definition.id,
            negative=truth.exercise_id is None,
            note=truth.note,
            right=truth.acceptable,
            counts=count_all(track, definition),
        )
        for definition in recording.definitions
    ]


def run_recordings(wanted: Sequence[Recording], jobs: int) -> Iterator[list[Run] | str]:
    """Yield the runs of each recording, or why there are none, in their order."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(run_recording, wanted)


def part_of(data_set: str, stem: str) -> str:
    """Return the half, A or B, of the person or the video; the same on every machine.

    UI-PRMD numbers its subjects: 1 to 3 are A. A recording of KIMORE is named after its person,
    who comes before the number of the exercise. Elsewhere every video is taken for a person.
    """
    subject = _SUBJECT.search(stem)
    if data_set == "ui_prmd" and subject:
        return "A" if int(subject[1]) <= _FIRST_SUBJECTS else "B"
    person = stem.rsplit("_Es", 1)[0]
    return "AB"[hashlib.sha256(f"{data_set}/{person}".encode()).digest()[0] % 2]


def usual_jobs() -> int:
    """Return how many recordings to count at a time."""
    return os.cpu_count() or 1
