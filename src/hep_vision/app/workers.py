"""Work spread over processes, of which one may die without taking the rest along.

    for done in spread(work, items, processes=4, progress=moved):
        done.index, done.value, done.problem

A broken codec or a full memory kills a process, and the standard pool then gives up all it had.
Here what was under way at that moment is tried again, one by one in a process of its own: what
kills that one as well is told as a problem of this item alone.
"""

import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import active_children, get_context, parent_process, resource_tracker
from multiprocessing.managers import SyncManager
from queue import Empty, Queue
from threading import Thread
from typing import Any, Final, Generic, Protocol, TypeVar

_POLL_S: Final = 0.2
_AHEAD: Final = 2
"""Items handed to each process at once: one to work on and one to go on with."""

_LEAST_SHARE: Final = 0.02
"""A smaller step is not worth a message from process to process."""

KILLED: Final = "killed the process that worked on it"
"""The problem of an item that does so even when it is alone."""

Item = TypeVar("Item")
Value = TypeVar("Value")

Report = Callable[[float, int], None]
"""Takes the share of one item that is done, 0..1, and how many frames that is."""

Work = Callable[[Item, Report], Value]
"""Does one item; a function of a module, as it is called in another process."""

Progress = Callable[[int, float, int], None]
"""Takes the position of an item, and what its `Report` was told."""


class Reports(Protocol):
    """Where progress goes from another process."""

    def put(self, moved: tuple[int, float, int], /) -> None:
        """Take what a `Progress` takes."""
        ...


@dataclass(frozen=True, slots=True)
class Done(Generic[Value]):
    """What became of one item.

    Attributes:
        index: Its position.
        value: What the work returned; None where there is a problem.
        problem: Why there is no value; empty where there is one.
    """

    index: int
    value: Value | None = None
    problem: str = ""


def spread(
    work: "Work[Item, Value]",
    items: Sequence[Item],
    *,
    processes: int,
    progress: Progress = lambda _index, _share, _frames: None,
) -> "Generator[Done[Value]]":
    """Yield what became of each item, as soon as it is known; closed early, it ends all processes.

    Args:
        work: What is done with each; an exception of it is a problem of its item.
        items: What is worked on.
        processes: How many work at once; 1 works in this one, which then dies with its item.
        progress: See `Progress`.
    """
    if not items:
        return
    if processes == 1:
        for index, item in enumerate(items):
            yield _here(work, index, item, partial(progress, index))
        return
    with ExitStack() as stack:
        # Of a manager, as one who is killed while writing must not hold a lock of all others.
        manager = SyncManager(ctx=get_context("spawn"))
        with _interrupts_held_back():
            manager.start(_begin_process)
        reports: Queue[tuple[int, float, int]] = stack.enter_context(manager).Queue()
        yield from _Spread(work, items, min(processes, len(items)), reports, progress).run()


def _here(work: "Work[Item, Value]", index: int, item: Item, report: Report) -> "Done[Value]":
    try:
        return Done(index, work(item, report))
    except Exception as error:  # noqa: BLE001 -- one item must not stop the others
        return Done(index, problem=unexpected(error))


def attempt(work: "Work[Item, Value]", index: int, item: Item, reports: Reports) -> "Done[Value]":
    """Do one item where the rest of the spreading is not, and tell ``reports`` of its progress."""
    last_share = 0.0

    def report(share: float, frames: int) -> None:
        nonlocal last_share
        if share - last_share >= _LEAST_SHARE:
            last_share = share
            with suppress(OSError, EOFError):  # nobody listens any more, and the work goes on
                reports.put((index, share, frames))

    return _here(work, index, item, report)


def unexpected(error: BaseException) -> str:
    """Return the problem of an item whose work ended in an error that nobody foresaw."""
    return f"stopped unexpectedly ({type(error).__name__}: {error})"


def _begin_process() -> None:
    """Leave Ctrl-C to the parent, and end when it does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach before they can leave it to the parent.

    A process has the blocked signals of the one that starts it, from its first instruction on.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # it would unblock them when it is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Spread(Generic[Item, Value]):
    """One spreading of items over processes."""

    def __init__(
        self,
        work: "Work[Item, Value]",
        items: Sequence[Item],
        processes: int,
        reports: "Queue[tuple[int, float, int]]",
        progress: Progress,
    ) -> None:
        self._work = work
        self._items = items
        self._processes = processes
        self._reports = reports
        self._progress = progress

    def run(self) -> "Iterator[Done[Value]]":
        waiting = list(reversed(range(len(self._items))))
        while waiting:
            suspects: list[int] = []
            yield from self._pooled(waiting, self._processes, suspects)
            for index in suspects:
                killed: list[int] = []
                yield from self._pooled([index], 1, killed)
                if killed:
                    yield Done(index, problem=KILLED)

    def _pooled(
        self, waiting: list[int], processes: int, suspects: list[int]
    ) -> "Iterator[Done[Value]]":
        """Work off ``waiting`` from its end, until nothing is left or a process dies.

        Whoever was under way then is added to ``suspects``.
        """
        others = set(active_children())
        pool = ProcessPoolExecutor(
            processes, mp_context=get_context("spawn"), initializer=_begin_process
        )
        under_way: dict[Future[Done[Value]], int] = {}
        try:
            while waiting or under_way:
                if not self._fill(pool, waiting, under_way, _AHEAD * processes):
                    break
                finished, _ = wait(under_way, timeout=_POLL_S, return_when=FIRST_COMPLETED)
                self._pass_on()
                if any(isinstance(one.exception(), BrokenProcessPool) for one in finished):
                    break
                for future in finished:
                    yield _outcome(under_way.pop(future), future)
            for future, index in sorted(under_way.items(), key=lambda item: item[1]):
                broken = not future.done() or isinstance(future.exception(), BrokenProcessPool)
                if broken:
                    suspects.append(index)
                else:
                    yield _outcome(index, future)
        except BaseException:
            # Nobody waits for the end of a video that is not wanted any more.
            for child in set(active_children()) - others:
                child.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _fill(
        self,
        pool: ProcessPoolExecutor,
        waiting: list[int],
        under_way: "dict[Future[Done[Value]], int]",
        most: int,
    ) -> bool:
        """Hand out what there is room for; whether the pool still takes anything."""
        while waiting and len(under_way) < most:
            index = waiting[-1]
            try:
                with _interrupts_held_back():  # a process may be started for it
                    future = pool.submit(
                        attempt, self._work, index, self._items[index], self._reports
                    )
            except BrokenProcessPool:
                return False
            waiting.pop()
            under_way[future] = index
        return True

    def _pass_on(self) -> None:
        while True:
            try:
                self._progress(*self._reports.get_nowait())
            except (Empty, OSError, EOFError):
                return


def _outcome(index: int, future: "Future[Done[Any]]") -> "Done[Any]":
    error = future.exception()
    if error is None:
        return future.result()
    return Done(index, problem=unexpected(error))
