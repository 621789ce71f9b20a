"""Kill a batch again and again, take it up each time, and see that nothing is lost or done twice.

    python -m benchmarks.kill [--recordings 1000] [--broken 0.03] [--kills 5] [--seed 1]

Short videos are cut out of the sample videos, small and slow, some of them twice and some broken.
One batch of them is left alone; another has its whole process group killed at random moments and is
taken up with --resume until it is done. Then all tables must be the same. The pose model runs for
real; what it makes of pictures that small does not matter here, only that it is the same twice.
"""

import argparse
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
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from hep_vision.errors import ExitCode
from hep_vision.pose.mediapipe_tasks import MediaPipePose
from hep_vision.pose.model_file import DEFAULT_MODEL, locate

_SAMPLES: Final = Path(__file__).parents[1] / "sample_videos"
_SIZE_PX: Final = (160, 120)
_FPS: Final = 8
_FRAMES: Final = range(6, 11)
_LONG_FRAMES: Final = 48
_LONG_SHARE: Final = 0.04
"""Of recordings in which a whole repetition has room."""

_TWICE_SHARE: Final = 0.02
_SHARE_GOAL: Final = 0.01
_SHARE_FROM: Final = 1000
"""Of fewer, the start of Python is the most of it."""

_IN_OPEN: Final = 0x20

Picture = NDArray[np.uint8]


# -- the recordings -------------------------------------------------------------------------------


def make_recordings(folder: Path, count: int, broken_share: float, chance: random.Random) -> Path:
    """Write the recordings and return the table that lists them."""
    clips = {
        json.loads(clip.with_suffix(".truth.json").read_text())["exercise_id"]: _small(clip)
        for clip in sorted(_SAMPLES.glob("*.mp4"))
    }
    broken = round(count * broken_share)
    twice = round(count * _TWICE_SHARE)
    rows: list[tuple[str, str]] = []
    for number in range(count - broken - twice):
        exercise = chance.choice(list(clips))
        path = folder / f"{number:05}.mp4"
        long = chance.random() < _LONG_SHARE
        frames = _LONG_FRAMES if long else chance.choice(_FRAMES)
        pictures = clips[exercise]
        start = chance.randrange(max(1, len(pictures) - frames))
        _write(path, pictures[start : start + frames], seed=number)
        rows.append((path.name, exercise))
    for number, (name, exercise) in enumerate(chance.sample(rows, twice)):
        shutil.copyfile(folder / name, folder / f"again{number:05}.mp4")
        rows.append((f"again{number:05}.mp4", exercise))
    for number in range(broken):
        path = folder / f"broken{number:05}.mp4"
        whole = folder / chance.choice(rows)[0]
        _BREAKS[number % len(_BREAKS)](path, whole.read_bytes())
        rows.append((path.name, "squat"))
    chance.shuffle(rows)
    table = folder / "recordings.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("path", "exercise"), *rows])
    return table


def _small(clip: Path) -> list[Picture]:
    """Return the pictures of a clip, small, at `_FPS`."""
    pictures = []
    with av.open(str(clip)) as container:
        next_s = 0.0
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= next_s:
                next_s += 1 / _FPS
                pictures.append(frame.reformat(*_SIZE_PX, format="rgb24").to_ndarray())
    return pictures


def _write(path: Path, pictures: Sequence[Picture], seed: int) -> None:
    noise = (
        np.random.default_rng(seed).integers(0, 4, pictures[0].shape, np.uint8) if pictures else 0
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(_FPS), options={"preset": "ultrafast"}
        )
        stream.width, stream.height, stream.pix_fmt = *_SIZE_PX, "yuv420p"
        container.start_encoding()
        for picture in pictures:
            picture = np.minimum(picture, 251) + noise
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def _without_frames(path: Path, _whole: bytes) -> None:
    _write(path, [], seed=0)


