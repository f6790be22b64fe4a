"""What the calls answer: a status, and a body in the form of RFC 8785.

The bodies are put together by hand, many times as fast as by the canonical writer: their members are few, and stand
here in the order that RFC 8785 sorts them into (a test compares the two).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lakehouse_ref.search.units import MILLION
from lakehouse_ref.validate.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lakehouse_ref.search.errors import RefusedError
    from lakehouse_ref.search.playbooks import Learned, Ranked, Recorded
    from lakehouse_ref.search.store import Added, Described, Found, Hit, Saved

OK = 200
encode = msgspec.json.Encoder().encode
"""In a string msgspec escapes just what RFC 8785 does, in the same form."""


def refused(error: RefusedError, touched: set[str]) -> Answer:
    """Return the answer to a call that is refused."""
    touched.add(error.reason)
    return Answer(error.status, encode(error.body))


def added(done: Added) -> Answer:
    """Return the answer to an `add`."""
    return Answer(OK, b'{"added":%d,"size":%d,"updated":%d}' % (done.added, done.size, done.updated))


def found(done: Found) -> Answer:
    """Return the answer to a `search`."""
    return Answer(OK, b'{"hits":[%b],"size":%d}' % (_hits(done.hits), done.size))


def deleted(size: int) -> Answer:
    """Return the answer to a `delete`."""
    return Answer(OK, b'{"deleted":true,"size":%d}' % size)


def saved(done: Saved) -> Answer:
    """Return the answer to a `save`."""
    return Answer(OK, b'{"size":%d,"snapshot":"%b"}' % (done.size, done.snapshot.encode()))


def described(done: Described) -> Answer:
    """Return the answer to a `reload`, and to a GET of an index."""
    return Answer(OK, b'{"dimension":%d,"size":%d}' % done)


def dropped() -> Answer:
    """Return the answer to a DELETE of an index."""
    return Answer(OK, b'{"dropped":true}')


def forgotten(count: int) -> Answer:
    """Return the answer to a DELETE of a tenant."""
    return Answer(OK, b'{"dropped":%d}' % count)


def retrieved(hits: Iterable[Hit]) -> Answer:
    """Return the answer to a `retrieve`."""
    return Answer(OK, b'{"hits":[%b]}' % _hits(hits))


def learned(done: Learned) -> Answer:
    """Return the answer to a search with playbooks."""
    hits = b",".join(_ranked(rank, hit) for rank, hit in enumerate(done.hits, 1))
    return Answer(OK, b'{"boosted":%d,"hits":[%b],"injected":%d}' % (done.boosted, hits, done.injected))


def recorded(done: Recorded) -> Answer:
    """Return the answer to a recording."""
    return Answer(OK, encode({"playbook_id": done.playbook_id, "updated": done.updated}))


def distance(millionths: int) -> bytes:
    """Return a distance, divided by a million, as RFC 8785 writes it."""
    if millionths % MILLION == 0:
        return b"%d" % (millionths // MILLION)
    # Seven digits at most: the nearest double's shortest form is just these.
    return (b"%d.%06d" % divmod(millionths, MILLION)).rstrip(b"0")


def _hits(hits: Iterable[Hit]) -> bytes:
    return b",".join(
        b'{"distance":%b,"id":%b,"metadata":%b,"rank":%d}'
        % (distance(hit.distance), encode(hit.id), hit.metadata, rank)
        for rank, hit in enumerate(hits, 1)
    )


def _ranked(rank: int, hit: Ranked) -> bytes:
    return b'{"boosted":%b,"distance":%b,"id":%b,"injected":%b,"metadata":%b,"rank":%d}' % (
        b"true" if hit.boosted else b"false",
        distance(hit.distance),
        encode(hit.id),
        b"true" if hit.injected else b"false",
        hit.metadata,
        rank,
    )
