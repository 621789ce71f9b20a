"""Progress in words: plain, without blame, and never more than was measured."""

from hep_vision.core.summary import about
from hep_vision.core.types import Side
from hep_vision.program.adherence import Achieved, Adherence
from hep_vision.program.overview import ExerciseProgress, Progress
from hep_vision.program.progress import RangeCourse


def change_in_words(course: RangeCourse) -> str:
    """Return what may be said of a range that was measured for some time."""
    change = course.change
    if change is None:
        return "too few days to compare"
    if not change.claimed:
        return "no change that one camera can tell"
    amount = about(abs(change.difference), _unit(course))
    return f"{amount} further" if change.toward_goal else f"{amount} less far"


def range_in_words(course: RangeCourse) -> str:
    """Return how far it went lately, with its uncertainty: "~65 deg +/- 8"."""
    last = course.days[-1]
    error = f"{last.uncertainty:.0f}" if course.unit == "deg" else f"{last.uncertainty:.2f}"
    return f"{about(last.value, _unit(course))} +/- {error}"


def goal_in_words(course: RangeCourse) -> str:
    """Return what is aimed at."""
    goal = course.days[-1].goal
    return f"{goal:.0f} deg" if course.unit == "deg" else f"{goal:.2f}"


def side_in_words(side: Side) -> str:
    """Return a side; nothing for both."""
    return "" if side is Side.BOTH else str(side)


def sets_in_words(adherence: Adherence) -> str:
    """Return what was done of what was prescribed: begun, done and done well kept apart."""
    sets = adherence.sets
    begun = sets.attempted - sets.completed
    words = f"{sets.completed} of {sets.due} sets done"
    if begun:
        words += f", {begun} more begun"
    if sets.judged:
        words += f"; {sets.good} of the {sets.judged} whose form was seen went well"
    return words


def days_in_words(adherence: Adherence) -> str:
    """Return on how many of its days the program was done."""
    words = f"{adherence.days_complete} of {adherence.days_due} days complete"
    begun = adherence.days_begun - adherence.days_complete
    return f"{words}, {begun} more in part" if begun else words


def form_in_words(reps: Achieved) -> str:
    """Return how many repetitions were clean; a dash where no form was seen."""
    return f"{reps.good} of {reps.judged}" if reps.judged else "-"


def empty_in_words(progress: Progress) -> str:
    """Return what to say where nothing was done."""
    if progress.adherence is None:
        return "Nothing is logged here yet. `hep-vision live --exercise ID` begins."
    return "Nothing is logged here yet. Your program waits for you: hep-vision live --program today"


def total_in_words(exercise: ExerciseProgress) -> str:
    """Return what was done of an exercise: repetitions, or holds and their time."""
    counted = sum(one.counted for one in exercise.work)
    if not exercise.timed:
        return str(counted)
    held_s = sum(one.held_ms for one in exercise.work) / 1000
    noun = "hold" if counted == 1 else "holds"
    return f"{counted} {noun}, {held_s:.0f} s"


def _unit(course: RangeCourse) -> str:
    return " deg" if course.unit == "deg" else ""
