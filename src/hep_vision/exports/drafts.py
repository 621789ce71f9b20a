"""What of ours may be replaced: a file by how it begins, a folder by the names in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hep_vision.errors import ExportError
from hep_vision.files import private_draft, private_folder_draft


@contextmanager
def own_draft(place: Path, begin: str, *, replace: bool) -> Iterator[Path]:
    """Yield a draft for one file of the export, which takes its place whole or not at all.

    Args:
        place: Where it goes.
        begin: How each file of this kind begins; only such a one is replaced without being told.
        replace: Whether any other file is, too.

    Raises:
        ExportError: It cannot be written, or what is there is not ours and not to be replaced.
    """
    with private_draft(place, "the export") as draft:
        if place.is_file() and not replace:
            with place.open("rb") as there:
                if there.read(len(begin)) != begin.encode():
                    raise ExportError(
                        f"{place}: there already, and not an export; give another --out, "
                        "or --replace."
                    )
        yield draft


@contextmanager
def own_folder_draft(place: Path, what: str, is_ours: Callable[[str], bool]) -> Iterator[Path]:
    """Yield a new folder, which takes its place with all that is in it when the block ends.

    Args:
        place: Where it goes.
        what: What is in it, for the message: "tables".
        is_ours: Tells of the name of a file whether an export could have written it.

    Raises:
        ExportError: It cannot be written, or something else lies in the folder that is there.
    """
    place = place.absolute()
    check_own_folder(place, what, is_ours)
    with private_folder_draft(place, f"the {what}") as folder:
        yield folder


def check_own_folder(place: Path, what: str, is_ours: Callable[[str], bool]) -> None:
    """See that nothing but what an export could have written lies in a folder, if there is one.

    Raises:
        ExportError: As for `own_folder_draft`.
    """
    try:
        free = not place.exists() or all(is_ours(one.name) for one in place.iterdir())
    except NotADirectoryError:
        free = False
    except OSError as error:
        raise ExportError(f"cannot look into {place}: {error.strerror}. Give another.") from error
    if not free:
        raise ExportError(
            f"{place}: there already, and not a folder of {what} alone; give another --out."
        )
