"""Compare the repetitions of a recording with those of a calibration recording."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hep_vision.app.analyse import Task, estimate_track
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.form_quality import Reference, RepQuality, calibrate, counted_reps, quality_of
from hep_vision.core.types import Event, Rep, Side, View
from hep_vision.core.whole_set import WholeSet, patient_in
from hep_vision.errors import LearningError
from hep_vision.sources.recorded import LandmarkTrack


@dataclass(frozen=True, slots=True)
class Comparison:
    """The counted repetitions of a recording beside those of a calibration.

    Attributes:
        definition: The exercise.
        reps: The counted repetitions.
        quality: How much each differs, in the same order.
    """

    definition: ExerciseDefinition
    reps: tuple[Rep, ...]
    quality: tuple[RepQuality, ...]


def compare_recordings(calibration: Task, task: Task, reps: int) -> Comparison:
    """Compare a recording with the first repetitions of a calibration recording.

    Args:
        calibration: The recording of good repetitions.
        task: The recording to compare, of the same exercise.
        reps: How many repetitions the calibration is.

    Raises:
        SourceError, ModelError, PoseEstimationError: As for `hep_vision.app.analyse.analyse`.
        LearningError: Too few repetitions were counted in the calibration, or the recordings show
            the person from different sides.
    """
    definition = task.definition
    if not definition.count:
        raise LearningError(f"{definition.name} has no repetitions to compare.")
    reference = read_calibration(calibration, reps)
    track = estimate_track(task)
    _require_view(calibration.path, reference.view, task.path, WholeSet.of(patient_in(track)).view)
    events = _events(track, definition, task.side)
    return Comparison(
        definition,
        tuple(counted_reps(events)),
        quality_of(definition, track, events, reference),
    )


def read_calibration(task: Task, reps: int) -> Reference:
    """Return the reference that the first repetitions of a recording make.

    Raises:
        SourceError, ModelError, PoseEstimationError: As for `hep_vision.app.analyse.analyse`.
        LearningError: Too few repetitions were counted in it.
    """
    track = estimate_track(task)
    events = _events(track, task.definition, task.side)
    try:
        return calibrate(task.definition, track, events, reps)
    except ValueError as error:
        raise LearningError(
            f"{task.path}: {error}; record {reps} good ones, or say how many there are with --reps."
        ) from error


def _events(
    track: LandmarkTrack, definition: ExerciseDefinition, side: Side | None
) -> Iterable[Event]:
    return ExerciseEngine(definition, side).replay(track.poses())


def _require_view(calibration: Path, shown: View, path: Path, view: View) -> None:
    if view is not shown:
        raise LearningError(
            f"{path} shows the person from another side ({view}) than {calibration} ({shown}); "
            "film both from the same place."
        )
