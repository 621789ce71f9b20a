"""Programs on this machine: their token, its file, and what they get at."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from hep_vision.errors import OutputTakenError
from hep_vision.web.access import Access, Role
from hep_vision.web.token_file import token_file

ORIGIN = "http://127.0.0.1:8765"
ANYWHERE = "/api/v1/none"  # what lies behind the guard answers 404


@pytest.fixture
def program(stranger: TestClient) -> Iterator[TestClient]:
    """What no browser is: nothing says where it comes from."""
    del stranger.headers["origin"]
    return stranger


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_a_token_lets_a_program_in_again_and_again(program: TestClient, access: Access) -> None:
    headers = bearer(access.bearer(Role.THERAPIST))
    for _ in range(2):
        assert program.get(ANYWHERE, headers=headers).status_code == 404
        assert program.post(ANYWHERE, headers=headers).status_code == 404
    assert program.get(ANYWHERE).status_code == 401


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Bearer guess", "Basic {}", "{}"])
def test_what_is_no_token_lets_nobody_in(program: TestClient, access: Access, value: str) -> None:
    headers = {"authorization": value.format(access.bearer(Role.THERAPIST))}
    assert program.get(ANYWHERE, headers=headers).status_code == 401
    assert program.post(ANYWHERE, headers=headers).status_code == 401


def test_a_wrong_token_is_not_made_up_for_by_a_cookie(therapist: TestClient) -> None:
    assert therapist.get(ANYWHERE).status_code == 404
    assert therapist.get(ANYWHERE, headers=bearer("guess")).status_code == 401


def test_a_token_opens_no_page(program: TestClient, access: Access) -> None:
    for path in ("/", "/review", "/api"):
        answer = program.get(path, headers=bearer(access.bearer(Role.THERAPIST)))
        assert answer.status_code == 401, path


def test_the_address_of_a_page_is_no_token(program: TestClient, access: Access) -> None:
    token = access.token(Role.THERAPIST)
    assert program.get(ANYWHERE, headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": ORIGIN}, 404),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_a_browser_with_a_token_must_come_from_a_page_of_ours(
    program: TestClient, access: Access, headers: dict[str, str], status: int
) -> None:
    headers = headers | bearer(access.bearer(Role.THERAPIST))
    assert program.post(ANYWHERE, headers=headers).status_code == status


def test_a_browser_that_asks_for_leave_to_send_a_token_gets_none(program: TestClient) -> None:
    asks = {
        "origin": "http://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
    }
    answer = program.options(ANYWHERE, headers=asks)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_token_does_not_make_up_for_another_host(program: TestClient, access: Access) -> None:
    headers = bearer(access.bearer(Role.THERAPIST)) | {"host": "evil.example"}
    assert program.get(ANYWHERE, headers=headers).status_code == 400


def test_the_file_is_the_owners_alone_and_goes_with_the_server(
    tmp_path: Path, access: Access
) -> None:
    path, token = tmp_path / "token", access.bearer(Role.THERAPIST)
    with token_file(path, token):
        assert path.read_text().strip() == token
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


def test_a_file_left_behind_is_replaced_and_no_other(tmp_path: Path, access: Access) -> None:
    old, mine = tmp_path / "token", tmp_path / "notes"
    old.write_text(access.bearer(Role.THERAPIST))
    mine.write_text("mine")
    token = access.bearer(Role.THERAPIST)
    with token_file(old, token):
        assert old.read_text().strip() == token
    with pytest.raises(OutputTakenError, match="--token-file"), token_file(mine, token):
        pass
    assert mine.read_text() == "mine"


def test_the_file_of_another_server_is_left_alone(tmp_path: Path, access: Access) -> None:
    path, other = tmp_path / "token", access.bearer(Role.THERAPIST)
    with token_file(path, access.bearer(Role.THERAPIST)):
        path.write_text(other)
    assert path.read_text() == other
