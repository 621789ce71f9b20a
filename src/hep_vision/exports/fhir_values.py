"""Values that FHIR resources are made of: ids, references, texts, codes and quantities.

Codes of SNOMED CT and LOINC are only those in `VERIFIED`; docs/exports-fhir.md says where each was
read. Everything else is coded by ids of our own under `LOCAL`, with words beside them.
"""

import math
import uuid
from typing import Any, Final

Code = tuple[str, str, str]
"""System, code and display of one coding."""

Resource = dict[str, Any]
"""A resource, or a part of one, as JSON values."""

LOCAL: Final = "urn:hep-vision:code"
SNOMED: Final = "http://snomed.info/sct"
LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"

EXERCISE_THERAPY: Final = (SNOMED, "229065009", "Exercise therapy")
DURATION: Final = (LOINC, "55411-3", "Exercise duration")
PAIN: Final = (LOINC, "72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported")
EXERTION: Final = (LOINC, "82289-0", "Rating of perceived exertion [Score]")
VERIFIED: Final[tuple[Code, ...]] = (EXERCISE_THERAPY, DURATION, PAIN, EXERTION)


ACTIVITY: Final[Code] = (
    "http://terminology.hl7.org/CodeSystem/observation-category",
    "activity",
    "Activity",
)

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:hep-vision:fhir")
_LONGEST: Final = 1024 * 1024 // 4  # FHIR bounds a string at 1 MB, and a character may take 4 bytes
_KEPT_CONTROLS: Final = " \t\r\n"


def resource_id(kind: str, *parts: object) -> str:
    """Return the id of a resource, a UUID that follows from what it is about."""
    return str(uuid.uuid5(_NAMESPACE, "\0".join([kind, *map(str, parts)])))


def url_of(wanted: str) -> str:
    """Return the full URL of the resource with this id, as references inside the bundle use it."""
    return f"urn:uuid:{wanted}"


def reference(wanted: str) -> Resource:
    """Return a reference to the resource with this id."""
    return {"reference": url_of(wanted)}


def identifier(kind: str, value: str) -> Resource:
    """Return an identifier of our own, such as that of a session."""
    return {"system": f"urn:hep-vision:{kind}", "value": plain(value) or "-"}


def compact(resource: Resource) -> Resource:
    """Return a resource without what is unknown or empty, which FHIR does not write."""
    return {name: value for name, value in resource.items() if value not in (None, [], {}, "")}


# -- texts ----------------------------------------------------------------------------------------


def plain(text: str | None) -> str | None:
    """Return text as FHIR allows it: no control characters, nothing but space around it.

    Returns:
        None where nothing is left.
    """
    if text is None:
        return None
    text = text[:_LONGEST]
    kept = text if text.isprintable() else "".join(map(_allowed, text))
    return kept.strip() or None


def _allowed(character: str) -> str:
    if character in _KEPT_CONTROLS:
        return character
    if "\ud800" <= character <= "\udfff":  # half a character is none
        return "\N{REPLACEMENT CHARACTER}"
    # FHIR bars those under U+0020; the others show as nothing, or end a line in some readers.
    return " " if not character.isprintable() or character.isspace() else character


def notes(*texts: str | None) -> list[Resource]:
    r"""Return annotations. They are Markdown, so ``<`` is escaped: nobody's words become HTML."""
    kept = [plain(text) for text in texts]
    return [{"text": text.replace("<", "\\<")} for text in kept if text]


# -- codes and quantities -------------------------------------------------------------------------


def local(code: str, display: str) -> Code:
    """Return a code of our own."""
    return (LOCAL, " ".join((plain(code) or "unknown").split()), plain(display) or "unknown")


def concept(text: str | None, *codes: Code) -> Resource:
    """Return a concept: what it is in words, and what codes there are for it."""
    codings = [{"system": system, "code": code, "display": name} for system, code, name in codes]
    return compact({"coding": codings, "text": plain(text)})


def quantity(value: float, unit: str, ucum: str) -> Resource | None:
    """Return a quantity; None where the value is not a finite number.

    Args:
        value: The number.
        unit: For people.
        ucum: The code of the unit in UCUM.
    """
    if not math.isfinite(value):
        return None
    return {"value": value, "unit": unit, "system": UCUM, "code": ucum}


def count(value: int, of: str = "repetitions") -> Resource:
    """Return a number of repetitions, or of what else is counted."""
    return {"value": value, "unit": of, "system": UCUM, "code": f"{{{of}}}"}


def seconds(ms: float) -> Resource | None:
    """Return a time in seconds."""
    return quantity(round(ms / 1000.0, 3), "s", "s")


def measured(value: float, unit: str) -> Resource | None:
    """Return a measured value in the unit of its measure, ``deg`` or ``ratio``.

    It is rounded to a tenth of a degree or a thousandth: finer is noise.
    """
    if unit == "deg":
        return quantity(round(value, 1), "degrees", "deg")
    return quantity(round(value, 3), "ratio", "1")


def component(code: str, display: str, value: Resource | bool | None) -> Resource | None:
    """Return a component of an observation, coded by us; None where its value is unknown."""
    if value is None:
        return None
    kind = "valueBoolean" if isinstance(value, bool) else "valueQuantity"
    return {"code": concept(display, local(code, display)), kind: value}


def present(*parts: Resource | None) -> list[Resource]:
    """Return the parts that are known."""
    return [part for part in parts if part is not None]


def period(began: str, ended: str | None) -> Resource:
    """Return a period; open where its end is unknown, or before its beginning by the clock."""
    known = ended is not None and ended >= began
    return {"start": began, "end": ended} if known else {"start": began}
