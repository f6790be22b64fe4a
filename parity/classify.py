"""Name the cause of a divergence by experiment: take a suspected cause out of the input, and see what is left.

This looks neither at the runtimes' code nor at the looks of their outputs, so it works for any service in any language.
The experiments of one case are independent of each other and go out together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from parity.model import Divergence, DriftClass

UNKNOWN = "unknown"


def classify(
    divergent: Sequence[tuple[bytes, Divergence]],
    drift_classes: Sequence[DriftClass],
    compare_all: Callable[[list[bytes]], list[list[Divergence]]],
) -> list[tuple[str, ...]]:
    """Return for each divergent input the drift classes whose removal makes its divergence vanish, or only `unknown`.

    An input with several peculiarities can have several: the divergence of `{"<":0} {"a":0,"a":0}` may vanish with
    the markup and with the duplicate member. Shrinking keeps one of them, and ends with the one that is needed.
    `compare_all` asks the testees about other inputs and returns the divergences of each.
    """
    experiments = [
        (at, drift_class.name, edited)
        for at, (data, _) in enumerate(divergent)
        for drift_class in drift_classes
        if (edited := drift_class.remove(data)) != data
    ]
    outcomes = compare_all([edited for _, _, edited in experiments])
    causes: list[list[str]] = [[] for _ in divergent]
    for (at, name, _), left in zip(experiments, outcomes, strict=True):
        if not any(same(divergent[at][1], other) for other in left):
            causes[at].append(name)
    return [tuple(names) or (UNKNOWN,) for names in causes]


def same(one: Divergence, other: Divergence) -> bool:
    """Tell whether two divergences are at the same place, with the same runtimes against each other."""
    return one.pattern == other.pattern and one.partition == other.partition
