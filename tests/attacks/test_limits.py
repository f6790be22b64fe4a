"""Lines and files that are too large, in memory that does not grow with them, and a disk that is full."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from .cases import lay, put, tree
from .chains import (
    EXITS,
    KEY,
    LOG,
    LONGEST,
    MANIFEST,
    SUBJECT,
    Chain,
    Told,
    broken_manifest,
    build,
    canonical,
    error,
    event,
    no_chain,
    not_appended,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .programs import Program

MEBI = 1 << 20
LARGE = 100 * MEBI
ALLOWED = 40 * 1024
"""KiB that a command may need on a file of 100 MB beyond what it needs on a tiny one.

A line that is allowed has 1 MiB; what is read of it, its texts, its canonical form and what a collector has not swept
yet are several times that. A program that keeps a line or a log of 100 MB whole cannot stay below it.
"""
VERIFY = ["verify", "--subject", SUBJECT]
APPEND = ["append", "--subject", SUBJECT, "--event", "event.json"]
RECOVER = ["recover", "--subject", SUBJECT]
ADD = ["baselines", "append", "base.jsonl", "--entry", "entry.json"]
TORN = f"subjects/{SUBJECT}.torn"
ENTRY = b'{"at":"2026-05-03T10:11:12Z","commit":"unknown","metrics":{"rows":%d}}\n'


def padded(chain: Chain, length: int) -> Chain:
    """Return a chain with one more row, which has so many bytes without its LF."""
    bare = len(chain.plus(pad="").rows[-1]) - 1
    made = chain.plus(pad="x" * (length - bare))
    assert len(made.rows[-1]) == length + 1
    return made


def peak(program: Program, arguments: list[str], directory: Path) -> tuple[Told, int]:
    """Return what a process answers, and the most memory that it had, in KiB."""
    measured = directory / "peak"
    told = program.run(arguments, directory, "--peak", str(measured)).told()
    memory = int(measured.read_text())
    measured.unlink()
    return told, memory


def spread(file: Path, at: int, length: int, tail: bytes = b"") -> None:
    """Put a hole of so many NULs into a file, and something behind it."""
    with file.open("r+b") as opened:
        opened.truncate(at + length)
        opened.seek(at + length)
        opened.write(tail)


class TestLines:
    @pytest.mark.parametrize("length", [LONGEST - 1, LONGEST])
    def test_the_longest_line_is_sound(self, program: Program, length: int, tmp_path: Path) -> None:
        base = padded(build(1), length).plus()
        lay(tmp_path, base)
        put(tmp_path / "event.json", canonical(event(3)))
        assert program.ask([*VERIFY, "--anchor", base.anchor()], tmp_path) == base.verified()
        lay(tmp_path, base.first(2))
        assert program.ask(APPEND, tmp_path) == Told({"count": 3, "error": None, "tip": base.tips[-1]}, 0)

    @pytest.mark.parametrize("at", [1, 2, 3])
    @pytest.mark.parametrize("end", [b"\n", b""])
    def test_one_byte_more_is_too_long(self, program: Program, at: int, end: bytes, tmp_path: Path) -> None:
        base = padded(build(at - 1), LONGEST + 1)
        lay(tmp_path, base, log=base.log[:-1] + end)
        wanted = base.told(at - 1, "unreadable", "line-too-long", at)
        assert program.ask(VERIFY, tmp_path) == wanted
        assert program.ask([*VERIFY, "--anchor", base.first(at - 1).anchor()], tmp_path) == wanted
        put(tmp_path / "event.json", canonical(event(4)))
        before = tree(tmp_path)
        assert program.ask(APPEND, tmp_path) == not_appended("unreadable", "line-too-long", at, LOG)
        recovered = Told({"error": None, "kept": 0}, 0) if end else Told(
            {"error": error("unreadable", "line-too-long", at, LOG), "kept": None}, 5)  # fmt: skip
        assert program.ask(RECOVER, tmp_path) == recovered
        assert tree(tmp_path) == before

    def test_the_longest_torn_line_is_kept(self, program: Program, tmp_path: Path) -> None:
        base = build(1)
        lay(tmp_path, base, log=base.log + b"x" * LONGEST)
        assert program.ask(VERIFY, tmp_path) == base.torn(2)
        assert program.ask(RECOVER, tmp_path) == Told({"error": None, "kept": LONGEST}, 0)
        assert (tmp_path / TORN).read_bytes() == b"x" * LONGEST
        assert program.ask(VERIFY, tmp_path) == base.unanchored()

    def test_a_manifest_that_is_too_long(self, program: Program, tmp_path: Path) -> None:
        base = build(1)
        lay(tmp_path, base)
        put(tmp_path / "event.json", canonical(event(2)))
        spread(tmp_path / MANIFEST, len(base.manifest), LARGE)
        assert program.ask(VERIFY, tmp_path) == broken_manifest("not-canonical")
        put(tmp_path / MANIFEST, b"")
        spread(tmp_path / MANIFEST, 0, LARGE)
        assert program.ask(VERIFY, tmp_path) == no_chain("unreadable", "line-too-long", 1, MANIFEST)
        assert program.ask(APPEND, tmp_path) == not_appended("unreadable", "line-too-long", 1, MANIFEST)

    @pytest.mark.parametrize("more", [0, 1])
    def test_an_event_and_its_row_at_the_limit(self, program: Program, more: int, tmp_path: Path) -> None:
        put(tmp_path / "audit.key", KEY)
        text = canonical(event(1))
        put(tmp_path / "event.json", text + b" " * (LONGEST + more - len(text)))
        told = program.ask(APPEND, tmp_path)
        too_long = not_appended("refused", "line-too-long", None, "event.json")
        assert told == (too_long if more else Told({"count": 1, "error": None, "tip": build(1).tips[-1]}, 0))
        bare = len(build(0).plus("", pad="").rows[-1]) - 1
        directory = tmp_path / "of-the-row"
        directory.mkdir()
        put(directory / "audit.key", KEY)
        put(directory / "event.json", canonical(event(1) | {"pad": "x" * (LONGEST + more - bare)}))
        told = program.ask(APPEND, directory)
        assert told == too_long if more else told.exit == 0
        assert (directory / LOG).exists() is not bool(more)


class TestMemory:
    @pytest.mark.parametrize("tail", [b"", b"\n"], ids=["torn", "with LF"])
    def test_a_line_of_100_mb(self, program: Program, tail: bytes, tmp_path: Path) -> None:
        base = build(2)
        lay(tmp_path, base)
        put(tmp_path / "event.json", canonical(event(3)))
        tiny = {"verify": peak(program, VERIFY, tmp_path)[1], "recover": peak(program, RECOVER, tmp_path)[1]}
        tiny["append"] = peak(program, APPEND, tmp_path)[1]
        lay(tmp_path, base)
        spread(tmp_path / LOG, len(base.log), LARGE, tail)
        wanted = base.told(2, "unreadable", "line-too-long", 3)
        told, memory = peak(program, VERIFY, tmp_path)
        assert (told, memory < tiny["verify"] + ALLOWED) == (wanted, True), (memory, tiny)
        told, memory = peak(program, APPEND, tmp_path)
        refused = not_appended("unreadable", "line-too-long", 3, LOG)
        assert (told, memory < tiny["append"] + ALLOWED) == (refused, True), (memory, tiny)
        told, memory = peak(program, RECOVER, tmp_path)
        recovered = Told({"error": None, "kept": 0}, 0) if tail else Told(
            {"error": error("unreadable", "line-too-long", 3, LOG), "kept": None}, 5)  # fmt: skip
        assert (told, memory < tiny["recover"] + ALLOWED) == (recovered, True), (memory, tiny)
        assert (tmp_path / LOG).stat().st_size == len(base.log) + LARGE + len(tail)

    def test_a_log_of_100_mb(self, program: Program, hundred: Chain, tmp_path: Path) -> None:
        lay(tmp_path, hundred.first(1))
        _, tiny = peak(program, VERIFY, tmp_path)
        lay(tmp_path, hundred)
        told, memory = peak(program, [*VERIFY, "--anchor", hundred.anchor()], tmp_path)
        assert told == hundred.verified()
        assert memory < tiny + ALLOWED

    @pytest.mark.parametrize("name", ["audit.key", "event.json", "anchors.json", "entry.json", "base.jsonl"])
    def test_other_files_of_100_mb(self, program: Program, name: str, tmp_path: Path) -> None:
        lay(tmp_path, build(1))
        put(tmp_path / "event.json", canonical(event(2)))
        put(tmp_path / "anchors.json", b"{}")
        put(tmp_path / "entry.json", ENTRY % 1)
        put(tmp_path / "base.jsonl", ENTRY % 1)
        arguments = {
            "audit.key": VERIFY,
            "event.json": APPEND,
            "anchors.json": ["verify", "--anchors", "anchors.json"],
            "entry.json": ADD,
            "base.jsonl": ["baselines", "last", "base.jsonl"],
        }[name]
        _, tiny = peak(program, arguments, tmp_path)
        spread(tmp_path / name, (tmp_path / name).stat().st_size, LARGE)
        told, memory = peak(program, arguments, tmp_path)
        found = told.answer["error"]
        if name == "anchors.json":
            assert (found["kind"], found["file"], told.exit) == ("unreadable", name, 5)
        else:
            reason = "key-too-long" if name == "audit.key" else "line-too-long"
            kind = "refused" if name in {"event.json", "entry.json"} else "unreadable"
            line = 2 if name == "base.jsonl" else None
            assert (found, told.exit) == (error(kind, reason, line, name), EXITS[kind])
        assert memory < tiny + ALLOWED


@pytest.fixture(scope="module")
def hundred() -> Chain:
    """Return a chain whose log has 100 MB."""
    rows = 220
    chain = build(1)
    while chain.count < rows:
        chain = chain.plus(pad="x" * (LARGE // rows))
    assert len(chain.log) > 100_000_000
    return chain


class Write(NamedTuple):
    """A command that writes to a file, and what it answers where it cannot, but for the error."""

    arguments: list[str]
    file: str
    answer: dict[str, object]


WRITES = {
    "append": Write(APPEND, LOG, {"count": None, "tip": None}),
    "baselines append": Write(ADD, "base.jsonl", {"count": None}),
    "recover": Write(RECOVER, TORN, {"kept": None}),
    "copy": Write(["baselines", "copy", "base.jsonl", "copy.jsonl"], "copy.jsonl", {"count": None}),
}  # fmt: skip


class TestFullDisk:
    """No file may grow beyond a limit: a write fails, or writes a part. The next one, with room, goes on."""

    def lay_for(self, name: str, directory: Path) -> tuple[bytes, bytes]:
        """Write what a command works on; return what its file has, and what it is going to write behind it."""
        base = build(3)
        lay(directory, base.first(2))
        put(directory / "event.json", canonical(event(3)))
        put(directory / "base.jsonl", ENTRY % 1)
        put(directory / "entry.json", ENTRY % 22)
        match name:
            case "append":
                return base.first(2).log, base.rows[2]
            case "baselines append":
                return ENTRY % 1, ENTRY % 22
            case "recover":
                (directory / LOG).write_bytes(base.log[:-1])
                return b"", base.rows[2][:-1]
        put(directory / "copy.jsonl", b"old")
        return b"", ENTRY % 1

    @pytest.mark.parametrize("name", WRITES)
    def test_what_was_there_stays_and_the_next_one_goes_on(self, program: Program, name: str, tmp_path: Path) -> None:
        write = WRITES[name]
        there, more = self.lay_for(name, tmp_path)
        before = tree(tmp_path)
        for room in (0, 1, len(more) // 2, len(more) - 1):
            told = program.run(write.arguments, tmp_path, "--fsize", str(len(there) + room)).told()
            assert told.exit == EXITS["unwritten"], room
            wanted = write.answer | {"error": error("unwritten", "write-failed", None, write.file)}
            assert told.answer == wanted
            after = tree(tmp_path)
            if name == "recover" and after.get(TORN, (0, b""))[1] == b"":
                after.pop(TORN, None)  # it may be there, empty
            assert after == before, room
        assert program.run(write.arguments, tmp_path, "--fsize", str(len(there) + len(more))).told().exit == 0
        assert (tmp_path / write.file).read_bytes() == (more if name == "copy" else there + more)
        if name == "recover":
            assert (tmp_path / LOG).read_bytes() == build(2).log

    def test_the_first_row(self, program: Program, tmp_path: Path) -> None:
        """Neither the manifest nor a row is left: at most an empty log, which is none at all."""
        base = build(1)
        put(tmp_path / "audit.key", KEY)
        put(tmp_path / "event.json", canonical(event(1)))
        manifest, row = len(base.manifest), len(base.rows[0])
        assert manifest < row
        for limit in (0, manifest // 2, manifest - 1, manifest, row - 1):
            told = program.run(APPEND, tmp_path, "--fsize", str(limit)).told()
            file = MANIFEST if limit < manifest else LOG
            assert told == not_appended("unwritten", "write-failed", None, file), limit
            left = {name: data for name, (_, data) in tree(tmp_path / "subjects").items()}
            assert left in ({}, {f"{SUBJECT}.audit.jsonl": b""}), limit
            assert program.ask(["verify"], tmp_path).exit == 5
        told = program.run(APPEND, tmp_path, "--fsize", str(row)).told()
        assert told == Told({"count": 1, "error": None, "tip": base.tips[1]}, 0)
        assert (tmp_path / LOG).read_bytes() == base.log

    def test_a_first_entry(self, program: Program, tmp_path: Path) -> None:
        write = WRITES["baselines append"]
        put(tmp_path / "entry.json", ENTRY % 1)
        for limit in (0, 1, len(ENTRY % 1) - 1):
            told = program.run(write.arguments, tmp_path, "--fsize", str(limit)).told()
            assert told.exit == EXITS["unwritten"]
            assert {name for name, (_, data) in tree(tmp_path).items() if data} == {"entry.json"}
        assert program.run(write.arguments, tmp_path).told() == Told({"count": 1, "error": None}, 0)

    def test_a_large_row_that_is_written_half(self, program: Program, tmp_path: Path) -> None:
        base = build(1)
        lay(tmp_path, base)
        put(tmp_path / "event.json", canonical(event(2) | {"pad": "x" * 900_000}))
        for limit in (4096, 800_000):
            told = program.run(APPEND, tmp_path, "--fsize", str(limit)).told()
            assert told == not_appended("unwritten", "write-failed", None, LOG)
            assert (tmp_path / LOG).read_bytes() == base.log
        assert program.ask(APPEND, tmp_path).exit == 0
