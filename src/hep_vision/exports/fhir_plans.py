"""Home exercise programs as FHIR resources: Patient, CarePlan, Goal and ServiceRequest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import Side
from hep_vision.errors import ExerciseSpecError, ProgramError
from hep_vision.exports.fhir_values import (
    EXERCISE_THERAPY,
    Resource,
    compact,
    concept,
    count,
    identifier,
    local,
    notes,
    plain,
    reference,
    resource_id,
)
from hep_vision.program.loading import FindExercise, read_program
from hep_vision.program.spec import WEEK, Prescription, Program
from hep_vision.store.records import ProgramRef, ProgramVersionRow

NOBODY: Final = resource_id("patient")
"""Id of the patient of everything that belongs to no program."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a program, and how what was done by it refers to it.

    Attributes:
        row: As the log has it.
        program: What its text says; None where it cannot be read on this machine.
        until: Moment from which the next version holds; None for the newest.
        before: The version that it replaces; None for the first.
    """

    row: ProgramVersionRow
    program: Program | None
    until: str | None
    before: ProgramRef | None

    @property
    def patient_id(self) -> str:
        """Id of the Patient."""
        return patient_id(self.row.ref.program_id)

    @property
    def care_plan_id(self) -> str:
        """Id of the CarePlan."""
        return _care_plan_id(self.row.ref)

    def requests_for(self, exercise_id: str, side: Side) -> list[str]:
        """Return the ids of the ServiceRequests that a set of an exercise is done by.

        Those of its side, or all of the exercise where none names the side. More than one is left
        where the exercise is prescribed differently on other days.
        """
        if self.program is None:
            return []
        found = [
            (place, one)
            for place, one in enumerate(self.program.exercises)
            if one.exercise_id == exercise_id
        ]
        of_side = [(place, one) for place, one in found if side in one.sides]
        return [self._request_id(place) for place, _ in of_side or found]

    def _request_id(self, place: int) -> str:
        return resource_id("request", self.row.ref.program_id, self.row.ref.number, place)

    def resources(self, find: FindExercise) -> Iterator[Resource]:
        """Yield the CarePlan and its ServiceRequests; its Goals are those of `goals`."""
        yield self._care_plan()
        if self.program is not None:
            for place, one in enumerate(self.program.exercises):
                yield self._request(
                    place, one, self.program, exercise_or_none(one.exercise_id, find)
                )

    @property
    def _status(self) -> str:
        return "active" if self.until is None else "revoked"

    @property
    def _period(self) -> Resource:
        began, program = self.row.valid_from, self.program
        if program is None:
            return compact({"start": began, "end": self.until})
        start = program.start.isoformat()
        if self.until is not None:
            later = began[:10] < start < self.until[:10]
            return {"start": start if later else began, "end": self.until}
        start = max(start, began[:10])
        review = program.review.isoformat()
        return compact({"start": start, "end": review if review >= start else None})

    def _care_plan(self) -> Resource:
        ref, program = self.row.ref, self.program
        shared: Resource = {
            "resourceType": "CarePlan",
            "id": self.care_plan_id,
            "identifier": [identifier("program-version", f"{ref.program_id}/{ref.number}")],
            "replaces": [reference(_care_plan_id(self.before))] if self.before else None,
            "status": self._status,
            "intent": "plan",
            "title": f"Home exercise program, version {ref.number}",
            "subject": reference(self.patient_id),
            "period": self._period,
            "created": self.row.created_at,
        }
        if program is None:
            why = "The text of this version cannot be read here: an exercise in it is not known."
            return compact(shared | {"note": notes(why)})
        return compact(
            shared
            | {
                "author": _named(program.therapist),
                "goal": [reference(_goal_id(ref.program_id, text)) for text in _goals(program)],
                "activity": [
                    {"reference": reference(self._request_id(place))}
                    for place in range(len(program.exercises))
                ],
                "note": notes(*program.precautions, _pain_rule(program), _review(program)),
            }
        )

    def _request(
        self, place: int, one: Prescription, program: Program, exercise: ExerciseDefinition | None
    ) -> Resource:
        holds = exercise is not None and exercise.kind is Kind.TIMED_HOLD
        of = "holds" if holds else "repetitions"
        return compact(
            {
                "resourceType": "ServiceRequest",
                "id": self._request_id(place),
                "basedOn": [reference(self.care_plan_id)],
                "status": self._status,
                "intent": "order",
                "code": exercise_concept(one.exercise_id, exercise),
                "orderDetail": [concept(text) for text in _dose(one, exercise, of)],
                "quantityQuantity": count(one.sets * len(one.sides) * one.reps, of),
                "subject": reference(self.patient_id),
                "occurrenceTiming": {"repeat": {"boundsPeriod": self._period, **_repeat(one)}},
                "authoredOn": self.row.created_at,
                "requester": _named(program.therapist),
                "bodySite": sites(*one.sides),
                "note": notes(*one.precautions),
                "patientInstruction": plain("\n".join(exercise.steps)) if exercise else None,
            }
        )


def read_versions(rows: Sequence[ProgramVersionRow], find: FindExercise) -> list[Version]:
    """Return the versions of one program, in their order.

    Args:
        rows: All of them, ascending.
        find: Gives an exercise by its id; raises `ExerciseSpecError` where there is none.
    """
    ends = [*(row.valid_from for row in rows[1:]), None]
    before = [None, *(row.ref for row in rows[:-1])]
    return [
        Version(row, _read(row, find), until, replaced)
        for row, until, replaced in zip(rows, ends, before, strict=False)
    ]


def program_resources(versions: Sequence[Version], find: FindExercise) -> Iterator[Resource]:
    """Yield the resources of one program: its Patient, its Goals, and those of each version."""
    if not versions:
        return
    newest = versions[-1]
    yield patient(newest.patient_id, newest.row.patient)
    yield from _goal_resources(versions)
    for version in versions:
        yield from version.resources(find)


def patient(wanted_id: str, alias: str | None) -> Resource:
    """Return a Patient, of whom nothing but an alias is known; None for not even that."""
    name = plain(alias)
    return compact(
        {
            "resourceType": "Patient",
            "id": wanted_id,
            "identifier": [identifier("alias", name)] if name else None,
            "name": [{"use": "anonymous", "text": name or "not named in the log"}],
        }
    )


def patient_id(program_id: str) -> str:
    """Return the id of the Patient of a program."""
    return resource_id("patient", program_id)


def exercise_or_none(exercise_id: str, find: FindExercise) -> ExerciseDefinition | None:
    """Return an exercise, or None where this machine has none of the id."""
    try:
        return find(exercise_id)
    except ExerciseSpecError:
        return None


def exercise_concept(exercise_id: str, exercise: ExerciseDefinition | None) -> Resource:
    """Return an exercise as the code of a request or procedure."""
    name = exercise.name if exercise else exercise_id
    return concept(name, EXERCISE_THERAPY, local(f"exercise.{exercise_id}", name))


def sites(*sides: Side) -> list[Resource]:
    """Return the sides that work, in words: no code for a side was verified."""
    return [concept(f"{side} side") for side in sides if side is not Side.BOTH]


# -- parts ----------------------------------------------------------------------------------------


def _read(row: ProgramVersionRow, find: FindExercise) -> Program | None:
    try:
        return read_program(row.plan.encode("utf-8", "replace"), "program", find)
    except ProgramError:
        return None


def _care_plan_id(ref: ProgramRef) -> str:
    return resource_id("plan", ref.program_id, ref.number)


def _goal_id(program_id: str, text: str) -> str:
    return resource_id("goal", program_id, text)


def _goals(program: Program | None) -> list[str]:
    cleaned = [plain(text) for text in program.goals] if program else []
    return list(dict.fromkeys(text for text in cleaned if text))


def _goal_resources(versions: Sequence[Version]) -> Iterator[Resource]:
    """Yield each goal once; one that the newest version does not name is no longer sought."""
    readable = [version.program for version in versions if version.program is not None]
    sought = set(_goals(readable[-1])) if readable else set()
    every = dict.fromkeys(text for version in versions for text in _goals(version.program))
    for text in every:
        yield {
            "resourceType": "Goal",
            "id": _goal_id(versions[-1].row.ref.program_id, text),
            "lifecycleStatus": "active" if text in sought else "completed",
            "description": {"text": text},
            "subject": reference(versions[-1].patient_id),
        }


def _named(name: str) -> Resource | None:
    text = plain(name)
    return {"display": text} if text else None


def _pain_rule(program: Program) -> str:
    zones = program.zones
    return f"Pain from 0 to 10: go gently from {zones.amber_from}, stop from {zones.red_from}."


def _review(program: Program) -> str:
    return f"Reviewed on {program.review}; it goes on until there is a new version."


def _repeat(one: Prescription) -> Resource:
    days = [str(day) for day in one.days] if one.days != WEEK else []
    if one.times:  # R4: frequency and period cannot be used together with timeOfDay
        times = [at.isoformat("seconds") for at in one.times]
        return compact({"dayOfWeek": days, "timeOfDay": times})
    return compact(
        {"frequency": one.times_per_day, "period": 1, "periodUnit": "d", "dayOfWeek": days}
    )


def _dose(one: Prescription, exercise: ExerciseDefinition | None, of: str) -> Iterator[str]:
    each = " on each side" if len(one.sides) > 1 else ""
    yield f"{one.sets} x {one.reps} {of}{each}"
    own_hold_ms, own_rest_ms = (
        (exercise.dose.hold_ms, exercise.dose.rest_ms) if exercise else (0, 0)
    )
    if hold_ms := own_hold_ms if one.hold_ms is None else one.hold_ms:
        yield f"hold {hold_ms / 1000:g} s"
    if rest_ms := own_rest_ms if one.rest_ms is None else one.rest_ms:
        yield f"rest {rest_ms / 1000:g} s between sets"
    if one.tempo is not None:
        out_s, hold_s, back_s = (
            ms / 1000 for ms in (one.tempo.out_ms, one.tempo.hold_ms, one.tempo.back_ms)
        )
        yield f"tempo {out_s:g} s out, {hold_s:g} s held, {back_s:g} s back"
    yield from _targets(one, exercise)
    if load := plain(one.load):
        yield f"with {load}"


def _targets(one: Prescription, exercise: ExerciseDefinition | None) -> Iterator[str]:
    if one.targets is None or exercise is None or exercise.reported is None:
        return
    measure = exercise.reported.measure
    words = words_of(measure)
    for name in ("goal", "minimum", "limit"):
        value = getattr(one.targets, name)
        if value is not None:
            yield f"{name} {value:g} {MEASURES[measure].unit} of {words}"


def words_of(name: str) -> str:
    """Return an id in words: ``knee_flexion`` is "knee flexion"."""
    return name.replace("_", " ")
