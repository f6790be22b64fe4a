"""The statistics, pure: paired ratios with an interval, whether failure shares differ, how many rounds would tell.

Ratios are taken as logarithms, since twice as fast and half as fast are equally far from equal, and noise of a machine
multiplies. Pairing by rounds takes out whatever slowed a whole round.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIDENCE = 0.95
LEAST_ROUNDS = 3
"""With two rounds, Student's t has one degree of freedom, and its interval is 12.7 standard errors to either side."""
CHANCE = 0.01
"""Below this probability failure shares differ. Lower than the usual 5 %: every class of every pair is tested."""
MOST_ROUNDS = 1000
"""Nobody waits for more."""


class Ratio(msgspec.Struct, frozen=True):
    """A geometric mean of paired ratios."""

    ratio: float
    low: float | None
    """The ends of the interval; None where there are too few rounds for one."""
    high: float | None
    rounds: int
    spread: float
    """The standard deviation of the logarithms; 0 for a single round."""


def quantile(rounds: int) -> float:
    """Return how many standard errors Student's t puts to either side of a mean of so many rounds."""
    return float(stats.t.ppf(0.5 + CONFIDENCE / 2, rounds - 1))


def paired(against: Sequence[float], other: Sequence[float]) -> Ratio:
    """Return `other / against` over the rounds: all values above 0, the first of one with the first of the other."""
    logs = np.log(np.asarray(other, np.float64)) - np.log(np.asarray(against, np.float64))
    rounds, middle = len(logs), float(np.mean(logs))
    spread = float(np.std(logs, ddof=1)) if rounds > 1 else 0.0
    if rounds < LEAST_ROUNDS:
        return Ratio(math.exp(middle), None, None, rounds, spread)
    reach = quantile(rounds) * spread / math.sqrt(rounds)
    return Ratio(math.exp(middle), math.exp(middle - reach), math.exp(middle + reach), rounds, spread)


def failures_differ(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether two failure shares, each as (failures, count), differ beyond chance.

    Fisher's exact test: failures are few and mostly none, where the approximations of a chi-squared test do not hold.
    Failures that come in clusters make it see a difference too often, never too rarely, and that errs on the side of
    not comparing.
    """
    table = [[failures, count - failures] for failures, count in (one, other)]
    return bool(stats.fisher_exact(table).pvalue < CHANCE)


def more_rounds(seen: Ratio, limit: float) -> int | None:
    """Return how many more rounds would probably tell on which side of a limit the ratio lies.

    It takes the middle and the spread as they were seen. None where it lies so near that no number of rounds would do.
    """
    distance = abs(math.log(limit) - math.log(seen.ratio))
    for rounds in range(seen.rounds + 1, MOST_ROUNDS + 1):
        if quantile(rounds) * seen.spread / math.sqrt(rounds) < distance:
            return rounds - seen.rounds
    return None
