"""The client, against a server that sends what the test wants, byte for byte."""

from __future__ import annotations

import os
import resource
import socket
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING

import gevent
import pytest

from loadgen import client as module
from loadgen.client import Address, Call, Client, Failed, address
from loadgen.samples import Answer
from parity.errors import UsageError
from tests.loadgen.raw_server import LONGEST, Peer, Server, always, once, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BODY = b'{"size":3}'
JSON = b"application/json"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n"
OK = HEAD + BODY
RIGHT = Answer(200, JSON, BODY)
SOON = 0.3
"""A deadline for what never comes."""


def call(server: Server, path: str = "/a", **headers: str) -> Call:
    return Call(address(server.url, "--host"), "POST", path, headers)


MADE: list[Client] = []


def client(server: Server, deadline: float = LONGEST) -> Client:
    MADE.append(Client(address(server.url, "--host"), deadline))
    return MADE[-1]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """End the connections of every client, so that the servers' threads end as well."""
    yield
    while MADE:
        MADE.pop().close()


def failure(asking: Client, one: Call) -> tuple[str, str]:
    """Ask, and return the kind of the failure, and what is told of it."""
    with pytest.raises(Failed) as raised:
        asking.ask(one, b"{}")
    assert raised.value.call == one.name
    assert "\n" not in raised.value.why
    return raised.value.kind, raised.value.why


