"""Files that are missing, are none, may not be read, or hold something else: told, without waiting or a trace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import pytest

from .cases import lay, put, tree
from .chains import (
    EXITS,
    KEY,
    LOG,
    MANIFEST,
    SUBJECT,
    Members,
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

TORN = f"subjects/{SUBJECT}.torn"
ENTRY = b'{"at":"2026-05-03T10:11:12Z","commit":"unknown","metrics":{"rows":12}}'
RUBBISH = bytes(range(256)) * 17


class Use(NamedTuple):
    """A command and one file that it reads: what it answers where that file is unreadable, but for the error."""

    arguments: list[str]
    file: str
    answer: Members

    def told(self, kind: str, reason: str, line: int | None = None) -> Told:
        """Return what has to be told of that file."""
        return Told(self.answer | {"error": error(kind, reason, line, self.file)}, EXITS[kind])


BASE = build(2)
CHAIN: Members = {"count": 0, "tip": None, "verified": False}
APPEND = ["append", "--subject", SUBJECT, "--event", "event.json"]
VERIFY = ["verify", "--subject", SUBJECT]
NO_ROW: Members = {"count": None, "tip": None}
USES = {
    "append key": Use(APPEND, "audit.key", NO_ROW),
    "append event": Use(APPEND, "event.json", NO_ROW),
    "append manifest": Use(APPEND, MANIFEST, NO_ROW),
    "append log": Use(APPEND, LOG, NO_ROW),
    "verify key": Use(VERIFY, "audit.key", CHAIN),
    "verify manifest": Use(VERIFY, MANIFEST, CHAIN),
    "verify log": Use(VERIFY, LOG, CHAIN | {"tip": BASE.tips[0]}),
    "verify all key": Use(["verify"], "audit.key", {"subjects": []}),
    "verify all anchors": Use(["verify", "--anchors", "anchors.json"], "anchors.json", {"subjects": []}),
    "recover log": Use(["recover", "--subject", SUBJECT], LOG, {"kept": None}),
    "load": Use(["baselines", "load", "base.jsonl"], "base.jsonl", {"count": 0}),
    "last": Use(["baselines", "last", "base.jsonl"], "base.jsonl", {"last": None}),
    "drift": Use(["baselines", "drift", "base.jsonl"], "base.jsonl", {"drift": None}),
    "copy": Use(["baselines", "copy", "base.jsonl", "copy.jsonl"], "base.jsonl", {"count": None}),
    "append to": Use(["baselines", "append", "base.jsonl", "--entry", "entry.json"], "base.jsonl", {"count": None}),
    "append entry": Use(["baselines", "append", "base.jsonl", "--entry", "entry.json"], "entry.json", {"count": None}),
}
by_use = pytest.mark.parametrize("name", USES)


def furnish(directory: Path) -> Path:
    """Write what every command needs to succeed."""
    lay(directory, BASE)
    put(directory / "event.json", canonical(event(3)))
    put(directory / "anchors.json", canonical({SUBJECT: BASE.anchor()}))
    put(directory / "base.jsonl", ENTRY + b"\n")
    put(directory / "entry.json", ENTRY)
    return directory


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a directory in which every command succeeds."""
    return furnish(tmp_path)


def told_and_left(program: Program, directory: Path, use: Use) -> Told:
    """Return the answer of a command that must leave everything as it was."""
    before = tree(directory)
    told = program.ask(use.arguments, directory)
    assert tree(directory) == before
    return told


@by_use
def test_the_command_succeeds_where_nothing_is_wrong(program: Program, name: str, directory: Path) -> None:
    assert program.ask(USES[name].arguments, directory).exit in {0, EXITS["unanchored"]}


STATES = {"missing": "missing", "dangling": "missing", "loop": "io", "folder": "not-a-file", "pipe": "not-a-file",
          "socket": "not-a-file"}  # fmt: skip
"""What can be where a file should be, and the reason that has to be told."""


