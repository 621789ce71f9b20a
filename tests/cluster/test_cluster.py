"""A batch on a real scheduler and real workers, with what goes wrong there."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import av
import pytest

from fatal import ALWAYS, ONCE, judge_or_die, tasks_left
from hep_vision.app.analyse import Model, find_model
from hep_vision.app.batch import parcels
from hep_vision.app.batch.judging import FAILURES, Outcome, Overlays
from hep_vision.app.batch.manifest import Listed
from hep_vision.app.batch.planning import OVERLAYS, Wanted
from hep_vision.app.batch.run import TRACKS, Summary, Watch, run_batch
from hep_vision.app.filmed import Recording
from hep_vision.app.workers import spread
from hep_vision.core.types import Side, View
from hep_vision.errors import ClusterError
from hep_vision.exercises.loading import find_exercise
from hep_vision.sources.recorded import TrackRecorder, write_track
from hep_vision.store.locations import LogPlace
from media import write_video
from moving import done_by, filmed, times

pytest.importorskip("distributed", reason="needs the extra cluster")

from hep_vision.app.cluster import _Spread, connected, spread_over_cluster

ROOT = Path(__file__).parents[2]
SQUAT_CLIP = ROOT / "sample_videos" / "squat_side.mp4"
ELSEWHERE = Path("/proc/self/cwd")
"""A folder under a path that is another one in another process."""

WORKERS = 2
STUCK_S = 60.0

pytestmark = pytest.mark.skipif(not ELSEWHERE.is_dir(), reason="needs /proc and SIGKILL")


# -- a cluster -------------------------------------------------------------------------------------


@contextmanager
def running(*arguments: str, folder: Path, says: str) -> Iterator[tuple[str, int]]:
    """Give the rest of the line in which a program of Dask says something, and its process id."""
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments, "--no-dashboard"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        cwd=folder,
        start_new_session=True,
        env=os.environ
        | {
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}",
            "HEP_VISION_DATA_DIR": str(folder / "data"),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        },
    )
    assert process.stderr is not None
    # Whoever is not listened to stops when the pipe is full.
    listener = threading.Thread(target=process.stderr.read)
    try:
        line = next((line for line in process.stderr if says in line), "")
        listener.start()
        assert line, f"dask {' '.join(arguments)} ended at once"
        yield line.partition(says)[2].strip(), process.pid
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        listener.join()
        process.stderr.close()


@contextmanager
def a_cluster(folder: Path, workers: int) -> Iterator[tuple[str, int]]:
    """Give the address of a scheduler with workers, and its process id."""
    scheduler = ("scheduler", "--host", "127.0.0.1", "--port", "0")
    with running(*scheduler, folder=folder / "scheduler", says="Scheduler at:") as (address, pid):
        worker = ("worker", address, "--nworkers", str(workers), "--nthreads", "1")
        with running(*worker, folder=folder / "worker", says="Registered to:"):
            yield address, pid


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with a_cluster(tmp_path_factory.mktemp("cluster"), WORKERS) as (address, _):
        yield address


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return find_model("full", tmp_path_factory.mktemp("data"))


def eventually(come_true: Callable[[], Any]) -> None:
    pause = threading.Event()
    for _ in range(round(STUCK_S / 0.1)):
        if come_true():
            return
        pause.wait(0.1)
    raise AssertionError(f"it did not happen within {STUCK_S:.0f} s")


# -- recordings ------------------------------------------------------------------------------------


def track(path: Path, count: int = 2) -> Path:
    """Write the landmarks of ``count`` squats."""
    squat = find_exercise("squat")
    recorder = TrackRecorder((1280, 720))
    for pose in filmed(done_by(squat, times(count, 1.0), Side.BOTH), View.SIDE, Side.BOTH):
        recorder.add(pose)
    write_track(path, recorder.track())
    return path


def clip(path: Path, frames: int = 12) -> Path:
    """Write the first pictures of a person who squats."""
    with av.open(str(SQUAT_CLIP)) as container:
        decoded = container.decode(video=0)
        found = [
            frame.reformat(width=320, height=240, format="rgb24").to_ndarray()
            for frame, _ in zip(decoded, range(frames), strict=False)
        ]
    return write_video(
        path,
        stamps_ms=range(0, 40 * frames, 40),
        size_px=(320, 240),
        picture=lambda index: found[index],
    )


def listed(*paths: Path, side: Side | None = None) -> list[Listed]:
    return [Listed(Recording(path, "squat", side), path.name) for path in paths]


def asked(out: Path, model: Model | None = None, **more: Any) -> Wanted:
    return Wanted(out, out / TRACKS, LogPlace(out.parent / "data"), model, **more)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@dataclass
class Told:
    """What was told of a batch."""

    outcomes: list[Outcome] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    @property
    def watch(self) -> Watch:
        return Watch(
            progress=lambda _index, share, _frames: self.shares.append(share),
            told=lambda outcome, _summary: self.outcomes.append(outcome),
        )

    @property
    def reasons(self) -> list[str]:
        return [
            str(dict(zip([one.name for one in FAILURES.columns], row, strict=True))["reason"])
            for outcome in self.outcomes
            for row in outcome.rows.get(FAILURES.name, ())
        ]


def run(
    recordings: list[Listed], wanted: Wanted, address: str, watch: Watch | None = None
) -> Summary:
    with connected(address) as client:
        over_cluster = partial(spread_over_cluster, scheduler=client)
        return run_batch(recordings, wanted, over_cluster, watch or Watch())


# -- results ---------------------------------------------------------------------------------------


def test_tables_are_those_of_a_local_run_though_a_worker_is_killed(
    cluster: str, model: Model, tmp_path: Path
) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    recordings = listed(
        *(track(tmp_path / f"set-{count}.npz", count) for count in (1, 2, 3)),
        track(tmp_path / f"{ONCE}.npz", 4),
        clip(tmp_path / "person.mp4"),
        write_video(tmp_path / "nobody.mp4"),
        tmp_path / "text.mp4",
        tmp_path / "missing.mp4",
    )
    here, there, told = asked(tmp_path / "here", model), asked(tmp_path / "there", model), Told()
    run_batch(recordings, here, partial(spread, processes=1), Watch())
    with connected(cluster) as client:

        def deadly(_work: object, items: Any, **more: Any) -> Any:
            return spread_over_cluster(judge_or_die, items, scheduler=client, **more)

        summary = run_batch(recordings, there, deadly, told.watch)
    assert (tmp_path / f"{ONCE}.died").exists()
    assert (summary.recordings, summary.failed, summary.estimated) == (8, 3, 1)
    for name in ("csv", "parquet", TRACKS):
        assert files(here.out / name) == files(there.out / name)
    assert len(files(here.out / TRACKS)) == 2
    assert any(0.0 < share < 1.0 for share in told.shares)
    assert told.shares.count(1.0) >= 7


def test_what_kills_workers_again_and_again_is_the_problem_of_itself(
    cluster: str, tmp_path: Path
) -> None:
    told = Told()
    recordings = listed(
        track(tmp_path / f"{ALWAYS}.npz", 1), *(track(tmp_path / f"{n}.npz", n) for n in (2, 3, 4))
    )
    with connected(cluster) as client:

        def deadly(_work: object, items: Any, **more: Any) -> Any:
            return spread_over_cluster(judge_or_die, items, scheduler=client, **more)

        summary = run_batch(recordings, asked(tmp_path / "out"), deadly, told.watch)
    assert (summary.recordings, summary.failed) == (4, 1)
    assert told.reasons == [f"{ALWAYS}.npz: the analysis killed the process that worked on it."]


# -- folders that workers do not see ---------------------------------------------------------------


def test_landmarks_and_overlays_come_back_where_folders_are_out_of_sight(
    cluster: str, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recording = clip(tmp_path / "person.mp4")
    here = asked(tmp_path / "here", model, overlays=Overlays.ALL)
    run_batch(listed(recording), here, partial(spread, processes=1), Watch())
    unseen = asked(ELSEWHERE / "out", model, overlays=Overlays.ALL)
    assert run(listed(recording), unseen, cluster).estimated == 1
    for name in ("csv", TRACKS):
        assert files(here.out / name) == files(tmp_path / "out" / name)
    assert set(files(here.out / OVERLAYS)) == set(files(tmp_path / "out" / OVERLAYS))
    for path in (tmp_path / "out").rglob("*.*"):
        assert path.is_dir() or path.stat().st_mode & 0o777 == 0o600

    # Another question about the same recording: its landmarks are sent along.
    again = run(listed(recording, side=Side.LEFT), replace(unseen, overlays=Overlays.NONE), cluster)
    assert (again.failed, again.estimated) == (0, 0)
    assert files(here.out / TRACKS) == files(tmp_path / "out" / TRACKS)


def test_a_recording_that_workers_do_not_see_is_a_failure_that_says_so(
    cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    track(tmp_path / "seen.npz")
    track(tmp_path / "unseen.npz")
    told = Told()
    recordings = listed(tmp_path / "seen.npz", ELSEWHERE / "unseen.npz")
    assert run(recordings, asked(tmp_path / "out"), cluster, told.watch).failed == 1
    (reason,) = told.reasons
    assert f"does not see {ELSEWHERE}/unseen.npz" in reason
    # It is tried again once the storage is shared.
    resumed = run(recordings, asked(tmp_path / "out", resume=True), cluster)
    assert (resumed.kept, resumed.failed) == (1, 1)


# -- workers that would judge otherwise ------------------------------------------------------------


def test_another_version_on_the_workers_is_told(
    cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "__version__", "9.9")
    with pytest.raises(ClusterError, match=r"has hep-vision .*, not 9\.9"):
        run(listed(track(tmp_path / "a.npz")), asked(tmp_path / "out"), cluster)


def test_another_mediapipe_on_the_workers_is_told(
    cluster: str, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "settings", lambda _model, _reading: {"mediapipe": "9.9"})
    with pytest.raises(ClusterError, match=r"has mediapipe .*, not 9\.9"):
        run(listed(write_video(tmp_path / "a.mp4")), asked(tmp_path / "out", model), cluster)


def test_another_model_on_the_workers_is_told(cluster: str, model: Model, tmp_path: Path) -> None:
    other = replace(model, sha256="0" * 64)
    with pytest.raises(ClusterError, match="has another pose model 'full'"):
        run(listed(write_video(tmp_path / "a.mp4")), asked(tmp_path / "out", other), cluster)


def test_another_version_on_a_worker_that_came_later_is_told(
    cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Spread, "_inspected", lambda _self: True)
    monkeypatch.setattr(parcels, "__version__", "9.9")
    with pytest.raises(ClusterError, match=r"has hep-vision .*, not 9\.9"):
        run(listed(track(tmp_path / "a.npz")), asked(tmp_path / "out"), cluster)


def test_the_mark_of_a_folder_does_not_stay(cluster: str, tmp_path: Path) -> None:
    run(listed(track(tmp_path / "a.npz")), asked(tmp_path / "out"), cluster)
    assert files(tmp_path / "out" / TRACKS) == {}


# -- ends ------------------------------------------------------------------------------------------


def test_only_a_few_pieces_are_with_the_scheduler_at_once(cluster: str, tmp_path: Path) -> None:
    source = track(tmp_path / "set.npz", 1).read_bytes()
    paths = [tmp_path / f"{number:02}.npz" for number in range(16)]
    for number, path in enumerate(paths):
        path.write_bytes(source + bytes(number))  # of different sizes, so that each is a piece
    most = 0
    with connected(cluster) as client:

        def count(_outcome: Outcome, _summary: Summary) -> None:
            nonlocal most
            most = max(most, len(client.futures))

        watch = Watch(told=count)
        over_cluster = partial(spread_over_cluster, scheduler=client)
        summary = run_batch(listed(*paths), asked(tmp_path / "out"), over_cluster, watch)
    assert (summary.recordings, summary.failed) == (16, 0)
    assert 1 <= most <= 2 * WORKERS + 1


def test_who_interrupts_leaves_nothing_on_the_cluster(cluster: str, tmp_path: Path) -> None:
    paths = [track(tmp_path / f"{number}.npz", number) for number in range(1, 7)]

    def interrupt(_outcome: Outcome, _summary: Summary) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(listed(*paths), asked(tmp_path / "out"), cluster, Watch(told=interrupt))
    with connected(cluster) as client:
        eventually(lambda: client.run_on_scheduler(tasks_left) == 0)
    summary = run(listed(*paths), asked(tmp_path / "out", resume=True), cluster)
    assert (summary.kept, summary.failed) == (1, 0)


def test_a_batch_does_not_wait_for_workers_for_ever(
    cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hep_vision.app.cluster._WORKERLESS_S", 0.0)
    monkeypatch.setattr("distributed.Client.nthreads", lambda _self: {})
    with pytest.raises(ClusterError, match=r"no worker is left .* --resume"):
        run(listed(track(tmp_path / "a.npz")), asked(tmp_path / "out"), cluster)


def test_a_scheduler_without_workers_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hep_vision.app.cluster._REACH_S", 2.0)
    alone = ("scheduler", "--host", "127.0.0.1", "--port", "0")
    with (
        running(*alone, folder=tmp_path / "scheduler", says="Scheduler at:") as (address, _),
        pytest.raises(ClusterError, match=f"start one with: dask worker {address}"),
    ):
        run(listed(track(tmp_path / "a.npz")), asked(tmp_path / "out"), address)


def test_a_scheduler_that_is_lost_before_any_work_is_told(
    cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("distributed.Client.wait_for_workers", refuse)
    with pytest.raises(ClusterError, match="lost the scheduler"):
        run(listed(track(tmp_path / "a.npz")), asked(tmp_path / "out"), cluster)


def test_what_was_done_before_the_scheduler_was_lost_is_kept(tmp_path: Path) -> None:
    paths = [track(tmp_path / f"{number}.npz", number) for number in range(1, 9)]
    wanted = asked(tmp_path / "out")
    with a_cluster(tmp_path / "cluster", 1) as (address, pid):

        def kill(_outcome: Outcome, summary: Summary) -> None:
            os.kill(pid, signal.SIGKILL)

        with pytest.raises(ClusterError, match="--resume"):
            run(listed(*paths), wanted, address, Watch(told=kill))
    recordings = (wanted.out / "csv" / "recordings.csv").read_text().splitlines()
    assert 2 <= len(recordings) < 9  # with the line of names
    again = replace(wanted, resume=True)
    summary = run_batch(listed(*paths), again, partial(spread, processes=1), Watch())
    assert (summary.kept, summary.failed) == (len(recordings) - 1, 0)
