"""``hep-vision batch`` beside ``analyze``, as an analyst types it."""

import csv
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from benchmarks.recognition.runs import FIGURE, Job, frames_of
from pyarrow import parquet

import everyday
import hep_vision
import media
import synthetic
from filmed import film
from hep_vision.core.types import PoseFrame, Side, View
from hep_vision.exercises.loading import find_exercise
from hep_vision.sources.recorded import TrackRecorder, write_track
from moving import done_by
from synthetic import Effort

Command = Callable[..., Any]

PACKAGES = Path(hep_vision.__file__).parents[1]
FILMS = {
    "squats": ("squat", [(3, Side.BOTH)]),
    "raises": ("straight_leg_raise", [(1, Side.LEFT), (2, Side.RIGHT)]),
    "sits": ("wall_sit", []),
}
# Whoever starts the tests in the background has Ctrl-C ignored, and so would what they start.
HEARS_INTERRUPTS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
HELD = Effort(1.0, duration_ms=2_000, hold_ms=10_000)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for name, (exercise, sets) in FILMS.items():
        if sets:
            film(folder / f"{name}.npz", exercise, *sets)
        else:
            held(folder / f"{name}.npz", exercise)
    lines = [f"{name}.npz,{exercise}" for name, (exercise, _) in FILMS.items()]
    (folder / "list.csv").write_text("\n".join(["path,exercise", *lines]))
    return folder


def held(path: Path, exercise_id: str) -> None:
    """Film a posture that is held once."""
    exercise = find_exercise(exercise_id)
    camera = synthetic.Camera(view=exercise.camera.view)
    write(path, synthetic.record(done_by(exercise, [HELD], Side.BOTH), camera, fps=15))


def write(path: Path, frames: Sequence[PoseFrame]) -> None:
    recorder = TrackRecorder(frames[0].image_size_px)
    for frame in frames:
        recorder.add(frame)
    write_track(path, recorder.track())


