"""What a run says on a terminal or in a log: plain lines, the verdict and the matrix before the details."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.report import show
from parity.report.matrix import rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from parity.config import Settings
    from parity.model import RuntimeState
    from parity.summary import DivergenceEntry, FaultEntry, Summary, SurfaceEntry


def closing(summary: Summary, reasons: Sequence[str], settings: Settings) -> list[str]:
    """Return what a run says at its end: the matrix, the gate's reasons, and where the rest stands."""
    where = settings.report
    shown = where.relative_to(settings.root) if where.is_relative_to(settings.root) else where
    incomplete = "" if summary.complete else " (incomplete)"
    lines = [*matrix(summary), ""]
    known = [finding for surface in summary.surfaces for finding in surface.divergences if finding.known is not None]
    lines += [f"{finding.id}: {headline(finding)}" for finding in known] + [""] * bool(known)
    if reasons:
        lines += [*[show.visible(reason, 2000) for reason in reasons], ""]
    return [*lines, f"{summary.verdict}{incomplete}; reports in {shown}"]


def absence(state: RuntimeState) -> Iterator[str]:
    """Yield why a runtime does not take part, with the compiler's or its own last lines where there are some."""
    first, *more = (state.reason or "").splitlines() or [""]
    yield show.visible(f"{state.name} is {state.status}: {first}", 2000)
    for line in more:
        yield f"    | {show.visible(line)}"


def matrix(summary: Summary) -> list[str]:
    """Return the matrix as aligned lines."""
    table = rows(summary)
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def news(before: SurfaceEntry, after: SurfaceEntry) -> Iterator[str]:
    """Yield what a surface has that is not green, and had not before."""
    known = {finding.id: finding.cases for finding in before.divergences}
    for finding in after.divergences:
        if finding.known is not None:
            continue
        if finding.id not in known:
            yield from divergence(finding)
        elif more := finding.cases - known[finding.id]:
            yield f"{finding.id} again, in {more:,} more {'case' if more == 1 else 'cases'}"
    for fault in after.faults[len(before.faults) :]:
        yield from fault_lines(fault)
    if faulty := after.verdicts["fault"] - before.verdicts["fault"]:
        yield f"{faulty:,} cases in which a runtime failed"
    told = len(before.notes) if before.phases or not after.phases else 0  # some stand there before the first phase
    for note in after.notes[told:]:
        yield show.visible(note, 2000)


def divergence(finding: DivergenceEntry) -> Iterator[str]:
    """Yield a finding: what it is, the input, what each runtime did with it, and the command that shows it."""
    yield f"{finding.id}: {headline(finding)}"
    for line in observed(finding):
        yield f"    {line}"
    yield f"    {finding.reproduce}"


def headline(finding: DivergenceEntry) -> str:
    """Return in one line who stands against whom, in how many cases."""
    sides = " against ".join("+".join(group) for group in finding.partition)
    cases = "1 case" if finding.cases == 1 else f"{finding.cases:,} cases"
    unfinished = "" if finding.minimal else ", not shrunk to the end"
    known = f", known: {show.visible(finding.known)}" if finding.known else ""
    right = "" if finding.contract is None else f", the contract with {'+'.join(finding.contract) or 'none of them'}"
    return f"{sides}{right}, in {cases}{unfinished}{known}"


def observed(finding: DivergenceEntry) -> list[str]:
    """Return where a finding differs, its input, and what each runtime did, a line each."""
    rows = {"where": [f"{show.visible(finding.path) or '/'} ({finding.what})"], "input": show.show_case(finding.case)}
    rows |= {name: [show.show_seen(seen, finding.path)] for name, seen in finding.observations.items()}
    return table(rows)


def table(rows: Mapping[str, Sequence[str]]) -> list[str]:
    """Return names with what belongs to them, in as many lines as that has."""
    width = max(map(len, rows))
    return [
        f"{(name if at == 0 else '').ljust(width)}  {line}"
        for name, lines in rows.items()
        for at, line in enumerate(lines)
    ]


def fault_lines(fault: FaultEntry) -> Iterator[str]:
    """Yield a fault: whose, at which input, and the last lines of its log."""
    yield f"{fault.runtime} {fault.kind}: {show.visible(fault.detail)}"
    for line in table({"input": show.show_case(fault.case)}):
        yield f"    {line}"
    for line in fault.log.splitlines():
        yield f"    | {show.visible(line)}"
    yield f"    {fault.reproduce}"


def fault_observed(fault: FaultEntry) -> list[str]:
    """Return why a runtime failed, at which input, and the last lines of its log."""
    rows = {"why": [show.visible(fault.detail)], "input": show.show_case(fault.case)}
    return table(rows | ({"log": [show.visible(line) for line in fault.log.splitlines()]} if fault.log else {}))
