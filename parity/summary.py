"""The document that a run leaves for machines, as types: fixtures/contract/summary.schema.json in Python."""

from __future__ import annotations

from typing import Any

import msgspec

from parity.model import Verdict

SCHEMA = "parity.summary.v1"


class CaseCounts(msgspec.Struct, kw_only=True):
    """Distinct inputs by origin."""

    known_answers: int = 0
    corpus: int = 0
    swept: int = 0
    explored: int = 0


class SurfaceRuntime(msgspec.Struct, kw_only=True):
    """How often one runtime answered, and how often on the accept path."""

    answered: int
    accepted: int
    faulted: int


class DivergenceEntry(msgspec.Struct, kw_only=True):
    """A finding."""

    id: str
    path: str
    drift_class: str = msgspec.field(name="class")
    partition: list[list[str]]
    what: str
    case: dict[str, str]
    observations: dict[str, dict[str, Any]]
    reproduce: str
    known: str | None = None
    contract: list[str] | None = None
    """The runtimes that the contract stands with, where a known answer showed it first."""
    signature: str
    cases: int
    """How many cases showed this signature."""
    origin: str
    minimal: bool
    other_paths: list[str]


class FaultEntry(msgspec.Struct, kw_only=True):
    """A testee that crashed, hung or talked nonsense."""

    runtime: str
    kind: str
    case: dict[str, str]
    detail: str
    log: str
    reproduce: str


class DeclaredDrift(msgspec.Struct, kw_only=True):
    """An adapter, and how many calls it changed."""

    runtime: str
    adapter: str
    path: str
    there: str
    calls: int


class SurfaceEntry(msgspec.Struct, kw_only=True):
    """One surface."""

    name: str
    transport: str
    verdict: str
    runtimes: dict[str, SurfaceRuntime]
    cases: CaseCounts
    rules: dict[str, int]
    verdicts: dict[str, int]
    normalisers: dict[str, int]
    interchange: dict[str, dict[str, int]]
    """Cases whose steps were dealt out, by who writes, goes on and reads, and by verdict."""
    recall: dict[str, float]
    """The share of the right ids that each runtime's approximate search found."""
    declared: list[DeclaredDrift]
    """Where a runtime has other names for the same, as parity.toml declares."""
    accepted_share: float
    cases_per_s: float | None
    phases: list[str]
    divergences: list[DivergenceEntry]
    faults: list[FaultEntry]
    more_faults: int
    notes: list[str]
    remarks: list[str]


class RuntimeEntry(msgspec.Struct, kw_only=True):
    """One selected runtime."""

    name: str
    status: str
    version: str | None
    commit: str | None
    reason: str | None
    required: bool
    reference: bool
    planted: str | None


class Summary(msgspec.Struct, kw_only=True):
    """The whole run."""

    schema: str = SCHEMA
    run: str
    """Tells this run's file from an older one that lies in the same place."""
    complete: bool = False
    verdict: str = Verdict.VACUOUS.value
    seed: int
    commit: str
    seconds: float = 0.0
    required_missing: list[str] = []
    runtimes: list[RuntimeEntry] = []
    surfaces: list[SurfaceEntry] = []


def overall(summary: Summary) -> Verdict:
    """Return the worst of the surfaces, and of the runtimes that should have taken part."""
    verdicts = [Verdict(surface.verdict) for surface in summary.surfaces]
    if summary.required_missing or any(runtime.status == "failed" for runtime in summary.runtimes):
        verdicts.append(Verdict.FAULT)
    return Verdict.worst(verdicts)
