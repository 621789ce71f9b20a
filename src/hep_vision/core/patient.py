"""Whether a pose still shows the patient: other people and exchanged sides, before anything else.

The pose model follows one body and may for a while take someone else's for the patient's, or
exchange left and right. What no body can do between two pictures is told apart by three facts
that a movement cannot change: where the trunk is, how many pixels a metre of the body has, and
which way the shoulders and hips point. All constants were chosen on filmed clips of one person,
see section 2 of ``docs/counting.md``.
"""

import math
import operator
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hep_vision.core.landmarks import MIRROR, Landmark
from hep_vision.core.sight import CORNER, LIMBS, Sight, SightReader
from hep_vision.core.smoothing import NAN
from hep_vision.core.types import FloatArray, PoseFrame

_STEP_M: Final = 0.10
_STEP_M_PER_S: Final = 3.0
"""Filmed people (jumps, falls, walks towards the camera) stay below 0.06 m + 2.5 m/s * 0.7."""
_SIZE_STEP: Final = 0.25
_SIZE_STEP_PER_S: Final = 0.5
"""Change of the natural logarithm of the size; within half a second people show up to 0.20."""
_SIZE_MEMORY_MS: Final = 400.0

_FORGOTTEN_MS: Final = 2_000
"""Whoever comes after nobody was seen for this long is the patient: no repetition lasts over it."""
_ESTABLISHED_MS: Final = 1_000
"""A patient seen for less than this has nothing yet that a jump could spoil."""

_BACK_M: Final = 0.6
"""The way of the hips in a squat."""
_BACK_M_PER_S: Final = 0.7
_BACK_FARTHEST_M: Final = 1.5
_BACK_SIZE: Final = 0.20
_HANDED_BACK_MS: Final = 200

_SAME_PLACE_M: Final = 0.3
_SAME_POSTURE_M: Final = 0.20
"""Filmed cuts to another zoom within a movement show up to 0.19 between two pictures."""
_SAME_SETTLE_MS: Final = 200
_OTHER_SETTLE_MS: Final = 1_000
"""Shorter than the longest gap that a repetition survives, so a moved camera loses none."""
_STAY_M: Final = 0.6
_STAY_SIZE: Final = 0.15
_LONGEST_MS: Final = 4_000
_HOME_MS: Final = 1_500
_HOMES: Final = 3

_TURNED_COSINE: Final = -0.5
_TURN_LONGEST_MS: Final = 150
_SWAP_LONGEST_MS: Final = 1_500

_LONGEST_BONE_M: Final = 0.65
"""The thigh of a tall adult is half a metre; the model scales every body to a usual one."""


class PatientLock:
    """Turns poses of someone else into unseen ones, and undoes exchanged sides.

    Someone else is a body that is where, or as large as, the patient cannot be by now. The patient
    is back where, and as large as, it was last seen or had stayed before; a body that keeps its
    place for a second is the patient from then on: the camera was moved or the recording cut.
    """

    def __init__(self) -> None:
        self._sides = _SideKeeper()
        self._sights = SightReader()
        self._patient: Sight | None = None
        self._since_ms = 0
        self._homes: deque[Sight] = deque(maxlen=_HOMES)
        self._stay: Sight | None = None
        self._other: _Other | None = None

    def follow(self, pose: PoseFrame) -> PoseFrame:
        """Take in one pose, in time order; return it, sides put right, or an unseen one.

        A pose without a place in the picture cannot be told from another and is returned as it is.
        """
        sight = self._sights.read(pose)
        if sight is None:
            if self._other is not None and not pose.detected:
                self._other.interrupted = True
            return pose
        if self._is_patient(sight):
            self._accept(sight)
            return self._sides.put_right(_without_thrown(pose, sight.px_per_m))
        return PoseFrame.unseen(pose.timestamp_ms, pose.image_size_px)

    def _is_patient(self, sight: Sight) -> bool:
        patient = self._patient
        if patient is None or sight.timestamp_ms - patient.timestamp_ms > _LONGEST_MS:
            return True
        if self._other is None:
            if _can_follow(patient, sight):
                return True
            if sight.timestamp_ms - patient.timestamp_ms > _FORGOTTEN_MS:
                return True
            if patient.timestamp_ms - self._since_ms < _ESTABLISHED_MS:
                self._since_ms = sight.timestamp_ms
                return True
        return self._is_back(patient, sight)

    def _is_back(self, patient: Sight, sight: Sight) -> bool:
        """Whether someone who could not be the patient is, after all or again."""
        other = self._other
        if other is None or other.interrupted or not _can_follow(other.last, sight):
            away_ms = sight.timestamp_ms - patient.timestamp_ms if other is not None else 0
            places = [(patient, away_ms)] if other is not None else []
            places += [(home, 0) for home in self._homes]
            if any(_is_near(place, sight, gone_ms) for place, gone_ms in places):
                return True
            self._other = _Other(sight, sight, sight, _goes_on(patient, sight))
            return False
        if not _is_near(patient, sight, 0):
            other.near_since_ms = None
        elif other.near_since_ms is None:
            other.near_since_ms = sight.timestamp_ms
        elif sight.timestamp_ms - other.near_since_ms >= _HANDED_BACK_MS:
            return True
        return other.settles(sight)

    def _accept(self, sight: Sight) -> None:
        if self._other is not None or self._patient is None:
            self._since_ms = sight.timestamp_ms
        elif not math.isnan(self._patient.size):
            # A creeping size follows people who walk, but not who is half as large again at once.
            elapsed_ms = sight.timestamp_ms - self._patient.timestamp_ms
            keep = math.exp(-elapsed_ms / _SIZE_MEMORY_MS)
            if not math.isnan(sight.size):
                sight.size = keep * self._patient.size + (1.0 - keep) * sight.size
        self._other, self._patient = None, sight
        self._note_stay(sight)

    def _note_stay(self, sight: Sight) -> None:
        if self._stay is None or not _stays(self._stay, sight):
            self._stay = sight
        elif sight.timestamp_ms - self._stay.timestamp_ms >= _HOME_MS:
            if self._homes and _stays(self._homes[-1], sight):
                self._homes.pop()
            self._homes.append(sight)
            self._stay = sight