def spoil(file: Path, state: str) -> None:
    """Put something that is no file in a file's place."""
    file.unlink(missing_ok=True)
    match state:
        case "dangling":
            file.symlink_to("nowhere/at-all")
        case "loop":
            file.symlink_to(file.name)
        case "folder":
            file.mkdir()
        case "pipe":
            os.mkfifo(file, 0o600)
        case "socket":
            os.mknod(file, 0o140600)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        (name, state)
        for name in USES
        for state in STATES
        if (name, state) not in {("append to", "missing"), ("append to", "dangling")}
    ],
)
def test_a_file_that_is_none(program: Program, name: str, state: str, directory: Path) -> None:
    use = USES[name]
    spoil(directory / use.file, state)
    assert told_and_left(program, directory, use) == use.told("unreadable", STATES[state])


def test_baselines_that_are_missing_are_made(program: Program, directory: Path) -> None:
    (directory / "base.jsonl").unlink()
    assert program.ask(USES["append to"].arguments, directory) == Told({"count": 1, "error": None}, 0)
    assert (directory / "base.jsonl").read_bytes() == ENTRY + b"\n"
    assert (directory / "base.jsonl").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "given", ["nowhere/key", "event.json/key", "subjects", "/dev/null", "/dev/zero", "k" * 300, "a/" * 3000]
)
@pytest.mark.parametrize("option", ["--key", "--event", "--anchors", "load", "drift", "--entry"])
def test_another_name_of_no_file(program: Program, option: str, given: str, directory: Path) -> None:
    reason = "missing" if "/key" in given else "io" if len(given) > 99 else "not-a-file"
    uses = {
        "--key": Use([*VERIFY, "--key", given], given, CHAIN),
        "--event": Use([*APPEND[:-1], given], given, NO_ROW),
        "--anchors": Use(["verify", "--anchors", given], given, {"subjects": []}),
        "load": Use(["baselines", "load", given], given, {"count": 0}),
        "drift": Use(["baselines", "drift", given], given, {"drift": None}),
        "--entry": Use(["baselines", "append", "base.jsonl", "--entry", given], given, {"count": None}),
    }
    assert told_and_left(program, directory, uses[option]) == uses[option].told("unreadable", reason)


@by_use
def test_a_file_that_may_not_be_read(program: Program, name: str, directory: Path) -> None:
    use = USES[name]
    (directory / use.file).chmod(0o000)
    before = tree(directory)
    done = program.run(use.arguments, directory, "--bits")
    assert done.told() == use.told("unreadable", "no-permission")
    assert tree(directory) == before


@pytest.mark.parametrize("name", ["append log", "append manifest", "verify manifest", "recover log"])
def test_a_folder_that_may_not_be_entered(program: Program, name: str, directory: Path) -> None:
    use = USES[name]
    (directory / "subjects").chmod(0o000)
    told = program.run(use.arguments, directory, "--bits").told()
    (directory / "subjects").chmod(0o700)
    file = LOG if name.startswith("append") else use.file  # the log is opened first, for its lock
    assert told == use._replace(file=file).told("unreadable", "no-permission")