def rows(out: Path, name: str) -> list[dict[str, str]]:
    with (out / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_tables_say_what_analyze_says(hep_vision: Command, films: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    ran = hep_vision("batch", films / "list.csv", "--out", out, "-j", 1)

    assert (ran.code, ran.err) == (0, "")
    assert "3 of 3 recordings analysed." in ran.out
    sessions, recordings = rows(out, "sessions"), rows(out, "recordings")
    assert [row["path"] for row in recordings] == [f"{name}.npz" for name in FILMS]
    assert [row["session_id"] for row in sessions] == [row["session_id"] for row in recordings]
    for session, (name, (exercise, _)) in zip(sessions, FILMS.items(), strict=True):
        args = ("-e", exercise, "--no-log", "-f", "json")
        alone = json.loads(hep_vision("analyze", films / f"{name}.npz", *args).out)
        assert session["exercise_id"] == exercise
        counts = alone["counts"]
        for key in ("counted", "partial", "rejected", "open"):
            assert session[key] == str(counts[key])
        assert len(alone["reps"]) + len(alone["holds"]) > 0
        for table, shared in (
            ("reps", ("start_ms", "peak_ms", "end_ms", "side", "status")),
            ("holds", ("start_ms", "end_ms", "counted_ms", "side")),
        ):
            mine = [r for r in rows(out, table) if r["session_id"] == session["session_id"]]
            assert [[row[key] for key in shared] for row in mine] == [
                [str(one[key]) for key in shared] for one in alone[table]
            ]
        flagged = [r for r in rows(out, "deviations") if r["session_id"] == session["session_id"]]
        assert [row["id"] for row in flagged] == [one["id"] for one in alone["deviations"]]


def test_the_parquet_tables_hold_what_the_csv_tables_hold(
    hep_vision: Command, films: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert hep_vision("batch", films / "list.csv", "--out", out, "-j", 1).code == 0
    for path in (out / "csv").iterdir():
        read = parquet.read_table(out / "parquet" / f"{path.stem}.parquet")
        assert read.num_rows == len(rows(out, path.stem))
        assert read.column_names == path.read_text().splitlines()[0].split(",")


def test_every_way_to_fail_is_a_row_a_line_and_stops_nothing(
    hep_vision: Command, films: Path, tmp_path: Path
) -> None:
    folder, out = tmp_path / "clips", tmp_path / "out"
    folder.mkdir()
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("hello")
    (folder / "folder.mp4").mkdir()
    media.write_video(folder / "nobody.mp4")
    media.write_sound(folder / "sound.mp4")
    media.keep_start(media.write_video(folder / "cut.mp4"), 0.6)
    (folder / "track.npz").write_bytes((films / "squats.npz").read_bytes()[:1000])
    (folder / "good.npz").write_bytes((films / "squats.npz").read_bytes())
    expected = {
        "empty.mp4": ("empty", "3"),
        "text.mp4": ("not a video", "3"),
        "folder.mp4": ("no file", "3"),
        "nobody.mp4": ("no person", "3"),
        "sound.mp4": ("sound", "3"),
        "cut.mp4": ("cut", "3"),
        "track.npz": ("not a usable landmark track", "3"),
        "missing.mp4": ("does not exist", "3"),
        "good.npz,sqat": ("no exercise 'sqat'. Did you mean squat", "2"),
        "good.npz,squat,up": ("line 11: side: 'up'", "2"),
    }
    listing = folder / "list.csv"
    listing.write_text("path,exercise,side\n" + "\n".join([*expected, "good.npz"]) + "\n")

    ran = hep_vision("batch", listing, "-e", "squat", "--out", out, "-j", 1, "-f", "json")

    assert ran.code == 1
    assert ran.err.count("\n") == len(expected)
    summary = json.loads(ran.out)
    assert (summary["recordings"], summary["failed"], summary["kept"]) == (11, 10, 0)
    failures = rows(out, "failures")
    assert len(rows(out, "recordings")) == 11
    assert [row["path"] for row in rows(out, "recordings") if row["session_id"]] == ["good.npz"]
    for failure, (line, (words, code)) in zip(failures, expected.items(), strict=True):
        assert failure["path"] == line.split(",")[0]
        assert words in failure["reason"]
        assert failure["exit_code"] == code
        assert "\n" not in failure["reason"]


def test_a_recording_without_an_exercise_says_what_to_do(
    hep_vision: Command, films: Path, tmp_path: Path
) -> None:
    ran = hep_vision("batch", films / "squats.npz", "--out", tmp_path / "out", "-j", 1)
    assert ran.code == 1
    assert "--exercise" in ran.err
    assert "Without results: 1" in ran.out


@pytest.mark.parametrize(
    ("inputs", "words"),
    [(["none*.mp4"], "nothing is called like this"), (["none.csv"], "cannot be read")],
)
def test_inputs_that_cannot_be_used_stop_it_before_anything_is_made(
    hep_vision: Command, tmp_path: Path, inputs: list[str], words: str
) -> None:
    ran = hep_vision("batch", *inputs, "-e", "squat", "--out", tmp_path / "out")
    assert ran.code == 3
    assert words in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_out_that_cannot_be_a_folder_is_one_line(
    hep_vision: Command, films: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file")
    ran = hep_vision("batch", films / "squats.npz", "-e", "squat", "--out", tmp_path / "out")
    assert ran.code == 1
    assert "cannot make" in ran.err
    assert ran.err.count("\n") == 1


def test_a_journal_that_is_none_is_one_line(
    hep_vision: Command, films: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "journal.sqlite3").write_text("a letter, and no journal at all " * 50)
    ran = hep_vision("batch", films / "squats.npz", "-e", "squat", "--out", out)
    assert ran.code == 4
    assert "not the journal" in ran.err
    assert ran.err.count("\n") == 1


def test_resume_keeps_and_says_so(hep_vision: Command, films: Path, tmp_path: Path) -> None:
    args = ("batch", films / "list.csv", "--out", tmp_path / "out", "-j", 1, "--resume")
    assert "Kept" not in hep_vision(*args).out
    assert "Kept as they were from an earlier run: 3" in hep_vision(*args).out
    summary = json.loads(hep_vision(*args, "-f", "json").out)
    out = str(tmp_path / "out")
    assert summary == {
        "recordings": 3, "failed": 0, "kept": 3, "estimated": 0, "frames": 0, "out": out,
    }  # fmt: skip


def test_the_folder_of_results_may_lie_among_the_recordings(
    hep_vision: Command, films: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.npz").write_bytes((films / "squats.npz").read_bytes())
    out = tmp_path / "out"
    (out / "tracks" / "ab").mkdir(parents=True)
    (out / "tracks" / "ab" / "cd.npz").write_bytes((films / "squats.npz").read_bytes())
    ran = hep_vision("batch", tmp_path, "-e", "squat", "--out", out, "-j", 1, "-f", "json")
    assert json.loads(ran.out)["recordings"] == 1


def test_videos_are_estimated_by_the_real_model_and_once(
    hep_vision: Command, tmp_path: Path
) -> None:
    media.write_video(tmp_path / "a.mp4")
    (tmp_path / "b.mp4").write_bytes((tmp_path / "a.mp4").read_bytes())
    args = ("batch", tmp_path / "?.mp4", "-e", "squat", "--out", tmp_path / "out", "-j", 1)

    first = json.loads(hep_vision(*args, "-f", "json").out)

    assert (first["recordings"], first["failed"]) == (2, 2)  # there is nobody in them
    (track,) = (tmp_path / "out" / "tracks").glob("*/*.npz")
    assert stat.S_IMODE(track.stat().st_mode) == 0o600
    written = track.stat().st_mtime_ns
    hep_vision(*args)
    assert track.stat().st_mtime_ns == written


def test_ctrl_c_ends_with_130_and_leaves_nothing_running(films: Path, tmp_path: Path) -> None:
    good = (films / "squats.npz").read_bytes()
    for number in range(40):
        (tmp_path / f"{number:02}.npz").write_bytes(good if number else good[:1000])
    process = subprocess.Popen(
        [
            *(
                sys.executable,
                "-c",
                HEARS_INTERRUPTS + "from hep_vision.cli.main import run; run()",
            ),
            *("--data-dir", tmp_path / "data", "batch", tmp_path, "-e", "squat"),
            *("--out", tmp_path / "out", "-j", "2"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(PACKAGES)},
        start_new_session=True,
    )
    assert process.stderr is not None
    assert "00.npz is not a usable landmark track" in process.stderr.readline()
    os.killpg(process.pid, signal.SIGINT)
    # Every process holds the other ends of its pipes: they end with the last of them.
    _, complaints = process.communicate(timeout=60)

    assert process.returncode == 130, complaints
    assert complaints.startswith("hep-vision: stopped; what was done by then is in ")
    assert complaints.count("\n") == 1
    assert 0 < len(rows(tmp_path / "out", "recordings")) < 40


def test_what_nobody_named_is_recognised_or_a_failure_with_the_nearest(
    hep_vision: Command, tmp_path: Path
) -> None:
    known = tmp_path / "bridge.npz"
    write(known, frames_of(Job(FIGURE, "bridge", "glute_bridge")))
    movement = everyday.MOVEMENTS["talking with gestures"]
    unknown = tmp_path / "talk.npz"
    write(unknown, everyday.film(movement, View.FRONT, everyday.manner(1)))
    out = tmp_path / "out"

    ran = hep_vision("batch", known, unknown, "-e", "auto", "--out", out, "-j", 1)

    assert ran.code == 1
    found, failed = rows(out, "recordings")
    assert float(found["confidence"]) >= 0.9
    assert [one["exercise_id"] for one in rows(out, "sessions")] == ["glute_bridge"]
    assert failed["confidence"] == ""
    (why,) = rows(out, "failures")
    assert (why["path"], why["exit_code"]) == (str(unknown), "5")
    assert "not recognised" in why["reason"]
    again = hep_vision("batch", known, unknown, "-e", "auto", "--out", out, "-j", 1, "--resume")
    assert "Kept as they were from an earlier run: 2" in again.out
