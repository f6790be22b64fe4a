"""A runtime that `python -m loadgen.keeper` holds, which ends it once its own standard input is closed.

child.py of loadgen speaks to keepers too, under gevent; a comparison runs without.
"""

from __future__ import annotations

import contextlib
import queue
import re
import subprocess
import threading
from typing import TYPE_CHECKING

import msgspec

from loadgen.compare.progress import tell
from loadgen.compare.turns import TurnError
from loadgen.summary import Daemon  # noqa: TC001 - msgspec reads it
from parity.errors import EnvironmentFailure, UsageError
from parity.processes import end_group
from parity.report.show import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

READY_WITHIN = 1800.0
"""Seconds from one line to the next: a first start builds the runtime, and an index of 100,000 workers has to rest."""
ANSWERS_WITHIN = 30.0
ENDS_WITHIN = 20.0


class Ready(msgspec.Struct, frozen=True):
    """What a keeper says of a runtime that can be put under load."""

    urls: dict[str, str]


class End(msgspec.Struct, frozen=True):
    """What a keeper says of the daemons since `begin`."""

    daemons: list[Daemon]


class Line(msgspec.Struct, frozen=True):
    """A line of a keeper's output, of which one is set."""

    tell: str | None = None
    ready: Ready | None = None
    end: End | None = None
    error: str | None = None
    exit_code: int = EnvironmentFailure.exit_code


class Keeper:
    """One keeper's process."""

    def __init__(
        self, name: str, command: Sequence[str], root: Path, environment: Mapping[str, str], log: Path
    ) -> None:
        """Start it. Raises EnvironmentFailure."""
        self.name = name
        self.urls: dict[str, str] = {}
        self._log = log
        self._lines: queue.Queue[Line | None] = queue.Queue()
        self._told = ""
        with log.open("wb") as errors:
            try:
                # A session of its own, so that Ctrl-C in a terminal does not end it before its turn is over.
                self._process = subprocess.Popen(
                    command,
                    cwd=root,
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    start_new_session=True,
                )
            except OSError as error:
                raise EnvironmentFailure(f"the keeper of {name} does not start: {error.strerror}") from None
        # It is read to its end, since a keeper whose pipe is full would stand still.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait(self) -> None:
        """Wait until the runtime is ready. Raises EnvironmentFailure, or UsageError where it was asked wrongly."""
        while not self.urls:
            line = self._next(READY_WITHIN)
            if line is None or line.error is not None:
                wrong = (
                    UsageError if line is not None and line.exit_code == UsageError.exit_code else EnvironmentFailure
                )
                raise wrong(f"{self.name} cannot be kept running: {(line and line.error) or last_line(self._log)}")
            if line.tell is not None:
                self._tell(line.tell)
            if line.ready is not None and "matrixd" not in line.ready.urls:
                raise EnvironmentFailure(f"{self.name} has no matrixd, but {', '.join(line.ready.urls) or 'nothing'}")
            if line.ready is not None:
                self.urls = line.ready.urls

    def begin(self) -> None:
        """Let the footprint count from here. Raises TurnError where the keeper has ended."""
        self._say("begin")

    def footprint(self) -> list[Daemon]:
        """Return what the daemons took since `begin`. Raises TurnError where the keeper has ended."""
        self._say("end")
        while (line := self._next(ANSWERS_WITHIN)) is not None:
            if line.end is not None:
                return line.end.daemons
        raise TurnError(self._gone())

    def check(self) -> None:
        """Raise TurnError where it has ended by itself."""
        if self._process.poll() is not None:
            raise TurnError(self._gone())

    def let_go(self) -> None:
        """Tell it to end."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def end(self) -> None:
        """Wait until it has ended what it started, and end it where that takes too long."""
        self.let_go()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDS_WITHIN)
        end_group(self._process.pid)
        self._process.wait()
        self._reader.join(ENDS_WITHIN)
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()

    def _say(self, word: str) -> None:
        self.check()
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{word}\n".encode())
            self._process.stdin.flush()
        except OSError:
            raise TurnError(self._gone()) from None

    def _next(self, seconds: float) -> Line | None:
        """Return the next line; None where there will be none any more."""
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            raise EnvironmentFailure(f"the keeper of {self.name} said nothing for {seconds:.0f} s") from None

    def _gone(self) -> str:
        return f"{self.name} is not kept running any more: {last_line(self._log)}"

    def _tell(self, text: str) -> None:
        """Pass on what is being done, but not how far it has come: that may be a hundred lines."""
        if (plain := re.sub(r"[\d,]+", "#", text)) != self._told:
            self._told = plain
            tell(text)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):  # a line of another kind
                self._lines.put(msgspec.json.decode(line, type=Line))
        self._lines.put(None)


def last_line(log: Path) -> str:
    """Return the last line that says something, for a sentence about what went wrong."""
    with contextlib.suppress(OSError):
        lines = [line for line in log.read_bytes().splitlines() if line.strip()]
        if lines:
            return visible(lines[-1].strip())
    return "it said nothing"
