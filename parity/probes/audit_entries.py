"""The inputs of audit_baselines: files of entries, sound or not, and what is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.generate.grammar import concat, mapped, mutated, pick, repeat, weighted
from parity.probes.audit_rows import FRACTION, HEX, TS
from parity.probes.json_text import DIGITS
from parity.probes.steps import File, write

if TYPE_CHECKING:
    from parity.generate.grammar import Grammar

PHASES = pick(
    "p2_evidence_rows", "p2_evidence_skips", "p3_accepted", "p3_partial", "p3_rejected", "p3_human", "p4_exports"
)
ODD_NAMES = pick("", "é", "\U0001f600", "\ufb33", r"\n", "p 1", r"\u0061", "constructor")
NAME = weighted((12, PHASES), (1, ODD_NAMES))
LAST_DIGIT = pick(*"123456789")
COUNT = concat(LAST_DIGIT, repeat(DIGITS, 0, 3))
NUMBER = weighted(
    (20, COUNT),
    (3, concat("-", COUNT)),
    (2, "0"),
    (2, concat(COUNT, pick(".0", "e0", "e1", "E+2", ".00"))),
    (1, pick("9007199254740992", "-9007199254740992", "9007199254740991", "-0", "1e15", "0.5e1", "120e-1")),
)
NO_METRIC = pick("1.5", "9007199254740993", "1e16", "null", '"1"', "true", "[]", "01", "1e309", "1e-400")
COMMIT = weighted((6, repeat(HEX, 40, 40)), (1, "unknown"))
NO_COMMIT = pick("", "unknow", "A" * 40, "0" * 39, "0" * 41)
MEMBERS = repeat(concat('"', NAME, pick("1", "2", "3", ""), '":', NUMBER), 0, 5, ",")


def entry(metrics: Grammar | str) -> Grammar:
    """Return an entry with these members in its metrics."""
    plain = concat('{"at":"', TS, '","commit":"', COMMIT, '","metrics":{', metrics, "}}")
    spelled = concat('{ "metrics" : {', metrics, '} ,"at":"', TS, '","note":{"b":1.0,"a":[1e2]},"commit":"unknown" } ')
    return weighted((6, plain), (1, spelled))


SOUND = entry(MEMBERS)
FAULTY = weighted(
    (3, concat('{"at":"', TS, '","commit":"unknown","metrics":{"a":', NO_METRIC, "}}")),
    (2, concat('{"at":"', TS, '","commit":"', NO_COMMIT, '","metrics":{}}')),
    (
        2,
        concat(
            '{"at":"2026-02-30',
            pick("", "T", " 00:00:00Z", "T00:00:00", "T00:00:00+00:00"),
            '","commit":"unknown","metrics":{}}',
        ),
    ),
    (2, pick("", " ", "{}", "[]", "null", '{"at":"2026-01-01T00:00:00Z","commit":"unknown","metrics":[]}')),
    (1, concat('{"at":"', TS, '","commit":"unknown","metrics":{"a":1,"a":2}}')),
    (1, concat('{"at":"', TS, '","commit":"unknown"}')),
    (1, concat('{"at":"2026-01-01T00:00:00', FRACTION, '9999999999Z","commit":"unknown","metrics":{}}')),
    (2, mutated(SOUND, b'{}[]",:0\\e-. \xff')),
)


def _pair(recipe: bytes) -> bytes:
    """Write a first and a last entry whose one metric moves as the recipe says: `before after`, or by a share."""
    first, last = recipe.decode().split(" ")
    if last.endswith("%"):
        base = int(first) * 100  # so that every whole percentage is a whole number
        first, last = str(base), str(base + base * int(last[:-1]) // 100)
    entries = [f'{{"at":"2026-01-01T00:00:00Z","commit":"unknown","metrics":{{"p":{one}}}}}' for one in (first, last)]
    return "\n".join(entries).encode()


MOVES = mapped(
    weighted(
        (2, concat(COUNT, " ", pick("20%", "-20%"))),
        (4, concat(COUNT, " ", pick("21%", "-21%", "19%", "-19%", "100%", "-100%", "0%", "583%"))),
        (1, pick("0 0", "0 -0", "-0 0")),
        (2, pick("0 1", "0 -7", "5 0", "-5 0", "0 9007199254740992")),
        (3, pick("200 201", "200 199", "-200 -201", "1000 1004", "1000 1005", "1000 995", "1000 1201", "-1000 -1201")),
        (2, pick("9007199254740992 -9007199254740992", "1 9007199254740992", "-3 9007199254740991", "12 82")),
        (2, concat(NUMBER, " ", NUMBER)),
    ),
    _pair,
)
LINES = weighted(
    (10, repeat(SOUND, 1, 4, "\n")),
    (3, repeat(SOUND, 5, 12, "\n")),
    (5, MOVES),
    (2, concat(repeat(SOUND, 1, 3, "\n"), "\n", FAULTY)),
    (1, concat(FAULTY, "\n", SOUND)),
    (1, b""),
)


def _case(recipe: bytes) -> bytes:
    head, _, lines = recipe.partition(b"\n")
    doing, end, name = head.decode().split("\t")
    ends = {"lf": b"\n", "torn": b"", "crlf": b"\r\n", "blank": b"\n\n"}
    content = lines + ends[end] if lines else b""
    steps = {
        "l": ["load", name],
        "t": ["last", name],
        "a": ["append", name, "--entry", "entry.json"],
        "c": ["copy", name, "copy.jsonl"],
        "C": ["copy", name, "there.jsonl"],
        "d": ["drift", name],
    }
    files = [File("there.jsonl", b"old\n", "644")] if "C" in doing else []
    if "a" in doing:
        files.append(ENTRY)
    files.append(File("baselines.jsonl", content))
    return write([["baselines", *steps[one]] for one in doing], files)


ENTRY = File(
    "entry.json",
    b' {"metrics":{"p":18.0,"a":3}, "commit":"unknown","at":"2026-06-01T00:00:00.120Z","note":"\\u0041"}\n',
)
DOING = weighted((5, "d"), (2, "l"), (2, "t"), (2, "a"), (2, "c"), (1, "C"), (3, "aad"), (2, "act"), (2, "ald"))
END = weighted((24, "lf"), (2, "torn"), (2, "crlf"), (1, "blank"))
WHERE = weighted((20, "baselines.jsonl"), (1, "missing.jsonl"), (0.5, "missing/b.jsonl"))


def _with_entry(content: bytes) -> bytes:
    steps = [["baselines", "append", "b.jsonl", "--entry", "e"], ["baselines", "last", "b.jsonl"]]
    return write(steps, [File("e", content)])


UNKNOWN_COMMANDS: list[list[str]] = [
    [],
    ["load"],
    ["load", "b.jsonl", "x"],
    ["Load", "b.jsonl"],
    ["append", "b.jsonl"],
    ["append", "--entry", "b.jsonl"],
    ["append", "b.jsonl", "--entry"],
    ["append", "b.jsonl", "--entry", "b.jsonl", "--entry", "b.jsonl"],
    ["copy", "b.jsonl"],
    ["drift", "--file", "b.jsonl"],
    ["last", "b.jsonl", "--entry", "b.jsonl"],
]
ODD_PLACES: list[tuple[list[str], list[File]]] = [
    (["load", "d"], [File("d/")]),
    (["append", "d", "--entry", "entry.json"], [File("d/"), ENTRY]),
    (["append", "b.jsonl", "--entry", "d"], [File("d/"), File("b.jsonl")]),
    (["append", "b.jsonl", "--entry", "gone"], [File("b.jsonl")]),
    (["append", "--entry", "entry.json", "b.jsonl"], [ENTRY]),
    (["append", "gone/b.jsonl", "--entry", "entry.json"], [ENTRY]),
    (["copy", "b.jsonl", "d"], [File("d/"), File("b.jsonl")]),
    (["copy", "b.jsonl", "gone/c.jsonl"], [File("b.jsonl")]),
    (["copy", "b.jsonl", "b.jsonl"], [File("b.jsonl", b"", "644")]),
    (["last", "b.jsonl/x"], [File("b.jsonl")]),
]
BASELINES = weighted(
    (80, mapped(concat(DOING, "\t", END, "\t", WHERE, "\n", LINES), _case)),
    (6, mapped(FAULTY, _with_entry)),
    (3, mapped(SOUND, _with_entry)),
    (
        1,
        mapped(
            concat('{"at":"2026-01-01T00:00:00Z","commit":"unknown","metrics":{},"x":', pick("1e20", "1e21"), "}"),
            _with_entry,
        ),
    ),
    (1, pick(*[write([["baselines", *step]], [File("b.jsonl")]) for step in UNKNOWN_COMMANDS])),
    (2, pick(*[write([["baselines", *step]], files) for step, files in ODD_PLACES])),
)
