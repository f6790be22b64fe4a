"""Commands that run until a test ends them, and the processes that they have."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import psutil

from .conftest import environment, runs

if TYPE_CHECKING:
    import signal
    from pathlib import Path

MARK = "PARITY_RUN"


class Running:
    """A command that runs."""

    def __init__(self, *command: object, cwd: Path, report: Path) -> None:
        self.report = report
        self.process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def summary(self) -> dict[str, Any]:
        """Return the summary as it stands; an empty one where there is none yet."""
        try:
            summary: dict[str, Any] = json.loads((self.report / "summary.json").read_bytes())
        except FileNotFoundError:
            return {}
        return summary

    def has_found(self) -> bool:
        """Tell whether it is in its sweep and a divergence is in its file."""
        assert self.process.poll() is None, self.process.communicate()
        surfaces = self.summary().get("surfaces", [])
        return any(surface["divergences"] and "corpus" in surface["phases"] for surface in surfaces)

    def children(self) -> list[psutil.Process]:
        """Return what it started, and what that started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def marks(self) -> set[str]:
        """Return the marks of the processes that it started."""
        return {mark for child in self.children() if (mark := _mark(child)) is not None}

    def send(self, how: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.process.pid, how)

    def end(self, how: signal.Signals) -> str:
        """Send a signal, and return what it said until it ended."""
        self.send(how)
        return self.process.communicate(timeout=120)[0]


def carrying(marks: set[str]) -> list[int]:
    """Return the processes that carry one of the marks."""
    return [process.pid for process in psutil.process_iter() if _mark(process) in marks and runs(process.pid)]


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None