@dataclass(slots=True)
class _Other:
    """Someone who is not the patient so far."""

    first: Sight
    last: Sight
    place: Sight
    goes_on: bool
    near_since_ms: int | None = None
    interrupted: bool = False

    def settles(self, sight: Sight) -> bool:
        """Take in the next sight; return whether this must be the patient after all."""
        self.goes_on &= _goes_on(self.last, sight)
        self.last = sight
        if self.goes_on and sight.timestamp_ms - self.first.timestamp_ms >= _SAME_SETTLE_MS:
            return True
        if not _stays(self.place, sight):
            self.place = sight
        return sight.timestamp_ms - self.place.timestamp_ms >= _OTHER_SETTLE_MS


def _can_follow(before: Sight, after: Sight) -> bool:
    elapsed_s = (after.timestamp_ms - before.timestamp_ms) / 1000.0
    # NaN compares false: unknown is never evidence of someone else.
    if before.step_m(after) > _STEP_M + _STEP_M_PER_S * elapsed_s:
        return False
    return not abs(after.size - before.size) > _SIZE_STEP + _SIZE_STEP_PER_S * elapsed_s


def _is_near(place: Sight, sight: Sight, away_ms: int) -> bool:
    reach_m = min(_BACK_M + _BACK_M_PER_S * away_ms / 1000.0, _BACK_FARTHEST_M)
    if not place.step_m(sight) <= reach_m:
        return False
    return not abs(place.size - sight.size) > _BACK_SIZE


def _stays(place: Sight, sight: Sight) -> bool:
    if place.step_m(sight) > _STAY_M:
        return False
    return not abs(place.size - sight.size) > _STAY_SIZE


def _goes_on(before: Sight, after: Sight) -> bool:
    """Whether one movement goes on in about the same place, only nearer or farther: a cut."""
    if not before.step_m(after) <= _SAME_PLACE_M:
        return False
    return before.posture_change_m(after) <= _SAME_POSTURE_M


def _without_thrown(pose: PoseFrame, px_per_m: float) -> PoseFrame:
    """Return the pose without landmarks that are in the corner or no bone's length away."""
    image = pose.image_px.tolist()
    thrown = [joint for joint, point in enumerate(image) if point == CORNER]
    if not math.isnan(pose.world_m[Landmark.LEFT_HIP, 0]):
        longest_px = _LONGEST_BONE_M * px_per_m
        for near, far in LIMBS:
            start, end = image[near], image[far]
            if math.hypot(end[0] - start[0], end[1] - start[1]) > longest_px:
                thrown.append(far)
    if not thrown:
        return pose
    image_px = pose.image_px.copy()
    image_px[thrown] = np.nan
    return replace(pose, image_px=image_px)


class _SideKeeper:
    """Undoes the exchange of left and right, which turns the trunk round between two pictures."""

    def __init__(self) -> None:
        self._last_ms = 0
        self._across: tuple[float, float, float] | None = None
        self._swapped_since_ms: int | None = None

    def put_right(self, pose: PoseFrame) -> PoseFrame:
        """Return the pose with the sides as they were before; after a while they are believed."""
        now_ms, since_ms = pose.timestamp_ms, self._swapped_since_ms
        if since_ms is not None and now_ms - since_ms > _SWAP_LONGEST_MS:
            self._swapped_since_ms, self._across = None, None
        across = _across(pose.world_m)
        if self._swapped_since_ms is not None:
            across = (-across[0], -across[1], -across[2])
        if self._turned_round(now_ms, across):
            self._swapped_since_ms = now_ms if self._swapped_since_ms is None else None
            across = (-across[0], -across[1], -across[2])
        self._last_ms, self._across = now_ms, across
        return pose if self._swapped_since_ms is None else _mirrored(pose)

    def _turned_round(self, now_ms: int, across: tuple[float, float, float]) -> bool:
        if self._across is None or now_ms - self._last_ms > _TURN_LONGEST_MS:
            return False
        # NaN compares false: unknown is never evidence of an exchange.
        return _cosine(self._across, across) < _TURNED_COSINE


def _across(world_m: FloatArray) -> tuple[float, float, float]:
    """Return the direction from the right side of the trunk to the left one."""
    shoulder, other_shoulder = world_m[Landmark.LEFT_SHOULDER : Landmark.LEFT_ELBOW].tolist()
    hip, other_hip = world_m[Landmark.LEFT_HIP : Landmark.LEFT_KNEE].tolist()
    x, y, z = (
        left - right + lower_left - lower_right
        for left, right, lower_left, lower_right in zip(
            shoulder, other_shoulder, hip, other_hip, strict=True
        )
    )
    return x, y, z


def _cosine(first: tuple[float, float, float], last: tuple[float, float, float]) -> float:
    lengths = math.hypot(*first) * math.hypot(*last)
    return sum(map(operator.mul, first, last)) / lengths if lengths else NAN


def _mirrored(pose: PoseFrame) -> PoseFrame:
    table = list(MIRROR)
    return replace(
        pose,
        image_px=pose.image_px[table],
        world_m=pose.world_m[table],
        visibility=pose.visibility[table],
    )
