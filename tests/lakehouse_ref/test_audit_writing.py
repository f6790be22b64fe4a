"""Writing files when the system fails in the middle: nothing half-written stays."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from typing import TYPE_CHECKING, NoReturn

import pytest

from lakehouse_ref.services.storage import files
from tests.lakehouse_ref.chains import (
    LOG,
    MANIFEST,
    SUBJECT,
    TS,
    append,
    audit,
    canonical,
    contents,
    error,
    furnish,
    log,
    put,
)

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = {"at": TS, "commit": "unknown", "metrics": {"a": 1}}


def failing(*_: object, **__: object) -> NoReturn:
    raise OSError(errno.EIO, "the disk is broken")


def unwritten(name: str) -> dict[str, object]:
    return error("unwritten", "write-failed", name)


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_row_that_can_not_be_written_or_synced(tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(tmp_path, count=2)
    before = contents(tmp_path)
    monkeypatch.setattr(os, call, failing)
    assert append(tmp_path) == (7, {"count": None, "error": unwritten(LOG), "tip": None})
    monkeypatch.undo()
    assert contents(tmp_path) == before


def test_a_row_of_which_only_a_part_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(tmp_path, count=2)
    before = contents(tmp_path)
    write = os.write
    written: list[int] = []

    def half(descriptor: int, data: bytes) -> int:
        written.append(write(descriptor, data[: len(data) // 2]))
        return written[-1]

    monkeypatch.setattr(os, "write", half)
    assert append(tmp_path)[1]["error"] == unwritten(LOG)
    monkeypatch.undo()
    assert len(written) == 1, "one write, whatever it takes"
    assert contents(tmp_path) == before


def test_a_row_is_one_write_and_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(tmp_path, count=1)
    calls: list[object] = []
    write, fsync = os.write, os.fsync

    def noted_write(descriptor: int, data: bytes) -> int:
        calls.append(data)
        return write(descriptor, data)

    def noted_fsync(descriptor: int) -> None:
        calls.append("fsync")
        fsync(descriptor)

    monkeypatch.setattr(os, "write", noted_write)
    monkeypatch.setattr(os, "fsync", noted_fsync)
    assert append(tmp_path)[0] == 0
    assert calls == [log(2)[1], "fsync"]


@pytest.mark.parametrize("call", ["replace", "fsync", "mkstemp"])
def test_a_manifest_that_can_not_be_written(tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(tmp_path)
    put(tmp_path, LOG, b"")
    before = contents(tmp_path)
    monkeypatch.setattr(tempfile if call == "mkstemp" else os, call, failing)
    assert append(tmp_path)[1]["error"] == unwritten(MANIFEST)
    monkeypatch.undo()
    assert contents(tmp_path) == before


def test_without_its_first_row_there_is_no_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(tmp_path)
    monkeypatch.setattr(files, "write_at_once", failing)
    assert append(tmp_path)[1]["error"] == unwritten(LOG)
    monkeypatch.undo()
    assert contents(tmp_path / "subjects") == {f"{SUBJECT}.audit.jsonl": ("0o600", b"")}
    assert append(tmp_path)[1]["count"] == 1


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    furnish(tmp_path)
    put(tmp_path, "subjects", b"a file")
    before = contents(tmp_path)
    assert append(tmp_path) == (7, {"count": None, "error": unwritten(LOG), "tip": None})
    assert contents(tmp_path) == before


@pytest.mark.parametrize("was_there", [False, True])
@pytest.mark.parametrize("call", ["write", "ftruncate"])
def test_a_piece_is_in_one_place(
    tmp_path: Path,
    call: str,
    was_there: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(tmp_path, LOG, b"a\ntorn")
    if was_there:
        put(tmp_path, f"subjects/{SUBJECT}.torn", b"before")
    before = contents(tmp_path)
    ftruncate, number = os.ftruncate, (tmp_path / LOG).stat().st_ino

    def only_the_log_fails(descriptor: int, size: int) -> None:
        if os.fstat(descriptor).st_ino == number:
            failing()
        ftruncate(descriptor, size)

    monkeypatch.setattr(os, call, failing if call == "write" else only_the_log_fails)
    told = unwritten(LOG if call == "ftruncate" else f"subjects/{SUBJECT}.torn")
    assert audit(tmp_path, "recover", "--subject", SUBJECT) == (7, {"error": told, "kept": None})
    monkeypatch.undo()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_an_entry_that_can_not_be_written(tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "e", ENTRY)
    put(tmp_path, "b", canonical(ENTRY) + b"\n")
    before = contents(tmp_path)
    monkeypatch.setattr(os, call, failing)
    assert audit(tmp_path, "baselines", "append", "b", "--entry", "e")[1]["error"] == unwritten("b")
    monkeypatch.undo()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_copy_that_can_not_be_written(tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "b", canonical(ENTRY) + b"\n")
    put(tmp_path, "to", b"kept")
    before = contents(tmp_path)
    monkeypatch.setattr(os, call, failing)
    assert audit(tmp_path, "baselines", "copy", "b", "to")[1]["error"] == unwritten("to")
    monkeypatch.undo()
    assert contents(tmp_path) == before


def test_what_is_written_beside_begins_with_a_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "b", canonical(ENTRY) + b"\n")
    seen: list[set[str]] = []
    replace = os.replace

    def look(source: str, target: str) -> None:
        seen.append({path.name for path in tmp_path.iterdir()})
        replace(source, target)

    monkeypatch.setattr(os, "replace", look)
    assert audit(tmp_path, "baselines", "copy", "b", "to")[0] == 0
    ((beside,),) = [names - {"b"} for names in seen]
    assert beside.startswith(".")
    assert json.loads((tmp_path / "to").read_bytes()) == ENTRY
