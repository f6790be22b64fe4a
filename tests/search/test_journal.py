"""Journals that were cut, changed, or grew: what was acknowledged is there, or the service says what is damaged."""

from __future__ import annotations

import random
import shutil
import threading
from typing import TYPE_CHECKING

import pytest

from .client import refused
from .content import Model, content, item
from .test_command import NO_DATA, sentence
from .wire import NoAnswerError

if TYPE_CHECKING:
    from pathlib import Path

    from .client import Client
    from .content import Content
    from .programs import Program, Service

EARLIER = {"x": 1, "y": 2}
LAST = {"delete": {"y": 2}, "add": {"x": 1, "y": 2, "z": 3}, "update": {"x": 7, "y": 2}, "drop": None}
MOST = 400
"""Cuts; a record of a few dozen bytes has fewer."""


def write_earlier(client: Client, index: str) -> None:
    """Write two records."""
    client.add(index, [item("x", 1)])
    client.add(index, [item("y", 2)])


def write_last(client: Client, index: str, kind: str) -> None:
    """Write one more."""
    match kind:
        case "delete":
            client.delete(index, "x")
        case "add":
            client.add(index, [item("z", 3)])
        case "update":
            client.add(index, [item("x", 7)])
        case "drop":
            client.drop(index)


def five_records(program: Program, folder: Path) -> list[Path]:
    """Return copies of the journal of an index: behind each of five records."""
    copies = []
    with program.start(folder / "grown") as service, service.client("t") as client:
        for version in range(1, 6):
            client.add("a", [item("x", version), item(f"y{version}", version)])
            copies.append(folder / f"{version}.journal")
            shutil.copy(service.data / "t" / "a.journal", copies[-1])
    return copies


@pytest.fixture
def grown(program: Program, tmp_path: Path) -> list[Path]:
    return five_records(program, tmp_path)


def held(records: int) -> Content | None:
    """Return what has to be seen behind so many of them."""
    return Model({"x": records} | {f"y{at}": at for at in range(1, records + 1)} if records else None).content()


def laid(tmp_path: Path, name: str, data: bytes) -> Path:
    """Return a data directory that holds just this journal."""
    folder = tmp_path / name
    (folder / "t").mkdir(parents=True)
    (folder / "t" / "a.journal").write_bytes(data)
    return folder


@pytest.mark.parametrize("kind", LAST)
def test_the_last_record_cut_at_every_byte(program: Program, kind: str, tmp_path: Path) -> None:
    """An index for each cut, all written alike, so that one start tells of all of them."""
    with program.start(tmp_path) as service, service.client("t") as client:
        write_earlier(client, "probe")
        file = tmp_path / "t" / "probe.journal"
        before = len(file.read_bytes())
        write_last(client, "probe", kind)
        after = len(file.read_bytes()) if file.exists() else 0
        if after <= before:
            assert kind == "drop", "nothing was written"
            return  # a runtime that takes the file away has no record to cut
        cuts = range(before, after) if after - before <= MOST else random.Random(1).sample(range(before, after), MOST)
        for cut in cuts:
            write_earlier(client, f"cut-{cut}")
            write_last(client, f"cut-{cut}", kind)
    for cut in cuts:
        file = tmp_path / "t" / f"cut-{cut}.journal"
        # Names of one length; where a record holds the name, its beginning has moved by the difference.
        moved = len(file.read_bytes()) - after
        file.write_bytes(file.read_bytes()[: max(cut + moved, moved)])
    with program.start(tmp_path) as service, service.client("t") as client:
        for cut in cuts:
            allowed = [Model(EARLIER).content(), *([Model(LAST[kind]).content()] if cut >= after - 1 else [])]
            assert content(client, f"cut-{cut}") in allowed, f"cut {after - cut} bytes before the end"
            write_last(client, f"cut-{cut}", "add")
        service.kill()
    with program.start(tmp_path) as service, service.client("t") as client:
        for cut in cuts:
            found = content(client, f"cut-{cut}")
            assert found is not None
            assert found["z"] == (Model({"z": 3}).content() or {})["z"], "written behind a torn end, and lost"


