"""Fewer pictures of a video with many, evenly spaced."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def thinned(timed: Iterable[tuple[int, T]], rate_hz: float) -> Iterator[tuple[int, T]]:
    """Yield about ``rate_hz`` items a second of those that have a time in milliseconds.

    The first is kept, and after each kept one the one whose distance from it is nearest to
    ``1000 / rate_hz``. Only times matter, so a video of a steady rate gives a steady one (60 and
    120 give 30, 50 gives 25, 40 stays 40), and where a phone halves its rate in the dark nothing
    is left out. Looks one item ahead.

    Args:
        timed: Times in milliseconds, strictly increasing, each with what it is the time of.
        rate_hz: Items wanted in a second, above 0.
    """
    wanted_ms = 1000.0 / rate_hz
    items = iter(timed)
    kept = next(items, None)
    if kept is None:
        return
    yield kept
    kept_ms = before_ms = kept[0]
    candidate = next(items, None)
    while candidate is not None:
        following = next(items, None)
        now_ms = candidate[0]
        # After the last one, the next would have come as far on as this one did.
        next_ms = following[0] if following is not None else 2 * now_ms - before_ms
        if abs(now_ms - kept_ms - wanted_ms) <= abs(next_ms - kept_ms - wanted_ms):
            yield candidate
            kept_ms = now_ms
        before_ms, candidate = now_ms, following
