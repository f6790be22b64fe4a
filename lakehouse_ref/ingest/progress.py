"""How far something has come: one line that moves on a terminal, a few plain lines in a pipe."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sized
    from typing import TextIO

    Batch = TypeVar("Batch", bound=Sized)

OFTEN = 0.1  # seconds between two states of the line that moves
STEPS = 10  # plain lines, at most


class Progress:
    """Tells on standard error how many of so many rows have been done."""

    def __init__(self, what: str, total: int, stream: TextIO | None = None) -> None:
        self.what, self.total = what, total
        self.stream = sys.stderr if stream is None else stream
        self.moving = self.stream.isatty()
        self.began = self.told = time.monotonic()
        self.step = 0

    def over(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yield the batches, and tell of each when the next one is asked for: then it has been dealt with."""
        done = 0
        try:
            for batch in batches:
                yield batch
                done += len(batch)
                self.tell(done)
        finally:
            if self.moving:
                self.stream.write("\n")

    def tell(self, done: int) -> None:
        """Say how many are done, where it is time to."""
        now = time.monotonic()
        if self.moving:
            if now - self.told >= OFTEN or done >= self.total:
                self.told = now
                self.stream.write(f"\r\x1b[K{self.line(done, now)}")
                self.stream.flush()
        elif (step := done * STEPS // max(self.total, 1)) > self.step:
            self.step = step
            self.stream.write(f"{self.line(done, now)}\n")
            self.stream.flush()

    def line(self, done: int, now: float) -> str:
        """Return how far it is, and how fast."""
        rate = done / max(now - self.began, 1e-9)
        return f"{self.what}: {done:,} of {self.total:,} rows, {rate:,.0f} a second"
