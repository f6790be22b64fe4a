"""Locust with one of the load files, as a process; and what it leaves: its exit code, its words, its report."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import jsonschema_rs
import psutil

from tests.loadgen.loaded import ROOT, without_plants

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONGEST = 900.0  # seconds; the first run of a fresh checkout builds the runtimes
MULTITIER = "loadgen/multitier.py"
BOUNDS = """
failures = 0.0
restarts = 0
panics = 0
differing = 0
"""
"""Without a p99, a rate or a size: no assertion hangs on how fast this machine is today."""
SCHEMA: dict[str, Any] = json.loads((ROOT / "fixtures" / "contract" / "load.schema.json").read_bytes())
CHECK = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)


class Ran(NamedTuple):
    """A run that has ended."""

    code: int
    said: str
    """What the load file has said, a line each."""
    err: str
    report: Path

    @property
    def summary(self) -> dict[str, Any]:
        """Return summary.json, which is as its schema says."""
        summary: dict[str, Any] = json.loads((self.report / "summary.json").read_bytes())
        CHECK.validate(summary)
        return summary

    @property
    def page(self) -> str:
        """Return load.md."""
        return (self.report / "load.md").read_text()

    def scenarios(self) -> dict[str, dict[str, Any]]:
        """Return what came of each scenario."""
        return {one["name"]: one for one in self.summary["scenarios"]}

    def calls(self) -> dict[str, int]:
        """Return how often each call was made."""
        return {one["name"]: one["count"] for one in self.summary["calls"]}

    def failing(self) -> dict[str, list[str]]:
        """Return the scenarios that failed, and the kinds of their failures."""
        return {
            name: [kind for kind, count in one["failure_kinds"].items() if count]
            for name, one in self.scenarios().items()
            if one["failures"]
        }


def command(*arguments: str, file: str = MULTITIER) -> list[str]:
    """Return the command line of a run."""
    return [sys.executable, "-m", "locust", "-f", file, *arguments]


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


class Driven:
    """A run that goes on."""

    def __init__(self, report: Path, *arguments: str, file: str = MULTITIER) -> None:
        """Start it: without a page, with bounds that hold on any machine, and 200 workers."""
        self.report = report
        bounds = report.with_suffix(".toml")
        bounds.write_text(BOUNDS)
        usual = ["--headless", "--only-summary", "--corpus", "200", "--bounds", str(bounds)]
        if "--processes" in arguments:  # other tests have masters at the same time
            port = str(free_port())
            usual += ["--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port]
        self.process = subprocess.Popen(
            command(*usual, "--load-report", str(report), *arguments, file=file),
            cwd=ROOT,
            env=without_plants(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._lines: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.communicate(timeout=LONGEST)
        if self.process.stderr is not None:
            self.process.stderr.close()

    def until(self, words: str) -> None:
        """Wait until it has said something."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.append(line)
            if words in line:
                return
        raise AssertionError("".join(self._lines))

    def everyone(self) -> list[psutil.Process]:
        """Return all that it has started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, how: signal.Signals | None = None) -> Ran:
        """Send a signal to the process alone, or none, and wait for its end."""
        if how is not None:
            self.process.send_signal(how)
        _, rest = self.process.communicate(timeout=LONGEST)
        err = "".join(self._lines) + rest
        assert "Traceback" not in err, err
        assert "Uncaught" not in err, err
        said = "\n".join(line.removeprefix(f"{name}: ") for line in err.splitlines() if (name := _file(line)))
        return Ran(self.process.returncode, said, err, self.report)


def _file(line: str) -> str:
    return next((name for name in ("multitier", "cutover") if line.startswith(f"{name}: ")), "")


def drive(report: Path, *arguments: str, meanwhile: Callable[[Driven], object] | None = None) -> Ran:
    """Run to the end, and return what came of it; `meanwhile` is called while the users are at work."""
    with Driven(report, *arguments) as driven:
        if meanwhile is not None:
            driven.until("All users spawned")
            meanwhile(driven)
        return driven.end()
