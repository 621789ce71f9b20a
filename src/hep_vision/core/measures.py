"""Named biomechanical measures of a pose, each with its unit, sign rule, view and uncertainty.

A measure is a number per side of the body at one moment. Joint angles follow the neutral-zero
convention: anatomical position is 0, flexion grows. They are measured in the image plane, where
MediaPipe is within 2-5 degrees of the projected joint; ``*_depth`` measures use the world
landmarks instead, which are 7-20 degrees off but still show a movement that the image plane hides:
they count, they are never reported as an angle.

Lengths are ratios of the person's own trunk (shoulder to hip), so they do not change with the
distance to the camera. Heights grow upwards in the picture.

Uncertainties are half-widths of an interval for one camera: no less than the mean absolute error in
published validations of pose estimation against goniometers and motion capture, and wider where
that held the truth of fewer than nine in ten rendered repetitions (knee, elbow, raised arm, heel;
see ``docs/counting.md``). ``None`` means do not report from that view.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hep_vision.core.geometry import angle_deg, distance, midpoint, turn_deg
from hep_vision.core.landmarks import SIDED_PARTS, Landmark
from hep_vision.core.types import FloatArray, Side, View

SIDES: Final = (Side.LEFT, Side.RIGHT)


@dataclass(frozen=True, slots=True)
class MeasureInfo:
    """What a measure means.

    Attributes:
        unit: ``deg``, ``px`` or ``ratio`` (of trunk length unless the meaning says otherwise).
        meaning: One line: what it is and which way it grows.
        views: Views whose plane holds the measure; a check on it is not judged from others.
        uncertainty: Half-width of the interval in those views, in ``unit``; doubled from an oblique
            view and for the limb that the body hides.
        landmarks: Landmarks (without side) that must be seen.
    """

    unit: str
    meaning: str
    views: tuple[View, ...]
    uncertainty: float
    landmarks: tuple[str, ...]

    def uncertainty_from(self, view: View, *, hidden: bool = False, size: float = 0.0) -> float:
        """Return the half-width of the interval as a view shows it, in ``unit``.

        A length is the more uncertain the longer it is, because the trunk that it is measured by
        is.

        Args:
            view: Where the camera stands.
            hidden: The limb is behind the body.
            size: The largest value that the interval is about, in ``unit``.
        """
        of_scale = _SCALE_SHARE * abs(size) if self.unit == "ratio" else 0.0
        return (self.uncertainty + of_scale) * (2.0 if hidden or view is View.OBLIQUE else 1.0)


_LEFT: Final = {part: int(Landmark[f"LEFT_{part}"]) for part in SIDED_PARTS}
"""The row of each part's left side; the right one is its neighbour."""
_UP: Final = np.array([0.0, -1.0])
_STEP_RATIO: Final = 0.5
"""Distance of the feet from front to back, in trunk lengths, from which one trails."""
_SCALE_SHARE: Final = 0.1
"""Error of the trunk's length: on the rendered people it is seen 6 to 10 % too long."""
_SAGITTAL = (View.SIDE, View.OBLIQUE)
_FRONTAL = (View.FRONT,)
_FACING = (View.FRONT, View.OBLIQUE)
_ANY = (View.FRONT, View.OBLIQUE, View.SIDE)


