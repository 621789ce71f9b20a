"""What is done in other processes of a cluster: deadly work, and a look at what is left."""

import os
import signal
from typing import Any

from hep_vision.app.batch.judging import Job, Outcome
from hep_vision.app.batch.run import judge_all
from hep_vision.app.workers import Report

ONCE, ALWAYS = "kills-once", "kills-always"


def judge_or_die(jobs: tuple[Job, ...], report: Report) -> tuple[Outcome, ...]:
    """Judge recordings, unless one of them kills this process first."""
    for job in jobs:
        path = job.recording.path
        died = path.with_suffix(".died")
        if ALWAYS in path.name or (ONCE in path.name and not died.exists()):
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return judge_all(jobs, report)


def tasks_left(dask_scheduler: Any) -> int:
    """Count what a scheduler still knows of."""
    return len(dask_scheduler.tasks)
