"""How a service's answers travel: plain ASGI endpoints, and uvicorn's HTTP with the path as it was sent.

Starlette's Request and Response would take longer than validating does, and repair what the contract wants seen.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lakehouse_ref.validate.http import LARGEST_BODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from lakehouse_ref.validate.answers import Answer

    Answering: TypeAlias = Callable[[Scope, bytes | None, set[str]], Answer]

MOST_DRAINED = 3 * 1_048_576
"""So many bytes are read before the answer of what a body is too large by; behind a longer one the connection ends."""
LINGER_SECONDS = 2
"""So long is read what still arrives of such a body: closing at once would take the answer from its sender."""


ABORT = "abort"
"""In the state of a request: the function that ends its connection at once."""


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP, but for the path.

    By itself uvicorn decodes the escapes of a path, drops what follows a `#`, and refuses 64 KiB of it with an answer
    of its own.
    """

    def on_headers_complete(self) -> None:
        """Give uvicorn a path that it can do nothing to, and the endpoint the path as it was sent."""
        target, self.url = self.url, b"/"
        super().on_headers_complete()  # the endpoint gets its turn only later
        self.scope["path"] = target.partition(b"?")[0].decode("latin-1")
        self.scope["state"][ABORT] = self.transport.abort


class Endpoint:
    """What answers the requests for one path, by a function of the scope, the body and the rules touched.

    The body is None where it was larger than `largest` bytes. With `tell_rules` the answer names those rules. A
    function that waits for others is called `in_threads`.
    """

    def __init__(
        self, answering: Answering, *, tell_rules: bool, largest: int = LARGEST_BODY, in_threads: bool = False
    ) -> None:
        self.answering = answering
        self.tell_rules = tell_rules
        self.largest = largest
        self.in_threads = in_threads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read a request to its end, so that its connection can be used again, and answer it."""
        body, ended = await arrived(receive, self.largest)
        touched: set[str] = set()
        if self.in_threads:
            answer = await asyncio.to_thread(self.answering, scope, body, touched)
        else:
            answer = self.answering(scope, body, touched)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer.body))]
        if self.tell_rules and touched:
            headers.append((b"parity-rules", ",".join(sorted(touched)).encode()))
        if not ended:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body, "more_body": not ended})
        if not ended:
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_SECONDS):
                    while (await receive()).get("more_body", False):
                        pass
            await send({"type": "http.response.body"})


class Guard:
    """What lets a request that breaks inside have no answer: its connection ends, and one line says why."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, if nothing breaks."""
        try:
            await self.app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - whatever it is: the next request has to be answered
            where = traceback.extract_tb(error.__traceback__)[-1]
            message = " ".join(f"{type(error).__name__}: {error}".split())
            sys.stderr.write(f"{self.service}: panic: {message} ({where.filename}:{where.lineno})\n")
            sys.stderr.flush()
            scope["state"][ABORT]()
            while (await receive())["type"] != "http.disconnect":
                pass


async def arrived(receive: Receive, largest: int) -> tuple[bytes | None, bool]:
    """Return the body, or None where it is too large to be looked at; and whether it was read to its end."""
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= largest + MOST_DRAINED:
        message = await receive()  # without a body, where the other side is gone
        part = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(part)
        if size <= largest:
            parts.append(part)
        else:
            parts.clear()
    return b"".join(parts) if size <= largest else None, not more
