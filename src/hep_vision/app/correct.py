"""Enter what a person says the right count is, beside what was measured."""

from datetime import UTC, datetime

from hep_vision.store.records import Correction, SessionRow
from hep_vision.store.sessions import SessionLog


def correct_count(log: SessionLog, session: str, count: int, note: str | None) -> SessionRow:
    """Return the session with ``count`` entered now.

    Args:
        log: The log that holds it.
        session: Its id, or enough of its beginning.
        count: The right number of repetitions, or of timed holds.
        note: Why, in the person's words, or None.

    Raises:
        StoreError: There is no such session, or more than one; the log cannot be written.
    """
    return log.correct(session, Correction(count, datetime.now(UTC).isoformat(), note))
