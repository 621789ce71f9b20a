"""A patient before the camera, and a therapist at the desk meanwhile: one server, one log."""

import http.client
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import pytest

import hep_vision
from camera_clips import squats_after_standing
from hep_vision.app.machine_zone import MachineZone
from hep_vision.app.program import import_program
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.schedule import local_day
from hep_vision.store.records import ProgramRef
from hep_vision.store.sessions import SessionLog
from rehearsal import sets_of
from reviewed import FULL, SHORT, recorded

PACKAGES: Final = Path(hep_vision.__file__).parents[1]
RUN: Final = "from hep_vision.cli.main import run; run()"
STUCK_S: Final = 120.0
"""Only a broken server lets a test wait for this long."""
ROUNDS: Final = (2, 8)


@dataclass
class Desk:
    """What is there before both begin."""

    folder: Path
    session_id: str
    program: ProgramRef


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    today = local_day(datetime.now(UTC), MachineZone())
    with SessionLog.open(tmp_path / "log") as log:
        flagged = recorded(log, tmp_path, (FULL, FULL, SHORT))
        return Desk(tmp_path / "log", flagged, enter(log, today))


def enter(log: SessionLog, start: date) -> ProgramRef:
    text = f"""
        patient = "A. B."
        therapist = "C. D."
        start = {start}
        review = {start + timedelta(weeks=6)}
        goals = ["Step 0"]
        [[exercises]]
        id = "squat"
        sets = 1
        reps = 2
        times_per_day = 1
    """
    moment = datetime.now(UTC).isoformat()
    return import_program(log, text.encode(), "it", find_exercise, moment).row.ref


@pytest.fixture
def address(desk: Desk, tmp_path: Path) -> Iterator[str]:
    clip = squats_after_standing(tmp_path / "camera.mp4", 12_000)
    errors = tmp_path / "errors"
    options = ["open", "--therapist", "--no-browser", "--camera", str(clip)]
    with errors.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, "--data-dir", str(desk.folder), *options],
            env=os.environ | {"PYTHONPATH": str(PACKAGES), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        assert process.stdout is not None
        found = None
        while found is None and (line := process.stdout.readline()):
            found = re.search(r"http://\S+", line)
        assert found is not None
        yield found[0]
        process.terminate()
        process.wait(STUCK_S)
        process.stdout.close()
    text = errors.read_text()
    assert "locked" not in text, text
    assert "Traceback" not in text, text


class Visitor:
    """A browser: a connection of its own, and the cookie that it was given."""

    def __init__(self, host: str, stack: ExitStack, cookie: str = "") -> None:
        self.host = host
        self.cookie = cookie
        self._stack = stack
        self._connection = http.client.HTTPConnection(host, timeout=STUCK_S)
        stack.callback(self._connection.close)

    def beside(self) -> "Visitor":
        """Return another tab of the same browser."""
        return Visitor(self.host, self._stack, self.cookie)

    def ask(self, path: str, **form: str) -> http.client.HTTPResponse:
        headers = {"Cookie": self.cookie, "Origin": f"http://{self.host}"}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            self._connection.request("POST", path, urlencode(form), headers)
        else:
            self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        assert answer.status in (200, 204, 303, 404), f"{path}: {answer.status}"
        return answer

    def page(self, path: str) -> str:
        answer = self.ask(path)
        text = answer.read().decode()
        assert answer.status == 200, f"{path}: {text}"
        return text

    def send(self, path: str, **form: str) -> None:
        answer = self.ask(path, **form)
        answer.read()
        assert answer.status == 303, path


@dataclass
class Therapist:
    """Goes round the desk until the session is over, a few times at most."""

    visitor: Visitor
    desk: Desk
    over: threading.Event = field(default_factory=threading.Event)
    rounds: int = 0
    problem: BaseException | None = None

    def __call__(self) -> None:
        try:
            while self.rounds < ROUNDS[0] or (self.rounds < ROUNDS[1] and not self.over.is_set()):
                self._round()
                self.rounds += 1
        except BaseException as error:  # noqa: BLE001 -- told in the test's own thread
            self.problem = error

    def _round(self) -> None:
        session = f"/review/sessions/{self.desk.session_id}"
        program = f"/review/programs/{self.desk.program.program_id}"
        assert session in self.visitor.page("/review?days=60")
        assert "Short of the full range" in self.visitor.page(session)
        finding = ("confirmed", "dismissed")[self.rounds % 2]
        self.visitor.send(
            f"{session}/verdicts", ordinal="2", check_id="incomplete_rom", finding=finding
        )
        text = self.visitor.page(program)
        based_on = re.search(r'name="based_on" value="(\d+)"', text)
        written = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", text, re.DOTALL)
        assert based_on
        assert written
        changed = re.sub(r"Step \d+", f"Step {self.rounds + 1}", unescape(written[1]))
        self.visitor.send(program, text=changed, based_on=based_on[1])


def shown(visitor: Visitor) -> Iterator[dict[str, Any]]:
    """Yield what the page of the session shows, now and then again, until it is over."""
    answer, state = visitor.ask("/live/events"), None
    while line := answer.readline():
        if line.startswith(b"data: "):
            state = json.loads(line.removeprefix(b"data: "))
        if state is not None and state.get("ended"):
            return
        if state is not None and line.strip():
            yield state


@pytest.fixture
def patient(address: str) -> Iterator[Visitor]:
    with ExitStack() as stack:
        yield Visitor(urlsplit(address).netloc, stack)


def test_a_session_and_a_busy_desk_lose_nothing_to_each_other(
    address: str, patient: Visitor, desk: Desk
) -> None:
    answer = patient.ask(f"/enter?{urlsplit(address).query}")
    answer.read()
    patient.cookie = (answer.getheader("set-cookie") or "").split(";")[0]
    therapist = Therapist(patient.beside(), desk)
    pictures: list[bytes] = []

    def watch() -> None:
        stream = patient.beside().ask("/live/stream")
        while line := stream.readline():
            if line.lower().startswith(b"content-length:"):
                stream.readline()
                pictures.append(stream.read(int(line.split(b":")[1]))[:2])

    patient.send("/live/start", start="")
    threads = [threading.Thread(target=one) for one in (watch, therapist)]
    for one in threads:
        one.start()
    counts = [0]
    for state in shown(patient.beside()):
        counts.append(int(state["count"] or 0))
        if state["question"]:
            patient.beside().send("/live/answer", asked=state["form"], do="skip")
        elif state["form"].endswith("space Close"):
            patient.beside().send("/live/key", key="space")
    therapist.over.set()
    for one in threads:
        one.join(STUCK_S)
    assert therapist.problem is None
    assert "The session is over" in patient.beside().page("/live")

    assert set(pictures) == {b"\xff\xd8"}
    # How many the camera can show depends on the machine; what was shown is what is kept.
    sets = [one for one in sets_of(desk.folder) if one.row.header.sitting_id is not None]
    assert sum(one.row.counts.counted for one in sets) == max(counts)
    with SessionLog.open(desk.folder) as log:
        versions = log.programs.versions(desk.program.program_id)
        verdicts = log.verdicts.of_session(desk.session_id)
    assert len(verdicts) == therapist.rounds
    assert [row.ref.number for row in versions] == list(range(1, therapist.rounds + 2))
    assert f"Step {therapist.rounds}" in versions[-1].plan
