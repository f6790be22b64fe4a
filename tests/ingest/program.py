"""The program as a process, with no more than it needs from the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 300  # seconds

Done = subprocess.CompletedProcess[str]


def command(*arguments: str | Path) -> list[str]:
    """Return the command line of a run."""
    return [sys.executable, "-m", "lakehouse_ref.ingest", *map(str, arguments)]


def environment(**own: str) -> dict[str, str]:
    """Return the environment without what the user's own storage is set up with."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | own


def ingest(*arguments: str | Path, **own: str) -> Done:
    """Run the program; it may never show a traceback."""
    done = subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=environment(**own),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def refused(done: Done, code: int, *parts: str) -> None:
    """Assert that a run ended with a code, and with a sentence that holds these parts."""
    assert done.returncode == code, done
    sentences = [line for line in done.stderr.splitlines() if line.startswith("ingest: ")]
    assert len(sentences) == 1, done.stderr
    for part in parts:
        assert part in done.stderr
