"""What a gateway answers is what the client gets: status, words and type, whatever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .gateway import Gateway
    from .programs import Front

STATUSES = [200, 201, 202, 206, 226, 299, 300, 400, 401, 403, 404, 405, 409, 415, 418, 422, 429, 451, 499]
STATUSES += [500, 501, 502, 503, 504, 511, 599]
REDIRECTS = [301, 302, 303, 307, 308]
REFUSAL = b'{"Schema":{"field":"","reason":"not-an-object"}}'


def comes_back(front: Front, go: Gateway, status: int) -> None:
    """Check that an answer of this status comes back as it was given, with its type."""
    with front.wire() as wire:
        wire.send(b"POST /_go/v1/validate HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]")
        head = b"HTTP/1.1 %d Word\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (
            status,
            len(REFUSAL),
        )
        go.answer(head + REFUSAL)
        answer = wire.receive()
        assert (answer.status, answer.kind, answer.raw) == (status, "application/json", REFUSAL)


@pytest.mark.parametrize("status", STATUSES)
def test_a_status(front: Front, go: Gateway, status: int) -> None:
    before = front.said()
    comes_back(front, go, status)
    assert front.said() == before, "an answer is no failure, whatever it says"


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("location", [b"/elsewhere", b"http://127.0.0.1:1/", b"//x/../y", b""])
def test_a_redirect_is_not_followed(front: Front, go: Gateway, status: int, location: bytes) -> None:
    with front.wire() as wire:
        wire.send(b"POST /_go/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
        go.answer(b"HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 2\r\n\r\nok" % (status, location))
        answer = wire.receive()
        assert (answer.status, answer.header("location"), answer.raw) == (status, location.decode(), b"ok")


def test_no_type_stays_none(front: Front, go: Gateway) -> None:
    with front.wire() as wire:
        wire.send(b"GET /_go/x HTTP/1.1\r\nHost: x\r\n\r\n")
        go.answer()
        assert wire.receive().kind is None


def test_what_came_before_the_answer(front: Front, go: Gateway) -> None:
    with front.raw() as client:
        client.sendall(b"GET /_go/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        go.answer(hints + hints + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        assert b"".join(iter(lambda: client.recv(1 << 16), b"")).startswith(b"HTTP/1.1 200 OK\r\n")


def test_answers_come_in_the_order_of_the_requests(front: Front, go: Gateway) -> None:
    """They may be sent without waiting for one another."""
    with front.wire() as wire:
        wire.send(b"".join(b"GET /_go/%d HTTP/1.1\r\nHost: x\r\n\r\n" % at for at in range(20)))
        for _ in range(20):
            connection = go.take()
            target = connection.request().target
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(target), target))
        assert [wire.receive().raw for _ in range(20)] == [b"/%d" % at for at in range(20)]


def test_many_clients(front: Front, go: Gateway) -> None:
    wires = [front.wire() for _ in range(100)]
    for at, wire in enumerate(wires):
        wire.send(b"GET /_go/%d HTTP/1.1\r\nHost: x\r\n\r\n" % at)
    taken = []
    for _ in wires:
        connection = go.take()
        taken.append((connection, connection.request().target))
    for connection, target in reversed(taken):
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(target), target))
    assert [wire.receive().raw for wire in wires] == [b"/%d" % at for at in range(100)]
    for wire in wires:
        wire.close()
