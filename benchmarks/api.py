"""How long the interface for programs takes to answer about a log, median and 95th percentile.

    python -m benchmarks.api --data-dir DIR [--repeats 20]

Asked over a real connection, one question after the other, by a program of the same process. The
log is only read; `benchmarks.years` fills one with years of sittings.
"""

import argparse
import http.client
import json
import sys
import threading
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from hep_vision.errors import ExitCode, HepVisionError
from hep_vision.store.sessions import SessionLog
from hep_vision.web.access import Access, Role
from hep_vision.web.desk import Desk
from hep_vision.web.server import LOOPBACK, create_app, free_socket, serve

QUESTIONS: Final = (
    ("sessions, 50", "/sessions"),
    ("sessions, 200", "/sessions?limit=200"),
    ("sessions, the last 200", "OLDEST"),
    ("sessions, one exercise", "/sessions?exercise=mini_squat"),
    ("sessions, a status that none has", "/sessions?status=failed"),
    ("session", "/sessions/SESSION"),
    ("sittings, 50", "/sittings"),
    ("sitting", "/sittings/SITTING"),
    ("today", "/today"),
    ("progress, all days", "/progress"),
    ("suggestions", "/suggestions"),
    ("concerns, 28 days", "/concerns"),
    ("flags of a session", "/sessions/SESSION/flags"),
    ("checks", "/checks"),
    ("clips, 50", "/clips"),
    ("exercises, 50", "/exercises"),
)
_PREFIX: Final = "/api/v1"


class Client:
    """A program that asks over one connection."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection(LOOPBACK, port)
        self._headers = {"Authorization": f"Bearer {token}"}

    def read(self, path: str) -> bytes:
        """Return the text of an answer."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {text[:200]!r}")
        return text

    def json(self, path: str) -> Any:
        """Return what an answer says."""
        return json.loads(self.read(path))


def main() -> int:
    """Measure a log and print the table."""
    parser = argparse.ArgumentParser(description="Times of the interface for programs.")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    try:
        with SessionLog.open(options.data_dir) as log:
            Console().print(_measured(log, options.data_dir, options.repeats))
    except HepVisionError as error:
        Console(stderr=True).print(f"api: {error}", markup=False, soft_wrap=True)
        return int(error.exit_code)
    return int(ExitCode.OK)


def _measured(log: SessionLog, folder: Path, repeats: int) -> Table:
    access, bound, ready = Access(time.monotonic), free_socket(), threading.Event()
    port, token = bound.getsockname()[1], access.bearer(Role.THERAPIST)
    app = create_app(Desk(log, folder), access, port)
    threading.Thread(target=serve, args=(app, bound, ready.set), daemon=True).start()
    ready.wait()
    client = Client(port, token)
    places = _places(client)
    table = Table(title=f"{places.pop('NUMBER')} sessions, {repeats} times each", box=None)
    table.add_column("question")
    for heading in ("median ms", "p95 ms", "kB"):
        table.add_column(heading, justify="right")
    for name, path in QUESTIONS:
        address = path if path in places else f"{_PREFIX}{path}"
        for place, value in places.items():
            address = address.replace(place, value)
        text, times_ms = _timed(client, address, repeats)
        p95 = quantiles(times_ms, n=20, method="inclusive")[-1]
        table.add_row(name, f"{median(times_ms):.1f}", f"{p95:.1f}", f"{len(text) / 1000:.1f}")
    return table


def _places(client: Client) -> dict[str, str]:
    """Return what stands in the addresses of `QUESTIONS`, by going through all pages."""
    oldest, number = f"{_PREFIX}/sessions?limit=200", 0
    page = client.json(oldest)
    newest = page["items"][0]["id"]
    while True:
        number += len(page["items"])
        if page["next"] is None:
            break
        oldest = page["next"]
        page = client.json(oldest)
    sitting = client.json(f"{_PREFIX}/sittings?limit=1")["items"][0]["id"]
    return {"OLDEST": oldest, "SESSION": newest, "SITTING": sitting, "NUMBER": str(number)}


def _timed(client: Client, address: str, repeats: int) -> tuple[bytes, list[float]]:
    text, times_ms = client.read(address), []
    for _ in range(repeats):
        began_s = time.perf_counter()
        client.read(address)
        times_ms.append(1000.0 * (time.perf_counter() - began_s))
    return text, times_ms


if __name__ == "__main__":
    sys.exit(main())
