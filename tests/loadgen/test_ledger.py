"""The ledger: two halves make the whole exactly, and the percentiles are those of the values."""

from __future__ import annotations

import itertools
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from loadgen import ledger
from loadgen.ledger import Entry, Ledger
from loadgen.samples import Sample
from loadgen.summary import KINDS, Example

if TYPE_CHECKING:
    from collections.abc import Iterable

SEEDS = range(8)
CALLS = ("POST /a", "POST /b")
SAMPLE = Sample("validate", b"POST /v1/validate\n\n{}", b'{"status":200}')


def failed(kind: str = "timeout", why: str = "no answer") -> Example:
    return ledger.example(kind, "POST /a", why)


def times(random: Random, count: int) -> list[float]:
    """Return durations in microseconds, from less than one to beyond an hour, most of them usual ones."""
    usual = [random.lognormvariate(8, 2) for _ in range(count)]
    return usual + [random.uniform(0, 2) for _ in range(9)] + [random.uniform(1, 5e9) for _ in range(9)]


def event(random: Random, took: float) -> tuple[Any, ...]:
    failure = failed(random.choice(KINDS), f"why {random.random()}") if random.random() < 0.2 else None
    return random.choice(("search", "validate")), random.randrange(40), took, failure


def played(events: Iterable[tuple[Any, ...]]) -> Ledger:
    """Return a ledger in which some scenarios, and the calls in them, are counted."""
    book = Ledger()
    for name, second, took, failure in events:
        book.scenario(name, second, took, failure)
        book.call(CALLS[second % 2], took, str(200 + second) if failure is None else "none", failure)
        book.lag.add(took / 1000, None)
        book.late += second % 3 == 0
        book.sample(SAMPLE if second < 5 else None)
    return book


def of(entry: Entry) -> tuple[Any, ...]:
    """Return everything that an entry has counted."""
    histogram = entry.histogram
    return entry.count, entry.kinds, bytes(histogram.counts), histogram.get_total_count(), histogram.get_max_value()


def everything(book: Ledger) -> dict[str, Any]:
    """Return everything that a ledger has counted, but for the examples, of which there is a choice."""
    several: dict[str, dict[Any, Entry]] = {"scenarios": book.scenarios, "calls": book.calls, "seconds": book.seconds}
    return {kind: {name: of(entry) for name, entry in entries.items()} for kind, entries in several.items()} | {
        "window": of(book.window),
        "lag": of(book.lag),
        "statuses": book.statuses,
        "late": book.late,
        "samples": sorted(book.samples),
        "dropped": book.dropped,
    }


def sent(book: Ledger) -> dict[str, Any]:
    """Return a ledger as it goes from one process to another one: as plain data, through an encoding."""
    packed: dict[str, Any] = msgspec.msgpack.decode(msgspec.msgpack.encode(book.packed()))
    assert packed == book.packed()
    return packed


def merged(*books: Ledger) -> Ledger:
    whole = Ledger()
    for book in books:
        whole.absorb(sent(book))
    return whole


@pytest.mark.parametrize("seed", SEEDS)
class TestParts:
    def test_two_make_the_whole(self, seed: int) -> None:
        random = Random(seed)
        events = [event(random, took) for took in times(random, 400)]
        cut = random.randrange(len(events))

        halves = merged(played(events[:cut]), played(events[cut:]))

        assert everything(halves) == everything(played(events))

    def test_many_in_any_order_make_the_whole(self, seed: int) -> None:
        random = Random(seed)
        events = [event(random, took) for took in times(random, 200)]
        books = [played(events[at::7]) for at in range(7)]
        random.shuffle(books)

        assert everything(merged(*books)) == everything(played(events))

    def test_add_to_what_was_counted_here(self, seed: int) -> None:
        random = Random(seed)
        events = [event(random, took) for took in times(random, 200)]
        here = played(events[::2])

        here.absorb(sent(played(events[1::2])))

        assert everything(here) == everything(played(events))

    def test_go_on_being_counted_in(self, seed: int) -> None:
        random = Random(seed)
        events = [event(random, took) for took in times(random, 200)]
        here = merged(played(events[:100]))
        for name, second, took, failure in events[100:]:
            here.scenario(name, second, took, failure)

        assert everything(here)["scenarios"] == everything(played(events))["scenarios"]
        assert everything(here)["seconds"] == everything(played(events))["seconds"]


