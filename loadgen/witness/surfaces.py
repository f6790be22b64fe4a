"""One surface under load: the other runtimes asked about a sample's case, and their answers beside its own."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from loadgen.samples import OK
from parity import compare, declare, judge, normalise
from parity.model import Divergence, Kind, Observation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.samples import Sample
    from parity.model import Probe
    from parity.pipeline import Run

ALONE = "/steps/0"
"""Where the one answer stands that is compared of a sequence."""
UNFIT = "unfit"
"""What went wrong where a runtime does not get as far as the call that was sampled."""


class Fault(NamedTuple):
    """Why there is no answer of a runtime to compare."""

    runtime: str
    kind: str
    detail: str


class Judged(NamedTuple):
    """What comparing one sample came to."""

    compared: bool
    """Whether any other runtime gave an answer."""
    divergences: list[Divergence]
    faults: list[Fault]
    fits: bool = True
    """Whether an answer that all gave fits the contract's schema: to fail alike is no match."""


class Surface:
    """The other runtimes on one surface."""

    def __init__(self, probe: Probe, run: Run, under: str) -> None:
        """Find who serves the surface. `under` is who is loaded. Raises FixtureError."""
        self.ways = run.testees.serving(
            probe.surface, writes=probe.writes or probe.sequences, sequences=probe.sequences
        )
        self._contract = declare.load_contract(probe.surface, run.settings.fixtures)
        self._probe, self._driver = probe, run.driver
        self._under = f"{under} (under load)" if under in self.ways else under

    def ask(self, samples: Sequence[Sample]) -> Future[list[dict[str, Observation]]]:
        """Ask the others about the cases; the future holds for each what each of them did."""
        if not self.ways:
            nobody: Future[list[dict[str, Observation]]] = Future()
            nobody.set_result([{} for _ in samples])
            return nobody
        return self._driver.ask(self.ways, self._probe.surface, [sample.case for sample in samples])

    def judge(self, sample: Sample, seen: dict[str, Observation]) -> Judged:
        """Compare what the others did with what was observed under load, in the harness's own way."""
        faults = [] if seen else [Fault("the others", "absent", f"none of them serves {self._probe.surface}")]
        answers: dict[str, Observation] = {}
        for runtime, observation in seen.items():
            if observation.kind is not Kind.ANSWERED:
                faults.append(Fault(runtime, observation.kind, observation.detail))
            elif not self._probe.sequences:
                answers[runtime] = observation
            elif isinstance(last := last_step(observation.output), str):
                faults.append(Fault(runtime, UNFIT, last))
            else:
                answers[runtime] = Observation(Kind.ANSWERED, last)
        if not answers:
            return Judged(compared=False, divergences=[], faults=faults)
        own = b'{"steps":[%b]}' % sample.observed if self._probe.sequences else sample.observed
        divergences = self._compare(answers | {self._under: Observation(Kind.ANSWERED, own)})
        fits = bool(divergences) or judge.worth(own, self._contract.is_valid, self._probe.accepted).valid
        return Judged(compared=True, divergences=divergences, faults=faults, fits=fits)

    def _compare(self, observations: dict[str, Observation]) -> list[Divergence]:
        if len({observation.output for observation in observations.values()}) == 1:
            return []  # the way of nearly all samples
        observations = normalise.normalise(observations, self._probe.normalisers, Counter())
        found = compare.compare(observations, self._contract.known_paths)
        return [_outside(one) for one in found] if self._probe.sequences else found


def last_step(output: bytes) -> bytes | str:
    """Return what was observed of a sequence, with its last answer alone, each byte as it was.

    A sentence where a call before that was not answered with 200, so that the last one shows nothing.
    """
    steps = msgspec.json.decode(output, type=_Sequence).steps
    for number, step in enumerate(steps[:-1], 1):
        if (status := msgspec.json.decode(step, type=_Step).status) != OK:
            return f"call {number} was answered with {status}"
    return b'{"steps":[%b]}' % bytes(steps[-1])


class _Sequence(msgspec.Struct):
    steps: list[msgspec.Raw]


class _Step(msgspec.Struct):
    status: int


def _outside(divergence: Divergence) -> Divergence:
    """Return a divergence with the place that it has in the answer itself."""
    return msgspec.structs.replace(divergence, path=divergence.path.removeprefix(ALONE))
