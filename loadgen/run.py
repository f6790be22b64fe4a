"""A load run, from its first event to its report: the one module that knows Locust's events, in their order.

init -> the options are read, the runtime is started or reached, the witness starts
test_start -> counting begins, here and in each worker process
(the run) -> users play scenarios; once a second workers send what they counted, and samples go to the witness
test_stop -> the last counts come in, the witness ends, everything is judged, the report is written
quitting -> what was started is ended, and the exit code is set
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event
from locust import LoadTestShape, events
from locust.runners import STATE_STOPPED, LocalRunner, MasterRunner, WorkerRunner

from loadgen import judge, options, shapes, turns
from loadgen.capacity import Steps
from loadgen.conclude import Facts, conclude
from loadgen.ledger import Ledger
from loadgen.meter import Meter, limit
from loadgen.pace import Account, Arrivals
from loadgen.report.write import write
from loadgen.runtime import Attached, Started
from loadgen.samples import Taken
from loadgen.testimony import Testimony
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from locust.env import Environment

    from loadgen.client import Address
    from loadgen.options import Options
    from loadgen.summary import Example, Summary

PULSE = 1.0
"""Seconds between two reports of a worker."""
LAST_WORDS = 20.0
"""Seconds that workers have for their last report."""
COUNTS, FINISH, LEVEL = "load_counts", "load_finish", "load_level"
"""What worker and master tell each other, beside what Locust's own do."""
MOST_LOST = 10
SHOWN = 5
"""Reasons that stand in the terminal; the report has them all."""


