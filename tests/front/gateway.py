"""A gateway of the tests' own, which is nothing but sockets, so that bytes can be compared with bytes.

It has no thread: a test sends to the front, takes what came here, looks at it, answers, and reads what the front made
of that.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
from typing import NamedTuple, Self

LONGEST = 60.0
"""Seconds without a byte after which something hangs. Nothing is measured by it."""
READ = 1 << 16
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Taken(NamedTuple):
    """A request as it came."""

    line: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def target(self) -> bytes:
        """What is asked for."""
        return self.line.split(b" ")[1]

    def all(self, name: bytes) -> list[bytes]:
        """Return the values of a header, whose name is in small letters."""
        return [value for key, value in self.headers if key.lower() == name]


class Connection:
    """One connection from the front."""

    def __init__(self, connected: socket.socket) -> None:
        connected.settimeout(LONGEST)
        self.socket = connected
        self._behind = b""

    def head(self) -> Taken:
        """Read a request up to its body."""
        first, *lines = self._until(b"\r\n\r\n").split(b"\r\n")
        headers = tuple((name, value[1:]) for name, _, value in (line.partition(b":") for line in lines))
        return Taken(first, headers, b"")

    def request(self) -> Taken:
        """Read a whole request."""
        taken = self.head()
        if taken.all(b"transfer-encoding") == [b"chunked"]:
            return taken._replace(body=self._chunks())
        return taken._replace(body=self.exactly(int(b"".join(taken.all(b"content-length")) or 0)))

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def exactly(self, length: int) -> bytes:
        """Read as many bytes."""
        parts = [self._behind]
        missing = length - len(self._behind)
        while missing > 0:
            parts.append(self._read())
            missing -= len(parts[-1])
        whole = b"".join(parts)
        self._behind = whole[length:]
        return whole[:length]

    def ended(self) -> bool:
        """Read on until the other side ends; an exception says that it did not."""
        with contextlib.suppress(ConnectionError):
            while self.socket.recv(READ):
                pass
        return True

    def close(self) -> None:
        """End it in good order."""
        self.socket.close()

    def reset(self) -> None:
        """End it with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _read(self) -> bytes:
        read = self.socket.recv(READ)
        if not read:
            raise ConnectionError("the front ended the connection")
        return read

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._behind:
            self._behind += self._read()
        before, _, self._behind = self._behind.partition(mark)
        return before

    def _chunks(self) -> bytes:
        found = []
        while length := int(self._until(b"\r\n"), 16):
            found.append(self.exactly(length))
            assert self.exactly(2) == b"\r\n"
        assert self._until(b"\r\n") == b"", "trailers"
        return b"".join(found)


class Gateway:
    """What the front takes for a gateway."""

    def __init__(self, port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self._open: list[Connection] = []
        self.port = int(self._listener.getsockname()[1])
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for one in self._open:
            one.close()

    def take(self) -> Connection:
        """Wait for the next connection on which something comes, be it a new one or one that was kept."""
        while True:
            self._open = [one for one in self._open if one.socket.fileno() >= 0]
            ready, _, _ = select.select([self._listener, *(one.socket for one in self._open)], [], [], LONGEST)
            assert ready, f"nothing came in {LONGEST} s"
            for one in [one for one in self._open if one.socket in ready]:
                with contextlib.suppress(ConnectionError):
                    if one.socket.recv(1, socket.MSG_PEEK):
                        return one
                one.close()
            if self._listener in ready:
                self._open.append(Connection(self._listener.accept()[0]))

    def answer(self, answer: bytes = OK) -> Taken:
        """Take a whole request, and answer it with these bytes."""
        connection = self.take()
        taken = connection.request()
        connection.send(answer)
        return taken
