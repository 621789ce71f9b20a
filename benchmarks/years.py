"""Fill a log with years of sittings, and measure how long what users ask of it takes.

    python -m benchmarks.years --data-dir DIR [--years 5] [--sessions N] [--seed 1]

The rows are made up and written at once, without the engine; readers cannot tell them from real
ones. A log that is there already is measured as it is. Each question is asked five times, each time
in a new process, start-up included; the medians are printed, also over that of ``--version``.
"""

import argparse
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.progress import track as progress
from rich.table import Table
from sqlalchemy import Connection, func, insert, select, text

from hep_vision import __version__
from hep_vision.app.live_plan import sets_due, to_plain
from hep_vision.app.program import import_program
from hep_vision.coach.plan import PlannedSet
from hep_vision.core.definition import Check, RepValue
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import ReportKind, RepStatus, Side, StopReason
from hep_vision.errors import ExitCode, HepVisionError
from hep_vision.exercises.loading import find_exercise
from hep_vision.program.loading import read_program
from hep_vision.program.schedule import ProgramVersion, dues
from hep_vision.store.database import Database
from hep_vision.store.locations import DATABASE_NAME, LogPlace
from hep_vision.store.records import SessionStatus, SourceKind, utc_stamp
from hep_vision.store.schema import (
    SCHEMA_REVISION,
    Base,
    StoredDeviation,
    StoredProgramVersion,
    StoredRep,
    StoredSelfReport,
    StoredSession,
    StoredSitting,
)
from hep_vision.store.sessions import SessionLog

SESSION: Final = "SESSION"
"""Stands for the id of the newest session."""
FOLDER: Final = "FOLDER"
"""Stands for the folder of the log."""
QUESTIONS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("--version", ("--version",)),
    ("today", ("today",)),
    ("progress", ("progress",)),
    ("progress --plot", ("progress", "--plot", f"{FOLDER}/progress.png")),
    ("progress --all", ("progress", "--all")),
    ("concerns", ("concerns",)),
    ("log list", ("log", "list")),
    ("log list, one exercise", ("log", "list", "--exercise", "mini_squat")),
    ("log show", ("log", "show", SESSION)),
    ("program show", ("program", "show")),
    ("program history", ("program", "history")),
    ("program calendar", ("program", "calendar", "--out", f"{FOLDER}/exercises.ics")),
)
REPEATS: Final = 5
_PROGRAM: Final = "from hep_vision.cli.main import run; run()"

EXERCISES: Final = (
    "sit_to_stand",
    "mini_squat",
    "glute_bridge",
    "step_up",
    "standing_march",
)
SETS: Final = 2
REPS: Final = 10
_VERSION_DAYS: Final = 91
_REVIEW_DAYS: Final = 42
_MISSED: Final = 0.08
_FLAGGED: Final = 0.12
_PARTIAL: Final = 0.03
_STOPPED: Final = 0.02
_TALKS: Final = 0.03
_TELLS: Final = 0.7
_MESSAGE: Final = "The stairs went better today."
_FPS: Final = 30
_TEMPO: Final = (RepValue.EFFORT_MS, RepValue.RETURN_MS, RepValue.HOLD_MS)
_DAYS_AT_ONCE: Final = 60
_TABLES: Final = (StoredSitting, StoredSession, StoredRep, StoredDeviation, StoredSelfReport)


def main() -> int:
    """Fill, measure, and return the exit code."""
    options = _options()
    console = Console()
    try:
        if not (options.data_dir / DATABASE_NAME).exists():
            began_s = time.perf_counter()
            days = round(options.years * 365)
            sessions = fill(
                options.data_dir,
                days,
                options.until,
                seed=options.seed,
                sessions=options.sessions,
                console=Console(stderr=True),
            )
            console.print(f"{sessions} sessions in {time.perf_counter() - began_s:.1f} s")
        if not options.fill_only:
            console.print(measure(options.data_dir))
    except HepVisionError as error:
        console.print(f"years: {error}", markup=False, soft_wrap=True)
        return int(error.exit_code)
    return int(ExitCode.OK)


# -- filling --------------------------------------------------------------------------------------


