"""Which rows may be the nearest ones to a query: by looking at every one, or by an HNSW graph.

Both answer with candidates. How far these are, exactly, and which of them are hits is the index's business.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

import faiss
import numpy as np

if TYPE_CHECKING:
    from lakehouse_ref.search.rows import Rows

LINKS, EFFORT_BUILDING, EFFORT = 16, 200, 64
"""The graph's measures (tests/benchmarks/bench_search.py). Less effort of building costs recall on workers' texts."""
STEP = 128
"""So many rows are added to the graph at a time; no search waits for it, but looks at every row meanwhile."""
UNITS_LAST = 2.0**-24
"""Half a unit in the last place of binary32, relatively."""


class Neighbours(Protocol):
    """How the candidates of an index are found."""

    def nearest(self, rows: Rows, query: np.ndarray, wanted: int) -> np.ndarray:
        """Return the numbers of living rows, among them the `wanted` nearest ones to a unit vector."""

    def behind(self, rows: Rows) -> int:
        """Return how many rows have not yet been taken in, so that `grow` is called for."""

    def grow(self, rows: Rows) -> None:
        """Take in some more rows, `STEP` at most. Several threads may do so."""


class Exact:
    """Every row is looked at, and no near one is ever missed."""

    def nearest(self, rows: Rows, query: np.ndarray, wanted: int) -> np.ndarray:
        """Return the `wanted` nearest rows, and all others that rounding could put among them."""
        return rows.only_living(among(rows, query, wanted + rows.dead))

    def behind(self, rows: Rows) -> int:  # noqa: ARG002
        """Return 0: there is nothing to take in."""
        return 0

    def grow(self, rows: Rows) -> None:
        """Do nothing."""


class Graph:
    """An HNSW graph of faiss over the first rows; those behind them are looked at one by one."""

    def __init__(self, dimension: int) -> None:
        self.exact = Exact()
        self.covered = 0
        self._graph = faiss.IndexHNSWFlat(dimension, LINKS)
        self._graph.hnsw.efConstruction = EFFORT_BUILDING
        self._lock = threading.Lock()

    def nearest(self, rows: Rows, query: np.ndarray, wanted: int) -> np.ndarray:
        """Return candidates of the graph, and of the rows that it does not have yet."""
        count = wanted + 2
        while count * 4 <= self.covered and self._lock.acquire(blocking=False):
            try:
                covered = self.covered
                found = rows.only_living(self._search(query, count))
            finally:
                self._lock.release()
            if len(found) >= wanted:
                if covered == rows.count:
                    return found
                behind = among(rows, query, wanted + rows.dead, covered)
                return np.concatenate([found, rows.only_living(behind)])
            count *= 4  # buried rows stand before the others
        return self.exact.nearest(rows, query, wanted)

    def _search(self, query: np.ndarray, count: int) -> np.ndarray:
        self._graph.hnsw.efSearch = max(EFFORT, count + count // 2)
        numbers: np.ndarray = self._graph.search(query[np.newaxis], count)[1][0]
        return numbers[numbers >= 0]

    def behind(self, rows: Rows) -> int:
        """Return how many rows the graph does not have, if they are worth a step."""
        behind = rows.count - self.covered
        return behind if behind >= STEP else 0

    def grow(self, rows: Rows) -> None:
        """Add the next rows to the graph."""
        with self._lock:
            step = rows.matrix[self.covered : min(self.covered + STEP, rows.count)]
            self._graph.add(step)
            self.covered += len(step)


def among(rows: Rows, query: np.ndarray, wanted: int, start: int = 0) -> np.ndarray:
    """Return the `wanted` nearest of the rows from `start` on, and all others that rounding could put among them."""
    count = rows.count - start
    if wanted >= count:
        return np.arange(start, rows.count)
    likeness = rows.matrix[start : rows.count] @ query
    least = np.partition(likeness, count - wanted)[count - wanted]
    # A sum of n products of binary32 is off by n units in the last place at most, and two of them are compared; two
    # distances that are equal in millionths may lie one of these apart.
    slack = 2.1 * len(query) * UNITS_LAST + 2e-6
    return np.flatnonzero(likeness >= least - slack) + start
