"""Workers from a seed: the same seed, the same rows, for ever (`fixtures/contract/workers.md`).

Rows are made in blocks of 1,000, each from its own source of chance, so a smaller corpus is the beginning of a larger
one and nothing is remembered on the way. Only `Random.random` is used: Python promises that it never changes.
"""

from __future__ import annotations

import csv
from bisect import bisect
from functools import cache
from importlib import resources
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, TypeVar

from lakehouse_ref.ingest.vocabulary import HOURS, HUBS, MAIN_ROLES, ROLES, Role
from lakehouse_ref.ingest.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Place = tuple[str, str]

T = TypeVar("T")

BLOCK = 1_000
HUB_WORKERS = 2  # so many of each main role at each hub, in every block
MOST = 999_999  # workers: an id has six digits
CERTIFIED = 0.4  # so often a worker has one of the certifications of the role


def generate(seed: int, count: int) -> Iterator[Worker]:
    """Yield the first `count` workers of a seed."""
    for first in range(0, count, BLOCK):
        yield from block(seed, first // BLOCK)[: count - first]


def block(seed: int, number: int) -> list[Worker]:
    """Return a block of workers: the hubs' own, and free ones between them."""
    chance = Random(f"workers/{seed}/{number}")
    cards: list[tuple[Role, Place] | None] = [
        (role, hub) for hub in HUBS for role in MAIN_ROLES for _ in range(HUB_WORKERS)
    ]
    cards += [None] * (BLOCK - len(cards))
    shuffle(chance, cards)
    return [worker(chance, number * BLOCK + place, card) for place, card in enumerate(cards, 1)]


def worker(chance: Random, number: int, card: tuple[Role, Place] | None) -> Worker:
    """Return a worker, of the role and place on the card or else of any."""
    role, (city, state) = card or (pick(chance, ROLES, role_sums()), pick(chance, *places()))
    skills = list(role.skills)
    for _ in range(int(chance.random() * 3) + 2):  # two to four are left out
        del skills[int(chance.random() * len(skills))]
    certifications = [one for one in role.certifications if chance.random() < CERTIFIED]
    return Worker(f"w-{number:06}", role.name, city, state, skills, certifications, pick(chance, *hours()))


def pick(chance: Random, things: Sequence[T], sums: Sequence[int]) -> T:
    """Return one of the things, by weights of which these are the running sums."""
    return things[bisect(sums, int(chance.random() * sums[-1]))]


def shuffle(chance: Random, cards: list[T]) -> None:
    """Put the cards into an order of chance, as Fisher and Yates do."""
    for last in range(len(cards) - 1, 0, -1):
        other = int(chance.random() * (last + 1))
        cards[last], cards[other] = cards[other], cards[last]


@cache
def role_sums() -> list[int]:
    """Return the running sums of the roles' weights."""
    return list(accumulate(role.weight for role in ROLES))


@cache
def hours() -> tuple[list[str], list[int]]:
    """Return when workers are available, and the running sums of how often."""
    return [name for name, _ in HOURS], list(accumulate(weight for _, weight in HOURS))


@cache
def places() -> tuple[list[Place], list[int]]:
    """Return the places, and the running sums of how many people live there."""
    lines = resources.files(__package__).joinpath("places.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines))
    return [(row["city"], row["state"]) for row in rows], list(accumulate(int(row["population"]) for row in rows))
