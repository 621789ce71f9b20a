"""Write a version of a program as a page to print."""

from pathlib import Path

from hep_vision.app.program import FindExercise, program_of
from hep_vision.files import private_draft
from hep_vision.reports.handout import handout
from hep_vision.store.records import ProgramVersionRow


def write_handout(row: ProgramVersionRow, find: FindExercise, path: Path) -> None:
    """Write the page, for its owner only.

    Args:
        row: The version.
        find: Gives an exercise by its id.
        path: Where the page goes; one that is there is replaced.

    Raises:
        ProgramError: The version cannot be read any more.
        ExportError: The page cannot be written.
    """
    page = handout(program_of(row, find), row.ref.number, find)
    with private_draft(path, "the handout") as draft:
        draft.write_text(page, encoding="utf-8", newline="\n")
