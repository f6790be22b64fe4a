"""What one tenant does is never seen by another one, whatever it calls itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .client import JSON_TYPE, fresh, good, ids, refused
from .wire import request

if TYPE_CHECKING:
    from .programs import Service

TENANT = "x-lakehouse-tenant"
NAMES = ["a", "0", "-", "-a-", "a" * 64, "default", "0123456789-abcdefghijklmnopqrstuvwxyz"]
BAD = ["", "A", "a_b", "a b", "a.b", "..", "../a", "a/b", "a" * 65, "a,b", "\u00e4", "a\u00a0", "%61", "a\tb"]
ADDED = {"added": 1, "size": 1, "updated": 0}


def by(*tenants: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of a request that names tenants."""
    return (JSON_TYPE, *((TENANT, tenant) for tenant in tenants))


def test_neither_sees_the_other(service: Service) -> None:
    with service.client() as one, service.client() as other:
        one.put("a", "mine", [1, 0])
        refused(other.about("a"), 404, "unknown-index")
        assert other.put("a", "yours", [0, 1, 0]) == ADDED
        assert one.about("a").body == {"dimension": 2, "size": 1}
        assert other.about("a").body == {"dimension": 3, "size": 1}
        assert ids(one.search("a", k=9, vector=[1, 1])) == ["mine"]
        assert ids(other.search("a", k=9, vector=[1, 1, 0])) == ["yours"]
        refused(other.post("/vectors/index/a/delete", {"id": "mine"}), 404, "unknown-id")
        assert other.drop("a").body == {"dropped": True}
        assert one.about("a").body == {"dimension": 2, "size": 1}


def test_snapshots_are_a_tenants_own(service: Service) -> None:
    with service.client() as one, service.client() as other:
        one.put("a", "x", [1, 0])
        snapshot = one.save("a")
        refused(other.reload("a", snapshot), 404, "unknown-snapshot")
        other.put("a", "y", [1, 0])
        refused(other.reload("a", snapshot), 404, "unknown-snapshot")
        for way in (f"../{one.tenant}/a.{snapshot}", f"../{one.tenant}/{snapshot}", f"{snapshot}/../{snapshot}"):
            refused(other.reload("a", way), 404, "unknown-snapshot")
        assert ids(other.search("a", k=9, vector=[1, 1])) == ["y"]
        one.put("b", "z", [1, 0])
        refused(one.reload("b", snapshot), 404, "unknown-snapshot")


def test_recordings_are_a_tenants_own(service: Service) -> None:
    with service.client() as one, service.client() as other:
        for client in (one, other):
            client.add("workers", [{"id": "w-1", "text": "welder aurora"}, {"id": "w-2", "text": "welder joliet"}])
        one.record("welder aurora", "Welder", "w-2", 1.0)
        found = other.matrix("welder aurora", "Welder", 1, use_playbook=True)
        assert (found["boosted"], found["injected"], ids(found)) == (0, 0, ["w-1"])
        found = one.matrix("welder aurora", "Welder", 2, use_playbook=True)
        assert found["boosted"] == 1
        refused(other.about("playbook_memory"), 404, "unknown-index")


def test_one_that_is_dropped_leaves_the_other(service: Service) -> None:
    with service.client() as one, service.client() as other:
        for client in (one, other):
            for index in ("a", "b"):
                client.put(index, "x", [1, 0])
        snapshot, kept = one.save("a"), other.save("a")
        one.drop("b")
        one.record("welder", "Welder", "w-1", 1.0)
        assert one.tenant is not None
        folder = service.data / one.tenant
        assert any(folder.rglob("*")), "nothing that could go"
        assert one.forget() == {"dropped": 2}
        assert not [file for file in folder.rglob("*") if file.is_file()]
        refused(one.about("a"), 404, "unknown-index")
        refused(one.reload("a", snapshot), 404, "unknown-snapshot")
        assert one.forget() == {"dropped": 0}
        assert other.about("b").body == {"dimension": 2, "size": 1}
        assert good(other.reload("a", kept)) == {"dimension": 2, "size": 1}
        assert one.put("a", "x", [1, 0, 0]) == ADDED


