"""A service's misbehaviour becomes an observation of the case that caused it, and of no other one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.model import Kind
from parity.transports import service as service_module
from parity.transports.connection import MOST_BYTES, MOST_HEAD

from .conftest import kinds
from .hostile_service import CLOSED, ENDLESSLY, KEPT, REDIRECTS
from .services import post, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.model import Observation

    from .services import Server, ServiceBench

    Serve = Callable[..., Server]

SHORT = 0.8  # seconds that a service which hangs may take, while a sound one needs a thousandth of it
FINE = b'{"said":"FINE"}'

FAULTS = {
    "hangs": (Kind.TIMED_OUT, "no whole answer within 0.8 s; nothing of it came"),
    "hangs-within": (Kind.TIMED_OUT, "no whole answer within 0.8 s; 72 bytes of it came"),
    "drips": (Kind.TIMED_OUT, "bytes of it came"),
    "drips-within": (Kind.TIMED_OUT, "bytes of it came"),
    "closes": (Kind.RESET, "it closed the connection without an answer"),
    "resets": (Kind.RESET, "it closed the connection without an answer"),
    "resets-within": (Kind.RESET, "the connection broke within its answer"),
    "too-short": (Kind.GARBLED, "its answer ended after 2 bytes of 100"),
    "cut-off-in-its-head": (Kind.GARBLED, "its answer ended after 0 bytes"),
    "cut-off-between-chunks": (Kind.GARBLED, "its answer ended after 2 bytes of an unknown number"),
    "cut-off-within-a-chunk": (Kind.GARBLED, "its answer ended after 2 bytes of an unknown number"),
    "compressed-as-it-goes": (Kind.COMPRESSED, "unasked for: transfer-encoding gzip"),
    "only-interim": (Kind.GARBLED, "its answer ended after 0 bytes"),
    "too-long": (Kind.GARBLED, "more bytes than its answer has"),
    "a-line-too-long": (Kind.GARBLED, "more bytes than its answer has"),
    "a-chunked-line-too-long": (Kind.GARBLED, "more bytes than its answer has"),
    "twice": (Kind.GARBLED, "more bytes than its answer has"),
    "a-body-with-204": (Kind.GARBLED, "more bytes than its answer has"),
    "not-http": (Kind.GARBLED, "not HTTP/1.1"),
    "http2": (Kind.GARBLED, "not HTTP/1.1"),
    "rtsp": (Kind.GARBLED, "not HTTP/1.1"),
    "http-2.0": (Kind.GARBLED, "not HTTP/1.1"),
    "http-0.9": (Kind.GARBLED, "not HTTP/1.1"),
    "a-line-first": (Kind.GARBLED, "not HTTP/1.1"),
    "bare-line-feeds": (Kind.GARBLED, "not HTTP/1.1"),
    "folded-header": (Kind.GARBLED, "not HTTP/1.1"),
    "nul-in-a-header": (Kind.GARBLED, "not HTTP/1.1"),
    "status-of-zero": (Kind.GARBLED, "not HTTP/1.1"),
    "status-of-four-digits": (Kind.GARBLED, "not HTTP/1.1"),
    "two-lengths": (Kind.GARBLED, "not HTTP/1.1"),
    "negative-length": (Kind.GARBLED, "not HTTP/1.1"),
    "overflowing-length": (Kind.GARBLED, "not HTTP/1.1"),
    "length-and-chunks": (Kind.GARBLED, "not HTTP/1.1"),
    "broken-chunk": (Kind.GARBLED, "not HTTP/1.1"),
    "longer-than-its-chunk": (Kind.GARBLED, "not HTTP/1.1"),
    "gzip": (Kind.COMPRESSED, "unasked for: content-encoding gzip"),
    "gzip-in-chunks": (Kind.COMPRESSED, "unasked for: transfer-encoding gzip, chunked"),
    "switches": (Kind.GARBLED, "it switches to another protocol"),
    "switches-unasked": (Kind.GARBLED, "it switches to another protocol"),
    "endless-body": (Kind.TOO_LARGE, f"an answer of more than {MOST_BYTES} bytes"),
    "endless-body-with-length": (Kind.TOO_LARGE, f"an answer of more than {MOST_BYTES} bytes"),
    "endless-chunks": (Kind.TOO_LARGE, f"an answer of more than {MOST_BYTES} bytes"),
    "endless-small-chunks": (Kind.TOO_LARGE, f"an answer of more than {MOST_BYTES} bytes"),
    "endless-chunk-size": (Kind.TOO_LARGE, f"an answer of more than {MOST_BYTES} bytes"),
    "endless-header": (Kind.TOO_LARGE, f"headers of more than {MOST_HEAD} bytes"),
    "endless-headers": (Kind.TOO_LARGE, f"headers of more than {MOST_HEAD} bytes"),
    "endless-status": (Kind.TOO_LARGE, f"headers of more than {MOST_HEAD} bytes"),
    "endless-interims": (Kind.TOO_LARGE, f"headers of more than {MOST_HEAD} bytes"),
    "endless-trailers": (Kind.TOO_LARGE, f"an answer of more than {MOST_BYTES} bytes"),
    "twice-with-a-pause": (Kind.GARBLED, "bytes that nobody asked for: HTTP/1.1 200 OK"),
    "too-long-with-a-pause": (Kind.GARBLED, "bytes that nobody asked for: more"),
    "a-line-with-a-pause": (Kind.GARBLED, "bytes that nobody asked for"),
}
SILENT = {"hangs", "hangs-within", "drips", "drips-within"}

ANSWERS = {
    "interim-100": (200, b'"application/json"', b',"body":' + FINE),
    "interim-103": (200, b'"application/json"', b',"body":' + FINE),
    "no-content": (204, b"null", b""),
    "empty-body": (200, b'"application/json"', b""),
    "untyped": (200, b"null", b',"body":' + FINE),
    "in-chunks": (200, b'"application/json"', b',"body":' + FINE),
    "with-trailers": (200, b'"application/json"', b',"body":' + FINE),
    "deep": (200, b'"application/json"', b',"text":"' + b"[" * 100_000 + b"]" * 100_000 + b'"'),
    "deep-and-cut-off": (200, b'"application/json"', b',"text":"' + b'{\\"a\\":' * 100_000 + b'"'),
    "invalid-utf8": (200, b'"application/json"', b',"base64":"eyJzYWlkIjoi//4ifQ=="'),
    "no-json": (200, b'"text/plain"', b',"text":"it\'s \\"fine\\"\\n"'),
    "two-values": (200, b'"application/json"', b',"text":"1,\\"status\\":200"'),
    "two-types": (200, b'"application/json, text/html"', b',"body":{}'),
    "shouting-type": (200, b'"application/json"', b',"body":{}'),
    "a-type-that-is-json": (200, b'"x\\",\\"status\\":200,\\"y\\":\\"\\\\"', b',"body":{}'),
    "a-type-of-other-letters": (200, '"caf\u00c3\u00a9\u00ff\\tx"'.encode(), b',"body":{}'),
    "status-of-500": (500, b'"application/json"', b',"body":{"error":"x"}'),
    "status-of-999": (999, b'"application/json"', b',"body":{}'),
    "not-modified": (304, b"null", b""),
    "identity": (200, b'"application/json"', b',"body":' + FINE),
    "ends-with-the-connection": (200, b'"application/json"', b',"body":' + FINE),
    "http-1.0": (200, b'"application/json"', b',"body":' + FINE),
    "http-1.0-with-length": (200, b'"application/json"', b',"body":' + FINE),
    "says-close": (200, b'"application/json"', b',"body":' + FINE),
    "closes-unannounced": (200, b'"application/json"', b',"body":' + FINE),
}


def outputs(seen: list[Observation]) -> list[bytes]:
    return [row.output for row in seen]


def batch(bad: int) -> list[bytes]:
    """Return a batch in which one case is bad."""
    inputs = [post(b"%c" % (97 + at)) for at in range(8)]
    inputs.insert(bad, post(b"BAD one"))
    return inputs


NEIGHBOURS = [said(chr(65 + at)) for at in range(8)]


@pytest.fixture(autouse=True)
def _patience_behind_a_batch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for what comes late, since the servers of these tests share one interpreter with the harness."""
    if "-with-a-pause" in request.node.name:
        monkeypatch.setattr(service_module, "SETTLE", 0.2)