class PoseArrays:
    """Landmarks split by side for vectorised formulas.

    Every part is (..., 2, D): the axis before the coordinates is (left, right). ``other`` gives
    the opposite side. ``facing`` is +1 where the person's front lies clockwise of the way up the
    trunk as seen on screen (standing: facing image right; lying on the back: head to the left).
    """

    def __init__(self, points: FloatArray, scale: FloatArray, facing: FloatArray) -> None:
        self.points = points
        self.scale = scale[..., None]
        self.facing = facing[..., None]
        # Many measures of a pose start from the same few landmarks.
        self._parts: dict[str, FloatArray] = {}
        self._middles: dict[str, FloatArray] = {}
        self._from_hips: tuple[FloatArray, FloatArray] | None = None

    def part(self, name: str) -> FloatArray:
        """Return both sides of a landmark, (..., 2, D)."""
        if name not in self._parts:
            left = _LEFT[name]
            self._parts[name] = self.points[..., left : left + 2, :]
        return self._parts[name]

    def middle(self, name: str) -> FloatArray:
        """Return the midpoint of both sides, (..., 1, D); one side where the other is unseen."""
        if name not in self._middles:
            both = self.part(name)
            self._middles[name] = midpoint(both[..., :1, :], both[..., 1:, :])
        return self._middles[name]

    def from_hips(self, name: str, axis: int) -> FloatArray:
        """Return how far both sides are across (0) or above (1) the middle of the hips, (..., 2).

        In the person's scale, for every landmark at once: ten measures ask for it in each pose.
        """
        if self._from_hips is None:
            middle, points = self.middle("HIP"), self.points
            across = (points[..., 0] - middle[..., 0]) / self.scale
            self._from_hips = across, (middle[..., 1] - points[..., 1]) / self.scale
        left = _LEFT[name]
        return self._from_hips[axis][..., left : left + 2]

    @property
    def toward_left(self) -> FloatArray:
        """Return +1 where the person faces us, -1 where the back does, (..., 1).

        The person's left is then image right of the way up the trunk, standing or lying.
        """
        up = (self.middle("SHOULDER") - self.middle("HIP"))[..., 0, :]
        both = self.part("HIP") + self.part("SHOULDER")
        across = both[..., 0, :] - both[..., 1, :]
        turn = up[..., 0] * across[..., 1] - up[..., 1] * across[..., 0]
        return np.asarray(np.sign(turn)[..., None])


def _flexion(proximal: str, joint: str, distal: str) -> Callable[[PoseArrays], FloatArray]:
    def formula(pose: PoseArrays) -> FloatArray:
        return 180.0 - angle_deg(pose.part(proximal), pose.part(joint), pose.part(distal))

    return formula


def _elevation(proximal: str, joint: str, distal: str) -> Callable[[PoseArrays], FloatArray]:
    def formula(pose: PoseArrays) -> FloatArray:
        return angle_deg(pose.part(proximal), pose.part(joint), pose.part(distal))

    return formula


def _signed_flexion(proximal: str, joint: str, distal: str) -> Callable[[PoseArrays], FloatArray]:
    """Flexion at a joint of the trunk: positive when the distal segment swings to the front."""

    def formula(pose: PoseArrays) -> FloatArray:
        onward = pose.part(joint) - pose.part(proximal)
        turn = turn_deg(onward, pose.part(distal) - pose.part(joint))
        return -pose.facing * turn

    return formula


def _shoulder_flexion(pose: PoseArrays) -> FloatArray:
    down = pose.part("HIP") - pose.part("SHOULDER")
    turn = -pose.facing * turn_deg(down, pose.part("ELBOW") - pose.part("SHOULDER"))
    # An arm raised past the vertical has flexed 190 degrees, not extended 170.
    return np.where(turn < -90.0, turn + 360.0, turn)


def _trunk_up(pose: PoseArrays) -> FloatArray:
    return pose.middle("SHOULDER") - pose.middle("HIP")


def _both(column: FloatArray) -> FloatArray:
    return np.repeat(column, 2, axis=-1)


def _trunk_lean(pose: PoseArrays) -> FloatArray:
    return _both(turn_deg(_UP, _trunk_up(pose)))


def _trunk_lean_forward(pose: PoseArrays) -> FloatArray:
    return pose.facing * _trunk_lean(pose)


def _trunk_elevation(pose: PoseArrays) -> FloatArray:
    return 90.0 - np.abs(_trunk_lean(pose))


def _hip_abduction(pose: PoseArrays) -> FloatArray:
    down = -_trunk_up(pose)
    leg = pose.part("ANKLE") - pose.part("HIP")
    outward = np.array([-1.0, 1.0]) * pose.toward_left
    return outward * turn_deg(down, leg)


def _knee_valgus(pose: PoseArrays) -> FloatArray:
    thigh = pose.part("KNEE") - pose.part("HIP")
    shank = pose.part("ANKLE") - pose.part("KNEE")
    outward = np.array([-1.0, 1.0]) * pose.toward_left
    return outward * turn_deg(thigh, shank)


def _knees_valgus(pose: PoseArrays) -> FloatArray:
    # A body turned to the camera shows bent knees to one side: one inside, the other outside.
    valgus = _knee_valgus(pose)
    return valgus + np.minimum(valgus[..., ::-1], 0.0)


