"""Progress as a patient and a therapist type it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hep_vision.store.sessions import SessionLog
from practised import MONDAY, enter_program, practise

Command = Callable[..., Any]


def filled(data_dir: Path) -> None:
    with SessionLog.open(data_dir) as log:
        ref = enter_program(log)
        for ahead in (0, 2, 4, 7, 9, 11):
            practise(log, ref, ahead, peak=50.0 + 4 * ahead, faults=1)


def test_an_empty_log_is_a_friendly_line(hep_vision: Command) -> None:
    ran = hep_vision("progress", "--all")
    assert (ran.code, ran.err) == (0, "")
    assert "Nothing is logged here yet" in ran.out


def test_a_table_says_what_was_done_and_how_far_it_went(
    hep_vision: Command, data_dir: Path
) -> None:
    filled(data_dir)
    ran = hep_vision("progress", "--all")
    assert ran.code == 0
    assert "Progress of A. B." in ran.out
    assert "12 of " in ran.out
    assert "48 of 60" in ran.out
    assert "further" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_json_holds_every_day(hep_vision: Command, data_dir: Path) -> None:
    filled(data_dir)
    document = json.loads(hep_vision("progress", "--all", "-f", "json").out)
    assert document["patient"] == "A. B."
    assert document["adherence"]["sets"]["completed"] == 12
    (course,) = document["exercises"][0]["ranges"]
    assert [one["value"] for one in course["days"]] == [50.0, 58.0, 66.0, 78.0, 86.0, 94.0]
    assert course["change"]["claimed"]
    assert document["days"][0]["date"] == MONDAY.isoformat()
    assert "suggestions" not in document


def test_since_and_exercise_narrow_it_down(hep_vision: Command, data_dir: Path) -> None:
    filled(data_dir)
    since = (MONDAY + timedelta(days=7)).isoformat()
    document = json.loads(
        hep_vision("progress", "-f", "json", "--since", since, "--exercise", "squat").out
    )
    assert document["days"][0]["date"] == since
    ran = hep_vision("progress", "--exercise", "squad")
    assert ran.code == 2
    assert "squat" in ran.err
    assert hep_vision("progress", "--since", "yesterday").code == 2


def test_a_day_to_come_is_empty_and_no_error(hep_vision: Command, data_dir: Path) -> None:
    filled(data_dir)
    ahead = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    assert hep_vision("progress", "--since", ahead).code == 0
    assert json.loads(hep_vision("progress", "--since", ahead, "-f", "json").out)["days"] == []
