"""What an exercise is, as data: how it is counted, judged and explained.

These are plain values; `hep_vision.exercises` reads them from TOML files and validates them.
Durations are milliseconds, angles degrees, lengths trunk lengths (see `hep_vision.core.measures`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hep_vision.core.types import Severity, Side, View


class Kind(StrEnum):
    """What is counted.

    ``self_timed`` is what a camera cannot judge (a stretch, a pelvic tilt): the person times and
    reports it, and nothing here counts, times or checks it.
    """

    REPETITION = "repetition"
    REPETITION_WITH_HOLD = "repetition_with_hold"
    TIMED_HOLD = "timed_hold"
    SELF_TIMED = "self_timed"


class Direction(StrEnum):
    """Which way a measure goes from rest to goal."""

    INCREASE = "increase"
    DECREASE = "decrease"


class Combine(StrEnum):
    """How the two sides of a measure become the one signal that is counted.

    ``mean`` weighs each side by how well it is seen, ``larger`` and ``smaller`` follow one side
    of the two, ``difference`` is the absolute left-right difference (one leg lifts, one stands).
    With ``each``, every side is counted by a machine of its own, and repetitions that follow one
    another may overlap in time (marching).
    """

    MEAN = "mean"
    LARGER = "larger"
    SMALLER = "smaller"
    DIFFERENCE = "difference"
    EACH = "each"


class CompletesAt(StrEnum):
    """When a repetition is done: on the return to rest, or at the goal (standing up)."""

    RETURN = "return"
    PEAK = "peak"


class GuardSide(StrEnum):
    """Which side of the body a guard looks at.

    ``working`` is the side that moved most in this repetition, ``other`` the opposite one,
    ``both`` asks it of each side, ``either`` of at least one.
    """

    WORKING = "working"
    OTHER = "other"
    BOTH = "both"
    EITHER = "either"


class CheckPhase(StrEnum):
    """The part of a repetition or hold that a check looks at."""

    EFFORT = "effort"
    PEAK = "peak"
    RETURN = "return"
    REP = "rep"
    HOLD = "hold"


class Operator(StrEnum):
    """Which side of the threshold is a deviation."""

    ABOVE = "above"
    BELOW = "below"
    OUTSIDE = "outside"


class Confidence(StrEnum):
    """Where a threshold comes from."""

    PUBLISHED_VALUE = "published_value"
    SOURCE_INFORMED = "source_informed"
    DERIVED_GEOMETRY = "derived_geometry"
    OWN_JUDGEMENT = "own_judgement"


class RepValue(StrEnum):
    """Values of a whole repetition or hold that a check may judge beside the measures."""

    EFFORT_MS = "effort_ms"
    RETURN_MS = "return_ms"
    HOLD_MS = "hold_ms"
    GOAL_SHARE = "goal_share"
    LEFT_RIGHT_DIFFERENCE = "left_right_difference"


ALL_VIEWS = (View.FRONT, View.OBLIQUE, View.SIDE)


@dataclass(frozen=True, slots=True)
class CountSignal:
    """The scalar whose excursions are counted, in the views where it shows the movement.

    Attributes:
        measure: Name in `hep_vision.core.measures.MEASURES`.
        minimum_rom: Smallest excursion that can be a repetition, in the measure's unit.
        views: Views in which this signal is used; the first signal that fits is taken.
        combine: How the sides are combined.
        direction: Which way the measure goes from rest to goal.
        jump: Step between two samples that no body makes, to which every second adds fifteen such
            steps; None is ``minimum_rom``.
    """

    measure: str
    minimum_rom: float
    views: tuple[View, ...] = ALL_VIEWS
    combine: Combine = Combine.MEAN
    direction: Direction = Direction.INCREASE
    jump: float | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """The measure whose peak and range are shown to people, with its values.

    Attributes:
        measure: Name in `hep_vision.core.measures.MEASURES`.
        rest: Usual value at rest.
        goal: Value aimed at; a goal, not the bar for counting.
        limit: Safety maximum; beyond it is an artefact or unsafe, never praised.
        minimum: Smallest range of this measure that counts, where another one is counted; None
            leaves it to the counted one.
    """

    measure: str
    rest: float
    goal: float
    limit: float
    direction: Direction = Direction.INCREASE
    minimum: float | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """What else must be true for an excursion to look like this exercise.

    Bounds that are None are not asked. ``rest`` is the value before the excursion, ``peak`` the
    value at its extreme, ``change`` the difference; ``share`` is the change divided by the range
    of the counted signal; ``range`` is how far the measure ranged from start to return.
    A value that cannot be seen passes: unknown is never evidence.

    Attributes:
        why: The reason given when it fails, in plain words: "the knees did not bend".
    """

    measure: str
    why: str
    side: GuardSide = GuardSide.WORKING
    views: tuple[View, ...] = ALL_VIEWS
    rest_min: float | None = None
    rest_max: float | None = None
    peak_min: float | None = None
    peak_max: float | None = None
    change_min: float | None = None
    change_max: float | None = None
    share_min: float | None = None
    share_max: float | None = None
    range_min: float | None = None
    range_max: float | None = None


Angles = float | tuple[float, float]
"""A joint angle of both sides, or of (working, other)."""


class Limb(StrEnum):
    """Parts of the body whose posture and movement may say nothing about an exercise."""

    ARMS = "arms"
    LEGS = "legs"


@dataclass(frozen=True, slots=True)
class Motion:
    """How the whole body moves, as joint angles of `hep_vision.core.figure.Posture`.

    Angles that are not named are 0 at rest, and stay as they are on the way to the goal.

    Attributes:
        goal: What differs from rest at the goal.
        rest: The posture at rest; upright if nothing is named.
        via: What differs from the straight way at half of it.
        start: What differs from rest before a set, where that is not the rest between repetitions.
        faults: What differs from the goal when a form check's deviation is made, by check id.
        free: Limbs that people hold and move as they like.
        anchor: Landmark (without side) that stays in its place.
        anchor_side: Whose landmark that is.
    """

    goal: Mapping[str, Angles]
    rest: Mapping[str, Angles] = field(default_factory=dict)
    via: Mapping[str, Angles] = field(default_factory=dict)
    start: Mapping[str, Angles] = field(default_factory=dict)
    faults: Mapping[str, Mapping[str, Angles]] = field(default_factory=dict)
    free: tuple[Limb, ...] = ()
    anchor: str = "ankle"
    anchor_side: GuardSide = GuardSide.BOTH


@dataclass(frozen=True, slots=True)
class Condition:
    """A range that must hold while a timed hold runs.

    Entering takes ``minimum <= value <= maximum``; leaving takes ``margin`` beyond. Where
    ``max_rate_per_s`` is given, the measure must also be this steady, so that moving into the
    position and out of it does not count as holding it; leaving takes twice that.
    """

    measure: str
    margin: float
    minimum: float | None = None
    maximum: float | None = None
    max_rate_per_s: float | None = None
    views: tuple[View, ...] = ALL_VIEWS


@dataclass(frozen=True, slots=True)
class Check:
    """A form check: when a measure crosses a threshold for long enough, it is a deviation.

    Attributes:
        measure: A measure, or a `RepValue`.
        phase: Where in the repetition it is judged.
        views: Views from which it is judged; None takes those of the measure. With none at all one
            camera cannot judge it: it is always reported as not checked, for a therapist to see.
        relative: Judge the change from the value at rest.
        sustain_ms: How long the threshold must be crossed, gaps excluded.
        cue: One kind line for the patient.
        therapist: One line for the therapist.
        sources: Keys of the sources behind the threshold, explained in ``docs/sources.md``.
    """

    id: str
    name: str
    measure: str
    operator: Operator
    threshold: float
    phase: CheckPhase
    severity: Severity
    cue: str
    therapist: str
    confidence: Confidence
    sources: tuple[str, ...]
    views: tuple[View, ...] | None = None
    relative: bool = False
    sustain_ms: int = 300
    side: GuardSide = GuardSide.EITHER


@dataclass(frozen=True, slots=True)
class Timing:
    """Plausible durations of one repetition."""

    min_rep_ms: int
    max_rep_ms: int


@dataclass(frozen=True, slots=True)
class Dose:
    """The usual prescription, a starting point for a therapist."""

    sets: int
    reps: int
    hold_ms: int
    rest_ms: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the camera stands."""

    view: View
    height_m: tuple[float, float]
    distance_m: tuple[float, float]
    placement: str


