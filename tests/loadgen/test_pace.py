"""Arrivals at a clock that the test holds: when each is due, and what waiting for it adds to its latency."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import gevent
import pytest

from loadgen.ledger import Entry
from loadgen.pace import Account, Arrivals

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 60.0


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def arrivals(clock: Clock, rate: float) -> Arrivals:
    made = Arrivals(clock)
    made.change(rate)
    return made


def due_until(made: Arrivals, end: float) -> list[float]:
    """Return the arrivals before that time, as users take them who are always free."""
    found = []
    while (due := made.take()) is not None and due < end:
        found.append(due)
    return found


class TestArrivals:
    @pytest.mark.parametrize("rate", [0.25, 1, 7, 50, 3_000])
    def test_are_evenly_spaced_from_the_first_on(self, clock: Clock, rate: float) -> None:
        made = arrivals(clock, rate)

        taken = [made.take() for _ in range(20)]

        assert taken == pytest.approx([100 + number / rate for number in range(20)])

    def test_are_none_before_there_is_a_rate_and_behind_its_end(self, clock: Clock) -> None:
        made = Arrivals(clock)
        assert made.take() is None
        made.change(10)
        assert made.take() == 100
        made.change(0)
        assert made.take() is None

    def test_of_a_time_without_a_rate_are_not_made_up_for(self, clock: Clock) -> None:
        made = Arrivals(clock)
        clock.now = 160.0
        made.change(10)

        assert made.take() == 160
        assert made.take() == pytest.approx(160.1)

    def test_do_not_depend_on_when_they_are_taken(self, clock: Clock) -> None:
        made = arrivals(clock, 10)
        made.take()
        clock.now = 100.05
        second = made.take()
        clock.now = 104.0

        assert (second, made.take()) == pytest.approx((100.1, 100.2))

    def test_that_nobody_was_free_for_are_all_taken_behind_a_stall(self, clock: Clock) -> None:
        made = arrivals(clock, 10)
        made.take()
        clock.now = 102.0

        late = [made.take() for _ in range(20)]

        assert late == pytest.approx([100 + number / 10 for number in range(1, 21)])
        assert made.take() == pytest.approx(102.1)


class TestAChangeOfTheRate:
    def test_is_heard_at_once_by_a_gap_that_was_cut_for_a_slow_one(self, clock: Clock) -> None:
        made = arrivals(clock, 0.1)
        made.take()  # the next one is due in ten seconds
        clock.now = 101.0
        made.change(100)  # nine tenths of a gap are left, and a gap is 10 ms now

        assert made.take() == pytest.approx(101.009)
        assert made.take() == pytest.approx(101.019)

    def test_to_a_slower_one_stretches_what_is_left_of_the_gap(self, clock: Clock) -> None:
        made = arrivals(clock, 10)
        made.take()
        clock.now = 100.05
        made.change(1)

        assert made.take() == pytest.approx(100.55)
        assert made.take() == pytest.approx(101.55)

    def test_to_the_same_changes_nothing(self, clock: Clock) -> None:
        made, other = arrivals(clock, 7), arrivals(clock, 7)
        for number in range(50):
            clock.now = 100 + number / 13
            made.change(7)
            assert made.take() == pytest.approx(other.take())

    @pytest.mark.parametrize("rate", [2, 500])
    def test_does_not_change_how_many_wait_since_before(self, clock: Clock, rate: float) -> None:
        """Of a stall of one second at 50 a second 50 wait, and no more of them because the rate is another one now."""
        made = arrivals(clock, 50)
        made.take()
        clock.now = 101.0
        made.change(rate)

        waiting = due_until(made, 101.0 - 1e-9)

        assert waiting == pytest.approx([100 + number / 50 for number in range(1, 50)])
        assert made.take() == pytest.approx(101.0 + 1 / rate, abs=0.03)

    def test_may_forget_those_that_wait(self, clock: Clock) -> None:
        made = arrivals(clock, 10)
        made.take()
        clock.now = 105.0
        made.change(20, forget=True)

        assert made.take() == 105.0
        assert made.take() == pytest.approx(105.05)

    def test_that_forgets_begins_at_once_even_where_nobody_waits(self, clock: Clock) -> None:
        made = arrivals(clock, 0.1)
        made.take()
        clock.now = 101.0
        made.change(10, forget=True)

        assert made.take() == 101.0

    def test_from_zero_and_back_keeps_no_debt(self, clock: Clock) -> None:
        made = arrivals(clock, 10)
        made.take()
        made.change(0)
        clock.now = 200.0
        made.change(10)
        first = made.take()

        assert first is not None
        assert first == pytest.approx(200.1)  # of the gap that was running when they ended, all is left
        assert made.take() == pytest.approx(first + 0.1)

    @pytest.mark.parametrize("seed", range(20))
    def test_keeps_the_number_of_all_that_of_the_level_over_time(self, clock: Clock, seed: int) -> None:
        """However users take them, early or behind a stall: what is asked for is what the account says was."""
        random = Random(seed)
        made, account = Arrivals(clock), Account(clock)
        taken: list[float] = []
        for _ in range(60):
            rate = random.choice((0.0, 1.0, 5.0, 40.0, 300.0))
            made.change(rate)
            account.set(rate)
            for _ in range(random.randrange(4)):  # looks of those who are free; some do not look in all that time
                clock.now += random.uniform(0.1, 1.0)
                while made.due is not None and made.due <= clock.now:
                    taken.append(made.due)
                    made.take()
        while made.due is not None and made.due <= clock.now:
            taken.append(made.due)
            made.take()

        assert taken == sorted(taken)
        assert len(taken) == pytest.approx(account.asked, abs=1.01)  # the first one comes at once


class TestTheLine:
    """Users who wait. gevent's own loop turns; the clock of the arrivals is the test's."""

    def test_takes_nothing_before_its_time(self, clock: Clock) -> None:
        """Else a hundred free users had taken the next ten seconds at the rate of before, whatever comes now."""
        made, began = arrivals(clock, 10), []
        users = [gevent.spawn(lambda: began.append(made.wait())) for _ in range(100)]
        gevent.idle()
        assert began == [100.0]

        made.change(1_000)  # 99 users are free, and of the gap that is running a hundredth of the time is left
        clock.now = 101.0
        gevent.joinall(users, timeout=LONGEST)

        assert began == pytest.approx([100.0, *(100 + number / 1_000 for number in range(1, 100))])

    def test_is_served_in_its_order(self, clock: Clock) -> None:
        made, served = Arrivals(clock), []

        def user(number: int) -> None:
            made.wait()
            served.append(number)

        users = [gevent.spawn(user, number) for number in range(20)]
        gevent.idle()
        made.change(5)
        clock.now = 200.0
        gevent.joinall(users, timeout=LONGEST)

        assert served == list(range(20))

    def test_goes_on_when_the_first_in_it_leaves(self, clock: Clock) -> None:
        made = Arrivals(clock)
        first, second = gevent.spawn(made.wait), gevent.spawn(made.wait)
        gevent.idle()
        first.kill()
        made.change(1)

        assert second.get(timeout=LONGEST) == 100.0


class TestCoordinatedOmission:
    """One user, a service that takes 5 ms, but once 1 s; 100 arrivals a second. Worked out by hand."""

    def play(self, clock: Clock, began: Callable[[float, float], float]) -> Entry:
        made, entry = arrivals(clock, 100), Entry()
        for number in range(300):
            due = made.take()
            assert due is not None
            clock.now = started = max(clock.now, due)
            clock.now += 1.0 if number == 100 else 0.005
            entry.add((clock.now - began(due, started)) * 1e6, None)
        return entry

    def test_from_the_intended_start_a_stall_is_everybodys(self, clock: Clock) -> None:
        """Of 300 there are 100 with 5 ms, and then 1000, 995, ..., 10, 5 ms.

        The one that is due at 1.0 s ends at 2.0 s. The n-th behind it is due at 1 + n/100 and ends at 2 + n/200, which
        are 1 - n/200 s: down to 5 ms at n = 199, the last one.
        """
        entry = self.play(clock, lambda due, _: due)

        assert entry.percentile(100) == pytest.approx(1_000, rel=2e-3)
        assert entry.percentile(99) == pytest.approx(985, rel=2e-3)  # the 297th of 300, before 990, 995 and 1000
        assert entry.percentile(50) == pytest.approx(250, rel=2e-2)  # the 150th: 100 quick ones, then the 50th of 5 ms
        assert entry.percentile(34) == pytest.approx(10, rel=2e-3)  # the 102nd: 101 have 5 ms

    def test_from_when_it_was_sent_a_stall_is_of_one(self, clock: Clock) -> None:
        entry = self.play(clock, lambda _, started: started)

        assert entry.percentile(100) == pytest.approx(1_000, rel=2e-3)
        assert entry.percentile(99) == pytest.approx(5, rel=2e-3)


class TestTheAccount:
    def test_is_the_level_over_time(self, clock: Clock) -> None:
        account = Account(clock)
        clock.now += 1.0
        assert account.asked == 0
        account.set(10)
        clock.now += 2.5
        account.set(40)
        clock.now += 0.5
        account.set(0)
        clock.now += 100
        assert account.asked == pytest.approx(10 * 2.5 + 40 * 0.5)

    def test_counts_until_now_and_looking_changes_nothing(self, clock: Clock) -> None:
        account, looked = Account(clock), Account(clock)
        for one in (account, looked):
            one.set(8)
        for _ in range(30):
            clock.now += 0.13
            looked.set(looked.level)
        assert account.asked == looked.asked == pytest.approx(8 * 30 * 0.13)

    def test_counts_nothing_behind_the_end(self, clock: Clock) -> None:
        account = Account(clock)
        account.set(8)
        clock.now += 2.5
        account.stop()
        clock.now += 60
        assert account.asked == pytest.approx(8 * 2.5)
        assert account.level == 0
        assert account.by_second == {0: 8, 1: 8, 2: 8}

    def test_knows_the_level_at_each_second(self, clock: Clock) -> None:
        account = Account(clock)
        account.set(5)
        clock.now += 1.2
        account.set(account.level)
        clock.now += 1.0
        account.set(9)
        clock.now += 1.1
        account.set(account.level)

        assert account.by_second == {0: 5, 1: 5, 2: 9, 3: 9}

    def test_misses_no_second_between_two_looks(self, clock: Clock) -> None:
        account = Account(clock)
        account.set(5)
        clock.now += 0.9
        account.set(account.level)
        clock.now += 1.2  # it was to be one, and the second from 1 to 2 was passed over
        account.set(7)
        clock.now += 3.0
        account.set(account.level)

        assert account.by_second == {0: 5, 1: 5, 2: 7, 3: 7, 4: 7, 5: 7}
