"""The log under several processes, and under one that is killed."""

import os
import subprocess
import sys
from pathlib import Path

import hep_vision.store
from hep_vision.core.types import Deviation, Rep, RepStatus, Severity, Side
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import SessionStatus
from hep_vision.store.sessions import SessionLog

PACKAGES = Path(hep_vision.store.__file__).parents[2]

# Says the number of each repetition once `record` has returned.
WRITER = """
import sys
from pathlib import Path
from hep_vision.core.types import Deviation, Rep, RepStatus, Severity, Side, TrackingLost, View
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import SessionHeader, SourceKind, SourceRecord, TrackingQuality
from hep_vision.store.sessions import SessionLog

def rep(number):
    found = tuple(
        Deviation(name, number, Side.LEFT, Severity.WARN, 0, 1, 2.0, 1.0, "deg", "cue")
        for name in ("knees_in", "trunk_lean", "heels_up")
    )
    return Rep(number, Side.LEFT, number * 1000, number * 1000 + 500, number * 1000 + 900,
               RepStatus.COUNTED, None, 90.0, 88.0, None, 500, 400, 0, found, ())

place, count = LogPlace(Path(sys.argv[1]), sys.argv[2] or None), int(sys.argv[3])
source = SourceRecord(SourceKind.VIDEO, "squats.mp4")
with SessionLog.open(place) as log:
    writer = log.begin(SessionHeader("squat", 1, Side.LEFT, source, "2026-03-01T09:30:00Z", "0.1"))
    print(writer.session_id, flush=True)
    if len(sys.argv) > 4:
        sys.stdin.readline()
    for number in range(1, count + 1):
        writer.record(rep(number))
        print(number, flush=True)
    writer.finish("2026-03-01T09:31:00Z", TrackingQuality(1, 1.0, View.FRONT, True))
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(PACKAGES)},
    )


def expected_rep(number: int) -> Rep:
    found = tuple(
        Deviation(name, number, Side.LEFT, Severity.WARN, 0, 1, 2.0, 1.0, "deg", "cue")
        for name in ("knees_in", "trunk_lean", "heels_up")
    )
    start_ms = number * 1000
    return Rep(
        number,
        Side.LEFT,
        start_ms,
        start_ms + 500,
        start_ms + 900,
        RepStatus.COUNTED,
        None,
        90.0,
        88.0,
        None,
        500,
        400,
        0,
        found,
        (),
    )


def test_a_killed_process_loses_at_most_the_repetition_under_way(place: LogPlace) -> None:
    with start(WRITER, place.folder, place.url or "", 1_000_000) as process:
        assert process.stdout is not None
        session_id = process.stdout.readline().strip()
        for _ in range(40):
            process.stdout.readline()
        process.kill()  # SIGKILL, in the middle of its writing
        acknowledged = 40 + len(process.stdout.read().split())
    assert process.returncode != 0

    with SessionLog.open(place) as log:
        (row,) = log.sessions(status=SessionStatus.RUNNING)
        events = log.session(session_id).events
        assert row.session_id == session_id
        assert row.ended_at is None
        assert len(events) in (acknowledged, acknowledged + 1)
        assert row.counts.counted == row.counts.flagged == len(events)
        assert events == tuple(expected_rep(number + 1) for number in range(len(events)))

        log.begin(row.header).discard()  # and the log can still be written


def test_processes_that_write_at_once_lose_nothing(place: LogPlace) -> None:
    count = 30
    processes = [start(WRITER, place.folder, place.url or "", count, "wait") for _ in range(2)]
    ids = []
    for process in processes:
        assert process.stdout is not None
        ids.append(process.stdout.readline().strip())
    for process in processes:  # both have begun: let both go
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
        assert process.returncode == 0

    expected = tuple(expected_rep(number) for number in range(1, count + 1))
    with SessionLog.open(place) as log:
        for session_id in ids:
            detail = log.session(session_id)
            assert detail.row.status is SessionStatus.FINISHED
            assert detail.events == expected


def test_opening_a_log_that_is_up_to_date_needs_no_alembic(tmp_path: Path) -> None:
    SessionLog.open(tmp_path / "log").close()
    script = """
import sys
from pathlib import Path
from hep_vision.store.sessions import SessionLog
SessionLog.open(Path(sys.argv[1])).close()
print("alembic" in sys.modules)
"""
    with start(script, tmp_path / "log") as process:
        output, _ = process.communicate()
    assert output == "False\n"
