"""A locust file for `bench_load.py`: users who send one request again and again, by our client or by Locust's own.

LOAD_BODY=body.json locust -f tests/benchmarks/load_users.py CheckingUser --host http://127.0.0.1:3221 ...
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from locust import FastHttpUser, User, constant, task

from loadgen import ledger
from loadgen.client import Call, Client, Failed, address

if TYPE_CHECKING:
    from loadgen.samples import Answer

PATH = "/v1/validate"
HEADERS = {"content-type": "application/json"}
BODY = Path(os.environ["LOAD_BODY"]).read_text()
DUE = b'{"accepted":true,"kind":"sms","request_id":null}'
BOOK = ledger.Ledger()


class CheckingUser(User):
    """What a load run does for a request: send, check, count in HDR histograms, tell Locust."""

    wait_time = constant(0)

    def on_start(self) -> None:
        """Make the connection."""
        assert self.host is not None
        where = address(self.host, "--host")
        self._client = Client(where, 10.0)
        self._call = Call(where, "POST", PATH, HEADERS)

    @task
    def validate(self) -> None:
        """Send it."""
        began = time.perf_counter()
        failure = None
        try:
            answer = self._client.ask(self._call, BODY.encode())
            check(answer)
        except Failed as error:
            failure = ledger.example(error.kind, error.call, error.why)
        took = time.perf_counter() - began
        BOOK.call(PATH, took * 1e6, "200", failure)
        BOOK.scenario(PATH, int(began), took * 1e6, failure)
        self.environment.events.request.fire(
            request_type="scenario",
            name=PATH,
            response_time=took * 1e3,
            response_length=0,
            exception=None if failure is None else RuntimeError(failure.why),
            context={},
        )


def check(answer: Answer) -> None:
    """Raise Failed unless the answer is the one that is due."""
    if answer.status != 200 or answer.body != DUE:
        raise Failed("wrong_answer", PATH, str(answer))


class LocustsUser(FastHttpUser):
    """Locust's own fast client."""

    wait_time = constant(0)

    @task
    def validate(self) -> None:
        """Send it, and check as much."""
        with self.client.post(PATH, data=BODY, headers=HEADERS, catch_response=True) as answer:
            if answer.status_code != 200 or answer.content != DUE:
                answer.failure("wrong answer")
