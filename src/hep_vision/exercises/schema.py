"""The shape of an exercise file as a JSON Schema, so that an editor can complete and check it.

It is written in draft 4, the newest that Taplo, the usual checker of TOML in editors, understands.
It says less than `hep_vision.exercises.spec`: which keys and words there are, not whether the
figures fit one another.
"""

from inspect import getdoc
from typing import Any, Final

from hep_vision.core.definition import RepValue
from hep_vision.core.figure import ANGLES, Posture
from hep_vision.core.measures import MEASURES
from hep_vision.core.types import View
from hep_vision.exercises.spec import EXERCISE_SHAPE

Schema = dict[str, Any]

_PLACE: Final = "#/definitions/"
_HEADING: Final = "\n\nAttributes:\n"


def exercise_schema() -> Schema:
    """Return the JSON Schema (draft 4) of an exercise file; the root is the file."""
    whole = EXERCISE_SHAPE.json_schema(ref_template=_PLACE + "{model}")
    definitions: Schema = {name: _for_toml(part) for name, part in whole["$defs"].items()}
    for part in definitions.values():
        _explain(part)
        _name_measures(part)
    definitions["View"]["enum"].remove(View.UNKNOWN)  # found in a picture, never asked for
    _name_angles(definitions)
    root = definitions.pop("ExerciseDefinition")
    root["required"].remove("side")  # left out where one side works
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        **root,
        "title": "hep-vision exercise",
        "definitions": definitions,
    }


def _for_toml(part: Any) -> Any:
    """Leave out what TOML does not have (null) and what an editor need not show (titles)."""
    if isinstance(part, list):
        return [_for_toml(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _for_toml(value) for key, value in part.items() if not isinstance(value, str)}
    kept |= {key: value for key, value in part.items() if isinstance(value, str) and key != "title"}
    if kept.get("default", 0) is None:
        del kept["default"]
    if "prefixItems" in kept:
        kept["items"] = kept.pop("prefixItems")
    choices = [choice for choice in kept.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del kept["anyOf"]
        kept |= choices[0]
    return kept


def _explain(part: Schema) -> None:
    """Give each key its line of the docstring that describes the whole."""
    text, _, attributes = part.get("description", "").partition(_HEADING)
    part["description"] = " ".join(text.split())
    for name, meaning in _lines_of(attributes).items():
        part["properties"][name]["description"] = meaning


def _lines_of(attributes: str) -> dict[str, str]:
    entries = attributes.replace("\n        ", " ").splitlines()
    parted = (entry.strip().partition(": ") for entry in entries)
    return {name: meaning for name, _, meaning in parted if name}


def _name_measures(part: Schema) -> None:
    names = sorted(MEASURES)
    if "threshold" in part.get("properties", {}):
        names += list(RepValue)
    for key in ("measure", "side_measure"):
        if key in part.get("properties", {}):
            part["properties"][key]["enum"] = names


def _name_angles(definitions: Schema) -> None:
    motion = definitions["Motion"]["properties"]
    value = motion["goal"]["additionalProperties"]
    meaning = _lines_of((getdoc(Posture) or "").partition(_HEADING)[2])
    definitions["Angles"] = {
        "type": "object",
        "description": "Joint angles in degrees, of both sides or of [working, other].",
        "properties": {name: value | {"description": meaning.get(name, "")} for name in ANGLES},
        "additionalProperties": False,
    }
    angles = {"$ref": f"{_PLACE}Angles"}
    for key in ("goal", "rest", "via", "start"):
        motion[key] = angles
    motion["faults"]["additionalProperties"] = angles
