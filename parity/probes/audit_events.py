"""Events to append: sound ones in several spellings, and every way in which one is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.generate.grammar import pick
from parity.probes.audit_rows import read_bodies

if TYPE_CHECKING:
    from parity.probes.audit_chains import Body


def event(body: Body, form: str = "plain") -> bytes:
    """Return a body as the event that leads to its row."""
    members = f'{body.before},"result":{body.result},"ts":"{body.ts}"{body.after}}}'
    match form:
        case "spaced":
            return b" \n" + members.replace("{", "{\n\t", 1).encode() + b"\r\n"
        case "traceless":
            return members.replace(',"trace_id":""', "", 1).encode()
        case _:
            return members.encode()


NEXT = read_bodies(
    '{"accessor":{"daemon":"gateway","kind":"api","purpose":"next","trace_id":"n1"},"fields":[]\t"ok"\t2026-06-01T00:00:00Z\t'
)[0]
_FAULTS = (
    (b"2026-06-01T", b"2026-13-01T"),
    (b"-01T", b"-32T"),
    (b"-01T", b"-1T"),
    (b"00:00Z", b"00:00z"),
    (b"00:00Z", b"00:00.1234567890Z"),
    (b"00:00Z", b"00:60Z"),
    (b"T00:", b" 00:"),
    (b"T00:", b"T24:"),
    (b"00Z", b"00+00:00"),
    (b"00Z", b"00.Z"),
    (b"2026", b"+2026"),
    (b'"fields":[]', b'"fields":[1]'),
    (b'"fields":[]', b'"fields":{}'),
    (b'"result":"ok",', b""),
    (b'"result":"ok"', b'"result":null'),
    (b'"kind":"api",', b""),
    (b'"n1"', b"null"),
    (b'"daemon":"gateway"', b'"daemon":1'),
    (b'"accessor"', b'"accessors"'),
    (b'"ts"', b'"mac":"","ts"'),
    (b'"ts"', b'"seq":1,"ts"'),
    (b'"ts"', b'"prev":"","ts"'),
    (b'"ts"', b'"schema":"","ts"'),
    (b'"ts"', b'"subject":"W-1","ts"'),
    (b'"ts"', b'"x":1e20,"ts"'),
    (b'"ts"', b'"x":9007199254740993,"ts"'),
    (b'"ts"', b'"x":-1e16,"ts"'),
    (b'"ts"', b'"result":"ok","ts"'),
    (b'"ts"', b'"x":"\\ud800","ts"'),
    (b"}", b""),
)
_SPELLINGS = (
    (b'"ts"', b'"x":1e21,"ts"'),
    (b'"ts"', b'"x":9007199254740992,"ts"'),
    (b'"ts"', b'"x":[1.0,-0,1e2],"ts"'),
    (b'"ts"', b'"z":{"b":1,"a":2},"ts"'),
    (b'"ts"', b'"\\u007a":"\\u0041","ts"'),
    (b'"n1"', b'""'),
    (b',"trace_id":"n1"', b""),
    (b'"api"', b'"api","x":[]'),
    (b'"next"', b'"a\\/b"'),
    (b"{", b"{ "),
)
_NOT_AN_EVENT = (b"", b"{}", b"[]", b"{", b"\xff", b"\xef\xbb\xbf{}", b'{"ts":1}')

EVENT_FAULTS = pick(*_NOT_AN_EVENT, *[event(NEXT).replace(old, new) for old, new in _FAULTS])
ODD_EVENTS = pick(*[event(NEXT).replace(old, new) for old, new in _SPELLINGS])
"""Sound ones that are written in another way than they were given."""
