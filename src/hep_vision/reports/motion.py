"""Draw how an exercise looks: rest, goal and every fault, from the side and from the front."""

import io
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hep_vision.core.definition import ExerciseDefinition, Motion
from hep_vision.core.figure import movement_m, seen_from
from hep_vision.core.landmarks import BODY_EDGES, Landmark
from hep_vision.core.types import FloatArray, Side
from hep_vision.errors import ExportError
from hep_vision.files import private_draft
from hep_vision.reports.plot import BLUE, GREY, INK, ORANGE, SUFFIXES

DPI: Final = 100
CELL_IN: Final = 2.2
_VIEWS: Final = (("from the side", 90.0), ("from the front", 0.0))
_HEAD_M: Final = 0.11
_HALF_M: Final = 1.0


def draw_motion(path: Path, exercise: ExerciseDefinition) -> None:
    """Write a picture of the postures of an exercise, PNG or SVG by the suffix of ``path``.

    The figure that works on one side works on its left, drawn in colour.

    Raises:
        ExportError: The suffix is another, the exercise has no motion, or the file cannot be
            written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ExportError(f"{path}: a picture is {' or '.join(SUFFIXES)}; change the name.")
    if exercise.motion is None:
        raise ExportError(f"{exercise.id} has no [motion], so there is nothing to draw.")
    shown = _postures(exercise.motion)
    picture = Figure(figsize=(CELL_IN * len(shown), CELL_IN * len(_VIEWS) + 0.4), dpi=DPI)
    picture.suptitle(exercise.name, fontsize=12, color=INK)
    axes = picture.subplots(len(_VIEWS), len(shown), squeeze=False)
    for row, (view, turn_deg) in enumerate(_VIEWS):
        for column, (name, points_m) in enumerate(shown):
            _draw(axes[row, column], seen_from(points_m, turn_deg))
            axes[row, column].set_title(f"{name}\n{view}", fontsize=8, color=INK)
    data = io.BytesIO()
    picture.tight_layout()
    picture.savefig(data, format=path.suffix[1:].lower())
    with private_draft(path, "the picture") as draft:
        draft.write_bytes(data.getvalue())


def _postures(motion: Motion) -> list[tuple[str, FloatArray]]:
    rest, half, goal = movement_m(motion, np.array([0.0, 0.5, 1.0]), Side.LEFT)
    faults = [
        (fault.replace("_", " "), movement_m(motion, np.ones(1), Side.LEFT, fault)[0])
        for fault in motion.faults
    ]
    way = [("half-way", half)] if motion.via else []
    return [("rest", rest), *way, ("goal", goal), *faults]


def _draw(axes: Axes, points: FloatArray) -> None:
    axes.axhline(0.0, color=GREY, linewidth=0.8)
    for start, end in BODY_EDGES:
        name = start.name
        left = "LEFT" in name and "LEFT" in end.name
        right = "RIGHT" in name and "RIGHT" in end.name
        look = (ORANGE, 2.6) if left else (BLUE, 1.6) if right else (INK, 2.0)
        x, y = points[[start, end]].T
        axes.plot(x, -y, color=look[0], linewidth=look[1], solid_capstyle="round")
    ears = points[[Landmark.LEFT_EAR, Landmark.RIGHT_EAR]].mean(axis=0)
    turn = np.linspace(0.0, 2.0 * np.pi, 40)
    axes.plot(ears[0] + _HEAD_M * np.cos(turn), -ears[1] + _HEAD_M * np.sin(turn), color=INK)
    nose = points[Landmark.NOSE]
    axes.plot([ears[0], nose[0]], [-ears[1], -nose[1]], color=INK, linewidth=1.0)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2.0
    axes.set_xlim(middle[0] - _HALF_M, middle[0] + _HALF_M)
    axes.set_ylim(-middle[1] - _HALF_M, -middle[1] + _HALF_M)
    axes.set_aspect("equal")
    axes.set_axis_off()
