"""Another embedder: it is asked as the contract has it, and what it answers is used, or told as no answer."""

from __future__ import annotations

import json
import random
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from .client import good, ids, refused
from .oracle import Index
from .programs import free_port
from .test_exact import differences
from .texts import worker, workers
from .upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .client import Client
    from .programs import Program
    from .upstream import Answers
    from .wire import Json

DIMENSION = 4
UNREACHABLE = (502, "embedder-unreachable")


def components(text: str) -> list[float]:
    """Return the vector that the stub has for a text."""
    draw = random.Random(zlib.crc32(text.encode()))
    return [0.0] * DIMENSION if text == "nothing" else [draw.uniform(-1, 1) for _ in range(DIMENSION)]


class Stub:
    """An embedder of four dimensions, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Json]] = []

    def answer(self, target: str, body: Json, _: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append((target, body))
        told = {"dimension": DIMENSION, "vectors": [components(text) for text in body["texts"]], "more": None}
        return 200, json.dumps(told).encode()


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def embedded(program: Program, stub: Stub, tmp_path: Path) -> Iterator[Client]:
    """Return a client of a service that uses the stub."""
    with (
        Upstream(stub.answer) as upstream,
        program.start(tmp_path, "--embedder", upstream.url) as service,
        service.client() as client,
    ):
        yield client


@contextmanager
def unsound(program: Program, data: Path, answers: Answers) -> Iterator[Client]:
    """Start a service with an embedder that is none."""
    with (
        Upstream(answers) as upstream,
        program.start(data, "--embedder", upstream.url) as service,
        service.client() as client,
    ):
        client.put("a", "v", [1, 0, 0, 0])
        client.put("workers", "v", [1, 0, 0, 0])
        yield client


def test_a_sound_one_is_used(embedded: Client, stub: Stub) -> None:
    draw, index = random.Random(1), Index()
    texts = workers(draw, 60)
    embedded.add("workers", [{"id": name, "text": text} for name, text in texts.items()])
    for name, text in texts.items():
        index.add(name, components(text))
    assert embedded.about("workers").body == {"dimension": DIMENSION, "size": 60}
    for _ in range(10):
        query = worker(draw)
        told = embedded.search("workers", k=7, text=query)
        assert differences(told, index.search(components(query), 7)) == []
        assert good(embedded.retrieve(query_text=query, k=7))["hits"] == told["hits"]
    assert {target for target, _ in stub.asked} == {"/v1/embed"}
    assert {body["model"] for _, body in stub.asked} == {"default"}
    assert sorted(text for _, body in stub.asked[: len(texts)] for text in body["texts"])[: len(texts)]
    embedded.search("workers", k=1, vector=[1, 0, 0, 0])
    refused(embedded.post("/vectors/index/workers/search", {"k": 1, "vector": [1, 0]}), 409, "wrong-dimension")


def test_playbooks_of_its_vectors(embedded: Client) -> None:
    texts = workers(random.Random(2), 20)
    embedded.add("workers", [{"id": name, "text": text} for name, text in texts.items()])
    before = embedded.matrix("welder", "Welder", 5)
    third = before["hits"][2]
    assert embedded.record("welder", "Welder", third["id"], 1.0)["updated"] is False
    told = embedded.matrix("welder", "welder", 5, use_playbook=True)
    (boosted,) = [hit for hit in told["hits"] if hit["boosted"]]
    assert boosted["id"] == third["id"]
    assert abs(boosted["distance"] - third["distance"] / 2) <= 1e-6
    assert embedded.about("playbook_memory").body == {"dimension": DIMENSION, "size": 1}


def test_texts_of_no_direction(embedded: Client) -> None:
    """Which texts have none, the embedder says: one without a token may have one."""
    embedded.add("workers", [{"id": "x", "text": "!?"}, {"id": "y", "text": ""}])
    body = {"items": [{"id": "z", "text": "a"}, {"id": "n", "text": "nothing"}]}
    refused(embedded.post("/vectors/index/workers/add", body), 422, "zero-vector items.1.text")
    refused(embedded.retrieve(query_text="nothing", k=1), 422, "zero-vector query_text")
    assert ids(embedded.search("workers", k=5, text="!?"))[0] == "x"


def test_texts_and_vectors_in_one_request(embedded: Client) -> None:
    items: list[Json] = [
        {"id": "v", "vector": [1, 0, 0, 0]},
        {"id": "t", "text": "welder"},
        {"id": "w", "vector": [0, 1, 0, 0]},
    ]
    assert embedded.add("a", items) == {"added": 3, "size": 3, "updated": 0}
    hit = embedded.search("a", k=1, vector=components("welder"))["hits"][0]
    assert (hit["id"], hit["distance"]) == ("t", 0)
    refused(
        embedded.post("/vectors/index/b/add", {"items": [items[1], {"id": "v", "vector": [1]}]}), 409, "wrong-dimension"
    )
    refused(embedded.about("b"), 404, "unknown-index")


def told(dimension: Json, *vectors: Json) -> bytes:
    """Return an embedder's answer."""
    return json.dumps({"dimension": dimension, "vectors": list(vectors)}).encode()


