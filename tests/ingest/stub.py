"""A service within a test that answers as the test says, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Answering = Callable[["Asked"], "tuple[int, bytes] | None"]


class Asked(NamedTuple):
    """A request."""

    number: int
    path: str
    tenant: str | None
    body: Any


def counted(asked: Asked) -> tuple[int, bytes]:
    """Answer as an index that had nothing."""
    count = len(asked.body["items"]) if asked.body else 0
    return 200, json.dumps({"added": count, "size": count, "updated": 0}).encode()


@contextmanager
def serving(answering: Answering, *, remember: bool = True) -> Iterator[tuple[str, list[Asked]]]:
    """Yield the URL of a service, and the list of what it was asked. None as an answer closes the connection."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["content-length"] or 0))
            one = Asked(len(asked), self.path, self.headers["x-lakehouse-tenant"], json.loads(data) if data else None)
            if remember:
                asked.append(one)
            answer = answering(one)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer[0])
            self.send_header("content-length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1])

        def do_GET(self) -> None:
            self.headers["content-length"] = "0"
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()
