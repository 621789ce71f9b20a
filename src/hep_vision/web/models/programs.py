"""Programs, days of them, and exercises."""

from typing import Annotated

from pydantic import Field

from hep_vision.core.definition import Confidence, Direction, Kind, Operator
from hep_vision.core.types import Severity, Side, View
from hep_vision.program.spec import PainAsk, Weekday, Works
from hep_vision.program.suggestions import SuggestionKind
from hep_vision.web.models.shared import Clock, Day, Document, Moment


class ProgramLine(Document):
    """A version of a program, in a list."""

    program: str
    """Id of the program."""
    version: int
    """Number of the version, from 1."""
    patient: str
    """Alias of the patient."""
    valid_from: Moment
    """Moment from which it holds, UTC."""
    valid_until: Moment | None
    """Moment from which the next version holds, UTC; null for the newest."""


class PrescribedTargets(Document):
    """What is set for the patient; what is left out is the exercise's own."""

    goal: float = 0.0
    """Value of the measure that is aimed at, in the unit of the measure."""
    minimum: float = 0.0
    """Smallest range from rest that counts, in the unit of the measure."""
    limit: float = 0.0
    """Safety maximum, in the unit of the measure."""
    hold_ms: int = 0
    """Time to hold, in milliseconds."""
    side: Side = Side.BOTH
    """Side that works."""
    measure: str = ""
    """The measure that the values are of."""


class Prescription(Document):
    """An exercise of a program; null is the exercise's own."""

    exercise: str
    """Id of the exercise."""
    sets: int
    """Number of sets on each side that works, each time."""
    reps: int
    """Number of repetitions of a set, or of holds."""
    hold_ms: int | None
    """Time to hold, in milliseconds."""
    rest_ms: int | None
    """Rest between sets, in milliseconds."""
    tempo_ms: list[int] | None
    """Pace to follow: out, hold and back, in milliseconds."""
    side: Works
    """Which side works."""
    days: list[Weekday]
    """Days of the week."""
    times_per_day: int
    """Number of times on such a day."""
    times: list[Clock]
    """When, by the patient's clock; none leaves it to the patient."""
    targets: PrescribedTargets | None
    """What is set for the patient."""
    load: str | None
    """Weight, band or other equipment, in plain words."""
    precautions: list[str]
    """What to take care of in this exercise."""
    sources: list[str]
    """Where the dose comes from."""


class PainZones(Document):
    """Limits of the pain rule, on the scale from 0 to 10."""

    amber_from: int
    """Smallest score that is amber, 1 to 10."""
    red_from: int
    """Smallest score that is red, 1 to 10."""


class PainRule(PainZones):
    """The pain rule of a program."""

    ask: PainAsk
    """When the pain after exercise is asked for."""


class Program(Document):
    """A program, as `hep-vision program show --format json` prints it."""

    schema_: Annotated[int, Field(alias="schema")]
    """Version of this document."""
    patient: str
    """Alias of the patient."""
    therapist: str
    """Who prescribed it."""
    version: int | None
    """Number of the version, from 1."""
    goals: list[str]
    """In plain words."""
    start: Day
    """First day."""
    review: Day
    """Day on which therapist and patient look at it again."""
    precautions: list[str]
    """What to take care of throughout."""
    pain: PainRule
    """Limits of the pain rule."""
    exercises: list[Prescription]
    """In the order in which they are done."""


class Due(Prescription):
    """An exercise that is due on the day, and how much of it is done."""

    sets_due: int
    """Number of sets to be done on this day."""
    sets_done: int
    """Number of sets that are done."""
    sets_left: int
    """Number of sets that are left."""
    sets_begun: int
    """Number of sets that were left before their end."""
    times_done: int
    """Number of times that are done."""
    next_time: Clock | None
    """When it is next, by the patient's clock; null for any time of the day."""


class Occasion(Document):
    """When something is due next."""

    date: Day
    """The day."""
    at: Moment | None
    """The moment, with its offset from UTC; null for any time of that day."""
    exercises: list[str]
    """Ids of the exercises."""


