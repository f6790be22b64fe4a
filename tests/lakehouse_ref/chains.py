"""Audit chains made by hand, with the standard library alone, and `audit` run on a folder."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from lakehouse_ref.services import audit_commands

if TYPE_CHECKING:
    from pathlib import Path

KEY = b"0123456789abcdef0123456789abcdef"
SUBJECT = "WORKER-1"
TS = "2026-05-03T10:11:12.461439210Z"
MANIFEST, LOG, TORN = (f"subjects/{SUBJECT}.{end}" for end in ("manifest.json", "audit.jsonl", "torn"))
EVENT = {
    "accessor": {"daemon": "gateway", "kind": "api", "purpose": "fill", "trace_id": ""},
    "fields": ["name", "phone"],
    "result": "ok",
    "ts": TS,
}


def canonical(value: object) -> bytes:
    """Return the canonical form of what has only ASCII names, and no number but integers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def mac(data: bytes, key: bytes = KEY) -> str:
    return hmac.new(key, data, hashlib.sha256).hexdigest()


def signed(value: dict[str, Any], member: str = "mac", key: bytes = KEY) -> bytes:
    """Return the line that stores a value with its MAC."""
    return canonical(value | {member: mac(canonical(value), key)}) + b"\n"


def manifest(subject: str = SUBJECT, **more: object) -> bytes:
    value = {"created_at": TS, "schema": "subject_manifest.v1", "subject": subject}
    return signed(value | more, "genesis")


def row(prev: str, seq: object, subject: str = SUBJECT, **more: object) -> bytes:
    own = {"prev": prev, "schema": "subject_audit_row.v1", "seq": seq, "subject": subject}
    return signed(EVENT | own | more)


def mac_of(line: bytes) -> str:
    value = json.loads(line)
    found = value.get("mac", value.get("genesis"))
    assert isinstance(found, str)
    return found


GENESIS = mac_of(manifest())


def log(count: int, subject: str = SUBJECT) -> list[bytes]:
    """Return the lines of a sound chain."""
    lines: list[bytes] = []
    prev = mac_of(manifest(subject))
    for seq in range(1, count + 1):
        lines.append(row(prev, seq, subject))
        prev = mac_of(lines[-1])
    return lines


def error(kind: str, reason: str, file: str, line: int | None = None) -> dict[str, object]:
    return {"file": file, "kind": kind, "line": line, "reason": reason}


# ------------------------------------------------------------------ on a folder


def put(folder: Path, name: str, data: bytes | object, mode: int = 0o600) -> Path:
    """Write a file, JSON unless it's bytes."""
    path = folder / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    path.chmod(mode)
    return path


def furnish(folder: Path, count: int = 0, subject: str = SUBJECT) -> None:
    """Write a key, an event, and the chain of a subject with so many rows; with none, there is no chain."""
    put(folder, "audit.key", KEY)
    put(folder, "event.json", EVENT)
    if count:
        put(folder, f"subjects/{subject}.manifest.json", manifest(subject))
        put(folder, f"subjects/{subject}.audit.jsonl", b"".join(log(count, subject)))


def audit(folder: Path, *arguments: str, touched: set[str] | None = None) -> tuple[int, Any]:
    """Return exit code and answer."""
    outcome = audit_commands.run(arguments, str(folder), set() if touched is None else touched)
    assert (outcome.exit == 0) == (outcome.sentence == "")
    return outcome.exit, None if outcome.answer is None else json.loads(outcome.answer)


def append(folder: Path, *more: str, touched: set[str] | None = None) -> tuple[int, Any]:
    return audit(folder, "append", "--subject", SUBJECT, "--event", "event.json", *more, touched=touched)


def verify(folder: Path, *more: str, touched: set[str] | None = None) -> tuple[int, Any]:
    return audit(folder, "verify", "--subject", SUBJECT, *more, touched=touched)


def contents(folder: Path) -> dict[str, tuple[str, bytes | None]]:
    """Return what lies in a folder: modes and bytes."""
    return {
        str(path.relative_to(folder)): (
            oct(path.lstat().st_mode & 0o777),
            path.read_bytes() if path.is_file() else None,
        )
        for path in sorted(folder.rglob("*"))
    }
