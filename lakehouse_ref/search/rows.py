"""Unit vectors, numbered in the order in which they came, and which of them still stand for something."""

from __future__ import annotations

import numpy as np

SMALLEST = 64


class Rows:
    """A matrix that grows by rows of binary32. A row never changes, and keeps its number."""

    def __init__(self, dimension: int) -> None:
        self.count = 0
        self.dead = 0
        self.matrix = np.empty((SMALLEST, dimension), np.float32)
        self._alive = np.zeros(SMALLEST, np.bool_)

    def append(self, row: np.ndarray) -> int:
        """Add a row; return its number."""
        if self.count == len(self.matrix):
            # In steps of a quarter: one of the double size would hold three times what is there while it is copied.
            larger = len(self.matrix) + max(SMALLEST, len(self.matrix) // 4)
            matrix = np.empty((larger, self.matrix.shape[1]), np.float32)
            matrix[: self.count] = self.matrix
            self.matrix = matrix
            self._alive = np.concatenate([self._alive, np.zeros(larger - self.count, np.bool_)])
        number = self.count
        self.matrix[number] = row
        self._alive[number] = True
        self.count += 1
        return number

    def bury(self, number: int) -> None:
        """Let a row stand for nothing any more."""
        self._alive[number] = False
        self.dead += 1

    def revive(self, number: int) -> None:
        """Let a buried row stand for something again."""
        self._alive[number] = True
        self.dead -= 1

    def living(self) -> np.ndarray:
        """Return the numbers of the rows that stand for something."""
        return np.flatnonzero(self._alive[: self.count])

    def only_living(self, numbers: np.ndarray) -> np.ndarray:
        """Return those of the rows that stand for something."""
        return numbers[self._alive[numbers]] if self.dead else numbers
