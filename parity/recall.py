"""Measure what an approximate search finds of what an exact one would: a surface's recall, for each runtime.

A part of the pipeline. Two runtimes that search approximately need not find the same, so they are not compared with
each other: each is held to a floor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from parity.model import BELOW_FLOOR, Case, Divergence, Finding, Kind, Observation, Origin, Signature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from parity.config import Settings
    from parity.count import Count
    from parity.model import Recall
    from parity.tally import Tally

FLOOR = "floor"
"""Who stands for the floor among the runtimes."""


def measure(
    recall: Recall,
    tally: Tally,
    settings: Settings,
    count: Count,
    ask: Callable[[bytes], dict[str, Observation]],
) -> None:
    """Ask every runtime to search a corpus, and take down what each one found; one below the floor is a finding."""
    data, exact = recall.case(settings.seed)
    case = Case(data, Origin.SWEPT, recall.name)
    observations = ask(data)
    tally.recall = shares(recall, observations, exact)
    for runtime, seen in observations.items():
        if runtime not in tally.recall:
            count.fault(runtime, seen, case)
    for place in below(recall, tally.recall):
        signature = Signature(tally.surface, place.pattern, BELOW_FLOOR, place.partition)
        # What a reader has to see of the answers, of a hundred searches each, is what they come to.
        shown = {name: _answered(text) for name, text in place.rendered.items() if name != FLOOR and text is not None}
        tally.findings[signature] = Finding(signature, place, case, shown, Origin.SWEPT, minimal=True)
        tally.hits[signature] += 1


def _answered(text: str) -> Observation:
    return Observation(Kind.ANSWERED, text.encode())


def shares(
    recall: Recall, observations: Mapping[str, Observation], exact: tuple[frozenset[str], ...]
) -> dict[str, float]:
    """Return the recall of each runtime that answered."""
    answered = {name: seen.output for name, seen in observations.items() if seen.kind is Kind.ANSWERED}
    return {name: share(recall, output, exact) for name, output in answered.items()}


def below(recall: Recall, reached: Mapping[str, float]) -> list[Divergence]:
    """Return, as a divergence from the floor, that some runtimes stay below it; nothing where none does."""
    low = tuple(name for name, found in reached.items() if found < recall.floor)
    rest = (FLOOR, *(name for name in reached if name not in low))
    shown: dict[str, str | None] = {FLOOR: f"{recall.floor}"}
    shown |= {name: f"{found:.4f}" for name, found in reached.items()}
    what = f"of at least {recall.floor}"
    return [Divergence(f"/{recall.name}", f"/{recall.name}", what, (rest, low), shown)] if low else []


def share(recall: Recall, output: bytes, exact: tuple[frozenset[str], ...]) -> float:
    """Return the mean share of the right ids that the searches found; 0 for an output that is not of searches."""
    try:
        found = recall.found(msgspec.json.decode(output))
        pairs = list(zip(exact, found, strict=True))
        return sum(len(right & set(ids)) / len(right) for right, ids in pairs) / len(exact)
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
        return 0.0
