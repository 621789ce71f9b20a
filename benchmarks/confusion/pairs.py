"""What came of it: which pairs are told apart, and how often one is counted as the other."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from benchmarks.confusion.runs import Result

import everyday
from hep_vision.core.recognition import ALIKE

LARGEST_SHARE: Final = 0.1
"""Share of another exercise's repetitions that may be counted."""
CONTAINED: Final = {
    ("sit_up", "crunch"): "a sit-up begins with a crunch",
}
"""(done, prescribed): what is prescribed is a part of what is done; not the other way round."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One exercise done, counted as one, over all its runs."""

    done: str
    prescribed: str
    reps: int
    counted: int

    @property
    def share(self) -> float:
        """Counted repetitions over those that were done."""
        return self.counted / self.reps


def alike(done: str, prescribed: str) -> str | None:
    """Return why a pair is not told apart, or None where it is."""
    for names, why in ALIKE:
        if done in names and prescribed in names:
            return why
    return CONTAINED.get((done, prescribed))


def pairs_of(results: Iterable[Result], names: Iterable[str]) -> list[Pair]:
    """Return every pair of what was done and what could be prescribed, worst first.

    Args:
        results: Runs of exercises.
        names: What could be prescribed.
    """
    reps, counted = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for result in results:
        reps[result.job.done] += result.job.reps
        counted[result.job.done].update(result.counted)
    pairs = [
        Pair(done, prescribed, total, counted[done][prescribed])
        for (done, total), prescribed in product(reps.items(), names)
    ]
    return sorted(pairs, key=lambda pair: (-pair.share, pair.done, pair.prescribed))


def kept(results: Sequence[Result]) -> tuple[int, int]:
    """Return how many repetitions were counted as what they are, at most all, and how many were."""
    own = [(min(one.counted[one.job.done], one.job.reps), one.job.reps) for one in results]
    return sum(count for count, _ in own), sum(reps for _, reps in own)


def too_many(result: Result) -> dict[str, int]:
    """Return the exercises that count more of an everyday movement than there is, and how many."""
    really = everyday.MOVEMENTS[result.job.done].really
    return {name: count for name, count in result.counted.items() if count > really.get(name, 0)}
