"""The real command with its real window, on a screen that nobody sees, and a video as camera."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

import hep_vision
from camera_clips import squats_after_standing
from hep_vision.core.types import StopReason
from hep_vision.store.records import SessionStatus, SittingRow
from hep_vision.store.sessions import SessionLog
from rehearsal import sets_of, sitting_of

PACKAGES: Final = Path(hep_vision.__file__).parents[1]
RUN: Final = "from hep_vision.cli.main import run; run()"
STUCK_S: Final = 45.0
"""Only a broken session lets a test wait for this long."""

_PROGRAMS: Final = ("Xvfb", "openbox", "xdotool")
_MISSING: Final = [name for name in _PROGRAMS if shutil.which(name) is None]
_POLL_S: Final = 0.1

if _MISSING and os.environ.get("HEP_VISION_ALL_TESTS"):
    pytest.fail(f"missing programs: {', '.join(_MISSING)}", pytrace=False)
pytestmark = [
    pytest.mark.skipif(bool(_MISSING), reason=f"needs {', '.join(_MISSING)}"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs an X server"),
]


def eventually(come_true: Callable[[], Any]) -> Any:
    """Ask again and again until the answer is something, and return it."""
    pause = threading.Event()
    for _ in range(round(STUCK_S / _POLL_S)):
        if answer := come_true():
            return answer
        pause.wait(_POLL_S)
    raise AssertionError(f"it did not happen within {STUCK_S:.0f} s")


@pytest.fixture(scope="module")
def screen() -> Iterator[dict[str, str]]:
    """Return the environment of a screen with a window manager."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "640x360x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        display = f":{told.readline().strip()}"
    environment = {k: v for k, v in os.environ.items() if k != "WAYLAND_DISPLAY"}
    environment |= {"DISPLAY": display, "PYTHONPATH": str(PACKAGES)}
    manager = subprocess.Popen(
        ["openbox"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    yield environment
    for process in (manager, server):
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return squats_after_standing(tmp_path_factory.mktemp("camera") / "camera.mp4")


@dataclass
class Live:
    """The command under way."""

    process: subprocess.Popen[str]
    environment: dict[str, str]

    def press(self, key: str) -> None:
        """Press a key in the window that has the focus."""
        subprocess.run(["xdotool", "key", key], env=self.environment, check=True)

    def wait_for_window(self) -> None:
        """Wait until the window is on the screen, and give it the keys."""

        def is_active() -> bool:
            assert self.process.poll() is None, self.end()
            search = ["xdotool", "search", "--onlyvisible", "--name", "^hep-vision$"]
            command = [*search, "windowactivate"]
            done = subprocess.run(command, env=self.environment, capture_output=True, check=False)
            return done.returncode == 0

        eventually(is_active)

    def end(self) -> tuple[int, str, str]:
        """Wait for the end; return exit code, output and errors."""
        out, err = self.process.communicate(timeout=STUCK_S)
        return self.process.returncode, out, err


@pytest.fixture
def start(screen: dict[str, str], clip: Path, tmp_path: Path) -> Iterator[Callable[..., Live]]:
    started: list[Live] = []

    def begin(*arguments: str) -> Live:
        command = [sys.executable, "-c", RUN, "--data-dir", str(tmp_path), "live"]
        fixed = ["--camera", str(clip), "--no-questions", "--voice", "silent"]
        process = subprocess.Popen(
            [*command, *fixed, *arguments],
            env=screen,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(Live(process, screen))
        return started[-1]

    yield begin
    for live in started:
        live.process.kill()
        live.process.communicate()


def begun(data_dir: Path) -> SittingRow | None:
    """Return the sitting once it is in the log."""
    if not any(data_dir.glob("*.sqlite3")):
        return None
    with SessionLog.open(data_dir) as log:
        rows = log.sittings.rows()
    return rows[0] if rows else None


def counted(data_dir: Path) -> int:
    row = begun(data_dir)
    return sum(one.session.counts.counted for one in row.sets) if row else 0


def test_a_killed_session_goes_on_where_it_stopped(
    start: Callable[..., Live], tmp_path: Path
) -> None:
    killed = start("-e", "squat", "--sets", "1", "--reps", "3", "--fresh")
    eventually(lambda: counted(tmp_path) == 2)
    killed.process.kill()
    assert killed.end()[0] == -9
    assert counted(tmp_path) == 2
    assert sitting_of(tmp_path).status is SessionStatus.RUNNING

    code, out, err = start("--resume").end()

    assert (code, err) == (0, "")
    assert "Squat: 3 of 3 repetitions" in out.splitlines()
    row = sitting_of(tmp_path)
    assert row.status is SessionStatus.FINISHED
    assert [one.session.counts.counted for one in row.sets] == [2, 1]
    assert [one.row.track_path is not None for one in sets_of(tmp_path)] == [False, True]


def test_keys_of_the_real_window(start: Callable[..., Live], tmp_path: Path) -> None:
    live = start("-e", "squat", "--sets", "1", "--reps", "3", "--fresh")
    live.wait_for_window()
    eventually(lambda: begun(tmp_path))

    def is_tired() -> bool:
        # Neither means anything where the other is asked for.
        live.press("q")
        live.press("2")
        return sitting_of(tmp_path).stop_reason is StopReason.TIRED

    eventually(is_tired)
    live.press("space")
    code, _, err = live.end()
    assert (code, err) == (0, "")
    assert sitting_of(tmp_path).status is SessionStatus.INTERRUPTED


def test_closing_the_real_window(start: Callable[..., Live], tmp_path: Path) -> None:
    live = start("-e", "squat", "--sets", "1", "--reps", "30", "--fresh", "--window")
    live.wait_for_window()
    eventually(lambda: begun(tmp_path))
    live.press("alt+F4")
    code, _, err = live.end()
    assert (code, err) == (0, "")
    assert sitting_of(tmp_path).status is SessionStatus.INTERRUPTED
