"""Fewer pictures of a video with many, evenly spaced."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from typing import Protocol, TypeVar

T = TypeVar("T")


class Stamped(Protocol):
    """A packet of a video."""

    @property
    def pts(self) -> int | None:
        """Tell the tick at which its picture is shown."""
        ...

    @property
    def dts(self) -> int | None:
        """Tell the tick at which it is decoded."""
        ...


P = TypeVar("P", bound=Stamped)


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


class DecodingPlan:
    """Knows before decoding which pictures `thinned` keeps, from the stamps of the packets.

    Packets come in the order in which they are decoded, and none is shown before it is decoded. So
    once a packet is decoded at a tick, all pictures up to that tick are known.
    """

    def __init__(self, rate_hz: float, to_ms: Callable[[int], int]) -> None:
        """Plan for ``rate_hz`` pictures a second; ``to_ms`` turns ticks into milliseconds."""
        self._rate_hz = rate_hz
        self._to_ms = to_ms
        self._unwanted: set[int] = set()

    def wants(self, tick: int | None) -> bool:
        """Whether a decoded picture is kept; asked once. One that was not planned is."""
        wanted = tick not in self._unwanted
        if wanted and tick is not None:
            # Those that were skipped never come up; pictures come in the order of their ticks.
            self._unwanted = {one for one in self._unwanted if one > tick}
        return wanted

    def look_ahead(self, packets: Iterable[P | None]) -> Iterator[tuple[P | None, bool]]:
        """Yield the packets in their order, each with whether its picture is wanted.

        One without stamps, and the None at the end, is wanted.
        """
        waiting: deque[P | None] = deque()
        kept: set[int] = set()
        for _, tick in thinned(self._times(packets, waiting), self._rate_hz):
            kept.add(tick)
            while waiting and _is_decided(waiting[0], tick):
                yield self._judged(waiting.popleft(), kept)
        while waiting:
            yield self._judged(waiting.popleft(), kept)

    def _judged(self, packet: P | None, kept: set[int]) -> tuple[P | None, bool]:
        if packet is None or packet.pts is None or packet.dts is None:
            return packet, True
        if packet.pts in kept:
            kept.discard(packet.pts)
            return packet, True
        self._unwanted.add(packet.pts)
        return packet, False

    def _times(
        self, packets: Iterable[P | None], waiting: "deque[P | None]"
    ) -> Iterator[tuple[int, int]]:
        """Yield time and tick of each picture in the order they are shown."""
        last_ms = -1
        for tick in _in_order(packets, waiting):
            now_ms = self._to_ms(tick)
            if now_ms > last_ms:
                yield now_ms, tick
                last_ms = now_ms


def _in_order(packets: Iterable[P | None], waiting: "deque[P | None]") -> Iterator[int]:
    """Yield the ticks of pictures as they are shown; packets that were read are put in line."""
    order: list[int] = []
    for packet in packets:
        waiting.append(packet)
        if packet is None or packet.pts is None or packet.dts is None:
            continue
        heappush(order, packet.pts)
        while order and order[0] <= packet.dts:
            yield heappop(order)
    while order:
        yield heappop(order)


def _is_decided(packet: Stamped | None, tick: int) -> bool:
    return packet is not None and (packet.pts is None or packet.pts <= tick)
