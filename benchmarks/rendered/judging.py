"""One scene judged: flags, ranges of motion and the view, each beside the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.rendered.filming import (
    Stage,
    exercise_of,
    seen_poses,
    stage_of,
    true_poses,
    true_turn_deg,
)
from benchmarks.rendered.plans import Scene, Step
from benchmarks.rendered.scoring import Judgement, matched

from hep_vision.core.definition import Check, Direction, ExerciseDefinition, RepValue
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import MEASURES, measure_pose
from hep_vision.core.orientation import Orientation, OrientationTracker
from hep_vision.core.reps import side_values
from hep_vision.core.types import FloatArray, Hold, PoseFrame, Rep, RepStatus, Side, View


@dataclass(frozen=True, slots=True)
class Range:
    """What was reported of one repetition's movement, and what was true of it.

    Attributes:
        peak: Reported, true in the picture, true seen square-on without perspective.
        rom: The same for the range.
        visibility: Of the least visible landmark of the measure on the working side, on average.
    """

    exercise_id: str
    measure: str
    unit: str
    view: str
    side: str
    uncertainty: float
    peak: tuple[float, float, float]
    rom: tuple[float, float, float]
    visibility: float

    def holds(self, truth: int) -> bool:
        """Whether both intervals contain the truth: 1 in the picture, 2 square-on."""
        off = (abs(one[0] - one[truth]) for one in (self.peak, self.rom))
        return max(off) <= self.uncertainty


@dataclass(frozen=True, slots=True)
class Stance:
    """How the person stood to the camera: estimated and true turn (deg), and the view told."""

    name: str
    placed: str
    told: str
    turn_deg: float
    true_turn_deg: float


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything of one scene.

    Attributes:
        stance: None, like the next, where not even the true joints are counted.
        seen_share: Share of the frames in which somebody was found.
        reasons: Why excursions were not counted, and the steps that nothing was found of.
    """

    scene: Scene
    judgements: tuple[Judgement, ...]
    ideal: tuple[Judgement, ...]
    ranges: tuple[Range, ...]
    stance: Stance | None
    seen_share: float
    reasons: tuple[str, ...]


def judge(scene: Scene, cache_folder: Path) -> Judged:
    """Film, look and judge."""
    exercise = exercise_of(scene)
    stage = stage_of(scene, exercise)
    perfect, _ = _done(exercise, true_poses(scene, stage))
    perfect_by_step = matched(scene.spans_ms(), perfect)
    # What is not counted of the true joints need not be looked at: this view does not show it.
    seen = seen_poses(scene, stage, cache_folder) if perfect_by_step else []
    found, others = _done(exercise, seen)
    by_step = matched(scene.spans_ms(), found)
    ideal = [
        _judgement(scene, step, perfect_by_step.get(n), None) for n, step in enumerate(scene.steps)
    ]
    judgements = [
        _judgement(scene, step, by_step.get(n), perfect_by_step.get(n))
        for n, step in enumerate(scene.steps)
    ]
    return Judged(
        scene,
        tuple(judgements),
        tuple(ideal),
        tuple(_ranges(scene, stage, seen, by_step)),
        _stance(scene, stage, seen),
        float(np.mean([pose.detected for pose in seen])) if seen else float("nan"),
        tuple(_reasons(scene, others, by_step)),
    )


def _done(
    exercise: ExerciseDefinition, poses: Sequence[PoseFrame]
) -> tuple[list[Rep | Hold], list[Rep]]:
    """Return counted repetitions or holds, and the excursions that were not counted."""
    engine = ExerciseEngine(exercise)
    events = engine.replay(poses)
    reps = [event for event in events if isinstance(event, Rep)]
    counted = [rep for rep in reps if rep.status is RepStatus.COUNTED]
    holds = [event for event in events if isinstance(event, Hold)]
    return [*counted, *holds], [rep for rep in reps if rep.status is not RepStatus.COUNTED]


def _flags(found: Rep | Hold) -> tuple[str, ...]:
    return tuple(deviation.id for deviation in found.deviations)


def _judgement(
    scene: Scene, step: Step, found: Rep | Hold | None, perfect: Rep | Hold | None
) -> Judgement:
    # What the true joints of a good repetition cross is a fault of the check, not an excuse.
    follows = _flags(perfect) if perfect is not None and step.planted else ()
    follows += tuple(check.id for check in exercise_of(scene).checks if _stays_short(check, step))
    return Judgement(
        scene.exercise_id,
        str(scene.view),
        step.planted,
        follows,
        None if found is None else _flags(found),
        () if found is None else found.not_checked,
    )


