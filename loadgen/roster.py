"""Who is searched: the workers of a corpus, and queries for which there are some.

The corpus is that of fixtures/contract/workers.md, made from its seed, so the generator knows of each hit whose it is.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from lakehouse_ref.ingest.generate import generate
from lakehouse_ref.ingest.vocabulary import HUBS, MAIN_ROLES
from parity.errors import UsageError

if TYPE_CHECKING:
    from random import Random

    from lakehouse_ref.ingest.worker import Worker

SEED = 1
SIZES = (200, 2_000, 100_000)
HEADCOUNTS = range(1, 10)
RECORDED_HEADCOUNTS = (2, 3, 5)
"""Each recorded place is asked for in these three ways, so an answer has several recordings."""
RECORDED_PLACES = 12
"""Times three are a few dozen triples of query, role and answer: nearly every recording updates one that is there."""


class Query(NamedTuple):
    """A search for workers that exist."""

    text: str
    role: str
    city: str
    state: str
    headcount: int


class Roster:
    """The workers, and what can be asked for."""

    def __init__(self, size: int) -> None:
        """Make the corpus. Raises UsageError for a size that there is none of."""
        if size not in SIZES:
            raise UsageError(f"--corpus {size} is not one of {', '.join(map(str, SIZES))}")
        self.size = size
        self.workers: dict[str, Worker] = {worker.id: worker for worker in generate(SEED, size)}
        self.known = list(self.workers.values())
        at_hubs = {(role.name, city, state) for role in MAIN_ROLES for city, state in HUBS}
        there = {(worker.role, worker.city, worker.state) for worker in self.workers.values()}
        places = sorted(at_hubs & there)
        self.queries = [query(*place, headcount) for place in places for headcount in HEADCOUNTS]
        self.other_roles = {role.name: [other.name for other in MAIN_ROLES if other != role] for role in MAIN_ROLES}
        # Spread over the roles, so that recordings for one role stand beside those for others.
        step = max(1, len(places) // RECORDED_PLACES)
        recorded = places[::step][:RECORDED_PLACES]
        self.recorded = [query(*place, headcount) for place in recorded for headcount in RECORDED_HEADCOUNTS]

    def any(self, random: Random) -> Query:
        """Return any query."""
        return random.choice(self.queries)

    def one_to_record(self, random: Random) -> Query:
        """Return one of those that recordings are made for."""
        return random.choice(self.recorded)


@cache
def roster(size: int) -> Roster:
    """Return the workers; they are made once in each process."""
    return Roster(size)


def query(role: str, city: str, state: str, headcount: int) -> Query:
    """Return the search for so many workers, as coordinators write it."""
    return Query(f"Need {headcount} {role}s in {city} {state}", role, city, state, headcount)


def score(worker: str) -> float:
    """Return how well an answer worked: of its own for each worker, so that its best recording is any of them."""
    return (0.2, 0.5, 0.75, 1.0)[int(worker.rpartition("-")[2]) % 4]
