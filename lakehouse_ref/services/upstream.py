"""Another service over HTTP: one connection a thread, kept open."""

from __future__ import annotations

import http.client
import select
import threading
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

PATIENCE = 60.0  # seconds that an answer may take
LARGEST_ANSWER = 64 * 1_048_576


class UnreachableError(Exception):
    """The service gave no answer."""


class Reply(NamedTuple):
    """An answer as it came."""

    status: int
    body: bytes


class Upstream:
    """A service at a URL, to which several threads may speak. Raises UnreachableError."""

    def __init__(self, url: str) -> None:
        """Take a URL apart. Raises ValueError where it is none of HTTP."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{url!r} is no URL of a service: http://host:port is")
        self.secure = parts.scheme == "https"
        self.host, self.port, self.base = parts.hostname, parts.port, parts.path.rstrip("/")
        self._own = threading.local()

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Reply:
        """Send a request, once, and return the answer."""
        connection = self._connection()
        try:
            connection.request(method, self.base + path, body, headers)
            answer = connection.getresponse()
            data = answer.read(LARGEST_ANSWER + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            raise UnreachableError(str(error)) from None
        if len(data) > LARGEST_ANSWER:
            connection.close()
            raise UnreachableError("its answer is too large")
        return Reply(answer.status, data)

    def _connection(self) -> http.client.HTTPConnection:
        """Return this thread's connection; a new one where the other side has closed it."""
        kept: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if kept is None:
            kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
            kept = self._own.connection = kind(self.host, self.port, timeout=PATIENCE)
        elif kept.sock is not None and _closed_by_the_other_side(kept):
            # Looked at before: a request that was sent may have worked, and is never sent twice.
            with suppress(OSError):
                kept.close()
        return kept


def _closed_by_the_other_side(connection: http.client.HTTPConnection) -> bool:
    waiting = select.poll()
    waiting.register(connection.sock, select.POLLIN)
    return bool(waiting.poll(0))  # nothing was asked for, so what can be read is its end
