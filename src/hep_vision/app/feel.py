"""What a patient tells later: pain and effort of a sitting that is over, and words about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final
from unicodedata import category

from hep_vision.app.program import FindExercise, newest_version, program_by
from hep_vision.coach.asking import LONGEST_MESSAGE
from hep_vision.coach.pain import Advice, advice_after, advice_before
from hep_vision.core.pain import PainZones
from hep_vision.core.types import ReportKind
from hep_vision.errors import FeelingError
from hep_vision.program.schedule import local_day
from hep_vision.store.records import HIGHEST_REPORT, SelfReport, SittingRow
from hep_vision.store.sessions import SessionLog

_MORNING_DAYS: Final = 2
"""How many days back a sitting is asked about: further back nobody remembers. Our own judgement."""


@dataclass(frozen=True, slots=True)
class Feeling:
    """What is told of one sitting; None is what is not.

    Attributes:
        scores: 0 to 10 for each kind, in any order.
        exercise_id: The exercise that all of them are about; None for the whole sitting.
        message: For the therapist.
    """

    scores: tuple[tuple[ReportKind, int], ...] = ()
    exercise_id: str | None = None
    message: str | None = None


def morning_due(
    log: SessionLog, program_id: str | None, now: datetime, zone: tzinfo
) -> SittingRow | None:
    """Return the sitting whose next morning was not told yet: the last one, if it is 1-2 days ago.

    Args:
        log: The log.
        program_id: Only sittings of this program; None takes all.
        now: The present moment.
        zone: The patient's.
    """
    row = log.sittings.newest(program_id)
    if row is None or not row.sets:
        return None
    ago = local_day(now, zone) - local_day(datetime.fromisoformat(row.started_at), zone)
    told = any(said.kind is ReportKind.PAIN_NEXT_MORNING for said in row.reports)
    return row if timedelta(0) < ago <= timedelta(days=_MORNING_DAYS) and not told else None


def sitting_told_of(log: SessionLog, patient: str | None, sitting: str | None) -> SittingRow:
    """Return the sitting that is told of: the one named, or the patient's last one.

    Args:
        log: The log.
        patient: Whose, by the alias in the program; None where there is one program, or none.
        sitting: Its id or the beginning of it, or None.

    Raises:
        FeelingError: There is no sitting yet.
        ProgramError: It is not clear whose is meant.
        StoreError: There is no sitting of this id.
    """
    if sitting is not None:
        return log.sittings.sitting(sitting)
    row = log.sittings.newest(program_of_patient(log, patient))
    if row is None:
        raise FeelingError("There is no sitting yet to tell of; begin with: hep-vision live.")
    return row


def program_of_patient(log: SessionLog, patient: str | None) -> str | None:
    """Return the program whose sittings are this patient's; None where all in the log are.

    Raises:
        ProgramError: It is not clear whose is meant.
    """
    programs = log.programs.newest()
    if not programs and patient is None:
        return None
    program_id = newest_version(log, patient).ref.program_id
    return program_id if len(programs) > 1 else None


def exercises_of(row: SittingRow) -> tuple[str, ...]:
    """Return the ids of the exercises planned or done in a sitting, each once."""
    planned = [str(one.get("exercise")) for one in row.plan.get("sets", [])]
    done = [one.session.header.exercise_id for one in row.sets]
    return tuple(dict.fromkeys((*done, *planned)))


def tell(
    log: SessionLog, row: SittingRow, feeling: Feeling, find: FindExercise, moment: str
) -> tuple[Advice, ...]:
    """Keep what a patient tells of a sitting.

    Args:
        log: The log.
        row: The sitting.
        feeling: What is told.
        find: Gives an exercise by its id.
        moment: When it is told.

    Returns:
        What follows from the pain by the zones of the program, the most urgent last.

    Raises:
        FeelingError: A value is not on the scale, the exercise not in the sitting, or the message
            too long; nothing is kept.
        StoreError: The log cannot be written.
    """
    for objection in objections(row, feeling):
        raise FeelingError(objection)
    for kind, value in feeling.scores:
        log.sittings.report(row.sitting_id, SelfReport(kind, value, moment, feeling.exercise_id))
    if feeling.message is not None and _one_line(feeling.message):
        log.sittings.say(row.sitting_id, _one_line(feeling.message))
    program = program_by(log, row.program, find) if row.program is not None else None
    zones = PainZones() if program is None else program.zones
    return tuple(
        advice
        for kind, value in sorted(feeling.scores, key=lambda said: said[1])
        if (advice := _advice(kind, value, zones)) is not None
    )


def objections(row: SittingRow, feeling: Feeling) -> list[str]:
    """Return what is wrong with what is told, one line each."""
    wrong = [
        f"{value}: expected a whole number from 0 to {HIGHEST_REPORT}."
        for _, value in feeling.scores
        if value not in range(HIGHEST_REPORT + 1)
    ]
    exercises = exercises_of(row)
    if feeling.exercise_id is not None and feeling.exercise_id not in exercises:
        there = ", ".join(exercises) or "none"
        wrong.append(f"{feeling.exercise_id} is not in that sitting; its exercises: {there}.")
    if feeling.exercise_id is not None and not feeling.scores:
        wrong.append("Say how it was with that exercise: add --before, --after or --effort.")
    letters = len(feeling.message or "")
    if letters > LONGEST_MESSAGE:
        wrong.append(
            f"The message has {letters} letters; {LONGEST_MESSAGE} are enough: shorten it, or "
            "send it in parts."
        )
    return wrong


def _advice(kind: ReportKind, value: int, zones: PainZones) -> Advice | None:
    if kind is ReportKind.EFFORT:
        return None
    return (advice_after if kind is ReportKind.PAIN_AFTER else advice_before)(value, zones)


def _one_line(text: str) -> str:
    """Return text without what a terminal would obey instead of showing it."""
    shown = "".join(" " if category(letter) == "Cc" else letter for letter in text)
    return " ".join(shown.split())
