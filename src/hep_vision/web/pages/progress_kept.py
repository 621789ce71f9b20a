"""The progress that a page shows, kept for its plots: a browser asks for them right after it."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Final

from fastapi import Request

from hep_vision.program.overview import Progress

KEPT: Final = timedelta(minutes=10)
"""Long enough for the plots of a page, which are drawn as one comes to them (own judgement); the
page itself is always worked out."""
_MOST: Final = 4
"""Both people's pages, each with two spans of days."""


class KeptProgress:
    """What was shown last, by whose and which days it is of."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[datetime, Progress]] = OrderedDict()
        self._lock = threading.Lock()

    def renewed(self, what: Hashable, now: datetime, work_out: Callable[[], Progress]) -> Progress:
        """Work it out, as the log is now, and keep it."""
        found = work_out()
        with self._lock:
            self._keep(what, now, found)
        return found

    def of(self, what: Hashable, now: datetime, work_out: Callable[[], Progress]) -> Progress:
        """Return what was kept within `KEPT`; else it is worked out, once for all who ask."""
        with self._lock:
            kept = self._kept.get(what)
            if kept is not None and timedelta() <= now - kept[0] < KEPT:
                return kept[1]
            found = work_out()
            self._keep(what, now, found)
            return found

    def _keep(self, what: Hashable, now: datetime, found: Progress) -> None:
        self._kept[what] = (now, found)
        self._kept.move_to_end(what)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)


def kept_progress(request: Request) -> KeptProgress:
    """Return what this server keeps."""
    state = request.app.state
    if not hasattr(state, "progress"):
        state.progress = KeptProgress()
    kept: KeptProgress = state.progress
    return kept
