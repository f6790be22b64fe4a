"""What one runtime wrote is every other one's to read and to go on with: all triples, as commands."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, TypeAlias

from .cases import put
from .chains import KEY, LOG, MANIFEST, SUBJECT, Told, build, canonical, event

if TYPE_CHECKING:
    from pathlib import Path

    from .programs import Done, Program

Outcome: TypeAlias = "tuple[object, ...]"

ENTRIES = (
    b' {"metrics": {"rows": 1.2e1, "b": 0, "gone": 5}, "commit": "unknown", "at": "2026-05-03T10:11:12Z", "n": 1E2}\n',
    b'{"at":"2026-06-03T10:11:12.5Z","commit":"0123456789012345678901234567890123456789","metrics":{"rows":82,"b":0,"new":-1}}',
)
STORED = (
    b'{"at":"2026-05-03T10:11:12Z","commit":"unknown","metrics":{"b":0,"gone":5,"rows":12},"n":100}\n',
    b'{"at":"2026-06-03T10:11:12.5Z","commit":"0123456789012345678901234567890123456789","metrics":{"b":0,"new":-1,"rows":82}}\n',
)
DRIFT = [
    {"change": "+0 %", "first": 0, "last": 0, "metric": "b", "verdict": "ok"},
    {"change": None, "first": 5, "last": None, "metric": "gone", "verdict": "warn"},
    {"change": None, "first": None, "last": -1, "metric": "new", "verdict": "warn"},
    {"change": "+583 %", "first": 12, "last": 82, "metric": "rows", "verdict": "warn"},
]


def outcome(done: Done) -> Outcome:
    """Return everything that must be alike: the bytes of the answer, and the exit code."""
    done.told()
    return done.out, done.code


def triples(everyone: list[Program]) -> list[tuple[Program, Program, Program]]:
    return list(itertools.product(everyone, everyone, everyone))


def test_chains_of_every_two_are_every_third_ones_to_verify(everyone: list[Program], tmp_path: Path) -> None:
    """Each pair writes a directory, which each third verifies: writing is done once, and verifying leaves no trace."""
    base = build(2)
    assert len(triples(everyone)) == len(everyone) ** 3
    written: dict[tuple[Program, Program], Path] = {}
    for first, second, third in triples(everyone):
        directory = tmp_path / f"{first}-{second}"
        if (first, second) not in written:
            written[first, second] = directory
            directory.mkdir()
            put(directory / "audit.key", KEY)
            for at, program in enumerate((first, second), 1):
                put(directory / "event.json", canonical(event(at)))
                told = program.run(["append", "--subject", SUBJECT, "--event", "event.json"], directory).told()
                assert told == Told({"count": at, "error": None, "tip": base.tips[at]}, 0), (first, second)
            assert (directory / MANIFEST).read_bytes() == base.manifest, (first, second)
            assert (directory / LOG).read_bytes() == base.log, (first, second)
        told = third.run(["verify", "--subject", SUBJECT, "--anchor", base.anchor()], directory).told()
        assert told == base.verified(), (first, second, third)


def test_baselines_of_every_two_are_every_third_ones_to_compare(everyone: list[Program], tmp_path: Path) -> None:
    outcomes = set[Outcome]()
    for first, second in itertools.product(everyone, repeat=2):
        directory = tmp_path / f"{first}-{second}"
        directory.mkdir()
        for at, program in enumerate((first, second)):
            put(directory / "entry.json", ENTRIES[at])
            told = program.run(["baselines", "append", "base.jsonl", "--entry", "entry.json"], directory).told()
            assert told == Told({"count": at + 1, "error": None}, 0), (first, second)
        assert (directory / "base.jsonl").read_bytes() == b"".join(STORED)
        for third in everyone:
            drift = third.run(["baselines", "drift", "base.jsonl"], directory)
            assert drift.told() == Told({"drift": DRIFT, "error": None}, 0), (first, second, third)
            assert third.ask(["baselines", "load", "base.jsonl"], directory) == Told({"count": 2, "error": None}, 0)
            told = third.ask(["baselines", "last", "base.jsonl"], directory)
            assert told == Told({"error": None, "last": json.loads(STORED[1])}, 0)
            copied = third.ask(["baselines", "copy", "base.jsonl", f"{third}.jsonl"], directory)
            assert copied == Told({"count": 2, "error": None}, 0)
            assert (directory / f"{third}.jsonl").read_bytes() == b"".join(STORED)
            outcomes.add(outcome(drift))
    assert len(outcomes) == 1, "the bytes of the answers differ"


def test_a_copy_of_what_is_not_canonical_is_byte_for_byte(everyone: list[Program], tmp_path: Path) -> None:
    """The copy of the copy of a copy, by all triples, is what it was: order, white space and number text."""
    lines = ENTRIES[0] + b"\t" + ENTRIES[1] + b"  \r\n" + ENTRIES[0]
    put(tmp_path / "start.jsonl", lines)
    for triple in triples(everyone):
        name = "start.jsonl"
        for program in triple:
            told = program.ask(["baselines", "copy", name, f"{name}.c"], tmp_path)
            assert told == Told({"count": 3, "error": None}, 0), triple
            name = f"{name}.c"
        assert (tmp_path / name).read_bytes() == lines, triple


def test_torn_by_one_recovered_by_another_and_gone_on_by_a_third(everyone: list[Program], tmp_path: Path) -> None:
    base = build(3)
    for first, second, third in triples(everyone):
        directory = tmp_path / f"{first}-{second}-{third}"
        directory.mkdir()
        put(directory / "audit.key", KEY)
        for at in (1, 2):
            put(directory / "event.json", canonical(event(at)))
            first.ask(["append", "--subject", SUBJECT, "--event", "event.json"], directory)
        with (directory / LOG).open("ab") as log:
            log.write(base.rows[2][:-1])
        recovered = second.ask(["recover", "--subject", SUBJECT], directory)
        assert recovered == Told({"error": None, "kept": len(base.rows[2]) - 1}, 0)
        put(directory / "event.json", canonical(event(3)))
        told = third.ask(["append", "--subject", SUBJECT, "--event", "event.json"], directory)
        assert told == Told({"count": 3, "error": None, "tip": base.tips[3]}, 0), (first, second, third)
        assert (directory / LOG).read_bytes() == base.log
        assert (directory / f"subjects/{SUBJECT}.torn").read_bytes() == base.rows[2][:-1]
