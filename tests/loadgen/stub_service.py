"""A runtime that misbehaves as its cases tell it to: python stub_service.py NAME PORT.

It accepts every validation, but dies of one that says `crash` and leaves one that says `hang` without an answer. Its
index `refusing` takes nothing in, and no search finds anybody.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME, PORT = sys.argv[1], int(sys.argv[2])
FOUND = {"boosted": 0, "hits": [], "injected": 0}
ACCEPTED = {"accepted": True, "kind": "fill", "request_id": None}
HEALTH = {
    "status": "ok",
    "service": "stub",
    "runtime": NAME,
    "version": "1",
    "commit": "none",
    "surfaces": ["validate", "matrix"],
    "plants": [],
    "planted": None,
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(200, HEALTH)

    def do_DELETE(self) -> None:
        self.answer(200, {"dropped": 0})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if b"crash" in body:
            os._exit(1)
        if b"hang" in body:
            threading.Event().wait()
        if self.path.endswith("/add"):
            self.answer(422 if "/refusing/" in self.path else 200, {"added": 1, "size": 1, "updated": 0})
        else:
            self.answer(200, FOUND if self.path.endswith("/search") else ACCEPTED)

    def answer(self, status: int, document: object) -> None:
        body = json.dumps(document, separators=(",", ":")).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
