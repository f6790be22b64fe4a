"""Name the cause of a divergence by experiment: take a suspected cause out of the input, and see what is left.

This looks neither at the runtimes' code nor at the looks of their outputs, so it works for any service in any language.
The experiments of many cases are independent of each other and go out together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from parity.model import Divergence, DriftClass, Outcome

UNKNOWN = "unknown"


class _Experiment(NamedTuple):
    """The input of the case `at`, edited. It shows something of `cause`: by itself, or by being what was left in."""

    at: int
    cause: str
    edited: bytes
    selects: bool = False


def classify(
    divergent: Sequence[Outcome], drift_classes: Sequence[DriftClass], ask_all: Callable[[list[bytes]], list[Outcome]]
) -> list[tuple[str, ...]]:
    """Return for each divergent case the drift classes that explain its first divergence, or only `unknown`.

    A class explains it if the divergence vanishes with the class's cause. An input with several peculiarities can have
    several: that of `{"<":0} {"a":0,"a":0}` may vanish with the markup and with the duplicate member. Shrinking keeps
    one of them, and ends with the one that is needed. `ask_all` asks the testees about other inputs.
    """
    alone = [
        _Experiment(at, drift_class.name, edited, drift_class.selects)
        for at, case in enumerate(divergent)
        for drift_class in drift_classes
        for edited in _edits(drift_class, case.input)
    ]
    causes: list[tuple[str, ...]] = [()] * len(divergent)
    for experiment in _vanished(alone, divergent, ask_all):
        if experiment.cause not in causes[experiment.at]:
            causes[experiment.at] += (experiment.cause,)
    for at, cause in _needed_together(
        [at for at, found in enumerate(causes) if not found], divergent, alone, drift_classes, ask_all
    ):
        causes[at] += (cause,)
    return [found or (UNKNOWN,) for found in causes]


def same(one: Divergence, other: Divergence) -> bool:
    """Tell whether two divergences are at the same place, with the same runtimes against each other."""
    return one.pattern == other.pattern and one.partition == other.partition


def _needed_together(
    unexplained: list[int],
    divergent: Sequence[Outcome],
    alone: list[_Experiment],
    drift_classes: Sequence[DriftClass],
    ask_all: Callable[[list[bytes]], list[Outcome]],
) -> Iterator[tuple[int, str]]:
    """Yield what explains a case only together: two bugs in one input hide from each other's experiments.

    If the divergence vanishes with all causes and stays with all but one, then that one is a cause.
    """
    together: list[_Experiment] = []
    for at in unexplained:
        present = list(dict.fromkeys(one.cause for one in alone if one.at == at and not one.selects))
        if len(present) < 2:
            continue
        for left_in in ("", *present):
            edited = divergent[at].input
            for drift_class in drift_classes:
                if drift_class.name in present and drift_class.name != left_in:
                    edited = next(iter(_edits(drift_class, edited)), edited)
            together.append(_Experiment(at, left_in, edited))
    gone = {(experiment.at, experiment.cause) for experiment in _vanished(together, divergent, ask_all)}
    for experiment in together:
        if experiment.cause and (experiment.at, "") in gone and (experiment.at, experiment.cause) not in gone:
            yield experiment.at, experiment.cause


def _edits(drift_class: DriftClass, data: bytes) -> list[bytes]:
    edited = drift_class.remove(data)
    return [one for one in ([edited] if isinstance(edited, bytes) else edited) if one != data]


def _vanished(
    experiments: Sequence[_Experiment],
    divergent: Sequence[Outcome],
    ask_all: Callable[[list[bytes]], list[Outcome]],
) -> Iterator[_Experiment]:
    """Yield the experiments after which the first divergence of their case is gone."""
    outcomes = ask_all([experiment.edited for experiment in experiments])
    for experiment, outcome in zip(experiments, outcomes, strict=True):
        before = divergent[experiment.at]
        if any(same(before.divergences[0], divergence) for divergence in outcome.divergences):
            continue
        if not experiment.selects or _somebody_answers_the_same(before, outcome):
            yield experiment


def _somebody_answers_the_same(before: Outcome, after: Outcome) -> bool:
    return any(
        not seen.kind.is_fault
        and seen.kind == after.observations[runtime].kind
        and seen.output == after.observations[runtime].output
        for runtime, seen in before.observations.items()
    )
