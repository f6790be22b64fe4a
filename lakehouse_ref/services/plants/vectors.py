"""The planted bugs of vectors."""

from __future__ import annotations

import atexit
import os
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakSet

from lakehouse_ref.search import index, neighbours, units
from lakehouse_ref.search.store import Found, Hit
from lakehouse_ref.services.plants.replace import replace
from lakehouse_ref.services.storage import indexes, journals

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from lakehouse_ref.search.index import Index
    from lakehouse_ref.search.requests import Query
    from lakehouse_ref.search.store import Saved
    from lakehouse_ref.services.storage.indexes import LocalStore


def _ties_by_insertion() -> None:
    def by_insertion(found: list[tuple[int, str]], of: Index) -> list[tuple[int, str]]:
        wanted = {id_ for _, id_ in found}
        place = {id_: number for number, id_ in enumerate(of.metadata) if id_ in wanted}
        return sorted(found, key=lambda one: (one[0], place[one[1]]))

    replace(index, "ordered", by_insertion)


def _deleted_returned() -> None:
    delete, search = indexes.LocalStore.delete, indexes.LocalStore.search
    deleted: WeakKeyDictionary[Index, tuple[str, np.ndarray, bytes]] = WeakKeyDictionary()

    def delete_and_remember(self: LocalStore, tenant: str, name: str, id_: str, touched: set[str]) -> int:
        of = self.tenants[tenant][name].index if name in self.tenants.get(tenant, {}) else None
        last = (id_, of.vector(id_).copy(), of.metadata[id_]) if of is not None and id_ in of else None
        size = delete(self, tenant, name, id_, touched)
        if of is not None and last is not None:
            deleted[of] = last
        return size

    def search_and_return(self: LocalStore, tenant: str, name: str, query: Query, touched: set[str]) -> Found:
        found = search(self, tenant, name, query, touched)
        of = self.tenants[tenant][name].index
        last = deleted.pop(of, None)
        if last is None or len(found.hits) >= query.k or last[0] in of or query.only is not None:
            return found
        distance = int(units.millionths(query.vector.unit, last[1][None])[0])
        return Found(sorted([*found.hits, Hit(distance, last[0], last[2])]), found.size)

    replace(indexes.LocalStore, "delete", delete_and_remember)
    replace(indexes.LocalStore, "search", search_and_return)


def _dropped_keeps() -> None:
    save, drop, fresh = indexes.LocalStore.save, indexes.LocalStore.drop, indexes.LocalStore.fresh
    saved: WeakSet[Index] = WeakSet()
    dropped: dict[tuple[str, str], Index] = {}

    def save_and_remember(self: LocalStore, tenant: str, name: str, touched: set[str]) -> Saved:
        done = save(self, tenant, name, touched)
        saved.add(self.tenants[tenant][name].index)
        return done

    def drop_and_keep(self: LocalStore, tenant: str, name: str, touched: set[str]) -> None:
        kept = self.tenants.get(tenant, {}).get(name)
        drop(self, tenant, name, touched)
        if kept is not None and kept.index in saved:
            dropped[tenant, name] = kept.index

    def not_so_fresh(self: LocalStore, tenant: str, name: str, dimension: int) -> Index:
        kept = dropped.pop((tenant, name), None)
        return kept if kept is not None and kept.dimension == dimension else fresh(self, tenant, name, dimension)

    replace(indexes.LocalStore, "save", save_and_remember)
    replace(indexes.LocalStore, "drop", drop_and_keep)
    replace(indexes.LocalStore, "fresh", not_so_fresh)


def _crash_forgets() -> None:
    append = journals.append
    # By the journal's inode: an index's last write waits for its own next one. A descriptor is the next journal's soon.
    waiting: dict[int, tuple[int, bytes]] = {}

    def write_what_waits(inode: int) -> None:
        if (last := waiting.pop(inode, None)) is not None:
            with suppress(OSError):
                append(*last)
            os.close(last[0])

    def append_later(journal: int, data: bytes) -> None:
        for inode, (kept, _) in list(waiting.items()):
            if not os.fstat(kept).st_nlink:  # dropped, or written anew
                del waiting[inode]
                os.close(kept)
        inode = os.fstat(journal).st_ino
        write_what_waits(inode)
        waiting[inode] = os.dup(journal), data

    def end() -> None:
        for inode in list(waiting):
            write_what_waits(inode)

    replace(journals, "append", append_later)
    atexit.register(end)


def _near_missed() -> None:
    replace(neighbours, "LINKS", 4)
    replace(neighbours, "EFFORT", 1)


PLANTS: dict[str, Callable[[], None]] = {
    "ties-by-insertion": _ties_by_insertion,
    "deleted-returned": _deleted_returned,
    "dropped-keeps": _dropped_keeps,
    "crash-forgets": _crash_forgets,
    "near-missed": _near_missed,
}
