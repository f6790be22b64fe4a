"""Count what the testees did with each case, and take down faults and whatever else keeps a surface from green.

A part of the pipeline: what becomes of every case, whether anything diverges in it or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity import corpus, judge
from parity.model import Fault, Kind, Observation, Origin, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.config import Settings
    from parity.model import Case, Contract, Divergence, Probe
    from parity.tally import Tally

MOST_FAULTS = 20  # that are kept with case and log; further ones are counted
MOST_NOTES = 20


class Count:
    """The counts of one surface."""

    def __init__(
        self,
        probe: Probe,
        contract: Contract,
        tally: Tally,
        settings: Settings,
        reference: str | None,
        found: Callable[[Tally], None],
    ) -> None:
        """Take the runtime that says which rules a case touched, and who hears of each fault and note (`found`)."""
        self._probe, self._contract, self._tally, self._settings = probe, contract, tally, settings
        self._reference, self._found = reference, found

    def case(self, case: Case, observations: dict[str, Observation], divergences: list[Divergence]) -> None:
        """Count one case."""
        tally = self._tally
        tally.cases[case.origin] += 1
        worths: dict[str, judge.Worth] = {}
        last_output, last_worth = None, judge.Worth(valid=False, accepted=False)
        for runtime, observation in observations.items():
            if observation.kind is Kind.ANSWERED:
                if observation.output != last_output:
                    last_output = observation.output
                    last_worth = judge.worth(last_output, self._contract.is_valid, self._probe.accepted)
                worths[runtime] = last_worth
                tally.answered[runtime] += 1
                tally.accepted[runtime] += last_worth.accepted
            elif observation.kind.is_fault:
                tally.faulted[runtime] += 1
                self.fault(runtime, observation, case)
        self._rules(observations)
        came_back = sum(not observation.kind.is_fault for observation in observations.values())
        tally.answered_known_answers += case.origin is Origin.KNOWN_ANSWER and came_back > 1
        verdict = judge.judge(observations, divergences, worths)
        tally.verdicts[verdict] += 1
        if verdict is Verdict.VACUOUS and worths:
            self.note_once("some answers are the same everywhere and do not fit the contract's schema")
        elif verdict is Verdict.VACUOUS and not self._probe.refusals:
            self.note_once("some cases were refused by every runtime alike, which the probe does not allow (refusals)")

    def _rules(self, observations: dict[str, Observation]) -> None:
        """Count the rules that the case touched, as the reference says; where there is none, as anybody does."""
        speakers = [observations[self._reference]] if self._reference is not None else observations.values()
        rules = {rule for observation in speakers for rule in observation.rules}
        self._tally.rules_reported |= bool(rules)
        for rule in rules:
            if rule in self._tally.rules:
                self._tally.rules[rule] += 1
            else:
                self.note_once(f"a runtime speaks of a rule {rule[:80]!r}, which the contract does not have")

    def fault(self, runtime: str, observation: Observation, case: Case) -> None:
        """Take a fault down with its case, which is kept for a replay; after the first ones only its number."""
        if len(self._tally.faults) < MOST_FAULTS:
            fault = Fault(runtime, observation.kind, case.input, observation.detail, observation.log)
            self._tally.faults.append(fault)
            surface, findings = self._probe.surface, self._settings.state / "findings"
            corpus.note(surface, fault.id_at(surface), case.input, findings, self._settings.plants)
            self._found(self._tally)
        else:
            self._tally.more_faults += 1

    def note(self, sentence: str) -> None:
        """Say why the surface is not green, and let it be written down at once."""
        self.note_once(sentence)
        self._found(self._tally)

    def note_once(self, sentence: str) -> None:
        """Say why the surface is not green."""
        if sentence not in self._tally.notes and len(self._tally.notes) < MOST_NOTES:
            self._tally.notes.append(sentence)
