"""Verifying a chain of lines: each outcome, and that the fast way says what checking step by step says."""

from __future__ import annotations

import io
import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse_ref import canonical, ijson
from lakehouse_ref.audit_lines import LONGEST_LINE, Fault
from lakehouse_ref.subject_audit import chain, rows
from lakehouse_ref.subject_audit.chain import Anchor, Chain, Verdict, read_anchor
from lakehouse_ref.subject_audit.mac import Key
from tests.lakehouse_ref import chains
from tests.lakehouse_ref.chains import GENESIS, SUBJECT, mac_of, manifest, row

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY = Key(chains.KEY)
LINES = chains.log(5)
MACS = [GENESIS, *map(mac_of, LINES)]
OTHER = "0" * 64


def verify(lines: Sequence[bytes], anchor: Anchor | None = None, head: bytes | None = None) -> Verdict:
    whose = Chain(SUBJECT, KEY, anchor, "manifest", "log")
    return chain.verify(manifest() if head is None else head, io.BytesIO(b"".join(lines)), whose)


def fault(verdict: Verdict) -> tuple[str, str, int | None] | None:
    return None if verdict.fault is None else (verdict.fault.kind, verdict.fault.reason, verdict.fault.line)


@pytest.mark.parametrize("count", range(6))
def test_a_sound_chain_is_verified_by_an_anchor_of_any_row(count: int) -> None:
    assert verify(LINES, Anchor(count, MACS[count])) == Verdict(5, MACS[5], None)


@pytest.mark.parametrize("count", range(6))
def test_without_an_anchor_it_is_not(count: int) -> None:
    verdict = verify(LINES[:count])
    assert verdict == Verdict(count, MACS[count], Fault("unanchored", "no-anchor", "log"))
    assert verdict.value()["verified"] is False


@pytest.mark.parametrize("count", range(1, 6))
def test_a_row_with_another_mac_than_the_anchor_says(count: int) -> None:
    verdict = verify(LINES, Anchor(count, OTHER))
    assert (verdict.count, verdict.tip) == (count - 1, MACS[count - 1])
    assert fault(verdict) == ("tampered", "anchor", count)


def test_another_genesis_than_the_anchor_says_is_told_before_any_row() -> None:
    assert verify([b"x\n"], Anchor(0, OTHER)) == Verdict(0, GENESIS, Fault("tampered", "anchor", "log", 0))


@pytest.mark.parametrize("anchored", [3, 4, 2**53])
@pytest.mark.parametrize("end", [b"", b"{", LINES[2][:-1]])
def test_a_log_that_ends_before_its_anchor_is_truncated_torn_or_not(anchored: int, end: bytes) -> None:
    verdict = verify([*LINES[:2], end], Anchor(anchored, MACS[3]))
    assert (verdict.count, verdict.tip, fault(verdict)) == (2, MACS[2], ("tampered", "truncated", 3))


@pytest.mark.parametrize("anchor", [None, Anchor(0, GENESIS), Anchor(2, MACS[2])])
@pytest.mark.parametrize("end", [b"{", b"\xff", b" ", b"\r", LINES[2][:-1]])
def test_a_torn_line_is_torn_whatever_it_is(end: bytes, anchor: Anchor | None) -> None:
    verdict = verify([*LINES[:2], end], anchor)
    assert (verdict.count, verdict.tip, fault(verdict)) == (2, MACS[2], ("torn", "unfinished", 3))


@pytest.mark.parametrize("number", range(1, 6))
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda _: b"\n", "not-json"),
        (lambda line: line.replace(b'"mac"', b'"mad"'), "mac-form"),
        (lambda line: line.replace(b":", b": "), "not-canonical"),
        (lambda line: line.replace(b'"ok"', b'"no"'), "mac"),
        (lambda line: row(json.loads(line)["prev"], json.loads(line)["seq"], "WORKER-2"), "subject"),
        (lambda line: row(OTHER, json.loads(line)["seq"]), "chain"),
        (lambda line: row(json.loads(line)["prev"], 9), "chain"),
    ],
    ids=["not-json", "mac-form", "not-canonical", "mac", "subject", "prev", "seq"],
)
def test_the_first_unsound_row_ends_it(number: int, spoil: object, reason: str) -> None:
    assert callable(spoil)
    lines = [*LINES[: number - 1], spoil(LINES[number - 1]), *LINES[number:]]
    for anchor in (None, Anchor(5, MACS[5]), Anchor(number, OTHER), Anchor(9, OTHER)):
        verdict = verify([*lines, b"torn"], anchor)
        assert (verdict.count, verdict.tip) == (number - 1, MACS[number - 1])
        assert fault(verdict) == ("tampered", reason, number)


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (LINES[1:], 1),
        ([LINES[0], *LINES[2:]], 2),
        ([LINES[1], LINES[0], *LINES[2:]], 1),
        ([*LINES[:2], LINES[1], *LINES[2:]], 3),
    ],
    ids=["first-missing", "one-missing", "swapped", "twice"],
)
def test_rows_that_are_moved_break_the_chain(lines: list[bytes], number: int) -> None:
    assert fault(verify(lines)) == ("tampered", "chain", number)


