"""Whether an answer of `/v1/matrix/search` is right, as far as one can tell without being an index (search.md)."""

from __future__ import annotations

import functools
import hashlib
import math
from typing import TYPE_CHECKING

import msgspec
import rfc8785

if TYPE_CHECKING:
    from collections.abc import Collection

    from loadgen.roster import Query, Roster

MILLION = 1_000_000
FARTHEST = 2 * MILLION


class WrongAnswer(Exception):  # noqa: N818 - a result, and no error of this program
    """What was answered is not what the contract, or the corpus, says."""


class Metadata(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an index keeps of a worker."""

    availability: str
    city: str
    role: str
    state: str


class Hit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One hit."""

    boosted: bool
    distance: float
    id: str
    injected: bool
    metadata: Metadata
    rank: int

    @property
    def millionths(self) -> int:
        """The distance as the whole number that it is made from."""
        return round(self.distance * MILLION)


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to a search."""

    boosted: int
    hits: list[Hit]
    injected: int


class Recorded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to a recording."""

    playbook_id: str
    updated: bool


_decode = msgspec.json.Decoder(Found).decode
_decode_recorded = msgspec.json.Decoder(Recorded).decode


def read(body: bytes) -> Found:
    """Return the body of an answer. Raises WrongAnswer."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WrongAnswer(f"the body is not that of a search: {error}") from None


def check(found: Found, query: Query, roster: Roster, k: int, excluded: Collection[str], *, playbook: bool) -> None:
    """Hold an answer to all that is true of every search. Raises WrongAnswer.

    Excluded ids never come back; there are k hits; they are workers of the corpus, with their own metadata; they are in
    order of distance and id; and only answers of the query's role are boosted or injected, without a playbook none.
    """
    hits = found.hits
    wanted = min(k, roster.size - len(excluded))
    if len(hits) != wanted:
        raise WrongAnswer(f"{len(hits)} hits, and {wanted} are due")
    before = (-1, "")
    seen: set[str] = set()
    for rank, hit in enumerate(hits, 1):
        worker = roster.workers.get(hit.id)
        if worker is None:
            raise WrongAnswer(f"hit {rank} is {hit.id!r}, and no such worker was ever added")
        if hit.id in excluded:
            raise WrongAnswer(f"hit {rank} is {hit.id}, which the search excluded")
        if hit.id in seen:
            raise WrongAnswer(f"{hit.id} is there twice")
        seen.add(hit.id)
        meta = hit.metadata
        if (meta.role, meta.city, meta.state, meta.availability) != (
            worker.role,
            worker.city,
            worker.state,
            worker.availability,
        ):
            raise WrongAnswer(f"{hit.id} came with metadata that is not its own: {meta}")
        if hit.rank != rank:
            raise WrongAnswer(f"hit {rank} says that its rank is {hit.rank}")
        here = (_millionths(hit), hit.id)
        if here < before:
            raise WrongAnswer(f"hit {rank} is {hit.id} at {hit.distance}, and stands behind one that is farther away")
        before = here
        if hit.boosted or hit.injected:
            _check_learned(hit, query)
    if not playbook and (found.boosted or found.injected):
        raise WrongAnswer("a search without playbook has boosted or injected hits")
    for name, told in (("boosted", found.boosted), ("injected", found.injected)):
        count = sum(getattr(hit, name) for hit in hits)
        if told != count:
            raise WrongAnswer(f"{name} says {told}, and {count} hits are")


def _millionths(hit: Hit) -> int:
    """Return the distance of a hit. Raises WrongAnswer where it is none."""
    millionths = hit.millionths
    if hit.distance != millionths / MILLION or not 0 <= millionths <= FARTHEST:
        raise WrongAnswer(f"{hit.id} is at {hit.distance}, which is no whole number of millionths from 0 to 2")
    return millionths


def _check_learned(hit: Hit, query: Query) -> None:
    """Hold a hit that a playbook knows of to what is true of those. Raises WrongAnswer."""
    if hit.boosted and hit.injected:
        raise WrongAnswer(f"{hit.id} is boosted and injected, and never is a hit both")
    if hit.metadata.role != query.role:
        how = "boosted" if hit.boosted else "injected"
        raise WrongAnswer(f"{hit.id}, a {hit.metadata.role}, was {how} into a search for a {query.role}")


def check_top(found: Found, query: Query) -> None:
    """Hold a search that excludes nobody to its top hit: a worker of the role and the state. Raises WrongAnswer.

    For all that is asked for there are workers, and the nearest one is of the right role and state (workers.md).
    """
    top = found.hits[0].metadata
    if (top.role, top.state) != (query.role, query.state):
        raise WrongAnswer(
            f"the top hit is a {top.role} in {top.state}, and a {query.role} in {query.state} was asked for"
        )


class Remembered:
    """What searches without playbook were answered: nobody changes the workers, so each has one answer all the time.

    That sees what no look at one answer does: an index that loses vectors, or whose graph comes to harm, on the way.
    """

    def __init__(self) -> None:
        self._first: dict[bytes, bytes] = {}

    def check(self, sent: bytes, body: bytes) -> None:
        """Hold an answer to the first one of the same request. Raises WrongAnswer."""
        first = self._first.setdefault(sent, body)
        if body != first:
            at = next(
                (at for at, (one, other) in enumerate(zip(body, first, strict=False)) if one != other), len(first)
            )
            before, now = (text[max(0, at - 40) : at + 80].decode("utf-8", "replace") for text in (first, body))
            raise WrongAnswer(f"the same search was answered otherwise before: ...{before}..., and now ...{now}...")


def check_recorded(body: bytes, text: str, role: str, answer: str) -> None:
    """Hold the answer to a recording to its id, which is made of query text, role and answer. Raises WrongAnswer."""
    try:
        recorded = _decode_recorded(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WrongAnswer(f"the body is not that of a recording: {error}") from None
    due = playbook_id(text, role, answer)
    if recorded.playbook_id != due:
        raise WrongAnswer(f"the recording is called {recorded.playbook_id!r}, and {due} is due")


@functools.lru_cache(maxsize=1024)
def playbook_id(text: str, role: str, answer: str) -> str:
    """Return what a recording is called (search.md, playbooks)."""
    return "pb-" + hashlib.sha256(rfc8785.dumps([text, role, answer])).hexdigest()[:16]


def lowered(millionths: int, score: float) -> int:
    """Return a distance as a recording with this score lowers it (search.md, playbooks, step 3)."""
    return math.floor(millionths * (1 - 0.5 * score) + 0.5)


def check_warm(warm: Found, answer: Hit, score: float) -> None:
    """Hold a search behind a recording to what that did: warm distance = cold * (1 - 0.5 score). Raises WrongAnswer.

    `answer` is the recorded hit as the search without playbook had it.
    """
    hit = next((hit for hit in warm.hits if hit.id == answer.id), None)
    if hit is None:
        raise WrongAnswer(f"{answer.id} was recorded as an answer, and is not found any more")
    if not (hit.boosted or hit.injected):
        raise WrongAnswer(f"{answer.id} was recorded as an answer, and is not boosted")
    due = lowered(answer.millionths, score)
    if hit.millionths != due:
        raise WrongAnswer(
            f"{answer.id} was at {answer.distance}, with a recording of score {score} it is due at {due / MILLION}, "
            f"and it is at {hit.distance}"
        )
