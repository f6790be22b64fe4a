"""fixtures/contract/load.schema.json says what summary.json is, no more and no less."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from loadgen import summary as structs
from loadgen.report.write import encode
from tests.loadgen.report import made

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "fixtures" / "contract" / "load.schema.json").read_bytes()
)
STRUCTS = {
    name: struct
    for name, struct in vars(structs).items()
    if isinstance(struct, type) and issubclass(struct, msgspec.Struct) and struct is not structs.Summary
}
CHECK = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)


def written(run: structs.Summary) -> Any:  # noqa: ANN401
    return json.loads(encode(run))


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(SCHEMA)


@pytest.mark.parametrize("run", [made.passed(), made.failed(), made.full(), made.empty(), made.capacity()])
def test_every_run_is_as_it_says(run: structs.Summary) -> None:
    CHECK.validate(written(run))


def test_every_struct_has_its_definition() -> None:
    assert set(SCHEMA["$defs"]) == set(STRUCTS)
    assert all(definition["description"] for definition in SCHEMA["$defs"].values())


@pytest.mark.parametrize(("name", "struct"), [("Summary", structs.Summary), *STRUCTS.items()])
def test_the_fields_are_those_of_the_struct_and_all_are_there(name: str, struct: type[msgspec.Struct]) -> None:
    definition = SCHEMA if name == "Summary" else SCHEMA["$defs"][name]
    assert list(definition["properties"]) == list(struct.__struct_fields__)
    assert definition["required"] == list(struct.__struct_fields__)
    assert definition["additionalProperties"] is False


@pytest.mark.parametrize(("name", "struct"), [("Summary", structs.Summary), *STRUCTS.items()])
def test_the_types_are_those_of_the_struct(name: str, struct: type[msgspec.Struct]) -> None:
    definition = SCHEMA if name == "Summary" else SCHEMA["$defs"][name]
    (_,), defined = msgspec.json.schema_components([struct])
    for field, expected in defined[struct.__name__]["properties"].items():
        if field != "schema_version":
            assert _kinds(definition["properties"][field]) == _kinds(expected), field


def _kinds(property_: dict[str, Any]) -> set[str]:
    """Return the types that a property may have, with what its items are."""
    found: set[str] = set()
    for choice in (*property_.get("anyOf", ()), *property_.get("oneOf", ())):
        found |= _kinds(choice)
    if "$ref" in property_:
        found.add(property_["$ref"].rpartition("/")[2])
    if "enum" in property_:
        found |= set(property_["enum"])
    types = property_.get("type", [])
    for kind in [types] if isinstance(types, str) else types:
        inside = property_.get("items") or property_.get("additionalProperties")
        within = sorted(_kinds(inside)) if kind in {"array", "object"} and inside else ""
        found.add(f"{kind}{within}")
    return found


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("verdict",), "green"),
        (("schema_version",), 2),
        (("failure_share",), 1.5),
        (("scenarios", 0, "count"), -1),
        (("scenarios", 0, "failure_kinds"), {"timeout": 0}),
        (("scenarios", 0, "more"), 1),
        (("daemons", 0, "panics"), "many"),
        (("began",), "yesterday"),
    ],
)
def test_what_is_otherwise_is_refused(place: tuple[str | int, ...], value: object) -> None:
    broken = written(made.full())
    inner = broken
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    assert not CHECK.is_valid(broken)
    assert CHECK.is_valid(written(made.full()))
