"""Results as tables: rows of text, shown on a terminal or written between marks of a page."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import mean

from benchmarks.accuracy.runs import METHODS, OURS, Run
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Block:
    """A table with a name, under which a page keeps it.

    Attributes:
        labels: How many columns on the left are text.
    """

    name: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    labels: int = 1


def show(block: Block, console: Console) -> None:
    """Print a block."""
    table = Table(title=block.title, title_justify="left")
    for number, heading in enumerate(block.headings):
        text = number < block.labels
        table.add_column(heading, justify="left" if text else "right", no_wrap=not text)
    for row in block.rows:
        table.add_row(*row)
    console.print(table)


def markdown(block: Block) -> str:
    """Return a block as a table of Markdown."""
    rules = ["---" if n < block.labels else "---:" for n in range(len(block.headings))]
    lines = [block.headings, tuple(rules), *block.rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def filled(page: str, blocks: Iterable[Block]) -> str:
    """Return the page with the text between each block's marks replaced.

    Raises:
        ValueError: A block has no marks in the page.
    """
    for block in blocks:
        pattern = re.compile(
            rf"(<!-- begin {block.name} -->\n).*?(<!-- end {block.name} -->)", re.S
        )
        if not pattern.search(page):
            raise ValueError(f"no marks for '{block.name}'")
        text = markdown(block)
        page = pattern.sub(lambda found, text=text: f"{found[1]}{text}\n{found[2]}", page)
    return page


# -- hard cases -----------------------------------------------------------------------------------


def hard_case_table(runs: Sequence[Run]) -> Block:
    """Return one row per case; a wrong count is marked."""
    rows: list[tuple[str, ...]] = []
    for group, members in groupby(runs, key=lambda run: run.group):
        rows.append((f"*{group}*", "", *("" for _ in METHODS)))
        for run in members:
            rows.append((run.name, _range(run.right), *(_cell(run, name) for name in METHODS)))
    headings = ("case", "right", *METHODS)
    return Block("hard-cases", "Hard cases, counts (! = wrong)", headings, tuple(rows))


def hard_case_summary(runs: Sequence[Run]) -> Block:
    """Return the number of right counts by group."""
    rows = []
    for group, members in groupby(runs, key=lambda run: run.group):
        rows.append(_right_row(group, list(members)))
    rows.append(_right_row("all", runs))
    headings = ("group", "cases", *METHODS)
    return Block("hard-cases-summary", "Hard cases, right counts", headings, tuple(rows))


def _right_row(label: str, runs: Sequence[Run]) -> tuple[str, ...]:
    right = (sum(run.error(name) == 0 for run in runs) for name in METHODS)
    return (label, str(len(runs)), *(str(count) for count in right))


def wrong_count_table(runs: Sequence[Run]) -> Block:
    """Return the hard cases that the counter itself gets wrong."""
    rows = tuple(
        (run.name, run.exercise_id, _range(run.right), str(run.counts[OURS]))
        for run in runs
        if run.error(OURS) != 0
    )
    headings = ("case", "counted as", "right", OURS)
    return Block("wrong", "Hard cases that hep-vision counts wrongly", headings, rows, labels=2)


def _range(right: tuple[int, int]) -> str:
    return str(right[0]) if right[0] == right[1] else f"{right[0]} or {right[1]}"


def _cell(run: Run, method: str) -> str:
    counted = run.counts[method]
    if counted is None:
        return "-"
    return str(counted) if run.error(method) == 0 else f"{counted} !"


# -- recordings -----------------------------------------------------------------------------------


def accuracy_table(runs: Sequence[Run]) -> Block:
    """Return, by data set, exercise and part: exact, within one, and mean error over count."""
    judged = [run for run in runs if not run.negative]
    sure = [run for run in judged if run.note is None]
    rows: list[tuple[str, ...]] = []
    for group in _in_order(run.group for run in sure):
        mine = [run for run in sure if run.group == group]
        for exercise_id in sorted({run.exercise_id for run in mine}):
            rows.append(_row(group, exercise_id, "A + B", _of(mine, exercise_id)))
        for part in sorted({run.part for run in mine}):
            rows.append(_row(group, "all", part, [run for run in mine if run.part == part]))
        rows.append(_row(group, "all", "A + B", mine))
    for part in ("A", "B"):
        rows.append(_row("all", "all", part, [run for run in sure if run.part == part]))
    rows.append(_row("all", "all", "A + B", sure))
    doubtful = [run for run in judged if run.note is not None]
    if doubtful:
        rows.append(_row("label in doubt", "all", "A + B", doubtful))
    headings = ("data set", "exercise", "part", "n", *METHODS)
    title = "Recordings: exact / within one / mean error over count"
    return Block("recordings", title, headings, tuple(row for row in rows if row), labels=3)


def negative_table(runs: Sequence[Run]) -> Block | None:
    """Return false counts on recordings of something else, or None without any."""
    negative = [run for run in runs if run.negative]
    if not negative:
        return None
    rows = [
        ("runs", *(str(len(_asked(negative, name))) for name in METHODS)),
        ("false counts", *(str(sum(_false(negative, name))) for name in METHODS)),
        ("false counts per run", *(f"{mean(_false(negative, name)):.2f}" for name in METHODS)),
        (
            "runs without any",
            *(f"{mean(count == 0 for count in _false(negative, name)):.0%}" for name in METHODS),
        ),
    ]
    return Block("negatives", "Recordings of something else", ("", *METHODS), tuple(rows))


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _of(runs: Sequence[Run], exercise_id: str) -> list[Run]:
    return [run for run in runs if run.exercise_id == exercise_id]


def _row(group: str, exercise_id: str, part: str, runs: Sequence[Run]) -> tuple[str, ...]:
    if not runs:
        return ()
    return (group, exercise_id, part, str(len(runs)), *(_shares(runs, name) for name in METHODS))


def _asked(runs: Sequence[Run], method: str) -> list[Run]:
    return [run for run in runs if run.counts[method] is not None]


def _false(runs: Sequence[Run], method: str) -> list[int]:
    return [max(run.error(method) or 0, 0) for run in _asked(runs, method)]


def _shares(runs: Sequence[Run], method: str) -> str:
    asked = _asked(runs, method)
    if not asked:
        return "-"
    errors = [abs(run.error(method) or 0) for run in asked]
    relative = [error / max(run.right[1], 1) for error, run in zip(errors, asked, strict=True)]
    return f"{_share(errors, 0)} / {_share(errors, 1)} / {mean(relative):.2f}"


def _share(errors: Sequence[int], most: int) -> str:
    return f"{mean(error <= most for error in errors):.2f}"


# -- cost and coordinates -------------------------------------------------------------------------


def cost_table(microseconds: dict[str, float], inference_ms: float, source: str) -> Block:
    """Return the time per frame of each method, and its share of estimating the pose."""
    rows = tuple(
        (name, f"{cost:.0f}", f"{cost / (10.0 * inference_ms):.2f} %")
        for name, cost in microseconds.items()
    )
    headings = ("method", "microseconds per frame", f"of {inference_ms:g} ms ({source})")
    return Block("cost", "Cost of counting, landmarks given", headings, rows)


def plain_table(
    name: str, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> Block:
    """Return a block of anything that can be written as text."""
    as_text: Callable[[Sequence[object]], tuple[str, ...]] = lambda row: tuple(map(str, row))  # noqa: E731
    return Block(name, title, tuple(headings), tuple(as_text(row) for row in rows))
