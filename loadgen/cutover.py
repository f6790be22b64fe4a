"""Six queries in rotation, to the front end and to the gateway behind it by turns: what a front end costs.

    locust -f loadgen/cutover.py --runtime go --headless -u 10 -t 30s
    locust -f loadgen/cutover.py --host http://127.0.0.1:3700/_go --direct http://127.0.0.1:4110 --headless -u 10 -t 30s
    locust -f loadgen/cutover.py --host http://127.0.0.1:4110 --headless -u 1 -t 10s

With --runtime the runtime and the front end are started. A --host alone is measured alone. The report is below
reports/load.
"""

from __future__ import annotations

import time
from itertools import cycle
from typing import TYPE_CHECKING

import msgspec
from locust import task

from loadgen import answers, ledger, samples, turns
from loadgen.client import Call, Client, Failed
from loadgen.roster import Query, query, roster
from loadgen.run import LoadRun
from loadgen.scenarios import JSON, K, check_head
from loadgen.users import ScenarioUser
from parity.errors import UsageError

if TYPE_CHECKING:
    from loadgen.options import Options

FRONT, DIRECT = SIDES = ("front", "direct")
QUERIES = (
    query("Forklift Operator", "Aurora", "IL", 3),
    query("CNC Machinist", "Detroit", "MI", 2),
    query("Warehouse Associate", "Indianapolis", "IN", 5),
    query("Picker", "Columbus", "OH", 4),
    query("Loader", "Memphis", "TN", 2),
    query("Shipping Clerk", "Dallas", "TX", 1),
)


def prepare(options: Options) -> None:
    """Make the workers. Raises UsageError where there are none for some of the queries."""
    if not set(QUERIES) <= set(roster(options.corpus).queries):
        raise UsageError(f"of {options.corpus} workers some of the six queries would find none; give --corpus 2000")


LOAD = LoadRun("cutover", SIDES, prepare, by_turns=True)


class CutoverUser(ScenarioUser):
    """Who sends the six bodies one after the other, to the side whose turn it is."""

    load = LOAD

    def on_start(self) -> None:
        """Make the connections."""
        options = LOAD.options
        lines = {"content-type": JSON, "x-lakehouse-tenant": options.tenant}
        self._clients = {side: Client(LOAD.urls[side], options.deadline) for side in LOAD.scenarios}
        self._calls = {side: Call(LOAD.urls[side], "POST", "/v1/matrix/search", lines) for side in LOAD.scenarios}
        self._roster = roster(options.corpus)
        self._bodies = cycle([(one, _body(one)) for one in QUERIES])
        self._taken = LOAD.taken()
        super().on_start()

    @task
    def search(self) -> None:
        """Send the next body."""
        side = turns.side(LOAD.scenarios, time.perf_counter() - LOAD.began)
        self.scenario(side, lambda: self._search(side, *next(self._bodies)))

    def _search(self, side: str, asked: Query, body: bytes) -> None:
        """Ask, and hold the answer to what is true of it whoever hands it on. Raises Failed."""
        name = f"{side}: {asked.role}"
        began = time.perf_counter()
        answer = None
        try:
            answer = self._clients[side].ask(self._calls[side], body)
            if self._taken.now():  # whatever it is: a wrong one too is compared
                LOAD.book.sample(samples.matrix(self._roster.workers, body, answer))
            check_head(name, answer, 200)
            try:
                found = answers.read(answer.body)
                answers.check(found, asked, self._roster, K, (), playbook=False)
                answers.check_top(found, asked)
            except answers.WrongAnswer as error:
                raise Failed("wrong_answer", name, str(error)) from None
        except Failed as failure:
            status = f"{side} {answer.status if answer is not None else 'none'}"
            told = ledger.example(failure.kind, name, failure.why)
            LOAD.book.call(name, (time.perf_counter() - began) * 1e6, status, told)
            raise
        LOAD.book.call(name, (time.perf_counter() - began) * 1e6, f"{side} {answer.status}")

    def on_stop(self) -> None:
        """End the connections."""
        for client in self._clients.values():
            client.close()


def _body(asked: Query) -> bytes:
    return msgspec.json.encode({"k": K, "query_role": asked.role, "query_text": asked.text})
