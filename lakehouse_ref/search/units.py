"""Directions and distances: a vector's unit vector, and how far two of them are apart, in millionths."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

MILLION = 1_000_000
FARTHEST = 2 * MILLION
LEAST_SQUARES = 1e-12


class Direction(NamedTuple):
    """A vector that has a direction."""

    given: np.ndarray
    """Its components as they came, in binary64."""
    unit: np.ndarray
    """Those of its unit vector, in binary32."""


def direction(vector: np.ndarray) -> Direction | None:
    """Return a vector of doubles with its unit vector; None where it has no direction (rule `zero-vector`)."""
    # The contract adds up in order. `cumsum` does; `sum` and `dot` add in another one, and differ in the last bits.
    squares = np.cumsum(vector * vector)[-1]
    if squares < LEAST_SQUARES:
        return None
    return Direction(vector, (vector / math.sqrt(squares)).astype(np.float32))


def millionths(query: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return how far a unit vector is from each of the rows (rule `cosine`), as whole numbers."""
    apart = 1.0 - rows.astype(np.float64) @ query.astype(np.float64)
    whole = np.floor(apart * MILLION + 0.5)
    return np.minimum(np.maximum(whole, 0.0), FARTHEST).astype(np.int64)


def lowered(distance: int, score: float) -> int:
    """Return a distance in millionths as a recording of that score lowers it (rule `boosted`)."""
    return math.floor(distance * (1 - 0.5 * score) + 0.5)
