"""A drawn demonstration of an exercise: the figure through one repetition, beside a usual fault.

Everything comes from the exercise: the movement and its faults from ``[motion]``, the hold from the
dose, the tempo from its form checks, the view from where the camera stands.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from hep_vision.core import mannequin, scene
from hep_vision.core.definition import Check, ExerciseDefinition, Motion, Operator, RepValue
from hep_vision.core.definition import Limb as FreeLimb
from hep_vision.core.figure import movement_m
from hep_vision.core.form import check_views
from hep_vision.core.landmarks import Landmark
from hep_vision.core.mannequin import Limb, Part, Role, Stroke, Working
from hep_vision.core.types import FloatArray, Severity, Side, View
from hep_vision.errors import DemonstrationError

USUAL_MS: Final = 2_000
"""There and back: the two seconds that guidance on strength training asks for (ACSM)."""
REST_MS: Final = 500
LONGEST_SHARE: Final = 0.2
"""Each way takes at most this share of the longest repetition: quick exercises stay quick. Own
judgement."""
ABOVE_FLAG: Final = 1.25
"""A way that is flagged as too fast below some time is shown this much slower. Own judgement."""

NO_FAULT: Final = "none"
_WORKS_DEG: Final = 15.0
"""A limb works when one of its segments turns by this. Own judgement."""
_GRAVEST_FIRST: Final = (Severity.STOP, Severity.WARN, Severity.INFO)


_MARKED: Final = {
    "knee": "KNEE", "knees": "KNEE", "leg": "KNEE", "heel": "HEEL", "toe": "FOOT_INDEX",
    "ankle": "ANKLE", "foot": "ANKLE", "elbow": "ELBOW", "forearm": "WRIST", "wrist": "WRIST",
    "hand": "WRIST", "shoulder": "ELBOW", "trunk": "SHOULDER", "hip": "HIP", "body": "HIP",
    "weight": "HIP", "pelvic": "HIP",
}  # fmt: skip
"""Where a fault is seen, by the first word of its check's measure."""
_MIDDLE: Final = (Landmark.LEFT_HIP, Landmark.LEFT_SHOULDER)
_ALIKE: Final = 0.8
_MARK_M: Final = 0.15
_MARK_LINE_M: Final = 0.025
_MARK_CORNERS: Final = 24

_SEGMENTS: Final = {
    Limb.LEG: (("HIP", "KNEE"), ("KNEE", "ANKLE"), ("ANKLE", "FOOT_INDEX")),
    Limb.ARM: (("SHOULDER", "ELBOW"), ("ELBOW", "WRIST")),
}


# -- time -----------------------------------------------------------------------------------------


class Tempo(NamedTuple):
    """How long the parts of one repetition take, in milliseconds: rest, out, hold, back."""

    rest_ms: int
    effort_ms: int
    hold_ms: int
    return_ms: int

    @property
    def rep_ms(self) -> int:
        """Return how long one repetition takes, with the rest before it."""
        return sum(self)

    def share_at(self, time_ms: FloatArray) -> FloatArray:
        """Return the share of the way to the goal, (T,) 0..1, at times; repetitions follow.

        It starts and ends each way softly, as a limb does.
        """
        at_ms = np.mod(time_ms, self.rep_ms)
        turn = self.rest_ms + self.effort_ms + self.hold_ms
        out = (at_ms - self.rest_ms) / self.effort_ms
        back = (self.rep_ms - at_ms) / self.return_ms
        way = np.clip(np.where(at_ms < turn, out, back), 0.0, 1.0)
        return np.asarray(0.5 - 0.5 * np.cos(np.pi * way))


def tempo_of(exercise: ExerciseDefinition) -> Tempo:
    """Return the tempo to show: two seconds each way, unless the exercise says otherwise.

    What the dose asks to hold is held. No way is as fast as a form check would flag.
    """
    quickest_ms = min(USUAL_MS, round(LONGEST_SHARE * exercise.timing.max_rep_ms))

    def way_ms(value: RepValue) -> int:
        flagged = [
            ABOVE_FLAG * check.threshold
            for check in exercise.checks
            if check.measure == value and check.operator is Operator.BELOW
        ]
        return max([quickest_ms, *map(round, flagged)])

    effort_ms, return_ms = way_ms(RepValue.EFFORT_MS), way_ms(RepValue.RETURN_MS)
    return Tempo(REST_MS, effort_ms, exercise.dose.hold_ms, return_ms)


