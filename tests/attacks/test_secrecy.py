"""The key never shows: not in what is said, not in the command line or environment of a process, not in a file."""

from __future__ import annotations

import base64
import fcntl
import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .cases import lay, put
from .chains import LOG, MANIFEST, SUBJECT, build, canonical, event
from .test_writers import wait, waits_for_a_lock

if TYPE_CHECKING:
    from .programs import Program

KEYS = {
    "text": b"correct-horse-battery-staple-2026",
    "bytes": bytes(range(7, 247, 5)),
    "json": b'{"correct":"horse battery staple"}',
}
PIECE = 12
"""Bytes of a key that would be too many to be seen in a row."""

APPEND = ["append", "--subject", SUBJECT, "--event"]
VERIFY = ["verify", "--subject", SUBJECT]
COMMANDS = {
    "verified": VERIFY,
    "all": ["verify"],
    "appended": [*APPEND, "event.json"],
    "the key as event": [*APPEND, "audit.key"],
    "the key as anchors": ["verify", "--anchors", "audit.key"],
    "the key as baselines": ["baselines", "load", "audit.key"],
    "the key as last": ["baselines", "last", "audit.key"],
    "the key as drift": ["baselines", "drift", "audit.key"],
    "the key as entry": ["baselines", "append", "base.jsonl", "--entry", "audit.key"],
    "the key copied": ["baselines", "copy", "audit.key", "copy.jsonl"],
    "recovered": ["recover", "--subject", SUBJECT],
    "another key": [*VERIFY, "--key", "other.key"],
    "a short key": [*VERIFY, "--key", "short.key"],
    "a long key": [*VERIFY, "--key", "long.key"],
    "an open key": [*VERIFY, "--key", "open.key"],
    "an open key to append": [*APPEND, "event.json", "--key", "open.key"],
    "not understood": ["verify", "--anchor", "audit.key"],
    "the key as subject": ["verify", "--subject", "audit.key"],
}
READ_AS_JSON = ("the key as event", "the key as anchors", "the key as baselines", "the key as entry")


@functools.cache
def shapes(key: bytes) -> list[bytes]:
    """Return the ways in which a piece of a key could be written."""
    found = list[bytes]()
    for at in range(len(key) - PIECE + 1):
        piece = key[at : at + PIECE]
        shown = repr(piece)[2:-1].encode()
        found += [
            piece,
            piece.hex().encode(),
            piece.hex().upper().encode(),
            shown,
            json.dumps(piece.decode("latin-1")).encode()[1:-1],
        ]
        found += [
            base64.b64encode(piece),
            base64.urlsafe_b64encode(piece),
            piece.hex(" ").encode(),
            str(list(piece)).encode()[1:-1],
        ]
        found.append(" ".join(map(str, piece)).encode())
    return found


def shown(key: bytes, *texts: bytes) -> list[bytes]:
    """Return the pieces of a key that stand in some texts."""
    return [shape for shape in shapes(key) for text in texts if shape in text]


def lay_keys(directory: Path, key: bytes) -> None:
    """Write a chain of a key, and keys that are not accepted; all hold the key that must not be shown."""
    lay(directory, build(2, key=key), key=key)
    put(directory / "event.json", canonical(event(3)))
    put(directory / "short.key", key[:31])
    put(directory / "long.key", key * 300)
    put(directory / "open.key", key, 0o644)
    put(directory / "other.key", key[::-1])


@pytest.mark.parametrize("kind", KEYS)
def test_nothing_that_is_said_holds_it(program: Program, kind: str, tmp_path: Path) -> None:
    key = KEYS[kind]
    failed = []
    for name, arguments in COMMANDS.items():
        if kind != "text" and name not in READ_AS_JSON:
            continue  # only where the key is read as something else does it matter what it looks like
        lay_keys(tmp_path, key)
        done = program.run(arguments, tmp_path)
        done.told()
        if shown(key, done.out, done.err.encode("utf-8", "surrogateescape")):
            failed.append(name)
    for file in (MANIFEST, LOG, "event.json"):  # a key that was put into the wrong file
        lay_keys(tmp_path, key)
        put(tmp_path / file, key)
        done = program.run(COMMANDS["appended"], tmp_path)
        if shown(key, done.out, done.err.encode("utf-8", "surrogateescape")):
            failed.append(file)
    assert failed == []


@pytest.mark.parametrize("kind", KEYS)
def test_no_file_that_is_made_holds_it(program: Program, kind: str, tmp_path: Path) -> None:
    key = KEYS[kind]
    put(tmp_path / "audit.key", key)
    for at in range(1, 3):
        put(tmp_path / "event.json", canonical(event(at)))
        assert program.ask([*APPEND, "event.json"], tmp_path).exit == 0
    made = [file.read_bytes() for file in (tmp_path / "subjects").iterdir()]
    assert len(made) == 2
    assert shown(key, *made) == []


def test_no_other_process_sees_it(program: Program, tmp_path: Path) -> None:
    """While it waits for the lock, it has read the key: what /proc shows of it to others must not hold that."""
    key = KEYS["text"]
    lay_keys(tmp_path, key)
    with (tmp_path / LOG).open("rb+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        started = program.start([*APPEND, "event.json"], tmp_path)
        try:
            wait(lambda: waits_for_a_lock(started.pid), 60.0)
            process = Path("/proc") / str(started.pid)
            seen = [(process / name).read_bytes() for name in ("cmdline", "environ", "comm", "status")]
            seen += [str((process / "fd" / fd.name).readlink()).encode() for fd in (process / "fd").iterdir()]
        finally:
            fcntl.flock(held, fcntl.LOCK_UN)
            out, err = started.communicate(timeout=60)
    assert b"append" in seen[0]
    assert shown(key, out, err, *seen) == []


def test_a_process_that_is_kept_says_nothing_of_it(program: Program, tmp_path: Path) -> None:
    key = KEYS["text"]
    kept = program.keep()
    said = list[bytes]()
    try:
        for arguments in COMMANDS.values():
            lay_keys(tmp_path, key)
            kept.send(arguments, tmp_path)
            said.append(kept.line())
        cmdline = (Path("/proc") / str(kept.process.pid) / "cmdline").read_bytes()
        assert shown(key, *said, kept.said().encode(), cmdline) == []
    finally:
        kept.close()


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_that_shows_is_seen(kind: str) -> None:
    key = KEYS[kind]
    for text in (
        key,
        key.hex().encode(),
        repr(key).encode(),
        key[3:20],
        base64.b64encode(key),
        str(list(key)).encode(),
    ):
        assert shown(key, b"the key is " + text + b", is it not"), text
    assert not shown(key, b"audit.key is too short: it needs 32 bytes")
