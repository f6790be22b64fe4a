"""A small matrixd of the suite's own, with faults on request: `python -m tests.search.fake --port N --data DIR`.

The suite has to see each of FAULTS, and nothing where there is none. LAKEHOUSE_PLANT names one. It knows vectors
alone: playbooks are tried with the planted bugs of the runtimes.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import rfc8785

from tests.search import fake_rules
from tests.search.fake_rules import RefusalError
from tests.search.fake_store import Store

FAULTS = {
    "tenants-share": "all tenants see the same",
    "files-left": "a tenant that is dropped leaves its files",
    "last-header": "of two tenants in a request the last one counts",
    "limit-minus": "a body of exactly the limit is too large",
    "limit-plus": "a body of one byte more is not",
    "nan": "NaN is read as a number",
    "deep": "one more level is read",
    "escapes": "escapes in paths are decoded",
    "state-first": "an unknown index is told before what is wrong in the request",
    "closes": "a refusal ends its connection",
    "part-kept": "what came before a refused item is kept",
    "unwritten": "writes are acknowledged before they are written, some time later",
    "torn-damage": "a torn end of a journal is called damage",
    "damage-ends": "what stands behind a damaged record of a journal is dropped in silence",
    "snapshot-unchecked": "a snapshot is read as far as that goes",
    "grows": "a journal is never rewritten",
    "unheard": "a write that fails is acknowledged",
    "torn-left": "half of a record that could not be written stays in the journal",
    "one-by-one": "the items of a batch can be seen one after the other",
    "race": "writes at once overwrite each other",
    "inexact": "distances are off by one millionth where they end in 7",
    "cut-then-excluded": "excluded ids are taken out of the first k",
    "blind-spot": "in a large index every twentieth id is never found",
    "drops": "every fiftieth update of an id ends its connection",
    "tracebacks": "what it cannot do is told by a traceback",
    "ends-with-1": "SIGTERM ends it with 1",
}
PATH = re.compile(r"/vectors/index/([a-z0-9_-]{1,64})(?:/(add|search|delete|save|reload))?")


class Handler(BaseHTTPRequestHandler):
    """One request after the other."""

    protocol_version = "HTTP/1.1"
    server: Server

    def handle_one_request(self) -> None:
        """Answer one request, with any method."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        length = int(self.headers.get("content-length", 0))
        try:
            status, told = 200, self.told(self.rfile.read(length))
        except RefusalError as refusal:
            status, told = refusal.status, refusal.told
            if self.server.fault == "closes":
                self.close_connection = True
        except fake_rules.DropError:
            self.close_connection = True
            print("matrixd: panic: planted", file=sys.stderr)
            return
        except OSError as error:
            status, told = 500, {"State": {"reason": str(error)}}
        data = rfc8785.dumps(told)
        head = f"HTTP/1.1 {status} .\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
        self.wfile.write(head.encode() + (b"" if self.command == "HEAD" else data))

    def told(self, data: bytes) -> dict[str, Any]:
        """Return what is answered to a request."""
        fault = self.server.fault
        path = self.path.partition("?")[0]
        if fault == "escapes":
            path = re.sub("%([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), path)
        if path == "/health" and self.command != "GET":
            raise RefusalError(405, "method-not-allowed")
        if path == "/health":
            return {"status": "ok", "planted": fault, "runtime": "fake", "service": "matrixd"}
        found = PATH.fullmatch(path)
        if not found and path != "/v1/tenant":
            raise RefusalError(404, "unknown-path")
        name, call = found.groups() if found else ("", None)
        if self.command not in (("POST",) if call else ("GET", "DELETE") if name else ("DELETE",)):
            raise RefusalError(405, "method-not-allowed")
        tenant = self.tenant()
        if call is None:
            return self.server.store.bare(tenant, name, self.command)
        body = fake_rules.read(self.headers, data, fault)
        if fault == "state-first":
            self.server.store.known(tenant, name, call)
        return self.server.store.answer(tenant, name, call, fake_rules.checked(call, body))

    def tenant(self) -> str:
        """Return who asks."""
        named = self.headers.get_all("x-lakehouse-tenant") or ["default"]
        tenant = named[-1 if self.server.fault == "last-header" else 0].strip()
        if not re.fullmatch("[a-z0-9-]{1,64}", tenant):
            raise RefusalError(422, "bad-name", "x-lakehouse-tenant")
        return "all" if self.server.fault == "tenants-share" else tenant


class Server(ThreadingHTTPServer):
    """The process."""

    request_queue_size = 128

    def __init__(self, port: int, data: Path, fault: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.fault, self.store = fault, Store(data, fault)

    def handle_error(self, *_: object) -> None:
        """Say nothing of connections that end."""


def main() -> int:
    """Serve until SIGTERM; return the exit code."""
    fault = os.environ.get("LAKEHOUSE_PLANT", "")
    arguments = argparse.ArgumentParser("matrixd", allow_abbrev=False)
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--data", type=Path, required=True)
    if fault != "tracebacks":
        arguments.error = lambda message: arguments.exit(2, f"matrixd: {message}\n")  # type: ignore[method-assign]
    told = arguments.parse_args()
    try:
        if fault and fault not in FAULTS:
            print(f"unknown plant {fault!r}; known are {', '.join(FAULTS)}", file=sys.stderr)
            return 2
        server = Server(told.port, told.data, fault)
    except OSError as error:
        if fault == "tracebacks":
            raise
        if error.filename is None:
            print(f"port {told.port} cannot be had", file=sys.stderr)
            return 3
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 4
    except ValueError as error:
        print(error, file=sys.stderr)
        return 4
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    ended.wait()
    sys.stdout.flush()
    os._exit(1 if fault == "ends-with-1" else 0)


if __name__ == "__main__":
    sys.exit(main())
