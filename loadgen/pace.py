"""When the next scenario is due, in an open run: users of the real world do not wait for each other's answers.

Free users stand in line for the next arrival. If none was free when it was due, it starts late, and its latency counts
from when it was due: what a slow server makes everybody wait is part of what they see.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

import gevent
from gevent.lock import BoundedSemaphore

if TYPE_CHECKING:
    from collections.abc import Callable

NAP = 0.1
"""Seconds between two looks at the rate, of whoever stands first in line: it may have changed."""


class Arrivals:
    """Evenly spaced arrivals, at a rate that may change."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Begin without any; `clock` tells seconds."""
        self._clock = clock
        self._rate = 0.0
        self._next = clock()
        self._left = 0.0
        """Of the gap that was running when the rate changed, the share that was left: it was cut for the old rate."""
        self._waiting: deque[float] = deque()
        """Those that were due before the rate changed, and that nobody has taken."""
        self._line = BoundedSemaphore()

    def change(self, rate: float, *, forget: bool = False) -> None:
        """Go on with so many a second. With `forget`, arrivals that wait since before are not made up for."""
        now = self._clock()
        if forget:
            self._waiting.clear()
            self._left = 0.0
        elif self._rate:
            while self._next <= now:
                self._waiting.append(self._next)
                self._next += 1 / self._rate
            self._left = (self._next - now) * self._rate
        self._rate = rate
        if rate:
            self._next = now + self._left / rate

    @property
    def due(self) -> float | None:
        """When the next arrival is due, which may be in the past; None while there are none."""
        if self._waiting:
            return self._waiting[0]
        return self._next if self._rate else None

    def take(self) -> float | None:
        """Return when the next arrival is due, and go on to the one behind it."""
        due = self.due
        if self._waiting:
            self._waiting.popleft()
        elif due is not None:
            self._next = due + 1 / self._rate
        return due

    def wait(self) -> float:
        """Stand in line until an arrival is due; return when it was.

        Only the first in line looks at the clock, and takes nothing before its time: what many free users had taken in
        advance would still come at the old rate when the rate has changed.
        """
        with self._line:
            while (due := self.due) is None or due > self._clock():
                gevent.sleep(NAP if due is None else min(NAP, max(0.0, due - self._clock())))
            self.take()
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
        for second in range(int(self._since - self._began) + 1, int(now - self._began)):
            self.by_second[second] = self._level  # nobody looked in that one
        self._level, self._since = level, now
        self.by_second[int(now - self._began)] = level

    @property
    def level(self) -> float:
        """What is asked for now."""
        return self._level

    def stop(self) -> None:
        """Ask for nothing more: what comes after the end of a run is none of it."""
        self.set(self._level)
        self._level = 0.0

    @property
    def asked(self) -> float:
        """How much was asked for until now: the level over time."""
        return self._sum + self._level * (self._clock() - self._since)
