"""Exercises for the tests of the core, so that these do not move with the catalogue's numbers.

Also how a stream is run through the engine, and how its events are sorted.
"""

from collections.abc import Iterable
from typing import Any, Final

from hep_vision.core.definition import (
    Camera,
    Check,
    CheckPhase,
    Combine,
    CompletesAt,
    Condition,
    Confidence,
    CountSignal,
    Direction,
    Dose,
    ExerciseDefinition,
    Guard,
    GuardSide,
    Kind,
    Operator,
    Reported,
    Timing,
)
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.types import Event, Hold, PoseFrame, Rep, RepStatus, Severity, Side, View

SAGITTAL: Final = (View.SIDE, View.OBLIQUE)


def exercise(**parts: Any) -> ExerciseDefinition:
    """Return a complete exercise; ``parts`` replace what matters to the test."""
    usual: dict[str, Any] = {
        "id": "test_exercise",
        "revision": 1,
        "name": "Test exercise",
        "kind": Kind.REPETITION,
        "side": Side.BOTH,
        "position": "standing",
        "purpose": "To be counted.",
        "setup": "Stand.",
        "steps": ("Move.",),
        "equipment": (),
        "precautions": (),
        "dose": Dose(3, 10, 0, 60_000, ("OWN",)),
        "camera": Camera(View.SIDE, (0.8, 1.0), (2.0, 3.0), "Put the camera at hip height."),
        "reported": Reported("knee_flexion", 0.0, 90.0, 150.0),
        "timing": Timing(500, 15_000),
        "sources": ("OWN",),
    }
    return ExerciseDefinition(**(usual | parts))


def squat(**parts: Any) -> ExerciseDefinition:
    """Return a squat: hip flexion from the side, knee flexion in depth from the front."""
    usual: dict[str, Any] = {
        "id": "test_squat",
        "name": "Squat",
        "count": (
            CountSignal("hip_flexion", 25.0, SAGITTAL),
            CountSignal("knee_flexion_depth", 25.0, (View.FRONT,)),
        ),
        "guards": (
            Guard(
                "knee_flexion",
                "the knees did not bend",
                side=GuardSide.EITHER,
                views=SAGITTAL,
                change_min=15.0,
            ),
            Guard(
                "hip_over_ankle",
                "the hips did not go down",
                side=GuardSide.EITHER,
                change_max=-0.05,
            ),
            Guard(
                "ankle_height",
                "a foot left the floor",
                side=GuardSide.BOTH,
                change_min=-0.15,
                change_max=0.15,
            ),
        ),
    }
    return exercise(**(usual | parts))


def sit_to_stand(**parts: Any) -> ExerciseDefinition:
    """Return standing up from a chair, which is done at the top."""
    usual: dict[str, Any] = {
        "id": "test_sit_to_stand",
        "name": "Sit to stand",
        "count": (CountSignal("knee_flexion", 30.0, SAGITTAL, direction=Direction.DECREASE),),
        "reported": Reported("knee_flexion", 90.0, 5.0, -10.0, Direction.DECREASE),
        "completes_at": CompletesAt.PEAK,
        "max_travel_ratio": 1.5,
    }
    return exercise(**(usual | parts))


def elbow_curl(**parts: Any) -> ExerciseDefinition:
    """Return a curl of whichever arm moves more."""
    usual: dict[str, Any] = {
        "id": "test_elbow_curl",
        "name": "Elbow curl",
        "side": None,
        "count": (CountSignal("elbow_flexion", 40.0, combine=Combine.LARGER),),
        "reported": Reported("elbow_flexion", 10.0, 135.0, 158.0),
    }
    return exercise(**(usual | parts))


def arm_raise(**parts: Any) -> ExerciseDefinition:
    """Return lifting the arms sideways, seen from the front."""
    usual: dict[str, Any] = {
        "id": "test_arm_raise",
        "name": "Arm raise",
        "side": None,
        "count": (CountSignal("arm_elevation", 30.0, combine=Combine.LARGER),),
        "reported": Reported("shoulder_abduction", 0.0, 90.0, 125.0),
        "camera": Camera(View.FRONT, (1.0, 1.3), (1.5, 2.5), "Face the camera."),
    }
    return exercise(**(usual | parts))


