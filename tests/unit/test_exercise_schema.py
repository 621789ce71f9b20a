"""The JSON Schema of exercise files, held against the catalogue and against broken files."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from hep_vision.core.figure import ANGLES
from hep_vision.core.measures import MEASURES
from hep_vision.exercises.loading import exercise_ids
from hep_vision.exercises.schema import exercise_schema

SCHEMA = exercise_schema()
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def problems(value: Any, schema: dict[str, Any], key: str = "file") -> Iterator[str]:
    """The part of draft 4 that the schema uses."""
    if "$ref" in schema:
        yield from problems(value, SCHEMA["definitions"][schema["$ref"].split("/")[-1]], key)
        return
    if "anyOf" in schema:
        found = [list(problems(value, choice, key)) for choice in schema["anyOf"]]
        if [] not in found:
            yield f"{key}: none of {len(found)} shapes"
        return
    kind = TYPES[schema["type"]]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        yield f"{key}: not a {schema['type']}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{key}: unknown word"
    elif isinstance(value, dict):
        yield from table_problems(value, schema, key)
    elif isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{key}: length"
        each = schema["items"]
        for number, item in enumerate(value):
            part = each[min(number, len(each) - 1)] if isinstance(each, list) else each
            yield from problems(item, part, f"{key}[{number}]")


def table_problems(value: dict[str, Any], schema: dict[str, Any], key: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{key}.{name}: missing"
    for name, item in value.items():
        part = schema.get("properties", {}).get(name, schema["additionalProperties"])
        if part is False:
            yield f"{key}.{name}: unknown key"
        else:
            yield from problems(item, part, f"{key}.{name}")


def document(exercise_id: str) -> dict[str, Any]:
    folder = files("hep_vision.exercises") / "catalogue"
    return tomllib.loads((folder / f"{exercise_id}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("exercise_id", exercise_ids())
def test_every_file_of_the_catalogue_fits(exercise_id: str) -> None:
    assert list(problems(document(exercise_id), SCHEMA)) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"synonym": []}, "file.synonym: unknown key"),
        ({"revision": "1"}, "file.revision: not a integer"),
        ({"kind": "reps"}, "file.kind: unknown word"),
        ({"side_measure": "knee_valgos"}, "file.side_measure: unknown word"),
        ({"count": [{"measure": "hip_bend"}]}, "file.count[0].minimum_rom: missing"),
        ({"motion": {"goal": {"knees": 9}}}, "file.motion.goal.knees: unknown key"),
        ({"motion": {"goal": {"knee": [1, 2, 3]}}}, "file.motion.goal.knee: none of 2 shapes"),
    ],
)
def test_what_does_not_belong_is_found(change: dict[str, Any], problem: str) -> None:
    assert list(problems(document("squat") | change, SCHEMA)) == [problem]


def test_words_to_choose_from_are_those_of_the_program() -> None:
    parts = SCHEMA["definitions"]

    assert set(parts["CountSignal"]["properties"]["measure"]["enum"]) == set(MEASURES)
    assert "return_ms" in parts["Check"]["properties"]["measure"]["enum"]
    assert set(parts["Angles"]["properties"]) == set(ANGLES)
    assert parts["View"]["enum"] == ["front", "oblique", "side"]


def test_there_is_no_null_and_every_reference_leads_somewhere() -> None:
    def parts(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            yield value
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, dict | list):
                yield from parts(item)

    for part in parts(SCHEMA):
        assert part.get("type") != "null"
        if "$ref" in part:
            assert part["$ref"].split("/")[-1] in SCHEMA["definitions"]


def test_keys_are_explained_from_the_source() -> None:
    check = SCHEMA["definitions"]["Check"]

    assert check["description"].startswith("A form check")
    assert check["properties"]["cue"]["description"] == "One kind line for the patient."
    assert SCHEMA["definitions"]["Angles"]["properties"]["elbow"]["description"] == "Flexion."
