"""The surface subject_audit: header and body to answer, and the rules that they touch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakehouse_ref import subject_audit
from tests.lakehouse_ref import chains
from tests.lakehouse_ref.chains import GENESIS, SUBJECT, log, mac_of, manifest, row

KEY = chains.KEY.hex()
VERIFY: dict[str, object] = {"op": "verify", "key": KEY, "subject": SUBJECT, "manifest": manifest().decode()}
LINES = log(3)
ANCHOR = f"3:{mac_of(LINES[2])}"
EXAMPLE = {
    "canonical": LINES[0].decode().replace(f'"mac":"{mac_of(LINES[0])}",', "").rstrip("\n"),
    "mac": "858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd",
}


def ask(header: object, body: bytes = b"") -> tuple[Any, set[str]]:
    touched: set[str] = set()
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    answer = subject_audit.answer(head + b"\n" + body, touched)
    assert b"\n" not in answer
    return json.loads(answer), touched


# ------------------------------------------------------------------ headers


@pytest.mark.parametrize(
    "header",
    [
        *(b"", b"{", b"[]", b"1", b'"canonical"', b"{}", b"\xff", b'{"op":"canonical","op":"canonical"}'),
        *({"op": "sign"}, {"op": 1}, {"op": None}, {"op": ["canonical"]}, {"op": "canonical", "key": ""}),
        *({"op": "mac"}, {"op": "mac", "key": None}, {"op": "mac", "key": "0"}, {"op": "mac", "key": "0G"}),
        *({"op": "mac", "key": "AB"}, {"op": "mac", "key": "00\n"}, {"op": "mac", "key": "", "subject": SUBJECT}),
        *({"op": "row"}, {"op": "row", "key": " "}, {"op": "row", "key": "", "anchor": ANCHOR}),
        *({name: value for name, value in VERIFY.items() if name != left_out} for left_out in VERIFY),
        *(VERIFY | {"subject": subject} for subject in ("", ".x", "a/b", "a b", "é", "x" * 65, "x\n", 1)),
        *(VERIFY | {"anchor": anchor} for anchor in ("", "1", f"01:{'0' * 64}", f"{2**53 + 1}:{'0' * 64}", None, 1)),
        *(VERIFY | {"manifest": None}, VERIFY | {"more": "x"}, VERIFY | {"key": KEY.upper() + "A"}),
    ],
)
def test_a_header_that_is_none_is_refused(header: object) -> None:
    assert ask(header, LINES[0]) == ({"refused": "request"}, {"request"})


def test_an_input_without_lf_is_all_header() -> None:
    touched: set[str] = set()
    assert subject_audit.answer(b'{"op":"mac","key":""}', touched) == subject_audit.answer(
        b' {"key" : "", "op":"m\\u0061c"}\t\r\n', set()
    )
    assert subject_audit.answer(b"", touched) == b'{"refused":"request"}'


# ------------------------------------------------------------------ canonical

ORDERED = (
    '{"\\r":"Carriage Return","1":"One","\x80":"Control","ö":"Latin Small Letter O With Diaeresis",'
    '"€":"Euro Sign","\U0001f600":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}'
)
CANONICAL = [
    # RFC 8785, section 3.2.2
    (
        rb"""{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
             "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}""",
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        r'"string":"€$\u000f\nA' + "'" + r'B\"\\\\\"/"}',
    ),
    # section 3.2.3
    (
        rb"""{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
             "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
             "\u00f6": "Latin Small Letter O With Diaeresis"}""",
        ORDERED,
    ),
    (b" [ ] ", "[]"),
    (b"1e2\n", "100"),
    (b"-0", "0"),
    (b"1e20", "100000000000000000000"),
    (b'{"b":{"d":1,"c":2},"a":3}', '{"a":3,"b":{"c":2,"d":1}}'),
]


@pytest.mark.parametrize(("body", "form"), CANONICAL)
def test_the_canonical_form_of_any_value(body: bytes, form: str) -> None:
    answer, touched = ask({"op": "canonical"}, body)
    assert answer == {"canonical": form}
    assert "canonical-form" in touched


def test_what_canonical_touches() -> None:
    assert ask({"op": "canonical"}, b'{"a":1}')[1] == set()
    assert ask({"op": "canonical"}, b'{"a": 1}')[1] == {"canonical-form"}
    assert ask({"op": "canonical"}, b'{"b":1,"a":1}')[1] == {"canonical-form", "member-order"}
    assert ask({"op": "canonical"}, b"1.5")[1] == {"number-form"}


@pytest.mark.parametrize("body", [b"", b"{", b'{"a":1,"a":1}', b"9007199254740993", b"1 2", b"\xff", b"NaN", b"'a'"])
@pytest.mark.parametrize("header", [{"op": "canonical"}, {"op": "row", "key": ""}])
def test_what_the_reader_refuses_has_no_form(header: object, body: bytes) -> None:
    assert ask(header, body) == ({"refused": "not-json"}, {"reader-refuses"})


