"""The files transport: every step in its directory, and whatever a testee does there is the case's that caused it."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parity.errors import StartError
from parity.model import Kind
from parity.transports import disk
from parity.transports.directories import Files
from parity.transports.helper import Helper

from .conftest import kinds
from .trees import ONE, ONE_DONE, OTHER, OTHER_DONE, case, log, step, steps

if TYPE_CHECKING:
    from .conftest import Bench

SHORT = 0.8  # seconds that a testee which hangs may take, while a sound one needs a thousandth of it


class TestSound:
    def test_steps_are_written_down_with_what_they_changed(self, bench: Bench, files: Files) -> None:
        seen = bench.ask(files, ONE, OTHER, ONE)

        assert [steps(one) for one in seen] == [ONE_DONE, OTHER_DONE, ONE_DONE]

    def test_nothing_is_known_of_the_case_before(self, bench: Bench, files: Files) -> None:
        assert [steps(one) for at in range(3) for one in bench.ask(files, ONE)] == [ONE_DONE] * 3

    @pytest.mark.parametrize("code", [0, 1, 7, 255, -3])
    def test_the_exit_code_stands_there(self, bench: Bench, files: Files, code: int) -> None:
        (seen,) = bench.ask(files, case(["exit", str(code)]))

        assert steps(seen) == [step(None, code=code)]

    def test_rules_of_all_steps_are_told(self, bench: Bench, files: Files) -> None:
        (seen,) = bench.ask(files, ONE)

        assert seen.rules == ("rule-line", "rule-read")

    def test_what_is_no_case_is_not_sent(self, bench: Bench, files: Files) -> None:
        seen = bench.ask(files, b"", case(["count"]), b"nonsense", case(["count"], files="-- .. --\n"), case(["count"]))

        assert kinds(seen) == ["refused", "answered", "refused", "refused", "answered"]
        assert seen[0].detail == "its first lines are not steps, each a JSON array of texts"
        assert [steps(seen[at])[0]["answer"] for at in (1, 4)] == [1, 2]

    def test_no_cases_are_no_answers(self, bench: Bench, files: Files) -> None:
        assert kinds(bench.ask(files, b"nonsense")) == ["refused"]
        assert bench.ask(files) == []

    def test_a_directory_is_the_cases_alone_and_none_is_used_twice(self, bench: Bench, files: Files) -> None:
        batches = [[case(["who"], ["who"], ["who"])] * 3, [case(["who"]), case(["die", "log"]), case(["who"])]] * 2
        places = [
            {one["answer"][1] for one in steps(seen)}
            for batch in batches
            for seen in bench.ask(files, *batch)
            if seen.kind is Kind.ANSWERED
        ]

        assert [len(place) for place in places] == [1] * 10
        assert len(set.union(*places)) == 10


FAULTS: dict[str, tuple[list[str], Kind, str]] = {
    "dies": (["die", "log"], Kind.CRASHED, "exit code 7"),
    "hangs": (["hang", "log"], Kind.TIMED_OUT, "no answer within"),
    "no-json": (["say", "it is fine"], Kind.GARBLED, "not the answer of a step"),
    "nothing": (["say", ""], Kind.GARBLED, "not the answer of a step"),
    "no-object": (["say", "[null,0]"], Kind.GARBLED, "not the answer of a step"),
    "no-exit": (["say", '{"answer":null}'], Kind.GARBLED, "not the answer of a step"),
    "no-answer": (["say", '{"exit":0}'], Kind.GARBLED, "not the answer of a step"),
    "no-number": (["say", '{"answer":null,"exit":true}'], Kind.GARBLED, "not the answer of a step"),
    "no-integer": (["say", '{"answer":null,"exit":1.5}'], Kind.GARBLED, "not the answer of a step"),
    "endless-number": (["say", '{"answer":null,"exit":1' + "0" * 9999 + "}"], Kind.GARBLED, "not the answer of a step"),
    "more": (["say", '{"answer":null,"exit":0,"left":{}}'], Kind.GARBLED, "not the answer of a step"),
    "two": (["say", '{"answer":null,"exit":0}{}'], Kind.GARBLED, "not the answer of a step"),
    "injected": (["say", '{"answer":1},{"answer":1,"exit":0}'], Kind.GARBLED, "not the answer of a step"),
    "no-utf8": (["say-base64", base64.b64encode(b'{"answer":"\xff","exit":0}').decode()], Kind.GARBLED, "not the"),
    "deep": (["say", '{"answer":' + "[" * 100_000 + ',"exit":0}'], Kind.GARBLED, "not the answer of a step"),
    "many": (["many", "10000"], Kind.TOO_LARGE, "it leaves more than 1,000 files"),
    "huge": (["huge"], Kind.TOO_LARGE, "it leaves more than 67,108,864 bytes"),
    "deep-folders": (["nest", "3000"], Kind.TOO_LARGE, "it leaves more than 1,000 files"),
    "vanishes": (["vanish"], Kind.GARBLED, "what it leaves cannot be read: No such file or directory"),
    "becomes-a-file": (["turn", "file"], Kind.GARBLED, "what it leaves cannot be read: Not a directory"),
    "becomes-a-link": (["turn", "/etc"], Kind.GARBLED, "what it leaves cannot be read: Not a directory"),
    "refuses": (["refuse", "too hard"], Kind.REFUSED, "too hard"),
}  # fmt: skip


@pytest.mark.parametrize("manner", ["sound", "buffers"])
@pytest.mark.parametrize("behaviour", FAULTS)
def test_a_fault_is_its_cases_and_no_other_ones(bench: Bench, behaviour: str, manner: str) -> None:
    bad, kind, detail = FAULTS[behaviour]
    files = bench.files(manner=manner, deadline=SHORT if behaviour == "hangs" else 30.0)
    batch = [ONE, OTHER, case(["line", "log", "x"], bad, ["read", "log"]), ONE, case(bad), OTHER, ONE]

    seen = bench.ask(files, *batch)

    assert kinds(seen) == ["answered", "answered", kind.value, "answered", kind.value, "answered", "answered"]
    for at, done in [(0, ONE_DONE), (1, OTHER_DONE), (3, ONE_DONE), (5, OTHER_DONE), (6, ONE_DONE)]:
        assert steps(seen[at]) == done, at
    for at, number in [(2, 2), (4, 1)]:
        assert seen[at].detail.startswith(f"step {number}: ")
        assert detail in seen[at].detail
    assert steps(bench.ask(files, ONE)[0]) == ONE_DONE
    assert files._base is not None
    assert list(files._base.iterdir()) == []
    bench.driver.run(files.close())
    assert not files._base.exists()
    assert bench.left() == []


@pytest.mark.parametrize("at", range(3))
def test_one_that_is_asked_again_has_its_directory_as_it_was(bench: Bench, at: int) -> None:
    """The others' answers are lost with the process that died, and with their directories as it left them."""
    files = bench.files(manner="buffers")
    bad = [["line", "log", "x"]] * 3
    bad[at] = ["die", "log"]
    kept = case(
        ["line", "log", "new"], ["line", "log", "newer"], ["line", "log", "newest"], files="-- log 644 --\nold\n"
    )

    seen = bench.ask(files, kept, kept, case(*bad), kept)

    assert kinds(seen) == ["answered", "answered", "crashed", "answered"]
    for one in (seen[0], seen[1], seen[3]):
        assert steps(one) == [
            step({"lines": 2}, log("old", "new")),
            step({"lines": 3}, log("old", "new", "newer")),
            step({"lines": 4}, log("old", "new", "newer", "newest")),
        ]
    assert len(bench.started()) > 2, "it was asked again"


