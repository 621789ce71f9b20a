"""What a therapist has to look at first, over all patients of a log and single recordings too."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from hep_vision.app.concerns import concerns_of
from hep_vision.app.program import FindExercise
from hep_vision.core.form import OVER_LIMIT
from hep_vision.core.pain import PainZones, Zone
from hep_vision.program.concerns import Concern, Kind
from hep_vision.store.inbox import SeenTime
from hep_vision.store.sessions import SessionLog

_URGENCY: Final = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing to look at.

    Attributes:
        kind: Why.
        at: When it was told or seen last.
        sentence: Why it is here, in one sentence.
        patient: Alias in the program; None where there is none.
        sitting_id: The newest sitting that it rests on; None for a recording.
        session_id: The recording; None for a sitting.
        exercise_id: The exercise it is about; None for the whole.
        message: What the patient wrote, where it is about that.
    """

    kind: Kind
    at: datetime
    sentence: str
    patient: str | None
    sitting_id: str | None
    session_id: str | None
    exercise_id: str | None = None
    message: str | None = None


def attention(log: SessionLog, since: datetime, find: FindExercise) -> list[Attention]:
    """Return what has to be looked at, the most urgent first, then the newest.

    Args:
        log: The log.
        since: Only what was told or seen from this moment on, with its offset from UTC.
        find: Gives an exercise by its id.

    Raises:
        StoreError: The log cannot be read.
    """
    programs = log.programs.newest()
    whose = [row.patient for row in programs] if len(programs) > 1 else [None]
    found = [
        _of_sitting(concern, patient or (programs[0].patient if programs else None))
        for patient in dict.fromkeys(whose)
        for concern in concerns_of(log, patient, since, find)
    ]
    # With several programs nobody can say whose a sitting without one is: it stands alone.
    alone = log.inbox.alone_since(since.isoformat(), sittings=len(programs) > 1)
    found += [one for time in alone for one in _of_one(time)]
    found.sort(key=lambda one: one.at, reverse=True)
    return sorted(found, key=lambda one: _URGENCY[one.kind])


def _of_sitting(concern: Concern, patient: str | None) -> Attention:
    newest = concern.evidence[-1].sitting_id
    return Attention(
        concern.kind, concern.at, concern.sentence, patient, newest, None, concern.exercise_id,
        concern.message,
    )  # fmt: skip


def _of_one(time: SeenTime) -> Iterator[Attention]:
    at = datetime.fromisoformat(time.started_at)
    session_id = time.sets[0].session_id if time.sitting_id is None else None

    def one(kind: Kind, sentence: str, exercise_id: str | None = None) -> Attention:
        return Attention(kind, at, sentence, time.patient, time.sitting_id, session_id, exercise_id)

    pain = time.pain_after
    if pain is not None and PainZones().zone(pain) is Zone.RED:
        yield one(Kind.RED_PAIN, f"Pain in the red zone: {pain} after.")
    if time.message and not time.message_read:
        wrote = one(Kind.MESSAGE, f"Wrote: {' / '.join(time.message.splitlines())}")
        yield replace(wrote, message=time.message)
    for done in time.sets:
        beyond = done.flags.get(OVER_LIMIT, 0)
        if beyond:
            times = "once" if beyond == 1 else f"{beyond} times"
            what = f"{done.exercise_id}: beyond the safety limit {times}."
            yield one(Kind.OVER_LIMIT, what, done.exercise_id)
        if done.uncertain:
            what = f"The count is uncertain: {done.exercise_id}."
            yield one(Kind.UNCERTAIN_COUNT, what, done.exercise_id)