def test_an_empty_part_changes_nothing() -> None:
    book = played([("search", 3, 5_000.0, failed())])
    before = everything(book)

    book.absorb(sent(Ledger()))

    assert everything(book) == before


@pytest.mark.parametrize("why", ["é \x00 \U0001f600", "\n\r\u2028"])
def test_what_a_failure_says_travels_as_it_is(why: str) -> None:
    whole = merged(played([("search", 3, 5_000.0, failed(why=why))]))

    assert whole.scenarios["search"].examples == [Example("timeout", "POST /a", why)]


class TestPercentiles:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_are_those_of_the_values_to_three_digits(self, seed: int) -> None:
        random = Random(seed)
        values = [random.lognormvariate(9, 2) + 1 for _ in range(1_000 * (1 + seed))]
        entry = Entry()
        for value in values:
            entry.add(value, None)

        for percent in (1, 10, 50, 90, 95, 99, 99.9, 100):
            due = np.percentile(np.round(values), percent, method="closest_observation") / 1000
            assert entry.percentile(percent) == pytest.approx(due, rel=1e-3)

    def test_of_a_few_values_are_these(self) -> None:
        entry = Entry()
        for milliseconds in (1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000):
            entry.add(milliseconds * 1000, None)

        latency = entry.latency()

        assert latency is not None
        assert (latency.p50, latency.p95, latency.max) == pytest.approx((5, 1_000, 1_000), rel=1e-3)

    def test_are_never_averaged(self) -> None:
        """The p99 of a fast process and a slow one is that of all values, wherever the mean of the two would be."""
        fast, slow = Entry(), Entry()
        for _ in range(990):
            fast.add(1_000, None)
        for _ in range(10):
            slow.add(1_000_000, None)

        fast.merge(Entry.unpacked(slow.packed()))

        assert fast.percentile(99) == pytest.approx(1, rel=1e-3)
        assert fast.percentile(99.1) == pytest.approx(1_000, rel=1e-3)

    def test_of_nothing_there_are_none(self) -> None:
        assert Entry().percentile(99) is None
        assert Entry().latency() is None
        assert Entry().described("nothing").latency is None

    @pytest.mark.parametrize(
        ("microseconds", "milliseconds"),
        [(-5.0, 0.001), (0.0, 0.001), (0.4, 0.001), (1.0, 0.001), (3.6e9, 3_600_000), (1e15, 3_600_000)],
    )
    def test_of_what_is_too_short_or_too_long_are_the_ends(self, microseconds: float, milliseconds: float) -> None:
        entry = Entry()
        entry.add(microseconds, None)

        assert entry.count == entry.histogram.get_total_count() == 1
        assert entry.percentile(50) == pytest.approx(milliseconds, rel=1e-3)


class TestFailures:
    def test_are_counted_by_their_kind(self) -> None:
        entry = Entry()
        for kind, count in zip(KINDS, itertools.count(1)):
            for _ in range(count):
                entry.add(1, failed(kind))
        entry.add(1, None)

        described = entry.described("search")

        assert described.failure_kinds == dict(zip(KINDS, itertools.count(1)))
        assert (described.count, described.failures) == (11, 10)
        assert list(Entry().described("search").failure_kinds) == list(KINDS)

    def test_are_told_three_times_of_each_kind(self) -> None:
        entry = Entry()
        for number in range(100):
            entry.add(1, failed(KINDS[number % 2], f"why {number}"))

        assert [example.why for example in entry.examples] == [f"why {number}" for number in range(6)]

    def test_are_told_three_times_of_all_parts_together(self) -> None:
        books = [
            played([("search", 1, 1.0, failed(kind, f"{part} {number}")) for number in range(5) for kind in KINDS])
            for part in range(4)
        ]

        whole = merged(*books).scenarios["search"]

        assert whole.failures == 80
        for kind in KINDS:
            assert [one.why for one in whole.examples if one.kind == kind] == ["0 0", "0 1", "0 2"]

    def test_of_a_later_part_are_told_as_well(self) -> None:
        whole = merged(
            played([("search", 1, 1.0, failed(why="first"))]), played([("search", 1, 1.0, failed(why="second"))])
        )

        assert [one.why for one in whole.scenarios["search"].examples] == ["first", "second"]

    def test_are_told_in_no_more_than_a_reader_needs(self) -> None:
        assert len(failed(why="x" * 1_000_000).why) == ledger.LONGEST_TOLD
        assert failed(why="x" * ledger.LONGEST_TOLD).why == "x" * ledger.LONGEST_TOLD