def test_every_behaviour_has_its_expectation() -> None:
    assert {*KEPT, *CLOSED, *ENDLESSLY} <= {*FAULTS, *ANSWERS}


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("behaviour", FAULTS)
def test_the_culprit_is_named_and_its_neighbours_are_answered(
    services: ServiceBench, serve: Serve, behaviour: str, connections: int
) -> None:
    kind, detail = FAULTS[behaviour]
    at = 4
    service = services.attached(serve(behaviour), SHORT if behaviour in SILENT else 30, connections)

    seen = services.observe(service, *batch(at))

    assert kinds(seen) == [kind if number == at else Kind.ANSWERED for number in range(9)]
    assert detail in seen[at].detail
    assert len(seen[at].detail) < 400
    assert seen[at].output == b""
    assert outputs(seen[:at] + seen[at + 1 :]) == NEIGHBOURS


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("behaviour", ANSWERS)
def test_what_is_unusual_and_allowed_is_written_down(
    services: ServiceBench, serve: Serve, behaviour: str, connections: int
) -> None:
    status, content_type, body = ANSWERS[behaviour]
    service = services.attached(serve(behaviour), connections=connections)

    seen = services.observe(service, *batch(4))

    assert kinds(seen) == [Kind.ANSWERED] * 9
    assert seen[4].output == b'{"status":%d,"type":%b%b}' % (status, content_type, body)
    assert outputs(seen[:4] + seen[5:]) == NEIGHBOURS


