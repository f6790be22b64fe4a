"""The contract holds together: rules, known answers, plants and schemas know each other."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from lakehouse_ref.services import audit, helper, matrixd, validatord
from lakehouse_ref.services.plants import PLANTS
from tests.meta.imports import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SURFACES = [*helper.SURFACES, *validatord.SURFACES, *matrixd.SURFACES, *audit.SURFACES]
CONTRACT = ROOT / "fixtures" / "contract"
RULE_FILES = sorted(CONTRACT.glob("*.rules.toml"))
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
by_rules = pytest.mark.parametrize("file", [pytest.param(file, id=file.name) for file in RULE_FILES])
by_schema = pytest.mark.parametrize(
    "file", [pytest.param(file, id=file.name) for file in sorted(CONTRACT.glob("*.schema.json"))]
)


def rules(file: Path) -> list[dict[str, str]]:
    found = tomllib.loads(file.read_text())["rule"]
    assert isinstance(found, list)
    return found


def known_answers(surface: str) -> dict[str, dict[str, Any]]:
    folder = ROOT / "fixtures" / "known_answers" / surface
    return {file.stem: json.loads(file.read_bytes()) for file in sorted(folder.glob("*.json"))}


def plants() -> list[dict[str, str]]:
    found = tomllib.loads((CONTRACT / "plants.toml").read_text())["plant"]
    assert isinstance(found, list)
    return found


# ------------------------------------------------------------------ rules and known answers


def test_every_surface_of_the_reference_has_rules_and_an_answer_schema() -> None:
    assert {file.name.removesuffix(".rules.toml") for file in RULE_FILES} == set(SURFACES)
    assert all((CONTRACT / f"{surface}.answer.schema.json").is_file() for surface in SURFACES)


@by_rules
def test_a_rule_has_a_name_of_its_own_in_kebab_case(file: Path) -> None:
    names = [rule["name"] for rule in rules(file)]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert [name for name in names if not KEBAB.fullmatch(name)] == []


@by_rules
def test_a_rule_says_something_and_where_it_is_from(file: Path) -> None:
    for rule in rules(file):
        assert rule.keys() - {"category"} == {"name", "says", "source"}, rule
        assert rule["says"].endswith("."), rule
        assert rule["source"].strip(), rule


@by_rules
def test_a_file_of_rules_names_its_surface(file: Path) -> None:
    assert tomllib.loads(file.read_text())["surface"] == file.name.removesuffix(".rules.toml")


@by_rules
def test_every_rule_has_a_known_answer_and_every_known_answer_knows_only_rules(file: Path) -> None:
    answers = known_answers(file.name.removesuffix(".rules.toml"))
    named = {rule for answer in answers.values() for rule in answer["rules"]}
    assert named == {rule["name"] for rule in rules(file)}


@pytest.mark.parametrize("surface", SURFACES)
def test_no_two_known_answers_have_the_same_input(surface: str) -> None:
    inputs = {name: json.dumps(answer["input"], sort_keys=True) for name, answer in known_answers(surface).items()}
    counts = Counter(inputs.values())
    assert [name for name, data in inputs.items() if counts[data] > 1] == []


@pytest.mark.parametrize("surface", SURFACES)
def test_a_known_answer_is_named_for_its_fault_and_says_why(surface: str) -> None:
    for name, answer in known_answers(surface).items():
        assert answer.keys() == {"why", "rules", "input", "output"}, name
        assert KEBAB.fullmatch(name), name
        assert answer["why"].endswith("."), name


@pytest.mark.parametrize("surface", SURFACES)
def test_base64_stands_only_where_text_cannot(surface: str) -> None:
    for name, answer in known_answers(surface).items():
        for data in (answer["input"], answer["output"]):
            if "base64" in data:
                with pytest.raises(UnicodeDecodeError):
                    base64.b64decode(data["base64"], validate=True).decode()
            assert len(data) == 1, name


# ------------------------------------------------------------------ plants


def test_the_reference_has_every_plant_of_its_surfaces() -> None:
    theirs = {(surface, name) for surface, named in PLANTS.items() for name in named}
    ours = [plant for plant in plants() if "python" in plant.get("runtimes", ["python"])]
    assert {(plant["surface"], plant["name"]) for plant in ours} == theirs


def test_a_plant_has_a_name_of_its_own_a_surface_and_a_text() -> None:
    names = [plant["name"] for plant in plants()]
    assert len(set(names)) == len(names)
    for plant in plants():
        assert plant.keys() - {"runtimes"} == {"name", "surface", "what"}  # runtimes: where not all have it
        assert KEBAB.fullmatch(plant["name"]), plant
        assert plant["surface"] in SURFACES, plant
        assert plant["what"].strip(), plant


# ------------------------------------------------------------------ schemas


@by_schema
def test_a_schema_is_one_of_draft_2020_12(file: Path) -> None:
    schema = json.loads(file.read_bytes())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(schema)
    jsonschema_rs.Draft202012Validator(schema)


@by_schema
def test_a_schema_says_what_it_is_of(file: Path) -> None:
    schema = json.loads(file.read_bytes())
    assert schema["$id"] == file.name.removesuffix(".schema.json")
    assert schema["title"].strip()


def line(kind: str) -> jsonschema_rs.Draft202012Validator:
    schema = json.loads((CONTRACT / "helper.schema.json").read_bytes())
    return jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})


def test_the_examples_of_the_helper_contract_fit_its_schema() -> None:
    blocks = re.findall(r"^    (\{.*\})$", (CONTRACT / "helper.md").read_text(), re.MULTILINE)
    kinds = [
        next((kind for kind in ("hello", "request", "answer") if line(kind).is_valid(json.loads(one))), one)
        for one in blocks
    ]
    assert kinds == ["hello", "request", "request", "answer", "answer"]


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("request", {"id": 1, "surface": "s"}),
        ("request", {"id": 1, "surface": "s", "text": "", "base64": ""}),
        ("request", {"id": -1, "surface": "s", "text": ""}),
        ("request", {"id": 1, "surface": "s", "text": "", "more": 1}),
        ("answer", {"id": 1}),
        ("answer", {"id": 1, "text": "", "refused": ""}),
        ("answer", {"id": 1, "text": "", "rules": "a-rule"}),
        ("answer", {"id": 1, "text": None}),
        ("hello", {"protocol": 2}),
        ("hello", {"protocol": 1, "runtime": "go"}),
    ],
)
def test_the_helper_schema_refuses(kind: str, wrong: dict[str, object]) -> None:
    assert not line(kind).is_valid(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"matched": True, "value": None},
        {"matched": False, "value": {}},
        {"matched": True, "value": []},
        {"matched": True},
        {"matched": True, "value": {}, "more": 1},
        {"matched": 1, "value": {}},
        [],
        None,
    ],
)
def test_the_answer_schema_of_extract_json_refuses(wrong: object) -> None:
    schema = json.loads((CONTRACT / "extract_json.answer.schema.json").read_bytes())
    assert not jsonschema_rs.Draft202012Validator(schema).is_valid(wrong)
