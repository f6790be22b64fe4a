"""validatord as a process, and HTTP to it by hand: what is sent is what stands here, byte for byte."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "lakehouse_ref.services.validatord"]
PATIENCE = 30  # seconds, for everything


class Reply(NamedTuple):
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One connection, which stays open."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.file = self.socket.makefile("rb")

    def ask(self, target: str, method: str = "POST", body: bytes | None = b"", *headers: str) -> Reply:
        """Send a request, with a length unless the body is None, and return the answer."""
        length = [] if body is None else [f"content-length: {len(body)}"]
        lines = [f"{method} {target} HTTP/1.1", "host: 127.0.0.1", *length, *headers]
        self.socket.sendall("".join(line + "\r\n" for line in [*lines, ""]).encode() + (body or b""))
        return self.reply()

    def reply(self) -> Reply:
        """Return the next answer."""
        status = int(self.line().split(" ")[1])
        headers = {}
        while line := self.line():
            name, _, value = line.partition(": ")
            headers[name] = value
        return Reply(status, headers, self.file.read(int(headers["content-length"])))

    def line(self) -> str:
        """Return the next line of an answer's head."""
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError("the connection ended")
        return line.decode().rstrip("\r\n")

    def close(self) -> None:
        """Close the connection."""
        self.file.close()
        self.socket.close()


def environment(**own: str) -> dict[str, str]:
    """Return the environment without what an outer run has set for the service."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LAKEHOUSE_")} | own


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def started(**own: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start the service on a free port, yield it and the port when its health answers, and end it."""
    port = free_port()
    process = subprocess.Popen(
        [*COMMAND, "--port", str(port)],
        cwd=ROOT,
        env=environment(**own),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            wait_for(port, process)
            yield process, port
        finally:
            process.kill()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when the port is listened at."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended by itself"
        try:
            Connection(port).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError("nobody listens")
