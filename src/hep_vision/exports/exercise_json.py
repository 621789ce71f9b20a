"""Exercises as JSON, as `hep-vision exercises show` tells of them; docs/api.md has each key."""

from typing import Any

from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.form import check_views
from hep_vision.core.measures import MEASURES


def exercise_line(found: ExerciseDefinition) -> dict[str, Any]:
    """Return an exercise as JSON values, for a list."""
    return {
        "id": found.id,
        "revision": found.revision,
        "name": found.name,
        "kind": found.kind.value,
        "side": None if found.side is None else found.side.value,
        "position": found.position,
        "purpose": found.purpose,
        "view": found.camera.view.value,
    }


def exercise_document(found: ExerciseDefinition) -> dict[str, Any]:
    """Return an exercise as JSON values: how it is done, counted and checked."""
    dose, camera, reported = found.dose, found.camera, found.reported
    return {
        **exercise_line(found),
        "setup": found.setup,
        "steps": list(found.steps),
        "equipment": list(found.equipment),
        "precautions": list(found.precautions),
        "synonyms": list(found.synonyms),
        "dose": {
            "sets": dose.sets,
            "reps": dose.reps,
            "hold_ms": dose.hold_ms,
            "rest_ms": dose.rest_ms,
        },
        "camera": {
            "view": camera.view.value,
            "height_m": list(camera.height_m),
            "distance_m": list(camera.distance_m),
            "placement": camera.placement,
        },
        "measured": None
        if reported is None
        else {
            "measure": reported.measure,
            "unit": MEASURES[reported.measure].unit,
            "direction": reported.direction.value,
            "rest": reported.rest,
            "goal": reported.goal,
            "limit": reported.limit,
        },
        "checks": [
            {
                "id": check.id,
                "name": check.name,
                "measure": str(check.measure),
                "operator": check.operator.value,
                "threshold": check.threshold,
                "severity": check.severity.value,
                "confidence": check.confidence.value,
                "views": [view.value for view in check_views(check)],
                "cue": check.cue,
                "sources": list(check.sources),
            }
            for check in found.checks
        ],
        "sources": list(found.sources),
    }
