"""One index: ids with their unit vectors and metadata, and the search for the nearest ones.

Ids that have the same vector share one row: a graph copes badly with equal vectors, and so all ids of a row are at hand
when they are ordered. A row whose ids are all gone is buried; the same vector brings it back.
"""

from __future__ import annotations

import hashlib
from bisect import insort
from typing import TYPE_CHECKING

from lakehouse_ref.search import units
from lakehouse_ref.search.neighbours import STEP, Exact, Graph, Neighbours
from lakehouse_ref.search.rows import Rows
from lakehouse_ref.search.store import Hit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import numpy as np

EXACT_UP_TO = 1000
"""Up to so many vectors every search is exact."""
MOST_DEAD = 1000
"""With more dead rows than this, and than half of the living ones, the rows are numbered anew."""

DIGEST = 16
"""So many bytes tell vectors apart: the vectors themselves would be kept twice."""


class Index:
    """Ids, each with a unit vector of `dimension` components and metadata. Other threads may `grow` and `settle` it."""

    def __init__(self, dimension: int, *, approximate: bool) -> None:
        self.dimension = dimension
        self.approximate = approximate
        self.metadata: dict[str, bytes] = {}
        """By id, in the order in which they were first added."""
        self._row_of: dict[str, int] = {}
        self._exact = Exact()
        self._empty()

    def _empty(self) -> None:
        self.rows = Rows(self.dimension)
        self._ids_of: list[tuple[str, ...]] = []
        self._rows_of_vectors: dict[bytes, int] = {}
        self._neighbours: Neighbours = Graph(self.dimension) if self.approximate else self._exact

    def __len__(self) -> int:
        return len(self.metadata)

    def __contains__(self, id_: str) -> bool:
        return id_ in self.metadata

    def vector(self, id_: str) -> np.ndarray:
        """Return the unit vector of an id that is there."""
        vector: np.ndarray = self.rows.matrix[self._row_of[id_]]
        return vector

    # -------------------------------------------------------------- writing

    def put(self, id_: str, vector: np.ndarray, metadata: bytes) -> None:
        """Add an id with a unit vector, or replace what it has."""
        if id_ in self._row_of:
            self._leave(id_)
        self.metadata[id_] = metadata
        self._enter(id_, vector)
        self._tidy()

    def delete(self, id_: str) -> None:
        """Take an id away that is there."""
        self._leave(id_)
        del self._row_of[id_], self.metadata[id_]
        self._tidy()

    def _enter(self, id_: str, vector: np.ndarray) -> None:
        key = hashlib.blake2b(vector.tobytes(), digest_size=DIGEST).digest()
        row = self._rows_of_vectors.get(key)
        if row is None:
            row = self._rows_of_vectors[key] = self.rows.append(vector)
            self._ids_of.append((id_,))
        else:
            if not self._ids_of[row]:
                self.rows.revive(row)
            ids = list(self._ids_of[row])
            insort(ids, id_)
            self._ids_of[row] = tuple(ids)
        self._row_of[id_] = row

    def _leave(self, id_: str) -> None:
        row = self._row_of[id_]
        self._ids_of[row] = tuple(one for one in self._ids_of[row] if one != id_)
        if not self._ids_of[row]:
            self.rows.bury(row)

    def _tidy(self) -> None:
        dead = self.rows.dead
        if dead <= MOST_DEAD or dead <= (self.rows.count - dead) // 2:
            return
        vectors = self.rows.matrix
        rows = self._row_of
        self._row_of = {}
        self._empty()
        for id_ in self.metadata:
            self._enter(id_, vectors[rows[id_]])

    # -------------------------------------------------------------- searching

    def search(
        self, query: np.ndarray, k: int, excluded: Collection[str] = frozenset(), only: Iterable[str] | None = None
    ) -> list[Hit]:
        """Return up to k hits for a unit vector, the nearest first; with `only` of these ids alone."""
        if only is not None:
            return self._ordered(query, {id_ for id_ in only if id_ in self.metadata and id_ not in excluded}, k)
        hidden = {id_ for id_ in excluded if id_ in self.metadata}
        neighbours = self._exact if len(self) <= EXACT_UP_TO else self._neighbours
        numbers = neighbours.nearest(self.rows, query, k + len(hidden))
        distances = units.millionths(query, self.rows.matrix[numbers]).tolist()
        found: list[tuple[int, str]] = []
        for number, distance in zip(numbers.tolist(), distances, strict=True):
            ids = self._ids_of[number]
            # They stand in order, so no more of them can be hits.
            found += [
                (distance, id_) for id_ in (ids if len(ids) == 1 else ids[: k + len(hidden)]) if id_ not in hidden
            ]
        return self._hits(found, k)

    def _ordered(self, query: np.ndarray, ids: Collection[str], k: int) -> list[Hit]:
        chosen = list(ids)
        distances = units.millionths(query, self.rows.matrix[[self._row_of[id_] for id_ in chosen]]).tolist()
        return self._hits(list(zip(distances, chosen, strict=True)), k)

    def _hits(self, found: list[tuple[int, str]], k: int) -> list[Hit]:
        return [Hit(distance, id_, self.metadata[id_]) for distance, id_ in ordered(found, self)[:k]]

    # -------------------------------------------------------------- growing

    def behind(self) -> int:
        """Return how many vectors searches would find sooner after some calls of `grow`."""
        return self._neighbours.behind(self.rows) if len(self) > EXACT_UP_TO else 0

    def grow(self) -> None:
        """Do a part of the work that writing has left, a fraction of a second. May run in a thread of its own."""
        self._neighbours.grow(self.rows)

    def settle(self) -> None:
        """Do all of the work that writing has left by now."""
        for _ in range(0, self.behind(), STEP):
            self.grow()


def ordered(found: list[tuple[int, str]], _: Index) -> list[tuple[int, str]]:
    """Return distances and ids in the order of hits: by distance, and where that is equal by id (rule `tie`)."""
    return sorted(found)  # Python compares strings by code points
