"""Before a set: a checklist that fills by itself, one hint at a time, and a start without hands.

Everything is judged from landmarks and brightness. Figures without another source are own
judgement, tried on the filmed clips.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hep_vision.coach.screens import Point, Tick
from hep_vision.coach.seen import VISIBLE, Light, Seen
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.figure import body_m, posture_at
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import MEASURES
from hep_vision.core.orientation import Orientation, OrientationTracker
from hep_vision.core.types import FloatArray, PoseFrame, Side, View

STILL_MS: Final = 1_500
"""How long the start pose is held still for a start without hands."""
_STILL_WINDOW_MS: Final = 1_000
_STILL_RATIO: Final = 0.12
"""Way of any joint within the window, in trunk lengths: a tremor and the model's noise are less."""

_SETTLED_MS: Final = 400
"""A point of the list changes when its state has lasted this long."""
_TURN_PATIENCE_MS: Final = 12_000
_DARK: Final = 45.0
_BACKLIT: Final = 0.45
_BRIGHT_ROOM: Final = 120.0
_SMALLEST_SHARE: Final = 0.30
_LARGE_SHARE: Final = 0.75
_UPRIGHT_DEG: Final = 45.0
_POSTURE_TOLERANCE_DEG: Final = 40.0

_FEET: Final = ("ANKLE", "HEEL", "FOOT_INDEX")
_NAMES: Final = {
    "NOSE": "head",
    "EAR": "head",
    "SHOULDER": "shoulders",
    "ELBOW": "elbows",
    "WRIST": "hands",
    "HIP": "hips",
    "KNEE": "knees",
    **dict.fromkeys(_FEET, "feet"),
}
_NAMED_FIRST: Final = ("feet", "head", "hands", "knees", "hips", "elbows", "shoulders")
_WORDS_OF_VIEW: Final = {
    View.FRONT: "facing the camera",
    View.SIDE: "side-on to the camera",
    View.OBLIQUE: "turned half-way to the camera",
}


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far the preparation is.

    Attributes:
        points: The checklist.
        ready: Whether every point is done.
        hint: What to do for the first point that is not; None where nothing is wrong yet.
        still_share: How much of the still time is over, 0..1; 1 starts the set.
    """

    points: tuple[Point, ...]
    ready: bool
    hint: str | None
    still_share: float


class GetReady:
    """Watches somebody get ready for one set.

    Args:
        exercise: What is to be done.
        side: The side that works; both where it does not matter.
    """

    def __init__(self, exercise: ExerciseDefinition, side: Side) -> None:
        self._exercise = exercise
        self._side = side
        self._parts = parts_needed(exercise)
        self._orientation = OrientationTracker()
        self._places: deque[tuple[int, FloatArray]] = deque()
        self._people = 1
        self._still_since_ms: int | None = None
        self._asked_to_turn_ms: int | None = None
        self._start_elevation_deg = _start_elevation_deg(exercise)
        self._steps: tuple[_Step, ...] = (
            _Step("enough light", _light_hint),
            _Step("one person in the picture", self._people_hint),
            _Step(_body_words(self._parts), self._body_hint),
            _Step("near enough", self._distance_hint),
            _Step(self._view_words(), self._view_hint),
            _Step("in the start position", self._posture_hint),
        )

    def update(self, seen: Seen) -> Readiness:
        """Take in one picture, in time order."""
        now_ms = seen.pose.timestamp_ms
        if seen.people is not None:
            self._people = seen.people
        stance = self._orientation.update(now_ms, seen.pose.image_px)
        self._note_places(seen.pose, stance)
        for step in self._steps:
            step.update(now_ms, seen, stance)
        at_first = next((step for step in self._steps if not step.done), None)
        return Readiness(
            (Point("camera works", Tick.DONE), *self._points(at_first)),
            at_first is None,
            at_first.hint if at_first else None,
            self._still_share(now_ms, stance, ready=at_first is None),
        )

    def _points(self, at_first: "_Step | None") -> tuple[Point, ...]:
        # What comes later means little before: nobody is side-on who is not in the picture.
        ticks = [Tick.DONE for _ in self._steps]
        if at_first is not None:
            index = self._steps.index(at_first)
            ticks[index:] = [Tick.WAITING, *(Tick.LATER for _ in self._steps[index + 1 :])]
        return tuple(Point(s.words, tick) for s, tick in zip(self._steps, ticks, strict=True))

    # -- one hint for each point, None where it is done ----------------------------------------

    def _people_hint(self, seen: Seen, _: Orientation) -> str | None:
        if not seen.pose.detected:
            return "Step into the picture."
        return "Only you in the picture, please." if self._people > 1 else None

    def _body_hint(self, seen: Seen, _: Orientation) -> str | None:
        missing = self._missing(seen.pose)
        if not missing:
            return None
        size = np.array(seen.pose.image_size_px, dtype=np.float64)
        points = np.array([seen.pose.image_px[landmark] for landmark in missing])
        low, high = points[:, 1] > size[1], points[:, 1] < 0
        sideways = (points[:, 0] < 0) | (points[:, 0] > size[0])
        name = _farthest(missing)
        if sideways.any():
            return "Move to the middle of the picture."
        if low.any() and (high.any() or _height_share(seen.pose) > _LARGE_SHARE):
            return f"Step back: I cannot see your {name}."
        if low.any():
            return f"Tilt the camera down: I cannot see your {name}."
        if high.any():
            return f"Tilt the camera up, or step back: I cannot see your {name}."
        return f"I cannot see your {name}."

    def _distance_hint(self, seen: Seen, _: Orientation) -> str | None:
        small = _height_share(seen.pose) < _SMALLEST_SHARE
        return "Come a little closer." if small else None

    def _view_hint(self, seen: Seen, stance: Orientation) -> str | None:
        hint = self._turn_hint(seen, stance)
        if hint is None or not self._counts_from(stance.view):
            self._asked_to_turn_ms = None
            return hint
        # Who cannot turn, or whom the estimate misjudges, is counted from here, too.
        now_ms = seen.pose.timestamp_ms
        if self._asked_to_turn_ms is None:
            self._asked_to_turn_ms = now_ms
        return hint if now_ms - self._asked_to_turn_ms < _TURN_PATIENCE_MS else None

    def _turn_hint(self, seen: Seen, stance: Orientation) -> str | None:
        wanted = self._exercise.camera.view
        if self._exercise.kind is Kind.SELF_TIMED:
            return None
        if stance.view is not wanted:
            return {
                View.FRONT: "Turn to face the camera.",
                View.SIDE: f"Turn {self._turn_words()} to the camera.",
                View.OBLIQUE: "Turn half-way to the camera.",
            }.get(wanted)
        if wanted is View.SIDE and self._near_side(seen.pose, stance) not in (self._side, None):
            return f"Turn {self._turn_words()} to the camera."
        return None

    def _posture_hint(self, seen: Seen, _: Orientation) -> str | None:
        expected = self._start_elevation_deg
        if expected is None or self._exercise.camera.view is not View.SIDE:
            return None
        found = _elevation_deg(seen.pose.image_px)
        if math.isnan(found) or abs(found - expected) <= _POSTURE_TOLERANCE_DEG:
            return None
        return "Stand or sit up tall." if expected > _UPRIGHT_DEG else "Lie or lean as shown."

    # -- what the hints look at ------------------------------------------------------------------

    def _missing(self, pose: PoseFrame) -> list[Landmark]:
        """Return landmarks that are needed and not clearly in the picture."""
        missing = []
        for part in self._parts:
            pair = [Landmark[f"LEFT_{part}"], Landmark[f"RIGHT_{part}"]]
            unseen = [landmark for landmark in pair if not _is_in_picture(pose, landmark)]
            # From the side the body hides its other half.
            if len(unseen) == 2 or (unseen and self._exercise.camera.view is View.FRONT):
                missing += unseen
        return missing

    def _counts_from(self, view: View) -> bool:
        counted = any(view in signal.views for signal in self._exercise.count)
        return counted or any(view in condition.views for condition in self._exercise.hold)

    def _near_side(self, pose: PoseFrame, stance: Orientation) -> Side | None:
        """Return the side that the camera sees; None where any will do, or nothing tells."""
        if self._side is Side.BOTH or math.isnan(stance.facing):
            return None
        # Who faces image right shows the right side.
        return Side.RIGHT if stance.facing > 0 else Side.LEFT

    def _turn_words(self) -> str:
        return "sideways" if self._side is Side.BOTH else f"your {self._side} side"

    def _view_words(self) -> str:
        wanted = self._exercise.camera.view
        if wanted is View.SIDE and self._side is not Side.BOTH:
            return f"{self._side} side to the camera"
        return _WORDS_OF_VIEW.get(wanted, "turned to the camera")

    def _note_places(self, pose: PoseFrame, stance: Orientation) -> None:
        places = pose.image_px[list(_WATCHED)] / stance.scale_px
        places[~(pose.visibility[list(_WATCHED)] >= VISIBLE)] = np.nan
        self._places.append((pose.timestamp_ms, places))
        while self._places[0][0] < pose.timestamp_ms - _STILL_WINDOW_MS:
            self._places.popleft()

    def _still_share(self, now_ms: int, stance: Orientation, *, ready: bool) -> float:
        if not ready or not self._is_still():
            self._still_since_ms = None
            return 0.0
        if self._still_since_ms is None:
            self._still_since_ms = now_ms
        return min(1.0, (now_ms - self._still_since_ms) / STILL_MS)

    def _is_still(self) -> bool:
        places = np.array([place for _, place in self._places])
        if self._places[-1][0] - self._places[0][0] < _STILL_WINDOW_MS / 2:
            return False
        known = np.isfinite(places).all(axis=(0, 2))
        if not known.any():
            return False
        low, high = np.percentile(places[:, known], [10, 90], axis=0)
        return bool(np.hypot(*(high - low).T).max() <= _STILL_RATIO)


class _Step:
    """One point of the list; state and hint change only when the new ones have lasted a while."""

    def __init__(self, words: str, look: Callable[[Seen, Orientation], str | None]) -> None:
        self.words = words
        self.done = False
        self.hint: str | None = None
        self._look = look
        self._next: tuple[bool, str | None] | None = None
        self._next_since_ms = 0

    def update(self, now_ms: int, seen: Seen, stance: Orientation) -> None:
        hint = self._look(seen, stance)
        found = (hint is None, hint)
        if found != self._next:
            self._next, self._next_since_ms = found, now_ms
        if now_ms - self._next_since_ms >= _SETTLED_MS:
            self.done, self.hint = found


_WATCHED: Final = tuple(
    Landmark[f"{side}_{part}"]
    for part in ("SHOULDER", "HIP", "KNEE", "ANKLE", "WRIST")
    for side in ("LEFT", "RIGHT")
)


def parts_needed(exercise: ExerciseDefinition) -> tuple[str, ...]:
    """Return the landmarks (without side) that the exercise needs in its own view."""
    view = exercise.camera.view
    names = [signal.measure for signal in exercise.count if view in signal.views]
    names += [condition.measure for condition in exercise.hold if view in condition.views]
    names += [exercise.reported.measure] if exercise.reported else []
    parts = [part for name in names for part in MEASURES[name].landmarks if part in _NAMES]
    return tuple(dict.fromkeys([*parts, "SHOULDER", "HIP"]))


def place_in_words(exercise: ExerciseDefinition) -> str:
    """Return what the camera must see, and how: "whole body in the picture, facing the camera"."""
    turned = _WORDS_OF_VIEW.get(exercise.camera.view, "turned to the camera")
    return f"{_body_words(parts_needed(exercise))}, {turned}"


def _body_words(parts: Sequence[str]) -> str:
    names = {_NAMES[part] for part in parts}
    if "feet" in names:
        return "whole body in the picture"
    return "hips and arms in the picture" if "hands" in names else "body in the picture"


def _light_hint(seen: Seen, _: Orientation) -> str | None:
    light: Light = seen.light
    if light.picture < _DARK:
        return "It is too dark: turn on a light."
    if light.around > _BRIGHT_ROOM and light.person < _BACKLIT * light.around:
        return "The light is behind you: close the curtain or turn the camera."
    return None


def _is_in_picture(pose: PoseFrame, landmark: Landmark) -> bool:
    x, y = pose.image_px[landmark]
    width, height = pose.image_size_px
    inside = 0.0 <= x <= width and 0.0 <= y <= height
    return bool(inside and pose.visibility[landmark] >= VISIBLE)


def _height_share(pose: PoseFrame) -> float:
    """Return how much of the picture the body takes, along the way it is longer."""
    points = pose.image_px[np.isfinite(pose.image_px).all(axis=1)]
    if not len(points):
        return 0.0
    return float(((points.max(axis=0) - points.min(axis=0)) / pose.image_size_px).max())


def _farthest(missing: Sequence[Landmark]) -> str:
    """Return the one part to name: who shows the feet shows the knees."""
    names = {_NAMES[one.name.split("_", 1)[1]] for one in missing}
    return next(name for name in _NAMED_FIRST if name in names)


def _elevation_deg(image_px: FloatArray) -> float:
    """Return how steeply the trunk rises, 90 = upright, 0 = level; NaN = unknown."""
    shoulders = image_px[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=0)
    hips = image_px[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
    right, down = shoulders - hips
    return math.degrees(math.atan2(-down, abs(right)))


def _start_elevation_deg(exercise: ExerciseDefinition) -> float | None:
    """Return how steeply the trunk rises before the first repetition, by the exercise's figure."""
    if exercise.motion is None:
        return None
    motion = exercise.motion
    points = body_m(posture_at(motion, np.zeros(1)))[0]
    # Forward and up of the figure are right and up of a view from the side.
    forward, up = (
        points[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=0)
        - points[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
    )[:2]
    return math.degrees(math.atan2(up, abs(forward)))
