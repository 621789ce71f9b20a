"""Find out which exercise a recording shows, and count it from the same landmarks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hep_vision.app.analyse import TRACK_SUFFIX, Model, Progress, Task, estimate, find_model
from hep_vision.core.clips import ClipPolicy
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.recognition import Proposal, Recognition, recognise_exercise
from hep_vision.core.types import Side
from hep_vision.errors import NotRecognisedError
from hep_vision.exercises.loading import exercise_ids, find_exercise
from hep_vision.sources.recorded import LandmarkTrack
from hep_vision.sources.video_file import READ_AS_USUAL, ReadSettings

AUTO: Final = "auto"
"""In place of an exercise: find out which one it is."""


def known_exercises(own_dir: Path | None = None) -> dict[str, ExerciseDefinition]:
    """Return the catalogue and the exercise files of one's own, which go before it, by id.

    Raises:
        ExerciseSpecError: A file of one's own is malformed.
    """
    return {name: find_exercise(name, own_dir) for name in exercise_ids(own_dir)}


def recognise(track: LandmarkTrack, catalogue: Mapping[str, ExerciseDefinition]) -> Recognition:
    """Return which of some exercises a landmark track shows, or that it is unknown, and why.

    Args:
        track: The landmarks of a recording.
        catalogue: The exercises that it could be, by id.
    """
    return recognise_exercise(track.poses(), list(catalogue.values()))


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """A recording of which nobody has said what it shows.

    Attributes:
        path: A video, or a landmark track.
        among: The exercises that it could be, by id.
        side: The prescribed side, or None to follow the person.
        model: Pose model; None for a track.
        overlay: Where to write the picture with everything drawn on it, or None.
        clips: Which flagged repetitions become clips; None makes none.
        blur_faces: Whether faces are hidden in the clips.
        reading: How a video is read.
        profiled: Whether to measure what takes how long, once it is recognised.
    """

    path: Path
    among: Mapping[str, ExerciseDefinition]
    side: Side | None = None
    model: Model | None = None
    overlay: Path | None = None
    clips: ClipPolicy | None = None
    blur_faces: bool = False
    reading: ReadSettings = READ_AS_USUAL
    profiled: bool = False

    def recognised(self, progress: Progress | None = None) -> Task:
        """Return what to count, with the landmarks that it was recognised from.

        Raises:
            SourceError, ModelError, PoseEstimationError: As for `hep_vision.app.analyse.analyse`.
            NotRecognisedError: It is none of the exercises, or it cannot be told which.
        """
        landmarks = estimate(self.path, self.model, progress, reading=self.reading)
        found = recognise(landmarks.track, self.among)
        if found.best is None:
            raise NotRecognisedError(not_recognised(self.path, found))
        return Task(
            self.path,
            self.among[found.best.exercise_id],
            self.side,
            self.model,
            self.overlay,
            clips=self.clips,
            blur_faces=self.blur_faces,
            landmarks=landmarks,
            recognised=found,
            reading=self.reading,
            profiled=self.profiled,
        )


def unlabelled(
    recordings: Sequence[Path],
    side: Side | None,
    data_dir: Path,
    model: str,
    overlay: Path | None = None,
) -> list[Unlabelled]:
    """Return recordings of which nobody has said what they show.

    Args:
        recordings: Videos and landmark tracks.
        side: The prescribed side, or None to follow the person.
        data_dir: Folder with the exercise files of one's own, and the pose models.
        model: Name of the pose model.
        overlay: As in `Unlabelled`.

    Raises:
        ExerciseSpecError: An exercise file of one's own is malformed.
        ModelError: A video needs the model, and it cannot be used.
    """
    among = known_exercises(data_dir / "exercises")
    tracks = [path.suffix.lower() == TRACK_SUFFIX for path in recordings]
    pose_model = None if all(tracks) else find_model(model, data_dir)
    return [
        Unlabelled(path, among, side, None if track else pose_model, overlay)
        for path, track in zip(recordings, tracks, strict=True)
    ]


def not_recognised(path: Path, found: Recognition) -> str:
    """Return the line that says why nothing is proposed, what is nearest, and what to do."""
    nearest = _listed(found.proposals, lambda one: f"{one.name} ({one.exercise_id})")
    said = f"{path}: exercise not recognised: {found.reason}."
    if not nearest:
        return f"{said} Say which it is with --exercise; `hep-vision exercises list` shows all."
    return f"{said} Nearest: {nearest}. Say which it is with --exercise."


def _listed(proposals: tuple[Proposal, ...], named: Callable[[Proposal], str]) -> str:
    names = [named(one) for one in proposals[:3]]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
