"""The log as CSV and JSON."""

import csv
import dataclasses
import io
import json
import math
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TextIO

import pytest

from hep_vision.core.audit import Audit
from hep_vision.core.types import (
    Deviation,
    Hold,
    Rep,
    RepStatus,
    Severity,
    Side,
    TrackingLost,
    View,
)
from hep_vision.errors import ExportError
from hep_vision.exports.log_export import CSV_COLUMNS, export_csv, export_json, session_document
from hep_vision.store.records import (
    Correction,
    ModelRecord,
    ProgramRef,
    SessionCounts,
    SessionDetail,
    SessionHeader,
    SessionRow,
    SessionStatus,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)

Export = Callable[[Iterable[SessionDetail], Path | TextIO], None]

KNEES_IN = Deviation("knees_in", 1, Side.LEFT, Severity.WARN, 3200, 3900, 16.1, 12.0, "deg", "Cue.")
REP = Rep(
    1, Side.LEFT, 2500, 3500, 4300, RepStatus.COUNTED, None, 104.2, 101.0, 8.0, 900, 1000, 0,
    (KNEES_IN, dataclasses.replace(KNEES_IN, id="trunk_lean")), ("heels_up",),
)  # fmt: skip
PARTIAL = Rep(
    None, Side.LEFT, 5000, 5500, 6000, RepStatus.PARTIAL, "too shallow", None, None, None, 500, 500,
    0,
)  # fmt: skip
HOLD = Hold(1, Side.BOTH, 0, 30_000, 28_500)
SESSION = SessionDetail(
    SessionRow(
        session_id="aaaa0000",
        header=SessionHeader(
            "squat",
            3,
            Side.LEFT,
            SourceRecord(SourceKind.VIDEO, "squats.mp4", 1000, 1280, 720, 43_000),
            "2026-03-01T09:30:00Z",
            "0.1.0",
            "0.10.33",
            ModelRecord("pose_landmarker_full.task", "cd" * 32),
            sitting_id="bbbb0000",
            set_number=2,
        ),
        status=SessionStatus.FINISHED,
        status_reason=None,
        ended_at="2026-03-01T09:31:00.000Z",
        tracking=TrackingQuality(1289, 0.99, View.FRONT, False),
        counts=SessionCounts(counted=1, partial=1, counted_left=1, flagged=1, holds=1),
        track_path=Path("data/tracks/aaaa0000.npz"),
        audit=Audit(4, True),
        corrections=(
            Correction(5, "2026-03-02T09:00:00Z", "from the video"),
            Correction(3, "2026-03-03T09:00:00Z"),
        ),
        program=ProgramRef("cccc0000", 4),
    ),
    (REP, TrackingLost(4500, 4900), PARTIAL, HOLD),
)


def csv_rows(*sessions: SessionDetail) -> list[dict[str, str]]:
    stream = io.StringIO()
    export_csv(sessions, stream)
    return list(csv.DictReader(stream.getvalue().splitlines()))


def with_path(path: str) -> SessionDetail:
    source = dataclasses.replace(SESSION.row.header.source, path=path)
    header = dataclasses.replace(SESSION.row.header, source=source)
    return SessionDetail(dataclasses.replace(SESSION.row, header=header), (REP,))


