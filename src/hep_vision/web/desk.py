"""What the pages work with: the log, the exercises, the clock; one for each server."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from hep_vision.app.machine_zone import MachineZone
from hep_vision.app.program import FindExercise, finder
from hep_vision.program.schedule import local_day
from hep_vision.store.sessions import SessionLog
from hep_vision.web.access import Role


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a page may ask.

    Attributes:
        log: The log; every request reads it in transactions of its own.
        data_dir: Its folder.
        patient: Whose pages they are; None where the log holds one program.
        zone: The patient's.
        clock: The present moment, with its offset from UTC.
    """

    log: SessionLog
    data_dir: Path
    patient: str | None = None
    zone: tzinfo = field(default_factory=MachineZone)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def find(self) -> FindExercise:
        """Return what finds exercises by their id."""
        return finder(self.data_dir)

    @property
    def today(self) -> date:
        """Return the patient's day."""
        return local_day(self.clock(), self.zone)


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _role(request: Request) -> Role:
    role: Role = request.state.role
    return role


TheDesk = Annotated[Desk, Depends(_desk)]
TheRole = Annotated[Role, Depends(_role)]
