"""One connection to a service: bytes out, answers in. Nothing is retried, followed, unpacked or put right.

A general client would hide what is attacked here: which connection an answer came on, what stands behind it, and
whether a request that got no answer was sent a second time.
"""

from __future__ import annotations

import json
import socket
from typing import Any, NamedTuple, Self, TypeAlias

import rfc8785

from tests.attacks.chains import canonical

Json: TypeAlias = Any
"""What JSON can be."""
LONGEST = 120.0
"""Seconds without a byte after which a service hangs. Nothing is measured by it."""
READ = 1 << 16
NO_BODY = (204, 304)


class NoAnswerError(Exception):
    """The connection ended, or never was, and there is no whole answer."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    raw: bytes

    @property
    def body(self) -> Json:
        """The body as JSON."""
        return json.loads(self.raw)

    @property
    def kind(self) -> str | None:
        """The content-type header."""
        return self.header("content-type")

    @property
    def reason(self) -> str:
        """The reason of a refusal, with its field: `out-of-range k`; that of a state alone; of a success none."""
        body = self.body
        if self.status == 200:
            return ""
        if "State" in body:
            return str(body["State"]["reason"])
        return f"{body['Schema']['reason']} {body['Schema']['field']}".rstrip()

    def header(self, name: str) -> str | None:
        """Return the first header of a name."""
        return next((value for key, value in self.headers if key == name), None)

    def checked(self) -> Answer:
        """Check what holds for every answer: JSON, with its type, written as RFC 8785 does but for that of health."""
        assert self.kind == "application/json", (self.status, self.kind, self.raw[:300])
        body = self.body
        if "service" not in body:
            assert self.raw in (canonical(body), rfc8785.dumps(body)), self.raw[:300]  # the first one is far quicker
        return self


class Wire:
    """One connection, which is opened when something is sent, and closed for good when it ended."""

    def __init__(self, port: int, longest: float = LONGEST) -> None:
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=longest)
        except OSError as error:
            raise NoAnswerError(f"no connection: {error}") from None
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._behind = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes. Raises NoAnswerError where the other side has gone."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise NoAnswerError(f"it takes no more: {error}") from None

    def receive(self, *, head: bool = False) -> Answer:
        """Return the next answer. Raises NoAnswerError."""
        while True:
            lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
            status = int(lines[0].split(" ")[1])
            if status >= 200:
                break
        headers = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:]))
        answer = Answer(status, headers, b"")
        if head or status in NO_BODY:
            return answer
        if (answer.header("transfer-encoding") or "").lower() == "chunked":
            return answer._replace(raw=self._chunks())
        length = answer.header("content-length")
        if length is None:
            return answer._replace(raw=self._to_the_end())
        return answer._replace(raw=self._exactly(int(length)))

    def ended(self) -> bool:
        """Tell whether the other side closed it, having waited for that, with nothing in between."""
        try:
            return not self._behind and not self._socket.recv(1)
        except ConnectionError:
            return True

    def _more(self) -> None:
        try:
            read = self._socket.recv(READ)
        except OSError as error:
            raise NoAnswerError(f"it ended: {error}") from None
        if not read:
            raise NoAnswerError("it ended")
        self._behind += read

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._behind:
            self._more()
        before, _, self._behind = self._behind.partition(mark)
        return before

    def _exactly(self, length: int) -> bytes:
        while len(self._behind) < length:
            self._more()
        found, self._behind = self._behind[:length], self._behind[length:]
        return found

    def _chunks(self) -> bytes:
        found = b""
        while length := int(self._until(b"\r\n").partition(b";")[0], 16):
            found += self._exactly(length)
            assert self._exactly(2) == b"\r\n"
        self._until(b"\r\n")
        return found

    def _to_the_end(self) -> bytes:
        try:
            while True:
                self._more()
        except NoAnswerError:
            found, self._behind = self._behind, b""
            return found


def request(method: str, target: str, body: bytes | None = None, headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    """Return the bytes of a request; a body brings its length."""
    lines = [f"{method} {target} HTTP/1.1", "host: localhost", *(f"{name}: {value}" for name, value in headers)]
    if body is not None:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + (body or b"")
