"""What was acknowledged is there after any end, what was refused is not, what was under way as a whole or not."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.attacks.test_writers import in_parallel, wait

from .client import ids, refused
from .content import Content, Model, Step, content, item, step
from .wire import NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .programs import Program, Service

ROUNDS = 4
WRITERS = ("a", "b", "c")


class Ends(Protocol):
    """A way to end a service."""

    def __call__(self, service: Service) -> object:
        """End it."""


def kill(service: Service) -> object:
    """End a service by SIGKILL."""
    service.kill()
    return service


def terminate(service: Service) -> object:
    """End a service by SIGTERM."""
    code = service.end()
    assert code == 0
    return code


class Writer:
    """Who writes to an index of its own until the service is gone."""

    def __init__(self, index: str, seed: int) -> None:
        self.index, self.model, self.draw = index, Model(), random.Random(seed)
        self.under_way: Step | None = None
        self.acknowledged = 0

    def work(self, service: Service) -> None:
        """Write; what is not answered is under way at the end."""
        with service.client("t") as client:
            while True:
                self.under_way = step(self.draw, self.model, self.index, self.acknowledged % 900 + 1)
                try:
                    answer = self.under_way.send(client)
                except NoAnswerError:
                    return
                self.under_way.take(self.model, answer)
                self.under_way = None
                self.acknowledged += 1

    def check(self, service: Service) -> None:
        """Check what the index holds, and go on from there."""
        allowed = [self.model.content()] if self.under_way is None else self.under_way.within(self.model)
        with service.client("t") as client:
            found = content(client, self.index)
            assert found in allowed, (self.index, self.under_way, differences(found, allowed[0]))
            for name in self.model.snapshots:
                assert name.startswith("s-")
        self.model.held = None if found is None else {name: seen[1]["version"] for name, seen in found.items()}


def differences(found: Content | None, wanted: Content | None) -> object:
    """Return what is there and should not be, and the other way round."""
    if found is None or wanted is None:
        return found, wanted
    return {n: (found.get(n), wanted.get(n)) for n in found.keys() | wanted.keys() if found.get(n) != wanted.get(n)}


@pytest.mark.parametrize("end", [kill, terminate])
def test_a_stream_of_writes(program: Program, end: Ends, tmp_path: Path) -> None:
    draw = random.Random(20260430)
    writers = [Writer(index, draw.randrange(1 << 30)) for index in WRITERS]
    service = program.start(tmp_path)
    for _ in range(ROUNDS):
        before = sum(writer.acknowledged for writer in writers)
        until = before + draw.randrange(30, 250)
        threads: list[Callable[[], None]] = [lambda w=writer, s=service: w.work(s) for writer in writers]  # type: ignore[misc]

        def ends(running: Service = service, wanted: int = until) -> None:
            try:
                wait(lambda: sum(writer.acknowledged for writer in writers) >= wanted, 60.0)
            finally:
                end(running)
                running.kill()

        in_parallel([*threads, ends])
        service = program.start(tmp_path)
        with service:
            for writer in writers:
                writer.check(service)
            service.kill()
        service = program.start(tmp_path)
        for writer in writers:
            writer.check(service)  # a second start finds the same
            writer.under_way = None
    service.kill()
    assert all(writer.acknowledged > ROUNDS for writer in writers)


def test_snapshots_last(program: Program, tmp_path: Path) -> None:
    with program.start(tmp_path) as service, service.client("t") as client:
        client.add("a", [item("x", 1), item("y", 2)])
        first = client.save("a")
        client.add("a", [item("y", 3), item("z", 4)])
        second = client.save("a")
        client.drop("a")
    with program.start(tmp_path) as service, service.client("t") as client:
        refused(client.about("a"), 404, "unknown-index")
        for name, held in ((first, {"x": 1, "y": 2}), (second, {"x": 1, "y": 3, "z": 4}), (first, {"x": 1, "y": 2})):
            assert client.reload("a", name).body == {"dimension": 2, "size": len(held)}
            assert content(client, "a") == Model(held).content()
    with program.start(tmp_path) as service, service.client("t") as client:
        assert content(client, "a") == Model({"x": 1, "y": 2}).content()


def test_a_dimension_lasts(program: Program, tmp_path: Path) -> None:
    """Of an index that is empty, of one that was dropped, and of one whose reload brought another one."""
    with program.start(tmp_path) as service, service.client("t") as client:
        for index in ("empty", "dropped", "reloaded"):
            client.put(index, "x", [1, 0, 0])
        client.delete("empty", "x")
        snapshot = client.save("reloaded")
        client.drop("dropped")
        client.drop("reloaded")
        client.put("reloaded", "x", [1, 0])
        client.reload("reloaded", snapshot)
    with program.start(tmp_path) as service, service.client("t") as client:
        assert client.about("empty").body == {"dimension": 3, "size": 0}
        assert client.about("reloaded").body == {"dimension": 3, "size": 1}
        refused(client.about("dropped"), 404, "unknown-index")
        refused(client.post("/vectors/index/empty/search", {"k": 1, "vector": [1]}), 409, "wrong-dimension")
        client.put("dropped", "x", [1])


def test_a_tenant_that_was_dropped_stays_away(program: Program, tmp_path: Path) -> None:
    with program.start(tmp_path) as service, service.client("t") as client, service.client("u") as other:
        for one in (client, other):
            one.put("a", "x", [1, 0])
        snapshot = client.save("a")
        assert client.forget() == {"dropped": 1}
    with program.start(tmp_path) as service, service.client("t") as client, service.client("u") as other:
        refused(client.about("a"), 404, "unknown-index")
        refused(client.reload("a", snapshot), 404, "unknown-snapshot")
        assert other.about("a").body == {"dimension": 2, "size": 1}


def test_recordings_last(program: Program, tmp_path: Path) -> None:
    with program.start(tmp_path) as service, service.client("t") as client:
        client.add("workers", [{"id": "w-1", "text": "welder aurora"}, {"id": "w-2", "text": "welder joliet"}])
        for score in (0.1, 0.75):
            client.record("welder joliet", "Welder", "w-2", score)
        before = client.matrix("welder joliet", "welder", 2, use_playbook=True)
    with program.start(tmp_path) as service, service.client("t") as client:
        assert client.matrix("welder joliet", "welder", 2, use_playbook=True) == before
        assert client.record("welder joliet", "Welder", "w-2", 0.75)["updated"] is True
        assert (before["boosted"], ids(before)[0]) == (1, "w-2")


def test_numbers_and_texts_come_back_as_they_were(program: Program, tmp_path: Path) -> None:
    metadata = {
        "a": 0.1,
        "b": 1e-300,
        "c": 9007199254740991,
        "d": "\u2028\u0000\U0001f600",
        "e": -1.5e300,
        "\u00e9": "e\u0301",
        "": 5e-324,
    }
    draw = random.Random(7)
    items = [
        {"id": f"x{at}\n{chr(0x1F600 + at)}", "metadata": metadata, "vector": [draw.gauss(0, 1) for _ in range(33)]}
        for at in range(50)
    ]
    query = [draw.gauss(0, 1) for _ in range(33)]
    with program.start(tmp_path) as service, service.client("t") as client:
        client.add("a", items)
        before = client.search("a", k=50, vector=query)
        assert before["hits"][0]["metadata"] == metadata
    with program.start(tmp_path) as service, service.client("t") as client:
        assert client.search("a", k=50, vector=query) == before


def test_the_last_acknowledged_write_alone(program: Program, tmp_path: Path) -> None:
    """Killed straight behind an answer, many times: no time for what writes later."""
    for version in range(1, 9):
        with program.start(tmp_path) as service, service.client("t") as client:
            assert content(client, "a") == Model({"x": version - 1} if version > 1 else None).content()
            client.add("a", [item("x", version)])