def test_what_comes_first_in_the_file_is_told() -> None:
    assert fault(verify([*LINES[:3], b"\n"], Anchor(2, OTHER))) == ("tampered", "anchor", 2)
    assert fault(verify([*LINES[:3], b"\n"], Anchor(4, OTHER))) == ("tampered", "not-json", 4)


@pytest.mark.parametrize("lf", [b"", b"\n"])
def test_a_line_that_is_too_long_is_unreadable_torn_or_not(lf: bytes) -> None:
    long = b"x" * (LONGEST_LINE + 1) + lf
    for anchor in (None, Anchor(9, OTHER)):
        assert fault(verify([*LINES[:2], long, *LINES[2:]], anchor)) == ("unreadable", "line-too-long", 3)
    at_most = b"x" * LONGEST_LINE + lf
    assert fault(verify([*LINES[:2], at_most])) == (("tampered", "not-json", 3) if lf else ("torn", "unfinished", 3))


def test_the_longest_row_is_sound() -> None:
    spare = LONGEST_LINE + 1 - len(row(GENESIS, 1, note=""))
    longest = row(GENESIS, 1, note="x" * spare)
    assert len(longest) == LONGEST_LINE + 1
    assert fault(verify([longest])) == ("unanchored", "no-anchor", None)
    assert fault(verify([row(GENESIS, 1, note="x" * (spare + 1))])) == ("unreadable", "line-too-long", 1)


@pytest.mark.parametrize("head", [b"", b"{}\n", manifest()[:-1], manifest("WORKER-2")])
def test_without_a_sound_manifest_no_row_is_looked_at(head: bytes) -> None:
    verdict = verify(LINES, Anchor(5, MACS[5]), head)
    assert (verdict.count, verdict.tip) == (0, None)
    assert verdict.fault is not None
    assert (verdict.fault.file, verdict.fault.line) == ("manifest", 1)


# ------------------------------------------------------------------ anchors


@pytest.mark.parametrize("count", [0, 1, 10, 2**53])
def test_an_anchor_is_read(count: int) -> None:
    assert read_anchor(f"{count}:{OTHER}") == Anchor(count, OTHER)


@pytest.mark.parametrize(
    "text",
    [
        *("", ":", "1", f":{OTHER}", f"01:{OTHER}", f"-1:{OTHER}", f"+1:{OTHER}", f"1.0:{OTHER}", f" 1:{OTHER}"),
        *(f"1:{OTHER}\n", f"{2**53 + 1}:{OTHER}", f"{10**40}:{OTHER}", f"1:{OTHER[1:]}", f"1:{OTHER}0"),
        *(f"1:{'A' * 64}", f"\u0661:{OTHER}"),
    ],
)
def test_what_is_no_anchor(text: str) -> None:
    assert read_anchor(text) is None


# ------------------------------------------------------------------ the fast way

PIECES = [
    *(
        b'"',
        b"\\",
        b"\\u0041",
        b"\\/",
        b"\x7f",
        b"\x1f",
        b"\n",
        b"\xc3\xa9",
        b"\xff",
        b" ",
        b"1.0",
        b"-0",
        b"01",
        b"null",
    ),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"x":1,',
        b'"mac":"x",',
        b"0",
        b"1e0",
        b"true",
        b"\xef\xbb\xbf",
        b"\r",
        b"~",
    ),
]


def spoiled(line: bytes, rng: random.Random) -> bytes:
    """Return a line with a few edits, each of which may or may not matter."""
    data = bytearray(line[:-1])
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        at = rng.randrange(len(data))
        cut = rng.choice((0, 0, 1, 1, 2, 8))
        data[at : at + cut] = rng.choice(PIECES) if rng.random() < 0.7 else b""
    return bytes(data).replace(b"\n", b"") + b"\n"


