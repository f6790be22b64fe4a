"""What the calls ask of a store, which keeps the indexes of every tenant: here, or behind HTTP.

Each function collects in `touched` the names of the contract's rules that mattered, and raises StateError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from lakehouse_ref.search.requests import Item, Query


class Hit(NamedTuple):
    """An id that was found, how far it is in millionths, and its metadata in the form of RFC 8785."""

    distance: int
    id: str
    metadata: bytes


class Added(NamedTuple):
    """How many ids an `add` brought, how many of them were there, and how many are there now."""

    added: int
    updated: int
    size: int


class Found(NamedTuple):
    """The hits of a search, the nearest first, and the size of the index."""

    hits: list[Hit]
    size: int


class Saved(NamedTuple):
    """The name of a snapshot, and how many ids it holds."""

    snapshot: str
    size: int


class Described(NamedTuple):
    """The dimension and the size of an index."""

    dimension: int
    size: int


class Searchable(Protocol):
    """What playbooks need of a store."""

    def add(self, tenant: str, name: str, items: list[Item], touched: set[str]) -> Added:
        """Add items to an index, all or none; the first one makes the index."""

    def search(self, tenant: str, name: str, query: Query, touched: set[str]) -> Found:
        """Search an index."""

    def forget(self, tenant: str) -> int:
        """Take away everything of a tenant; return how many indexes it had."""


class Store(Searchable, Protocol):
    """Everything that there is to ask."""

    def delete(self, tenant: str, name: str, id_: str, touched: set[str]) -> int:
        """Delete an id; return how many are left."""

    def save(self, tenant: str, name: str, touched: set[str]) -> Saved:
        """Keep a copy of an index."""

    def reload(self, tenant: str, name: str, snapshot: str, touched: set[str]) -> Described:
        """Put an index back as it was when it was saved."""

    def describe(self, tenant: str, name: str, touched: set[str]) -> Described:
        """Tell what an index is."""

    def drop(self, tenant: str, name: str, touched: set[str]) -> None:
        """Take an index away, with all its vectors."""
