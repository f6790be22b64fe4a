"""Entries of the baselines, and the table of how metrics drift (`fixtures/contract/audit.md`)."""

from __future__ import annotations

import io
import json
from fractions import Fraction

import pytest

from lakehouse_ref import audit_baselines, audit_lines
from lakehouse_ref.audit_baselines import drift, given_entry, summarise
from lakehouse_ref.audit_lines import LONGEST_LINE, Fault, FaultError

ENTRY = {"at": "2026-05-03T10:11:12Z", "commit": "a" * 40, "metrics": {"p99": 12}}
LINE = json.dumps(ENTRY).encode() + b"\n"


def entry(**more: object) -> bytes:
    value = {name: inner for name, inner in (ENTRY | more).items() if inner is not ...}
    return json.dumps(value).encode() + b"\n"


def fault(data: bytes) -> tuple[int, Fault | None]:
    summary = summarise(io.BytesIO(data), "b", set())
    return summary.count, summary.fault


SOUND = [
    LINE,
    b"\t" + LINE[:-1] + b" \r\n",
    entry(more=1, another={"x": 1e20}),
    entry(commit="unknown", metrics={}),
    *(entry(at=at) for at in ("0000-01-01T00:00:00Z", "2026-02-31T23:59:59.1Z", "9999-12-31T00:00:00.123456789Z")),
    *(LINE.replace(b"12}", number + b"}") for number in (b"12.0", b"1.2e1", b"-0", b"-0.0", b"0e5")),
    *(LINE.replace(b"12}", number + b"}") for number in (b"9007199254740992", b"-9.007199254740992e15")),
]
SHAPES = [
    b"[]\n",
    b"{}\n",
    b"null\n",
    *(entry(**{name: ...}) for name in ENTRY),
    *(entry(commit=commit) for commit in ("", "a" * 39, "a" * 41, "A" * 40, "g" * 40, "Unknown", "a" * 40 + "\n", 1)),
    *(entry(metrics={"x": value}) for value in ("1", None, True, [1], {"x": 1})),
    *(entry(metrics=metrics) for metrics in (None, "x", 1)),
    entry(metrics=[]),
    *(entry(metrics={"x": 1, "y": number}) for number in (0.5, -1.5, 1e16, 1e300, 5e-324)),
    *(
        entry(at=at)
        for at in (
            *("", "2026-05-03", "2026-05-03T10:11:12", "2026-05-03t10:11:12Z", "2026-05-03T10:11:12z"),
            *("2026-05-03T10:11:12.Z", "2026-05-03T10:11:12.1234567890Z", "2026-05-03T10:11:12+00:00"),
            *("2026-13-03T10:11:12Z", "2026-00-03T10:11:12Z", "2026-05-00T10:11:12Z", "2026-05-32T10:11:12Z"),
            *("2026-05-03T24:00:00Z", "2026-05-03T10:60:12Z", "2026-05-03T10:11:60Z", "26-05-03T10:11:12Z"),
            *("2026-05-03T10:11:12Z\n", " 2026-05-03T10:11:12Z", "\u0662026-05-03T10:11:12Z", 1, None),
        )
    ),
]
NOT_JSON = [
    *(b"\n", b"  \n", b"{\n", b"x\n", b"\xef\xbb\xbf" + LINE, b'{"a":"\xff"}\n', b'{"a":1,"a":1}\n'),
    LINE.replace(b"12}", b"9007199254740993}"),
    LINE.replace(b"12}", b"12,}"),
]


@pytest.mark.parametrize("line", SOUND)
def test_an_entry(line: bytes) -> None:
    assert fault(line) == (1, None)
    assert fault(LINE + line + LINE) == (3, None)


@pytest.mark.parametrize("line", SHAPES)
def test_what_has_another_shape(line: bytes) -> None:
    assert fault(LINE + line + b"{") == (1, Fault("malformed", "entry-shape", "b", 2))


@pytest.mark.parametrize("line", NOT_JSON)
def test_what_the_reader_refuses(line: bytes) -> None:
    assert fault(LINE + LINE + line + b"{") == (2, Fault("malformed", "not-json", "b", 3))


@pytest.mark.parametrize("end", [b"{", LINE[:-1], b" ", b"\xff"])
def test_a_last_line_without_lf_is_torn(end: bytes) -> None:
    assert fault(end) == (0, Fault("torn", "unfinished", "b", 1))
    assert fault(LINE + end) == (1, Fault("torn", "unfinished", "b", 2))


def test_an_empty_file_has_no_entries() -> None:
    assert fault(b"") == (0, None)


@pytest.mark.parametrize("lf", [b"", b"\n"])
def test_a_line_that_is_too_long(lf: bytes) -> None:
    assert fault(LINE + b"x" * (LONGEST_LINE + 1) + lf) == (1, Fault("unreadable", "line-too-long", "b", 2))
    longest = LINE[:-1].ljust(LONGEST_LINE) + lf
    assert fault(LINE + longest) == ((2, None) if lf else (1, Fault("torn", "unfinished", "b", 2)))


def test_first_and_last_are_kept() -> None:
    summary = summarise(io.BytesIO(entry(n=1) + entry(n=2) + entry(n=3)), "b", set())
    assert summary.first is not None
    assert summary.last is not None
    assert (summary.first["n"], summary.last["n"]) == (1, 3)


# ------------------------------------------------------------------ an entry that is given


def refusal(data: bytes) -> str:
    with pytest.raises(FaultError) as caught:
        given_entry(data, "e", set())
    kind, reason, file, line = caught.value.fault
    assert (kind, file, line) == ("refused", "e", None)
    return reason


