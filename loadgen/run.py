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
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import gevent
from locust import LoadTestShape, events, log
from locust.runners import STATE_STOPPED, LocalRunner, MasterRunner, WorkerRunner

from loadgen import judge, options, shapes, turns
from loadgen.answers import Remembered
from loadgen.capacity import Steps
from loadgen.conclude import Facts, conclude
from loadgen.gather import Gathered, Outbox
from loadgen.ledger import Ledger, example
from loadgen.meter import Meter
from loadgen.pace import Account, Arrivals
from loadgen.report.write import save, write
from loadgen.runtime import Attached, Started
from loadgen.samples import Taken
from loadgen.testimony import Testimony
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from locust.env import Environment

    from loadgen.client import Address
    from loadgen.options import Options
    from loadgen.summary import Daemon, Example, Parity, Reading, Summary

PULSE = 1.0
"""Seconds between two reports of a worker."""
COUNTS, FINISH, LEVEL = "load_counts", "load_finish", "load_level"
"""What worker and master tell each other, beside what Locust's own do."""
OPEN_USERS = 200
"""In an open run how many may be under way at once, unless --users says so."""
LEAST_HANG = 1.0
"""Seconds that any scenario may be under way when a run ends."""
SAVING = 5.0
"""Seconds between two times at which what there is is written down."""
SHOWN = 5
"""Reasons that stand in the terminal; the report has them all."""


