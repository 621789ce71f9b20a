"""The description of the interface: whole, true, and nothing that it allows makes it fail."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of
from pydantic import BaseModel
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from hep_vision.core.types import ReportKind
from hep_vision.store.records import MessageReading
from hep_vision.store.review_records import Finding, Verdict
from hep_vision.store.sessions import SessionLog
from hep_vision.web.access import Access, Role
from hep_vision.web.desk import Desk
from hep_vision.web.models import programs, review, sessions
from hep_vision.web.models.progress import Progress
from hep_vision.web.models.shared import Listing, Problem
from hep_vision.web.server import create_app
from logged import bare_session, keep_clip, whole_session
from practised import PROGRAM, enter_program, moment, practise
from prescriptions import ZONE

ORIGIN = "http://127.0.0.1:8765"
FULL_PROGRAM = (
    PROGRAM.replace('days = ["mon", "wed", "fri"]', "times_per_day = 1")
    + '[[exercises]]\nid = "stretch_hold"\nsets = 1\nreps = 1\ntimes_per_day = 1\n'
)
EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.allow_header_conformance,
    checks.negative_data_rejection,
    checks.positive_data_acceptance,
]


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SessionLog]:
    """A log that nothing changes."""
    with _filled(tmp_path_factory.mktemp("read")) as log:
        yield log


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SessionLog]:
    """A log in which whatever is allowed gets entered."""
    with _filled(tmp_path_factory.mktemp("tried")) as log:
        yield log


def _filled(folder: Path) -> SessionLog:
    """Open a log in which everything is there that an answer can hold."""
    log = SessionLog.open(folder)
    ref = enter_program(log, FULL_PROGRAM)
    for ahead in range(6):
        said = dict.fromkeys(ReportKind, 2)
        sitting_id = practise(log, ref, ahead, peak=60.0 + 6 * ahead, faults=4, said=said)
        log.sittings.say(sitting_id, "It clicks.")
    log.sittings.mark_read(sitting_id, MessageReading(moment(5).isoformat(), "C. D."))
    flagged = whole_session(log)
    keep_clip(log, flagged)
    verdict = Verdict(0, "knees_in", Finding.CONFIRMED, moment(5).isoformat(), "seen")
    log.verdicts.decide(flagged, verdict)
    bare_session(log)
    return log


@pytest.fixture(scope="module")
def access() -> Access:
    return Access(lambda: 0.0)


@pytest.fixture(scope="module")
def token(access: Access) -> dict[str, str]:
    return {"authorization": f"Bearer {access.bearer(Role.THERAPIST)}"}


def _served(log: SessionLog, access: Access) -> ASGIApp:
    desk = Desk(log, Path("nowhere"), zone=ZONE, clock=lambda: moment(5, 12))
    return create_app(desk, access, 8765)


@pytest.fixture(scope="module")
def client(logged: SessionLog, access: Access, token: dict[str, str]) -> Iterator[TestClient]:
    with TestClient(_served(logged, access), base_url=ORIGIN, headers=token) as opened:
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
    for clip in log.clips.rows():
        yield review.Clip, f"/clips/{clip.clip_id}"
        yield review.ClipLandmarks, f"/clips/{clip.clip_id}/landmarks"
        flagged = f"/sessions/{clip.session_id}"
        yield Listing[review.Clip], f"{flagged}/clips"
        yield Listing[review.Flag], f"{flagged}/flags"
        verdicts = f"{flagged}/flags/{clip.clip.ordinal}/{clip.clip.checks[0]}/verdicts"
        yield Listing[review.Verdict], verdicts
    yield review.Concerns, "/concerns"
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
        "/clips": review.Clip,
        "/checks": review.Check,
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


def test_the_documents_of_this_test_fill_every_part(client: TestClient, logged: SessionLog) -> None:
    """A field is only shown to be right where there is one; so no list here is empty for ever."""
    filled: set[str] = set()
    for _, path in documents(client, logged):
        _gather(client.get(f"/api/v1{path}").json(), filled)
    wanted = {"reps", "holds", "deviations", "lost", "corrections", "usual", "targets", "audit"}
    wanted |= {"reports", "sets", "sessions", "items", "due", "week", "ranges", "change"}
    wanted |= {"milestones", "feeling", "calendar", "checks", "evidence", "not_checked", "next"}
    wanted |= {"message_read", "concerns", "suggestions", "verdict", "clip", "months", "frames"}
    wanted |= {"video", "landmarks", "note", "xy", "precision"}
    assert wanted <= filled


def _gather(value: Any, filled: set[str]) -> None:
    for one in value.values() if isinstance(value, dict) else value:
        if isinstance(one, dict | list):
            _gather(one, filled)
    if isinstance(value, dict):
        filled |= {key for key, one in value.items() if one not in ([], None, {})}


def test_every_field_says_what_it_means_and_its_unit(described: dict[str, Any]) -> None:
    units = {"_ms": "millisecond", "_m": "metre", "_px": "pixels", "_bytes": "bytes"}
    schemas = described["components"]["schemas"]
    for name, shape in schemas.items():
        if "properties" in shape:
            assert shape.get("description"), name
        for key, field in shape.get("properties", {}).items():
            # What a field means is left out where it is said of its type in the same words.
            named = schemas.get(field.get("$ref", "").rpartition("/")[2], {})
            meaning = field.get("description") or named.get("description", "")
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


def _ids(log: SessionLog) -> dict[str, Any]:
    """Return what a made-up id hardly ever is."""
    return {
        "session_id": log.clips.rows()[0].session_id,
        "sitting_id": log.sittings.rows(1)[0].sitting_id,
        "program_id": log.programs.newest()[0].ref.program_id,
        "exercise_id": "squat",
        "clip_id": log.clips.rows()[0].clip_id,
        "ordinal": 0,
        "check_id": "knees_in",
    }


@pytest.mark.parametrize("real", [True, False], ids=["real ids", "made-up ids"])
def test_nothing_that_the_description_allows_or_forbids_makes_it_fail(
    tried: SessionLog, access: Access, token: dict[str, str], real: bool
) -> None:
    app, ids = _served(tried, access), _ids(tried) if real else {}
    headers = token | {"host": ORIGIN.removeprefix("http://")}
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=headers)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 29
    for operation in operations:
        names = {parameter.name for parameter in operation.path_parameters}
        if real or names:
            _try(operation, headers, {name: ids[name] for name in names & set(ids)})


def _try(operation: APIOperation, headers: dict[str, str], ids: dict[str, Any]) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(one_of(operation.as_strategy(mode, path_parameters=ids) for mode in GenerationMode))
    def attempt(case: Case) -> None:
        answer = case.call(base_url=ORIGIN, headers=headers)
        # No schema can say which texts are a cursor of ours.
        given_cursor = "cursor" in (case.query or {})
        case.validate_response(
            answer,
            checks=CHECKS,
            excluded_checks=[checks.positive_data_acceptance] if given_cursor else [],
        )

    attempt()