def _forearm_out(pose: PoseArrays) -> FloatArray:
    upper_arm = pose.part("ELBOW") - pose.part("SHOULDER")
    forearm = pose.part("WRIST") - pose.part("ELBOW")
    length = distance(pose.part("ELBOW"), pose.part("SHOULDER"))
    across = forearm[..., 0] * upper_arm[..., 1] - forearm[..., 1] * upper_arm[..., 0]
    outward = np.array([1.0, -1.0]) * pose.toward_left / pose.scale
    return outward * np.where(length > 0.0, across / np.where(length > 0.0, length, 1.0), np.nan)


def _pelvic_obliquity(pose: PoseArrays) -> FloatArray:
    hips = pose.part("HIP")
    across = hips[..., :1, :] - hips[..., 1:, :]
    slope = np.degrees(np.arctan2(across[..., 1], np.abs(across[..., 0])))
    return np.concatenate([slope, -slope], axis=-1)


def _height(part: str) -> Callable[[PoseArrays], FloatArray]:
    def formula(pose: PoseArrays) -> FloatArray:
        return -pose.part(part)[..., 1] / pose.scale

    return formula


def _lift(part: str) -> Callable[[PoseArrays], FloatArray]:
    def formula(pose: PoseArrays) -> FloatArray:
        height = -pose.part(part)[..., 1] / pose.scale
        return height - height[..., ::-1]

    return formula


def _beside(part: str, reference: str) -> Callable[[PoseArrays], FloatArray]:
    def formula(pose: PoseArrays) -> FloatArray:
        return (pose.part(part)[..., 0] - pose.part(reference)[..., 0]) / pose.scale

    return formula


def _height_above(part: str, reference: str) -> Callable[[PoseArrays], FloatArray]:
    def formula(pose: PoseArrays) -> FloatArray:
        return (pose.part(reference)[..., 1] - pose.part(part)[..., 1]) / pose.scale

    return formula


def _across(part: str) -> Callable[[PoseArrays], FloatArray]:
    def formula(pose: PoseArrays) -> FloatArray:
        return pose.from_hips(part, 0)

    return formula


def _above(part: str) -> Callable[[PoseArrays], FloatArray]:
    def formula(pose: PoseArrays) -> FloatArray:
        return pose.from_hips(part, 1)

    return formula


def _length(first: str, last: str) -> Callable[[PoseArrays], FloatArray]:
    def formula(pose: PoseArrays) -> FloatArray:
        return distance(pose.part(first), pose.part(last)) / pose.scale

    return formula


def _spread(part: str) -> Callable[[PoseArrays], FloatArray]:
    def formula(pose: PoseArrays) -> FloatArray:
        both = pose.part(part)
        return _both(distance(both[..., :1, :], both[..., 1:, :]) / pose.scale)

    return formula


def _hip_above_line(pose: PoseArrays) -> FloatArray:
    hips = pose.middle("HIP")
    trunk, leg = pose.middle("SHOULDER") - hips, pose.middle("ANKLE") - hips
    bend = 180.0 - angle_deg(hips + trunk, hips, hips + leg)
    # From a hip above its line, trunk and leg lead down on balance.
    down = trunk[..., 1] * _norm(leg) + leg[..., 1] * _norm(trunk)
    return _both(np.where(down < 0.0, -bend, bend))


def _norm(vector: FloatArray) -> FloatArray:
    return np.hypot(vector[..., 0], vector[..., 1])


def _leg_elevation(pose: PoseArrays) -> FloatArray:
    leg = pose.part("ANKLE") - pose.part("HIP")
    known = _norm(leg) > 0.0
    return np.where(known, np.degrees(np.arctan2(-leg[..., 1], np.abs(leg[..., 0]))), np.nan)


def _ankle_plantarflexion(pose: PoseArrays) -> FloatArray:
    shank = pose.part("KNEE") - pose.part("ANKLE")
    foot = pose.part("FOOT_INDEX") - pose.part("HEEL")
    return np.abs(turn_deg(shank, foot)) - 90.0


