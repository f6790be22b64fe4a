"""A fast HTTP client for users under Locust: a kept connection each, llhttp, and nothing in between.

Locust's own clients follow redirects, unpack bodies and keep cookies; a load that checks answers wants the bytes as
they came, and of one core as little as can be. Everything here is gevent's, so Locust has patched the process before.
"""

from __future__ import annotations

import contextlib
import select
import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

import gevent
import httptools
from gevent import monkey, socket

from loadgen.samples import Answer
from parity.errors import UsageError

LARGEST = 16 * 1024 * 1024
"""Bytes of an answer; what goes on behind is broken off."""
BLOCK = 65_536
_poll = monkey.get_original("select", "poll")
"""The system's own, which does not wait; `select` could not look at descriptors from 1,024 on."""


class Failed(Exception):  # noqa: N818 - it is a result, and no error of this program
    """A call, or what was checked behind it, failed. `kind` is one of `summary.KINDS`."""

    def __init__(self, kind: str, call: str, why: str) -> None:
        super().__init__(why)
        self.kind, self.call, self.why = kind, call, why


class Address(NamedTuple):
    """Where a service is: `http://host[:port][/prefix]`, or https."""

    host: str
    port: int
    prefix: str
    tls: bool

    @property
    def written(self) -> str:
        """The address as a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{self.prefix}"


def address(url: str, option: str) -> Address:
    """Return a URL's parts. Raises UsageError, which names the option that it was given by."""
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:
        raise UsageError(f"{option} {url!r} is no URL; write for example http://127.0.0.1:3218") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise UsageError(f"{option} {url!r} is not http://host:port or https://host; write http://127.0.0.1:3218")
    tls = parts.scheme == "https"
    if port == 0:
        raise UsageError(f"{option} {url!r} has port 0, at which nobody can be; write http://127.0.0.1:3218")
    return Address(parts.hostname, port or (443 if tls else 80), parts.path.rstrip("/"), tls)


class Call:
    """A method and a path, with the part of the request that is the same each time."""

    def __init__(self, where: Address, method: str, path: str, headers: dict[str, str]) -> None:
        self.name = f"{method} {path}"
        host = f"[{where.host}]" if ":" in where.host else where.host
        lines = {"host": f"{host}:{where.port}"} | headers
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._head = f"{method} {where.prefix}{path} HTTP/1.1\r\n{head}content-length: ".encode()

    def request(self, body: bytes) -> bytes:
        """Return the bytes to be sent."""
        return b"%b%d\r\n\r\n%b" % (self._head, len(body), body)


class _Reading:
    """One answer as llhttp reads it."""

    __slots__ = ("begun", "body", "content_type", "done", "parser", "size", "status", "stays_open")

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.status = self.begun = self.size = 0
        self.body = b""
        self.content_type: bytes | None = None
        self.done = self.stays_open = False

    def on_message_begin(self) -> None:
        self.begun += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(name) == len(b"content-type") and name.lower() == b"content-type":
            self.content_type = value

    def on_body(self, data: bytes) -> None:
        self.size += len(data)
        if self.size <= LARGEST:
            self.body = self.body + data if self.body else data

    def on_message_complete(self) -> None:
        status = self.parser.get_status_code()
        if status < 200:  # an interim answer; the real one comes behind it
            self.begun, self.content_type = self.begun - 1, None
        elif not self.done:
            self.done, self.status = True, status
            self.stays_open = self.parser.should_keep_alive()  # it does not know any more once the answer is behind


class Client:
    """One kept connection to one service."""

    def __init__(self, where: Address, deadline: float) -> None:
        """Take the address, and the seconds that one call may take in all."""
        self._where, self._deadline = where, deadline
        self._socket: socket.socket | None = None
        self._idle = _poll()

    def ask(self, call: Call, body: bytes) -> Answer:
        """Send a request and return the answer, whatever its status is. Raises Failed."""
        timer = gevent.Timeout.start_new(self._deadline)
        try:
            return self._ask(call, body)
        except gevent.Timeout as expired:
            self.close()  # somebody else's answer would be read from it otherwise
            if expired is not timer:
                raise
            raise Failed("timeout", call.name, f"no answer within {self._deadline:g} s") from None
        except httptools.HttpParserError as error:
            self.close()
            raise Failed("connection", call.name, f"the answer is not HTTP: {error}") from None
        except OSError as error:
            self.close()
            raise Failed("connection", call.name, _told(error)) from None
        except BaseException:
            self.close()
            raise
        finally:
            timer.close()

    def _ask(self, call: Call, body: bytes) -> Answer:
        if self._socket is not None and self._idle.poll(0):
            self._look(call)
        if self._socket is None:
            self._connect()
        connection = self._socket
        assert connection is not None
        reading = _Reading()
        feed, receive = reading.parser.feed_data, connection.recv
        connection.sendall(call.request(body))
        while not reading.done:
            data = receive(BLOCK)
            if not data:
                self.close()
                raise Failed("connection", call.name, "the connection ended before the answer was whole")
            feed(data)
            if reading.size > LARGEST:
                self.close()
                raise Failed("wrong_answer", call.name, f"the answer has more than {LARGEST:,} bytes")
        if reading.begun != 1:
            self.close()
            raise Failed("connection", call.name, "more came than the one answer that was asked for")
        if not reading.stays_open:
            self.close()
        return Answer(reading.status, reading.content_type, reading.body)

    def _connect(self) -> None:
        where = self._where
        connection = socket.create_connection((where.host, where.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if where.tls:
            connection = ssl.create_default_context().wrap_socket(connection, server_hostname=where.host)
        self._socket, self._idle = connection, _poll()
        self._idle.register(connection, select.POLLIN)

    def _look(self, call: Call) -> None:
        """Give up an idle connection on which something came: its end, or else what nobody asked for. Raises Failed."""
        assert self._socket is not None
        came = b""
        with contextlib.suppress(OSError):
            came = self._socket.recv(1)
        self.close()
        if came:
            raise Failed("connection", call.name, "bytes came that nobody had asked for")

    def close(self) -> None:
        """End the connection; the next call makes a new one."""
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.close()


def _told(error: OSError) -> str:
    """Return what an error of the network says, without numbers that differ from one time to the next."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not verify: {error.verify_message}"
    return (error.strerror or str(error) or type(error).__name__).lower()
