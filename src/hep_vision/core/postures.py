"""The posture of a person as joint angles, read back from landmarks.

The inverse of `hep_vision.core.figure`: from 33 points in three dimensions to the angles that
would place the figure so. The turn of the thigh and of the upper arm about their own length and
the foot are not read; one camera shows them too poorly.
"""

from typing import Final

import numpy as np

from hep_vision.core.geometry import angle_deg
from hep_vision.core.landmarks import Landmark
from hep_vision.core.types import FloatArray

READ: Final = ("trunk", "roll", "hip", "hip_out", "knee", "shoulder", "shoulder_out", "elbow")
"""The angles that are read."""
_OUT_ALONE_DEG: Final = 70.0
_BEHIND_DEG: Final = -115.0
"""No limb swings this far back, and none as far forward as it would be counted the other way."""
_OUTWARD: Final = np.array([1.0, -1.0])
_ROLLED: Final = 0.35
"""Sine of the roll below which it is the tilt that any trunk has, not lying on a side."""


def read_postures(world_m: FloatArray) -> dict[str, FloatArray]:
    """Return the joint angles of `READ` in degrees.

    Args:
        world_m: (T, 33, 3) landmarks in metres, y down; any way round, NaN = not known.

    Returns:
        For each angle (T, 2) by side; NaN where unknown. Angles of the spine are the same twice.
    """
    body = _Body(np.asarray(world_m, dtype=np.float64) * [1.0, -1.0, -1.0])
    trunk, roll = body.spine_deg()
    hip, hip_out = body.limb_deg("HIP", "KNEE")
    shoulder, shoulder_out = body.limb_deg("SHOULDER", "ELBOW")
    return {
        "trunk": np.repeat(trunk[:, None], 2, axis=1),
        "roll": np.repeat(roll[:, None], 2, axis=1),
        "hip": hip,
        "hip_out": hip_out,
        "knee": 180.0 - angle_deg(body.part("HIP"), body.part("KNEE"), body.part("ANKLE")),
        "shoulder": shoulder,
        "shoulder_out": shoulder_out,
        "elbow": 180.0 - angle_deg(body.part("SHOULDER"), body.part("ELBOW"), body.part("WRIST")),
    }


class _Body:
    """Axes of the trunk: ahead, up and to the left, from its four corners."""

    def __init__(self, points: FloatArray) -> None:
        self._points = points  # x right, y up, z towards the camera: right-handed
        hips, shoulders = self.part("HIP"), self.part("SHOULDER")
        self._up = _unit(shoulders.mean(axis=1) - hips.mean(axis=1))
        across = (hips + shoulders)[:, 0] - (hips + shoulders)[:, 1]
        along = (across * self._up).sum(axis=-1, keepdims=True)
        self._left = _unit(across - along * self._up)
        self._ahead = np.cross(self._left, self._up)

    def part(self, name: str) -> FloatArray:
        """Return both sides of a landmark, (T, 2, 3)."""
        left = Landmark[f"LEFT_{name}"]
        return np.asarray(self._points[:, left : left + 2])

    def spine_deg(self) -> tuple[FloatArray, FloatArray]:
        """Return forward lean and roll, (T,) each; a slight roll is none."""
        ahead_up, up_up, left_up = (axis[:, 1] for axis in (self._ahead, self._up, self._left))
        rolled = np.abs(left_up) > _ROLLED
        roll = np.where(rolled, np.degrees(np.arctan2(-left_up, np.abs(up_up))), 0.0)
        lean = np.degrees(np.arctan2(-ahead_up, np.where(rolled, np.hypot(up_up, left_up), up_up)))
        return lean, np.where(np.isnan(up_up), np.nan, roll)

    def limb_deg(self, joint: str, onward: str) -> tuple[FloatArray, FloatArray]:
        """Return the swing forward and the lift sideways of a limb's first segment, (T, 2)."""
        segment = _unit(self.part(onward) - self.part(joint))
        ahead, up, left = (
            (segment * axis[:, None]).sum(axis=-1) for axis in (self._ahead, self._up, self._left)
        )
        out = np.degrees(np.arcsin(np.clip(_OUTWARD * left, -1.0, 1.0)))
        swing = np.degrees(np.arctan2(ahead, -up))
        # Straight out to the side there is no swing to speak of; overhead it is 190, not -170.
        swing = np.where(np.abs(out) > _OUT_ALONE_DEG, 0.0, swing)
        return np.where(swing < _BEHIND_DEG, swing + 360.0, swing), out


def _unit(vectors: FloatArray) -> FloatArray:
    length = np.sqrt((vectors * vectors).sum(axis=-1, keepdims=True))
    return np.asarray(vectors / np.where(length > 0.0, length, np.nan))
