"""What the engine said of each repetition beside what was planted in it, and the counts of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hep_vision.core.evaluation import match_intervals
from hep_vision.core.types import Hold, Rep

LEAST_OVERLAP = 0.3


@dataclass(frozen=True, slots=True)
class Judgement:
    """One planted repetition and what was said of it.

    Attributes:
        planted: Checks that must be flagged.
        follows: Further checks that the true joints cross too, so that a flag is not wrong.
        flagged: Checks that were flagged; None where the repetition was not counted.
        not_checked: Checks that the engine says it could not judge.
    """

    exercise_id: str
    view: str
    planted: tuple[str, ...]
    follows: tuple[str, ...] = ()
    flagged: tuple[str, ...] | None = None
    not_checked: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """How one kind of fault of one exercise came out, in repetitions."""

    planted: int = 0
    right: int = 0
    missed: int = 0
    not_counted: int = 0
    wrong: int = 0


@dataclass(slots=True)
class FormScore:
    """How all of them came out.

    Attributes:
        kinds: By exercise and check.
        reps: Repetitions by exercise, and those that were not counted.
    """

    kinds: dict[tuple[str, str], Tally] = field(default_factory=dict)
    reps: Counter[str] = field(default_factory=Counter)
    not_counted: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> Tally:
        """Sum over all kinds."""
        names = Tally.__slots__
        sums = {name: sum(getattr(one, name) for one in self.kinds.values()) for name in names}
        return Tally(**sums)

    @property
    def precision(self) -> float:
        """Share of the flags that are right; NaN without any."""
        total = self.total
        return _share(total.right, total.right + total.wrong)

    @property
    def recall(self) -> float:
        """Share of the planted faults, of repetitions that were counted, that are flagged."""
        total = self.total
        return _share(total.right, total.right + total.missed)

    @property
    def recall_of_all(self) -> float:
        """The same with repetitions that were not counted among the missed."""
        total = self.total
        return _share(total.right, total.planted)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def score(judgements: Iterable[Judgement]) -> FormScore:
    """Count flags: a fault that is planted and flagged on its repetition is right."""
    result = FormScore()
    for one in judgements:
        result.reps[one.exercise_id] += 1
        result.not_counted[one.exercise_id] += one.flagged is None
        for check in one.planted:
            tally = result.kinds.setdefault((one.exercise_id, check), Tally())
            tally.planted += 1
            tally.not_counted += one.flagged is None
            tally.right += one.flagged is not None and check in one.flagged
            tally.missed += one.flagged is not None and check not in one.flagged
        for check in set(one.flagged or ()) - set(one.planted) - set(one.follows):
            result.kinds.setdefault((one.exercise_id, check), Tally()).wrong += 1
    return result


def matched(
    spans_ms: Sequence[tuple[int, int]], found: Sequence[Rep | Hold]
) -> dict[int, Rep | Hold]:
    """Return what was found of each planted repetition, by its place in the plan."""
    pairs = match_intervals(spans_ms, [(one.start_ms, one.end_ms) for one in found], LEAST_OVERLAP)
    return {planned: found[index] for planned, index in pairs}
