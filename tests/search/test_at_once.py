"""Requests at once are as if one came behind the other: sizes add up, and nobody sees half of a batch."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

import pytest

from tests.attacks.test_writers import in_parallel

from .client import fresh, good, ids
from .content import NORTH, Model, content, item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .client import Client
    from .programs import Service
    from .wire import Json

BATCHES, ITEMS = 30, 7


def with_client(service: Service, tenant: str, work: Callable[[Client], None]) -> Callable[[], None]:
    """Return work that has a connection of its own."""

    def done() -> None:
        with service.client(tenant) as client:
            work(client)

    return done


def with_readers(
    service: Service,
    tenant: str,
    writers: Sequence[Callable[[Client], None]],
    readers: Sequence[Callable[[Client], None]],
) -> None:
    """Let writers write at once, and readers read until the last of them is done."""
    over, left = threading.Event(), [len(writers)]
    lock = threading.Lock()

    def ending(work: Callable[[Client], None]) -> Callable[[Client], None]:
        def done(client: Client) -> None:
            try:
                work(client)
            finally:
                with lock:
                    left[0] -= 1
                    if not left[0]:
                        over.set()

        return done

    def until_then(work: Callable[[Client], None]) -> Callable[[Client], None]:
        def done(client: Client) -> None:
            while not over.is_set():
                work(client)

        return done

    in_parallel(
        [with_client(service, tenant, ending(work)) for work in writers]
        + [with_client(service, tenant, until_then(work)) for work in readers]
    )


def in_a_row(told: Sequence[Json]) -> None:
    """Check that answers to additions, without deletions between them, are those of some order."""
    size = 0
    for one in sorted(told, key=lambda one: (one["size"], -one["added"])):
        size += one["added"]
        assert one["size"] == size, one


def read(client: Client) -> None:
    """Search, whatever is there."""
    answer = client.post("/vectors/index/a/search", {"k": 50, "vector": NORTH})
    if answer.status == 404:
        assert answer.reason == "unknown-index"
        return
    told = good(answer)
    assert len(told["hits"]) == min(50, told["size"])
    assert len(set(ids(told))) == len(told["hits"])


@pytest.mark.parametrize("count", [2, 8])
def test_writers_of_their_own_ids(service: Service, count: int) -> None:
    tenant = fresh()
    told: list[Json] = []

    def writer(number: int) -> Callable[[Client], None]:
        def work(client: Client) -> None:
            for at in range(BATCHES):
                items = [item(f"w{number}-{at}-{each}", at + 1) for each in range(ITEMS if at % 2 else 1)]
                told.append(client.add("a", items))

        return work

    with_readers(service, tenant, [writer(number) for number in range(count)], [read, read])
    assert len(told) == count * BATCHES
    in_a_row(told)
    assert {one["updated"] for one in told} == {0}
    wanted = {
        f"w{number}-{at}-{each}": at + 1
        for number in range(count)
        for at in range(BATCHES)
        for each in range(ITEMS if at % 2 else 1)
    }
    with service.client(tenant) as client:
        assert client.about("a").body["size"] == len(wanted) == sum(one["added"] for one in told)
        found = ids(client.search("a", k=1000, vector=NORTH))
        assert set(found) <= set(wanted)
        assert len(found) == min(1000, len(wanted))
        missing = [name for name in wanted if not client.search("a", k=1, only_ids=[name], vector=NORTH)["hits"]]
        assert missing == []


@pytest.mark.parametrize("count", [2, 8])
def test_writers_of_the_same_ids(service: Service, count: int) -> None:
    tenant = fresh()
    told: list[Json] = []

    def work(client: Client) -> None:
        told.extend(client.add("a", [item(f"x{at}-{each}", 1) for each in range(ITEMS)]) for at in range(BATCHES))

    with_readers(service, tenant, [work] * count, [read, read])
    distinct = BATCHES * ITEMS
    assert sum(one["added"] for one in told) == distinct
    assert sum(one["updated"] for one in told) == distinct * (count - 1)
    in_a_row(told)
    with service.client(tenant) as client:
        assert (
            content(client, "a")
            == Model({f"x{at}-{each}": 1 for at in range(BATCHES) for each in range(ITEMS)}).content()
        )


def test_a_batch_is_seen_whole(service: Service) -> None:
    batches_are_whole(service, 40)


def batches_are_whole(service: Service, batches: int) -> None:
    """Each batch replaces all items by those of another version; a search sees one version."""
    tenant, count, seen = fresh(), 60, set[int]()
    versions = itertools.count(1)

    def write(client: Client) -> None:
        for _ in range(batches):
            version = next(versions)
            client.add("a", [item(f"x{at:02}", version) for at in range(count)])

    def look(client: Client) -> None:
        found = content_or_none(client)
        if found is not None:
            assert len(found) == 1, f"a search saw {len(found)} batches"
            seen.update(found)

    with service.client(tenant) as client:
        client.add("a", [item(f"x{at:02}", 0) for at in range(count)])
    with_readers(service, tenant, [write, write], [look, look])
    assert len(seen) > 1


def content_or_none(client: Client) -> set[int] | None:
    """Return the versions that one search sees; None where there is no index."""
    answer = client.post("/vectors/index/a/search", {"k": 1000, "vector": NORTH})
    if answer.status == 404:
        return None
    return {hit["metadata"]["version"] for hit in good(answer)["hits"]}


def test_recorders_of_the_same_three(service: Service) -> None:
    tenant = fresh()
    told: list[Json] = []
    triples = [(f"welder {city}", role, f"w-{at}") for city in ("aurora", "joliet") for role in "ab" for at in range(3)]

    def work(client: Client) -> None:
        for round_ in range(3):
            told.extend(client.record(*triple, round_ / 2) for triple in triples)

    def look(client: Client) -> None:
        client.matrix("welder aurora", "a", 5, use_playbook=True)

    with service.client(tenant) as client:
        client.add("workers", [{"id": f"w-{at}", "text": f"welder number {at}"} for at in range(9)])
    with_readers(service, tenant, [work] * 4, [look])
    new = [one["playbook_id"] for one in told if not one["updated"]]
    assert sorted(new) == sorted({one["playbook_id"] for one in told})
    assert len(new) == len(triples)
    with service.client(tenant) as client:
        assert client.about("playbook_memory").body["size"] == len(triples)


def test_drops_against_additions(service: Service) -> None:
    """Each batch is there as a whole or gone, and every size is that of whole batches."""
    tenant = fresh()
    told: list[Json] = []

    def add(number: int) -> Callable[[Client], None]:
        def work(client: Client) -> None:
            told.extend(
                client.add("a", [item(f"w{number}-{at}-{each}", 1) for each in range(ITEMS)]) for at in range(40)
            )

        return work

    def drop(client: Client) -> None:
        for _ in range(40):
            answer = client.drop("a")
            assert answer.status == 200 or answer.reason == "unknown-index", answer

    with_readers(service, tenant, [add(0), add(1), drop, drop], [read])
    assert {(one["added"], one["updated"], one["size"] % ITEMS) for one in told} == {(ITEMS, 0, 0)}
    with service.client(tenant) as client:
        found = content(client, "a") or {}
        whole = {name.rpartition("-")[0] for name in found}
        assert len(found) == len(whole) * ITEMS
        client.drop("a")
        client.put("a", "x", [1, 0, 0])
        assert client.about("a").body == {"dimension": 3, "size": 1}


def test_reloads_against_additions(service: Service) -> None:
    """What is there at the end is the snapshot and whole batches, and a reload is never half done."""
    tenant = fresh()
    told: list[Json] = []
    with service.client(tenant) as client:
        client.add("a", [item(f"old{at}", 1) for at in range(50)])
        snapshot = client.save("a")

    def add(client: Client) -> None:
        told.extend(client.add("a", [item(f"w-{at}-{each}", 1) for each in range(ITEMS)]) for at in range(40))

    def reload(client: Client) -> None:
        for _ in range(30):
            assert good(client.reload("a", snapshot)) == {"dimension": 2, "size": 50}

    def look(client: Client) -> None:
        found = client.search("a", k=1000, vector=NORTH)
        assert (found["size"] - 50) % ITEMS == 0
        assert len(found["hits"]) == found["size"]
        assert sum(name.startswith("old") for name in ids(found)) == 50

    with_readers(service, tenant, [add, reload], [look, look])
    assert {(one["size"] - 50) % ITEMS for one in told} == {0}


def test_tenants_that_come_and_go(service: Service) -> None:
    """Who drops a tenant while others write to it does no harm to either."""
    tenant = fresh()

    def add(client: Client) -> None:
        for at in range(60):
            assert client.add(f"i{at % 3}", [item("x", 1), item("y", 2)])["size"] == 2

    def forget(client: Client) -> None:
        for _ in range(40):
            assert 0 <= client.forget()["dropped"] <= 3

    with_readers(service, tenant, [add, add, forget], [read])
    with service.client(tenant) as client:
        client.forget()
        assert client.about("i0").status == 404


def test_saves_at_once_are_all_whole(service: Service) -> None:
    tenant, names = fresh(), list[str]()

    def add(client: Client) -> None:
        for version in range(1, 40):
            client.add("a", [item(f"x{at}", version) for at in range(20)])

    def save(client: Client) -> None:
        names.extend(client.save("a") for _ in range(15))

    with service.client(tenant) as client:
        client.add("a", [item(f"x{at}", 0) for at in range(20)])
    with_readers(service, tenant, [add, save, save], [])
    assert len(set(names)) == 30
    with service.client(tenant) as client:
        for name in names:
            assert good(client.reload("a", name)) == {"dimension": 2, "size": 20}
            versions = content_or_none(client)
            assert versions is not None
            assert len(versions) == 1
