"""What the rehearsals share."""

from collections.abc import Callable

import pytest

from hep_vision.app.live_plan import Asked
from hep_vision.app.live_session import LiveResult
from rehearsal import Rehearsal

Hold = Callable[[Rehearsal, Asked | None], LiveResult]


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Hold:
    """Return a function that holds a session in this process."""
    return lambda rehearsal, asked: rehearsal.hold(monkeypatch, asked)
