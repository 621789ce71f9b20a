"""The log for other programs: one CSV row per repetition or hold, or whole sessions as JSON.

Columns of the CSV, in this order; a cell is empty where a value is unknown or has no meaning:

    session_id          UUID of the session
    started_at_utc      moment it began, ISO 8601
    session_status      running | finished | interrupted | failed
    exercise_id
    exercise_revision
    source_kind         webcam | video | track
    source_path
    kind                rep | hold | session
    number              from 1; of a repetition only if it counted
    side                left | right | both
    status              counted | partial | rejected | open; of a repetition
    reason              why a repetition did not count
    start_ms            media time; the interval is half-open
    peak_ms
    end_ms
    peak_deg            in the unit of the exercise's reported measure
    rom_deg             likewise
    uncertainty_deg     likewise
    concentric_ms
    eccentric_ms
    hold_ms             of a hold, the time in which the posture was right
    deviations          ids, a space between them
    not_checked         ids of the checks that the view or the tracking did not allow
    session_counted     repetitions that counted, or holds, of the whole session
    session_recount     repetitions that a second count found
    session_uncertain   True | False; whether the two differ by more than one
    session_corrected   count entered by hand last
    sitting_id          UUID of the sitting that the session is a set of
    set_number          number of the set in its sitting, from 1
    program_id          UUID of the program that the sitting followed
    program_version     number of its version, from 1

Sessions in which nothing was seen have no row; they are in the JSON. Where such a session was
corrected by hand, it has one of the kind ``session``, so that the correction is not lost. A row is
one line: line ends in text become spaces. Text that a spreadsheet would run as a formula gets a
``'`` in front.
"""

import csv
import dataclasses
import json
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

from hep_vision.core.types import Deviation, Hold, Rep
from hep_vision.errors import ExportError
from hep_vision.exports.analysis_json import (
    audit_document,
    patient_document,
    program_ref_document,
)
from hep_vision.exports.cells import csv_cell
from hep_vision.files import private_draft
from hep_vision.store.records import SessionDetail, SessionHeader, SessionRow

JSON_SCHEMA: Final = 1
_OF_EVENTS: Final = ("corrections", "reps", "holds", "deviations")
CSV_COLUMNS: Final = (
    "session_id",
    "started_at_utc",
    "session_status",
    "exercise_id",
    "exercise_revision",
    "source_kind",
    "source_path",
    "kind",
    "number",
    "side",
    "status",
    "reason",
    "start_ms",
    "peak_ms",
    "end_ms",
    "peak_deg",
    "rom_deg",
    "uncertainty_deg",
    "concentric_ms",
    "eccentric_ms",
    "hold_ms",
    "deviations",
    "not_checked",
    "session_counted",
    "session_recount",
    "session_uncertain",
    "session_corrected",
    "sitting_id",
    "set_number",
    "program_id",
    "program_version",
)


