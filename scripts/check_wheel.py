"""Install the wheel in dist/ by itself and use it, to see that it carries all its data.

    python scripts/check_wheel.py

The wheel goes to a temporary folder, without the source tree, on top of the pinned packages of the
environment that runs this.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[1]
CLIP: Final = CHECKOUT / "sample_videos" / "squat_side.mp4"

INSPECT: Final = """
from importlib.resources import files
from pathlib import Path
import hep_vision
from hep_vision.exercises.loading import catalogue
from hep_vision.pose.model_file import DEFAULT_MODEL, find_model, locate, shipped_folder, verify
from hep_vision.store.sessions import SessionLog

installed = Path(hep_vision.__file__).parent
assert installed.parent == Path.cwd(), f"imported from {installed}"
assert shipped_folder() == installed / "model_data", shipped_folder()
assert {"LICENSE", "NOTICE"} <= {item.name for item in shipped_folder().iterdir()}
verify(locate(DEFAULT_MODEL, Path("none")), find_model(DEFAULT_MODEL))
assert catalogue(), "no exercises"
with SessionLog.open(Path("log")) as log:
    assert log.sessions() == []
print(f"{len(catalogue())} exercises, model and migrations are in the wheel")
"""


def run(arguments: list[str], folder: Path) -> str:
    """Run a command beside the installed wheel and return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "HEP_VISION_DATA_DIR": "data"}
    done = subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"check_wheel: {' '.join(arguments[:3])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    """Install the wheel, look into it and run its command."""
    wheels = list((CHECKOUT / "dist").glob("*.whl"))
    if len(wheels) != 1:
        sys.exit(f"check_wheel: expected one wheel in dist/, found {len(wheels)}; run make wheel")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        run([*pip, "install", "--no-deps", "--no-index", "--target", ".", str(wheels[0])], folder)
        sys.stdout.write(run([sys.executable, "-c", INSPECT], folder))
        command = str(folder / "bin" / "hep-vision")
        version = run([command, "--version"], folder).strip()
        help_text = run([command, "--help"], folder)
        if "analyze" not in help_text:
            sys.exit("check_wheel: hep-vision --help does not name analyze")
        analysis = run([command, "analyze", str(CLIP), "-e", "squat", "-f", "json"], folder)
        counted = json.loads(analysis)["counts"]["counted"]
        names = ["--patient", "A.", "--therapist", "B.", "--out", "program.toml"]
        run([command, "program", "new", "low_back", *names], folder)
        run([command, "program", "print", "program.toml"], folder)
    sys.stdout.write(f"{version} from {wheels[0].name} counts {counted} in {CLIP.name}\n")


if __name__ == "__main__":
    main()
