"""Measure the second count: which wrong counts does it mark, and which right ones by mistake.

    python benchmarks/audit.py FOLDER...

Each folder holds a truth, as for ``hep-vision evaluate``: a ``truth.json`` or ``CLIP.truth.json``
files, beside videos or landmark tracks. A set is wrong when its count is outside what the truth
accepts, and marked when the recount differs from the count by more than one. Recordings of
something else are analysed as every exercise. Timed holds have no recount and are left out.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hep_vision.app.analyse import TRACK_SUFFIX, Task, estimate_track, find_model
from hep_vision.app.evaluate import Case, definitions_for, read_cases, replay
from hep_vision.core.audit import audit_set
from hep_vision.core.evaluation import score
from hep_vision.exercises.loading import catalogue
from hep_vision.store.locations import data_dir

HEADINGS = (
    "n",
    "wrong",
    "marked",
    "off by > 1",
    "marked",
    "right",
    "marked",
    "recount right",
    "one apart: wrong",
    "right",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One set: what is true, what was counted, what the recount says."""

    name: str
    exercise_id: str
    acceptable: tuple[int, int]
    counted: int
    error: int
    recount: int
    marked: bool

    @property
    def recount_right(self) -> bool:
        """Whether the recount is what the truth accepts."""
        return self.acceptable[0] <= self.recount <= self.acceptable[1]

    @property
    def one_apart(self) -> bool:
        """Whether both counts differ by exactly one, which is no mark."""
        return abs(self.recount - self.counted) == 1


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="How good the second count is.")
    parser.add_argument("folders", type=Path, nargs="+")
    groups: dict[str, list[Row]] = defaultdict(list)
    for folder in parser.parse_args().folders:
        for case in read_cases(folder):
            kind = "" if case.truth.exercise_id else " (something else)"
            groups[f"{folder.name}{kind}"] += measure(case)
    report(groups)


def measure(case: Case) -> Iterator[Row]:
    """Yield a row for each exercise a recording is analysed as."""
    definitions = definitions_for(case, catalogue())
    if not definitions or not case.path.exists():
        return
    model = None if case.path.suffix == TRACK_SUFFIX else find_model("full", data_dir(None, {}))
    track = estimate_track(Task(case.path, definitions[0], model=model))
    for definition in definitions:
        events = replay(track, definition)
        audit = audit_set(definition, track, events)
        if audit is None:
            continue
        found = score(case.truth, definition.id, events)
        yield Row(
            case.truth.name,
            definition.id,
            case.truth.acceptable,
            found.counted,
            found.error,
            audit.recount,
            audit.uncertain,
        )


def report(groups: dict[str, list[Row]]) -> None:
    """Print a line for each group, then every set that is wrong or marked."""
    console = Console(highlight=False)
    table = Table(title="The second count", box=None)
    table.add_column("recordings")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for name, rows in groups.items():
        if not rows:
            continue
        wrong = [row for row in rows if row.error]
        right = [row for row in rows if not row.error]
        off = [row for row in wrong if abs(row.error) > 1]
        numbers = (
            len(rows),
            len(wrong),
            sum(row.marked for row in wrong),
            len(off),
            sum(row.marked for row in off),
            len(right),
            sum(row.marked for row in right),
            sum(row.recount_right for row in rows),
            sum(row.one_apart for row in wrong),
            sum(row.one_apart for row in right),
        )
        table.add_row(name, *(str(number) for number in numbers))
    console.print(table)
    for row in (row for rows in groups.values() for row in rows if row.error or row.marked):
        low, high = row.acceptable
        truth = str(low) if low == high else f"{low}-{high}"
        console.print(
            f"  {row.name} as {row.exercise_id}: true {truth}, counted {row.counted}, "
            f"recount {row.recount}{', marked' if row.marked else ''}"
        )


if __name__ == "__main__":
    main()
