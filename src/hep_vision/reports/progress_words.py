"""Progress in words: plain, without blame, and never more than was measured."""

from typing import Final

from hep_vision.core.definition import Direction
from hep_vision.core.summary import about
from hep_vision.core.types import Side
from hep_vision.program.adherence import Achieved, Adherence
from hep_vision.program.overview import ExerciseProgress, Progress
from hep_vision.program.progress import RangeCourse
from hep_vision.program.suggestions import SuggestionKind

TOO_FEW_DAYS = "too few days to compare"
NO_CHANGE = "no change larger than the measurement's own"

SUGGESTED: Final = {
    SuggestionKind.EASE: "easing off",
    SuggestionKind.SHOW_AGAIN: "showing it again",
    SuggestionKind.LESS_OFTEN: "what is in the way, or fewer days",
    SuggestionKind.FURTHER_GOAL: "a further goal",
    SuggestionKind.MORE: "a little more",
}
"""What a therapist may consider."""


def plain(value: float, unit: str) -> str:
    """Return a measured value in words, no sharper than it is: "about 85 degrees"."""
    return about(value, " degrees" if unit == "deg" else "").replace("~", "about ")


def measure_words(measure: str) -> str:
    """Return the name of a measure as a person reads it."""
    return measure.replace("_", " ")


def change_words(course: RangeCourse) -> str:
    """Return what can be said of the change of a course, and no more."""
    change = course.change
    if change is None:
        return TOO_FEW_DAYS
    if not change.claimed:
        return NO_CHANGE
    words = "more" if change.difference > 0 else "less"
    way = ""
    if course.direction is Direction.DECREASE:
        way = ", which is further" if change.toward_goal else ", which is less far"
    return f"{words} by {plain(abs(change.difference), course.unit)}{way}"


def side_words(side: Side) -> str:
    """Return the side that worked."""
    return "both sides" if side is Side.BOTH else str(side)


def left_out_words(course: RangeCourse) -> str:
    """Return how many sets are not in a course; empty for none."""
    if not course.left_out:
        return ""
    sets = "1 set" if course.left_out == 1 else f"{course.left_out} sets"
    verb = "is" if course.left_out == 1 else "are"
    return f"{sets} seen from another side {verb} left out"


def range_in_words(course: RangeCourse) -> str:
    """Return how far it went lately, with its uncertainty: "~65 deg +/- 8"."""
    last = course.days[-1]
    error = f"{last.uncertainty:.0f}" if course.unit == "deg" else f"{last.uncertainty:.2f}"
    return f"{about(last.value, _unit(course))} +/- {error}"


def goal_in_words(course: RangeCourse) -> str:
    """Return what is aimed at."""
    goal = course.days[-1].goal
    return f"{goal:.0f} deg" if course.unit == "deg" else f"{goal:.2f}"


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


def work_in_words(progress: Progress) -> list[tuple[str, str, str, str]]:
    """Return a row for each exercise: name, sets, what was done, and how much in good form."""
    achieved = (
        {one.exercise_id: one for one in progress.adherence.exercises}
        if progress.adherence is not None
        else {}
    )
    rows = []
    for one in progress.exercises:
        prescribed = achieved.get(one.exercise_id)
        sets = str(sum(day.sets for day in one.work))
        if prescribed is not None:
            sets = f"{prescribed.sets.completed} of {prescribed.sets.due}"
        form = _form(one) if prescribed is None else prescribed.reps
        rows.append((one.name, sets, total_in_words(one), form_in_words(form)))
    return rows


def _form(exercise: ExerciseProgress) -> Achieved:
    judged = sum(day.judged for day in exercise.work)
    return Achieved(judged, judged, judged, judged, sum(day.clean for day in exercise.work))


def _unit(course: RangeCourse) -> str:
    return " deg" if course.unit == "deg" else ""
