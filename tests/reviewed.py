"""Logged sessions with landmarks, for pages that look at them again."""

from collections.abc import Sequence
from pathlib import Path

from hep_vision.app.analyse import Task, analyse
from hep_vision.core.targets import Targets, prescribed
from hep_vision.exercises.loading import find_exercise
from hep_vision.sources.recorded import TrackRecorder, write_track
from hep_vision.store.sessions import SessionLog
from sittings import doing
from synthetic import Effort

FULL, SHORT = Effort(1.0), Effort(0.6)


def recorded(
    log: SessionLog,
    folder: Path,
    plan: Sequence[Effort] = (FULL, FULL, SHORT),
    *,
    exercise_id: str = "squat",
    targets: Targets | None = None,
) -> str:
    """Book a recording of the figure that does an exercise as planned; return its session."""
    exercise = find_exercise(exercise_id)
    if targets is not None:
        exercise = prescribed(exercise, targets)
    poses = doing(exercise, plan)
    recorder = TrackRecorder(poses[0].image_size_px)
    for pose in poses:
        recorder.add(pose)
    path = folder / "recording.npz"
    write_track(path, recorder.track())
    found = analyse(Task(path, exercise, targets=targets), log=log)
    assert found.session_id is not None
    return found.session_id
