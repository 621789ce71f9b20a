"""Progress."""

from typing import Annotated

from pydantic import Field

from hep_vision.core.definition import Direction
from hep_vision.core.types import Side, View
from hep_vision.program.milestones import MilestoneKind
from hep_vision.web.models.programs import DayTally, PainZones
from hep_vision.web.models.shared import Day, Document


class Achieved(Document):
    """What was done of what was due."""

    due: int
    """Number that was due."""
    attempted: int
    """Number that was tried."""
    completed: int
    """Number that was done as prescribed."""
    judged: int
    """Number whose form could be judged."""
    good: int
    """Number of those with good form."""


class ExerciseAdherence(Document):
    """What was done of one exercise."""

    exercise: str
    """Id of the exercise."""
    sets: Achieved
    """Its sets."""
    reps: Achieved
    """Its repetitions."""
    days_due: int
    """Number of days on which it was due."""
    days_done: int
    """Number of days on which all of it was done."""


class Adherence(Document):
    """What was done of what was prescribed."""

    sets: Achieved
    """Sets of all exercises."""
    reps: Achieved
    """Repetitions of all exercises."""
    days_due: int
    """Number of days on which something was due."""
    days_begun: int
    """Number of those on which something was done."""
    days_complete: int
    """Number of those on which all was done."""
    exercises: list[ExerciseAdherence]
    """By exercise."""
    calendar: list[DayTally]
    """By day."""


class RangeDay(Document):
    """How far it went on one day."""

    date: Day
    """The day."""
    value: float
    """The value, in the unit of the measure."""
    uncertainty: float
    """Half-width of the interval to expect around it, in the same unit."""
    reps: int
    """Number of repetitions that it rests on."""
    goal: float
    """What was aimed at, in the same unit."""
    limit: float
    """Safety maximum, in the same unit."""


class RangeChange(Document):
    """How the range changed over the days."""

    before: float
    """Value in the beginning, in the unit of the measure."""
    now: float
    """Value in the end, in the same unit."""
    least: float
    """Smallest change that is more than measurement error, in the same unit."""
    claimed: bool
    """Whether the change is at least that."""
    toward_goal: bool
    """Whether it goes towards the goal."""


class RangeCourse(Document):
    """How far one side went, day by day."""

    side: Side
    """The side."""
    measure: str
    """Name of the measure."""
    unit: str
    """Unit of all its values: deg, or ratio of trunk length."""
    direction: Direction
    """Which way it goes from rest to goal."""
    view: View
    """Where it was seen from."""
    sets_left_out: int
    """Number of sets that cannot be compared with these."""
    days: list[RangeDay]
    """Day by day."""
    change: RangeChange | None
    """How it changed; null while there are too few days."""


class DayWork(Document):
    """What was done on one day."""

    date: Day
    """The day."""
    sets: int
    """Number of sets."""
    counted: int
    """Number of repetitions or holds that counted."""
    held_ms: int
    """Time held, in milliseconds."""
    judged: int
    """Number of repetitions or holds whose form could be judged."""
    clean: int
    """Number of those without a deviation that matters."""


class ExerciseProgress(Document):
    """One exercise over the days."""

    exercise: str
    """Id of the exercise."""
    name: str
    """Its name."""
    ranges: list[RangeCourse]
    """How far each side went."""
    days: list[DayWork]
    """What was done on each day."""


class DayFeeling(Document):
    """Pain and effort of one day, on scales from 0 to 10; null where nobody said anything."""

    date: Day
    """The day."""
    pain_before: int | None
    """Pain before exercising, 0 to 10."""
    pain_after: int | None
    """Pain after exercising, 0 to 10."""
    pain_next_morning: int | None
    """Pain on the next morning, 0 to 10."""
    effort: int | None
    """Effort, 0 to 10."""


class FlagShare(Document):
    """How often a deviation was seen."""

    exercise: str
    """Id of the exercise."""
    id: str
    """Id of the check."""
    seen: int
    """Number of repetitions or holds in which it was seen."""
    judged: int
    """Number of repetitions or holds that were judged."""


class Milestone(Document):
    """Something that was reached."""

    key: str
    """What it is known by."""
    kind: MilestoneKind
    """Of what kind it is."""
    date: Day
    """The day on which it was reached."""
    number: float | None
    """Repetitions, days in a row, or a range in the unit of its measure; null for a week."""
    exercise: str | None
    """Id of the exercise; null where it is of no single one."""
    side: Side | None
    """The side; null where it is of no single exercise."""


class Progress(Document):
    """Progress over a stretch of days, as `hep-vision progress --format json` prints it."""

    schema_: Annotated[int, Field(alias="schema")]
    """Version of this document."""
    patient: str | None
    """Alias of the patient; null without a program."""
    version: int | None
    """Number of the version that holds now; null without a program."""
    since: Day
    """First day."""
    until: Day
    """Last day."""
    days_in_a_row: int
    """Number of days up to the last on which everything was done, without a gap."""
    adherence: Adherence | None
    """What was done of what was prescribed; null without a program."""
    exercises: list[ExerciseProgress]
    """In the order of the program, then those that are not in it."""
    days: list[DayWork]
    """All exercises together, by day."""
    feeling: list[DayFeeling]
    """Pain and effort by day."""
    deviations: list[FlagShare]
    """How often each was seen, the most frequent first."""
    milestones: list[Milestone]
    """What was reached in these days."""
    uncertain_sessions: list[str]
    """Ids of the sessions whose count is uncertain."""
    pain_zones: PainZones
    """Limits of the pain rule."""
