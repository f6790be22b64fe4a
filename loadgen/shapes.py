"""How much is asked for at each second of a run: users of a closed one, arrivals a second of an open one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from loadgen.summary import Capacity, Step

if TYPE_CHECKING:
    from collections.abc import Callable

SPIKE = 3.0
"""How many times the usual load a spike is."""


def constant(_: float) -> float:
    """Return the same all the time."""
    return 1.0


def ramp(progress: float) -> float:
    """Return more from nothing to all of it, evenly."""
    return progress


def spike(progress: float) -> float:
    """Return the usual load, and three times as much in the middle fifth."""
    return SPIKE if 0.4 <= progress < 0.6 else 1.0


SHAPES: dict[str, Callable[[float], float]] = {"constant": constant, "ramp": ramp, "spike": spike, "soak": constant}
"""Each as the share of the load at a progress of 0 to 1. A soak is long, and memory is judged by its growth."""
FIND_CAPACITY = "find-capacity"


class Demand(NamedTuple):
    """What a rate has to keep to so that it counts as held."""

    p99_ms: float
    failures: float
    achieved: float = 0.95


class Search:
    """The search for the highest rate that holds: doubled until one does not, then halved in between.

    A rate that fails is tried once more before it counts, since a noisy machine fails one now and then.
    """

    def __init__(self, first: float, demand: Demand, precision: float = 0.05) -> None:
        """Begin at a rate; `precision` is how near, as a share, the answer has to be."""
        self._demand, self._precision = demand, precision
        self.rate = first
        self.steps: list[Step] = []
        self._held: float | None = None
        self._failed: float | None = None
        self._again = self._is_limited = False
        self.why = ""

    @property
    def is_over(self) -> bool:
        """Whether the answer is found."""
        return bool(self.why)

    def judge(self, count: int, failures: int, seconds: float, p99: float | None, *, limited: str = "") -> None:
        """Take what a step at `rate` came to, and go on to the next rate.

        `limited` says why the generator could not do more; then the search ends, since a higher rate would measure it.
        """
        achieved = (count - failures) / seconds if seconds else 0.0
        share = failures / count if count else 1.0
        held = (
            count > 0
            and p99 is not None
            and p99 <= self._demand.p99_ms
            and share <= self._demand.failures
            and achieved >= self.rate * self._demand.achieved
        )
        self.steps.append(Step(self.rate, achieved, share, p99, held))
        if limited:
            if held:
                self._held = self.rate
            self.why = f"the generator was the limit, and not the server: {limited}"
            self._is_limited = True
            return
        if held:
            self._held, self._again = self.rate, False
        elif not self._again:
            self._again = True
            return
        else:
            self._failed, self._again = self.rate, False
        self._go_on()

    def _go_on(self) -> None:
        if self._failed is None:
            self.rate *= 2
        elif self._held is None:
            self.rate /= 2
            if self.rate < LEAST_RATE:
                self.why = f"not even {self._failed:g} a second held"
        elif self._failed / self._held - 1 <= self._precision:
            self.why = f"{self._held:g} a second held, and {self._failed:g} did not"
        else:
            self.rate = (self._held * self._failed) ** 0.5

    def found(self) -> Capacity:
        """Return what it came to."""
        why = self.why or "the run ended before the search did"
        return Capacity(self._held, self._demand.p99_ms, self._demand.failures, self.steps, why, self._is_limited)


LEAST_RATE = 0.5
