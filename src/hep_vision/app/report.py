"""Put a report for the next visit together from the log, and write it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Final

from hep_vision.app.concerns import concerns_of
from hep_vision.app.program import FindExercise, newest_version
from hep_vision.app.progress import Span, progress_of
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.errors import ExerciseSpecError, SourceError
from hep_vision.program.overview import Progress
from hep_vision.program.review import Example
from hep_vision.program.schedule import moment_of
from hep_vision.reports.flag_svg import flag_pose
from hep_vision.reports.pages import write_page
from hep_vision.reports.report import MOST_STILLS, REPORT, Pictured, Review, report
from hep_vision.reports.report_words import FindIfThere
from hep_vision.sources.recorded import read_track
from hep_vision.store.locations import TRACKS_NAME
from hep_vision.store.review import Stretch
from hep_vision.store.sessions import SessionLog

USUAL_DAYS: Final = 42
"""Six weeks: about the time between two visits, and as long as a program usually lasts."""

_EARLIEST: Final = date(1970, 1, 1)
"""No log begins before it; the calendar of computers ends not far from year 1."""
_GONE: Final = "No landmarks are kept of this set."
_DAMAGED: Final = "The landmarks of this set cannot be read any more."
_UNSEEN: Final = "Nobody is seen at that moment."


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked of.

    Attributes:
        patient: As for `newest_version`.
        since: First day; None takes the last six weeks, or what there is of them.
        today: The last day: the present one, or one before it.
        zone: The patient's.
    """

    patient: str | None
    since: date | None
    today: date
    zone: tzinfo


def write_report(
    log: SessionLog, asked: Asked, find: FindExercise, data_dir: Path, path: Path
) -> Review:
    """Write the page, for its owner only, and return what it was made of.

    Args:
        log: The log.
        asked: Whose, and which days.
        find: Gives an exercise by its id.
        data_dir: The folder of the log, with the landmarks.
        path: Where the page goes; a report that is there is replaced.

    Raises:
        ProgramError: It is not clear whose is meant, or the version that holds cannot be read.
        OutputTakenError: Another file is there.
        ExportError: The page cannot be written.
        StoreError: The log cannot be read.
    """
    review = review_of(log, asked, find, data_dir)
    write_page(path, report(review), REPORT)
    return review


def review_of(log: SessionLog, asked: Asked, find: FindExercise, data_dir: Path) -> Review:
    """Return all that a report is made of; see `write_report`."""
    since = max(asked.since or asked.today - timedelta(days=USUAL_DAYS - 1), _EARLIEST)
    span = Span(since, asked.today)
    progress = progress_of(log, asked.patient, find, span, asked.zone)
    begin = moment_of(progress.since, time(), asked.zone)
    end = moment_of(asked.today + timedelta(days=1), time(), asked.zone)
    stretch = Stretch(
        _program_id(log, asked.patient),
        begin.isoformat(),
        end.isoformat(),
    )
    kept = _kept(data_dir)
    examples = log.review.examples(stretch)
    shown = {(one.exercise_id, one.check_id) for one in progress.flags[:MOST_STILLS]}
    return Review(
        progress=progress,
        today=asked.today,
        zone=asked.zone,
        span_words=_span_words(asked, since, progress),
        concerns=[one for one in concerns_of(log, asked.patient, begin, find) if one.at < end],
        told=log.review.told(stretch),
        pictured={
            key: _pictured(example, kept, data_dir) if key in shown else Pictured(example, None)
            for key, example in examples.items()
        },
        seen=[
            one if one.track_file in kept else replace(one, track_file=None)
            for one in log.review.seen(stretch)
        ],
        corrected=log.review.corrected(stretch),
        find=_if_there(find),
    )


def _program_id(log: SessionLog, patient: str | None) -> str | None:
    if patient is None and not log.programs.newest():
        return None
    return newest_version(log, patient).ref.program_id


def _span_words(asked: Asked, since: date, progress: Progress) -> str:
    if progress.since != since and progress.program is not None:
        return "This is everything since the program began."
    if progress.since != since:
        return "They begin with the first set that is logged."
    if asked.since is None:
        return "These are the last six weeks; --since gives another first day."
    return "The first day was asked for."


def _if_there(find: FindExercise) -> FindIfThere:
    @cache
    def found(exercise_id: str) -> ExerciseDefinition | None:
        try:
            return find(exercise_id)
        except ExerciseSpecError:
            return None

    return found


def _kept(data_dir: Path) -> frozenset[str]:
    """Return the landmark tracks that are there, below the folder of the log."""
    folder = data_dir / TRACKS_NAME
    return frozenset(f"{TRACKS_NAME}/{one.name}" for one in folder.glob("*.npz"))


def _pictured(example: Example, kept: Iterable[str], data_dir: Path) -> Pictured:
    if example.track_file is None or example.track_file not in kept:
        return Pictured(example, None, _GONE)
    try:
        pose = flag_pose(read_track(data_dir / example.track_file), example.deviation)
    except SourceError:
        return Pictured(example, None, _DAMAGED)
    return Pictured(example, pose, "" if pose is not None else _UNSEEN)