class TestKey:
    def both(self, program: Program, directory: Path) -> tuple[Told, Told]:
        """Return what verify and append say, the latter having changed nothing."""
        return program.ask(VERIFY, directory), program.ask(APPEND, directory)

    def wanted(self, reason: str) -> tuple[Told, Told]:
        verified = no_chain("unreadable", reason, None, "audit.key")
        return verified, not_appended("unreadable", reason, None, "audit.key")

    @pytest.mark.parametrize(("length", "reason"), [(0, "key-too-short"), (1, "key-too-short"), (31, "key-too-short"),
                                                    (4097, "key-too-long"), (100_000, "key-too-long")])  # fmt: skip
    def test_a_length_that_is_refused(self, program: Program, length: int, reason: str, directory: Path) -> None:
        put(directory / "audit.key", bytes(length))
        assert self.both(program, directory) == self.wanted(reason)
        assert (directory / LOG).read_bytes() == BASE.log

    @pytest.mark.parametrize("length", [32, 33, 64, 65, 4095, 4096])
    def test_a_length_that_is_fine(self, program: Program, length: int, directory: Path) -> None:
        """Bytes as they are: line ends, NUL, and what is no UTF-8 belong to the key."""
        key = (b"\n\r\n \xff\0\xef\xbb\xbf" * 500)[: length - 1] + b"\n"
        base = build(2, key=key)
        lay(directory, base, key=key)
        assert program.ask([*VERIFY, "--anchor", base.anchor()], directory) == base.verified()

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o610, 0o601, 0o620, 0o602, 0o644, 0o777, 0o460])
    @pytest.mark.parametrize("length", [0, 32, 5000])
    def test_a_mode_that_is_refused(self, program: Program, mode: int, length: int, directory: Path) -> None:
        put(directory / "audit.key", (KEY * 200)[:length], mode)
        assert self.both(program, directory) == self.wanted("key-permissions")

    @pytest.mark.parametrize("mode", [0o600, 0o400, 0o700, 0o500])
    def test_a_mode_that_is_fine(self, program: Program, mode: int, directory: Path) -> None:
        put(directory / "audit.key", KEY, mode)
        assert program.ask(VERIFY, directory) == BASE.unanchored()

    def test_a_link_to_a_key(self, program: Program, directory: Path) -> None:
        (directory / "audit.key").rename(directory / "moved.key")
        (directory / "audit.key").symlink_to("moved.key")
        assert program.ask(VERIFY, directory) == BASE.unanchored()
        (directory / "moved.key").chmod(0o640)
        assert self.both(program, directory) == self.wanted("key-permissions")

    def test_the_key_is_told_before_anything_else(self, program: Program, directory: Path) -> None:
        (directory / "audit.key").unlink()
        (directory / "event.json").unlink()
        (directory / "anchors.json").write_bytes(b"")
        (directory / MANIFEST).write_bytes(b"")
        assert self.both(program, directory) == self.wanted("missing")
        told = program.ask(["verify", "--anchors", "anchors.json"], directory)
        assert told == USES["verify all key"].told("unreadable", "missing")


class TestRubbish:
    @pytest.mark.parametrize(
        "data",
        [RUBBISH, bytes(5000), b"\x1f\x8b\x08\0", b"\xff\xfe[\0]\0", b"\n", b"\xff"],
        ids=["every byte", "NULs", "packed", "UTF-16", "a line's end", "one byte"],
    )
    def test_in_every_file(self, program: Program, data: bytes, directory: Path) -> None:
        torn = not data.endswith(b"\n") and b"\n" not in data
        for name, use in USES.items():
            before = (directory / use.file).read_bytes()
            put(directory / use.file, data)
            if name.endswith("key"):
                wanted = {"key-too-short": use.told("unreadable", "key-too-short"),
                          "key-too-long": use.told("unreadable", "key-too-long")}.get(self.key(data))  # fmt: skip
            elif name.endswith("manifest"):
                wanted = use.told("tampered", "not-json", 1)
            elif name.endswith("log"):
                wanted = self.log(use, data, torn=torn)
            elif name.endswith(("event", "entry")):
                wanted = use.told("refused", "not-json")
            elif name.endswith("anchors"):
                wanted = use.told("unreadable", "not-json")
            else:
                wanted = use.told("torn", "unfinished", 1) if torn else use.told("malformed", "not-json", 1)
            assert program.ask(use.arguments, directory) == wanted, name
            put(directory / use.file, before)

    def key(self, data: bytes) -> str:
        assert not 32 <= len(data) <= 4096, "a key"
        return "key-too-short" if len(data) < 32 else "key-too-long"

    def log(self, use: Use, data: bytes, *, torn: bool) -> Told:
        lines = data.split(b"\n")
        if use.arguments[0] == "recover":
            return Told({"error": None, "kept": len(lines[-1])}, 0)
        if use.arguments[0] == "append":
            if lines[-1]:
                return use.told("torn", "unfinished", len(lines))
            return use.told("tampered", "not-json", len(lines) - 1)
        return use.told("torn", "unfinished", 1) if torn else use.told("tampered", "not-json", 1)


