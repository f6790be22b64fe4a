"""Bodies, in both directions: the same bytes, whatever they are and however they are sent."""

from __future__ import annotations

import gzip
import random
import threading
from typing import TYPE_CHECKING

import pytest

from .gateway import OK

if TYPE_CHECKING:
    from .gateway import Gateway
    from .programs import Front

LARGEST = 64 << 20
HELD = 1 << 16
"""An answer that is longer goes out before it has come whole."""
ALL = bytes(range(256)) * 4
BODIES = {
    "one": b"x",
    "every byte": ALL,
    "no utf-8": b'{"kind":"\xff\xfe\xed\xa0\x80"}',
    "a byte order mark": b"\xef\xbb\xbf{}\r\n",
    "gzip": gzip.compress(ALL),
    "what looks like a request": b"0\r\n\r\nGET /_go/inner HTTP/1.1\r\nHost: x\r\n\r\n",
    "large": random.Random(1).randbytes(3_000_000),
}
JSON = b"Content-Type: application/json\r\n"


def chunked(body: bytes, size: int) -> bytes:
    """Return a body in chunks, behind which nothing stands."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;a=b\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("method", [b"POST", b"PUT", b"GET", b"DELETE", b"OPTIONS", b"HEAD"])
@pytest.mark.parametrize("size", [0, 1000], ids=["length", "chunked"])
def test_a_body_of_a_request(front: Front, go: Gateway, body: bytes, method: bytes, size: int) -> None:
    framing = b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    if size:
        framing = b"Transfer-Encoding: chunked\r\n\r\n" + chunked(body, size)
    with front.wire() as wire:
        sender = threading.Thread(
            target=wire.send, args=(method + b" /_go/x HTTP/1.1\r\nHost: x\r\n" + JSON + framing,)
        )
        sender.start()
        head = method == b"HEAD"
        taken = go.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" if head else OK)
        sender.join()
        assert taken.body == body
        assert taken.all(b"content-type") == [b"application/json"]
        assert taken.all(b"content-length") == ([] if size else [b"%d" % len(body)])
        assert wire.receive(head=head).status == 200


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("framing", ["length", "chunked", "to the end"])
def test_a_body_of_an_answer(front: Front, go: Gateway, body: bytes, framing: str) -> None:
    with front.wire() as wire:
        wire.send(b"GET /_go/x HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
        connection = go.take()
        connection.request()
        if framing == "length":
            head, data = b"Content-Length: %d\r\n\r\n" % len(body), body
        elif framing == "chunked":
            head, data = b"Transfer-Encoding: chunked\r\n\r\n", chunked(body, 5000)
        else:
            head, data = b"Connection: close\r\n\r\n", body

        def send() -> None:
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + head + data)
            if framing == "to the end":
                connection.close()

        sender = threading.Thread(target=send)
        sender.start()
        answer = wire.receive()
        sender.join()
        assert answer.raw == body
        assert answer.header("content-encoding") == "gzip", "a body is not unpacked, whatever it is"
        assert answer.header("content-length") == (str(len(body)) if framing == "length" else None)
        wire.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.receive().status == 200, "the client's connection is kept"


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"PATCH"])
def test_no_body(front: Front, go: Gateway, method: bytes) -> None:
    with front.wire() as wire:
        wire.send(method + b" /_go/x HTTP/1.1\r\nHost: x\r\n\r\n")
        taken = go.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        assert (taken.body, taken.all(b"content-length"), taken.all(b"transfer-encoding")) == (b"", [b"0"], [])
        answer = wire.receive()
        assert (answer.raw, answer.headers[0]) == (b"", ("content-length", "0"))


@pytest.mark.parametrize(
    "length", [b"", b"Content-Length: 0\r\n", b"Content-Length: 5\r\n", b"Content-Length: 99999999\r\n"]
)
def test_head(front: Front, go: Gateway, length: bytes) -> None:
    with front.wire() as wire:
        for _ in range(2):
            wire.send(b"HEAD /_go/x HTTP/1.1\r\nHost: x\r\n\r\n")
            go.answer(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n" + length + b"\r\n")
            answer = wire.receive(head=True)
            assert answer.status == 200
            expected = length.partition(b": ")[2].strip().decode() or None
            assert answer.header("content-length") == expected


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_has_none(front: Front, go: Gateway, status: int) -> None:
    with front.wire() as wire:
        for _ in range(2):
            wire.send(b"GET /_go/x HTTP/1.1\r\nHost: x\r\n\r\n")
            go.answer(b"HTTP/1.1 %d None\r\nETag: x\r\n\r\n" % status)
            answer = wire.receive()
            assert (answer.status, answer.header("transfer-encoding")) == (status, None)


def test_it_flows(front: Front, go: Gateway) -> None:
    """Neither body is had whole before it goes on: each side waits for the first part before it sends the second."""
    first, second = b"a" * (HELD + 1), b"b" * 10
    length = b"Content-Length: %d\r\n\r\n" % (len(first) + len(second))
    with front.raw() as client:
        client.sendall(b"POST /_go/x HTTP/1.1\r\nHost: x\r\n" + length + first)
        connection = go.take()
        connection.head()
        assert connection.exactly(len(first)) == first
        client.sendall(second)
        assert connection.exactly(len(second)) == second
        connection.send(b"HTTP/1.1 200 OK\r\n" + length + first)
        came = b""
        while not came.endswith(first):
            came += client.recv(HELD)
        connection.send(second)
        while not came.endswith(second):
            came += client.recv(HELD)


def test_chunks_flow(front: Front, go: Gateway) -> None:
    """A stream of events is one: each comes when it is sent."""
    with front.raw() as client:
        client.sendall(b"GET /_go/x HTTP/1.1\r\nHost: x\r\n\r\n")
        connection = go.take()
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        came = b""
        for at in range(5):
            event = b"data: %d\n\n" % at
            connection.send(b"%x\r\n%s\r\n" % (len(event), event))
            while event not in came:
                came += client.recv(HELD)


def test_an_answer_before_the_body_is_sent(front: Front, go: Gateway) -> None:
    with front.wire() as wire:
        wire.send(b"POST /_go/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        connection = go.take()
        connection.head()
        connection.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nok")
        assert wire.receive().status == 413
        assert connection.ended(), "what is left of the body goes nowhere"
        wire.send(b"cdeGET /_go/behind HTTP/1.1\r\nHost: x\r\n\r\n")
        assert go.answer().target == b"/behind"
        assert wire.receive().status == 200


def test_the_gateway_says_whether_to_go_on(front: Front, go: Gateway) -> None:
    ask = b"POST /_go/x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    with front.raw() as client:
        client.sendall(ask)
        connection = go.take()
        assert connection.head().all(b"expect") == [b"100-continue"]
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"hi")
        assert connection.exactly(2) == b"hi"
        connection.send(OK)
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 200 OK")
    with front.wire() as wire:
        wire.send(ask)
        connection = go.take()
        connection.head()
        connection.send(b"HTTP/1.1 417 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        assert wire.receive().status == 417


class TestTheLargest:
    def test_a_length(self, front: Front, go: Gateway) -> None:
        """It is refused before a byte of it is read, and the connection is kept."""
        with front.wire() as wire:
            wire.send(b"POST /_go/x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (LARGEST + 1))
            answer = wire.receive()
            assert (answer.status, answer.body["error"]) == (413, "body-too-large")
            for _ in range(LARGEST >> 20):
                wire.send(b"x" * (1 << 20))
            wire.send(b"xGET /_go/behind HTTP/1.1\r\nHost: x\r\n\r\n")
            assert go.answer().target == b"/behind"
            assert wire.receive().raw == b"ok"

    @pytest.mark.parametrize("more", [b"", b"x"])
    def test_chunks(self, front: Front, go: Gateway, more: bytes) -> None:
        with front.wire() as wire:

            def send() -> None:
                wire.send(b"POST /_go/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in range(LARGEST >> 20):
                    wire.send(b"100000\r\n" + b"x" * (1 << 20) + b"\r\n")
                wire.send((b"1\r\nx\r\n" if more else b"") + b"0\r\n\r\n")

            sender = threading.Thread(target=send)
            sender.start()
            connection = go.take()
            if more:
                with pytest.raises(ConnectionError):
                    connection.request()
            else:
                assert len(connection.request().body) == LARGEST
                connection.send(OK)
            sender.join()
            assert wire.receive().status == (413 if more else 200)
