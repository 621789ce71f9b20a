"""How much room clips may take, and for how long they are kept, unless somebody says otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Final

from hep_vision.errors import StoreError
from hep_vision.store.review_records import Pruned
from hep_vision.store.sessions import SessionLog

BUDGET_BYTES: Final = 2_000_000_000
"""Own judgement: some four thousand clips, and little beside what a laptop has."""

RETENTION: Final = timedelta(days=90)
"""Own judgement: longer than the time between two visits, and pictures are not kept for ever."""


def tidy_clips(log: SessionLog) -> tuple[str, ...]:
    """Keep clips within the usual limits; return what to tell of it. Never fails."""
    try:
        pruned = prune_clips(log, BUDGET_BYTES, RETENTION)
    except StoreError as error:
        return (str(error),)
    if not pruned.deleted:
        return ()
    return (f"Old clips deleted to keep room: {len(pruned.deleted)}; see: hep-vision clips prune",)


def prune_clips(log: SessionLog, budget_bytes: int | None, retention: timedelta | None) -> Pruned:
    """Keep clips within limits now; see `hep_vision.store.clips.ClipLog.keep_within`.

    Raises:
        StoreError: The log cannot be read or written.
    """
    return log.clips.keep_within(datetime.now(UTC), budget_bytes=budget_bytes, retention=retention)
