"""The witness as a process, and what it says."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

import psutil

from loadgen.samples import Sample, encode
from tests.loadgen.loaded import ROOT, without_plants

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_START = 900.0  # seconds; the first run of a fresh checkout builds the runtimes
MARK = "PARITY_RUN"


def command(*arguments: str) -> list[str]:
    """Return the command line of a witness."""
    return [sys.executable, "-m", "loadgen.witness", *arguments]


class Witness:
    """A witness that runs."""

    def __init__(self, *arguments: str, cwd: Path = ROOT) -> None:
        self.process = subprocess.Popen(
            command(*arguments),
            cwd=cwd,
            env=without_plants() | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.lines: list[dict[str, Any]] = []
        self.code, self.said = -1, ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.communicate(timeout=LONGEST_START)

    def ready(self) -> list[str]:
        """Wait until the others are up; return their names."""
        assert self.process.stdout is not None
        self.lines.append(json.loads(self.process.stdout.readline()))
        ready: list[str] = self.lines[0]["ready"]
        return ready

    def send(self, *some: Sample | bytes) -> None:
        """Hand samples over, or lines that are none."""
        assert self.process.stdin is not None
        for one in some:
            self.process.stdin.write(one if isinstance(one, bytes) else encode(one))
        self.process.stdin.flush()

    def end(self, how: signal.Signals | None = None) -> dict[str, Any]:
        """End its input, or send a signal; return what it came to, the last line that it says."""
        if how is not None:
            self.process.send_signal(how)
        out, err = self.process.communicate(timeout=LONGEST_START)
        self.lines += [json.loads(line) for line in out.splitlines()]
        self.code, self.said = self.process.returncode, err.decode()
        assert "Traceback" not in self.said, self.said
        parity: dict[str, Any] = self.lines[-1]["parity"]
        return parity

    def others(self) -> list[psutil.Process]:
        """Return what it started."""
        return psutil.Process(self.process.pid).children(recursive=True)


def run(*some: Sample | bytes, runtimes: str = "python", under: str = "go", cwd: Path = ROOT) -> dict[str, Any]:
    """Compare samples, and return what it came to."""
    with Witness("--runtimes", runtimes, "--under", under, cwd=cwd) as witness:
        witness.send(*some)
        parity = witness.end()
    assert witness.code == 0, witness.said
    return parity
