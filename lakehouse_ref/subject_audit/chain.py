"""Verifying a chain: its manifest, then its rows one by one, in memory that does not grow with the log.

The contract is `fixtures/contract/audit.md`, "Verifying a chain".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from lakehouse_ref import audit_lines
from lakehouse_ref.audit_lines import Fault, FaultError
from lakehouse_ref.subject_audit import rows

if TYPE_CHECKING:
    from lakehouse_ref.ijson import Value
    from lakehouse_ref.subject_audit.mac import Key

LARGEST_COUNT = 2**53
ANCHOR = re.compile("(0|[1-9][0-9]{0,15}):([0-9a-f]{64})")

UNFINISHED = ("torn", "unfinished")
"""Kind and reason of a last line that a crash cut."""

# A row of the ordinary shape, which is its own canonical form: the nine members and no other in their order, printable
# ASCII without an escape, an integer that a double holds. The two MACs are compared with well-formed ones, so any bytes
# may stand there.
_TEXT = rb'"[ !#-\[\]-~]*"'
ORDINARY = re.compile(
    rb'(\{"accessor":\{"daemon":%(text)b,"kind":%(text)b,"purpose":%(text)b,"trace_id":%(text)b\},'
    rb'"fields":\[(?:%(text)b(?:,%(text)b)*)?\],)"mac":"(.{64})",("prev":"(.{64})","result":%(text)b,'
    rb'"schema":%(text)b,"seq":([1-9][0-9]{0,14},"subject":%(text)b),"ts":%(text)b\})\n' % {b"text": _TEXT},
    re.DOTALL,
)


@dataclass(frozen=True)
class Anchor:
    """What an earlier answer said: that the log has a row of this number, with this MAC."""

    count: int
    tip: str


class Chain(NamedTuple):
    """Whose chain is verified, with what, and what its files are called in an answer."""

    subject: str
    key: Key
    anchor: Anchor | None
    manifest: str
    log: str


@dataclass(frozen=True)
class Verdict:
    """How many rows are sound, the MAC of the last one, and the first thing that is wrong."""

    count: int
    tip: str | None
    fault: Fault | None

    def value(self) -> dict[str, Value]:
        """Return it as it stands in an answer."""
        error = None if self.fault is None else self.fault.value()
        return {"count": self.count, "error": error, "tip": self.tip, "verified": self.fault is None}


def read_anchor(text: str) -> Anchor | None:
    """Return the anchor that `COUNT:TIP` is, or None where it is none."""
    found = ANCHOR.fullmatch(text)
    if found is None or int(found[1]) > LARGEST_COUNT:
        return None
    return Anchor(int(found[1]), found[2])


def verify(manifest: bytes, log: BinaryIO, chain: Chain) -> Verdict:
    """Verify a chain: the bytes of its manifest's file, then its rows."""
    try:
        genesis = rows.check_manifest(manifest, chain.subject, chain.key, chain.manifest)
    except FaultError as error:
        return Verdict(0, None, error.fault)
    return verify_rows(log, genesis, chain)


def verify_rows(log: BinaryIO, genesis: str, chain: Chain) -> Verdict:
    """Verify the rows of a chain whose manifest is sound."""
    anchor, subject = chain.anchor, chain.subject.encode()
    count, tip, torn = 0, genesis, False
    if anchor is not None and anchor.count == 0 and anchor.tip != genesis:
        return Verdict(0, genesis, Fault("tampered", "anchor", chain.log, 0))
    while line := audit_lines.next_line(log):
        number = count + 1
        if not audit_lines.is_whole(line):
            if audit_lines.is_too_long(line):
                return Verdict(count, tip, Fault("unreadable", "line-too-long", chain.log, number))
            torn = True
            break
        mac = ordinary_mac(line, tip, number, subject, chain.key)
        if mac is None:
            row = rows.load(line)
            reason = next(rows.row_faults(line, row, tip, number, chain.subject, chain.key), None)
            if reason is not None:
                return Verdict(count, tip, Fault("tampered", reason, chain.log, number))
            assert row is not None
            mac = str(row[rows.ROW])
        if anchor is not None and anchor.count == number and anchor.tip != mac:
            return Verdict(count, tip, Fault("tampered", "anchor", chain.log, number))
        count, tip = number, mac
    return Verdict(count, tip, fault_of_the_end(count, chain, torn=torn))


def ordinary_mac(line: bytes, prev: str, number: int, subject: bytes, key: Key) -> str | None:
    """Return the MAC of a sound row of the ordinary shape, or None: then the line is to be checked step by step.

    It says nothing that checking step by step would not say, and is several times as fast.
    """
    found = ORDINARY.fullmatch(line)
    if found is None:
        return None
    before, mac, behind, previous, place = found.groups()
    if previous != prev.encode() or place != b'%d,"subject":"%b"' % (number, subject):
        return None
    computed = key.mac(before + behind)
    return computed if compare_digest(computed.encode(), mac) else None


def fault_of_the_end(count: int, chain: Chain, *, torn: bool) -> Fault | None:
    """Return what is wrong with a log that ends behind `count` sound rows, with a torn line or without."""
    if chain.anchor is not None and chain.anchor.count > count:
        return Fault("tampered", "truncated", chain.log, count + 1)
    if torn:
        return Fault(*UNFINISHED, chain.log, count + 1)
    if chain.anchor is None:
        return Fault("unanchored", "no-anchor", chain.log)
    return None
