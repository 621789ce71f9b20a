"""What a batch does again, what it does not, and what it says of what went wrong.

A video is a file that holds the name of a landmark track; "estimating" it reads that.
"""

import csv
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import hep_vision.app.batch.run as batch_run
from filmed import enter_program, film
from hep_vision.app.analyse import Model
from hep_vision.app.batch.judging import Job, Outcome
from hep_vision.app.batch.manifest import Listed
from hep_vision.app.batch.planning import Wanted
from hep_vision.app.batch.run import Summary, Watch, run_batch
from hep_vision.app.filmed import Recording
from hep_vision.app.workers import Done, spread
from hep_vision.core.types import Side
from hep_vision.errors import ExportError, PoseEstimationError, SourceOpenError, StoreError
from hep_vision.sources.recorded import read_track
from hep_vision.sources.track_store import StoredTrack, TrackStore
from hep_vision.sources.video_file import ReadSettings
from hep_vision.store.locations import LogPlace
from hep_vision.store.sessions import SessionLog

MODEL = Model("full", Path("model.task"), "ab" * 32)
HERE = partial(spread, processes=1)


@pytest.fixture(scope="module")
def squats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("films") / "squats.npz", "squat", (2, Side.BOTH))


@pytest.fixture
def clip(tmp_path: Path, squats: Path) -> Path:
    path = tmp_path / "a.mp4"
    path.write_text(str(squats))
    return path


