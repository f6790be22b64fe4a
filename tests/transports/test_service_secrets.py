"""A secret that a service was sent comes back nowhere, however the service echoes it."""

from __future__ import annotations

import base64
import html
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from parity.errors import StartError
from parity.model import Kind
from parity.transports.secrets import HIDDEN, Secrets

from .conftest import kinds
from .hostile_service import CHUNKED, JSON, Request, Service, chunks, head, health, http
from .services import post

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from parity.model import Observation
    from parity.transports import Hello

    from .services import Server, ServiceBench

    Serve = Callable[..., Server]

TOKEN = "tOp+Secret/0123456789=="
VALUE = f"Bearer {TOKEN}"
HEADERS = {"authorization": VALUE}
NAME = b"authorization"


class Echo(Service):
    """A service that gives the secret back, in the way that the path names."""

    def _misbehave(self, connection: socket.socket, request: Request) -> bool:
        value = request.headers[NAME]
        text = value.decode()
        way = request.target.removeprefix(b"/").decode()
        plain = b"content-type: text/plain"
        bodies = {
            "body": value,
            "json": json.dumps({"headers": {"authorization": text}}).encode(),
            "json-slashes": json.dumps([text]).replace("/", "\\/").encode(),
            "json-escapes": json.dumps([text]).replace("=", "\\u003d").replace("+", "\\u002B").encode(),
            "url": quote(text).encode(),
            "url-all": quote(text, safe="").encode(),
            "html": html.escape(text).replace("=", "&#61;").replace("+", "&#x2B;").encode(),
            "shouted": value.upper(),
            "not-utf8": b"\xff\xfe" + value,
            "often": value * 50,
            "whole-request": request.raw,
        }
        answers = {
            "type": http(b"{}", b"content-type: x/" + value),
            "other-header": http(b"{}", JSON, b"x-echo: " + value),
            "rules": http(b"{}", JSON, b"parity-rules: a," + value),
            "redirect": http(b"", b"location: https://elsewhere/?" + value, status=b"302 Found"),
            "redirect-far": http(b"", b"location: /" + b"x" * 340 + value, status=b"302 Found"),
            "redirect-cut": http(b"", b"location: /" + b"x" * 980 + value, status=b"302 Found"),
            "redirect-often": http(b"", b"location: /" + value * 60, status=b"302 Found"),
            "coding": http(b"{}", b"content-encoding: " + value),
            "transfer": head(b"transfer-encoding: " + value + b", chunked") + chunks(b"{}"),
            "status": http(b"{}", status=b"200 " + value),
            "bad-status": b"HTTP/1.1 " + value + b"\r\n\r\n",
            "no-http": value + b"\r\n",
            "behind": http(b"{}", JSON) + value,
            "short": head(JSON, CHUNKED) + value,
            "trailer": head(JSON, CHUNKED) + chunks(b"{}", trailer=b"content-type: " + value + b"\r\n"),
        }
        connection.sendall(http(bodies[way], plain) if way in bodies else answers.get(way, b""))
        if way == "later":
            connection.sendall(http(b"{}", JSON))
            self.over.wait(0.05)
            connection.sendall(b"x" * 30 + value)
        return way != "short"


WAYS = {
    "body": Kind.ANSWERED,
    "json": Kind.ANSWERED,
    "json-slashes": Kind.ANSWERED,
    "json-escapes": Kind.ANSWERED,
    "url": Kind.ANSWERED,
    "url-all": Kind.ANSWERED,
    "html": Kind.ANSWERED,
    "shouted": Kind.ANSWERED,
    "not-utf8": Kind.ANSWERED,
    "often": Kind.ANSWERED,
    "whole-request": Kind.ANSWERED,
    "type": Kind.ANSWERED,
    "other-header": Kind.ANSWERED,
    "rules": Kind.ANSWERED,
    "redirect": Kind.REDIRECTED,
    "redirect-far": Kind.REDIRECTED,
    "redirect-cut": Kind.REDIRECTED,
    "redirect-often": Kind.REDIRECTED,
    "coding": Kind.COMPRESSED,
    "transfer": Kind.COMPRESSED,
    "status": Kind.ANSWERED,
    "bad-status": Kind.GARBLED,
    "no-http": Kind.GARBLED,
    "behind": Kind.GARBLED,
    "short": Kind.GARBLED,
    "trailer": Kind.ANSWERED,
    "later": Kind.GARBLED,
}


def everything(seen: Observation) -> str:
    """Return all that an observation holds, with what stands in base64 as it is."""
    output = seen.output.decode()
    if seen.kind is Kind.ANSWERED and "base64" in (answer := json.loads(output)):
        output += base64.b64decode(answer["base64"]).decode("latin-1")
    return " ".join([output, *seen.rules, seen.detail, seen.log])


def holds_secret(text: str) -> bool:
    """Tell whether a text holds the secret, or so much of it that it is none any more."""
    lowered = text.lower()
    return any(TOKEN[:length].lower() in lowered for length in (6, len(TOKEN))) or "0123456789" in text


