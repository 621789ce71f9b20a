"""Work spread over processes, some of which die."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from multiprocessing import active_children
from pathlib import Path

import pytest

import hep_vision
from hep_vision.app.workers import Done, Report, spread

PACKAGES = Path(hep_vision.__file__).parents[1]
PROCESSES = 2


def work(item: tuple[str, Path], report: Report) -> int:
    """Do what an item says; every start leaves a line in its file."""
    what, log = item
    with log.open("a") as file:
        file.write("begun\n")
    report(0.5, 7)
    if what == "exit":
        os._exit(1)
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "raise":
        raise ValueError("a\nline")
    if what == "wait":
        signal.pause()
    return os.getpid()


def items(tmp_path: Path, *what: str) -> list[tuple[str, Path]]:
    return [(one, tmp_path / f"{place}.log") for place, one in enumerate(what)]


def outcomes(done: list[Done[int]]) -> list[str]:
    return [one.problem for one in sorted(done, key=lambda one: one.index)]


def begun(tmp_path: Path, place: int) -> int:
    path = tmp_path / f"{place}.log"
    return path.read_text().count("begun") if path.exists() else 0


def test_who_kills_a_process_or_raises_takes_nobody_along(tmp_path: Path) -> None:
    what = ("ok", "exit", "ok", "raise", "ok", "kill", "ok")
    done = list(spread(work, items(tmp_path, *what), processes=PROCESSES))
    assert outcomes(done) == [
        "",
        "killed the process that worked on it",
        "",
        "stopped unexpectedly (ValueError: a\nline)",
        "",
        "killed the process that worked on it",
        "",
    ]
    assert all((one.value is None) == bool(one.problem) for one in done)
    assert begun(tmp_path, 1) <= 2
    assert os.getpid() not in {one.value for one in done}
    assert not active_children()


def test_the_only_item_cannot_kill_this_process_either(tmp_path: Path) -> None:
    (done,) = spread(work, items(tmp_path, "exit"), processes=PROCESSES)
    assert done == Done(0, problem="killed the process that worked on it")


def test_one_process_is_this_one_and_tells_of_progress(tmp_path: Path) -> None:
    told: list[tuple[int, float, int]] = []
    todo = items(tmp_path, "ok", "raise")
    done = list(spread(work, todo, processes=1, progress=lambda *moved: told.append(moved)))
    assert [one.value for one in done] == [os.getpid(), None]
    assert told == [(0, 0.5, 7), (1, 0.5, 7)]


def test_nothing_to_do_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hep_vision.app.workers.SyncManager", None)
    assert list(spread(work, [], processes=PROCESSES)) == []


def test_who_has_seen_enough_leaves_no_process_behind(tmp_path: Path) -> None:
    todo = items(tmp_path, "ok", "wait", "wait", "wait")
    with closing(spread(work, todo, processes=PROCESSES)) as results:
        assert next(results).index == 0
        assert active_children()
    assert not active_children()


# Whoever starts the tests in the background has Ctrl-C ignored, and so would what they start.
WAITS = """
import signal
import sys
from pathlib import Path
from test_workers import PROCESSES, items, spread, work

def told(index, share, frames):
    print("begun", flush=True)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for _ in spread(work, items(Path(sys.argv[1]), "wait", "wait"), processes=PROCESSES,
                    progress=told):
        pass
"""


@pytest.fixture
def parent(tmp_path: Path) -> subprocess.Popen[str]:
    script = tmp_path / "waits.py"
    script.write_text(WAITS)
    paths = (PACKAGES, Path(__file__).parent)
    return subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))},
        start_new_session=True,
    )


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_one_that_is_killed(
    parent: subprocess.Popen[str], sign: signal.Signals
) -> None:
    assert parent.stdout is not None
    assert parent.stdout.readline() == "begun\n"
    parent.send_signal(sign)
    # All processes hold the other ends of the pipes: these end with the last of them.
    _, complaints = parent.communicate(timeout=60)
    assert parent.returncode == -sign
    assert "Traceback" not in complaints


def test_ctrl_c_is_for_the_parent_alone(parent: subprocess.Popen[str]) -> None:
    assert parent.stdout is not None
    assert parent.stdout.readline() == "begun\n"
    os.killpg(parent.pid, signal.SIGINT)
    _, complaints = parent.communicate(timeout=60)
    assert parent.returncode == -signal.SIGINT
    assert complaints.count("Traceback") == 1  # that of this script
