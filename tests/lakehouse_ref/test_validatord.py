"""The reference as a service, over real connections (`fixtures/contract/service.md`)."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.lakehouse_ref.drafts import bytes_of, draft, refusal
from tests.lakehouse_ref.serving import COMMAND, PATIENCE, ROOT, Connection, environment, free_port, started

if TYPE_CHECKING:
    from collections.abc import Iterator

PLANTS = [
    plant["name"]
    for plant in tomllib.loads((ROOT / "fixtures/contract/plants.toml").read_text())["plant"]
    if plant["surface"] == "validate"
]
JSON = "content-type: application/json"
FILL = bytes_of(draft("fill", request_id="é"))
ACCEPTED = '{"accepted":true,"kind":"fill","request_id":"é"}'.encode()
CAP, DRAINED = 1_048_576, 4 * 1_048_576


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with started(LAKEHOUSE_COMMIT="c0ffee", LAKEHOUSE_PLANT="") as (_, number):
        yield number


@pytest.fixture
def connection(port: int) -> Iterator[Connection]:
    opened = Connection(port)
    yield opened
    opened.close()


# ------------------------------------------------------------------ what is answered


def test_it_says_who_it_is(connection: Connection) -> None:
    reply = connection.ask("/health", "GET", None)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    health = json.loads(reply.body)
    assert sorted(health.pop("plants")) == sorted(PLANTS)
    assert re.fullmatch(r"\d+\.\d+\.\d+", health.pop("version"))
    assert health == {
        "status": "ok",
        "service": "validatord",
        "runtime": "python",
        "commit": "c0ffee",
        "surfaces": ["validate"],
        "planted": None,
    }


def test_an_accepted_request(connection: Connection) -> None:
    reply = connection.ask("/v1/validate", "POST", FILL, JSON)
    assert (reply.status, reply.headers["content-type"], reply.body) == (200, "application/json", ACCEPTED)
    assert reply.headers.keys() == {"content-type", "content-length", "date"}, "the rules only where they are asked for"


@pytest.mark.parametrize(
    ("target", "method", "body", "headers", "status", "rule", "field"),
    [
        ("/", "GET", None, [], 404, "unknown-path", ""),
        ("//v1/validate", "POST", FILL, [JSON], 404, "unknown-path", ""),
        ("/v1//validate", "POST", FILL, [JSON], 404, "unknown-path", ""),
        ("/v1/validate/", "POST", FILL, [JSON], 404, "unknown-path", ""),
        ("/v1/%76alidate", "POST", FILL, [JSON], 404, "unknown-path", ""),
        ("/v1/validate%3Fx=1", "POST", FILL, [JSON], 404, "unknown-path", ""),
        ("/v1/validate%0A", "POST", FILL, [JSON], 404, "unknown-path", ""),
        ("/v1/validate#x", "POST", FILL, [JSON], 404, "unknown-path", ""),
        ("/v1/Validate", "POST", FILL, [JSON], 404, "unknown-path", ""),
        ("/v1/../v1/validate", "POST", FILL, [JSON], 404, "unknown-path", ""),
        ("/v1/./validate", "POST", FILL, [JSON], 404, "unknown-path", ""),
        ("/health/", "GET", None, [], 404, "unknown-path", ""),
        ("/%68ealth", "GET", None, [], 404, "unknown-path", ""),
        ("/health/?/v1/validate", "GET", None, [], 404, "unknown-path", ""),
        ("/" + "x" * 100_000, "GET", None, [], 404, "unknown-path", ""),
        ("/v1", "DELETE", None, [], 404, "unknown-path", ""),
        ("/!\"$&'()*+,-.:;<=>@[\\]^_`{|}~", "PUT", b"", [], 404, "unknown-path", ""),
        ("/v1/validate", "GET", None, [], 405, "method-not-allowed", ""),
        ("/v1/validate?x=1", "PUT", FILL, [JSON], 405, "method-not-allowed", ""),
        ("/v1/validate", "PATCH", FILL, [JSON], 405, "method-not-allowed", ""),
        ("/v1/validate", "DELETE", None, [], 405, "method-not-allowed", ""),
        ("/v1/validate", "OPTIONS", None, [], 405, "method-not-allowed", ""),
        ("/health", "POST", b"", [], 405, "method-not-allowed", ""),
        ("/health", "OPTIONS", None, [], 405, "method-not-allowed", ""),
        ("/v1/validate", "POST", FILL, [], 415, "unsupported-media-type", "content-type"),
        ("/v1/validate", "POST", FILL, [JSON + "5"], 415, "unsupported-media-type", "content-type"),
        ("/v1/validate", "POST", FILL, ["content-type: a", JSON], 415, "unsupported-media-type", "content-type"),
        ("/v1/validate", "POST", b"", [], 415, "unsupported-media-type", "content-type"),
        (
            "/v1/validate",
            "POST",
            FILL,
            [JSON, "Content-Encoding: GZIP"],
            415,
            "unsupported-content-encoding",
            "content-encoding",
        ),
        ("/v1/validate", "POST", b" " * (CAP + 1), [JSON], 413, "body-too-large", ""),
        ("/v1/validate", "POST", b" " * DRAINED, [JSON], 413, "body-too-large", ""),
        ("/v1/validate", "POST", b" " * DRAINED, [], 415, "unsupported-media-type", "content-type"),
        ("/v1/validate", "PUT", b" " * DRAINED, [JSON], 405, "method-not-allowed", ""),
        ("/v1/x", "POST", b" " * DRAINED, [JSON], 404, "unknown-path", ""),
        ("/v1/validate", "POST", b"", [JSON], 400, "malformed-json", ""),
        ("/v1/validate", "POST", b"\xff", [JSON], 400, "invalid-utf8", ""),
        ("/v1/validate", "POST", b"[]", [JSON], 422, "not-an-object", ""),
        ("/v1/validate", "POST", bytes_of(draft("sms", roster=[])), [JSON], 422, "empty-roster", ""),
    ],
)
def test_a_refusal_leaves_the_connection_open(
    connection: Connection,
    target: str,
    method: str,
    body: bytes | None,
    headers: list[str],
    status: int,
    rule: str,
    field: str,
) -> None:
    for _ in range(2):
        reply = connection.ask(target, method, body, *headers)
        assert (reply.status, reply.body.decode()) == (status, refusal(rule, field))
        assert (reply.headers["content-type"], reply.headers.get("connection")) == ("application/json", None)
        assert connection.ask("/v1/validate", "POST", FILL, JSON).body == ACCEPTED


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/v1/validate?", [JSON]),
        ("/v1/validate?x=1", [JSON]),
        ("/v1/validate?/x#y?z", [JSON]),
        ("/v1/validate", ["Content-Type: \tAPPLICATION/json ; charset=utf-16"]),
        ("/v1/validate", [JSON, "content-type: text/plain", "content-encoding:", "content-encoding: gzip"]),
        ("/v1/validate", [JSON, "content-encoding: Identity"]),
        ("/v1/validate", [JSON, "accept: text/html", "accept-encoding: gzip", "x-forwarded-for: 1.2.3.4"]),
    ],
)
def test_what_stands_beside_a_refusal_is_accepted(connection: Connection, target: str, headers: list[str]) -> None:
    reply = connection.ask(target, "POST", FILL, *headers)
    assert (reply.status, reply.body) == (200, ACCEPTED)


def test_a_query_of_health_is_ignored(connection: Connection) -> None:
    assert connection.ask("/health?deep=1", "GET", None).status == 200


def test_a_body_of_the_largest_size_is_validated(connection: Connection) -> None:
    assert connection.ask("/v1/validate", "POST", FILL.ljust(CAP), JSON).body == ACCEPTED


def test_a_body_that_arrives_in_pieces_is_validated(connection: Connection) -> None:
    connection.socket.sendall(b"POST /v1/validate HTTP/1.1\r\nhost: x\r\n" + JSON.encode() + b"\r\n")
    connection.socket.sendall(b"content-length: %d\r\n\r\n" % len(FILL))
    for at in range(0, len(FILL), 50):
        connection.socket.sendall(FILL[at : at + 50])
        time.sleep(0.002)
    assert connection.reply().body == ACCEPTED


def test_a_body_in_chunks_is_counted_as_it_arrives(connection: Connection) -> None:
    head = b"POST /v1/validate HTTP/1.1\r\nhost: x\r\n" + JSON.encode() + b"\r\ntransfer-encoding: chunked\r\n\r\n"
    for body, expected in ((FILL, ACCEPTED), (b" " * (CAP + 1), refusal("body-too-large").encode())):
        connection.socket.sendall(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
        assert connection.reply().body == expected


def test_a_body_beyond_what_is_read_ends_the_connection_behind_the_answer(connection: Connection) -> None:
    reply = connection.ask("/v1/validate", "POST", b" " * (2 * DRAINED), JSON)
    assert (reply.status, reply.body.decode()) == (413, refusal("body-too-large"))
    assert reply.headers["connection"] == "close"
    assert connection.socket.recv(1) == b""


def test_such_a_body_is_answered_before_it_ends(connection: Connection) -> None:
    length = b"content-length: %d\r\n\r\n" % (100 * DRAINED)
    connection.socket.sendall(b"POST /v1/validate HTTP/1.1\r\nhost: x\r\n" + JSON.encode() + b"\r\n" + length)
    connection.socket.sendall(b" " * (DRAINED + 1))
    assert connection.reply().status == 413


def test_requests_that_were_sent_at_once_are_answered_in_order(connection: Connection) -> None:
    requests = b""
    for target in (b"/v1/validate", b"/nowhere", b"/v1/validate"):
        requests += b"POST %b HTTP/1.1\r\nhost: x\r\n%b\r\n" % (target, JSON.encode())
        requests += b"content-length: %d\r\n\r\n%b" % (len(FILL), FILL)
    connection.socket.sendall(requests)
    assert [connection.reply().status for _ in range(3)] == [200, 404, 200]


# ------------------------------------------------------------------ how it is started, and how it ends


def run(*arguments: str, **own: str) -> tuple[int, str]:
    """Run a service that ends by itself; return its exit code and its sentence."""
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, env=environment(**own), capture_output=True, timeout=PATIENCE, check=False
    )
    (sentence,) = done.stderr.decode().splitlines()
    assert done.stdout == b""
    return done.returncode, sentence


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--port"],
        ["--port", "x"],
        ["--port", "0"],
        ["--port", "65536"],
        ["--port", "-1"],
        ["--port", "٨"],
        ["--port", "8_0"],
        ["8700"],
        ["--port", "8700", "more"],
        ["--prot", "8700"],
        ["--por", "8700"],
    ],
)
def test_a_command_line_that_it_does_not_understand_ends_it_with_2(arguments: list[str]) -> None:
    assert run(*arguments)[0] == 2


def test_an_unknown_plant_ends_it_with_2_and_lists_the_known_ones() -> None:
    code, sentence = run("--port", str(free_port()), LAKEHOUSE_PLANT="last-object")
    assert code == 2
    assert [name for name in ["last-object", *PLANTS] if name not in sentence] == []


def test_a_port_that_it_cannot_have_ends_it_with_3() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        code, sentence = run("--port", str(listener.getsockname()[1]))
    assert code == 3
    assert "port" in sentence


def test_at_sigterm_it_ends_with_0_at_once_whoever_is_connected() -> None:
    with started() as (process, port):
        silent, idle, sending = Connection(port), Connection(port), Connection(port)
        assert idle.ask("/v1/validate", "POST", FILL, JSON).status == 200
        sending.socket.sendall(b"POST /v1/validate HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf")
        time.sleep(0.2)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - begun < 5
        for opened in (silent, idle, sending):
            opened.close()


def test_at_sigterm_while_nothing_is_open_it_has_said_nothing() -> None:
    with started() as (process, _):
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=PATIENCE)
        assert (process.returncode, *said) == (0, b"", b"")


def test_it_listens_on_the_loopback_alone(port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=PATIENCE)


def test_a_plant_and_the_rules_are_told_where_the_environment_asks() -> None:
    with started(LAKEHOUSE_PLANT="sms-161", LAKEHOUSE_RULES="1") as (_, port):
        connection = Connection(port)
        assert json.loads(connection.ask("/health", "GET", None).body)["planted"] == "sms-161"
        for length, status, rules in ((160, 200, None), (161, 200, None), (162, 422, "sms-too-long")):
            reply = connection.ask("/v1/validate", "POST", bytes_of(draft("sms", artifact__body="x" * length)), JSON)
            assert (reply.status, reply.headers.get("parity-rules")) == (status, rules)
        request = draft("sms", request_id="", order__city="aurora", roster=[]) | {"x": 1}
        reply = connection.ask("/v1/validate", "POST", bytes_of(request), JSON)
        assert reply.headers["parity-rules"] == "empty-roster,unknown-member"
        assert connection.ask("/", "GET", None).headers["parity-rules"] == "unknown-path"
        connection.close()
