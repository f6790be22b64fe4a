"""Checking a line: a manifest's and a row's, each reason and their order (`fixtures/contract/audit.md`)."""

from __future__ import annotations

import json

import pytest

from lakehouse_ref.audit_lines import LONGEST_LINE, Fault, FaultError
from lakehouse_ref.subject_audit import rows
from lakehouse_ref.subject_audit.mac import Key
from tests.lakehouse_ref import chains
from tests.lakehouse_ref.chains import GENESIS, SUBJECT, canonical, manifest, row, signed

KEY = Key(chains.KEY)
OTHER_MAC = "0" * 64
ROW = row(GENESIS, 1)
SOUND = manifest()
PLACE = b'"prev":"%b","seq":1,"subject":"WORKER-1"' % GENESIS.encode()


def reasons(line: bytes, prev: str = GENESIS, number: int = 1) -> list[str]:
    return list(rows.row_faults(line, rows.load(line), prev, number, SUBJECT, KEY))


def edited(line: bytes, **members: object) -> bytes:
    """Return a line with other members, in canonical form, and the MAC that it had."""
    value = json.loads(line) | members
    return canonical({name: inner for name, inner in value.items() if inner is not ...}) + b"\n"


def resigned(line: bytes, **members: object) -> bytes:
    """Return a line with other members and the MAC of those."""
    value = json.loads(edited(line, **members))
    del value["mac"]
    return signed(value)


def test_the_example_of_the_contract_is_sound() -> None:
    assert json.loads(SOUND)["genesis"] == "83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16109ce8f942424d270b"
    assert json.loads(ROW)["mac"] == "858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd"
    assert rows.check_manifest(SOUND, SUBJECT, KEY, "manifest") == GENESIS
    assert reasons(ROW) == []


ROWS: list[tuple[str, bytes, list[str]]] = [
    ("empty", b"\n", ["not-json"]),
    ("white-space", b" \t\n", ["not-json"]),
    ("cut", ROW[:-2] + b"\n", ["not-json"]),
    ("byte-order-mark", b"\xef\xbb\xbf" + ROW, ["not-json"]),
    ("no-utf8", ROW.replace(b"gateway", b"gate\xff"), ["not-json"]),
    ("array", b"[" + ROW.rstrip() + b"]\n", ["not-json"]),
    ("text", b'"x"\n', ["not-json"]),
    ("duplicate", ROW.replace(b'"result":"ok",', b'"result":"ok","result":"ok",'), ["not-json"]),
    ("integer-beyond", ROW.replace(b'"seq":1,', b'"seq":9007199254740993,'), ["not-json"]),
    ("nothing", b"{}\n", ["mac-form", "subject", "chain"]),
    ("no-mac", edited(ROW, mac=...), ["mac-form"]),
    ("mac-null", edited(ROW, mac=None), ["mac-form"]),
    ("mac-number", edited(ROW, mac=1), ["mac-form"]),
    ("mac-upper-case", edited(ROW, mac=json.loads(ROW)["mac"].upper()), ["mac-form"]),
    ("mac-short", edited(ROW, mac="0" * 63), ["mac-form"]),
    ("mac-long", edited(ROW, mac="0" * 65), ["mac-form"]),
    ("mac-lf", edited(ROW, mac="0" * 64 + "\n"), ["mac-form"]),
    ("space", ROW.replace(b",", b", "), ["not-canonical"]),
    ("space-before", b" " + ROW, ["not-canonical"]),
    ("cr", ROW[:-1] + b"\r\n", ["not-canonical"]),
    ("escape", ROW.replace(b'"ok"', rb'"\u006fk"'), ["not-canonical"]),
    ("slash-escaped", resigned(ROW, result="o/k").replace(b"/", rb"\/"), ["not-canonical"]),
    (
        "order",
        json.dumps(dict(reversed(json.loads(ROW).items())), separators=(",", ":")).encode() + b"\n",
        ["not-canonical"],
    ),
    ("seq-as-double", ROW.replace(b'"seq":1,', b'"seq":1.0,'), ["not-canonical"]),
    ("seq-with-exponent", ROW.replace(b'"seq":1,', b'"seq":1e0,'), ["not-canonical"]),
    ("mac-of-nothing", edited(ROW, mac=OTHER_MAC), ["mac"]),
    ("mac-last-digit", ROW.replace(b'7cd","prev"', b'7ce","prev"'), ["mac"]),
    ("mac-first-digit", ROW.replace(b'"mac":"8', b'"mac":"9'), ["mac"]),
    ("result", edited(ROW, result="no"), ["mac"]),
    ("time-trimmed", edited(ROW, ts=chains.TS.replace("0Z", "Z")), ["mac"]),
    ("trace-id-removed", ROW.replace(b',"trace_id":""', b""), ["mac"]),
    ("member-added", edited(ROW, note="x"), ["mac"]),
    ("other-key", signed(json.loads(edited(ROW, mac=...)), key=b"x" * 32), ["mac"]),
    ("other-subject", resigned(ROW, subject="WORKER-2"), ["subject"]),
    ("subject-case", resigned(ROW, subject="worker-1"), ["subject"]),
    ("no-subject", resigned(ROW, subject=...), ["subject"]),
    ("subject-number", resigned(ROW, subject=1), ["subject"]),
    ("prev", resigned(ROW, prev=OTHER_MAC), ["chain"]),
    ("no-prev", resigned(ROW, prev=...), ["chain"]),
    ("prev-upper-case", resigned(ROW, prev=GENESIS.upper()), ["chain"]),
    ("seq", resigned(ROW, seq=2), ["chain"]),
    ("seq-zero", resigned(ROW, seq=0), ["chain"]),
    ("seq-text", resigned(ROW, seq="1"), ["chain"]),
    ("seq-true", resigned(ROW, seq=True), ["chain"]),
    ("seq-list", resigned(ROW, seq=[1]), ["chain"]),
    ("no-seq", resigned(ROW, seq=...), ["chain"]),
    ("several", b" " + edited(ROW, subject="x", seq=2), ["not-canonical", "mac", "subject", "chain"]),
    ("mac-form-and-others", edited(ROW, mac=None, subject="x", seq=2), ["mac-form", "subject", "chain"]),
]


