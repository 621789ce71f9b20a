"""How a batch goes on, on standard error: a bar for people, a line now and then for a log file."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from hep_vision.app.batch.judging import Outcome
from hep_vision.app.batch.run import Summary, Watch
from hep_vision.cli.show import error_console
from hep_vision.exports.batch_tables import FAILURES

_LINE_EVERY_S: Final = 60.0
_REASON: Final = [column.name for column in FAILURES.columns].index("reason")


@contextmanager
def batch_watch(recordings: int) -> Iterator[Watch]:
    """Show files, frames per second, the time left and failures while the block lasts."""
    columns = (
        TextColumn("{task.fields[files]}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]}"),
    )
    with Progress(
        *columns, console=error_console, transient=True, disable=not error_console.is_terminal
    ) as bar:
        task = bar.add_task("", total=None, files="looking at the files", rate="", failed="")
        shown = _Shown(bar, task, recordings)
        yield Watch(shown.plan, shown.move, shown.tell)


class _Shown:
    """What is shown of one batch."""

    def __init__(self, bar: Progress, task: TaskID, recordings: int) -> None:
        self._bar = bar
        self._task = task
        self._recordings = recordings
        self._told = 0
        self._begun_s = self._line_s = time.monotonic()
        self._sizes: list[int] = []
        self._shares: list[float] = []
        self._frames: list[int] = []

    def plan(self, sizes: Sequence[int], summary: Summary) -> None:
        """Take what is left to do."""
        self._told += summary.kept
        self._begun_s = time.monotonic()
        self._sizes = list(sizes)
        self._shares = [0.0] * len(sizes)
        self._frames = [0] * len(sizes)
        self._bar.update(self._task, total=float(sum(sizes)))
        self._update(summary.failed)

    def move(self, index: int, share: float, frames: int) -> None:
        """Take how far a piece of work is."""
        if index >= len(self._shares):
            return  # of those that are tried once more
        self._shares[index] = max(self._shares[index], share)
        self._frames[index] = max(self._frames[index], frames)
        self._update()

    def tell(self, outcome: Outcome, summary: Summary) -> None:
        """Take an outcome."""
        self._told += 1
        for values in outcome.rows.get(FAILURES.name, ()):
            error_console.print(f"hep-vision: {escape(str(values[_REASON]))}", soft_wrap=True)
        self._update(summary.failed)

    def _update(self, failed: int | None = None) -> None:
        done = sum(size * share for size, share in zip(self._sizes, self._shares, strict=True))
        passed_s = max(time.monotonic() - self._begun_s, 1e-3)
        rate = f"{sum(self._frames) / passed_s:.0f} frames/s"
        files = f"{self._told} of {self._recordings}"
        self._bar.update(self._task, completed=done, files=files, rate=rate)
        if failed:
            self._bar.update(self._task, failed=f"{failed} failed")
        if self._bar.disable and time.monotonic() - self._line_s > _LINE_EVERY_S:
            self._line_s = time.monotonic()
            error_console.print(f"{files} recordings, {rate}")
