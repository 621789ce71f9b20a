"""A part of the log as one JSON file: programs, sittings and sessions, a document in each line."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from hep_vision.exports.analysis_json import program_ref_document
from hep_vision.exports.clip_json import clip_document
from hep_vision.exports.drafts import own_draft
from hep_vision.exports.log_export import session_document
from hep_vision.exports.sitting_json import reading_document
from hep_vision.exports.tables import SCHEMA, MeasureValue
from hep_vision.store.records import ProgramVersionRow, SessionDetail, SittingRow
from hep_vision.store.review_records import ClipRow, ClipState

_BEGIN: Final = f'{{"schema": {SCHEMA}, "programs": ['


def write_json(
    programs: Iterable[ProgramVersionRow],
    sittings: Iterable[SittingRow],
    sessions: Iterable[tuple[SessionDetail, Iterable[MeasureValue] | None]],
    clips: Iterable[tuple[ClipRow, ClipState]],
    place: Path,
    *,
    replace: bool,
) -> None:
    """Write the file; a session has ``measures`` where they are given.

    Raises:
        ExportError: It cannot be written, or what is there is not ours and not to be replaced.
    """
    with (
        own_draft(place.absolute(), _BEGIN, replace=replace) as draft,
        draft.open("w", encoding="utf-8", newline="") as out,
    ):
        out.write(_BEGIN)
        _lines(out.write, map(_program, programs))
        out.write('], "sittings": [')
        _lines(out.write, map(_sitting, sittings))
        out.write('], "sessions": [')
        _lines(out.write, (_session(session, values) for session, values in sessions))
        out.write('], "clips": [')
        _lines(out.write, (clip_document(row, state) for row, state in clips))
        out.write("]}\n")


def _lines(write: Any, documents: Iterable[dict[str, Any]]) -> None:
    separator = "\n"
    for document in documents:
        write(separator + json.dumps(document, allow_nan=False))
        separator = ",\n"
    write("\n")


def _program(version: ProgramVersionRow) -> dict[str, Any]:
    return {
        "id": version.ref.program_id,
        "version": version.ref.number,
        "patient": version.patient,
        "valid_from": version.valid_from,
        "created_at": version.created_at,
        "plan": version.plan,
    }


def _sitting(sitting: SittingRow) -> dict[str, Any]:
    return {
        "id": sitting.sitting_id,
        "program": program_ref_document(sitting.program),
        "status": sitting.status.value,
        "started_at": sitting.started_at,
        "ended_at": sitting.ended_at,
        "stop_reason": None if sitting.stop_reason is None else sitting.stop_reason.value,
        "message": sitting.message,
        "message_read": reading_document(sitting.reading),
        "plan": sitting.plan,
        "reports": [
            {
                "kind": report.kind.value,
                "value": report.value,
                "exercise": report.exercise_id,
                "reported_at": report.reported_at,
            }
            for report in sitting.reports
        ],
        "versions": {"hep_vision": sitting.hep_vision_version},
    }


def _session(session: SessionDetail, values: Iterable[MeasureValue] | None) -> dict[str, Any]:
    document = session_document(session)
    if values is None:
        return document
    rows = [
        {
            "timestamp_ms": value.timestamp_ms,
            "measure": value.measure,
            "side": value.side,
            "value": value.value,
            "unit": value.unit,
        }
        for value in values
    ]
    return document | {"measures": rows}
