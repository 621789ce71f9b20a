"""Which part of the log is asked for, for whatever reads a long one from end to end."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from hep_vision.store.records import utc_stamp
from hep_vision.store.schema import StoredProgramVersion, StoredSession, StoredSitting


@dataclass(frozen=True, slots=True)
class Selection:
    """A part of the log; None is no bound.

    Attributes:
        since: First moment; see `utc_stamp`.
        until: First moment that is out again.
        exercise_id: The exercise.
        patient: The alias that the newest version of a program has; every version of it counts.
        session_ids: Whole ids of sessions; empty for all.
    """

    since: str | None = None
    until: str | None = None
    exercise_id: str | None = None
    patient: str | None = None
    session_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            moment = getattr(self, name)
            object.__setattr__(self, name, None if moment is None else utc_stamp(moment))

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Selection()


def chosen_sessions(selection: Selection) -> Select[int]:
    """Select the keys of sessions that began in the time, oldest first."""
    return (
        select(StoredSession.key)
        .where(_is_chosen(selection))
        .order_by(StoredSession.started_at, StoredSession.key)
    )


def chosen_sittings(selection: Selection) -> Select[int]:
    """Select the keys of sittings that began in the time, or of which a session is chosen."""
    of_session = (
        select(StoredSession.key)
        .where(StoredSession.sitting_key == StoredSitting.key, _is_chosen(selection))
        .exists()
    )
    began = _within(StoredSitting.started_at, selection)
    by_session = selection.exercise_id is not None or selection.session_ids
    chosen = of_session if by_session else or_(of_session, began)
    return (
        select(StoredSitting.key)
        .where(chosen, _followed(StoredSitting.program_version_key, selection))
        .order_by(StoredSitting.started_at, StoredSitting.key)
    )


def chosen_versions(selection: Selection) -> Select[StoredProgramVersion]:
    """Select the versions of the patient's programs, whenever they held."""
    return (
        select(StoredProgramVersion)
        .where(_followed(StoredProgramVersion.key, selection))
        .order_by(StoredProgramVersion.created_at, StoredProgramVersion.key)
    )


def _is_chosen(selection: Selection) -> ColumnElement[bool]:
    conditions = [_within(StoredSession.started_at, selection)]
    if selection.exercise_id is not None:
        conditions.append(StoredSession.exercise_id == selection.exercise_id)
    if selection.session_ids:
        conditions.append(StoredSession.id.in_(selection.session_ids))
    if selection.patient is not None:
        sittings = aliased(StoredSitting)
        conditions.append(
            StoredSession.sitting_key.in_(
                select(sittings.key).where(_followed(sittings.program_version_key, selection))
            )
        )
    return and_(*conditions)


def _within(moment: InstrumentedAttribute[str], selection: Selection) -> ColumnElement[bool]:
    bounds: list[ColumnElement[bool]] = [true()]
    if selection.since is not None:
        bounds.append(moment >= selection.since)
    if selection.until is not None:
        bounds.append(moment < selection.until)
    return and_(*bounds)


def _followed(
    version_key: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    selection: Selection,
) -> ColumnElement[bool]:
    """Tell whether a version is one of a program of the patient."""
    if selection.patient is None:
        return true()
    newest, every, later = (aliased(StoredProgramVersion) for _ in range(3))
    newest_number = (
        select(func.max(later.number))
        .where(later.program_id == newest.program_id)
        .correlate(newest)
        .scalar_subquery()
    )
    programs = select(newest.program_id).where(
        newest.patient == selection.patient, newest.number == newest_number
    )
    return version_key.in_(select(every.key).where(every.program_id.in_(programs)))