# -- what is shown --------------------------------------------------------------------------------


class Panel(NamedTuple):
    """One figure: as it should be, or with the fault. Its parts lie from back to front."""

    fault: Check | None
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Demonstration:
    """The figure of one exercise, as it should be and with one fault.

    Attributes:
        exercise: What is done; it has a motion.
        side: The side that works.
        view: From where it is seen.
        fault: The fault beside it, if one is.
    """

    exercise: ExerciseDefinition
    side: Side
    view: View
    fault: Check | None

    @cached_property
    def motion(self) -> Motion:
        """Return the movement, with the arms at ease where it says nothing about them."""
        if self.exercise.motion is None:
            raise ValueError(f"{self.exercise.id} has no motion")
        return scene.arms_at_ease(self.exercise.motion)

    @cached_property
    def tempo(self) -> Tempo:
        """Return the tempo of a repetition."""
        return tempo_of(self.exercise)

    @cached_property
    def extent_m(self) -> tuple[FloatArray, FloatArray]:
        """Return the corners that hold every panel at all times; their floors are level."""
        panels = self.panels(np.linspace(0.0, 1.0, 13))
        return mannequin.extent_m(part for panel in panels for part in panel.parts)

    def panels(self, share: FloatArray) -> tuple[Panel, ...]:
        """Return the figures at (T,) shares of the way to the goal, surroundings included."""
        checks = [None] if self.fault is None else [None, self.fault]
        return tuple(Panel(check, self._parts(share, check)) for check in checks)

    def _parts(self, share: FloatArray, fault: Check | None) -> tuple[Part, ...]:
        moving = self._movement_m(share, fault)
        body = mannequin.body_parts(moving, self._turn_deg, self._working)
        marks = () if fault is None else self._marks(moving, share, fault)
        return (*self._surroundings, *body, *marks)

    def _movement_m(self, share: FloatArray, fault: Check | None = None) -> FloatArray:
        rest = movement_m(self.motion, np.zeros(1), self.side)
        moving = movement_m(self.motion, share, self.side, None if fault is None else fault.id)
        if scene.needs(self.exercise, "clear wall"):
            moving = scene.at_wall(moving, rest[0])
        if self.exercise.position in scene.LYING:
            moving = mannequin.above_floor(moving, self._floor_m)
        return moving

    @cached_property
    def _floor_m(self) -> float:
        rest = movement_m(self.motion, np.zeros(1), self.side)[0]
        bear = FreeLimb.ARMS not in self.motion.free
        return mannequin.floor_height_m(rest, self._turn_deg, arms_bear=bear)

    @property
    def _turn_deg(self) -> float:
        return mannequin.turn_of(self.view, self.side)

    @cached_property
    def _working(self) -> Working:
        return working_limbs(self.motion, self.side)

    @cached_property
    def _surroundings(self) -> tuple[Part, ...]:
        moving = self._movement_m(np.linspace(0.0, 1.0, 9))
        return scene.surroundings(self.exercise, moving, self._turn_deg, self.side, -self._floor_m)

    def _marks(self, moving: FloatArray, share: FloatArray, fault: Check) -> tuple[Part, ...]:
        """Return rings around where the fault is, that grow as it does."""
        goal, wrong = (self._movement_m(np.ones(1), check)[0] for check in (None, fault))
        rows = _marked_rows(fault.measure, np.linalg.norm(wrong - goal, axis=1))
        if not rows:
            return ()
        if len(rows) == 2 and not mannequin.is_frontal(self._turn_deg):
            rows = [rows[self._near_row(wrong[rows])]]
        turns = np.linspace(0.0, 2.0 * np.pi, _MARK_CORNERS + 1)
        ring = _MARK_M * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
        # It appears on the last part of the way, where the fault shows.
        grown = np.clip(2.0 * share - 1.0, 0.0, 1.0)[:, None, None]
        flat = mannequin.mirrored(moving, self._turn_deg)
        middle = rows[0] in _MIDDLE
        at = [flat[:, rows[0] : rows[0] + 2].mean(axis=1)] if middle else [flat[:, k] for k in rows]
        strokes = tuple(Stroke(joint[:, None] + grown * ring, _MARK_LINE_M) for joint in at)
        return (Part(Role.MARK, strokes, outlined=False),)

    def _near_row(self, pair: FloatArray) -> int:
        return int(mannequin.towards_camera(pair, self._turn_deg).argmax())


