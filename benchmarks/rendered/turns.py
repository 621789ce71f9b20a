"""How well the view is told: somebody stands still, turned a little further in every clip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.rendered.bodies import lowest_m, move, poses_of
from benchmarks.rendered.filming import (
    HEIGHT_PX,
    WIDTH_PX,
    Stage,
    person_of,
    seen_poses,
    true_turn_deg,
)
from benchmarks.rendered.judging import Stance
from benchmarks.rendered.plans import Scene, Step
from sample_videos.render.camera import Camera
from sample_videos.render.geometry import vec

from hep_vision.core.figure import Posture
from hep_vision.core.orientation import OrientationTracker
from hep_vision.core.types import Side, View

TURNS_DEG: Final = tuple(range(0, 91, 10))
_STILL: Final = (Step(0.4, 0.2, 0.4, top=0),)


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody turned so far, to the left or to the right."""

    turn_deg: int
    person: int

    @property
    def scene(self) -> Scene:
        """A clip in which nothing moves."""
        return Scene(f"standing_at_{self.turn_deg}", View.UNKNOWN, Side.BOTH, self.person, _STILL)


def turns(people: int) -> Iterator[Turn]:
    """Yield every turn of everybody."""
    for person in range(people):
        for turn_deg in TURNS_DEG:
            yield Turn(turn_deg, person)


def look_at(turn: Turn, cache_folder: Path) -> Stance:
    """Film one turn and tell the view."""
    rng = np.random.default_rng([turn.person, turn.turn_deg])
    person = person_of(1000 + turn.person)
    posture = Posture(knee=4.0, hip=4.0, shoulder=float(rng.uniform(-5.0, 25.0)), elbow=15.0)
    (pose,) = poses_of(posture, 1, person.bones)
    move(pose, vec(0.0, -lowest_m(pose, person.look), 0.0))
    azimuth_deg = float(turn.turn_deg if turn.person % 2 else -turn.turn_deg)
    camera = Camera(
        azimuth_deg,
        (0.0, 0.85, 0.0),
        float(rng.uniform(2.5, 3.3)),
        float(rng.uniform(0.7, 1.3)),
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
    )
    stage = Stage(person, camera, replace(camera, azimuth_deg=0.0), {(None, 0): pose}, None)
    tracker = OrientationTracker()
    for seen in seen_poses(turn.scene, stage, cache_folder):
        told = tracker.update(seen.timestamp_ms, seen.image_px)
    true = true_turn_deg(camera, pose)
    return Stance(turn.scene.name, "", str(told.view), told.turn_deg, true)