def test_a_given_entry_becomes_its_canonical_line() -> None:
    spelled = b' {"metrics" : {"b":1.2e1,"a":-0},\n"commit":"unknown","more":[1.50],"at":"2026-05-03T10:11:12.10Z"}\r\n'
    line = b'{"at":"2026-05-03T10:11:12.10Z","commit":"unknown","metrics":{"a":0,"b":12},"more":[1.5]}\n'
    assert given_entry(spelled, "e", set()) == line


def test_what_is_refused_of_a_given_entry() -> None:
    assert refusal(b"") == "not-json"
    assert refusal(LINE + LINE) == "not-json"
    assert refusal(b"[]") == "entry-shape"
    assert refusal(entry(more=1e20)) == "not-storable"
    assert refusal(entry(metrics=[], more=1e20)) == "entry-shape"
    assert refusal(LINE.ljust(LONGEST_LINE + 1)) == "line-too-long"
    assert given_entry(LINE.ljust(LONGEST_LINE), "e", set())


def test_a_canonical_line_may_be_too_long_where_the_text_is_not() -> None:
    # 1e15 takes four bytes, and sixteen in the canonical form
    assert refusal(entry(more=...)[:-2] + b',"more":[' + b"1e15," * 100_000 + b"1]}") == "line-too-long"


@pytest.mark.parametrize("name", ["at", "commit", "metrics"])
def test_a_rule_about_numbers_is_touched_by_numbers(name: str) -> None:
    touched: set[str] = set()
    summarise(io.BytesIO(LINE), "b", touched)
    assert touched == set()
    summarise(io.BytesIO(entry(**{name: ...})), "b", touched)
    assert touched == set()
    summarise(io.BytesIO(LINE.replace(b"12}", b"12.0}")), "b", touched)
    assert touched == {"metric-integer"}


# ------------------------------------------------------------------ drift


def change(first: int | None, last: int | None) -> tuple[str | None, str]:
    """Return what the table says of one metric."""
    before: audit_baselines.Entry = {"metrics": {} if first is None else {"m": float(first)}}
    after: audit_baselines.Entry = {"metrics": {} if last is None else {"m": float(last)}}
    (row,) = drift(before, after, set())
    told = {"change": row.change, "first": first, "last": last, "metric": "m", "verdict": row.verdict}
    assert row.value() == told
    return row.change, row.verdict


@pytest.mark.parametrize(
    ("first", "last", "percent", "verdict"),
    [
        (12, 82, "+583 %", "warn"),
        (100, 80, "-20 %", "ok"),
        (100, 120, "+20 %", "ok"),
        (1000, 1201, "+20 %", "warn"),
        (1000, 799, "-20 %", "warn"),
        (100, 100, "+0 %", "ok"),
        (0, 0, "+0 %", "ok"),
        (0, 1, None, "warn"),
        (0, -1, None, "warn"),
        (5, 0, "-100 %", "warn"),
        (200, 201, "+1 %", "ok"),
        (200, 199, "-1 %", "ok"),
        (201, 202, "+0 %", "ok"),
        (201, 200, "+0 %", "ok"),
        (-100, -80, "+20 %", "ok"),
        (-100, -120, "-20 %", "ok"),
        (-100, 100, "+200 %", "warn"),
        (-200, -201, "-1 %", "ok"),
        (1, 2**53, "+900719925474099100 %", "warn"),
        (2**53, -(2**53), "-200 %", "warn"),
        (2**53, 2**53 - 1, "+0 %", "ok"),
        (None, 1, None, "warn"),
        (1, None, None, "warn"),
        (None, 0, None, "warn"),
    ],
)
def test_a_change(first: int | None, last: int | None, percent: str | None, verdict: str) -> None:
    assert change(first, last) == (percent, verdict)


def test_changes_are_exact() -> None:
    for first in (*range(-45, 0), *range(1, 45), 9007199254740991):
        for last in (*range(-60, 60), 9007199254740991):
            exact = 100 * Fraction(last - first, abs(first))
            size = int(abs(exact) + Fraction(1, 2))
            sign = "-" if exact < 0 and size else "+"
            assert change(first, last) == (f"{sign}{size} %", "warn" if abs(exact) > 20 else "ok")


def test_the_table_is_ordered_as_canonical_members_are() -> None:
    names = ["\ufb33", "\U0001f600", "b", "é", "a", "B", ""]
    first: audit_baselines.Entry = {"metrics": dict.fromkeys(names[:4], 1.0)}
    last: audit_baselines.Entry = {"metrics": dict.fromkeys(names[3:], 1.0)}
    touched: set[str] = set()
    ordered = [row.metric for row in drift(first, last, touched)]
    assert ordered == ["", "B", "a", "b", "é", "\U0001f600", "\ufb33"]
    assert {"drift-order", "drift-one-side"} <= touched


@pytest.mark.parametrize(
    ("first", "last", "rules"),
    [
        (100, 121, {"drift-above-20"}),
        (100, 79, {"drift-above-20"}),
        (100, 120, {"drift-at-20"}),
        (100, 110, set[str]()),
        (0, 3, {"drift-from-zero"}),
        (0, 0, {"drift-zero-zero"}),
        (300, 301, {"drift-rounding"}),
        (None, 0, {"drift-one-side"}),
    ],
)
def test_a_change_touches_its_rule(first: int | None, last: int, rules: set[str]) -> None:
    touched: set[str] = set()
    audit_baselines.change("m", first, last, touched)
    assert touched == rules


def test_a_line_that_was_read_is_whole_too_long_or_neither() -> None:
    file = io.BytesIO(b"a\n" + b"x" * (LONGEST_LINE + 5))
    lines = [audit_lines.next_line(file) for _ in range(2)]
    assert [audit_lines.is_whole(line) for line in lines] == [True, False]
    assert [audit_lines.is_too_long(line) for line in lines] == [False, True]
