"""Where a path goes, and that what is asked for comes through byte for byte."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .programs import GO, RUST

if TYPE_CHECKING:
    from .gateway import Gateway
    from .programs import Front, Program

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE", "TRACE", "QUERY", "PROPFIND"]
TARGETS = [
    "/",
    "//",
    "/v1/matrix/search",
    "/v1/matrix/search/",
    "/a/../b",
    "/../api/x",
    "/./a/.",
    "/..",
    "//a///b",
    "/%2e%2e/a",
    "/a%2Fb%2fb",
    "/%zz%",
    "/%00%0d%0aHost:%20x",
    "/%C3%A9%ff",
    "/a;b=c/..;/d",
    "/a\\b\\..\\c",
    "/\"{|}<>^`[]'",
    "/:80@x",
    "/http://other.example/x",
    "/a?",
    "/a??b?c",
    "/a?b=c&b=d&&=",
    "/a?b=/../c",
    "/a?b=%2e+%20'\"<>|\\^`{}",
    "/a#f",
    "/a?b#c?d",
    "/" + "long" * 3000,
]


def comes_through(front: Front, go: Gateway, target: str, method: str = "GET") -> None:
    """Check that the gateway is asked for just this."""
    with front.wire() as wire:
        wire.send(f"{method} /_go{target} HTTP/1.1\r\nHost: front\r\n\r\n".encode())
        assert go.answer().line == f"{method} {target} HTTP/1.1".encode()
        answer = wire.receive()
        assert (answer.status, answer.raw) == (200, b"ok")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target[:40])
def test_a_target_comes_through(front: Front, go: Gateway, target: str) -> None:
    comes_through(front, go, target)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_comes_through(front: Front, go: Gateway, method: str) -> None:
    comes_through(front, go, "/m", method)


def test_the_two_gateways_are_two(front: Front, go: Gateway, rust: Gateway) -> None:
    with front.wire() as wire:
        for gateway, target in ((rust, "/api/v1/x?y"), (go, "/_go/v1/x?y"), (rust, "/api/v1/x?y")):
            wire.send(f"GET {target} HTTP/1.1\r\nHost: front\r\n\r\n".encode())
            assert gateway.answer().target == b"/v1/x?y"
            assert wire.receive().status == 200


@pytest.mark.parametrize(
    "target",
    ["/", "/_go", "/_go?x", "/_GO/x", "/%5fgo/x", "/api", "/apis", "/v1/x", "//_go/x", "/x/_go/y", "/healthy"],
)
def test_what_is_nowhere(front: Front, target: str) -> None:
    answer = front.get(target)
    assert (answer.status, answer.kind, answer.body["error"]) == (404, "application/json", "not-found")
    assert front.get("http://front/_go/x").status == 404


@pytest.mark.parametrize("target", [b"/_go/\xc3\xa9", b"/_go/\xff", b"/_go/a\tb", b"/_go/a\x7fb", b"/_go/a\x00b"])
def test_what_a_target_may_not_hold(front: Front, go: Gateway, target: bytes) -> None:
    with front.wire() as wire:
        wire.send(b"GET " + target + b" HTTP/1.1\r\nHost: front\r\n\r\n")
        assert wire.receive().status == 400
    comes_through(front, go, "/behind")


def test_what_is_no_passing_through(front: Front, go: Gateway) -> None:
    """A tunnel is none of the front's business, and neither is a head that is too large."""
    with front.wire() as wire:
        wire.send(b"CONNECT /_go/x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.ended()
    with front.wire() as wire:
        wire.send(b"GET /_go/x HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 17_000 + b"\r\n\r\n")
        assert wire.receive().status == 431
    comes_through(front, go, "/behind")


@pytest.mark.parametrize(("variable", "prefix"), [(GO, "/_go"), (RUST, "/api")])
@pytest.mark.parametrize("value", [None, ""])
def test_a_gateway_is_opt_in(program: Program, go: Gateway, variable: str, prefix: str, value: str | None) -> None:
    other = RUST if variable == GO else GO
    unset = {} if value is None else {variable: value}
    with program.start(**{other: go.url}, **unset) as front:
        answer = front.get(f"{prefix}/v1/x")
        assert (answer.status, answer.kind) == (503, "application/json")
        assert answer.body == {"error": "not-set", "reason": f"{variable} is not set"}
        with front.wire() as wire:
            wire.send(
                f"POST {prefix}/v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n".encode() + b"x" * 99999
            )
            assert wire.receive().status == 503
            wire.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert wire.receive().body["upstreams"] == {"go": variable != GO, "rust": variable != RUST}
        assert front.said() == "", "nobody failed"


def test_health(front: Front) -> None:
    answer = front.get("/health")
    assert (answer.status, answer.kind) == (200, "application/json")
    assert answer.body == {
        "status": "ok",
        "service": "front",
        "runtime": "bun",
        "version": "0.1.0",
        "commit": "unknown",
        "surfaces": [],
        "plants": ["content-type-lost", "path-normalised", "status-flattened"],
        "planted": None,
        "upstreams": {"go": True, "rust": True},
    }
    assert list(json.loads(answer.raw)) == list(answer.body)


def test_health_names_the_commit(program: Program) -> None:
    with program.start(LAKEHOUSE_COMMIT="3f2a91c") as front:
        assert front.get("/health?x").body["commit"] == "3f2a91c"
