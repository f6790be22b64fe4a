"""Paths, methods, headers and bodies that a sequence cannot carry, and which of several faults is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .client import HYBRID, JSON_TYPE, RETRIEVE, good, ids, refused
from .wire import NoAnswerError, Wire, request

if TYPE_CHECKING:
    from .client import Client
    from .programs import Program, Service

LIMIT = 33_554_432
A = "/vectors/index/a"
SEARCH = f"{A}/search"
QUERY = b'{"k":1,"vector":[1,1]}'
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATHS = {
    **dict.fromkeys([f"{A}/{call}" for call in ("add", "search", "delete", "save", "reload")], ("POST",)),
    **dict.fromkeys(["/v1/matrix/search", "/v1/matrix/playbooks/record"], ("POST",)),
    A: ("GET", "DELETE"),
    "/vectors/index/-": ("GET", "DELETE"),
    "/vectors/index/add": ("GET", "DELETE"),
    f"/vectors/index/{'_' * 64}": ("GET", "DELETE"),
    "/v1/tenant": ("DELETE",),
    "/health": ("GET",),
}
UNKNOWN = [
    "/",
    "//",
    "/vectors",
    "/vectors/index",
    "/vectors/index/",
    "/vectors/index//search",
    "/vectors/index/a/",
    "/vectors/index/a/search/",
    "/vectors/index/a/nothing",
    "/vectors/index/a/search/x",
    "//vectors/index/a/search",
    "/vectors//index/a/search",
    "/vectors/index/a//search",
    "/vectors/index/%61/search",
    "/vectors/index/a/%73earch",
    "/vectors/index/a%2Fsearch",
    "/vectors/./index/a",
    "/vectors/x/../index/a",
    "/vectors/index/../a",
    "/vectors/index/..",
    "/vectors/index/a.b",
    "/vectors/index/A",
    "/vectors/index/a+b/search",
    "/vectors/index/a;b",
    "/Vectors/index/a",
    f"/vectors/index/{'a' * 65}",
    "/vectors/hybrid/",
    "/vectors/hybrid/x",
    "/v1",
    "/v1/tenant/",
    "/v1/tenant/x",
    "/v1/matrix",
    "/v1/matrix/search/",
    "/v1/matrix/playbooks",
    "/v1/matrix/playbooks/record/",
    "/v1/matrix/retrieve/x",
    "/health/",
    "/healthz",
]


@pytest.fixture
def stocked(client: Client) -> Client:
    """Return a client that has an index."""
    client.put("a", "x", [1, 0])
    return client


class TestPaths:
    @pytest.mark.parametrize("target", UNKNOWN)
    def test_unknown(self, stocked: Client, target: str) -> None:
        for method in ("POST", "GET", "DELETE"):
            body = QUERY if method == "POST" else None
            refused(stocked.call(method, target, body, JSON_TYPE).checked(), 404, "unknown-path")

    @pytest.mark.parametrize("target", PATHS)
    def test_methods(self, client: Client, target: str) -> None:
        for method in METHODS:
            if method not in PATHS[target]:
                body = None if method in {"GET", "DELETE", "OPTIONS"} else b"{}"
                answer = client.ask(method, target, body)
                refused(answer, 405, "method-not-allowed")

    def test_retrieval_has_one_path(self, program: Program, client: Client) -> None:
        mine, other = (HYBRID, RETRIEVE) if program.name == "rust" else (RETRIEVE, HYBRID)
        for method in METHODS:
            body = b"{}" if method in {"POST", "PUT", "PATCH"} else None
            refused(client.ask(method, other, body), 404, "unknown-path")
            if method != "POST":
                refused(client.ask(method, mine, body), 405, "method-not-allowed")
        assert client.post(mine, {}).status == 422

    @pytest.mark.parametrize("query", ["?", "?k=2", "?a=/../b", "??", "?%zz", "?a=b&c=d/e"])
    def test_a_query_is_ignored(self, stocked: Client, query: str) -> None:
        assert ids(good(stocked.ask("POST", SEARCH + query, QUERY))) == ["x"]
        assert stocked.ask("GET", A + query).body == {"dimension": 2, "size": 1}
        assert stocked.ask("GET", "/health" + query).status == 200

    @pytest.mark.parametrize("method", ["HEAD", "BREW", "get", "TRACE"])
    def test_other_methods_do_no_harm(self, service: Service, stocked: Client, method: str) -> None:
        """The contract names six; to others there is some answer, or an end of the connection, and no change."""
        with Wire(service.port) as wire:
            wire.send(request(method, A, None, (("x-lakehouse-tenant", str(stocked.tenant)),)))
            try:
                answer = wire.receive(head=method == "HEAD")
                assert 200 <= answer.status < 600
            except NoAnswerError:
                pass
        assert stocked.about("a").body == {"dimension": 2, "size": 1}


class TestMediaTypes:
    @pytest.mark.parametrize(
        "kind",
        [
            "application/json",
            "APPLICATION/Json",
            "application/json;charset=utf-8",
            "\tapplication/json ; x",
            "application/json;",
        ],
    )
    def test_that_are_json(self, stocked: Client, kind: str) -> None:
        answer = stocked.call("POST", SEARCH, QUERY, ("content-type", kind), tenant(stocked))
        assert ids(good(answer.checked())) == ["x"]

    @pytest.mark.parametrize(
        "kind",
        ["", "text/plain", "application/jsonx", "application/json, text/plain", "json", "application/ json", ";"],
    )
    def test_that_are_not(self, stocked: Client, kind: str) -> None:
        answer = stocked.call("POST", SEARCH, QUERY, ("content-type", kind), tenant(stocked))
        refused(answer.checked(), 415, "unsupported-media-type content-type")

    def test_none(self, stocked: Client) -> None:
        answer = stocked.call("POST", SEARCH, QUERY, tenant(stocked))
        refused(answer.checked(), 415, "unsupported-media-type content-type")

    def test_the_first_of_two_counts(self, stocked: Client) -> None:
        other = ("content-type", "text/plain")
        assert stocked.call("POST", SEARCH, QUERY, JSON_TYPE, other, tenant(stocked)).checked().status == 200
        answer = stocked.call("POST", SEARCH, QUERY, other, JSON_TYPE, tenant(stocked))
        refused(answer.checked(), 415, "unsupported-media-type content-type")

    @pytest.mark.parametrize("encoding", ["identity", "IDENTITY", "", " identity "])
    def test_encodings(self, stocked: Client, encoding: str) -> None:
        answer = stocked.call("POST", SEARCH, QUERY, JSON_TYPE, ("content-encoding", encoding), tenant(stocked))
        assert ids(good(answer.checked())) == ["x"]

    @pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "x", "gzip, identity"])
    def test_other_encodings(self, stocked: Client, encoding: str) -> None:
        answer = stocked.call("POST", SEARCH, QUERY, JSON_TYPE, ("content-encoding", encoding), tenant(stocked))
        refused(answer.checked(), 415, "unsupported-content-encoding content-encoding")

    @pytest.mark.parametrize("call", ["add", "search", "delete", "save", "reload"])
    def test_every_call_has_a_type(self, stocked: Client, call: str) -> None:
        answer = stocked.call("POST", f"{A}/{call}", b"{}", tenant(stocked))
        refused(answer.checked(), 415, "unsupported-media-type content-type")


def tenant(client: Client) -> tuple[str, str]:
    """Return the header of a client's tenant."""
    return "x-lakehouse-tenant", str(client.tenant)


