"""Values that flow through the pipeline: poses in, events out.

Time is ``timestamp_ms`` of the media; intervals are half-open ``[start_ms, end_ms)``. Arrays are
read-only. Unknown numbers are NaN in arrays and ``None`` in events, never zero. Events hold
scalars and names only, so they compare with ``==`` and serialise as they are.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from hep_vision.core.landmarks import LANDMARK_COUNT

FloatArray = NDArray[np.float64]


class Side(StrEnum):
    """Side of the person's own body that does the work."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


class View(StrEnum):
    """How the trunk is turned towards the camera."""

    FRONT = "front"
    OBLIQUE = "oblique"
    SIDE = "side"
    UNKNOWN = "unknown"


class Phase(StrEnum):
    """Phase of the repetition under way."""

    REST = "rest"
    CONCENTRIC = "concentric"
    PEAK = "peak"
    ECCENTRIC = "eccentric"
    LOST = "lost"


class RepStatus(StrEnum):
    """What became of an excursion from rest."""

    COUNTED = "counted"
    PARTIAL = "partial"
    REJECTED = "rejected"
    OPEN = "open"


class Severity(StrEnum):
    """How much a deviation matters."""

    INFO = "info"
    WARN = "warn"
    STOP = "stop"


class StopReason(StrEnum):
    """Why a patient ended a sitting before its plan was done."""

    PAIN = "pain"
    TIRED = "tired"
    OTHER = "other"


class ReportKind(StrEnum):
    """What a patient is asked for, on a scale from 0 to 10."""

    PAIN_BEFORE = "pain_before"
    PAIN_AFTER = "pain_after"
    PAIN_NEXT_MORNING = "pain_next_morning"
    EFFORT = "effort"


def _frozen(array: object, shape: tuple[int, ...], name: str) -> FloatArray:
    result = np.array(array, dtype=np.float64)
    if result.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, got {result.shape}")
    result.setflags(write=False)
    return result


@dataclass(frozen=True, slots=True, eq=False)
class PoseFrame:
    """One person's landmarks at one moment.

    Attributes:
        timestamp_ms: Media time of the frame.
        image_px: (33, 2) x right, y down, in pixels of the source picture; NaN = not seen.
        world_m: (33, 3) metres, origin between the hips, y down; NaN = not known.
        visibility: (33,) 0..1, the model's own estimate; NaN where there is no pose.
        image_size_px: Width and height of the source picture.
    """

    timestamp_ms: int
    image_px: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    image_size_px: tuple[int, int]

    def __post_init__(self) -> None:
        for name, shape in (
            ("image_px", (LANDMARK_COUNT, 2)),
            ("world_m", (LANDMARK_COUNT, 3)),
            ("visibility", (LANDMARK_COUNT,)),
        ):
            object.__setattr__(self, name, _frozen(getattr(self, name), shape, name))

    @classmethod
    def unseen(cls, timestamp_ms: int, image_size_px: tuple[int, int]) -> Self:
        """Return a frame in which nobody was found."""
        return cls(
            timestamp_ms,
            np.full((LANDMARK_COUNT, 2), np.nan),
            np.full((LANDMARK_COUNT, 3), np.nan),
            np.full(LANDMARK_COUNT, np.nan),
            image_size_px,
        )

    @property
    def detected(self) -> bool:
        """Whether any landmark has a position."""
        return bool(np.isfinite(self.image_px).any() or np.isfinite(self.world_m).any())


@dataclass(frozen=True, slots=True)
class Deviation:
    """A form deviation seen in one repetition or hold.

    Attributes:
        id: The check's id in the exercise file.
        rep: Index (from 1) of the repetition, or of the hold in a timed-hold exercise.
        value: The most deviating value of the check's measure.
        threshold: The bound that was crossed.
        unit: ``deg``, ``ratio``, ``s`` or ``percent``.
        cue: One line for the patient.
    """

    id: str
    rep: int
    side: Side
    severity: Severity
    start_ms: int
    end_ms: int
    value: float
    threshold: float
    unit: str
    cue: str


@dataclass(frozen=True, slots=True)
class Rep:
    """A finished excursion from rest, counted or not.

    ``index`` numbers the counted repetitions from 1; it is ``None`` for the others. ``peak_deg``
    and ``rom_deg`` are of the exercise's reported measure, in its own unit, and ``None`` where the
    view cannot show it. ``reason`` says why a repetition is not counted. A short pause between two
    repetitions belongs half to each; the tempo is that of the movement alone.
    """

    index: int | None
    side: Side
    start_ms: int
    peak_ms: int
    end_ms: int
    status: RepStatus
    reason: str | None
    peak_deg: float | None
    rom_deg: float | None
    uncertainty_deg: float | None
    concentric_ms: int
    eccentric_ms: int
    hold_ms: int
    deviations: tuple[Deviation, ...] = ()
    not_checked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepTick:
    """The moment a repetition was counted, for the tick sound and the number on screen.

    The finished `Rep` follows once the return to rest, and so its end and its form, is known.
    """

    timestamp_ms: int
    count: int
    side: Side


@dataclass(frozen=True, slots=True)
class Hold:
    """A timed hold; ``counted_ms`` is the time the posture was right."""

    index: int
    side: Side
    start_ms: int
    end_ms: int
    counted_ms: int
    deviations: tuple[Deviation, ...] = ()
    not_checked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackingLost:
    """A span in which the landmarks that the exercise needs were not seen."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class PhaseChange:
    """The repetition under way entered a phase."""

    timestamp_ms: int
    side: Side
    phase: Phase


Event = Rep | RepTick | Hold | TrackingLost | PhaseChange

SideName = Literal["left", "right"]


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """The driving measure over time, for the plot and the review page.

    Attributes:
        timestamp_ms: (T,) int64.
        value: (T,) reported measure, in ``unit``; NaN = unknown.
        unit: Unit of ``value``.
        label: What is measured, for an axis: "left knee flexion".
    """

    timestamp_ms: NDArray[np.int64]
    value: FloatArray
    unit: str
    label: str