class TestLeft:
    def test_what_is_no_file_is_told_as_what_it_is(self, bench: Bench, files: Files) -> None:
        seen = bench.ask(files, case(["pipe"], ["exit", "0"]), case(["link", "/etc/passwd"]), case(["link", ".."]), ONE)

        special = {"mode": "600", "special": True}
        assert steps(seen[0]) == [step(None, {"pipe": special, "socket": special}), step(None)]
        assert steps(seen[1]) == [step(None, {"link": {"link": "/etc/passwd", "mode": "777"}})]
        assert steps(seen[2]) == [step(None, {"link": {"link": "..", "mode": "777"}})]
        assert steps(seen[3]) == ONE_DONE

    def test_it_is_still_there_when_a_later_step_is_asked_again(self, bench: Bench, files: Files) -> None:
        seen = bench.ask(files, case(["pipe"], ["die", "log"]), case(["pipe"], ["link", "x"], ["exit", "0"]))

        assert kinds(seen) == ["crashed", "answered"]
        assert steps(seen[1])[1:] == [step(None, {"link": {"link": "x", "mode": "777"}}), step(None)]

    def test_a_folder_that_nobody_may_look_into_is_told(self, bench: Bench, files: Files) -> None:
        seen = bench.ask(files, case(["close"]), ONE)

        if os.geteuid() == 0:  # for whom modes do not hold
            lines = {"closed/": {"mode": "000"}, "closed/file": {"lines": [], "mode": "644"}}
            assert steps(seen[0])[0]["left"] == lines
        else:
            assert seen[0].detail == "step 1: what it leaves cannot be read: Permission denied"
        assert steps(seen[1]) == ONE_DONE

    def test_what_it_did_to_other_cases_is_seen(self, bench: Bench, files: Files) -> None:
        seen = bench.ask(files, case(["exit", "0"]), case(["reach"]), case(["exit", "0"]))

        assert [list(steps(one)[0]["left"]) for one in seen] == [["stray"], [], ["stray"]]

    def test_what_it_did_where_no_case_is_does_not_come_back(self, bench: Bench, files: Files) -> None:
        assert files._base is not None
        next_one = Path(files.place()).name
        ahead = str(int(next_one) + 2)

        bench.ask(files, case(["turn", str(files._base / ahead)]))
        (files._base / ahead).mkdir()
        (files._base / ahead / "log").write_text("from before\n")

        assert steps(bench.ask(files, ONE)[0]) == ONE_DONE


class TestOpening:
    def test_tells_of_whom_it_is(self, bench: Bench) -> None:
        files = Files(Helper("a", command=["/nowhere/audit", "serve"], deadline=1.0))

        with pytest.raises(StartError, match="runtime 'a' cannot be reached at /nowhere/audit"):
            bench.driver.run(files.open())
        bench.driver.run(files.close())

    def test_without_a_place_for_directories_is_an_error_of_the_start(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_place() -> Path:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(disk, "make_base", no_place)

        with pytest.raises(StartError, match=r"no place for the directories of its cases: .*No space left on device"):
            bench.files()
