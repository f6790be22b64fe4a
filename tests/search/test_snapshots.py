"""Snapshots that were cut, changed, extended or replaced: they are refused, and the index stays as it was."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from .client import good, refused
from .content import Model, content, item

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .client import Client
    from .programs import Program, Service

PLACES = 50
SAVED = {f"x{at}": at for at in range(1, 9)}
LATER = SAVED | {"x1": 100, "y": 101}


class Saved:
    """An index that was saved and written to since."""

    def __init__(self, client: Client, data: Path) -> None:
        self.client = client
        client.add("a", [item(name, version) for name, version in SAVED.items()])
        self.name = client.save("a")
        client.add("a", [item("x1", 100), item("y", 101)])
        self.file = data / str(client.tenant) / f"a.{self.name}.snapshot"
        self.data = self.file.read_bytes()

    def refused(self, data: bytes, what: str) -> None:
        """Check that it is refused with other bytes, and that nothing has changed."""
        self.file.write_bytes(data)
        answer = self.client.reload("a", self.name)
        assert (answer.status, answer.reason) == (409, "damaged-snapshot"), what
        assert self.client.about("a").body == {"dimension": 2, "size": len(LATER)}, what

    def unchanged(self) -> None:
        """Check that index and snapshot are what they were."""
        assert content(self.client, "a") == Model(LATER).content()
        self.file.write_bytes(self.data)
        assert good(self.client.reload("a", self.name)) == {"dimension": 2, "size": len(SAVED)}
        assert content(self.client, "a") == Model(SAVED).content()


@pytest.fixture
def saved(service: Service) -> Iterator[Saved]:
    with service.client() as client:
        yield Saved(client, service.data)


def places(length: int) -> list[int]:
    """Return where to damage a file: its ends, and here and there."""
    ends = {0, 1, 2, 3, length - 1, length - 2, length - 3}
    return sorted(ends | set(random.Random(5).sample(range(length), min(length, PLACES - len(ends)))))


def test_cut(saved: Saved) -> None:
    for at in places(len(saved.data)):
        saved.refused(saved.data[:at], f"cut to {at} of {len(saved.data)} bytes")
    saved.unchanged()


@pytest.mark.parametrize("bit", [1, 32, 128])
def test_a_changed_byte(saved: Saved, bit: int) -> None:
    for at in places(len(saved.data)):
        data = saved.data[:at] + bytes([saved.data[at] ^ bit]) + saved.data[at + 1 :]
        saved.refused(data, f"byte {at} of {len(saved.data)} changed by {bit}")
    saved.unchanged()


@pytest.mark.parametrize("more", [b"\n", b" ", b"\x00", b"\x00" * 5000, b"x", b"{}\n"])
def test_extended(saved: Saved, more: bytes) -> None:
    saved.refused(saved.data + more, f"{more[:9]!r} behind it")
    saved.refused(more + saved.data, f"{more[:9]!r} before it")
    saved.refused(saved.data[:40] + more + saved.data[40:], f"{more[:9]!r} in it")
    saved.unchanged()


def test_twice_behind_itself(saved: Saved) -> None:
    saved.refused(saved.data * 2, "twice")
    saved.unchanged()


def test_other_files_in_its_place(saved: Saved) -> None:
    for data in (b"", b"\n", b"{}", b"null", b"\x00" * len(saved.data), b"x" * 100_000):
        saved.refused(data, repr(data[:9]))
    journal = saved.file.with_name("a.journal").read_bytes()
    if journal != saved.data:
        saved.file.write_bytes(journal)
        assert saved.client.reload("a", saved.name).status in {200, 409}  # of the runtime's own form, as it may be
    saved.file.write_bytes(saved.data)


def test_a_folder_in_its_place(saved: Saved) -> None:
    saved.file.unlink()
    saved.file.mkdir()
    refused(saved.client.reload("a", saved.name), 409, "damaged-snapshot")
    saved.file.rmdir()
    saved.unchanged()


def test_gone(saved: Saved) -> None:
    saved.file.unlink()
    refused(saved.client.reload("a", saved.name), 404, "unknown-snapshot")
    saved.unchanged()


def test_damaged_when_the_index_is_not_there(saved: Saved) -> None:
    saved.client.drop("a")
    saved.file.write_bytes(saved.data[:-5])
    refused(saved.client.reload("a", saved.name), 409, "damaged-snapshot")
    refused(saved.client.about("a"), 404, "unknown-index")
    saved.file.write_bytes(saved.data)
    assert good(saved.client.reload("a", saved.name)) == {"dimension": 2, "size": len(SAVED)}


def test_damage_is_no_matter_at_the_start(program: Program, tmp_path: Path) -> None:
    with program.start(tmp_path) as service, service.client("t") as client:
        saved = Saved(client, tmp_path)
        service.kill()
    saved.file.write_bytes(saved.data[:-5])
    with program.start(tmp_path) as service, service.client("t") as client:
        refused(client.reload("a", saved.name), 409, "damaged-snapshot")
        assert content(client, "a") == Model(LATER).content()


def test_names_are_of_their_form_and_new(client: Client) -> None:
    client.put("a", "x", [1, 0])
    names = [client.save("a") for _ in range(50)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("s-[0-9a-f]{16}", name) for name in names)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "s-",
        "..",
        "s-0000000000000000",
        "S-0000000000000000",
        "x" * 5000,
        "s-000000000000000\u0000",
        "a/b",
        "*",
        "\u00e9",
    ],
)
def test_names_that_nobody_gave(client: Client, name: str) -> None:
    client.put("a", "x", [1, 0])
    client.save("a")
    refused(client.reload("a", name), 404, "unknown-snapshot")
