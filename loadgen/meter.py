"""Whether the generator itself keeps up: how busy its core is, and how late it wakes up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import gevent

from loadgen.summary import Generator

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadgen.ledger import Entry, Ledger

PULSE = 0.02
"""Seconds between two times at which it should wake up."""
BUSY = 0.9
"""Of a core: what is busier has no time left to ask more, or to look at its clock when an answer comes."""
LATE = 10.0
"""Milliseconds: later than this, and later than half of the p99 that was measured, is too late."""


class Meter:
    """The look of one process at itself."""

    def __init__(self) -> None:
        self._began = self._looked = time.perf_counter()
        self._worked = self._worked_then = time.process_time()

    def run(self, book: Callable[[], Ledger]) -> None:
        """Wake up again and again, and count how late that was; kill the greenlet to end it."""
        while True:
            due = time.perf_counter() + PULSE
            gevent.sleep(PULSE)
            book().lag.add((time.perf_counter() - due) * 1e6, None)

    @property
    def cpu(self) -> float:
        """Cores that the process kept busy since it began, on average."""
        passed = time.perf_counter() - self._began
        return (time.process_time() - self._worked) / passed if passed > 0 else 0.0

    def lately(self) -> float:
        """Return the cores that the process kept busy since somebody last asked for this."""
        looked, worked = self._looked, self._worked_then
        self._looked, self._worked_then = time.perf_counter(), time.process_time()
        passed = self._looked - looked
        return (self._worked_then - worked) / passed if passed > 0 else 0.0


def limit(cpus: dict[str, float]) -> str:
    """Return why processes that are so busy are the limit; empty where they are not. `cpus` are shares of a core."""
    cpu = max(cpus.values(), default=0.0)
    if cpu < BUSY:
        return ""
    return f"its process was busy {cpu:.0%} of the time; more of them (--processes) would ask more"


def assess(cpus: dict[str, float], lag: Entry, p99: float | None) -> Generator:
    """Return whether the processes kept up; `p99` is what they measured, in milliseconds."""
    late, why = lag.percentile(99) or 0.0, limit(cpus)
    if not why and p99 is not None and late > LATE and late > p99 / 2:
        why = f"it woke up {late:.0f} ms late at the p99, which is much of the {p99:.0f} ms that it measured"
    return Generator(len(cpus), max(cpus.values(), default=0.0), late, bool(why), why)
