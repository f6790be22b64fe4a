"""What happened, counted so that it can be added up: every generator process has a ledger, and they merge exactly.

Latencies go to HDR histograms, of which each bucket is a count: merging adds them, and no percentile is ever averaged.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
from hdrh.histogram import HdrHistogram

from loadgen import samples
from loadgen.summary import KINDS, Class, Example, Latency, Second

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loadgen.samples import Sample

LONGEST = 3_600_000_000
"""Microseconds that a histogram can hold; more counts as this."""
DIGITS, DIGITS_OF_A_SECOND = 3, 2
MOST_EXAMPLES = 3
"""Failures of one kind in one scenario that are told as they were met."""
MOST_LOOKED_AT = 100
"""Failures of a kind among which other ones than the first are looked for; later ones cost nothing."""
LONGEST_TOLD = 2_000
MOST_SAMPLES = 500
"""Answers that wait to be compared; what comes beyond is dropped, and counted."""


class Entry:
    """One scenario, or one call."""

    def __init__(self, digits: int = DIGITS) -> None:
        self.count = 0
        self.kinds: Counter[str] = Counter()
        self.histogram = HdrHistogram(1, LONGEST, digits)
        self.examples: list[Example] = []

    def add(self, microseconds: float, failure: Example | None) -> None:
        """Count one that ended."""
        self.count += 1
        self.histogram.record_value(min(max(1, round(microseconds)), LONGEST))
        if failure is not None:
            self.kinds[failure.kind] += 1
            if self.kinds[failure.kind] <= MOST_LOOKED_AT:
                self._tell(failure)

    def _tell(self, failure: Example) -> None:
        """Keep a failure as an example, unless there is one like it or there are enough of its kind."""
        told = sum(example.kind == failure.kind for example in self.examples)
        if told < MOST_EXAMPLES and failure not in self.examples:
            self.examples.append(failure)

    @property
    def failures(self) -> int:
        """How many failed."""
        return self.kinds.total()

    def merge(self, other: Entry) -> None:
        """Add another one to it."""
        self.count += other.count
        self.histogram.add(other.histogram)
        self.kinds.update(other.kinds)
        for example in other.examples:
            self._tell(example)

    def percentile(self, percent: float) -> float | None:
        """Return a percentile in milliseconds; None of nothing."""
        return self.histogram.get_value_at_percentile(percent) / 1000 if self.count else None

    def latency(self) -> Latency | None:
        """Return the percentiles; None of nothing."""
        if not self.count:
            return None
        at = self.histogram.get_value_at_percentile
        return Latency(*(at(percent) / 1000 for percent in (50, 95, 99, 99.9, 100)))

    def described(self, name: str, *, passed: bool = False, seconds: float | None = None) -> Class:
        """Return it as the summary has it; `seconds` is how long it had its turn, where there were turns."""
        kinds = {kind: self.kinds[kind] for kind in KINDS}
        return Class(name, self.count, self.failures, kinds, self.latency(), passed, self.examples, seconds)

    def packed(self) -> dict[str, Any]:
        """Return it as what can be sent."""
        examples = [msgspec.to_builtins(example) for example in self.examples]
        histogram = self.histogram.encode().decode()
        return {"count": self.count, "kinds": dict(self.kinds), "histogram": histogram, "examples": examples}

    @staticmethod
    def unpacked(data: dict[str, Any]) -> Entry:
        """Return what `packed` made into that."""
        entry = Entry.__new__(Entry)
        entry.count, entry.kinds = data["count"], Counter(data["kinds"])
        entry.histogram = HdrHistogram.decode(data["histogram"])
        entry.examples = msgspec.convert(data["examples"], list[Example])
        return entry


class Ledger:
    """Everything that is counted in one process, or of all of them together."""

    def __init__(self) -> None:
        self.scenarios: dict[str, Entry] = {}
        self.calls: dict[str, Entry] = {}
        self.seconds: dict[int, Entry] = {}
        self.window = Entry()
        """All scenarios since somebody last asked: what the search for the capacity judges."""
        self.statuses: Counter[str] = Counter()
        self.late = 0
        """Arrivals that found no free user, and had to wait for one."""
        self.lag = Entry()
        """How late the generator itself woke up."""
        self.samples: list[bytes] = []
        self.dropped = 0

    @property
    def count(self) -> int:
        """How many scenarios ended."""
        return sum(entry.count for entry in self.scenarios.values())

    def scenario(self, name: str, second: int, microseconds: float, failure: Example | None) -> None:
        """Count a scenario that ended in that second of the run."""
        _of(self.scenarios, name).add(microseconds, failure)
        _of(self.seconds, second, DIGITS_OF_A_SECOND).add(microseconds, failure)
        self.window.add(microseconds, failure)

    def call(self, name: str, microseconds: float, status: str, failure: Example | None = None) -> None:
        """Count a call; `status` is what the answer is counted by, `none` where none came."""
        _of(self.calls, name).add(microseconds, failure)
        self.statuses[status] += 1

    def sample(self, sample: Sample | None) -> None:
        """Keep an answer that is to be compared, if it can be."""
        if sample is None:
            return
        if len(self.samples) < MOST_SAMPLES:
            self.samples.append(samples.encode(sample))
        else:
            self.dropped += 1

    def packed(self) -> dict[str, Any]:
        """Return all of it as what can be sent."""
        return {
            "scenarios": {name: entry.packed() for name, entry in self.scenarios.items()},
            "calls": {name: entry.packed() for name, entry in self.calls.items()},
            "seconds": {str(second): entry.packed() for second, entry in self.seconds.items()},
            "window": self.window.packed(),
            "statuses": dict(self.statuses),
            "late": self.late,
            "lag": self.lag.packed(),
            "samples": self.samples,
            "dropped": self.dropped,
        }

    def absorb(self, sent: dict[str, Any]) -> None:
        """Add what another ledger has packed."""
        for into, entries in ((self.scenarios, sent["scenarios"]), (self.calls, sent["calls"])):
            for name, packed in entries.items():
                _of(into, name).merge(Entry.unpacked(packed))
        for second, packed in sent["seconds"].items():
            _of(self.seconds, int(second), DIGITS_OF_A_SECOND).merge(Entry.unpacked(packed))
        self.window.merge(Entry.unpacked(sent["window"]))
        self.lag.merge(Entry.unpacked(sent["lag"]))
        self.statuses.update(sent["statuses"])
        self.late += sent["late"]
        self.samples.extend(sent["samples"])
        self.dropped += sent["dropped"]

    def take_window(self) -> Entry:
        """Return all scenarios since the last time."""
        window, self.window = self.window, Entry()
        return window

    def take_samples(self) -> list[bytes]:
        """Return the answers that wait to be compared."""
        taken, self.samples = self.samples, []
        return taken

    def timeline(self, seconds: float, levels: dict[int, float]) -> Iterator[Second]:
        """Yield each second of a run of so many, those in which nothing ended too."""
        for second in range(max(int(seconds), max(self.seconds, default=-1) + 1)):
            entry = self.seconds.get(second) or Entry(DIGITS_OF_A_SECOND)
            p50, p99 = entry.percentile(50), entry.percentile(99)
            # The clocks of workers begin a little apart, so that one may have a second more than who sets the level.
            at = second - 1 if second - 1 == max(levels, default=second) else second
            yield Second(second, entry.count, entry.failures, p50, p99, levels.get(at))


def _of(entries: dict[Any, Entry], name: str | int, digits: int = DIGITS) -> Entry:
    entry = entries.get(name)
    if entry is None:
        entry = entries[name] = Entry(digits)
    return entry


def example(kind: str, call: str, why: str) -> Example:
    """Return a failure as it is told, no longer than a reader needs."""
    return Example(kind, call, why[:LONGEST_TOLD])
