"""Run the command line in this process, as its user would."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from hep_vision.cli.main import run

SAMPLES = Path(__file__).parents[2] / "sample_videos"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def hep_vision(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data_dir: Path
) -> Callable[..., Ran]:
    """Return a function that runs ``hep-vision ARGS`` and tells code, output and errors."""
    monkeypatch.setenv("HEP_VISION_DATA_DIR", str(data_dir))
    monkeypatch.setenv("COLUMNS", "80")

    def command(*args: object) -> Ran:
        capsys.readouterr()
        monkeypatch.setattr("sys.argv", ["hep-vision", *map(str, args)])
        with pytest.raises(SystemExit) as stopped:
            run()
        captured = capsys.readouterr()
        code = stopped.value.code
        assert code is None or isinstance(code, int)
        assert "Traceback" not in captured.err
        return Ran(int(code or 0), captured.out, captured.err)

    return command


@pytest.fixture(scope="session")
def squat_clip() -> Path:
    return SAMPLES / "squat_side.mp4"
