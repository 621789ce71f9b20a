"""Programs to begin with: for a therapist to adapt, never to hand out as they are."""

import json
import re
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Final

from hep_vision.core.types import Side
from hep_vision.errors import ProgramError
from hep_vision.exercises.shape import did_you_mean

SIDE_TO_FILL_IN: Final = "SIDE"
"""Stands in a template where the side concerned belongs; no program is valid with it."""
_ENDING: Final = ".toml"


@dataclass(frozen=True, slots=True)
class Blanks:
    """What is filled into a template; None leaves it open.

    Attributes:
        start: First day.
        review: Day of the review.
        patient: Alias.
        therapist: Who adapts it.
        side: The side concerned, where the template asks for one.
    """

    start: date
    review: date
    patient: str | None = None
    therapist: str | None = None
    side: Side | None = None


def template_names() -> list[str]:
    """Return the names of the templates, sorted."""
    folder = files("hep_vision.program") / "templates"
    return sorted(
        file.name.removesuffix(_ENDING) for file in folder.iterdir() if file.name.endswith(_ENDING)
    )


def template_text(name: str) -> str:
    """Return a template as it is, with its comments.

    Raises:
        ProgramError: There is none of this name; the message suggests the nearest.
    """
    names = template_names()
    if name not in names:
        raise ProgramError(
            f"There is no template '{name}'{did_you_mean(name, names)}. There are: "
            f"{', '.join(names)}."
        )
    file = files("hep_vision.program") / "templates" / f"{name}{_ENDING}"
    return file.read_text(encoding="utf-8")


def filled_in(name: str, blanks: Blanks) -> str:
    """Return a template with what is known filled in; the rest is left to the therapist.

    Raises:
        ProgramError: There is none of this name.
    """
    text = template_text(name)
    values = {"start": blanks.start.isoformat(), "review": blanks.review.isoformat()}
    for key, value in (("patient", blanks.patient), ("therapist", blanks.therapist)):
        if value is not None:
            # A TOML string is a JSON string, but for the delete character.
            values[key] = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    for key, written in values.items():
        line = re.compile(rf'^{key} = ("[^"]*"|\S+)', re.MULTILINE)
        text = line.sub(lambda _, new=f"{key} = {written}": new, text, count=1)  # type: ignore[misc]
    if blanks.side is not None:
        text = text.replace(f'side = "{SIDE_TO_FILL_IN}"', f'side = "{blanks.side}"')
    return text


def asks_for_side(name: str) -> bool:
    """Return whether the template is for one side, which has to be filled in."""
    return f'side = "{SIDE_TO_FILL_IN}"' in template_text(name)