class LoadRun:
    """A run of one locust file."""

    def __init__(self, file: str, scenarios: Sequence[str], *, by_turns: bool = False) -> None:
        """Take the file's name, and the names of all the classes that a run has to show.

        `by_turns` are sides that are each at a URL of their own, and of which only those that there are run.
        """
        self.file, self.scenarios, self._by_turns = file, list(scenarios), by_turns
        self.options: Options
        self.urls: dict[str, Address] = {}
        self.book = Ledger()
        """What this process counts."""
        self.arrivals = Arrivals()
        self._all = self.book
        """What all processes counted."""
        self._users = 0
        self._is_counting = False
        self._greenlets: list[gevent.Greenlet] = []
        self._runtime: Started | Attached | None = None
        self._testimony: Testimony | None = None
        self._exit_code = judge.EXIT_CODES["vacuous"]
        _listen(events.init_command_line_parser, lambda parser: options.add(parser, file))
        _listen(events.init, self._init)

    # -------------------------------------------------------------- init

    def _init(self, environment: Environment, runner: LocalRunner | MasterRunner | WorkerRunner, **_: object) -> None:
        self._environment, self._runner = environment, runner
        # Python would raise in whichever user is running; Locust deals with SIGTERM where it can tidy up.
        gevent.signal_handler(signal.SIGINT, os.kill, os.getpid(), signal.SIGTERM)
        if isinstance(runner, WorkerRunner):
            runner.register_message(FINISH, self._finish, concurrent=True)
            runner.register_message(LEVEL, self._hear_level)
        else:
            self._prepare()
            if isinstance(runner, MasterRunner):
                runner.register_message(COUNTS, self._absorb)
        _listen(environment.events.quitting, self._quit)
        _listen(environment.events.test_start, self._start)
        _listen(environment.events.test_stop, self._stop)
        _listen(environment.events.user_error, self._break)

    def _prepare(self) -> None:
        """Read the options, and have somebody to ask. Ends the process with one sentence where that cannot be."""
        given = self._given
        try:
            self.options = options.read(given, self.scenarios)
            self._runtime = (Started if self.options.runtime else Attached)(self.options, self.file, self._tell)
            if self.options.sample:
                self._testimony = Testimony(self._runtime.name, self.options, self._tell)
        except ParityError as error:
            self._close()
            options.end(error.exit_code, f"{self.file}: {error}")
        except BaseException:
            self._close()
            raise
        given.load_urls = self._runtime.urls  # workers hear of it with the rest of the options
        self._environment.host = next(iter(self._runtime.urls.values()))
        if given.spawn_rate is None:
            given.spawn_rate = given.num_users or 1  # everybody at once, where Locust would take one a second
        if self.options.shape != "constant":
            self._environment.shape_class = _Shape(self)

    @property
    def _given(self) -> Any:  # noqa: ANN401 - argparse's
        return self._environment.parsed_options

    def _tell(self, sentence: str) -> None:
        sys.stderr.write(f"{self.file}: {sentence}\n")
        sys.stderr.flush()

    # -------------------------------------------------------------- test_start

    def _start(self, **_: object) -> None:
        """Begin to count."""
        if isinstance(self._runner, WorkerRunner):
            self.options = options.read(self._given, self.scenarios)
        self.urls = options.addresses(self._given.load_urls)
        if self._by_turns:
            self.scenarios = list(self.urls)
        self.book = Ledger()
        self._all = self.book if isinstance(self._runner, LocalRunner) else Ledger()
        self._cpus: dict[str, float] = {}
        self._lost: list[str] = []
        self._interrupted = ""
        self._last: dict[str, Event] = defaultdict(Event)
        self._wall, self.began = datetime.now(UTC), time.perf_counter()
        self.arrivals, self._account, self._meter = Arrivals(), Account(), Meter()
        self._steps = self._search() if self.options.shape == shapes.FIND_CAPACITY else None
        self._is_counting = True
        if self._runtime is not None:
            self._runtime.begin()
        if not isinstance(self._runner, MasterRunner):
            self._greenlets.append(gevent.spawn(self._meter.run, lambda: self.book))
        if not isinstance(self._runner, WorkerRunner) and self.options.shape == "constant":
            self.ask_for(self.options.arrivals or 0.0)
        self._greenlets.append(gevent.spawn(self._pulse))

    def _search(self) -> Steps:
        demand = shapes.Demand(self.options.capacity_p99, self.options.bounds.failures or 0.0)
        first = self.options.arrivals or 1.0
        return Steps(first, demand, self.options.step_seconds, self._all, self._limit, self._tell)

    def chance(self) -> Random:
        """Return the chance of one user, its own in every process and for every user."""
        self._users += 1
        process = getattr(self._runner, "worker_index", 0)
        return Random(f"{self.options.seed}/{process}/{self._users}")

    def taken(self) -> Taken:
        """Return what decides of one user which answers are compared."""
        return Taken(self.options.sample, self.chance())

    # -------------------------------------------------------------- while it runs

    def count(self, name: str, ended: float, microseconds: float, failure: Example | None) -> None:
        """Count a scenario that ended at that time of the clock."""
        self.book.scenario(name, int(ended - self.began), microseconds, failure)

    def ask_for(self, level: float, *, forget: bool = False) -> None:
        """Have so much asked for by all processes together: in an open run scenarios a second."""
        self._account.set(level)
        if self.options.arrivals is None:
            return
        if isinstance(self._runner, MasterRunner):
            share = level / max(1, self._runner.worker_count)
            self._runner.send_message(LEVEL, {"rate": share, "forget": forget})
        else:
            self.arrivals.change(level, forget=forget)

    def _hear_level(self, msg: Any, **_: object) -> None:  # noqa: ANN401 - Locust's
        self.arrivals.change(msg.data["rate"], forget=msg.data["forget"])

    def _pulse(self) -> None:
        """Once a second, hand on what was counted and sampled."""
        while True:
            gevent.sleep(PULSE)
            self._hand_on()

    def _hand_on(self, *, last: bool = False) -> None:
        if isinstance(self._runner, WorkerRunner):
            book, self.book = self.book, Ledger()
            self._runner.send_message(COUNTS, {"counts": book.packed(), "cpu": self._meter.cpu, "last": last})
            return
        if isinstance(self._runner, LocalRunner):
            self._cpus["local"] = self._meter.cpu
        if self.options.arrivals is None and not last:
            self._account.set(self._runner.user_count)
        self._account.look()
        if self._testimony is not None:
            self._testimony.give(self._all.take_samples())

    def _absorb(self, msg: Any, **_: object) -> None:  # noqa: ANN401 - Locust's
        """Add up what a worker counted."""
        self._all.absorb(msg.data["counts"])
        self._cpus[msg.node_id] = msg.data["cpu"]
        if msg.data["last"]:
            self._last[msg.node_id].set()

    def _limit(self) -> str:
        """Return why the generator bounds what is measured; empty where it does not."""
        return limit(self._cpus)

    def _break(self, exception: BaseException, **_: object) -> None:
        """Take note of what broke in the generator itself: a run that lost users is not green."""
        sentence = f"the generator itself failed: {type(exception).__name__}: {exception}"
        if sentence not in self._lost and len(self._lost) < MOST_LOST:
            self._lost.append(sentence)

    def tick(self, seconds: float) -> int | None:
        """Go on with the shape at that second of the run; return how many users it takes, None where it is over."""
        whole, users = self.options.seconds, self._given.num_users or 1
        if whole is not None and seconds >= whole:
            return None
        if self._steps is not None:
            if (rate := self._steps.next_rate(seconds)) is not None:
                self.ask_for(rate, forget=True)
            return None if self._steps.search.is_over else users
        share = shapes.SHAPES[self.options.shape](seconds / whole if whole else 0.0)
        if self.options.arrivals is None:
            return max(1, round(users * share))
        self.ask_for(self.options.arrivals * share)
        return int(users)

    # -------------------------------------------------------------- test_stop

    def _stop(self, **_: object) -> None:
        """Count no more; where everything comes together, conclude."""
        if not self._is_counting:
            return
        self._is_counting = False
        seconds = time.perf_counter() - self.began
        self._account.look()
        gevent.killall(self._greenlets)
        self._greenlets.clear()
        if isinstance(self._runner, MasterRunner):
            self._hear_last_words(self._runner)
        self._hand_on(last=True)
        if not isinstance(self._runner, WorkerRunner):
            self._report(self._conclude(seconds))

    def _finish(self, **_: object) -> None:
        """End this worker's part, and send what it has not sent yet."""
        if self._is_counting and self._runner.state != STATE_STOPPED:
            self._runner.stop()
        self._stop()

    def _hear_last_words(self, runner: MasterRunner) -> None:
        """Wait until every worker has sent its last counts; what never came is said, since the sum lacks it."""
        runner.send_message(FINISH)
        with gevent.Timeout(LAST_WORDS, exception=False):
            for worker in list(self._cpus):
                self._last[worker].wait()
        missing = [worker for worker in self._cpus if not self._last[worker].is_set()]
        if missing:
            self._lost.append(f"{len(missing)} generator processes never sent their last counts")

    def _conclude(self, seconds: float) -> Summary:
        assert self._runtime is not None
        parity = self._testimony.end(self._all.dropped) if self._testimony is not None else None
        try:
            daemons, readings = self._runtime.end()
        except ParityError as error:
            daemons, readings = [], []
            self._lost.append(f"the footprint is missing: {error}")
        return conclude(
            Facts(
                self.file,
                self.scenarios,
                turns.lasted(self.scenarios, seconds) if self._by_turns else {},
                self.options,
                self._given.num_users or 1,
                self._runtime.name if self.options.runtime else str(self.options.host),
                self._runtime.commit,
                self._wall,
                seconds,
                self._all,
                self._account,
                self._cpus,
                daemons,
                readings,
                parity,
                self._steps.search.found() if self._steps is not None else None,
                self._interrupted,
                self._lost,
            )
        )

    def _report(self, summary: Summary) -> None:
        """Write the report, and say in the terminal what it came to."""
        self._exit_code = summary.exit_code
        try:
            write(summary, self.options.report)
        except ParityError as error:
            self._exit_code = error.exit_code
            self._tell(str(error))
        for sentence in summary.warnings:
            self._tell(f"warning: {sentence}")
        for sentence in summary.reasons[:SHOWN]:
            self._tell(sentence)
        if (more := len(summary.reasons) - SHOWN) > 0:
            self._tell(f"and {more} more; the report has them all")
        passed = sum(one.passed for one in summary.scenarios)
        rate = f"{summary.rate:,.1f} scenarios a second"
        self._tell(f"{summary.verdict}: {passed} of {len(summary.scenarios)} scenarios, {rate}")
        self._tell(f"report: {self.options.report / 'load.md'}")

    # -------------------------------------------------------------- quitting

    def _quit(self, **_: object) -> None:
        """End the run if it still goes on, then all that was started; set the exit code."""
        if self._is_counting and not isinstance(self._runner, WorkerRunner):
            seconds, whole = time.perf_counter() - self.began, self.options.seconds
            if self._steps is not None or (whole is not None and seconds < whole - PULSE):
                of = f" of {whole:g}" if whole else ""
                self._interrupted = f"it was interrupted after {seconds:.0f}{of} s; the report is of these"
        if self._is_counting:
            self._runner.stop()
            self._stop()
        self._close()
        if not isinstance(self._runner, WorkerRunner):
            self._environment.process_exit_code = self._exit_code

    def _close(self) -> None:
        if self._testimony is not None:
            self._testimony.close()
        if self._runtime is not None:
            self._runtime.close()


class _Shape(LoadTestShape):
    """What Locust asks once a second: how many users there should be."""

    use_common_options = True

    def __init__(self, run: LoadRun) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._run = run

    def tick(self) -> tuple[int, float] | None:
        """Return users and spawn rate; None where the run is over."""
        users = self._run.tick(self.get_run_time())  # type: ignore[no-untyped-call]
        return None if users is None else (users, users)


def _listen(hook: Any, listener: Any) -> None:  # noqa: ANN401 - Locust has no types for these
    hook.add_listener(listener)
