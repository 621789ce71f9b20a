"""Made-up logs: a simulated month agrees with its truth, and years of rows read back."""

import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.month.__main__ import simulate
from benchmarks.month.life import live
from benchmarks.years import EXERCISES, REPS, SETS, fill

from hep_vision.app.live_plan import from_plain
from hep_vision.app.program import done_sets, newest_version, program_of
from hep_vision.exercises.loading import find_exercise
from hep_vision.store.locations import DATABASE_NAME
from hep_vision.store.records import SessionStatus
from hep_vision.store.sessions import SessionLog
from month_truth import compare

MONDAY = date(2026, 1, 5)


def rows(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the log, table by table."""
    connection = sqlite3.connect(folder / DATABASE_NAME)
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    found = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names}
    connection.close()
    return found


def test_what_the_patient_meant_is_what_the_log_says(tmp_path: Path) -> None:
    truth = simulate(live(MONDAY, 2, seed=1), tmp_path, 1)
    with SessionLog.open(tmp_path) as log:
        found = compare(log, truth)
        assert len(log.programs.versions(newest_version(log, None).ref.program_id)) == 2
    assert found.sets == 9
    assert not found.wrong_counts
    assert len(found.flagged) >= 3
    assert not found.missed
    assert np.all(np.abs(found.off_deg) <= found.uncertainty_deg)


def test_the_same_seed_gives_the_same_log(tmp_path: Path) -> None:
    logs = []
    for name in ("one", "other"):
        life = live(MONDAY, 1, seed=7)
        short = replace(life.sittings[0], sets=life.sittings[0].sets[:1])
        simulate(replace(life, sittings=(short,)), tmp_path / name, 7)
        logs.append(rows(tmp_path / name))
    assert logs[0] == logs[1]
    assert logs[0]["rep"]


def test_a_month_has_everything_that_a_therapist_would_look_for() -> None:
    life = live(MONDAY, 30, seed=1)
    worst = max(life.sittings, key=lambda one: one.pain_after)
    assert (len(life.versions), worst.pain_after, str(worst.stopped)) == (2, 7, "pain")
    assert worst.message
    assert life.missed
    assert any(one.next_morning is not None for one in life.sittings)
    assert any(
        sum(attempt.full for attempt in task.attempts) < task.planned.reps
        for one in life.sittings
        if one is not worst
        for task in one.sets
    )


@pytest.mark.parametrize("a_day", [1, 2])
def test_years_of_rows_read_back_as_real_ones(tmp_path: Path, a_day: int) -> None:
    days = 18
    sessions = fill(tmp_path, days, MONDAY, sessions=days * a_day * len(EXERCISES) * SETS)
    with SessionLog.open(tmp_path) as log:
        sittings = log.sittings.rows()
        ref = newest_version(log, None).ref
        assert program_of(log.programs.versions(ref.program_id)[0], find_exercise).exercises
        done = done_sets(log.programs.sittings(ref.program_id), find_exercise)
        details = list(log.details())
    assert len(done) == len(details) == sessions
    assert {one.program for one in sittings} == {ref}
    for sitting in sittings:
        planned = from_plain(sitting.plan, tmp_path)
        if sitting.status is SessionStatus.FINISHED:
            assert [one.set_number for one in sitting.sets] == [one.place for one in planned]
    assert all(len(detail.reps) in (REPS, REPS + 1) for detail in details)
    assert all(detail.row.counts.counted == REPS for detail in details)
    assert any(rep.deviations for detail in details for rep in detail.reps)
