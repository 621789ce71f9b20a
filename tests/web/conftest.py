"""The pages without a network: a client that speaks to them as a browser does."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from hep_vision.store.sessions import SessionLog
from hep_vision.web.access import Access, Role
from hep_vision.web.desk import Desk
from hep_vision.web.server import create_app
from practised import moment
from prescriptions import ZONE

PORT = 8765
ORIGIN = f"http://127.0.0.1:{PORT}"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SessionLog]:
    with SessionLog.open(tmp_path / "log") as opened:
        yield opened


@pytest.fixture
def now() -> list[datetime]:
    """The moment that the pages take for the present; change its one element."""
    return [moment(4, 12)]


@pytest.fixture
def access() -> Access:
    return Access(lambda: 0.0)


@pytest.fixture
def stranger(
    log: SessionLog, tmp_path: Path, access: Access, now: list[datetime]
) -> Iterator[TestClient]:
    """A browser that was not let in."""
    desk = Desk(log, tmp_path / "log", zone=ZONE, clock=lambda: now[0])
    app = create_app(desk, access, PORT)
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=True) as client:
        client.headers["origin"] = ORIGIN
        yield client


@pytest.fixture
def enter(stranger: TestClient, access: Access) -> Callable[[Role], TestClient]:
    """Return a function that lets the browser in as somebody."""

    def entered(role: Role) -> TestClient:
        answer = stranger.get("/enter", params={"token": access.token(role)})
        assert answer.status_code in (200, 404)  # where it leads to may not be there yet
        return stranger

    return entered


@pytest.fixture
def patient(enter: Callable[[Role], TestClient]) -> TestClient:
    return enter(Role.PATIENT)


@pytest.fixture
def therapist(enter: Callable[[Role], TestClient]) -> TestClient:
    return enter(Role.THERAPIST)


@pytest.fixture
def program(stranger: TestClient, access: Access) -> TestClient:
    """A program with a token, as a clinic's would be."""
    del stranger.headers["origin"]
    stranger.headers["authorization"] = f"Bearer {access.bearer(Role.THERAPIST)}"
    return stranger
