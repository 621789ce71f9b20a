"""Analyse many recordings, a process per core; one bad file is reported and stops nothing."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING, Final

from hep_vision.app.analyse import Analysis, Task, analyse
from hep_vision.errors import ExitCode, HepVisionError, SourceOpenError

if TYPE_CHECKING:
    from hep_vision.store.locations import LogPlace
    from hep_vision.store.sessions import SessionLog

VIDEO_SUFFIXES: Final = frozenset(
    {".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".3gp", ".wmv", ".gif"}
)
TRACK_SUFFIXES: Final = frozenset({".npz"})
_POLL_S: Final = 0.2

BatchProgress = Callable[[int, float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What became of one recording: an analysis, or the line that says why there is none.

    A line with the code for success says that there was nothing left to do.

    Attributes:
        problem: Why there is no analysis, or why there are no clips beside it.
        clips: How many clips were kept; None where none were asked for.
    """

    analysis: Analysis | None = None
    problem: str | None = None
    exit_code: ExitCode = ExitCode.OK
    clips: int | None = None


def find_recordings(paths: Sequence[Path]) -> list[Path]:
    """Return the files to analyse: files as named, folders searched for videos and tracks.

    Raises:
        SourceOpenError: A folder holds none.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(
            item
            for item in path.rglob("*")
            if item.suffix.lower() in VIDEO_SUFFIXES | TRACK_SUFFIXES and item.is_file()
        )
        if not inside:
            raise SourceOpenError(f"{path}: no video and no landmark track in this folder.")
        found += inside
    return found


def analyse_one(
    task: Task, log_place: "Path | LogPlace | None", progress: Callable[[float], None]
) -> Result:
    """Analyse one recording and turn any error into a result."""
    try:
        if log_place is None:
            return Result(analyse(task, progress=progress))
        from hep_vision.store.sessions import SessionLog

        with SessionLog.open(log_place) as log:
            return _with_clips(log, task, Result(analyse(task, log=log, progress=progress)))
    except HepVisionError as error:
        return failed(error)


def failed(error: HepVisionError) -> Result:
    """Return what an error makes of a recording."""
    return Result(problem=str(error), exit_code=error.exit_code)


def _with_clips(log: "SessionLog", task: Task, result: Result) -> Result:
    """Cut the clips that were asked for; the analysis stays, whatever comes of that."""
    analysis = result.analysis
    if task.clips is None or analysis is None or analysis.session_id is None:
        return result
    from hep_vision.app.clip_room import tidy_clips
    from hep_vision.app.clips import cut_clips

    try:
        cut = cut_clips(log, task.path, analysis.session_id, task.clips, blurs=task.blur_faces)
    except HepVisionError as error:
        return replace(result, problem=str(error), exit_code=error.exit_code, clips=0)
    tidy_clips(log)
    return replace(result, clips=len(cut))


def analyse_many(
    tasks: Sequence[Task],
    *,
    jobs: int,
    log_place: "Path | LogPlace | None",
    progress: BatchProgress,
) -> Iterator[Result]:
    """Yield the result of each task, in order, as soon as it and those before it are ready.

    Args:
        tasks: What to analyse.
        jobs: Processes to use; 1 works in this one.
        log_place: Where the log is, or None to book nothing.
        progress: Called with a task's position and the share of it done.
    """
    if jobs == 1 or len(tasks) <= 1:
        for index, task in enumerate(tasks):
            yield analyse_one(task, log_place, partial(progress, index))
        return
    context = get_context("spawn")
    with context.Manager() as manager:
        reports: Queue[tuple[int, float]] = manager.Queue()
        pool = ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=context)
        try:
            futures = [
                pool.submit(_work, task, log_place, reports, index)
                for index, task in enumerate(tasks)
            ]
            yield from _in_order(tasks, futures, reports, progress)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _work(
    task: Task, log_place: "Path | LogPlace | None", reports: "Queue[tuple[int, float]]", index: int
) -> Result:
    last_share = 0.0

    def report(share: float) -> None:
        nonlocal last_share
        if share - last_share >= 0.02:
            last_share = share
            reports.put((index, share))

    return analyse_one(task, log_place, report)


def _in_order(
    tasks: Sequence[Task],
    futures: "Sequence[Future[Result]]",
    reports: "Queue[tuple[int, float]]",
    progress: BatchProgress,
) -> Iterator[Result]:
    pending = set(futures)
    for index, future in enumerate(futures):
        while not future.done():
            _, pending = wait(pending, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            _pass_on(reports, progress)
        progress(index, 1.0)
        yield _outcome(tasks[index], future)


def _pass_on(reports: "Queue[tuple[int, float]]", progress: BatchProgress) -> None:
    while True:
        try:
            progress(*reports.get_nowait())
        except Empty:
            return


def _outcome(task: Task, future: "Future[Result]") -> Result:
    error = future.exception()
    if error is None:
        return future.result()
    return Result(
        problem=f"{task.path}: the analysis stopped unexpectedly ({type(error).__name__}).",
        exit_code=ExitCode.ANALYSIS_FAILED,
    )
