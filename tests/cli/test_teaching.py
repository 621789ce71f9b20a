"""``hep-vision exercises learn``, ``new`` and ``diff`` as a person types them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import synthetic
from hep_vision.core.types import PoseFrame
from hep_vision.sources.recorded import TrackRecorder, write_track

Command = Callable[..., Any]


def track_of(poses: list[PoseFrame], path: Path) -> Path:
    recorder = TrackRecorder(poses[0].image_size_px)
    for pose in poses:
        recorder.add(pose)
    write_track(path, recorder.track())
    return path


@pytest.fixture(scope="module")
def bridges(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = synthetic.efforts((24, 22, 25, 23, 24))
    poses = synthetic.record(synthetic.bridge(plan), fps=15.0)
    return track_of(poses, tmp_path_factory.mktemp("shown") / "bridges.npz")


def test_what_is_learned_goes_into_the_exercise_folder_and_counts(
    hep_vision: Command, bridges: Path, data_dir: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "learned.png"

    ran = hep_vision(
        "exercises", "learn", bridges, "--id", "my_bridge", "--name", "My bridge", "--plot", picture
    )

    assert ran.code == 0
    assert "My bridge: learned from 3 repetitions" in ran.out
    assert "5 are counted in this recording" in ran.out
    assert picture.read_bytes().startswith(b"\x89PNG")
    file = data_dir / "exercises" / "my_bridge.toml"
    assert hep_vision("exercises", "validate", file).code == 0
    counted = hep_vision("analyze", bridges, "-e", "my_bridge", "-f", "json", "--no-log")
    assert json.loads(counted.out)["counts"]["counted"] == 5
    assert "My bridge" in hep_vision("exercises", "list").out


def test_a_file_that_is_there_is_replaced_only_when_asked(
    hep_vision: Command, bridges: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("precious")

    refused = hep_vision("exercises", "learn", bridges, "--id", "mine", "--out", file)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "--replace" in refused.err
    assert file.read_text() == "precious"

    ran = hep_vision("exercises", "learn", bridges, "--id", "mine", "--out", tmp_path, "--replace")
    assert ran.code == 0
    assert 'id = "mine"' in file.read_text()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--id", "My Bridge"), "lower-case"),
        (("--id", "mine", "--out", "other.toml"), "named after its id"),
        (("--id", "mine", "--reps", "1"), "2"),
    ],
)
def test_wrong_usage_is_said_before_any_work(
    hep_vision: Command, bridges: Path, options: tuple[str, ...], words: str
) -> None:
    ran = hep_vision("exercises", "learn", bridges, *options)
    assert ran.code == 2
    assert words in ran.err


@pytest.mark.parametrize(
    ("poses", "code", "words"),
    [
        (synthetic.record(synthetic.stillness(4_000), fps=15.0), 1, "nothing moves"),
        (
            synthetic.record(synthetic.squat(synthetic.efforts((90,))), fps=15.0),
            1,
            "no movement repeats 3 times",
        ),
        ([PoseFrame.unseen(40 * n, (640, 480)) for n in range(20)], 3, "no person was seen"),
    ],
)
def test_what_teaches_nothing_is_one_line_and_leaves_nothing(
    hep_vision: Command,
    tmp_path: Path,
    data_dir: Path,
    poses: list[PoseFrame],
    code: int,
    words: str,
) -> None:
    ran = hep_vision("exercises", "learn", track_of(poses, tmp_path / "t.npz"), "--id", "mine")
    assert (ran.code, ran.err.count("\n")) == (code, 1)
    assert words in ran.err
    assert not (data_dir / "exercises").exists()


def test_a_new_exercise_from_options_is_sound(hep_vision: Command, data_dir: Path) -> None:
    ran = hep_vision(
        "exercises", "new", "--name", "Heel slide", "--moves", "knee_bends", "--side", "left",
        "--position", "supine", "--view", "side", "--rest", 0, "--goal", 100, "--hold", 3,
    )  # fmt: skip

    assert ran.code == 0
    file = data_dir / "exercises" / "heel_slide.toml"
    assert hep_vision("exercises", "validate", file).code == 0
    text = file.read_text()
    assert 'kind = "repetition_with_hold"' in text
    assert "hold_ms = 3000" in text
    assert "minimum_rom = 30" in text
    assert 'side = "both"' not in text


@pytest.mark.parametrize(
    "movement",
    [
        "knee_bends", "knee_straightens", "hip_bends", "hip_straightens", "leg_out", "elbow_bends",
        "elbow_straightens", "arm_forward", "arm_back", "arm_out", "trunk_forward", "trunk_up",
        "trunk_side",
    ],
)  # fmt: skip
def test_the_usual_answers_of_every_movement_are_sound(
    hep_vision: Command, tmp_path: Path, movement: str
) -> None:
    ran = hep_vision("exercises", "new", "--name", "Mine", "--moves", movement, "--out", tmp_path)
    assert ran.code == 0
    assert hep_vision("exercises", "validate", tmp_path / "mine.toml").code == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--name"),
        (("--name", "Mine", "--moves", "leg_out", "--view", "side"), "choose front"),
        (("--name", "Mine", "--rest", "90", "--goal", "91"), "degrees apart"),
    ],
)
def test_answers_that_do_not_fit_are_refused(
    hep_vision: Command, data_dir: Path, options: tuple[str, ...], words: str
) -> None:
    ran = hep_vision("exercises", "new", *options)
    assert ran.code == 2
    assert words in ran.err
    assert not (data_dir / "exercises").exists()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that types answers at a terminal; after the last one, Ctrl-C."""

    def type_in(*lines: str) -> None:
        answers = iter(lines)

        def answer(_: str, default: object = None) -> object:
            try:
                return next(answers) or default
            except StopIteration:
                raise KeyboardInterrupt from None

        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr("typer.prompt", answer)

    return type_in


