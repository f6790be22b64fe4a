"""Deal the steps of a case out: what one runtime wrote, every other one has to go on with and to read.

A part of the pipeline, for surfaces of files. Runtimes that leave the same bytes when each works alone may still not
work on each other's: one may remember what it wrote.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

from parity import shrink
from parity.model import Outcome, Signature, Verdict
from parity.transports import tree
from parity.transports.directories import Files, Relay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from parity.count import Count
    from parity.investigate import Investigation
    from parity.model import Case, Divergence, Observation, Probe
    from parity.tally import Tally
    from parity.transports import Askable, Transport

    Ask = Callable[[Mapping[str, Askable], list[bytes]], list[dict[str, Observation]]]
    Compare = Callable[[dict[str, Observation]], list[Divergence]]

ALONE = "alone"
"""Who stands for the runtime that takes every step itself."""
CAUSE = "interchange"
STEPS = 3  # at least: one writes, one goes on, one reads
ROLES = ("writes", "goes on", "reads")
BATCH = 32


class Interchange:
    """Every way to deal three roles out to the runtimes of a surface."""

    def __init__(
        self,
        probe: Probe,
        tally: Tally,
        transports: Mapping[str, Transport],
        ask: Ask,
        compare: Compare,
        count: Count,
        investigation: Investigation,
        is_over: Callable[[], bool],
    ) -> None:
        """Take who is asked, the first of whom all relays are held to, and how; `is_over` ends shrinking early."""
        crew = {name: way for name, way in transports.items() if isinstance(way, Files)}
        if len(crew) < 2:
            crew = {}  # there is nobody to exchange anything with
        self._probe, self._tally, self._count, self._investigation = probe, tally, count, investigation
        self._ask, self._compare, self._is_over = ask, compare, is_over
        self._crew: dict[str, Askable] = {**crew}
        self._relays: dict[str, Askable] = {
            ">".join(names): Relay((crew[names[0]], crew[names[1]], crew[names[2]]))
            for names in itertools.product(crew, repeat=len(ROLES))
        }

    def deal(self, cases: Iterable[Case]) -> Iterator[tuple[int, int]]:
        """Deal out what of the cases can be; yield how many of them are done, now and then."""
        self._tally.interchange = {name: Counter() for name in self._relays}
        dealt = list({case.input: case for case in cases if self._relays and can_be_dealt(case.input)}.values())
        for start in range(0, len(dealt), BATCH):
            batch = dealt[start : start + BATCH]
            for case, outcome in zip(batch, self._outcomes([case.input for case in batch]), strict=True):
                self._note(case, outcome)
            yield start + len(batch), len(dealt)

    def different(self, data: bytes) -> dict[str, Observation]:
        """Return those relays that do something else with an input than each runtime alone."""
        for outcome in self._outcomes([data]) if can_be_dealt(data) else ():
            return {name: seen for name, seen in outcome.observations.items() if name != ALONE}
        return {}

    def _note(self, case: Case, outcome: Outcome) -> None:
        if not outcome.observations:
            return
        for name, counts in self._tally.interchange.items():
            counts[found := _verdict(name, outcome)] += 1
            if found is Verdict.FAULT:
                self._count.fault(name, outcome.observations[name], case)
        faces: dict[Signature, Divergence] = {}
        for divergence in outcome.divergences:
            faces.setdefault(self._signature(divergence), divergence)
        for signature, divergence in faces.items():
            if signature in self._tally.findings:
                self._tally.hits[signature] += 1
            else:
                first = Outcome(outcome.input, outcome.observations, [divergence])
                smallest, minimal = self._smallest(first, signature)
                self._investigation.record(signature, case, smallest, None, minimal=minimal)

    def _outcomes(self, inputs: list[bytes], only: Sequence[str] | None = None) -> Iterator[Outcome]:
        """Yield for each input what every runtime did alone, and those relays (`only` these) that did something else.

        Nothing is observed where the runtimes are not of one mind alone: that is told by the other phases.
        """
        relays = {name: relay for name, relay in self._relays.items() if only is None or name in only}
        answers = self._ask(self._crew | relays, inputs) if self._relays else []
        for data, seen in zip(inputs, answers, strict=bool(self._relays)):
            alone = {name: seen[name] for name in self._crew}
            first = next(iter(alone.values()))
            if any(one.kind.is_fault for one in alone.values()) or self._compare(alone):
                yield Outcome(data, {}, [])
                continue
            others = {name: seen[name] for name in relays}
            observations = {ALONE: first} | {
                name: one
                for name, one in others.items()
                if one.kind.is_fault or self._compare({ALONE: first, name: one})
            }
            yield Outcome(data, observations, self._compare(observations))

    def _smallest(self, outcome: Outcome, wanted: Signature) -> tuple[Outcome, bool]:
        """Return the smallest case that shows a signature, and whether that is the end of it.

        While shrinking only those relays are asked that showed it: all of them are many.
        """
        involved = [name for group in wanted.partition for name in group]

        def shows(seen: Outcome) -> list[Divergence]:
            return [divergence for divergence in seen.divergences if self._signature(divergence) == wanted]

        def keeps(inputs: list[bytes]) -> list[bool]:
            return [can_be_dealt(seen.input) and bool(shows(seen)) for seen in self._outcomes(inputs, involved)]

        shrunk = shrink.shrink(outcome.input, keeps, self._is_over)
        smallest = next(self._outcomes([shrunk.data]))
        if not (found := shows(smallest)):
            return outcome, False
        return Outcome(shrunk.data, smallest.observations, found), shrunk.minimal

    def _signature(self, divergence: Divergence) -> Signature:
        return Signature(self._probe.surface, divergence.pattern, CAUSE, divergence.partition)


def _verdict(name: str, outcome: Outcome) -> Verdict:
    """Return what one relay came to."""
    if (seen := outcome.observations.get(name)) is None:
        return Verdict.AGREE
    return Verdict.FAULT if seen.kind.is_fault else Verdict.DIVERGE


def can_be_dealt(data: bytes) -> bool:
    """Tell whether an input has a step for each role."""
    case = tree.parse(data)
    return not isinstance(case, str) and len(case.steps) >= STEPS
