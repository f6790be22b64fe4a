"""Ask whether a finished surface shows anything: green only counts if it could have been red.

The last part of the pipeline. What it yields are sentences that say why a surface is not green although nothing in it
diverged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity import declare, floor, known
from parity.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parity.config import Settings
    from parity.model import Known, Probe
    from parity.tally import Tally


def audit(probe: Probe, tally: Tally, settings: Settings, listed: Sequence[Known]) -> Iterator[str]:
    """Yield why the surface shows less than it claims; `listed` are the entries of fixtures/known.toml."""
    if not tally.total:
        yield "not one case was run"
        return
    if probe.refusals and (share := tally.verdicts[Verdict.VACUOUS] / tally.total) > probe.refusals:
        yield f"all runtimes refused {share:.0%} of the cases, and the probe allows {probe.refusals:.0%}"
    for runtime in tally.runtimes:
        if not tally.accepted[runtime]:
            yield f"{runtime} never took the accept path of {tally.surface}"
    if tally.rules_reported:
        for rule in [rule for rule, hits in tally.rules.items() if not hits]:
            yield f"no case touched the rule {rule!r} of the contract"
    yield from _lists(tally, settings, listed)
    if probe.interchange and not any(counts.total() for counts in tally.interchange.values()):
        yield "not one case was dealt out to several runtimes"
    for (runtime, adapter), calls in tally.declared.items() if settings.all_runtimes else ():
        if not calls:
            yield f"the adapter {adapter!r} of {runtime} never changed a call; if the names are the same now, remove it"
    for normaliser in probe.normalisers if settings.all_runtimes else ():
        if not tally.fired[normaliser.name]:
            yield f"the normaliser {normaliser.name!r} never fired; if what it hides is gone, remove it"


def _lists(tally: Tally, settings: Settings, listed: Sequence[Known]) -> Iterator[str]:
    """Hold the run to what is committed beside the fixtures: the known divergences, and the floor of coverage."""
    for signature, entry in tally.known.items():
        if (problem := known.too_broad(entry, tally.hits[signature], tally.total)) is not None:
            yield problem
    floors = floor.load(settings.fixtures)
    reached = floor.Floor(tally.answered_known_answers, sum(hits > 0 for hits in tally.rules.values()))
    if (least := floors.get(tally.surface)) is not None:
        yield from floor.shrunk(least, reached, rules_reported=tally.rules_reported)
    others = (floors.keys() | {entry.surface for entry in listed}) - {tally.surface}
    for name in sorted(others - declare.find_probes(settings.probes).keys() if others else ()):
        file = floor.FILE if name in floors else known.FILE
        yield f"{file} speaks of {name!r}, and no probe declares that surface"