def test_questions_are_asked_again_until_the_answer_fits(
    hep_vision: Command, data_dir: Path, typed: Callable[..., None]
) -> None:
    typed("Wall angel", "wings", "arm_out", "", "", "", "ten", "10", "", "0", "12", "")

    ran = hep_vision("exercises", "new")

    assert ran.code == 0
    file = data_dir / "exercises" / "wall_angel.toml"
    assert hep_vision("exercises", "validate", file).code == 0
    text = file.read_text()
    assert "reps = 12" in text
    assert 'measure = "shoulder_abduction"' in text
    assert 'view = "front"' in text


def test_stopping_between_questions_writes_nothing(
    hep_vision: Command, data_dir: Path, typed: Callable[..., None]
) -> None:
    typed("Mine", "knee_bends")

    ran = hep_vision("exercises", "new")

    assert ran.code == 130
    assert not (data_dir / "exercises").exists()


@pytest.fixture
def logged(hep_vision: Command, bridges: Path, data_dir: Path) -> Path:
    """Return the file of an exercise of which two sessions are in the log."""
    assert hep_vision("exercises", "learn", bridges, "--id", "my_bridge").code == 0
    for _ in range(2):
        assert hep_vision("analyze", bridges, "-e", "my_bridge").code == 0
    return data_dir / "exercises" / "my_bridge.toml"


def test_the_same_exercise_changes_nothing(hep_vision: Command, logged: Path) -> None:
    ran = hep_vision("exercises", "diff", "my_bridge")
    assert ran.code == 0
    assert "0 of 2 sessions would be judged differently" in ran.out


def test_a_changed_file_shows_what_it_would_change(
    hep_vision: Command, logged: Path, tmp_path: Path
) -> None:
    changed = tmp_path / "my_bridge.toml"
    text = logged.read_text()
    assert "min_rep_ms = " in text
    start = text.index("min_rep_ms = ")
    end = text.index("\n", start)
    changed.write_text(text[:start] + "min_rep_ms = 9000" + text[end:])

    before = hep_vision("log", "list").out
    ran = hep_vision("exercises", "diff", changed)
    as_json = json.loads(hep_vision("exercises", "diff", changed, "--json").out)

    assert ran.code == 0
    assert "5 -> 0" in ran.out
    assert "2 of 2 sessions would be judged differently" in ran.out
    assert [(row["before"]["counted"], row["after"]["counted"]) for row in as_json] == [(5, 0)] * 2
    assert hep_vision("log", "list").out == before


def test_sessions_of_another_revision_are_compared_with_the_log(
    hep_vision: Command, logged: Path
) -> None:
    logged.write_text(logged.read_text().replace("revision = 1", "revision = 2"))
    rows = json.loads(hep_vision("exercises", "diff", "my_bridge", "--json").out)
    assert [row["from_log"] for row in rows] == [True, True]
    assert rows[0]["before"] == rows[0]["after"]


def test_one_session_may_be_asked_for_and_must_be_there(hep_vision: Command, logged: Path) -> None:
    rows = json.loads(hep_vision("exercises", "diff", "my_bridge", "--json").out)
    one = hep_vision(
        "exercises", "diff", "my_bridge", "--session", rows[0]["session_id"][:8], "--json"
    )
    assert len(json.loads(one.out)) == 1
    gone = hep_vision("exercises", "diff", "my_bridge", "--session", "ffffffff-none")
    assert gone.code == 4


def test_an_exercise_without_sessions_says_so(hep_vision: Command) -> None:
    ran = hep_vision("exercises", "diff", "squat")
    assert ran.code == 0
    assert "No session of squat is logged" in ran.out
