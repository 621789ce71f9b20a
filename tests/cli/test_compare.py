"""``hep-vision compare`` as a person types it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import synthetic
from hep_vision.sources.recorded import TrackRecorder, write_track

Command = Callable[..., Any]


def write(motion: synthetic.Motion, path: Path, camera: synthetic.Camera) -> Path:
    recorder = TrackRecorder(camera.size_px)
    for pose in synthetic.record(motion, camera, fps=15.0):
        recorder.add(pose)
    write_track(path, recorder.track())
    return path


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return squats: good ones, others of the same person, and good ones from the front."""
    folder = tmp_path_factory.mktemp("squats")
    good = synthetic.squat(synthetic.efforts([90.0, 85.0, 92.0]))
    last = synthetic.efforts([55.0], duration_ms=6_000)
    mixed = synthetic.squat((*synthetic.efforts([90.0, 86.0]), *last))
    side, front = synthetic.SIDE_VIEW, synthetic.FRONT_VIEW
    return {
        "good": write(good, folder / "good.npz", side),
        "mixed": write(mixed, folder / "mixed.npz", side),
        "front": write(good, folder / "front.npz", front),
    }


def test_the_table_names_what_differs(hep_vision: Command, recordings: dict[str, Path]) -> None:
    ran = hep_vision("compare", recordings["good"], recordings["mixed"], "-e", "squat")
    assert ran.code == 0
    rows = [line for line in ran.out.splitlines() if line.strip()[:1].isdigit()]
    assert len(rows) == 3
    assert all(row.rstrip().endswith("alike") for row in rows[:2])
    assert "slower" in rows[2]
    assert "nothing about health" in " ".join(ran.out.split())


def test_json_says_the_same(hep_vision: Command, recordings: dict[str, Path]) -> None:
    ran = hep_vision("compare", recordings["good"], recordings["mixed"], "-e", "squat", "--json")
    document = json.loads(ran.out)
    first, _, last = document["reps"]
    assert document["calibration"] == {"path": str(recordings["good"]), "reps": 3}
    assert [first["index"], last["index"]] == [1, 3]
    assert first["difference"] < 0.5 < last["difference"]
    assert "slower" in last["words"]
    assert last["distances"]["tempo"] > 1.5


@pytest.mark.parametrize(
    ("calibration", "options", "told"),
    [
        ("front", [], "film both from the same place"),
        ("good", ["--reps", 5], "3 of the 5 repetitions of a calibration were counted"),
    ],
    ids=["another view", "too few"],
)
def test_a_calibration_that_does_not_serve_is_one_line(
    hep_vision: Command,
    recordings: dict[str, Path],
    calibration: str,
    options: list[object],
    told: str,
) -> None:
    ran = hep_vision(
        "compare", recordings[calibration], recordings["mixed"], "-e", "squat", *options
    )
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert told in ran.err
    assert not ran.out


def test_what_has_no_repetitions_is_not_compared(
    hep_vision: Command, recordings: dict[str, Path]
) -> None:
    ran = hep_vision("compare", recordings["good"], recordings["mixed"], "-e", "wall_sit")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "no repetitions to compare" in ran.err
