"""Where the time of an analysis goes: wall and processor time of each stage.

A stage is timed by the thread that does it, so stages of two threads may add up to more than the
whole. Work that a library does in threads of its own (MediaPipe's inference, a decoder with several
threads) is in no stage's processor time, and is what the whole has beyond their sum.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

T = TypeVar("T")

DECODE: Final = "decode"
SCALE: Final = "scale and convert"
WAIT: Final = "wait for a picture"
INFERENCE: Final = "inference"
COUNT: Final = "count"
OVERLAY: Final = "overlay"
LOG: Final = "log"

_ELSEWHERE: Final = (INFERENCE,)
"""Stages whose processor time is spent in a library's own threads."""


@dataclass(frozen=True, slots=True)
class StageTime:
    """What one stage took, in milliseconds of wall and of processor time."""

    name: str
    wall_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Profile:
    """What an analysis took.

    Attributes:
        frames: Pictures that were looked at.
        wall_ms: From the first to the end, without loading the model.
        cpu_ms: Processor time of all threads in that time.
        stages: In the order in which a picture passes them. The processor time of inference is
            what the whole has beyond the other stages.
    """

    frames: int
    wall_ms: float
    cpu_ms: float
    stages: tuple[StageTime, ...]


class Timer(Protocol):
    """Times stages, or does not."""

    def timed(self, stage: str) -> AbstractContextManager[object]:
        """Time the block."""
        ...

    def each(self, stage: str, items: Iterable[T]) -> Iterable[T]:
        """Time the making of every item."""
        ...


class NoTimer:
    """Costs nothing: items pass through as they are."""

    _NOTHING: Final = nullcontext()

    def timed(self, stage: str) -> AbstractContextManager[object]:
        """Do nothing."""
        return self._NOTHING

    def each(self, stage: str, items: Iterable[T]) -> Iterable[T]:
        """Return the items."""
        return items


NO_TIMER: Final = NoTimer()


@dataclass(slots=True)
class _Sum:
    wall_ns: int = 0
    cpu_ns: int = 0


@dataclass(slots=True)
class StageTimer:
    """Adds up what each stage took; a stage belongs to one thread."""

    _began_ns: tuple[int, int] = (0, 0)
    _sums: dict[str, _Sum] = field(
        default_factory=lambda: {
            name: _Sum() for name in (DECODE, SCALE, WAIT, INFERENCE, COUNT, OVERLAY, LOG)
        }
    )

    def begin(self) -> None:
        """Begin the whole, once everything is loaded."""
        self._began_ns = time.perf_counter_ns(), time.process_time_ns()

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time the block."""
        wall_ns, cpu_ns = time.perf_counter_ns(), time.thread_time_ns()
        try:
            yield
        finally:
            total = self._sums[stage]
            total.cpu_ns += time.thread_time_ns() - cpu_ns
            total.wall_ns += time.perf_counter_ns() - wall_ns

    def each(self, stage: str, items: Iterable[T]) -> Iterator[T]:
        """Time the making of every item."""
        iterator = iter(items)
        while True:
            with self.timed(stage):
                item = next(iterator, None)
            if item is None:
                return
            yield item

    def profile(self, frames: int) -> Profile:
        """Return what was measured up to now."""
        wall_ms = (time.perf_counter_ns() - self._began_ns[0]) / 1e6
        cpu_ms = (time.process_time_ns() - self._began_ns[1]) / 1e6
        known_ms = sum(
            one.cpu_ns / 1e6 for name, one in self._sums.items() if name not in _ELSEWHERE
        )
        stages = tuple(
            StageTime(
                name,
                one.wall_ns / 1e6,
                max(0.0, cpu_ms - known_ms) if name in _ELSEWHERE else one.cpu_ns / 1e6,
            )
            for name, one in self._sums.items()
        )
        return Profile(frames, wall_ms, cpu_ms, stages)
