"""Everything that can be said of a stretch of days, for tables, plots, reports and files."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from hep_vision.core.pain import PainZones
from hep_vision.program.adherence import Adherence
from hep_vision.program.milestones import Milestone
from hep_vision.program.progress import DayFeeling, DayWork, FlagShare, RangeCourse
from hep_vision.program.spec import Program
from hep_vision.program.suggestions import Suggestion


@dataclass(frozen=True, slots=True)
class ExerciseProgress:
    """One exercise over the span.

    Attributes:
        exercise_id: Its id.
        name: Its name; the id where it is not here any more.
        courses: How far each side went.
        work: What was done on each day.
        timed: Whether holds are timed.
    """

    exercise_id: str
    name: str
    courses: tuple[RangeCourse, ...]
    work: tuple[DayWork, ...]
    timed: bool


@dataclass(frozen=True, slots=True)
class VersionMark:
    """The day from which a version of the program holds."""

    day: date
    number: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything that can be said of a stretch of days.

    Attributes:
        patient: Alias in the program; None without a program.
        version: Number of the version that holds now; None without a program.
        program: What it says.
        since: First day.
        until: Last day.
        adherence: What was done of what was prescribed; None without a program.
        days_in_a_row: Up to ``until``.
        exercises: In the order of the program, then those that are not in it.
        work: All exercises together, by day.
        feeling: Pain and effort by day.
        flags: Deviations, the most frequent first.
        milestones: Those reached in the span.
        suggestions: For the therapist alone.
        marks: The versions of the program that hold in the span, in their order.
        uncertain: Sets whose count is uncertain, by their session id.
        zones: Of the pain scale.
    """

    patient: str | None
    version: int | None
    program: Program | None
    since: date
    until: date
    adherence: Adherence | None
    days_in_a_row: int
    exercises: tuple[ExerciseProgress, ...]
    work: tuple[DayWork, ...]
    feeling: tuple[DayFeeling, ...]
    flags: tuple[FlagShare, ...]
    milestones: tuple[Milestone, ...]
    suggestions: tuple[Suggestion, ...]
    uncertain: tuple[str, ...]
    zones: PainZones
    marks: tuple[VersionMark, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was done in the span."""
        return not self.work

    def only(self, exercise_id: str) -> Self:
        """Return the same of one exercise; what was said of how it felt stays whole."""
        (mine,) = (one for one in self.exercises if one.exercise_id == exercise_id)
        found = self.adherence
        return replace(
            self,
            adherence=None if found is None else found.only(exercise_id),
            exercises=(mine,),
            work=mine.work,
            flags=tuple(one for one in self.flags if one.exercise_id == exercise_id),
            milestones=tuple(one for one in self.milestones if one.exercise_id == exercise_id),
            suggestions=tuple(one for one in self.suggestions if one.exercise_id == exercise_id),
        )
