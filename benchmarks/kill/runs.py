"""Runs of one batch, what they opened and left, and whether two batches left the same."""

import contextlib
import csv
import ctypes
import json
import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from hep_vision.errors import ExitCode

_IN_OPEN: Final = 0x20


@dataclass
class Run:
    """What was seen of one run.

    Attributes:
        seconds: How long it took.
        summary: What it said at its end; None where it was killed.
        code: Its exit code.
        opened: How often it opened each recording; None where this system does not tell.
        journalled: How many recordings the journal held afterwards.
        integrity: What SQLite says of the journal.
    """

    seconds: float
    summary: dict[str, Any] | None
    code: int
    opened: Counter[str] | None
    journalled: int = 0
    integrity: str = ""


@dataclass
class Bench:
    """The batch that is run."""

    table: Path
    jobs: int
    data_dir: Path
    console: Console = field(default_factory=lambda: Console(stderr=True))

    def run(self, out: Path, until: Callable[[], bool] | None = None) -> Run:
        """Run it; kill its whole process group once ``until`` holds."""
        options = ["--resume", "--format", "json", "--jobs", str(self.jobs), "--out", str(out)]
        program = [sys.executable, "-c", "from hep_vision.cli.main import run; run()"]
        with _opens(self.table.parent) as opened, (out.parent / "batch.log").open("a") as log:
            begun_s = time.monotonic()
            process = subprocess.Popen(
                [*program, "--data-dir", str(self.data_dir), "batch", str(self.table), *options],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
            try:
                while until is not None and process.poll() is None and not until():
                    time.sleep(0.02)
            finally:
                if until is not None:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            seconds = time.monotonic() - begun_s
        if process.returncode not in (ExitCode.OK, ExitCode.ANALYSIS_FAILED, -signal.SIGKILL):
            sys.exit(f"A batch ended with {process.returncode}; see {out.parent / 'batch.log'}.")
        summary = json.loads(said) if process.returncode >= 0 and said else None
        found = Run(seconds, summary, process.returncode, opened)
        found.journalled, found.integrity = _look_into(out / "journal.sqlite3")
        return found


def _look_into(journal: Path) -> tuple[int, str]:
    """Return how many recordings a journal holds, and whether it is whole, from a copy of it."""
    with tempfile.TemporaryDirectory() as folder:
        for path in journal.parent.glob(f"{journal.name}*"):
            shutil.copy(path, folder)
        copy = Path(folder, journal.name)
        if not copy.exists():
            return 0, "ok"
        with contextlib.closing(sqlite3.connect(copy)) as opened:
            (integrity,) = opened.execute("PRAGMA integrity_check").fetchone()
            there = opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'recordings'")
            if there.fetchone() is None:
                return 0, str(integrity)
            (count,) = opened.execute("SELECT count(*) FROM recordings").fetchone()
            return int(count), str(integrity)


@contextlib.contextmanager
def _opens(folder: Path) -> Iterator["Counter[str] | None"]:
    """Count by name how often files of a folder are opened, by whomever, while the block lasts."""
    if not sys.platform.startswith("linux"):
        yield None
        return
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.inotify_init1(os.O_CLOEXEC)
    if handle < 0 or libc.inotify_add_watch(handle, os.fsencode(folder), _IN_OPEN) < 0:
        raise OSError(ctypes.get_errno(), "inotify does not work here")
    counted: Counter[str] = Counter()
    stopped = threading.Event()
    reader = threading.Thread(target=_count, args=(handle, counted, stopped))
    reader.start()
    try:
        yield counted
    finally:
        stopped.set()
        (folder / ".stop").write_bytes(b"")  # wakes the reader
        reader.join()
        os.close(handle)
        counted.pop(".stop", None)


def _count(handle: int, counted: Counter[str], stopped: threading.Event) -> None:
    while not stopped.is_set():
        events = os.read(handle, 1 << 16)
        at = 0
        while at < len(events):
            *_, length = struct.unpack_from("iIII", events, at)
            name = events[at + 16 : at + 16 + length].rstrip(b"\0")
            at += 16 + length
            if name.endswith(b".mp4"):
                counted[name.decode()] += 1


def tracks_in(out: Path) -> dict[str, int]:
    """Return when each landmark track was written."""
    return {
        path.name: path.stat().st_mtime_ns
        for path in (out / "tracks").glob("*/*.npz")
        if not path.name.startswith(".")
    }


@dataclass
class Killed:
    """A batch that was killed and taken up again.

    Attributes:
        runs: All its runs; the last one came to its end.
        remade: How many landmark tracks were there before a run and were written again in it.
    """

    runs: list[Run] = field(default_factory=list)
    remade: int = 0

    def add(self, bench: "Bench", out: Path, until: Callable[[], bool] | None = None) -> None:
        """Add a run."""
        before = tracks_in(out)
        self.runs.append(bench.run(out, until))
        after = tracks_in(out)
        self.remade += sum(after.get(name) != stamp for name, stamp in before.items())


def killed_runs(bench: Bench, out: Path, kills: int, chance: random.Random, whole: int) -> Killed:
    """Kill a batch of ``whole`` landmark tracks ``kills`` times, and let it end at last."""
    killed = Killed()
    for number in range(kills):
        # One moment in each part of the work, and a while after a track was written.
        wanted = int(whole * (number + chance.random()) / kills)
        killed.add(bench, out, partial(_reached, out, wanted, chance.uniform(0.0, 1.5), []))
        bench.console.log(f"killed after {killed.runs[-1].journalled} recordings")
    killed.add(bench, out)
    return killed


def _reached(out: Path, wanted: int, wait_s: float, since_s: list[float]) -> bool:
    if not since_s:
        if (out / "tracks").exists() and len(tracks_in(out)) >= wanted:
            since_s.append(time.monotonic())
        return False
    return time.monotonic() - since_s[0] >= wait_s


def worked_on_twice(runs: Sequence[Run]) -> int | None:
    """Return how many recordings more than one run began to work on.

    One that is worked on is opened for its checksum and again for its pictures; one of which only
    the checksum is wanted, to see whether it is the same as another, is opened once.
    """
    begun: Counter[str] = Counter()
    for run in runs:
        if run.opened is None:
            return None
        begun.update(name for name, count in run.opened.items() if count > 1)
    return sum(count > 1 for count in begun.values())


def differences(one: Path, other: Path) -> tuple[list[str], int]:
    """Return which tables differ, whatever the order of their rows, and how many there are."""
    from pyarrow import parquet

    different: list[str] = []
    names = sorted(
        {str(path.relative_to(out)) for out in (one, other) for path in out.glob("[cp]*/*")}
    )
    for name in names:
        first, second = one / name, other / name
        if not (first.exists() and second.exists()):
            different.append(name)
        elif first.suffix == ".csv":
            if _sorted_csv(first) != _sorted_csv(second):
                different.append(name)
        else:
            read = [parquet.read_table(path) for path in (first, second)]
            rows = [sorted(map(repr, table.to_pylist())) for table in read]
            if rows[0] != rows[1] or not read[0].schema.equals(read[1].schema, check_metadata=True):
                different.append(name)
    return different, len(names)


def _sorted_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    return [heading, *sorted(rows)]


def rows_of(out: Path) -> dict[str, int]:
    """Return how many rows each table has."""
    return {path.stem: len(_sorted_csv(path)) - 1 for path in sorted((out / "csv").glob("*.csv"))}
