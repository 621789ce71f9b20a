"""Work that takes longer than somebody waits for a page, one after the other, with its progress.

    jobs = Jobs()
    job = jobs.start(work)              # work(progress) -> result, in a thread of its own
    jobs.find(job.id).share

Nothing of it is kept: what is not fetched is gone with the program.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from hep_vision.errors import HepVisionError

_KEPT: Final = 20
_FAULT: Final = "This is a fault of hep-vision: please report it."

Work = Callable[[Callable[[float], None]], Any]


class Cancelled(HepVisionError):  # noqa: N818 -- what happened, not what went wrong
    """The work was given up."""


@dataclass(slots=True)
class Job:
    """One piece of work.

    Attributes:
        id: Names it; cannot be guessed.
        share: How much of it is done, 0..1.
        done: Whether it is over.
        result: What it came to; None while it is not over, or where it failed.
        problem: In one line why it failed; empty where it did not.
    """

    id: str
    share: float = 0.0
    done: bool = False
    result: Any = None
    problem: str = ""
    given_up: threading.Event = field(default_factory=threading.Event)


class Jobs:
    """The work of one server; one at a time, because a second one would only slow the first."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def start(self, work: Work) -> Job:
        """Begin a piece of work, once those before it are over.

        Args:
            work: Called with what takes the share done, 0..1; raises `HepVisionError` where it
                cannot be done.
        """
        job = Job(secrets.token_urlsafe(16))
        with self._lock:
            self._jobs[job.id] = job
            while len(self._jobs) > _KEPT:
                self._jobs.popitem(last=False)[1].given_up.set()
        threading.Thread(target=self._run, args=(job, work), daemon=True).start()
        return job

    def find(self, job_id: str) -> Job | None:
        """Return a piece of work; None where it is not known, or was long ago."""
        with self._lock:
            return self._jobs.get(job_id)

    def stop(self) -> None:
        """Give up what is under way."""
        with self._lock:
            for job in self._jobs.values():
                job.given_up.set()

    def _run(self, job: Job, work: Work) -> None:
        def progress(share: float) -> None:
            if job.given_up.is_set():
                raise Cancelled("It was given up.")
            job.share = share

        try:
            with self._turn:
                progress(0.0)
                job.result = work(progress)
        except HepVisionError as error:
            job.problem = str(error)
        except Exception as error:  # noqa: BLE001 -- the page has to say that it will not come
            job.problem = f"{_FAULT} ({type(error).__name__}: {error})"
        finally:
            job.done = True
