"""The search for the capacity in time: a rate, some seconds for it to settle, a look at the rest, the next rate."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from loadgen.shapes import Search

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadgen.ledger import Ledger
    from loadgen.shapes import Demand

SETTLING = 0.25
"""Of a step: what still runs of the one before is not this one's."""


class Steps:
    """One step after the other, until the search is over."""

    def __init__(
        self,
        first: float,
        demand: Demand,
        length: float,
        book: Ledger,
        limit: Callable[[], str],
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Take the first rate, what it has to keep to, and the seconds of a step.

        `limit` says why the generator, and not the server, bounds what is measured; empty where it does not.
        """
        self.search = Search(first, demand)
        self._length, self._book, self._limit, self._tell, self._clock = length, book, limit, tell, clock
        self._began: float | None = None
        self._looks_since = clock()
        self._is_settled = False

    def next_rate(self, seconds: float) -> float | None:
        """Return the rate to change to at that second of the run; None where it stays. `search.is_over` ends it."""
        if self._began is None or seconds - self._began >= self._length:
            if self._began is not None:
                self._judge()
            self._began, self._is_settled = seconds, False
            self._look_from_here()
            return None if self.search.is_over else self.search.rate
        if not self._is_settled and seconds - self._began >= self._length * SETTLING:
            self._is_settled = True
            self._look_from_here()
        return None

    def _look_from_here(self) -> None:
        self._book.take_window()
        self._looks_since = self._clock()

    def _judge(self) -> None:
        looked = self._clock() - self._looks_since
        window = self._book.take_window()
        p99 = window.percentile(99)
        self.search.judge(window.count, window.failures, looked, p99, limited=self._limit())
        step = self.search.steps[-1]
        held = "held" if step.held else "did not hold"
        shown = "nothing ended" if p99 is None else f"p99 {p99:,.0f} ms"
        self._tell(f"{step.rate:,.1f} a second {held}: {step.achieved:,.1f} ended well, {shown}")