class LoadRun:
    """A run of one locust file."""

    def __init__(
        self,
        file: str,
        scenarios: Sequence[str],
        prepare: Callable[[Options], object],
        *,
        by_turns: bool = False,
    ) -> None:
        """Take the file's name, and the names of all the classes that a run has to show.

        `prepare` makes what a process needs before it counts; it raises UsageError where the options do not fit.
        `by_turns` are sides that are each at a URL of their own, and of which only those that there are run.
        """
        self.file, self.scenarios, self._by_turns = file, list(scenarios), by_turns
        self._make = prepare
        self.options: Options
        self.urls: dict[str, Address] = {}
        self.book = Ledger()
        """What this process counts."""
        self.remembered = Remembered()
        self.arrivals = Arrivals()
        self._level = 0.0
        """In a worker: what the master asks for, of which the first word comes before the run begins here."""
        self._gathered = Gathered(self.book, [])
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
        if isinstance(runner, WorkerRunner):
            runner.register_message(FINISH, self._finish, concurrent=True)
            runner.register_message(LEVEL, self._hear_level)
        else:
            self._prepare()
            if isinstance(runner, MasterRunner):
                runner.register_message(COUNTS, self._absorb)
        # Python would raise in whichever user is running; Locust deals with SIGTERM where it can tidy up.
        gevent.signal_handler(signal.SIGINT, os.kill, os.getpid(), signal.SIGTERM)
        _listen(environment.events.quitting, self._quit)
        _listen(environment.events.test_start, self._start)
        _listen(environment.events.test_stop, self._stop)
        _listen(environment.events.user_error, self._break)

    def _prepare(self) -> None:
        """Read the options, and have somebody to ask. Ends the process with one sentence where that cannot be."""
        given = self._given
        if given.num_users is None and (given.arrivals is not None or given.shape == shapes.FIND_CAPACITY):
            given.num_users = OPEN_USERS
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self.options = options.read(given, self.scenarios)
            self._make(self.options)
            self._runtime = (Started if self.options.runtime else Attached)(self.options, self.file, self._tell)
            if self.options.sample:
                self._testimony = Testimony(self._runtime.name, self.options, self._tell)
        except ParityError as error:
            self._close()
            options.end(error.exit_code, f"{self.file}: {error}")
        except KeyboardInterrupt:
            self._close()
            options.end(judge.EXIT_CODES["interrupted"], f"{self.file}: interrupted before it began")
        except BaseException:
            self._close()
            raise
        finally:
            signal.signal(signal.SIGTERM, before)
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
        self._exit_code = judge.EXIT_CODES["vacuous"]
        if isinstance(self._runner, WorkerRunner):
            self.options = options.read(self._given, self.scenarios, of_worker=True)
            self._make(self.options)
        elif self._testimony is not None and self._testimony.is_over:  # Locust's page begins one run after the other
            assert self._runtime is not None
            self._testimony = Testimony(self._runtime.name, self.options, self._tell)
        self.urls = options.addresses(self._given.load_urls)
        if self._by_turns:
            self.scenarios = list(self.urls)
        self.book, self.remembered = Ledger(), Remembered()
        workers = list(self._runner.clients) if isinstance(self._runner, MasterRunner) else []
        self._gathered = Gathered(self.book if isinstance(self._runner, LocalRunner) else Ledger(), workers)
        self._outbox = Outbox()
        self._interrupted = ""
        self._wall, self.began = datetime.now(UTC), time.perf_counter()
        self.arrivals, self._account, self._meter = Arrivals(), Account(), Meter()
        self.arrivals.change(self._level)
        self._steps = self._search() if self.options.shape == shapes.FIND_CAPACITY else None
        self._is_counting = True
        if self._runtime is not None:
            self._runtime.begin()
        if not isinstance(self._runner, MasterRunner):
            self._greenlets.append(gevent.spawn(self._meter.run, lambda: self.book))
        if not isinstance(self._runner, WorkerRunner):
            if self.options.shape == "constant":
                self.ask_for(self.options.arrivals or 0.0)
            else:
                self.tick(0.0)
            self._save()
        self._greenlets.append(gevent.spawn(self._pulse))

    def _search(self) -> Steps:
        demand = shapes.Demand(self.options.capacity_p99, self.options.bounds.failures or 0.0)
        first = self.options.arrivals or 1.0
        return Steps(
            first, demand, self.options.step_seconds, self._gathered.book, lambda: self._gathered.limit, self._tell
        )

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

    def break_off(self, name: str, began: float) -> None:
        """Take note of a scenario that was still under way when the run ended.

        One that takes longer than any of its kind may is one without an answer: of a service that hangs nothing else
        would be seen.
        """
        now = time.perf_counter()
        bound = self.options.bounds.p99_ms.get(name)
        most = max(bound / 1000, LEAST_HANG) if bound is not None else self.options.deadline / 2
        if self._is_counting and now - began > most:
            why = f"no answer for {now - began:.1f} s, when the run ended"
            self.count(name, now, (now - began) * 1e6, example("timeout", name, why))

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
        self._level = msg.data["rate"]
        self.arrivals.change(self._level, forget=msg.data["forget"])

    def _pulse(self) -> None:
        """Once a second, hand on what was counted and sampled."""
        saved = time.perf_counter()
        while True:
            gevent.sleep(PULSE)
            self._hand_on()
            if not isinstance(self._runner, WorkerRunner) and time.perf_counter() - saved > SAVING:
                self._save()
                saved = time.perf_counter()

    def _hand_on(self, *, last: bool = False) -> None:
        if isinstance(self._runner, WorkerRunner):
            self._send(self._runner, last=last)
            return
        if isinstance(self._runner, LocalRunner):
            self._gathered.look("local", self._meter.cpu, self._meter.lately())
        if not last:
            self._account.set(self._account.level if self.options.arrivals is not None else self._runner.user_count)
        if self._testimony is not None:
            self._testimony.give(self._gathered.book.take_samples())

    def _send(self, runner: WorkerRunner, *, last: bool) -> None:
        """Send what was counted since the last time."""
        book, self.book = self.book, Ledger()
        report = self._outbox.report(book, self._meter, self._gathered.lost, last=last)
        try:
            runner.send_message(COUNTS, report)
        except Exception:  # noqa: BLE001 - whatever the network says, it goes with the next report
            self._outbox.take_back(report, self.book)

    def _absorb(self, msg: Any, **_: object) -> None:  # noqa: ANN401 - Locust's
        self._gathered.take(msg.node_id, msg.data)

    def _break(self, exception: BaseException, **_: object) -> None:
        """Take note of what broke in the generator itself: a run that lost users is not green."""
        self._gathered.lose(f"the generator itself failed: {type(exception).__name__}: {exception}")

    def tick(self, seconds: float) -> int | None:
        """Go on with the shape at that second of the run; return how many users it takes, None where it is over."""
        whole, users = self.options.seconds, int(self._given.num_users or 1)
        if whole is not None and seconds >= whole:
            return None
        share = shapes.SHAPES.get(self.options.shape, shapes.constant)(seconds / whole if whole else 0.0)
        if self.options.arrivals is None:
            return max(1, round(users * share))
        if not self._is_counting:  # before it starts anything, Locust asks how many users that takes
            return users
        if self._steps is None:
            self.ask_for(self.options.arrivals * share)
        elif (rate := self._steps.next_rate(seconds)) is not None:
            self.ask_for(rate, forget=True)
        return None if self._steps is not None and self._steps.search.is_over else users

    # -------------------------------------------------------------- test_stop

    def _stop(self, **_: object) -> None:
        """Count no more; where everything comes together, conclude."""
        if not self._is_counting:
            return
        self._is_counting, self._level = False, 0.0
        seconds = time.perf_counter() - self.began
        self._account.stop()
        gevent.killall(self._greenlets)
        self._greenlets.clear()
        if isinstance(self._runner, MasterRunner):
            self._runner.send_message(FINISH)
            self._gathered.hear_last_words()
        self._hand_on(last=True)
        if not isinstance(self._runner, WorkerRunner):
            self._exit_code = judge.EXIT_CODES["unable"]  # where what follows breaks, Locust only logs it
            self._report(self._conclude(seconds))

    def _finish(self, **_: object) -> None:
        """End this worker's part, and send what it has not sent yet."""
        if self._is_counting and self._runner.state != STATE_STOPPED:
            self._runner.stop()
        self._stop()

    def _save(self) -> None:
        """Write down what there is so far, marked as what it is: a run that is killed leaves that."""
        facts = self._facts(time.perf_counter() - self.began, [], [], None)
        summary = conclude(facts._replace(interrupted="it has not ended: it still runs, or was killed"))
        with suppress(ParityError):  # it is told at the end
            save(summary, self.options.report)

    def _conclude(self, seconds: float) -> Summary:
        """End who watched, the footprint first, since only the load is of interest there."""
        assert self._runtime is not None
        daemons: list[Daemon] = []
        readings: list[Reading] = []
        try:
            daemons, readings = self._runtime.end()
        except ParityError as error:
            self._gathered.lose(f"the footprint is missing: {error}")
        parity = self._testimony.end(self._gathered.book.dropped) if self._testimony is not None else None
        return conclude(self._facts(seconds, daemons, readings, parity))

    def _facts(self, seconds: float, daemons: list[Daemon], readings: list[Reading], parity: Parity | None) -> Facts:
        assert self._runtime is not None
        return Facts(
            file=self.file,
            scenarios=self.scenarios,
            turns=turns.lasted(self.scenarios, seconds) if self._by_turns else {},
            options=self.options,
            users=self._given.num_users or 1,
            target=self._runtime.name if self.options.runtime else str(self.options.host),
            commit=self._runtime.commit,
            began=self._wall,
            seconds=seconds,
            book=self._gathered.book,
            account=self._account,
            cpus=self._gathered.cpus,
            daemons=daemons,
            readings=readings,
            parity=parity,
            capacity=self._steps.search.found() if self._steps is not None else None,
            interrupted=self._interrupted,
            lost=self._gathered.lost,
        )

    def _report(self, summary: Summary) -> None:
        """Write the report, and say in the terminal what it came to."""
        self._exit_code = summary.exit_code
        try:
            write(summary, self.options.report)
        except ParityError as error:
            self._exit_code = error.exit_code
            self._tell(f"{summary.verdict}, but {error}")
            return
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
            broken = log.unhandled_greenlet_exception and not self._exit_code
            self._environment.process_exit_code = judge.EXIT_CODES["unable"] if broken else self._exit_code

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
