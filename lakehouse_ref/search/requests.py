"""The bodies of the calls: each is read in the order of the contract's table. All raise SchemaError.

A vector keeps the form in which it was given, beside its unit vector: the store may be another process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lakehouse_ref import canonical
from lakehouse_ref.search import members as read
from lakehouse_ref.search.errors import SchemaError

if TYPE_CHECKING:
    from lakehouse_ref.ijson import Value
    from lakehouse_ref.search.members import Embed, Members
    from lakehouse_ref.search.units import Direction

MOST_ITEMS = 1000


class Item(NamedTuple):
    """What is to be added to an index. `metadata` is in the form of RFC 8785."""

    id: str
    vector: Direction
    metadata: bytes


class Query(NamedTuple):
    """What is searched for in an index. Without `only` every id may be a hit."""

    vector: Direction
    k: int
    excluded: frozenset[str] = frozenset()
    only: list[str] | None = None


class Retrieval(NamedTuple):
    """A search in an index that the body names."""

    index_name: str
    query: Query


class Search(NamedTuple):
    """A retrieval that may learn from recordings for a role."""

    index_name: str
    query: Query
    role: str
    use_playbook: bool


class Recording(NamedTuple):
    """An answer that was given to a query by somebody of a role, and how well it did."""

    text: str
    vector: Direction
    role: str
    answer_id: str
    score: float


def items(body: Value, embed: Embed, touched: set[str]) -> list[Item]:
    """Return the items of an `add`."""
    values = read.required(read.root(body), "items")
    if not isinstance(values, list):
        raise SchemaError("wrong-type", "items")
    for number, value in enumerate(values):
        if not isinstance(value, dict):
            raise SchemaError("wrong-type", f"items.{number}")
    if not 1 <= len(values) <= MOST_ITEMS:
        raise SchemaError("out-of-range", "items")
    found = [_item(value, embed, f"items.{number}.", touched) for number, value in enumerate(values)]  # type: ignore[arg-type]
    seen: set[str] = set()
    for number, item in enumerate(found):
        if item.id in seen:
            raise SchemaError("duplicate-id", f"items.{number}.id")
        seen.add(item.id)
    return found


def _item(members: Members, embed: Embed, at: str, touched: set[str]) -> Item:
    return Item(
        read.id_(members, "id", at),
        read.vector_or_text(members, embed, at, touched),
        canonical.write(read.metadata(members, at)),
    )


def query(body: Value, embed: Embed, touched: set[str]) -> Query:
    """Return what a search of /vectors looks for."""
    members = read.root(body)
    vector = read.vector_or_text(members, embed, "", touched)
    k = read.k(members)
    excluded = read.ids(members, "excluded_ids")
    return Query(vector, k, frozenset(excluded or ()), read.ids(members, "only_ids"))


def deletion(body: Value) -> str:
    """Return the id of a `delete`, any string."""
    return read.string(read.root(body), "id")


def nothing(body: Value) -> None:
    """Look at the body of a `save`, which takes an object."""
    read.root(body)


def snapshot(body: Value) -> str:
    """Return the name of the snapshot of a `reload`."""
    return read.string(read.root(body), "snapshot")


def retrieval(body: Value, embed: Embed) -> Retrieval:
    """Return what /v1/matrix/retrieve looks for, and where."""
    members = read.root(body)
    vector = read.text(members, "query_text", embed)
    k = read.k(members)
    excluded = frozenset(read.ids(members, "excluded_ids") or ())
    return Retrieval(read.index(members), Query(vector, k, excluded))


def search(body: Value, embed: Embed) -> Search:
    """Return what /v1/matrix/search looks for, where, and for whom."""
    members = read.root(body)
    vector = read.text(members, "query_text", embed)
    role = read.role(members, "query_role")
    k = read.k(members)
    use_playbook = read.flag(members, "use_playbook")
    excluded = frozenset(read.ids(members, "excluded_ids") or ())
    return Search(read.index(members), Query(vector, k, excluded), role, use_playbook)


def recording(body: Value, embed: Embed) -> Recording:
    """Return what /v1/matrix/playbooks/record is told."""
    members = read.root(body)
    vector = read.text(members, "query_text", embed)
    return Recording(
        read.string(members, "query_text"),
        vector,
        read.role(members, "role"),
        read.id_(members, "answer_id"),
        read.score(members),
    )
