"""What the processes of the generator counted, brought together; and what of it is missing, which is never silent."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event

from loadgen.meter import limit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loadgen.ledger import Ledger
    from loadgen.meter import Meter

LAST_WORDS = 20.0
"""Seconds that workers have for their last report."""
MOST_LOST = 10


class Outbox:
    """What a worker has sent; with each report goes the sum of all, by which the other side sees what it lacks."""

    def __init__(self) -> None:
        self.sent = 0

    def report(self, book: Ledger, meter: Meter, lost: list[str], *, last: bool) -> dict[str, Any]:
        """Return a report as what can be sent."""
        self.sent += book.count
        busy = {"cpu": meter.cpu, "lately": meter.lately()}
        return {"counts": book.packed(), "count": book.count, "total": self.sent, "last": last, "lost": lost} | busy

    def take_back(self, report: dict[str, Any], book: Ledger) -> None:
        """Put what could not be sent back into the book: it goes with the next report."""
        self.sent -= report["count"]
        book.absorb(report["counts"])


class Gathered:
    """What all processes counted; where there is one alone, what that did."""

    def __init__(self, book: Ledger, workers: Iterable[str]) -> None:
        """Take the book that all is added to, and the names of those who will report."""
        self.book = book
        self.lost: list[str] = []
        """What is missing, or broke in the generator itself, a sentence each."""
        self.cpus: dict[str, float] = {}
        """Of each process the share of a core that it was busy."""
        self._lately: dict[str, float] = {}
        self._expected = list(workers)
        self._last: dict[str, Event] = defaultdict(Event)
        self._totals: dict[str, tuple[int, int]] = {}

    def take(self, worker: str, report: dict[str, Any]) -> None:
        """Add up what a worker counted."""
        self.book.absorb(report["counts"])
        self.look(worker, report["cpu"], report["lately"])
        absorbed = self._totals.get(worker, (0, 0))[0]
        self._totals[worker] = absorbed + report["count"], report["total"]
        for sentence in report["lost"]:
            self.lose(sentence)
        if report["last"]:
            self._last[worker].set()

    def look(self, process: str, cpu: float, lately: float) -> None:
        """Take note of how busy a process was, on average and since the last time."""
        self.cpus[process], self._lately[process] = cpu, lately

    @property
    def limit(self) -> str:
        """Why the generator bounds what was measured last; empty where it does not."""
        return limit(self._lately)

    def lose(self, sentence: str) -> None:
        """Take note of something that is missing."""
        if sentence not in self.lost and len(self.lost) < MOST_LOST:
            self.lost.append(sentence)

    def hear_last_words(self) -> None:
        """Wait until every worker has sent its last report; what never came is lost, since the sum lacks it."""
        with gevent.Timeout(LAST_WORDS, exception=False):
            for worker in self._expected:
                self._last[worker].wait()
        missing = [worker for worker in self._expected if not self._last[worker].is_set()]
        if missing:
            self.lose(f"{len(missing)} generator processes never sent their last counts")
        if lacking := sum(total - absorbed for absorbed, total in self._totals.values()):
            self.lose(f"{lacking:,} scenarios that generator processes counted never came")
