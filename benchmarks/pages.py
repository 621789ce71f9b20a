"""How long each page of the patient and of the therapist takes to come, and how large it is.

    python -m benchmarks.pages --data-dir DIR [--repeats 20] [--only review]

The server is the command itself in a process of its own; it is asked over one connection that stays
open, one page after the other. What is measured is the answer to the browser's first question, and
apart from it that of what a page loads afterwards. ``benchmarks.years`` fills a log with years of
sittings; where its newest session has no landmarks, a session of half a minute is entered first, so
that a page with a replay and a curve is among them. Nothing else is changed.
"""

import argparse
import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from rich.console import Console
from rich.table import Table

from hep_vision.app.analyse import Task, analyse, find_model
from hep_vision.errors import ExitCode, HepVisionError
from hep_vision.exercises.loading import find_exercise
from hep_vision.store.sessions import SessionLog

PACKAGES: Final = Path(__file__).parents[1] / "src"
RUN: Final = "from hep_vision.cli.main import run; run()"
SLOW_MS: Final = 300.0
"""A page that takes longer is marked (own judgement: it is felt as a wait)."""
EXERCISE: Final = "mini_squat"

PATIENT: Final = (
    ("Today", "/"),
    ("Progress", "/progress"),
    ("Progress, four weeks", "/progress?since=SINCE"),
    ("Progress, one exercise", f"/progress?exercise={EXERCISE}"),
    ("Program", "/program"),
    ("History", "/history"),
    ("History, the 80th page", "/history?p=80"),
    ("One time of it", "/history/SITTING"),
    ("How it felt", "/feel"),
    ("a figure", f"/figures/{EXERCISE}.svg"),
    ("a plot, all days", "/plots/range.svg"),
    ("a plot, four weeks", "/plots/range.svg?since=SINCE"),
)
THERAPIST: Final = (
    ("Inbox", "/review"),
    ("Inbox, 60 days", "/review?days=60"),
    ("Inbox, the 60th page", "/review?number=60"),
    ("Sitting", "/review/sittings/SITTING"),
    ("Session", "/review/sessions/SESSION"),
    ("Session with replay and curve", "/review/sessions/TRACKED"),
    ("Compare", "/review/compare?a=TRACKED&b=OTHER"),
    ("Progress, 90 days", "/review/patient"),
    ("Progress, a year", "/review/patient?days=365"),
    ("Report", "/review/report"),
    ("Programs", "/review/programs"),
    ("A program", "/review/programs/PROGRAM"),
    ("A version of it", "/review/programs/PROGRAM?number=1"),
    ("A new program", "/review/programs/new"),
    ("Exercises", "/review/exercises"),
    ("An exercise", f"/review/exercises/{EXERCISE}"),
    ("Learn an exercise", "/review/exercises/learn"),
    ("Try a target", f"/review/rescore?exercise={EXERCISE}"),
    ("Checks", "/review/checks"),
    ("landmarks", "/review/sessions/TRACKED/landmarks"),
    ("a curve as numbers", "/review/sessions/TRACKED/curve"),
    ("a plot, 90 days", "/review/patient/plots/range.svg"),
)


class Client:
    """A browser without a picture: one connection, one cookie, one question after the other."""

    def __init__(self, address: str) -> None:
        host, path = address.removeprefix("http://").split("/", 1)
        self._connection = http.client.HTTPConnection(host)
        self._cookie = ""
        self._connection.request("GET", f"/{path}")
        answer = self._connection.getresponse()
        answer.read()
        self._cookie = (answer.getheader("set-cookie") or "").split(";")[0]

    def read(self, path: str) -> bytes:
        """Return the text of an answer."""
        self._connection.request("GET", path, headers={"Cookie": self._cookie})
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"pages: {path} answers {answer.status}: {text[:200]!r}")
        return text

    def timed(self, path: str) -> tuple[bytes, float]:
        """Return the text of an answer and how long it took, ms."""
        began_s = time.perf_counter()
        text = self.read(path)
        return text, 1000.0 * (time.perf_counter() - began_s)


