"""A helper's misbehaviour becomes an observation of the case that caused it, and of no other one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from parity.errors import StartError
from parity.model import Kind
from parity.transports import conversation as conversation_module
from parity.transports import helper as helper_module
from parity.transports.conversation import LAST_LOG, LOG_LINES, Conversation

from .conftest import kinds

if TYPE_CHECKING:
    from .conftest import Bench

SHORT = 0.8  # seconds that a helper which hangs may take, while a sound one needs a thousandth of it

FAULTS = {
    "dies": (Kind.CRASHED, "exit code 7"),
    "dies-buffered": (Kind.CRASHED, "exit code 7"),
    "dies-by-signal": (Kind.CRASHED, "signal 9"),
    "cut-off-then-dies": (Kind.CRASHED, "exit code 0"),
    "floods-stderr": (Kind.CRASHED, "exit code 7"),
    "hangs": (Kind.TIMED_OUT, "no answer within"),
    "cut-off-then-hangs": (Kind.TIMED_OUT, "no answer within"),
    "closes-stdout": (Kind.TIMED_OUT, "no answer within"),
    "dribbles": (Kind.TIMED_OUT, "no answer within"),
    "wrong-id": (Kind.GARBLED, "where the one to"),
    "twice": (Kind.GARBLED, "said more than it was asked"),
    "chatters-before": (Kind.GARBLED, "not an answer"),
    "chatters-behind": (Kind.GARBLED, "said more than it was asked"),
    "not-json": (Kind.GARBLED, "not an answer"),
    "empty-line": (Kind.GARBLED, "not an answer"),
    "json-but-no-object": (Kind.GARBLED, "not an answer"),
    "invalid-utf8": (Kind.GARBLED, "not an answer"),
    "surrogate": (Kind.GARBLED, "not an answer"),
    "truncated": (Kind.GARBLED, "not an answer"),
    "deep": (Kind.GARBLED, "not an answer"),
    "unknown-field": (Kind.GARBLED, "not an answer"),
    "broken-base64": (Kind.GARBLED, "base64 is broken"),
    "base64-that-is-none": (Kind.GARBLED, "base64 is broken"),
    "both": (Kind.GARBLED, "exactly one of"),
    "text-and-refused": (Kind.GARBLED, "exactly one of"),
    "neither": (Kind.GARBLED, "exactly one of"),
    "endless-line": (Kind.GARBLED, "a line of more than"),
}
SILENT = {"hangs", "cut-off-then-hangs", "closes-stdout", "dribbles"}
AT_THE_EDGES = ["dies", "dies-buffered", "wrong-id", "twice", "chatters-before", "chatters-behind", "not-json"]
"""Those for which it matters whether another answer is due before or behind."""


@pytest.mark.parametrize(
    ("behaviour", "at"),
    [
        *[(behaviour, 2) for behaviour in FAULTS],
        *[(behaviour, at) for behaviour in AT_THE_EDGES for at in (0, 4)],
    ],
)
def test_the_culprit_is_named_and_its_neighbours_are_answered(bench: Bench, behaviour: str, at: int) -> None:
    kind, detail = FAULTS[behaviour]
    inputs = [b"a", b"b", b"c", b"d"]
    inputs.insert(at, b"BAD one")

    seen = bench.observe(behaviour, *inputs, deadline=SHORT if behaviour in SILENT else 30)

    assert len(seen) == len(inputs)
    assert kinds(seen) == [kind if number == at else Kind.ANSWERED for number in range(5)]
    assert detail in seen[at].detail
    assert [row.output for number, row in enumerate(seen) if number != at] == [b"A", b"B", b"C", b"D"]
    assert bench.left() == []


@pytest.mark.parametrize("behaviour", ["dies", "not-json", "twice", "chatters-behind"])
def test_every_culprit_of_a_batch_is_named(bench: Bench, behaviour: str) -> None:
    kind, _ = FAULTS[behaviour]

    seen = bench.observe(behaviour, b"BAD", b"a", b"BAD 2", b"BAD 3", b"b")

    assert kinds(seen) == [kind, Kind.ANSWERED, kind, kind, Kind.ANSWERED]


def test_the_next_batch_begins_anew(bench: Bench) -> None:
    helper = bench.helper("dies")
    bench.driver.run(helper.open())

    assert kinds(bench.ask(helper, b"a", b"BAD")) == [Kind.ANSWERED, Kind.CRASHED]
    assert [row.output for row in bench.ask(helper, b"b", b"c")] == [b"B", b"C"]


def test_a_fault_shows_the_last_lines_of_the_log(bench: Bench) -> None:
    (seen,) = bench.observe("dies", b"BAD")

    lines = seen.log.splitlines()
    assert lines[-2:] == ["line 39 before the end", "the disk is on fire"]
    assert len(lines) == LOG_LINES


def test_a_log_that_is_not_utf8_is_shown_anyway(bench: Bench) -> None:
    (seen,) = bench.observe("shouts-in-its-log", b"BAD")

    assert seen.kind is Kind.CRASHED
    assert seen.log.endswith("not utf-8")


def test_a_flood_of_log_is_not_kept(bench: Bench) -> None:
    helper = bench.helper("floods-stderr")
    bench.driver.run(helper.open())
    before = helper._channel
    assert before is not None

    (seen,) = bench.ask(helper, b"BAD")

    assert len(before.conversation.log) <= LAST_LOG
    assert len(seen.log) <= LAST_LOG
    assert seen.log.splitlines()[-1] == "the last line"


def test_an_endless_line_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation_module, "LONGEST_LINE", 1000)
    conversation = Conversation()

    for _ in range(50):
        conversation.feed(b"x" * 100)

    assert conversation.failure is not None
    assert conversation.failure.kind is Kind.GARBLED
    assert len(conversation._rest) <= 1100


@pytest.mark.parametrize("line", [b'{"id":1,"text":"unasked"}\n', b"xy\n", b"\n"], ids=["long", "short", "empty"])
def test_lines_that_nobody_waits_for_are_not_kept_without_end(monkeypatch: pytest.MonkeyPatch, line: bytes) -> None:
    """A helper that floods while the harness generates, or compares, must not fill its memory."""
    monkeypatch.setattr(conversation_module, "MOST_WAITING", 100_000)
    conversation = Conversation()

    most = 0
    for _ in range(100):
        conversation.feed(line * 4000)
        if conversation.failure is not None:
            break
        lines = {id(kept): sys.getsizeof(kept) for kept in conversation.lines}  # equal ones may be one object
        most = max(most, sys.getsizeof(conversation.lines) + sum(lines.values()))

    assert conversation.failure is not None
    assert conversation.failure.kind is Kind.GARBLED
    assert most <= 4 * 100_000  # in memory, where a short line takes more than its bytes


def test_what_only_several_cases_together_show_is_not_lost(bench: Bench) -> None:
    seen = bench.observe("dies-in-flight", b"a", b"b", b"c", b"d")

    assert kinds(seen) == [Kind.CRASHED, Kind.ANSWERED, Kind.ANSWERED, Kind.ANSWERED]
    assert "with 4 cases in flight; no single one of them shows it" in seen[0].detail
    assert "too much at once" in seen[0].log
    assert [row.output for row in seen[1:]] == [b"B", b"C", b"D"]


def test_answers_in_another_order_are_a_fault_of_the_batch(bench: Bench) -> None:
    seen = bench.observe("out-of-order", b"a", b"b", b"c")

    assert kinds(seen) == [Kind.GARBLED, Kind.ANSWERED, Kind.ANSWERED]
    assert "where the one to" in seen[0].detail
    assert "no single one of them shows it" in seen[0].detail


def test_a_refusal_is_an_observation_and_no_fault(bench: Bench) -> None:
    seen = bench.observe("refuses", b"a", b"BAD", b"b")

    assert kinds(seen) == [Kind.ANSWERED, Kind.REFUSED, Kind.ANSWERED]
    assert seen[1].detail == "too BAD"
    assert len(bench.started()) == 1  # nothing was started again for it


def test_a_helper_that_dies_right_after_its_hello_is_a_fault_of_its_first_case(bench: Bench) -> None:
    seen = bench.observe("hello-and-dies", b"a", b"b")

    assert set(kinds(seen)) <= {Kind.CRASHED, Kind.GONE}
    assert seen[0].kind is Kind.CRASHED


class TestRestarts:
    def test_end_at_the_most_and_the_helper_is_gone(self, bench: Bench) -> None:
        helper = bench.helper("dies-always")
        bench.driver.run(helper.open())

        seen = bench.ask(helper, *[b"%d" % number for number in range(60)])

        assert kinds(seen) == sorted(kinds(seen))  # crashed, crashed, ..., gone, gone
        assert seen[0].kind is Kind.CRASHED
        assert seen[-1].kind is Kind.GONE
        assert f"given up on after {helper_module.MOST_RESTARTS} restarts" in seen[-1].detail
        assert "exit code 7" in seen[-1].detail or "it ended" in seen[-1].detail
        assert len(bench.started()) == 1 + helper_module.MOST_RESTARTS
        assert bench.left() == []

    def test_a_helper_that_is_gone_is_not_asked_again(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(helper_module, "MOST_RESTARTS", 1)
        helper = bench.helper("dies-always")
        bench.driver.run(helper.open())
        bench.ask(helper, b"a", b"b", b"c")
        started = len(bench.started())

        assert kinds(bench.ask(helper, b"d", b"e")) == [Kind.GONE, Kind.GONE]
        assert len(bench.started()) == started

    def test_a_helper_that_does_not_start_again_is_gone(self, bench: Bench) -> None:
        seen = bench.observe("starts-once", b"a", b"BAD", b"b", b"c")

        assert kinds(seen) == [Kind.ANSWERED, Kind.CRASHED, Kind.GONE, Kind.GONE]
        assert "does not start again" in seen[-1].detail
        assert "the port is taken" in seen[-1].detail


class TestStart:
    def test_may_be_slow(self, bench: Bench) -> None:
        assert [row.output for row in bench.observe("slow-start", b"a", deadline=SHORT)] == [b"A"]

    @pytest.mark.parametrize(
        ("behaviour", "sentence"),
        [
            ("dies-at-start", "does not start: no configuration found"),
            ("garbage-hello", "does not say hello"),
            ("incomplete-hello", "does not say hello"),
            ("hello-of-bad-utf8", "does not say hello"),
            ("deep-hello", "does not say hello"),
            ("other-protocol", "speaks protocol 2, this harness 1"),
            ("endless-hello", "a line of more than"),
        ],
    )
    def test_without_a_sound_hello_is_an_error_that_names_the_runtime(
        self, bench: Bench, behaviour: str, sentence: str
    ) -> None:
        with pytest.raises(StartError, match="runtime 'hostile'") as caught:
            bench.driver.run(bench.helper(behaviour).open())

        assert sentence in str(caught.value)
        assert len(str(caught.value)) < 2000
        assert len(bench.started()) == 1
        assert bench.left() == []

    @pytest.mark.parametrize("behaviour", ["no-hello", "dribbled-hello"])
    def test_without_a_hello_ends_at_its_deadline(
        self, bench: Bench, behaviour: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(helper_module, "START_DEADLINE", SHORT)

        with pytest.raises(StartError, match=r"no hello within 0\.8 s"):
            bench.driver.run(bench.helper(behaviour).open())

        assert bench.left() == []

    def test_of_a_program_that_is_not_there_is_an_error(self, bench: Bench) -> None:
        absent = helper_module.Helper("ghost", command=["/nowhere/helper"], deadline=1)

        with pytest.raises(StartError, match="runtime 'ghost' cannot be reached at /nowhere/helper"):
            bench.driver.run(absent.open())
