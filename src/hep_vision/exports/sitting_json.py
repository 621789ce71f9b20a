"""Sittings as JSON; docs/api.md says what each key means."""

from collections.abc import Iterable
from typing import Any

from hep_vision.exports.log_export import session_line
from hep_vision.store.records import LoggedSet, MessageReading, SelfReport, SittingRow


def sitting_line(row: SittingRow, sets: Iterable[LoggedSet]) -> dict[str, Any]:
    """Return a sitting as JSON values, without its plan, for a list.

    Args:
        row: The sitting; the sets in it are not looked at.
        sets: Its sets, in the order they were begun.
    """
    program = row.program
    return {
        "id": row.sitting_id,
        "status": row.status.value,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "program": (
            None if program is None else {"id": program.program_id, "version": program.number}
        ),
        "stop_reason": None if row.stop_reason is None else row.stop_reason.value,
        "message": row.message,
        "message_read": reading_document(row.reading),
        "hep_vision": row.hep_vision_version,
        "reports": [_report(one) for one in row.reports],
        "sets": [
            {
                "set_number": one.set_number,
                "session": one.session_id,
                "exercise": one.exercise_id,
                "side": one.side.value,
                "status": one.status.value,
            }
            for one in sets
        ],
    }


def sitting_document(row: SittingRow) -> dict[str, Any]:
    """Return a sitting as JSON values, with its plan and what each set came to."""
    sessions = [one.session for one in row.sets]
    sets = [
        LoggedSet(
            one.session.header.exercise_id,
            one.session.header.side,
            one.session.header.started_at,
            one.session.status,
            one.set_number,
            one.session.session_id,
        )
        for one in row.sets
    ]
    return {
        **sitting_line(row, sets),
        "plan": dict(row.plan),
        "sessions": [session_line(one) for one in sessions],
    }


def reading_document(reading: MessageReading | None) -> dict[str, Any] | None:
    """Return who read a message, and when, as JSON values."""
    if reading is None:
        return None
    return {"read_at": reading.read_at, "read_by": reading.read_by}


def _report(one: SelfReport) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "value": one.value,
        "reported_at": one.reported_at,
        "exercise": one.exercise_id,
    }
