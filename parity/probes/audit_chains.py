"""Audit chains as text, for the probes of the audit: rows that are canonical by how they are put together, and signed.

Nothing here is any runtime's code: canonical text is written down as such, and signed by the standard library.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import rfc8785

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SUBJECTS = ("W-1", "WORKER-2", "a", "x.y_z-9")
NO_MAC = "0" * 64
_MAC = re.compile(rb'(?<=[{,])"mac":"([0-9a-f]{64})",?')


class Body(NamedTuple):
    """What of a row is not the chain's, as canonical text."""

    before: str
    """From the opening brace to the member before `mac`, without the comma."""
    result: str
    ts: str
    after: str = ""
    """Members whose names come after `ts`, each with the comma before it."""


class Chain(NamedTuple):
    """A manifest and its rows, all sound."""

    key: bytes
    subject: str
    manifest: bytes
    genesis: str
    lines: list[bytes]
    """Each without its LF."""
    macs: list[str]


def mac(key: bytes, text: bytes) -> str:
    """Return HMAC-SHA256 in lowercase hexadecimal digits."""
    return hmac.digest(key, text, hashlib.sha256).hex()


def manifest(key: bytes, subject: str, created: str) -> tuple[bytes, str]:
    """Return the manifest's line, with its LF, and the genesis."""
    rest = f'"schema":"subject_manifest.v1","subject":"{subject}"}}'
    genesis = mac(key, f'{{"created_at":"{created}",{rest}'.encode())
    return f'{{"created_at":"{created}","genesis":"{genesis}",{rest}\n'.encode(), genesis


def row(key: bytes, subject: str, body: Body, prev: str, seq: int) -> tuple[bytes, str]:
    """Return a row's line, without LF, and its MAC."""
    rest = (
        f'"prev":"{prev}","result":{body.result},"schema":"subject_audit_row.v1","seq":{seq},'
        f'"subject":"{subject}","ts":"{body.ts}"{body.after}}}'
    )
    signed = mac(key, f"{body.before},{rest}".encode())
    return f'{body.before},"mac":"{signed}",{rest}'.encode(), signed


def chain(key: bytes, subject: str, bodies: Sequence[Body], created: str = "2026-05-03T10:11:12.461439210Z") -> Chain:
    """Return a sound chain."""
    first, genesis = manifest(key, subject, created)
    lines, macs, prev = [], [], genesis
    for seq, body in enumerate(bodies, 1):
        line, prev = row(key, subject, body, prev, seq)
        lines.append(line)
        macs.append(prev)
    return Chain(key, subject, first, genesis, lines, macs)


def signed(key: bytes, line: bytes) -> bytes:
    """Return a line with the right MAC for what stands in it as it stands, whether that is canonical or not."""
    if (found := _MAC.search(line)) is None:
        return line
    right = mac(key, _unsigned(line, found))
    return line[: found.start(1)] + right.encode() + line[found.end(1) :]


def is_signed(key: bytes, line: bytes) -> bool:
    """Tell whether a canonical line has the right MAC."""
    found = _MAC.search(line)
    return found is not None and mac(key, _unsigned(line, found)).encode() == found[1]


def mac_of(line: bytes) -> str | None:
    """Return the MAC that a line claims."""
    found = _MAC.search(line)
    return None if found is None else found[1].decode()


def _unsigned(line: bytes, found: re.Match[bytes]) -> bytes:
    rest = line[: found.start()] + line[found.end() :]
    return rest.replace(b",}", b"}") if rest.endswith(b",}") else rest


def changed(line: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return a line's value, changed, in canonical form; the line as it is where it is no object."""
    try:
        value = json.loads(line, parse_int=float)  # as RFC 8785 reads them all
        if not isinstance(value, dict):
            return line
        change(value)
        return rfc8785.dumps(value)
    except (ValueError, RecursionError):
        return line
