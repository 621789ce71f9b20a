"""Read a program file and say everything that is wrong with it.

Keys are named as in the file: ``review``, ``exercises[squat].reps``. Limits of a dose are our own
judgement: what lies beyond them is far more likely a slip than a prescription.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, Final
from unicodedata import category

from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.pain import PainZones
from hep_vision.core.targets import Targets
from hep_vision.core.tempo import Tempo
from hep_vision.core.types import Side
from hep_vision.errors import ExerciseSpecError, ProgramError
from hep_vision.exercises.shape import Problem, build, parse_toml, shape_of
from hep_vision.exercises.targets_file import TARGET_KEYS, targets_in
from hep_vision.program.spec import WEEK, PainAsk, Prescription, Program, Weekday, Works

FindExercise = Callable[[str], ExerciseDefinition]

_MOST_SETS: Final = 20
_MOST_REPS: Final = 200
_MOST_TIMES: Final = 12
_LONGEST_REST_S: Final = 600.0
_TIMED: Final = (Kind.TIMED_HOLD, Kind.SELF_TIMED)


@dataclass(frozen=True, slots=True)
class _Pain:
    """The table ``[pain]``."""

    amber_from: int = PainZones().amber_from
    red_from: int = PainZones().red_from
    ask: PainAsk = PainAsk.EACH_EXERCISE


@dataclass(frozen=True, slots=True)
class _Row:
    """A table ``[[exercises]]``."""

    id: str
    sets: int
    reps: int
    days: tuple[Weekday, ...] | None = None
    times_per_day: int | None = None
    times: tuple[time, ...] | None = None
    hold_s: float | None = None
    rest_s: float | None = None
    tempo: str | None = None
    side: Works = Works.NONE
    goal_deg: float | None = None
    goal_ratio: float | None = None
    minimum_deg: float | None = None
    minimum_ratio: float | None = None
    limit_deg: float | None = None
    limit_ratio: float | None = None
    load: str | None = None
    precautions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    """A whole program file."""

    patient: str
    therapist: str
    start: date
    review: date
    exercises: tuple[_Row, ...]
    goals: tuple[str, ...] = ()
    precautions: tuple[str, ...] = ()
    pain: _Pain = field(default_factory=_Pain)


_FILE: Final = shape_of(_File)


def load_program(path: Path, find: FindExercise) -> Program:
    """Read and validate a program file.

    Args:
        path: A TOML file.
        find: Gives an exercise by its id; raises `ExerciseSpecError` where there is none.

    Raises:
        ProgramError: The file is missing or malformed; names file and key.
    """
    return read_program(read_file(path), str(path), find)


def read_program(data: bytes, shown: str, find: FindExercise) -> Program:
    """Return the program in the text of a file.

    Args:
        data: The text, as UTF-8.
        shown: What to call it in a message.
        find: As for `load_program`.

    Raises:
        ProgramError: It is malformed; names key and the first problem.
    """
    program, problems = parse_program(data, find)
    if program is not None:
        return program
    first, *others = _lines(problems, shown)
    more = f" (and {len(others)} more: run hep-vision program validate)" if others else ""
    raise ProgramError(first + more)


def validate_file(path: Path, find: FindExercise) -> list[str]:
    """Return every problem of a program file, one line each; none if it is sound.

    Raises:
        ProgramError: The file cannot be read at all.
    """
    return _lines(parse_program(read_file(path), find)[1], str(path))


def read_file(path: Path) -> bytes:
    """Return the content of a program file.

    Raises:
        ProgramError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ProgramError(f"{path}: there is no such file") from error
    except OSError as error:
        raise ProgramError(f"{path}: cannot be read: {error.strerror}") from error


def parse_program(data: bytes, find: FindExercise) -> tuple[Program | None, list[Problem]]:
    """Return a program and no problems, or None and at least one problem."""
    document, problem = parse_toml(data)
    if problem is not None:
        return None, [problem]
    content, problems = build(_FILE, _File, document)
    if content is None:
        return None, problems
    problems = list(_whole(content))
    exercises = []
    for row, table in zip(content.exercises, document["exercises"], strict=True):
        prescription, wrong = _prescription(row, table, find)
        problems += [replace(one, where=f"exercises[{row.id}].{one.where}") for one in wrong]
        exercises.append(prescription)
    found = [one for one in exercises if one is not None]
    problems += _twice(found)
    if problems:
        return None, problems
    return (
        Program(
            content.patient,
            content.therapist,
            content.start,
            content.review,
            tuple(found),
            content.goals,
            content.precautions,
            PainZones(content.pain.amber_from, content.pain.red_from),
            content.pain.ask,
        ),
        [],
    )


def _lines(problems: Sequence[Problem], shown: str) -> list[str]:
    return [f"{shown}: {problem.where}: {problem.what}" for problem in problems]


# -- the whole ------------------------------------------------------------------------------------


def _whole(content: _File) -> Iterator[Problem]:
    yield from _texts("patient", [content.patient])
    if not content.therapist.strip():
        yield Problem("therapist", "write who adapted this program to the patient")
    else:
        yield from _texts("therapist", [content.therapist])
    yield from _texts("goals", content.goals)
    yield from _texts("precautions", content.precautions)
    if content.review <= content.start:
        yield Problem("review", f"must be after start, {content.start}, not {content.review}")
    if not content.exercises:
        yield Problem("exercises", "there are none; write at least one [[exercises]]")
    pain = content.pain
    if not 1 <= pain.amber_from <= 10:
        yield Problem("pain.amber_from", f"must be 1 to 10, not {pain.amber_from}")
    elif not pain.amber_from <= pain.red_from <= 10:
        what = f"must be from amber_from, {pain.amber_from}, to 10, not {pain.red_from}"
        yield Problem("pain.red_from", what)