class TestCsv:
    def test_a_row_for_each_repetition_and_hold(self) -> None:
        shared = {
            "session_id": "aaaa0000",
            "started_at_utc": "2026-03-01T09:30:00.000Z",
            "session_status": "finished",
            "exercise_id": "squat",
            "exercise_revision": "3",
            "source_kind": "video",
            "source_path": "squats.mp4",
            "session_counted": "1",
            "session_recount": "4",
            "session_uncertain": "True",
            "session_corrected": "3",
            "sitting_id": "bbbb0000",
            "set_number": "2",
            "program_id": "cccc0000",
            "program_version": "4",
        }
        assert csv_rows(SESSION) == [
            shared
            | {
                "kind": "rep",
                "number": "1",
                "side": "left",
                "status": "counted",
                "reason": "",
                "start_ms": "2500",
                "peak_ms": "3500",
                "end_ms": "4300",
                "peak_deg": "104.2",
                "rom_deg": "101.0",
                "uncertainty_deg": "8.0",
                "concentric_ms": "900",
                "eccentric_ms": "1000",
                "hold_ms": "0",
                "deviations": "knees_in trunk_lean",
                "not_checked": "heels_up",
            },
            shared
            | {
                "kind": "rep",
                "number": "",
                "side": "left",
                "status": "partial",
                "reason": "too shallow",
                "start_ms": "5000",
                "peak_ms": "5500",
                "end_ms": "6000",
                "peak_deg": "",
                "rom_deg": "",
                "uncertainty_deg": "",
                "concentric_ms": "500",
                "eccentric_ms": "500",
                "hold_ms": "0",
                "deviations": "",
                "not_checked": "",
            },
            dict.fromkeys(CSV_COLUMNS, "")
            | shared
            | {
                "kind": "hold",
                "number": "1",
                "side": "both",
                "start_ms": "0",
                "end_ms": "30000",
                "hold_ms": "28500",
            },
        ]

    def test_what_was_seen_by_hand_only_has_a_row_too(self) -> None:
        seen_by_nobody = dataclasses.replace(SESSION.row, counts=SessionCounts(), corrections=())
        corrected = dataclasses.replace(
            seen_by_nobody, audit=None, corrections=SESSION.row.corrections
        )
        (row,) = csv_rows(SessionDetail(seen_by_nobody, ()), SessionDetail(corrected, ()))
        assert row["kind"] == "session"
        assert (row["session_counted"], row["session_corrected"]) == ("0", "3")
        assert row["session_recount"] == row["session_uncertain"] == row["start_ms"] == ""

    def test_the_columns_are_those_documented(self) -> None:
        import hep_vision.exports.log_export as module

        stream = io.StringIO()
        export_csv([], stream)
        assert stream.getvalue() == ",".join(CSV_COLUMNS) + "\n"
        documented = [
            line.split()[0]
            for line in (module.__doc__ or "").splitlines()
            if line.startswith("    ") and not line.startswith("     ")
        ]
        assert tuple(documented) == CSV_COLUMNS

    @pytest.mark.parametrize(
        "path",
        ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1"],
    )
    def test_no_text_is_run_as_a_formula(self, path: str) -> None:
        (row,) = csv_rows(with_path(path))
        assert row["source_path"].startswith("'")

    def test_negative_numbers_stay_numbers(self) -> None:
        lifted = dataclasses.replace(REP, peak_deg=-4.5)
        (row,) = csv_rows(SessionDetail(SESSION.row, (lifted,)))
        assert row["peak_deg"] == "-4.5"

    def test_a_row_is_one_line(self) -> None:
        (row,) = csv_rows(with_path('a\nb\r"c",d'))
        assert row["source_path"] == 'a b "c",d'


