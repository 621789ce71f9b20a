"""Analyse many recordings, a process per core; one bad file is reported and stops nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hep_vision.app.analyse import Analysis, Task, analyse
from hep_vision.app.recognise import Unlabelled
from hep_vision.app.workers import Report, spread
from hep_vision.errors import ExitCode, HepVisionError, SourceOpenError

if TYPE_CHECKING:
    from hep_vision.store.locations import LogPlace
    from hep_vision.store.sessions import SessionLog

VIDEO_SUFFIXES: Final = frozenset(
    {".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".3gp", ".wmv", ".gif"}
)
TRACK_SUFFIXES: Final = frozenset({".npz"})

ToDo = Task | Unlabelled
"""What to do with a recording: an exercise is counted, or found out first."""
SeveralProgress = Callable[[int, float], None]


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
    task: ToDo, log_place: "Path | LogPlace | None", progress: Callable[[float], None]
) -> Result:
    """Analyse one recording and turn any error into a result."""
    try:
        if isinstance(task, Unlabelled):
            task = task.recognised(progress)
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
        cut = cut_clips(
            log,
            task.path,
            analysis.session_id,
            task.clips,
            blurs=task.blur_faces,
            reading=task.reading,
        )
    except HepVisionError as error:
        return replace(result, problem=str(error), exit_code=error.exit_code, clips=0)
    tidy_clips(log)
    return replace(result, analysis=replace(analysis, clips=tuple(cut)), clips=len(cut))


def analyse_many(
    tasks: Sequence[ToDo],
    *,
    jobs: int,
    log_place: "Path | LogPlace | None",
    progress: SeveralProgress,
) -> Iterator[Result]:
    """Yield the result of each task, in order, as soon as it and those before it are ready.

    Args:
        tasks: What to analyse.
        jobs: Processes to use; 1 works in this one.
        log_place: Where the log is, or None to book nothing.
        progress: Called with a task's position and the share of it done.
    """
    early: dict[int, Result] = {}
    position = 0
    for done in spread(
        partial(_work, log_place=log_place),
        tasks,
        processes=jobs if len(tasks) > 1 else 1,
        progress=lambda index, share, _frames: progress(index, share),
    ):
        progress(done.index, 1.0)
        early[done.index] = done.value or _stopped(tasks[done.index], done.problem)
        while position in early:
            yield early.pop(position)
            position += 1


def _work(task: ToDo, report: Report, *, log_place: "Path | LogPlace | None") -> Result:
    return analyse_one(task, log_place, lambda share: report(share, 0))


def _stopped(task: ToDo, problem: str) -> Result:
    return Result(
        problem=f"{task.path}: the analysis {problem}.", exit_code=ExitCode.ANALYSIS_FAILED
    )
