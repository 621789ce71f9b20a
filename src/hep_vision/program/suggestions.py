"""What a therapist may want to change, each with what speaks for it. Never shown to the patient.

A suggestion is no judgement of what is safe: hep-vision knows nothing of the tissue, the operation
or the plan. It gathers what the last days have in common, and leaves the rest to the therapist.
The figures are our own judgement; the rule to ask for more only after several good sessions in a
row follows common practice in strength training.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hep_vision.core.pain import PainZones, Zone
from hep_vision.core.types import ReportKind
from hep_vision.program.adherence import good_form
from hep_vision.program.performed import Felt
from hep_vision.program.progress import RangeCourse, sign_of
from hep_vision.program.schedule import DoneSet, Due

DAYS_IN_AGREEMENT: Final = 3
"""Days on which an exercise was done that must agree before anything is suggested."""
_OFTEN: Final = 0.5
_CLEAN: Final = 0.9
_HARD: Final = 5  # "hard" on the Borg CR10 scale
_HALF_DONE: Final = 0.5

_PAIN: Final = (ReportKind.PAIN_BEFORE, ReportKind.PAIN_AFTER, ReportKind.PAIN_NEXT_MORNING)


class SuggestionKind(StrEnum):
    """What to consider; the careful ones first."""

    EASE = "ease"
    SHOW_AGAIN = "show_again"
    LESS_OFTEN = "less_often"
    FURTHER_GOAL = "further_goal"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to consider about one exercise.

    Attributes:
        kind: What.
        exercise_id: Of which exercise.
        evidence: What speaks for it, a line each, with its figures.
    """

    kind: SuggestionKind
    exercise_id: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lately:
    """What the last weeks hold of one exercise.

    Attributes:
        exercise_id: Id of the exercise.
        dues: The days on which it was due, under the version that holds, in their order.
        said: What was said of the sittings of those days, each with the day of its sitting.
        courses: How far it went, by side.
        flags: For each day on which it was done, in how many of its repetitions each deviation
            was seen.
    """

    exercise_id: str
    dues: Sequence[tuple[date, Due]]
    said: Sequence[tuple[date, Felt]] = ()
    courses: Sequence[RangeCourse] = ()
    flags: Sequence[tuple[date, dict[str, int]]] = ()


def suggestions(lately: Lately, zones: PainZones) -> tuple[Suggestion, ...]:
    """Return what to consider about one exercise; nothing while the days do not agree.

    More is never suggested beside less.

    Args:
        lately: What the last weeks hold of it.
        zones: The pain zones of the program.
    """
    careful = tuple(
        Suggestion(kind, lately.exercise_id, evidence)
        for kind, find in _CAREFUL.items()
        if (evidence := tuple(find(lately, zones)))
    )
    if careful:
        return careful
    return tuple(
        Suggestion(kind, lately.exercise_id, evidence)
        for kind, find in _BOLD.items()
        if (evidence := tuple(find(lately, zones)))
    )


def _done(lately: Lately) -> list[tuple[date, Due]]:
    """Return the last days on which some of it was done."""
    return [one for one in lately.dues if one[1].sets][-DAYS_IN_AGREEMENT:]


def _pain(lately: Lately, days: Sequence[date]) -> list[tuple[date, int]]:
    """Return the worst pain said of each day; days of which nothing was said are left out.

    What was said of another exercise is not about this one.
    """
    found: dict[date, int] = {}
    for day, felt in lately.said:
        about_it = felt.exercise_id in (None, lately.exercise_id)
        if day in days and felt.kind in _PAIN and about_it:
            found[day] = max(found.get(day, 0), felt.value)
    return sorted(found.items())


def _ease(lately: Lately, zones: PainZones) -> Iterator[str]:
    done = _done(lately)
    pain = _pain(lately, [day for day, _ in done])
    red = [(day, score) for day, score in pain if zones.zone(score) is Zone.RED]
    if red:
        yield f"Pain in the red zone: {_scores(red)}."
    raised = [score for _, score in pain]
    if (
        not red
        and len(raised) == DAYS_IN_AGREEMENT
        and all(zones.zone(score) is not Zone.GREEN for score in raised)
        and raised[-1] > raised[0]
    ):
        yield f"Pain above the green zone and rising: {_scores(pain)}."
    cut = [(day, due) for day, due in done if due.begun and not due.complete]
    if len(cut) == DAYS_IN_AGREEMENT:
        sets = ", ".join(f"{due.sets_done} of {due.sets_due}" for _, due in cut)
        yield f"Sets begun and not finished on the last {len(cut)} days: {sets} sets done."


