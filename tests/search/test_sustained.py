"""Writes without an end to a small index: what a graph that was used plainly did not survive."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from .client import JSON_TYPE
from .wire import NoAnswerError

if TYPE_CHECKING:
    from pathlib import Path

    from .client import Client
    from .programs import Program

IDS, DIMENSION = 20, 8
UPDATES, BATCH = 100_000, 20
SINGLE = 2_000
PANIC = "matrixd: panic: "
RECORDINGS = 1_000


def quick(client: Client, target: str, body: bytes) -> bytes:
    """Post what has to work, without the checks of every answer; return the answer."""
    answer = client.call("POST", target, body, JSON_TYPE, ("x-lakehouse-tenant", str(client.tenant)))
    assert answer.status == 200, answer
    return answer.raw


def bodies(draw: random.Random, count: int, ids: int) -> list[bytes]:
    """Return bodies of additions that are sent again and again."""

    def item(at: int) -> str:
        vector = ",".join(str(draw.randint(-9, 9)) for _ in range(DIMENSION - 1))
        return f'{{"id":"x{at}","vector":[10,{vector}]}}'

    return [f'{{"items":[{",".join(item(at) for at in draw.sample(range(IDS), ids))}]}}'.encode() for _ in range(count)]


def sustain(client: Client, batches: int, singles: int) -> None:
    """Update, and search in between; every answer is as it has to be."""
    draw = random.Random(20260430)
    whole, one = bodies(draw, 50, BATCH), bodies(draw, 200, 1)
    query = b'{"k":20,"vector":[10,1,2,3,4,5,6,7]}'
    quick(client, "/vectors/index/small/add", whole[0])
    for at in range(batches):
        told = quick(client, "/vectors/index/small/add", whole[at % len(whole)])
        assert told == b'{"added":0,"size":20,"updated":20}'
        if at % 25 == 0:
            assert quick(client, "/vectors/index/small/search", query).count(b'"id"') == IDS
    for at in range(singles):
        told = quick(client, "/vectors/index/small/add", one[at % len(one)])
        assert told == b'{"added":0,"size":20,"updated":1}'
        if at % 5 == 0:
            assert quick(client, "/vectors/index/small/search", query).count(b'"id"') == IDS


def record(client: Client, count: int) -> int:
    """Record the same few triples again and again, and search; return how many calls got no answer."""
    lost = 0
    texts = [b"welder aurora", b"forklift joliet night", b"cnc detroit", b"assembler gary weekends"]
    for at in range(count):
        text = texts[at % len(texts)]
        body = b'{"answer_id":"w-%d","query_text":"%s","role":"r","score":0.%d}' % (at % 5, text, at % 10)
        search = b'{"k":5,"query_role":"r","query_text":"%s","use_playbook":true}' % text
        for target, sent in (("playbooks/record", body), ("search", search)):
            try:
                quick(client, f"/v1/matrix/{target}", sent)
            except NoAnswerError:
                lost += 1
    return lost


def stock(client: Client) -> None:
    """Give a tenant the workers that are recorded."""
    client.add("workers", [{"id": f"w-{at}", "text": f"welder number {at} aurora"} for at in range(9)])


def test_a_hundred_thousand_updates(program: Program, tmp_path: Path) -> None:
    with program.start(tmp_path) as service, service.client("t") as client:
        sustain(client, UPDATES // BATCH - SINGLE // BATCH, SINGLE)
        before = client.search("small", k=IDS, vector=[1] * DIMENSION)
        assert PANIC not in service.said()
        service.kill()
    with program.start(tmp_path) as service, service.client("t") as client:
        assert client.search("small", k=IDS, vector=[1] * DIMENSION) == before


def test_recordings_without_an_end(program: Program, tmp_path: Path) -> None:
    with program.start(tmp_path) as service, service.client("t") as client:
        stock(client)
        assert record(client, RECORDINGS) == 0
        assert client.about("playbook_memory").body["size"] == IDS
        assert PANIC not in service.said()
