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
    Where no single removal helps, and all together do, the causes are those that none of the others can replace.
    `compare_all` asks the testees about other inputs and returns the divergences of each.
    """
    causes: list[tuple[str, ...]] = [()] * len(divergent)
    alone: list[tuple[int, tuple[str, ...], bytes]] = [
        (at, (name,), edited)
        for at, (data, _) in enumerate(divergent)
        for name, edited in _experiments(data, drift_classes)
    ]
    for at, names in _vanished(alone, divergent, compare_all):
        causes[at] += names
    together = [
        (at, names, edited)
        for at, (data, _) in enumerate(divergent)
        if not causes[at]
        for names, edited in _combinations(data, drift_classes)
    ]
    # All but one of the causes taken out, and it still diverges: then that one is needed.
    gone = set(_vanished(together, divergent, compare_all))
    for at, names, _ in together:
        everything = max((names for other, names, _ in together if other == at), key=len)
        if names != everything and (at, everything) in gone and (at, names) not in gone:
            causes[at] += tuple(name for name in everything if name not in names)
    return [names or (UNKNOWN,) for names in causes]


def _experiments(data: bytes, drift_classes: Sequence[DriftClass]) -> list[tuple[str, bytes]]:
    """Return the input with each suspected cause taken out, where it has that."""
    edited = [(drift_class.name, drift_class.remove(data)) for drift_class in drift_classes]
    return [(name, changed) for name, changed in edited if changed != data]


def _combinations(data: bytes, drift_classes: Sequence[DriftClass]) -> list[tuple[tuple[str, ...], bytes]]:
    """Return the input without all of its suspected causes, and without all but each one.

    Two bugs of one runtime in one input hide each other's experiments; only together they can be taken out.
    """
    names = [name for name, _ in _experiments(data, drift_classes)]
    if len(names) < 2:
        return []
    combinations = []
    for left_in in (None, *names):
        changed = data
        for drift_class in drift_classes:
            if drift_class.name in names and drift_class.name != left_in:
                changed = drift_class.remove(changed)
        combinations.append((tuple(name for name in names if name != left_in), changed))
    return combinations


def _vanished(
    experiments: list[tuple[int, tuple[str, ...], bytes]],
    divergent: Sequence[tuple[bytes, Divergence]],
    compare_all: Callable[[list[bytes]], list[list[Divergence]]],
) -> list[tuple[int, tuple[str, ...]]]:
    """Return the experiments after which the divergence is gone."""
    outcomes = compare_all([edited for _, _, edited in experiments])
    return [
        (at, names)
        for (at, names, _), left in zip(experiments, outcomes, strict=True)
        if not any(same(divergent[at][1], other) for other in left)
    ]


def same(one: Divergence, other: Divergence) -> bool:
    """Tell whether two divergences are at the same place, with the same runtimes against each other."""
    return one.pattern == other.pattern and one.partition == other.partition
