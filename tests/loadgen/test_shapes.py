"""The shapes at points that are known, and the search for a capacity that the test knows."""

from __future__ import annotations

from random import Random

import pytest

from loadgen import shapes
from loadgen.shapes import LEAST_RATE, SHAPES, Demand, Search
from loadgen.summary import Step

DEMAND = Demand(p99_ms=250.0, failures=0.01)
SECONDS = 10.0
PRECISION = 0.05
MOST_STEPS = 80


@pytest.mark.parametrize(
    ("shape", "levels"),
    [
        ("constant", {0: 1, 0.3: 1, 0.999: 1}),
        ("soak", {0: 1, 0.5: 1, 0.999: 1}),
        ("ramp", {0: 0, 0.25: 0.25, 0.5: 0.5, 0.999: 0.999}),
        ("spike", {0: 1, 0.399: 1, 0.4: 3, 0.5: 3, 0.599: 3, 0.6: 1, 0.999: 1}),
    ],
)
def test_a_shape_asks_for_its_levels(shape: str, levels: dict[float, float]) -> None:
    assert {progress: SHAPES[shape](progress) for progress in levels} == pytest.approx(levels)


def test_every_shape_is_known_by_its_name() -> None:
    assert list(SHAPES) == ["constant", "ramp", "spike", "soak"]
    assert shapes.FIND_CAPACITY not in SHAPES


class Server:
    """A model of one: up to its capacity it keeps up, beyond it everything ends late, and only so much of it."""

    def __init__(self, capacity: float) -> None:
        self.capacity = capacity

    def step(self, search: Search, *, noisy: bool = False, limited: str = "") -> None:
        """Be asked for the rate of the search. `noisy` is a step in which the machine was busy with something else."""
        ended = min(search.rate, self.capacity / 4 if noisy else self.capacity) * SECONDS
        p99 = 40.0 if search.rate <= self.capacity and not noisy else 4_000.0
        search.judge(round(ended), 0, SECONDS, p99, limited=limited)


def searched(server: Server, first: float = 50.0, noisy: frozenset[int] = frozenset()) -> Search:
    search = Search(first, DEMAND, PRECISION)
    for number in range(MOST_STEPS):
        if search.is_over:
            break
        server.step(search, noisy=number in noisy)
    assert search.is_over
    return search


def rate_of(search: Search) -> float:
    """Return what was found, and hold it to what was tried: a rate that is told is one that held."""
    rate = search.found().rate
    assert rate is not None
    assert rate in [step.rate for step in search.steps if step.held]
    return rate


@pytest.mark.parametrize("capacity", [3.1, 10, 49, 50, 51, 99.9, 100, 101, 333, 1_000, 4_711, 25_000])
class TestASearch:
    def test_finds_the_capacity_to_its_precision(self, capacity: float) -> None:
        search = searched(Server(capacity))

        assert capacity / (1 + PRECISION) <= rate_of(search) <= capacity
        assert search.found().why
        assert not search.found().is_limited

    @pytest.mark.parametrize("first", [1, 7, 20_000])
    def test_finds_it_from_wherever_it_begins(self, capacity: float, first: float) -> None:
        assert capacity / (1 + PRECISION) <= rate_of(searched(Server(capacity), first)) <= capacity

    def test_finds_it_although_a_step_failed_by_noise(self, capacity: float) -> None:
        steps = len(searched(Server(capacity)).steps)
        for noisy in range(steps):
            search = searched(Server(capacity), noisy=frozenset({noisy}))
            assert capacity / (1 + PRECISION) <= rate_of(search) <= capacity

    def test_is_too_low_and_never_too_high_where_there_is_much_noise(self, capacity: float) -> None:
        for seed in range(20):
            noisy = frozenset(number for number in range(MOST_STEPS) if Random(f"{seed}/{number}").random() < 0.3)
            search = searched(Server(capacity), noisy=noisy)
            if search.found().rate is not None:
                assert rate_of(search) <= capacity


def test_the_precision_may_be_another() -> None:
    search, server = Search(10, DEMAND, precision=0.001), Server(777)
    while not search.is_over:
        server.step(search)

    assert 777 / 1.001 <= rate_of(search) <= 777


def test_where_nothing_holds_no_rate_is_told() -> None:
    search = searched(Server(0.0))

    assert search.found().rate is None
    assert "not even" in search.why
    assert all(not step.held for step in search.steps)
    assert min(step.rate for step in search.steps) >= LEAST_RATE


def test_a_run_that_ends_first_tells_what_held_until_then() -> None:
    search, server = Search(50, DEMAND), Server(10_000)
    assert search.found().rate is None
    for _ in range(3):
        server.step(search)

    found = search.found()

    assert found.rate == 200
    assert found.why == "the run ended before the search did"
    assert [step.rate for step in found.steps] == [50, 100, 200]


class TestAGeneratorThatIsTheLimit:
    def test_ends_the_search_with_a_rate_that_held(self) -> None:
        search, server = Search(50, DEMAND), Server(10_000)
        server.step(search)
        server.step(search, limited="its process was busy")

        assert search.is_over
        assert rate_of(search) == 100
        assert search.found().is_limited
        assert "the generator was the limit" in search.why
        assert "its process was busy" in search.why

    def test_ends_it_with_the_rate_before_where_this_one_did_not_hold(self) -> None:
        search, server = Search(50, DEMAND), Server(60)
        server.step(search)
        server.step(search, limited="its process was busy")

        assert search.is_over
        assert rate_of(search) == 50

    def test_ends_it_without_a_rate_where_none_held_before(self) -> None:
        search = Search(50, DEMAND)
        Server(10).step(search, limited="its process was busy")

        assert search.is_over
        assert search.found().rate is None


@pytest.mark.parametrize(
    ("count", "failures", "p99", "held"),
    [
        (500, 0, 250.0, True),
        (500, 0, 250.1, False),
        (500, 5, 40.0, True),
        (500, 6, 40.0, False),
        (475, 0, 40.0, True),
        (474, 0, 40.0, False),
        (480, 6, 40.0, False),
        (500, 500, 40.0, False),
        (0, 0, None, False),
    ],
    ids=["p99", "p99-beyond", "failures", "failures-beyond", "kept-up", "not-kept-up", "well", "all-failed", "none"],
)
def test_a_step_holds_where_it_keeps_to_every_bound(
    count: int, failures: int, p99: float | None, *, held: bool
) -> None:
    search = Search(50, DEMAND)
    search.judge(count, failures, SECONDS, p99)

    share = failures / count if count else 1.0
    assert search.steps == [Step(50, (count - failures) / SECONDS, share, p99, held)]


def test_a_step_without_any_time_holds_nothing() -> None:
    search = Search(50, DEMAND)
    search.judge(500, 0, 0.0, 1.0)

    assert not search.steps[0].held


def test_what_was_demanded_stands_beside_what_was_found() -> None:
    found = searched(Server(100)).found()

    assert (found.p99_ms, found.failures) == (250.0, 0.01)