class TestJson:
    def test_a_session_is_shaped_like_an_analysis(self) -> None:
        deviation = {
            "id": "knees_in",
            "rep": 1,
            "side": "left",
            "severity": "warn",
            "start_ms": 3200,
            "end_ms": 3900,
            "value": 16.1,
            "threshold": 12.0,
            "unit": "deg",
            "cue": "Cue.",
        }
        stream = io.StringIO()
        export_json([SESSION], stream)
        document = json.loads(stream.getvalue())
        (session,) = document.pop("sessions")

        assert document == {"schema": 1}
        assert session["reps"][0] == {
            "index": 1,
            "side": "left",
            "start_ms": 2500,
            "peak_ms": 3500,
            "end_ms": 4300,
            "status": "counted",
            "reason": None,
            "peak_deg": 104.2,
            "rom_deg": 101.0,
            "uncertainty_deg": 8.0,
            "concentric_ms": 900,
            "eccentric_ms": 1000,
            "hold_ms": 0,
            "deviations": ["knees_in", "trunk_lean"],
            "not_checked": ["heels_up"],
        }
        assert [rep["status"] for rep in session["reps"]] == ["counted", "partial"]
        assert [hold["counted_ms"] for hold in session["holds"]] == [28_500]
        assert session["deviations"] == [deviation, deviation | {"id": "trunk_lean"}]
        assert session["tracking"] == {
            "detected_ratio": 0.99,
            "view": "front",
            "view_ok": False,
            "lost": [{"start_ms": 4500, "end_ms": 4900}],
        }
        assert session["counts"]["by_side"] == {"left": 1, "right": 0, "both": 0}
        assert session["audit"] == {"recount": 4, "uncertain": True}
        assert session["corrected"] == 3
        assert session["corrections"] == [
            {"count": 5, "corrected_at": "2026-03-02T09:00:00.000Z", "note": "from the video"},
            {"count": 3, "corrected_at": "2026-03-03T09:00:00.000Z", "note": None},
        ]
        assert (session["sitting"], session["set_number"]) == ("bbbb0000", 2)
        assert session["program"] == {"id": "cccc0000", "version": 4}
        assert session["exercise"] == {"id": "squat", "revision": 3}
        assert session["source"]["frames"] == 1289
        assert session["track"] == "aaaa0000.npz"
        assert session["versions"]["model_sha256"] == "cd" * 32

    def test_a_session_without_an_end_has_nulls(self) -> None:
        row = dataclasses.replace(
            SESSION.row,
            status=SessionStatus.RUNNING,
            ended_at=None,
            tracking=None,
            track_path=None,
            header=dataclasses.replace(
                SESSION.row.header,
                model=None,
                mediapipe_version=None,
                sitting_id=None,
                set_number=None,
            ),
            audit=None,
            corrections=(),
        )
        document = session_document(SessionDetail(row, ()))
        assert document["tracking"] == {
            "detected_ratio": None,
            "view": None,
            "view_ok": None,
            "lost": [],
        }
        assert document["ended_at"] is document["track"] is None
        assert document["sitting"] is document["set_number"] is None
        assert document["audit"] is document["corrected"] is None
        assert document["corrections"] == []
        assert document["reps"] == document["deviations"] == []

    def test_no_sessions_are_an_empty_list(self) -> None:
        stream = io.StringIO()
        export_json([], stream)
        assert json.loads(stream.getvalue()) == {"schema": 1, "sessions": []}

    def test_a_number_that_json_lacks_is_null(self) -> None:
        endless = dataclasses.replace(KNEES_IN, value=math.inf)
        stream = io.StringIO()
        export_json(
            [SessionDetail(SESSION.row, (dataclasses.replace(REP, deviations=(endless,)),))], stream
        )
        (session,) = json.loads(stream.getvalue())["sessions"]
        assert session["deviations"][0]["value"] is None


@pytest.mark.parametrize("export", [export_csv, export_json])
class TestFiles:
    def test_a_file_holds_what_a_stream_gets(self, tmp_path: Path, export: Export) -> None:
        stream = io.StringIO()
        export([SESSION, with_path("Füße.mp4")], stream)
        path = tmp_path / "out"
        path.write_text("what was there before")

        export([SESSION, with_path("Füße.mp4")], path)

        assert path.read_bytes() == stream.getvalue().encode()
        assert list(tmp_path.iterdir()) == [path]
        if os.name == "posix":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_an_export_that_fails_leaves_the_old_file(self, tmp_path: Path, export: Export) -> None:
        def cut_off() -> Iterator[SessionDetail]:
            yield SESSION
            raise ExportError("the log went away")

        path = tmp_path / "out"
        path.write_text("what was there before")
        with pytest.raises(ExportError, match="went away"):
            export(cut_off(), path)
        assert path.read_text() == "what was there before"
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.parametrize("target", ["", "missing/out", "file/out"])
    def test_a_place_that_cannot_be_written(
        self, tmp_path: Path, export: Export, target: str
    ) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(ExportError) as raised:
            export([SESSION], tmp_path / target)
        message = str(raised.value)
        assert "cannot" in message
        assert str(tmp_path / target) in message
        assert "\n" not in message

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
    def test_a_device_is_written_to_not_replaced(self, export: Export) -> None:
        export([SESSION], Path("/dev/null"))
        assert Path("/dev/null").is_char_device()
        with pytest.raises(ExportError, match="No space left"):
            export([SESSION], Path("/dev/full"))

    def test_a_stream_that_cannot_be_written(self, export: Export) -> None:
        class Full(io.StringIO):
            name = "<stdout>"

            def write(self, _text: str) -> int:
                raise OSError(28, "No space left on device")

        with pytest.raises(ExportError, match=r"<stdout> cannot be written.*No space left"):
            export([SESSION], Full())

    def test_a_reader_that_went_away_is_for_the_caller(self, export: Export) -> None:
        class Closed(io.StringIO):
            def write(self, _text: str) -> int:
                raise BrokenPipeError

        with pytest.raises(BrokenPipeError):
            export([SESSION], Closed())
