"""A gateway that fails, and a client that leaves: the right status, one line in the log, nothing sent twice."""

from __future__ import annotations

import contextlib
import re
import socket
from typing import TYPE_CHECKING

import pytest

from tests.search.wire import NoAnswerError

from .gateway import OK, Connection, Gateway
from .programs import GO, RUST
from .test_targets import comes_through

if TYPE_CHECKING:
    from collections.abc import Callable

    from .programs import Front, Program

ASK = b"POST /_go/v1/x?y HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_ANSWERS = {
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "no body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 99,
    "an interim answer alone": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
}
NO_HTTP = {
    "words": b"nonsense\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "another version": b"HTTP/3.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "a status that is none": b"HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\nok",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "a length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
    "a header that is none": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\nok",
    "an unasked change of protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: odd\r\nConnection: upgrade\r\n\r\n",
    "too large a head": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\nContent-Length: 2\r\n\r\nok",
}


def failed(front: Front, answer_with: Callable[[], None], status: int, error: str, *words: str) -> None:
    """Ask, let the gateway fail, and check what the client and the log are told; the client's connection is kept."""
    before = len(front.said().splitlines())
    with front.wire() as wire:
        wire.send(ASK)
        answer_with()
        answer = wire.receive()
        assert (answer.status, answer.kind) == (status, "application/json")
        assert answer.body["error"] == error
        assert re.fullmatch(rf"{GO} [^\n]+", answer.body["reason"])
        for word in words:
            assert word in answer.body["reason"]
        logged = front.said().splitlines()[before:]
        assert logged == [f"front: {status} POST /_go/v1/x?y: {answer.body['reason']}"]
        wire.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.receive().status == 200


@pytest.mark.parametrize("said", NO_ANSWERS.values(), ids=NO_ANSWERS)
@pytest.mark.parametrize("by", ["close", "reset"])
def test_a_gateway_that_dies(front: Front, go: Gateway, said: bytes, by: str) -> None:
    def die() -> None:
        connection = go.take()
        assert connection.request().body == b"hi"
        connection.send(said)
        (connection.close if by == "close" else connection.reset)()

    failed(front, die, 502, "no-answer")
    comes_through(front, go, "/behind")  # which is the next thing that the gateway sees: nothing was sent twice


@pytest.mark.parametrize("said", NO_HTTP.values(), ids=NO_HTTP)
def test_a_gateway_that_speaks_no_http(front: Front, go: Gateway, said: bytes) -> None:
    failed(front, lambda: go.answer(said) and None, 502, "no-answer")
    comes_through(front, go, "/behind")


