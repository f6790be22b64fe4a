"""What a command line asks for: workers made or found, kept, and added. The steps appear here in their order."""

from __future__ import annotations

import filecmp
from typing import TYPE_CHECKING

from lakehouse_ref.ingest import parquet, scratch, storage, worker
from lakehouse_ref.ingest.errors import ParquetError, StorageError
from lakehouse_ref.ingest.generate import generate
from lakehouse_ref.ingest.index import Index
from lakehouse_ref.ingest.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lakehouse_ref.ingest.command_line import Command
    from lakehouse_ref.ingest.parquet import Corpus


def run(command: Command) -> Iterator[str]:
    """Carry out a command; yield a line of what was done for each step. Raises IngestError."""
    with scratch.folder() as folder:
        file = command.parquet or folder / "workers.parquet"
        if command.workers is not None:
            make(command.workers, command.seed, file, command.memory)
            yield f"made {command.workers:,} workers of seed {command.seed}"
        if command.storage is not None:
            yield keep(parquet.look(file, command.memory), f"workers/{command.workers}-{command.seed}.parquet", command)
        if command.index is not None:
            yield add(parquet.look(file, command.memory, command.limit), command)


def make(count: int, seed: int, file: Path, memory: str) -> None:
    """Write the workers of a seed into a file."""
    batches = Progress("made", count).over(worker.batched(generate(seed, count)))
    parquet.write((worker for batch in batches for worker in batch), file, memory)


def keep(corpus: Corpus, name: str, command: Command) -> str:
    """Put a corpus into storage, or find that it is there; return what was done."""
    assert command.storage is not None
    place = storage.connect(command.storage)
    if place.put(name, corpus.file):
        return f"kept {name} in {place.place}, {corpus.file.stat().st_size:,} bytes"
    there = corpus.file.with_name("there.parquet")
    place.fetch(name, there)
    if filecmp.cmp(corpus.file, there, shallow=False) or same(corpus, there):
        return f"{name} was in {place.place} already"
    raise StorageError(
        f"{place.place}: {name} holds other rows, and was left alone; take it away, or keep yours elsewhere"
    )


def same(corpus: Corpus, other: Path) -> bool:
    """Tell whether another file holds the same rows, in whatever bytes."""
    try:
        return parquet.same(corpus, parquet.look(other, corpus.memory))
    except ParquetError:
        return False


def add(corpus: Corpus, command: Command) -> str:
    """Add a corpus to an index; return what was done."""
    assert command.index is not None
    batches = Progress("indexed", corpus.rows).over(parquet.read(corpus))
    with Index(command.index, command.name, command.tenant) as index:
        done = index.add(batches, resume=command.resume)
    return (
        f"indexed {corpus.rows:,} rows in {command.name} at {command.index}: {done.added:,} added, "
        f"{done.updated:,} updated, {done.passed:,} there before; it has {done.size:,}"
    )
