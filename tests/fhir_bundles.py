"""Checks a FHIR bundle by models that are not ours, and by what a bundle promises."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from fhir.resources.R4B import get_fhir_model_class

SNOMED: Final = "http://snomed.info/sct"
LOINC: Final = "http://loinc.org"
VERIFIED: Final = {
    (SNOMED, "229065009", "Exercise therapy"),
    (LOINC, "55411-3", "Exercise duration"),
    (LOINC, "72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported"),
    (LOINC, "82289-0", "Rating of perceived exertion [Score]"),
}
UNITS: Final = {"deg", "s", "min", "1", "{repetitions}", "{holds}"}
OTHER_SYSTEMS: Final = {
    "urn:hep-vision:code",
    "http://terminology.hl7.org/CodeSystem/observation-category",
}
_BARRED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_STATUS: Final = {  # the required value sets of R4; the models do not know them
    "CarePlan": {"active", "revoked"},
    "ServiceRequest": {"active", "revoked"},
    "Procedure": {"completed", "stopped", "unknown"},
    "Observation": {"final", "preliminary", "corrected"},
    "Communication": {"completed", "unknown"},
}


def checked(text: str) -> list[dict[str, Any]]:
    """Return the resources of a bundle, in their order, after every check that needs no log.

    Raises:
        AssertionError: It is no sound bundle.
        ValidationError: A resource is not as the specification has it.
    """
    bundle = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_twins)
    get_fhir_model_class("Bundle").model_validate({**bundle, "entry": bundle.get("entry", [])[:1]})
    assert bundle["type"] == "collection"
    entries = bundle.get("entry", [])
    urls = [entry["fullUrl"] for entry in entries]
    assert len(set(urls)) == len(urls), "an id comes twice"
    for entry in entries:
        resource = entry["resource"]
        assert entry["fullUrl"] == f"urn:uuid:{resource['id']}"
        # An element that it does not know is an error too.
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        _check_values(resource, set(urls))
        if resource["resourceType"] == "Observation":
            said = [key for key in resource if key.startswith("value") or key == "hasMember"]
            assert len(said) == 1, "an observation of nothing"
        allowed = _STATUS.get(resource["resourceType"])
        assert allowed is None or resource["status"] in allowed
    return [entry["resource"] for entry in entries]


def _check_values(resource: dict[str, Any], urls: set[str]) -> None:
    for part in parts_of(resource):
        assert part not in ({}, [], "", None), "FHIR writes nothing that is empty"
        if isinstance(part, str):
            assert not _BARRED.search(part)
            assert part.strip() == part
        if isinstance(part, dict):
            if "reference" in part and isinstance(part["reference"], str):
                assert part["reference"] in urls, "a reference leads out of the bundle"
            if "code" in part and "display" in part:
                coding = part["system"], part["code"], part["display"]
                assert coding in VERIFIED or coding[0] in OTHER_SYSTEMS, coding
                assert re.fullmatch(r"[^\s]+(\s[^\s]+)*", part["code"])
            if "unit" in part:
                assert part["system"] == "http://unitsofmeasure.org"
                assert part["code"] in UNITS
            if "start" in part and "end" in part:
                assert part["start"][: len(part["end"])] <= part["end"]


def parts_of(value: Any) -> Iterator[Any]:
    """Yield a JSON value and everything in it."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from parts_of(one)


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no number of JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({key for key, _ in pairs}) == len(pairs), "a key comes twice"
    return dict(pairs)
