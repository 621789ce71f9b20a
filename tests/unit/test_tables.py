"""The open tables of the log: written, read back, and compared with what was logged."""

import csv
import dataclasses
import hashlib
import json
import math
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hep_vision.exports.tables as module
from hep_vision.app.export import FORMATS, Export, end_moment, first_moment
from hep_vision.core.types import (
    Deviation,
    Hold,
    Rep,
    ReportKind,
    RepStatus,
    Severity,
    Side,
    TrackingLost,
    View,
)
from hep_vision.errors import ExportError
from hep_vision.exports.batch_tables import BATCH_TABLES
from hep_vision.exports.cells import cell_text, text_cell
from hep_vision.exports.clip_json import clip_document
from hep_vision.exports.columns import Kind, Row, Table, described
from hep_vision.exports.table_files import write_csv, write_parquet
from hep_vision.exports.tables import CLIPS, MEASURES, REPS, SITTINGS, TABLES
from hep_vision.store.locations import LogPlace
from hep_vision.store.records import (
    Correction,
    MessageReading,
    ProgramRef,
    SelfReport,
    SessionHeader,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.review_records import ClipRow, ClipState, NewClip
from hep_vision.store.selection import Selection
from hep_vision.store.sessions import SessionLog
from prescriptions import ZONE

NOON, LATER = "2026-03-02T12:00:00.000Z", "2026-03-03T12:00:00.000Z"
ODD = '=cmd()\n"Füße", \u2603\r\n\'end'
KNEES = Deviation("knees_in", 1, Side.LEFT, Severity.WARN, 10, 20, math.inf, 12.0, "deg", ODD)
REP = Rep(
    1, Side.LEFT, 0, 900, 1900, RepStatus.COUNTED, None, -4.25, math.nan, None, 900, 1000, 0,
    (KNEES,), ("heels_up", "trunk_lean"),
)  # fmt: skip
HOLD = Hold(1, Side.BOTH, 3000, 9000, 5500)
LOST = TrackingLost(2000, 2500)


@pytest.fixture
def log(place: LogPlace) -> Iterator[SessionLog]:
    with SessionLog.open(place) as opened:
        yield opened


def logged(
    log: SessionLog, moment: str, program: ProgramRef | None = None, exercise: str = "squat"
) -> str:
    """Enter a sitting of one set; return the id of the session."""
    sitting = log.sittings.begin({"sets": []}, moment, "0.1.0", program)
    sitting.say(ODD)
    sitting.report(SelfReport(ReportKind.PAIN_BEFORE, 2, moment, exercise))
    source = SourceRecord(SourceKind.WEBCAM, ODD)
    writer = log.begin(
        SessionHeader(
            exercise, 3, Side.LEFT, source, moment, "0.1.0", sitting_id=sitting.sitting_id,
            set_number=1,
        )
    )  # fmt: skip
    for event in (REP, LOST, HOLD):
        writer.record(event)
    writer.finish(LATER, TrackingQuality(90, None, View.SIDE, True))
    log.correct(writer.session_id, Correction(5, LATER, ODD))
    keep_clip(log, writer.session_id, moment)
    sitting.finish(LATER)
    return writer.session_id


def keep_clip(log: SessionLog, session_id: str, moment: str) -> ClipRow:
    """Keep a clip of the first event, which is none that can be played."""
    draft = log.clips.draft()
    draft.write_bytes(b"film")
    clip = NewClip(0, 1, ("knees_in", "over_limit"), 0, 2900, 64, 48, 12.5, True, moment)
    return log.clips.add(session_id, clip, draft)


def exported(log: SessionLog, place: Path, kind: str, **parts: Any) -> Path:
    FORMATS[kind].write(
        Export(log, parts.pop("selection", Selection()), place / "none", **parts), place
    )
    return place


def of_csv(folder: Path, table: Table) -> list[dict[str, object]]:
    with (folder / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            {column.name: from_cell(row[column.name], column.kind) for column in table.columns}
            for row in csv.DictReader(file)
        ]


def from_cell(cell: str, kind: Kind) -> object:
    if kind is Kind.TEXTS:
        return cell.split()
    if not cell:
        return None
    read: dict[Kind, Callable[[str], object]] = {
        Kind.WHOLE: int,
        Kind.NUMBER: float,
        Kind.TRUTH: {"true": True, "false": False}.__getitem__,
        Kind.MOMENT: datetime.fromisoformat,
    }
    return read.get(kind, cell_text)(cell)


def of_parquet(folder: Path, table: Table) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pq.read_table(folder / f"{table.name}.parquet").to_pylist()
    return rows


READERS = {"csv": of_csv, "parquet": of_parquet}
each_folder = pytest.mark.parametrize("kind", READERS)
each_format = pytest.mark.parametrize("kind", FORMATS)
each_format_of_events = pytest.mark.parametrize("kind", sorted({*FORMATS} - {"mot", "trc"}))


@each_folder
def test_every_table_comes_back_as_it_was_logged(
    log: SessionLog, tmp_path: Path, kind: str
) -> None:
    version, _ = log.programs.enter(ODD, "Ann", NOON)
    session_id = logged(log, NOON, version.ref)
    (sitting,) = log.sittings.rows()
    log.sittings.mark_read(sitting.sitting_id, MessageReading(LATER, ODD))
    (clip,) = log.clips.rows()
    folder = exported(log, tmp_path / "out", kind)
    noon, later = map(datetime.fromisoformat, (NOON, LATER))
    ref = {"program_id": version.ref.program_id, "program_version": 1}
    found = {table.name: READERS[kind](folder, table) for table in TABLES}

    (session,) = found.pop("sessions")
    expected = ref | {
        "session_id": session_id,
        "sitting_id": sitting.sitting_id,
        "exercise_revision": 3,
        "started_at": noon,
        "counted": 1,
        "holds": 1,
        "held_ms": 5500,
        "corrected": 5,
        "target_goal": None,
        "uncertain": None,
        "detected_ratio": None,
        "view": "side",
        "view_ok": True,
        "source_path": ODD,
    }
    assert {name: session[name] for name in expected} == expected
    in_session = {"session_id": session_id}
    assert found == {
        "programs": [
            ref | {"patient": "Ann", "valid_from": noon, "created_at": noon, "plan": ODD}
        ],
        "sittings": [
            ref | {
                "sitting_id": sitting.sitting_id, "started_at": noon, "ended_at": later,
                "status": "finished", "stop_reason": None, "message": ODD,
                "message_read_at": later, "message_read_by": ODD,
                "hep_vision_version": "0.1.0",
            }
        ],
        "reports": [
            {
                "sitting_id": sitting.sitting_id, "entry": 1, "kind": "pain_before", "value": 2,
                "exercise_id": "squat", "reported_at": noon,
            }
        ],
        "reps": [
            in_session | {
                "event": 1, "number": 1, "side": "left", "status": "counted", "reason": None,
                "start_ms": 0, "peak_ms": 900, "end_ms": 1900, "peak_deg": -4.25, "rom_deg": None,
                "uncertainty_deg": None, "concentric_ms": 900, "eccentric_ms": 1000, "hold_ms": 0,
                "deviations": ["knees_in"], "not_checked": ["heels_up", "trunk_lean"],
            }
        ],
        "holds": [
            in_session | {
                "event": 3, "number": 1, "side": "both", "start_ms": 3000, "end_ms": 9000,
                "counted_ms": 5500, "deviations": [], "not_checked": [],
            }
        ],
        "deviations": [
            in_session | {
                "of": "rep", "event": 1, "id": "knees_in", "number": 1, "side": "left",
                "severity": "warn", "start_ms": 10, "end_ms": 20, "value": None, "threshold": 12.0,
                "unit": "deg", "cue": ODD,
            }
        ],
        "tracking_losses": [in_session | {"event": 2, "start_ms": 2000, "end_ms": 2500}],
        "corrections": [
            in_session | {"entry": 1, "count": 5, "corrected_at": later, "note": ODD}
        ],
        "clips": [
            in_session | {
                "clip_id": clip.clip_id, "event": 1, "number": 1,
                "checks": ["knees_in", "over_limit"], "file": f"{clip.clip_id}.mp4",
                "sha256": hashlib.sha256(b"film").hexdigest(), "size_bytes": 4, "start_ms": 0,
                "end_ms": 2900, "width_px": 64, "height_px": 48, "fps": 12.5, "blurred": True,
                "created_at": noon, "state": "whole",
            }
        ],
    }  # fmt: skip


def test_json_holds_programs_sittings_and_sessions(log: SessionLog, tmp_path: Path) -> None:
    version, _ = log.programs.enter(ODD, "Ann", NOON)
    session_id = logged(log, NOON, version.ref)
    document = json.loads(exported(log, tmp_path / "out.json", "json").read_text())
    ref = {"id": version.ref.program_id, "version": 1}
    assert document["schema"] == 1
    assert document["programs"][0] | ref == document["programs"][0]
    (sitting,), (session,) = document["sittings"], document["sessions"]
    assert (sitting["program"], sitting["message"], sitting["plan"]) == (ref, ODD, {"sets": []})
    assert sitting["reports"][0]["value"] == 2
    assert (session["id"], session["program"], session["sitting"]) == (
        session_id,
        ref,
        sitting["id"],
    )
    assert session["reps"][0]["rom_deg"] is None
    assert "measures" not in session
    assert sitting["message_read"] is None
    (row,) = log.clips.rows()
    assert document["clips"] == [clip_document(row, ClipState.WHOLE)]


@each_folder
def test_clips_are_those_of_the_chosen_sessions_and_say_what_became_of_their_files(
    log: SessionLog, tmp_path: Path, kind: str
) -> None:
    first, second = logged(log, NOON), logged(log, LATER)
    logged(log, LATER, exercise="bridge")
    missing, damaged = (log.clips.path(log.clips.rows(one)[0]) for one in (first, second))
    missing.unlink()
    damaged.write_bytes(b"folm")
    chosen = Selection(exercise_id="squat")
    found = READERS[kind](exported(log, tmp_path / "out", kind, selection=chosen), CLIPS)
    assert [(one["session_id"], one["file"], one["state"]) for one in found] == [
        (first, missing.name, "missing"),
        (second, damaged.name, "damaged"),
    ]
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [f".{kind}"] * len(
        TABLES
    )


@each_folder
def test_a_message_with_new_words_is_exported_as_unread(
    log: SessionLog, tmp_path: Path, kind: str
) -> None:
    logged(log, NOON)
    (sitting,) = log.sittings.rows()
    log.sittings.mark_read(sitting.sitting_id, MessageReading(LATER))
    log.sittings.say(sitting.sitting_id, "And it clicks.")
    (found,) = READERS[kind](exported(log, tmp_path / "out", kind), SITTINGS)
    assert (found["message_read_at"], found["message_read_by"]) == (None, None)


@each_format_of_events
def test_the_same_log_gives_the_same_bytes_and_an_export_replaces_an_older_one(
    log: SessionLog, tmp_path: Path, kind: str
) -> None:
    logged(log, NOON)
    logged(log, LATER)
    first, again = (exported(log, tmp_path / name, kind) for name in ("a", "b"))
    assert bytes_of(first) == bytes_of(again)
    logged(log, LATER)
    assert bytes_of(exported(log, first, kind)) != bytes_of(again)
    assert {path.name for path in tmp_path.iterdir()} - {"data"} == {"a", "b"}
    if os.name == "posix":
        files = list(first.iterdir()) if first.is_dir() else [first]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert not stat.S_IMODE(first.stat().st_mode) & 0o077


def bytes_of(place: Path) -> dict[str, bytes]:
    files = place.iterdir() if place.is_dir() else [place]
    return {file.name if place.is_dir() else "": file.read_bytes() for file in files}


@each_folder
def test_of_nothing_there_are_the_headings(log: SessionLog, tmp_path: Path, kind: str) -> None:
    folder = exported(log, tmp_path / "out", kind, measures=True)
    assert all(READERS[kind](folder, table) == [] for table in (*TABLES, MEASURES))
    assert len(list(folder.iterdir())) == len(TABLES) + 1


def test_parquet_says_types_units_and_the_schema(log: SessionLog, tmp_path: Path) -> None:
    schema = pq.read_schema(exported(log, tmp_path / "out", "parquet") / "sessions.parquet")
    assert schema.field("started_at").type == pa.timestamp("ms", tz="UTC")
    assert schema.field("view_ok").type == pa.bool_()
    assert schema.field("held_ms").type == pa.int64()
    assert schema.field("held_ms").metadata[b"unit"] == b"ms"
    assert schema.metadata[b"hep_vision.schema"] == b"1"


def ids(log: SessionLog, **selection: str) -> list[str]:
    return [found.row.session_id for found in log.chosen(Selection(**selection))]


def test_a_patient_is_who_the_newest_version_of_a_program_names(log: SessionLog) -> None:
    old, _ = log.programs.enter("a", "Ann", NOON)
    new, _ = log.programs.enter("b", "Anna", LATER, old.ref.program_id)
    bob, _ = log.programs.enter("c", "Bob", LATER)
    first, second = logged(log, NOON, old.ref), logged(log, LATER, new.ref)
    logged(log, LATER, bob.ref)
    logged(log, LATER)
    assert ids(log, patient="Anna") == [first, second]
    assert ids(log, patient="Ann") == []
    assert [row.program for row in log.sittings.chosen(Selection(patient="Anna"))] == [
        old.ref,
        new.ref,
    ]
    assert log.programs.chosen(Selection(patient="Anna")) == [old, new]


def test_an_exercise_brings_its_sittings(log: SessionLog) -> None:
    logged(log, NOON)
    bridge = logged(log, LATER, exercise="bridge")
    assert ids(log, exercise_id="bridge") == [bridge]
    (sitting,) = log.sittings.chosen(Selection(exercise_id="bridge"))
    assert sitting.started_at == LATER


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-03-02", "2026-03-01T23:00:00.000Z", "2026-03-02T22:59:59.999Z"),
        ("2026-03-29", "2026-03-28T23:00:00.000Z", "2026-03-29T21:59:59.999Z"),  # 23 hours
        ("2026-10-25", "2026-10-24T22:00:00.000Z", "2026-10-25T22:59:59.999Z"),  # 25 hours
    ],
)
def test_a_day_is_the_patients_from_its_first_moment_to_its_last(
    log: SessionLog, day: str, first: str, last: str
) -> None:
    def step(stamp: str, ms: int) -> str:
        moment = datetime.fromisoformat(stamp).timestamp() + ms / 1000
        return datetime.fromtimestamp(moment, UTC).isoformat()

    logged(log, step(first, -1))
    inside = [logged(log, first), logged(log, last)]
    logged(log, step(last, 1))
    assert ids(log, since=first_moment(day, ZONE), until=end_moment(day, ZONE)) == inside


