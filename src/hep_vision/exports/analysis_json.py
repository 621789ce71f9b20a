"""The JSON of one analysis; a stable contract that other programs read, see ``docs/json.md``."""

import math
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from hep_vision.core.audit import Audit
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.form import OVER_LIMIT
from hep_vision.core.measures import MEASURES
from hep_vision.core.personal import PersonalRange
from hep_vision.core.recognition import Recognition
from hep_vision.core.summary import SetSummary, Tracking
from hep_vision.core.targets import Targets
from hep_vision.core.types import Deviation, Event, Hold, Rep, RepStatus, Side, TrackingLost
from hep_vision.sources.base import SourceInfo
from hep_vision.store.records import ProgramRef
from hep_vision.store.review_records import ClipRow

SCHEMA = 1


def analysis_document(  # noqa: PLR0913 -- the parts of the document
    definition: ExerciseDefinition,
    info: SourceInfo,
    duration_ms: int,
    tracking: Tracking,
    summary: SetSummary,
    events: tuple[Event, ...],
    *,
    audit: Audit | None,
    targets: Targets | None,
    personal: PersonalRange | None,
    notes: tuple[str, ...],
    session_id: str | None,
    versions: dict[str, str | None],
    program: ProgramRef | None = None,
    booked: dict[str, Any] | None = None,
    clips: Iterable[ClipRow] = (),
    recognised: Recognition | None = None,
) -> dict[str, Any]:
    """Return the document as plain values that ``json.dumps`` accepts; unknown is ``None``."""
    shown_in = _shown_in(events, clips)
    reps = [event for event in events if isinstance(event, Rep)]
    holds = [event for event in events if isinstance(event, Hold)]
    reported = definition.reported
    return {
        "schema": SCHEMA,
        "exercise": {
            "id": definition.id,
            "revision": definition.revision,
            "measure": reported.measure if reported else None,
            "unit": MEASURES[reported.measure].unit if reported else None,
        },
        "recognised": recognised_document(recognised),
        "source": {
            "path": info.path,
            "width": info.width_px,
            "height": info.height_px,
            "duration_ms": duration_ms,
            "frames": tracking.frames,
        },
        "tracking": {
            "detected_ratio": round(tracking.detected_ratio, 4),
            "view": tracking.view.value,
            "view_ok": tracking.view_ok,
            "lost": [{"start_ms": span.start_ms, "end_ms": span.end_ms} for span in summary.lost],
        },
        "counts": {
            "counted": summary.counted,
            "partial": summary.partial,
            "rejected": summary.rejected,
            "open": summary.open,
            "by_side": {side.value: summary.by_side[side] for side in Side},
        },
        **patient_document(targets, personal),
        "audit": audit_document(audit),
        "reps": [_rep(rep) for rep in reps],
        "holds": [_hold(hold) for hold in holds],
        "deviations": [
            _deviation(deviation, shown_in.get(id(deviation))) for deviation in summary.deviations
        ],
        "checks": _checks(definition, summary, reps, holds),
        "notes": list(notes),
        "session": session_id,
        "program": program_ref_document(program),
        "booked": booked,
        "versions": versions,
    }


def program_ref_document(program: ProgramRef | None) -> dict[str, Any] | None:
    """Return the version of a program as the documents of an analysis and a session show it."""
    return None if program is None else {"id": program.program_id, "version": program.number}


def audit_document(audit: Audit | None) -> dict[str, Any] | None:
    """Return a second count as the document of an analysis and that of a session show it."""
    return None if audit is None else {"recount": audit.recount, "uncertain": audit.uncertain}


def recognised_document(found: Recognition | None) -> dict[str, Any] | None:
    """Return which exercise a recording was taken for; None where a person said it."""
    if found is None:
        return None
    best = found.best
    return {
        "exercise": best.exercise_id if best is not None else None,
        "confidence": round(found.confidence, 4),
        "alike": list(best.alike) if best is not None else [],
        "reason": found.reason,
        "proposals": [
            {
                "exercise": one.exercise_id,
                "confidence": round(one.confidence, 4),
                "counted": one.counted,
                "alike": list(one.alike),
            }
            for one in found.proposals
        ],
    }


def patient_document(targets: Targets | None, personal: PersonalRange | None) -> dict[str, Any]:
    """Return what was set for the patient, and the usual range that was known beforehand."""
    unit = MEASURES[targets.measure].unit if targets and targets.measure in MEASURES else None
    names = [field.name for field in fields(Targets)]
    return {
        "targets": (
            None
            if targets is None
            else {name: getattr(targets, name) for name in names} | {"unit": unit}
        ),
        "personal_range": None if personal is None else personal.to_plain(),
    }


def _rep(rep: Rep) -> dict[str, Any]:
    return {
        "index": rep.index,
        "side": rep.side.value,
        "start_ms": rep.start_ms,
        "peak_ms": rep.peak_ms,
        "end_ms": rep.end_ms,
        "status": rep.status.value,
        "reason": rep.reason,
        "peak_deg": _number(rep.peak_deg),
        "rom_deg": _number(rep.rom_deg),
        "uncertainty_deg": _number(rep.uncertainty_deg),
        "concentric_ms": rep.concentric_ms,
        "eccentric_ms": rep.eccentric_ms,
        "hold_ms": rep.hold_ms,
        "deviations": [deviation.id for deviation in rep.deviations],
    }


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "index": hold.index,
        "side": hold.side.value,
        "start_ms": hold.start_ms,
        "end_ms": hold.end_ms,
        "counted_ms": hold.counted_ms,
        "deviations": [deviation.id for deviation in hold.deviations],
    }


def _shown_in(events: Iterable[Event], clips: Iterable[ClipRow]) -> dict[int, str]:
    """Return the clip that shows it for each deviation of which there is one, by its identity."""
    kept = {row.clip.ordinal: row for row in clips}
    logged = (event for event in events if isinstance(event, Rep | Hold | TrackingLost))
    return {
        id(flag): row.clip_id
        for ordinal, event in enumerate(logged)
        if (row := kept.get(ordinal)) is not None and isinstance(event, Rep | Hold)
        for flag in event.deviations
        if row.clip.shows(flag)
    }


def _deviation(deviation: Deviation, clip_id: str | None) -> dict[str, Any]:
    return {
        "id": deviation.id,
        "rep": deviation.rep,
        "severity": deviation.severity.value,
        "start_ms": deviation.start_ms,
        "end_ms": deviation.end_ms,
        "value": _number(deviation.value),
        "threshold": deviation.threshold,
        "unit": deviation.unit,
        "cue": deviation.cue,
        "clip": clip_id,
    }


def _checks(
    definition: ExerciseDefinition, summary: SetSummary, reps: list[Rep], holds: list[Hold]
) -> list[dict[str, Any]]:
    judged = sum(rep.status is RepStatus.COUNTED for rep in reps) + len(holds)
    flagged = [deviation.id for deviation in summary.deviations]
    limited = [OVER_LIMIT] if definition.reported is not None else []
    return [
        {
            "id": name,
            "judged": judged - summary.not_checked.get(name, 0),
            "not_checked": summary.not_checked.get(name, 0),
            "flagged": flagged.count(name),
        }
        for name in [*(check.id for check in definition.checks), *limited]
    ]


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value