class TestAnAnswer:
    @pytest.mark.parametrize(
        ("pieces", "answer"),
        [
            ([OK], RIGHT),
            ([bytes([one]) for one in OK], RIGHT),
            ([HEAD, BODY], RIGHT),
            ([OK.replace(b"content-type", b"Content-TYPE").replace(b"200 OK", b"200")], RIGHT),
            ([b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n", BODY], Answer(200, None, BODY)),
            (
                [b"HTTP/1.1 503 No\r\ncontent-type: text/plain\r\ncontent-length: 0\r\n\r\n"],
                Answer(503, b"text/plain", b""),
            ),
            ([OK.replace(b"200 OK", b"500 Oh")], Answer(500, JSON, BODY)),
            ([OK.replace(b"200 OK", b"302 There")], Answer(302, JSON, BODY)),
            ([b"HTTP/1.1 204 No Content\r\n\r\n"], Answer(204, None, b"")),
            (
                [
                    b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"si\r\n',
                    b'6;x=y\r\nze":3}\r\n0\r\n\r\n',
                ],
                Answer(200, None, BODY),
            ),
            (
                [b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x8b\x08"],
                Answer(200, None, b"\x1f\x8b\x08"),
            ),
            ([b"HTTP/1.1 100 Continue\r\n\r\n", OK], RIGHT),
            ([b"HTTP/1.1 100 Continue\r\n\r\n" + OK], RIGHT),
            ([b"HTTP/1.1 103 Early Hints\r\ncontent-type: text/html\r\n\r\n" * 3 + OK], RIGHT),
            (
                [
                    b"HTTP/1.1 103 Early Hints\r\ncontent-type: text/html\r\n\r\n",
                    b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n" + BODY,
                ],
                Answer(200, None, BODY),
            ),
        ],
        ids=[
            *("whole", "byte-by-byte", "head-first", "capitals", "without-type", "503", "500", "302", "204", "chunked"),
            *("compressed", "100-apart", "100-before-it", "103-three-times", "103-with-a-type"),
        ],
    )
    def test_comes_back_as_it_came(self, pieces: list[bytes], answer: Answer) -> None:
        with Server(always(*pieces)) as server:
            asking = client(server)
            for _ in range(3):
                assert asking.ask(call(server), b"{}") == answer
            asking.close()
            assert len(server.peers) == 1

    def test_is_to_just_the_request_that_was_asked_for(self) -> None:
        came: list[bytes] = []

        def script(peer: Peer) -> None:
            for _ in range(2):
                came.append(peer.request())
                peer.send(OK)

        with Server(script) as server:
            asking, one = client(server), call(server, "/v1/a", **{"content-type": "application/json"})
            asking.ask(one, b"{}")
            asking.ask(one, "é".encode() * 50_000)
            asking.close()

        head = f"POST /v1/a HTTP/1.1\r\nhost: 127.0.0.1:{server.port}\r\ncontent-type: application/json\r\n"
        assert came[0] == f"{head}content-length: 2\r\n\r\n{{}}".encode()
        assert came[1] == f"{head}content-length: 100000\r\n\r\n".encode() + "é".encode() * 50_000

    def test_of_two_at_once_are_each_their_own(self) -> None:
        both = threading.Barrier(2)

        def script(number: int) -> Callable[[Peer], None]:
            def play(peer: Peer) -> None:
                peer.request()
                both.wait(LONGEST)
                peer.send(OK.replace(b"3", b"%d" % number))

            return play

        with Server(script(7)) as one, Server(script(8)) as other:
            asked = [gevent.spawn(client(server).ask, call(server), b"{}") for server in (one, other)]
            gevent.joinall(asked, timeout=LONGEST)
            assert [greenlet.value.body for greenlet in asked] == [b'{"size":7}', b'{"size":8}']


class TestAConnection:
    def test_is_kept(self) -> None:
        with Server(always(OK)) as server:
            asking = client(server)
            assert [asking.ask(call(server), b"{}") for _ in range(50)] == [RIGHT] * 50
            asking.close()
            assert len(server.peers) == 1

    @pytest.mark.parametrize("ending", [Peer.close, Peer.reset])
    def test_that_was_ended_between_two_calls_is_made_anew(self, ending: Callable[[Peer], None]) -> None:
        def script(peer: Peer) -> None:
            peer.answer(OK)
            ending(peer)

        with Server(script, script, always(OK)) as server:
            asking = client(server)
            for number in range(2):
                assert asking.ask(call(server), b"{}") == RIGHT
                server.wait(number)
            assert asking.ask(call(server), b"{}") == RIGHT
            assert len(server.peers) == 3
            asking.close()

    @pytest.mark.parametrize(
        "answer",
        [
            OK.replace(b"content-length", b"connection: close\r\ncontent-length"),
            OK.replace(b"HTTP/1.1", b"HTTP/1.0"),
        ],
        ids=["close", "http-1.0"],
    )
    def test_that_is_not_to_be_kept_is_not(self, answer: bytes) -> None:
        def script(peer: Peer) -> None:
            peer.answer(answer)
            peer.request()  # which never comes: whoever was told so ends the connection

        with Server(script, script) as server:
            asking = client(server)
            for number in range(2):
                assert asking.ask(call(server), b"{}") == RIGHT
                server.wait(number)
            assert len(server.peers) == 2

    def test_may_be_closed_twice_and_used_again(self) -> None:
        with Server(always(OK), always(OK)) as server:
            asking = client(server)
            asking.close()
            asking.ask(call(server), b"{}")
            asking.close()
            asking.close()
            assert asking.ask(call(server), b"{}") == RIGHT
            asking.close()

    def test_may_have_a_descriptor_beyond_1024(self) -> None:
        """As with many users, each with connections of their own."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_048), hard))
        opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
        try:
            with Server(once(OK), always(OK)) as server:
                asking = client(server)
                asking.ask(call(server), b"{}")
                server.wait()
                assert [asking.ask(call(server), b"{}") for _ in range(2)] == [RIGHT] * 2
                asking.close()
        finally:
            for one in opened:
                os.close(one)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# ------------------------------------------------------------------ failures

ENDED = "the connection ended before the answer was whole"
NO_HTTP = "the answer is not HTTP"
MORE = "more came than the one answer"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"", ENDED),
        (HEAD[:9], ENDED),
        (HEAD, ENDED),
        (OK[:-1], ENDED),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n" + BODY + b"\r\n", ENDED),
        (b"HTTP/1.1 200 OK\r\n\r\n" + BODY, ENDED),  # as long as the connection: a torn one would look the same
        (b"HTTP/1.1 100 Continue\r\n\r\n", ENDED),
        (b"SSH-2.0-OpenSSH_9.9\r\n", NO_HTTP),
        (b"\x00\xff\x00\xff", NO_HTTP),
        (b"HTTP/1.1 abc OK\r\n\r\n", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", NO_HTTP),
        (OK + b"x", NO_HTTP),
        (OK + OK, MORE),
        (OK + b"HTTP/1.1 500 Oh\r\n", MORE),
    ],
    ids=[
        *("nothing", "half-a-line", "no-body", "torn-body", "torn-chunks", "until-the-end", "interim-alone", "ssh"),
        *("noise", "status", "length", "two-lengths", "chunk-size", "header", "byte-behind", "answer-behind"),
        "half-an-answer-behind",
    ],
)
def test_what_is_no_whole_answer_fails_once(answer: bytes, told: str) -> None:
    with Server(once(answer), always(OK)) as server:
        asking = client(server)

        kind, why = failure(asking, call(server))

        assert kind == "connection"
        assert told in why
        assert asking.ask(call(server), b"{}") == RIGHT
        asking.close()


def test_an_answer_that_comes_later_is_not_that_to_the_next_call() -> None:
    """It would be right in form, and every answer from then on that to the call before."""

    def script(peer: Peer) -> None:
        peer.answer(OK)
        read.wait(LONGEST)
        peer.send(OK.replace(b"3", b"4"))
        sent.set()
        peer.gone.wait(LONGEST)

    read, sent = threading.Event(), threading.Event()
    with Server(script, always(OK)) as server:
        asking = client(server)
        assert asking.ask(call(server), b"{}") == RIGHT
        read.set()
        until(sent)
        assert failure(asking, call(server)) == ("connection", "bytes came that nobody had asked for")
        server.peers[0].leave()
        assert asking.ask(call(server), b"{}") == RIGHT
        asking.close()


class TestALargeAnswer:
    @pytest.fixture(autouse=True)
    def largest(self, monkeypatch: pytest.MonkeyPatch) -> int:
        monkeypatch.setattr(module, "LARGEST", 100_000)
        return 100_000

    @pytest.mark.parametrize("framing", ["content-length: %d", "transfer-encoding: chunked"])
    def test_is_broken_off(self, framing: str, largest: int) -> None:
        body = b"x" * 65_536
        chunk = body if "length" in framing else b"10000\r\n" + body + b"\r\n"

        def endless(peer: Peer) -> None:
            line = framing % 10**12 if "%" in framing else framing
            peer.answer(f"HTTP/1.1 200 OK\r\n{line}\r\n\r\n".encode())
            while True:
                peer.send(chunk)

        with Server(endless, always(OK)) as server:
            asking = client(server)
            assert failure(asking, call(server)) == ("wrong_answer", "the answer has more than 100,000 bytes")
            assert asking.ask(call(server), b"{}") == RIGHT
            asking.close()
        assert largest == 100_000

    def test_of_just_that_size_is_not(self, largest: int) -> None:
        with Server(always(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % largest, b"x" * largest)) as server:
            asking = client(server)
            assert len(asking.ask(call(server), b"{}").body) == largest
            asking.close()


class TestADeadline:
    @pytest.mark.parametrize("sent", [0, 20, len(HEAD), len(OK) - 1])
    def test_is_for_an_answer_that_stops(self, sent: int) -> None:
        def script(peer: Peer) -> None:
            peer.answer(OK[:sent])
            peer.request()

        with Server(script, always(OK)) as server:
            asking = client(server, SOON)
            assert failure(asking, call(server)) == ("timeout", "no answer within 0.3 s")
            assert client(server).ask(call(server), b"{}") == RIGHT

    @pytest.mark.parametrize("chunk", [b"x", b"1\r\nx\r\n"])
    def test_is_for_the_whole_call_however_much_trickles(self, chunk: bytes) -> None:
        def script(peer: Peer) -> None:
            framing = b"content-length: 100000" if chunk == b"x" else b"transfer-encoding: chunked"
            peer.answer(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n" % framing)
            while not peer.gone.wait(SOON / 20):
                peer.send(chunk)

        with Server(script) as server:
            assert failure(client(server, SOON), call(server)) == ("timeout", "no answer within 0.3 s")

    def test_is_of_this_call_alone(self) -> None:
        """Somebody else's deadline goes through, and the answer on its way is never that to another call."""

        def script(peer: Peer) -> None:
            peer.request()
            peer.request()

        with Server(script, always(OK)) as server:
            asking = client(server)
            with pytest.raises(gevent.Timeout), gevent.Timeout(SOON):
                asking.ask(call(server), b"{}")
            server.wait()
            assert asking.ask(call(server), b"{}") == RIGHT
            asking.close()

    def test_does_not_go_off_behind_the_answer(self) -> None:
        with Server(always(OK)) as server:
            asking = client(server, SOON)
            asking.ask(call(server), b"{}")
            asking.close()
            gevent.sleep(SOON * 1.2)  # the deadline passes, and nobody hears of it


def test_nobody_at_the_port_is_a_failure_of_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        where = Address("127.0.0.1", listener.getsockname()[1], "", tls=False)

    assert failure(Client(where, LONGEST), Call(where, "POST", "/a", {})) == ("connection", "connection refused")


def test_a_certificate_that_nobody_trusts_is_refused(tmp_path: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    files = ["-keyout", "key.pem", "-out", "certificate.pem", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*command, *files], cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    came: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        connection.settimeout(LONGEST)
        with connection, pytest.raises(OSError), context.wrap_socket(connection, server_side=True) as secured:  # noqa: PT011
            came.append(secured.recv(1))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        where = address(f"https://127.0.0.1:{listener.getsockname()[1]}", "--host")
        kind, why = failure(Client(where, LONGEST), Call(where, "POST", "/a", {}))
        thread.join(LONGEST)

    assert kind == "connection"
    assert why.startswith("its certificate does not verify: ")
    assert came == []


# ------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("url", "expected", "written"),
    [
        ("http://127.0.0.1:3218", Address("127.0.0.1", 3218, "", tls=False), "http://127.0.0.1:3218"),
        ("http://localhost", Address("localhost", 80, "", tls=False), "http://localhost:80"),
        ("https://load.example", Address("load.example", 443, "", tls=True), "https://load.example:443"),
        ("http://127.0.0.1:3700/_go/", Address("127.0.0.1", 3700, "/_go", tls=False), "http://127.0.0.1:3700/_go"),
        ("http://[::1]:3218", Address("::1", 3218, "", tls=False), "http://[::1]:3218"),
    ],
)
def test_a_url_has_its_parts(url: str, expected: Address, written: str) -> None:
    assert address(url, "--host") == expected
    assert address(url, "--host").written == written
    assert address(written, "--host") == expected


@pytest.mark.parametrize(
    "url",
    [
        *(
            "127.0.0.1:3218",
            "localhost",
            "ftp://localhost",
            "http://",
            "http://:80",
            "http://localhost:port",
            "http://[",
        ),
        *("http://localhost:99999", "http://localhost:0", "http://ada@localhost", "http://localhost?x", "http://a/#b"),
    ],
)
def test_what_is_no_url_is_one_sentence_with_the_option(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        address(url, "--validatord")

    assert str(raised.value).startswith(f"--validatord {url!r} ")
    assert "http://127.0.0.1:3218" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("http://127.0.0.1:3700/_go", b"POST /_go/v1/a HTTP/1.1\r\nhost: 127.0.0.1:3700\r\n"),
        ("http://[::1]:3218", b"POST /v1/a HTTP/1.1\r\nhost: [::1]:3218\r\n"),
    ],
)
def test_a_request_is_for_its_host_and_prefix(url: str, line: bytes) -> None:
    one = Call(address(url, "--host"), "POST", "/v1/a", {})

    assert one.request(b"x") == line + b"content-length: 1\r\n\r\nx"
    assert one.name == "POST /v1/a"
