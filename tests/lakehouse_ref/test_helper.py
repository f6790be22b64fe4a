"""The reference as a helper, end to end over its pipes (`fixtures/contract/helper.md`)."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.lakehouse_ref.known import Known, few, known_answers

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "fixtures" / "contract"
SURFACES = ["extract_json", "validation_error", "subject_audit", "embedding"]
PLANTS = [
    plant["name"]
    for plant in tomllib.loads((CONTRACT / "plants.toml").read_text())["plant"]
    if plant["surface"] in SURFACES
]
KNOWN = [known for surface in SURFACES for known in known_answers(surface)]
NOTHING = '{"matched":false,"value":null}'
LINES = json.loads((CONTRACT / "helper.schema.json").read_bytes())
HELLO, REQUEST, ANSWER = (
    jsonschema_rs.validator_for({"$ref": f"#/$defs/{name}", "$defs": LINES["$defs"]})
    for name in ("hello", "request", "answer")
)


def helper(data: bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the helper over an input to its end."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("LAKEHOUSE_")}
    return subprocess.run(
        [sys.executable, "-m", "lakehouse_ref.services.helper"],
        input=data,
        capture_output=True,
        cwd=ROOT,
        env=own | environment,
        timeout=60,
        check=False,
    )


def line(**request: object) -> bytes:
    return json.dumps({"id": 1, "surface": "extract_json"} | request).encode() + b"\n"


def answers(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    """Return what came behind the hello."""
    assert done.returncode == 0, done.stderr
    return [json.loads(answer) for answer in done.stdout.splitlines()[1:]]


def test_it_says_hello_and_ends_with_0_at_the_end_of_its_input() -> None:
    done = helper(b"", LAKEHOUSE_COMMIT="c0ffee", LAKEHOUSE_PLANT="")
    (hello,) = [json.loads(said) for said in done.stdout.splitlines()]
    HELLO.validate(hello)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (hello["runtime"], hello["commit"], hello["planted"]) == ("python", "c0ffee", None)
    assert hello["surfaces"] == SURFACES
    assert sorted(hello["plants"]) == sorted(PLANTS)


def test_without_a_commit_it_says_that_it_is_unknown() -> None:
    assert json.loads(helper(b"").stdout)["commit"] == "unknown"


def test_it_answers_text_and_base64_in_order_with_the_ids_of_the_requests() -> None:
    requests = [
        {"id": 7, "surface": "extract_json", "text": 'é {"b":"é","a":1}'},
        {"id": 3, "surface": "extract_json", "base64": base64.b64encode(b'\xff{"a":2}').decode()},
        {"id": 0, "surface": "extract_json", "text": ""},
    ]
    for request in requests:
        REQUEST.validate(request)
    said = answers(helper("".join(json.dumps(request) + "\n" for request in requests).encode()))
    for answer in said:
        ANSWER.validate(answer)
    assert [answer["id"] for answer in said] == [7, 3, 0]
    assert [answer["text"] for answer in said] == [
        '{"matched":true,"value":{"a":1,"b":"é"}}',
        '{"matched":true,"value":{"a":2}}',
        NOTHING,
    ]
    assert "prose-any-bytes" in said[1]["rules"]


def test_many_requests_are_answered_in_order() -> None:
    said = answers(helper(b"".join(line(id=number, text=f'{{"n":{number}}}') for number in range(5000))))
    assert [answer["id"] for answer in said] == list(range(5000))
    assert [json.loads(answer["text"])["value"]["n"] for answer in said] == list(range(5000))


def test_a_last_line_without_its_end_is_answered() -> None:
    said = answers(helper(line(id=1, text="") + line(id=2, text="").rstrip(b"\n")))
    assert [answer["id"] for answer in said] == [1, 2]


@pytest.mark.parametrize("size", [65_535, 65_536, 1_000_000])
def test_a_long_line_is_answered(size: int) -> None:
    first, second = answers(helper(line(text='{"a":"' + "x" * size + '"}') + line(id=2, text="{}")))
    assert len(first["text"]) == size + len('{"matched":true,"value":{"a":""}}')
    assert second["id"] == 2


def test_it_answers_while_its_input_stays_open() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "lakehouse_ref.services.helper"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["protocol"] == 1, "before it has read anything"
        for number in (1, 2):
            process.stdin.write(line(id=number, text="{}"))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait() == 0


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"{\n", id="not-json"),
        pytest.param(b"\n", id="empty-line"),
        pytest.param(b"[]\n", id="not-an-object"),
        pytest.param(b"[" * 100_000 + b"\n", id="nested-without-end"),
        pytest.param(b'{"id":1,"surface":"extract_json","text":"\xff"}\n', id="invalid-utf8"),
        pytest.param(b'{"id":1,"surface":"extract_json","text":"\\ud800"}\n', id="half-a-character"),
        pytest.param(line(), id="no-input"),
        pytest.param(line(text="", base64=""), id="two-inputs"),
        pytest.param(line(text=1), id="input-that-is-no-text"),
        pytest.param(line(base64="/w"), id="base64-without-padding"),
        pytest.param(line(base64="/ w=="), id="base64-with-a-space"),
        pytest.param(line(base64="é"), id="base64-beyond-ascii"),
        pytest.param(line(id="1", text=""), id="id-that-is-no-number"),
        pytest.param(line(surface="embed", text=""), id="unknown-surface"),
        pytest.param(line(text="", more=1), id="unknown-field"),
        pytest.param(b'{"surface":"extract_json","text":""}\n', id="no-id"),
    ],
)
def test_a_request_that_it_cannot_parse_ends_it_with_2(request_: bytes) -> None:
    done = helper(request_)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert len(done.stdout.splitlines()) == 1, "only the hello"


def test_what_stood_before_a_bad_request_is_not_made_up() -> None:
    done = helper(line(id=1, text="{}") + b"{\n" + line(id=3, text="{}"))
    assert done.returncode == 2
    assert [json.loads(answer)["id"] for answer in done.stdout.splitlines()[1:]] in ([], [1])


def test_an_unknown_plant_is_refused_with_the_known_ones() -> None:
    done = helper(b"", LAKEHOUSE_PLANT="last-objekt")
    assert (done.returncode, done.stdout) == (2, b"")
    sentence = done.stderr.decode()
    assert len(sentence.splitlines()) == 1
    assert [name for name in ["last-objekt", *PLANTS] if name not in sentence] == []


def request(number: int, known: Known) -> bytes:
    try:
        return line(id=number, surface=known.surface, text=known.input.decode())
    except UnicodeDecodeError:
        return line(id=number, surface=known.surface, base64=base64.b64encode(known.input).decode())


REQUESTS = b"".join(request(number, known) for number, known in enumerate(KNOWN))


def test_without_a_plant_every_known_answer_is_given() -> None:
    said = answers(helper(REQUESTS))
    assert [answer["text"] for answer in said] == [known.output.decode() for known in KNOWN]
    for answer in said:
        ANSWER.validate(answer)


@pytest.mark.parametrize("plant", PLANTS)
def test_a_plant_changes_some_known_answers_and_leaves_most(plant: str) -> None:
    done = helper(REQUESTS, LAKEHOUSE_PLANT=plant)
    assert json.loads(done.stdout.splitlines()[0])["planted"] == plant
    outputs = [
        base64.b64decode(said["base64"]).decode() if "base64" in said else said["text"] for said in answers(done)
    ]
    wrong = [known for known, output in zip(KNOWN, outputs, strict=True) if output != known.output.decode()]
    assert len({known.surface for known in wrong}) == 1
    assert len(wrong) < few(plant, len(KNOWN))


def test_a_plant_of_another_process_is_unknown() -> None:
    assert helper(b"", LAKEHOUSE_PLANT="sms-161").returncode == 2
