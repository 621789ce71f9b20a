"""Regenerates the sample clips: ``python -m sample_videos.render [CLIP ...] [--jobs N]``."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from queue import Empty

from .clips import CLIPS
from .film import render_named, render_truth

FOLDER = Path(__file__).resolve().parent.parent


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m sample_videos.render", description=__doc__)
    parser.add_argument("clips", nargs="*", metavar="CLIP", help="clips to render (default: all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="clips at a time")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder to write to")
    parser.add_argument("--truth-only", action="store_true", help="leave the videos as they are")
    parser.add_argument("--list", action="store_true", help="name the clips and stop")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.clips) - set(CLIPS))
    if unknown:
        parser.error(f"no such clip: {', '.join(unknown)}; there are {', '.join(CLIPS)}")
    return options


def show(done: dict[str, tuple[int, int]]) -> None:
    """Write one progress line to the terminal."""
    under_way = [
        f"{name} {100 * part // total:3d} %" for name, (part, total) in done.items() if part < total
    ]
    ready = sum(part == total for part, total in done.values())
    line = f"{ready} ready  " + "  ".join(under_way)
    sys.stdout.write(f"\r{line:<99.99}" if sys.stdout.isatty() else f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Render the chosen clips, several at a time."""
    options = parse(arguments)
    if options.list:
        sys.stdout.write("\n".join(CLIPS) + "\n")
        return 0
    names = options.clips or list(CLIPS)
    options.into.mkdir(parents=True, exist_ok=True)
    if options.truth_only:
        for name in names:
            render_truth(CLIPS[name], options.into)
    else:
        render_all(names, options.into, max(1, options.jobs))
    return 0


def render_all(names: Sequence[str], folder: Path, jobs: int) -> None:
    """Render clips in several processes and show the progress."""
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(jobs) as pool:
        reports = manager.Queue()
        tasks = [pool.apply_async(render_named, (name, folder, reports)) for name in names]
        done: dict[str, tuple[int, int]] = {}
        while not (all(task.ready() for task in tasks) and reports.empty()):
            try:
                name, part, total = reports.get(timeout=1.0)
            except Empty:
                continue
            done[name] = (part, total)
            show(done)
        for task in tasks:
            task.get()
    sys.stdout.write("\n")


if __name__ == "__main__":
    raise SystemExit(main())