@pytest.mark.parametrize("way", WAYS)
def test_an_observation_does_not_hold_it(
    services: ServiceBench, serve: Serve, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parity.transports.service.SETTLE", 0.3 if way == "later" else 0.001)
    service = services.attached(serve(Echo("echoes")), headers=HEADERS, connections=1)

    seen = services.observe(service, post(b"a"), b"POST /%b\n\nBAD" % way.encode(), post(b"b"))

    assert kinds(seen) == [Kind.ANSWERED, WAYS[way], Kind.ANSWERED]
    assert not any(holds_secret(everything(row)) for row in seen)


def hello(services: ServiceBench, serve: Serve, answer: Callable[[str], bytes], value: str = VALUE) -> Hello:
    """Return what a service says of itself that knows its caller's secret."""
    server = serve()
    server.service.health = lambda request: answer(request.headers[NAME].decode())
    return services.driver.run(services.attached(server, headers={"authorization": value}).open())


@pytest.mark.parametrize("member", ["runtime", "version", "commit", "planted"])
def test_what_it_says_of_itself_does_not_hold_it(services: ServiceBench, serve: Serve, member: str) -> None:
    said = hello(services, serve, lambda secret: http(health(**{member: f"x {secret} y"}), JSON))

    assert getattr(said, member) == f"x {HIDDEN} y"


@pytest.mark.parametrize("member", ["surfaces", "plants"])
def test_what_it_has_does_not_hold_it(services: ServiceBench, serve: Serve, member: str) -> None:
    said = hello(services, serve, lambda secret: http(health(**{member: ["echo", secret]}), JSON))

    assert getattr(said, member) == ("echo", HIDDEN)


@pytest.mark.parametrize(
    "answer",
    [
        lambda secret: http(b"", f"location: /{secret}".encode(), status=b"302 Found"),
        lambda secret: http(f'{{"surfaces":"{secret}"}}'.encode(), JSON),
        lambda secret: http(secret.encode(), JSON),
        lambda secret: f"{secret}\r\n\r\n".encode(),
        lambda secret: http(b"{}", f"content-encoding: {secret}".encode()),
    ],
)
def test_an_error_does_not_hold_it(services: ServiceBench, serve: Serve, answer: Callable[[str], bytes]) -> None:
    with pytest.raises(StartError) as caught:
        hello(services, serve, answer)

    assert not holds_secret(str(caught.value))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_what_is_no_secret_stays_as_it_is(services: ServiceBench, serve: Serve) -> None:
    """The scheme, the header's name and whatever is shorter than a secret are anybody's words."""
    service = services.attached(serve(), headers={"authorization": "token abcdef123", "x-short": "abc"})

    (seen,) = services.observe(service, post(b"a token, bearer, authorization: abc"))

    assert b'{"said": "A TOKEN, BEARER, AUTHORIZATION: ABC"}' in seen.output


class TestParts:
    @pytest.mark.parametrize(
        ("value", "shown", "hidden"),
        [
            ("Bearer abcdef", "see abcdef!", "see ***!"),
            ("Bearer abcdef", "Bearer abcdef", "***"),
            ("Bearer abcdef", "Bearer what, basic token", "Bearer what, basic token"),
            ("abcdef", "ABCDEF", "***"),
            ("Basic dXNlcjpwYXNzd29yZA==", "user:password or password or user", "*** or *** or user"),
            ("Basic ?", "Basic ?", "***"),
            ("session=abcdef; other=ghijkl", "abcdef ghijkl session other", "*** *** session other"),
            ('Digest username="someone", response="0a1b2c3d"', "0A1B2C3D", "***"),
            ("abc", "abc", "abc"),
            ("", "", ""),
            ("a.c.e.g", "abcdefg", "abcdefg"),
            ("a(b[c", "a(b[c", "***"),
        ],
    )
    def test_are_hidden_and_nothing_else(self, value: str, shown: str, hidden: str) -> None:
        assert Secrets([value]).hide(shown) == hidden
        assert Secrets([value]).hide_bytes(shown.encode()) == hidden.encode()

    def test_that_hold_each_other_go_as_the_longest(self) -> None:
        assert Secrets(["abcdef", "abcdefghi"]).hide("abcdefghi abcdef") == "*** ***"

    def test_that_an_excerpt_cuts_off_are_hidden_too(self) -> None:
        secrets = Secrets(["Bearer abcdefghi"])

        assert secrets.hide_in_excerpt("it says abcdef") == "it says ***"
        assert secrets.hide("it says abcdef") == "it says abcdef"
        assert secrets.hide_in_excerpt("it says abc") == "it says abc"

    def test_none_hide_nothing(self) -> None:
        secrets = Secrets([])

        assert (secrets.hide("a"), secrets.hide_bytes(b"a"), secrets.hide_in_excerpt("a")) == ("a", b"a", "a")

    @pytest.mark.parametrize("value", [VALUE, "/slash", "\\\\back\\\\slash\\", "====", "%%%%5c", "&amp;&"])
    @pytest.mark.parametrize("filler", [b"\\", b"/", b"=", b"%5c", b"&", b"&#92;", b"t", b"\\u00"])
    def test_are_looked_for_at_once_in_a_hostile_body(self, value: str, filler: bytes) -> None:
        body = filler * 200_000 + b"!" + value.encode()

        assert Secrets([value]).hide_bytes(body).endswith(HIDDEN.encode())

    @pytest.mark.parametrize("value", [TOKEN, "\\a\\\\b", 'quote"quote', "a/b<c>&'d", "\\\\\\\\"])
    def test_are_found_however_they_are_escaped(self, value: str) -> None:
        spelled = [value, json.dumps(value), repr(value), quote(value, safe=""), html.escape(value)]
        spelled += [json.dumps(json.dumps(value)), repr(value.encode()), json.dumps(value).replace("/", "\\/")]

        for text in spelled:
            hidden = Secrets([value]).hide(text)
            assert hidden.strip("\"'b\\") == HIDDEN, text
