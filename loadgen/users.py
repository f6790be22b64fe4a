"""A Locust user that plays scenarios, and counts from the time at which each was due."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from gevent import GreenletExit
from locust import User

from loadgen import ledger
from loadgen.client import Failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadgen.run import LoadRun

TOO_LATE = 0.005
"""Seconds behind its time at which somebody becomes free for an arrival: it counts as one that found nobody."""


class ScenarioUser(User):
    """Who plays one scenario after the other: at once in a closed run, when the next one arrives in an open one."""

    abstract = True
    load: ClassVar[LoadRun]
    _due = 0.0

    def on_start(self) -> None:
        """Wait for the first arrival."""
        if self.load.options.arrivals is not None:
            self.wait()  # type: ignore[no-untyped-call]

    def wait_time(self) -> float:
        """Wait until the next scenario is due, and return that it is."""
        load = self.load
        if load.options.arrivals is None:
            return 0.0
        free = time.perf_counter()
        self._due = load.arrivals.wait()
        if free - self._due > TOO_LATE:
            load.book.late += 1
        return 0.0

    def scenario(self, name: str, play: Callable[[], None]) -> None:
        """Play one scenario and count it."""
        load = self.load
        began = time.perf_counter()
        if load.options.arrivals is not None:
            began = self._due
        failure = None
        try:
            play()
        except Failed as failed:
            failure = ledger.example(failed.kind, failed.call, failed.why)
        except GreenletExit:  # the run ends
            load.break_off(name, began)
            raise
        ended = time.perf_counter()
        load.count(name, ended, (ended - began) * 1e6, failure)
        self.environment.events.request.fire(
            request_type="scenario",
            name=name,
            response_time=(ended - began) * 1e3,
            response_length=0,
            # Locust keeps each text that it ever saw, so it gets one of a few.
            exception=None if failure is None else RuntimeError(f"{failure.kind} at {failure.call}"),
            context={},
        )
