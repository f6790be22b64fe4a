"""Baselines under attack: lines that are no entries, each where it is, and the exact numbers of a drift."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from .cases import put, tree
from .chains import LONGEST, Members, Told, canonical, error

if TYPE_CHECKING:
    from pathlib import Path

    from .programs import Program

FILE = "base.jsonl"
AT, COMMIT = "2026-05-03T10:11:12Z", "0123456789abcdef0123456789abcdef01234567"
ENTRY = canonical({"at": AT, "commit": COMMIT, "metrics": {"rows": 12}})
LARGEST = 2**53


def entry(**members: object) -> bytes:
    """Return an entry with other members."""
    return canonical({"at": AT, "commit": COMMIT, "metrics": {}} | members)


SOUND = [
    ENTRY,
    b" \t" + ENTRY + b" \r",
    json.dumps(json.loads(ENTRY), indent=None).encode(),
    entry(commit="unknown", more=[1.5, {"at": None}]),
    entry(metrics={"a": LARGEST, "b": -LARGEST, "": 0, "\U0001f600": 1}),
    b'{"metrics":{"a":1.2e1,"b":12.0,"c":-0,"d":9007199254740992.0,"e":120e-1},"commit":"unknown","at":"2026-05-03T10:11:12.000000001Z"}',
]
WRONG_METRICS: list[object] = [None, [], "", {"a": None}, {"a": "1"}, {"a": True}, {"a": 1.5}, {"a": [1]}, {"a": {}}]
WRONG_COMMITS = ["", "Unknown", None, COMMIT[1:], COMMIT + "0", COMMIT.upper(), COMMIT + "\n", 0]
WRONG_TIMES = [None, "", AT + "\n", AT[:-1], "2026-13-03T10:11:12Z", 20260503]
BROKEN = {
    "not-json": [
        *(b"", b" ", b"\r", b"{", b"[", b"\0", b"\xff", bytes(100)),
        *(ENTRY + b",", ENTRY + ENTRY, ENTRY + b"\f", b"\xef\xbb\xbf" + ENTRY, ENTRY.replace(b'"at"', b'"at":"","at"')),
        *(ENTRY.replace(b"12}", number + b"}") for number in (b"9007199254740993", b"012", b"NaN", b"1e999", b"")),
    ],
    "entry-shape": [
        *(b"{}", b"[]", b"null", b"1", b'"x"', b"[" + ENTRY + b"]"),
        *(entry(at=at) for at in WRONG_TIMES),
        *(entry(commit=commit) for commit in WRONG_COMMITS),
        *(entry(metrics=metrics) for metrics in WRONG_METRICS),
        *(ENTRY.replace(b"12}", number + b"}") for number in (b"1e20", b"-9007199254740994.0", b"1e-1")),
        canonical({"at": AT, "commit": COMMIT}),
        canonical({"at": AT, "metrics": {}}),
        canonical({"commit": COMMIT, "metrics": {}}),
    ],
}


def every(program: Program, directory: Path) -> dict[str, Told]:
    """Return what each command says of a file; none of them may change anything."""
    before = tree(directory)
    commands = {"load": [], "last": [], "drift": [], "append": ["--entry", "entry.json"], "copy": ["copied"]}
    told = {name: program.ask(["baselines", name, FILE, *more], directory) for name, more in commands.items()}
    assert tree(directory) == before
    return told


def expected(kind: str, reason: str, line: int, code: int) -> dict[str, Told]:
    """Return what each command has to say of a line."""
    found = error(kind, reason, line, FILE)
    answers: dict[str, Members] = {"load": {"count": line - 1}, "last": {"last": None}, "drift": {"drift": None}}
    answers |= {"append": {"count": None}, "copy": {"count": None}}
    return {name: Told(answer | {"error": found}, code) for name, answer in answers.items()}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    put(tmp_path / "entry.json", ENTRY)
    return tmp_path


def test_sound_entries_in_any_spelling(program: Program, directory: Path) -> None:
    for count in range(len(SOUND) + 1):
        put(directory / FILE, b"".join(line + b"\n" for line in SOUND[:count]))
        assert program.ask(["baselines", "load", FILE], directory) == Told({"count": count, "error": None}, 0)
        last = json.loads(SOUND[count - 1]) if count else None
        told = program.ask(["baselines", "last", FILE], directory)
        assert told == Told({"error": None, "last": last}, 0)


@pytest.mark.parametrize("reason", BROKEN)
def test_a_line_that_is_no_entry(program: Program, directory: Path, reason: str) -> None:
    for broken in BROKEN[reason]:
        for before, behind in ((b"", b""), (b"", ENTRY + b"\n"), (ENTRY + b"\n", ENTRY + b"\n"), (ENTRY + b"\n", b"")):
            put(directory / FILE, before + broken + b"\n" + behind)
            wanted = expected("malformed", reason, 2 if before else 1, 1)
            assert every(program, directory) == wanted, broken


def test_a_torn_line(program: Program, directory: Path) -> None:
    for rest in (ENTRY, b" ", b"{", b"\r", b"\0", b"\xff", b"{}"):
        for before in (b"", ENTRY + b"\n"):
            put(directory / FILE, before + rest)
            assert every(program, directory) == expected("torn", "unfinished", 2 if before else 1, 4), rest
            put(directory / FILE, before + b"{}\n" + rest)
            assert every(program, directory) == expected("malformed", "entry-shape", 2 if before else 1, 1), rest


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_that_is_too_long(program: Program, directory: Path, end: bytes) -> None:
    longest = ENTRY + b" " * (LONGEST - len(ENTRY))
    put(directory / FILE, longest + b"\n" + ENTRY + b"\n")
    assert program.ask(["baselines", "load", FILE], directory) == Told({"count": 2, "error": None}, 0)
    for before in (b"", ENTRY + b"\n"):
        put(directory / FILE, before + longest + b" " + end)
        assert every(program, directory) == expected("unreadable", "line-too-long", 2 if before else 1, 5)


@pytest.mark.parametrize("reason", BROKEN)
def test_an_entry_to_append_that_is_none(program: Program, directory: Path, reason: str) -> None:
    put(directory / FILE, ENTRY + b"\n")
    for broken in BROKEN[reason]:
        put(directory / "entry.json", broken)
        told = program.ask(["baselines", "append", FILE, "--entry", "entry.json"], directory)
        assert told == Told({"count": None, "error": error("refused", reason, None, "entry.json")}, 6), broken
        assert program.ask(["baselines", "append", "new.jsonl", "--entry", "entry.json"], directory) == told
    assert (directory / FILE).read_bytes() == ENTRY + b"\n"
    assert not (directory / "new.jsonl").exists()


def test_an_entry_that_could_not_be_read_again(program: Program, directory: Path) -> None:
    put(directory / "entry.json", entry(more="N").replace(b'"N"', b"1e20"))
    told = program.ask(["baselines", "append", FILE, "--entry", "entry.json"], directory)
    assert told == Told({"count": None, "error": error("refused", "not-storable", None, "entry.json")}, 6)


def percent(first: int, last: int) -> str | None:
    """Return the change in percent, rounded to an integer, halves away from zero."""
    if first == 0:
        return None if last else "+0 %"
    change = Fraction(100 * (last - first), abs(first))
    rounded = int(abs(change) + Fraction(1, 2))
    return f"{'-' if change < 0 and rounded else '+'}{rounded} %"


def test_drift_is_exact(program: Program, directory: Path) -> None:
    draw = random.Random(20260430)
    numbers = [0, 1, -1, 2, 5, 6, 9, 10, 12, 82, 199, 200, 201, 1000, LARGEST, -LARGEST, LARGEST - 1, LARGEST // 3]
    pairs = [(first, last) for first in numbers for last in numbers]
    pairs += [(5 * n, sign * (6 * n + off)) for n in (1, 7, LARGEST // 7) for off in (-1, 0, 1) for sign in (1, -1)]
    pairs += [(draw.randint(-LARGEST, LARGEST), draw.randint(-LARGEST, LARGEST)) for _ in range(300)]
    pairs += [(draw.randint(-400, 400), draw.randint(-400, 400)) for _ in range(300)]
    firsts, lasts = ({f"m{at:04}": pair[side] for at, pair in enumerate(pairs)} for side in (0, 1))
    put(directory / FILE, b"\n".join((entry(metrics=firsts), ENTRY, entry(metrics=lasts), b"")))
    drift = [
        {
            "change": percent(first, last),
            "first": first,
            "last": last,
            "metric": f"m{at:04}",
            "verdict": "warn" if 5 * abs(last - first) > abs(first) else "ok",
        }
        for at, (first, last) in enumerate(pairs)
    ]
    told = program.ask(["baselines", "drift", FILE], directory)
    assert told.exit == 0
    answered = told.answer["drift"]
    assert [(one, wanted) for one, wanted in zip(answered, drift, strict=True) if one != wanted] == []
