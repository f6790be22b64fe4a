"""Which rules of vectors mattered to a call: what the index had been through, and what became of the call."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from lakehouse_ref.search.playbooks import MEMORY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lakehouse_ref.search.index import Index
    from lakehouse_ref.search.requests import Item, Query
    from lakehouse_ref.search.store import Hit

MOST_DELETED = 1000
"""So many deleted ids are remembered, since they may be added again."""


class Past:
    """What an index has been through, as far as a rule is about it."""

    def __init__(self) -> None:
        self.anew = False
        """It was dropped, and made again."""
        self.emptied = False
        self.saved = False
        """It was saved; later writes do not change the snapshot."""
        self.written_since = False
        self.deleted: set[str] = set()


def dropped(name: str, touched: set[str]) -> None:
    """Note that an index is dropped, or was."""
    touched.add("dropped")
    if name == MEMORY:
        touched.add("memory-dropped")


def add(past: Past, index: Index, items: list[Item], touched: set[str]) -> None:
    """Note what matters to an `add`; the items are not yet in the index."""
    if len(items) > 1:
        touched.add("batch")
    if any(item.id in index for item in items):
        touched.add("updated")
    if any(item.metadata != b"{}" for item in items):
        touched.add("metadata")
    if past.deleted and any(item.id in past.deleted for item in items):
        touched.add("deleted")
    if past.emptied and not len(index):
        touched.add("dimension-kept")
    past.deleted.difference_update(item.id for item in items)
    past.written_since = True


def search(past: Past, index: Index, query: Query, hits: Sequence[Hit], touched: set[str]) -> None:
    """Note what matters to a search."""
    if hits:
        touched.add("cosine")
    if any(one.distance == other.distance for one, other in pairwise(hits)):
        touched.add("tie")
    if len(hits) < query.k:
        touched.add("fewer-than-k")
    if any(id_ in index for id_ in query.excluded):
        touched.add("excluded")
    if query.only is not None:
        touched.add("only")
    if any(hit.metadata != b"{}" for hit in hits):
        touched.add("metadata")
    describe(past, index, touched)


def describe(past: Past, index: Index, touched: set[str]) -> None:
    """Note what matters to whatever looks at an index."""
    if past.anew:
        touched.add("dropped")
    if past.deleted:
        touched.add("deleted")
    if past.emptied and not len(index):
        touched.add("dimension-kept")


def delete(past: Past, index: Index, id_: str, touched: set[str]) -> None:
    """Note what matters to a `delete`; the id is no longer in the index."""
    touched.add("deleted")
    past.emptied = past.emptied or not len(index)
    past.written_since = True
    if len(past.deleted) < MOST_DELETED:
        past.deleted.add(id_)


def save(past: Past, touched: set[str]) -> None:
    """Note what matters to a `save`."""
    touched.add("saved")
    past.saved, past.written_since = True, False


def reload(before: Past | None, touched: set[str]) -> None:
    """Note what matters to a `reload` that put an index in the place of another one, or of none."""
    touched.add("reloaded")
    if before is not None and before.saved and before.written_since:
        touched.add("saved")
