"""Each planted bug does what `fixtures/contract/plants.toml` says, and leaves all other cases alone."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

from lakehouse_ref import canonical, embedding, extract_json, http, ijson, validate, validation_error
from lakehouse_ref.services import plants
from lakehouse_ref.services.helper import SURFACES
from lakehouse_ref.subject_audit import chain, mac, rows
from lakehouse_ref.validate import answers, numbers, rules, schema
from tests.lakehouse_ref.drafts import bytes_of, draft, refusal
from tests.lakehouse_ref.known import FIXTURES, Known, few, known_answers, message, written_down

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES = [
    *(canonical, embedding, extract_json, ijson, validate, validation_error, answers, http, numbers, rules, schema),
    *(chain, mac, rows),
]
CONTRACT = tomllib.loads((FIXTURES / "contract" / "plants.toml").read_text())["plant"]
KNOWN = [known for surface in (*SURFACES, "validate") for known in known_answers(surface)]
PLANTS = [(surface, name) for surface, named in plants.PLANTS.items() for name in named]
by_plant = pytest.mark.parametrize(
    ("surface", "plant"),
    [one for one in PLANTS if one[0] in {*SURFACES, "validate"}],  # others need files
)

LONE = rb'{"Policy":{"reason":"\ud800"}}'
EMOJI = "\U0001f600"
FILL, SMS = bytes_of(draft("fill")), bytes_of(draft("sms"))
OK_FILL = '{"accepted":true,"kind":"fill","request_id":null}'
OK_SMS = '{"accepted":true,"kind":"sms","request_id":null}'
WRONG: list[tuple[str, bytes, int, str]] = [
    ("flat-error", bytes_of(draft("sms", artifact__body="")), 422, '{"Kind":"completeness","Reason":"empty-body"}'),
    ("flat-error", bytes_of(draft("fill", roster=[])), 422, '{"Kind":"completeness","Reason":"empty-roster"}'),
    ("ssn-phone", bytes_of(draft("sms", artifact__body="312-555-0142")), 422, refusal("social-security-number")),
    ("ssn-phone", bytes_of(draft("sms", artifact__body="900 555 0000")), 422, refusal("social-security-number")),
    ("sms-161", bytes_of(draft("sms", artifact__body="x" * 161)), 200, OK_SMS),
    ("sms-bytes", bytes_of(draft("sms", artifact__body=EMOJI * 160)), 422, refusal("sms-too-long")),
    ("sms-bytes", bytes_of(draft("sms", artifact__body="é" * 81)), 422, refusal("sms-too-long")),
    ("empty-echo", bytes_of(draft("fill", request_id="")), 200, '{"accepted":true,"kind":"fill"}'),
    (
        "rule-order",
        bytes_of(draft("fill", order__excluded_ids=["w-1"], roster__0__role="x")),
        422,
        refusal("excluded-worker"),
    ),
    (
        "rule-order",
        bytes_of(draft("sms", order__excluded_ids=["w-1"], artifact__to="x")),
        422,
        refusal("excluded-worker"),
    ),
    ("city-case", bytes_of(draft("fill", roster__1__city="aurora")), 422, refusal("city-mismatch")),
    ("status-422", b"", 422, refusal("malformed-json")),
    ("status-422", b"[" * 129 + b"]" * 129, 422, refusal("malformed-json")),
    ("trailing-garbage", FILL + b" x", 200, OK_FILL),
    ("trailing-garbage", b"\n" + FILL + b"\xff", 200, OK_FILL),
    ("trailing-garbage", FILL + FILL, 200, OK_FILL),
    ("unknown-refused", SMS[:-1] + b',"y":1,"x":2}', 422, refusal("wrong-type", "y")),
    ("unknown-refused", b'{"\xc3\xa9":1,"kind":1}', 422, refusal("wrong-type", "é")),
]
SOUND = [
    FILL,
    bytes_of(draft("fill", request_id="x")),
    bytes_of(draft("sms", artifact__body="x" * 160)),
    bytes_of(draft("sms", artifact__body="x" * 162)),
    bytes_of(draft("sms", artifact__body="60502-1234")),
    bytes_of(draft("email", artifact__subject="é" * 120)),
    bytes_of(draft("fill", roster__0__role="WELDER", roster__1__city=" Aurora\t", order__x=1)),
    bytes_of(draft("fill", order__excluded_ids=["w-2"])),
    bytes_of(draft("fill", order__excluded_ids=["w-2"], roster__0__role="x")),
    bytes_of(draft("fill", order__excluded_ids=["w-2"], artifact__worker_ids=["w-3", "w-2"])),
    bytes_of(draft("fill", artifact__worker_ids=["w-2", "w-2"])),
    FILL + b" \r\n",
    b"[]",
    b"\xff",
]


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Take planted bugs out again: what they replaced comes back."""
    kept = [(module, dict(vars(module))) for module in MODULES]
    yield
    for module, names in kept:
        for name, value in names.items():
            setattr(module, name, value)


