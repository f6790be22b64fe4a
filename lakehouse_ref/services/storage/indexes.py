"""The store in this process: every index in memory, and its journal below a directory.

A write goes to the journal first and into memory then, so what fails in between was never acknowledged, and is not
there either.
"""

from __future__ import annotations

import os
import re
import secrets
from threading import RLock
from typing import TYPE_CHECKING

from lakehouse_ref.search import records
from lakehouse_ref.search.errors import StateError
from lakehouse_ref.search.index import Index
from lakehouse_ref.search.records import DamagedError, Gone, Made, Put
from lakehouse_ref.search.store import Added, Described, Found, Saved
from lakehouse_ref.services.storage import notes
from lakehouse_ref.services.storage.journals import Files, journals, take

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy as np

    from lakehouse_ref.search.records import Record
    from lakehouse_ref.search.requests import Item, Query

SNAPSHOT_NAME = re.compile("s-[0-9a-f]{16}")
MOST_STALE = 1000
"""With more stale ids in a journal than this, and than twice those that count, it is written anew."""


class Kept:
    """An index, and what is known of its past."""

    def __init__(self, index: Index, stale: int = 0) -> None:
        self.index = index
        self.stale = stale
        """So many ids stand in the journal that count no more."""
        self.past = notes.Past()


class LocalStore:
    """A `search.store.Store` below a directory, which it takes for itself. Several threads may ask it."""

    def __init__(self, directory: Path, *, approximate: bool) -> None:
        """Read what is there. Raises UnusableError."""
        self.held = take(directory)
        self.files = Files(directory)
        self.approximate = approximate
        self.tenants: dict[str, dict[str, Kept]] = {}
        self.dropped: set[tuple[str, str]] = set()
        self.lock = RLock()
        try:
            for tenant, name, found in journals(directory):
                self.tenants.setdefault(tenant, {})[name] = self._replayed(found)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let another process have the directory. Everything is written already."""
        os.close(self.held)

    # -------------------------------------------------------------- the calls

    def add(self, tenant: str, name: str, items: list[Item], touched: set[str]) -> Added:
        """Add items to an index, all or none; the first one makes the index."""
        with self.lock:
            kept = self.tenants.get(tenant, {}).get(name)
            dimension = kept.index.dimension if kept else len(items[0].vector.unit)
            if any(len(item.vector.unit) != dimension for item in items):
                raise StateError("wrong-dimension")
            entries = [(item.id, item.vector.unit, item.metadata) for item in items]
            made = [] if kept else [Made(dimension, None)]
            self.files.append(tenant, name, *made, records.put(entries))
            if kept is None:
                kept = self.tenants.setdefault(tenant, {})[name] = Kept(self.fresh(tenant, name, dimension))
                if (tenant, name) in self.dropped:
                    notes.dropped(name, touched)
                    kept.past.anew = True
            updated = sum(item.id in kept.index for item in items)
            notes.add(kept.past, kept.index, items, touched)
            self._put(kept, entries)
            self._tidy(tenant, name, kept)
            return Added(len(items) - updated, updated, len(kept.index))

    def search(self, tenant: str, name: str, query: Query, touched: set[str]) -> Found:
        """Search an index."""
        with self.lock:
            kept = self._kept(tenant, name, touched)
            if len(query.vector.unit) != kept.index.dimension:
                raise StateError("wrong-dimension")
            hits = kept.index.search(query.vector.unit, query.k, query.excluded, query.only)
            notes.search(kept.past, kept.index, query, hits, touched)
            return Found(hits, len(kept.index))

    def delete(self, tenant: str, name: str, id_: str, touched: set[str]) -> int:
        """Delete an id; return how many are left."""
        with self.lock:
            kept = self._kept(tenant, name, touched)
            if id_ not in kept.index:
                raise StateError("unknown-id")
            self.files.append(tenant, name, Gone(id_))
            self._delete(kept, id_)
            notes.delete(kept.past, kept.index, id_, touched)
            self._tidy(tenant, name, kept)
            return len(kept.index)

    def save(self, tenant: str, name: str, touched: set[str]) -> Saved:
        """Keep a copy of an index, which rests then: its searches wait for nothing that was written before."""
        with self.lock:
            kept = self.tenants.get(tenant, {}).get(name)
        if kept is not None:
            kept.index.settle()
        with self.lock:
            kept = self._kept(tenant, name, touched)
            snapshot = f"s-{secrets.token_hex(8)}"
            self.files.keep(tenant, name, snapshot, whole(kept.index))
            notes.save(kept.past, touched)
            return Saved(snapshot, len(kept.index))

    def reload(self, tenant: str, name: str, snapshot: str, touched: set[str]) -> Described:
        """Put an index back as it was when it was saved."""
        with self.lock:
            if not SNAPSHOT_NAME.fullmatch(snapshot):
                raise StateError("unknown-snapshot")
            try:
                kept = self._replayed(self.files.kept(tenant, name, snapshot))
            except FileNotFoundError:
                raise StateError("unknown-snapshot") from None
            except (DamagedError, OSError):
                raise StateError("damaged-snapshot") from None
            self.files.rewrite(tenant, name, whole(kept.index))
            before = self.tenants.setdefault(tenant, {}).get(name)
            self.tenants[tenant][name] = kept
            notes.reload(before.past if before else None, touched)
            return Described(kept.index.dimension, len(kept.index))

    def describe(self, tenant: str, name: str, touched: set[str]) -> Described:
        """Tell what an index is."""
        with self.lock:
            kept = self._kept(tenant, name, touched)
            notes.describe(kept.past, kept.index, touched)
            return Described(kept.index.dimension, len(kept.index))

    def drop(self, tenant: str, name: str, touched: set[str]) -> None:
        """Take an index away, with all its vectors."""
        with self.lock:
            self._kept(tenant, name, touched)
            self.files.drop(tenant, name)
            del self.tenants[tenant][name]
            self.dropped.add((tenant, name))
            notes.dropped(name, touched)

    def forget(self, tenant: str) -> int:
        """Take away everything of a tenant; return how many indexes it had."""
        with self.lock:
            self.files.forget(tenant)
            self.dropped = {one for one in self.dropped if one[0] != tenant}
            return len(self.tenants.pop(tenant, {}))

    # -------------------------------------------------------------- the indexes

    def fresh(self, tenant: str, name: str, dimension: int) -> Index:  # noqa: ARG002 - whose it is, a plant asks
        """Return an index that holds nothing, for one that is made, or made anew (rule `dropped`)."""
        return Index(dimension, approximate=self.approximate)

    def behind(self) -> Index | None:
        """Return an index for which `Index.grow` would do something, if there is one."""
        with self.lock:
            every = [kept.index for indexes in self.tenants.values() for kept in indexes.values()]
            return next((index for index in every if index.behind()), None)

    def _kept(self, tenant: str, name: str, touched: set[str]) -> Kept:
        kept = self.tenants.get(tenant, {}).get(name)
        if kept is None:
            if (tenant, name) in self.dropped:
                notes.dropped(name, touched)
            raise StateError("unknown-index")
        return kept

    def _replayed(self, found: Sequence[Record]) -> Kept:
        made, *rest = found
        if not isinstance(made, Made):
            raise DamagedError("its first record is missing")
        kept = Kept(Index(made.dimension, approximate=self.approximate))
        for record in rest:
            if isinstance(record, Put):
                self._put(kept, records.entries(record, made.dimension))
            elif isinstance(record, Gone) and record.id in kept.index:
                self._delete(kept, record.id)
            else:
                raise DamagedError("a record does not follow from those before it")
        return kept

    def _put(self, kept: Kept, entries: Iterable[tuple[str, np.ndarray, bytes]]) -> None:
        for id_, vector, metadata in entries:
            kept.stale += id_ in kept.index
            kept.index.put(id_, vector, metadata)

    def _delete(self, kept: Kept, id_: str) -> None:
        kept.stale += 1
        kept.index.delete(id_)

    def _tidy(self, tenant: str, name: str, kept: Kept) -> None:
        """Write a journal anew that holds little but what counts no more."""
        if kept.stale > MOST_STALE and kept.stale > 2 * len(kept.index):
            self.files.rewrite(tenant, name, whole(kept.index))
            kept.stale = 0


def whole(index: Index) -> Iterable[bytes]:
    """Return the bytes of a file that holds an index."""
    entries = ((id_, index.vector(id_), metadata) for id_, metadata in index.metadata.items())
    return records.whole(index.dimension, entries, len(index))
