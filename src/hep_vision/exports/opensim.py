"""The landmarks and joint angles of a set as files of OpenSim: TRC and MOT.

Both begin with the landmarks that the engine took for the patient's, and both formats mean a
constant rate: recordings whose frames do not come at one are resampled unless that is declined.
A landmark is written where the engine would use it; where it is not seen, a TRC cell is empty and
a MOT value is ``NaN``. ``docs/exports-opensim.md`` is the manual.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.engine import measures_needed
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import MEASURES, SIDES
from hep_vision.core.resampling import evenly_timed, is_steady, mean_rate_hz
from hep_vision.core.signal import VISIBLE
from hep_vision.core.types import FloatArray
from hep_vision.core.whole_set import (
    LandmarkSeries,
    WholeSet,
    landmark_sight,
    patient_in,
    sight_of,
)
from hep_vision.errors import ExportError
from hep_vision.files import private_draft

STANDARD_ANGLES: Final = (
    "knee_flexion", "hip_flexion", "hip_abduction", "knee_valgus", "ankle_plantarflexion",
    "shoulder_flexion", "shoulder_abduction", "shoulder_elevation", "elbow_flexion",
    "trunk_lean_forward", "trunk_lean_side", "pelvic_obliquity",
)  # fmt: skip
"""What is written of every exercise, from the views that show it."""

_TRC_KEYS: Final = (
    "DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units",
    "OrigDataRate", "OrigDataStartFrame", "OrigNumFrames",
)  # fmt: skip
_MOT_NAME: Final = "camera_plane_angles"
_MOT_REMARK: Final = "These are angles in the plane of the picture, not coordinates of a model."


def write_trc(track: LandmarkSeries, out: Path, *, even: bool = True) -> None:
    """Write the 33 landmarks over time as a TRC file, whole or not at all.

    Positions are metres in OpenSim's ground axes: Y up, X towards the camera (the way a person
    faces who looks at it), Z to the right of that person. Their origin is between the hips at
    every moment, so they hold no way through the room.

    Args:
        track: Landmarks of a recording; someone else's in it are left out.
        out: The file; only its owner can read it.
        even: Resample where the frames do not come at a constant rate; else every frame is
            written with its own time, and the header gives the mean rate.

    Raises:
        ExportError: There are no world landmarks, none is seen, fewer than two frames, the time
            stamps leap over many hours, or the file cannot be written.
    """
    if len(track.timestamp_ms) and np.isnan(track.world_m).all():
        raise ExportError(
            "the landmark track has no world coordinates, and places in a picture are none in "
            "space; export the angles (MOT) instead."
        )
    landmarks = _prepared(track, even=even)
    ground_m = _ground_m(_seen_world_m(landmarks))
    if np.isnan(ground_m).all():
        raise ExportError("no landmark is seen in the landmark track; there is nothing to write.")
    rate = f"{mean_rate_hz(landmarks.timestamp_ms):.6g}"
    frames = len(landmarks.timestamp_ms)
    about = (rate, rate, frames, len(Landmark), "m", rate, 1, frames)
    numbers = range(1, len(Landmark) + 1)
    axes = [f"{axis}{number}" for number in numbers for axis in "XYZ"]
    head = [
        ("PathFileType", "4", "(X/Y/Z)", _on_one_line(out.name)),
        _TRC_KEYS,
        [str(value) for value in about],
        # Readers lose an empty last cell, so the rows of a table end in a tab, as OpenSim's own do.
        ("Frame#", "Time", "\t\t\t".join(landmark.name for landmark in Landmark), "", "", ""),
        ("", "", *axes, ""),
        (),
    ]
    rows = (
        [str(number), _seconds(time_ms), *(_cell(value, 6, "") for value in values), ""]
        for number, (time_ms, values) in enumerate(
            zip(
                landmarks.timestamp_ms.tolist(),
                ground_m.reshape(frames, -1).tolist(),
                strict=True,
            ),
            start=1,
        )
    )
    _write(out, "the marker file", head, rows)


def write_mot(
    track: LandmarkSeries, exercise: ExerciseDefinition | None, out: Path, *, even: bool = True
) -> None:
    """Write joint angles over time as a MOT file, whole or not at all.

    Angles are degrees in the plane of the picture, two columns each, ``left_`` and ``right_``. A
    measure that the view of the set cannot show, or that is never seen, has no column.

    Args:
        track: Landmarks of a recording; someone else's in it are left out.
        exercise: Its angles are written beside the `STANDARD_ANGLES`; None for those alone.
        out: The file; only its owner can read it.
        even: As for `write_trc`.

    Raises:
        ExportError: No angle is seen, fewer than two frames, the time stamps leap over many
            hours, or the file cannot be written.
    """
    landmarks = _prepared(track, even=even)
    columns = _angles_deg(landmarks, _angle_names(exercise))
    if not columns:
        raise ExportError(
            "no joint angle is seen in the landmark track; there is nothing to write."
        )
    head = [
        (_MOT_NAME,),
        ("version=1",),
        (f"nRows={len(landmarks.timestamp_ms)}",),
        (f"nColumns={len(columns) + 1}",),
        ("inDegrees=yes",),
        (_MOT_REMARK,),
        ("endheader",),
        ("time", *columns),
    ]
    values = np.stack(list(columns.values()), axis=-1).tolist()
    rows = (
        [_seconds(time_ms), *(_cell(value, 3, "NaN") for value in row)]
        for time_ms, row in zip(landmarks.timestamp_ms.tolist(), values, strict=True)
    )
    _write(out, "the motion file", head, rows)


def _prepared(track: LandmarkSeries, *, even: bool) -> LandmarkSeries:
    if len(track.timestamp_ms) < 2:
        raise ExportError("the landmark track has fewer than two frames; there is no motion in it.")
    patient = patient_in(track)
    if not even or is_steady(patient.timestamp_ms):
        return patient
    try:
        return evenly_timed(patient)
    except ValueError as error:
        raise ExportError(f"the landmark track cannot be resampled: {error}.") from error


def _seen_world_m(landmarks: LandmarkSeries) -> FloatArray:
    """Return (T, 33, 3) metres, NaN where a landmark is not seen: the model guesses it then."""
    world_m = landmarks.world_m.astype(np.float64)
    unseen = ~(landmark_sight(landmarks, range(len(Landmark))) >= VISIBLE)
    unseen |= np.isnan(world_m).any(axis=-1)
    off_picture = np.isnan(landmarks.image_px).any(axis=-1)
    unseen |= off_picture & ~off_picture.all(axis=-1, keepdims=True)
    world_m[unseen] = np.nan
    return world_m


def _ground_m(world_m: FloatArray) -> FloatArray:
    """Turn world landmarks (image right, down, away) to ground (to the camera, up, image left).

    A half turn about the axis (1, 0, -1): no mirror.
    """
    return -world_m[..., ::-1]


def _angle_names(exercise: ExerciseDefinition | None) -> tuple[str, ...]:
    """Return the angles to write, the exercise's own first.

    Those from world landmarks are never reported as an angle; see `hep_vision.core.measures`.
    """
    own = measures_needed(exercise) if exercise is not None else ()
    return tuple(
        name
        for name in dict.fromkeys((*own, *STANDARD_ANGLES))
        if MEASURES[name].unit == "deg" and not name.endswith("_depth")
    )


def _angles_deg(landmarks: LandmarkSeries, names: Sequence[str]) -> dict[str, FloatArray]:
    """Return (T,) of each side of each measure that is known at any time."""
    body = WholeSet.of(landmarks)
    shown = tuple(name for name in names if body.view in MEASURES[name].views)
    if not shown:
        return {}
    values = body.measures(shown)
    columns: dict[str, FloatArray] = {}
    for row, name in enumerate(shown):
        seen = np.where(sight_of(name, landmarks) >= VISIBLE, values[:, row], np.nan)
        columns |= {f"{side}_{name}": seen[:, place] for place, side in enumerate(SIDES)}
    return {name: column for name, column in columns.items() if np.isfinite(column).any()}


def _on_one_line(name: str) -> str:
    """Return a file name as plain letters; a tab or the end of a line would break the header."""
    printable = "".join(letter if letter.isprintable() else "_" for letter in name)
    return printable.encode("ascii", "backslashreplace").decode("ascii")


def _seconds(time_ms: int) -> str:
    return f"{time_ms / 1000:.3f}"


def _cell(value: float, decimals: int, unknown: str) -> str:
    if math.isnan(value):
        return unknown
    # Adding nothing turns a minus zero into zero.
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def _write(
    out: Path, what: str, head: Iterable[Sequence[str]], rows: Iterable[Sequence[str]]
) -> None:
    with (
        private_draft(out, what) as draft,
        draft.open("w", encoding="ascii", newline="\n") as stream,
    ):
        for line in (*head, *rows):
            stream.write("\t".join(line) + "\n")
