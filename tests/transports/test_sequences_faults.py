"""A service that misbehaves within a sequence: the fault is told of that case, at its line, and of no other one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.model import Kind
from parity.transports import host as host_module
from parity.transports import sequences as sequences_module
from parity.transports import service as service_module

from .conftest import kinds
from .kept import FORGET, bodies, lines

if TYPE_CHECKING:
    from parity.model import Observation

    from .kept import Kept, KeptBench

PUT, GET, ALL = "POST /put/a 1", "GET /get/a", "GET /all"
SHORT = 0.8  # seconds that a service which hangs may take, while a sound one needs a thousandth of it
AGAIN = "once, and not again when asked alone: "

FAULTS = {
    "drop": (Kind.RESET, "it closed the connection without an answer"),
    "panic": (Kind.RESET, "it closed the connection without an answer"),
    "die": (Kind.CRASHED, "it ended with exit code 3"),
    "kill": (Kind.CRASHED, "it ended with signal 9"),
    "hang": (Kind.TIMED_OUT, "no whole answer within 0.8 s; nothing of it came"),
    "hang-within": (Kind.TIMED_OUT, "no whole answer within 0.8 s; "),
    "garbage": (Kind.GARBLED, "bytes that nobody asked for: SSH-2.0-OpenSSH_9.9"),
    "more": (Kind.GARBLED, "more bytes than its answer has"),
    "more-later": (Kind.GARBLED, "bytes that nobody asked for: more"),
    "twice-later": (Kind.GARBLED, "bytes that nobody asked for: HTTP/1.1 200 OK"),
    "short": (Kind.GARBLED, "its answer ended after "),
    "redirect": (Kind.REDIRECTED, "302, which is not followed, to /nowhere"),
}
LOGS = {"panic": {"hostiled: panic: index out of bounds"}, "die": {"the disk is on fire"}}
LATE = {"more-later", "twice-later"}
ONCE_AT = {
    "garbage": "line 2 or behind it",  # it may as well have been the end of the answer before
    "more-later": "line 3 or behind it",
    "twice-later": "behind the last line",  # until there each answer was taken for the next one's
}


@pytest.fixture(autouse=True)
def _patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "ENDING_PATIENCE", 1.0)
    if "-later" in request.node.name:  # of what comes behind a case, a run waits for no more than the most of it
        monkeypatch.setattr(sequences_module, "SETTLE", 0.2)


def bad(thing: str, number: int = 0) -> bytes:
    """Return a case that misbehaves in its third line of four."""
    return lines(f"POST /put/n {number}", "GET /get/n", f"POST /do/{thing} {{}}", "GET /behind")


def good(number: int = 0) -> bytes:
    return lines(f"POST /put/n {number}", "GET /get/n", "POST /echo x", ALL)


def is_good(seen: Observation, number: int = 0) -> bool:
    said = [{"keys": 1}, {"value": number}, {"said": "x"}, {"values": {"n": number}}]
    return seen.kind is Kind.ANSWERED and bodies(seen) == said


def tenants(kept: Kept, line: str) -> list[str]:
    """Return who asked for something, in their order."""
    return [each.tenant for each in kept.asked if each.line == line]


@pytest.mark.parametrize("connections", [1, 8])
@pytest.mark.parametrize("thing", FAULTS)
def test_it_is_told_at_its_line_and_its_neighbours_are_answered(kept: KeptBench, thing: str, connections: int) -> None:
    kind, detail = FAULTS[thing]
    one = kept.started(deadline=SHORT if "hang" in thing else 30, connections=connections)
    cases = [good(at) for at in range(8)]
    cases[4] = bad(thing)

    seen = kept.ask(one, *cases)

    assert kinds(seen) == [kind if at == 4 else Kind.ANSWERED for at in range(8)]
    assert seen[4].detail.startswith(f"line 3: {detail}")
    assert seen[4].output == b""
    assert set(seen[4].log.splitlines()) == LOGS.get(thing, set())
    assert all(is_good(row, at) for at, row in enumerate(seen) if at != 4)
    asking = tenants(one, f"POST /do/{thing}")
    assert len(set(asking)) == len(asking) == 2, "from its beginning, as somebody else"
    begun = [each.tenant for each in one.asked if each.body == "0" and each.line == "POST /put/n"]
    assert set(asking) <= set(begun)
    if thing not in LATE:
        assert tenants(one, "GET /behind") == [], "it ends the case"


@pytest.mark.parametrize("thing", FAULTS)
def test_once_it_is_told_as_such(kept: KeptBench, thing: str) -> None:
    kind, detail = FAULTS[thing]
    one = kept.started(deadline=SHORT if "hang" in thing else 30, connections=1)

    seen = kept.ask(one, good(0), bad(f"{thing}-once"), good(2))

    assert kinds(seen) == [Kind.ANSWERED, kind, Kind.ANSWERED]
    assert seen[1].detail.startswith(f"{AGAIN}{ONCE_AT.get(thing, 'line 3')}: {detail}")
    assert set(seen[1].log.splitlines()) == LOGS.get(thing, set())
    assert is_good(seen[0], 0)
    assert is_good(seen[2], 2)
    assert len(tenants(one, "GET /behind")) == (2 if thing in LATE else 1)
    assert kinds(kept.ask(one, bad(f"{thing}-once"))) == ["answered"]


@pytest.mark.parametrize(
    ("case", "place"),
    [
        (lines("GET /do/{}"), "line 1"),
        (lines("GET /do/{}", ALL), "line 1"),
        (lines(ALL, "GET /do/{}"), "line 2"),
        (lines("restart", "GET /do/{}", "crash"), "line 2"),
        (lines(ALL, "crash", ALL, "restart", ALL, "GET /do/{}"), "line 6"),
    ],
)
@pytest.mark.parametrize("thing", ["drop", "die", "more-later", "twice-later"])
def test_it_may_be_at_any_line(kept: KeptBench, thing: str, case: bytes, place: str) -> None:
    kind, detail = FAULTS[thing]
    (seen,) = kept.ask(kept.started(), case.replace(b"{}", thing.encode()))

    assert seen.kind is kind
    assert seen.detail.startswith(f"{place}: {detail}")


@pytest.mark.parametrize("thing", ["drop", "die", "short", "more", "redirect"])
def test_every_one_of_a_batch_is_told(kept: KeptBench, thing: str) -> None:
    kind, detail = FAULTS[thing]
    one = kept.started(connections=3)
    at_once = [
        bad(thing),
        good(1),
        bad(thing),
        lines(f"GET /do/{thing}"),
        good(4),
        lines("restart", f"GET /do/{thing}"),
    ]

    seen = kept.ask(one, *at_once)

    assert [row.detail.partition(": ")[0] for row in seen] == ["line 3", "", "line 3", "line 1", "", "line 2"]
    assert [row.kind for row in seen] == [kind, Kind.ANSWERED, kind, kind, Kind.ANSWERED, kind]
    assert all(detail in seen[at].detail for at in (0, 2, 3, 5))
    assert is_good(seen[1], 1)
    assert is_good(seen[4], 4)


@pytest.mark.parametrize("thing", ["drop", "die", "hang", "garbage"])
def test_the_next_batch_begins_anew(kept: KeptBench, thing: str) -> None:
    one = kept.started(deadline=SHORT if thing == "hang" else 30)
    kept.ask(one, bad(thing), good())

    assert [is_good(row, at) for at, row in enumerate(kept.ask(one, good(0), good(1)))] == [True, True]


def test_another_fault_the_second_time_is_the_one_that_is_told(kept: KeptBench) -> None:
    one = kept.started()
    (seen,) = kept.ask(one, lines("GET /do/garbage-once", "GET /do/drop"))

    assert (seen.kind, seen.detail) == (Kind.RESET, "line 2: it closed the connection without an answer")


class TestForgetting:
    @pytest.mark.parametrize(
        ("manner", "kind", "detail"),
        [
            ("drops-at-forget", Kind.RESET, "behind the last line: it closed the connection without an answer"),
            ("dies-at-forget", Kind.CRASHED, "behind the last line: it ended with exit code 3"),
            ("redirects-at-forget", Kind.REDIRECTED, "behind the last line: 302, which is not followed, to /elsewhere"),
        ],
    )
    @pytest.mark.parametrize("case", [lines(PUT, GET), lines(PUT, "restart")])
    def test_is_a_call_like_any_other(self, kept: KeptBench, manner: str, kind: Kind, detail: str, case: bytes) -> None:
        (seen,) = kept.ask(kept.started(manner), case)

        assert (seen.kind, seen.detail) == (kind, detail)

    def test_may_be_refused(self, kept: KeptBench) -> None:
        one = kept.started("502-at-forget")

        assert [is_good(row, at) for at, row in enumerate(kept.ask(one, good(0), good(1)))] == [True, True]
        assert len(tenants(one, FORGET)) == 2


class TestPatience:
    def test_with_what_never_answers_ends(self, kept: KeptBench) -> None:
        one = kept.started(deadline=0.3, connections=2)
        seen = kept.ask(one, *[lines("GET /do/hang")] * 50)

        assert {row.kind for row in seen} == {Kind.TIMED_OUT, Kind.GONE}
        assert kinds(seen).count("timed_out") <= 6
        assert "given up on: it answers nothing any more, the last one timed_out" in seen[-1].detail

    def test_with_what_answers_now_and_then_does_not(self, kept: KeptBench) -> None:
        one = kept.started(deadline=0.5, connections=1)
        seen = kept.ask(one, *[lines(PUT, "GET /do/hang") if at % 2 else good(at) for at in range(10)])

        assert kinds(seen) == ["answered", "timed_out"] * 5

    def test_with_many_drops_does_not_end_while_it_answers(self, kept: KeptBench) -> None:
        one = kept.started(connections=1)
        seen = kept.ask(one, *[bad("drop") for _ in range(18)], good())

        assert kinds(seen) == ["reset"] * 18 + ["answered"]

    def test_ends_with_the_run(self, kept: KeptBench) -> None:
        one = kept.started()
        asking = kept.services.driver.ask({"x": one.sequences}, "kept", [lines("GET /do/hang")] * 3)
        while len(one.asked) < 3:
            assert not asking.done()
        kept.services.driver.cancel()

        assert asking.cancelled()
        assert is_good(kept.ask(one, good())[0])
        kept.close(one)
        assert kept.services.left() == []


class TestAttached:
    def test_faults_are_told_as_of_any_other(self, kept: KeptBench) -> None:
        one = kept.started(data=False)
        seen = kept.ask(kept.attached(one), bad("drop"), good(1), bad("redirect"), bad("drop-once"), bad("more"))

        assert kinds(seen) == ["reset", "answered", "redirected", "reset", "garbled"]
        assert seen[3].detail.startswith(AGAIN)

    def test_one_that_ends_is_gone(self, kept: KeptBench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(service_module, "STOP_PATIENCE", 0.1)
        one = kept.started(data=False)
        way = kept.attached(one, connections=1)
        seen = kept.ask(way, good(0), bad("die"), good(2))

        assert [row.kind.is_fault for row in seen] == [False, True, True]
        (seen_later,) = kept.ask(way, good())
        assert seen_later.kind is Kind.GONE
        assert "it cannot be reached any more: " in seen_later.detail


TOKEN = "tOp+Secret/0123456789=="


class TestSecrets:
    @pytest.mark.parametrize(
        "case",
        [
            lines("GET /secret"),
            lines("GET /do/redirect"),
            lines("GET /do/redirect-once"),
            lines(ALL, "GET /do/tell-secret"),
            lines(ALL, "GET /do/tell-secret-once"),
            lines("GET /do/tell-secret-later", ALL),
            lines("GET /do/tell-secret-later-once", ALL),
            lines("GET /secret", 'POST /echo {"a":"{{secret}}"}'),
            lines('POST /raw {"x":"{{secret}}"}', "GET /secret", 'POST /raw {"x":"{{secret}}"}'),
        ],
    )
    def test_stand_in_no_observation(self, kept: KeptBench, case: bytes) -> None:
        way = kept.attached(kept.started(), headers={"authorization": f"Bearer {TOKEN}"})
        (seen,) = kept.ask(way, case)

        everything = f"{seen.output.decode()} {seen.detail} {seen.log}"
        assert "***" in everything or "tell-secret-late" in case.decode()
        assert not any(part in everything for part in (TOKEN, TOKEN[:6], "0123456789"))

    def test_go_with_every_call(self, kept: KeptBench) -> None:
        one = kept.started()
        kept.ask(kept.attached(one, headers={"authorization": f"Bearer {TOKEN}"}), lines(PUT, GET))

        assert [each.headers.count(f"authorization: Bearer {TOKEN}") for each in one.asked] == [1] * 3
