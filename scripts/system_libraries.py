"""Say in one line which system libraries OpenCV and MediaPipe need and this machine lacks.

    python3 scripts/system_libraries.py [--packages] [--tests]

The Python packages bring everything else themselves. ``--packages`` prints only the names of the
Debian packages; with ``--tests``, also those of programs that some tests need. Exit code 1 if
something is missing. Runs under any Python 3.
"""

import ctypes
import shutil
import sys
from pathlib import Path

PACKAGE_OF = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libglib-2.0.so.0": "libglib2.0-0",
}

# A screen that nobody sees, with a window manager and somebody who presses keys; a browser; a
# database server, whose programs Debian keeps off the PATH.
PACKAGE_OF_PROGRAM = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "chromium": "chromium",
    "pg_ctl": "postgresql",
}


def is_there(program: str) -> bool:
    """Return whether a program is on the PATH, or where Debian keeps those of PostgreSQL."""
    return bool(shutil.which(program) or list(Path("/usr/lib/postgresql").glob(f"*/bin/{program}")))


def missing_packages(*, tests: bool) -> "list[str]":
    """Return the Debian packages of the libraries that cannot be loaded, and of programs."""
    missing = []
    if tests:
        missing += [name for what, name in PACKAGE_OF_PROGRAM.items() if not is_there(what)]
    for library, package in PACKAGE_OF.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def main() -> int:
    """Print what is missing and return the exit code."""
    packages = (
        " ".join(missing_packages(tests="--tests" in sys.argv)) if sys.platform == "linux" else ""
    )
    if not packages:
        return 0
    if "--packages" in sys.argv:
        sys.stdout.write(packages + "\n")
    else:
        sys.stderr.write(
            "hep-vision needs system libraries that this machine lacks; on Debian and Ubuntu: "
            "sudo apt-get install " + packages + "\n"
        )
    return 1


if __name__ == "__main__":
    sys.exit(main())