@pytest.mark.parametrize(("line", "expected"), [pytest.param(line, found, id=name) for name, line, found in ROWS])
def test_what_is_wrong_with_a_row_in_this_order(line: bytes, expected: list[str]) -> None:
    assert reasons(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        resigned(ROW, note={"mac": "x", "list": [None, True, {"é": "\U0001f600"}]}),
        resigned(ROW, accessor=1, fields=None, result=[], ts="never", schema=...),
        resigned(ROW, result="\x7f</é\n"),
        canonical({"mac": chains.mac(b"{" + PLACE + b',"x":1e+21}')})[:-1] + b"," + PLACE + b',"x":1e+21}\n',
    ],
    ids=["more-members", "any-types", "any-characters", "any-numbers"],
)
def test_a_row_may_hold_anything_else_as_long_as_it_is_signed(line: bytes) -> None:
    assert reasons(line) == []


@pytest.mark.parametrize(
    ("seq", "sound"), [(1, True), (7, True), (2**53 - 1, True), (0, False), (-1, False), (2**53, False), (None, False)]
)
def test_of_a_last_row_only_the_range_of_seq_is_looked_at(seq: int | None, sound: bool) -> None:  # noqa: FBT001
    line = resigned(ROW, seq=seq, prev="whatever")
    found = list(rows.last_row_faults(line, rows.load(line), SUBJECT, KEY))
    assert found == ([] if sound else ["chain"])


def fault_of_manifest(data: bytes) -> Fault | None:
    try:
        rows.check_manifest(data, SUBJECT, KEY, "manifest")
    except FaultError as error:
        return error.fault
    return None


def remade(**members: object) -> bytes:
    value = {name: inner for name, inner in (json.loads(SOUND) | members).items() if inner is not ...}
    del value["genesis"]
    return signed(value, "genesis")


MANIFESTS = [
    ("empty", b"", "not-json"),
    ("empty-line", b"\n", "not-json"),
    ("list", b"[]\n", "not-json"),
    ("no-genesis", edited(SOUND, genesis=...), "mac-form"),
    ("row", ROW, "mac-form"),
    ("no-lf", SOUND[:-1], "not-canonical"),
    ("two-lines", SOUND + SOUND, "not-canonical"),
    ("empty-second-line", SOUND + b"\n", "not-canonical"),
    ("crlf", SOUND[:-1] + b"\r\n", "not-canonical"),
    ("spaces", SOUND.replace(b":", b": "), "not-canonical"),
    ("no-lf-and-another-mac", edited(SOUND, genesis=OTHER_MAC)[:-1], "not-canonical"),
    ("created", edited(SOUND, created_at="2026-05-03T10:11:13Z"), "mac"),
    ("genesis", edited(SOUND, genesis=OTHER_MAC), "mac"),
    ("subject", remade(subject="WORKER-2"), "subject"),
    ("no-subject", remade(subject=...), "subject"),
    ("subject-and-mac", edited(SOUND, subject="WORKER-2"), "mac"),
]


@pytest.mark.parametrize(("data", "reason"), [pytest.param(data, why, id=name) for name, data, why in MANIFESTS])
def test_what_is_wrong_with_a_manifest(data: bytes, reason: str) -> None:
    assert fault_of_manifest(data) == Fault("tampered", reason, "manifest", 1)


def test_a_manifest_may_hold_more() -> None:
    assert fault_of_manifest(remade(note=[1], created_at=None, schema="x")) is None


@pytest.mark.parametrize("end", [b"", b"\n", b"\nx"])
def test_a_manifest_that_is_too_long(end: bytes) -> None:
    padding = b'{"a":"' + b"x" * (LONGEST_LINE - 8) + b'"}'
    assert len(padding) == LONGEST_LINE
    assert fault_of_manifest(padding + end) == Fault("tampered", "mac-form", "manifest", 1)
    assert fault_of_manifest(padding + b" " + end) == Fault("unreadable", "line-too-long", "manifest", 1)
