"""`audit` as a process: its command line and `audit serve` (`fixtures/contract/audit.md`, `files.md`)."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from lakehouse_ref.audit_lines import Fault
from lakehouse_ref.services.audit_sentences import MEANINGS, sentence
from tests.lakehouse_ref import chains
from tests.lakehouse_ref.chains import EVENT, KEY, LOG, error, furnish, put
from tests.lakehouse_ref.program import APPEND, PROGRAM, ROOT, VERIFY, audit, environment

LINES = json.loads((ROOT / "fixtures" / "contract" / "helper.schema.json").read_bytes())
HELLO, ANSWER = (
    jsonschema_rs.validator_for({"$ref": f"#/$defs/{name}", "$defs": LINES["$defs"]}) for name in ("hello", "answer")
)
PLANTS = ["key-for-all", "torn-mode", "tip-remembered", "drift-at-20-warn", "drift-zero-zero-warn"]


# ------------------------------------------------------------------ the command line


def test_an_answer_is_one_canonical_line(tmp_path: Path) -> None:
    furnish(tmp_path)
    done = audit(tmp_path, *APPEND)
    tip = chains.mac_of(chains.log(1)[0])
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b'{"count":1,"error":null,"tip":"%b"}\n' % tip.encode()
    done = audit(tmp_path, *VERIFY, "--anchor", f"1:{tip}")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b'{"count":1,"error":null,"tip":"%b","verified":true}\n' % tip.encode()


@pytest.mark.parametrize("arguments", [[], ["verify", "x"], ["serve", "x"], [b"verify", b"--key", b"\xff"]])
def test_a_command_line_that_is_not_understood(tmp_path: Path, arguments: list[str | bytes]) -> None:
    done = audit(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.strip()
    assert b"Traceback" not in done.stderr


def test_an_error_is_told_to_a_person_with_file_and_line(tmp_path: Path) -> None:
    furnish(tmp_path, count=2)
    put(tmp_path, LOG, b"".join(chains.log(2)).replace(b'"seq":2', b'"seq":3'))
    done = audit(tmp_path, "verify")
    assert done.returncode == 1
    assert json.loads(done.stdout)["subjects"][0]["error"] == error("tampered", "mac", LOG, 2)
    assert len(done.stderr.splitlines()) == 1
    assert LOG.encode() in done.stderr
    assert b"line 2" in done.stderr


def test_every_reason_of_the_contract_is_told_to_a_person() -> None:
    reasons: set[str] = set()
    for surface in ("subject_audit_files", "audit_baselines"):
        schema = (ROOT / "fixtures" / "contract" / f"{surface}.answer.schema.json").read_text()
        for found in re.findall(r'"reason": \{\s*"enum": (\[[^]]*\])', schema):
            reasons |= set(json.loads(found))
    assert len(reasons) > 20
    assert MEANINGS.keys() == reasons
    assert sentence(Fault("torn", "unfinished", "f", 3)).startswith("f, line 3: torn, unfinished: ")


def test_only_serve_looks_for_a_plant(tmp_path: Path) -> None:
    furnish(tmp_path, count=1)
    done = audit(tmp_path, *VERIFY, LAKEHOUSE_PLANT="no-such-plant")
    assert done.returncode == 3
    (tmp_path / "audit.key").chmod(0o604)
    assert audit(tmp_path, *VERIFY, LAKEHOUSE_PLANT="key-for-all").returncode == 5


def test_an_answer_that_nobody_can_read_is_no_success(tmp_path: Path) -> None:
    furnish(tmp_path, count=1)
    tip = chains.mac_of(chains.log(1)[0])
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, *VERIFY, "--anchor", f"1:{tip}"],
            cwd=tmp_path, env=environment(), stdout=full, stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 7
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("key", [KEY, b"\xf0\x9f\x98\x80" * 8, b"\n" * 31, KEY * 200])
def test_the_key_stands_in_no_output(tmp_path: Path, key: bytes) -> None:
    furnish(tmp_path, count=1)
    put(tmp_path, "audit.key", key)
    for arguments in (APPEND, VERIFY, ["verify"], ["verify", "--anchors", "audit.key"], [*APPEND[:-1], "audit.key"]):
        done = audit(tmp_path, *arguments)
        said = done.stdout + done.stderr
        assert b"Traceback" not in said
        assert [part for part in (key, key[:16], key.hex().encode()) if part.strip() and part in said] == []


# ------------------------------------------------------------------ audit serve


def request(number: int, folder: Path | str, *arguments: str, surface: str = "subject_audit_files") -> bytes:
    text = json.dumps({"arguments": arguments, "directory": str(folder)})
    return json.dumps({"id": number, "surface": surface, "text": text}).encode() + b"\n"


def serve(data: bytes, **own: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*PROGRAM, "serve"], input=data, cwd=ROOT, env=environment(**own), capture_output=True, timeout=60, check=False
    )


def answers(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    """Return what came behind the hello, each with its rules."""
    assert (done.returncode, done.stderr) == (0, b"")
    said = [json.loads(line) for line in done.stdout.splitlines()[1:]]
    for line in said:
        ANSWER.validate(line)
    assert [line["id"] for line in said] == list(range(len(said)))
    return [json.loads(line["text"]) | {"rules": line.get("rules", [])} for line in said]


def test_serve_says_hello_with_its_own_surfaces_and_plants() -> None:
    done = serve(b"", LAKEHOUSE_COMMIT="c0ffee")
    (hello,) = [json.loads(line) for line in done.stdout.splitlines()]
    HELLO.validate(hello)
    assert (hello["runtime"], hello["commit"], hello["planted"]) == ("python", "c0ffee", None)
    assert hello["surfaces"] == ["subject_audit_files", "audit_baselines"]
    assert sorted(hello["plants"]) == sorted(PLANTS)


def test_serve_does_one_directory_after_another(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        furnish(folder)
    put(other, "audit.key", b"x" * 32)
    tip = chains.mac_of(chains.log(1)[0])
    said = answers(
        serve(
            request(0, one, *APPEND)
            + request(1, other, *APPEND)
            + request(2, one, *VERIFY, "--anchor", f"1:{tip}")
            + request(3, tmp_path / "nowhere", *VERIFY)
            + request(4, one, "verify", "--anchor", "x")
            + request(5, one, "serve")
            + request(6, one, "baselines", "load", "b", surface="audit_baselines")
            + request(7, one, "baselines", "load", surface="audit_baselines")
        )
    )
    assert said[0] == {
        "answer": {"count": 1, "error": None, "tip": tip}, "exit": 0, "rules": ["append", "first-append"]
    }  # fmt: skip
    assert said[1]["answer"]["tip"] != tip
    assert said[2] == {
        "answer": {"count": 1, "error": None, "tip": tip, "verified": True}, "exit": 0, "rules": ["verify-subject"]
    }  # fmt: skip
    assert said[3]["answer"]["error"] == error("unreadable", "missing", "audit.key")
    assert said[4] == said[5] == said[7] == {"answer": None, "exit": 2, "rules": ["command-line"]}
    assert said[6]["answer"] == {"count": 0, "error": error("unreadable", "missing", "b")}
    assert said[6]["rules"] == ["load", "unreadable"]


def test_a_surface_is_told_only_its_own_rules(tmp_path: Path) -> None:
    furnish(tmp_path)
    entry = {"at": EVENT["ts"], "commit": "unknown", "metrics": {}}
    put(tmp_path, "e", entry)
    said = answers(
        serve(
            request(0, tmp_path, *APPEND, surface="audit_baselines")
            + request(1, tmp_path, "baselines", "append", "b", "--entry", "e")
            + request(2, tmp_path, "baselines", "append", "b", "--entry", "e", surface="audit_baselines")
        )
    )
    assert [(one["exit"], one["rules"]) for one in said] == [(0, []), (0, []), (0, ["append"])]


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "{}", '{"arguments":[]}', '{"directory":"."}', '{"arguments":[1],"directory":"."}',
        '{"arguments":[],"directory":1}', '{"arguments":[],"directory":".","more":1}',
        '{"arguments":"verify","directory":"."}',
    ],
)  # fmt: skip
def test_a_request_that_is_none_ends_it_with_2(text: str) -> None:
    done = serve(json.dumps({"id": 0, "surface": "subject_audit_files", "text": text}).encode() + b"\n")
    assert done.returncode == 2
    assert len(done.stdout.splitlines()) == 1, "only the hello"
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_another_surface_ends_it_with_2() -> None:
    assert serve(request(0, ".", "verify", surface="subject_audit")).returncode == 2


def test_a_plant_of_another_process_is_unknown() -> None:
    for name in ("mac-prefix", "last-object", "no-such-plant"):
        done = serve(b"", LAKEHOUSE_PLANT=name)
        assert (done.returncode, done.stdout) == (2, b"")
        assert [plant for plant in PLANTS if plant not in done.stderr.decode()] == []


def test_it_answers_while_its_input_stays_open(tmp_path: Path) -> None:
    furnish(tmp_path, count=1)
    with subprocess.Popen(
        [*PROGRAM, "serve"], cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["protocol"] == 1
        for number in range(3):
            process.stdin.write(request(number, tmp_path, *VERIFY))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(timeout=60) == 0
