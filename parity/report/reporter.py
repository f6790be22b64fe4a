"""The listener of both faces: it writes the summary as things happen, and tells a person how far the run is."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

from parity.report import markdown, text
from parity.report.summary import SummaryFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from parity.config import Settings
    from parity.model import RuntimeState
    from parity.summary import Summary
    from parity.tally import Tally

REDRAW = 0.2  # seconds between two states of the line that a terminal shows


class Screen:
    """Where a person looks: a terminal gets a line that changes, a pipe gets plain lines."""

    def __init__(self, write: Callable[[str], None], *, is_terminal: bool, tells_phases: bool = True) -> None:
        """Take a function that writes text as it is. Pytest tells the end of a phase itself (`tells_phases`)."""
        self.tells_phases = tells_phases
        self._write, self._is_terminal = write, is_terminal
        self._last_draw = 0.0
        self._drawn = ""

    def line(self, text: str) -> None:
        """Write a line that stays."""
        self.clear()
        self._write(text + "\n")

    def draw(self, text: str) -> None:
        """Show a passing state; a pipe sees none of them."""
        if not self._is_terminal:
            return
        now = time.monotonic()
        if now - self._last_draw > REDRAW:
            self.clear()
            self._write(text)
            self._drawn, self._last_draw = text, now

    def announce(self, text: str) -> None:
        """Say what takes a while: a passing state on a terminal, a line in a pipe."""
        if self._is_terminal:
            self._last_draw = 0.0
            self.draw(text)
        else:
            self.line(text)

    def clear(self) -> None:
        """Take the passing state away."""
        if self._drawn:
            self._write("\r" + " " * len(self._drawn) + "\r")
            self._drawn = ""


class Reporter:
    """Hears a run (listener.Listener) and reports it."""

    def __init__(self, settings: Settings, run: str, screen: Screen) -> None:
        """`run` is the id that the processes of one run share."""
        self._settings, self._screen = settings, screen
        self._states: Mapping[str, RuntimeState] = {}
        self._phase_began: dict[tuple[str, str], float] = {}
        self._ended: set[tuple[str, str]] = set()
        self.file = SummaryFile(settings, run, _commit(settings.root))

    def begin(self) -> None:
        """Leave an incomplete summary from the start on."""
        self.file.begin()

    def runtimes(self, states: Mapping[str, RuntimeState]) -> None:
        """Take the states of the runtimes; say which do not take part."""
        self._states = states
        self.file.update(states)
        for state in states.values():
            if state.status != "ready":
                for line in text.absence(state):
                    self._screen.line(f"parity: {line}")

    def tell(self, text: str) -> None:
        """Hear of something that takes a while."""
        self._screen.announce(f"parity: {text}")

    def progress(self, surface: str, phase: str, done: int, total: int) -> None:
        """Hear how far a phase is."""
        now = time.monotonic()
        began = self._phase_began.setdefault((surface, phase), now)
        rate = f", {done / (now - began):,.0f}/s" if now - began > 0.5 else ""
        text = f"parity: {surface} {phase} {done:,} of {total:,}"
        if done < total:
            self._screen.draw(text + rate)
        elif (surface, phase) not in self._ended:
            self._ended.add((surface, phase))
            if self._screen.tells_phases:
                self._screen.announce(text)

    def found(self, tally: Tally) -> None:
        """Write down what a surface has come to."""
        self.file.update(self._states, tally)

    def finish(self, *, complete: bool) -> Summary:
        """Write the last summary and the pages; return the summary."""
        self._screen.clear()
        summary = self.file.finish(complete=complete)
        markdown.write(summary, self._settings.report)
        return summary


def _commit(root: Path) -> str:
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()
