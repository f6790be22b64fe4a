"""A store that is another process of matrixd, reached by its own calls (`--vectord`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from lakehouse_ref.search.errors import STATE_STATUS, StateError
from lakehouse_ref.search.paths import OF_TENANT, TENANT_HEADER
from lakehouse_ref.search.store import Added, Found, Hit
from lakehouse_ref.search.units import MILLION
from lakehouse_ref.services.upstream import UnreachableError

if TYPE_CHECKING:
    from lakehouse_ref.search.requests import Item, Query
    from lakehouse_ref.services.upstream import Upstream

encode = msgspec.json.Encoder().encode
HANDED_ON = {404, 409}  # status


class AddedAnswer(msgspec.Struct):
    """The answer to an `add`."""

    added: int
    updated: int
    size: int


class HitAnswer(msgspec.Struct):
    """One hit of a search. The metadata stay as they are written."""

    distance: float
    id: str
    metadata: msgspec.Raw


class FoundAnswer(msgspec.Struct):
    """The answer to a `search`."""

    hits: list[HitAnswer]
    size: int


class ForgottenAnswer(msgspec.Struct):
    """The answer to a DELETE of a tenant."""

    dropped: int


class State(msgspec.Struct):
    """Why a call is refused."""

    reason: str


class Refusal(msgspec.Struct):
    """The answer to a call that does not fit what is stored."""

    State: State


AnswerT = TypeVar("AnswerT", AddedAnswer, FoundAnswer, ForgottenAnswer)


class RemoteStore:
    """A `search.store.Searchable` at a URL. What it refuses, and that it is not there, is raised as a StateError.

    Which rules mattered is known there alone.
    """

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream

    def add(self, tenant: str, name: str, items: list[Item], touched: set[str]) -> Added:  # noqa: ARG002
        """Add items to an index."""
        body = {
            "items": [
                {"id": item.id, "vector": item.vector.given.tolist(), "metadata": msgspec.Raw(item.metadata)}
                for item in items
            ]
        }
        done = self._ask("POST", f"/vectors/index/{name}/add", tenant, AddedAnswer, encode(body))
        return Added(done.added, done.updated, done.size)

    def search(self, tenant: str, name: str, query: Query, touched: set[str]) -> Found:  # noqa: ARG002
        """Search an index."""
        body: dict[str, object] = {"vector": query.vector.given.tolist(), "k": query.k}
        if query.excluded:
            body["excluded_ids"] = sorted(query.excluded)
        if query.only is not None:
            body["only_ids"] = query.only
        done = self._ask("POST", f"/vectors/index/{name}/search", tenant, FoundAnswer, encode(body))
        hits = [Hit(round(hit.distance * MILLION), hit.id, bytes(hit.metadata)) for hit in done.hits]
        return Found(hits, done.size)

    def forget(self, tenant: str) -> int:
        """Take away everything of a tenant."""
        return self._ask("DELETE", OF_TENANT, tenant, ForgottenAnswer).dropped

    def _ask(self, method: str, path: str, tenant: str, expected: type[AnswerT], body: bytes | None = None) -> AnswerT:
        headers = {TENANT_HEADER: tenant} | ({"content-type": "application/json"} if body is not None else {})
        try:
            reply = self.upstream.ask(method, path, headers, body)
            if reply.status in HANDED_ON:
                raise handed_on(msgspec.json.decode(reply.body, type=Refusal).State.reason, reply.status)
            if reply.status == 200:
                return msgspec.json.decode(reply.body, type=expected)
        except (UnreachableError, msgspec.MsgspecError, UnicodeDecodeError):
            pass  # no answer, or one that is none
        raise StateError("vectord-unreachable")


def handed_on(reason: str, status: int) -> StateError:
    """Return the error of a refusal that comes from there. Raises UnreachableError where the contract has none such."""
    if STATE_STATUS.get(reason) != status:
        raise UnreachableError(f"it refuses with {status} and {reason!r}")
    return StateError(reason)
