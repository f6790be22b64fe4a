"""Rows and manifests: how one is made, and how the line is checked that holds one.

The contract is `fixtures/contract/audit.md`, "Files" and "Checking a line".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from lakehouse_ref import audit_lines, canonical, ijson
from lakehouse_ref.audit_lines import Fault, FaultError
from lakehouse_ref.subject_audit import mac

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lakehouse_ref.ijson import Value
    from lakehouse_ref.subject_audit.mac import Key

    Object: TypeAlias = dict[str, Value]

ROW, MANIFEST = "mac", "genesis"
"""The member that holds the MAC of a row, and of a manifest."""

SUBJECT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
LARGEST_SEQ = 2**53 - 1


# ------------------------------------------------------------------ making


def new_manifest(subject: str, created_at: Value, key: Key) -> bytes:
    """Return the manifest's file: one line."""
    manifest: Object = {"created_at": created_at, "schema": "subject_manifest.v1", "subject": subject}
    return line_of(manifest, MANIFEST, key)


def new_row(event: Object, subject: str, prev: str, seq: int, key: Key) -> bytes:
    """Return the line of the row that an event becomes."""
    own: Object = {"prev": prev, "schema": "subject_audit_row.v1", "seq": float(seq), "subject": subject}
    return line_of(event | own, ROW, key)


def line_of(value: Object, member: str, key: Key) -> bytes:
    """Return the line that stores a value together with its MAC."""
    return canonical.write(value | {member: key.mac(signed(value, member))}) + b"\n"


def signed(value: Object, member: str) -> bytes:
    """Return what is signed: the canonical form without the MAC itself."""
    return canonical.write({name: inner for name, inner in value.items() if name != member})


# ------------------------------------------------------------------ checking


def load(line: bytes) -> Object | None:
    """Return the object that stands on a line, or None where the reader refuses it or it is no object."""
    try:
        value = ijson.load(line)
    except ijson.RefusedError:
        return None
    return value if isinstance(value, dict) else None


def row_faults(line: bytes, row: Object | None, prev: str, number: int, subject: str, key: Key) -> Iterator[str]:
    """Yield all that is wrong with a line of the log and the row that it holds; the first is the reason."""
    yield from faults(line, row, ROW, subject, key)
    if row is not None and not follows(row, prev, number):
        yield "chain"


def last_row_faults(line: bytes, row: Object | None, subject: str, key: Key) -> Iterator[str]:
    """Yield all that is wrong with a row that another one is to follow, where the rows before it are not known."""
    yield from faults(line, row, ROW, subject, key)
    if row is not None and seq_of(row) is None:
        yield "chain"


def faults(stored: bytes, value: Object | None, member: str, subject: str, key: Key) -> Iterator[str]:
    """Yield what is wrong with what is stored and the value that it holds, but for how it is chained.

    `stored` is the row's line with its LF, or the whole file of a manifest.
    """
    if value is None:
        yield "not-json"
        return
    stated = value.get(member)
    well_formed = isinstance(stated, str) and mac.FORM.fullmatch(stated) is not None
    if not well_formed:
        yield "mac-form"
    if canonical.write(value) + b"\n" != stored:
        yield "not-canonical"
    if well_formed and not mac.same_mac(key.mac(signed(value, member)), str(stated)):
        yield "mac"
    if not is_of(value, member, subject):
        yield "subject"


def is_of(value: Object, _member: str, subject: str) -> bool:
    """Tell whether a row, or a manifest, is the subject's."""
    return value.get("subject") == subject


def follows(row: Object, prev: str, number: int) -> bool:
    """Tell whether a row goes on from the MAC before it, on the line of this number."""
    return row.get("prev") == prev and seq_of(row) == number


def seq_of(row: Object) -> int | None:
    """Return the seq of a row, or None where it can be none."""
    seq = row.get("seq")
    return int(seq) if isinstance(seq, float) and seq.is_integer() and 1 <= seq <= LARGEST_SEQ else None


def check_manifest(data: bytes, subject: str, key: Key, file: str) -> str:
    """Return the genesis that a manifest's file states. Raises FaultError.

    Of a file that is longer than a line may be, `data` has to hold as much as shows it.
    """
    line, _, _ = data.partition(b"\n")
    if len(line) > audit_lines.LONGEST_LINE:
        raise FaultError(Fault("unreadable", "line-too-long", file, 1))
    manifest = load(line)
    reason = next(faults(data, manifest, MANIFEST, subject, key), None)
    if reason is not None:
        raise FaultError(Fault("tampered", reason, file, 1))
    assert manifest is not None
    return str(manifest[MANIFEST])
