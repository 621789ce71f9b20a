"""Work of a batch spread over the workers of a Dask cluster: the only importer of Dask.

    with connected("tcp://host:8786") as client:
        run_batch(listed, wanted, partial(spread_over_cluster, scheduler=client), watch)

Scheduler and workers are those that somebody started; nothing is started here. Dask hands what a
worker had under way when it died to another one, and gives up on it after several deaths
(``distributed.scheduler.allowed-failures``). That may be another one's fault, so what was given up
is tried once more when all else is done, with nothing beside it.
"""

import logging
import pickle
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, cast

from hep_vision.app.batch.judging import Job, Outcome
from hep_vision.app.batch.parcels import (
    Parcel,
    Returned,
    Terms,
    contrary,
    open_parcel,
    packed,
    terms_of,
    tracks_in_sight,
    unpacked,
    versions,
)
from hep_vision.app.workers import KILLED, Done, Progress, Report, attempt, unexpected
from hep_vision.errors import ClusterError

if TYPE_CHECKING:
    from distributed import Client, Future, Worker
    from distributed.security import Security

    Work = Callable[[tuple[Job, ...], Report], tuple[Outcome, ...]]

_REACH_S: Final = 10.0
"""How long is tried to reach a scheduler, and to see a worker there. Own judgement."""

_WORKERLESS_S: Final = 60.0
"""How long is waited for a worker to come back when there is none. Own judgement."""

_POLL_S: Final = 0.2

_LOOK_S: Final = 1.0
"""How often is looked how many workers there are."""

_AHEAD: Final = 2
"""Pieces under way for each thread of the cluster: one to work on and one to go on with."""

_RESUME: Final = "What is done is kept: go on with --resume."


