"""Pages of HTML: each one file that needs nothing but itself, on a screen and on paper.

    write_page(path, render("handout.html.j2", HANDOUT, program=program), HANDOUT)

A template extends ``page.html.j2`` (blocks ``title``, ``style``, ``header``, ``main``, ``footer``)
and imports what it needs from ``parts.html.j2``. Every value is escaped; only `Markup` is not,
which is for drawings of our own. A page has no script, and no font or picture from elsewhere; it
tells browsers to load none. The same values give the same bytes.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hep_vision import NOT_A_DEVICE
from hep_vision.errors import OutputTakenError
from hep_vision.files import private_draft

_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
)
"""What no page may contain: control characters and halves of characters."""
_HEAD_BYTES: Final = 2000


def render(template: str, kind: str, **values: object) -> str:
    """Return a page.

    Args:
        template: Name of a file beside this module, in ``templates``.
        kind: What the page is: "handout". It is how `write_page` knows the pages it may replace.
        values: What the template asks for; one that is missing is an error.
    """
    return _environment().get_template(template).render(generator=_generator(kind), **values)


def write_page(path: Path, page: str, kind: str) -> None:
    """Write a page, whole or not at all, for its owner only.

    Args:
        path: Where it goes; a page of the same kind that is there is replaced.
        page: What `render` gave.
        kind: What `render` was told.

    Raises:
        OutputTakenError: Another file is there.
        ExportError: The page cannot be written.
    """
    with private_draft(path, f"the {kind}") as draft:
        if path.exists() and not _is_ours(path, kind):
            raise OutputTakenError(
                f"{path}: there already, and not a {kind} of hep-vision; give another --out."
            )
        draft.write_text(page, encoding="utf-8", newline="\n")


def _is_ours(path: Path, kind: str) -> bool:
    with path.open("rb") as file:
        return f'content="{_generator(kind)}"'.encode() in file.read(_HEAD_BYTES)


def _generator(kind: str) -> str:
    return f"hep-vision, {kind}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("hep_vision.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["not_a_device"] = NOT_A_DEVICE
    return environment


def _printable(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return value