def test_what_stands_behind_an_answer_is_nobodys(front: Front, go: Gateway) -> None:
    """Least of all is it the answer to the next request."""
    with front.wire() as wire:
        wire.send(ASK)
        go.answer(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")
        assert wire.receive().status in {200, 502}
    comes_through(front, go, "/behind")


@pytest.mark.parametrize("said", [LONG, LONG + b"x" * 69_999, CHUNKS, CHUNKS + b"5\r\nhello\r\n", CHUNKS + b"5\r\nhe"])
@pytest.mark.parametrize("by", ["close", "reset"])
def test_a_gateway_that_dies_behind_the_head(front: Front, go: Gateway, said: bytes, by: str) -> None:
    """The client cannot be told any more, but a part must not look like a whole."""
    before = len(front.said().splitlines())
    with front.wire() as wire:
        wire.send(ASK)
        connection = go.take()
        connection.request()
        connection.send(said)
        (connection.close if by == "close" else connection.reset)()
        with contextlib.suppress(NoAnswerError):
            assert wire.receive().status == 502, "which it may be where the reset overtook what was said"
    logged = front.said().splitlines()[before:]
    assert len(logged) == 1
    assert logged[0].startswith(f"front: 502 POST /_go/v1/x?y: {GO} ")
    comes_through(front, go, "/behind")


def test_a_gateway_that_is_not_there(program: Program) -> None:
    with Gateway() as gone:
        url = gone.url
    with program.start(**{GO: url, RUST: url}) as front:
        failed(front, lambda: None, 502, "no-answer", "ECONNREFUSED")
        assert front.get("/api/x").body == {"error": "no-answer", "reason": f"{RUST} does not answer: ECONNREFUSED"}


def test_a_gateway_without_a_name(program: Program) -> None:
    with program.start(**{GO: "http://no-such-host.invalid"}) as front:
        failed(front, lambda: None, 502, "no-answer")


def test_a_gateway_that_comes_back(program: Program) -> None:
    with Gateway() as first:
        port = first.port
        with program.start(**{GO: first.url}) as front:
            comes_through(front, first, "/1")
            first.__exit__()
            failed(front, lambda: None, 502, "no-answer")
            with Gateway(port) as second:
                comes_through(front, second, "/2")


class TestSilence:
    """With the shortest time that can be had. How long it takes is not measured."""

    @pytest.mark.parametrize(
        "said", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
    )
    def test_of_the_gateway(self, program: Program, go: Gateway, said: bytes) -> None:
        with program.start("--timeout", "1", **{GO: go.url}) as front:
            taken: list[Connection] = []

            def stall() -> None:
                taken.append(go.take())
                taken[0].request()
                taken[0].send(said)

            failed(front, stall, 504, "gateway-silent", "1 s")
            assert taken[0].ended()
            comes_through(front, go, "/behind")

    def test_of_the_gateway_behind_the_head(self, program: Program, go: Gateway) -> None:
        with program.start("--timeout", "1", **{GO: go.url}) as front, front.wire() as wire:
            wire.send(ASK)
            go.answer(CHUNKS + b"5\r\nhello\r\n")
            with pytest.raises(NoAnswerError):
                wire.receive()
            assert front.said() == f"front: 504 POST /_go/v1/x?y: {GO} said nothing for 1 s\n"

    def test_of_the_client(self, program: Program, go: Gateway) -> None:
        with program.start("--timeout", "1", **{GO: go.url}) as front, front.wire() as wire:
            wire.send(ASK[:-1])
            connection = go.take()
            answer = wire.receive()
            assert (answer.status, answer.body["error"]) == (408, "client-silent")
            assert connection.ended()
            assert front.said() == "", "no gateway failed"

    def test_a_connection_that_rests_is_none(self, program: Program, go: Gateway) -> None:
        with program.start("--timeout", "1", **{GO: go.url}) as front, front.wire() as wire:
            wire.send(ASK)
            connection = go.take()
            connection.request()
            connection.send(OK)
            assert wire.receive().status == 200
            assert connection.ended(), "it is given up after a while"
            assert front.said() == ""


class TestAClientThatLeaves:
    @pytest.mark.parametrize("sent", [ASK, ASK[:-1]], ids=["behind its request", "in its request"])
    @pytest.mark.parametrize("by", ["close", "reset"])
    def test_takes_its_request_along(self, front: Front, go: Gateway, sent: bytes, by: str) -> None:
        before = front.said()
        client = leaving(front, sent)
        connection = go.take()
        connection.head()
        (client.close if by == "close" else client.reset)()
        assert connection.ended()
        comes_through(front, go, "/behind")
        assert front.said() == before, "no gateway failed"

    @pytest.mark.parametrize("head", [LONG.replace(b"70000", b"999999999"), CHUNKS + b"fffffff\r\n"])
    def test_while_it_is_answered(self, front: Front, go: Gateway, head: bytes) -> None:
        before = front.said()
        client = leaving(front, ASK)
        connection = go.take()
        connection.request()
        connection.send(head + b"x" * 70_000)
        assert client.exactly(1000)
        client.close()
        with pytest.raises(ConnectionError):
            connection.send(b"x" * 90_000_000)
        comes_through(front, go, "/behind")
        assert front.said() == before, "no gateway failed"


def leaving(front: Front, sent: bytes) -> Connection:
    """Send bytes on a connection that can be ended in both ways."""
    client = Connection(socket.create_connection(("127.0.0.1", front.port)))
    client.send(sent)
    return client


BAD = {
    "a length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
    "a length with a sign": b"Content-Length: +0\r\n\r\n",
    "a length in base 16": b"Content-Length: 0x0\r\n\r\n",
    "a list of lengths": b"Content-Length: 0, 0\r\n\r\n",
    "an odd coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a coding behind chunked": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded line": b"X: a\r\n b\r\n\r\n",
    "a nul": b"X: a\x00b\r\n\r\n",
    "a lone cr": b"X: a\rContent-Length: 44\r\n\r\n",
    "no name": b": x\r\n\r\n",
}


@pytest.mark.parametrize("rest", BAD.values(), ids=BAD)
def test_what_two_readers_would_read_in_two_ways(front: Front, go: Gateway, rest: bytes) -> None:
    """It is refused, and what stands behind it never reaches the gateway as a request of its own."""
    with front.wire() as wire:
        wire.send(b"POST /_go/outer HTTP/1.1\r\nHost: x\r\n" + rest + b"GET /_go/inner HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.receive().status in {400, 501}
    comes_through(front, go, "/behind")


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"gzip,\tCHUNKED", b"gzip\r\nTransfer-Encoding: chunked"])
def test_a_coding_that_is_not_understood(front: Front, go: Gateway, coding: bytes) -> None:
    """Where its end is clear, so is the next request."""
    with front.wire() as wire:
        wire.send(
            b"POST /_go/outer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + coding + b"\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
        )
        wire.send(b"GET /_go/inner HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = wire.receive()
        assert (answer.status, answer.body["error"]) == (501, "unknown-transfer-coding")
        assert go.answer().target == b"/inner"
        assert wire.receive().status == 200


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-1\r\n", b"5\r\nhelloworld", b"fffffffffffffffff\r\n", b"1\nx"])
def test_chunks_that_are_none(front: Front, go: Gateway, chunk: bytes) -> None:
    with front.wire() as wire:
        wire.send(b"POST /_go/outer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
        connection = go.take()
        connection.head()
        wire.send(chunk)
        with pytest.raises(ConnectionError):
            connection.exactly(1 << 20)
    comes_through(front, go, "/behind")
