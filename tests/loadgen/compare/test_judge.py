"""Slower with confidence, not slower with confidence, or it cannot be told."""

from __future__ import annotations

import math
import random
from datetime import date

import pytest

from loadgen.compare import assemble, judge, ratios
from loadgen.compare.baseline import Entry
from loadgen.compare.result import Compared
from tests.loadgen.compare.made import noisy


def entry(measure: str = "rate", ratio: float = 1.0) -> Entry:
    return Entry(
        measure=measure,
        runtime="rust",
        against="go",
        ratio=ratio,
        low=ratio * 0.95,
        high=ratio * 1.05,
        rounds=5,
        commit="3f2a91c",
        day=date(2026, 11, 20),
        file="multitier",
        corpus=2000,
        users=16,
        seconds=10,
    )


def seen(low: float, high: float, measure: str = "rate") -> Compared:
    ratio = math.sqrt(low * high)
    spread = math.log(high / ratio) / 2.776 * math.sqrt(5)
    return Compared(
        measure=measure,
        runtime="rust",
        against="go",
        status="compared",
        ratio=ratio,
        low=low,
        high=high,
        rounds=5,
        spread=spread,
    )


def judged(one: Compared, baseline: Entry | None, tolerance: float = 0.25) -> judge.Judged:
    return judge.judge([one], {} if baseline is None else {("rust", baseline.measure): baseline}, tolerance)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.60, 0.749, "slower"),
        (0.60, 0.751, "cannot tell"),
        (0.749, 0.90, "cannot tell"),
        (0.751, 0.90, "holds"),
        (1.20, 1.30, "holds"),
    ],
)
def test_a_rate_is_slower_where_its_whole_interval_lies_below_the_limit(low: float, high: float, said: str) -> None:
    assert judged(seen(low, high), entry()).compared[0].judgement == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1.251, 1.50, "slower"),
        (1.249, 1.50, "cannot tell"),
        (1.10, 1.249, "holds"),
        (0.50, 0.60, "holds"),
    ],
)
def test_a_latency_is_slower_where_its_whole_interval_lies_above_the_limit(low: float, high: float, said: str) -> None:
    measure = "p99_ms.repeat_cache"
    assert judged(seen(low, high, measure), entry(measure)).compared[0].judgement == said


def test_the_limit_is_of_the_baseline_and_not_of_equality() -> None:
    assert judged(seen(1.10, 1.20), entry(ratio=1.7)).compared[0].judgement == "slower"
    assert judged(seen(0.40, 0.45), entry(ratio=0.5)).compared[0].judgement == "holds"


def test_slower_is_said_with_everything_that_was_compared() -> None:
    found = judged(seen(0.55, 0.65), entry())
    [sentence] = found.slower
    assert sentence == (
        "rust became slower: rate of rust against go is 0.598 (0.55 to 0.65); the baseline is 1 "
        "(of 2026-11-20, 3f2a91c), and 25 % below that is 0.75"
    )


def test_what_cannot_be_told_says_how_many_more_rounds_would_do() -> None:
    found = judged(seen(0.55, 0.80), entry())
    assert found.compared[0].more_rounds is not None
    more = found.compared[0].more_rounds
    assert found.cannot_tell[0].startswith("cannot tell: rate of rust against go is 0.663 (0.55 to 0.8), on both sides")
    assert found.cannot_tell[0].endswith(f"about {more} more rounds would probably tell")
    assert found.slower == found.unjudged == []


def test_so_many_more_rounds_do_tell() -> None:
    """What is promised is tried: with as many rounds more, a spread of the same size lies on one side."""
    draw = random.Random(5)
    told = 0
    for _ in range(200):
        spread, middle, rounds = 0.2, math.log(0.65), 6
        logs = [draw.gauss(middle, spread) for _ in range(rounds)]
        mean = sum(logs) / rounds
        deviation = math.sqrt(sum((one - mean) ** 2 for one in logs) / (rounds - 1))
        more = ratios.more_rounds(ratios.Ratio(math.exp(mean), 0, 0, rounds, deviation), 0.75)
        if more is None or more > 300:
            continue
        longer = logs + [draw.gauss(mean, deviation) for _ in range(more)]
        again = ratios.paired([1.0] * len(longer), [math.exp(one) for one in longer])
        assert again.low is not None
        assert again.high is not None
        told += again.high < 0.75 or again.low > 0.75
    assert told > 80


def test_memory_is_set_beside_its_baseline_and_not_judged() -> None:
    found = judged(seen(3, 4, "resident_mib"), entry("resident_mib"))
    assert (found.compared[0].judgement, found.compared[0].baseline) == (None, 1.0)
    assert found.slower == found.unjudged == []


def test_a_measure_without_an_entry_is_not_green() -> None:
    found = judged(seen(0.9, 1.1), None)
    assert found.unjudged == [
        "rate of rust against go was not judged: the baseline has no such entry; --update-baseline writes all"
    ]


def test_an_entry_without_a_measure_is_not_green() -> None:
    gone = entry("rate.gone")
    found = judge.judge([seen(0.9, 1.1)], {("rust", "rate"): entry(), ("rust", "rate.gone"): gone}, 0.25)
    assert found.unjudged == [
        "rate.gone of rust was not judged: the baseline has it, and this run does not; --update-baseline takes it out"
    ]


def test_what_was_not_compared_is_not_green() -> None:
    one = Compared(measure="rate", runtime="rust", against="go", status="not compared", why="failure shares differ")
    assert judged(one, entry()).unjudged == ["rate of rust against go was not judged: failure shares differ"]


def slowed(factor: float, *, rounds: int = 6, seed: int = 1) -> str | None:
    """Return how rates are judged of which one fell by a factor, on a machine that drifts by 30 %."""
    answer = noisy({"go": 400, "rust": 400 * factor}, seed=seed, noise=0.05)
    turns = [
        assemble.turn(number, name, 1, answer(name, number)) for number in range(rounds) for name in ("go", "rust")
    ]
    found = assemble.compared(assemble.rounds(turns, ("go", "rust")), "go", "rust")
    return judge.judge(found[:1], {("rust", "rate"): entry()}, 0.25).compared[0].judgement


def test_a_planted_slowdown_of_forty_percent_is_found_and_one_of_five_is_not() -> None:
    assert [slowed(0.6, seed=seed) for seed in range(20)].count("slower") >= 19
    assert "slower" not in [slowed(0.95, seed=seed) for seed in range(200)]
