"""Every testee gets the same bytes, and every answer stands beside its case."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING

import pytest

from parity.model import Kind, Observation
from parity.transports import Hello

from .conftest import kinds

if TYPE_CHECKING:
    from parity.drive import Driver
    from parity.transports import Requests

    from .conftest import Bench

INPUTS = [
    b"plain",
    "caf\u00e9 \u2028 \U0001f600".encode(),
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"",
    b'"\\\n\r\t\x00\x7f',
    b"a" * 70_000,
]


class Recorder:
    """A transport that keeps what it was sent, and echoes it after a while."""

    kind = "recorder"

    def __init__(self, seconds: float = 0.0) -> None:
        self.batches: list[Requests] = []
        self._seconds = seconds

    async def open(self) -> Hello:
        return Hello(1, "recorder", "1", "unknown", ("echo",), (), None)

    async def ask(self, requests: Requests) -> list[Observation]:
        self.batches.append(requests)
        await asyncio.sleep(self._seconds)
        return [Observation(Kind.ANSWERED, data) for data in requests.inputs]

    async def close(self) -> None:
        """Nothing is open."""


def test_every_testee_gets_the_same_bytes(driver: Driver) -> None:
    one, other = Recorder(), Recorder()

    driver.ask({"one": one, "other": other}, "echo", INPUTS).result(timeout=30)

    assert one.batches[0].lines == other.batches[0].lines
    assert one.batches[0].lines[0] is other.batches[0].lines[0]  # encoded once, not twice alike


def test_a_line_holds_the_input_as_text_or_else_as_base64(driver: Driver) -> None:
    recorder = Recorder()

    driver.ask({"one": recorder}, "echo", INPUTS).result(timeout=30)

    lines = recorder.batches[0].lines
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)
    requests = [json.loads(line) for line in lines]
    for request, data in zip(requests, INPUTS, strict=True):
        assert request.keys() in ({"id", "surface", "text"}, {"id", "surface", "base64"})
        assert request["surface"] == "echo"
        read = request["text"].encode() if "text" in request else base64.b64decode(request["base64"])
        assert read == data
    assert ["text" in request for request in requests] == [True, True, False, False, True, True, True]


def test_ids_are_never_used_twice(driver: Driver) -> None:
    recorder = Recorder()
    futures = [driver.ask({"one": recorder}, "echo", [b"a", b"b"]) for _ in range(3)]
    for future in futures:
        future.result(timeout=30)

    ids = [json.loads(line)["id"] for batch in recorder.batches for line in batch.lines]
    assert len(ids) == len(set(ids)) == 6
    assert [json.loads(batch.lines[0])["id"] for batch in recorder.batches] == [
        batch.first_id for batch in recorder.batches
    ]


def test_a_slow_testee_does_not_mix_up_the_batches_in_flight(driver: Driver) -> None:
    slow, fast = Recorder(0.05), Recorder()
    batches = [[b"%d-%d" % (batch, at) for at in range(5)] for batch in range(8)]

    futures = [driver.ask({"slow": slow, "fast": fast}, "echo", batch) for batch in batches]

    for batch, future in zip(batches, futures, strict=True):
        rows = future.result(timeout=30)
        assert [row["slow"].output for row in rows] == batch
        assert [row["fast"].output for row in rows] == batch


def test_a_helper_keeps_the_order_with_batches_in_flight(bench: Bench) -> None:
    one, other = bench.helper("sound"), bench.helper("slow-start")
    for helper in (one, other):
        bench.driver.run(helper.open())
    batches = [[b"case %d of %d" % (at, batch) for at in range(200)] for batch in range(6)]

    futures = [bench.driver.ask({"one": one, "other": other}, "echo", batch) for batch in batches]

    for batch, future in zip(batches, futures, strict=True):
        rows = future.result(timeout=30)
        assert [row["one"].output for row in rows] == [data.upper() for data in batch]
        assert [row["other"] for row in rows] == [row["one"] for row in rows]


def test_a_fault_in_one_batch_leaves_those_behind_it_alone(bench: Bench) -> None:
    helper = bench.helper("dies")
    bench.driver.run(helper.open())

    futures = [bench.driver.ask({"one": helper}, "echo", batch) for batch in ([b"a", b"BAD", b"b"], [b"c"], [b"d"])]
    seen = [row["one"] for future in futures for row in future.result(timeout=30)]

    assert kinds(seen) == [Kind.ANSWERED, Kind.CRASHED, *[Kind.ANSWERED] * 3]


@pytest.mark.parametrize("behaviour", ["dies", "twice", "chatters-behind", "not-json"])
def test_a_testee_that_misbehaves_does_not_shift_another_ones_answers(bench: Bench, behaviour: str) -> None:
    sound, hostile = bench.helper("sound"), bench.helper(behaviour)
    for helper in (sound, hostile):
        bench.driver.run(helper.open())

    rows = bench.driver.ask({"sound": sound, "hostile": hostile}, "echo", [b"a", b"b", b"BAD"]).result(timeout=30)

    assert [row["sound"].output for row in rows] == [b"A", b"B", b"BAD"]
    assert [row["hostile"].output for row in rows[:2]] == [b"A", b"B"]
    assert rows[2]["hostile"].kind.is_fault


def test_bytes_that_are_not_utf8_come_back_as_they_went(bench: Bench) -> None:
    assert [row.output for row in bench.observe("sound", *INPUTS)] == [data.upper() for data in INPUTS]