def test_dropping_a_tenant_takes_its_files(service: Service) -> None:
    with service.client() as client:
        client.put("a", "x", [1, 0])
        client.save("a")
        folder = service.data / str(client.tenant)
        assert any(folder.rglob("*"))
        client.forget()
        assert not [file for file in folder.rglob("*") if file.is_file()]


def test_a_name_that_is_the_beginning_of_another(service: Service) -> None:
    name = fresh()
    with service.client(name) as one, service.client(name + "-a") as other, service.client(name + "0") as third:
        for client in (one, other, third):
            client.put("a", "x", [1, 0])
        assert one.forget() == {"dropped": 1}
        assert other.about("a").body == third.about("a").body == {"dimension": 2, "size": 1}


@pytest.mark.parametrize("name", NAMES)
def test_names(service: Service, name: str) -> None:
    with service.client(name) as client:
        client.forget()
        assert client.put("a", "x", [1, 0]) == ADDED
        assert client.forget() == {"dropped": 1}


@pytest.mark.parametrize("name", BAD)
def test_bad_names(service: Service, name: str) -> None:
    with service.client(None) as client:
        before = {file.name for file in service.data.iterdir()}
        for method, target, body in (
            ("POST", "/vectors/index/a/add", b'{"items":[{"id":"x","vector":[1,0]}]}'),
            ("GET", "/vectors/index/a", None),
            ("DELETE", "/vectors/index/a", None),
            ("DELETE", "/v1/tenant", None),
            ("POST", "/v1/matrix/search", b"{}"),
        ):
            refused(client.call(method, target, body, *by(name)).checked(), 422, f"bad-name {TENANT}")
        assert {file.name for file in service.data.iterdir()} <= before | {"default"}


def test_none_is_default(service: Service) -> None:
    with service.client("default") as named, service.client(None) as nobody:
        named.forget()
        nobody.put("a", "x", [1, 0])
        assert named.about("a").body == {"dimension": 2, "size": 1}
        assert nobody.forget() == {"dropped": 1}
        refused(named.about("a"), 404, "unknown-index")


def test_the_first_header_counts(service: Service) -> None:
    with service.client() as first, service.client() as second:
        assert first.tenant is not None
        assert second.tenant is not None
        body = b'{"items":[{"id":"x","vector":[1,0]}]}'
        target = "/vectors/index/a/add"
        assert good(first.call("POST", target, body, *by(first.tenant, second.tenant)).checked()) == ADDED
        assert first.about("a").status == 200
        refused(second.about("a"), 404, "unknown-index")
        assert first.call("GET", "/vectors/index/a", None, *by(first.tenant, "NO")).checked().status == 200
        refused(first.call("GET", "/vectors/index/a", None, *by("NO", first.tenant)), 422, f"bad-name {TENANT}")
        refused(first.call("GET", "/vectors/index/a", None, *by("", first.tenant)), 422, f"bad-name {TENANT}")


def test_the_headers_name_is_folded_and_white_space_left_out(service: Service) -> None:
    with service.client() as client:
        client.put("a", "x", [1, 0])
        for name, value in (("X-Lakehouse-TENANT", f"{client.tenant}"), (TENANT, f" \t{client.tenant}\t ")):
            assert client.call("GET", "/vectors/index/a", None, (name, value)).checked().status == 200


def test_many_tenants_share_nothing(service: Service) -> None:
    clients = [service.client() for _ in range(30)]
    for at, client in enumerate(clients):
        client.put("a", f"x{at}", [1, at])
    for at, client in enumerate(clients):
        assert ids(client.search("a", k=50, vector=[1, 1])) == [f"x{at}"]
        assert client.forget() == {"dropped": 1}
        client.close()


def test_a_request_is_what_was_meant() -> None:
    assert request("GET", "/a", None, (("a", "b"),)) == b"GET /a HTTP/1.1\r\nhost: localhost\r\na: b\r\n\r\n"
