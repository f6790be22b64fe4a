"""Connections are kept, whatever was refused on them; and health answers while others are busy."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.attacks.test_writers import in_parallel

from .client import JSON_TYPE, fresh
from .wire import Answer, Wire, request

if TYPE_CHECKING:
    from .programs import Service

JSON = (JSON_TYPE,)
A = "/vectors/index/a"
QUERY = b'{"k":1,"vector":[1,1]}'
REFUSED: list[tuple[int, str, str, bytes | None, tuple[tuple[str, str], ...]]] = [
    (404, "GET", "/nothing", None, ()),
    (404, "POST", "/nothing", b"x" * 1000, ()),
    (405, "PUT", A, b"{}", JSON),
    (405, "POST", "/health", b"x" * 1000, ()),
    (405, "GET", f"{A}/search", b"x" * 1000, ()),
    (422, "GET", A, None, (("x-lakehouse-tenant", "NO"),)),
    (422, "POST", f"{A}/search", QUERY, (*JSON, ("x-lakehouse-tenant", "NO"))),
    (415, "POST", f"{A}/search", QUERY, ()),
    (415, "POST", f"{A}/search", QUERY, (*JSON, ("content-encoding", "br"))),
    (400, "POST", f"{A}/search", b"\xff", JSON),
    (400, "POST", f"{A}/search", b"{", JSON),
    (400, "POST", f"{A}/search", b"[" * 100_000, JSON),
    (422, "POST", f"{A}/search", b"[]", JSON),
    (422, "POST", f"{A}/search", b"{}", JSON),
    (422, "POST", f"{A}/add", b'{"items":[{"id":"x","vector":[0]}]}', JSON),
    (404, "POST", "/vectors/index/b/search", QUERY, JSON),
    (404, "POST", f"{A}/delete", b'{"id":"none"}', JSON),
    (409, "POST", f"{A}/search", b'{"k":1,"vector":[1,1,1]}', JSON),
    (404, "POST", f"{A}/reload", b'{"snapshot":"s-0000000000000000"}', JSON),
]


def mine(tenant: str, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return headers behind which the tenant stands, where they name none."""
    return (*headers, ("x-lakehouse-tenant", tenant))


@pytest.fixture
def tenant(service: Service) -> str:
    """Return a tenant that has an index."""
    with service.client() as client:
        client.put("a", "x", [1, 0])
        return str(client.tenant)


def test_one_connection_takes_every_refusal(service: Service, tenant: str) -> None:
    good = request("POST", f"{A}/search", QUERY, mine(tenant, JSON))
    with Wire(service.port) as wire:
        for status, method, target, body, headers in REFUSED:
            wire.send(request(method, target, body, mine(tenant, headers)))
            assert wire.receive().checked().status == status, (method, target, body)
            wire.send(good)
            assert wire.receive().checked().status == 200, f"behind {method} {target}"


def test_a_body_that_is_refused_is_not_read_as_a_request(service: Service, tenant: str) -> None:
    """What is refused before its body is read: the body's bytes are no request of their own."""
    inner = request("DELETE", A, None, mine(tenant, ()))
    good = request("GET", A, None, mine(tenant, ()))
    for method, target in (("POST", "/nothing"), ("PUT", A), ("GET", A), ("POST", f"{A}/search")):
        with Wire(service.port) as wire:
            wire.send(request(method, target, inner, mine(tenant, ())) + good)
            wire.receive().checked()
            assert wire.receive().checked().body == {"dimension": 2, "size": 1}, (method, target)


def test_requests_without_waiting(service: Service) -> None:
    tenant, count = fresh(), 40
    adds = [
        request("POST", f"{A}/add", b'{"items":[{"id":"x%d","vector":[1,%d]}]}' % (at, at), mine(tenant, JSON))
        for at in range(count)
    ]
    mixed = [
        one for add in adds for one in (add, request("GET", "/nothing"), request("GET", A, None, mine(tenant, ())))
    ]
    with Wire(service.port) as wire:
        wire.send(b"".join(mixed))
        for at in range(count):
            assert wire.receive().checked().body == {"added": 1, "size": at + 1, "updated": 0}
            assert wire.receive().checked().status == 404
            assert wire.receive().checked().body == {"dimension": 2, "size": at + 1}


def test_a_request_byte_by_byte(service: Service, tenant: str) -> None:
    with Wire(service.port) as wire:
        for _ in range(2):
            for byte in request("POST", f"{A}/search", QUERY, mine(tenant, JSON)):
                wire.send(bytes([byte]))
            assert wire.receive().checked().status == 200


def test_a_request_that_never_ends_changes_nothing(service: Service, tenant: str) -> None:
    whole = request("POST", f"{A}/add", b'{"items":[{"id":"y","vector":[1,0]}]}', mine(tenant, JSON))
    for at in range(0, len(whole), 7):
        with Wire(service.port) as wire:
            wire.send(whole[:at])
    with service.client(tenant) as client:
        assert client.about("a").body == {"dimension": 2, "size": 1}


@pytest.mark.parametrize(
    "head", [b"\r\n\r\n", b"nonsense\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x00\xa5" * 9, b"\x00" * 99]
)
def test_what_is_no_http_does_no_harm(service: Service, tenant: str, head: bytes) -> None:
    with Wire(service.port) as wire:
        wire.send(head)
    with service.client(tenant) as client:
        assert client.about("a").body == {"dimension": 2, "size": 1}


def test_many_connections(service: Service, tenant: str) -> None:
    wires = [Wire(service.port) for _ in range(100)]
    for wire in wires:
        wire.send(request("GET", A, None, mine(tenant, ())))
    for wire in wires:
        assert wire.receive().checked().status == 200
        wire.close()


def test_health_while_others_are_busy(service: Service) -> None:
    over, asked = threading.Event(), 20
    tenant = fresh()
    answers: list[Answer] = []

    def load() -> None:
        items = [{"id": f"x{at}", "text": f"worker {at} welder aurora illinois"} for at in range(50)]
        with service.client(tenant) as client:
            while not over.is_set():
                client.add("a", items)

    def ask() -> None:
        try:
            with service.client(None) as client:
                answers.extend(client.ask("GET", "/health") for _ in range(asked))
        finally:
            over.set()

    in_parallel([ask, load, load])
    assert [answer.status for answer in answers] == [200] * asked
    told = answers[0].body
    assert (told["status"], told["service"], told["planted"]) == ("ok", "matrixd", None)
    assert {"vectors", "matrix"} <= set(told["surfaces"])
