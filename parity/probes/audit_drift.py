"""Drift classes of audit chains: how to take each suspected cause out of a chain whose every byte is signed.

An edit signs again what was rightly signed before, and links it to its neighbours; what was unsound stays as it is.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from parity.model import DriftClass
from parity.probes import json_drift
from parity.probes.audit_chains import changed, is_signed, mac_of, signed

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[bytes], bytes]

_ZEROS = re.compile(rb'("ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(?:\d*[1-9])?)0+(?=Z")')
_TRACE = re.compile(rb'("trace_id"\s*:\s*")(?=")')
PREFIX = 16  # hex digits


def _header(data: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """Return the header as far as it can be read, and header and body as they stand."""
    first, line_feed, body = data.partition(b"\n")
    try:
        header = json.loads(first)
    except (ValueError, RecursionError):
        header = {}
    return header if isinstance(header, dict) else {}, first + line_feed, body


def _key(header: dict[str, Any]) -> bytes:
    try:
        return bytes.fromhex(header["key"])
    except (KeyError, TypeError, ValueError):
        return b""


def _on_rows(change: Change) -> Change:
    """Change the row of a request, or the rows of a chain that are rightly signed, which then are signed again."""

    def remove(data: bytes) -> bytes:
        header, first, body = _header(data)
        if header.get("op") == "row":
            return first + change(body)
        return first + resigned(_key(header), body, change) if header.get("op") == "verify" else data

    return remove


def resigned(key: bytes, log: bytes, change: Change) -> bytes:
    """Change the rightly signed lines of a log, sign them again and relink what follows."""
    lines = log.split(b"\n")
    moved: dict[str, str] = {}
    for at, line in enumerate(lines):
        if not is_signed(key, line):
            continue
        before = mac_of(line)
        linked = changed(line, lambda row: _relink(row, moved)) if moved else line
        lines[at] = signed(key, change(linked))
        if before is not None and (after := mac_of(lines[at])) is not None and after != before:
            moved[before] = after
    return b"\n".join(lines)


def _relink(row: dict[str, Any], moved: dict[str, str]) -> None:
    prev = row.get("prev")
    if isinstance(prev, str):
        row["prev"] = moved.get(prev, prev)


def _with_subject(data: bytes) -> bytes:
    header, first, body = _header(data)
    if header.get("op") != "verify":
        return data
    subject = header.get("subject")
    return first + resigned(_key(header), body, lambda line: changed(line, lambda row: row.update(subject=subject)))


def _with_right_macs(data: bytes) -> bytes:
    """Put the right MAC in the place of one that begins like it, in rows and in the manifest."""
    header, first, body = _header(data)
    if header.get("op") != "verify":
        return data
    key = _key(header)
    manifest = str(header.get("manifest")).encode()
    if (whole := _whole_genesis(key, manifest)) != manifest:
        header["manifest"] = whole.decode()
        first = json.dumps(header, separators=(",", ":")).encode() + b"\n"
    return first + b"\n".join([_whole_mac(key, line) for line in body.split(b"\n")])


def _whole_genesis(key: bytes, manifest: bytes) -> bytes:
    line = manifest.removesuffix(b"\n")
    as_row = line.replace(b'"genesis"', b'"mac"', 1)
    whole = _whole_mac(key, as_row).replace(b'"mac"', b'"genesis"', 1)
    return manifest if as_row == line else whole + manifest[len(line) :]


def _whole_mac(key: bytes, line: bytes) -> bytes:
    right = signed(key, line)
    before, after = mac_of(line), mac_of(right)
    return right if before is not None and after is not None and before[:PREFIX] == after[:PREFIX] else line


def _without_torn_line(data: bytes) -> bytes:
    header, first, body = _header(data)
    return first + body[: body.rfind(b"\n") + 1] if header.get("op") == "verify" else data


def _with_another_last_row(data: bytes) -> bytes:
    """Repeat the last complete line, so that another one is the last."""
    header, first, body = _header(data)
    *lines, rest = body.split(b"\n")
    if header.get("op") != "verify" or not lines:
        return data
    return first + b"\n".join([*lines, lines[-1], rest])


DRIFT_CLASSES = (
    DriftClass(
        "trace-id-omitted", "an empty trace_id is left out", _on_rows(lambda line: _TRACE.sub(rb"\g<1>0", line))
    ),
    DriftClass(
        "nanos-trimmed",
        "trailing zeros of a timestamp are lost",
        _on_rows(lambda line: _ZEROS.sub(lambda found: found[1] + b"1", line)),
    ),
    DriftClass(
        "row-code-point-order",
        "members are sorted by code points, not by UTF-16 units",
        _on_rows(lambda line: changed(json_drift.CODE_POINT_ORDER.remove(line), lambda _: None)),  # type: ignore[arg-type]
    ),
    DriftClass("mac-prefix", "only the beginning of a MAC is compared", _with_right_macs),
    DriftClass("subject-unbound", "a row of another subject is accepted", _with_subject),
    DriftClass("torn-is-tampered", "a line that a crash cut is taken for tampering", _without_torn_line),
    DriftClass("last-row-unchecked", "the last row is not checked", _with_another_last_row),
)
