"""What an analysis is turned into: a document, rows, a plot."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hep_vision import __version__
from hep_vision.app.analyse import Analysis, mediapipe_version
from hep_vision.core.definition import Kind
from hep_vision.errors import ExportError
from hep_vision.exports.analysis_csv import export_rows
from hep_vision.exports.analysis_json import analysis_document
from hep_vision.stages import Profile
from hep_vision.store.records import utc_stamp


def document(analysis: Analysis) -> dict[str, Any]:
    """Return the JSON document of an analysis."""
    model, booking = analysis.task.model, analysis.task.booking
    found = analysis_document(
        analysis.task.definition,
        analysis.info,
        analysis.duration_ms,
        analysis.tracking,
        analysis.summary,
        analysis.events,
        audit=analysis.audit,
        targets=analysis.task.targets,
        personal=analysis.task.personal,
        notes=(*analysis.remarks, *analysis.warnings),
        session_id=analysis.session_id,
        program=booking.program if booking else None,
        booked=_booked(analysis),
        clips=analysis.clips,
        recognised=analysis.task.recognised,
        versions={
            "hep_vision": __version__,
            "mediapipe": mediapipe_version(analysis.task),
            "model_sha256": model.sha256 if model else None,
        },
    )
    if analysis.profile is not None:
        found["profile"] = _profile(analysis.profile)
    return found


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "frames": profile.frames,
        "wall_ms": round(profile.wall_ms, 1),
        "cpu_ms": round(profile.cpu_ms, 1),
        "stages": [
            {"name": one.name, "wall_ms": round(one.wall_ms, 1), "cpu_ms": round(one.cpu_ms, 1)}
            for one in profile.stages
        ],
    }


def _booked(analysis: Analysis) -> dict[str, Any] | None:
    booked, booking = analysis.booked, analysis.task.booking
    if booked is None or booking is None:
        return None
    return {
        "sitting": booked.sitting_id,
        "date": booked.day.isoformat(),
        "recorded_at": utc_stamp(booking.filmed.at.isoformat()),
        "recorded_at_from": booking.filmed.origin.value,
        "sides": [
            {
                "side": one.side.value,
                "done": one.done,
                "prescribed": one.prescribed,
                "complete": one.complete,
            }
            for one in booked.sides
        ],
    }


def write_csv(analyses: Sequence[Analysis], path: Path) -> None:
    """Write one row per repetition and hold of every analysis.

    Raises:
        ExportError: The file cannot be written.
    """
    export_rows([document(analysis) for analysis in analyses], path)


def write_plot(analysis: Analysis, path: Path) -> None:
    """Write the plot of an analysis.

    Raises:
        ExportError: The file cannot be written, its suffix is not one of a picture, or the
            exercise is not judged by the camera.
    """
    from hep_vision.reports.plot import plot_session

    definition = analysis.task.definition
    reported = definition.reported
    if reported is None:
        raise ExportError(
            f"{definition.name} is not judged by the camera, so there is nothing to plot."
        )
    entry = definition.hold[0].minimum if definition.kind is Kind.TIMED_HOLD else None
    plot_session(
        path,
        analysis.trace,
        analysis.events,
        exercise_name=definition.name,
        target=reported.goal,
        minimum=entry,
        limit=reported.limit,
        title=None,
    )
