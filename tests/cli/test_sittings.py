"""Sessions in the log that are sets of a sitting."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hep_vision.core.types import Hold, Side
from hep_vision.store.records import SessionHeader, SourceKind, SourceRecord
from hep_vision.store.sessions import SessionLog

Command = Callable[..., Any]
BEGAN = "2026-03-01T09:30:00Z"


def log_sets(folder: Path, *set_numbers: int | None) -> tuple[str, list[str]]:
    """Log a session for each number, None for one that stands alone; return the ids."""
    source = SourceRecord(SourceKind.WEBCAM, "camera 0")
    ids = []
    with SessionLog.open(folder) as log:
        sitting_id = log.sittings.begin({}, BEGAN, "0.1.0").sitting_id
        for number in set_numbers:
            header = SessionHeader(
                "squat",
                1,
                Side.BOTH,
                source,
                BEGAN,
                "0.1.0",
                sitting_id=None if number is None else sitting_id,
                set_number=number,
            )
            writer = log.begin(header)
            writer.record(Hold(1, Side.BOTH, 0, 30_000, 28_500))
            ids.append(writer.session_id)
    return sitting_id, ids


def test_list_says_which_set_a_session_is(hep_vision: Command, data_dir: Path) -> None:
    _, ids = log_sets(data_dir, 3, None)
    heading, alone, third, *_ = hep_vision("log", "list").out.splitlines()
    assert heading.rstrip().endswith("set")
    assert third.startswith(ids[0][:8])
    assert third.rstrip().endswith("camera 0  3")
    assert alone.rstrip().endswith("camera 0")


def test_list_has_no_column_for_sets_where_there_are_none(
    hep_vision: Command, data_dir: Path
) -> None:
    log_sets(data_dir, None)
    assert hep_vision("log", "list").out.splitlines()[0].rstrip().endswith("source")


def test_show_and_export_name_set_and_sitting(hep_vision: Command, data_dir: Path) -> None:
    sitting_id, (third, alone) = log_sets(data_dir, 3, None)

    for session_id, expected in ((third, (sitting_id, 3)), (alone, (None, None))):
        shown = json.loads(hep_vision("log", "show", session_id).out)
        assert (shown["sitting"], shown["set_number"]) == expected
    exported = json.loads(hep_vision("log", "export", "-f", "json").out)["sessions"]
    assert [(each["sitting"], each["set_number"]) for each in exported] == [
        (None, None),
        (sitting_id, 3),
    ]
    rows = csv.DictReader(io.StringIO(hep_vision("log", "export").out))
    assert [(row["sitting_id"], row["set_number"]) for row in rows] == [
        ("", ""),
        (sitting_id, "3"),
    ]
