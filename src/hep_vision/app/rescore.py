"""Say what a changed exercise would change on sessions that are in the log."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.engine import ExerciseEngine
from hep_vision.core.summary import summarise
from hep_vision.core.targets import Targets, prescribed
from hep_vision.core.types import Event
from hep_vision.errors import ExerciseSpecError, SourceError, StoreError, TargetsError
from hep_vision.exercises.loading import find_exercise
from hep_vision.sources.recorded import read_track
from hep_vision.store.records import SessionDetail, SessionHeader
from hep_vision.store.sessions import SessionLog


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found in a session.

    Attributes:
        counted: Repetitions that counted.
        partial: Repetitions that fell short.
        rejected: Excursions that were another movement or lost from view.
        held_ms: Time of all holds.
        deviations: How often each was found, by check id.
    """

    counted: int
    partial: int
    rejected: int
    held_ms: int
    deviations: dict[str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """One session judged twice.

    Attributes:
        session_id: The session.
        exercise_id: The exercise it was.
        from_log: Whether ``before`` is what the log holds, because the exercise that judged it is
            not at hand any more; otherwise it was judged again with it.
        before: As it was.
        after: With the changed exercise.
        problem: In place of ``before`` and ``after``, why it could not be judged.
    """

    session_id: str
    exercise_id: str
    from_log: bool = False
    before: Judgement | None = None
    after: Judgement | None = None
    problem: str | None = None


def rescore(
    log: SessionLog, changed: ExerciseDefinition, wanted: Sequence[str], own_dir: Path
) -> list[Change]:
    """Judge logged sessions with the exercise that they used and with a changed one.

    Args:
        log: The log; it is only read.
        changed: The exercise as it would be.
        wanted: Session ids or their beginnings; empty for every session of ``changed.id``.
        own_dir: Folder with exercise files of one's own.

    Raises:
        StoreError: A session is not there, or the log cannot be read.
    """
    if wanted:
        details = [log.session(name) for name in wanted]
    else:
        details = list(log.details(exercise_id=changed.id))
    return [_change(detail, changed, own_dir) for detail in details]


def rescore_one(
    detail: SessionDetail, exercise: ExerciseDefinition, targets: Targets, own_dir: Path
) -> Change:
    """Judge a logged session as it was, and with other targets.

    Args:
        detail: The session.
        exercise: Its exercise as the catalogue has it.
        targets: What would be set; what they leave open stays as it was set in the session.
        own_dir: Folder with exercise files of one's own.
    """
    return _change(detail, exercise, own_dir, targets)


def _change(
    detail: SessionDetail,
    changed: ExerciseDefinition,
    own_dir: Path,
    targets: Targets | None = None,
) -> Change:
    row = detail.row
    session_id, exercise_id = row.session_id, row.header.exercise_id
    if row.track_path is None:
        return Change(session_id, exercise_id, problem="no landmarks were kept")
    try:
        events = _judged(row.track_path, changed, _retargeted(row.header, targets))
        used = _used(exercise_id, row.header.exercise_revision, own_dir)
        before = _judged(row.track_path, used, row.header) if used else detail.events
    except (SourceError, StoreError, TargetsError) as error:
        return Change(session_id, exercise_id, problem=str(error))
    return Change(session_id, exercise_id, used is None, _judgement(before), _judgement(events))


def _retargeted(header: SessionHeader, targets: Targets | None) -> SessionHeader:
    if targets is None:
        return header
    whole = targets if header.targets is None else targets.over(header.targets)
    return replace(header, targets=whole)


def _used(exercise_id: str, revision: int, own_dir: Path) -> ExerciseDefinition | None:
    """Return the exercise that judged a session, if it is still as it was then."""
    try:
        found = find_exercise(exercise_id, own_dir)
    except ExerciseSpecError:
        return None
    return found if found.revision == revision else None


def _judged(track: Path, exercise: ExerciseDefinition, header: SessionHeader) -> list[Event]:
    """Judge a session as it was set up: with its own targets, side and usual range."""
    if header.targets is not None:
        exercise = prescribed(exercise, header.targets)
    engine = ExerciseEngine(exercise, header.side, header.personal)
    events = [event for pose in read_track(track).poses() for event in engine.process(pose)]
    return events + engine.finish()


def _judgement(events: Sequence[Event]) -> Judgement:
    summary = summarise(events)
    found = Counter(deviation.id for deviation in summary.deviations)
    return Judgement(
        summary.counted, summary.partial, summary.rejected, summary.held_ms, dict(found)
    )
