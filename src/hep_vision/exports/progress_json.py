"""Progress as JSON; docs/program.md says what each key means."""

from typing import Any, Final

from hep_vision.program.adherence import Achieved, Adherence
from hep_vision.program.overview import ExerciseProgress, Progress
from hep_vision.program.progress import DayFeeling, DayWork, RangeCourse

SCHEMA: Final = 1


def progress_document(progress: Progress) -> dict[str, Any]:
    """Return progress as JSON values, without what is for the therapist alone."""
    found = progress.adherence
    return {
        "schema": SCHEMA,
        "patient": progress.patient,
        "version": progress.version,
        "since": progress.since.isoformat(),
        "until": progress.until.isoformat(),
        "days_in_a_row": progress.days_in_a_row,
        "adherence": None if found is None else _adherence(found),
        "exercises": [_exercise(one) for one in progress.exercises],
        "days": [_work(one) for one in progress.work],
        "feeling": [_feeling(one) for one in progress.feeling],
        "deviations": [
            {
                "exercise": one.exercise_id,
                "id": one.check_id,
                "seen": one.seen,
                "judged": one.judged,
            }
            for one in progress.flags
        ],
        "milestones": [
            {
                "key": one.key,
                "kind": str(one.kind),
                "date": one.day.isoformat(),
                "number": one.number or None,
                "exercise": one.exercise_id or None,
                "side": str(one.side) if one.exercise_id else None,
            }
            for one in progress.milestones
        ],
        "uncertain_sessions": list(progress.uncertain),
        "pain_zones": {
            "amber_from": progress.zones.amber_from,
            "red_from": progress.zones.red_from,
        },
    }


def _adherence(found: Adherence) -> dict[str, Any]:
    return {
        "sets": _achieved(found.sets),
        "reps": _achieved(found.reps),
        "days_due": found.days_due,
        "days_begun": found.days_begun,
        "days_complete": found.days_complete,
        "exercises": [
            {
                "exercise": one.exercise_id,
                "sets": _achieved(one.sets),
                "reps": _achieved(one.reps),
                "days_due": one.days_due,
                "days_done": one.days_done,
            }
            for one in found.exercises
        ],
        "calendar": [
            {"date": one.day.isoformat(), "sets_due": one.sets_due, "sets_done": one.sets_done}
            for one in found.days
        ],
    }


def _achieved(one: Achieved) -> dict[str, int]:
    return {
        "due": one.due,
        "attempted": one.attempted,
        "completed": one.completed,
        "judged": one.judged,
        "good": one.good,
    }


def _exercise(one: ExerciseProgress) -> dict[str, Any]:
    return {
        "exercise": one.exercise_id,
        "name": one.name,
        "ranges": [_course(course) for course in one.courses],
        "days": [_work(day) for day in one.work],
    }


def _course(course: RangeCourse) -> dict[str, Any]:
    change = course.change
    return {
        "side": str(course.side),
        "measure": course.measure,
        "unit": course.unit,
        "direction": str(course.direction),
        "view": str(course.view),
        "sets_left_out": course.left_out,
        "days": [
            {
                "date": day.day.isoformat(),
                "value": round(day.value, 3),
                "uncertainty": round(day.uncertainty, 3),
                "reps": day.reps,
                "goal": day.goal,
                "limit": day.limit,
            }
            for day in course.days
        ],
        "change": None
        if change is None
        else {
            "before": round(change.before, 3),
            "now": round(change.now, 3),
            "least": round(change.least, 3),
            "claimed": change.claimed,
            "toward_goal": change.toward_goal,
        },
    }


def _work(one: DayWork) -> dict[str, Any]:
    return {
        "date": one.day.isoformat(),
        "sets": one.sets,
        "counted": one.counted,
        "held_ms": one.held_ms,
        "judged": one.judged,
        "clean": one.clean,
    }


def _feeling(one: DayFeeling) -> dict[str, Any]:
    return {
        "date": one.day.isoformat(),
        "pain_before": one.before,
        "pain_after": one.after,
        "pain_next_morning": one.next_morning,
        "effort": one.effort,
    }
