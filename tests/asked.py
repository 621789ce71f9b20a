"""Asking the interface for programs, for tests."""

from collections.abc import Iterator
from typing import Any, Final

from starlette.testclient import TestClient

NONE: Final = "00000000-0000-4000-8000-000000000000"


def read(client: TestClient, path: str, **parameters: Any) -> Any:
    answer = client.get(f"/api/v1{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(client: TestClient, path: str, **parameters: Any) -> tuple[int, str]:
    """Return status and line of a problem."""
    answer = client.get(f"/api/v1{path}", params=parameters or None)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    found = answer.json()
    assert found["status"] == answer.status_code
    assert "\n" not in found["detail"]
    return answer.status_code, found["detail"]


def pages(client: TestClient, path: str, **parameters: Any) -> Iterator[list[Any]]:
    """Yield the lines of a list, a page at a time, by the addresses that it gives."""
    page = read(client, path, **parameters)
    while True:
        yield page["items"]
        if page["next"] is None:
            return
        answer = client.get(page["next"])
        assert answer.status_code == 200
        page = answer.json()


def ids(lines: list[Any]) -> list[str]:
    return [line["id"] for line in lines]
