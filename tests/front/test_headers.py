"""Headers pass through untouched, in both directions, but for those that are about one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .gateway import Gateway
    from .programs import Front

Pairs = tuple[tuple[bytes, bytes], ...]

SENT: Pairs = (
    (b"Content-Type", b'text/plain; charset=latin-1; a="b c"'),
    (b"Origin", b"https://coordinators.example"),
    (b"Access-Control-Request-Method", b"POST"),
    (b"access-control-request-HEADERS", b"x-lakehouse-tenant, content-type"),
    (b"X-Lakehouse-Tenant", b"t-1"),
    (b"Cookie", b"a=1"),
    (b"Cookie", b"b=2"),
    (b"X-Twice", b"1, 2"),
    (b"X-Twice", b"3"),
    (b"X-Empty", b""),
    (b"X-Latin", b"caf\xe9 \xff"),
    (b"X-Utf-8", b"caf\xc3\xa9"),
    (b"X-Inner", b"a  b\tc"),
    (b"Accept-Encoding", b"br;q=0.5, x-odd"),
    (b"Authorization", b"Bearer abc"),
    (b"If-None-Match", b'"e"'),
    (b"X-Forwarded-For", b"192.0.2.1"),
    (b"X!#$%&'*+.^_`|~9", b"odd name"),
)
GIVEN: Pairs = (
    (b"Access-Control-Allow-Origin", b"https://coordinators.example"),
    (b"access-control-allow-credentials", b"true"),
    (b"Vary", b"Origin"),
    (b"Vary", b"Accept-Encoding"),
    (b"Set-Cookie", b"a=1; Path=/; HttpOnly"),
    (b"Set-Cookie", b"b=2; Expires=Thu, 01 Jan 2037 00:00:00 GMT"),
    (b"Content-Type", b"application/json;charset=UTF-8"),
    (b"ETag", b'W/"x"'),
    (b"X-Empty", b""),
    (b"X-Latin", b"caf\xe9"),
    (b"WWW-Authenticate", b'Basic realm="a"'),
    (b"WWW-Authenticate", b'Bearer realm="b"'),
    (b"Server", b"gateway"),
    (b"Date", b"Thu, 01 Jan 1970 00:00:00 GMT"),
)
HOP_BY_HOP: Pairs = (
    (b"Keep-Alive", b"timeout=1"),
    (b"Proxy-Connection", b"keep-alive"),
    (b"Proxy-Authorization", b"Basic abc"),
    (b"proxy-authenticate", b"Basic"),
    (b"Proxy-Odd", b"x"),
    (b"TE", b"trailers"),
    (b"Trailer", b"X-Sum"),
    (b"Upgrade", b"websocket"),
    (b"X-Named", b"1"),
    (b"x-named", b"2"),
    (b"X-Also-Named", b"3"),
    (b"Connection", b"upgrade , X-Named"),
    (b"Connection", b"X-ALSO-NAMED,,content-length,host"),
)


def lines(pairs: Pairs) -> bytes:
    return b"".join(b"%s: %s\r\n" % pair for pair in pairs)


def passes(front: Front, go: Gateway, sent: Pairs, given: Pairs, method: bytes = b"POST") -> tuple[Pairs, Pairs]:
    """Ask with headers, answer with others; return what came of both, but for what each connection needs itself."""
    with front.wire() as wire:
        wire.send(method + b" /_go/x HTTP/1.1\r\nHost: front:3700\r\n" + lines(sent) + b"Content-Length: 2\r\n\r\nhi")
        taken = go.answer(b"HTTP/1.1 200 OK\r\n" + lines(given) + b"Content-Length: 2\r\n\r\nok")
        answer = wire.receive()
    assert taken.body == b"hi"
    assert answer.raw == b"ok"
    assert taken.headers[0] == (b"Host", go.host.encode())
    assert taken.headers[-2:] == ((b"Content-Length", b"2"), (b"Connection", b"keep-alive"))
    own = {"content-length", "connection", "keep-alive"}
    came = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers if name not in own)
    return taken.headers[1:-2], came


def small(pairs: Pairs) -> Pairs:
    """Return the names in small letters, as the client of these tests reads them."""
    return tuple((name.lower(), value) for name, value in pairs)


def test_headers_pass_through_untouched(front: Front, go: Gateway) -> None:
    asked, came = passes(front, go, SENT, GIVEN)
    assert asked == SENT
    assert came == small(GIVEN)


def test_the_order_among_repetitions(front: Front, go: Gateway) -> None:
    """In an answer those of one name come to stand together, where the first one stood."""
    mixed = (
        (b"X-A", b"1"),
        (b"X-B", b"1"),
        (b"x-a", b"2"),
        (b"Set-Cookie", b"1"),
        (b"X-B", b"2"),
        (b"set-cookie", b"2"),
    )
    asked, came = passes(front, go, mixed, mixed)
    assert asked == mixed
    assert came == small(tuple(sorted(mixed, key=lambda pair: (b"x-a", b"x-b", b"set-cookie").index(pair[0].lower()))))


def test_nothing_is_added(front: Front, go: Gateway) -> None:
    assert passes(front, go, (), ()) == ((), ())


def test_a_preflight_is_the_gateways(front: Front, go: Gateway) -> None:
    asked, came = passes(front, go, SENT[:5], GIVEN[:4], b"OPTIONS")
    assert (asked, came) == (SENT[:5], small(GIVEN[:4]))


def test_what_is_about_one_connection_stays_there(front: Front, go: Gateway) -> None:
    asked, came = passes(front, go, (*HOP_BY_HOP, *SENT), (*GIVEN, *HOP_BY_HOP))
    assert asked == SENT
    assert came == small(GIVEN)


def test_many_headers(front: Front, go: Gateway) -> None:
    many = tuple((b"X-%d" % at, b"v" * 50) for at in range(150))
    asked, came = passes(front, go, many, many)
    assert (asked, came) == (many, small(many))


def test_the_head_of_an_answer_as_it_came(front: Front, go: Gateway) -> None:
    head = b"HTTP/1.1 207 Quite  So\r\nX-OdD: 1\r\nx-oTHer: 2\r\n"
    with front.raw() as client:
        client.sendall(b"GET /_go/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        go.answer(head + b"Content-Length: 2\r\n\r\nok")
        assert b"".join(iter(lambda: client.recv(1 << 16), b"")).startswith(head)


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_client_may_end_the_connection(front: Front, go: Gateway, version: bytes) -> None:
    """That is between it and the front: the gateway's connection is kept."""
    before = None
    for _ in range(2):
        with front.wire() as wire:
            wire.send(b"GET /_go/x HTTP/%s\r\nHost: x\r\nConnection: close\r\n\r\n" % version)
            connection = go.take()
            assert connection.request().all(b"connection") == [b"keep-alive"]
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            assert wire.receive().raw == b"ok"
            assert wire.ended()
        assert before in {None, connection}
        before = connection
