"""Make the pictures of progress: a simulated month as a plot, a report and a handout.

python scripts/month_pictures.py

Needs Chromium, which draws the pages (on Debian: chromium). The month is simulated anew, in about a
minute.
"""

import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[1]
PICTURES: Final = CHECKOUT / "docs" / "pictures"
SEED: Final = "1"
DAYS: Final = 30
START: Final = date(2026, 1, 5)
LAST: Final = START + timedelta(days=DAYS - 1)
_PAGE_PX: Final = (900, 1_200)
_RUN: Final = "from hep_vision.cli.main import run; run()"


def main() -> int:
    """Write the pictures and return the exit code."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.stderr.write("month_pictures: Chromium draws the pages; install it first.\n")
        return 1
    with TemporaryDirectory() as folder:
        place = Path(folder)
        log = place / "log"
        simulated = ("-m", "benchmarks.month", "--data-dir", str(log), "--seed", SEED)
        _python(*simulated, "--days", str(DAYS), "--start", START.isoformat())
        until = ("--until", LAST.isoformat())
        _hep_vision(log, "progress", "--plot", str(PICTURES / "progress.png"), *until)
        report = ("report", "--since", START.isoformat(), *until, "--out", str(place / "r.html"))
        _hep_vision(log, *report)
        _hep_vision(log, "program", "print", "--out", str(place / "handout.html"))
        for page, name in (("r.html", "report.png"), ("handout.html", "handout.png")):
            _photograph(browser, place / page, PICTURES / name)
    for picture in PICTURES.glob("*.png"):
        picture.chmod(0o644)  # what the program writes is for its owner only; these are published
    return 0


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=CHECKOUT, check=True)


def _hep_vision(log: Path, *arguments: str) -> None:
    _python("-c", _RUN, "--data-dir", str(log), *arguments)


def _photograph(browser: str, page: Path, picture: Path) -> None:
    width, height = _PAGE_PX
    subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--hide-scrollbars",
            f"--window-size={width},{height}",
            f"--screenshot={picture}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
    )


if __name__ == "__main__":
    sys.exit(main())
