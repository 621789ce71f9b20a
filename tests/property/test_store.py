"""Whatever goes into the log comes out equal, and leaves it as well-formed CSV and JSON."""

import csv
import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from hep_vision.exports.log_export import CSV_COLUMNS, export_csv, export_json
from hep_vision.store.records import (
    LoggedEvent,
    ModelRecord,
    SessionHeader,
    SourceKind,
    SourceRecord,
    TrackingQuality,
)
from hep_vision.store.sessions import SessionLog

integers = st.integers(-(2**63), 2**63 - 1)
numbers = st.floats(allow_nan=False)
any_text = st.text(st.characters(codec="utf-8"), max_size=30)
words = st.tuples() | st.lists(any_text, max_size=3).map(tuple)
deviations = st.lists(
    st.builds(
        Deviation,
        id=any_text,
        rep=integers,
        side=st.sampled_from(Side),
        severity=st.sampled_from(Severity),
        start_ms=integers,
        end_ms=integers,
        value=numbers,
        threshold=numbers,
        unit=any_text,
        cue=any_text,
    ),
    max_size=3,
).map(tuple)
reps = st.builds(
    Rep,
    index=st.none() | integers,
    side=st.sampled_from(Side),
    start_ms=integers,
    peak_ms=integers,
    end_ms=integers,
    status=st.sampled_from(RepStatus),
    reason=st.none() | any_text,
    peak_deg=st.none() | numbers,
    rom_deg=st.none() | numbers,
    uncertainty_deg=st.none() | numbers,
    concentric_ms=integers,
    eccentric_ms=integers,
    hold_ms=integers,
    deviations=deviations,
    not_checked=words,
)
holds = st.builds(
    Hold,
    index=integers,
    side=st.sampled_from(Side),
    start_ms=integers,
    end_ms=integers,
    counted_ms=st.integers(0, 2**53),
    deviations=deviations,
    not_checked=words,
)
losses = st.builds(TrackingLost, start_ms=integers, end_ms=integers)
headers = st.builds(
    SessionHeader,
    exercise_id=any_text,
    exercise_revision=integers,
    side=st.sampled_from(Side),
    source=st.builds(
        SourceRecord,
        kind=st.sampled_from(SourceKind),
        path=st.text(max_size=30),
        size_bytes=st.none() | integers,
        width_px=st.none() | integers,
        height_px=st.none() | integers,
        duration_ms=st.none() | integers,
        sha256=st.none() | any_text,
    ),
    started_at=st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
    hep_vision_version=any_text,
    mediapipe_version=st.none() | any_text,
    model=st.none() | st.builds(ModelRecord, any_text, any_text),
)
qualities = st.builds(
    TrackingQuality,
    frame_count=integers,
    detected_ratio=st.none() | numbers,
    view=st.sampled_from(View),
    view_ok=st.booleans(),
)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SessionLog]:
    with SessionLog.open(tmp_path_factory.mktemp("store") / "log") as opened:
        yield opened


@settings(max_examples=25, deadline=None)
@given(header=headers, events=st.lists(reps | holds | losses, max_size=5), tracking=qualities)
def test_what_is_written_is_read(
    log: SessionLog, header: SessionHeader, events: list[LoggedEvent], tracking: TrackingQuality
) -> None:
    writer = log.begin(header)
    for event in events:
        writer.record(event)
    writer.finish(header.started_at, tracking)

    detail = log.session(writer.session_id)

    assert detail.row.header == header
    assert detail.row.tracking == tracking
    assert detail.events == tuple(events)

    performed = [event for event in events if not isinstance(event, TrackingLost)]
    table, document = io.StringIO(), io.StringIO()
    export_csv([detail], table)
    export_json([detail], document)
    rows = list(csv.reader(io.StringIO(table.getvalue())))
    assert [len(row) for row in rows] == [len(CSV_COLUMNS)] * (1 + len(performed))
    texts = ("session_id", "exercise_id", "source_path", "reason", "deviations", "not_checked")
    for row in rows[1:]:
        cells = dict(zip(CSV_COLUMNS, row, strict=True))
        assert not any(cells[name].lstrip().startswith(tuple("=+-@")) for name in texts)
    (session,) = json.loads(document.getvalue())["sessions"]
    assert len(session["reps"]) + len(session["holds"]) == len(performed)
    writer.discard()
