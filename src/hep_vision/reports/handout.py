"""A program on paper: a page that a patient prints; its first sheet hangs on the fridge.

    page = handout(program, number, find)

It is the same for the same version of a program, whoever makes it and when.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from hep_vision.coach.getting_ready import place_in_words
from hep_vision.coach.pain import STOP_AT_ONCE, advice_after, advice_before
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.demonstration import Demonstration, demonstrate
from hep_vision.core.pain import PainZones, Zone
from hep_vision.core.types import Side
from hep_vision.errors import DemonstrationError
from hep_vision.program.spec import WEEK, Prescription, Program, Works
from hep_vision.reports.demo_sheet import Still, stills
from hep_vision.reports.demo_svg import SEEN, sign_svg, still_svg
from hep_vision.reports.handout_words import (
    amount_in_words,
    day_in_words,
    dose_in_words,
    pace_in_words,
    rest_in_words,
    short_day,
    side_in_words,
    targets_in_words,
    when_in_words,
)
from hep_vision.reports.pages import render

FindExercise = Callable[[str], ExerciseDefinition]

HANDOUT: Final = "handout"
"""What kind of page this is."""

_NOT_DRAWN: Final = "There is no drawing of this one: do it as your therapist showed you."


def handout(program: Program, number: int | None, find: FindExercise) -> str:
    """Return the page.

    Args:
        program: What is prescribed.
        number: The version; None for a file that is not entered.
        find: Gives an exercise by its id.

    Raises:
        ExerciseSpecError: An exercise is not here any more.
    """
    return render(
        "handout.html.j2",
        HANDOUT,
        program=program,
        number=number,
        start=day_in_words(program.start),
        review=day_in_words(program.review),
        zones=pain_rule(program.zones),
        exercises=[
            exercise_part(place, one, find(one.exercise_id))
            for place, one in enumerate(program.exercises, 1)
        ],
        stop_at_once=STOP_AT_ONCE,
        week=[short_day(day) for day in WEEK],
    )


# -- the pain rule --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PainLine:
    """What scores of one zone ask for."""

    zone: Zone
    scores: str
    word: str
    before: str
    after: str


_ZONE_WORDS: Final = {Zone.GREEN: "Go on", Zone.AMBER: "Gently", Zone.RED: "Stop and rest"}
_GREEN: Final = ("Go on as planned.", "All is well. Go on as planned.")


def pain_rule(zones: PainZones) -> list[PainLine]:
    """Return a line for each zone that there is, as the live session words them."""
    scores: dict[Zone, list[int]] = {}
    for score in range(11):
        scores.setdefault(zones.zone(score), []).append(score)
    return [_pain_line(zone, found, zones) for zone, found in scores.items()]


def _pain_line(zone: Zone, scores: Sequence[int], zones: PainZones) -> PainLine:
    first, last = scores[0], scores[-1]
    before, after = advice_before(first, zones), advice_after(first, zones)
    return PainLine(
        zone,
        str(first) if first == last else f"{first} to {last}",
        _ZONE_WORDS[zone],
        _GREEN[0] if before is None else before.words,
        _GREEN[1] if after is None else after.words,
    )


# -- one exercise ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawing:
    """One figure with its words; the sign is empty where there is nothing to judge."""

    picture: Markup
    sign: Markup
    words: str
    fault: str
    cue: str


@dataclass(frozen=True, slots=True)
class ExercisePart:
    """What stands on paper about one exercise.

    Attributes:
        amount: Dose, side and times of day in short, for the week.
        boxes: How many boxes to tick each day of the week has, from Monday.
        facts: Dose and what goes with it: a heading and words each.
        wide: Whether the figures lie, so that they need room to the side.
        drawn: What is to be known about the drawings; where there are none, why.
    """

    place: int
    name: str
    purpose: str
    amount: str
    boxes: tuple[int, ...]
    facts: tuple[tuple[str, str], ...]
    setup: str
    steps: tuple[str, ...]
    precautions: tuple[str, ...]
    drawings: tuple[Drawing, ...]
    wide: bool
    drawn: str
    camera: str


def exercise_part(place: int, one: Prescription, exercise: ExerciseDefinition) -> ExercisePart:
    """Return what stands on paper, and on the page of the program, about one exercise."""
    demo = demonstration_of(one, exercise)
    return ExercisePart(
        place,
        exercise.name,
        exercise.purpose,
        amount_in_words(one, exercise),
        tuple(one.times_per_day if day in one.days else 0 for day in WEEK),
        tuple(_facts(one, exercise)),
        exercise.setup,
        exercise.steps,
        tuple(dict.fromkeys((*one.precautions, *exercise.precautions))),
        () if demo is None else tuple(_drawing(demo, still) for still in stills(demo)),
        demo is not None and _is_wide(demo),
        _NOT_DRAWN if demo is None else _drawn(demo, one),
        _camera(exercise),
    )


def _facts(one: Prescription, exercise: ExerciseDefinition) -> Iterator[tuple[str, str]]:
    facts = (
        ("How much", dose_in_words(one, exercise)),
        ("Side", side_in_words(one, exercise)),
        ("When", when_in_words(one)),
        ("Rest", rest_in_words(one, exercise)),
        ("Pace", pace_in_words(one)),
        ("How far", targets_in_words(one)),
        ("You need", _things(one.load, *exercise.equipment)),
    )
    yield from ((name, words) for name, words in facts if words)


def _things(*things: str) -> str:
    return "; ".join(dict.fromkeys(f"{one[0].upper()}{one[1:]}" for one in things if one))


def _camera(exercise: ExerciseDefinition) -> str:
    camera = exercise.camera
    if exercise.kind is Kind.SELF_TIMED:
        return camera.placement
    (near, far), (low, high) = camera.distance_m, camera.height_m
    where = f"{near:g} to {far:g} m away, {low:g} to {high:g} m above the floor"
    return f"{camera.placement} It is {where}. Then check: {place_in_words(exercise)}."


# -- its drawings ---------------------------------------------------------------------------------


def demonstration_of(one: Prescription, exercise: ExerciseDefinition) -> Demonstration | None:
    """Return how a prescribed exercise is drawn; None where nobody has said how it moves."""
    named = {Works.LEFT: Side.LEFT, Works.RIGHT: Side.RIGHT}.get(one.works)
    try:
        return demonstrate(exercise, None if exercise.side is not None else named)
    except DemonstrationError:
        return None


def _is_wide(demo: Demonstration) -> bool:
    low, high = demo.extent_m
    width, height = high - low
    return bool(width > height)


def _drawing(demo: Demonstration, still: Still) -> Drawing:
    words, _, fault = still.words.partition(": ")
    cue = "" if still.fault is None else still.fault.cue
    if still.fault is not None:
        more = f"{still.words}. {cue}"
    else:
        more = " ".join((f"{words}.", *(demo.exercise.steps if still.sound else ())))
    return Drawing(
        Markup(still_svg(demo, still, f"A drawn figure, seen {SEEN[demo.view]}. {more}")),
        Markup("" if still.sound is None else sign_svg(sound=still.sound)),
        words,
        fault,
        cue,
    )


def _drawn(demo: Demonstration, one: Prescription) -> str:
    parts = []
    if demo.side in (Side.LEFT, Side.RIGHT):
        parts.append(f"Drawn as in a mirror, the {demo.side} side.")
        if one.works is Works.EACH:
            parts.append("Do the other side in the same way.")
    if targets_in_words(one):
        parts.append("The drawing shows the usual movement; yours may be smaller or larger.")
    return " ".join(parts)
