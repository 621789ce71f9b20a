"""The results as tables for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import mean, median
from typing import Final

from benchmarks.rendered.judging import Judged, Range, Stance
from benchmarks.rendered.scoring import FormScore, Tally, score
from rich.table import Table

_POORLY_SEEN: Final = 0.8
_IN_PICTURE, _SQUARE_ON = 1, 2


def form_table(judged: Sequence[Judged]) -> Table:
    """One row for each fault of each exercise; the last column is what true joints would give."""
    table = Table(title="Form checks: planted faults, by repetition")
    table.add_column("exercise")
    table.add_column("fault")
    for heading in ("planted", "flagged", "missed", "not counted", "wrong", "true joints"):
        table.add_column(heading, justify="right")
    found, ideal = form_score(judged), score(one for scene in judged for one in scene.ideal)
    for (exercise, check), tally in sorted(found.kinds.items()):
        best = ideal.kinds.get((exercise, check), Tally())
        counts = (tally.planted, tally.right, tally.missed, tally.not_counted, tally.wrong)
        shown = [str(count) if count else "" for count in counts]
        table.add_row(exercise, check, *shown, f"{best.right}/{best.planted}")
    return table


def form_score(judged: Sequence[Judged]) -> FormScore:
    """Return the counts over all scenes."""
    return score(one for scene in judged for one in scene.judgements)


def range_table(judged: Sequence[Judged]) -> Table:
    """One row for each exercise: how often the stated interval holds the truth, and the errors."""
    table = Table(title="Range of motion: truth within the stated interval")
    table.add_column("exercise")
    table.add_column("measure")
    headings = ("reps", "±", "in picture", "|peak|", "|range|", "square-on", "|peak|", "|range|")
    for heading in headings:
        table.add_column(heading, justify="right")
    for rows in _by_exercise(judged):
        first = rows[0]
        table.add_row(
            first.exercise_id,
            first.measure,
            str(len(rows)),
            f"{mean(one.uncertainty for one in rows):g}",
            *_errors(rows, _IN_PICTURE),
            *_errors(rows, _SQUARE_ON),
        )
    return table


def _by_exercise(judged: Sequence[Judged]) -> Iterator[list[Range]]:
    groups: dict[tuple[str, str], list[Range]] = defaultdict(list)
    for scene in judged:
        for one in scene.ranges:
            groups[one.exercise_id, one.view].append(one)
    yield from (groups[key] for key in sorted(groups))


def _errors(rows: Sequence[Range], truth: int) -> tuple[str, str, str]:
    digits = 1 if rows[0].unit == "deg" else 3
    return (
        f"{mean(one.holds(truth) for one in rows):.2f}",
        f"{median(abs(one.peak[0] - one.peak[truth]) for one in rows):.{digits}f}",
        f"{median(abs(one.rom[0] - one.rom[truth]) for one in rows):.{digits}f}",
    )


def view_table(scenes: Sequence[Stance], turns: Sequence[Stance]) -> Table:
    """One row for each placement and for each turn."""
    table = Table(title="View: turn of the trunk out of the picture, degrees")
    table.add_column("placed")
    for heading in ("clips", "told front", "oblique", "side", "median |error|", "mean error"):
        table.add_column(heading, justify="right")
    groups: dict[str, list[Stance]] = defaultdict(list)
    for one in scenes:
        groups[f"exercise, {one.placed}"].append(one)
    for one in turns:
        groups[f"standing, {one.name.split('_')[2].split('-')[0]:>2} deg"].append(one)
    for name, rows in groups.items():
        told = [str(sum(one.told == view for one in rows)) for view in ("front", "oblique", "side")]
        errors = [one.turn_deg - one.true_turn_deg for one in rows]
        table.add_row(
            name,
            str(len(rows)),
            *told,
            f"{median(abs(error) for error in errors):.1f}",
            f"{mean(errors):+.1f}",
        )
    return table


def untracked_table(judged: Sequence[Judged]) -> Table:
    """One row for each scene in which somebody was often not found or steps were not counted."""
    table = Table(title="Scenes that were not followed")
    for heading in ("scene", "found", "what happened"):
        table.add_column(heading)
    for one in judged:
        if one.seen_share < _POORLY_SEEN or one.reasons:
            share = f"{one.seen_share:.2f}"
            table.add_row(one.scene.name, share, "\n".join(one.reasons))
    return table


def summary_lines(judged: Sequence[Judged], turns: Sequence[Stance]) -> Iterator[str]:
    """Yield the totals."""
    form = form_score(judged)
    total, reps, lost = form.total, form.reps.total(), form.not_counted.total()
    kinds = sum(tally.planted > 0 for tally in form.kinds.values())
    yield f"{reps} repetitions, {lost} of them not counted; {kinds} kinds of fault"
    yield (
        f"form: {total.planted} planted, {total.right} flagged, {total.missed} missed, "
        f"{total.not_counted} not counted, {total.wrong} wrong"
    )
    yield (
        f"precision {form.precision:.3f}, recall {form.recall:.3f} "
        f"(of all planted {form.recall_of_all:.3f})"
    )
    rows = [one for scene in judged for one in scene.ranges]
    if rows:
        for truth, name in ((_IN_PICTURE, "in the picture"), (_SQUARE_ON, "square-on")):
            held = mean(one.holds(truth) for one in rows)
            errors = [abs(one.rom[0] - one.rom[truth]) for one in rows if one.unit == "deg"]
            yield (
                f"range, {name}: {held:.3f} of {len(rows)} intervals hold the truth, "
                f"median |error| {median(errors):.1f} deg"
            )
    if turns:
        errors = [abs(one.turn_deg - one.true_turn_deg) for one in turns]
        yield f"turn: median |error| {median(errors):.1f} deg over {len(turns)} standing people"
