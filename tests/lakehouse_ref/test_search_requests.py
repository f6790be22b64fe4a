"""What a request is refused for, and in which order: the first thing that is wrong answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse_ref.search import calls
from lakehouse_ref.services.embedders import LocalEmbedder
from tests.lakehouse_ref.sequences import JSON, Matrixd

if TYPE_CHECKING:
    from collections.abc import Iterator

ADD, SEARCH, DELETE = (f"/vectors/index/i/{verb}" for verb in ("add", "search", "delete"))
SAVE, RELOAD = "/vectors/index/i/save", "/vectors/index/i/reload"
RETRIEVE, LEARN, RECORD = "/v1/matrix/retrieve", "/v1/matrix/search", "/v1/matrix/playbooks/record"
ITEM = {"id": "a", "vector": [1, 0]}
QUERY = {"vector": [1, 0], "k": 1}
LEARNING = {"query_text": "a", "query_role": "r", "k": 1}
RECORDING = {"query_text": "a", "role": "r", "answer_id": "w", "score": 1}


@pytest.fixture(scope="module")
def matrixd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrixd]:
    with Matrixd(tmp_path_factory.mktemp("data")) as asked:
        yield asked


def refused(matrixd: Matrixd, path: str, body: object) -> tuple[int, str, str]:
    """Return the status, and the reason and the field of a refusal."""
    status, answer = matrixd.ask(f"POST {path} {json.dumps(body)}")
    told: dict[str, Any] = json.loads(answer)
    if "Schema" in told:
        return status, told["Schema"]["reason"], told["Schema"]["field"]
    return status, told["State"]["reason"], "-"


def without(body: dict[str, Any], *names: str, **more: object) -> dict[str, Any]:
    return {name: value for name, value in (body | more).items() if name not in names}


def item(*names: str, **more: object) -> dict[str, Any]:
    return {"items": [ITEM | {"id": "first"}, without(ITEM, *names, **more)]}


@pytest.mark.parametrize(
    ("path", "body", "reason", "field"),
    [
        *((path, [], "not-an-object", "") for path in (ADD, SEARCH, DELETE, SAVE, RELOAD, RETRIEVE, LEARN, RECORD)),
        (ADD, {}, "missing-field", "items"),
        (ADD, {"items": {}}, "wrong-type", "items"),
        (ADD, {"items": None}, "wrong-type", "items"),
        (ADD, {"items": []}, "out-of-range", "items"),
        (ADD, {"items": [ITEM] * 1001}, "out-of-range", "items"),
        (ADD, {"items": [ITEM, 1]}, "wrong-type", "items.1"),
        (ADD, {"items": [{}, 1]}, "wrong-type", "items.1"),
        (ADD, {"items": [{}] * 1001}, "out-of-range", "items"),
        (ADD, item("id"), "missing-field", "items.1.id"),
        (ADD, item(id=1), "wrong-type", "items.1.id"),
        (ADD, item(id=""), "empty-id", "items.1.id"),
        (ADD, item(id="\u00e9" * 257), "too-long", "items.1.id"),
        (ADD, item("vector", id=""), "empty-id", "items.1.id"),
        (ADD, item("vector"), "vector-or-text", "items.1"),
        (ADD, item(text="a"), "vector-or-text", "items.1"),
        (ADD, item(text=None), "vector-or-text", "items.1"),
        (ADD, item(vector=None), "wrong-type", "items.1.vector"),
        (ADD, item(vector="a"), "wrong-type", "items.1.vector"),
        (ADD, item(vector=[]), "out-of-range", "items.1.vector"),
        (ADD, item(vector=["a"] * 4097), "out-of-range", "items.1.vector"),
        (ADD, item(vector=[1, True]), "wrong-type", "items.1.vector.1"),
        (ADD, item(vector=[1, None, 1e7]), "wrong-type", "items.1.vector.1"),
        (ADD, item(vector=[1, 1000000.5, None]), "out-of-range", "items.1.vector.1"),
        (ADD, item(vector=[-1000001]), "out-of-range", "items.1.vector.0"),
        (ADD, item(vector=[0, 0]), "zero-vector", "items.1.vector"),
        (ADD, item("vector", text=1), "wrong-type", "items.1.text"),
        (ADD, item("vector", text="a" * 8193), "too-long", "items.1.text"),
        (ADD, item("vector", text="-"), "zero-vector", "items.1.text"),
        (ADD, item(vector=[0], metadata=1), "zero-vector", "items.1.vector"),
        (ADD, item(metadata=None), "wrong-type", "items.1.metadata"),
        (ADD, item(metadata={"a": True}), "wrong-type", "items.1.metadata"),
        (ADD, item(metadata={str(n): [] for n in range(17)}), "wrong-type", "items.1.metadata"),
        (ADD, item(metadata={"x" * 65 + str(n): 1 for n in range(17)}), "out-of-range", "items.1.metadata"),
        (ADD, item(metadata={"x" * 65: 1}), "too-long", "items.1.metadata"),
        (ADD, item(metadata={"a": "x" * 257}), "too-long", "items.1.metadata"),
        (ADD, {"items": [ITEM | {"metadata": 1}, {}]}, "wrong-type", "items.0.metadata"),
        (ADD, {"items": [ITEM, ITEM | {"id": "b"}, ITEM]}, "duplicate-id", "items.2.id"),
        (ADD, {"items": [ITEM, ITEM, {}]}, "missing-field", "items.2.id"),
        (SEARCH, {}, "vector-or-text", ""),
        (SEARCH, {"vector": [0], "text": ""}, "vector-or-text", ""),
        (SEARCH, {"vector": [0], "k": ""}, "zero-vector", "vector"),
        (SEARCH, {"text": "", "k": ""}, "zero-vector", "text"),
        (SEARCH, without(QUERY, "k"), "missing-field", "k"),
        (SEARCH, QUERY | {"k": "1"}, "wrong-type", "k"),
        (SEARCH, QUERY | {"k": True}, "wrong-type", "k"),
        (SEARCH, QUERY | {"k": 1.5}, "not-whole", "k"),
        (SEARCH, QUERY | {"k": 1e300}, "out-of-range", "k"),
        (SEARCH, QUERY | {"k": -0.5}, "not-whole", "k"),
        (SEARCH, QUERY | {"k": 0}, "out-of-range", "k"),
        (SEARCH, QUERY | {"k": 1001, "excluded_ids": 1}, "out-of-range", "k"),
        (SEARCH, QUERY | {"excluded_ids": "a", "only_ids": 1}, "wrong-type", "excluded_ids"),
        (SEARCH, QUERY | {"excluded_ids": ["a", 1]}, "wrong-type", "excluded_ids.1"),
        (SEARCH, QUERY | {"excluded_ids": ["a"] * 1001}, "out-of-range", "excluded_ids"),
        (SEARCH, QUERY | {"only_ids": None}, "wrong-type", "only_ids"),
        (SEARCH, QUERY | {"only_ids": ["a"] * 1000 + [1]}, "wrong-type", "only_ids.1000"),
        (DELETE, {}, "missing-field", "id"),
        (DELETE, {"id": 1}, "wrong-type", "id"),
        (RELOAD, {}, "missing-field", "snapshot"),
        (RELOAD, {"snapshot": None}, "wrong-type", "snapshot"),
        (RETRIEVE, {"k": 0}, "missing-field", "query_text"),
        (RETRIEVE, {"query_text": 1}, "wrong-type", "query_text"),
        (RETRIEVE, {"query_text": "a" * 8193}, "too-long", "query_text"),
        (RETRIEVE, {"query_text": " "}, "zero-vector", "query_text"),
        (RETRIEVE, {"query_text": "a", "index": ""}, "missing-field", "k"),
        (RETRIEVE, {"query_text": "a", "k": 1, "index": "A"}, "bad-name", "index"),
        (RETRIEVE, {"query_text": "a", "k": 1, "index": ""}, "bad-name", "index"),
        (RETRIEVE, {"query_text": "a", "k": 1, "index": "x" * 65}, "bad-name", "index"),
        (RETRIEVE, {"query_text": "a", "k": 1, "index": "a\n"}, "bad-name", "index"),
        (RETRIEVE, {"query_text": "a", "k": 1, "index": None}, "wrong-type", "index"),
        (LEARN, without(LEARNING, "query_role", "k"), "missing-field", "query_role"),
        (LEARN, LEARNING | {"query_role": " \t", "k": 0}, "blank", "query_role"),
        (LEARN, LEARNING | {"query_role": " " * 257}, "blank", "query_role"),
        (LEARN, LEARNING | {"query_role": "r" * 257}, "too-long", "query_role"),
        (LEARN, LEARNING | {"use_playbook": 1, "excluded_ids": 1}, "wrong-type", "use_playbook"),
        (LEARN, LEARNING | {"use_playbook": None}, "wrong-type", "use_playbook"),
        (LEARN, LEARNING | {"excluded_ids": 1, "index": 1}, "wrong-type", "excluded_ids"),
        (RECORD, without(RECORDING, "role", "answer_id"), "missing-field", "role"),
        (RECORD, RECORDING | {"answer_id": "", "score": 2}, "empty-id", "answer_id"),
        (RECORD, RECORDING | {"answer_id": "w" * 257}, "too-long", "answer_id"),
        (RECORD, without(RECORDING, "score"), "missing-field", "score"),
        (RECORD, RECORDING | {"score": "1"}, "wrong-type", "score"),
        (RECORD, RECORDING | {"score": 1.0000001}, "out-of-range", "score"),
        (RECORD, RECORDING | {"score": -1}, "out-of-range", "score"),
    ],
)
def test_a_member_is_refused(matrixd: Matrixd, path: str, body: object, reason: str, field: str) -> None:
    assert refused(matrixd, path, body) == (422, reason, field)
    assert matrixd.ask("GET /vectors/index/i").status == 404, "nothing is changed by what is refused"


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        (SEARCH, QUERY, 404, "unknown-index"),
        (SEARCH, QUERY | {"k": 20e-1, "more": None}, 404, "unknown-index"),
        (DELETE, {"id": ""}, 404, "unknown-index"),
        (SAVE, {"more": 1}, 404, "unknown-index"),
        (RELOAD, {"snapshot": ""}, 404, "unknown-snapshot"),
        (RELOAD, {"snapshot": "../i.s-0123456789abcdef"}, 404, "unknown-snapshot"),
        (RELOAD, {"snapshot": "s-0123456789abcdef"}, 404, "unknown-snapshot"),
        (RETRIEVE, {"query_text": "a", "k": 1, "index": "x" * 64}, 404, "unknown-index"),
        (LEARN, LEARNING | {"excluded_ids": ["a"] * 1000, "query_role": "r" * 256}, 404, "unknown-index"),
        (ADD, {"items": [ITEM, {"id": "b", "vector": [1]}]}, 409, "wrong-dimension"),
        (ADD, {"items": [ITEM, {"id": "b", "text": "a"}]}, 409, "wrong-dimension"),
    ],
)
def test_the_state_refuses(matrixd: Matrixd, path: str, body: object, status: int, reason: str) -> None:
    assert refused(matrixd, path, body) == (status, reason, "-")


@pytest.mark.parametrize(
    "given",
    [
        {"id": "\U0001f600" * 256},
        {"vector": [1e6] * 4096},
        {"vector": [1, -0.0]},
        {"metadata": {"\u00e9" * 64: "\U0001f600" * 256, **{str(n): n for n in range(15)}}},
        {"more": {"a": None}},
    ],
)
def test_what_may_just_be(matrixd: Matrixd, given: dict[str, Any]) -> None:
    status, _ = matrixd.ask(f"POST {ADD} " + json.dumps({"items": [ITEM | given]}), tenant="other")
    matrixd.ask("DELETE /v1/tenant", tenant="other")
    assert status == 200


@pytest.mark.parametrize(
    ("method", "path", "tenant", "headers", "body", "status", "reason", "field"),
    [
        ("POST", "/vectors/index/I/add", b"BAD", [], b"", 404, "unknown-path", ""),
        ("POST", "/vectors/index/" + "i" * 65 + "/add", b"t", [JSON], b"", 404, "unknown-path", ""),
        ("POST", "/vectors/index//add", b"t", [JSON], b"", 404, "unknown-path", ""),
        ("POST", "/vectors/index/i/add/", b"t", [JSON], b"", 404, "unknown-path", ""),
        ("POST", "/vectors/index/i/add\n", b"t", [JSON], b"", 404, "unknown-path", ""),
        ("POST", "/vectors/hybrid", b"t", [JSON], b"", 404, "unknown-path", ""),
        ("GET", "/vectors/index", b"t", [], b"", 404, "unknown-path", ""),
        ("GET", "/vectors/index/i/add", b"BAD", [], b"", 405, "method-not-allowed", ""),
        ("POST", "/vectors/index/i", b"t", [], b"", 405, "method-not-allowed", ""),
        ("GET", "/v1/tenant", b"t", [], b"", 405, "method-not-allowed", ""),
        ("DELETE", "/v1/matrix/search", b"t", [], b"", 405, "method-not-allowed", ""),
        ("POST", "/health", b"t", [], b"", 405, "method-not-allowed", ""),
        ("POST", ADD, b"BAD", [], b"", 422, "bad-name", "x-lakehouse-tenant"),
        ("GET", "/vectors/index/i", b"", [], b"", 422, "bad-name", "x-lakehouse-tenant"),
        ("GET", "/vectors/index/i", b"a_b", [], b"", 422, "bad-name", "x-lakehouse-tenant"),
        ("GET", "/vectors/index/i", b"a" * 65, [], b"", 422, "bad-name", "x-lakehouse-tenant"),
        ("GET", "/vectors/index/i", b"..", [], b"", 422, "bad-name", "x-lakehouse-tenant"),
        ("POST", ADD, b"t", [], b"\xff", 415, "unsupported-media-type", "content-type"),
        ("POST", ADD, b"t", [JSON, (b"content-encoding", b"gzip")], b"", 415, "unsupported-content-encoding", None),
        ("POST", ADD, b"t", [JSON], None, 413, "body-too-large", ""),
        ("POST", ADD, b"t", [JSON], b'"\xff', 400, "invalid-utf8", ""),
        ("POST", SAVE, b"t", [JSON], b"", 400, "malformed-json", ""),
        ("POST", ADD, b"t", [JSON], b'{"items":[NaN]}', 400, "malformed-json", ""),
        ("POST", ADD, b"t", [JSON], rb'"\ud800"', 400, "lone-surrogate", ""),
        ("POST", ADD, b"t", [JSON], b"[1e999]", 400, "number-out-of-range", ""),
        ("POST", ADD, b"t", [JSON], b"9007199254740993", 400, "number-out-of-range", ""),
        ("POST", ADD, b"t", [JSON], b'{"a":1,"a":1}', 400, "duplicate-member", ""),
    ],
)
def test_what_comes_before_the_members(
    matrixd: Matrixd,
    method: str,
    path: str,
    tenant: bytes,
    headers: list[tuple[bytes, bytes]],
    body: bytes | None,
    status: int,
    reason: str,
    field: str | None,
) -> None:
    answer = calls.respond(matrixd.service, method, path, [(b"x-lakehouse-tenant", tenant), *headers], body, set())
    expected = {"Schema": {"field": "content-encoding" if field is None else field, "reason": reason}}
    assert (answer.status, json.loads(answer.body)) == (status, expected)


def test_a_body_of_a_get_or_delete_is_ignored(matrixd: Matrixd) -> None:
    for method in ("GET", "DELETE"):
        answer = calls.respond(
            matrixd.service, method, "/vectors/index/i", [(b"content-encoding", b"gzip")], b"\xff", set()
        )
        assert answer == (404, b'{"State":{"reason":"unknown-index"}}')


def test_the_largest_body(matrixd: Matrixd) -> None:
    body = b"{}" + b" " * (33_554_432 - 2)
    answers = [calls.respond(matrixd.service, "POST", SAVE, [JSON], data, set()).status for data in (body, body + b" ")]
    assert answers == [404, 413]


def test_without_vectors_their_paths_are_unknown(matrixd: Matrixd) -> None:
    service = calls.Service(matrixd.store, LocalEmbedder(), b"{}", with_vectors=False)
    assert calls.respond(service, "GET", "/vectors/index/i", [], b"", set()).status == 404
    assert calls.respond(service, "POST", RETRIEVE, [JSON], b'{"query_text":"a","k":1}', set()) == (
        404,
        b'{"State":{"reason":"unknown-index"}}',
    )
