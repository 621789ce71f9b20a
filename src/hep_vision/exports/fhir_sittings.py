"""Sittings as FHIR resources: Procedure, what the patient said as Observation and Communication."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hep_vision.core.types import ReportKind
from hep_vision.exports.fhir_plans import NOBODY, Version
from hep_vision.exports.fhir_values import (
    ACTIVITY,
    EXERCISE_THERAPY,
    EXERTION,
    PAIN,
    Resource,
    compact,
    concept,
    identifier,
    local,
    notes,
    period,
    plain,
    reference,
    resource_id,
)
from hep_vision.store.records import SelfReport, SessionStatus, SittingRow

PROCEDURE_STATUS: Final = {
    # A killed process leaves "running" for ever: nothing tells the two apart.
    SessionStatus.RUNNING: "unknown",
    SessionStatus.FINISHED: "completed",
    SessionStatus.INTERRUPTED: "stopped",
    SessionStatus.FAILED: "unknown",
}
_SCALE: Final = "Whole numbers from 0, none, to 10, "
_REPORTS: Final = {
    ReportKind.PAIN_BEFORE: (PAIN, "Pain before the exercises", f"{_SCALE}the worst imaginable."),
    ReportKind.PAIN_AFTER: (PAIN, "Pain after the exercises", f"{_SCALE}the worst imaginable."),
    ReportKind.PAIN_NEXT_MORNING: (
        PAIN,
        "Pain on the next morning",
        f"{_SCALE}the worst imaginable.",
    ),
    ReportKind.EFFORT: (EXERTION, "Effort", f"{_SCALE}all that is possible."),
}


@dataclass(frozen=True, slots=True)
class SittingRef:
    """What the sets of a sitting need to know of it."""

    sitting_id: str
    version: Version | None

    @property
    def patient_id(self) -> str:
        """Id of the Patient."""
        return self.version.patient_id if self.version else NOBODY

    @property
    def procedure_id(self) -> str:
        """Id of the Procedure of the whole sitting."""
        return resource_id("sitting", self.sitting_id)


def sitting_resources(row: SittingRow, version: Version | None) -> Iterator[Resource]:
    """Yield the Procedure of a sitting, and what the patient said."""
    ref = SittingRef(row.sitting_id, version)
    stopped = row.stop_reason
    yield compact(
        {
            "resourceType": "Procedure",
            "id": ref.procedure_id,
            "identifier": [identifier("sitting", row.sitting_id)],
            "basedOn": [reference(version.care_plan_id)] if version else None,
            "status": PROCEDURE_STATUS[row.status],
            "statusReason": concept(f"stopped: {stopped}", local(f"stop.{stopped}", f"{stopped}"))
            if stopped
            else None,
            "code": concept(
                "Sitting: sets of exercises one after the other",
                EXERCISE_THERAPY,
                local("sitting", "Sitting"),
            ),
            "subject": reference(ref.patient_id),
            "performedPeriod": period(row.started_at, row.ended_at),
        }
    )
    last = {(report.kind, report.exercise_id): place for place, report in enumerate(row.reports)}
    for place, report in enumerate(row.reports):
        holds = last[report.kind, report.exercise_id] == place
        yield _report(ref, place, report, holds=holds)
    if message := plain(row.message):
        yield {
            "resourceType": "Communication",
            "id": resource_id("message", row.sitting_id),
            "partOf": [reference(ref.procedure_id)],
            # Who does not mark what they read leaves it open whether anybody has.
            "status": "unknown" if row.reading is None else "completed",
            "subject": reference(ref.patient_id),
            "sender": reference(ref.patient_id),
            "payload": [{"contentString": message}],
        }


def _report(ref: SittingRef, place: int, report: SelfReport, *, holds: bool) -> Resource:
    code, name, scale = _REPORTS[report.kind]
    about = report.exercise_id
    return compact(
        {
            "resourceType": "Observation",
            "id": resource_id("report", ref.sitting_id, place),
            "partOf": [reference(ref.procedure_id)],
            "status": "final",
            "category": [concept(None, ACTIVITY)],
            "code": concept(name, code, local(f"report.{report.kind}", name)),
            "subject": reference(ref.patient_id),
            "effectiveDateTime": report.reported_at,
            "performer": [reference(ref.patient_id)],
            "valueInteger": report.value,
            "note": notes(scale, None if holds else "A later answer stands in place of this one."),
            "component": [
                {
                    "code": concept("Exercise", local("exercise", "Exercise")),
                    "valueCodeableConcept": concept(about, local(f"exercise.{about}", about)),
                }
            ]
            if about
            else None,
        }
    )
