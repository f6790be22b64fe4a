"""matrixd and embedd as processes, and a connection to each."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from tests.lakehouse_ref.serving import PATIENCE, ROOT, Connection, Reply, environment, free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = "content-type: application/json"


def command(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"lakehouse_ref.services.{program}", *arguments]


class Process:
    """A service that runs, and one connection to it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port
        self.connection = Connection(port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.connection.close()

    def ask(self, target: str, body: object = None, method: str = "POST", *headers: str) -> Reply:
        data = None if body is None else json.dumps(body).encode()
        return self.connection.ask(target, method, data, JSON, *headers)

    def told(self, target: str, body: object = None, method: str = "POST") -> Any:  # noqa: ANN401
        return json.loads(self.ask(target, body, method).body)


@contextmanager
def running(program: str, *arguments: str, **own: str) -> Iterator[Process]:
    port = free_port()
    process = subprocess.Popen(
        command(program, "--port", str(port), *arguments),
        cwd=ROOT,
        env=environment(**own),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            wait_for(port, process)
            with closing(Process(process, port)) as service:
                yield service
        finally:
            process.kill()


def ended(program: str, *arguments: str, **own: str) -> tuple[int, str]:
    """Return the exit code and what was said of a program that does not run."""
    done = subprocess.run(
        command(program, *arguments),
        cwd=ROOT,
        env=environment(**own),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout == b""
    assert done.stderr.endswith(b"\n")
    assert done.stderr.count(b"\n") == 1, done.stderr.decode()
    return done.returncode, done.stderr.decode()
