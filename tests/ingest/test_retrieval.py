"""What the contract says is found in 2,000 workers: the right role and state."""

from __future__ import annotations

from functools import cache
from random import Random

import numpy as np
import pytest

from lakehouse_ref.embedding import embed
from lakehouse_ref.ingest.generate import generate
from lakehouse_ref.ingest.worker import Worker, metadata, text


@cache
def corpus() -> tuple[list[Worker], np.ndarray]:
    workers = list(generate(1, 2_000))
    return workers, directions([text(worker) for worker in workers])


def directions(texts: list[str]) -> np.ndarray:
    vectors = np.array([embed(one) for one in texts])
    units: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units.astype(np.float32).astype(np.float64)  # as search.md keeps them


def top(count: int, queries: list[str]) -> list[list[tuple[str, ...]]]:
    """Return role, city and state of the nearest workers, for each query."""
    workers, vectors = corpus()
    distances = np.floor((1 - directions(queries) @ vectors.T) * 1_000_000 + 0.5)
    # Rows are in the order of their ids, which decides among equals.
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :count]
    return [[workers[row][1:4] for row in rows] for rows in nearest.tolist()]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("Need 3 Forklift Operators in Aurora IL", ("Forklift Operator", "Aurora", "IL")),
        ("Need 2 CNC Machinists in Detroit MI", ("CNC Machinist", "Detroit", "MI")),
        ("Need 5 Warehouse Associates in Indianapolis IN", ("Warehouse Associate", "Indianapolis", "IN")),
    ],
)
def test_the_top_four_are_of_the_role_and_the_city(query: str, wanted: tuple[str, ...]) -> None:
    assert top(4, [query]) == [[wanted] * 4]


def test_nearly_every_query_for_which_there_is_a_worker_finds_role_and_state() -> None:
    asked = sorted({worker[1:4] for worker in corpus()[0]})
    chance = Random("queries")
    queries = [f"Need {1 + int(chance.random() * 9)} {role}s in {city} {state}" for role, city, state in asked]
    found = sum(first[::2] == wanted[::2] for (first,), wanted in zip(top(1, queries), asked, strict=True))
    assert (found, len(asked)) == (1_018, 1_019)


def test_what_goes_into_an_index() -> None:
    worker = Worker("w-000007", "Welder", "Joliet", "IL", ["MIG welding", "grinding"], ["AWS D1.1"], "nights")
    assert text(worker) == "Welders in Joliet IL. Welders in Joliet IL: MIG welding, grinding, AWS D1.1"
    assert metadata(worker) == {"availability": "nights", "city": "Joliet", "role": "Welder", "state": "IL"}
