"""Chains built from the contract alone, and what has to be answered to them (fixtures/contract/audit.md).

Nothing here is code of a runtime or of the harness: rows and answers come from `hmac` and `json` of the standard
library. `json.dumps` with sorted names, no white space and no escaping of non-ASCII is the RFC 8785 form of what is
built here, since that is only ASCII names (whose order is the same by code points, UTF-16 code units and bytes),
strings without control characters (where nothing but the quotation mark and the backslash is escaped), and small
integers (whose digits are those of ECMAScript) or halves of them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeAlias

KEY = b"0123456789abcdef0123456789abcdef"
OTHER_KEY = b"another key, as long as the first"
SUBJECT = "W-1"
OTHER = "W-2"
LONGEST = 1_048_576
"""The most bytes of a line without its LF."""
EXITS = {"tampered": 1, "malformed": 1, "unanchored": 3, "torn": 4, "unreadable": 5, "refused": 6, "unwritten": 7}
ABSENT: Final = object()
"""As a member's value: leave that member out."""

Members: TypeAlias = dict[str, Any]


class Told(NamedTuple):
    """An answer and its exit code, as told or as it has to be."""

    answer: Any
    exit: int


def canonical(value: object) -> bytes:
    """Return the RFC 8785 form of what is built here."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def mac_of(data: bytes, key: bytes = KEY) -> str:
    """Return the MAC of some bytes."""
    return hmac.new(key, data, hashlib.sha256).hexdigest()


def signed(members: Members, key: bytes, name: str) -> bytes:
    """Return a line with its LF: the members without those that are absent, and their MAC as `name`."""
    bound = {member: value for member, value in members.items() if value is not ABSENT}
    return canonical(bound | {name: mac_of(canonical(bound), key)}) + b"\n"


def event(seq: int, variant: str = "") -> Members:
    """Return what was looked at: of different lengths, with and without a trace, and with members that nobody knows."""
    more: Members = {} if seq % 3 else {"more": {"depth": {"at": seq, "mac": "inner"}, "why": ["audit", variant]}}
    return more | {
        "accessor": {
            "daemon": "gateway",
            "kind": "api",
            "purpose": f"fill {seq}{variant}",
            "trace_id": "" if seq % 2 else f"trace-{seq}",
        },
        "fields": ["name", "phone", "city"][: seq % 4],
        "result": "ok",
        "ts": f"2026-05-03T10:11:{seq % 60:02}.46143920{seq % 2}Z",
    }


def files(subject: str = SUBJECT) -> tuple[str, str]:
    """Return the names of a subject's manifest and log."""
    return f"subjects/{subject}.manifest.json", f"subjects/{subject}.audit.jsonl"


MANIFEST, LOG = files()


def error(kind: str, reason: str, line: int | None, file: str) -> Members:
    """Return an error as it stands in an answer."""
    return {"file": file, "kind": kind, "line": line, "reason": reason}


@dataclass(frozen=True)
class Chain:
    """A subject's manifest and rows, each a line with its LF, and the MACs: of the manifest, then of each row."""

    subject: str
    manifest: bytes
    rows: tuple[bytes, ...]
    tips: tuple[str, ...]

    @property
    def log(self) -> bytes:
        """The bytes of the log."""
        return b"".join(self.rows)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def anchor(self, count: int | None = None) -> str:
        """Return the anchor of a count, which unless given is that of all rows."""
        count = self.count if count is None else count
        return f"{count}:{self.tips[count]}"

    def first(self, count: int) -> Chain:
        """Return the chain as it was when it had so many rows."""
        return replace(self, rows=self.rows[:count], tips=self.tips[: count + 1])

    def plus(self, variant: str = "", key: bytes = KEY, **members: object) -> Chain:
        """Return the chain with one more row that is signed with the key; `members` stand above what it would have."""
        row = {
            **event(self.count + 1, variant),
            "prev": self.tips[-1],
            "schema": "subject_audit_row.v1",
            "seq": self.count + 1,
            "subject": self.subject,
            **members,
        }
        return self.with_line(signed(row, key, "mac"))

    def with_line(self, line: bytes) -> Chain:
        """Return the chain with a line behind it that is a JSON object with a `mac`."""
        return replace(self, rows=(*self.rows, line), tips=(*self.tips, json.loads(line)["mac"]))

    # What has to be answered where all before the fault are rows of this chain.

    def told(self, count: int, kind: str, reason: str, line: int | None) -> Told:
        """Return an answer of `verify --subject` with an error in the log."""
        found = error(kind, reason, line, files(self.subject)[1])
        return Told(
            {"count": count, "error": found, "tip": self.tips[count], "verified": False},
            EXITS[kind],
        )

    def tampered(self, reason: str, line: int) -> Told:
        """Tell that a line is unsound, and all before it are this chain's."""
        return self.told(line - 1, "tampered", reason, line)

    def truncated(self, line: int) -> Told:
        """Tell that the log ends before a line."""
        return self.tampered("truncated", line)

    def torn(self, line: int) -> Told:
        """Tell that a line was not finished."""
        return self.told(line - 1, "torn", "unfinished", line)

    def unanchored(self) -> Told:
        """Tell that every row is sound, without an anchor."""
        return self.told(self.count, "unanchored", "no-anchor", None)

    def verified(self) -> Told:
        """Tell that every row is sound, and an anchor says so."""
        return Told({"count": self.count, "error": None, "tip": self.tips[-1], "verified": True}, 0)


def broken_manifest(reason: str, subject: str = SUBJECT) -> Told:
    """Tell that the manifest is unsound."""
    return no_chain("tampered", reason, 1, files(subject)[0])


def no_chain(kind: str, reason: str, line: int | None, file: str) -> Told:
    """Return an answer of `verify --subject` that says nothing of any row."""
    return Told({"count": 0, "error": error(kind, reason, line, file), "tip": None, "verified": False}, EXITS[kind])


def not_appended(kind: str, reason: str, line: int | None, file: str) -> Told:
    """Return an answer of `append` with an error."""
    return Told({"count": None, "error": error(kind, reason, line, file), "tip": None}, EXITS[kind])


def build(count: int, subject: str = SUBJECT, key: bytes = KEY, variant: str = "", created: str = "") -> Chain:
    """Return a chain of so many rows."""
    created = created or str(event(1)["ts"])
    members: Members = {"created_at": created, "schema": "subject_manifest.v1", "subject": subject}
    line = signed(members, key, "genesis")
    chain = Chain(subject, line, (), (json.loads(line)["genesis"],))
    for _ in range(count):
        chain = chain.plus(variant, key)
    return chain