_BREAKS: Final[tuple[Callable[[Path, bytes], object], ...]] = (
    lambda path, whole: path.write_bytes(whole[: len(whole) // 2]),
    lambda path, _: path.write_bytes(b""),
    lambda path, _: path.write_text("This is not a video.\n"),
    _without_frames,
)


# -- one run --------------------------------------------------------------------------------------


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


# -- kill and compare -----------------------------------------------------------------------------


def _tracks(out: Path) -> dict[str, int]:
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
        before = _tracks(out)
        self.runs.append(bench.run(out, until))
        after = _tracks(out)
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
        if (out / "tracks").exists() and len(_tracks(out)) >= wanted:
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


def _rows_of(out: Path) -> dict[str, int]:
    return {path.stem: len(_sorted_csv(path)) - 1 for path in sorted((out / "csv").glob("*.csv"))}


# -- what is told ---------------------------------------------------------------------------------


def _load_s() -> float:
    """Return how long it takes to load the pose model once it was loaded before."""
    for _ in range(2):
        begun_s = time.monotonic()
        with MediaPipePose(locate(DEFAULT_MODEL, Path())):
            seconds = time.monotonic() - begun_s
    return seconds


def _told(name: str, run: Run) -> tuple[str, ...]:
    summary = run.summary or {}
    opened = "?" if run.opened is None else str(sum(run.opened.values()))
    return (
        name,
        f"{run.seconds:.1f}",
        str(run.journalled),
        str(summary.get("kept", "")),
        str(summary.get("estimated", "")),
        str(summary.get("failed", "")),
        opened,
        run.integrity,
    )


def main() -> None:
    """Run, kill, compare, and tell."""
    options = _options()
    console = Console()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="hep-vision-kill-"))
    try:
        if not _ran(options, folder, console):
            sys.exit(1)
    finally:
        if not options.keep and options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill", description=__doc__)
    parser.add_argument("--recordings", type=int, default=1000)
    parser.add_argument("--broken", type=float, default=0.03, help="share that cannot be used")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, help="a new or empty folder to work in, which stays")
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    return parser.parse_args()


def _ran(options: argparse.Namespace, folder: Path, console: Console) -> bool:
    chance = random.Random(options.seed)
    videos, undisturbed, killed = (folder / name for name in ("videos", "undisturbed", "killed"))
    videos.mkdir(parents=True)
    table = make_recordings(videos, options.recordings, options.broken, chance)
    bench = Bench(table, options.jobs, folder / "data")
    bench.console.log(
        f"{options.recordings} recordings in {folder}; loading the model: {_load_s():.2f} s"
    )
    alone = bench.run(undisturbed)
    bench.console.log(f"undisturbed: {alone.seconds:.1f} s")
    whole = len(_tracks(undisturbed))
    nothing_new = bench.run(undisturbed)
    found = killed_runs(bench, killed, options.kills, chance, whole)
    shown = Table(
        "run",
        "s",
        "in journal",
        "kept",
        "estimated",
        "failed",
        "opens",
        "journal",
        title=f"{options.recordings} recordings, {options.jobs} processes",
    )
    shown.add_row(*_told("undisturbed", alone))
    shown.add_row(*_told("nothing new", nothing_new))
    for number, run in enumerate(found.runs, start=1):
        shown.add_row(*_told("to the end" if run.summary else f"killed {number}", run))
    console.print(shown)
    outs = undisturbed, killed
    return _verdict(console, outs, alone, nothing_new, found, options.jobs)


def _verdict(
    console: Console,
    outs: tuple[Path, Path],
    alone: Run,
    nothing_new: Run,
    killed: Killed,
    jobs: int,
) -> bool:
    different, compared = differences(*outs)
    rows = ", ".join(f"{count} {name}" for name, count in _rows_of(outs[0]).items())
    kills = sum(run.summary is None for run in killed.runs)
    twice, most = worked_on_twice(killed.runs), jobs * kills
    share = nothing_new.seconds / alone.seconds
    opened = None if nothing_new.opened is None else sum(nothing_new.opened.values())
    codes = {run.code for run in (alone, nothing_new, killed.runs[-1])}
    checks = {
        f"{compared} tables are the same: {rows}": compared > 0 and not different,
        f"every journal is whole after {kills} kills": all(
            run.integrity == "ok" for run in killed.runs
        ),
        f"landmarks that were kept and made anew: {killed.remade}": killed.remade == 0,
        f"recordings begun twice: {_or_unknown(twice)}; under way at kills, at most: {most}": (
            twice is None or twice <= most
        ),
        f"a run with nothing new takes {share:.2%} of the first; goal: {_SHARE_GOAL:.0%}, from "
        f"{_SHARE_FROM} recordings on": share <= _SHARE_GOAL or alone.journalled < _SHARE_FROM,
        f"it opens recordings {_or_unknown(opened)} times": not opened,
        f"exit codes: {', '.join(map(str, sorted(codes)))}": len(codes) == 1,
    }
    for line, good in checks.items():
        console.print(f"{'ok  ' if good else 'FAIL'} {line}", highlight=False, soft_wrap=True)
    for name in different:
        console.print(f"     differs: {name}", highlight=False)
    return all(checks.values())


def _or_unknown(count: int | None) -> str:
    return "not measured" if count is None else str(count)


if __name__ == "__main__":
    main()
