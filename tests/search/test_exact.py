"""Up to a thousand vectors a search is what arithmetic says, and above that nearly so: checked against the oracle."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from .client import good, ids, refused
from .oracle import Index

if TYPE_CHECKING:
    from .client import Client
    from .wire import Json

ENOUGH = 0.99
LARGE = 10_000
SIZES = [(1, 2), (2, 3), (7, 2), (40, 64), (150, 5), (400, 16), (1000, 2), (1000, 64), (1001, 8)]


def vectors(draw: random.Random, count: int, dimension: int) -> list[list[float]]:
    """Draw vectors: half of a grid where many directions are the same, and some that are there already, or longer."""
    found: list[list[float]] = []
    for _ in range(count):
        kind = draw.random()
        if found and kind < 0.15:
            found.append(list(draw.choice(found)))
        elif found and kind < 0.25:
            scale = draw.choice([0.5, 3.0, 1e-3, 1e5 / 4])
            found.append([component * scale for component in draw.choice(found[:1])])
        elif kind < 0.6:
            grid = [float(draw.randint(-1, 1)) for _ in range(dimension)]
            found.append(grid if any(grid) else [1.0] * dimension)
        else:
            found.append([draw.gauss(0, 1) for _ in range(dimension)])
    return found


def differences(told: Json, wanted: Json) -> list[object]:
    """Return the places where an answer is not the oracle's; distances may differ by half a millionth."""
    if len(told["hits"]) != len(wanted["hits"]) or told.get("size") != wanted.get("size"):
        return [(len(told["hits"]), told.get("size"), len(wanted["hits"]), wanted.get("size"))]
    return [
        (one, other)
        for one, other in zip(told["hits"], wanted["hits"], strict=True)
        if one | {"distance": 0} != other | {"distance": 0} or abs(one["distance"] - other["distance"]) > 5e-7
    ]


def searched(client: Client, index: Index, query: list[float], k: int, **more: list[str]) -> None:
    """Check one search."""
    told = client.search("a", k=k, vector=query, **{f"{name}_ids": value for name, value in more.items()})
    only = tuple(more["only"]) if "only" in more else None
    wanted = index.search(query, k, tuple(more.get("excluded", ())), only)
    assert differences(told, wanted)[:3] == []


