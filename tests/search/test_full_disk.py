"""A write that cannot be written is not acknowledged, changes nothing, and spoils nothing that follows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psutil

from .client import JSON_TYPE
from .content import Model, content, item
from .wire import NoAnswerError

if TYPE_CHECKING:
    from pathlib import Path

    from .client import Client
    from .programs import Program, Service
    from .wire import Json

LIMIT = 20_000
PLENTY = 1 << 40
LARGE = {"pad": "x" * 250, "more": "y" * 250}


def acknowledged(client: Client, target: str, body: Json) -> bool:
    """Tell whether a write was; otherwise it was answered with a failure, or not at all."""
    data = json.dumps(body).encode()
    try:
        answer = client.call("POST", target, data, JSON_TYPE, ("x-lakehouse-tenant", str(client.tenant)))
    except NoAnswerError:
        return False
    assert answer.status == 200 or answer.status >= 500, answer
    return answer.status == 200


def filled(client: Client) -> dict[str, int]:
    """Write until something cannot be written; return what was acknowledged."""
    held: dict[str, int] = {}
    for version in range(1, 200):
        body = {"items": [item(f"x{version}", version)]}
        body["items"][0]["metadata"] |= LARGE
        if not acknowledged(client, "/vectors/index/a/add", body):
            return held
        held[f"x{version}"] = version
    raise AssertionError("files may grow without an end")


def check(client: Client, index: str, held: dict[str, int]) -> None:
    """Check what an index holds."""
    found = content(client, index)
    assert found is not None
    bare = {name: (distance, {"version": metadata["version"]}) for name, (distance, metadata) in found.items()}
    assert bare == Model(held).content()


def limited(program: Program, data: Path) -> Service:
    """Start a service whose files cannot grow beyond the limit."""
    service = program.start(data, options=["--fsize", str(PLENTY)])
    limit(service, LIMIT)
    return service


def limit(service: Service, most: int) -> None:
    """Let a service's files grow so far: a disk that fills up, or of which something is taken away."""
    psutil.Process(service.process.pid).rlimit(psutil.RLIMIT_FSIZE, (most, PLENTY))


def test_a_journal_that_cannot_grow(program: Program, tmp_path: Path) -> None:
    with limited(program, tmp_path) as service, service.client("t") as client:
        held = filled(client)
        assert len(held) > 3
        check(client, "a", held)
        # What is small may still fit. If it is acknowledged it is there, and never behind half of a record.
        for version in range(300, 400):
            if acknowledged(client, "/vectors/index/a/add", {"items": [item("s", version)]}):
                held["s"] = version
        if acknowledged(client, "/vectors/index/a/delete", {"id": "x1"}):
            del held["x1"]
        check(client, "a", held)
        service.kill()
    for _ in range(2):
        with program.start(tmp_path) as service, service.client("t") as client:
            check(client, "a", held)
            client.add("a", [item("later", 9)])
            held["later"] = 9


def test_room_again(program: Program, tmp_path: Path) -> None:
    """What was half written when there was none does not stand before what is written then."""
    with limited(program, tmp_path) as service, service.client("t") as client:
        held = filled(client)
        limit(service, PLENTY)
        for version in range(400, 410):
            if acknowledged(client, "/vectors/index/a/add", {"items": [item(f"y{version}", version)]}):
                held[f"y{version}"] = version
        check(client, "a", held)
        service.kill()
    with program.start(tmp_path) as service, service.client("t") as client:
        check(client, "a", held)
        client.add("a", [item("later", 9)])


def test_others_go_on(program: Program, tmp_path: Path) -> None:
    with limited(program, tmp_path) as service, service.client("t") as client, service.client("u") as other:
        held = filled(client)
        other.add("a", [item("x", 1)])
        client.add("b", [item("x", 1)])
        assert service.health().status == 200
        check(client, "a", held)
    with program.start(tmp_path) as service, service.client("t") as client, service.client("u") as other:
        check(client, "a", held)
        check(client, "b", {"x": 1})
        check(other, "a", {"x": 1})


def test_a_snapshot_that_cannot_be_written(program: Program, tmp_path: Path) -> None:
    """The index fits into several records of its journal's file at first, and then its copy has no room."""
    with program.start(tmp_path) as service, service.client("t") as client:
        large = [item(f"x{at}", at) | {"metadata": {"version": at} | LARGE} for at in range(1, 200)]
        client.add("a", large)
    with limited(program, tmp_path) as service, service.client("t") as client:
        before = client.about("a").body
        assert not acknowledged(client, "/vectors/index/a/save", {})
        assert client.about("a").body == before
        assert service.health().status == 200
    with program.start(tmp_path) as service, service.client("t") as client:
        for file in (tmp_path / "t").glob("a.s-*.snapshot"):
            answer = client.reload("a", file.name.split(".")[1])
            assert answer.status in {404, 409}, "half of a snapshot"
        assert client.about("a").body == before
        assert client.reload("a", client.save("a")).status == 200


def test_a_folder_that_may_not_be_written(program: Program, tmp_path: Path) -> None:
    with program.start(tmp_path, options=["--bits"]) as service, service.client("t") as client:
        client.add("a", [item("x", 1)])
        snapshot = client.save("a")
        (tmp_path / "t").chmod(0o555)
        assert not acknowledged(client, "/vectors/index/b/add", {"items": [item("x", 1)]})
        assert client.about("b").status == 404
        assert not acknowledged(client, "/vectors/index/a/save", {})
        check(client, "a", {"x": 1})
        (tmp_path / "t").chmod(0o755)
        client.add("b", [item("x", 2)])
        assert client.reload("a", snapshot).status == 200
        assert client.reload("a", client.save("a")).status == 200
    with program.start(tmp_path) as service, service.client("t") as client:
        check(client, "a", {"x": 1})
        check(client, "b", {"x": 2})


def test_a_tenant_that_cannot_be_made(program: Program, tmp_path: Path) -> None:
    with program.start(tmp_path / "d", options=["--bits"]) as service, service.client("t") as client:
        (tmp_path / "d").chmod(0o555)
        assert not acknowledged(client, "/vectors/index/a/add", {"items": [item("x", 1)]})
        assert client.about("a").status == 404
        (tmp_path / "d").chmod(0o755)
        client.add("a", [item("x", 2)])
        service.kill()
    with program.start(tmp_path / "d") as service, service.client("t") as client:
        check(client, "a", {"x": 2})