def _stays_short(check: Check, step: Step) -> bool:
    """Whether a repetition with another fault is held for less long than a check asks for."""
    return check.measure == RepValue.HOLD_MS and 1000.0 * step.stay_s < check.threshold


def _reasons(scene: Scene, others: Sequence[Rep], by_step: dict[int, Rep | Hold]) -> list[str]:
    reasons = [f"{rep.start_ms / 1000:.1f} s {rep.status}: {rep.reason}" for rep in others]
    for number, step in enumerate(scene.steps):
        if number not in by_step:
            start_s = scene.spans_ms()[number][0] / 1000
            reasons.append(f"{start_s:.1f} s step {number + 1} {step.planted} not counted")
    return sorted(reasons, key=lambda reason: float(reason.split()[0]))


# -- ranges of motion -----------------------------------------------------------------------------


def _ranges(
    scene: Scene, stage: Stage, seen: Sequence[PoseFrame], by_step: dict[int, Rep | Hold]
) -> list[Range]:
    exercise = exercise_of(scene)
    measure = exercise.shown.measure
    info = MEASURES[measure]
    truths = [
        _measured(measure, true_poses(scene, stage, square_on=square_on))
        for square_on in (False, True)
    ]
    at_rest = np.array([index == 0 for _, index in scene.frames()])
    rows = []
    for number, found in by_step.items():
        if not isinstance(found, Rep) or found.peak_deg is None or found.rom_deg is None:
            continue
        inside = _inside(seen, scene.spans_ms()[number])
        # Who moves one side is not held to the mean of both, whichever was believed to move.
        side = scene.side if found.side is Side.BOTH else found.side
        true = [
            _peak_and_rom(values, inside, at_rest, side, exercise.shown.direction)
            for values in truths
        ]
        rows.append(
            Range(
                scene.exercise_id,
                measure,
                info.unit,
                str(scene.view),
                str(found.side),
                found.uncertainty_deg or 0.0,
                (found.peak_deg, true[0][0], true[1][0]),
                (found.rom_deg, true[0][1], true[1][1]),
                _visibility(seen, inside, info.landmarks, found.side),
            )
        )
    return rows


def _inside(seen: Sequence[PoseFrame], span_ms: tuple[int, int]) -> list[int]:
    start_ms, end_ms = span_ms
    return [n for n, pose in enumerate(seen) if start_ms <= pose.timestamp_ms < end_ms]


def _measured(measure: str, poses: Sequence[PoseFrame]) -> FloatArray:
    """Return a measure in every frame, (T, 2), the way the person faces known from the start."""
    tracker = OrientationTracker()
    stances = [tracker.update(pose.timestamp_ms, pose.image_px) for pose in poses]
    facing = np.asarray(stances[-1].facing)
    rows = [
        measure_pose((measure,), pose.image_px, pose.world_m, np.asarray(one.scale_px), facing)[0]
        for pose, one in zip(poses, stances, strict=True)
    ]
    return np.array(rows)


def _peak_and_rom(
    values: FloatArray,
    inside: Sequence[int],
    at_rest: FloatArray,
    side: Side,
    direction: Direction,
) -> tuple[float, float]:
    column = side_values(values[inside], side)
    rest = float(np.nanmedian(side_values(values[at_rest], side)))
    extreme = np.nanmax if direction is Direction.INCREASE else np.nanmin
    peak = float(extreme(column))
    return peak, peak - rest


def _visibility(
    seen: Sequence[PoseFrame], inside: Sequence[int], landmarks: Sequence[str], side: Side
) -> float:
    sides = ("LEFT", "RIGHT") if side is Side.BOTH else (side.name,)
    visibility = np.array([seen[number].visibility for number in inside])
    means = [
        [np.nanmean(visibility[:, Landmark[f"{one}_{part}"]]) for part in landmarks]
        for one in sides
    ]
    return float(max(min(part) for part in means))


# -- the view -------------------------------------------------------------------------------------


def _stance(scene: Scene, stage: Stage, seen: Sequence[PoseFrame]) -> Stance | None:
    """Compare the stance at the end of the clip's first rest."""
    if not seen:
        return None
    tracker = OrientationTracker()
    stances: list[Orientation] = []
    for pose in seen:
        if pose.timestamp_ms >= scene.spans_ms()[0][0]:
            break
        stances.append(tracker.update(pose.timestamp_ms, pose.image_px))
    told = stances[-1]
    true = true_turn_deg(stage.camera, stage.poses[None, 0])
    return Stance(scene.name, str(scene.view), str(told.view or View.UNKNOWN), told.turn_deg, true)