NONSENSE = {
    "empty": b"",
    "no JSON": b"<html>",
    "not UTF-8": b"\xff",
    "null": b"null",
    "array": b"[]",
    "no members": b"{}",
    "no vectors": told(4),
    "too many vectors": told(4, [1, 0, 0, 0], [1, 0, 0, 0]),
    "too short": told(4, [1, 0, 0]),
    "too long": told(4, [1, 0, 0, 0, 0]),
    "text": told(4, ["1", 0, 0, 0]),
    "null in it": told(4, [None, 0, 0, 0]),
    "true in it": told(4, [True, 0, 0, 0]),
    "NaN": told(4, [float("nan"), 0, 0, 1]),
    "infinite": told(4, [float("inf"), 0, 0, 1]),
    "too large": b'{"dimension":4,"vectors":[[1e999,0,0,1]]}',
    "a text for a vector": told(4, "1000"),
    "a number for vectors": b'{"dimension":4,"vectors":4}',
    "no dimension at all": told(0, []),
    "cut": told(4, [1, 0, 0, 0])[:-2],
    "twice": told(4, [1, 0, 0, 0]) * 2,
}


def unreachable(client: Client) -> None:
    """Check that all calls that need an embedder say so, and change nothing."""
    record = {"answer_id": "a", "query_text": "welder", "role": "r", "score": 1}
    for answer in (
        client.post("/vectors/index/a/add", {"items": [{"id": "x", "text": "welder"}]}),
        client.post("/vectors/index/b/add", {"items": [{"id": "v", "vector": [1, 0]}, {"id": "x", "text": "welder"}]}),
        client.post("/vectors/index/a/search", {"k": 1, "text": "welder"}),
        client.post("/v1/matrix/search", {"k": 1, "query_role": "r", "query_text": "welder"}),
        client.post("/v1/matrix/playbooks/record", record),
        client.retrieve(query_text="welder", k=1),
    ):
        assert (answer.status, answer.reason) == UNREACHABLE
    assert client.about("a").body == {"dimension": 4, "size": 1}
    for index in ("b", "playbook_memory"):
        refused(client.about(index), 404, "unknown-index")
    assert ids(client.search("a", k=1, vector=[1, 0, 0, 0])) == ["v"]


def test_nonsense(program: Program, tmp_path: Path) -> None:
    """One service for all of it: each is told, and the next one too."""
    answer: tuple[int, bytes] | None = None
    with unsound(program, tmp_path, lambda *_: answer) as client:
        unreachable(client)  # it hangs up
        for what, nonsense in NONSENSE.items():
            answer = 200, nonsense
            try:
                unreachable(client)
            except AssertionError as error:
                raise AssertionError(what) from error
        for status in (204, 302, 400, 404, 422, 500, 503):
            answer = status, told(4, [1, 0, 0, 0])
            try:
                unreachable(client)
            except AssertionError as error:
                raise AssertionError(status) from error
        answer = 200, told(4, [1, 0, 0, 0])
        assert ids(client.search("a", k=1, text="welder")) == ["v"]  # and then it is sound


def test_nobody_is_there(program: Program, tmp_path: Path) -> None:
    with (
        program.start(tmp_path, "--embedder", f"http://127.0.0.1:{free_port()}") as service,
        service.client() as client,
    ):
        for index in ("a", "workers"):
            client.put(index, "v", [1, 0, 0, 0])
        unreachable(client)
        refused(client.post("/vectors/index/a/search", {"k": 0, "text": "x" * 8193}), 422, "too-long text")
        assert service.health().status == 200


def test_with_a_vectord(program: Program, stub: Stub, tmp_path: Path) -> None:
    """Both have the embedder, so that it is no matter which of them asks it."""
    with (
        Upstream(stub.answer) as upstream,
        program.start(tmp_path / "back", "--embedder", upstream.url) as back,
        program.start(tmp_path / "front", "--embedder", upstream.url, "--vectord", back.url) as front,
        back.client("t") as kept,
        front.client("t") as mine,
    ):
        texts = workers(random.Random(3), 30)
        kept.add("workers", [{"id": name, "text": text} for name, text in texts.items()])
        for query in ("welder", "forklift"):
            one = mine.matrix(query, "r", 5)["hits"]
            assert [hit["id"] for hit in one] == ids(kept.search("workers", k=5, text=query))
        assert mine.record("welder", "r", "w-0001", 1)["updated"] is False
        assert kept.about("playbook_memory").body == {"dimension": DIMENSION, "size": 1}