def _trunk_width(pose: PoseArrays) -> FloatArray:
    shoulders, hips = pose.part("SHOULDER"), pose.part("HIP")
    width = distance(shoulders[..., :1, :], shoulders[..., 1:, :])
    width = width + distance(hips[..., :1, :], hips[..., 1:, :])
    return _both(width / 2.0 / pose.scale)


def _gap(part: str, axis: int) -> Callable[[PoseArrays], FloatArray]:
    """Distance of both sides along one axis of the picture: 0 across, 1 up."""

    def formula(pose: PoseArrays) -> FloatArray:
        place = pose.part(part)[..., axis] / pose.scale
        return np.abs(place - place[..., ::-1])

    return formula


def _place_across(part: str) -> Callable[[PoseArrays], FloatArray]:
    def formula(pose: PoseArrays) -> FloatArray:
        return pose.part(part)[..., 0] / pose.scale

    return formula


def _forward(part: str, reference: str) -> Callable[[PoseArrays], FloatArray]:
    beside = _beside(part, reference)

    def formula(pose: PoseArrays) -> FloatArray:
        return pose.facing * beside(pose)

    return formula


def _knee_over_toe(pose: PoseArrays) -> FloatArray:
    foot = distance(pose.part("HEEL"), pose.part("FOOT_INDEX"))
    ahead = pose.part("KNEE")[..., 0] - pose.part("FOOT_INDEX")[..., 0]
    value = np.where(foot > 0.0, pose.facing * ahead / np.where(foot > 0.0, foot, 1.0), np.nan)
    # The knee of a leg that trails in a lunge is always far ahead of its toes, and which leg that
    # is an estimator often mistakes: a step apart, both sides tell of the foot in front.
    place = pose.facing * pose.part("ANKLE")[..., 0] / pose.scale
    trails = place[..., ::-1] - place > _STEP_RATIO
    return np.where(trails, value[..., ::-1], value)


def _weight_shift(pose: PoseArrays) -> FloatArray:
    hips = pose.part("HIP")
    width = np.abs(hips[..., :1, 0] - hips[..., 1:, 0])
    offset = np.abs(pose.middle("HIP")[..., 0] - pose.middle("ANKLE")[..., 0])
    return _both(np.where(width > 0.0, offset / np.where(width > 0.0, width, 1.0), np.nan))


def _position_x(pose: PoseArrays) -> FloatArray:
    return _both(pose.middle("HIP")[..., 0])


@dataclass(frozen=True, slots=True)
class _Measure:
    info: MeasureInfo
    formula: Callable[[PoseArrays], FloatArray]
    depth: bool = False


def _m(  # noqa: PLR0913 -- one row of the table below
    unit: str,
    views: tuple[View, ...],
    uncertainty: float,
    landmarks: str,
    meaning: str,
    formula: Callable[[PoseArrays], FloatArray],
    *,
    depth: bool = False,
) -> _Measure:
    names = tuple(landmarks.upper().split())
    return _Measure(MeasureInfo(unit, meaning, views, uncertainty, names), formula, depth)


_KNEE = ("HIP", "KNEE", "ANKLE")
_HIP = ("SHOULDER", "HIP", "KNEE")
_ELBOW = ("SHOULDER", "ELBOW", "WRIST")
_SHOULDER = ("HIP", "SHOULDER", "ELBOW")
_ARM = ("HIP", "SHOULDER", "WRIST")

