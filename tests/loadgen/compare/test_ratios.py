"""The statistics against published examples, tables, exact arithmetic and simulation."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from loadgen.compare import ratios

TABLE = {3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 10: 2.262, 30: 2.045, 195: 1.9723}
"""Rounds -> the 0.975 quantile of Student's t, from the printed tables of the NIST e-Handbook (1.3.6.7.2)."""


@pytest.mark.parametrize(("rounds", "printed"), TABLE.items())
def test_quantiles_are_those_of_the_printed_table(rounds: int, printed: float) -> None:
    assert ratios.quantile(rounds) == pytest.approx(printed, abs=0.0006)


def of_logs(logs: list[float]) -> ratios.Ratio:
    return ratios.paired([2.0] * len(logs), [2.0 * math.exp(one) for one in logs])


def test_the_paired_interval_of_student_1908() -> None:
    """Sleep gained by one drug over another, ten patients: mean 1.58, 95 % from 0.70 to 2.46."""
    seen = of_logs([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert seen.low is not None
    assert seen.high is not None
    assert math.log(seen.ratio) == pytest.approx(1.58)
    assert math.log(seen.low) == pytest.approx(0.7001142, abs=1e-6)
    assert math.log(seen.high) == pytest.approx(2.4598858, abs=1e-6)


def test_the_interval_of_the_nist_handbook() -> None:
    """NIST e-Handbook 1.3.5.2: 195 values of mean 9.261460 and deviation 0.022789 lie within 9.258242 and 9.264679."""
    # 97 values one deviation below, 97 above, one in the middle: squares that add up to 194 deviations.
    seen = of_logs([9.261460 + side * 0.022789 for side in (-1, 1) for _ in range(97)] + [9.261460])
    assert seen.low is not None
    assert seen.high is not None
    assert seen.spread == pytest.approx(0.022789)
    assert math.log(seen.low) == pytest.approx(9.258242, abs=2e-6)
    assert math.log(seen.high) == pytest.approx(9.264679, abs=2e-6)


def test_an_interval_by_hand() -> None:
    """Ratios 1, 2 and 4: their mean is 2, a standard error is ln 2 / sqrt 3, and t is 4.303."""
    seen = ratios.paired([10, 20, 5], [10, 40, 20])
    reach = 4.30265 * math.log(2) / math.sqrt(3)
    assert seen.ratio == pytest.approx(2)
    assert (seen.low, seen.high) == pytest.approx((2 * math.exp(-reach), 2 * math.exp(reach)), rel=1e-5)
    assert seen.rounds == 3


def test_the_ratio_of_the_other_direction_is_the_reciprocal() -> None:
    one, other = [410.0, 380.0, 402.0, 395.0], [520.0, 470.0, 540.0, 505.0]
    there, back = ratios.paired(one, other), ratios.paired(other, one)
    assert back.ratio == pytest.approx(1 / there.ratio)
    assert there.low is not None
    assert back.high == pytest.approx(1 / there.low)


@pytest.mark.parametrize("rounds", [1, 2])
def test_fewer_than_three_rounds_have_no_interval(rounds: int) -> None:
    seen = ratios.paired([100.0] * rounds, [50.0] * rounds)
    assert seen.ratio == pytest.approx(0.5)
    assert (seen.low, seen.high, seen.rounds) == (None, None, rounds)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    draw = np.random.default_rng(20261120)
    truth, covered = 0.8, 0
    for _ in range(2_000):
        drift = draw.normal(0, 0.5, 5)
        against = 400 * np.exp(drift + draw.normal(0, 0.05, 5))
        other = 400 * truth * np.exp(drift + draw.normal(0, 0.05, 5))
        seen = ratios.paired(against.tolist(), other.tolist())
        assert seen.low is not None
        assert seen.high is not None
        covered += seen.low <= truth <= seen.high
    assert 0.93 <= covered / 2_000 <= 0.97


def test_what_slows_a_whole_round_changes_nothing() -> None:
    go, rust = [400.0, 405.0, 398.0, 402.0], [500.0, 495.0, 510.0, 503.0]
    slowed = [1.0, 0.3, 0.5, 2.0]
    quiet = ratios.paired(go, rust)
    noisy = ratios.paired(
        [a * s for a, s in zip(go, slowed, strict=True)], [b * s for b, s in zip(rust, slowed, strict=True)]
    )
    assert (noisy.ratio, noisy.low, noisy.high) == pytest.approx((quiet.ratio, quiet.low, quiet.high))


def exact_p(one: tuple[int, int], other: tuple[int, int]) -> Fraction:
    """Return Fisher's two-sided p by counting every table with the same margins."""
    (a, n), (b, m) = one, other
    failed = a + b

    def ways(first: int) -> int:
        return math.comb(n, first) * math.comb(m, failed - first)

    seen = ways(a)
    tables = [ways(first) for first in range(max(0, failed - m), min(n, failed) + 1)]
    return Fraction(sum(count for count in tables if count <= seen), sum(tables))


def test_the_lady_tasting_tea() -> None:
    """Fisher's own example, 1935: three of four cups right has p = 34/70."""
    assert exact_p((3, 4), (1, 4)) == Fraction(34, 70)
    assert not ratios.failures_differ((3, 4), (1, 4))


@pytest.mark.parametrize("other", [(0, 500), (3, 500), (6, 500), (7, 500), (8, 500), (40, 500), (500, 500)])
def test_failure_shares_differ_where_the_exact_test_says_so(other: tuple[int, int]) -> None:
    assert ratios.failures_differ((0, 600), other) == (exact_p((0, 600), other) < Fraction(1, 100))


def test_nothing_that_failed_and_nothing_that_ran_do_not_differ() -> None:
    assert not ratios.failures_differ((0, 0), (0, 0))
    assert not ratios.failures_differ((0, 100), (0, 90))
    assert not ratios.failures_differ((100, 100), (90, 90))


def test_how_many_more_rounds_would_tell() -> None:
    """A spread of 0.1 and a distance of 0.1: the t table says that 6 rounds reach 0.105, and 7 reach 0.0925."""
    seen = ratios.Ratio(math.exp(0.1), 0.9, 1.4, 4, 0.1)
    assert ratios.more_rounds(seen, 1.0) == 3


def test_no_number_of_rounds_tells_what_lies_at_the_limit() -> None:
    assert ratios.more_rounds(ratios.Ratio(0.75, 0.6, 0.9, 5, 0.2), 0.75) is None