class TestOtherPlaces:
    @pytest.mark.parametrize("state", ["folder", "pipe"])
    def test_what_stands_where_recover_keeps_the_rest(self, program: Program, state: str, directory: Path) -> None:
        """Nothing may be lost: the log is cut only once its rest is kept elsewhere."""
        torn = BASE.log + b"torn"
        (directory / LOG).write_bytes(torn)
        if state == "folder":
            (directory / TORN).mkdir()
        else:
            os.mkfifo(directory / TORN)
        told = program.ask(["recover", "--subject", SUBJECT], directory)
        assert told.exit in {EXITS["unreadable"], EXITS["unwritten"]}
        assert (directory / LOG).read_bytes() == torn

    def test_recover_keeps_all_that_it_ever_cut(self, program: Program, directory: Path) -> None:
        for rest in (b"one", b"two\0", b"\xff"):
            with (directory / LOG).open("ab") as log:
                log.write(rest)
            told = program.ask(["recover", "--subject", SUBJECT], directory)
            assert told == Told({"error": None, "kept": len(rest)}, 0)
        assert (directory / TORN).read_bytes() == b"onetwo\0\xff"
        assert (directory / TORN).stat().st_mode & 0o777 == 0o600
        assert (directory / LOG).read_bytes() == BASE.log

    @pytest.mark.parametrize("state", ["file", "pipe", "missing"])
    def test_no_folder_of_subjects(self, program: Program, state: str, directory: Path) -> None:
        (directory / "subjects").rename(directory / "moved")
        if state == "file":
            put(directory / "subjects", b"")
        elif state == "pipe":
            os.mkfifo(directory / "subjects")
        assert program.ask(["verify"], directory) == Told({"subjects": []}, 5)
        assert program.ask(VERIFY, directory) == no_chain("unreadable", "missing", None, MANIFEST)
        told = program.ask(["recover", "--subject", SUBJECT], directory)
        assert told == USES["recover log"].told("unreadable", "missing")

    def test_a_copy_replaces_whatever_stood_there(self, program: Program, directory: Path) -> None:
        copy = ["baselines", "copy", "base.jsonl", "copy.jsonl"]
        os.mkfifo(directory / "copy.jsonl")
        for _ in range(2):
            assert program.ask(copy, directory) == Told({"count": 1, "error": None}, 0)
            assert (directory / "copy.jsonl").read_bytes() == ENTRY + b"\n"
            assert (directory / "copy.jsonl").stat().st_mode & 0o777 == 0o600
            (directory / "copy.jsonl").chmod(0o644)

    @pytest.mark.parametrize("to", ["subjects", "nowhere/copy.jsonl", "base.jsonl/copy", "k" * 300])
    def test_a_copy_that_cannot_be_written(self, program: Program, to: str, directory: Path) -> None:
        use = Use(["baselines", "copy", "base.jsonl", to], to, {"count": None})
        told = told_and_left(program, directory, use)
        assert told == use.told("unwritten", "write-failed")

    def test_a_copy_into_a_folder_that_may_not_be_written(self, program: Program, directory: Path) -> None:
        (directory / "closed").mkdir(mode=0o500)
        done = program.run(["baselines", "copy", "base.jsonl", "closed/copy"], directory, "--bits")
        use = Use([], "closed/copy", {"count": None})
        assert done.told() == use.told("unwritten", "write-failed")
        assert list((directory / "closed").iterdir()) == []

    def test_a_missing_manifest_is_told_before_a_missing_log(self, program: Program, directory: Path) -> None:
        (directory / LOG).unlink()
        (directory / MANIFEST).write_bytes(b"{")
        assert program.ask(VERIFY, directory) == broken_manifest("not-json")
        (directory / MANIFEST).unlink()
        assert program.ask(VERIFY, directory) == no_chain("unreadable", "missing", None, MANIFEST)