@pytest.fixture(autouse=True)
def estimated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have videos stand for tracks, and return the names of those that were estimated."""
    names: list[str] = []

    def estimate(
        path: Path, model: Model, progress: Callable[[float], None], *, reading: ReadSettings
    ) -> StoredTrack:
        names.append(path.name)
        text = path.read_text().strip()
        if text == "boom":
            raise ValueError("boom")
        if text == "model":
            raise PoseEstimationError("the model failed.")
        if not text.endswith(".npz"):
            raise SourceOpenError(f"{path} is not a video.")
        return StoredTrack(read_track(Path(text)), 1000, 20)

    monkeypatch.setattr("hep_vision.app.batch.judging.estimate", estimate)
    return names


@pytest.fixture
def wanted(tmp_path: Path) -> Wanted:
    out = tmp_path / "out"
    return Wanted(out, out / "tracks", LogPlace(tmp_path / "data"), MODEL, resume=True)


def listed(*paths: Path, exercise: str | None = "squat", **more: Any) -> list[Listed]:
    return [Listed(Recording(path, exercise, **more), path.name) for path in paths]


def ran(todo: Sequence[Listed], wanted: Wanted, **more: Any) -> Summary:
    return run_batch(todo, wanted, more.pop("spread_over", HERE), Watch(**more))


def rows(wanted: Wanted, name: str) -> list[dict[str, str]]:
    with (wanted.out / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def changed(wanted: Wanted, **parts: Any) -> Wanted:
    return replace(wanted, **parts)


def kept_and_estimated(summary: Summary) -> tuple[int, int]:
    return summary.kept, summary.estimated


# -- what is done again ---------------------------------------------------------------------------


def test_what_is_unchanged_is_not_even_opened(
    wanted: Wanted, clip: Path, squats: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    todo = listed(clip, squats)
    assert kept_and_estimated(ran(todo, wanted)) == (0, 1)
    before = tables(wanted)
    for name in ("judging.file_sha256", "judging.film_date", "run.file_sha256"):
        monkeypatch.setattr(f"hep_vision.app.batch.{name}", None)
    assert ran(todo, wanted) == Summary(recordings=2, kept=2)
    assert tables(wanted) == before


def tables(wanted: Wanted) -> dict[str, bytes]:
    return {
        str(path.relative_to(wanted.out)): path.read_bytes()
        for kind in ("csv", "parquet")
        for path in (wanted.out / kind).iterdir()
    }


def test_without_resume_all_is_judged_again_and_nothing_estimated(
    wanted: Wanted, clip: Path, estimated: list[str]
) -> None:
    ran(listed(clip), wanted)
    before = tables(wanted)
    assert kept_and_estimated(ran(listed(clip), changed(wanted, resume=False))) == (0, 0)
    assert estimated == ["a.mp4"]
    assert tables(wanted) == before


def test_a_file_that_changed_is_done_anew(
    wanted: Wanted, clip: Path, tmp_path: Path, estimated: list[str]
) -> None:
    ran(listed(clip), wanted)
    (first,) = rows(wanted, "recordings")
    other = film(tmp_path / "other.npz", "squat", (3, Side.BOTH))
    clip.write_text(str(other))
    assert kept_and_estimated(ran(listed(clip), wanted)) == (0, 1)
    (second,) = rows(wanted, "recordings")
    assert first["sha256"] != second["sha256"]
    assert [row["counted"] for row in rows(wanted, "sessions")] == ["3"]
    assert estimated == ["a.mp4", "a.mp4"]


def test_a_file_that_was_only_touched_is_judged_but_not_estimated(
    wanted: Wanted, clip: Path, estimated: list[str]
) -> None:
    ran(listed(clip), wanted)
    os.utime(clip, ns=(1, 1))
    assert kept_and_estimated(ran(listed(clip), wanted)) == (0, 0)
    assert estimated == ["a.mp4"]


def test_another_side_or_exercise_is_judged_but_not_estimated(
    wanted: Wanted, clip: Path, estimated: list[str]
) -> None:
    for todo in (listed(clip), listed(clip, side=Side.LEFT), listed(clip, exercise="push_up")):
        assert ran(todo, wanted).kept == 0
    assert estimated == ["a.mp4"]
    assert ran(listed(clip, side=Side.LEFT), wanted).kept == 1


def test_a_new_revision_of_an_exercise_is_judged_again(
    wanted: Wanted, clip: Path, estimated: list[str]
) -> None:
    own = wanted.place.folder / "exercises" / "squat.toml"
    own.parent.mkdir(parents=True)
    text = (files("hep_vision") / "exercises" / "catalogue" / "squat.toml").read_text()
    own.write_text(text)
    ran(listed(clip), wanted)
    assert ran(listed(clip), wanted).kept == 1
    revision = int(rows(wanted, "sessions")[0]["exercise_revision"])
    own.write_text(text.replace(f"revision = {revision}", f"revision = {revision + 1}"))
    assert kept_and_estimated(ran(listed(clip), wanted)) == (0, 0)
    assert rows(wanted, "sessions")[0]["exercise_revision"] == str(revision + 1)
    assert estimated == ["a.mp4"]


def test_the_same_content_is_estimated_once_wherever_it_lies(
    wanted: Wanted, clip: Path, tmp_path: Path, estimated: list[str]
) -> None:
    paths = [clip, *(tmp_path / f"{name}.mp4" for name in "bc")]
    for path in paths[1:]:
        path.write_bytes(clip.read_bytes())
    same_size = tmp_path / "d.mp4"
    same_size.write_text(str(clip.read_text()).replace("squats.npz", "nobody.xyz"))
    assert same_size.stat().st_size == clip.stat().st_size
    pieces: list[int] = []

    def counted(
        work: Any, items: Sequence[tuple[Job, ...]], *, progress: Any
    ) -> Iterator[Done[tuple[Outcome, ...]]]:
        pieces.extend(map(len, items))
        return spread(work, items, processes=1, progress=progress)

    summary = ran(listed(*paths, same_size), wanted, spread_over=counted)
    assert (summary.recordings, summary.failed, summary.estimated) == (4, 1, 1)
    assert estimated == ["a.mp4", "d.mp4"]
    assert pieces == [3, 1]
    ids = [row["session_id"] for row in rows(wanted, "sessions")]
    assert len(set(ids)) == len(ids) == 3


def test_tracks_of_one_size_are_not_put_together(wanted: Wanted, squats: Path) -> None:
    more = [squats.with_name(f"more{number}.npz") for number in range(3)]
    for path in more:
        path.write_bytes(squats.read_bytes())
    pieces: list[int] = []

    def counted(work: Any, items: Any, *, progress: Any) -> Iterator[Done[tuple[Outcome, ...]]]:
        pieces.extend(map(len, items))
        return spread(work, items, processes=1, progress=progress)

    ran(listed(*more), wanted, spread_over=counted)
    assert pieces == [1, 1, 1]


def test_a_damaged_track_is_estimated_again(
    wanted: Wanted, clip: Path, estimated: list[str]
) -> None:
    ran(listed(clip), wanted)
    (track,) = wanted.tracks.glob("*/*.npz")
    track.write_bytes(track.read_bytes()[:100])
    ran(listed(clip), changed(wanted, resume=False))
    assert estimated == ["a.mp4", "a.mp4"]
    assert TrackStore(wanted.tracks).find(track.stem) is not None


def test_every_asking_of_one_file_has_a_session_of_its_own(wanted: Wanted, squats: Path) -> None:
    todo = [
        *listed(squats),
        *listed(squats, patient="A."),
        *listed(squats, patient="B."),
        *listed(squats, recorded_at=datetime(2026, 1, 1, tzinfo=UTC)),
        *listed(squats, side=Side.LEFT),
    ]
    ran(todo, wanted)
    assert len({row["session_id"] for row in rows(wanted, "sessions")}) == len(todo)


# -- what goes wrong ------------------------------------------------------------------------------


def test_failures_that_may_have_been_mended_are_tried_again(
    wanted: Wanted, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"boom": "boom", "fails": "model", "text": "no video"}
    paths = [tmp_path / f"{name}.mp4" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text)
    todo = listed(clip, *paths, tmp_path / "missing.mp4")
    told: list[Outcome] = []
    summary = ran(todo, wanted, told=lambda outcome, _: told.append(outcome))
    assert (summary.failed, summary.kept) == (4, 0)
    assert {row["path"]: row["exit_code"] for row in rows(wanted, "failures")} == {
        "boom.mp4": "1",
        "fails.mp4": "1",
        "text.mp4": "3",
        "missing.mp4": "3",
    }
    assert "stopped unexpectedly (ValueError: boom)" in rows(wanted, "failures")[0]["reason"]
    assert len(told) == 5
    # The clip and the text are what they were; the others may be better now.
    assert (ran(todo, wanted).kept, ran(todo, wanted).failed) == (2, 4)


def test_a_file_that_could_not_be_read_is_tried_again(
    wanted: Wanted, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> str:
        raise SourceOpenError(f"{path} cannot be read: Permission denied.")

    with monkeypatch.context() as locked:
        locked.setattr("hep_vision.app.batch.judging.file_sha256", refused)
        assert ran(listed(clip), wanted).failed == 1
    summary = ran(listed(clip), wanted)
    assert (summary.failed, summary.kept, summary.estimated) == (0, 0, 1)


def test_what_is_no_file_is_not_opened(wanted: Wanted, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)  # who opens it waits for ever
    folder = tmp_path / "folder.mp4"
    folder.mkdir()
    assert ran(listed(pipe, folder), wanted).failed == 2
    assert all("is no file" in row["reason"] for row in rows(wanted, "failures"))


@pytest.mark.parametrize("name", [b"f\xfcr.mp4", b"a\nb.mp4", b"=1+1.mp4", b"\xe2\x80\xa8.mp4"])
def test_odd_names_are_analysed_and_told(wanted: Wanted, clip: Path, name: bytes) -> None:
    odd = clip.with_name(os.fsdecode(name))
    odd.write_bytes(clip.read_bytes())
    broken = clip.with_name(os.fsdecode(b"x" + name))
    broken.write_text("no video")
    todo = listed(odd, broken)
    assert ran(todo, wanted).failed == 1
    assert [len(rows(wanted, table)) for table in ("sessions", "failures")] == [1, 1]
    assert ran(todo, wanted).kept == 2


def test_the_tables_are_for_their_owner_only(wanted: Wanted, clip: Path) -> None:
    ran(listed(clip), wanted)
    for path in (wanted.out, *wanted.out.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_tables_that_are_not_ours_stop_a_batch_before_it_begins(
    wanted: Wanted, clip: Path, estimated: list[str]
) -> None:
    mine = wanted.out / "csv" / "mine.csv"
    mine.parent.mkdir(parents=True)
    mine.write_text("a,b\n")
    with pytest.raises(ExportError, match="not a folder of tables alone"):
        ran(listed(clip), wanted)
    assert mine.read_text() == "a,b\n"
    assert estimated == []


def test_drafts_that_a_kill_left_are_removed(wanted: Wanted, clip: Path) -> None:
    for name in (".csv.abcd.part", ".parquet.efgh.old"):
        (wanted.out / name).mkdir(parents=True)
        (wanted.out / name / "reps.csv").touch()
    ran(listed(clip), wanted)
    assert not [path.name for path in wanted.out.iterdir() if path.name.startswith(".")]


def test_a_second_batch_in_the_folder_is_told(wanted: Wanted, clip: Path) -> None:
    def meanwhile(_sizes: object, _summary: Summary) -> None:
        with pytest.raises(StoreError, match="another batch is at work"):
            ran(listed(clip), wanted)

    assert ran(listed(clip), wanted, planned=meanwhile).failed == 0


def test_ctrl_c_writes_the_tables_of_what_is_there_and_ends_the_work(
    wanted: Wanted, clip: Path, tmp_path: Path
) -> None:
    other = tmp_path / "b.mp4"
    other.write_text(clip.read_text() + " ")
    ended: list[str] = []

    def interrupted(work: Any, items: Any, *, progress: Any) -> Iterator[Any]:
        try:
            yield from spread(work, items, processes=1, progress=progress)
        finally:
            ended.append("closed")

    def stop(_outcome: Outcome, _summary: Summary) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ran(listed(clip, other), wanted, spread_over=interrupted, told=stop)
    assert ended == ["closed"]
    assert [row["path"] for row in rows(wanted, "recordings")] == ["a.mp4"]
    assert ran(listed(clip, other), wanted).kept == 1


def test_a_run_that_is_stopped_tells_nothing_by_an_older_question(
    wanted: Wanted, clip: Path, tmp_path: Path
) -> None:
    other = tmp_path / "b.mp4"
    other.write_text(clip.read_text() + " ")
    ran(listed(clip, other), wanted)
    os.utime(other, ns=(1, 1))

    def stop(_sizes: object, _summary: Summary) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ran(listed(clip, other), wanted, planned=stop)
    assert [row["path"] for row in rows(wanted, "recordings")] == ["a.mp4"]


# -- by the program -------------------------------------------------------------------------------

SQUAT = 'id = "squat"\nsets = 1\nreps = 2\ntimes_per_day = 1'
FILMED = datetime(2026, 5, 4, 9, tzinfo=UTC)


def sittings(wanted: Wanted) -> list[Any]:
    with SessionLog.open(wanted.place.folder) as log:
        return log.sittings.rows()


def test_a_recording_counts_once_however_often_the_batch_runs(
    wanted: Wanted, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_program(wanted.place.folder, [SQUAT], datetime(2026, 3, 1, tzinfo=UTC))
    todo = listed(clip, exercise=None, program=True, recorded_at=FILMED)
    assert ran(todo, wanted).failed == 0
    before = tables(wanted)
    with monkeypatch.context() as patched:
        patched.setattr("hep_vision.app.filmed_set._checksum", None)  # it is known
        assert ran(todo, wanted).kept == 1
    ran(todo, changed(wanted, resume=False))
    assert len(sittings(wanted)) == 1
    assert tables(wanted) == before


def test_a_kill_between_booking_and_journal_books_nothing_twice(
    wanted: Wanted, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_program(wanted.place.folder, [SQUAT], datetime(2026, 3, 1, tzinfo=UTC))
    todo = listed(clip, exercise=None, program=True)

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    os.utime(clip, (FILMED.timestamp(), FILMED.timestamp()))
    with monkeypatch.context() as patched:
        patched.setattr(batch_run.Journal, "keep", killed)
        with pytest.raises(Killed):
            ran(todo, wanted)
    assert len(sittings(wanted)) == 1
    assert ran(todo, wanted).failed == 0
    assert len(sittings(wanted)) == 1
    assert "the date of its file was taken" in rows(wanted, "recordings")[0]["notes"]


def test_what_the_program_does_not_prescribe_fails_alone(wanted: Wanted, clip: Path) -> None:
    enter_program(wanted.place.folder, [SQUAT], datetime(2026, 3, 1, tzinfo=UTC))
    todo = [
        *listed(clip, program=True, recorded_at=FILMED),
        *listed(clip, exercise="push_up", program=True, recorded_at=FILMED),
    ]
    assert ran(todo, wanted).failed == 1
    (failure,) = rows(wanted, "failures")
    assert (failure["exercise"], failure["exit_code"]) == ("push_up", "2")
    assert "not prescribed" in failure["reason"]
