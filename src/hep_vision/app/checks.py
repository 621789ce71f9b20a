"""How often each check was right by what was said of its flags, over all time and by month."""

from hep_vision.store.review_records import CheckHistory, CheckPrecision
from hep_vision.store.sessions import SessionLog


def check_histories(log: SessionLog, exercise_id: str | None = None) -> list[CheckHistory]:
    """Return every check of which somebody said something, by exercise and check.

    Args:
        log: The log.
        exercise_id: Only of this exercise; None returns all.

    Raises:
        StoreError: The log cannot be read.
    """
    by_check: dict[tuple[str, str], list[tuple[str, CheckPrecision]]] = {}
    for one in log.inbox.verdicts_by_month():
        key = one.verdicts.exercise_id, one.verdicts.check_id
        if exercise_id in (None, key[0]):
            by_check.setdefault(key, []).append((one.month, one.verdicts))
    return [
        CheckHistory(
            CheckPrecision(
                *key,
                sum(one.confirmed for _, one in months),
                sum(one.dismissed for _, one in months),
                sum(one.unsure for _, one in months),
            ),
            tuple(months),
        )
        for key, months in sorted(by_check.items())
    ]