FAULTS: list[tuple[str, int, str]] = [
    ("path", 404, "unknown-path"),
    ("method", 405, "method-not-allowed"),
    ("tenant", 422, "bad-name x-lakehouse-tenant"),
    ("type", 415, "unsupported-media-type content-type"),
    ("encoding", 415, "unsupported-content-encoding content-encoding"),
    ("large", 413, "body-too-large"),
    ("utf-8", 400, "invalid-utf8"),
    ("form", 400, "malformed-json"),
    ("surrogate", 400, "lone-surrogate"),
    ("number", 400, "number-out-of-range"),
    ("duplicate", 400, "duplicate-member"),
    ("root", 422, "not-an-object"),
    ("k", 422, "not-whole k"),
    ("state", 404, "unknown-index"),
]
"""In the order in which a request is looked at."""
PIECES = {"surrogate": '{"x":"\\ud800"}', "number": '{"x":1e999}', "duplicate": '{"x":1,"x":1}'}


def faulty(client: Client, faults: set[str]) -> tuple[str, str, bytes, list[tuple[str, str]]]:
    """Return a search that has just these faults."""
    pieces = ",".join(piece for name, piece in PIECES.items() if name in faults)
    k = "1.5" if "k" in faults else "1"
    text = f"[{pieces}]" if "root" in faults else f'{{"k":{k},"vector":[1,1],"more":[{pieces}]}}'
    body = text.encode() + b"}" * ("form" in faults) + b" \xff" * ("utf-8" in faults)
    if "large" in faults:
        body += b" " * (LIMIT + 1 - len(body))
    headers = [("x-lakehouse-tenant", "NO" if "tenant" in faults else str(client.tenant))]
    headers += [("content-type", "text/plain" if "type" in faults else "application/json")]
    headers += [("content-encoding", "gzip")] if "encoding" in faults else []
    index = "b" if "state" in faults else "a"
    target = f"/vectors/index/{index}/{'seek' if 'path' in faults else 'search'}"
    return "PUT" if "method" in faults else "POST", target, body, headers


