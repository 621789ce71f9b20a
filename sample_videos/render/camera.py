"""A pinhole camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .geometry import UP, Vector, as_point, unit, vec


class Lens(NamedTuple):
    """A camera in the form the compiled code reads."""

    position: tuple[float, float, float]
    right: tuple[float, float, float]
    up: tuple[float, float, float]
    ahead: tuple[float, float, float]
    focal_px: float


@dataclass(frozen=True, slots=True)
class Camera:
    """A level-mounted pinhole camera that looks at a point.

    Attributes:
        azimuth_deg: Where it stands around the target: 0 = in front (+Z), 90 = at the person's
            left (+X), -90 = at the right.
        target: The point (m) in the middle of the picture.
        distance_m: Horizontal distance to the target.
        height_m: Height of the lens above the floor.
        field_of_view_deg: Vertical field of view.
    """

    azimuth_deg: float
    target: tuple[float, float, float] = (0.0, 0.9, 0.0)
    distance_m: float = 2.9
    height_m: float = 1.0
    field_of_view_deg: float = 48.0
    width_px: int = 640
    height_px: int = 480

    @property
    def position(self) -> Vector:
        """Where the lens is (m)."""
        angle = np.radians(self.azimuth_deg)
        x, _, z = self.target
        east, north = self.distance_m * np.sin(angle), self.distance_m * np.cos(angle)
        return vec(x + east, self.height_m, z + north)

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return float(self.height_px / 2.0 / np.tan(np.radians(self.field_of_view_deg) / 2.0))

    @property
    def axes(self) -> tuple[Vector, Vector, Vector]:
        """Directions to the right, upwards and ahead."""
        ahead = unit(np.array(self.target) - self.position)
        right = unit(np.cross(ahead, UP))
        return right, np.cross(right, ahead), ahead

    @property
    def lens(self) -> Lens:
        """The camera in the form the compiled code reads."""
        right, up, ahead = (as_point(axis) for axis in self.axes)
        return Lens(as_point(self.position), right, up, ahead, self.focal_px)

    def project(self, point: Vector) -> Vector:
        """Return the pixel (x to the right, y down) at which a point is seen."""
        right, up, ahead = self.axes
        offset = point - self.position
        scale = self.focal_px / float(offset @ ahead)
        x = self.width_px / 2.0 + scale * float(offset @ right)
        return np.array([x, self.height_px / 2.0 - scale * float(offset @ up)])
