"""The matrix: surface x runtime, in one table that a reviewer reads in a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parity.summary import Summary, SurfaceEntry


def rows(summary: Summary) -> list[list[str]]:
    """Return the header and a row a surface."""
    names = [runtime.name for runtime in summary.runtimes]
    table = [["surface", "transport", "cases", *names, "verdict"]]
    for surface in summary.surfaces:
        cells = [_cell(surface, name, summary) for name in names]
        total = sum(surface.verdicts.values())
        table.append([surface.name, surface.transport, f"{total:,}", *cells, verdict(surface, summary)])
    return table


def verdict(surface: SurfaceEntry, summary: Summary) -> str:
    """Return the verdict with how many of the selected runtimes it speaks of."""
    detail = f"{len(surface.runtimes)} of {len(summary.runtimes)}"
    if surface.phases and "audit" not in surface.phases:
        detail += f", only {' and '.join(surface.phases)}"
    known = sum(finding.known is not None for finding in surface.divergences)
    if known:
        detail = f"{known} known, {detail}"
    if count := len(surface.divergences) - known:
        detail = f"{count} {'cause' if count == 1 else 'causes'}, {detail}"
    return f"{surface.verdict} ({detail})"


def interchange(surface: SurfaceEntry) -> list[list[str]]:
    """Return the header and a row for each pair that writes and goes on; a column for each runtime that reads."""
    dealt = {tuple(name.split(">")): counts for name, counts in surface.interchange.items()}
    readers = list(dict.fromkeys(reads for _, _, reads in dealt))
    table = [["writes", "goes on", *[f"{name} reads" for name in readers]]]
    for writes, goes_on in dict.fromkeys((writes, goes_on) for writes, goes_on, _ in dealt):
        cells = [_dealt(dealt[writes, goes_on, reads]) for reads in readers]
        table.append([writes, goes_on, *cells])
    return table


def _dealt(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {verdict}" for verdict, count in counts.items()) or "none"


def _cell(surface: SurfaceEntry, name: str, summary: Summary) -> str:
    if name not in surface.runtimes:
        status = next(runtime.status for runtime in summary.runtimes if runtime.name == name)
        return "not served" if status == "ready" else status
    against = [finding for finding in surface.divergences if finding.known is None and [name] in finding.partition]
    answered = f"{surface.runtimes[name].answered:,}"
    faults = surface.runtimes[name].faulted
    marks = [f"{len(against)} alone"] * bool(against) + [f"{faults} faults"] * bool(faults)
    return f"{answered} ({', '.join(marks)})" if marks else answered
