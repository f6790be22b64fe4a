"""A worker, and what of it goes into an index (`fixtures/contract/workers.md`)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BATCH = 1_000  # so many go into one file's group of rows, and into one request


class Worker(NamedTuple):
    """A row of the corpus. Nobody is behind it: there are no names."""

    id: str
    role: str
    city: str
    state: str
    skills: list[str]
    certifications: list[str]
    availability: str


def text(worker: Worker) -> str:
    """Return the text that is embedded.

    Role and place stand there twice, in the plural in which they are asked for, so that they outweigh the skills.
    """
    asked = f"{worker.role}s in {worker.city} {worker.state}"
    return f"{asked}. {asked}: {', '.join([*worker.skills, *worker.certifications])}"


def metadata(worker: Worker) -> dict[str, str]:
    """Return what comes back with a hit."""
    return {
        "availability": worker.availability,
        "city": worker.city,
        "role": worker.role,
        "state": worker.state,
    }


def batched(workers: Iterable[Worker], size: int = BATCH) -> Iterator[list[Worker]]:
    """Yield workers in batches."""
    rows = iter(workers)
    while batch := list(islice(rows, size)):
        yield batch
