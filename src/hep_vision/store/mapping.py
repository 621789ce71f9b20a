"""Between the plain values of the log and its rows.

The fields of an event and the attributes of its row share their names.
"""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hep_vision.core.audit import Audit
from hep_vision.core.personal import PersonalRange
from hep_vision.core.targets import Targets
from hep_vision.core.types import Deviation, Hold, Rep, TrackingLost
from hep_vision.store.records import (
    Correction,
    LoggedEvent,
    MessageReading,
    ModelRecord,
    ProgramRef,
    SelfReport,
    SessionCounts,
    SessionHeader,
    SessionRow,
    SessionStatus,
    SittingRow,
    SittingSet,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.schema import (
    SCHEMA_REVISION,
    StoredDeviation,
    StoredHold,
    StoredRep,
    StoredSession,
    StoredSitting,
    StoredTrackingLoss,
)

StoredEvent = StoredRep | StoredHold | StoredTrackingLoss


def stored_event(event: LoggedEvent) -> StoredEvent:
    """Return the row of ``event``, which has yet to get its session and its place there."""
    values = _fields(type(event), event)
    if isinstance(event, TrackingLost):
        return StoredTrackingLoss(**values)
    values["not_checked"] = list(event.not_checked)
    values["deviations"] = [
        StoredDeviation(ordinal=place, **_fields(Deviation, deviation))
        for place, deviation in enumerate(event.deviations)
    ]
    return StoredRep(**values) if isinstance(event, Rep) else StoredHold(**values)


def events_of(stored: StoredSession) -> tuple[LoggedEvent, ...]:
    """Return the events of a session in the order they were recorded."""
    rows: Iterable[StoredEvent] = (*stored.reps, *stored.holds, *stored.losses)
    return tuple(_event(row) for row in sorted(rows, key=lambda row: row.ordinal))


def _event(row: StoredEvent) -> LoggedEvent:
    if isinstance(row, StoredTrackingLoss):
        return TrackingLost(**_fields(TrackingLost, row))
    kind = Rep if isinstance(row, StoredRep) else Hold
    values = _fields(kind, row)
    values["not_checked"] = tuple(row.not_checked)
    values["deviations"] = tuple(
        Deviation(**_fields(Deviation, deviation)) for deviation in row.deviations
    )
    return kind(**values)


def _fields(kind: type[LoggedEvent | Deviation], holder: object) -> dict[str, Any]:
    return {field.name: getattr(holder, field.name) for field in dataclasses.fields(kind)}


def stored_session(header: SessionHeader, session_id: str) -> StoredSession:
    """Return the row of a session that begins, which has yet to get its sitting, if it has one."""
    source, model = header.source, header.model
    return StoredSession(
        id=session_id,
        exercise_id=header.exercise_id,
        exercise_revision=header.exercise_revision,
        side=header.side,
        source_kind=source.kind,
        source_path=source.path,
        source_size_bytes=source.size_bytes,
        source_width_px=source.width_px,
        source_height_px=source.height_px,
        source_duration_ms=source.duration_ms,
        source_sha256=source.sha256,
        model_name=model.name if model else None,
        model_sha256=model.sha256 if model else None,
        hep_vision_version=header.hep_vision_version,
        mediapipe_version=header.mediapipe_version,
        schema_revision=SCHEMA_REVISION,
        started_at=header.started_at,
        status=SessionStatus.RUNNING,
        targets=header.targets.to_plain() if header.targets else None,
        personal_range=header.personal.to_plain() if header.personal else None,
        set_number=header.set_number,
    )


def session_row(stored: StoredSession, counts: SessionCounts, folder: Path) -> SessionRow:
    """Return a session as a line of the log that lies in ``folder``."""
    return SessionRow(
        session_id=stored.id,
        header=_header(stored),
        status=stored.status,
        status_reason=stored.status_reason,
        ended_at=stored.ended_at,
        tracking=_tracking(stored),
        counts=counts,
        track_path=folder / stored.track_file if stored.track_file else None,
        audit=_audit(stored),
        corrections=tuple(
            Correction(row.count, row.corrected_at, row.note) for row in stored.corrections
        ),
        program=(
            None
            if stored.program_id is None or stored.program_number is None
            else ProgramRef(stored.program_id, stored.program_number)
        ),
    )


def sitting_row(stored: StoredSitting, sets: Iterable[SessionRow]) -> SittingRow:
    """Return a sitting with its ``sets``.

    Raises:
        ValueError: No program of ours writes such a row.
    """
    if not isinstance(stored.plan, dict):
        raise ValueError(f"{stored.plan!r}: expected a plan with keys")
    return SittingRow(
        sitting_id=stored.id,
        started_at=stored.started_at,
        ended_at=stored.ended_at,
        status=stored.status,
        plan=stored.plan,
        stop_reason=stored.stop_reason,
        message=stored.message,
        hep_vision_version=stored.hep_vision_version,
        reports=tuple(
            SelfReport(said.kind, said.value, said.reported_at, said.exercise_id)
            for said in stored.reports
        ),
        sets=tuple(SittingSet(_number(row.header), row) for row in sets),
        program=program_ref(stored),
        reading=_reading(stored),
    )


def _reading(stored: StoredSitting) -> MessageReading | None:
    for row in stored.readings:
        if row.message == stored.message:
            return MessageReading(row.read_at, row.read_by)
    return None


def program_ref(stored: StoredSitting) -> ProgramRef | None:
    """Return the version of a program that a sitting was done by."""
    version = stored.program_version
    return None if version is None else ProgramRef(version.program_id, version.number)


def _number(header: SessionHeader) -> int:
    if header.set_number is None:
        raise ValueError("expected the set of a sitting to have a number")
    return header.set_number


def _header(stored: StoredSession) -> SessionHeader:
    model = None
    if stored.model_name is not None and stored.model_sha256 is not None:
        model = ModelRecord(stored.model_name, stored.model_sha256)
    return SessionHeader(
        exercise_id=stored.exercise_id,
        exercise_revision=stored.exercise_revision,
        side=stored.side,
        source=SourceRecord(
            kind=stored.source_kind,
            path=stored.source_path,
            size_bytes=stored.source_size_bytes,
            width_px=stored.source_width_px,
            height_px=stored.source_height_px,
            duration_ms=stored.source_duration_ms,
            sha256=stored.source_sha256,
        ),
        started_at=stored.started_at,
        hep_vision_version=stored.hep_vision_version,
        mediapipe_version=stored.mediapipe_version,
        model=model,
        targets=None if stored.targets is None else Targets.from_plain(stored.targets),
        personal=(
            None
            if stored.personal_range is None
            else PersonalRange.from_plain(stored.personal_range)
        ),
        sitting_id=stored.sitting_id,
        set_number=stored.set_number,
    )


def _tracking(stored: StoredSession) -> TrackingQuality | None:
    if stored.frame_count is None or stored.view is None or stored.view_ok is None:
        return None
    return TrackingQuality(stored.frame_count, stored.detected_ratio, stored.view, stored.view_ok)


def _audit(stored: StoredSession) -> Audit | None:
    if stored.recount is None or stored.uncertain is None:
        return None
    return Audit(stored.recount, stored.uncertain)
