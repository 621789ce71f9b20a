"""Write a program as a page to print."""

from pathlib import Path

from hep_vision.app.program import FindExercise
from hep_vision.program.loading import read_program
from hep_vision.reports.handout import HANDOUT, handout
from hep_vision.reports.pages import write_page


def write_handout(
    data: bytes, shown: str, number: int | None, find: FindExercise, path: Path
) -> None:
    """Write the page, for its owner only.

    Args:
        data: The text of the program, as UTF-8.
        shown: What to call it in a message.
        number: Its version; None for a file that is not entered.
        find: Gives an exercise by its id.
        path: Where the page goes; a handout that is there is replaced.

    Raises:
        ProgramError: The program is malformed.
        OutputTakenError: Another file is there.
        ExportError: The page cannot be written.
    """
    write_page(path, handout(read_program(data, shown, find), number, find), HANDOUT)