def _texts(key: str, texts: Sequence[str]) -> Iterator[Problem]:
    for number, text in enumerate(texts, start=1):
        # Also no character that a terminal would obey instead of showing it.
        obeyed = any(category(letter) == "Cc" for letter in text)
        if not text.strip() or obeyed or len(text.splitlines()) > 1:
            place = f"{key}[{number}]" if len(texts) > 1 else key
            yield Problem(place, "must be one line of text")


def _twice(prescriptions: Sequence[Prescription]) -> Iterator[Problem]:
    """Say where an exercise is due twice at once: nobody could tell which of the two was done."""
    for one, other in combinations(prescriptions, 2):
        shared = [day for day in one.days if day in other.days]
        apart = Works.NONE not in (one.works, other.works) and not {*one.sides} & {*other.sides}
        if one.exercise_id == other.exercise_id and shared and not apart:
            what = f"is there twice for {shared[0]}; write it once, or give each its own days"
            yield Problem(f"exercises[{one.exercise_id}]", what)


# -- one exercise ---------------------------------------------------------------------------------


def _prescription(
    row: _Row, table: Mapping[str, Any], find: FindExercise
) -> tuple[Prescription | None, list[Problem]]:
    problems = [*_dose(row), *_schedule(row)]
    exercise, wrong = _exercise(row.id, find)
    if exercise is None:
        return None, [*wrong, *problems]
    problems += _side(row, exercise)
    targets, wrong = _targets(row, table, exercise)
    tempo, more = _tempo(row, exercise)
    problems += [*wrong, *more]
    if problems:
        return None, problems
    times = row.times or ()
    return (
        Prescription(
            row.id,
            row.sets,
            row.reps,
            WEEK if row.days is None else tuple(day for day in WEEK if day in row.days),
            row.times_per_day or len(times) or 1,
            times,
            _ms(row.hold_s),
            _ms(row.rest_s),
            tempo,
            row.side,
            targets,
            row.load or "",
            row.precautions,
            row.sources,
        ),
        [],
    )


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(1000 * seconds)


def _dose(row: _Row) -> Iterator[Problem]:
    for key, value, most in (
        ("sets", row.sets, _MOST_SETS),
        ("reps", row.reps, _MOST_REPS),
        ("times_per_day", row.times_per_day, _MOST_TIMES),
    ):
        if value is not None and not 1 <= value <= most:
            yield Problem(key, f"must be 1 to {most}, not {value}")
    if row.rest_s is not None and not 0 <= row.rest_s <= _LONGEST_REST_S:
        yield Problem("rest_s", f"must be 0 to {_LONGEST_REST_S:g} s, not {row.rest_s:g}")
    yield from _texts("load", [] if row.load is None else [row.load])
    yield from _texts("precautions", row.precautions)
    yield from _texts("sources", row.sources)


def _schedule(row: _Row) -> Iterator[Problem]:
    if row.days == () or (row.days, row.times_per_day, row.times) == (None, None, None):
        yield Problem(
            "days",
            'no day at all; write days, such as ["mon", "wed", "fri"], or for every day '
            "times_per_day",
        )
    for day in dict.fromkeys(row.days or ()):
        if (row.days or ()).count(day) > 1:
            yield Problem("days", f"names {day} twice")
    if row.times is None:
        return
    if not row.times:
        yield Problem("times", "names no time; leave it out where any time will do")
    if any(moment.tzinfo is not None for moment in row.times):
        yield Problem("times", "are by the patient's clock; write them without a zone")
    elif any(late <= early for early, late in pairwise(row.times)):
        yield Problem("times", "must come one after the other")
    if row.times_per_day not in (None, len(row.times)):
        yield Problem("times_per_day", f"is {row.times_per_day}, but times names {len(row.times)}")


def _exercise(
    exercise_id: str, find: FindExercise
) -> tuple[ExerciseDefinition | None, list[Problem]]:
    if any(mark in exercise_id for mark in "/\\."):
        what = "must be an id; put the exercise file into your exercise folder"
        return None, [Problem("id", what)]
    try:
        return find(exercise_id), []
    except ExerciseSpecError as error:
        return None, [Problem("id", str(error))]


def _side(row: _Row, exercise: ExerciseDefinition) -> Iterator[Problem]:
    if row.side is not Works.EACH or exercise.side is None:
        return
    if exercise.side is Side.BOTH:
        yield Problem("side", f"both sides work in {exercise.id}; leave it out")
    else:
        yield Problem("side", f"{exercise.id} is done with the {exercise.side} side")


def _targets(
    row: _Row, table: Mapping[str, Any], exercise: ExerciseDefinition
) -> tuple[Targets | None, list[Problem]]:
    given = {key: value for key, value in table.items() if key in TARGET_KEYS}
    if row.side in (Works.EACH, Works.NONE):
        given.pop("side", None)
    if row.hold_s == 0.0 and exercise.dose.hold_ms == 0:
        del given["hold_s"]  # nothing is held, and that is what it says
    targets, problems = targets_in(given, exercise)
    return (None if targets is None or targets.empty else targets), problems


def _tempo(row: _Row, exercise: ExerciseDefinition) -> tuple[Tempo | None, list[Problem]]:
    if row.tempo is None:
        return None, []
    if exercise.kind in _TIMED:
        what = f"does not go with {exercise.id}, which is timed and not repeated"
        return None, [Problem("tempo", what)]
    try:
        return Tempo.parse(row.tempo), []
    except ValueError as error:
        return None, [Problem("tempo", str(error))]
