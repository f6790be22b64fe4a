"""The written form of a files surface: which case can be laid out, and as what."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from parity.transports import Requests
from parity.transports.tree import LONGEST_SECRET, Entry, Tree, parse, secret

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_STEP = "its first lines are not steps, each a JSON array of texts"
NO_NAME = "a file has a name that is not allowed"
NO_SECRET = "a secret is not described as NAME LENGTH"
ZERO = "an argument of a step holds a zero byte, which no command line can"

FIRST = bytes.fromhex("56a4b218429b7144dc81a1db7d7c1680987cad21d703743dc335443aebbbbb15")
"""sha256sum of `parity secret a 0`."""


def folder(mode: int = 0o700) -> Entry:
    return Entry(mode, kind="folder")


def read(data: bytes) -> Tree:
    """Return a case that can be laid out."""
    parsed = parse(data)
    assert isinstance(parsed, Tree), parsed
    return parsed


class TestSteps:
    @pytest.mark.parametrize(
        ("data", "steps"),
        [
            (b'["a"]', [["a"]]),
            (b'["a"]\n', [["a"]]),
            (b"[]", [[]]),
            (b'["a","--b","c d"]\n[]\n["e"]', [["a", "--b", "c d"], [], ["e"]]),
            (b' [ "a" ,\t"b" ] ', [["a", "b"]]),
            (b'["a"]\r', [["a"]]),
            (b'["","\\u00e9\\n\\"","\xc3\xa9","\\ud83d\\ude00"]', [["", '\u00e9\n"', "\u00e9", "\U0001f600"]]),
            (b'["-- a --"]\n-- a --', [["-- a --"]]),
        ],
    )
    def test_are_arrays_of_texts_a_line_each(self, data: bytes, steps: list[list[str]]) -> None:
        assert [list(step) for step in read(data).steps] == steps

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\n",
            b"-- a --\n",
            b'\n["a"]',
            b'["a"]\n\n',
            b'["a"]\n\n["b"]',
            b'["a"]\n\n-- f --\n',
            b'["a"]["b"]',
            b'["a"] x',
            b'["a"',
            b'"a"',
            b"{}",
            b"null",
            b"[1]",
            b"[null]",
            b'[["a"]]',
            b'["a",]',
            b"['a']",
            b'["\xff"]',
            b'["\\ud800"]',
            b'["a\tb"]',
            b'\xef\xbb\xbf["a"]',
            b'["a"]\n# b',
            b'["a"]\n--a--',
            b"[" * 200_000,
        ],
    )
    def test_that_are_none_are_refused(self, data: bytes) -> None:
        assert parse(data) == NO_STEP

    @pytest.mark.parametrize("data", [b'["\\u0000"]', b'["a"]\n["b","c\\u0000d"]\n-- f --'])
    def test_that_no_command_line_can_hold_are_refused(self, data: bytes) -> None:
        assert parse(data) == ZERO


FILES: list[tuple[bytes, Mapping[str, Entry]]] = [
    (b"", {}),
    (b"-- a --", {"a": Entry(0o600)}),
    (b"-- a --\n", {"a": Entry(0o600)}),
    (b"-- a --\n\n", {"a": Entry(0o600, b"\n")}),
    (b"-- a --\nx", {"a": Entry(0o600, b"x")}),
    (b"-- a --\nx\n", {"a": Entry(0o600, b"x\n")}),
    (b"-- a --\n-- b --\n", {"a": Entry(0o600), "b": Entry(0o600)}),
    (b"-- a --\n\n-- b --\n", {"a": Entry(0o600), "b": Entry(0o600)}),
    (b"-- a --\n\n\n-- b --\n", {"a": Entry(0o600, b"\n"), "b": Entry(0o600)}),
    (b"-- a --\nx\n-- b --\ny", {"a": Entry(0o600, b"x"), "b": Entry(0o600, b"y")}),
    (b"-- a --\nx\n\n-- b --\ny\n", {"a": Entry(0o600, b"x\n"), "b": Entry(0o600, b"y\n")}),
    (b"-- a --\n\x00\xff\r\n\xc3", {"a": Entry(0o600, b"\x00\xff\r\n\xc3")}),
    (b"-- a 644 --\nx", {"a": Entry(0o644, b"x")}),
    (b"-- a 400 --\nx", {"a": Entry(0o400, b"x")}),
    (b"-- a 777 --\nx", {"a": Entry(0o777, b"x")}),
    (b"-- d/ --\n", {"d/": folder()}),
    (b"-- d/ 755 --\n-- d/a --\nx", {"d/": folder(0o755), "d/a": Entry(0o600, b"x")}),
    (b"-- d/a --\nx\n-- d/ 755 --\n", {"d/": folder(0o755), "d/a": Entry(0o600, b"x")}),
    (b"-- d/e/a --\nx", {"d/": folder(), "d/e/": folder(), "d/e/a": Entry(0o600, b"x")}),
    (b"-- d/e/ --\n", {"d/": folder(), "d/e/": folder()}),
    (b"-- .a --\n-- ..a --\n-- a. --\n", {".a": Entry(0o600), "..a": Entry(0o600), "a.": Entry(0o600)}),
    (b"-- ... --\n-- -- --\n-- A_b+c-9 --", {"...": Entry(0o600), "--": Entry(0o600), "A_b+c-9": Entry(0o600)}),
    # What only looks like the beginning of a file is the text of the one before.
    (b"-- a --\n-- b c --\n --b --", {"a": Entry(0o600, b"-- b c --\n --b --")}),
    (b"-- a --\n-- b --x\n-- b 64 --", {"a": Entry(0o600, b"-- b --x\n-- b 64 --")}),
    (b"-- a --\n-- b 888 --\n-- b 600 secrets --", {"a": Entry(0o600, b"-- b 888 --\n-- b 600 secrets --")}),
    (b"-- a --\n-- b --\r\n", {"a": Entry(0o600, b"-- b --\r\n")}),
]  # fmt: skip


class TestFiles:
    @pytest.mark.parametrize(("files", "entries"), FILES)
    def test_stand_behind_the_steps(self, files: bytes, entries: Mapping[str, Entry]) -> None:
        assert read(b'["x"]\n' + files) == Tree((("x",),), entries, ())

    def test_come_behind_the_folders_that_they_lie_in(self) -> None:
        entries = read(b"[]\n-- z/y/b --\n-- a --\n-- z/c --\n-- z/ 750 --\n-- m/ --\n").entries

        assert list(entries) == ["m/", "z/", "z/y/", "z/y/b", "a", "z/c"]

    @pytest.mark.parametrize(
        "name",
        [
            *["..", ".", "../a", "a/../b", "a/..", "./a", "a/.", "a/./b", "/a", "/", "//", "a//b", "a//", "../"],
            *["~/a\\b", "caf\u00e9", "a\tb", "a*", "a:b", "a\0b", "a" * 256, "a" * 256 + "/b", "/".join("a" * 501)],
        ],
    )
    def test_whose_name_is_not_allowed_are_refused(self, name: str) -> None:
        assert parse(f"[]\n-- {name} --\n".encode()) == NO_NAME
        assert parse(f"[]\n-- b --\n\n-- {name} 600 --\nx".encode()) == NO_NAME

    @pytest.mark.parametrize("name", ["a" * 255, "a" * 255 + "/b", "/".join("a" * 400)])
    def test_may_have_long_names(self, name: str) -> None:
        assert name in read(f"[]\n-- {name} --\n".encode()).entries

    @pytest.mark.parametrize(
        ("files", "sentence"),
        [
            (b"-- a --\n-- a --\n", "two files are named a"),
            (b"-- a --\nx\n-- b --\n-- a 644 --\ny", "two files are named a"),
            (b"-- a/ --\n-- a/ 755 --\n", "two files are named a/"),
            (b"-- a --\n-- a/ --\n", "a is a file and a folder"),
            (b"-- a/ --\n-- a --\n", "a is a file and a folder"),
            (b"-- a/b --\n-- a --\n", "a is a file and a folder"),
            (b"-- a --\n-- a/b/c --\n", "a is a file and a folder"),
            (b"-- d/a/b --\n-- d/a 600 secret --\nx 32", "d/a is a file and a folder"),
            (b"-- a/ --\nx", "a folder has a text"),
            (b"-- a/ --\n\n\n-- b --\n", "a folder has a text"),
            (b"-- a/ 700 secret --\nx 32", "a folder has a text"),
            (b"-- a 077 --\n", "the harness could not read a back; its owner has to be allowed to"),
            (b"-- a 200 --\n", "the harness could not read a back; its owner has to be allowed to"),
            (b"-- a/ 600 --\n", "the harness could not read a/ back; its owner has to be allowed to"),
            (b"".join(b"-- a%d --\n" % at for at in range(501)), "more than 500 files and folders"),
            (b"".join(b"-- d%d/a --\n" % at for at in range(251)), "more than 500 files and folders"),
        ],
    )
    def test_that_have_no_place_are_refused(self, files: bytes, sentence: str) -> None:
        assert parse(b"[]\n" + files) == sentence

    def test_are_read_at_once_however_hostile(self) -> None:
        assert parse(b"[]\n-- " + b"a/" * 500_000 + b" --\n") == NO_NAME
        assert parse(b"[]\n-- " + b"a" * 1_000_000 + b"\0 --\n") == NO_NAME
        assert isinstance(parse(b"[]\n-- a --\n" + b"-- a " * 200_000), Tree)

    def test_are_read_once_for_all_testees(self) -> None:
        requests = Requests("echo", [b"[]\n-- a --\n", b"nonsense"], 0)

        assert requests.trees is requests.trees
        assert requests.trees[1] == NO_STEP


class TestSecrets:
    def test_are_derived_from_their_name(self) -> None:
        second = hashlib.sha256(b"parity secret a 1").digest()

        assert secret(b"a", 32) == FIRST
        assert secret(b"a", 31) == FIRST[:31]
        assert secret(b"a", 40) == FIRST + second[:8]
        assert secret(b"a", 64) == FIRST + second
        assert secret(b"b", 32) == hashlib.sha256(b"parity secret b 0").digest()
        assert secret(b"a", 11 * 32) == FIRST + b"".join(
            hashlib.sha256(b"parity secret a %d" % at).digest() for at in range(1, 11)
        )

    @pytest.mark.parametrize("files", [b"-- k 400 secret --\na 32", b"-- k 400 secret --\na 32\n\n-- x --\n"])
    def test_stand_in_their_file(self, files: bytes) -> None:
        parsed = read(b"[]\n" + files)

        assert parsed.entries["k"] == Entry(0o400, FIRST)
        assert parsed.secrets == (FIRST,)

    def test_may_be_several_and_empty(self) -> None:
        parsed = read(b"[]\n-- k 600 secret --\na 32\n-- l 644 secret --\nb 9\n-- m 600 secret --\nc 0")

        assert parsed.secrets == (FIRST, secret(b"b", 9))
        assert parsed.entries["m"] == Entry(0o600)

    def test_may_be_as_long_as_they_are(self) -> None:
        assert len(read(b"[]\n-- k 600 secret --\na 65536").secrets[0]) == LONGEST_SECRET

    @pytest.mark.parametrize(
        "text",
        [
            *[b"", b"a", b"32", b"a b", b"a 32 ", b"a  32", b"a -1", b"a 1.0", b"a 65537", b"a 100000", b"a 32\n\n"],
            *[b"a-b 32", b"caf\xc3\xa9 32", b" 32", b"a" * 33 + b" 32", b"a 32\r", b"\na 32", b"a 3\xd9\xa2"],
        ],
    )
    def test_that_are_not_described_are_refused(self, text: bytes) -> None:
        assert parse(b"[]\n-- k 600 secret --\n" + text) == NO_SECRET
