"""Measure learning by demonstration: learn from the first repetitions, count everything else.

    python benchmarks/learning.py FOLDER... [--reps 3] [--half choose|confirm] [--person REGEX]

Each FOLDER holds a truth.json as for ``hep-vision evaluate``, of videos or landmark tracks. Every
recording with enough repetitions teaches its exercise, as if it were not in the catalogue; the
file that comes of it counts that whole recording, and one of the same exercise in the same folder
by another person. Recordings whose truth is noted as questionable are left out.

People are told apart by the first group of REGEX in the name of the file, or by the whole name.
With --half, half of the people, by a checksum of that, are looked at: what was chosen on one half
is confirmed on the other.
"""

import argparse
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hep_vision.app.analyse import TRACK_SUFFIX, find_model, read_landmarks
from hep_vision.app.evaluate import Case, read_cases
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.drafting import teach
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.types import PoseFrame, Rep, RepStatus
from hep_vision.exercises.spec import parse_exercise
from hep_vision.exercises.writing import exercise_toml

LEAST_REPS = 5


@dataclass(frozen=True, slots=True)
class Job:
    """A recording to learn from, and one to try it on."""

    case: Case
    other: Case | None
    reps: int


@dataclass(frozen=True, slots=True)
class Result:
    """What was counted; None where nothing was learned."""

    job: Job
    own: int | None
    other: int | None
    learned: str


def main() -> None:
    """Print the table, and every recording that was not exact."""
    parser = argparse.ArgumentParser(description="Learning by demonstration.")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--half", choices=("choose", "confirm"))
    parser.add_argument("--person", type=re.compile, default=re.compile("(.*)"))
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    jobs = [
        job
        for folder in given.folders
        for job in pair(read_cases(folder), given.person, given.reps, given.half)
    ]
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        report(list(pool.map(run, jobs)))


def pair(
    cases: Sequence[Case], person: re.Pattern[str], reps: int, half: str | None
) -> Iterator[Job]:
    """Yield every recording that can teach, with the next one of another person."""
    by_exercise: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        truth = case.truth
        enough = truth.acceptable[1] >= LEAST_REPS and case.path.exists()
        if truth.exercise_id is not None and truth.note is None and enough:
            by_exercise[truth.exercise_id].append(case)
    for group in by_exercise.values():
        for place, case in enumerate(group):
            name = who(case, person)
            if half is not None and (zlib.crc32(name.encode()) % 2 == 0) != (half == "choose"):
                continue
            rest = group[place + 1 :] + group[:place]
            others = [other for other in rest if who(other, person) != name]
            yield Job(case, others[0] if others else None, reps)


def who(case: Case, person: re.Pattern[str]) -> str:
    """Return what tells the person of a recording from others."""
    match = person.search(case.path.stem)
    return match.group(1) if match else case.path.stem


def run(job: Job) -> Result:
    """Learn from one recording and count."""
    poses = read(job.case.path)
    taught = teach(poses, "learned", "Learned", job.reps)
    if taught is None:
        return Result(job, None, None, "nothing")
    # What counts is what is in the file, so it goes through its text.
    exercise, problems = parse_exercise(exercise_toml(taught.exercise).encode(), "learned", {"OWN"})
    if exercise is None:
        return Result(job, None, None, f"not sound: {problems[0]}")
    learned = ", ".join(
        f"{signal.measure} {signal.combine} {signal.direction} {signal.minimum_rom:g}"
        for signal in exercise.count
    )
    other = count(exercise, read(job.other.path)) if job.other else None
    return Result(job, count(exercise, poses), other, f"{taught.lesson.view}: {learned}")


def read(path: Path) -> list[PoseFrame]:
    """Return the poses of a recording."""
    model = None if path.suffix == TRACK_SUFFIX else find_model("full", Path())
    return list(read_landmarks(path, model).poses())


def count(exercise: ExerciseDefinition, poses: Sequence[PoseFrame]) -> int:
    """Return how many repetitions an exercise counts."""
    engine = ExerciseEngine(exercise)
    events = engine.replay(poses)
    return sum(isinstance(e, Rep) and e.status is RepStatus.COUNTED for e in events)


def report(results: Sequence[Result]) -> None:
    """Print one row for each exercise and one for all."""
    table = Table(title="Learned from the first repetitions of one recording")
    table.add_column("exercise")
    for heading in ("n", "own exact", "within 1", "others", "exact", "within 1 "):
        table.add_column(heading, justify="right")
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[result.job.case.truth.exercise_id or ""].append(result)
    for name, group in [*sorted(groups.items()), ("all", list(results))]:
        own = [off(result.own, result.job.case) for result in group]
        other = [off(r.other, r.job.other) for r in group if r.job.other is not None]
        table.add_row(
            name, str(len(own)), share(own, 0), share(own, 1), str(len(other)), share(other, 0),
            share(other, 1),
        )  # fmt: skip
    console = Console(width=160, highlight=False)
    console.print(table)
    for result in results:
        case, other = result.job.case, result.job.other
        if off(result.own, case) or (other is not None and off(result.other, other)):
            console.print(
                f"{case.path.name} ({case.truth.exercise_id}): {result.own} of "
                f"{case.truth.acceptable}; on {other.path.name if other else '-'}: {result.other} "
                f"of {other.truth.acceptable if other else '-'}; {result.learned}",
                markup=False,
            )


def off(counted: int | None, case: Case | None) -> int:
    """Return how far a count is from what is acceptable."""
    if counted is None or case is None:
        return 1_000
    low, high = case.truth.acceptable
    return max(low - counted, counted - high, 0)


def share(errors: Sequence[int], at_most: int) -> str:
    """Return the share of counts that are off by no more than so many."""
    if not errors:
        return ""
    return f"{sum(error <= at_most for error in errors) / len(errors):.2f}"


if __name__ == "__main__":
    main()
