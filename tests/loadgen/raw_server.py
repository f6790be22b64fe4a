"""A server that sends just the bytes that a test wants, over connections that it counts."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING, Self

import gevent

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 30.0


class Peer:
    """One connection, from the side of the server."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._left = b""
        self.gone = threading.Event()
        """Set when the test is over, for who would go on for ever."""

    def request(self) -> bytes:
        """Return the next whole request; EOFError where none comes any more."""
        while b"\r\n\r\n" not in self._left:
            self._more()
        head, _, _ = self._left.partition(b"\r\n\r\n")
        size = len(head) + 4 + int(head.lower().rpartition(b"content-length:")[2].split(b"\r\n")[0])
        while len(self._left) < size:
            self._more()
        request, self._left = self._left[:size], self._left[size:]
        return request

    def _more(self) -> None:
        data = self._connection.recv(65_536)
        if not data:
            raise EOFError
        self._left += data

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._connection.sendall(data)

    def answer(self, *pieces: bytes) -> None:
        """Read a request, and send these bytes."""
        self.request()
        for piece in pieces:
            self.send(piece)

    def reset(self) -> None:
        """End the connection without a goodbye."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def leave(self) -> None:
        """End what the script does, from another thread."""
        self.gone.set()
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)


class Server:
    """Whoever connects first meets the first script, and so on; who connects beyond them is refused."""

    def __init__(self, *scripts: Callable[[Peer], object]) -> None:
        self._scripts = scripts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.peers: list[Peer] = []
        self.ended = [threading.Event() for _ in scripts]
        """Set when a script is over, and its connection ended."""
        self.broken: list[BaseException] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for peer in self.peers:
            peer.leave()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(LONGEST)
        assert not self._thread.is_alive()
        assert not self.broken, self.broken

    def wait(self, script: int = 0) -> None:
        """Wait until a script is over."""
        until(self.ended[script])

    def _serve(self) -> None:
        for number, script in enumerate(self._scripts):
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer = Peer(connection)
            self.peers.append(peer)
            try:
                script(peer)
            except (EOFError, OSError):
                pass  # the client has gone, which the test looks at from its own side
            except BaseException as error:  # noqa: BLE001 - the test's to raise
                self.broken.append(error)
            connection.close()
            self.ended[number].set()
        self._listener.close()


def until(event: threading.Event) -> None:
    """Wait for another thread while gevent's loop goes on, which for example ends connections a little later."""
    assert gevent.get_hub().threadpool.apply(event.wait, (LONGEST,))


def always(*pieces: bytes) -> Callable[[Peer], None]:
    """Return a script that answers every request alike."""

    def script(peer: Peer) -> None:
        while True:
            peer.answer(*pieces)

    return script


def once(*pieces: bytes) -> Callable[[Peer], None]:
    """Return a script that answers one request, and ends the connection."""
    return lambda peer: peer.answer(*pieces)
