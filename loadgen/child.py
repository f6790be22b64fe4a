"""A helper process of a load run, which speaks lines of JSON: the keeper of a runtime, or the witness."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import gevent
import gevent.subprocess
import msgspec

from parity.errors import EnvironmentFailure, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SEND = 1.0
"""Seconds in which it has to hear a line: the load must not wait for it."""
PATIENCE = 30.0
"""Seconds that it has to end by itself once nobody speaks to it any more."""


class Child:
    """A process that is ended by ending its standard input."""

    def __init__(self, module: str, arguments: Sequence[str]) -> None:
        """Start `python -m module arguments`; its standard error is ours."""
        self._module = module
        self._is_stuck = False
        self._process = gevent.subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # an interruption is this process's to deal with
        )

    def send(self, line: bytes) -> bool:
        """Write a line; return whether it went out: nobody may be there any more, or hear."""
        if self._is_stuck:
            return False
        try:
            with gevent.Timeout(SEND):
                self._process.stdin.write(line)
                self._process.stdin.flush()
        except (OSError, ValueError):
            return False
        except gevent.Timeout:
            self._is_stuck = True  # half of the line may be out, so that nothing can follow
            return False
        return True

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield what it says until it ends."""
        for line in self._process.stdout:
            with contextlib.suppress(msgspec.DecodeError):
                yield msgspec.json.decode(line, type=dict[str, Any])

    def wait_for(self, name: str, tell: Callable[[str], None], seconds: float | None = None) -> Any:  # noqa: ANN401 - the caller knows
        """Return the member of that name once a line has it; `tell` hears of what goes on until then.

        Raises UsageError and EnvironmentFailure where it says that it cannot, or ends, or is silent for too long.
        """
        with gevent.Timeout(seconds, EnvironmentFailure(f"{self._module} said nothing for {seconds} s")):
            for line in self.lines():
                if name in line:
                    return line[name]
                if "tell" in line:
                    tell(str(line["tell"]))
                if "error" in line:
                    raise (UsageError if line.get("exit_code") == 2 else EnvironmentFailure)(str(line["error"]))
        raise EnvironmentFailure(f"{self._module} ended before it said what was wanted")

    def finish(self) -> None:
        """Say that nothing more comes."""
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.close()

    def close(self) -> None:
        """End it, by force where it does not end by itself."""
        self.finish()
        with contextlib.suppress(gevent.subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
            return
        self._process.kill()
        self._process.wait()
