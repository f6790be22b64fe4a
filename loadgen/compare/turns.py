"""What a comparison needs of the world: runtimes that keep running, and a load run against one of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from parity.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadgen.compare.plan import Plan
    from loadgen.summary import Summary


class Bench(Protocol):
    """The runtimes, kept running from `start` to `close`."""

    def start(self, name: str) -> None:
        """Start a runtime, and return once its workers are in. Raises EnvironmentFailure, or UsageError."""

    def turn(self, name: str, label: str, seed: int) -> Summary:
        """Put a runtime under load once, and return what that came to. Raises TurnError, or KeyboardInterrupt."""

    def close(self) -> None:
        """End everything that was started. It may be called at any time, and more than once."""


class TurnError(EnvironmentFailure):
    """A turn that says nothing, since the runtime or the environment failed."""


class VacuousTurnError(TurnError):
    """A turn that ran and showed nothing, as where a scenario never came up."""

    exit_code = 5


if TYPE_CHECKING:
    Opener = Callable[[Plan], Bench]
