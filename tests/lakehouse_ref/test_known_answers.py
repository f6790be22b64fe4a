"""The reference against the known answers: their outputs, and the rules that they touch."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from lakehouse_ref import extract_json

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = sorted((FIXTURES / "known_answers" / "extract_json").glob("*.json"))
SCHEMA = jsonschema_rs.validator_for(
    json.loads((FIXTURES / "contract" / "extract_json.answer.schema.json").read_bytes())
)
by_file = pytest.mark.parametrize(
    "answer", [pytest.param(json.loads(file.read_bytes()), id=file.stem) for file in FILES]
)


def bytes_of(data: dict[str, str]) -> bytes:
    return data["text"].encode() if "text" in data else base64.b64decode(data["base64"], validate=True)


def test_there_are_known_answers() -> None:
    assert len(FILES) > 100


@by_file
def test_output(answer: dict[str, Any]) -> None:
    assert extract_json.extract(bytes_of(answer["input"]), set()) == bytes_of(answer["output"])


RULES = sorted({rule for file in FILES for rule in json.loads(file.read_bytes())["rules"]})


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_touched_by_a_known_answer_about_it(rule: str) -> None:
    """A known answer names the rules that it is about, and may stand on the harmless side of their edge."""
    about = [answer for answer in map(json.loads, (file.read_bytes() for file in FILES)) if rule in answer["rules"]]
    touched: set[str] = set()
    for answer in about:
        extract_json.extract(bytes_of(answer["input"]), touched)
    assert rule in touched


@by_file
def test_the_expected_output_fits_the_schema(answer: dict[str, Any]) -> None:
    assert SCHEMA.is_valid(json.loads(bytes_of(answer["output"])))
