"""What the commands begin with: the project's settings, a screen, and the runtimes made ready."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from parity import config as configuration
from parity import listener, pipeline
from parity.report.reporter import Screen

if TYPE_CHECKING:
    from parity.config import Settings


def settings_for(**given: object) -> Settings:
    """Return the settings of the project around the current folder. Raises UsageError."""
    root = configuration.find_root(Path.cwd())
    settings = configuration.load(root, msgspec.convert(given | {"prefix": "--"}, configuration.Options))
    pipeline.check(settings)
    return settings


def screen() -> Screen:
    """Return the standard error as a screen."""

    def write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()

    return Screen(write, is_terminal=sys.stderr.isatty())


class _Telling(listener.Silent):
    """A listener for commands that run no phases: only what takes a while is told."""

    def __init__(self) -> None:
        self.screen = screen()

    def tell(self, text: str) -> None:
        """Show it where a person looks."""
        self.screen.announce(f"parity: {text}")


class started:  # noqa: N801 - reads as a function
    """The runtimes made ready, and ended again."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; entering makes the runtimes ready."""
        self._settings = settings

    def __enter__(self) -> pipeline.Run:
        listener = _Telling()
        self._run = pipeline.Run(self._settings, listener)
        listener.screen.clear()
        return self._run

    def __exit__(self, *_: object) -> None:
        self._run.close()
