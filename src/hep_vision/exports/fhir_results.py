"""Sets and recordings as FHIR resources: Procedure, Observation and Device."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hep_vision.core.definition import Direction, ExerciseDefinition, Kind
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Hold, Rep, RepStatus, Side, View
from hep_vision.exports.fhir_plans import NOBODY, exercise_concept, sites, words_of
from hep_vision.exports.fhir_sittings import PROCEDURE_STATUS, SittingRef
from hep_vision.exports.fhir_values import (
    ACTIVITY,
    DURATION,
    Resource,
    compact,
    component,
    concept,
    count,
    identifier,
    local,
    measured,
    notes,
    period,
    plain,
    present,
    quantity,
    reference,
    resource_id,
    seconds,
)
from hep_vision.store.records import (
    SessionDetail,
    SessionHeader,
    SessionRow,
    SessionStatus,
    SourceKind,
)

DISCLAIMER: Final = (
    "An estimate from one camera, by hep-vision, which is not a medical device: not for diagnosis, "
    "monitoring or treatment decisions."
)
BEST: Final = 3  # repetitions that the range is of, so that no single one decides; own judgement

_METHOD: Final = concept(
    "single-camera pose estimation",
    local("method.one_camera", "Single-camera pose estimation"),
)
_COMPLETE: Final = (SessionStatus.FINISHED, SessionStatus.INTERRUPTED)


def session_resources(
    session: SessionDetail, sitting: SittingRef | None, exercise: ExerciseDefinition | None
) -> Iterator[Resource]:
    """Yield the Procedure of a set or recording, its Observations, and the one that lists them.

    Args:
        session: From the log.
        sitting: The sitting that it is a set of, where that is in the bundle too.
        exercise: As it is now; None where this machine has none of the id.
    """
    done = _Set(session, sitting, exercise)
    yield done.procedure()
    members = list(done.observations())
    yield done.panel([member["id"] for member in members])
    yield from members


@dataclass(frozen=True, slots=True)
class _Set:
    session: SessionDetail
    sitting: SittingRef | None
    exercise: ExerciseDefinition | None

    @property
    def row(self) -> SessionRow:
        return self.session.row

    @property
    def name(self) -> str:
        return self.exercise.name if self.exercise else self.row.header.exercise_id

    @property
    def live(self) -> bool:
        return self.row.header.source.kind is SourceKind.WEBCAM

    @property
    def subject(self) -> Resource:
        return reference(self.sitting.patient_id if self.sitting else NOBODY)

    def id_of(self, *parts: object) -> str:
        return resource_id("session", self.row.session_id, *parts)

    @property
    def judged(self) -> list[Rep | Hold]:
        counted = [rep for rep in self.session.reps if rep.status is RepStatus.COUNTED]
        return [*counted, *self.session.holds]

    @property
    def timed(self) -> bool:
        if self.exercise is not None:
            return self.exercise.kind is Kind.TIMED_HOLD
        return bool(self.row.counts.holds)

    def procedure(self) -> Resource:
        row, header = self.row, self.row.header
        version = self.sitting.version if self.sitting else None
        requests = version.requests_for(header.exercise_id, header.side) if version else []
        when: Resource = (
            {"performedPeriod": period(header.started_at, row.ended_at)}
            if self.live
            else {"performedString": f"In a recording that was read at {header.started_at}"}
        )
        return compact(
            {
                "resourceType": "Procedure",
                "id": self.id_of(),
                "identifier": [identifier("session", row.session_id)],
                "basedOn": [reference(one) for one in requests],
                "partOf": [reference(self.sitting.procedure_id)] if self.sitting else None,
                "status": PROCEDURE_STATUS[row.status],
                "statusReason": concept(row.status_reason) or None,
                "code": exercise_concept(header.exercise_id, self.exercise),
                "subject": self.subject,
                **when,
                "bodySite": sites(header.side),
                "note": notes(
                    f"Set {header.set_number} of its sitting." if header.set_number else None
                ),
            }
        )

    def observations(self) -> Iterator[Resource]:
        yield self._counts()
        yield from self._held()
        yield from self._ranges()
        yield from self._deviations()
        yield from self._duration()

    def panel(self, members: Sequence[str]) -> Resource:
        tracking = self.row.tracking
        seen = tracking.detected_ratio if tracking else None
        lost_ms = sum(lost.end_ms - lost.start_ms for lost in self.session.lost)
        unchecked = sorted({check for one in self.judged for check in one.not_checked})
        return self._observation(
            ("set",),
            concept(f"Set of {self.name}", local("set", "Set of an exercise")),
            hasMember=[reference(member) for member in members],
            component=present(
                component(
                    "seen.share",
                    "Share of the pictures in which a person was seen",
                    None if seen is None else quantity(round(seen, 3), "share", "1"),
                ),
                component(
                    "seen.lost",
                    "Time in which tracking was lost",
                    seconds(lost_ms) if lost_ms else None,
                ),
            ),
            note=notes(
                DISCLAIMER,
                _view_words(tracking.view, ok=tracking.view_ok) if tracking else None,
                f"Judged by revision {self.row.header.exercise_revision} of the exercise.",
                "Not checked in some or all of it: "
                + ", ".join(self._check_name(one) for one in unchecked)
                + ". That is not the same as good."
                if unchecked
                else None,
            ),
        )

    def _counts(self) -> Resource:
        row, counts = self.row, self.row.counts
        of = "holds" if self.timed else "repetitions"
        corrected = row.corrected_count
        parts = {
            "partial": ("Fell short", counts.partial),
            "rejected": ("Another movement, or lost from view", counts.rejected),
            "open": ("Cut off by the end", counts.open),
            "left": ("Counted on the left side", counts.counted_left),
            "right": ("Counted on the right side", counts.counted_right),
            "flagged": ("Counted, with a deviation", counts.flagged),
        }
        by_hand = concept("Entered by hand", local("method.by_hand", "Entered by hand"))
        return self._observation(
            ("count",),
            concept(f"{of.capitalize()} of {self.name}", local(of, of.capitalize())),
            status="corrected" if corrected is not None else None,
            valueQuantity=count(row.measured_count if corrected is None else corrected, of),
            method=None if corrected is None else by_hand,
            component=present(
                component("count.measured", "Measured", count(row.measured_count, of)),
                component(
                    "count.corrected",
                    "Entered by hand",
                    None if corrected is None else count(corrected, of),
                ),
                component(
                    "count.second",
                    "Found by a second count",
                    count(row.audit.recount, of) if row.audit else None,
                ),
                component(
                    "count.doubtful",
                    "The count is uncertain, and nobody has looked yet",
                    row.doubtful if row.audit else None,
                ),
                *(
                    component(f"count.{code}", words, count(value) if value else None)
                    for code, (words, value) in parts.items()
                ),
            ),
            note=notes(*(one.note for one in row.corrections)),
        )

    def _held(self) -> Iterator[Resource]:
        if holds := self.session.holds:
            words, code = "Time held, all holds together", "held.total"
            held_ms: float = sum(hold.counted_ms for hold in holds)
        else:
            held = [rep.hold_ms for rep in self.judged if isinstance(rep, Rep) and rep.hold_ms > 0]
            if not held or self.exercise is None or self.exercise.dose.hold_ms == 0:
                return
            words, code = "Time held at the goal, mean of the repetitions held", "held.mean"
            held_ms = sum(held) / len(held)
        yield self._observation(
            ("held",), concept(words, local(code, words)), valueQuantity=seconds(held_ms)
        )

    def _ranges(self) -> Iterator[Resource]:
        exercise = self.exercise
        if exercise is None or exercise.reported is None:
            return
        measure, direction = exercise.reported.measure, exercise.reported.direction
        unit = MEASURES[measure].unit
        for side in Side:
            best = _best(self.session.reps, side, direction)
            if not best:
                continue
            peaks, widths = zip(*best, strict=True)
            known = [width for width in widths if width is not None and math.isfinite(width)]
            width = measured(max(known), unit) if known else None
            words = f"{words_of(measure).capitalize()}, peak"
            yield self._observation(
                ("range", side),
                concept(words, local(f"peak.{measure}", words)),
                valueQuantity=measured(sum(peaks) / len(peaks), unit),
                bodySite=next(iter(sites(side)), None),
                component=present(
                    component("uncertainty", "Uncertainty, plus or minus", width),
                    component("repetitions_used", "Repetitions used", count(len(best))),
                ),
                note=notes(f"Mean of the best {len(best)}, out of those counted. {DISCLAIMER}"),
            )

    def _deviations(self) -> Iterator[Resource]:
        found = [deviation for one in self.judged for deviation in one.deviations]
        performed: Counter[str] = Counter()
        for one in self.judged:
            performed.update({deviation.id for deviation in one.deviations})
        severity = {deviation.id: deviation.severity for deviation in found}
        for check, times in sorted(performed.items()):
            words = self._check_name(check)
            yield self._observation(
                ("form", check),
                concept(words, local(f"form.{self.row.header.exercise_id}.{check}", words)),
                valueQuantity=count(times, "holds" if self.timed else "repetitions"),
                interpretation=[concept(str(severity[check]))],
            )

    def _duration(self) -> Iterator[Resource]:
        source_ms, began, ended = (
            self.row.header.source.duration_ms,
            self.row.header.started_at,
            self.row.ended_at,
        )
        if not self.live:
            minutes = None if source_ms is None else source_ms / 60_000
        else:
            minutes = None if ended is None else _minutes(began, ended)
        if minutes is not None and minutes >= 0:
            yield self._observation(
                ("duration",),
                concept("Duration", DURATION),
                valueQuantity=quantity(round(minutes, 2), "minutes", "min"),
                method=concept("Clock" if self.live else "Length of the recording"),
            )

    def _check_name(self, check: str) -> str:
        named = {one.id: one.name for one in self.exercise.checks} if self.exercise else {}
        return named.get(check, words_of(check))

    def _observation(
        self, key: tuple[str, ...], code: Resource, *, status: str | None = None, **values: object
    ) -> Resource:
        header = self.row.header
        when: Resource = (
            {"effectivePeriod": period(header.started_at, self.row.ended_at)}
            if self.live
            else {"issued": header.started_at}
        )
        complete = self.row.status in _COMPLETE
        return compact(
            {
                "resourceType": "Observation",
                "id": self.id_of(*key),
                "partOf": [reference(self.id_of())],
                "status": status or ("final" if complete else "preliminary"),
                "category": [concept(None, ACTIVITY)],
                "code": code,
                "subject": self.subject,
                **when,
                "device": reference(device_id(header)),
                "method": _METHOD,
                **{name: value for name, value in values.items() if value is not None},
            }
        )


def _minutes(began: str, ended: str) -> float:
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds() / 60


def _best(
    reps: Sequence[Rep], side: Side, direction: Direction
) -> list[tuple[float, float | None]]:
    """Return peak and uncertainty of the best counted repetitions of a side, at most `BEST`."""
    found = [
        (rep.peak_deg, rep.uncertainty_deg)
        for rep in reps
        if rep.side is side
        and rep.status is RepStatus.COUNTED
        and rep.peak_deg is not None
        and math.isfinite(rep.peak_deg)
    ]
    found.sort(key=lambda one: one[0], reverse=direction is Direction.INCREASE)
    return found[:BEST]


def _view_words(view: View, *, ok: bool) -> str | None:
    if view is View.UNKNOWN:
        return None
    return f"Seen from the {view}, {'as' if ok else 'which is not what'} the exercise asks for."


def device_id(header: SessionHeader) -> str:
    """Return the id of the Device that judged a session: hep-vision, in what versions."""
    return resource_id("device", *_versions(header).items())


def device(header: SessionHeader) -> Resource:
    """Return the Device that judged a session."""
    return {
        "resourceType": "Device",
        "id": device_id(header),
        "deviceName": [{"name": "hep-vision", "type": "user-friendly-name"}],
        "type": concept("Repetition counter and form checker by one camera"),
        "version": [
            {"type": concept(name), "value": value} for name, value in _versions(header).items()
        ],
        "note": notes(DISCLAIMER),
    }


def _versions(header: SessionHeader) -> dict[str, str]:
    model = header.model
    versions = {
        "hep-vision": plain(header.hep_vision_version) or "unknown",
        "MediaPipe": plain(header.mediapipe_version),
        "pose model": plain(f"{model.name} sha256:{model.sha256}") if model else None,
    }
    return {name: value for name, value in versions.items() if value}
