"""Which rounds count, and what must not be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loadgen.compare import assemble
from tests.loadgen.compare.made import summary

if TYPE_CHECKING:
    from loadgen.compare.result import Compared, Turn
    from loadgen.summary import Summary

CLASS_RATE = "rate.surge_fill_validate"
OTHER_RATE = "rate.repeat_cache"


def rounds(go: list[Summary], rust: list[Summary]) -> list[dict[str, Turn]]:
    turns = [
        assemble.turn(number, name, 1, one)
        for name, side in (("go", go), ("rust", rust))
        for number, one in enumerate(side, 1)
    ]
    return assemble.rounds(turns, ("go", "rust"))


def ratios(go: list[Summary], rust: list[Summary]) -> dict[str, Compared]:
    return {one.measure: one for one in assemble.compared(rounds(go, rust), "go", "rust")}


def test_rates_latencies_and_memory_are_compared_overall_and_by_scenario() -> None:
    found = ratios(
        [summary(400, p99=40, resident=60), summary(420, p99=44, resident=60), summary(380, p99=36, resident=60)],
        [summary(800, p99=20, resident=30), summary(840, p99=22, resident=30), summary(760, p99=18, resident=30)],
    )
    assert list(found) == [
        "rate",
        "rate.surge_fill_validate",
        "rate.repeat_cache",
        "p99_ms.surge_fill_validate",
        "p99_ms.repeat_cache",
        "resident_mib",
    ]
    assert {one.status for one in found.values()} == {"compared"}
    assert found["rate"].ratio == pytest.approx(2)
    assert found[CLASS_RATE].ratio == pytest.approx(2)
    assert found["p99_ms.repeat_cache"].ratio == pytest.approx(0.5)
    assert found["resident_mib"].ratio == pytest.approx(0.5)


def test_a_round_that_one_of_them_missed_is_not_counted() -> None:
    whole = rounds([summary(400)] * 4, [summary(800)] * 3)
    assert len(whole) == 3
    assert all(set(sides) == {"go", "rust"} for sides in whole)


def test_the_runtimes_stand_beside_each_other_by_median_and_range() -> None:
    rows = {
        row.measure: row.sides
        for row in assemble.beside(
            rounds([summary(rate) for rate in (400, 300, 500)], [summary(90, resident=None)] * 3), ("go", "rust")
        )
    }
    go = rows["rate"]["go"]
    assert go is not None
    assert (go.median, go.low, go.high) == (400, 300, 500)
    assert rows["resident_mib"]["rust"] is None


@pytest.mark.parametrize("count", [1, 2])
def test_with_fewer_than_three_rounds_there_is_a_ratio_and_no_interval(count: int) -> None:
    one = ratios([summary(400)] * count, [summary(800)] * count)["rate"]
    assert one.ratio == pytest.approx(2)
    assert (one.status, one.low) == ("no interval", None)
    assert "an interval takes at least 3" in one.why


def test_rates_at_unequal_failure_shares_are_not_compared() -> None:
    """One that refuses a third of its work is quick at it: that is not speed."""
    found = ratios([summary(400)] * 3, [summary(600, failures=2000)] * 3)
    assert found["rate"].status == "not compared"
    assert found["rate"].ratio is None
    assert "go 0.00% (0 of 12,000), rust 33.33% (6,000 of 18,000)" in found["rate"].why
    # The other scenario never failed. But its rate follows from how long the failing one took.
    assert {one.status for one in found.values()} == {"not compared"}


def test_a_scenario_that_fails_alone_is_not_compared() -> None:
    found = ratios([summary(400, failures=(4, 400))] * 3, [summary(400, failures=(14, 390))] * 3)
    assert found["rate"].status == "compared"
    assert found[OTHER_RATE].status == "compared"
    assert found[CLASS_RATE].status == "not compared"
    assert found[CLASS_RATE].why.startswith("failure shares of surge_fill_validate differ: go 0.20% (12 of 6,000)")


def test_failure_shares_that_differ_by_chance_are_compared() -> None:
    found = ratios([summary(400, failures=3)] * 3, [summary(400, failures=2)] * 3)
    assert {one.status for one in found.values()} == {"compared"}


def test_speed_is_not_compared_where_the_generator_was_the_limit() -> None:
    go = [summary(400), summary(410), summary(390)]
    rust = [summary(800), summary(820, limited="it kept a core busy"), summary(780)]
    found = ratios(go, rust)
    assert found["rate"].status == found["p99_ms.repeat_cache"].status == "not compared"
    assert "the generator was the limit (1 turn of rust)" in found["rate"].why
    assert found["resident_mib"].status == "compared"


def test_what_was_not_measured_in_every_round_is_not_compared() -> None:
    found = ratios([summary(400)] * 3, [summary(400), summary(400, resident=None), summary(400, resident=None)])
    assert found["resident_mib"].status == "not compared"
    assert found["resident_mib"].why == "rust has none in round 2, 3"
    assert found["rate"].status == "compared"


def test_two_that_did_nothing_are_not_equal() -> None:
    found = ratios([summary(0, p99=1)] * 3, [summary(0, p99=1)] * 3)
    assert found["rate"].status == "not compared"
    assert found["rate"].why == "go has none in round 1, 2, 3"


def test_two_that_fail_alike_in_everything_are_not_equal() -> None:
    found = ratios([summary(200, failures=(1000, 1000))] * 3, [summary(200, failures=(1000, 1000))] * 3)
    assert found["rate"].status == found[CLASS_RATE].status == "not compared"


def test_a_daemon_that_was_started_again_is_no_turn_that_passed() -> None:
    taken = assemble.turn(1, "go", 1, summary(400, restarts=2))
    assert not taken.passed
    assert taken.reasons == ["2 restarts and 0 panics of matrixd"]


def test_a_turn_that_did_not_meet_its_bounds_says_why() -> None:
    taken = assemble.turn(1, "go", 1, summary(400, verdict="failed"))
    assert not taken.passed
    assert taken.reasons == ["p99_ms.repeat_cache is 120, and 100 is the limit"]


def test_no_round_is_no_ratio() -> None:
    assert assemble.compared([], "go", "rust") == []
