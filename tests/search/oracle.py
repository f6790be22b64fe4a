"""What search.md says, computed a second time from its text alone: slow, exact, and without any index.

Sums that the contract leaves to binary64 are taken with `math.fsum`, which rounds once. A service that adds up in
order differs from it by some 1e-15, which is a millionth only where a distance lies that near to half of one.
"""

from __future__ import annotations

import hashlib
import math
import struct
import zlib
from dataclasses import dataclass, field
from itertools import pairwise
from operator import mul
from typing import Any

import rfc8785

DIMENSION = 768
NEAREST = 50
FARTHEST = 500_000
WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
MEMORY = "playbook_memory"

Vector = tuple[float, ...]


def unit(vector: list[float] | Vector) -> Vector:
    """Return the unit vector, as it is stored."""
    total = 0.0
    for component in vector:
        total += component * component
    length = math.sqrt(total)
    form = f"<{len(vector)}f"
    return struct.unpack(form, struct.pack(form, *(component / length for component in vector)))


def millionths(one: Vector, other: Vector) -> int:
    """Return the distance of two unit vectors."""
    distance = 1.0 - math.fsum(map(mul, one, other))
    return min(2_000_000, max(0, math.floor(distance * 1_000_000 + 0.5)))


def tokens(text: str) -> list[str]:
    """Return the tokens of a text."""
    folded = [chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text]
    return "".join(c if c >= "\u0080" or c in WORD else " " for c in folded).split(" ")


def embed(text: str) -> list[float]:
    """Return what hash-768 makes of a text."""
    words = [token for token in tokens(text) if token]
    features = [(f"w:{word}", 4) for word in words]
    features += [(f"g:{edged[at : at + 3]}", 1) for edged in (f"^{w}$" for w in words) for at in range(len(edged) - 2)]
    features += [(f"p:{first} {second}", 2) for first, second in pairwise(words)]
    found = [0.0] * DIMENSION
    for feature, weight in features:
        mixed = zlib.crc32(feature.encode()) * 2654435761 % 2**32
        found[mixed % 2**31 % DIMENSION] += -weight if mixed >= 2**31 else weight
    return found


@dataclass
class Item:
    """What an index holds of an id."""

    vector: Vector
    metadata: dict[str, Any]


@dataclass
class Index:
    """An index, and what is answered to a search in it."""

    items: dict[str, Item] = field(default_factory=dict)

    def add(self, identifier: str, vector: list[float], metadata: dict[str, Any] | None = None) -> None:
        """Add or replace."""
        self.items[identifier] = Item(unit(vector), metadata or {})

    def nearest(self, query: list[float]) -> list[tuple[int, str]]:
        """Return all distances, in millionths, with their ids, in order."""
        mine = unit(query)
        return sorted((millionths(item.vector, mine), identifier) for identifier, item in self.items.items())

    def search(
        self, query: list[float], k: int, excluded: tuple[str, ...] = (), only: tuple[str, ...] | None = None
    ) -> dict[str, Any]:
        """Return what `search` answers."""
        found = [
            (distance, identifier)
            for distance, identifier in self.nearest(query)
            if identifier not in excluded and (only is None or identifier in only)
        ]
        return {"hits": [self.hit(*one, rank) for rank, one in enumerate(found[:k], 1)], "size": len(self.items)}

    def hit(self, distance: int, identifier: str, rank: int) -> dict[str, Any]:
        """Return a hit as it is answered."""
        metadata = self.items[identifier].metadata
        return {"distance": distance / 1_000_000, "id": identifier, "metadata": metadata, "rank": rank}


def lowered(distance: int, score: float) -> int:
    """Return a distance in millionths after a boost."""
    return math.floor(distance * (1 - 0.5 * score) + 0.5)


def folded(role: str) -> str:
    """Return a role with A-Z folded."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in role)


@dataclass
class Recording:
    """A recording."""

    query_text: str
    role: str
    answer_id: str
    score: float


def matrix(
    index: Index,
    memory: list[Recording],
    query_text: str,
    query_role: str,
    k: int,
    excluded: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return what the search with playbooks answers, where recordings are the only ones of their three."""
    query = embed(query_text)
    nearest = index.nearest(query)
    distances = {identifier: distance for distance, identifier in nearest}
    found = [one for one in nearest if one[1] not in excluded][:k]
    mine = unit(query)
    near = sorted(
        ((millionths(unit(embed(one.query_text)), mine), playbook_id(one), one) for one in memory),
        key=lambda one: one[:2],
    )
    best: dict[str, float] = {}
    for distance, _, one in near[:NEAREST]:
        if distance <= FARTHEST and folded(one.role) == folded(query_role):
            best[one.answer_id] = max(one.score, best.get(one.answer_id, 0.0))
    organic = {identifier for _, identifier in found}
    marked = [(lowered(d, best[i]) if i in best else d, i, i in best, False) for d, i in found]
    marked += [
        (lowered(distances[answer], score), answer, False, True)
        for answer, score in best.items()
        if answer in distances and answer not in organic and answer not in excluded
    ]
    marked = sorted(marked, key=lambda one: one[:2])[:k]
    hits = [
        index.hit(distance, identifier, rank) | {"boosted": boosted, "injected": injected}
        for rank, (distance, identifier, boosted, injected) in enumerate(marked, 1)
    ]
    return {"boosted": sum(one[2] for one in marked), "hits": hits, "injected": sum(one[3] for one in marked)}


def playbook_id(one: Recording) -> str:
    """Return the id of a recording."""
    text = rfc8785.dumps([one.query_text, one.role, one.answer_id])
    return "pb-" + hashlib.sha256(text).hexdigest()[:16]
