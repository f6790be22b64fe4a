"""The one module that names the stages, in the order in which a case flows.

declared probe -> cases -> drive -> normalise -> compare -> judge -> classify -> shrink -> keep. What came of it
goes to a tally, which the reports and the gate read.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter, deque
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from parity import compare, declare, drive, floor, interchange, known, normalise, recall
from parity.audit import audit
from parity.config import CONFIG
from parity.count import Count
from parity.errors import unknown
from parity.generate import cases as generate
from parity.investigate import CONTRACT, Investigation
from parity.model import Case, Kind, Observation, Origin, Outcome
from parity.processes import Processes, undisturbed
from parity.tally import Tally
from parity.testees import start as testees
from parity.testees.ways import secret_headers
from parity.transports.sequences import Sequences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from parity.config import Settings
    from parity.listener import Listener
    from parity.model import Divergence, Probe, RuntimeState

PHASES = ("known_answers", "corpus", "sweep", "explore", "audit")
FURTHER = ("interchange", "recall")
"""The phases of some probes alone, in front of the audit; each is called as what such a probe declares."""
INTERCHANGE, RECALL = FURTHER
IN_FLIGHT = 3  # batches: one being generated, one with the testees, one on the way back
EXPLORED_SHARE = 1 / 50  # of the swept cases; a case costs a hundred times as much to explore as to sweep
LEAST_EXPLORED, MOST_EXPLORED = 8, 2_000


def phases(probe: Probe) -> tuple[str, ...]:
    """Return the phases of a probe, in their order."""
    return (*PHASES[:-1], *(phase for phase in FURTHER if getattr(probe, phase)), PHASES[-1])


def check(settings: Settings) -> None:
    """Read what is committed beside the fixtures, so that a mistake there is told before anything runs.

    Raises FixtureError, and UsageError for a secret that is not in the environment, and for a planted bug that the
    contract does not list; a runtime is asked later.
    """
    known.load(settings.fixtures, settings.declared)
    floor.load(settings.fixtures)
    for name, config in settings.runtimes.items():
        secret_headers(name, config)
    plants = declare.load_plants(settings.fixtures)
    for runtime, plant in settings.plants.items():
        if plants and plant not in plants:
            raise unknown("planted bug", plant, plants, f"{settings.prefix}plant {runtime}={plant}")


class Run:
    """One run: the testees, and what each surface has come to."""

    def __init__(self, settings: Settings, listener: Listener, surfaces: int = 1) -> None:
        """Make the runtimes ready. `surfaces` is how many share the time budget. Raises ParityError."""
        self.settings, self.listener = settings, listener
        self.budget = settings.seconds / max(1, surfaces) if settings.seconds else None
        self._processes = Processes(settings.state)
        if self._processes.ended_leftovers:
            listener.tell(f"ended {self._processes.ended_leftovers} processes that a killed run had left")
        self.driver = drive.Driver()
        try:
            self.testees = testees.start(settings, self._processes, self.driver, listener.tell)
        except BaseException:
            with undisturbed():
                self.driver.close()
                self._processes.close()
            raise
        self._surfaces: dict[str, SurfaceRun] = {}

    @property
    def states(self) -> dict[str, RuntimeState]:
        """The runtimes and whether they take part."""
        return self.testees.states

    def surface(self, probe: Probe) -> SurfaceRun:
        """Return the run of one probe, the same one at every call."""
        if probe.surface not in self._surfaces:
            self._surfaces[probe.surface] = SurfaceRun(probe, self)
        return self._surfaces[probe.surface]

    def close(self) -> None:
        """End every process that the run started."""
        with undisturbed():
            self.testees.stop()
            self.driver.close()
            self._processes.close()


def read_kept(file: Path) -> tuple[str, bytes, dict[str, str]]:
    """Return surface, input and planted bugs of a kept case. Raises FixtureError."""
    return generate.read_kept(file)


class SurfaceRun:
    """One probe, phase by phase."""

    def __init__(self, probe: Probe, run: Run) -> None:
        """Read the contract and find who serves the surface. Raises FixtureError."""
        self.probe, self._run = probe, run
        self._settings = run.settings
        self.contract = declare.load_contract(probe.surface, run.settings.fixtures)
        self._places = self.contract.known_paths if probe.places is None else frozenset(probe.places)
        self._transports = run.testees.serving(
            probe.surface, writes=probe.writes or probe.sequences, sequences=probe.sequences
        )
        self._reference = next((name for name in self._transports if run.states[name].reference), None)
        self.tally = Tally(
            probe.surface,
            ", ".join(sorted({way.kind for way in self._transports.values()})) or "none",
            tuple(self._transports),
            {rule.name: 0 for rule in self.contract.rules},
            fired=Counter({normaliser.name: 0 for normaliser in probe.normalisers}),
        )
        self._count = Count(probe, self.contract, self.tally, run.settings, self._reference, run.listener.found)
        for name in run.settings.require:
            if run.states[name].status == "ready" and name not in self._transports:
                self._count.note_once(f"{name} is required and does not serve {probe.surface}")
        for name in run.testees.kept_off(probe.surface) if probe.writes or probe.sequences else ():
            self._count.note_once(
                f"{probe.surface} writes, and {name} is not the harness's own; "
                f"write allow_writes = true for {name} in {CONFIG} if that is meant"
            )
        self._seen: set[int] = set()
        self._listed = known.load(self._settings.fixtures, self._settings.declared)
        self._known, wrong = known.applicable(self._listed, probe.surface, self._transports, datetime.now(UTC).date())
        for sentence in wrong:
            self._count.note_once(sentence)
        self._investigation = Investigation(
            probe,
            run.settings,
            self.tally,
            self.ask_again,
            run.listener.found,
            lambda: self._time_is_up(1),
            self._known,
        )
        self._began = time.monotonic()

    def ask(self, data: bytes) -> Outcome:
        """Ask the testees about one input and compare, without counting or keeping anything.

        If it is that of a known answer, the contract takes part.
        """
        if not self._transports:
            return Outcome(data, {}, [])
        seen = self.ask_again([data])[0].observations
        if (expected := self._expected.get(data)) is not None:
            seen = seen | {CONTRACT: Observation(Kind.ANSWERED, expected)}
        if self.probe.interchange:
            seen = seen | self._exchange.different(data)
        return Outcome(data, seen, self._below_floor(data, seen) or self._compare(seen))

    @cached_property
    def _expected(self) -> dict[bytes, bytes]:
        """What the contract says, by the input of each known answer."""
        return {case.input: case.expected for case in self._read_known_answers() if case.expected is not None}

    def _read_known_answers(self) -> list[Case]:
        return generate.known_answers(self.probe.surface, self._settings.fixtures, frozenset(self.tally.rules))

    # ---------------------------------------------------------------- the phases

    def phase(self, name: str) -> None:
        """Run one of the probe's phases; what it finds is in the tally afterwards."""
        if name in self.tally.phases:
            return
        if len(self._transports) < 2:
            ready = ", ".join(self._transports) or "none"
            self._count.note(
                f"fewer than two runtimes serve {self.probe.surface} (ready: {ready}), so nothing was compared"
            )
            return
        try:
            getattr(self, f"_{name}")()
        except Exception as error:
            # Whoever reads the report must not take what was counted so far for the whole.
            self._count.note(
                f"{name} was ended by an error of the harness or of the probe: {type(error).__name__}: {error}"
            )
            raise
        self.tally.phases.append(name)
        self._count_declared_drift()
        self._run.listener.found(self.tally)

    def _known_answers(self) -> None:
        found = self._read_known_answers()
        if not found:
            self._count.note(f"{self.probe.surface} has no known answers")
        for rule in sorted(self.tally.rules.keys() - {rule for case in found for rule in case.rules}) if found else ():
            self._count.note(f"no known answer is about the rule {rule!r} of the contract")
        self._flow(self._new(found), "known_answers", len(found))

    def _corpus(self) -> None:
        found = generate.corpus(self.probe.surface, self._settings.fixtures)
        listed = [Case(entry.input.value(), Origin.CORPUS, entry.id) for entry in self._known.values()]
        self._flow(self._new([*found, *listed]), "corpus", len(found) + len(listed))
        for signature, found_now, causes in self._investigation.look_again():
            if (change := known.changed(self._known[signature], signature, found_now, causes)) is not None:
                self._count.note(change)

    def _sweep(self) -> None:
        count = self._settings.cases or self.probe.cases
        began = time.monotonic()
        batches = generate.sweep(self.probe.inputs, self.probe.surface, self._settings.seed, count, self._seen)
        waiting: deque[tuple[list[Case], Future[list[dict[str, Observation]]]]] = deque()
        for batch in batches:
            waiting.append((batch, self._drive(batch)))
            if len(waiting) >= IN_FLIGHT:
                self._judge(*waiting.popleft())
                self._progress("sweep", Origin.SWEPT, count)
            if self._is_over(0.8):
                break
        while waiting:
            self._judge(*waiting.popleft())
        self.tally.sweep_seconds += time.monotonic() - began
        self._progress("sweep", Origin.SWEPT, count)
        if (swept := self.tally.cases[Origin.SWEPT]) < count:
            why = (
                "it found too much"
                if self._investigation.is_full
                else "time was up"
                if self._is_over(0.8)
                else "the grammar has no more"
            )
            self.tally.remarks.append(f"swept {swept} cases of {count}: {why}")

    def _explore(self) -> None:
        count = min(
            MOST_EXPLORED,
            max(LEAST_EXPLORED, int((self._settings.cases or self.probe.cases) * EXPLORED_SHARE)),
        )

        def judge_batch(batch: list[Case]) -> bool:
            self._judge(batch, self._drive(batch))
            self._progress("explore", Origin.EXPLORED, count)
            return not self._is_over(1)

        if not self._is_over(1):
            generate.explore(self.probe.inputs, self._settings.seed, count, self._seen, judge_batch)

    def _interchange(self) -> None:
        fixed = [*self._read_known_answers(), *generate.corpus(self.probe.surface, self._settings.fixtures)]
        count = self._settings.cases or self.probe.cases
        batches = generate.sweep(self.probe.inputs, self.probe.surface, self._settings.seed, count, set())
        swept = (case for batch in batches for case in batch if interchange.can_be_dealt(case.input))
        drawn = list(itertools.islice(swept, self.probe.interchange))
        if new := self._new(drawn):
            self._judge(new, self._drive(new))  # where the sweep was left out
        for done, total in self._exchange.deal([*fixed, *drawn]):
            self._run.listener.progress(self.probe.surface, INTERCHANGE, done, total)
            if self._is_over(1):
                self.tally.remarks.append(f"dealt {done} cases of {total} out: time was up")
                break

    @cached_property
    def _exchange(self) -> interchange.Interchange:
        first = {name: way for name, way in self._transports.items() if name == self._reference}
        return interchange.Interchange(
            self.probe,
            self.tally,
            first | self._transports,
            lambda ways, inputs: self._run.driver.ask(ways, self.probe.surface, inputs).result(),
            self._compare,
            self._count,
            self._investigation,
            lambda: self._time_is_up(1),
        )

    def _below_floor(self, data: bytes, seen: dict[str, Observation]) -> list[Divergence]:
        """Return who finds too little, where an input is the one that recall is measured by."""
        if (wanted := self.probe.recall) is None or data != (made := wanted.case(self._settings.seed))[0]:
            return []
        return recall.below(wanted, recall.shares(wanted, seen, made[1]))

    def _recall(self) -> None:
        assert self.probe.recall is not None
        ask = lambda data: self.ask_again([data])[0].observations  # noqa: E731
        recall.measure(self.probe.recall, self.tally, self._settings, self._count, ask)
        self._run.listener.progress(self.probe.surface, RECALL, 1, 1)

    def _audit(self) -> None:
        """Run what has not run yet, and ask whether the whole shows anything: green only counts if it could be red."""
        for name in phases(self.probe):
            if name not in self.tally.phases and name != "audit":
                self.phase(name)
        if self.tally.total and not self.tally.rules_reported:
            self.tally.remarks.append(
                "no runtime said which rules of the contract its answers touched, so that was not audited"
            )
        for sentence in audit(self.probe, self.tally, self._settings, self._listed):
            self._count.note(sentence)

    # ---------------------------------------------------------------- how a case flows

    def _flow(self, batch: Sequence[Case], phase: str, total: int) -> None:
        if batch:
            self._judge(batch, self._drive(batch))
        self._run.listener.progress(self.probe.surface, phase, len(batch), total)

    def _drive(self, batch: Sequence[Case]) -> Future[list[dict[str, Observation]]]:
        return self._run.driver.ask(self._transports, self.probe.surface, [case.input for case in batch])

    def _judge(self, batch: Sequence[Case], answers: Future[list[dict[str, Observation]]]) -> None:
        """Take a batch through all the stages behind the drive."""
        divergent: list[tuple[Case, Outcome]] = []
        for case, observations in zip(batch, answers.result(), strict=True):
            divergences = self._compare(observations, self.tally.fired)
            contradictions = self._contradictions(case, observations)
            if divergences:
                # Who stands with the contract is told with the divergence; left is where nobody does.
                contradictions = [one for one in contradictions if (CONTRACT,) in one.partition]
            self._count.case(case, observations, divergences or contradictions)
            if divergences:
                divergent.append((case, Outcome(case.input, observations, divergences)))
            if contradictions:
                self._investigation.contradicted(case, observations, contradictions)
            if self.probe.sequences and any(seen.kind.is_fault for seen in observations.values()):
                self._investigation.faulted(case)
        if divergent:
            self._investigation.investigate(divergent)

    def _compare(self, observations: dict[str, Observation], fired: Counter[str] | None = None) -> list[Divergence]:
        """Normalise and compare what the testees did with one case; `fired` counts the normalisers of a real one."""
        rows = iter(observations.values())
        first = next(rows)
        if first.kind is Kind.ANSWERED and all(
            row.output == first.output and row.kind is Kind.ANSWERED for row in rows
        ):
            return []  # the way of nearly all cases: the same bytes from all
        if self.probe.normalisers:
            observations = normalise.normalise(
                observations, self.probe.normalisers, Counter() if fired is None else fired
            )
        return compare.compare(observations, self._places)

    def _contradictions(self, case: Case, observations: dict[str, Observation]) -> list[Divergence]:
        """Hold the runtimes to what the contract says of a known answer."""
        if case.expected is None:
            return []
        contract = {CONTRACT: Observation(Kind.ANSWERED, case.expected)}
        return self._compare(observations | contract)

    # ---------------------------------------------------------------- asking the testees again

    def ask_again(self, inputs: list[bytes]) -> list[Outcome]:
        """Ask about inputs that count for nothing but an investigation."""
        if not inputs:
            return []
        answers = self._run.driver.ask(self._transports, self.probe.surface, inputs).result()
        return [Outcome(data, seen, self._compare(seen)) for data, seen in zip(inputs, answers, strict=True)]

    # ---------------------------------------------------------------- small things

    def _count_declared_drift(self) -> None:
        for name, way in self._transports.items():
            if isinstance(way, Sequences):
                for adapter in self._settings.runtimes[name].adapters:
                    if adapter.surface == self.probe.surface:
                        self.tally.declared[name, adapter.name] = way.adapted[adapter.surface, adapter.name]

    def _new(self, cases: Iterable[Case]) -> list[Case]:
        new = []
        for case in cases:
            if (fingerprint := hash(case.input)) not in self._seen:
                self._seen.add(fingerprint)
                new.append(case)
        return new

    def _progress(self, phase: str, origin: Origin, total: int) -> None:
        self._run.listener.progress(self.probe.surface, phase, self.tally.cases[origin], total)

    def _is_over(self, share: float) -> bool:
        return self._time_is_up(share) or self._investigation.is_full

    def _time_is_up(self, share: float) -> bool:
        budget = self._run.budget
        return budget is not None and time.monotonic() - self._began > budget * share