def _show_again(lately: Lately, _: PainZones) -> Iterator[str]:
    counted = {day: _counted(due) for day, due in _done(lately)}
    flags = {day: seen for day, seen in lately.flags if day in counted}
    if len(flags) < DAYS_IN_AGREEMENT:
        return
    for flag in sorted({flag for seen in flags.values() for flag in seen}):
        shares = [(seen.get(flag, 0), counted[day]) for day, seen in sorted(flags.items())]
        if all(of and number >= _OFTEN * of for number, of in shares):
            seen = ", ".join(f"{number} of {of}" for number, of in shares)
            yield f"{flag} in half of the repetitions and more, {len(shares)} days running: {seen}."


def _less_often(lately: Lately, _: PainZones) -> Iterator[str]:
    dues = [due for _, due in lately.dues]
    if len(dues) < 2 * DAYS_IN_AGREEMENT:
        return
    due, done = sum(one.sets_due for one in dues), sum(one.sets_done for one in dues)
    if done < _HALF_DONE * due:
        days = sum(one.sets_done > 0 for one in dues)
        yield f"{done} of {due} sets done, on {days} of {len(dues)} days."


def _further_goal(lately: Lately, _: PainZones) -> Iterator[str]:
    for course in lately.courses:
        last = course.days[-DAYS_IN_AGREEMENT:]
        sign = sign_of(course.direction)
        if len(last) < DAYS_IN_AGREEMENT or any(sign * (one.value - one.goal) < 0 for one in last):
            continue
        if sign * (last[-1].limit - last[-1].goal) <= 0:
            continue  # the safety maximum leaves no room
        goal, error = (_value(v, course.unit) for v in (last[-1].goal, last[-1].uncertainty))
        values = ", ".join(_value(one.value, course.unit) for one in last)
        yield (
            f"Goal of {goal} reached on the last {len(last)} days measured ({course.side}): "
            f"{values}, each +/- {error}."
        )


def _more(lately: Lately, zones: PainZones) -> Iterator[str]:
    last = lately.dues[-DAYS_IN_AGREEMENT:]
    if len(last) < DAYS_IN_AGREEMENT or not all(due.complete for _, due in last):
        return
    sets = [one for _, due in last for one in due.sets if one.complete]
    judged = [one for one in sets if one.clean is not None]
    counted, clean = sum(one.counted for one in judged), sum(one.clean or 0 for one in judged)
    if not judged or clean < _CLEAN * counted or not all(_good(one) for one in judged):
        return
    days = [day for day, _ in last]
    pain = _pain(lately, days)
    effort = [
        felt.value for day, felt in lately.said if day in days and felt.kind is ReportKind.EFFORT
    ]
    # Whoever says nothing of pain may have some: silence is no evidence.
    if not pain or any(zones.zone(score) is not Zone.GREEN for _, score in pain):
        return
    if any(score > _HARD for score in effort):
        return
    yield f"All sets done on the last {len(last)} days it was due."
    yield f"{clean} of {counted} repetitions without a deviation that matters."
    yield f"Pain in the green zone: {_scores(pain)}."
    if effort:
        yield f"Effort at most {max(effort)} of 10."


def _good(one: DoneSet) -> bool:
    return good_form(one.counted, one.clean or 0)


def _counted(due: Due) -> int:
    return sum(one.counted for one in due.sets)


def _scores(pain: Sequence[tuple[date, int]]) -> str:
    return ", ".join(f"{score} on {day.isoformat()}" for day, score in pain)


def _value(value: float, unit: str) -> str:
    return f"{value:.0f} deg" if unit == "deg" else f"{value:.2f}"


_Finder = Callable[[Lately, PainZones], Iterator[str]]
_CAREFUL: Final[dict[SuggestionKind, _Finder]] = {
    SuggestionKind.EASE: _ease,
    SuggestionKind.SHOW_AGAIN: _show_again,
    SuggestionKind.LESS_OFTEN: _less_often,
}
_BOLD: Final[dict[SuggestionKind, _Finder]] = {
    SuggestionKind.FURTHER_GOAL: _further_goal,
    SuggestionKind.MORE: _more,
}
