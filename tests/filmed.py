"""Recordings of a patient, as landmark tracks, and programs that were entered some days ago."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import synthetic
from hep_vision.core.types import Side
from hep_vision.exercises.loading import find_exercise
from hep_vision.sources.recorded import TrackRecorder, write_track
from hep_vision.store.records import ProgramRef
from hep_vision.store.sessions import SessionLog
from moving import done_by, times


def film(path: Path, exercise_id: str, *sets: tuple[int, Side], share: float = 1.0) -> Path:
    """Film so many repetitions of each side, one side after the other."""
    exercise = find_exercise(exercise_id)
    motions = [done_by(exercise, times(count, share), side) for count, side in sets]
    camera = synthetic.Camera(view=exercise.camera.view)
    frames = synthetic.record(synthetic.one_after_another(*motions), camera, fps=15)
    recorder = TrackRecorder(frames[0].image_size_px)
    for frame in frames:
        recorder.add(frame)
    write_track(path, recorder.track())
    return path


def enter_program(
    data_dir: Path,
    exercises: Sequence[str],
    moment: datetime,
    *,
    start: str = "2026-01-01",
    patient: str = "A. B.",
) -> ProgramRef:
    """Enter a program as of a moment; each exercise is the lines of its table."""
    head = f'patient = "{patient}"\ntherapist = "C."\nstart = {start}\nreview = 2099-01-01\n'
    text = head + "".join(f"[[exercises]]\n{lines}\n" for lines in exercises)
    with SessionLog.open(data_dir) as log:
        row, _ = log.programs.enter(text, patient, moment.isoformat())
    return row.ref
