"""Every byte of a small chain changed, removed and moved by a space, and what that makes of its line.

What is to be told of an edit is known from where it is. On a line that has no backslash:

- a quotation mark more or less leaves a text open; a byte of the structure that is another one, and any control
  character or byte beyond ASCII within a text, is no JSON;
- within the MAC what is no digit of it is `mac-form`, another digit is `mac`; so is the loss of its name `mac-form`;
- within another name, it may stand in the wrong place among the others: `not-canonical`; everything else is `mac`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from .cases import case
from .chains import EXITS, broken_manifest, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .cases import Case
    from .chains import Chain

TOKENS = re.compile(rb'(?P<mac_name>"(?:mac|genesis)")(?=:"[0-9a-f]{64}")|(?<=:)(?P<mac>"[0-9a-f]{64}")(?=[,}])'
                    rb'|(?P<name>"[^"]*")(?=:)|(?P<text>"[^"]*")|(?P<number>[0-9]+)')  # fmt: skip
HEX = b"0123456789abcdef"


class Part(NamedTuple):
    """Where a byte of a line stands: in a text, a name, a number; `first` and `last` without quotation marks."""

    kind: str
    first: int
    last: int


STRUCTURE = Part("structure", 0, -1)


def parts(line: bytes, mac_name: bytes) -> tuple[list[Part], list[Part]]:
    """Return where each byte of a line stands, without its LF, and where one would that is put in before it."""
    assert b"\\" not in line
    assert line.isascii()
    at_byte, before_byte = [STRUCTURE] * len(line), [STRUCTURE] * len(line)
    mac_at = line.index(b'"%b":"' % mac_name) + len(mac_name) + 3
    for token in TOKENS.finditer(line):
        kind = str(token.lastgroup)
        first, last = token.start(), token.end() - 1
        if kind == "mac" and first != mac_at:
            kind = "text"  # `prev` looks like it
        part = Part(kind, first, last) if kind == "number" else Part(kind, first + 1, last - 1)
        before_byte[first + 1 : last + 1] = [part] * (last - first)
        at_byte[part.first : part.last + 1] = [part] * (part.last + 1 - part.first)
    return at_byte, before_byte


def refused(spelled: int) -> bool:
    """Tell whether a single byte can stand nowhere in a text."""
    return spelled < 0x20 or spelled >= 0x80 or spelled == ord('"')


def reason(edited: bytes, part: Part, put: bytes, grown: int = 0) -> str:
    """Return why a line is unsound in which a byte of a part was changed or removed, or one was put in."""
    if part.kind == "structure" or (put and refused(put[0])):
        return "not-json"
    if part.kind == "number":
        left = edited[part.first : part.last + 1 + grown]
        return "mac" if left.isdigit() and (left == b"0" or not left.startswith(b"0")) else "not-json"
    if part.kind == "mac":
        return "mac" if put and put in HEX and not grown else "mac-form"
    if part.kind == "mac_name":
        return "mac-form"
    if part.kind == "name" and canonical(json.loads(edited)) != edited:
        return "not-canonical"
    return "mac"


def replacements(byte: int) -> list[bytes]:
    """Return what a byte is changed to: one bit, a digit, a quotation mark, LF, NUL, and no UTF-8."""
    values = [byte ^ 0x01, byte ^ 0x20, ord("7"), ord('"'), ord("\n"), 0x00, 0xFF]
    return [bytes([value]) for value in dict.fromkeys(values) if value != byte]


def line_edits(line: bytes, mac_name: bytes) -> Iterator[tuple[str, bytes, str]]:
    """Yield every edit of a line, without its LF: its name, the line, and the reason."""
    for at, (part, gap) in enumerate(zip(*parts(line, mac_name), strict=True)):
        before, byte, behind = line[:at], line[at : at + 1], line[at + 1 :]
        for put in replacements(line[at]):
            edited = before + put + behind
            yield f"byte {at} {byte!r} is {put!r}", edited, reason(edited, part, put)
        edited = before + behind
        yield f"byte {at} {byte!r} is gone", edited, reason(edited, part, b"", -1)
        edited = before + b" " + byte + behind
        why = "not-canonical" if gap is STRUCTURE else reason(edited, gap, b" ", 1)
        yield f"a space before byte {at} {byte!r}", edited, why


def log_edits(base: Chain) -> Iterator[Case]:
    """Yield every edit of every byte of a chain's log."""
    for at, row in enumerate(base.rows, 1):
        before, behind = b"".join(base.rows[: at - 1]), b"".join(base.rows[at:])
        for name, edited, why in line_edits(row[:-1], b"mac"):
            yield case(f"line {at}: {name}", base, before + edited + b"\n" + behind, base.tampered(why, at))
        yield from without_end(base, at, before + row[:-1], behind)


def without_end(base: Chain, at: int, before: bytes, behind: bytes) -> Iterator[Case]:
    """Yield the LF of a line gone, changed, and doubled: the next line becomes a part of this one."""
    for put in [b"", *replacements(ord("\n"))]:
        if behind:
            told = base.tampered("not-json", at)
            yield case(f"line {at}: {put!r} for its LF", base, before + put + behind, told)
        else:
            yield case(f"line {at}: {put!r} for its LF", base, before + put, base.torn(at), base.truncated(at))
    yield case(f"line {at}: two LF", base, before + b"\n\n" + behind, base.tampered("not-json", at + 1))


def manifest_edits(base: Chain) -> Iterator[Case]:
    """Yield every edit of every byte of a chain's manifest."""
    for name, edited, why in line_edits(base.manifest[:-1], b"genesis"):
        yield case(f"manifest: {name}", base, base.log, broken_manifest(why), manifest=edited + b"\n")
    for put in replacements(ord("\n")):
        manifest = base.manifest[:-1] + put
        yield case(f"manifest: {put!r} for its LF", base, base.log, broken_manifest("not-json"), manifest=manifest)


def cuts(base: Chain) -> Iterator[Case]:
    """Yield the log, and then the manifest, cut at every byte."""
    for at in range(len(base.log)):
        log = base.log[:at]
        whole = log.count(b"\n")
        bare = base.first(whole).unanchored() if log.endswith(b"\n") or not log else base.torn(whole + 1)
        yield case(f"log cut at {at}", base, log, bare, base.truncated(whole + 1))
        enough = base.torn(whole + 1) if bare.exit == EXITS["torn"] else base.first(whole).verified()
        yield case(f"log cut at {at}, older anchor", base, log, bare, enough, anchor=base.anchor(whole))
    for at in range(len(base.manifest)):
        told = broken_manifest("not-canonical" if at == len(base.manifest) - 1 else "not-json")
        yield case(f"manifest cut at {at}", base, base.log, told, manifest=base.manifest[:at])