def test_a_moment_is_taken_as_it_is() -> None:
    assert first_moment("2026-03-02T08:00", ZONE) == "2026-03-02T07:00:00+00:00"
    assert end_moment("2026-03-02T08:00:00Z", ZONE) == "2026-03-02T08:00:00+00:00"
    with pytest.raises(ValueError, match="tomorrow"):
        first_moment("tomorrow", ZONE)


def test_no_more_than_a_batch_is_read_ahead(
    log: SessionLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(7):
        logged(log, NOON)
    monkeypatch.setattr("hep_vision.store.queries._BATCH", 2)
    loaded: list[int] = []
    load = SessionLog._load

    def counted(*args: Any) -> Any:
        found = load(*args)
        loaded.append(len(found))
        return found

    monkeypatch.setattr(SessionLog, "_load", counted)
    ahead: list[int] = []
    exported(
        log, tmp_path / "out", "parquet", advance=lambda done: ahead.append(sum(loaded) - done)
    )
    assert len(ahead) == 7
    assert max(ahead) <= 1


def test_parquet_is_written_while_rows_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hep_vision.exports.table_files._ROWS_AT_ONCE", 10)
    row = Row(REPS, (None,) * len(REPS.columns))
    write_parquet([REPS], (row for _ in range(35)), tmp_path / "out")
    groups = pq.ParquetFile(tmp_path / "out" / "reps.parquet").metadata
    assert [groups.row_group(at).num_rows for at in range(groups.num_row_groups)] == [10, 10, 10, 5]


@given(text=st.text())
def test_a_text_comes_back_from_its_cell_and_is_no_formula(text: str) -> None:
    cell = text_cell(text)
    assert cell_text(cell) == text
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))