_TABLE: Final[dict[str, _Measure]] = {
    # Joint angles in the image plane.
    "knee_flexion": _m("deg", _SAGITTAL, 10, "hip knee ankle",
        "bend of the knee; 0 is straight", _flexion(*_KNEE)),
    "hip_flexion": _m("deg", _SAGITTAL, 12, "shoulder hip knee",
        "thigh swung forward of the trunk line; negative is extension", _signed_flexion(*_HIP)),
    "hip_bend": _m("deg", _SAGITTAL, 12, "shoulder hip knee",
        "thigh out of the trunk line, to the front or the back", _flexion(*_HIP)),
    "elbow_flexion": _m("deg", _ANY, 13, "shoulder elbow wrist",
        "bend of the elbow; 0 is straight", _flexion(*_ELBOW)),
    "shoulder_elevation": _m("deg", _ANY, 12, "hip shoulder elbow",
        "upper arm away from the trunk, whatever the direction", _elevation(*_SHOULDER)),
    "shoulder_abduction": _m("deg", _FRONTAL, 6, "hip shoulder elbow",
        "upper arm lifted sideways from the trunk", _elevation(*_SHOULDER)),
    "shoulder_flexion": _m("deg", _SAGITTAL, 9, "hip shoulder elbow",
        "upper arm lifted forward of the trunk; negative is behind it", _shoulder_flexion),
    "arm_elevation": _m("deg", _ANY, 12, "hip shoulder wrist",
        "whole arm (shoulder to wrist) away from the trunk", _elevation(*_ARM)),
    "hip_abduction": _m("deg", _FRONTAL, 6, "shoulder hip ankle",
        "leg (hip to ankle) lifted sideways from the trunk line", _hip_abduction),
    "body_line": _m("deg", _SAGITTAL, 6, "shoulder hip ankle",
        "hip out of the shoulder-ankle line; positive is piked, negative sags",
        _signed_flexion("SHOULDER", "HIP", "ANKLE")),
    "knee_valgus": _m("deg", _FRONTAL, 5, "shoulder hip knee ankle",
        "frontal-plane projection angle; positive is the knee inside the hip-ankle line",
        _knee_valgus),
    "knees_valgus": _m("deg", _FRONTAL, 5, "shoulder hip knee ankle",
        "knee inside the hip-ankle line, less what the other knee is outside of its own",
        _knees_valgus),
    "hip_above_line": _m("deg", _ANY, 6, "shoulder hip ankle",
        "hip out of the shoulder-ankle line of a lying body; positive is above it",
        _hip_above_line),
    "leg_elevation": _m("deg", _ANY, 6, "hip ankle",
        "leg (hip to ankle) above the horizontal; 0 lying, -90 standing", _leg_elevation),
    "curl": _m("deg", _SAGITTAL, 12, "ear hip knee",
        "head and thigh brought together, seen from the hip; 0 is one line",
        _flexion("EAR", "HIP", "KNEE")),
    "ankle_plantarflexion": _m("deg", _SAGITTAL, 20, "knee ankle heel foot_index",
        "foot pointed away from the shin; 0 is a right angle, negative is pulled up",
        _ankle_plantarflexion),
    "trunk_lean_forward": _m("deg", _SAGITTAL, 4, "shoulder hip",
        "trunk from the vertical; positive is forward", _trunk_lean_forward),
    "trunk_lean_side": _m("deg", _FRONTAL, 3, "shoulder hip",
        "trunk from the vertical; positive is towards image right", _trunk_lean),
    "trunk_elevation": _m("deg", _ANY, 6, "shoulder hip",
        "trunk above the horizontal; 90 is upright, 0 lying", _trunk_elevation),
    "pelvic_obliquity": _m("deg", _FRONTAL, 4, "hip",
        "tilt of the pelvis; positive is this side lower", _pelvic_obliquity),
    # Joint angles from the world landmarks: for counting only.
    "knee_flexion_depth": _m("deg", _ANY, 20, "hip knee ankle",
        "bend of the knee in three dimensions", _flexion(*_KNEE), depth=True),
    "hip_flexion_depth": _m("deg", _ANY, 20, "shoulder hip knee",
        "bend of the hip in three dimensions, unsigned", _flexion(*_HIP), depth=True),
    "curl_depth": _m("deg", _ANY, 20, "ear hip knee",
        "head and thigh brought together, in three dimensions", _flexion("EAR", "HIP", "KNEE"),
        depth=True),
    "elbow_flexion_depth": _m("deg", _ANY, 20, "shoulder elbow wrist",
        "bend of the elbow in three dimensions", _flexion(*_ELBOW), depth=True),
    "shoulder_elevation_depth": _m("deg", _ANY, 15, "hip shoulder elbow",
        "upper arm away from the trunk in three dimensions", _elevation(*_SHOULDER), depth=True),
    "arm_elevation_depth": _m("deg", _ANY, 15, "hip shoulder wrist",
        "whole arm away from the trunk in three dimensions", _elevation(*_ARM), depth=True),
    # Positions and lengths in trunk lengths.
    "hip_height": _m("ratio", _ANY, 0.05, "hip", "height of the hip", _height("HIP")),
    "shoulder_height": _m("ratio", _ANY, 0.05, "shoulder", "height of the shoulder",
        _height("SHOULDER")),
    "ankle_height": _m("ratio", _ANY, 0.03, "ankle", "height of the ankle", _height("ANKLE")),
    "heel_height": _m("ratio", _SAGITTAL, 0.03, "heel", "height of the heel", _height("HEEL")),
    "ankle_lift": _m("ratio", _ANY, 0.05, "ankle", "height of the ankle above the other ankle",
        _lift("ANKLE")),
    "knee_lift": _m("ratio", _ANY, 0.05, "knee", "height of the knee above the other knee",
        _lift("KNEE")),
    "foot_clearance": _m("ratio", _ANY, 0.05, "ankle",
        "height of the higher ankle above the lower one", _gap("ANKLE", 1)),
    "ankle_gap": _m("ratio", _FRONTAL, 0.06, "ankle",
        "distance between the ankles across the picture", _gap("ANKLE", 0)),
    "ankle_place": _m("ratio", _ANY, 0.03, "ankle", "place of the ankle across the picture",
        _place_across("ANKLE")),
    "ankle_ahead": _m("ratio", _ANY, 0.05, "ankle hip",
        "place of the ankle across the picture, from the hip", _beside("ANKLE", "HIP")),
    "ankle_forward": _m("ratio", _SAGITTAL, 0.05, "ankle hip",
        "place of the ankle ahead of the hip; negative is behind", _forward("ANKLE", "HIP")),
    "wrist_beside_ankle": _m("ratio", _ANY, 0.1, "wrist ankle",
        "place of the wrist across the picture, from the ankle", _beside("WRIST", "ANKLE")),
    "shoulder_beside_wrist": _m("ratio", _ANY, 0.05, "wrist shoulder",
        "place of the shoulder across the picture, from the wrist", _beside("SHOULDER", "WRIST")),
    "toe_height": _m("ratio", _ANY, 0.03, "foot_index", "height of the toes",
        _height("FOOT_INDEX")),
    "ankle_over_toe": _m("ratio", _ANY, 0.03, "ankle foot_index",
        "height of the ankle above the toes", _height_above("ANKLE", "FOOT_INDEX")),
    "heel_over_toe": _m("ratio", _ANY, 0.1, "heel foot_index",
        "height of the heel above the toes", _height_above("HEEL", "FOOT_INDEX")),
    "knee_height": _m("ratio", _ANY, 0.05, "knee hip", "height of the knee above the hip",
        _height_above("KNEE", "HIP")),
    "wrist_height": _m("ratio", _ANY, 0.05, "wrist shoulder",
        "height of the wrist above the shoulder", _height_above("WRIST", "SHOULDER")),
    "wrist_over_elbow": _m("ratio", _ANY, 0.05, "wrist elbow",
        "height of the wrist above the elbow", _height_above("WRIST", "ELBOW")),
    "hip_over_shoulder": _m("ratio", _ANY, 0.05, "hip shoulder",
        "height of the hip above the shoulder", _height_above("HIP", "SHOULDER")),
    "elbow_height": _m("ratio", _ANY, 0.05, "elbow shoulder",
        "height of the elbow above the shoulder", _height_above("ELBOW", "SHOULDER")),
    "wrist_over_ankle": _m("ratio", _ANY, 0.1, "wrist ankle",
        "height of the wrist above the ankle", _height_above("WRIST", "ANKLE")),
    "hip_over_ankle": _m("ratio", _ANY, 0.05, "hip ankle", "height of the hip above the ankle",
        _height_above("HIP", "ANKLE")),
    "hip_over_elbow": _m("ratio", _SAGITTAL, 0.06, "hip elbow",
        "height of the hip above the elbow", _height_above("HIP", "ELBOW")),
    "ear_over_shoulder": _m("ratio", _FRONTAL, 0.05, "ear shoulder",
        "height of the ear above the shoulder", _height_above("EAR", "SHOULDER")),
    "leg_length": _m("ratio", _FACING, 0.04, "hip ankle",
        "hip to ankle; shrinks when the leg points at the camera", _length("HIP", "ANKLE")),
    "hand_to_knee": _m("ratio", _SAGITTAL, 0.1, "wrist knee",
        "distance of the hand from the knee", _length("WRIST", "KNEE")),
    "forearm_out": _m("ratio", _FRONTAL, 0.06, "shoulder elbow wrist hip",
        "place of the wrist off the line of the upper arm; positive is outwards", _forearm_out),
    "shoulder_spread": _m("ratio", _FRONTAL, 0.05, "shoulder", "distance between the shoulders",
        _spread("SHOULDER")),
    "trunk_width": _m("ratio", _FACING, 0.06, "shoulder hip",
        "width of shoulders and hips, averaged; shrinks as the trunk turns away", _trunk_width),
    "knee_spread": _m("ratio", _FRONTAL, 0.06, "knee", "distance between the knees",
        _spread("KNEE")),
    "ankle_spread": _m("ratio", _ANY, 0.06, "ankle", "distance between the ankles",
        _spread("ANKLE")),
    "knee_over_toe": _m("ratio", (View.SIDE,), 0.15, "knee heel foot_index",
        "knee ahead of the toes, in foot lengths; of the foot in front where one trails",
        _knee_over_toe),
    "weight_shift": _m("ratio", _FRONTAL, 0.08, "hip ankle",
        "pelvis off the middle of the feet, in hip widths", _weight_shift),
    "position_x": _m("px", _ANY, 5, "hip", "place of the hips across the picture",
        _position_x),
}  # fmt: skip

