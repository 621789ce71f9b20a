"""What is let in to the pages, and what is not."""

import pytest
from starlette.testclient import TestClient

from hep_vision.store.sessions import SessionLog
from hep_vision.web.access import TOKEN_S, Access, Role
from hep_vision.web.guard import LARGEST_BODY_BYTES
from practised import PROGRAM, enter_program

ALIAS = "A. B."


@pytest.fixture(autouse=True)
def program(log: SessionLog) -> None:
    enter_program(log, PROGRAM)


def test_a_token_opens_once_and_not_for_long() -> None:
    now = [0.0]
    access = Access(lambda: now[0])
    first, second = access.token(Role.PATIENT), access.token(Role.THERAPIST)
    session = access.enter(first)
    assert access.role(session) is Role.PATIENT
    assert access.enter(first) is None
    now[0] = TOKEN_S + 1
    assert access.enter(second) is None
    assert access.role(session) is Role.PATIENT  # who is in stays in


@pytest.mark.parametrize("token", ["", "x", "\ud800", "é" * 1000])
def test_what_is_no_token_opens_nothing(token: str) -> None:
    access = Access(lambda: 0.0)
    access.token(Role.PATIENT)
    assert access.enter(token) is None


def test_nothing_is_shown_without_a_session(stranger: TestClient) -> None:
    for path in ("/", "/progress", "/review", "/api/v1/sessions", "/openapi.json", "/none"):
        answer = stranger.get(path)
        assert answer.status_code == 401, path
        assert "hep-vision open" in answer.text
        assert ALIAS not in answer.text
    stranger.cookies.set("hep_vision_8765", "guess")
    assert stranger.get("/").status_code == 401


def test_a_used_address_says_what_to_do(stranger: TestClient, access: Access) -> None:
    token = access.token(Role.PATIENT)
    assert stranger.get("/enter", params={"token": token}).status_code == 200
    stranger.cookies.clear()
    answer = stranger.get("/enter", params={"token": token})
    assert answer.status_code == 401
    assert "used already" in answer.text


def test_the_cookie_is_for_the_browser_alone(stranger: TestClient, access: Access) -> None:
    token = access.token(Role.PATIENT)
    answer = stranger.get("/enter", params={"token": token}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert token not in answer.headers["location"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:80",
        "localhost:8766",
        "127.0.0.1:8765.evil.example",
        "",
    ],
)
def test_another_host_gets_nothing(patient: TestClient, host: str) -> None:
    answer = patient.get("/", headers={"host": host})
    assert answer.status_code == 400
    assert ALIAS not in answer.text


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:8765", ""])
def test_what_another_page_sends_changes_nothing(patient: TestClient, origin: str) -> None:
    assert patient.post("/live/start", headers={"origin": origin}).status_code == 403
    del patient.headers["origin"]
    assert patient.post("/live/start").status_code == 403
    answer = patient.post("/live/start", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_the_patient_does_not_see_the_therapists_pages(patient: TestClient) -> None:
    answer = patient.get("/review")
    assert answer.status_code == 403
    assert "--therapist" in answer.text


def test_every_answer_says_what_a_page_may_load(patient: TestClient) -> None:
    for path in ("/", "/static/style.css", "/none", "/enter"):
        headers = patient.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers
    assert patient.get("/").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/..%2fserver.py",
        "/static//etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_static_files(patient: TestClient, path: str) -> None:
    answer = patient.get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_what_is_too_large_is_refused_before_it_is_read(patient: TestClient) -> None:
    answer = patient.post("/live/start", content=b"x", headers={"content-length": str(2 * 10**9)})
    assert answer.status_code == 413
    assert "1 MB" in answer.text


def test_what_grows_too_large_on_the_way_is_cut_off(patient: TestClient) -> None:
    sent = [0]

    def endless() -> object:
        while sent[0] < 50 * LARGEST_BODY_BYTES:
            sent[0] += 100_000
            yield b"x" * 100_000

    answer = patient.post("/live/key", content=endless())
    assert answer.status_code >= 400


def test_pages_hold_nothing_from_elsewhere(patient: TestClient) -> None:
    text = patient.get("/").text
    assert "//" not in text.replace("<!doctype", "").replace("http://www.w3.org", "")
    assert "<script>" not in text
    assert "style=" not in text
