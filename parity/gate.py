"""The gate: what a finished run means to whoever waits for its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.model import Verdict

if TYPE_CHECKING:
    from parity.summary import DivergenceEntry, Summary, SurfaceEntry

EXIT_CODES = {Verdict.AGREE: 0, Verdict.DIVERGE: 1, Verdict.FAULT: 3, Verdict.VACUOUS: 5}
"""0 agree, 1 divergence, 3 a runtime or the environment failed, 5 nothing ran or nothing was shown. 2 is usage."""


def exit_code(summary: Summary) -> int:
    """Return the exit code of a run."""
    if not summary.complete:
        return EXIT_CODES[Verdict.FAULT]
    return EXIT_CODES[Verdict(summary.verdict)]


def new(surface: SurfaceEntry) -> list[DivergenceEntry]:
    """Return the divergences of a surface that are not known; only these are the gate's business."""
    return [finding for finding in surface.divergences if finding.known is None]


def sentences(summary: Summary) -> list[str]:
    """Return why the gate is not green, a sentence a reason; none where it is."""
    found = [f"{name} is required and is not there" for name in summary.required_missing]
    found += [
        f"{runtime.name} failed: {next(iter((runtime.reason or '').splitlines()), '')}"
        for runtime in summary.runtimes
        if runtime.status == "failed" and runtime.name not in summary.required_missing
    ]
    for surface in summary.surfaces:
        found += [f"{surface.name}: {note}" for note in surface.notes]
        found += [f"{surface.name}: {fault.runtime} {fault.kind}: {fault.detail}" for fault in surface.faults]
        found += [f"{surface.name}: {finding.id}: {finding.reproduce}" for finding in new(surface)]
    if not summary.surfaces:
        found.append("no surface was run")
    return found
