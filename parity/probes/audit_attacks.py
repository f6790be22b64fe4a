"""What becomes of a log that somebody tampers with, a crash cuts, or a careless program rewrites.

Each attack is a function from a sound chain, a place in it and a number, to the bytes of the log.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.probes.audit_chains import NO_MAC, Body, Chain, chain, changed, mac_of, row, signed

if TYPE_CHECKING:
    from collections.abc import Callable

    Attack = Callable[[Chain, int, int], bytes]

OTHER = Body(
    '{"accessor":{"daemon":"other","kind":"api","purpose":"fork","trace_id":"f0"},"fields":["name"]',
    '"ok"',
    "2026-05-04T00:00:00.000000001Z",
)
OTHER_KEY = b"ffffffffffffffffffffffffffffffff"
_ORDER = re.compile(rb'("prev":"[0-9a-f]{64}"),("result":"(?:[^"\\]|\\.)*")')


def text(lines: list[bytes]) -> bytes:
    """Return the lines as a file."""
    return b"".join([line + b"\n" for line in lines])


def _on_line(edit: Callable[[Chain, bytes, int], bytes]) -> Attack:
    """Attack one line."""

    def attack(sound: Chain, at: int, number: int) -> bytes:
        lines = list(sound.lines)
        if lines:
            lines[at] = edit(sound, lines[at], number)
        return text(lines)

    return attack


def _on_lines(edit: Callable[[Chain, list[bytes], int], list[bytes]]) -> Attack:
    """Attack the list of lines."""
    return lambda sound, at, _: text(edit(sound, list(sound.lines), at))


def _flip(_: Chain, line: bytes, number: int) -> bytes:
    at = number * 7919 % len(line)
    return line[:at] + bytes((line[at] ^ 1 << number % 7,)) + line[at + 1 :]


def _replace(old: bytes, new: bytes) -> Callable[[Chain, bytes, int], bytes]:
    return lambda _, line, __: line.replace(old, new, 1)


def _wrong_digit(first: int, last: int) -> Callable[[Chain, bytes, int], bytes]:
    """Change one digit of the MAC, between two places."""

    def edit(_: Chain, line: bytes, number: int) -> bytes:
        if (old := mac_of(line)) is None:
            return line
        at = first + number % (last - first)
        digit = "0" if old[at] != "0" else "1"
        return line.replace(old.encode(), (old[:at] + digit + old[at + 1 :]).encode(), 1)

    return edit


def _short_mac(_: Chain, line: bytes, number: int) -> bytes:
    old = (mac_of(line) or NO_MAC).encode()
    return line.replace(old, old[: 63 - number % 64], 1)


def _upper_mac(_: Chain, line: bytes, __: int) -> bytes:
    old = (mac_of(line) or NO_MAC).encode()
    return line.replace(old, old.upper(), 1)


def _resigned(change: Callable[[Chain, bytes, int], bytes]) -> Callable[[Chain, bytes, int], bytes]:
    """Sign the line again behind a change, as somebody does who has the key."""
    return lambda sound, line, number: signed(sound.key, change(sound, line, number))


def _foreign(sound: Chain, line: bytes, _: int) -> bytes:
    """Put another subject's row there, which fits the chain in all else."""
    other = sound.subject + "x"
    return signed(sound.key, changed(line, lambda value: value.update(subject=other)))


def _other_seq(_: Chain, line: bytes, number: int) -> bytes:
    return changed(line, lambda value: value.update(seq=value["seq"] + 1 + number % 3))


def _delete(_: Chain, lines: list[bytes], at: int) -> list[bytes]:
    return lines[:at] + lines[at + 1 :]


def _duplicate(_: Chain, lines: list[bytes], at: int) -> list[bytes]:
    return lines[: at + 1] + lines[at:]


def _swap(_: Chain, lines: list[bytes], at: int) -> list[bytes]:
    return lines[:at] + lines[at + 1 : at + 2] + lines[at : at + 1] + lines[at + 2 :]


def _rotate(_: Chain, lines: list[bytes], at: int) -> list[bytes]:
    return lines[at:] + lines[:at]


def _insert(sound: Chain, lines: list[bytes], at: int) -> list[bytes]:
    prev = sound.macs[at - 1] if at else sound.genesis
    return [*lines[:at], row(OTHER_KEY, sound.subject, OTHER, prev, at + 1)[0], *lines[at:]]


def _fork(sound: Chain, lines: list[bytes], at: int) -> list[bytes]:
    """Give one row two successors, both with the right key."""
    prev = sound.macs[at - 1] if at else sound.genesis
    return [*lines[: at + 1], row(sound.key, sound.subject, OTHER, prev, at + 2)[0], *lines[at + 1 :]]


