"""What was recorded boosts and injects, for its role alone: checked against the oracle, over HTTP."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from .client import good, ids, refused
from .oracle import DIMENSION, Index, Recording, embed, folded, matrix, playbook_id
from .test_exact import differences
from .texts import ROLES, worker, workers

if TYPE_CHECKING:
    from .client import Client
    from .wire import Json

WORKERS = 80
QUERY = "Forklift Operator @ Aurora IL: certified, night shift"


class Pool:
    """An index of workers, and what was recorded, here and in the oracle."""

    def __init__(self, client: Client, seed: int = 1, count: int = WORKERS) -> None:
        self.client, self.draw = client, random.Random(seed)
        self.texts, self.index = workers(self.draw, count), Index()
        self.memory: dict[str, Recording] = {}
        client.add("workers", [{"id": name, "text": text} for name, text in self.texts.items()])
        for name, text in self.texts.items():
            self.index.add(name, embed(text))

    def record(self, query: str, role: str, answer: str, score: float) -> None:
        """Record, and check the answer."""
        recording = Recording(query, role, answer, score)
        key = playbook_id(recording)
        assert self.client.record(query, role, answer, score) == {"playbook_id": key, "updated": key in self.memory}
        self.memory[key] = recording

    def check(self, query: str, role: str, k: int, *, use: bool = True, excluded: tuple[str, ...] = ()) -> Json:
        """Search, and check the answer."""
        told = self.client.matrix(query, role, k, use_playbook=use, excluded_ids=list(excluded))
        wanted = matrix(self.index, list(self.memory.values()) if use else [], query, role, k, excluded)
        assert differences(told, wanted) == []
        assert (told["boosted"], told["injected"]) == (wanted["boosted"], wanted["injected"])
        return told


@pytest.fixture
def pool(client: Client) -> Pool:
    return Pool(client)


def test_a_score_of_one_halves(pool: Pool) -> None:
    """As 0.4449 became 0.2224 in the story."""
    before = pool.check(QUERY, "Forklift Operator", 5, use=False)["hits"]
    answer = before[3]
    assert 0.2 < answer["distance"] < 0.9
    pool.record(QUERY, "Forklift Operator", answer["id"], 1.0)
    told = pool.check(QUERY, "Forklift Operator", 5)
    halved = next(hit for hit in told["hits"] if hit["id"] == answer["id"])
    assert abs(halved["distance"] - answer["distance"] / 2) <= 1e-4
    assert (halved["boosted"], halved["injected"], told["boosted"]) == (True, False, 1)
    assert halved["rank"] == 1


def test_another_role_changes_nothing(pool: Pool) -> None:
    organic = pool.check(QUERY, "CNC Machinist", 5)
    for answer in [*ids(organic), "w-0001", "w-0002", "w-0003"]:
        pool.record(QUERY, "Forklift Operator", answer, 1.0)
    told = pool.check(QUERY, "CNC Machinist", 5)
    assert (told["boosted"], told["injected"]) == (0, 0)
    assert told == organic
    told = pool.check(QUERY, "FORKLIFT operator", 5)
    assert told["boosted"] + told["injected"] == 5
    for role in (
        "Forklift Operator ",
        " Forklift Operator",
        "Forklift  Operator",
        "Forklift",
        "Forklift Operator\u0301",
    ):
        assert pool.check(QUERY, role, 5) == organic


def test_injection(pool: Pool) -> None:
    farthest = pool.index.nearest(embed(QUERY))
    for distance, name in farthest[5:60:6]:
        pool.record(QUERY, "Welder", name, 1.0)
        told = pool.check(QUERY, "Welder", 5)
        assert told["injected"] + told["boosted"] >= 0
        assert distance > 0
    assert pool.check(QUERY, "Welder", 5)["injected"] > 0
    pool.check(QUERY, "Welder", 80)
    pool.check(QUERY, "Welder", 1)


@pytest.mark.parametrize("seed", range(3))
def test_many_recordings(client: Client, seed: int) -> None:
    """Of every score, near and far, for several roles, and more than fifty that are near."""
    pool = Pool(client, seed, 60)
    queries = [worker(pool.draw) for _ in range(4)]
    queries += [f"{query}, {more}" for query in queries[:2] for more in ("weekends", "CDL", "urgent")]
    names = [*pool.texts, "nobody", "gone"]
    for at in range(200):
        score = pool.draw.choice([0, 0.05, 0.25, 0.3, 0.5, 2 / 3, 0.999999, 1])
        pool.record(
            pool.draw.choice(queries),
            pool.draw.choice([*ROLES[:2], "forklift operator"]),
            pool.draw.choice(names),
            score,
        )
        if at % 10 == 9:
            query, role = pool.draw.choice(queries), pool.draw.choice(ROLES[:3])
            excluded = tuple(pool.draw.sample(names, pool.draw.choice([0, 0, 3, 40])))
            pool.check(query, role, pool.draw.choice([1, 3, 10, 1000]), excluded=excluded)
            pool.check(query, folded(role), 5, use=False)
    near = [one for one in pool.memory.values() if one.query_text.startswith(queries[0])]
    assert len(near) > 20


def test_memory_is_an_index_like_any_other(pool: Pool) -> None:
    pool.record(QUERY, "Welder", "w-0001", 0.5)
    told = pool.client.search("playbook_memory", k=5, text=QUERY)
    (key,) = pool.memory
    metadata = {"answer_id": "w-0001", "role": "Welder", "score": 0.5}
    assert told == {"hits": [{"distance": 0, "id": key, "metadata": metadata, "rank": 1}], "size": 1}
    snapshot = pool.client.save("playbook_memory")
    assert pool.client.about("playbook_memory").body == {"dimension": DIMENSION, "size": 1}
    assert pool.client.drop("playbook_memory").body == {"dropped": True}
    remembered, pool.memory = pool.memory, {}
    assert pool.check(QUERY, "Welder", 5)["boosted"] == 0
    assert good(pool.client.reload("playbook_memory", snapshot)) == {"dimension": DIMENSION, "size": 1}
    pool.memory = remembered
    pool.check(QUERY, "Welder", 5)
    pool.client.drop("playbook_memory")
    pool.memory = {}
    pool.record(QUERY, "Welder", "w-0002", 1)
    pool.check(QUERY, "Welder", 5)


def test_entries_that_are_no_recordings(pool: Pool) -> None:
    """Whoever puts something else into playbook_memory changes no answer."""
    organic = pool.check(QUERY, "Welder", 5)
    answer, good_one = organic["hits"][2]["id"], {"answer_id": organic["hits"][2]["id"], "role": "Welder", "score": 1}
    for metadata in (
        None,
        {},
        {"answer_id": answer, "role": "Welder"},
        {"answer_id": answer, "score": 1},
        {"role": "Welder", "score": 1},
        good_one | {"score": "1"},
        good_one | {"score": 1.000001},
        good_one | {"score": -0.000001},
        good_one | {"role": 1},
        good_one | {"answer_id": 1},
    ):
        item = {"id": "e", "text": QUERY} | ({} if metadata is None else {"metadata": metadata})
        pool.client.add("playbook_memory", [item])
        assert pool.check(QUERY, "Welder", 5) == organic, metadata
    pool.client.add("playbook_memory", [{"id": "e", "metadata": good_one | {"more": "x"}, "text": QUERY}])
    assert pool.client.matrix(QUERY, "welder", 5, use_playbook=True)["boosted"] == 1


def test_a_memory_of_another_dimension(pool: Pool) -> None:
    pool.client.put("playbook_memory", "x", [1, 0], answer_id="w-0001", role="Welder", score=1)
    assert pool.check(QUERY, "Welder", 5)["boosted"] == 0
    body = {"answer_id": "w-0001", "query_text": QUERY, "role": "Welder", "score": 1}
    refused(pool.client.post("/v1/matrix/playbooks/record", body), 409, "wrong-dimension")
    assert pool.client.about("playbook_memory").body == {"dimension": 2, "size": 1}


def test_an_index_that_is_named(pool: Pool) -> None:
    pool.client.add("others", [{"id": "o-1", "text": QUERY}])
    pool.record(QUERY, "Welder", "o-1", 1.0)
    told = pool.client.matrix(QUERY, "Welder", 5, index="others", use_playbook=True)
    assert (ids(told), told["boosted"]) == (["o-1"], 1)
    pool.check(QUERY, "Welder", 5)
    assert ids(good(pool.client.retrieve(query_text=QUERY, k=5, index="others"))) == ["o-1"]
    for index, reason, status in (
        ("nothing", "unknown-index", 404),
        ("NO", "bad-name index", 422),
        ("", "bad-name index", 422),
    ):
        body = {"index": index, "k": 1, "query_role": "Welder", "query_text": QUERY}
        refused(pool.client.post("/v1/matrix/search", body), status, reason)
        refused(pool.client.retrieve(query_text=QUERY, k=1, index=index), status, reason)


MEMBERS: list[tuple[Json, str]] = [
    ({}, "missing-field query_text"),
    ({"query_text": None}, "wrong-type query_text"),
    ({"query_text": "x" * 8193}, "too-long query_text"),
    ({"query_text": " ,.;"}, "zero-vector query_text"),
    ({"query_text": ""}, "zero-vector query_text"),
    ({"query_text": "a", "k": 0}, "out-of-range k"),
    ({"query_text": "a"}, "missing-field k"),
    ({"query_text": "a", "k": "1"}, "wrong-type k"),
    ({"query_text": "a", "k": 1.5}, "not-whole k"),
    ({"query_text": "a", "k": 1001}, "out-of-range k"),
    ({"query_text": "a", "k": 1, "excluded_ids": "a"}, "wrong-type excluded_ids"),
    ({"query_text": "a", "k": 1, "excluded_ids": ["a", 1]}, "wrong-type excluded_ids.1"),
    ({"query_text": "a", "k": 1, "excluded_ids": ["a"] * 1001}, "out-of-range excluded_ids"),
    ({"query_text": "a", "k": 1, "index": None}, "wrong-type index"),
    ({"query_text": "a", "k": 1, "index": "a b"}, "bad-name index"),
]


@pytest.mark.parametrize(("body", "reason"), MEMBERS)
def test_what_retrieve_refuses(client: Client, body: Json, reason: str) -> None:
    """In Rust with the names of Rust, which the client puts back."""
    refused(client.retrieve(**body), 422, reason)


@pytest.mark.parametrize("length", [8192, 8193])
def test_the_longest_text(client: Client, length: int) -> None:
    text = "\U0001f600" * length
    if length > 8192:
        refused(
            client.post("/vectors/index/a/add", {"items": [{"id": "x", "text": text}]}), 422, "too-long items.0.text"
        )
        return
    client.add("workers", [{"id": "x", "text": text}])
    assert client.record(text, "r" * 256, "a" * 256, 0)["updated"] is False
    told = client.matrix(text, "R" * 256, 1, use_playbook=True)
    assert [(hit["distance"], hit["id"]) for hit in told["hits"]] == [(0, "x")]