def fill(
    place: Path | LogPlace,
    days: int,
    until: date,
    *,
    seed: int = 1,
    sessions: int | None = None,
    console: Console | None = None,
) -> int:
    """Write a log of so many days, up to the day before ``until``, and return its sessions.

    Args:
        place: Where, in a file or in a database of a server; there must be no log yet.
        days: How many, each with a sitting unless it is missed.
        until: The day after the last.
        seed: Of everything.
        sessions: About how many sessions; more than daily sittings hold are spread over several a
            day.
        console: Where to draw a bar; none is drawn without.
    """
    usual = days * len(EXERCISES) * SETS * (1.0 - _MISSED)
    a_day = max(1, round((sessions or 0) / usual))
    place = LogPlace.of(place)
    plans = _versions(place, days, until, seed)
    batch = _Batch(np.random.default_rng(seed))
    database = Database.at(place, busy_timeout_ms=10_000)
    with database.writing() as session:
        connection = session.connection()
        batch.version_keys = list(
            connection.scalars(
                select(StoredProgramVersion.key).order_by(StoredProgramVersion.number)
            )
        )
        shown = progress(range(days), "Years of sittings", console=console or Console(quiet=True))
        for index in shown:
            if batch.rng.random() >= _MISSED:
                day = until - timedelta(days=days - index)
                for nth in range(a_day):
                    batch.sitting(day, nth, index // _VERSION_DAYS, plans)
            if index % _DAYS_AT_ONCE == 0:
                batch.write(connection)
        batch.write(connection)
        if place.url is not None:
            _count_on(connection)
    database.close()
    return batch.count(StoredSession)


def _count_on(connection: Connection) -> None:
    """Have a server give new rows keys behind those that were written with theirs."""
    for table in _TABLES:
        last = connection.scalar(select(func.max(table.key)))
        sequence = f"pg_get_serial_sequence('{table.__tablename__}', 'key')"
        connection.execute(text(f"SELECT setval({sequence}, {last or 1})"))


def _versions(
    place: LogPlace, days: int, until: date, seed: int
) -> list[tuple[dict[str, Any], tuple[PlannedSet, ...]]]:
    """Enter a version for each quarter; return the plan of a sitting by each."""
    start = until - timedelta(days=days)
    program_id = str(uuid.UUID(int=int(np.random.default_rng([seed, 1]).integers(2**62))))
    plans = []
    with SessionLog.open(place) as log:
        for number, first in enumerate(range(0, days, _VERSION_DAYS)):
            day = start + timedelta(days=first)
            text = _text(start, until + timedelta(days=_REVIEW_DAYS), number)
            moment = datetime.combine(day, time_of_day(6), UTC)
            import_program(
                log, text.encode(), "the program", find_exercise, moment.isoformat(), program_id
            )
            program = read_program(text.encode(), "the program", find_exercise)
            version = ProgramVersion(number + 1, moment, program)
            planned = sets_due(dues((version,), (), day, UTC), place.folder / "exercises")
            plans.append((to_plain(planned), planned))
    return plans


def _text(start: date, review: date, number: int) -> str:
    lines = [
        'patient = "Simulated patient"',
        'therapist = "Simulated therapist"',
        f'goals = ["Climb the stairs without the rail", "Step {number + 1}"]',
        f"start = {start.isoformat()}",
        f"review = {review.isoformat()}",
    ]
    for name in EXERCISES:
        lines += ["", "[[exercises]]", f'id = "{name}"', f"sets = {SETS}", f"reps = {REPS}"]
        lines.append("times_per_day = 1")
        if name == "mini_squat":
            lines.append(f"goal_deg = {50 + number % 12}")
    return "\n".join(lines) + "\n"


@dataclass
class _Batch:
    """Rows that wait to be written, each with the key it will have."""

    rng: np.random.Generator
    version_keys: list[int] = field(default_factory=list)
    rows: dict[type[Base], list[dict[str, Any]]] = field(
        default_factory=lambda: {table: [] for table in _TABLES}
    )
    keys: dict[type[Base], int] = field(default_factory=lambda: dict.fromkeys(_TABLES, 0))

    def count(self, table: type[Base]) -> int:
        """Return how many rows of a table there are so far."""
        return self.keys[table]

    def add(self, table: type[Base], values: Mapping[str, Any]) -> int:
        """Take in a row and return its key."""
        self.keys[table] += 1
        self.rows[table].append({"key": self.keys[table], **values})
        return self.keys[table]

    def write(self, connection: Connection) -> None:
        """Write what waits."""
        for table, rows in self.rows.items():
            if rows:
                connection.execute(insert(table.__table__), rows)
                rows.clear()

    def sitting(
        self,
        day: date,
        nth: int,
        version: int,
        plans: list[tuple[dict[str, Any], tuple[PlannedSet, ...]]],
    ) -> None:
        """Take in one sitting with all that belongs to it."""
        plain, planned = plans[version]
        rng = self.rng
        began = datetime.combine(day, time_of_day(8 + nth % 12, int(rng.integers(60))), UTC)
        done = planned if rng.random() >= _STOPPED else planned[: int(rng.integers(1, 9))]
        whole = len(done) == len(planned)
        lengths_s = 75
        ended = _stamp(began + timedelta(seconds=lengths_s * len(done) + 60))
        key = self.add(
            StoredSitting,
            {
                "id": self._id(),
                "started_at": _stamp(began),
                "ended_at": ended,
                "status": SessionStatus.FINISHED if whole else SessionStatus.INTERRUPTED,
                "plan": plain,
                "stop_reason": None if whole else StopReason.TIRED,
                "message": _MESSAGE if rng.random() < _TALKS else None,
                "hep_vision_version": __version__,
                "program_version_key": self.version_keys[version],
            },
        )
        for index, one in enumerate(done):
            self._set(key, one, began + timedelta(seconds=30 + lengths_s * index))
        self._reports(key, began, ended)

    def _id(self) -> str:
        return str(uuid.UUID(bytes=self.rng.bytes(16), version=4))

    def _reports(self, key: int, began: datetime, ended: str) -> None:
        before = int(self.rng.integers(0, 5))
        said = [
            (ReportKind.PAIN_BEFORE, before, _stamp(began)),
            (ReportKind.PAIN_AFTER, max(0, before + int(self.rng.integers(-1, 3))), ended),
            (ReportKind.EFFORT, int(self.rng.integers(3, 8)), ended),
        ]
        if self.rng.random() < _TELLS:
            morning = _stamp(began + timedelta(hours=22))
            said.append((ReportKind.PAIN_NEXT_MORNING, int(self.rng.integers(0, 4)), morning))
        for kind, value, moment in said:
            values = {"kind": kind, "value": value, "reported_at": moment, "exercise_id": None}
            self.add(StoredSelfReport, {"sitting_key": key, **values})

    def _set(self, sitting_key: int, planned: PlannedSet, began: datetime) -> None:
        exercise = planned.exercise
        duration_ms = 1_000 + REPS * 4_200
        key = self.add(
            StoredSession,
            {
                "id": self._id(),
                "exercise_id": exercise.id,
                "exercise_revision": exercise.revision,
                "side": exercise.side or Side.BOTH,
                "source_kind": SourceKind.WEBCAM,
                "source_path": "0",
                "source_size_bytes": None,
                "source_width_px": 1280,
                "source_height_px": 720,
                "source_duration_ms": None,
                "source_sha256": None,
                "model_name": "full",
                "model_sha256": "0" * 64,
                "hep_vision_version": __version__,
                "mediapipe_version": "0.10.33",
                "schema_revision": SCHEMA_REVISION,
                "started_at": _stamp(began),
                "ended_at": _stamp(began + timedelta(milliseconds=duration_ms)),
                "status": SessionStatus.FINISHED,
                "status_reason": None,
                "frame_count": duration_ms * _FPS // 1000,
                "detected_ratio": 1.0,
                "view": exercise.camera.view,
                "view_ok": True,
                "track_file": None,
                "recount": REPS,
                "uncertain": False,
                "targets": planned.targets.to_plain() if planned.targets else None,
                "personal_range": None,
                "sitting_key": sitting_key,
                "set_number": planned.place,
            },
        )
        self._reps(key, planned)

    def _reps(self, key: int, planned: PlannedSet) -> None:
        shown = planned.exercise.shown
        checks = [one for one in planned.exercise.checks if one.measure not in _TEMPO]
        draws = self.rng.random((REPS + 1, 4))
        number, at_ms = 0, 1_000
        for ordinal in range(REPS + 1):
            partial = number == REPS // 2 and draws[ordinal, 0] < _PARTIAL
            if ordinal == REPS and number == REPS:
                break
            number += not partial
            share = 0.4 if partial else 0.8 + 0.25 * float(draws[ordinal, 1])
            rom = abs(shown.goal - shown.rest) * share
            up_ms, hold_ms, down_ms = 1_400 + int(600 * draws[ordinal, 2]), 200, 1_800
            side = planned.exercise.side or (Side.LEFT if number % 2 else Side.RIGHT)
            end_ms = at_ms + up_ms + hold_ms + down_ms
            rep = {
                "session_key": key,
                "ordinal": ordinal,
                "number": None if partial else number,
                "side": side,
                "start_ms": at_ms,
                "peak_ms": at_ms + up_ms + hold_ms // 2,
                "end_ms": end_ms,
                "status": RepStatus.PARTIAL if partial else RepStatus.COUNTED,
                "reason": "below the smallest range that counts" if partial else None,
                "peak_deg": shown.rest + (shown.goal - shown.rest) * share,
                "rom_deg": rom,
                "uncertainty_deg": MEASURES[shown.measure].uncertainty,
                "concentric_ms": up_ms,
                "eccentric_ms": down_ms,
                "hold_ms": hold_ms,
                "not_checked": [],
            }
            rep_key = self.add(StoredRep, rep)
            if not partial and draws[ordinal, 3] < _FLAGGED:
                check = checks[int(draws[ordinal, 0] * len(checks))]
                self.add(StoredDeviation, _deviation(rep_key, check, rep))
            at_ms = end_ms + 500


def _deviation(rep_key: int, check: Check, rep: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "rep_key": rep_key,
        "hold_key": None,
        "ordinal": 0,
        "check_id": check.id,
        "number": rep["number"],
        "side": rep["side"],
        "severity": check.severity,
        "start_ms": rep["start_ms"],
        "end_ms": rep["end_ms"],
        "value": check.threshold * 1.1,
        "threshold": check.threshold,
        "unit": _unit(check.measure),
        "cue": check.cue,
    }


def _unit(measure: str) -> str:
    if measure in MEASURES:
        return MEASURES[measure].unit
    return "ms" if measure.endswith("_ms") else "ratio"


def _stamp(moment: datetime) -> str:
    return utc_stamp(moment.isoformat())


# -- measuring ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Timed:
    """How long a question took, in seconds; None where it was not answered."""

    name: str
    seconds: float | None


def measure(folder: Path) -> Table:
    """Return the table of times."""
    with SessionLog.open(folder) as log:
        newest = log.sessions(limit=1)[0].session_id
    timed = [Timed(name, _median_s(arguments, folder, newest)) for name, arguments in QUESTIONS]
    unit_s = timed[0].seconds or 1.0
    table = Table(title=f"Median of {REPEATS}, each in a new process", box=None)
    table.add_column("question")
    for heading in ("seconds", "of --version"):
        table.add_column(heading, justify="right")
    for one in timed:
        if one.seconds is None:
            table.add_row(one.name, "not answered", "")
        else:
            table.add_row(one.name, f"{one.seconds:.2f}", f"{one.seconds / unit_s:.1f}")
    return table


def _median_s(arguments: tuple[str, ...], folder: Path, session_id: str) -> float | None:
    command = [sys.executable, "-c", _PROGRAM, "--data-dir", str(folder)]
    places = {SESSION: session_id}
    command += [
        places.get(argument, argument.replace(FOLDER, str(folder))) for argument in arguments
    ]
    times_s = []
    for _ in range(REPEATS):
        began_s = time.perf_counter()
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return None
        times_s.append(time.perf_counter() - began_s)
    return median(times_s)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Times of what users ask of a log of years.")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--years", type=float, default=5.0)
    parser.add_argument("--sessions", type=int, help="more than daily sittings hold")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fill-only", action="store_true", help="measure nothing")
    parser.add_argument(
        "--until",
        type=date.fromisoformat,
        default=datetime.now(UTC).date(),
        help="the day after the last sitting; today by default",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
