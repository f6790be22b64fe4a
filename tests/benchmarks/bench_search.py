"""How fast the nearest vectors are found: the reference beside exact search and faiss alone; then the services.

Run with `make bench`. Graphs are built once and kept below `.parity/indexes`, under a hash of the vectors and of the
code that built them; delete that folder to build them anew.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import statistics
import time
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import faiss
import numpy as np
import pytest

from lakehouse_ref import embedding
from lakehouse_ref.ingest.generate import generate
from lakehouse_ref.ingest.worker import text
from lakehouse_ref.search.index import Index
from lakehouse_ref.search.neighbours import EFFORT, Graph
from tests.benchmarks import matrixds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEPT = matrixds.KEPT
BUILDERS = [
    matrixds.ROOT / "lakehouse_ref" / "search" / f"{name}.py" for name in ("index", "neighbours", "rows", "units")
]
SEED = 1
COUNT, QUERIES, DIMENSION, K = 100_000, 1_000, 768, 10
CLUSTERS = 1_000
BREADTH = 24  # directions in which a cluster extends: real ones are flat, and in hundreds all distances are alike
NOISE = 1.0  # how far a cluster extends, all directions together, where centres have length 1
EXACTLY = 200  # queries that are also answered exactly
ASKED = 100  # queries whose answers by a service are compared with the exact ones
ROUNDS = 5


class Corpus(NamedTuple):
    """Unit vectors, and queries of the same kind that are not among them."""

    name: str
    vectors: np.ndarray
    queries: np.ndarray


def clustered() -> Corpus:
    """Return clusters: a centre each, and vectors around it in some directions of its own."""
    random = np.random.Generator(np.random.PCG64(SEED))
    every = COUNT + QUERIES
    centres = random.normal(size=(CLUSTERS, DIMENSION)).astype(np.float32) / np.sqrt(DIMENSION)
    mine = random.integers(CLUSTERS, size=every)
    vectors = centres[mine]
    for cluster in range(CLUSTERS):
        directions = random.normal(size=(BREADTH, DIMENSION)).astype(np.float32) / np.sqrt(DIMENSION)
        members = np.flatnonzero(mine == cluster)
        spread = random.normal(size=(len(members), BREADTH)).astype(np.float32) / np.sqrt(BREADTH)
        vectors[members] += NOISE * spread @ directions
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Corpus("clustered", vectors[:COUNT], vectors[COUNT:])


def workers() -> Corpus:
    """Return the workers of `fixtures/contract/workers.md`, and what coordinators ask for."""
    vectors = unit_vectors([text(one) for one in generate(SEED, COUNT)])
    return Corpus("workers", vectors, unit_vectors([query for query, _ in asked()]))


def asked() -> list[tuple[str, str]]:
    """Return queries for which there are workers, each with its role, in an order of chance."""
    known = sorted({worker[1:4] for worker in generate(SEED, 2_000)})
    Random(SEED).shuffle(known)
    return [
        (f"Need {number % 9 + 1} {role}s in {city} {state}", role)
        for number, (role, city, state) in enumerate(known[:QUERIES])
    ]


def unit_vectors(texts: list[str]) -> np.ndarray:
    """Return the texts embedded as matrixd does it."""
    found = np.empty((len(texts), DIMENSION), np.float32)
    for row, one in enumerate(texts):
        vector = embedding.embed(one)
        found[row] = vector / np.linalg.norm(vector)
    return found


# ------------------------------------------------------------------ built once


def indexed(corpus: Corpus, *, approximate: bool) -> Index:
    """Return an index of the reference with the corpus in it; a graph has not grown yet."""
    index = Index(DIMENSION, approximate=approximate)
    for number, vector in enumerate(corpus.vectors, 1):
        index.put(f"w-{number:06}", vector, b"{}")
    return index


def grown(corpus: Corpus) -> tuple[Index, float]:
    """Return an index whose graph has all rows, and the seconds of a core that it took to grow, now or once."""
    index = indexed(corpus, approximate=True)
    made_of = hashlib.sha256(b"".join(file.read_bytes() for file in BUILDERS))
    made_of.update(faiss.__version__.encode())
    made_of.update(corpus.vectors.tobytes())
    file = KEPT / f"{corpus.name}-{SEED}-{COUNT}-{made_of.hexdigest()[:16]}.faiss"
    told = file.with_suffix(".json")
    graph = index._neighbours
    assert isinstance(graph, Graph)
    if told.is_file():
        graph._graph = faiss.read_index(str(file))  # type: ignore[assignment]
        graph.covered = graph._graph.ntotal
        seconds = json.loads(told.read_text())["seconds"]
    else:
        began = time.process_time()
        while index.behind():
            index.grow()
        seconds = time.process_time() - began
        KEPT.mkdir(parents=True, exist_ok=True)
        for old in KEPT.glob(f"{corpus.name}-{SEED}-{COUNT}-*"):  # of other code: 300 MB each
            old.unlink()
        faiss.write_index(graph._graph, str(file))
        told.write_text(json.dumps({"seconds": seconds}))
    assert not index.behind()
    return index, seconds


# ------------------------------------------------------------------ measured


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Let faiss search, and build, in one thread."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    yield
    faiss.omp_set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("corpus_of", [clustered, workers])
def bench_search(corpus_of: Callable[[], Corpus]) -> None:
    """Search by the reference, by its graph alone, and exactly; by turns. Seconds are those of one core."""
    corpus = corpus_of()
    index, seconds = grown(corpus)
    exact = indexed(corpus, approximate=False)
    bare = index._neighbours._graph  # type: ignore[attr-defined]
    bare.hnsw.efSearch = EFFORT
    some = corpus.queries[:EXACTLY]
    right = [{hit.id for hit in exact.search(query, K)} for query in some]
    found = [{hit.id for hit in index.search(query, K)} for query in some]
    recall = sum(len(one & other) for one, other in zip(found, right, strict=True)) / sum(map(len, right))
    ways: dict[str, tuple[Callable[[np.ndarray], object], np.ndarray]] = {
        "reference": (lambda query: index.search(query, K), corpus.queries),
        "faiss": (lambda query: bare.search(query[np.newaxis], K + 2), corpus.queries),
        "exact": (lambda query: exact.search(query, K), some[:50]),
    }
    rates: dict[str, list[float]] = {way: [] for way in ways}
    for _, (way, (search, queries)) in itertools.product(range(ROUNDS), ways.items()):
        began = time.process_time()  # what others do on the machine is none of its business
        for query in queries:
            search(query)
        rates[way].append(len(queries) / (time.process_time() - began))
    median = {way: statistics.median(found) for way, found in rates.items()}
    print(f"\n{corpus.name}, {COUNT:,} x {DIMENSION}: graph built in {seconds:.0f} s, recall@{K} {recall:.4f}")
    for way, rate in median.items():
        best = max(rates[way])
        print(f"  {way:9} {rate:8,.0f} queries/s, at best {best:,.0f}: {rate / median['exact']:.1f} x exact")


def bench_matrixd(tmp_path: Path) -> None:
    """Search the workers by each runtime's service, on one core; by turns, so that the ratios hold."""
    if (wrk := shutil.which("wrk")) is None:
        pytest.skip("wrk is not on the PATH")
    queries = asked()
    bodies = tmp_path / "bodies.jsonl"
    bodies.write_text("".join(f"{json.dumps(body(*query))}\n" for query in queries))
    right = exactly([query for query, _ in queries[:ASKED]])
    with ExitStack() as stack:
        services = []
        print(f"\n{COUNT:,} workers, {len(queries):,} queries, k {K}, {matrixds.CONNECTIONS} connections")
        for name in ("python", "go", "rust"):
            command = matrixds.program(name, tmp_path)
            if isinstance(command, str):
                print(f"  {name}: skipped, {command}")
                continue
            service = stack.enter_context(matrixds.holding(name, command, SEED, COUNT))
            found = [set(matrixds.ask(service, body(*query))) for query in queries[:ASKED]]
            recall = sum(len(one & other) for one, other in zip(found, right, strict=True)) / (K * ASKED)
            how = "sent and indexed" if service.anew else "read and indexed"
            memory = service.resident / 2**20
            print(f"  {name}: {how} in {service.loaded:.0f} s, recall@{K} {recall:.4f}, {memory:,.0f} MiB resident")
            services.append(service)
        rates: dict[str, list[matrixds.Rate]] = {service.name: [] for service in services}
        for _, service in itertools.product(range(ROUNDS), services):
            rates[service.name].append(matrixds.rate(service, wrk, bodies))
    cores = {name: statistics.median(rate.of_a_core for rate in found) for name, found in rates.items()}
    for name, core in cores.items():
        clock = max(rate.by_the_clock for rate in rates[name])
        ratio = core / next(iter(cores.values()))
        print(
            f"  {name:7} {core:8,.0f} requests a second of a core, {clock:,.0f} by the clock: {ratio:.2f} x the first"
        )


def body(query: str, role: str) -> dict[str, object]:
    """Return the body of a search."""
    return {"k": K, "query_role": role, "query_text": query}


def exactly(queries: list[str]) -> list[set[str]]:
    """Return the ids that are the right answers."""
    index = indexed(workers(), approximate=False)
    return [{hit.id for hit in index.search(query, K)} for query in unit_vectors(queries)]
