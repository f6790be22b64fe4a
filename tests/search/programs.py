"""Every runtime's program `matrixd`, built as the harness does it, started on data of its own."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from parity import config
from parity.errors import MissingToolError, StartError
from parity.processes import PLANT, Processes
from parity.testees.build import Build
from tests.attacks.programs import LAUNCH, LONGEST, ROOT, RUNTIMES, Done

from .client import Client, fresh
from .wire import Answer, NoAnswerError, Wire, request

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_PORT = 3
LONGEST_START = 30.0
"""Seconds after which a program that should refuse to start seems to run."""
INSTEAD = "MATRIXD_"
"""MATRIXD_GO="/path/matrixd" attacks a program that is built already, with all its arguments but ours."""


def free_port() -> int:
    """Return a port that is free just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Service:
    """One process that serves; it is the caller's to end."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, data: Path, log: Path, *, hybrid: bool) -> None:
        self.process, self.port, self.data, self._log, self.hybrid = process, port, data, log, hybrid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def client(self, tenant: str | None = "") -> Client:
        """Return a connection of its own; for a tenant of its own where none is named, for nobody with None."""
        return Client(self.port, fresh() if tenant == "" else tenant, hybrid=self.hybrid)

    def health(self) -> Answer:
        """Ask for its health."""
        with Wire(self.port) as wire:
            wire.send(request("GET", "/health"))
            return wire.receive()

    def said(self) -> str:
        """Return the end of its standard error."""
        return self._log.read_bytes()[-4000:].decode("utf-8", "replace")

    def end(self) -> int:
        """End it by SIGTERM; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONGEST)

    def kill(self) -> None:
        """End it by SIGKILL, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Program:
    """One runtime's program."""

    def __init__(self, name: str, command: Sequence[str], environment: dict[str, str], logs: Path) -> None:
        self.name, self.command, self.environment, self._logs = name, list(command), environment, logs

    def __repr__(self) -> str:
        return self.name

    def planted(self, plant: str) -> Program:
        """Return the program with a planted bug."""
        return Program(self.name, self.command, self.environment | {PLANT: plant}, self._logs)

    def run(self, arguments: Sequence[str], *options: str, **variables: str) -> Done:
        """Run it to its end; `options` are those of launch.py, `variables` the environment's."""
        with self._open(arguments, options, subprocess.PIPE, self.environment | variables) as process:
            try:
                out, err = process.communicate(timeout=LONGEST_START)
            finally:
                process.kill()
        return Done(process.returncode, out, err)

    def start(self, data: Path, *arguments: str, options: Sequence[str] = (), port: int = 0) -> Service:
        """Start it on a port, or one that is free, and return it when it is healthy. Raises StartError with why not."""
        wanted = port
        while True:
            port = wanted or free_port()
            number, name = tempfile.mkstemp(".log", f"{self.name}-", self._logs)
            with os.fdopen(number, "wb") as log:
                process = self._open(
                    ["--port", str(port), "--data", str(data), *arguments], options, log.fileno(), self.environment
                )
            service = Service(process, port, data, Path(name), hybrid=self.name == "rust")
            until = time.monotonic() + LONGEST
            while process.poll() is None:
                with contextlib.suppress(NoAnswerError):
                    answer = service.health()
                    if answer.status == 200 and answer.kind == "application/json":
                        return service
                    service.kill()
                    raise StartError(f"{self.name} is not healthy: {answer}")
                if time.monotonic() > until:
                    service.kill()
                    raise StartError(f"{self.name} is not healthy after {LONGEST} s: {service.said()}")
                time.sleep(0.005)
            if process.returncode != NO_PORT or wanted:  # somebody else may have taken the port meanwhile
                raise StartError(f"{self.name} ended with {process.returncode}: {service.said()}")

    def refusal(self, data: Path) -> tuple[int, str]:
        """Start it on data that it must not accept; return the exit code and what it says."""
        try:
            self.start(data).kill()
        except StartError as error:
            ended = str(error)
        else:
            return 0, "it runs"
        found = re.fullmatch(r"\w+ ended with (-?\d+): (.*)", ended, re.DOTALL)
        assert found, ended
        return int(found[1]), found[2]

    def _open(
        self, arguments: Sequence[str], options: Sequence[str], err: int, environment: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        launch = [sys.executable, "-I", "-S", str(LAUNCH), *options, "--"] if options else []
        return subprocess.Popen(
            [*launch, *self.command, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if err == subprocess.PIPE else subprocess.DEVNULL,
            stderr=err,
        )


class Programs:
    """The programs of all runtimes, each built when it is first asked for, and one sound service of each kept."""

    def __init__(self, folder: Path) -> None:
        self._settings = config.load(ROOT)
        self._processes = Processes(self._settings.state)
        self._folder = folder
        self._made: dict[str, Program | Exception] = {}
        self._kept: dict[str, Service] = {}
        self._told = set[str]()

    def get(self, name: str) -> Program:
        """Return a runtime's program; skips the test where its tools are absent, fails it where it does not build."""
        if name in self._told:
            pytest.fail(f"{name} does not build, as was said above", pytrace=False)
        made = self._made.get(name) or self._made.setdefault(name, self._make(name))
        if isinstance(made, MissingToolError):
            pytest.skip(f"{name} is absent here: {made}")
        if isinstance(made, Exception):
            self._told.add(name)
            pytest.fail(str(made), pytrace=False)
        return made

    def service(self, name: str) -> Service:
        """Return the runtime's service that tests share, each as tenants of its own."""
        kept = self._kept.get(name)
        if kept is None or kept.process.poll() is not None:
            kept = self._kept[name] = self.get(name).start(Path(tempfile.mkdtemp(f"-{name}", dir=self._folder)))
        return kept

    def everyone(self) -> list[Program]:
        """Return the programs of all runtimes that are not absent."""
        found = []
        for name in RUNTIMES:
            with contextlib.suppress(pytest.skip.Exception):
                found.append(self.get(name))
        return found

    def _make(self, name: str) -> Program | Exception:
        runtime = self._settings.runtimes[name]
        build = Build(name, runtime, self._settings.root, self._settings.state, self._processes)
        try:
            if instead := os.environ.get(INSTEAD + name.upper()):
                return Program(name, shlex.split(instead), build.environment(), self._folder)
            build.make()
            command = beside_the_helper(build.fill(runtime.helper))
            if not command[0].startswith(sys.prefix) and not Path(command[0]).exists():
                return StartError(f"the build of {name} makes no {command[0]}")
            return Program(name, command, build.environment(), self._folder)
        except (MissingToolError, StartError) as error:
            return error

    def close(self) -> None:
        """End every process."""
        for service in self._kept.values():
            service.kill()
        self._processes.close()


def beside_the_helper(command: Sequence[str]) -> list[str]:
    """Return the command of matrixd, which every build puts to its helper."""
    assert command[-1].endswith("helper"), command
    return [*command[:-1], command[-1].removesuffix("helper") + "matrixd"]
