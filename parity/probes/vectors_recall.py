"""The corpus on which approximate search is measured: clustered, since on uniform noise nothing is near."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.model import Recall

if TYPE_CHECKING:
    from numpy.typing import NDArray

VECTORS, QUERIES, DIMENSION, CLUSTERS = 10_000, 100, 32, 60
NOISE = 0.3  # of a cluster, against centres of length 1 in each component
SCALE = 100  # components are whole numbers, so that a case stays short
K = 10
BATCH = 1_000


def case(seed: int) -> tuple[bytes, tuple[frozenset[str], ...]]:
    """Return the calls that add the corpus and search it, and the ids that an exact search finds each time."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(CLUSTERS, DIMENSION))
    near = centres[random.integers(CLUSTERS, size=VECTORS + QUERIES)]
    drawn = np.rint(SCALE * (near + NOISE * random.normal(size=near.shape)))
    corpus, queries = drawn[:VECTORS], drawn[VECTORS:]
    names = [f"v{number}" for number in range(VECTORS)]
    lines = [
        _post("add", {"items": [{"id": names[at], "vector": _whole(corpus[at])} for at in range(start, start + BATCH)]})
        for start in range(0, VECTORS, BATCH)
    ]
    lines.append(_post("save", {}))  # answered once the index rests: a half-built one is searched exactly
    lines += [_post("search", {"k": K, "vector": _whole(query)}) for query in queries]
    right = np.argsort(-(_units(queries) @ _units(corpus).T), axis=1, kind="stable")[:, :K]
    return "\n".join(lines).encode(), tuple(frozenset(names[at] for at in row) for row in right)


def found(answer: dict[str, Any]) -> list[list[str]]:
    """Return the ids that each search of an answer found."""
    bodies = [step["body"] for step in answer["steps"]]
    return [[hit["id"] for hit in body["hits"]] for body in bodies if "hits" in body]


def _post(action: str, body: dict[str, object]) -> str:
    return f"POST /vectors/index/recall/{action} {json.dumps(body, separators=(',', ':'))}"


def _whole(vector: NDArray[np.float64]) -> list[int]:
    return [int(component) for component in vector]


def _units(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    units: NDArray[np.float64] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units


RECALL = Recall(name="recall@10", floor=0.99, case=case, found=found)
