"""The parts of the witness: its inbox, and the last answer of a sequence."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from loadgen.witness.inbox import Inbox, lines
from loadgen.witness.surfaces import last_step
from tests.loadgen.loaded import ROOT

if TYPE_CHECKING:
    from pathlib import Path


class TestInbox:
    def test_gives_back_what_came_first(self) -> None:
        inbox = Inbox()
        for line in (b"a", b"b", b"c"):
            inbox.put(line)

        assert inbox.take(2) == [b"a", b"b"]
        assert inbox.take(2) == [b"c"]
        assert inbox.take(2) == []
        assert (inbox.came, inbox.dropped) == (3, 0)

    @pytest.mark.parametrize("inbox", [Inbox(most=2), Inbox(most_bytes=5)], ids=["lines", "bytes"])
    def test_drops_and_counts_what_finds_no_room(self, inbox: Inbox) -> None:
        for line in (b"aa", b"bb", b"cc", b"dd"):
            inbox.put(line)
        assert inbox.take(1) == [b"aa"]
        inbox.put(b"ee")

        assert (inbox.came, inbox.dropped) == (5, 2)
        assert inbox.take(9) == [b"bb", b"ee"]

    def test_drops_what_comes_when_it_is_closed(self) -> None:
        inbox = Inbox()
        inbox.put(b"a")
        inbox.close()
        inbox.put(b"b")

        assert (inbox.came, inbox.dropped) == (2, 1)
        assert inbox.take(9) == [b"a"]

    def test_counts_nothing_once_it_is_over(self) -> None:
        inbox = Inbox()
        inbox.put(b"a")
        inbox.end(on_their_way=3)
        inbox.put(b"b")

        assert (inbox.came, inbox.dropped) == (1, 4)


class TestLines:
    def read(self, file: Path, data: bytes, longest: int = 1_000_000) -> list[bytes | None]:
        file.write_bytes(data)
        descriptor = os.open(file, os.O_RDONLY)
        try:
            return list(lines(descriptor, longest))
        finally:
            os.close(descriptor)

    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            (b"", []),
            (b"\n\n \r\n", []),
            (b"a\nb", [b"a", b"b"]),
            (b"a\r\n\nb\n", [b"a", b"b"]),
            (b"x" * 200_000 + b"\ny\n", [b"x" * 200_000, b"y"]),
        ],
    )
    def test_come_whole(self, tmp_path: Path, data: bytes, expected: list[bytes]) -> None:
        assert self.read(tmp_path / "input", data) == expected

    def test_that_are_far_too_long_are_not_kept(self, tmp_path: Path) -> None:
        data = b"a\n" + b"x" * 300_001 + b"\nb\n" + b"y" * 300_001

        assert self.read(tmp_path / "input", data, 300_000) == [b"a", None, b"b", None]

    def test_end_where_nothing_can_be_read(self, tmp_path: Path) -> None:
        folder = os.open(tmp_path, os.O_RDONLY)
        try:
            assert list(lines(folder)) == []
        finally:
            os.close(folder)


class TestLastStep:
    @pytest.mark.parametrize(
        "last",
        [
            b'{"status":200,"type":null}',
            b'{"status":200,"type":"a","body":{"d":1.50,"d":-0,"e":1e400,"t":"\\u00e9]}, {","x":[ 1,\t2 ]}}',
            b'{"status":404,"type":"a","text":"\\ud83d\\ude9c"}',
            b'{"status":200,"type":"a","body":%b}' % (b"[" * 250 + b"]" * 250),
            b'{"status":200,"type":"a","body":%b}' % (b"9" * 10_000),
        ],
    )
    def test_keeps_every_byte(self, last: bytes) -> None:
        whole = b'{"steps":[{"status":200,"type":"a","body":{"added":[1]}},%b]}' % last

        assert last_step(whole) == b'{"steps":[%b]}' % last

    def test_of_one_call_is_the_whole(self) -> None:
        assert last_step(b'{"steps":[{"status":422}]}') == b'{"steps":[{"status":422}]}'

    def test_shows_nothing_where_a_call_before_it_was_refused(self) -> None:
        assert last_step(b'{"steps":[{"status":422},{"status":200}]}') == "call 1 was answered with 422"


@pytest.mark.parametrize("module", ["loadgen.witness.__main__", "loadgen.samples"])
def test_neither_locust_nor_gevent_comes_with_it(module: str) -> None:
    """The witness must not run on a patched standard library, and samples are made wherever it is patched."""
    script = f"import sys, {module}; print({{'gevent', 'locust', 'duckdb', 'hypothesis'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) <= {"set()", "{'hypothesis'}"}