def export_csv(sessions: Iterable[SessionDetail], out: Path | TextIO) -> None:
    """Write the repetitions and holds of ``sessions`` as CSV, UTF-8, in `CSV_COLUMNS`.

    A file appears whole or not at all, readable by its owner only.

    Raises:
        ExportError: ``out`` cannot be written.
        BrokenPipeError: The reader of the stream ``out`` went away.
    """
    with _opened(out) as stream:
        writer = csv.DictWriter(stream, CSV_COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for session in sessions:
            writer.writerows(_csv_rows(session))


def export_json(sessions: Iterable[SessionDetail], out: Path | TextIO) -> None:
    """Write ``sessions`` as ``{"schema": 1, "sessions": [...]}``, each as `session_document`.

    A file appears whole or not at all, readable by its owner only.

    Raises:
        ExportError: ``out`` cannot be written.
        BrokenPipeError: The reader of the stream ``out`` went away.
    """
    with _opened(out) as stream:
        stream.write(f'{{"schema": {JSON_SCHEMA}, "sessions": [')
        separator = "\n"
        for session in sessions:
            stream.write(separator + json.dumps(session_document(session), allow_nan=False))
            separator = ",\n"
        stream.write("\n]}\n")


def session_document(session: SessionDetail) -> dict[str, Any]:
    """Return a session as JSON values, the parts shaped like those of ``analyze --format json``.

    Unknown and infinite numbers are null.
    """
    row = session.row
    return {
        "id": row.session_id,
        "status": row.status.value,
        "status_reason": row.status_reason,
        "started_at": row.header.started_at,
        "ended_at": row.ended_at,
        "sitting": row.header.sitting_id,
        "set_number": row.header.set_number,
        "program": program_ref_document(row.program),
        "exercise": {"id": row.header.exercise_id, "revision": row.header.exercise_revision},
        "side": row.header.side.value,
        **patient_document(row.header.targets, row.header.personal),
        "source": _source(row),
        "tracking": _tracking(session),
        "track": None if row.track_path is None else row.track_path.name,
        "counts": _counts(row),
        "audit": audit_document(row.audit),
        "corrected": row.corrected_count,
        "corrections": [dataclasses.asdict(correction) for correction in row.corrections],
        "reps": [_performed(rep) for rep in session.reps],
        "holds": [_performed(hold) for hold in session.holds],
        "deviations": [
            deviation_document(deviation)
            for event in session.events
            if isinstance(event, Rep | Hold)
            for deviation in event.deviations
        ],
        "versions": _versions(row.header),
    }


def deviation_document(deviation: Deviation) -> dict[str, Any]:
    """Return a form deviation as `session_document` shows it."""
    return _values(deviation)


def session_line(row: SessionRow) -> dict[str, Any]:
    """Return what `session_document` says of a session, without its events, for a list."""
    whole = session_document(SessionDetail(row, ()))
    line = {key: value for key, value in whole.items() if key not in _OF_EVENTS}
    del line["tracking"]["lost"]
    return line


def _source(row: SessionRow) -> dict[str, Any]:
    source = row.header.source
    return {
        "kind": source.kind.value,
        "path": source.path,
        "size_bytes": source.size_bytes,
        "sha256": source.sha256,
        "width": source.width_px,
        "height": source.height_px,
        "duration_ms": source.duration_ms,
        "frames": row.tracking.frame_count if row.tracking else None,
    }


def _tracking(session: SessionDetail) -> dict[str, Any]:
    quality = session.row.tracking
    return {
        "detected_ratio": _number(quality.detected_ratio) if quality else None,
        "view": quality.view.value if quality else None,
        "view_ok": quality.view_ok if quality else None,
        "lost": [dataclasses.asdict(lost) for lost in session.lost],
    }


def _counts(row: SessionRow) -> dict[str, Any]:
    counts = row.counts
    return {
        "counted": counts.counted,
        "partial": counts.partial,
        "rejected": counts.rejected,
        "open": counts.open,
        "by_side": {
            "left": counts.counted_left,
            "right": counts.counted_right,
            "both": counts.counted_both,
        },
        "flagged": counts.flagged,
        "holds": counts.holds,
        "held_ms": counts.held_ms,
    }


def _performed(performed: Rep | Hold) -> dict[str, Any]:
    ids = [deviation.id for deviation in performed.deviations]
    return _values(performed) | {"deviations": ids}


def _versions(header: SessionHeader) -> dict[str, str | None]:
    return {
        "hep_vision": header.hep_vision_version,
        "mediapipe": header.mediapipe_version,
        "model": header.model.name if header.model else None,
        "model_sha256": header.model.sha256 if header.model else None,
    }


def _values(event: Rep | Hold | Deviation) -> dict[str, Any]:
    return {name: _number(value) for name, value in dataclasses.asdict(event).items()}


def _number(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _csv_rows(session: SessionDetail) -> Iterator[dict[str, object]]:
    row, header = session.row, session.row.header
    shared: dict[str, object] = {
        "session_id": row.session_id,
        "started_at_utc": header.started_at,
        "session_status": row.status.value,
        "exercise_id": header.exercise_id,
        "exercise_revision": header.exercise_revision,
        "source_kind": header.source.kind.value,
        "source_path": header.source.path,
        "session_counted": row.measured_count,
        "session_recount": row.audit.recount if row.audit else None,
        "session_uncertain": row.audit.uncertain if row.audit else None,
        "session_corrected": row.corrected_count,
        "sitting_id": header.sitting_id,
        "set_number": header.set_number,
        "program_id": row.program.program_id if row.program else None,
        "program_version": row.program.number if row.program else None,
    }
    rows = [
        _own_cells("rep", event)
        if isinstance(event, Rep)
        else _own_cells("hold", event) | {"hold_ms": event.counted_ms}
        for event in session.events
        if isinstance(event, Rep | Hold)
    ]
    if not rows and row.corrections:
        rows = [{"kind": "session"}]
    for own in rows:
        yield {name: csv_cell(value) for name, value in (shared | own).items()}


def _own_cells(kind: str, performed: Rep | Hold) -> dict[str, object]:
    values = dataclasses.asdict(performed)
    cells = {name: value for name, value in values.items() if name in CSV_COLUMNS}
    return cells | {
        "kind": kind,
        "number": performed.index,
        "deviations": " ".join(deviation.id for deviation in performed.deviations),
        "not_checked": " ".join(performed.not_checked),
    }


@contextmanager
def _opened(out: Path | TextIO) -> Iterator[TextIO]:
    try:
        if not isinstance(out, Path):
            yield out
        elif out.exists() and not out.is_file():  # a device or a pipe; a folder is refused
            with out.open("w", encoding="utf-8", newline="") as stream:
                yield stream
        else:
            with (
                private_draft(out.resolve(), "the export") as draft,
                draft.open("w", encoding="utf-8", newline="") as stream,
            ):
                yield stream
    except BrokenPipeError:
        raise
    except OSError as error:
        name = out if isinstance(out, Path) else getattr(out, "name", "the output")
        raise ExportError(
            f"{name} cannot be written: choose another place ({error.strerror})."
        ) from error
