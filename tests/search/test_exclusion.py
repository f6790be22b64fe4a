"""Excluded ids never come back, and others take their places: a thousand swaps of profiles."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from .client import good, ids
from .oracle import Index, Recording, embed, matrix
from .test_exact import differences
from .texts import ROLES, worker, workers

if TYPE_CHECKING:
    from .client import Client

COUNT, SWAPS, K = 300, 1000, 5


def stock(client: Client) -> dict[str, str]:
    """Give a client an index of workers; return their texts, by id."""
    drawn = workers(random.Random(20260430), COUNT)
    client.add("workers", [{"id": name, "text": text} for name, text in drawn.items()])
    return drawn


@pytest.fixture
def texts(client: Client) -> dict[str, str]:
    return stock(client)


def test_a_thousand_swaps(client: Client, texts: dict[str, str]) -> None:
    """Whoever was offered is excluded from then on, until nobody is left; then it begins again."""
    draw, index = random.Random(1), Index()
    for name, text in texts.items():
        index.add(name, embed(text))
    queries = [worker(draw) for _ in range(8)]
    order = {query: index.nearest(embed(query)) for query in queries}
    excluded: list[str] = []
    for swap in range(SWAPS):
        query = queries[swap % len(queries)]
        k = draw.choice([1, K, 20])
        if swap % 2:
            found = good(client.retrieve(query_text=query, k=k, excluded_ids=excluded))
        else:
            found = client.matrix(query, "Welder", k, excluded_ids=excluded, use_playbook=swap % 4 == 0)
        wanted = [(d, name) for d, name in order[query] if name not in set(excluded)][:k]
        assert [(round(hit["distance"] * 1e6), hit["id"]) for hit in found["hits"]] == wanted
        excluded += [name for name in ids(found) if name not in excluded][:2]
        if len(excluded) > COUNT - 10:
            excluded = []
    assert good(client.retrieve(query_text=queries[0], k=K, excluded_ids=[]))["hits"]


def test_excluded_answers_of_recordings(client: Client, texts: dict[str, str]) -> None:
    """Neither boosted nor injected: what was recorded for a query is all excluded, in turn."""
    draw, index = random.Random(2), Index()
    for name, text in texts.items():
        index.add(name, embed(text))
    query, memory = worker(draw), []
    for answer in draw.sample(sorted(texts), 12):
        memory.append(Recording(query, "Welder", answer, draw.choice([0.0, 0.25, 1.0])))
        client.record(query, "Welder", answer, memory[-1].score)
    for _ in range(40):
        excluded = [*draw.sample([one.answer_id for one in memory], draw.randint(0, 12)), "nobody"]
        excluded += [name for _, name in index.nearest(embed(query))[: draw.randint(0, 6)]]
        found = client.matrix(query, "welder", K, excluded_ids=excluded, use_playbook=True)
        wanted = matrix(index, memory, query, "welder", K, tuple(excluded))
        assert not set(ids(found)) & set(excluded)
        assert differences(found, wanted) == []
        assert (found["boosted"], found["injected"]) == (wanted["boosted"], wanted["injected"])


def test_everybody_is_excluded(client: Client, texts: dict[str, str]) -> None:
    everybody = list(texts)
    client.record("welder", ROLES[0], everybody[0], 1.0)
    for use in (False, True):
        found = client.matrix("welder", ROLES[0], K, excluded_ids=everybody, use_playbook=use)
        assert found == {"boosted": 0, "hits": [], "injected": 0}
    assert good(client.retrieve(query_text="welder", k=K, excluded_ids=everybody)) == {"hits": []}
    assert len(good(client.retrieve(query_text="welder", k=K, excluded_ids=everybody[1:]))["hits"]) == 1
