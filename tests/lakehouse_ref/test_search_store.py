"""What lasts: journals and snapshots below a directory."""

from __future__ import annotations

import json
import os
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from lakehouse_ref.services.storage import indexes
from lakehouse_ref.services.storage.indexes import LocalStore
from lakehouse_ref.services.storage.journals import UnusableError
from tests.lakehouse_ref.sequences import SNAPSHOT, Matrixd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADD = 'POST /vectors/index/i/add {"items":[{"id":"%s","vector":[%s]}]}'
SIZE = "GET /vectors/index/i"


@pytest.fixture
def matrixd(tmp_path: Path) -> Iterator[Matrixd]:
    with Matrixd(tmp_path / "data") as asked:
        yield asked


def size(matrixd: Matrixd, tenant: str = "t") -> int | None:
    """Return how many ids an index has, or None where there is none."""
    status, body = matrixd.ask(SIZE, tenant=tenant)
    return int(json.loads(body)["size"]) if status == 200 else None


def put(matrixd: Matrixd, *ids: str, vector: str = "1,0") -> None:
    for id_ in ids:
        assert matrixd.ask(ADD % (id_, vector)).status == 200


def saved(matrixd: Matrixd) -> str:
    found = SNAPSHOT.search(matrixd.ask("POST /vectors/index/i/save {}").body)
    assert found is not None
    return found[1].decode()


def reload(matrixd: Matrixd, snapshot: str, index: str = "i") -> tuple[int, bytes]:
    return matrixd.ask(f'POST /vectors/index/{index}/reload {{"snapshot":"{snapshot}"}}')


def journal(matrixd: Matrixd) -> Path:
    return matrixd.data / "t" / "i.journal"


def test_what_was_acknowledged_is_there_again(matrixd: Matrixd) -> None:
    put(matrixd, "a", "b", "c")
    matrixd.ask('POST /vectors/index/i/delete {"id":"b"}')
    find = 'POST /vectors/index/i/search {"vector":[1,2],"k":9}'
    before = matrixd.ask(find)
    matrixd.again()
    assert matrixd.ask(find) == before
    assert size(matrixd) == 2


def test_what_was_refused_is_not(matrixd: Matrixd) -> None:
    put(matrixd, "a")
    kept = journal(matrixd).read_bytes()
    assert matrixd.ask(ADD % ("b", "1")).status == 409
    assert matrixd.ask('POST /vectors/index/i/delete {"id":"b"}').status == 404
    assert matrixd.ask('POST /vectors/index/j/add {"items":[]}').status == 422
    assert journal(matrixd).read_bytes() == kept
    assert [file.name for file in journal(matrixd).parent.iterdir()] == ["i.journal"]


def test_a_dimension_outlives_the_last_id_and_a_restart(matrixd: Matrixd) -> None:
    put(matrixd, "a")
    matrixd.ask('POST /vectors/index/i/delete {"id":"a"}')
    matrixd.again()
    assert matrixd.ask(SIZE).body == b'{"dimension":2,"size":0}'
    assert matrixd.ask(ADD % ("a", "1,2,3")).status == 409


def test_a_dropped_index_is_gone_and_may_have_another_dimension(matrixd: Matrixd) -> None:
    put(matrixd, "a", "b")
    matrixd.ask("DELETE /vectors/index/i")
    matrixd.again()
    assert size(matrixd) is None
    put(matrixd, "a", vector="1,2,3")
    matrixd.again()
    assert matrixd.ask(SIZE).body == b'{"dimension":3,"size":1}'


def test_what_was_torn_is_cut_off_wherever_it_is_torn(matrixd: Matrixd) -> None:
    put(matrixd, "a")
    first = len(journal(matrixd).read_bytes())
    put(matrixd, "b")
    data = journal(matrixd).read_bytes()
    for end in range(len(data)):
        journal(matrixd).write_bytes(data[:end])
        matrixd.again()
        assert size(matrixd) == (1 if end >= first else None), end
        assert journal(matrixd).exists() is (end >= first)
        put(matrixd, "c")
        matrixd.again()
        assert size(matrixd) == (2 if end >= first else 1), end


