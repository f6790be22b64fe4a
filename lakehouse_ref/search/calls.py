"""The calls of matrixd: a request goes in, its answer comes out.

The stages stand in the order of the contract, and the first one that refuses ends them:

    paths     which call it is, and for whom   `call`, `tenant`
    http      what HTTP and JSON demand        `admit`, `read_body`
    requests  the members and their types      one function a call
    store     what fits what is stored         one function a call, or `playbooks`
    answers   how it is told
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, cast

from lakehouse_ref import http
from lakehouse_ref.search import answers, paths, playbooks, requests, rules
from lakehouse_ref.search.errors import RefusedError, SchemaError
from lakehouse_ref.validate.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lakehouse_ref.ijson import Value
    from lakehouse_ref.search.members import Embed
    from lakehouse_ref.search.paths import Call
    from lakehouse_ref.search.store import Searchable, Store

    Headers: TypeAlias = Iterable[tuple[bytes, bytes]]

LARGEST_BODY = 33_554_432


class Embedder(Protocol):
    """What makes vectors of texts."""

    def for_body(self, body: Value) -> Embed:
        """Return what embeds the texts of a body. That raises StateError."""


class Asked(NamedTuple):
    """A request whose call is known: for whom, about what, with which value in its body (None where it has none)."""

    call: Call
    tenant: str
    body: Value
    embed: Embed


class Service(NamedTuple):
    """What a process of matrixd has. A store that is none but `Searchable` has no /vectors."""

    store: Searchable
    embedder: Embedder
    health: bytes
    with_vectors: bool


def respond(
    service: Service, method: str, path: str, headers: Headers, body: bytes | None, touched: set[str]
) -> Answer:
    """Return the answer to a request; `body` is None where it was larger than LARGEST_BODY.

    `headers` are in the order in which they came, their names in lower case. `touched` collects the names of the
    contract's rules that mattered, those of the surface alone that the request belongs to.
    """
    met: set[str] = set()
    try:
        answer = _respond(service, method, path, headers, body, met)
    except RefusedError as error:
        answer = answers.refused(error, met)
    touched |= met & rules.of_request(path, headers)
    return answer


def _respond(
    service: Service, method: str, path: str, headers: Headers, body: bytes | None, touched: set[str]
) -> Answer:
    call = paths.call(path, method, with_vectors=service.with_vectors)
    if call.verb == "health":
        return Answer(answers.OK, service.health)
    tenant = paths.tenant(headers)
    value = _value(headers, body) if method == "POST" else None
    asked = Asked(call, tenant, value, service.embedder.for_body(value))
    # Without /vectors no call is left that asks for more than a searchable store has.
    return ANSWERING[call.verb](cast("Store", service.store), asked, touched)


def _value(headers: Headers, body: bytes | None) -> Value:
    try:
        return http.read_body(http.admit(headers, body, LARGEST_BODY))
    except http.RequestError as error:
        raise SchemaError(error.reason, error.field) from None


# ------------------------------------------------------------------ /vectors


def _add(store: Store, asked: Asked, touched: set[str]) -> Answer:
    items = requests.items(asked.body, asked.embed, touched)
    return answers.added(store.add(asked.tenant, asked.call.name, items, touched))


def _search(store: Store, asked: Asked, touched: set[str]) -> Answer:
    query = requests.query(asked.body, asked.embed, touched)
    return answers.found(store.search(asked.tenant, asked.call.name, query, touched))


def _delete(store: Store, asked: Asked, touched: set[str]) -> Answer:
    return answers.deleted(store.delete(asked.tenant, asked.call.name, requests.deletion(asked.body), touched))


def _save(store: Store, asked: Asked, touched: set[str]) -> Answer:
    requests.nothing(asked.body)
    return answers.saved(store.save(asked.tenant, asked.call.name, touched))


def _reload(store: Store, asked: Asked, touched: set[str]) -> Answer:
    return answers.described(store.reload(asked.tenant, asked.call.name, requests.snapshot(asked.body), touched))


def _describe(store: Store, asked: Asked, touched: set[str]) -> Answer:
    return answers.described(store.describe(asked.tenant, asked.call.name, touched))


def _drop(store: Store, asked: Asked, touched: set[str]) -> Answer:
    store.drop(asked.tenant, asked.call.name, touched)
    return answers.dropped()


# ------------------------------------------------------------------ /v1


def _retrieve(store: Searchable, asked: Asked, touched: set[str]) -> Answer:
    wanted = requests.retrieval(asked.body, asked.embed)
    return answers.retrieved(playbooks.retrieve(store, asked.tenant, wanted, touched))


def _matrix_search(store: Searchable, asked: Asked, touched: set[str]) -> Answer:
    wanted = requests.search(asked.body, asked.embed)
    return answers.learned(playbooks.search(store, asked.tenant, wanted, touched))


def _record(store: Searchable, asked: Asked, touched: set[str]) -> Answer:
    recording = requests.recording(asked.body, asked.embed)
    return answers.recorded(playbooks.record(store, asked.tenant, recording, touched))


def _forget(store: Searchable, asked: Asked, _: set[str]) -> Answer:
    return answers.forgotten(store.forget(asked.tenant))


ANSWERING: dict[str, Callable[[Store, Asked, set[str]], Answer]] = {
    "add": _add,
    "search": _search,
    "delete": _delete,
    "save": _save,
    "reload": _reload,
    "describe": _describe,
    "drop": _drop,
    "retrieve": _retrieve,
    "matrix-search": _matrix_search,
    "record": _record,
    "forget": _forget,
}
