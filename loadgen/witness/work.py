"""The work: samples out of the inbox, to the other runtimes in batches, several on their way at once, and compared."""

from __future__ import annotations

import time
from concurrent import futures
from typing import TYPE_CHECKING, NamedTuple

from loadgen.samples import NoSampleError, Sample, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from loadgen.witness.findings import Findings
    from loadgen.witness.inbox import Inbox
    from loadgen.witness.surfaces import Surface
    from parity.model import Observation

BATCH = 64
IN_FLIGHT = 4  # batches: with two surfaces one of each is being asked and one waits its turn
TICK = 0.25  # seconds after which it looks whether it is to end
PROGRESS = 1.0  # seconds between two lines of progress, at least


class _Batch(NamedTuple):
    surface: Surface
    samples: list[Sample]
    answers: futures.Future[list[dict[str, Observation]]]


class Work:
    """Compares what comes until nothing more does."""

    def __init__(self, surfaces: Mapping[str, Surface], inbox: Inbox, findings: Findings) -> None:
        self._surfaces, self._inbox, self._findings = surfaces, inbox, findings
        self._flying: list[_Batch] = []

    def go_on(self, is_to_end: Callable[[], bool], patience: float, progress: Callable[[dict[str, int]], None]) -> None:
        """Compare until the input ends, or it is to end; from then on so many seconds more at most.

        What is left then counts as dropped.
        """
        until: float | None = None
        told, counts = time.monotonic(), self._counts()
        while until is None or time.monotonic() < until:
            if is_to_end():
                self._inbox.close()
            if until is None and self._inbox.is_closed:
                until = time.monotonic() + patience
            self._send()
            if self._flying:
                self._receive(TICK if until is None else min(TICK, max(0.0, until - time.monotonic())))
            elif until is not None:
                break  # nothing waits, and nothing more comes
            else:
                self._inbox.wait(TICK)
            if time.monotonic() - told >= PROGRESS and (now := self._counts()) != counts:
                told, counts = time.monotonic(), now
                progress(counts)
        self._inbox.end(sum(len(batch.samples) for batch in self._flying))

    def _send(self) -> None:
        while len(self._flying) < IN_FLIGHT and (lines := self._inbox.take(BATCH)):
            samples: dict[str, list[Sample]] = {}
            for line in lines:
                try:
                    sample = decode(line)
                except NoSampleError as error:
                    self._findings.garbage(str(error))
                else:
                    samples.setdefault(sample.surface, []).append(sample)
            for name, some in samples.items():
                surface = self._surfaces[name]
                self._flying.append(_Batch(surface, some, surface.ask(some)))

    def _receive(self, seconds: float) -> None:
        """Compare the batches that are back, or come back in so many seconds."""
        back, _ = futures.wait([batch.answers for batch in self._flying], seconds, futures.FIRST_COMPLETED)
        for batch in [batch for batch in self._flying if batch.answers in back]:
            self._flying.remove(batch)
            for sample, seen in zip(batch.samples, batch.answers.result(), strict=True):
                self._findings.judged(sample, batch.surface.judge(sample, seen))

    def _counts(self) -> dict[str, int]:
        return {
            "sampled": self._inbox.came,
            "compared": self._findings.compared,
            "dropped": self._inbox.dropped,
            "differing": self._findings.differing,
        }
