"""What a surface's run has come to so far, as counts and lists: written by the pipeline, read by the reports."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parity.model import Origin, Verdict

if TYPE_CHECKING:
    from parity.model import Fault, Finding, Known, Signature


@dataclass
class Tally:
    """The counts of one surface."""

    surface: str
    transport: str
    runtimes: tuple[str, ...]
    rules: dict[str, int]
    """Cases that touched each rule of the contract, as the reference says; all zero where nobody says so."""
    answered: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    faulted: Counter[str] = field(default_factory=Counter)
    cases: Counter[Origin] = field(default_factory=Counter)
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    """Cases in which each normaliser changed outputs that differed."""
    interchange: dict[str, Counter[Verdict]] = field(default_factory=dict)
    """What came of the cases whose steps were dealt out, by who writes, goes on and reads: `go>rust>python`."""
    recall: dict[str, float] = field(default_factory=dict)
    """What share of the right ids each runtime's approximate search found."""
    declared: dict[tuple[str, str], int] = field(default_factory=dict)
    """Calls that each adapter changed, by runtime and adapter: drift that parity.toml declares."""
    findings: dict[Signature, Finding] = field(default_factory=dict)
    known: dict[Signature, Known] = field(default_factory=dict)
    """The findings that fixtures/known.toml lists, as this run's runtimes show them."""
    known_cases: int = 0
    """Divergent cases that show nothing but known divergences."""
    answered_known_answers: int = 0
    hits: Counter[Signature] = field(default_factory=Counter)
    """Cases that showed each signature."""
    faults: list[Fault] = field(default_factory=list)
    more_faults: int = 0
    notes: list[str] = field(default_factory=list)
    """Why the surface is vacuous, in sentences."""
    remarks: list[str] = field(default_factory=list)
    """What a reader should know and what does not change the verdict."""
    sweep_seconds: float = 0.0
    phases: list[str] = field(default_factory=list)
    rules_reported: bool = False

    @property
    def total(self) -> int:
        """Cases of every origin."""
        return sum(self.cases.values())

    @property
    def verdict(self) -> Verdict:
        """The worst of what was seen."""
        if self.findings.keys() - self.known.keys() or self.verdicts[Verdict.DIVERGE] > self.known_cases:
            return Verdict.DIVERGE
        if self.faults or self.verdicts[Verdict.FAULT]:
            return Verdict.FAULT
        if self.notes or not self.total:
            return Verdict.VACUOUS
        return Verdict.AGREE