def straight_leg_raise(**parts: Any) -> ExerciseDefinition:
    """Return lifting one straight leg while lying."""
    usual: dict[str, Any] = {
        "id": "test_straight_leg_raise",
        "name": "Straight leg raise",
        "side": None,
        "count": (CountSignal("hip_flexion", 15.0, SAGITTAL, Combine.LARGER),),
        "reported": Reported("hip_flexion", 0.0, 45.0, 80.0),
    }
    return exercise(**(usual | parts))


def bridge(**parts: Any) -> ExerciseDefinition:
    """Return lifting the hips while lying: hip flexion goes down."""
    usual: dict[str, Any] = {
        "id": "test_bridge",
        "name": "Bridge",
        "count": (CountSignal("hip_flexion", 15.0, SAGITTAL, direction=Direction.DECREASE),),
        "reported": Reported("hip_flexion", 50.0, 0.0, -20.0, Direction.DECREASE),
    }
    return exercise(**(usual | parts))


def wall_sit(**parts: Any) -> ExerciseDefinition:
    """Return a timed hold with bent knees and an upright trunk."""
    usual: dict[str, Any] = {
        "id": "test_wall_sit",
        "name": "Wall sit",
        "kind": Kind.TIMED_HOLD,
        "hold": (
            Condition("knee_flexion", 8.0, minimum=30.0, views=SAGITTAL),
            Condition("trunk_elevation", 8.0, minimum=60.0),
        ),
        "timing": Timing(3_000, 90_000),
    }
    return exercise(**(usual | parts))


def plank(**parts: Any) -> ExerciseDefinition:
    """Return a timed hold with the hips lifted over the elbows."""
    usual: dict[str, Any] = {
        "id": "test_plank",
        "name": "Plank",
        "kind": Kind.TIMED_HOLD,
        "hold": (
            Condition("trunk_elevation", 8.0, maximum=40.0),
            Condition("hip_over_elbow", 0.06, minimum=0.25, views=SAGITTAL),
        ),
        "reported": Reported("hip_over_elbow", 0.0, 0.45, 0.9),
        "timing": Timing(3_000, 90_000),
    }
    return exercise(**(usual | parts))


def stretch(**parts: Any) -> ExerciseDefinition:
    """Return an exercise that a camera cannot judge."""
    usual: dict[str, Any] = {
        "id": "test_stretch",
        "name": "Stretch",
        "kind": Kind.SELF_TIMED,
        "reported": None,
    }
    return exercise(**(usual | parts))


def check(id: str, measure: str, operator: Operator, threshold: float, **parts: Any) -> Check:
    """Return a form check on the whole repetition; ``parts`` replace what matters to the test."""
    usual: dict[str, Any] = {
        "name": id.replace("_", " ").capitalize(),
        "phase": CheckPhase.REP,
        "severity": Severity.WARN,
        "cue": "Mind your form.",
        "therapist": "Beyond the threshold.",
        "confidence": Confidence.OWN_JUDGEMENT,
        "sources": ("OWN",),
    }
    return Check(id=id, measure=measure, operator=operator, threshold=threshold, **(usual | parts))


def run(
    definition: ExerciseDefinition, frames: Iterable[PoseFrame], side: Side | None = None
) -> list[Event]:
    """Return every event of a whole stream."""
    return ExerciseEngine(definition, side).replay(frames)


def reps_in(events: Iterable[Event], status: RepStatus | None = None) -> list[Rep]:
    """Return the repetitions, or those of one status."""
    reps = [event for event in events if isinstance(event, Rep)]
    return [rep for rep in reps if status is None or rep.status is status]


def counted_in(events: Iterable[Event]) -> list[Rep]:
    """Return the counted repetitions."""
    return reps_in(events, RepStatus.COUNTED)


def holds_in(events: Iterable[Event]) -> list[Hold]:
    """Return the timed holds."""
    return [event for event in events if isinstance(event, Hold)]