def step_by_step(line: bytes, prev: str, number: int) -> bool:
    return next(rows.row_faults(line, rows.load(line), prev, number, SUBJECT, KEY), None) is None


def with_its_mac(line: bytes) -> bytes:
    """Put the MAC of the rest of a line into it, as an attacker with the key would: only its form decides then."""
    before, found, behind = re.split(rb'("mac":"[0-9a-f]{64}",)', line[:-1], maxsplit=1)
    assert found
    return before + b'"mac":"' + KEY.mac(before + behind).encode() + b'",' + behind + b"\n"


def test_the_fast_way_accepts_only_what_is_sound_step_by_step() -> None:
    rng = random.Random(20260503)
    accepted = 0
    for _ in range(20_000):
        line = spoiled(LINES[0], rng)
        if rng.random() < 0.8 and re.search(rb'"mac":"[0-9a-f]{64}",', line):
            line = with_its_mac(line)
        mac = chain.ordinary_mac(line, GENESIS, 1, SUBJECT.encode(), KEY)
        if mac is not None:
            accepted += 1
            assert step_by_step(line, GENESIS, 1), line
            value = ijson.load(line)
            assert isinstance(value, dict)
            assert value["mac"] == mac
            assert canonical.write(value) + b"\n" == line
    assert accepted > 2000, "edits of which many leave a sound row"


@pytest.mark.parametrize(
    ("more", "fast"),
    [
        ({}, True),
        ({"result": ""}, True),
        ({"result": " !#$%&'()*+,-./0123456789:;<=>?@[]^_`{|}~"}, True),
        ({"fields": []}, True),
        ({"fields": ["a"]}, True),
        ({"fields": [str(number) for number in range(300)]}, True),
        ({"schema": "x", "ts": "never"}, True),
        ({"result": "é"}, False),
        ({"result": '"'}, False),
        ({"result": "\\"}, False),
        ({"result": "\n"}, False),
        ({"result": "\x7f"}, False),
        ({"note": "x"}, False),
        ({"fields": [1]}, False),
        ({"fields": "a"}, False),
        ({"accessor": {"daemon": "d", "kind": "k", "purpose": "p"}}, False),
    ],
)
def test_both_ways_say_the_same_of_sound_rows(more: dict[str, Any], fast: bool) -> None:  # noqa: FBT001
    line = row(GENESIS, 1, **more)
    assert step_by_step(line, GENESIS, 1)
    assert (chain.ordinary_mac(line, GENESIS, 1, SUBJECT.encode(), KEY) is not None) == fast
    assert verify([line]) == Verdict(1, mac_of(line), Fault("unanchored", "no-anchor", "log"))


def test_an_ordinary_row_is_checked_fast_up_to_the_largest_numbers() -> None:
    for seq in (1, 9, 10, 10**15 - 1):
        assert chain.ordinary_mac(row(GENESIS, seq), GENESIS, seq, SUBJECT.encode(), KEY) is not None
        assert chain.ordinary_mac(row(GENESIS, seq), GENESIS, seq + 1, SUBJECT.encode(), KEY) is None
    assert step_by_step(row(GENESIS, 2**53 - 1), GENESIS, 2**53 - 1)


@pytest.mark.parametrize("edit", [b"0", b"f", b'"', b"\\", b"\n"])
def test_the_bytes_of_the_two_macs_are_bound_as_well(edit: bytes) -> None:
    for member in (b'"mac":"', b'"prev":"'):
        at = LINES[0].index(member) + len(member) + 5
        line = LINES[0][:at] + edit + LINES[0][at + 1 :]
        if line != LINES[0]:
            assert chain.ordinary_mac(line, GENESIS, 1, SUBJECT.encode(), KEY) is None


def test_a_whole_log_is_judged_alike_by_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(7)
    logs = []
    for _ in range(300):
        lines = chains.log(4)
        at = rng.randrange(4)
        lines[at] = spoiled(lines[at], rng)
        logs.append(lines)
    fast = [verify(lines, Anchor(4, MACS[4])) for lines in logs]
    monkeypatch.setattr(chain, "ORDINARY", re.compile(b"(?!)"))
    assert [verify(lines, Anchor(4, MACS[4])) for lines in logs] == fast
    assert {verdict.fault is None for verdict in fast} == {True, False}