@pytest.mark.parametrize("behaviour", ["hangs", "closes", "too-long", "too-short", "not-http", "gzip", "301"])
@pytest.mark.parametrize("at", [0, 8])
def test_the_culprit_may_be_the_first_or_the_last(
    services: ServiceBench, serve: Serve, behaviour: str, at: int
) -> None:
    service = services.attached(serve(behaviour), SHORT if behaviour == "hangs" else 30, 2)

    seen = services.observe(service, *batch(at))

    assert [row.kind.is_fault for row in seen] == [number == at for number in range(9)]
    assert outputs(seen[:at] + seen[at + 1 :]) == NEIGHBOURS


@pytest.mark.parametrize(
    "behaviour", ["hangs", "closes", "resets-within", "too-long", "twice-with-a-pause", "not-http"]
)
def test_every_culprit_of_a_batch_is_named(services: ServiceBench, serve: Serve, behaviour: str) -> None:
    kind, _ = FAULTS[behaviour]
    service = services.attached(serve(behaviour), SHORT if behaviour == "hangs" else 30, 2)

    seen = services.observe(service, post(b"BAD"), post(b"a"), post(b"BAD 2"), post(b"BAD 3"), post(b"b"))

    assert kinds(seen) == [kind, Kind.ANSWERED, kind, kind, Kind.ANSWERED]
    assert [seen[1].output, seen[4].output] == [said("A"), said("B")]


@pytest.mark.parametrize(
    "behaviour", ["hangs", "resets", "too-short", "too-long", "gzip", "301", "not-http", "endless-body"]
)
def test_the_next_batch_begins_anew(services: ServiceBench, serve: Serve, behaviour: str) -> None:
    service = services.attached(serve(behaviour), SHORT if behaviour == "hangs" else 30, 2)
    services.observe(service, post(b"a"), post(b"BAD"))

    assert outputs(services.ask(service, post(b"b"), post(b"c"))) == [said("B"), said("C")]


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_is_not_followed(services: ServiceBench, serve: Serve, status: str) -> None:
    elsewhere, server = serve(), serve(status)
    server.service.elsewhere = f"127.0.0.1:{elsewhere.port}"
    service = services.attached(server, headers={"authorization": "Bearer very-secret"})

    seen = services.observe(service, *batch(4))

    assert kinds(seen) == [Kind.REDIRECTED if number == 4 else Kind.ANSWERED for number in range(9)]
    assert seen[4].detail == f"{status}, which is not followed, to http://127.0.0.1:{elsewhere.port}/stolen"
    assert outputs(seen[:4] + seen[5:]) == NEIGHBOURS
    assert (elsewhere.connections, elsewhere.service.requests) == (0, [])
