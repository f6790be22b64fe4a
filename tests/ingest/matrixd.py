"""The reference's matrixd as a process, and what a test asks it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from tests.ingest.program import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 60  # seconds until it answers


@contextmanager
def started(data: Path) -> Iterator[str]:
    """Start the service on a folder, yield its URL, and end it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "lakehouse_ref.services.matrixd", "--port", str(port), "--data", str(data)]
    with subprocess.Popen(command, cwd=ROOT, env=environment()) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url, process)
            yield url
        finally:
            process.kill()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the service answers."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended by itself"
        try:
            ask(f"{url}/health")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("nobody answers")


def ask(url: str, body: object = None, tenant: str = "default", method: str | None = None) -> dict[str, Any]:
    """Return what the service answers."""
    headers = {"content-type": "application/json", "x-lakehouse-tenant": tenant}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, headers, method=method), timeout=PATIENCE) as answer:  # noqa: S310 -- our own
        found = json.load(answer)
    assert isinstance(found, dict)
    return found