@each_format
def test_what_is_not_ours_stays(log: SessionLog, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "there"
    place.write_text("a letter")
    with pytest.raises(ExportError, match="there already") as raised:
        exported(log, place, kind)
    assert "\n" not in str(raised.value)
    assert place.read_text() == "a letter"
    assert {path.name for path in tmp_path.iterdir()} - {"data"} == {"there"}


@each_folder
def test_a_folder_with_other_things_is_never_replaced(
    log: SessionLog, tmp_path: Path, kind: str
) -> None:
    place = tmp_path / "there"
    place.mkdir()
    (place / "letter.txt").write_text("a letter")
    with pytest.raises(ExportError, match="there already"):
        exported(log, place, kind, replace=True)
    assert (place / "letter.txt").read_text() == "a letter"


def test_a_file_is_replaced_where_that_is_asked_for(log: SessionLog, tmp_path: Path) -> None:
    place = tmp_path / "there"
    place.write_text("a letter")
    exported(log, place, "json", replace=True)
    assert json.loads(place.read_text())["sessions"] == []


@each_format
def test_a_place_without_a_folder_is_told(log: SessionLog, tmp_path: Path, kind: str) -> None:
    with pytest.raises(ExportError, match="cannot write"):
        exported(log, tmp_path / "missing" / "out", kind)


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, write: Any) -> None:
    place = tmp_path / "out"
    write([REPS], [], place)
    before = bytes_of(place)

    def rows() -> Iterator[Row]:
        yield Row(REPS, (None,) * len(REPS.columns))
        raise OSError(28, "No space left on device")

    with pytest.raises(ExportError, match="No space left") as raised:
        write([REPS], rows(), place)
    assert "\n" not in str(raised.value)
    assert bytes_of(place) == before
    assert list(tmp_path.iterdir()) == [place]


def test_a_missing_track_is_told_and_stops_nothing(log: SessionLog, tmp_path: Path) -> None:
    first, second = logged(log, NOON), logged(log, LATER)
    log._folder.joinpath("tracks").mkdir(parents=True, exist_ok=True)
    told: list[str] = []
    broken = dataclasses.replace(log.session(first).row, track_path=tmp_path / "damaged.npz")
    (tmp_path / "damaged.npz").write_text("not a track")
    export = Export(log, Selection(), tmp_path, measures=True, tell=told.append)
    assert list(export.measured(dataclasses.replace(log.session(first), row=broken))) == []
    assert list(export.measured(log.session(second))) == []
    assert first[:8] in told[0]
    assert "no landmarks were kept" in told[1]


def test_the_page_shows_every_column() -> None:
    page = (Path(__file__).parents[2] / "docs" / "exports.md").read_text()
    assert all(described(table) in page for table in (*TABLES, MEASURES))
    assert {module.SCHEMA} == {1}


def test_the_page_of_batches_shows_every_column() -> None:
    page = (Path(__file__).parents[2] / "docs" / "batch.md").read_text()
    assert page.endswith("\n".join(described(table) for table in BATCH_TABLES))