@pytest.mark.parametrize(("count", "dimension"), SIZES)
def test_as_the_oracle_says(client: Client, count: int, dimension: int) -> None:
    draw, index = random.Random(count * 100 + dimension), Index()
    names = [draw.choice("abc\u00e9\U0001f600") + str(at) for at in range(count)]
    drawn = vectors(draw, count, dimension)
    for at in range(0, count, 300):
        items: list[Json] = [
            {"id": name, "metadata": {"at": each}, "vector": one}
            for each, (name, one) in enumerate(zip(names[at : at + 300], drawn[at : at + 300], strict=True))
        ]
        client.add("a", items)
        for one in items:
            index.add(one["id"], one["vector"], one["metadata"])
    if count <= 1000:
        ask(client, index, draw, drawn, names)
    updated = draw.sample(names, max(1, count // 5))
    for name, vector in zip(updated, vectors(draw, len(updated), dimension), strict=True):
        index.add(name, vector, {"new": 1})
    client.add("a", [{"id": n, "metadata": {"new": 1}, "vector": one} for n, one in fresh_of(index, updated)])
    for number, name in enumerate(draw.sample(names, count // 10)):
        told = client.delete("a", name)
        del index.items[name]
        assert told == {"deleted": True, "size": len(index.items)}
        if number < 4 and len(index.items) <= 1000:
            searched(client, index, drawn[0], 1000)
        refused(client.post("/vectors/index/a/delete", {"id": name}), 404, "unknown-id")
    assert len(index.items) <= 1000, "not exact any more"
    ask(client, index, draw, drawn, names)


def fresh_of(index: Index, names: list[str]) -> list[tuple[str, list[float]]]:
    """Return the vectors that ids have now."""
    return [(name, list(index.items[name].vector)) for name in names]


def ask(client: Client, index: Index, draw: random.Random, drawn: list[list[float]], names: list[str]) -> None:
    """Check searches of all kinds."""
    dimension = len(drawn[0])
    for k in (1, 3, 10, min(1000, len(names)), 1000):
        searched(client, index, draw.choice(drawn), k)
        searched(client, index, [draw.gauss(0, 1) for _ in range(dimension)], k)
        gone = [hit["id"] for hit in index.search(drawn[0], k)["hits"]][: draw.randint(0, 999)]
        searched(client, index, drawn[0], k, excluded=[*gone, "nobody"])
        some = draw.sample(names, min(len(names), draw.randint(1, 20)))
        searched(client, index, drawn[-1], k, only=[*some, "nobody", some[0]])
        searched(client, index, drawn[-1], k, only=some, excluded=some[::2])
    searched(client, index, drawn[0], 5, only=[])
    searched(client, index, drawn[0], 5, excluded=names[:1000])
    searched(client, index, [-component for component in drawn[0]], 1000)


def test_ties_are_ordered_by_code_points(client: Client) -> None:
    """Not by bytes of UTF-16, not by when they came, not by length."""
    draw = random.Random(11)
    names = [chr(at) for at in (0x20, 0x41, 0x61, 0x7F, 0xE9, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF)]
    names += [one + other for one in names[:6] for other in names[-3:]]
    shuffled = draw.sample(names, len(names))
    client.add("a", [{"id": name, "vector": [draw.choice([1, 2, 0.25]), 0, 0]} for name in shuffled])
    for _ in range(3):
        assert ids(client.search("a", k=100, vector=[1, 1, 0])) == sorted(names)
        name = draw.choice(names)
        client.delete("a", name)
        client.add("a", [{"id": name, "vector": [1, 0, 0]}])
    assert ids(client.search("a", k=5, vector=[1, 1, 0])) == sorted(names)[:5]


def clustered(draw: random.Random, count: int, dimension: int, centres: int) -> list[list[float]]:
    """Draw vectors around centres; one that is around nothing says nothing of an index."""
    middles = [[draw.gauss(0, 1) for _ in range(dimension)] for _ in range(centres)]
    return [[draw.gauss(one, 0.25) for one in draw.choice(middles)] for _ in range(count)]


def stocked(client: Client, drawn: list[list[float]]) -> Index:
    """Return the oracle of an index that got these vectors."""
    index = Index()
    for at in range(0, len(drawn), 1000):
        items = [{"id": f"x{at + each:05}", "vector": one} for each, one in enumerate(drawn[at : at + 1000])]
        client.add("a", items)
        for one in items:
            index.add(str(one["id"]), drawn[int(str(one["id"])[1:])])
    return index


def recall(client: Client, index: Index, queries: list[list[float]]) -> float:
    """Return which share of the nearest ten is found; the distances that are told, and their order, are checked."""
    found = 0
    for query in queries:
        told, truth = client.search("a", k=10, vector=query), index.nearest(query)
        distances = {identifier: distance / 1_000_000 for distance, identifier in truth}
        hits = [(hit["distance"], hit["id"]) for hit in told["hits"]]
        assert hits == [(distances[identifier], identifier) for _, identifier in hits]
        assert hits == sorted(hits)
        assert [hit["rank"] for hit in told["hits"]] == list(range(1, 11))
        found += len({identifier for _, identifier in truth[:10]} & {identifier for _, identifier in hits})
    return found / (10 * len(queries))


@pytest.mark.parametrize("count", [1001, 3000])
def test_above_a_thousand_nearly_all_is_found(client: Client, count: int) -> None:
    draw = random.Random(count)
    drawn = clustered(draw, count + 60, 64, 40)
    index = stocked(client, drawn[:count])
    queries = drawn[count:]
    assert recall(client, index, queries) >= ENOUGH
    nearest = index.nearest(queries[0])
    gone = [identifier for _, identifier in nearest[:1000]]
    told = client.search("a", k=10, vector=queries[0], excluded_ids=gone)
    hits = [(round(hit["distance"] * 1e6), hit["id"]) for hit in told["hits"]]
    assert len(hits) == min(10, count - 1000)
    assert not set(ids(told)) & set(gone)
    assert set(hits) <= set(nearest)
    some = [identifier for _, identifier in draw.sample(nearest, 300)]
    told = client.search("a", k=1000, vector=queries[1], only_ids=some)
    assert differences(told, index.search(queries[1], 1000, (), tuple(some))) == []
    assert len(client.search("a", k=1000, vector=queries[2])["hits"]) == 1000


def test_a_large_index_that_rests_finds_nearly_all(client: Client) -> None:
    """More than any runtime looks at one by one; behind a save nothing is searched by a look at all of them."""
    draw = random.Random(17)
    drawn = clustered(draw, LARGE + 40, 16, 60)
    index = stocked(client, drawn[:LARGE])
    client.save("a")
    assert recall(client, index, drawn[LARGE:]) >= ENOUGH


def test_the_boundary_both_ways(client: Client) -> None:
    """A thousand, one more, one less again: what is deleted is gone, and exactness is back."""
    draw = random.Random(13)
    drawn = clustered(draw, 1001, 16, 20)
    index = stocked(client, drawn)
    for _ in range(3):
        gone = draw.choice(sorted(index.items))
        client.delete("a", gone)
        del index.items[gone]
        for query in draw.sample(drawn, 5):
            searched(client, index, query, 20)
        client.put("a", "back", drawn[0])
        index.add("back", drawn[0])
        assert good(client.about("a"))["size"] == len(index.items) == 1001
        client.delete("a", "back")
        del index.items["back"]
        client.put("a", gone, drawn[5])
        index.add(gone, drawn[5])
