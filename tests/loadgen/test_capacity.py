"""The search in time: each step settles, is looked at, and is judged by what ended while it was looked at."""

from __future__ import annotations

import pytest

from loadgen.capacity import Steps
from loadgen.ledger import Ledger
from loadgen.shapes import Demand

DEMAND = Demand(p99_ms=250.0, failures=0.0)


class Run:
    """A run against a model of a server, second by second, as Locust asks for the shape."""

    def __init__(self, capacity: float, length: float = 4.0, first: float = 50.0) -> None:
        self.capacity, self.now, self.rate, self.limit = capacity, 1_000.0, 0.0, ""
        self.book, self.told = Ledger(), list[str]()
        self.changes: list[tuple[float, float]] = []
        self.steps = Steps(first, DEMAND, length, self.book, lambda: self.limit, self.told.append, lambda: self.now)

    def second(self, seconds: float) -> None:
        """Ask for the rate, and let a second pass."""
        rate = self.steps.next_rate(seconds)
        if rate is not None:
            self.rate = rate
            self.changes.append((seconds, rate))
        self.play(self.rate)

    def play(self, rate: float) -> None:
        self.now += 1.0
        for _ in range(round(min(rate, self.capacity))):
            self.book.scenario("search", 0, 4_000 if rate <= self.capacity else 900_000, None)

    def until(self, end: int) -> None:
        for seconds in range(end):
            if self.steps.search.is_over:
                break
            self.second(seconds)


def test_begins_at_once_and_goes_on_after_each_step() -> None:
    run = Run(1_000)
    run.until(13)

    assert run.changes == [(0, 50), (4, 100), (8, 200), (12, 400)]
    assert [step.rate for step in run.steps.search.steps] == [50, 100, 200]
    assert run.told[0] == "50.0 a second held: 50.0 ended well, p99 4 ms"


@pytest.mark.parametrize("length", [1.0, 2.0, 4.0, 10.0])
def test_finds_the_capacity(length: float) -> None:
    run = Run(470, length)
    run.until(1_000)

    rate = run.steps.search.found().rate
    assert rate is not None
    assert 470 / 1.05 <= rate <= 470


def test_what_ends_while_a_step_settles_is_not_its_own() -> None:
    """What the step before has left behind fails, and this one holds."""
    run = Run(1_000)
    run.steps.next_rate(0.0)
    for _ in range(5):
        run.book.scenario("search", 0, 9_000_000, None)  # of before
    run.now += 1.0
    run.steps.next_rate(1.0)
    for seconds in (2.0, 3.0, 4.0):
        run.play(50)
        run.steps.next_rate(seconds)

    step = run.steps.search.steps[0]
    assert (step.held, step.achieved) == (True, 50.0)
    assert step.p99 == pytest.approx(4, rel=1e-2)


def test_a_step_that_does_not_hold_is_tried_again() -> None:
    run = Run(60)
    run.until(13)

    assert run.changes == [(0, 50), (4, 100), (8, 100), (12, pytest.approx(70.71, rel=1e-3))]
    assert run.told[1] == "100.0 a second did not hold: 60.0 ended well, p99 900 ms"


def test_a_step_in_which_nothing_ends_says_so() -> None:
    run = Run(0)
    run.until(5)

    assert run.told == ["50.0 a second did not hold: 0.0 ended well, nothing ended"]


def test_the_limit_is_asked_for_when_a_step_ends() -> None:
    run = Run(10_000)
    run.until(4)
    run.limit = "its process was busy"
    run.second(4)

    assert run.steps.search.is_over
    assert "its process was busy" in run.steps.search.why
    assert run.changes == [(0, 50)]