@contextmanager
def served(data_dir: Path, *options: str) -> Iterator[str]:
    """Run ``hep-vision open`` in a process of its own, and give the address that it prints."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "--data-dir", str(data_dir), "open", "--no-browser", *options],
        env=os.environ | {"PYTHONPATH": str(PACKAGES)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        found = None
        while found is None and (line := process.stdout.readline()):
            found = re.search(r"http://\S+", line)
        if found is None:
            raise SystemExit("pages: the server did not start.")
        yield found[0]
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


class Times:
    """The times of one page.

    Attributes:
        first_ms: Of the first time, when nothing is at hand yet.
        page_ms: Of the page alone, each time.
        whole_ms: With what it loads, each time.
        page_bytes: Size of the page.
        loads: Addresses that it loads.
        loads_bytes: Their size together.
    """

    def __init__(self, client: Client, path: str, repeats: int) -> None:
        text, self.first_ms = client.timed(path)
        self.page_bytes, self.loads = len(text), _loads(text)
        self.loads_bytes = sum(len(client.read(one)) for one in self.loads)
        self.page_ms: list[float] = []
        self.whole_ms: list[float] = []
        for _ in range(repeats):
            page_ms = client.timed(path)[1]
            self.page_ms.append(page_ms)
            self.whole_ms.append(page_ms + sum(client.timed(one)[1] for one in self.loads))

    def cells(self, name: str) -> tuple[str, ...]:
        """Return a line of the table."""
        p95_ms = quantiles(self.page_ms, n=20, method="inclusive")[-1]
        page_ms, whole_ms = median(self.page_ms), median(self.whole_ms)
        mark = " slow" if page_ms > SLOW_MS else ""
        return (
            f"{name}{mark}",
            *(f"{one:.0f}" for one in (page_ms, p95_ms, self.first_ms)),
            f"{self.page_bytes / 1000:.0f}",
            f"{len(self.loads)}",
            f"{whole_ms:.0f}",
            f"{self.loads_bytes / 1000:.0f}",
        )


def _loads(text: bytes) -> list[str]:
    """Return what a page loads from this server: styles, scripts, pictures."""
    found = re.findall(rb'<(?:link|script|img)[^>]+?(?:href|src)="(/[^"]+)"', text)
    return list(dict.fromkeys(one.decode().replace("&amp;", "&") for one in found))


def prepare(data_dir: Path) -> dict[str, str]:
    """Return what stands in the addresses; enter two sessions with landmarks where none are."""
    with SessionLog.open(data_dir) as log:
        newest = log.sessions(limit=2)
        if any(row.track_path is None for row in newest):
            squat, sample = find_exercise("squat"), PACKAGES.parent / "sample_videos"
            model = find_model("full", data_dir)
            video = analyse(Task(sample / "squat_side.mp4", squat, model=model), log=log)
            assert video.session_id is not None
            track = log.session(video.session_id).row.track_path
            assert track is not None
            analyse(Task(track, squat), log=log)
            newest = log.sessions(limit=2)
        (sitting,) = log.sittings.rows(1)
        days = datetime.now(UTC).date() - timedelta(days=27)
        return {
            "TRACKED": newest[0].session_id,
            "OTHER": newest[1].session_id,
            "SITTING": sitting.sitting_id,
            "SESSION": sitting.sets[0].session.session_id,
            "PROGRAM": log.programs.newest()[0].ref.program_id,
            "SINCE": days.isoformat(),
        }


def main() -> int:
    """Measure the pages of both, and print the tables."""
    parser = argparse.ArgumentParser(description="Times and sizes of the pages.")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--only", default="", help="pages whose address begins so")
    options = parser.parse_args()
    try:
        places = prepare(options.data_dir)
    except HepVisionError as error:
        Console(stderr=True).print(f"pages: {error}", markup=False, soft_wrap=True)
        return int(error.exit_code)
    for who, pages, role in (("patient", PATIENT, ()), ("therapist", THERAPIST, ("--therapist",))):
        table = Table(title=f"The pages of the {who}, {options.repeats} times each", box=None)
        table.add_column("page")
        for heading in ("median ms", "p95 ms", "first ms", "kB", "loads", "with them ms", "kB"):
            table.add_column(heading, justify="right")
        with served(options.data_dir, *role) as address:
            client = Client(address)
            for name, path in pages:
                for place, value in places.items():
                    path = path.replace(place, value)
                if path.startswith(options.only):
                    table.add_row(*Times(client, path, options.repeats).cells(name))
        Console().print(table)
    return int(ExitCode.OK)


if __name__ == "__main__":
    sys.exit(main())