def test_cut_anywhere(program: Program, grown: list[Path], tmp_path: Path) -> None:
    """The whole records before a cut are there; a cut is no damage, wherever it is."""
    data, sizes = grown[-1].read_bytes(), [0, *(len(copy.read_bytes()) for copy in grown)]
    assert sizes == sorted(set(sizes))
    folder = tmp_path / "cut"
    cuts = sorted({*sizes, *random.Random(2).sample(range(len(data)), min(60, len(data)))})
    for cut in cuts:
        tenant = folder / f"c{cut}"
        tenant.mkdir(parents=True)
        (tenant / "a.journal").write_bytes(data[:cut])
    with program.start(folder) as service:
        for cut in cuts:
            whole = sum(size <= cut for size in sizes) - 1
            with service.client(f"c{cut}") as client:
                allowed = [
                    held(whole),
                    *([held(whole + 1)] if cut + 1 in sizes else []),
                ]  # its line's end alone is missing
                assert content(client, "a") in allowed, f"cut to {cut} of {len(data)} bytes"


def test_damage_before_the_end(program: Program, grown: list[Path], tmp_path: Path) -> None:
    """Bytes that are changed, taken out or put in before the last record: it does not start, and names the file."""
    draw, data, last = random.Random(3), grown[-1].read_bytes(), len(grown[-2].read_bytes())
    first = len(grown[0].read_bytes())
    places = [0, 1, 2, 3, 4, 8, first - 2, first, first + 1, last - 2, *draw.sample(range(last - 1), 6)]
    for number, at in enumerate(places):
        match number % 3:
            case 0:
                changed = data[:at] + bytes([data[at] ^ 1 << draw.randrange(7)]) + data[at + 1 :]
            case 1:
                changed = data[:at] + data[at + draw.randint(1, 5) :]
            case _:
                changed = data[:at] + draw.randbytes(3) + data[at:]
        folder = laid(tmp_path, f"damaged-{number}", changed)
        code, said = program.refusal(folder)
        assert code == NO_DATA, (f"{number % 3} at byte {at} of {len(data)}, records end at {first}...{last}", said)
        sentence(said, str(folder / "t" / "a.journal"))
        assert (folder / "t" / "a.journal").read_bytes() == changed, "what is damaged was changed"


def test_a_changed_byte_in_the_last_record(program: Program, grown: list[Path], tmp_path: Path) -> None:
    """It is dropped as torn, or told as damage; nothing else comes of it."""
    draw, data, last = random.Random(4), grown[-1].read_bytes(), len(grown[-2].read_bytes())
    for number, at in enumerate(
        [last, last + 1, len(data) - 1, len(data) - 2, *draw.sample(range(last, len(data)), 6)]
    ):
        changed = data[:at] + bytes([data[at] ^ 1 << draw.randrange(7)]) + data[at + 1 :]
        folder = laid(tmp_path, f"last-{number}", changed)
        code, said = program.refusal(folder)
        if code:
            assert code == NO_DATA
            sentence(said, str(folder / "t" / "a.journal"))
            continue
        with program.start(folder) as service, service.client("t") as client:
            found = content(client, "a")
            assert found == held(4) or (at == len(data) - 1 and found == held(5)), f"byte {at} of {len(data)}"


@pytest.mark.parametrize("tail", [b"\n", b"\x00", b"\x00" * 4096, b"{", b"garbage", b"\xff" * 64, b" "])
def test_garbage_behind_the_last_record(program: Program, grown: list[Path], tail: bytes, tmp_path: Path) -> None:
    """What stands behind the last whole record was never acknowledged: it is dropped."""
    folder = laid(tmp_path, "tail", grown[-1].read_bytes() + tail)
    for _ in range(2):
        with program.start(folder) as service, service.client("t") as client:
            found = content(client, "a")
            assert found is not None
            assert (found | (held(5) or {})) == found
            client.add("a", [item("z", 9)])
            service.kill()


def test_a_folder_in_a_journals_place(program: Program, tmp_path: Path) -> None:
    (tmp_path / "d" / "t" / "a.journal").mkdir(parents=True)
    code, said = program.refusal(tmp_path / "d")
    assert code == NO_DATA
    sentence(said, "a.journal")