@dataclass(frozen=True, slots=True)
class ExerciseDefinition:
    """One exercise of the catalogue.

    Attributes:
        side: ``both`` for two-sided work; None where one side works and is prescribed or found.
        side_measure: The measure that rises on the side that works, if not the counted one; of a
            timed hold, the one that is larger on the side that works.
        max_travel_ratio: Net way across the picture that a repetition may take, in trunk lengths.
        reported: What is shown of a movement; None only where the person times it.
        motion: How the whole body moves; None where nobody has said.
    """

    id: str
    revision: int
    name: str
    kind: Kind
    side: Side | None
    position: str
    purpose: str
    setup: str
    steps: tuple[str, ...]
    equipment: tuple[str, ...]
    precautions: tuple[str, ...]
    dose: Dose
    camera: Camera
    timing: Timing
    sources: tuple[str, ...]
    reported: Reported | None = None
    count: tuple[CountSignal, ...] = ()
    completes_at: CompletesAt = CompletesAt.RETURN
    side_measure: str | None = None
    max_travel_ratio: float | None = 0.5
    guards: tuple[Guard, ...] = ()
    hold: tuple[Condition, ...] = ()
    checks: tuple[Check, ...] = ()
    synonyms: tuple[str, ...] = ()
    motion: Motion | None = None

    @property
    def shown(self) -> Reported:
        """Return what is shown of a movement that a camera judges.

        Raises:
            ValueError: The person times this exercise, so nothing is measured.
        """
        if self.reported is None:
            raise ValueError(f"{self.id} reports no measure")
        return self.reported
