"""A server that is killed while it saves: what it said was saved is there, and whole."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx2
import pytest

from hep_vision.exercises.loading import find_exercise
from hep_vision.program.loading import read_program
from hep_vision.store.locations import DATABASE_NAME
from hep_vision.store.sessions import SessionLog
from logged import whole_session
from practised import PROGRAM, enter_program

COMMAND: Final = "from hep_vision.cli.main import run; run()"
KILLED_AFTER: Final = (1, 12)
"""How many saves of each kind are waited for before each kill."""
STUCK_S: Final = 120.0
"""Only a fault of the test takes that long."""


@dataclass
class Saves:
    """The saves of one kind: what was sent, and what the server said it has."""

    sent: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)

    def next(self) -> str:
        self.sent.append(f"save {len(self.sent)}")
        return self.sent[-1]


@dataclass
class Kept:
    """A log that is saved to."""

    folder: Path
    session_id: str
    program_id: str
    saves: dict[str, Saves] = field(
        default_factory=lambda: {kind: Saves() for kind in ("corrections", "verdicts", "programs")}
    )


@dataclass
class Server:
    """A server that runs, with a browser and a program that are let in."""

    process: subprocess.Popen[str]
    origin: str
    browser: httpx2.Client
    program: httpx2.Client


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    folder = tmp_path / "log"
    with SessionLog.open(folder) as log:
        return Kept(folder, whole_session(log), enter_program(log).program_id)


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    token = folder.with_name("token")
    options = ("--therapist", "--no-browser", "--token-file", str(token))
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, "--data-dir", str(folder), "open", *options],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            found = next(filter(None, (re.search(r"http://\S+", line) for line in lines)))
            origin = found.group().partition("/enter")[0]
            bearer = {"authorization": f"Bearer {token.read_text().strip()}"}
            with (
                httpx2.Client(base_url=origin, headers={"origin": origin}, timeout=STUCK_S) as page,
                httpx2.Client(base_url=f"{origin}/api/v1", headers=bearer, timeout=STUCK_S) as asks,
            ):
                assert page.get(found.group()).status_code == 303
                yield Server(process, origin, page, asks)
        finally:
            process.kill()


def correct(kept: Kept, server: Server, note: str) -> int:
    path, body = f"/sessions/{kept.session_id}/corrections", {"count": 3, "note": note}
    return server.program.post(path, json=body).status_code


def decide(kept: Kept, server: Server, note: str) -> int:
    path = f"/sessions/{kept.session_id}/flags/0/knees_in/verdicts"
    return server.program.post(path, json={"finding": "unsure", "note": note}).status_code


def change(kept: Kept, server: Server, note: str) -> int:
    path = f"/programs/{kept.program_id}/versions"
    newest = server.program.get(path, params={"limit": 1}).json()["items"][0]["version"]
    fields = {"text": program_text(note), "based_on": newest}
    answer = server.browser.post(f"/review/programs/{kept.program_id}", data=fields)
    return 201 if answer.headers.get("location", "").endswith("?saved=1") else answer.status_code


def program_text(note: str) -> str:
    """Return a program that is long enough to be cut off somewhere."""
    return PROGRAM + f"# {note}\n" * 2_000


def save_until_it_is_killed(kept: Kept, server: Server, target: int) -> None:
    """Save from three sides at once, and kill the server in the middle of it."""
    saving: dict[str, Callable[[Kept, Server, str], int]] = {
        "corrections": correct,
        "verdicts": decide,
        "programs": change,
    }
    enough = {kind: threading.Event() for kind in saving}

    def save(kind: str) -> None:
        saves, before = kept.saves[kind], len(kept.saves[kind].acknowledged)
        while True:
            note = saves.next()
            try:
                status = saving[kind](kept, server, note)
            except httpx2.TransportError:
                return
            assert status == 201, (kind, note, status)
            saves.acknowledged.append(note)
            if len(saves.acknowledged) - before >= target:
                enough[kind].set()

    with ThreadPoolExecutor(len(saving)) as writers:
        running: list[Future[None]] = [writers.submit(save, kind) for kind in saving]
        reached = [each.wait(STUCK_S) for each in enough.values()]
        server.process.kill()
    for one in running:
        one.result()
    assert all(reached)


def check_whole(folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []


def check_there(kept: Kept, server: Server, kills: int) -> None:
    """Ask the server that runs now for all that the ones before it said was saved."""
    session = f"/sessions/{kept.session_id}"
    corrections = server.program.get(session).json()["corrections"][1:]  # one was there before
    verdicts = listed(server, f"{session}/flags/0/knees_in/verdicts")
    versions = listed(server, f"/programs/{kept.program_id}/versions")[::-1]
    assert [one["version"] for one in versions] == list(range(1, len(versions) + 1))
    plans = []
    for one in versions:
        path = f"/programs/{kept.program_id}/versions/{one['version']}/toml"
        plans.append(server.program.get(path).text)
    assert read_program(plans[-1].encode(), "it", find_exercise).patient == "A. B."
    assert plans.pop(0) == PROGRAM
    notes = [plan.rpartition("# ")[2].strip() for plan in plans]
    assert plans == [program_text(note) for note in notes]
    found = {
        "corrections": [one["note"] for one in corrections],
        "verdicts": [one["note"] for one in verdicts],
        "programs": notes,
    }
    for kind, there in found.items():
        saves = kept.saves[kind]
        # One more may have reached the disk at each kill, of which nobody was told.
        more = [note for note in there if note not in set(saves.acknowledged)]
        assert [note for note in there if note not in more] == saves.acknowledged, kind
        assert there == [note for note in saves.sent if note in set(there)], kind
        assert len(more) <= kills, kind


def listed(server: Server, path: str) -> list[dict[str, object]]:
    items: list[dict[str, object]] = []
    following: str | None = f"/api/v1{path}?limit=200"
    while following is not None:
        page = server.program.get(f"{server.origin}{following}").json()
        items += page["items"]
        following = page["next"]
    return items


def test_what_a_killed_server_said_was_saved_is_there_and_whole(kept: Kept) -> None:
    for kills, target in enumerate(KILLED_AFTER):
        with serving(kept.folder) as server:
            check_there(kept, server, kills)
            save_until_it_is_killed(kept, server, target)
        assert server.process.returncode != 0
        check_whole(kept.folder)
    with serving(kept.folder) as server:
        check_there(kept, server, len(KILLED_AFTER))
        assert correct(kept, server, "after all") == 201
