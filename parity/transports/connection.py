"""One HTTP/1.1 connection: it sends a request, reads the answer within bounds, and is there for the next.

What comes is hostile until shown otherwise: an answer that is too large, redirected, compressed, of a wrong length or
no HTTP at all is a failure with its kind. The parser is llhttp's, in its strict mode; the bounds are ours.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

import httptools

from parity.model import Kind
from parity.transports.conversation import Failure

if TYPE_CHECKING:
    import ssl

MOST_HEAD = 64 * 2**10  # bytes of status line and headers
MOST_BYTES = 8 * 2**20  # bytes of one whole answer
EXCERPT = 1000  # bytes of what came that a failure quotes; whoever shows it cuts it, once no secret stands in it
REDIRECTS = frozenset({301, 302, 303, 307, 308})
VERSIONS = frozenset({"1.0", "1.1"})


class Address(NamedTuple):
    """Where a service is, and whether the way there is encrypted."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None


class Answer(NamedTuple):
    """A whole answer."""

    status: int
    headers: dict[bytes, bytes]
    """By name in lower case; of equal names the values are joined by a comma."""
    body: bytes


class Connection(asyncio.Protocol):
    """A connection with at most one request in flight."""

    def __init__(self) -> None:
        self.sent_at: float | None = None
        """When the request in flight was sent, on the monotonic clock; None while there is none."""
        self.answered = 0
        self.is_open = False
        self.stray: Failure | None = None
        """What came while nothing had been asked."""
        self.silent = True
        """Whether nothing has come yet of the answer that is waited for."""
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer | Failure] | None = None

    @classmethod
    async def connect(cls, address: Address, seconds: float) -> Connection:
        """Open a connection. Raises OSError."""
        connecting = asyncio.get_running_loop().create_connection(cls, address.host, address.port, ssl=address.tls)
        try:
            _, connection = await asyncio.wait_for(connecting, seconds)
        except UnicodeError as error:
            raise OSError(f"{address.host!r} is no name of a host: {error}") from None
        return connection

    async def ask(self, request: bytes) -> Answer | Failure:
        """Send a request and return what came of it; after a failure the connection is closed."""
        assert self._transport is not None
        assert self._waiter is None
        if self.stray is not None or not self.is_open:
            return self.stray or Failure(Kind.RESET, "it closed the connection")
        self._waiter = asyncio.get_running_loop().create_future()
        self.sent_at = time.monotonic()
        self.silent = True
        self._begin()
        self._transport.write(request)
        try:
            return await self._waiter
        finally:
            self._waiter = self.sent_at = None

    def _begin(self) -> None:
        """Be ready for an answer, or for the next one behind an interim one."""
        self._parser = httptools.HttpResponseParser(self)
        self._received = self._head = 0
        self._headers: dict[bytes, bytes] = {}
        self._body = bytearray()  # a list of its pieces could take many times their bytes
        self._head_is_whole = self._is_whole = self._stays_open = False

    # ---------------------------------------------------------------- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the open connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self.is_open = transport, True

    def data_received(self, data: bytes) -> None:
        """Take bytes of the answer."""
        is_no_answer = self.silent and not data.startswith(b"H")
        if self._waiter is None or self._waiter.done() or (is_no_answer and self.answered):
            # What cannot be the beginning of an answer, where one came before, is the end of that one.
            self.stray = Failure(Kind.GARBLED, f"bytes that nobody asked for: {_excerpt(data)}")
            self.fail(self.stray)
            return
        self.silent = False
        self._received += len(data)
        problem = f"not HTTP/1.1: {_excerpt(data)}" if is_no_answer else self._feed(data)
        if problem:
            self.fail(Failure(Kind.GARBLED, problem))
        elif self._head > MOST_HEAD or (self._received > MOST_HEAD and not self._head_is_whole):
            self.fail(Failure(Kind.TOO_LARGE, f"headers of more than {MOST_HEAD} bytes"))
        elif self._received > MOST_BYTES:
            self.fail(Failure(Kind.TOO_LARGE, f"an answer of more than {MOST_BYTES} bytes"))
        elif self._is_whole:
            self._finish(stays_open=self._stays_open)

    def _feed(self, data: bytes) -> str:
        """Let the parser read; return what is wrong, or nothing."""
        try:
            if data.endswith((b"\r", b"\n")):
                # The parser passes over line ends behind an answer, and they are none of its bytes.
                self._parser.feed_data(memoryview(data)[:-1])
                if self._is_whole:
                    return "more bytes than its answer has, or a wrong length"
                data = data[-1:]
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return "it switches to another protocol"
        except httptools.HttpParserError as error:
            if self._is_whole:
                return "more bytes than its answer has, or a wrong length"
            if self._parser.get_status_code() == 101:
                return "it switches to another protocol"
            return f"not HTTP/1.1: {error.__context__ or error}"
        return ""

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the connection, which may be the end of the answer."""
        self.is_open = False
        if self._waiter is None or self._waiter.done():
            return
        if self.silent:
            self.fail(Failure(Kind.RESET, "it closed the connection without an answer"))
        elif exc is not None:
            self.fail(Failure(Kind.RESET, f"the connection broke within its answer: {exc}"))
        elif self._head_is_whole and b"content-length" not in self._headers and not self._is_chunked():
            self._finish(stays_open=False)  # a body that ends with the connection
        else:
            announced = self._headers.get(b"content-length", b"an unknown number").decode("latin-1")
            self.fail(Failure(Kind.GARBLED, f"its answer ended after {len(self._body)} bytes of {announced}"))

    def _is_chunked(self) -> bool:
        return self._headers.get(b"transfer-encoding", b"").rpartition(b",")[2].strip().lower() == b"chunked"

    # ---------------------------------------------------------------- what the parser calls

    def on_message_begin(self) -> None:
        """Hear that an answer begins; a second one behind the first was not asked for."""
        if self._is_whole:
            raise ValueError("a second answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; one behind the body is none of the answer's."""
        if self._head_is_whole:
            return
        self._head += len(name) + len(value) + 4
        name = name.lower()
        self._headers[name] = b"%b, %b" % (self._headers[name], value) if name in self._headers else value

    def on_headers_complete(self) -> None:
        """Hear that the body follows."""
        if (version := self._parser.get_http_version()) not in VERSIONS:
            raise ValueError(f"it speaks version {version}")
        if (status := self._parser.get_status_code()) < 100:
            raise ValueError(f"a status of {status}")
        self._head_is_whole = True

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Hear that the answer is whole; one below 200 only announces another."""
        if self._parser.get_status_code() < 200:
            self._headers, self._head_is_whole = {}, False
        else:
            self._is_whole = True
            self._stays_open = self._parser.should_keep_alive()  # it does not know any more once the answer is behind

    # ---------------------------------------------------------------- how it ends

    def _finish(self, *, stays_open: bool) -> None:
        assert self._transport is not None
        status, headers = self._parser.get_status_code(), self._headers
        self.answered += 1
        if not stays_open or self._transport.get_write_buffer_size():  # it answered what it had not even read
            self.abort()
        if status in REDIRECTS:
            target = _excerpt(headers.get(b"location", b"nowhere"))
            self.fail(Failure(Kind.REDIRECTED, f"{status}, which is not followed, to {target}"))
        elif self._body and (coded := _coded(headers)):
            self.fail(Failure(Kind.COMPRESSED, f"unasked for: {coded}"))
        else:
            self._settle(Answer(status, headers, bytes(self._body)))

    def fail(self, failure: Failure) -> None:
        """Give up what is waited for, and the connection with it."""
        self.abort()
        self._settle(failure)

    def received(self) -> str:
        """Return in words what has come of the answer so far."""
        if self.silent:
            return "nothing of it came"
        return f"{self._received} bytes of it came"

    def _settle(self, result: Answer | Failure) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(result)

    def abort(self) -> None:
        """Close the connection at once."""
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()


def _coded(headers: dict[bytes, bytes]) -> str:
    """Return the header that says that a body is not as it is; nothing where there is none."""
    for name, plain in ((b"content-encoding", {b"", b"identity"}), (b"transfer-encoding", {b"", b"chunked"})):
        if (value := headers.get(name, b"")).strip().lower() not in plain:
            return _excerpt(b"%b %b" % (name, value))
    return ""


def _excerpt(data: bytes) -> str:
    return data[:EXCERPT].decode("latin-1")
