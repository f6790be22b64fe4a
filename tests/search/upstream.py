"""A small service of the suite's own that stands behind a matrixd: as its embedder, or as its vectord."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from .wire import Json

Answers: TypeAlias = "Callable[[str, Json, dict[str, str]], tuple[int, bytes] | None]"
"""From the target, the body and the headers to status and body, or to None: hang up."""


class Upstream:
    """A service that answers as it is told to."""

    def __init__(self, answers: Answers) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers.get("content-length", 0)))
                told = answers(self.path, json.loads(data or b"null"), {k.lower(): v for k, v in self.headers.items()})
                if told is None:
                    self.close_connection = True
                    return
                self.send_response(told[0])
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(told[1])))
                self.end_headers()
                self.wfile.write(told[1] if told[0] != 204 else b"")

            do_GET = do_DELETE = do_POST  # noqa: N815 - the names that http.server wants

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
