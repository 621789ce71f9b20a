"""Make an exercise file: from a demonstration, or from an outline."""

from pathlib import Path
from typing import Final

from hep_vision.app.analyse import Model, Progress, read_landmarks
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.drafting import Taught, teach
from hep_vision.core.lesson import Nothing, why_nothing
from hep_vision.core.types import PoseFrame, Side
from hep_vision.errors import ExerciseSpecError, ExportError, LearningError, SourceOpenError
from hep_vision.exercises.loading import exercise_ids
from hep_vision.exercises.writing import exercise_toml
from hep_vision.files import private_draft

EXERCISES_NAME: Final = "exercises"
_ENDING: Final = ".toml"


def learn_exercise(  # noqa: PLR0913 -- what is shown, and what it is to be called
    path: Path,
    exercise_id: str,
    name: str,
    reps: int,
    *,
    side: Side | None = None,
    model: Model | None = None,
    progress: Progress | None = None,
) -> Taught:
    """Learn an exercise from a recording whose first repetitions demonstrate it.

    Args:
        path: A video, or a landmark track.
        exercise_id: Id of the new exercise.
        name: Its name.
        reps: How many repetitions, from the first, are the demonstration.
        side: The side that works, or both, or None to find out.
        model: Pose model; None for a track.
        progress: Called with the share done, 0..1.

    Raises:
        SourceError, ModelError, PoseEstimationError: As for `hep_vision.app.analyse.analyse`.
        LearningError: Nothing in it repeats often enough.
    """
    poses = list(read_landmarks(path, model, progress).poses())
    taught = teach(poses, exercise_id, name, reps, side)
    if taught is None:
        raise _nothing(path, poses, reps)
    return taught


def _nothing(path: Path, poses: list[PoseFrame], reps: int) -> LearningError | SourceOpenError:
    why = why_nothing(poses)
    if why is Nothing.NOBODY:
        return SourceOpenError(
            f"{path}: no person was seen in any of {len(poses)} pictures; check the light and that "
            "the whole body is in view."
        )
    if why is Nothing.STILL:
        return LearningError(
            f"{path}: nothing moves far enough to be told from noise; film the whole movement, "
            "with the parts that move in view."
        )
    return LearningError(
        f"{path}: no movement repeats {reps} times in a like way; demonstrate {reps} repetitions "
        "one after another, or say how many there are with --reps."
    )


def place_for(exercise_id: str, out: Path | None, data_dir: Path, *, replace: bool) -> Path:
    """Return where the file of a new exercise goes, before any work is done for it.

    Args:
        exercise_id: Its id, and so the file's name.
        out: A file or a folder of the person's choice, or None for their exercise folder.
        data_dir: Folder of the log.
        replace: Whether a file that is there may be replaced.

    Raises:
        ExerciseSpecError: The name does not fit, or the file is there already.
    """
    if out is None:
        out = data_dir / EXERCISES_NAME
    place = out if out.suffix == _ENDING else out / f"{exercise_id}{_ENDING}"
    if place.stem != exercise_id:
        raise ExerciseSpecError(
            f"{place}: an exercise file is named after its id; call it {exercise_id}{_ENDING}, or "
            f"give --id {place.stem}."
        )
    if place.exists() and not replace:
        raise ExerciseSpecError(
            f"{place}: there already; give another --id or --out, or --replace to replace it."
        )
    return place


def hides_catalogue(exercise_id: str) -> bool:
    """Return whether the catalogue has an exercise of this id, which a file of one's own hides."""
    return exercise_id in exercise_ids()


def write_exercise(exercise: ExerciseDefinition, place: Path) -> None:
    """Write an exercise file, whole or not at all.

    Raises:
        ExportError: It cannot be written.
    """
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"cannot make the folder {place.parent}: {error.strerror}. Choose another with --out."
        ) from error
    with private_draft(place, "the exercise file") as draft:
        draft.write_text(exercise_toml(exercise), encoding="utf-8")
