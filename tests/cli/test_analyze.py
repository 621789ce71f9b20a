"""``hep-vision analyze`` on real video files, and on what is none."""

import csv
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

import media

SAMPLES = Path(__file__).parents[2] / "sample_videos"

Command = Callable[..., Any]


def truth_of(clip: Path) -> dict[str, object]:
    return json.loads(clip.with_suffix(".truth.json").read_text())


def test_a_clip_is_counted_flagged_logged_and_drawn(
    hep_vision: Command, squat_clip: Path, tmp_path: Path, data_dir: Path
) -> None:
    overlay, plot, table = tmp_path / "o.mp4", tmp_path / "p.png", tmp_path / "t.csv"

    ran = hep_vision(
        "analyze", squat_clip, "-e", "squat", "--overlay", overlay, "--plot", plot, "--csv", table
    )

    assert ran.code == 0
    assert "Squat: 5 counted" in ran.out
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [row["deviations"] for row in rows] == ["", "trunk_lean", "", "incomplete_rom", ""]
    with av.open(str(overlay)) as video, av.open(str(squat_clip)) as original:
        assert video.streams.video[0].codec_context.name == "h264"
        assert video.streams.video[0].frames == original.streams.video[0].frames
    assert plot.read_bytes().startswith(b"\x89PNG")
    for written in (overlay, plot, table):
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
    listed = hep_vision("log", "list")
    assert "squat_side" in listed.out
    assert len(list((data_dir / "tracks").glob("*.npz"))) == 1


def test_the_json_keeps_its_contract_and_the_kept_track_gives_the_same(
    hep_vision: Command, squat_clip: Path, data_dir: Path
) -> None:
    from_video = json.loads(hep_vision("analyze", squat_clip, "-e", "squat", "-f", "json").out)
    track = next((data_dir / "tracks").glob("*.npz"))
    from_track = json.loads(
        hep_vision("analyze", track, "-e", "squat", "-f", "json", "--no-log").out
    )

    assert from_video["schema"] == 1
    assert from_video["exercise"]["id"] == "squat"
    assert from_video["source"]["frames"] == from_track["source"]["frames"]
    assert from_video["counts"] == {
        "counted": 5,
        "partial": 0,
        "rejected": 0,
        "open": 0,
        "by_side": {"left": 0, "right": 0, "both": 5},
    }
    assert from_video["tracking"]["view"] == "side"
    assert from_video["versions"]["mediapipe"] == "0.10.33"
    assert len(from_video["versions"]["model_sha256"]) == 64
    for key in ("reps", "holds", "deviations", "counts", "tracking"):
        assert from_track[key] == from_video[key]
    assert from_track["session"] is None
    assert {"knees_in", "weight_shift"} == {
        check["id"] for check in from_video["checks"] if check["not_checked"]
    }


def test_many_files_in_processes_and_one_bad_file_stops_nothing(
    hep_vision: Command, squat_clip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    (folder / "a.mp4").write_bytes(b"this is no video")
    (folder / "b.mp4").write_bytes(squat_clip.read_bytes())
    (folder / "notes.txt").write_text("not looked at")
    table = tmp_path / "t.csv"

    ran = hep_vision("analyze", folder, "-e", "squat", "-j", 2, "--csv", table)

    assert ran.code == 3
    assert ran.err.count("\n") == 1
    assert "a.mp4" in ran.err
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [row["index"] for row in rows if row["status"] == "counted"] == list("12345")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_text("hello"), "not a video"),
        (lambda path: path.mkdir(), "no video"),
        (lambda _: None, "does not exist"),
        (media.write_sound, "sound"),
        (media.write_video, "no person"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_leaves_nothing(
    hep_vision: Command,
    tmp_path: Path,
    data_dir: Path,
    make: Callable[[Path], object],
    words: str,
) -> None:
    path, overlay = tmp_path / "clip.mp4", tmp_path / "o.mp4"
    make(path)

    ran = hep_vision("analyze", path, "-e", "squat", "--overlay", overlay)

    assert ran.code == 3
    assert ran.out == ""
    assert ran.err.count("\n") == 1
    assert words in ran.err
    assert not overlay.exists()
    assert "No sessions yet" in hep_vision("log", "list").out
    assert not list(data_dir.glob("tracks/*"))


def test_a_truncated_file_gives_what_it_holds_and_says_so(
    hep_vision: Command, squat_clip: Path, tmp_path: Path
) -> None:
    whole = squat_clip.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) // 2])

    ran = hep_vision("analyze", cut, "-e", "squat")

    assert ran.code == 0
    assert "counted" in ran.out
    assert "ends early" in ran.out


def test_an_unknown_exercise_suggests_the_nearest(hep_vision: Command, squat_clip: Path) -> None:
    ran = hep_vision("analyze", squat_clip, "-e", "sqat")

    assert ran.code == 2
    assert "squat" in ran.err


