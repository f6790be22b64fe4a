"""The load story: coordinators search, write, validate, record and search again, and every answer is checked.

    locust -f loadgen/multitier.py --runtime go --headless -u 50 -t 60s
    locust -f loadgen/multitier.py --host http://127.0.0.1:3218 --validatord http://127.0.0.1:3221
    locust -f loadgen/multitier.py --runtime rust --headless -u 200 --arrivals 300 --shape ramp -t 2m
    locust -f loadgen/multitier.py --runtime go --headless -u 200 --shape find-capacity

Without --headless Locust's own page is at http://localhost:8089. The report is below reports/load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.roster import roster
from loadgen.run import LoadRun
from loadgen.scenarios import SCENARIOS, Coordinator, Target
from loadgen.users import ScenarioUser

if TYPE_CHECKING:
    from collections.abc import Callable


LOAD = LoadRun("multitier", list(SCENARIOS), lambda options: roster(options.corpus))


def target() -> Target:
    """Return whom this run asks."""
    options, urls = LOAD.options, LOAD.urls
    return Target(urls["matrixd"], urls["validatord"], options.tenant, roster(options.corpus), options.deadline)


class CoordinatorUser(ScenarioUser):
    """A coordinator, who takes the scenarios by their weights."""

    load = LOAD

    def on_start(self) -> None:
        """Sit down."""
        self.coordinator = Coordinator(target(), lambda: LOAD.book, LOAD.chance(), LOAD.taken(), LOAD.remembered)
        super().on_start()

    def on_stop(self) -> None:
        """Leave."""
        self.coordinator.close()


def _task(name: str, play: Callable[[Coordinator], None]) -> Callable[[CoordinatorUser], None]:
    def task(user: CoordinatorUser) -> None:
        user.scenario(name, lambda: play(user.coordinator))

    task.__name__ = name
    return task


CoordinatorUser.tasks = [_task(name, play) for name, (weight, play) in SCENARIOS.items() for _ in range(weight)]
