"""Batches into an index: what is sent, what a refusal says, and going on after an interruption."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from lakehouse_ref.ingest import worker
from lakehouse_ref.ingest.errors import IndexingError
from lakehouse_ref.ingest.generate import generate
from lakehouse_ref.ingest.index import Index, Sum
from tests.ingest import matrixd, stub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from lakehouse_ref.ingest.worker import Worker
    from tests.ingest.stub import Asked

    Opening: TypeAlias = Callable[[str, str, str], Index]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with matrixd.started(tmp_path_factory.mktemp("matrixd")) as url:
        yield url


@pytest.fixture
def tenant(request: pytest.FixtureRequest) -> str:
    name: str = request.node.name
    return re.sub("[^a-z0-9]", "-", name.lower())[:64]


def batches(count: int, seed: int = 1) -> Iterator[list[Worker]]:
    return worker.batched(generate(seed, count))


@pytest.fixture
def opened() -> Iterator[Opening]:
    with ExitStack() as stack:
        yield lambda url, name, tenant: stack.enter_context(Index(url, name, tenant))


def refusal(answer: tuple[int, bytes] | None) -> str:
    with (
        stub.serving(lambda _: answer) as (url, _),
        Index(url, "workers", "default") as index,
        pytest.raises(IndexingError) as caught,
    ):
        index.add(batches(2_000))
    assert str(caught.value).startswith(f"{url}: ")
    return str(caught.value).removeprefix(f"{url}: ")


# ------------------------------------------------------------------ a real one


def test_what_was_added_is_found_with_its_metadata(service: str, tenant: str, opened: Opening) -> None:
    assert opened(service, "workers", tenant).add(batches(2_000)) == Sum(2_000, 0, 0, 2_000)
    query = {"k": 3, "query_role": "Forklift Operator", "query_text": "Need 3 Forklift Operators in Aurora IL"}
    hits = matrixd.ask(f"{service}/v1/matrix/search", query, tenant)["hits"]
    workers = {one.id: one for one in generate(1, 2_000)}
    assert [workers[hit["id"]][1:4] for hit in hits] == [("Forklift Operator", "Aurora", "IL")] * 3
    assert [hit["metadata"] for hit in hits] == [worker.metadata(workers[hit["id"]]) for hit in hits]


def test_adding_again_updates_and_resuming_passes_over(service: str, tenant: str, opened: Opening) -> None:
    index = opened(service, "workers", tenant)
    assert index.add(batches(1_500)) == Sum(1_500, 0, 0, 1_500)
    assert index.add(batches(2_500), resume=True) == Sum(1_000, 500, 1_000, 2_500)
    assert index.add(batches(2_500), resume=True) == Sum(0, 0, 2_500, 2_500)
    assert index.add(batches(2_500)) == Sum(0, 2_500, 0, 2_500)
    # Other workers have the same ids, and are not what is there.
    assert index.add(batches(2_500, seed=2), resume=True) == Sum(0, 2_500, 0, 2_500)


def test_resuming_with_nothing_there_adds_all(service: str, tenant: str, opened: Opening) -> None:
    assert opened(service, "fresh", tenant).add(batches(10), resume=True) == Sum(10, 0, 0, 10)


def test_tenants_and_names_are_kept_apart(service: str, tenant: str, opened: Opening) -> None:
    opened(service, "one", tenant).add(batches(5))
    opened(service, "one", f"{tenant[:50]}-other").add(batches(7))
    opened(service, "two", tenant).add(batches(9))
    assert matrixd.ask(f"{service}/vectors/index/one", tenant=tenant)["size"] == 5
    assert matrixd.ask(f"{service}/vectors/index/two", tenant=tenant)["size"] == 9


def test_no_rows_make_no_index(service: str, tenant: str, opened: Opening) -> None:
    assert opened(service, "none", tenant).add(batches(0)) == Sum(0, 0, 0, 0)


def test_a_refused_row_is_named_by_its_number_in_the_file(service: str, tenant: str, opened: Opening) -> None:
    rows = list(generate(1, 1_010))
    rows[1_006] = rows[1_006]._replace(id="x" * 300)
    index = opened(service, "workers", tenant)
    with pytest.raises(
        IndexingError, match=r"row 1,007 \('x+'\) is refused: too-long \(id\)\n1,000 rows are in; --resume"
    ):
        index.add(worker.batched(rows))
    assert index.size() == 1_000


def test_an_id_that_comes_twice_is_named(service: str, tenant: str, opened: Opening) -> None:
    rows = list(generate(1, 10))
    rows[7] = rows[2]
    with pytest.raises(IndexingError, match=r"row 8 \('w-000003'\) is refused: duplicate-id"):
        opened(service, "workers", tenant).add(worker.batched(rows))


def test_an_index_of_another_dimension_is_told(service: str, tenant: str, opened: Opening) -> None:
    matrixd.ask(f"{service}/vectors/index/flat/add", {"items": [{"id": "a", "vector": [1, 0]}]}, tenant)
    for resume in (False, True):
        with pytest.raises(IndexingError, match="the index flat refuses: wrong-dimension"):
            opened(service, "flat", tenant).add(batches(10), resume=resume)


# ------------------------------------------------------------------ what is sent


def test_rows_go_out_in_order_a_thousand_at_a_time(opened: Opening) -> None:
    with stub.serving(stub.counted) as (url, asked):
        opened(f"{url}/behind/a/proxy/", "staff", "acme").add(batches(2_300))
    assert [len(one.body["items"]) for one in asked] == [1_000, 1_000, 300]
    assert {(one.path, one.tenant) for one in asked} == {("/behind/a/proxy/vectors/index/staff/add", "acme")}
    sent = [item for one in asked for item in one.body["items"]]
    assert sent == [
        {"id": one.id, "metadata": worker.metadata(one), "text": worker.text(one)} for one in generate(1, 2_300)
    ]


def test_a_connection_that_was_closed_is_opened_anew(opened: Opening) -> None:
    def every_second(asked: Asked) -> tuple[int, bytes] | None:
        return None if asked.number % 2 else stub.counted(asked)

    with stub.serving(every_second) as (url, asked):
        assert opened(url, "workers", "default").add(batches(3_000)).added == 3_000
    assert len(asked) == 5


# ------------------------------------------------------------------ what comes back is no answer


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, b"<html>", "an answer that search.md does not know"),
        (200, b'{"added":"1000"}', "an answer that search.md does not know"),
        (200, b"[]", "an answer that search.md does not know"),
        (200, b" " * 3_000_000, "an answer that search.md does not know"),
        (404, b'{"Schema":{"field":"","reason":"unknown-path"}}', "the index workers refuses: unknown-path"),
        (404, b"not found", "status 404, and no reason that search.md knows; is that matrixd?"),
        (500, b"{}", "status 500, and no reason that search.md knows; is that matrixd?"),
        (302, b"", "status 302"),
        (502, b'{"State":{"reason":"embedder-unreachable"}}', "the index workers refuses: embedder-unreachable"),
        (422, b'{"Schema":{"field":"items.5000.id","reason":"x"}}', "the index workers refuses: x items.5000.id"),
        (422, json.dumps({"Schema": {"field": "items.3.text", "reason": "y"}}).encode(), "row 4 ('w-000004')"),
    ],
)
def test_a_strange_answer_is_told(status: int, body: bytes, told: str) -> None:
    assert told in refusal((status, body))


def test_a_connection_that_always_ends_is_told() -> None:
    assert refusal(None) == "the connection ends without an answer"


def test_nobody_there_is_told(opened: Opening) -> None:
    with pytest.raises(
        IndexingError, match=r"http://127\.0\.0\.1:1: no answer: Connection refused; is matrixd running"
    ):
        opened("http://127.0.0.1:1", "workers", "default").add(batches(1))
