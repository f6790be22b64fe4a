"""Playbooks over a store that answers what the test says."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lakehouse_ref import canonical
from lakehouse_ref.search import playbooks
from lakehouse_ref.search.errors import StateError
from lakehouse_ref.search.playbooks import Ranked
from lakehouse_ref.search.requests import Item, Query, Recording, Retrieval, Search
from lakehouse_ref.search.store import Added, Found, Hit
from lakehouse_ref.search.units import Direction

if TYPE_CHECKING:
    from lakehouse_ref.ijson import Value

VECTOR = Direction(np.array([1.0]), np.array([1.0], np.float32))
NOBODY = frozenset[str]()


class Told:
    """A store with an index `workers`, id by id at its distance, and a memory."""

    def __init__(self, workers: dict[str, int], memory: list[tuple[int, Value]] | str) -> None:
        self.workers, self.memory = workers, memory
        self.added: list[Item] = []
        self.known: set[str] = set()

    def add(self, tenant: str, name: str, items: list[Item], touched: set[str]) -> Added:
        del tenant, touched
        assert name == "playbook_memory"
        updated = sum(item.id in self.known for item in items)
        self.known |= {item.id for item in items}
        self.added += items
        return Added(len(items) - updated, updated, len(self.known))

    def search(self, tenant: str, name: str, query: Query, touched: set[str]) -> Found:
        del touched
        assert tenant == "t"
        if name == "playbook_memory":
            if isinstance(self.memory, str):
                raise StateError(self.memory)
            assert query.k == 50
            assert not query.excluded
            hits = [Hit(far, f"pb-{at}", canonical.write(what)) for at, (far, what) in enumerate(self.memory)]
            return Found(sorted(hits)[: query.k], len(hits))
        if name != "workers":
            raise StateError("unknown-index")
        ids = self.workers if query.only is None else [id_ for id_ in query.only if id_ in self.workers]
        found = [Hit(self.workers[id_], id_, b"{}") for id_ in ids if id_ not in query.excluded]
        return Found(sorted(found)[: query.k], len(self.workers))

    def forget(self, tenant: str) -> int:
        raise NotImplementedError(tenant)


def recording(answer_id: str, score: float = 1.0, role: str = "Welder") -> Value:
    return {"answer_id": answer_id, "role": role, "score": score}


def searched(
    store: Told, k: int = 3, *, excluded: frozenset[str] = NOBODY, role: str = "Welder", use: bool = True
) -> tuple[list[tuple[str, int, str]], int, int, set[str]]:
    """Return the hits with b for boosted and i for injected, the counts, and the rules that mattered."""
    touched: set[str] = set()
    asked = Search("workers", Query(VECTOR, k, excluded), role, use)
    done = playbooks.search(store, "t", asked, touched)
    hits = [(hit.id, hit.distance, "b" * hit.boosted + "i" * hit.injected) for hit in done.hits]
    return hits, done.boosted, done.injected, touched


WORKERS = {"a": 100_000, "b": 200_000, "c": 300_000, "d": 400_000, "e": 500_000}


def test_an_organic_answer_is_boosted() -> None:
    hits, boosted, injected, touched = searched(Told(WORKERS, [(0, recording("c", 0.8))]))
    assert hits == [("a", 100_000, ""), ("c", 180_000, "b"), ("b", 200_000, "")]
    assert (boosted, injected, touched) == (1, 0, {"boosted"})


def test_boosting_by_nothing_is_still_boosting() -> None:
    hits, boosted, _, _ = searched(Told(WORKERS, [(0, recording("a", 0.0))]))
    assert (hits[0], boosted) == (("a", 100_000, "b"), 1)


def test_another_answer_is_injected_and_an_organic_hit_is_cut() -> None:
    hits, boosted, injected, touched = searched(Told(WORKERS, [(0, recording("e"))]))
    assert hits == [("a", 100_000, ""), ("b", 200_000, ""), ("e", 250_000, "i")]
    assert (boosted, injected, touched) == (0, 1, {"injected", "cut-to-k"})


def test_what_is_cut_is_not_counted() -> None:
    store = Told(WORKERS, [(0, recording("e", 0.1)), (0, recording("c", 0.1))])
    hits, boosted, injected, _ = searched(store, 2)
    assert ([id_ for id_, _, _ in hits], boosted, injected) == (["a", "b"], 0, 0)
    assert searched(Told({"a": 9, "b": 10}, [(0, recording("b"))]), 1)[:3] == ([("b", 5, "i")], 0, 1)


def test_of_equal_distances_the_id_decides() -> None:
    hits, _, _, touched = searched(Told(WORKERS, [(0, recording("d"))]), 4)
    assert [id_ for id_, _, _ in hits] == ["a", "b", "d", "c"]
    assert hits[1][1] == hits[2][1] == 200_000
    assert "tie" in touched


def test_the_best_score_counts_once() -> None:
    memory = [(5, recording("c", 0.2)), (3, recording("c", 0.6)), (9, recording("c", 0.4))]
    hits, boosted, _, touched = searched(Told(WORKERS, memory))
    assert (hits[2], boosted) == (("c", 210_000, "b"), 1)
    assert "best-score" in touched


@pytest.mark.parametrize(
    ("of", "asked", "counts"),
    [
        ("Welder", "Welder", True),
        ("Welder", "wELDER", True),
        ("Welder", "Welder ", False),
        ("Welder", "CNC", False),
        ("\u00c9", "\u00e9", False),
        ("\u00c9x", "\u00c9X", True),
    ],
)
def test_the_gate_of_roles(of: str, asked: str, *, counts: bool) -> None:
    hits, boosted, injected, touched = searched(
        Told(WORKERS, [(0, recording("a", role=of)), (0, recording("e", role=of))]), role=asked
    )
    assert (boosted + injected == 2) is counts
    assert ("role-gate" in touched) is (of != asked)
    assert len(hits) == 3


def test_a_recording_that_is_too_far_counts_for_nothing() -> None:
    hits, boosted, _, touched = searched(Told(WORKERS, [(500_000, recording("a")), (500_001, recording("b"))]))
    assert (hits[:2], boosted) == ([("a", 50_000, "b"), ("b", 200_000, "")], 1)
    assert "recording-too-far" in touched


def test_only_the_nearest_fifty_are_looked_at() -> None:
    memory = [(number, recording("x")) for number in range(50)]
    assert searched(Told(WORKERS, [*memory, (50, recording("a"))]))[1] == 0
    assert searched(Told(WORKERS, [*memory[1:], (50, recording("a"))]))[1] == 1


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"answer_id": "a", "role": "Welder"},
        {"answer_id": "a", "role": "Welder", "score": "1"},
        {"answer_id": "a", "role": "Welder", "score": 1.5},
        {"answer_id": "a", "role": "Welder", "score": -0.5},
        {"answer_id": 1.0, "role": "Welder", "score": 1.0},
        {"answer_id": "a", "role": 1.0, "score": 1.0},
        {"role": "Welder", "score": 1.0},
    ],
)
def test_an_entry_that_is_no_recording_counts_for_nothing(metadata: Value) -> None:
    _, boosted, _, touched = searched(Told(WORKERS, [(0, metadata)]))
    assert (boosted, touched) == (0, {"not-a-recording"})


def test_a_recording_may_have_more_metadata() -> None:
    assert searched(Told(WORKERS, [(0, {"answer_id": "a", "role": "Welder", "score": 1.0, "x": "y"})]))[1] == 1


def test_an_excluded_id_is_neither_organic_nor_injected() -> None:
    store = Told(WORKERS, [(0, recording("a")), (0, recording("e"))])
    hits, boosted, injected, touched = searched(store, excluded=frozenset({"a", "e"}))
    assert ([id_ for id_, _, _ in hits], boosted, injected) == (["b", "c", "d"], 0, 0)
    assert touched == {"excluded"}


def test_an_answer_that_is_not_there_is_not_injected() -> None:
    _, _, injected, touched = searched(Told(WORKERS, [(0, recording("nobody"))]))
    assert (injected, touched) == (0, {"answer-not-there"})


@pytest.mark.parametrize("reason", ["unknown-index", "wrong-dimension"])
def test_without_a_memory_that_fits_there_are_no_playbooks(reason: str) -> None:
    assert searched(Told(WORKERS, reason))[:3] == ([("a", 100_000, ""), ("b", 200_000, ""), ("c", 300_000, "")], 0, 0)


def test_a_store_that_is_not_there_is_no_empty_memory() -> None:
    with pytest.raises(StateError, match="vectord-unreachable"):
        searched(Told(WORKERS, "vectord-unreachable"))


def test_without_use_playbook_nothing_is_learned() -> None:
    assert searched(Told(WORKERS, [(0, recording("a"))]), use=False)[1:] == (0, 0, {"playbook-unused"})


def test_retrieving_is_the_search_alone() -> None:
    touched: set[str] = set()
    store = Told(WORKERS, [(0, recording("a"))])
    hits = playbooks.retrieve(store, "t", Retrieval("workers", Query(VECTOR, 1, frozenset({"a"}))), touched)
    assert (hits, touched) == ([Hit(200_000, "b", b"{}")], {"retrieved"})
    with pytest.raises(StateError, match="unknown-index"):
        playbooks.retrieve(store, "t", Retrieval("others", Query(VECTOR, 1)), touched)


def test_a_recording_is_an_entry_of_the_memory() -> None:
    store, touched = Told({}, []), set[str]()
    asked = Recording("Caf\u00e9 \u20ac", VECTOR, 'W"', "w-1", 0.5)
    text = '["Caf\u00e9 \u20ac","W\\"","w-1"]'.encode()
    playbook_id = "pb-" + hashlib.sha256(text).hexdigest()[:16]
    assert playbooks.record(store, "t", asked, touched) == (playbook_id, False)
    assert playbooks.record(store, "t", asked._replace(score=1.0), touched) == (playbook_id, True)
    assert touched == {"recorded", "record-updated"}
    assert store.added[0] == Item(playbook_id, VECTOR, b'{"answer_id":"w-1","role":"W\\"","score":0.5}')
    assert store.added[1].metadata == b'{"answer_id":"w-1","role":"W\\"","score":1}'


def test_injected_hits_are_counted_wherever_they_stand() -> None:
    assert playbooks.count_injected([Ranked(0, "a", b"{}", injected=True), Ranked(1, "b", b"{}")]) == 1
