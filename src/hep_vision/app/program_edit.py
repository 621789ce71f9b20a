"""A program in the editor of the person's choice."""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hep_vision.errors import ProgramError
from hep_vision.program.loading import FindExercise, validate_file

_VARIABLES: Final = ("VISUAL", "EDITOR")
_USUAL: Final = "notepad" if os.name == "nt" else "vi"


def edit_program(
    text: str, folder: Path, find: FindExercise, go_on: Callable[[list[str]], bool]
) -> str | None:
    """Open a program in the editor until it is sound.

    Args:
        text: The program as it is.
        folder: Where the draft lies meanwhile, for its owner only.
        find: Gives an exercise by its id.
        go_on: Told what is wrong; returns whether to open the editor again.

    Returns:
        The changed text; None where nothing was changed.

    Raises:
        ProgramError: The editor cannot be run or fails, or the person gave up; what was written so
            far is kept, and the message says where.
    """
    # mkstemp gives mode 0600, and a name that says nothing of the patient.
    handle, name = tempfile.mkstemp(dir=folder, prefix="program.", suffix=".toml")
    draft = Path(name)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    while True:
        _open(draft)
        written = draft.read_text(encoding="utf-8-sig", errors="replace")
        if written == text:
            draft.unlink()
            return None
        problems = validate_file(draft, find)
        if not problems:
            draft.unlink()
            return written
        if not go_on(problems):
            raise ProgramError(
                f"Nothing was entered. What you wrote is in {draft}: put it right, and enter it "
                "with `hep-vision program import`."
            )


def _open(draft: Path) -> None:
    editor = next(filter(None, map(os.environ.get, _VARIABLES)), _USUAL)
    try:
        code = subprocess.run([*shlex.split(editor), str(draft)], check=False).returncode
    except OSError as error:
        draft.unlink()
        raise ProgramError(
            f"The editor {editor} cannot be run: {error.strerror}. Name another in EDITOR."
        ) from error
    if code != 0:
        raise ProgramError(
            f"The editor {editor} ended with an error; what you wrote is in {draft}."
        )
