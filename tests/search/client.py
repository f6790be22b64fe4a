"""A tenant's view of a service: the calls of search.md by their names, on one connection."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from typing import Any, Final, Self, TypeAlias

from .wire import Answer, Json, NoAnswerError, Wire, request

JSON_TYPE: Final = ("content-type", "application/json")
RETRIEVE: Final = "/v1/matrix/retrieve"
HYBRID: Final = "/vectors/hybrid"
HYBRID_NAMES: Final = {"query_text": "query", "k": "top_k", "excluded_ids": "exclude", "index": "collection"}
"""How Rust calls the members of retrieve; in its answer `results` stands for hits."""
_counter = itertools.count(1)

Members: TypeAlias = dict[str, Any]


def fresh() -> str:
    """Return a tenant that nobody had before."""
    return f"t-{os.getpid()}-{next(_counter)}"


class Client:
    """One tenant on one connection. A connection that ended is opened anew by the next call; no call is sent twice."""

    def __init__(self, port: int, tenant: str | None, *, hybrid: bool = False) -> None:
        self.port, self.tenant, self.hybrid = port, tenant, hybrid
        self._wire: Wire | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def call(self, method: str, target: str, body: bytes | None, *headers: tuple[str, str]) -> Answer:
        """Send just this, and return the answer. Raises NoAnswerError."""
        if self._wire is None:
            self._wire = Wire(self.port)
        try:
            with contextlib.suppress(NoAnswerError):  # it may have answered before it had read everything
                self._wire.send(request(method, target, body, headers))
            answer = self._wire.receive(head=method == "HEAD")
        except NoAnswerError:
            self.close()
            raise
        if (answer.header("connection") or "").lower() == "close":
            self.close()
        return answer

    def ask(self, method: str, target: str, body: Members | bytes | None = None) -> Answer:
        """Make a call as the contract has it, and check what holds for every answer."""
        mine = () if self.tenant is None else (("x-lakehouse-tenant", self.tenant),)
        if body is None:
            return self.call(method, target, None, *mine).checked()
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.call(method, target, data, JSON_TYPE, *mine).checked()

    def post(self, target: str, body: Members) -> Answer:
        """Post."""
        return self.ask("POST", target, body)

    def good(self, target: str, body: Members) -> Json:
        """Post, and return the body of what has to be a success."""
        return good(self.post(target, body))

    def add(self, index: str, items: list[Members]) -> Json:
        """Add items, which has to work."""
        return self.good(f"/vectors/index/{index}/add", {"items": items})

    def put(self, index: str, identifier: str, vector: list[float], **metadata: Json) -> Json:
        """Add one vector, which has to work."""
        return self.add(index, [{"id": identifier, "metadata": metadata, "vector": vector}])

    def search(self, index: str, **body: Json) -> Json:
        """Search an index, which has to work."""
        return self.good(f"/vectors/index/{index}/search", body)

    def delete(self, index: str, identifier: str) -> Json:
        """Delete an id, which has to work."""
        return self.good(f"/vectors/index/{index}/delete", {"id": identifier})

    def save(self, index: str) -> str:
        """Save an index, which has to work; return the snapshot."""
        return str(self.good(f"/vectors/index/{index}/save", {})["snapshot"])

    def reload(self, index: str, snapshot: str) -> Answer:
        """Reload an index."""
        return self.post(f"/vectors/index/{index}/reload", {"snapshot": snapshot})

    def about(self, index: str) -> Answer:
        """Ask for dimension and size."""
        return self.ask("GET", f"/vectors/index/{index}")

    def drop(self, index: str) -> Answer:
        """Drop an index."""
        return self.ask("DELETE", f"/vectors/index/{index}")

    def forget(self) -> Json:
        """Drop the whole tenant, which has to work."""
        return good(self.ask("DELETE", "/v1/tenant"))

    def record(self, query_text: str, role: str, answer_id: str, score: float) -> Json:
        """Record, which has to work."""
        body = {"answer_id": answer_id, "query_text": query_text, "role": role, "score": score}
        return self.good("/v1/matrix/playbooks/record", body)

    def matrix(self, query_text: str, query_role: str, k: int, **body: Json) -> Json:
        """Search with playbooks, which has to work."""
        return self.good("/v1/matrix/search", {"k": k, "query_role": query_role, "query_text": query_text} | body)

    def retrieve(self, **body: Json) -> Answer:
        """Retrieve. Rust's names are put in its place, and put back in what it answers."""
        if not self.hybrid:
            return self.post(RETRIEVE, body)
        answer = self.post(HYBRID, {HYBRID_NAMES.get(name, name): value for name, value in body.items()})
        told = answer.body
        if answer.status == 200:
            told["hits"] = told.pop("results")
        elif "Schema" in told:
            first, dot, rest = told["Schema"]["field"].partition(".")
            back = {theirs: ours for ours, theirs in HYBRID_NAMES.items()}
            told["Schema"]["field"] = back.get(first, first) + dot + rest
        return answer._replace(raw=json.dumps(told).encode())


def good(answer: Answer) -> Json:
    """Return the body of what has to be a success."""
    assert answer.status == 200, (answer.status, answer.raw[:500])
    return answer.body


def refused(answer: Answer, status: int, reason: str) -> None:
    """Check that it was refused, and why: `out-of-range k`."""
    assert (answer.status, answer.reason) == (status, reason)


def ids(told: Json) -> list[str]:
    """Return the ids of hits, in their order."""
    return [hit["id"] for hit in told["hits"]]
