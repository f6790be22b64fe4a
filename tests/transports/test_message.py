"""The written forms of an HTTP surface: which case can be sent, as which bytes, and how an answer is written down."""

from __future__ import annotations

import base64
import json
import random
from typing import TYPE_CHECKING

import pytest

from parity import lossless
from parity.model import Kind
from parity.transports import Requests, message
from parity.transports.message import DEEPEST, METHODS, RESERVED, Message, parse, write_down

from .conftest import kinds
from .services import post

if TYPE_CHECKING:
    from collections.abc import Callable

    from .services import Server, ServiceBench

    Serve = Callable[..., Server]

NO_LINE = "its first line is not a method and a path"
NO_HEADER = "a line of its headers is not a header"
NO_END = "no empty line ends its headers"

REFUSED = [
    (b"", NO_END),
    (b"GET /", NO_END),
    (b"GET /\n", NO_END),
    (b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", NO_END),
    (b"\n\n", NO_LINE),
    (b"\n\nGET /\n\n", NO_LINE),
    (b"GET\n\n", NO_LINE),
    (b"GET \n\n", NO_LINE),
    (b"get /\n\n", NO_LINE),
    (b" GET /\n\n", NO_LINE),
    (b"HEAD /\n\n", NO_LINE),
    (b"CONNECT example.org:443\n\n", NO_LINE),
    (b"TRACE /\n\n", NO_LINE),
    (b"PRI *\n\n", NO_LINE),
    (b"OPTIONS *\n\n", NO_LINE),
    (b"GET  /\n\n", NO_LINE),
    (b"GET / HTTP/1.1\n\n", NO_LINE),
    (b"GET /\r\n\n", NO_LINE),
    (b"GET /a b\n\n", NO_LINE),
    (b"GET /a\tb\n\n", NO_LINE),
    (b"GET /a\x00b\n\n", NO_LINE),
    (b"GET /caf\xc3\xa9\n\n", NO_LINE),
    (b"GET http://elsewhere/\n\n", NO_LINE),
    (b"GET elsewhere\n\n", NO_LINE),
    (b"GET /\nx\n\n", NO_HEADER),
    (b"GET /\n: x\n\n", NO_HEADER),
    (b"GET /\nx : y\n\n", NO_HEADER),
    (b"GET /\n x: y\n\n", NO_HEADER),
    (b"GET /\nx: y\n  folded\n\n", NO_HEADER),
    (b"GET /\nx\x00: y\n\n", NO_HEADER),
    (b"GET /\nx: y\x00\n\n", NO_HEADER),
    (b"GET /\nx: y\r\n\n", NO_HEADER),
    (b"GET /\nx: y\rhost: elsewhere\n\n", NO_HEADER),
    (b"GET /\nx: y\x7f\n\n", NO_HEADER),
    (b"GET /\nx: caf\xc3\xa9\n\n", NO_HEADER),
    (b"GET /\n\xc3\xa9: x\n\n", NO_HEADER),
    (b"GET /\nx(y): z\n\n", NO_HEADER),
]


@pytest.mark.parametrize(("case", "sentence"), REFUSED)
def test_what_is_no_message_is_refused_with_the_reason(case: bytes, sentence: str) -> None:
    assert parse(case) == sentence


@pytest.mark.parametrize("name", sorted(RESERVED))
@pytest.mark.parametrize("change", [bytes.lower, bytes.upper, bytes.title])
def test_a_header_of_the_harness_is_refused_by_its_name(name: bytes, change: Callable[[bytes], bytes]) -> None:
    case = b"POST /\nx: y\n%b:z\n\nbody" % change(name)

    assert parse(case) == f"the header {change(name).decode()} is the harness's to set"


def wire(case: bytes, prefix: bytes = b"", own: bytes = b"host: h\r\n") -> bytes:
    parsed = parse(case)
    assert isinstance(parsed, Message)
    return parsed.wire(prefix, own)


SENT = [
    (b"GET /\n\n", b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"),
    (b"DELETE /x\n\n", b"DELETE /x HTTP/1.1\r\nhost: h\r\n\r\n"),
    (b"OPTIONS /x\n\n", b"OPTIONS /x HTTP/1.1\r\nhost: h\r\n\r\n"),
    (b"GET /\n\nbody", b"GET / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\nbody"),
    (b"POST /\n\n", b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n"),
    (b"PUT /\n\n", b"PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n"),
    (b"PATCH /\n\n\n", b"PATCH / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\n\n"),
    (b"POST /\n\n\n\n", b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\n\n\n"),
    (b"POST /\n\n\r\n\x00\xff", b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\n\r\n\x00\xff"),
    (b"GET /a?b=c&d=%20//\n\n", b"GET /a?b=c&d=%20// HTTP/1.1\r\nhost: h\r\n\r\n"),
    (
        b'GET /\nX-Same:1\nx-same: \t 2 \t\nEmpty:\nBlank:  \nQuote: "a\\", b: c\n\n',
        b'GET / HTTP/1.1\r\nhost: h\r\nX-Same: 1\r\nx-same: 2\r\nEmpty: \r\nBlank: \r\nQuote: "a\\", b: c\r\n\r\n',
    ),
]


@pytest.mark.parametrize(("case", "sent"), SENT)
def test_a_message_is_sent_as_it_stands(case: bytes, sent: bytes) -> None:
    assert wire(case) == sent


def test_a_prefix_stands_before_the_path_and_own_headers_before_the_cases() -> None:
    sent = wire(b"GET /v1\na: b\n\n", b"/base", b"host: h\r\nauthorization: x\r\n")

    assert sent == b"GET /base/v1 HTTP/1.1\r\nhost: h\r\nauthorization: x\r\na: b\r\n\r\n"


def test_nothing_in_a_case_becomes_a_request_of_its_own() -> None:
    """Whatever is let through has one head with one length, and as many bytes behind it."""
    pieces = [
        b"POST /",
        b"GET /x",
        b" ",
        b"\n",
        b"\n\n",
        b"\r\n",
        b"\r",
        b"a: b",
        b"host: x",
        b":",
        b"\x00",
        b"\xff",
        b"?",
    ]
    draw = random.Random(1)
    passed = 0
    for _ in range(20_000):
        case = b"".join(draw.choices(pieces, k=draw.randint(1, 7)))
        if isinstance(parsed := parse(case), str):
            continue
        passed += 1
        head, _, body = parsed.wire(b"", b"host: h\r\n").partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        assert b"\r" not in head.replace(b"\r\n", b"")
        assert b"\n" not in head.replace(b"\r\n", b"")
        assert lines[0].split(b" ")[0] in METHODS
        assert lines[0].count(b" ") == 2
        assert [line for line in lines if line.startswith(b"host")] == [b"host: h"]
        lengths = [int(line.partition(b": ")[2]) for line in lines if line.startswith(b"content-length")]
        assert lengths == ([len(body)] if body or lines[0].startswith(b"POST") else [])
    assert passed > 100


@pytest.mark.parametrize("line", [b"a:" + b" " * 100_000 + b"\x00", b"a" * 100_000, b"a:" + b"\t " * 50_000 + b"\xff"])
def test_a_hostile_header_is_refused_at_once(line: bytes) -> None:
    assert parse(b"GET /\n" + line + b"\n\n") == NO_HEADER


@pytest.mark.parametrize("target", [b"/a" * 50_000 + b" ", b"/" * 100_000 + b"\x00", b"/?" + b"%20" * 30_000 + b"\xff"])
def test_a_hostile_path_is_refused_at_once(target: bytes) -> None:
    assert parse(b"GET " + target + b"\n\n") == NO_LINE


def test_a_batch_is_read_once_for_all_testees() -> None:
    requests = Requests("echo", [b"GET /\n\n", b"nonsense"], 0)

    assert requests.messages is requests.messages
    assert requests.messages[1] == NO_END


class TestSending:
    CASES = (
        post(b'{"a":1}'),
        post(b""),
        b"GET /v1/x?y=%20\nx-one:1\nX-One: 2\n\n",
        b"DELETE /v1\n\nwith a body",
        b"OPTIONS /\n\n",
        b"PATCH /\ncontent-type: application/octet-stream\n\n\x00\xff\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
        post(b"x" * 200_000),
    )

    def test_is_the_same_bytes_for_every_testee_but_for_its_host(self, services: ServiceBench, serve: Serve) -> None:
        servers = {"one": serve(), "other": serve("keeps-nothing-open")}
        ways = {
            name: services.attached(server, connections=width)
            for (name, server), width in zip(servers.items(), (1, 4), strict=True)
        }
        for way in ways.values():
            services.driver.run(way.open())

        services.driver.ask(ways, "echo", self.CASES).result(timeout=60)

        one, other = (sorted(request.raw for request in server.asked) for server in servers.values())
        hosts = [b"host: 127.0.0.1:%d\r\n" % server.port for server in servers.values()]
        assert all(raw.count(hosts[0]) == 1 for raw in one)
        assert [raw.replace(hosts[0], hosts[1]) for raw in one] == other
        assert one == sorted(wire(case, own=hosts[0]) for case in self.CASES)

    def test_is_not_done_with_what_is_refused(self, services: ServiceBench, serve: Serve) -> None:
        server = serve()
        refused = [case for case, _ in REFUSED]

        seen = services.observe(services.attached(server), *refused, post(b"a"), b"POST /\nHost: elsewhere\n\n")

        assert kinds(seen) == [*[Kind.REFUSED] * len(refused), Kind.ANSWERED, Kind.REFUSED]
        assert [row.detail for row in seen[: len(refused)]] == [f"not sent to anybody: {why}" for _, why in REFUSED]
        assert [request.body for request in server.asked] == [b"a"]


TYPE = b"application/json"


class TestWritingDown:
    @pytest.mark.parametrize(
        "body",
        [
            b"{}",
            b'{"b":1,"a":[1.0,1E5,-0,"\\u00e9\\/"]}',
            b'{"a":1,"a":2}',
            b' {"a" :\t1}\r\n',
            b"null",
            b"0",
            b'""',
            b'"\xc3\xa9\xe2\x80\xa8"',
            b"1" * 5000,
        ],
    )
    def test_json_stands_as_it_came(self, body: bytes) -> None:
        written = write_down(200, TYPE, body)

        assert written == b'{"status":200,"type":"application/json","body":%b}' % body
        assert lossless.read(written)

    @pytest.mark.parametrize(
        "body",
        [
            b" ",
            b"\xef\xbb\xbf{}",
            b"{}{}",
            b"{} x",
            b'1,"status":200',
            b'1}{"status":200',
            b'"\\"',
            b'"a',
            b'"\x01"',
            b'"\\x"',
            b'"\\u12"',
            b'"\\ud800"',
            b"01",
            b"1.",
            b"-",
            b"+1",
            b".5",
            b"NaN",
            b"Infinity",
            b"True",
            b"nul",
            b"{'a':1}",
            b"{a:1}",
            b'{"a":1,}',
            b"[1,]",
            b"[1 2]",
            b"{}\x00",
            b"\x00",
            b"\x0b{}",
            b"// x\n{}",
            b"caf\xc3\xa9",
        ],
    )
    def test_what_is_not_json_stands_as_text(self, body: bytes) -> None:
        written = json.loads(write_down(200, TYPE, body))

        assert written == {"status": 200, "type": "application/json", "text": body.decode()}

    @pytest.mark.parametrize(
        "body", [b"\xff", b'{"a":"\xff"}', b"\xed\xa0\x80", b"\xc0\x80", b"a\xc3", bytes(range(256))]
    )
    def test_what_is_not_utf8_stands_in_base64(self, body: bytes) -> None:
        written = json.loads(write_down(500, None, body))

        assert written.keys() == {"status", "type", "base64"}
        assert (written["status"], written["type"]) == (500, None)
        assert base64.b64decode(written["base64"], validate=True) == body

    def test_an_empty_body_leaves_all_three_out(self) -> None:
        assert write_down(204, None, b"") == b'{"status":204,"type":null}'

    @pytest.mark.parametrize(
        "value", [b"", b"a", b'","status":200,"x":"', b"\\", b"\x80\xff\xc3\xa9", b"\t", b"</script>"]
    )
    def test_a_type_is_only_ever_a_text(self, value: bytes) -> None:
        written = write_down(200, value, b"")

        assert json.loads(written) == {"status": 200, "type": value.decode("latin-1")}
        assert written.count(b'"status"') == 1

    def test_whatever_comes_is_one_json_text(self) -> None:
        pieces = [b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"1", b'"a"', b"null", b"\xff", b"\n", b'"status"']
        draw = random.Random(2)
        for _ in range(20_000):
            body = b"".join(draw.choices(pieces, k=draw.randint(1, 8)))
            written = json.loads(write_down(200, body[:3], body), object_pairs_hook=list)
            assert [name for name, _ in written][:2] == ["status", "type"]
            assert written[0] == ("status", 200)
            assert len(written) == 3


class TestNesting:
    @pytest.mark.parametrize(("opens", "closes"), [(b"[", b"]"), (b'{"a":', b"}")])
    def test_is_told_at_the_same_depth_wherever_it_is_read(self, opens: bytes, closes: bytes) -> None:
        """How deep the reader's own stack is must not decide what an answer is: two testees' would differ by it."""

        def write(depth: int, frames: int) -> bytes:
            body = opens * depth + b"1" + closes * depth
            return write(depth, frames - 1) if frames else write_down(200, TYPE, body)

        for depth in (DEEPEST - 1, DEEPEST, DEEPEST + 1, 900, 960, 990):
            forms = {b'"body"' in write(depth, frames) for frames in (0, 100, 300, 400)}
            assert forms == {depth <= DEEPEST}, depth

    def test_as_deep_as_it_stands_as_json_is_compared_by_structure(self) -> None:
        written = write_down(200, TYPE, b"[" * DEEPEST + b"]" * DEEPEST)

        assert b'"body"' in written
        assert lossless.read(written)

    def test_in_texts_is_none(self) -> None:
        body = json.dumps(["[" * 1000, '\\"[{', {"[[" * 500: "\\"}]).encode()

        assert message._depth(body) == 2
        assert b'"body"' in write_down(200, TYPE, body)

    def test_beside_each_other_is_none(self) -> None:
        assert b'"body"' in write_down(200, TYPE, b"[" + b",".join([b"[{}]"] * 1000) + b"]")

    @pytest.mark.parametrize("body", [b"[" * 5_000_000, b'{"a":' * 1_000_000, b"[" * 2_000_000 + b"]" * 2_000_000])
    def test_without_end_neither_crashes_nor_recurses(self, body: bytes) -> None:
        assert write_down(200, TYPE, body).startswith(b'{"status":200,"type":"application/json","text":"')


def test_ever_other_types_do_not_fill_the_memory() -> None:
    assert (message._json_text.cache_info().maxsize or 0) <= 256