class TestOrder:
    @pytest.mark.parametrize("at", range(len(FAULTS)))
    def test_the_first_fault_is_told(self, stocked: Client, at: int) -> None:
        """Each alone, each with the one behind it, and each with all behind it."""
        name, status, reason = FAULTS[at]
        behind = [other for other, _, _ in FAULTS[at + 1 :]]
        for others in ([], behind[:1], [one for one in behind if one != "large"], behind):
            if "large" in others and name in {"path", "method", "tenant"} and len(others) > 1:
                continue  # who answers before the body may leave it unread; that is TestLimit's
            method, target, body, headers = faulty(stocked, {name, *others})
            refused(stocked.call(method, target, body, *headers).checked(), status, reason)
            stocked.close()
        assert stocked.about("a").body == {"dimension": 2, "size": 1}

    def test_without_a_fault_it_is_answered(self, stocked: Client) -> None:
        method, target, body, headers = faulty(stocked, set())
        assert ids(good(stocked.call(method, target, body, *headers).checked())) == ["x"]


class TestLimit:
    def padded(self, length: int) -> bytes:
        half = length // 2
        return b'{"k":1,"pad":"' + b"x" * half + b'","vector":[1,1]}' + b" " * (length - half - 31)

    @pytest.mark.parametrize("length", [LIMIT, LIMIT + 1])
    def test_to_the_byte(self, stocked: Client, length: int) -> None:
        body = self.padded(length)
        assert len(body) == length
        answer = stocked.call("POST", SEARCH, body, JSON_TYPE, tenant(stocked)).checked()
        stocked.close()
        if length > LIMIT:
            refused(answer, 413, "body-too-large")
        else:
            assert ids(good(answer)) == ["x"]
        assert stocked.about("a").body == {"dimension": 2, "size": 1}

    @pytest.mark.parametrize("more", [0, 1])
    def test_in_chunks(self, service: Service, stocked: Client, more: int) -> None:
        body = self.padded(LIMIT + more)
        pieces = [body[at : at + (1 << 20)] for at in range(0, len(body), 1 << 20)]
        head = request("POST", SEARCH, None, (JSON_TYPE, tenant(stocked), ("transfer-encoding", "chunked")))
        with Wire(service.port) as wire:
            wire.send(head)
            try:
                for piece in pieces:
                    wire.send(b"%x\r\n%s\r\n" % (len(piece), piece))
                wire.send(b"0\r\n\r\n")
            except NoAnswerError:
                assert more, "it was not read to its end"
            answer = wire.receive().checked()
        if more:
            refused(answer, 413, "body-too-large")
        else:
            assert ids(good(answer)) == ["x"]

    def test_a_small_body_in_chunks(self, service: Service, stocked: Client) -> None:
        head = request("POST", SEARCH, None, (JSON_TYPE, tenant(stocked), ("transfer-encoding", "chunked")))
        with Wire(service.port) as wire:
            wire.send(head + b'5\r\n{"k":\r\n11;x=y\r\n1,"vector":[1,1]}\r\n0\r\n\r\n')
            assert ids(good(wire.receive().checked())) == ["x"]


class TestBodiesOfNobody:
    """GET and DELETE have none; one that comes is ignored, as are its headers."""

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"x" * 100_000, b'{"dropped":1,"dropped":1}'])
    def test_are_ignored(self, client: Client, body: bytes) -> None:
        headers = (("content-type", "text/plain"), ("content-encoding", "br"), tenant(client))
        client.put("a", "x", [1, 0])
        assert client.call("GET", A, body, *headers).checked().body == {"dimension": 2, "size": 1}
        assert client.call("GET", "/health", body, *headers).checked().status == 200
        assert client.call("DELETE", A, body, *headers).checked().body == {"dropped": True}
        refused(client.call("GET", A, body, *headers).checked(), 404, "unknown-index")
        assert client.call("DELETE", "/v1/tenant", body, *headers).checked().body["dropped"] in {0, 1}
        assert client.about("a").status == 404


def test_members_that_nobody_knows_are_ignored(client: Client) -> None:
    body = {"items": [{"id": "x", "vector": [1, 0], "more": {"a": [None]}}], "more": None, "Items": 1}
    assert good(client.post(f"{A}/add", body)) == {"added": 1, "size": 1, "updated": 0}
    assert json.loads(client.post(SEARCH, {"k": 1, "vector": [1, 0], "K": "x", "": 0}).raw)["size"] == 1
