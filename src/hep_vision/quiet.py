"""Keep what C libraries print from people."""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_STDERR_FD: Final = 2


class _Silence:
    """The standard error of the process, sent nowhere for as long as anyone asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asking = 0
        self._saved: int | None = None

    def begin(self) -> None:
        with self._lock:
            self._asking += 1
            if self._asking == 1:
                self._saved = _swap_for_nothing()

    def end(self) -> None:
        with self._lock:
            self._asking -= 1
            if self._asking == 0 and self._saved is not None:
                os.dup2(self._saved, _STDERR_FD)
                os.close(self._saved)
                self._saved = None


def _swap_for_nothing() -> int | None:
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):  # closed: nothing of it can be lost
            sys.stderr.flush()
    try:
        saved = os.dup(_STDERR_FD)
    except OSError:  # no standard error at all, as in a windowed program
        return None
    with Path(os.devnull).open("wb") as sink:
        os.dup2(sink.fileno(), _STDERR_FD)
    return saved


# One for the process, as the standard error is: two that overlap in different threads, each with
# a copy of its own, would leave the standard error closed for good.
_silence: Final = _Silence()


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Keep what C code writes to the standard error from people, where no setting of it does.

    Affects the whole process while it lasts; any thread may use it, also at the same time.
    """
    _silence.begin()
    try:
        yield
    finally:
        _silence.end()