@contextmanager
def connected(address: str) -> "Iterator[Client]":
    """Give the connection to a scheduler while the block lasts; work left over is given up.

    Raises:
        ClusterError: Dask is not installed, or nobody answers there.
    """
    try:
        import dask
        from distributed import Client
        from distributed.versions import VersionMismatchWarning
    except ImportError as error:
        raise ClusterError(
            "a cluster needs Dask, which is not installed; "
            "get it with: pip install 'hep-vision[cluster]'"
        ) from error
    _keep_quiet()
    # Landmarks travel with the work on purpose.
    settings = {"distributed.admin.large-graph-warning-threshold": "1GB"}
    with dask.config.set(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore", VersionMismatchWarning)  # what matters is asked for below
        try:
            security = _security(address)
            client = Client(address, timeout=_REACH_S, security=security, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {address}; check that it runs, the address, "
                "and for tls:// the certificates."
            ) from error
        try:
            yield client
        finally:
            with suppress(OSError):  # there may be nobody to take leave of
                client.close()


def _security(address: str) -> "Security":
    """Return how the connection is encrypted, as Dask is configured on this machine.

    Raises:
        ClusterError: It is to be, and there are no certificates.
        OSError: A certificate cannot be read.
    """
    from distributed.security import Security

    security = Security()
    missing = security.get_connection_args("client")["ssl_context"] is None
    if address.startswith("tls://") and missing:
        raise ClusterError(
            "a tls:// address needs certificates, and Dask knows of none on this machine; "
            "docs/cluster.md says where to name them."
        )
    return security


def spread_over_cluster(
    work: "Work",
    items: "Sequence[tuple[Job, ...]]",
    *,
    scheduler: "Client",
    progress: Progress = lambda _index, _share, _frames: None,
) -> "Generator[Done[tuple[Outcome, ...]]]":
    """Yield what became of each item, as soon as it is known.

    Args:
        work: What is done with each; an exception of it is a problem of its item.
        items: What is worked on.
        scheduler: As `connected` gives it.
        progress: See `hep_vision.app.workers.Progress`.

    Raises:
        ClusterError: There is no worker, one of them would judge otherwise, or the scheduler is
            lost.
        ExportError: What came back cannot be kept.
    """
    if items:
        with terms_of(items) as terms:
            yield from _Spread(work, items, scheduler, progress, terms).run()


class _Spread:
    """One spreading of items over the workers of a cluster."""

    def __init__(
        self,
        work: "Work",
        items: "Sequence[tuple[Job, ...]]",
        client: "Client",
        progress: Progress,
        terms: Terms,
    ) -> None:
        self._work = work
        self._items = items
        self._client = client
        self._progress = progress
        self._terms = terms
        self._waiting = deque(range(len(items)))
        self._suspects: deque[int] = deque()
        self._alone: set[int] = set()
        self._under_way: dict[Future[Any], int] = {}
        self._told: Queue[Future[Any] | tuple[int, float, int]] = Queue()
        self._topic = f"hep-vision-{token_hex(8)}"
        self._looked_s = self._manned_s = time.monotonic()
        self._room = 0

    def run(self) -> "Generator[Done[tuple[Outcome, ...]]]":
        self._tracks_seen = self._inspected()
        try:
            with self._connection():
                self._client.subscribe_topic(self._topic, self._hear_of)
            while self._waiting or self._under_way or self._suspects:
                self._look()
                self._hand_out()
                yield from self._heard()
        finally:
            # A worker cannot be stopped within a video, but takes no other one up.
            with suppress(ClusterError), self._connection():
                self._client.cancel(list(self._under_way), force=True)
                self._client.unsubscribe_topic(self._topic)

    def _inspected(self) -> bool:
        """Whether all workers see the landmark tracks; they, and the scheduler, are fit."""
        client, terms = self._client, self._terms
        with self._connection():
            _wait_for_a_worker(client)
            asked = (terms.versions, terms.model)
            everywhere = client.run(contrary, *asked, on_error="return")
            everywhere["the scheduler"] = _on_scheduler(client)
            seen = client.run(tracks_in_sight, terms, on_error="return")
        for where, found in everywhere.items():
            if isinstance(found, OSError):
                continue  # gone meanwhile
            if isinstance(found, Exception):
                raise ClusterError(
                    f"{where} has no hep-vision, or another one than this machine; "
                    "install the same for scheduler and workers."
                ) from found
            if found:
                raise ClusterError(f"{where}: {found}. Install the same everywhere.")
        return all(one is True for one in seen.values())

    def _look(self) -> None:
        """See how many workers there are, now and then."""
        now_s = time.monotonic()
        if self._room and now_s - self._looked_s < _LOOK_S:
            return
        self._looked_s = now_s
        with self._connection():
            self._room = _AHEAD * sum(self._client.nthreads().values())
        if self._room:
            self._manned_s = now_s
        elif now_s - self._manned_s > _WORKERLESS_S:
            raise ClusterError(f"no worker is left at {_address(self._client)}. {_RESUME}")

    @contextmanager
    def _connection(self) -> Iterator[None]:
        from distributed import CancelledError
        from distributed.client import ClosedClientError

        try:
            if self._client.status != "running":
                raise ConnectionError
            yield
        except (OSError, CancelledError, ClosedClientError) as error:
            raise ClusterError(
                f"lost the scheduler at {_address(self._client)}. {_RESUME}"
            ) from error

    def _hand_out(self) -> None:
        while self._waiting and len(self._under_way) < self._room:
            self._submit(self._waiting.popleft())
        if self._suspects and not self._waiting and not self._under_way:
            self._alone.add(self._suspects[0])
            self._submit(self._suspects.popleft())

    def _submit(self, index: int) -> None:
        parcel = packed(self._items[index], self._terms, tracks_seen=self._tracks_seen)
        # As bytes, which the scheduler need not understand, and the worker only when it is fit.
        content = pickle.dumps((self._work, parcel))
        asked = (self._terms.versions, self._terms.model)
        with self._connection():
            future = self._client.submit(_there, asked, content, index, self._topic, pure=False)
            future.add_done_callback(self._told.put)
        self._under_way[future] = index

    def _hear_of(self, event: tuple[float, list[Any]]) -> None:
        index, share, frames = event[1]
        self._told.put((index, share, frames))

    def _heard(self) -> "Generator[Done[tuple[Outcome, ...]]]":
        """Wait a little for news, and yield what became of an item if that is it."""
        try:
            told = self._told.get(timeout=_POLL_S)
        except Empty:
            with self._connection():
                return
        if isinstance(told, tuple):
            self._progress(*told)
        else:
            yield from self._outcome(self._under_way.pop(told), told)

    def _outcome(self, index: int, future: "Future[Any]") -> "Generator[Done[tuple[Outcome, ...]]]":
        from distributed import KilledWorker

        try:
            with self._connection():
                done: Done[Returned] = future.result()
        except KilledWorker:
            if index in self._alone:
                yield Done(index, problem=KILLED)
            else:
                self._suspects.append(index)
            return
        except ClusterError:
            raise
        except Exception as error:  # noqa: BLE001 -- one item must not stop the others
            yield Done(index, problem=unexpected(error))
            return
        if done.value is None:
            yield Done(index, problem=done.problem)
            return
        outcomes = unpacked(done.value, self._terms)
        self._progress(index, 1.0, sum(one.frames for one in outcomes))
        yield Done(index, outcomes)


def _there(
    asked: tuple[dict[str, str], tuple[str, str] | None], content: bytes, index: int, topic: str
) -> "Done[Returned]":
    """Do one item on a worker."""
    from distributed import get_worker

    if reason := contrary(*asked):
        raise ClusterError(f"{reason}. Install the same everywhere. {_RESUME}")
    worker = get_worker()
    work, parcel = pickle.loads(content)
    opened = partial(_opened, work, Path(worker.local_directory))
    return attempt(opened, index, parcel, _Events(worker, topic))


def _opened(work: "Work", scratch: Path, parcel: Parcel, report: Report) -> Returned:
    return open_parcel(work, parcel, report, scratch)


class _Events:
    """Sends progress from a worker to the client."""

    def __init__(self, worker: "Worker", topic: str) -> None:
        self._worker = worker
        self._topic = topic

    def put(self, moved: tuple[int, float, int], /) -> None:
        """Send how far an item is."""
        self._worker.log_event(self._topic, list(moved))


def _wait_for_a_worker(client: "Client") -> None:
    try:
        client.wait_for_workers(1, timeout=_REACH_S)
    except TimeoutError as error:
        address = _address(client)
        raise ClusterError(
            f"the scheduler at {address} has no worker; start one with: dask worker {address}"
        ) from error


def _on_scheduler(client: "Client") -> str | Exception:
    """Return what stands against the scheduler, which opens the envelopes of the work."""
    try:
        return cast(str, client.run_on_scheduler(contrary, versions(None), None))
    except (ImportError, AttributeError) as error:
        return error


def _address(client: "Client") -> str:
    return str(client.scheduler.address) if client.scheduler is not None else "its address"


def _keep_quiet() -> None:
    """Have Dask's own messages printed nowhere: what a person must know is said by us."""
    for name in ("distributed", "distributed.client", "tornado", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