def test_another_exercise_counts_nothing_and_says_why(
    hep_vision: Command, squat_clip: Path
) -> None:
    ran = hep_vision("analyze", squat_clip, "-e", "glute_bridge", "--no-log")

    assert ran.code == 0
    assert "0 counted" in ran.out
    assert "another movement" in ran.out


def test_a_self_timed_exercise_is_said_not_to_be_judged_and_is_not_logged(
    hep_vision: Command, squat_clip: Path, tmp_path: Path
) -> None:
    hep_vision("analyze", squat_clip, "-e", "squat")
    (track,) = (tmp_path / "data" / "tracks").glob("*.npz")

    ran = hep_vision("analyze", track, "-e", "stretch_hold")
    plotted = hep_vision("analyze", track, "-e", "stretch_hold", "--plot", tmp_path / "p.png")
    document = json.loads(hep_vision("analyze", track, "-e", "stretch_hold", "-f", "json").out)

    assert ran.code == 0
    assert "Timed stretch: not judged" in ran.out
    assert "is not judged by the camera, and nothing was counted" in " ".join(ran.out.split())
    assert plotted.code == 1
    assert plotted.err.count("\n") == 1
    assert document["exercise"]["measure"] is None
    assert "not judged by the camera" in document["notes"][0]
    assert "stretch_hold" not in hep_vision("log", "list").out


def test_a_log_that_cannot_be_written_is_exit_4(
    hep_vision: Command, squat_clip: Path, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")

    ran = hep_vision("--data-dir", in_the_way, "analyze", squat_clip, "-e", "squat")

    assert ran.code == 4
    assert ran.err.count("\n") == 1


def test_an_overlay_that_cannot_be_written_is_said_and_nothing_is_logged(
    hep_vision: Command, squat_clip: Path, tmp_path: Path
) -> None:
    ran = hep_vision(
        "analyze", squat_clip, "-e", "squat", "--overlay", tmp_path / "missing" / "o.mp4"
    )

    assert ran.code == 1
    assert "cannot write" in ran.err
    assert "No sessions yet" in hep_vision("log", "list").out


@pytest.mark.parametrize("clip", sorted(SAMPLES.glob("*.mp4")), ids=lambda clip: clip.stem)
def test_every_sample_video_has_its_truth(clip: Path) -> None:
    truth = truth_of(clip)

    assert truth["file"] == clip.name
    assert clip.stat().st_size < 2_000_000


def test_the_profile_names_each_stage(
    hep_vision: Command, squat_clip: Path, tmp_path: Path
) -> None:
    clip = media.retimed(squat_clip, tmp_path / "short.mp4", 15, count=20)
    ran = hep_vision("analyze", clip, "-e", "squat", "--no-log", "--profile", "-f", "json")
    profile = json.loads(ran.out)["profile"]
    took_ms = {stage["name"]: stage["wall_ms"] for stage in profile["stages"]}
    assert list(took_ms) == [
        "decode", "scale and convert", "wait for a picture", "inference", "count", "overlay", "log",
    ]  # fmt: skip
    assert profile["frames"] == 20
    assert 0 < took_ms["inference"] < profile["wall_ms"]
    assert took_ms["overlay"] == 0
    shown = hep_vision("analyze", clip, "-e", "squat", "--no-log", "--profile").out
    assert all(name in shown for name in took_ms)
    plain = hep_vision("analyze", clip, "-e", "squat", "--no-log", "-f", "json").out
    assert "profile" not in json.loads(plain)


def test_a_video_of_many_pictures_a_second_is_thinned_out_unless_all_are_asked_for(
    hep_vision: Command, squat_clip: Path, tmp_path: Path
) -> None:
    """Two squats twice as fast, each picture shown twice."""
    fast = media.retimed(squat_clip, tmp_path / "fast.mp4", 60, count=150, each=2)
    found = {}
    for max_fps in ("30", "all"):
        ran = hep_vision(
            "analyze", fast, "-e", "squat", "--no-log", "-f", "json", "--max-fps", max_fps,
            "--overlay", tmp_path / f"{max_fps}.mp4",
        )  # fmt: skip
        found[max_fps] = json.loads(ran.out)
        with av.open(str(tmp_path / f"{max_fps}.mp4")) as overlay:
            assert overlay.streams.video[0].frames == found[max_fps]["source"]["frames"]
    assert (found["30"]["source"]["frames"], found["all"]["source"]["frames"]) == (150, 300)
    assert found["30"]["counts"]["counted"] >= 2
    assert found["30"]["counts"] == found["all"]["counts"]


@pytest.mark.parametrize("max_fps", ["0", "-30", "many", "nan"])
def test_a_rate_that_cannot_be_is_refused(
    hep_vision: Command, squat_clip: Path, max_fps: str
) -> None:
    ran = hep_vision("analyze", squat_clip, "-e", "squat", "--max-fps", max_fps)
    assert ran.code == 2
    assert "neither a number above 0" in ran.err
