"""The planted bugs of matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakehouse_ref.search import playbooks, units
from lakehouse_ref.services.plants.replace import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lakehouse_ref.search.playbooks import Ranked

LOW_SCORE = 0.25


def _role_gate_off() -> None:
    replace(playbooks, "same_role", lambda _, __: True)


def _boosted_twice() -> None:
    replace(playbooks, "best", lambda scores: tuple(sorted(scores, reverse=True)))


def _boost_on_similarity() -> None:
    lowered = units.lowered

    def by_similarity(distance: int, score: float) -> int:
        if score > LOW_SCORE:
            return lowered(distance, score)
        similarity = (units.MILLION - distance) * (1 + 0.5 * score)
        return min(max(round(units.MILLION - similarity), 0), units.FARTHEST)

    replace(units, "lowered", by_similarity)


def _excluded_leaks() -> None:
    replace(playbooks, "injectable", lambda answers, _, __: set(answers))


def _injected_uncounted() -> None:
    def count(hits: Iterable[Ranked]) -> int:
        return sum(hit.injected for hit in list(hits)[1:])

    replace(playbooks, "count_injected", count)


PLANTS: dict[str, Callable[[], None]] = {
    "role-gate-off": _role_gate_off,
    "boosted-twice": _boosted_twice,
    "boost-on-similarity": _boost_on_similarity,
    "excluded-leaks": _excluded_leaks,
    "injected-uncounted": _injected_uncounted,
}
