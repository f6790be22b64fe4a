"""Playbooks: searches that learn from recordings. Functions over a store, which may be another process.

record    an answer that was given, into the index `playbook_memory`
retrieve  the nearest ids
search    the same, and with playbooks: recordings near the query lower the distance of their answers (*boosted*),
          and bring in answers that were not near enough by themselves (*injected*)
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from lakehouse_ref import canonical
from lakehouse_ref.search import units
from lakehouse_ref.search.errors import StateError
from lakehouse_ref.search.requests import Item, Query
from lakehouse_ref.validate.texts import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lakehouse_ref.search.requests import Recording, Retrieval, Search
    from lakehouse_ref.search.store import Hit, Searchable

MEMORY = "playbook_memory"
RECALLED = 50
"""So many recordings are looked at."""
FARTHEST = units.MILLION // 2
"""In millionths: a recording that is farther counts for nothing."""


class Recorded(NamedTuple):
    """What became of a recording."""

    playbook_id: str
    updated: bool


class Ranked(NamedTuple):
    """A hit, and how it came to its place."""

    distance: int
    id: str
    metadata: bytes
    boosted: bool = False
    injected: bool = False


class Learned(NamedTuple):
    """The hits of a search, and how many of them are boosted and injected."""

    hits: list[Ranked]
    boosted: int
    injected: int


class Entry(msgspec.Struct):
    """The metadata of a recording."""

    answer_id: str
    role: str
    score: float


# ------------------------------------------------------------------ the calls


def record(store: Searchable, tenant: str, asked: Recording, touched: set[str]) -> Recorded:
    """Keep a recording (rules `recorded`, `record-updated`)."""
    playbook_id = id_of(asked)
    metadata = canonical.write({"answer_id": asked.answer_id, "role": asked.role, "score": asked.score})
    done = store.add(tenant, MEMORY, [Item(playbook_id, asked.vector, metadata)], touched)
    touched.add("record-updated" if done.updated else "recorded")
    return Recorded(playbook_id, done.updated > 0)


def id_of(asked: Recording) -> str:
    """Return the id of a recording, which query text, role and answer id make."""
    text = canonical.write([asked.text, asked.role, asked.answer_id])
    return f"pb-{hashlib.sha256(text).hexdigest()[:16]}"


def retrieve(store: Searchable, tenant: str, asked: Retrieval, touched: set[str]) -> list[Hit]:
    """Return the nearest ids (rule `retrieved`)."""
    hits = store.search(tenant, asked.index_name, asked.query, touched).hits
    touched.add("retrieved")
    return hits


def search(store: Searchable, tenant: str, asked: Search, touched: set[str]) -> Learned:
    """Return the nearest ids, and those that playbooks know of."""
    organic = store.search(tenant, asked.index_name, asked.query, touched).hits
    if not asked.use_playbook:
        touched.add("playbook-unused")
        return Learned([Ranked(*hit) for hit in organic], 0, 0)
    scores = counted(recalled(store, tenant, asked.query, touched), asked.role, touched)
    if not scores:
        return Learned([Ranked(*hit) for hit in organic], 0, 0)
    ranked = [boosted(hit, scores.get(hit.id, ()), touched) for hit in organic]
    ranked += injected(store, tenant, asked, organic, scores, touched)
    hits = cut(ranked, asked.query.k, touched)
    return Learned(hits, sum(hit.boosted for hit in hits), count_injected(hits))


# ------------------------------------------------------------------ which recordings count


def recalled(store: Searchable, tenant: str, query: Query, touched: set[str]) -> Sequence[Hit]:
    """Return the nearest entries of the memory."""
    try:
        return store.search(tenant, MEMORY, Query(query.vector, RECALLED), touched).hits
    except StateError as error:
        if error.reason not in {"unknown-index", "wrong-dimension"}:
            raise
        return []


def counted(entries: Iterable[Hit], role: str, touched: set[str]) -> dict[str, tuple[float, ...]]:
    """Return the answers that recordings for a role know of, with the score that counts for each."""
    scores: dict[str, list[float]] = {}
    for hit in entries:
        entry = entry_of(hit.metadata)
        if entry is None:
            touched.add("not-a-recording")
        elif hit.distance > FARTHEST:
            touched.add("recording-too-far")
            break  # all others are farther
        else:
            same = same_role(entry.role, role)
            if not same or entry.role != role:
                touched.add("role-gate")
            if same:
                scores.setdefault(entry.answer_id, []).append(entry.score)
    if any(len(several) > 1 for several in scores.values()):
        touched.add("best-score")
    return {answer_id: best(several) for answer_id, several in scores.items()}


@lru_cache(1 << 14)
def entry_of(metadata: bytes) -> Entry | None:
    """Return the recording that an entry's metadata are (rule `not-a-recording`)."""
    try:
        entry = msgspec.json.decode(metadata, type=Entry)
    except msgspec.ValidationError:
        return None
    return entry if 0 <= entry.score <= 1 else None


def same_role(one: str, other: str) -> bool:
    """Tell whether a recording for one role counts for another (rule `role-gate`)."""
    return folded(one) == folded(other)


def best(scores: list[float]) -> tuple[float, ...]:
    """Return the one score that counts (rule `best-score`)."""
    return (max(scores),)


# ------------------------------------------------------------------ what they change


def boosted(hit: Hit, scores: tuple[float, ...], touched: set[str]) -> Ranked:
    """Return an organic hit, nearer if it is an answer (rule `boosted`)."""
    if not scores:
        return Ranked(*hit)
    touched.add("boosted")
    return Ranked(nearer(hit.distance, scores), hit.id, hit.metadata, boosted=True)


def injected(
    store: Searchable,
    tenant: str,
    asked: Search,
    organic: Sequence[Hit],
    scores: dict[str, tuple[float, ...]],
    touched: set[str],
) -> list[Ranked]:
    """Return the answers that are no organic hits (rules `injected`, `answer-not-there`)."""
    wanted = injectable(scores.keys() - {hit.id for hit in organic}, asked.query.excluded, touched)
    if not wanted:
        return []
    query = Query(asked.query.vector, len(wanted), only=sorted(wanted))
    found = store.search(tenant, asked.index_name, query, set()).hits
    touched |= ({"injected"} if found else set()) | ({"answer-not-there"} if len(found) < len(wanted) else set())
    return [Ranked(nearer(hit.distance, scores[hit.id]), hit.id, hit.metadata, injected=True) for hit in found]


def injectable(answers: set[str], excluded: frozenset[str], touched: set[str]) -> set[str]:
    """Return the answers that may be injected (rule `excluded`)."""
    if answers & excluded:
        touched.add("excluded")
    return answers - excluded


def nearer(distance: int, scores: tuple[float, ...]) -> int:
    """Return a distance as the scores of an answer lower it."""
    for score in scores:
        distance = units.lowered(distance, score)
    return distance


def cut(ranked: list[Ranked], k: int, touched: set[str]) -> list[Ranked]:
    """Return the first k in order (rules `tie`, `cut-to-k`)."""
    ranked.sort(key=lambda hit: (hit.distance, hit.id))
    if len(ranked) > k:
        touched.add("cut-to-k")
    hits = ranked[:k]
    if any(one.distance == other.distance for one, other in pairwise(hits)):
        touched.add("tie")
    return hits


def count_injected(hits: Iterable[Ranked]) -> int:
    """Return how many hits are injected."""
    return sum(hit.injected for hit in hits)
