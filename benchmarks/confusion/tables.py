"""The tables, for people."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from benchmarks.confusion.pairs import LARGEST_SHARE, Pair, alike, kept, pairs_of, too_many
from benchmarks.confusion.runs import Result, repeated
from rich.console import Console
from rich.table import Table


def report_pairs(console: Console, source: str, results: Sequence[Result], worst: int) -> None:
    """Print the sums of one source, its worst pairs, and the pairs that are not told apart."""
    pairs = [p for p in pairs_of(results, repeated()) if p.done != p.prescribed]
    told = [pair for pair in pairs if alike(pair.done, pair.prescribed) is None]
    above = [pair for pair in told if pair.share > LARGEST_SHARE]
    own, reps = kept(results)
    console.print(
        f"\n[bold]{source}[/bold]: {len(results)} runs of {len({r.job.done for r in results})} "
        f"exercises; true reps kept {own} of {reps} ({own / reps:.3f})\n"
        f"pairs above {LARGEST_SHARE:.0%}: {len(above)} of {len(told)}; "
        f"mean share {np.mean([pair.share for pair in told]):.4f}"
    )
    _table(console, f"{source}: the worst pairs", above[:worst])
    others = [pair for pair in pairs if pair not in told and pair.counted]
    _table(console, f"{source}: not told apart", others)
    _own_table(console, source, results)


def _table(console: Console, title: str, pairs: Iterable[Pair]) -> None:
    table = Table("done", "prescribed", title=title, box=None, title_justify="left")
    for heading in ("done reps", "counted", "share"):
        table.add_column(heading, justify="right")
    for pair in pairs:
        numbers = (str(pair.reps), str(pair.counted), f"{pair.share:.2f}")
        table.add_row(pair.done, pair.prescribed, *numbers)
    console.print(table)


def _own_table(console: Console, source: str, results: Sequence[Result]) -> None:
    """Print the exercises whose own repetitions were not all counted."""
    table = Table("done", title=f"{source}: own repetitions lost", box=None, title_justify="left")
    table.add_column("kept", justify="right")
    table.add_column("of", justify="right")
    for name in sorted({result.job.done for result in results}):
        own, reps = kept([result for result in results if result.job.done == name])
        if own < reps:
            table.add_row(name, str(own), str(reps))
    console.print(table)


def report_everyday(console: Console, results: Sequence[Result]) -> None:
    """Print how often an everyday movement is counted beyond what it really is."""
    wrong = [(result, too_many(result)) for result in results]
    runs, beyond = sum(len(result.counted) for result in results), sum(len(f) for _, f in wrong)
    total = sum(sum(found.values()) for _, found in wrong)
    console.print(
        f"\n[bold]everyday movements[/bold]: {beyond} of {runs} runs outside the acceptable range, "
        f"{total} counts in these"
    )
    _by(console, "movement", wrong, lambda result, _: result.job.done)
    _by(console, "prescribed", wrong, lambda _, name: name)


def _by(
    console: Console,
    heading: str,
    wrong: Iterable[tuple[Result, dict[str, int]]],
    key: Callable[[Result, str], str],
) -> None:
    runs, against = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for result, name in _each(wrong):
        other = name if heading == "movement" else result.job.done
        runs[key(result, name)] += 1
        against[key(result, name)][other] += 1
    table = Table(
        heading, title=f"everyday, by {heading}: runs with too many", box=None, title_justify="left"
    )
    table.add_column("runs", justify="right")
    table.add_column("most of them")
    for name, count in runs.most_common():
        most = ", ".join(f"{other} {number}" for other, number in against[name].most_common(6))
        table.add_row(name, str(count), most)
    console.print(table)


def _each(wrong: Iterable[tuple[Result, dict[str, int]]]) -> Iterator[tuple[Result, str]]:
    for result, found in wrong:
        for name in found:
            yield result, name
