"""Unit vectors and distances against exact arithmetic."""

from __future__ import annotations

import math
import random
import struct
from fractions import Fraction

import numpy as np
import pytest

from lakehouse_ref.search import units


def unit(*components: float) -> np.ndarray:
    direction = units.direction(np.array(components, np.float64))
    assert direction is not None
    return direction.unit


def millionths(one: np.ndarray, other: np.ndarray) -> int:
    return int(units.millionths(one, other[None])[0])


def by_hand(components: list[float]) -> list[float]:
    """Do it in the words of the contract: one after the other, in binary64, then rounded to binary32."""
    total = 0.0
    for component in components:
        total += component * component
    n = math.sqrt(total)
    return [struct.unpack("<f", struct.pack("<f", component / n))[0] for component in components]


@pytest.mark.parametrize("dimension", [1, 2, 3, 8, 9, 100, 768, 4096])
def test_the_squares_are_added_up_in_order(dimension: int) -> None:
    draw = random.Random(dimension)
    for _ in range(20):
        components = [draw.uniform(-1, 1) * 10 ** draw.randint(-5, 6) for _ in range(dimension)]
        assert unit(*components).tolist() == by_hand(components)


def test_the_order_matters_to_such_a_sum() -> None:
    """The test above would be blind if any order came to the same."""
    draw = random.Random(3)
    squares = [np.array([draw.uniform(-1, 1) for _ in range(768)]) ** 2 for _ in range(20)]
    assert any(float(np.cumsum(values)[-1]) != float(np.sum(values)) for values in squares)


def test_a_direction_keeps_what_was_given() -> None:
    direction = units.direction(np.array([3.0, 4.0]))
    assert direction is not None
    assert direction.given.tolist() == [3.0, 4.0]
    assert direction.unit.dtype == np.float32
    assert direction.unit.tolist() == [float(np.float32(0.6)), float(np.float32(0.8))]


@pytest.mark.parametrize(
    ("components", "there"),
    [
        ([0.0], False),
        ([-0.0, 0.0], False),
        ([9.999e-7], False),
        ([1e-6], 1e-6 * 1e-6 >= 1e-12),
        ([1.0001e-6], True),
        ([1.1e-7] * 100, True),
        ([1e-200], False),
        ([1e6] * 4096, True),
    ],
)
def test_what_has_a_direction(components: list[float], there: bool) -> None:  # noqa: FBT001
    assert (units.direction(np.array(components)) is not None) is there


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ((1, 0), (1, 0), 0),
        ((1, 0), (5, 0), 0),
        ((1, 0), (0, 3), 1_000_000),
        ((1, 0), (-2, 0), 2_000_000),
        ((1, 0), (1, 1), 292_893),  # 1 - 0.70710678
        ((3, 4), (4, 3), 40_000),  # 1 - 0.96
        ((1, 1, 0), (0, 1, 1), 500_000),
        ((1, 2, 3), (3, 2, 1), 285_714),  # 1 - 10/14
    ],
)
def test_distances_by_hand(one: tuple[float, ...], other: tuple[float, ...], distance: int) -> None:
    assert millionths(unit(*one), unit(*other)) == millionths(unit(*other), unit(*one)) == distance


def test_distances_against_fractions() -> None:
    draw = random.Random(1)
    for _ in range(200):
        one, other = (unit(*(draw.gauss(0, 1) for _ in range(20))) for _ in range(2))
        apart = 1 - sum(Fraction(float(a)) * Fraction(float(b)) for a, b in zip(one, other, strict=True))
        assert millionths(one, other) == math.floor(apart * 1_000_000 + Fraction(1, 2))


def test_a_distance_is_never_below_nothing_nor_above_two() -> None:
    draw = random.Random(2)
    for _ in range(200):
        one = unit(*(draw.gauss(0, 1) for _ in range(768)))
        assert millionths(one, one) == 0
        assert millionths(one, -one) == 2_000_000


@pytest.mark.parametrize(
    ("distance", "score", "expected"),
    [
        (444_900, 1.0, 222_450),
        (500_000, 0.0, 500_000),
        (3, 1.0, 2),  # 1.5, and a half is rounded up
        (1, 1.0, 1),
        (0, 1.0, 0),
        (1_000_000, 0.25, 875_000),
        (333_333, 0.1, 316_666),  # 316666.35
    ],
)
def test_what_a_score_makes_of_a_distance(distance: int, score: float, expected: int) -> None:
    assert units.lowered(distance, score) == expected