def demonstrate(
    exercise: ExerciseDefinition, side: Side | None = None, fault: str | None = None
) -> Demonstration:
    """Return what is shown of an exercise.

    It is seen from where its camera stands, or from the first view that shows a fault asked for.

    Args:
        exercise: What is done.
        side: The side that works; the left where one works and nobody has said which.
        fault: The form check whose fault is shown, ``none`` for none; left out, the gravest that
            is seen from where the camera stands, the first of them in the file.

    Raises:
        DemonstrationError: The exercise has no motion, works both sides alike, or has no such
            fault.
    """
    if exercise.motion is None:
        raise DemonstrationError(
            f"{exercise.id} has no [motion] in its file, so there is nothing to draw."
        )
    if exercise.side is not None and side is not None:
        raise DemonstrationError(f"{exercise.id} does not work one side; leave out --side.")
    view = exercise.camera.view
    shown = _fault(exercise, fault)
    if shown is not None and (views := check_views(shown)) and view not in views:
        view = views[0]
    return Demonstration(exercise, exercise.side or side or Side.LEFT, view, shown)


def _fault(exercise: ExerciseDefinition, wanted: str | None) -> Check | None:
    drawn = exercise.motion.faults if exercise.motion else {}
    checks = {check.id: check for check in exercise.checks}
    if wanted == NO_FAULT:
        return None
    if wanted is not None:
        if wanted not in drawn:
            known = ", ".join((*drawn, NO_FAULT))
            raise DemonstrationError(
                f"{exercise.id} has no drawn fault '{wanted}'; choose one of: {known}."
            )
        return checks[wanted]
    seen = [checks[id] for id in drawn if exercise.camera.view in check_views(checks[id])]
    return min(seen, key=lambda check: _GRAVEST_FIRST.index(check.severity), default=None)


def _marked_rows(measure: str, moved_m: FloatArray) -> list[int]:
    """Return the landmarks where a fault is seen, of the joints that its measure names.

    It is the joint that the fault moves most, of one side where that moves clearly more than the
    other; of hips and shoulders the left one, for the middle of both.
    """
    first, *rest = measure.split("_over_")
    names = [_MARKED[word] for word in (first.split("_")[0], *rest) if word in _MARKED]
    if not names:
        return []
    pairs: list[list[int]] = [
        [Landmark[f"LEFT_{name}"], Landmark[f"RIGHT_{name}"]] for name in names
    ]
    pair = max(pairs, key=lambda rows: float(moved_m[rows].max()))
    if pair[0] in _MIDDLE:
        return pair[:1]
    ways = moved_m[pair]
    return pair if ways.min() > _ALIKE * ways.max() else [pair[int(ways.argmax())]]


def working_limbs(motion: Motion, side: Side) -> Working:
    """Return the limbs that an exercise is about: those that turn on the way to its goal.

    Where one side works it is that leg alone, also when it stands and the other one is lifted. Arms
    that people hold as they like are left out, unless nothing else turns. Where no limb is left, it
    is the trunk.
    """
    rest, goal = movement_m(motion, np.array([0.0, 1.0]), side)
    turned = {
        (each, limb)
        for limb, segments in _SEGMENTS.items()
        for each in (Side.LEFT, Side.RIGHT)
        if any(_turned_deg(rest, goal, each, *ends) >= _WORKS_DEG for ends in segments)
    }
    if side is not Side.BOTH and any(limb is Limb.LEG for _, limb in turned):
        turned = {found for found in turned if found[1] is not Limb.LEG} | {(side, Limb.LEG)}
    legs = {found for found in turned if found[1] is Limb.LEG}
    trunk = _turned_deg(rest, goal, Side.LEFT, "HIP", "SHOULDER") >= _WORKS_DEG
    if FreeLimb.ARMS in motion.free and (legs or trunk):
        turned = legs
    if not turned and trunk:
        turned = {(Side.BOTH, Limb.TRUNK)}
    return frozenset(turned)


def _turned_deg(rest: FloatArray, goal: FloatArray, side: Side, start: str, end: str) -> float:
    """Return by how much a segment of one side turns in space."""
    first, last = Landmark[f"{side.name}_{start}"], Landmark[f"{side.name}_{end}"]
    before, after = (points[last] - points[first] for points in (rest, goal))
    cosine = before @ after / (np.linalg.norm(before) * np.linalg.norm(after))
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
