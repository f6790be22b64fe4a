"""One index against looking at everything, and the graph against the exact search."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lakehouse_ref.search import index as module
from lakehouse_ref.search import units
from lakehouse_ref.search.index import Index
from lakehouse_ref.search.neighbours import STEP, Graph, among
from lakehouse_ref.search.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def unit(vector: Iterable[float]) -> np.ndarray:
    direction = units.direction(np.array(list(vector), np.float64))
    assert direction is not None
    return direction.unit


def drawn(draw: np.random.Generator, count: int, dimension: int, *, clusters: int = 0) -> np.ndarray:
    """Return unit vectors, around so many centres if any."""
    vectors = draw.standard_normal((count, dimension))
    if clusters:
        centres = draw.standard_normal((clusters, dimension))
        vectors = centres[draw.integers(0, clusters, count)] + 0.4 * vectors
    units_: np.ndarray = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return units_


def looked_at(
    kept: dict[str, np.ndarray], query: np.ndarray, k: int, excluded: Collection[str] = (), only: object = None
) -> list[tuple[int, str]]:
    """Return the hits by looking at every vector by itself."""
    found = [
        (int(units.millionths(query, vector[None])[0]), id_)
        for id_, vector in kept.items()
        if id_ not in excluded and (only is None or id_ in only)  # type: ignore[operator]
    ]
    return sorted(found)[:k]


def told(index: Index, query: np.ndarray, k: int, *more: object) -> list[tuple[int, str]]:
    return [(hit.distance, hit.id) for hit in index.search(query, k, *more)]  # type: ignore[arg-type]


def test_hits_are_the_nearest_ones_with_their_metadata() -> None:
    index = Index(2, approximate=True)
    for id_, vector in {"far": (-1, 0), "near": (2, 0), "between": (1, 1)}.items():
        index.put(id_, unit(vector), id_.encode())
    assert index.search(unit((1, 0)), 2) == [(0, "near", b"near"), (292_893, "between", b"between")]


def test_hits_of_the_same_distance_are_ordered_by_code_points() -> None:
    index = Index(2, approximate=True)
    ids = ["\U0001f600", "b", "\uff5e", "B", "a", "\u00e9", "aa"]
    for number, id_ in enumerate(ids):
        index.put(id_, unit((1, 0)), b"")
        index.put(id_ + "!", unit((1, 1 + number)), b"")
        index.put(id_ + "?", unit((1, -1 - number)), b"")
    found = told(index, unit((1, 0)), 100)
    assert [id_ for distance, id_ in found if distance == 0] == ["B", "a", "aa", "b", "\u00e9", "\uff5e", "\U0001f600"]
    assert found == sorted(found)
    assert told(index, unit((1, 0)), 3) == [(0, "B"), (0, "a"), (0, "aa")]


@pytest.mark.parametrize("approximate", [False, True])
@pytest.mark.parametrize("dimension", [2, 17, 300])
def test_up_to_a_thousand_vectors_every_search_is_exact(dimension: int, *, approximate: bool) -> None:
    draw, choose = np.random.default_rng(dimension), random.Random(dimension)
    index = Index(dimension, approximate=approximate)
    kept: dict[str, np.ndarray] = {}
    for step in range(1500):
        id_ = f"w-{choose.randrange(900)}"
        if id_ in index and choose.random() < 0.4:
            index.delete(id_)
            del kept[id_]
        else:  # one in three is a vector that another id has
            vector = choose.choice(list(kept.values())) if kept and step % 3 == 0 else drawn(draw, 1, dimension)[0]
            index.put(id_, vector, b"")
            kept[id_] = vector
    assert len(index) == len(kept) < 1000
    for query in drawn(draw, 30, dimension):
        k = choose.choice([1, 3, 10, 100, 1000])
        excluded = {f"w-{number}" for number in choose.sample(range(900), choose.choice([0, 5, 400]))}
        only = [f"w-{number}" for number in choose.sample(range(1000), 60)]
        assert told(index, query, k) == looked_at(kept, query, k)
        assert told(index, query, k, excluded) == looked_at(kept, query, k, excluded)
        assert told(index, query, k, excluded, only) == looked_at(kept, query, k, excluded, only)


def grown(index: Index) -> Index:
    while index.behind():
        index.grow()
    return index


@pytest.fixture(scope="module")
def clustered() -> tuple[Index, dict[str, np.ndarray]]:
    """Make an index above the limit of exact searches, its graph up to date but for a few."""
    vectors = drawn(np.random.default_rng(5), 4000, 48, clusters=100)
    kept = {f"w-{number:04}": vector for number, vector in enumerate(vectors)}
    index = Index(48, approximate=True)
    for id_, vector in kept.items():
        index.put(id_, vector, b"")
    graph = grown(index)._neighbours
    assert isinstance(graph, Graph)
    assert 0 < index.rows.count - graph.covered < STEP
    return index, kept


def recall(index: Index, kept: dict[str, np.ndarray], excluded: Collection[str] = ()) -> float:
    queries = drawn(np.random.default_rng(6), 100, 48) * 0.2 + np.stack(list(kept.values())[:4000:40])
    found = 0
    for query in map(unit, queries):
        right = looked_at(kept, query, 10, excluded)
        hits = told(index, query, 10, excluded)
        assert hits == sorted(hits)
        assert len(hits) == 10
        assert all(hit in looked_at(kept, query, len(kept)) for hit in hits[:1]), "the distances are exact"
        found += len(set(right) & set(hits))
    return found / 1000


def test_the_graph_finds_nearly_all(clustered: tuple[Index, dict[str, np.ndarray]]) -> None:
    assert recall(*clustered) >= 0.99


def test_the_graph_finds_them_with_excluded_ids(clustered: tuple[Index, dict[str, np.ndarray]]) -> None:
    index, kept = clustered
    excluded = frozenset(random.Random(1).sample(sorted(kept), 900))
    hits = told(index, next(iter(kept.values())), 10, excluded)
    assert not {id_ for _, id_ in hits} & excluded
    assert recall(index, kept, excluded) >= 0.99


def test_the_graph_gives_as_many_as_are_there(clustered: tuple[Index, dict[str, np.ndarray]]) -> None:
    index, kept = clustered
    for k in (100, 999, 1000):
        assert len(told(index, next(iter(kept.values())), k)) == k


def test_deleting_and_adding_the_same_again_is_sustained() -> None:
    """What a graph that is deleted from breaks by: here ids come and go while their row stays."""
    vectors = drawn(np.random.default_rng(8), 1200, 16, clusters=40)
    kept = {f"w-{number}": vector for number, vector in enumerate(vectors)}
    index = Index(16, approximate=True)
    for id_, vector in kept.items():
        index.put(id_, vector, b"")
    grown(index)
    rows = index.rows.count
    for id_, vector in kept.items():
        index.delete(id_)
        index.put(id_, vector, b"")
    assert (index.rows.count, index.rows.dead) == (rows, 0)
    assert told(index, vectors[7], 10) == looked_at(kept, vectors[7], 10)


def test_rows_that_died_are_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_DEAD", 50)
    draw = np.random.default_rng(9)
    index = Index(8, approximate=True)
    kept: dict[str, np.ndarray] = {}
    for turn in range(6):
        for number, vector in enumerate(drawn(draw, 1100, 8)):
            index.put(f"w-{number}", vector, b"%d" % turn)
            kept[f"w-{number}"] = vector
            if number % 300 == 0:
                grown(index)
        assert index.rows.dead <= max(50, index.rows.count // 2)
    query = drawn(draw, 1, 8)[0]
    assert told(index, query, 5)[:1] == looked_at(kept, query, 1)
    assert {hit.metadata for hit in index.search(query, 1000)} == {b"5"}


def test_thousands_of_equal_vectors_come_in_order() -> None:
    index = Index(4, approximate=True)
    for number in range(3000):
        index.put(f"w-{number:04}", unit((1, 0, 0, 0)), b"")
    for number, vector in enumerate(drawn(np.random.default_rng(3), 2000, 4)):
        index.put(f"x-{number:04}", vector, b"")
    grown(index)
    assert told(index, unit((1, 0, 0, 0)), 5, {"w-0001"}) == [(0, f"w-000{n}") for n in (0, 2, 3, 4, 5)]


def test_candidates_hold_what_rounding_could_change() -> None:
    rows, query = Rows(3), unit((1, 0, 0))
    for step in range(100):  # all of them at the same distance in millionths
        rows.append(unit((1, 1e-5 * step, 0)))
    assert len(among(rows, query, 1)) > 10
    assert len(among(rows, query, 100)) == 100


def test_a_matrix_grows_without_changing_a_row() -> None:
    rows, vectors = Rows(5), drawn(np.random.default_rng(4), 1000, 5)
    assert [rows.append(vector) for vector in vectors] == list(range(1000))
    assert np.array_equal(rows.matrix[:1000], vectors)
    rows.bury(3)
    rows.bury(999)
    rows.revive(3)
    assert rows.living().tolist() == list(range(999))
    assert rows.only_living(np.array([3, 999])).tolist() == [3]