class DayTally(Document):
    """Sets of one day."""

    date: Day
    """The day."""
    sets_due: int
    """Number of sets that were due."""
    sets_done: int
    """Number of sets that are done."""


class Today(Document):
    """The present day of a program, as `hep-vision today --format json` prints it."""

    schema_: Annotated[int, Field(alias="schema")]
    """Version of this document."""
    date: Day
    """The patient's day."""
    patient: str | None
    """Alias of the patient; null before the first version."""
    version: int | None
    """Number of the version that decides; null before the first."""
    review: Day | None
    """Day of the review; null before the first version."""
    complete: bool
    """Whether something was due, and all of it is done."""
    due: list[Due]
    """Everything that is due on this day, in the order of the program."""
    now: list[str]
    """Ids of the exercises that are to be begun now."""
    next: Occasion | None
    """When something is due after that; null where nothing is."""
    days_in_a_row: int
    """Number of days on which everything was done, without a gap."""
    week: list[DayTally]
    """The seven days of this week, from Monday."""


class Suggestion(Document):
    """Something for a therapist to consider; no judgement of what is safe."""

    kind: SuggestionKind
    """What to consider."""
    exercise: str
    """Id of the exercise."""
    evidence: list[str]
    """What speaks for it, a line each, with its figures."""


class ExerciseLine(Document):
    """An exercise, in a list."""

    id: str
    """Id of the exercise."""
    revision: int
    """Revision of its file, from 1."""
    name: str
    """Its name."""
    kind: Kind
    """What is counted or timed."""
    side: Side | None
    """The side that works; null where one does, left or right."""
    position: str
    """Position of the body."""
    purpose: str
    """What it is for."""
    view: View
    """Where the camera should see it from."""


class Dose(Document):
    """The usual dose; a therapist decides."""

    sets: int
    """Number of sets."""
    reps: int
    """Number of repetitions of a set, or of holds."""
    hold_ms: int
    """Time to hold, in milliseconds; 0 for none."""
    rest_ms: int
    """Rest between sets, in milliseconds."""


class Placement(Document):
    """Where the camera stands."""

    view: View
    """Where it should see the person from."""
    height_m: list[float]
    """Lowest and greatest height, in metres."""
    distance_m: list[float]
    """Smallest and greatest distance, in metres."""
    placement: str
    """In words."""


class Measured(Document):
    """What is measured."""

    measure: str
    """Name of the measure."""
    unit: str
    """Unit of rest, goal and limit: deg, or ratio of trunk length."""
    direction: Direction
    """Which way it goes from rest to goal."""
    rest: float
    """Value at rest, in unit."""
    goal: float
    """Usual value to aim at, in unit."""
    limit: float
    """Safety maximum, in unit."""


class Check(Document):
    """A form check."""

    id: str
    """Its id."""
    name: str
    """Its name."""
    measure: str
    """The measure that it looks at."""
    operator: Operator
    """Which side of the threshold is a deviation."""
    threshold: float
    """The bound, in the unit of the measure."""
    severity: Severity
    """How much it matters."""
    confidence: Confidence
    """Where the threshold comes from."""
    views: list[View]
    """Views from which it can be judged."""
    cue: str
    """One line to the patient."""
    sources: list[str]
    """Keys of the sources of the threshold."""


class Exercise(ExerciseLine):
    """An exercise: how it is done, counted and checked."""

    setup: str
    """How to get ready."""
    steps: list[str]
    """How it is done, step by step."""
    equipment: list[str]
    """What is needed."""
    precautions: list[str]
    """What to take care of."""
    synonyms: list[str]
    """Other names."""
    dose: Dose
    """The usual dose."""
    camera: Placement
    """Where the camera stands."""
    measured: Measured | None
    """What is measured; null for what the person times."""
    checks: list[Check]
    """The form checks."""
    sources: list[str]
    """Keys of the sources of the exercise."""
