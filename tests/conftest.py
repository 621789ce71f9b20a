"""Where a log is kept: in a file, and in a database of a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import servers
from hep_vision.store.locations import LogPlace


@pytest.fixture(autouse=True)
def no_database_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests out of the log of whoever runs them."""
    monkeypatch.delenv("HEP_VISION_DATABASE", raising=False)


@pytest.fixture(scope="session")
def postgres_places() -> "Iterator[servers.Places]":
    """A server for all tests of this process."""
    found = servers.binaries()
    if found is None:
        servers.without_server()
        return
    with servers.running(found) as server:
        yield servers.Places(server)


@pytest.fixture
def postgres_place(postgres_places: servers.Places, tmp_path: Path) -> Iterator[LogPlace]:
    """A new log in a database of a server."""
    name = postgres_places.take()
    yield LogPlace(tmp_path / "data", postgres_places.server.url(name))
    postgres_places.give_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> LogPlace:
    """A new log, of either kind."""
    if request.param == "sqlite":
        return LogPlace(tmp_path / "data")
    made: LogPlace = request.getfixturevalue("postgres_place")
    return made
