"""Measure the counter against recordings whose truth is known."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from hep_vision.app.analyse import Model, Task, estimate_track
from hep_vision.app.workers import Report, spread
from hep_vision.core.definition import ExerciseDefinition, Kind
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.evaluation import Score, TrueRep, Truth, score
from hep_vision.core.types import Event
from hep_vision.errors import HepVisionError, TruthError
from hep_vision.sources.recorded import LandmarkTrack

TRUTH_NAME: Final = "truth.json"
CLIP_TRUTH_SUFFIX: Final = ".truth.json"


@dataclass(frozen=True, slots=True)
class Case:
    """One recording and its truth."""

    path: Path
    truth: Truth


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case: scores by exercise, or the line that says why there are none."""

    case: Case
    scores: tuple[Score, ...] = ()
    problem: str | None = None


def read_cases(folder: Path) -> list[Case]:
    """Read every truth below ``folder``: ``truth.json`` lists and ``<clip>.truth.json`` files.

    Raises:
        TruthError: There is none, or one is malformed.
    """
    if not folder.is_dir():
        raise TruthError(f"{folder}: not a folder; name one that holds a {TRUTH_NAME}.")
    cases: list[Case] = []
    for path in sorted(folder.rglob(TRUTH_NAME)):
        entries = _read_json(path)
        if not isinstance(entries, list):
            raise TruthError(f"{path}: expected a list of recordings.")
        cases += [_case(path, entry) for entry in entries]
    for path in sorted(folder.rglob(f"*{CLIP_TRUTH_SUFFIX}")):
        cases.append(_case(path, _read_json(path)))
    if not cases:
        raise TruthError(
            f"{folder}: no {TRUTH_NAME} and no <clip>{CLIP_TRUTH_SUFFIX} in it or below it."
        )
    return cases


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TruthError(f"{path}: cannot be read as JSON ({error}).") from error


def _case(path: Path, entry: Any) -> Case:
    if not isinstance(entry, dict) or "file" not in entry:
        raise TruthError(f"{path}: a recording without the key 'file'.")
    try:
        return Case(path.parent / str(entry["file"]), _truth(entry))
    except (KeyError, TypeError, ValueError) as error:
        raise TruthError(f"{path}: {entry['file']}: malformed ({error!r}).") from error


def _truth(entry: dict[str, Any]) -> Truth:
    """Read one entry; times are seconds in clip lists, milliseconds in keys that say so."""
    acceptable = entry.get("reps_acceptable") or [entry["count"], entry["count"]]
    return Truth(
        name=str(entry["file"]),
        exercise_id=entry["exercise_id"],
        acceptable=(int(acceptable[0]), int(acceptable[1])),
        reps=_intervals(entry, "reps"),
        holds=_intervals(entry, "holds"),
        faults_known="timestamp_ms" in entry,
        note=entry.get("label_note"),
    )


def _intervals(entry: dict[str, Any], key: str) -> tuple[TrueRep, ...] | None:
    if f"{key}_ms" in entry:
        return tuple(TrueRep(int(start), int(end)) for start, end in entry[f"{key}_ms"])
    if key not in entry:
        return None
    return tuple(_interval(item) for item in entry[key])


def _interval(item: dict[str, Any]) -> TrueRep:
    faults, acceptable = tuple(item.get("faults", ())), tuple(item.get("faults_acceptable", ()))
    if "start_ms" in item:
        return TrueRep(int(item["start_ms"]), int(item["end_ms"]), faults, acceptable)
    return TrueRep(round(1000 * item["start"]), round(1000 * item["end"]), faults, acceptable)


def replay(track: LandmarkTrack, definition: ExerciseDefinition) -> list[Event]:
    """Return the events of a recorded track."""
    return ExerciseEngine(definition).replay(track.poses())


def evaluate_case(
    case: Case, definitions: Sequence[ExerciseDefinition], model: Model | None
) -> Outcome:
    """Analyse one recording as each of ``definitions``; the pose is estimated once."""
    try:
        track = estimate_track(Task(case.path, definitions[0], model=model))
    except HepVisionError as error:
        return Outcome(case, problem=str(error))
    return Outcome(
        case,
        tuple(
            score(case.truth, definition.id, replay(track, definition))
            for definition in definitions
        ),
    )


def evaluate(
    cases: Sequence[Case],
    definitions: dict[str, ExerciseDefinition],
    model: Model | None,
    *,
    jobs: int,
    done: Callable[[int], None],
) -> Iterator[Outcome]:
    """Yield the outcome of each case whose exercise is known; negatives run as every exercise.

    Args:
        cases: Recordings with their truth.
        definitions: The catalogue, or the part of it to measure.
        model: Pose model for videos.
        jobs: Processes to use.
        done: Called with the number of cases finished so far.
    """
    work = [(case, wanted) for case in cases if (wanted := definitions_for(case, definitions))]
    for finished, outcome in enumerate(
        spread(partial(_evaluated, model=model), work, processes=jobs), start=1
    ):
        done(finished)
        problem = f"the analysis {outcome.problem}"
        yield outcome.value or Outcome(work[outcome.index][0], problem=problem)


def _evaluated(
    asked: tuple[Case, tuple[ExerciseDefinition, ...]], _: Report, *, model: Model | None
) -> Outcome:
    return evaluate_case(*asked, model)


def definitions_for(
    case: Case, definitions: dict[str, ExerciseDefinition]
) -> tuple[ExerciseDefinition, ...]:
    """Return what a case is analysed as: its exercise, or all that count if it shows none."""
    exercise_id = case.truth.exercise_id
    if exercise_id is None:
        return tuple(one for one in definitions.values() if one.kind is not Kind.SELF_TIMED)
    return (definitions[exercise_id],) if exercise_id in definitions else ()