ITEMS, COMPONENTS = 20, 256
BATCHES = 500
LIVE = ITEMS * COMPONENTS * 4
"""Bytes of a batch at least: a runtime may write more than 4 for a component."""


def batch(version: int) -> list[dict[str, object]]:
    """Return a batch of updates, of long vectors of a direction for each version."""
    vector = [1.0] * COMPONENTS
    vector[version % COMPONENTS] = 50.0
    return [{"id": f"x{at}", "metadata": {"version": version}, "vector": vector} for at in range(ITEMS)]


def size(folder: Path) -> int:
    """Return how many bytes a folder's files have; files that go meanwhile have none."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size
        except FileNotFoundError:
            continue
    return total


def test_updates_do_not_grow_the_data(program: Program, tmp_path: Path) -> None:
    bounded(program, tmp_path, BATCHES)


def bounded(program: Program, folder: Path, batches: int) -> None:
    """Update twenty ids so many times, and check that far less is kept than was written."""
    largest = 0
    with program.start(folder) as service, service.client("t") as client:
        for version in range(batches):
            client.add("a", batch(version))
            if version % 10 == 0:
                largest = max(largest, size(folder))
        service.kill()
    assert largest > LIVE
    assert largest < batches * LIVE // 2, f"{largest} bytes of data for {LIVE} bytes of vectors"
    with program.start(folder) as service, service.client("t") as client:
        versions(client, batches - 1)


def versions(client: Client, *allowed: int) -> int:
    """Check that all items are of one version, of those that are allowed, and their vectors too; return it."""
    told = client.search("a", k=ITEMS + 1, vector=[1.0] * COMPONENTS)
    found = {hit["metadata"]["version"] for hit in told["hits"]}
    assert len(found) == 1
    assert found <= set(allowed)
    assert len(told["hits"]) == ITEMS
    version = int(found.pop())
    query = [0.0] * COMPONENTS
    query[version % COMPONENTS] = 1.0
    assert client.search("a", k=1, vector=query)["hits"][0]["distance"] < 0.1
    return version


def rewritten(file: Path, before: int, over: threading.Event) -> None:
    """Return as soon as a file is another one than before, or has company, or time is over."""
    names = {one.name for one in file.parent.iterdir()}
    while not over.is_set():
        try:
            if file.stat().st_ino != before or {one.name for one in file.parent.iterdir()} != names:
                return
        except FileNotFoundError:
            return


def test_killed_while_it_rewrites(program: Program, tmp_path: Path) -> None:
    """Killed at the moment when a journal is rewritten, as far as that can be seen from outside."""
    version, rounds = 0, 4
    for _ in range(rounds):
        with program.start(tmp_path) as service, service.client("t") as client:
            if version:
                version = versions(client, version, version + 1)
            version += 1
            client.add("a", batch(version))
            file = tmp_path / "t" / "a.journal"
            over = threading.Event()
            watcher = threading.Thread(target=watch, args=(service, file, file.stat().st_ino, over))
            watcher.start()
            try:
                for _ in range(BATCHES):
                    client.add("a", batch(version + 1))
                    version += 1
            except NoAnswerError:
                pass
            finally:
                over.set()
                watcher.join()
    with program.start(tmp_path) as service, service.client("t") as client:
        versions(client, version, version + 1)
        client.add("a", batch(0))
        service.end()
    assert size(tmp_path) < BATCHES * LIVE // 2


def watch(service: Service, file: Path, before: int, over: threading.Event) -> None:
    """Kill a service at the moment when its journal is rewritten."""
    rewritten(file, before, over)
    service.kill()


def test_tenants_of_data_that_was_damaged_elsewhere(program: Program, grown: list[Path], tmp_path: Path) -> None:
    """An empty journal is one whose first record was torn."""
    folder = laid(tmp_path, "empty", b"")
    with program.start(folder) as service, service.client("t") as client:
        refused(client.about("a"), 404, "unknown-index")
        client.add("a", [item("x", 1)])
    assert grown[0].stat().st_size > 0
