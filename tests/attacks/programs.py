"""Every runtime's program `audit`, reached as anybody would: a process for each command, or one that is kept."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parity import config
from parity.errors import MissingToolError, StartError
from parity.processes import PLANT, Processes
from parity.testees.build import Build

from .chains import Told, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]
RUNTIMES = ("python", "go", "rust")
LAUNCH = Path(__file__).with_name("launch.py")
LONGEST = 120.0
"""Seconds after which a program that does not end hangs. Nothing is measured by it."""
LONGEST_ANSWER = 60.0
"""The same for one answer of a program that is kept."""
LARGEST_READ = 1 << 20


class Done:
    """What a process said, and how it ended."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code, self.out, self.err = code, out, err.decode("utf-8", "replace")

    def told(self) -> Told:
        """Return the answer, having checked what holds for every one: a canonical line, and a sentence for a fault."""
        if self.code == 2:
            assert self.out == b"", "an answer to a command line that is not understood"
            assert self.err.strip(), "no sentence for a person"
            return Told(None, 2)
        assert self.out.endswith(b"\n"), (self.code, self.out[-200:], self.err[-2000:])
        assert self.out.count(b"\n") == 1, self.out
        answer = json.loads(self.out)
        assert canonical(answer) + b"\n" == self.out
        if self.code:
            assert self.err.strip(), "no sentence for a person"
            found = [one["error"] for one in answer.get("subjects", []) if one["error"]] or [answer.get("error")]
            for error in filter(None, found):
                assert error["file"] in self.err
                assert error["line"] is None or re.search(rf"\b{error['line']}\b", self.err), self.err
        return Told(answer, self.code)


class Kept:
    """One `audit serve`, which answers one command after another."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], plant: str | None = None) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self.process = subprocess.Popen(
            [*command, "serve"],
            cwd=ROOT,
            env=environment if plant is None else environment | {PLANT: plant},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
        )
        self._behind = b""
        self._id = 0
        try:
            hello = json.loads(self.line())
            assert "subject_audit_files" in hello["surfaces"]
            assert hello["planted"] == plant
        except BaseException:
            self.close()
            raise

    @property
    def surfaces(self) -> tuple[str, str]:
        """The surface of a command that is not of baselines, and that of one that is."""
        return "subject_audit_files", "audit_baselines"

    def line(self) -> bytes:
        """Return the next line that it writes."""
        assert self.process.stdout is not None
        until = time.monotonic() + LONGEST_ANSWER
        while b"\n" not in self._behind:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"no answer in {LONGEST_ANSWER} s"
            read = os.read(self.process.stdout.fileno(), LARGEST_READ)
            assert read, f"it ended: {self.said()}"
            self._behind += read
        line, _, self._behind = self._behind.partition(b"\n")
        return line

    def send(self, arguments: Sequence[str], directory: Path) -> None:
        """Send a command without waiting for its answer."""
        assert self.process.stdin is not None
        self._id += 1
        request = {
            "id": self._id,
            "surface": self.surfaces[bool(arguments) and arguments[0] == "baselines"],
            "text": json.dumps({"arguments": list(arguments), "directory": str(directory)}),
        }
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()

    @staticmethod
    def read(line: bytes) -> Told:
        """Return what stands in the line of an answer."""
        answer = json.loads(line)
        text = answer["text"] if "text" in answer else base64.b64decode(answer["base64"])
        told = json.loads(text)
        return Told(told["answer"], told["exit"])

    def ask(self, arguments: Sequence[str], directory: Path) -> Told:
        """Let it do what a command line would do in a directory."""
        self.send(arguments, directory)
        return self.read(self.line())

    def said(self) -> str:
        """Return the end of its standard error."""
        self._said.seek(0)
        return self._said.read()[-2000:].decode("utf-8", "replace")

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(BrokenPipeError):  # what was not sent to one that was killed
            self.process.stdin.close()
        self.process.stdout.close()
        self._said.close()


class Program:
    """One runtime's program."""

    def __init__(
        self, name: str, command: Sequence[str], environment: dict[str, str], plant: str | None = None
    ) -> None:
        self.name, self.command, self.environment, self._plant = name, list(command), environment, plant
        self._kept: Kept | None = None

    def __repr__(self) -> str:
        return self.name

    def run(self, arguments: Sequence[str], directory: Path, *options: str, **variables: str) -> Done:
        """Run one command as a process of its own; `options` are those of launch.py, `variables` the environment's."""
        launch = [sys.executable, "-I", "-S", str(LAUNCH), *options, "--"] if options else []
        done = subprocess.run(
            [*launch, *self.command, *arguments],
            cwd=directory,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, arguments: Sequence[str], directory: Path) -> subprocess.Popen[bytes]:
        """Start one command."""
        return subprocess.Popen(
            [*self.command, *arguments],
            cwd=directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def keep(self) -> Kept:
        """Start one `audit serve`, which is the caller's to close."""
        return Kept(self.command, self.environment, self._plant)

    def planted(self, plant: str) -> Program:
        """Return the program with a planted bug, which is the caller's to close; only what is kept can have one."""
        return Program(self.name, self.command, self.environment, plant)

    def ask(self, arguments: Sequence[str], directory: Path) -> Told:
        """Let the one process that is kept for all tests do what a command line would do in a directory."""
        if self._kept is None or self._kept.process.poll() is not None:
            self.close()
            self._kept = self.keep()
        try:
            return self._kept.ask(arguments, directory)
        except AssertionError:
            self.close()  # what hangs, or lost its order, is nothing to go on with
            raise

    def close(self) -> None:
        """End the process that is kept."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None


class Programs:
    """The programs of all runtimes, each built when it is first asked for, and not again while nothing changed."""

    def __init__(self) -> None:
        self._settings = config.load(ROOT)
        self._processes = Processes(self._settings.state)
        self._made: dict[str, Program | Exception] = {}
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

    def _make(self, name: str) -> Program | Exception:
        runtime = self._settings.runtimes[name]
        assert runtime.files[-1:] == ("serve",), f"parity.toml has no program `audit` of {name}"
        build = Build(name, runtime, self._settings.root, self._settings.state, self._processes)
        try:
            build.make()
            return Program(name, build.fill(runtime.files)[:-1], build.environment())
        except (MissingToolError, StartError) as error:
            return error

    def all(self) -> Iterator[Program]:
        """Yield the programs of all runtimes that are not absent."""
        for name in RUNTIMES:
            try:
                yield self.get(name)
            except pytest.skip.Exception:
                continue

    def close(self) -> None:
        """End every process."""
        for made in self._made.values():
            if isinstance(made, Program):
                made.close()
        self._processes.close()