SHAPE_PARTS: Final = ("shoulder", "elbow", "wrist", "knee", "ankle")
"""The landmarks that draw the whole body, seen from the middle of the hips."""

for _part in SHAPE_PARTS:
    _TABLE[f"{_part}_across"] = _m("ratio", _ANY, 0.06, f"hip {_part}",
        f"place of the {_part} across the picture, from the middle of the hips",
        _across(_part.upper()))  # fmt: skip
    _TABLE[f"{_part}_above"] = _m("ratio", _ANY, 0.06, f"hip {_part}",
        f"height of the {_part} above the middle of the hips", _above(_part.upper()))  # fmt: skip

MEASURES: Final[dict[str, MeasureInfo]] = {name: row.info for name, row in _TABLE.items()}
"""Every measure an exercise file may name."""


PLACES: Final = frozenset(
    {
        "hip_height",
        "shoulder_height",
        "ankle_height",
        "heel_height",
        "toe_height",
        "ankle_place",
        "position_x",
    }
)
"""Measures of a place in the picture; world landmarks alone, centred on the hips, have none."""


def measure_pose(
    names: Sequence[str],
    image_px: FloatArray,
    world_m: FloatArray,
    scale_px: FloatArray,
    facing: FloatArray,
) -> FloatArray:
    """Evaluate the named measures.

    Args:
        names: Keys of `MEASURES`.
        image_px: (..., 33, 2) landmarks in pixels; where all NaN the world landmarks stand in.
        world_m: (..., 33, 3) landmarks in metres; where all NaN the image plane stands in.
        scale_px: (...) the person's trunk length in the unit of ``image_px``.
        facing: (...) +1 or -1, see `PoseArrays`; NaN makes signed measures NaN.

    Returns:
        (..., len(names), 2): by (left, right). NaN where a landmark that the measure needs is NaN.
        A measure of the whole trunk is the same on both sides.
    """
    plane = PoseArrays(image_px, scale_px, facing)
    depth = PoseArrays(world_m, scale_px, facing)
    result = np.empty((*image_px.shape[:-2], len(names), 2))
    for row, name in enumerate(names):
        measure = _TABLE[name]
        result[..., row, :] = measure.formula(depth if measure.depth else plane)
    return result


def fill_missing_plane(image_px: FloatArray, world_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Let the image plane stand in for missing world landmarks, and the other way round.

    Args:
        image_px: (33, 2); all NaN where there is none.
        world_m: (33, 3); all NaN where there is none.

    Returns:
        Both, with the missing one replaced by the other's x and y (depth 0).
    """
    if all_unknown(world_m):
        return image_px, np.concatenate([image_px, np.zeros((len(image_px), 1))], axis=1)
    if all_unknown(image_px):
        return world_m[:, :2], world_m
    return image_px, world_m


def all_unknown(points: FloatArray) -> bool:
    """Return whether every coordinate of (33, D) landmarks is NaN."""
    return bool(math.isnan(points[0, 0]) and np.isnan(points).all())
