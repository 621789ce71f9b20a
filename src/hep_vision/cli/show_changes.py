"""What another judgement of kept sessions would change, as tables."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.markup import escape
from rich.table import Table

from hep_vision.app.rejudge import Change, Judgement
from hep_vision.cli.show import console


def show_changed(
    changes: Sequence[Change], most: int | None = None, *, marks_logged: bool = True
) -> None:
    """Print a line for each session, or for the first ``most``.

    Args:
        changes: The sessions.
        most: How many lines at most.
        marks_logged: Whether it is told of which ones the log itself is compared.
    """
    table = _table("session", "exercise", "reps", "partial", "deviations")
    for change in changes[:most]:
        before, after = change.before, change.after
        if before is None or after is None:
            table.add_row(change.session_id[:8], change.exercise_id, escape(change.problem or ""))
            continue
        mark = " (logged)" if marks_logged and change.from_log else ""
        table.add_row(
            change.session_id[:8],
            change.exercise_id,
            _step(before.counted, after.counted) + mark,
            _step(before.partial, after.partial),
            _deviations(before.deviations, after.deviations),
        )
    if changes:
        console.print(table)
    if most is not None and len(changes) > most:
        console.print(f"... and {len(changes) - most} more; --format json has all of them.")


def show_totals(changes: Sequence[Change]) -> None:
    """Print a line for each exercise."""
    table = _table("exercise", "sessions", "differ", "reps", "partial", "deviations")
    for exercise_id in sorted({change.exercise_id for change in changes}):
        mine = [one for one in changes if one.exercise_id == exercise_id]
        before = _total([one.before for one in mine])
        after = _total([one.after for one in mine])
        table.add_row(
            exercise_id,
            str(len(mine)),
            str(sum(one.differs for one in mine)),
            _step(before.counted, after.counted),
            _step(before.partial, after.partial),
            _deviations(before.deviations, after.deviations),
        )
    console.print(table)


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _total(found: Sequence[Judgement | None]) -> Judgement:
    known = [one for one in found if one is not None]
    deviations: Counter[str] = Counter()
    for one in known:
        deviations.update(one.deviations)
    return Judgement(
        sum(one.counted for one in known),
        sum(one.partial for one in known),
        sum(one.rejected for one in known),
        sum(one.held_ms for one in known),
        dict(deviations),
    )


def _step(before: int, after: int) -> str:
    return str(before) if before == after else f"{before} -> {after}"


def _deviations(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    steps = [
        f"{name} {_step(before.get(name, 0), after.get(name, 0))}"
        for name in sorted({*before, *after})
    ]
    return ", ".join(steps) or "none"
