"""The description of the interface: whole, true, and nothing that it allows makes it fail."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from pydantic import BaseModel
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from starlette.testclient import TestClient

from hep_vision.core.types import ReportKind
from hep_vision.store.sessions import SessionLog
from hep_vision.web.access import Access, Role
from hep_vision.web.desk import Desk
from hep_vision.web.models import programs, sessions
from hep_vision.web.models.progress import Progress
from hep_vision.web.models.shared import Listing, Problem
from hep_vision.web.server import create_app
from logged import bare_session, whole_session
from practised import PROGRAM, enter_program, moment, practise
from prescriptions import ZONE

ORIGIN = "http://127.0.0.1:8765"
FULL_PROGRAM = (
    PROGRAM.replace('days = ["mon", "wed", "fri"]', "times_per_day = 1")
    + 'side = "each"\n[[exercises]]\nid = "stretch_hold"\n'
)
EXAMPLES = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("api") / "log"


@pytest.fixture(scope="module")
def logged(folder: Path) -> Iterator[SessionLog]:
    """A log in which everything is there that an answer can hold."""
    with SessionLog.open(folder) as log:
        ref = enter_program(log)
        for ahead in (0, 2, 4, 7, 9):
            said = dict.fromkeys(ReportKind, 2)
            practise(log, ref, ahead, peak=60.0 + 4 * ahead, faults=4, said=said)
        whole_session(log)
        bare_session(log)
        yield log


@pytest.fixture(scope="module")
def client(logged: SessionLog, folder: Path) -> Iterator[TestClient]:
    access = Access(lambda: 0.0)
    desk = Desk(logged, folder, zone=ZONE, clock=lambda: moment(9, 12))
    with TestClient(create_app(desk, access, 8765), base_url=ORIGIN) as opened:
        opened.headers["authorization"] = f"Bearer {access.bearer(Role.THERAPIST)}"
        yield opened


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def documents(client: TestClient, log: SessionLog) -> Iterator[tuple[type[BaseModel], str]]:
    """Yield addresses, each with what the description says of it."""
    program = log.programs.newest()[0].ref.program_id
    for row in log.sessions():
        yield sessions.Session, f"/sessions/{row.session_id}"
        if row.track_path is not None:
            yield sessions.Track, f"/sessions/{row.session_id}/track"
    for sitting in log.sittings.rows():
        yield sessions.Sitting, f"/sittings/{sitting.sitting_id}"
    for exercise in client.get("/api/v1/exercises?limit=200").json()["items"]:
        yield programs.Exercise, f"/exercises/{exercise['id']}"
    yield programs.Program, f"/programs/{program}"
    yield programs.Today, "/today"
    yield Progress, "/progress"
    yield Problem, "/none"
    lists = {
        "/sessions": sessions.SessionLine,
        "/sittings": sessions.SittingLine,
        "/programs": programs.ProgramLine,
        f"/programs/{program}/versions": programs.ProgramLine,
        "/exercises": programs.ExerciseLine,
        "/suggestions": programs.Suggestion,
    }
    for path, line in lists.items():
        yield Listing[line], path  # type: ignore[valid-type]


def test_every_document_has_the_fields_of_its_description_and_no_others(
    client: TestClient, logged: SessionLog
) -> None:
    for model, path in documents(client, logged):
        text = client.get(f"/api/v1{path}").text
        read = model.model_validate_json(text, strict=True)
        # What is missing is an error above; what nothing describes is not in it here.
        assert read.model_dump(mode="json", by_alias=True, exclude_unset=True) == json.loads(text)


def test_the_documents_of_this_test_fill_every_part(
    client: TestClient, logged: SessionLog
) -> None:
    """A field is only shown to be right where there is one; so no list here is empty for ever."""
    filled: set[str] = set()
    for _, path in documents(client, logged):
        _gather(client.get(f"/api/v1{path}").json(), filled)
    wanted = {"reps", "holds", "deviations", "lost", "corrections", "usual", "targets", "audit"}
    wanted |= {"reports", "sets", "sessions", "items", "due", "week", "ranges", "change"}
    wanted |= {"milestones", "feeling", "calendar", "checks", "evidence", "not_checked", "next"}
    assert wanted <= filled


def _gather(value: Any, filled: set[str]) -> None:
    for one in value.values() if isinstance(value, dict) else value:
        if isinstance(one, dict | list):
            _gather(one, filled)
    if isinstance(value, dict):
        filled |= {key for key, one in value.items() if one not in ([], None, {})}


def test_every_field_says_what_it_means_and_its_unit(described: dict[str, Any]) -> None:
    units = {"_ms": "millisecond", "_m": "metre", "_px": "pixels", "_bytes": "bytes"}
    for name, shape in described["components"]["schemas"].items():
        if "properties" in shape:
            assert shape.get("description"), name
        for key, field in shape.get("properties", {}).items():
            meaning = field.get("description", "")
            assert meaning, f"{name}.{key}"
            for ending, unit in units.items():
                assert not key.endswith(ending) or unit in meaning, f"{name}.{key}"
            assert not key.endswith("_deg") or "unit" in meaning, f"{name}.{key}"


def test_every_route_says_what_it_does_and_how_it_fails(described: dict[str, Any]) -> None:
    for path, item in described["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert {"401", "422", "503"} <= set(operation["responses"]), where
            for parameter in operation.get("parameters", ()):
                assert parameter["description"], f"{where} {parameter['name']}"
            if "{" in path:
                assert "404" in operation["responses"], where


@pytest.fixture(scope="module")
def ids(logged: SessionLog) -> dict[str, str]:
    """What a made-up id hardly ever is."""
    return {
        "session_id": logged.sessions(exercise_id="squat", limit=1)[0].session_id,
        "sitting_id": logged.sittings.rows(1)[0].sitting_id,
        "program_id": logged.programs.newest()[0].ref.program_id,
        "exercise_id": "squat",
    }


@pytest.mark.parametrize("real", [True, False], ids=["real ids", "made-up ids"])
def test_nothing_that_the_description_allows_or_forbids_makes_it_fail(
    client: TestClient, described: dict[str, Any], ids: dict[str, str], real: bool
) -> None:
    schema = schemathesis.openapi.from_dict(
        described, config=SchemathesisConfig.from_dict({"generation": {"exclude-header-characters": "\r\n"}})
    )
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 18
    for operation in operations:
        _try(client, operation, ids if real else {})


def _try(client: TestClient, operation: Any, ids: dict[str, str]) -> None:
    strategy = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    strategy |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @_given(strategy)
    def attempt(case: Case) -> None:
        case.path_parameters |= {
            name: value for name, value in ids.items() if name in (case.path_parameters or {})
        }
        answer = case.call(session=client)
        assert answer.status_code < 500, answer.text
        case.validate_response(answer, checks=CHECKS)

    attempt()


def _given(strategy: Any) -> Callable[[Any], Any]:
    from hypothesis import given

    return given(case=strategy)