class TestTheWindow:
    def test_is_of_all_scenarios_since_the_last_look(self) -> None:
        book = Ledger()
        book.scenario("search", 0, 1_000, None)
        book.scenario("validate", 0, 1_000, failed())
        first = book.take_window()
        book.scenario("search", 1, 9_000, None)
        second = book.take_window()

        assert (first.count, first.failures) == (2, 1)
        assert (second.count, second.failures) == (1, 0)
        assert second.percentile(99) == pytest.approx(9, rel=1e-3)
        assert book.take_window().count == 0
        assert book.scenarios["search"].count == 2

    def test_does_not_hold_what_another_process_has_looked_at(self) -> None:
        book = played([("search", 0, 1_000.0, None)])
        book.take_window()

        whole = merged(book)

        assert whole.window.count == 0
        assert whole.scenarios["search"].count == 1

    def test_of_a_part_is_looked_at_here(self) -> None:
        whole = merged(played([("search", 0, 1_000.0, None)]))
        whole.take_window()
        whole.absorb(sent(played([("search", 1, 7_000.0, None)])))

        assert whole.take_window().percentile(50) == pytest.approx(7, rel=1e-3)


class TestSamples:
    def test_that_wait_are_bounded_and_the_rest_is_counted(self) -> None:
        book = Ledger()
        for _ in range(ledger.MOST_SAMPLES + 7):
            book.sample(SAMPLE)

        assert len(book.samples) == ledger.MOST_SAMPLES
        assert book.dropped == 7

    def test_that_are_none_are_neither_kept_nor_dropped(self) -> None:
        book = Ledger()
        book.sample(None)

        assert (book.samples, book.dropped) == ([], 0)

    def test_are_taken_once(self) -> None:
        book = Ledger()
        book.sample(SAMPLE)
        taken = book.take_samples()

        assert len(taken) == 1
        assert book.take_samples() == []


class TestTheTimeline:
    def test_has_every_second_from_the_first_to_the_last(self) -> None:
        book = Ledger()
        book.scenario("search", 1, 4_000, None)
        book.scenario("validate", 1, 4_000, failed())
        book.scenario("search", 3, 6_000, None)

        seconds = list(book.timeline(5.9, {0: 2.0, 3: 5.0}))

        assert [one.second for one in seconds] == [0, 1, 2, 3, 4]
        assert [one.scenarios for one in seconds] == [0, 2, 0, 1, 0]
        assert [one.failures for one in seconds] == [0, 1, 0, 0, 0]
        # A worker's clock may be one second ahead of the one that the levels are from, and no more.
        assert [one.level for one in seconds] == [2.0, None, None, 5.0, 5.0]
        assert list(book.timeline(6.0, {0: 2.0, 3: 5.0}))[5].level is None
        assert [one.p50 for one in seconds[1::2]] == pytest.approx([4, 6], rel=1e-2)
        assert [one.p99 for one in seconds[::2]] == [None] * 3

    def test_has_what_ended_behind_the_last_whole_second(self) -> None:
        book = Ledger()
        book.scenario("search", 2, 4_000, None)

        assert [one.scenarios for one in book.timeline(2.4, {})] == [0, 0, 1]

    def test_of_nothing_is_empty(self) -> None:
        assert list(Ledger().timeline(0.4, {0: 1.0})) == []

    @pytest.mark.parametrize("seed", SEEDS)
    def test_sums_up_to_the_scenarios(self, seed: int) -> None:
        random = Random(seed)
        book = merged(
            played([event(random, took) for took in times(random, 100)]),
            played([event(random, took) for took in times(random, 100)]),
        )
        seconds = list(book.timeline(0.0, {}))

        assert sum(one.scenarios for one in seconds) == sum(entry.count for entry in book.scenarios.values())
        assert sum(one.failures for one in seconds) == sum(entry.failures for entry in book.scenarios.values())
