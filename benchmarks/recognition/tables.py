"""What came of it: who was taken for what, and how often an answer was wrong."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.recognition.runs import Job

from hep_vision.core.recognition import ALIKE, SURE, Recognition

NOTHING: Final = "something else"
UNKNOWN: Final = "unknown"
_TOP: Final = 3


@dataclass(frozen=True, slots=True)
class Result:
    """What was made of one job."""

    job: Job
    found: Recognition

    @property
    def answer(self) -> str | None:
        """The exercise that was proposed."""
        return self.found.best.exercise_id if self.found.best else None

    @property
    def alike(self) -> bool:
        """Whether another name of what was done was proposed."""
        done, answer = self.job.done, self.answer
        return done != answer and any(done in ids and answer in ids for ids, _ in ALIKE)

    @property
    def wrong(self) -> bool:
        """Whether something was proposed that is not there."""
        return self.answer not in (None, self.job.done) and not self.alike

    @property
    def among_first(self) -> bool:
        """Whether what was done is among the nearest three, proposed or not."""
        return self.job.done in [one.exercise_id for one in self.found.proposals[:_TOP]]


def sums(results: Sequence[Result]) -> list[str]:
    """Return a line of a table for each source: exercises first, then something else."""
    lines = [
        "| recordings | n | answered | right | other name | wrong | right of answered | in top 3 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for source in dict.fromkeys(result.job.source for result in results):
        mine = [one for one in results if one.job.source == source and one.job.done]
        if not mine:
            continue
        answered = [one for one in mine if one.answer is not None]
        right = sum(one.answer == one.job.done for one in answered)
        share = f"{right / len(answered):.2f}" if answered else ""
        lines.append(
            f"| {source} | {len(mine)} | {_of(len(answered), len(mine))} | {right} "
            f"| {sum(one.alike for one in answered)} | {sum(one.wrong for one in answered)} "
            f"| {share} | {_of(sum(one.among_first for one in mine), len(mine))} |"
        )
    lines += ["", "| something else | n | taken for an exercise |", "|---|---|---|"]
    for source in dict.fromkeys(result.job.source for result in results):
        mine = [one for one in results if one.job.source == source and one.job.done is None]
        if mine:
            lines.append(f"| {source} | {len(mine)} | {sum(one.wrong for one in mine)} |")
    return lines


def _of(count: int, total: int) -> str:
    return f"{count} ({count / total:.2f})"


def confusion(results: Iterable[Result]) -> list[str]:
    """Return what was done by what was proposed, one line for each exercise."""
    rows: dict[str, Counter[str]] = {}
    for result in results:
        row = rows.setdefault(result.job.done or NOTHING, Counter())
        row[result.answer or UNKNOWN] += 1
    lines = ["| done | n | right | unknown | taken for |", "|---|---|---|---|---|"]
    for done, row in sorted(rows.items(), key=lambda item: (item[0] == NOTHING, item[0])):
        others = {name: n for name, n in row.items() if name not in (done, UNKNOWN)}
        taken = ", ".join(f"{name} {n}" for name, n in sorted(others.items()))
        lines.append(f"| {done} | {row.total()} | {row[done]} | {row[UNKNOWN]} | {taken} |")
    return lines


def calibration(results: Iterable[Result]) -> list[str]:
    """Return how often the nearest was right, by how sure it was."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for result in results:
        if not result.found.proposals:
            continue
        nearest = result.found.proposals[0]
        right = result.job.done in (nearest.exercise_id, *nearest.alike)
        sure = result.found.confidence
        bins.setdefault(min(4, int(5 * sure)), []).append((sure, right))
    lines = ["| confidence | n | mean | nearest is right |", "|---|---|---|---|"]
    for number, inside in sorted(bins.items()):
        mean = sum(sure for sure, _ in inside) / len(inside)
        share = sum(right for _, right in inside) / len(inside)
        span = f"{number / 5:.1f} to {(number + 1) / 5:.1f}"
        lines.append(f"| {span} | {len(inside)} | {mean:.2f} | {share:.2f} |")
    return lines


def page(results: Sequence[Result], chosen_on: Sequence[str]) -> str:
    """Return every table as Markdown.

    Args:
        results: What was made of everything.
        chosen_on: Sources that the weights were chosen on.
    """
    unseen = [one for one in results if one.job.source not in chosen_on]
    parts = [
        [f"Proposed from a confidence of {SURE} on.", "", *sums(results)],
        ["By exercise, all of these together:", "", *confusion(results)],
        [
            f"What the confidence is worth, of all but {', '.join(chosen_on)}:",
            "",
            *calibration(unseen),
        ],
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"
