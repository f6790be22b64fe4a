"""Sides of one thing that take turns, so that none works while another one is measured, and the machine is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTH = 2.0
"""Seconds of a turn."""


def side(sides: Sequence[str], seconds: float) -> str:
    """Return whose turn it is at that second of the run."""
    return sides[int(seconds / LENGTH) % len(sides)]


def lasted(sides: Sequence[str], seconds: float) -> dict[str, float]:
    """Return how long each side had its turn in a run of so many seconds."""
    whole, rest = divmod(seconds, LENGTH)
    turns = dict.fromkeys(sides, 0.0)
    for turn in range(int(whole)):
        turns[sides[turn % len(sides)]] += LENGTH
    turns[sides[int(whole) % len(sides)]] += rest
    return turns