def answer(known: Known) -> bytes:
    """Return what the reference answers, below the service."""
    if known.surface in SURFACES:
        return SURFACES[known.surface](known.input, set())
    asked = message(known.input)
    if asked.target.partition("?")[0] != validate.http.VALIDATE:
        return known.output
    headers = [(name.strip().lower(), value) for name, _, value in (line.partition(":") for line in asked.headers)]
    status, body = validate.respond(
        asked.method, [(name.encode(), value.encode()) for name, value in headers], asked.body or b"", set()
    )
    return written_down(status, "application/json", body)


def test_the_plants_are_those_of_the_contract() -> None:
    ours = [plant for plant in CONTRACT if "python" in plant.get("runtimes", ["python"])]
    assert sorted(PLANTS) == sorted((plant["surface"], plant["name"]) for plant in ours)


def test_without_a_plant_every_known_answer_is_given() -> None:
    assert [known.name for known in KNOWN if answer(known) != known.output] == []


@by_plant
def test_a_plant_changes_a_few_known_answers_of_its_surface_alone(surface: str, plant: str) -> None:
    of_the_process = SURFACES if surface in SURFACES else [surface]
    plants.plant(plant)
    wrong = [known for known in KNOWN if known.surface in of_the_process and answer(known) != known.output]
    assert wrong
    assert {known.surface for known in wrong} == {surface}
    assert len(wrong) < few(plant, sum(known.surface == surface for known in KNOWN))


@pytest.mark.parametrize(("plant", "body", "status", "expected"), WRONG)
def test_a_plant_of_validate_does_what_it_says(plant: str, body: bytes, status: int, expected: str) -> None:
    assert validate.validate(body, set()) != (status, expected.encode())
    plants.plant(plant)
    assert validate.validate(body, set()) == (status, expected.encode())


@pytest.mark.parametrize("plant", plants.PLANTS["validate"])
def test_a_plant_of_validate_leaves_all_other_cases_alone(plant: str) -> None:
    # What stands behind the root is malformed JSON, so these two plants spoil the same cases.
    own = {plant, "trailing-garbage"} if plant == "status-422" else {plant}
    others = [body for name, body, _, _ in WRONG if name not in own] + SOUND
    before = [validate.validate(body, set()) for body in others]
    plants.plant(plant)
    assert [validate.validate(body, set()) for body in others] == before


@pytest.mark.parametrize(
    "data",
    [
        b'{"Polity":{"reason":"x"}}',
        b'{"policy":1}',
        b'{"Kind":"Policy","Reason":"x"}',
        b'{"Kind":"","Reason":1}',
    ],
)
def test_the_plant_of_validation_error_does_what_it_says(data: bytes) -> None:
    plants.plant("unknown-variant-default")
    assert json.loads(validation_error.read(data, set())) == {"error": {"Policy": {"reason": ""}}}


@pytest.mark.parametrize("plant", plants.PLANTS["extract_json"])
def test_a_plant_of_extract_json_leaves_the_other_reader_alone(plant: str) -> None:
    cases = [
        LONE,
        b'{"Policy":{"reason":"a","reason":"b"}}',
        b'{"Policy":{"reason":"a","x":9007199254740993}}',
        b'{"Schema":{"reason":"<>&","field":""}}',
    ]
    before = [validation_error.read(data, set()) for data in cases]
    plants.plant(plant)
    assert [validation_error.read(data, set()) for data in cases] == before
