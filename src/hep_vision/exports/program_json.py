"""Programs and days as JSON; docs/program.md says what each key means."""

from typing import Any, Final

from hep_vision.program.schedule import Due, Occasion
from hep_vision.program.spec import Prescription, Program
from hep_vision.program.today import Today

SCHEMA: Final = 1


def program_document(program: Program, version: int | None) -> dict[str, Any]:
    """Return a program as JSON values; the version is None where it is not in the log."""
    return {
        "schema": SCHEMA,
        "patient": program.patient,
        "therapist": program.therapist,
        "version": version,
        "goals": list(program.goals),
        "start": program.start.isoformat(),
        "review": program.review.isoformat(),
        "precautions": list(program.precautions),
        "pain": {
            "amber_from": program.zones.amber_from,
            "red_from": program.zones.red_from,
            "ask": str(program.pain_ask),
        },
        "exercises": [_prescription(one) for one in program.exercises],
    }


def today_document(today: Today) -> dict[str, Any]:
    """Return a day of a program as JSON values."""
    version = today.version
    return {
        "schema": SCHEMA,
        "date": today.day.isoformat(),
        "patient": None if version is None else version.program.patient,
        "version": None if version is None else version.number,
        "review": None if version is None else version.program.review.isoformat(),
        "complete": today.complete,
        "due": [_due(one) for one in today.times],
        "now": [one.prescription.exercise_id for one in today.now],
        "next": None if today.following is None else _occasion(today.following, today),
        "days_in_a_row": today.days_in_a_row,
        "week": [
            {"date": one.day.isoformat(), "sets_due": one.sets_due, "sets_done": one.sets_done}
            for one in today.week
        ],
    }


def _prescription(one: Prescription) -> dict[str, Any]:
    tempo = one.tempo
    return {
        "exercise": one.exercise_id,
        "sets": one.sets,
        "reps": one.reps,
        "hold_ms": one.hold_ms,
        "rest_ms": one.rest_ms,
        "tempo_ms": None if tempo is None else [tempo.out_ms, tempo.hold_ms, tempo.back_ms],
        "side": str(one.works),
        "days": [str(day) for day in one.days],
        "times_per_day": one.times_per_day,
        "times": [at.isoformat("minutes") for at in one.times],
        "targets": None if one.targets is None else one.targets.to_plain(),
        "load": one.load or None,
        "precautions": list(one.precautions),
        "sources": list(one.sources),
    }


def _due(due: Due) -> dict[str, Any]:
    at = due.next_time()
    return {
        **_prescription(due.prescription),
        "sets_due": due.sets_due,
        "sets_done": due.sets_done,
        "sets_left": due.sets_left,
        "sets_begun": due.begun,
        "times_done": due.times_done,
        "next_time": None if at is None else at.isoformat("minutes"),
    }


def _occasion(occasion: Occasion, today: Today) -> dict[str, Any]:
    at = occasion.at
    return {
        "date": occasion.day.isoformat(),
        "at": None if at is None else at.astimezone(today.zone).isoformat(),
        "exercises": list(occasion.exercise_ids),
    }