def _other_tail(sound: Chain, lines: list[bytes], at: int) -> list[bytes]:
    """Replace the end by rows of the right key: only an anchor tells."""
    prev = sound.macs[at - 1] if at else sound.genesis
    return [*lines[:at], row(sound.key, sound.subject, OTHER, prev, at + 1)[0]]


def _truncate(_: Chain, lines: list[bytes], at: int) -> list[bytes]:
    return lines[:at]


def _spliced(sound: Chain, lines: list[bytes], at: int) -> list[bytes]:
    other = chain(sound.key, sound.subject + "x", [OTHER] * (at + 1))
    return [*lines[:at], *other.lines[at:], *lines[at:]]


def _torn(sound: Chain, at: int, number: int) -> bytes:
    """Cut the last of the first lines, by at least its LF."""
    cut = text(sound.lines[: at + 1])
    last = len(sound.lines[at]) if sound.lines else 0
    return cut[: len(cut) - 1 - number % max(1, last)]


ATTACKS: dict[str, Attack] = {
    "edited": _on_line(_flip),
    "deleted": _on_lines(_delete),
    "duplicated": _on_lines(_duplicate),
    "swapped": _on_lines(_swap),
    "rotated": _on_lines(_rotate),
    "inserted": _on_lines(_insert),
    "forked": _on_lines(_fork),
    "other-tail": _on_lines(_other_tail),
    "truncated": _on_lines(_truncate),
    "spliced": _on_lines(_spliced),
    "foreign": _on_line(_foreign),
    "torn": _torn,
    "mac-digit": _on_line(_wrong_digit(0, 16)),
    "mac-late-digit": _on_line(_wrong_digit(16, 64)),
    "mac-short": _on_line(_short_mac),
    "mac-upper": _on_line(_upper_mac),
    "mac-missing": _on_line(lambda _, line, __: line.replace(b'"mac"', b'"Mac"', 1)),
    "other-seq": _on_line(_resigned(_other_seq)),
    "crlf": _on_line(lambda _, line, __: line + b"\r"),
    "all-crlf": lambda sound, _, __: text(sound.lines).replace(b"\n", b"\r\n"),
    "byte-order-mark": lambda sound, _, __: b"\xef\xbb\xbf" + text(sound.lines),
    "space": _on_line(_replace(b":", b": ")),
    "space-signed": _on_line(_resigned(_replace(b":", b": "))),
    "escape": _on_line(_replace(b'"subject_audit_row', b'"\\u0073ubject_audit_row')),
    "escape-signed": _on_line(_resigned(_replace(b'"subject_audit_row', b'"\\u0073ubject_audit_row'))),
    "order": _on_line(lambda _, line, __: _ORDER.sub(rb"\2,\1", line, count=1)),
    "order-signed": _on_line(_resigned(lambda _, line, __: _ORDER.sub(rb"\2,\1", line, count=1))),
    "duplicate-member": _on_line(_resigned(lambda _, line, __: line[:-1] + b',"zz":1,"zz":1}')),
    "number-form": _on_line(_resigned(lambda _, line, __: re.sub(rb'"seq":(\d+)', rb'"seq":\1.0', line))),
    "large-integer": _on_line(_resigned(lambda _, line, __: line[:-1] + b',"zz":9007199254740993}')),
    "no-object": _on_line(lambda _, __, number: (b"", b"[]", b"null", b'"x"', b"{}", b"{", b"1")[number % 7]),
    "binary": _on_line(lambda _, __, number: bytes((0, 255, number % 256, 13, 127))),
}
"""What can be done to a log, by name."""


MANIFEST_FAULTS: dict[str, Callable[[Chain], bytes]] = {
    "edited": lambda sound: sound.manifest.replace(b"2026", b"2025", 1),
    "signed-by-another": lambda sound: chain(OTHER_KEY, sound.subject, []).manifest,
    "of-another": lambda sound: chain(sound.key, sound.subject + "x", []).manifest,
    "without-lf": lambda sound: sound.manifest[:-1],
    "two-lines": lambda sound: sound.manifest * 2,
    "space": lambda sound: sound.manifest.replace(b":", b" :", 1),
    "crlf": lambda sound: sound.manifest[:-1] + b"\r\n",
    "short-genesis": lambda sound: sound.manifest.replace(sound.genesis.encode(), sound.genesis[:63].encode()),
    "no-object": lambda _: b"[]\n",
    "empty": lambda _: b"",
}
"""What can be wrong with a manifest, by name."""
