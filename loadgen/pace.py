"""When the next scenario is due, in an open run: users of the real world do not wait for each other's answers.

A free user takes the next arrival. If none was free when it was due, it starts late, and its latency counts from when
it was due: what a slow server makes everybody wait is part of what they see.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NAP = 0.1
"""Seconds between two looks at a rate of zero."""


class Arrivals:
    """Evenly spaced arrivals, at a rate that may change."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Begin without any; `clock` tells seconds."""
        self._clock = clock
        self._rate = 0.0
        self._next = clock()
        self.skipped = 0

    def change(self, rate: float, *, forget: bool = False) -> None:
        """Go on with so many a second. With `forget`, arrivals that wait since before are not made up for."""
        now = self._clock()
        if forget and self._rate and self._next < now:
            self.skipped += int((now - self._next) * self._rate)
        if forget or not self._rate:
            self._next = now
        elif rate and self._next > now:
            # The gap that is running was cut for the old rate: of a slow one the next arrival could be far away.
            self._next = now + (self._next - now) * self._rate / rate
        self._rate = rate

    def take(self) -> float | None:
        """Return when the next arrival is due, which may be in the past; None while there are none."""
        if not self._rate:
            return None
        due = self._next
        self._next = due + 1 / self._rate
        return due


class Account:
    """What was asked for: the level at each second of the run, and of an open run the sum."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Begin with nothing; `clock` tells seconds."""
        self._clock = clock
        self._began = self._since = clock()
        self._level = self._sum = 0.0
        self.by_second: dict[int, float] = {}

    def set(self, level: float) -> None:
        """Take note that from now on so much is asked for."""
        now = self._clock()
        self._sum += self._level * (now - self._since)
        self._level, self._since = level, now
        self.by_second[int(now - self._began)] = level

    def look(self) -> None:
        """Take note of the level at this second."""
        self.set(self._level)

    @property
    def asked(self) -> float:
        """How much was asked for until now: the level over time."""
        return self._sum + self._level * (self._clock() - self._since)