# ------------------------------------------------------------------ mac and row


def test_the_mac_of_any_bytes() -> None:
    answer, touched = ask({"op": "mac", "key": b"Jefe".hex()}, b"what do ya want for nothing?")
    assert answer == {"mac": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"}
    assert touched == {"hmac-sha256"}
    assert ask({"op": "mac", "key": ""}, b"\n\xff")[0] == {"mac": chains.mac(b"\n\xff", b"")}


def test_the_row_of_the_example() -> None:
    answer, touched = ask({"op": "row", "key": KEY}, LINES[0].rstrip())
    assert answer == EXAMPLE
    assert touched == {"canonical-form", "hmac-sha256", "raw-row", "row-without-mac"}


@pytest.mark.parametrize("mac", [b'"mac":null,', b'"mac":{"mac":1},', b""])
def test_the_member_mac_does_not_count_whatever_it_is(mac: bytes) -> None:
    body = LINES[0].rstrip().replace(f'"mac":"{mac_of(LINES[0])}",'.encode(), mac)
    assert ask({"op": "row", "key": KEY}, body)[0] == EXAMPLE


def test_a_member_mac_deeper_inside_stays() -> None:
    answer, touched = ask({"op": "row", "key": KEY}, b'{"mac":1,"a":{"mac":2},"b":[{"mac":3}]}')
    form = '{"a":{"mac":2},"b":[{"mac":3}]}'
    assert answer == {"canonical": form, "mac": chains.mac(form.encode())}
    assert "row-without-mac" in touched


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null"])
def test_a_row_is_an_object(body: bytes) -> None:
    assert ask({"op": "row", "key": ""}, body) == ({"refused": "not-json"}, {"reader-refuses"})


@pytest.mark.parametrize(
    ("body", "lossy"),
    [
        (b"{}", False),
        (b'{"ts":"2026-05-03T10:11:12.12Z","accessor":{"trace_id":"x"}}', False),
        (b'{"ts":"2026-05-03T10:11:12.120Z"}', True),
        (b'{"ts":"2026-05-03T10:11:12.000Z"}', True),
        (b'{"ts":"2026-05-03T10:11:10Z"}', False),
        (b'{"accessor":{"trace_id":""}}', True),
        (b'{"accessor":{"more":1}}', True),
        (b'{"more":1}', True),
    ],
)
def test_what_a_struct_would_lose_is_noted(body: bytes, lossy: bool) -> None:  # noqa: FBT001
    assert ("raw-row" in ask({"op": "row", "key": ""}, body)[1]) == lossy


# ------------------------------------------------------------------ verify


def test_a_chain_is_verified() -> None:
    answer, touched = ask(VERIFY | {"anchor": ANCHOR}, b"".join(LINES))
    assert answer == {"count": 3, "error": None, "tip": mac_of(LINES[2]), "verified": True}
    assert touched == {"verified", "raw-row"}


def test_an_error_names_the_log_or_the_manifest() -> None:
    answer, touched = ask(VERIFY, b"".join(LINES))
    error = chains.error("unanchored", "no-anchor", "log")
    assert answer == {"count": 3, "error": error, "tip": mac_of(LINES[2]), "verified": False}
    assert "unanchored" in touched
    answer, touched = ask(VERIFY | {"manifest": "{}"}, b"".join(LINES))
    error = chains.error("tampered", "mac-form", "manifest", 1)
    assert answer == {"count": 0, "error": error, "tip": None, "verified": False}
    assert touched == {"manifest", "mac-form", "raw-row"}


@pytest.mark.parametrize(
    ("body", "anchor", "rules"),
    [
        (b"\n", None, {"not-json"}),
        (b"{}\n", None, {"mac-form", "first-fault"}),
        (LINES[0].replace(b",", b", "), None, {"not-canonical"}),
        (LINES[0].replace(b"ok", b"no"), None, {"mac"}),
        (row(GENESIS, 1, "WORKER-2"), None, {"subject"}),
        (row(GENESIS, 2), None, {"chain"}),
        (row(GENESIS, 2) + b"torn", None, {"chain", "first-fault"}),
        (row(GENESIS, 2) + LINES[1], None, {"chain", "first-fault"}),
        (LINES[0].replace(b"ok", b"no") + LINES[1], None, {"mac"}),
        (LINES[0].replace(b"ok", b"no") + LINES[1] + b"\n", None, {"mac", "first-fault"}),
        (LINES[0] + b"{", None, {"torn"}),
        (LINES[0], f"2:{'0' * 64}", {"truncated"}),
        (LINES[0], f"1:{'0' * 64}", {"anchor-mismatch"}),
        (b"x" * 1_048_577, None, {"line-too-long"}),
    ],
)
def test_a_fault_touches_its_rule(body: bytes, anchor: str | None, rules: set[str]) -> None:
    header = VERIFY if anchor is None else VERIFY | {"anchor": anchor}
    assert ask(header, body)[1] - {"raw-row"} == rules
