"""The program `front`, started as anybody would, on a port of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Self

from parity.errors import StartError
from parity.processes import PLANT
from tests.attacks.programs import LONGEST, ROOT, Done
from tests.search.programs import free_port
from tests.search.wire import Answer, NoAnswerError, Wire, request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

GO, RUST = "GO_LAKEHOUSE_URL", "RUST_LAKEHOUSE_URL"
NO_PORT = 3
PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")


class Front:
    """One process that serves; it is the caller's to end."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process, self.port, self._log = process, port, log

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def wire(self) -> Wire:
        """Return a connection to it."""
        return Wire(self.port)

    def raw(self) -> socket.socket:
        """Return a connection to it as a mere socket."""
        return socket.create_connection(("127.0.0.1", self.port), LONGEST)

    def get(self, target: str) -> Answer:
        """Get a target on a connection of its own."""
        with self.wire() as wire:
            wire.send(request("GET", target))
            return wire.receive()

    def said(self) -> str:
        """Return its standard error."""
        return self._log.read_bytes().decode("utf-8", "replace")

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """End it by a signal; return its exit code."""
        self.process.send_signal(by)
        return self.process.wait(LONGEST)

    def kill(self) -> None:
        """End it by SIGKILL, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Program:
    """The program, and the folder that its standard error goes to."""

    def __init__(self, bun: str, folder: Path, directory: Path = ROOT) -> None:
        self._command = [bun, "--no-env-file", "--no-install", str(ROOT / "runtimes/bun/src/main.ts")]
        self._bun, self._folder, self._directory = bun, folder, directory

    def within(self, directory: Path) -> Program:
        """Return the program as it is started in another directory."""
        return Program(self._bun, self._folder, directory)

    def run(self, arguments: Sequence[str], **variables: str) -> Done:
        """Run it to its end."""
        process = self._open(arguments, subprocess.PIPE, variables)
        try:
            out, err = process.communicate(timeout=LONGEST)
        finally:
            process.kill()
        return Done(process.returncode, out, err)

    def start(self, *arguments: str, **variables: str) -> Front:
        """Start it on a port that is free, and return it when it is healthy. Raises StartError with why not."""
        while True:
            port = free_port()
            log = self._folder / f"{port}.log"
            with log.open("wb") as file:
                process = self._open(["--port", str(port), *arguments], file.fileno(), variables)
            front = Front(process, port, log)
            until = time.monotonic() + LONGEST
            while process.poll() is None:
                with contextlib.suppress(NoAnswerError):
                    assert front.get("/health").status == 200
                    return front
                if time.monotonic() > until:
                    front.kill()
                    raise StartError(f"front is not healthy after {LONGEST} s: {front.said()}")
                time.sleep(0.005)
            if process.returncode != NO_PORT:  # somebody else may have taken the port meanwhile
                raise StartError(f"front ended with {process.returncode}: {front.said()}")

    def _open(self, arguments: Sequence[str], err: int, variables: dict[str, str]) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if name not in {GO, RUST, PLANT, *PROXIES}}
        return subprocess.Popen(
            [*self._command, *arguments],
            cwd=self._directory,
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if err == subprocess.PIPE else subprocess.DEVNULL,
            stderr=err,
        )