def test_a_journal_that_is_damaged_is_named(matrixd: Matrixd) -> None:
    put(matrixd, "a", "b")
    data = bytearray(journal(matrixd).read_bytes())
    data[len(data) // 3] ^= 1
    journal(matrixd).write_bytes(data)
    matrixd.close()
    with pytest.raises(UnusableError, match=str(journal(matrixd))):
        matrixd.open()
    journal(matrixd).unlink()
    matrixd.open()


def test_a_journal_that_cannot_be_read_is_named(matrixd: Matrixd) -> None:
    put(matrixd, "a")
    journal(matrixd).unlink()
    journal(matrixd).mkdir()
    matrixd.close()
    with pytest.raises(UnusableError, match=str(journal(matrixd))):
        matrixd.open()
    journal(matrixd).rmdir()
    matrixd.open()


def test_other_files_are_left_alone(matrixd: Matrixd) -> None:
    put(matrixd, "a")
    strange = [matrixd.data / "notes", matrixd.data / "t" / "notes.txt", matrixd.data / "t" / "A.journal"]
    for file in strange:
        file.write_bytes(b"mine")
    (matrixd.data / "t" / "i.journal.new").write_bytes(b"half")
    matrixd.again()
    assert all(file.read_bytes() == b"mine" for file in strange)
    assert not (matrixd.data / "t" / "i.journal.new").exists()
    assert size(matrixd) == 1


def test_a_snapshot_is_a_copy_that_stays(matrixd: Matrixd) -> None:
    put(matrixd, "a", "b")
    snapshot = saved(matrixd)
    put(matrixd, "c")
    matrixd.ask("DELETE /vectors/index/i")
    put(matrixd, "x", vector="1,2,3")
    for _ in range(2):
        assert reload(matrixd, snapshot) == (200, b'{"dimension":2,"size":2}')
        matrixd.again()
        assert size(matrixd) == 2
        put(matrixd, "d")
    assert saved(matrixd) != snapshot


def test_a_snapshot_is_known_to_its_own_index_and_tenant(matrixd: Matrixd) -> None:
    put(matrixd, "a")
    snapshot = saved(matrixd)
    unknown = (404, b'{"State":{"reason":"unknown-snapshot"}}')
    assert reload(matrixd, snapshot, "j") == unknown
    assert reload(matrixd, snapshot.upper()) == unknown
    body = f'POST /vectors/index/i/reload {{"snapshot":"{snapshot}"}}'
    assert matrixd.ask(body, tenant="other") == unknown


def test_a_snapshot_of_nothing(matrixd: Matrixd) -> None:
    put(matrixd, "a")
    matrixd.ask('POST /vectors/index/i/delete {"id":"a"}')
    snapshot = saved(matrixd)
    matrixd.ask("DELETE /vectors/index/i")
    assert reload(matrixd, snapshot) == (200, b'{"dimension":2,"size":0}')
    matrixd.again()
    assert size(matrixd) == 0


def test_a_damaged_snapshot_changes_nothing(matrixd: Matrixd) -> None:
    put(matrixd, "a")
    snapshot = saved(matrixd)
    put(matrixd, "b")
    file = matrixd.data / "t" / f"i.{snapshot}.snapshot"
    data = file.read_bytes()
    for changed in (data[:-1], data + b"\0", b"", data[:9] + b"\0" + data[10:], data + data):
        file.write_bytes(changed)
        assert reload(matrixd, snapshot) == (409, b'{"State":{"reason":"damaged-snapshot"}}')
        assert size(matrixd) == 2
    file.write_bytes(data)
    assert reload(matrixd, snapshot)[0] == 200


def test_a_tenant_is_forgotten_with_its_files(matrixd: Matrixd) -> None:
    put(matrixd, "a")
    saved(matrixd)
    matrixd.ask('POST /vectors/index/j/add {"items":[{"id":"a","vector":[1]}]}')
    matrixd.ask(ADD % ("a", "1"), tenant="other")
    assert matrixd.ask("DELETE /v1/tenant").body == b'{"dropped":2}'
    assert matrixd.ask("DELETE /v1/tenant").body == b'{"dropped":0}'
    assert [folder.name for folder in matrixd.data.iterdir()] == ["other"]
    assert (size(matrixd), size(matrixd, "other")) == (None, 1)


def test_a_journal_is_written_anew_when_little_of_it_counts(matrixd: Matrixd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "MOST_STALE", 20)
    put(matrixd, "a", "b", "c")
    sizes = []
    for turn in range(100):
        put(matrixd, "a", vector=f"1,{turn}")
        sizes.append(len(journal(matrixd).read_bytes()))
    assert max(sizes) < 40 * len(journal(matrixd).read_bytes()) / 3
    assert sum(after < before for before, after in pairwise(sizes)) == 4
    find = 'POST /vectors/index/i/search {"vector":[1,99],"k":3}'
    before = matrixd.ask(find)
    matrixd.again()
    assert matrixd.ask(find) == before


def test_a_write_that_fails_leaves_nothing(matrixd: Matrixd, monkeypatch: pytest.MonkeyPatch) -> None:
    put(matrixd, "a")
    kept, write = journal(matrixd).read_bytes(), os.write
    room = [10]

    def full(descriptor: int, data: memoryview) -> int:
        if not room:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[: room.pop()])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        matrixd.ask(ADD % ("b", "1,0"))
    monkeypatch.undo()
    assert journal(matrixd).read_bytes() == kept
    assert size(matrixd) == 1
    put(matrixd, "c")
    matrixd.again()
    assert size(matrixd) == 2


def test_a_directory_has_one_process(matrixd: Matrixd) -> None:
    with pytest.raises(UnusableError, match="used by another process"):
        LocalStore(matrixd.data, approximate=True)


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for data in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UnusableError, match=str(data)):
            LocalStore(data, approximate=True)
