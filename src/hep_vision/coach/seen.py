"""What the live session knows of one camera picture, and signs that a patient gives in it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.figure import movement_m
from hep_vision.core.landmarks import Landmark
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import PoseFrame

VISIBLE: Final = 0.5
_SAMPLED_PX: Final = 80
"""Longer side of the grid of pixels that light is read from."""

_RAISED_ABOVE: Final = 0.3
"""How far above the nose the wrists are, in trunk lengths: arms up, not a hand at the hair."""
_LYING: Final = 0.4
"""Rise of the trunk over its length below which somebody lies: 24 degrees."""
_RAISED_MS: Final = 1_500
_FORGIVEN_MS: Final = 250
"""Frames in which a raised hand is not recognised, as at the edge of the picture."""
_UNKNOWN_MS: Final = 1_000
"""Time between two pictures after which a raise begins anew."""
_WAY: Final = np.array([0.0, 0.5, 1.0])


@dataclass(frozen=True, slots=True)
class Light:
    """Luminance of a picture, 0..255.

    Attributes:
        picture: Mean of the whole picture.
        person: Mean of the person; that of the picture where nobody is seen.
        around: Mean of everything else.
    """

    picture: float
    person: float
    around: float

    @classmethod
    def of(cls, rgb: NDArray[np.uint8], pose: PoseFrame) -> "Light":
        """Measure an (H, W, 3) picture, on a coarse grid."""
        height, width = rgb.shape[:2]
        step = max(1, max(height, width) // _SAMPLED_PX)
        luminance = rgb[::step, ::step].astype(np.float32) @ np.array(
            [0.299, 0.587, 0.114], np.float32
        )
        whole = float(luminance.mean())
        box = _trunk_box(pose, (width, height), step)
        if box is None:
            return cls(whole, whole, whole)
        inside = luminance[box]
        rest = luminance.size - inside.size
        around = (luminance.sum() - inside.sum()) / rest if rest else whole
        return cls(whole, float(inside.mean()), float(around))


def _trunk_box(pose: PoseFrame, size_px: tuple[int, int], step: int) -> tuple[slice, slice] | None:
    """Return the rows and columns of the grid that hold the head and the trunk."""
    parts = [Landmark.NOSE, *_TRUNK]
    points = pose.image_px[parts] * (np.array(size_px) / np.array(pose.image_size_px))
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) < len(parts):
        return None
    left, top = np.clip(points.min(axis=0), 0, size_px) // step
    right, bottom = np.clip(points.max(axis=0), 0, size_px) // step
    rows, columns = slice(int(top), int(bottom) + 1), slice(int(left), int(right) + 1)
    is_inside = right > left and bottom > top and left * step < size_px[0]
    return (rows, columns) if is_inside else None


_TRUNK: Final = (
    Landmark.LEFT_SHOULDER,
    Landmark.RIGHT_SHOULDER,
    Landmark.LEFT_HIP,
    Landmark.RIGHT_HIP,
)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One picture that the pose model has looked at.

    Attributes:
        pose: Its landmarks, all NaN where nobody was found.
        light: How bright it is.
        people: Number of people in it, where somebody counted them; else None.
    """

    pose: PoseFrame
    light: Light
    people: int | None = None


class RaisedHands:
    """The sign that pauses and goes on without touching anything: both hands above the head.

    The hands must come down before the sign is given again.
    """

    def __init__(self) -> None:
        self._since_ms: int | None = None
        self._last_ms = 0
        self._spent = False

    def update(self, pose: PoseFrame) -> bool:
        """Take in one pose, in time order; return whether the sign was given with it."""
        now_ms = pose.timestamp_ms
        if hands_are_up(pose):
            # What was not looked at for so long may have been two short raises.
            unknown = now_ms - self._last_ms > _UNKNOWN_MS
            self._since_ms = now_ms if self._since_ms is None or unknown else self._since_ms
            self._last_ms = now_ms
        elif self._since_ms is not None and now_ms - self._last_ms > _FORGIVEN_MS:
            self._since_ms, self._spent = None, False
        given = not self._spent and self._held_ms() >= _RAISED_MS
        self._spent |= given
        return given

    @property
    def share(self) -> float:
        """How much of the time for the sign is over, 0..1; 0 once it was given."""
        return 0.0 if self._spent else min(1.0, self._held_ms() / _RAISED_MS)

    def _held_ms(self) -> int:
        return 0 if self._since_ms is None else self._last_ms - self._since_ms


def hands_are_up(pose: PoseFrame) -> bool:
    """Whether somebody holds both hands clearly above the head, upright or lying.

    Above is up in the picture for somebody upright, and beyond the head for somebody lying. Who
    leans holds the arms out for balance, who lies reaches for the ceiling: neither is a sign.
    """
    points = pose.image_px
    shoulders = points[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=0)
    trunk = shoulders - points[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
    length = float(np.hypot(*trunk))
    wrists = [Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]
    if not length > 0.0 or not bool((pose.visibility[wrists] >= VISIBLE).all()):
        return False
    if -trunk[1] > abs(trunk[0]):
        way, measure = np.array([0.0, -1.0]), -float(trunk[1])
    elif abs(trunk[1]) < _LYING * length:
        way, measure = trunk / length, length
    else:
        return False
    beyond_nose = (points[wrists] - points[Landmark.NOSE]) @ way
    elbows = points[[Landmark.LEFT_ELBOW, Landmark.RIGHT_ELBOW]]
    beyond_shoulders = (elbows - shoulders) @ way
    return bool((beyond_nose > _RAISED_ABOVE * measure).all() and (beyond_shoulders > 0.0).all())


def raises_hands(exercise: ExerciseDefinition) -> bool:
    """Whether an exercise itself brings both hands above the head, so that it cannot be a sign."""
    if exercise.kind is Kind.SELF_TIMED:
        return False
    if exercise.motion is None:
        # Nobody has said how the body moves: whatever an arm does may go that far.
        reported = (exercise.reported,) if exercise.reported is not None else ()
        parts = {
            part
            for one in (*exercise.count, *exercise.hold, *reported)
            for part in MEASURES[one.measure].landmarks
        }
        return not parts.isdisjoint(("ELBOW", "WRIST"))
    for points in movement_m(exercise.motion, _WAY)[:, :, :2]:
        hips, shoulders = (
            points[[Landmark[f"LEFT_{part}"], Landmark[f"RIGHT_{part}"]]].mean(axis=0)
            for part in ("HIP", "SHOULDER")
        )
        wrists = points[[Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]] - points[Landmark.NOSE]
        # Up in the picture, and beyond the head: whichever way the patient is then turned.
        for way in (np.array([0.0, 1.0]), shoulders - hips):
            if (wrists @ way > 0.0).all():
                return True
    return False
