"""``hep-vision export`` as a person types it."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import synthetic
from fhir_bundles import checked
from hep_vision.core.types import Side, View
from hep_vision.sources.recorded import TrackRecorder, write_track
from hep_vision.store.records import SessionHeader, SourceKind, SourceRecord, TrackingQuality
from hep_vision.store.sessions import SessionLog
from practised import enter_program, practise
from synthetic import Effort

MOMENT = "2026-03-02T12:00:00Z"


def book(data_dir: Path, *, track: bool) -> None:
    poses = synthetic.record(synthetic.squat([Effort(90.0)]), synthetic.SIDE_VIEW)
    with SessionLog.open(data_dir) as log:
        source = SourceRecord(SourceKind.WEBCAM, "0")
        writer = log.begin(SessionHeader("squat", 1, Side.BOTH, source, MOMENT, "0.1.0"))
        if track:
            recorder = TrackRecorder(poses[0].image_size_px)
            for pose in poses:
                recorder.add(pose)
            writer.keep_track(lambda path: write_track(path, recorder.track()))
        writer.finish(MOMENT, TrackingQuality(len(poses), 1.0, View.SIDE, True))


def test_measures_are_those_of_the_track(
    hep_vision: Callable[..., Any], data_dir: Path, tmp_path: Path
) -> None:
    book(data_dir, track=True)
    book(data_dir, track=False)
    ran = hep_vision("export", "--out", tmp_path / "out", "--measures")
    assert ran.code == 0
    assert "no landmarks were kept" in ran.err
    assert "2 sessions" in ran.out
    with (tmp_path / "out" / "measures.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len({row["session_id"] for row in rows}) == 1
    bent = [float(row["value"]) for row in rows if row["measure"] == "knee_flexion"]
    assert max(bent) > 60 > 20 > min(bent)
    assert {row["unit"] for row in rows if row["measure"] == "knee_flexion"} == {"deg"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--format", "xls"), "expected one of"),
        (("--since", "soon"), "expected a day"),
        (("--since", "2026-03-02", "--until", "2026-03-01"), "no time between"),
    ],
)
def test_what_is_not_understood_is_a_usage_error(
    hep_vision: Callable[..., Any], options: tuple[str, ...], message: str
) -> None:
    ran = hep_vision("export", *options)
    assert ran.code == 2
    assert message in " ".join(ran.err.replace("│", " ").split())


def test_a_filter_that_finds_nothing_says_so(
    hep_vision: Callable[..., Any], data_dir: Path, tmp_path: Path
) -> None:
    book(data_dir, track=False)
    ran = hep_vision("export", "--patient", "nobody", "--out", tmp_path / "out")
    assert ran.code == 0
    assert ran.err.count("\n") == 1
    assert (tmp_path / "out" / "sessions.csv").read_text().count("\n") == 1


def test_a_place_that_is_taken_is_left(
    hep_vision: Callable[..., Any], data_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "letter").write_text("dear")
    ran = hep_vision("export", "--format", "json", "--out", tmp_path / "letter")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert (tmp_path / "letter").read_text() == "dear"


def test_fhir_is_one_bundle_that_holds_and_its_own_file_is_replaced(
    hep_vision: Callable[..., Any], data_dir: Path, tmp_path: Path
) -> None:
    with SessionLog.open(data_dir) as log:
        practise(log, enter_program(log), 0)
    out = tmp_path / "anna.json"
    assert hep_vision("export", "--format", "fhir", "--out", out).code == 0
    first = out.read_bytes()
    kinds = {one["resourceType"] for one in checked(first.decode())}
    assert {"Patient", "CarePlan", "ServiceRequest", "Procedure", "Observation"} <= kinds
    assert hep_vision("export", "--format", "fhir", "--out", out).code == 0
    assert out.read_bytes() == first
    out.write_text("mine")
    assert hep_vision("export", "--format", "fhir", "--out", out).code != 0
    assert out.read_text() == "mine"


@pytest.mark.parametrize("motion", ["trc", "mot"])
def test_the_motion_of_one_session_is_a_file_of_its_name(
    hep_vision: Callable[..., Any], data_dir: Path, tmp_path: Path, squat_clip: Path, motion: str
) -> None:
    hep_vision("analyze", squat_clip, "--exercise", "squat")
    with SessionLog.open(data_dir) as log:
        practise(log, None, 0)
        filmed = next(one.session_id for one in log.sessions() if one.track_path)
    out = tmp_path / "motion"
    ran = hep_vision("export", "--format", motion, "--session", filmed[:8], "--out", out)
    assert (ran.code, ran.err) == (0, "")
    assert [path.name for path in out.iterdir()] == [f"{filmed}.{motion}"]
    ran = hep_vision("export", "--format", motion, "--out", out)
    assert ran.code == 0
    assert "is left out: no landmarks were kept" in ran.err
    assert hep_vision("export", "--format", motion, "--session", "absent").code == 4
