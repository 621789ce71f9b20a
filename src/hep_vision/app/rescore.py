"""Which kept sessions are judged again, and with what: those of the log, or those of a batch."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hep_vision.app.rejudge import Change, Judgement, Question, Setup, answer, judgement
from hep_vision.core.definition import ExerciseDefinition
from hep_vision.core.targets import Targets
from hep_vision.core.types import Side
from hep_vision.errors import ExerciseSpecError, SourceOpenError
from hep_vision.exercises.loading import find_exercise
from hep_vision.sources.track_store import TrackStore
from hep_vision.store.records import SessionDetail, SessionHeader, utc_stamp
from hep_vision.store.selection import Selection
from hep_vision.store.sessions import SessionLog


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
    return [answer(before_and_after(one, changed, own_dir)).change for one in details]


def before_and_after(
    detail: SessionDetail,
    changed: ExerciseDefinition,
    own_dir: Path,
    targets: Targets | None = None,
) -> Question:
    """Return what a changed exercise or other targets would make of a session, and nothing else.

    It is judged twice, as long as the exercise that judged it is still as it was then.

    Args:
        detail: The session.
        changed: The exercise as it would be.
        own_dir: Folder with exercise files of one's own.
        targets: What would be set; what they leave open stays as it was set in the session.
    """
    row = detail.row
    used = _used(row.header.exercise_id, row.header.exercise_revision, own_dir)
    before = judgement(detail.events) if used is None else _setup(used, row.header)
    return Question(
        row.session_id,
        row.header.exercise_id,
        row.track_path,
        before,
        _setup(changed, row.header, targets),
    )


@dataclass(frozen=True, slots=True)
class Otherwise:
    """With what kept sessions are judged again; by itself, with the exercises as they are now.

    Attributes:
        own_dir: Folder with exercise files of one's own.
        exercise: The one exercise of which sessions are judged, or None for every one.
        targets: What would be set for it, or None.
    """

    own_dir: Path
    exercise: ExerciseDefinition | None = None
    targets: Targets | None = None

    def exercise_for(self, name: str) -> ExerciseDefinition | None:
        """Return the exercise for sessions of ``name``; None where there is none any more."""
        if self.exercise is not None:
            return self.exercise
        try:
            return find_exercise(name, self.own_dir)
        except ExerciseSpecError:
            return None


def since_then(
    log: SessionLog, selection: Selection, otherwise: Otherwise
) -> Iterator[Question | Change]:
    """Yield what sessions of the log would be judged as now, beside what the log holds.

    Yields:
        A question; or, for an exercise that is not there any more, the change that says so.
    """
    for detail in log.chosen(selection):
        header = detail.row.header
        exercise = otherwise.exercise_for(header.exercise_id)
        if exercise is None:
            yield _gone(detail.row.session_id, header.exercise_id)
            continue
        yield Question(
            detail.row.session_id,
            header.exercise_id,
            detail.row.track_path,
            judgement(detail.events),
            _setup(exercise, header, otherwise.targets),
        )


def of_batch(
    folder: Path, tracks: Path, span: tuple[str | None, str | None], otherwise: Otherwise
) -> Iterator[Question | Change]:
    """Yield what the recordings of a batch would be judged as now, beside its tables.

    Args:
        folder: Where the batch wrote its tables.
        tracks: Folder of its landmark tracks.
        span: First moment, and the first one that is out again, or None; see
            `hep_vision.store.records.utc_stamp`.
        otherwise: With what.

    Raises:
        SourceOpenError: There are no tables of a batch.
    """
    since, until = span
    recordings, sessions, deviations = (
        _read_table(folder / "parquet" / f"{name}.parquet")
        for name in ("recordings", "sessions", "deviations")
    )
    asked = {one["session_id"]: one for one in recordings if one["session_id"]}
    flagged: dict[str, Counter[str]] = {}
    for one in deviations:
        flagged.setdefault(one["session_id"], Counter())[one["id"]] += 1
    for row in sessions:
        session_id, exercise_id = row["session_id"], row["exercise_id"]
        wanted = otherwise.exercise
        if wanted is not None and exercise_id != wanted.id:
            continue
        if not (since or "") <= utc_stamp(row["started_at"].isoformat()) < (until or "~"):
            continue
        recording = asked[session_id]
        named = recording["exercise"] or exercise_id
        exercise = otherwise.exercise_for(named if named.endswith(".toml") else exercise_id)
        if exercise is None:
            yield _gone(session_id, exercise_id)
            continue
        yield Question(
            session_id,
            exercise_id,
            _track(recording, tracks),
            _before(row, flagged.get(session_id, Counter())),
            Setup(exercise, _side(row["side"]), _over(_targets(row), otherwise.targets)),
        )


def _used(exercise_id: str, revision: int, own_dir: Path) -> ExerciseDefinition | None:
    """Return the exercise that judged a session, if it is still as it was then."""
    try:
        found = find_exercise(exercise_id, own_dir)
    except ExerciseSpecError:
        return None
    return found if found.revision == revision else None


def _setup(
    exercise: ExerciseDefinition, header: SessionHeader, targets: Targets | None = None
) -> Setup:
    """Return a session as it was set up, with its own targets, side and usual range."""
    return Setup(exercise, header.side, _over(header.targets, targets), header.personal)


def _over(before: Targets | None, targets: Targets | None) -> Targets | None:
    if targets is None or before is None:
        return before if targets is None else targets
    return targets.over(before)


def _gone(session_id: str, exercise_id: str) -> Change:
    return Change(session_id, exercise_id, problem=f"there is no exercise {exercise_id} any more")


def _read_table(path: Path) -> list[dict[str, Any]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise SourceOpenError(
            f"{path.parent.parent} holds no tables of a batch; name the --out of one that ran "
            "to its end."
        ) from error
    return rows


def _track(recording: dict[str, Any], tracks: Path) -> Path | None:
    name = recording["track"]
    if name is None:
        return Path(recording["path"])  # it was a landmark track itself
    return TrackStore(tracks).path(Path(name).stem)


def _side(name: str) -> Side | None:
    side = Side(name)
    return None if side is Side.BOTH else side


def _before(row: dict[str, Any], deviations: Counter[str]) -> Judgement:
    return Judgement(
        row["counted"], row["partial"], row["rejected"], row["held_ms"], dict(deviations)
    )


def _targets(row: dict[str, Any]) -> Targets | None:
    found = Targets(
        row["target_goal"],
        row["target_minimum"],
        row["target_limit"],
        row["target_hold_ms"],
        Side(row["target_side"]) if row["target_side"] else None,
        row["target_measure"],
    )
    return None if found.empty else found
