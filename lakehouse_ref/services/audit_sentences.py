"""What a person is told of a fault: where it is, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lakehouse_ref.audit_lines import Fault

MEANINGS = {
    "line-too-long": "a line has at most 1,048,576 bytes",
    "not-json": "this is not JSON as the contract demands it, or no object",
    "mac-form": "the MAC is missing, or not 64 lowercase hex digits",
    "not-canonical": "the bytes are not the canonical form",
    "mac": "the MAC is another one: it was changed, or the key is another",
    "subject": "this belongs to another subject",
    "chain": "it does not go on from the row before",
    "anchor": "the anchor says another MAC",
    "truncated": "the anchor says that there were more rows",
    "unfinished": "the last line has no end; `audit recover` cuts a row off that a crash has cut",
    "no-anchor": "every row is sound, but without an anchor nothing says that these are all",
    "missing": "there is no such file",
    "not-a-file": "this is a folder, a pipe or a device",
    "no-permission": "it may not be read",
    "io": "it can't be read",
    "key-permissions": "a key is its owner's alone: chmod 600",
    "key-too-short": "a key has at least 32 bytes",
    "key-too-long": "a key has at most 4096 bytes",
    "anchors-shape": "anchors are an object from subject to COUNT:TIP",
    "event-shape": "an event has accessor, fields, result and ts, and none of mac, prev, schema, seq and subject",
    "entry-shape": "an entry needs at, commit and metrics, which are integers",
    "not-storable": "a number is written as an integer beyond 2^53, which can't be read again",
    "write-failed": "it can't be written, and is what it was",
}


def sentence(fault: Fault) -> str:
    """Return one line that tells of a fault."""
    place = fault.file if fault.line is None else f"{fault.file}, line {fault.line}"
    return f"{place}: {fault.kind}, {fault.reason}: {MEANINGS[fault.reason]}"
