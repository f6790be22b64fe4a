"""The causes: an experiment that makes the divergence vanish names it."""

from __future__ import annotations

import pytest

from parity.classify import UNKNOWN, classify, same
from parity.model import Divergence, DriftClass, Kind, Observation, Outcome
from tests.parity.made import TWO, answers

LESS_THAN = DriftClass("less-than", "a < is escaped", lambda data: data.replace(b"<", b"L"))
MINUS = DriftClass("minus", "a minus is lost", lambda data: data.replace(b"-", b""))
IDLE = DriftClass("idle", "never there", lambda data: data)


def divergence(pattern: str = "", partition: tuple[tuple[str, ...], ...] = TWO, path: str = "") -> Divergence:
    return Divergence(path, pattern, "text", partition, {})


def outcome(data: bytes, *divergences: Divergence, **outputs: bytes) -> Outcome:
    """Return what came of an input; unless it is told, every runtime answers with the input."""
    return Outcome(data, answers(**(outputs or {"go": data, "python": data})), list(divergences))


class Fake:
    """Runtimes that differ wherever an input holds a mark, with that mark's divergence."""

    def __init__(self, marks: dict[bytes, Divergence]) -> None:
        self.marks = marks
        self.asked: list[list[bytes]] = []

    def __call__(self, inputs: list[bytes]) -> list[Outcome]:
        self.asked.append(inputs)
        return [outcome(data, *[found for mark, found in self.marks.items() if mark in data]) for data in inputs]


@pytest.mark.parametrize(
    ("data", "causes"),
    [
        pytest.param(b"<", ("less-than",), id="the-one-that-is-there"),
        pytest.param(b"- <", ("less-than",), id="a-bystander-is-not-a-cause"),
        pytest.param(b"? -", (UNKNOWN,), id="none-of-the-known"),
        pytest.param(b"? <", (UNKNOWN,), id="another-cause-besides"),
    ],
)
def test_the_cause_is_what_must_go(data: bytes, causes: tuple[str, ...]) -> None:
    runtimes = Fake({b"<": divergence(), b"?": divergence()})
    assert classify([outcome(data, divergence())], [MINUS, LESS_THAN, IDLE], runtimes) == [causes]


def test_where_each_of_two_is_needed_for_it_both_are_causes() -> None:
    def ask_all(inputs: list[bytes]) -> list[Outcome]:
        return [outcome(data, *[divergence()] * (b"<" in data and b"-" in data)) for data in inputs]

    assert classify([outcome(b"<-", divergence())], [MINUS, LESS_THAN], ask_all) == [("minus", "less-than")]


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(divergence(pattern="/other"), id="at-another-place"),
        pytest.param(divergence(partition=(("go", "rust"), ("python",))), id="between-other-sides"),
    ],
)
def test_a_divergence_that_becomes_another_one_has_vanished(left: Divergence) -> None:
    def ask_all(inputs: list[bytes]) -> list[Outcome]:
        return [outcome(data, divergence() if b"<" in data else left) for data in inputs]

    assert classify([outcome(b"<", divergence())], [LESS_THAN], ask_all) == [("less-than",)]


def test_a_divergence_that_is_no_longer_the_first_one_has_not_vanished() -> None:
    def ask_all(inputs: list[bytes]) -> list[Outcome]:
        return [outcome(data, divergence(pattern="/other"), divergence()) for data in inputs]

    assert classify([outcome(b"<", divergence())], [LESS_THAN], ask_all) == [(UNKNOWN,)]


def test_each_case_has_its_own_causes_and_all_experiments_go_out_together() -> None:
    runtimes = Fake({b"<": divergence(), b"-": divergence()})
    cases = [outcome(data, divergence()) for data in (b"a<", b"b-", b"c<-")]
    assert classify(cases, [LESS_THAN, MINUS], runtimes) == [("less-than",), ("minus",), ("less-than", "minus")]
    assert runtimes.asked[0] == [b"aL", b"b", b"cL-", b"c<"]
    assert len(runtimes.asked) == 2, "the second time for what no single removal explains"


def test_of_three_peculiarities_only_those_are_causes_that_the_others_cannot_replace() -> None:
    runtimes = Fake({b"<": divergence(), b"-": divergence()})
    bystander = DriftClass("bystander", "an a is lost", lambda data: data.replace(b"a", b""))
    case = outcome(b"a<-", divergence())
    assert classify([case], [bystander, LESS_THAN, MINUS], runtimes) == [("less-than", "minus")]


def test_what_no_removal_explains_stays_unknown_also_beside_two_known_ones() -> None:
    runtimes = Fake({b"<": divergence(), b"-": divergence(), b"?": divergence()})
    assert classify([outcome(b"?<-", divergence())], [LESS_THAN, MINUS], runtimes) == [(UNKNOWN,)]


def test_an_edit_that_changes_nothing_is_no_experiment() -> None:
    runtimes = Fake({})
    assert classify([outcome(b"a", divergence())], [IDLE, LESS_THAN], runtimes) == [(UNKNOWN,)]
    assert [data for inputs in runtimes.asked for data in inputs] == []


def test_without_cases_there_is_nothing_to_classify() -> None:
    assert classify([], [LESS_THAN], Fake({})) == []


LAST = DriftClass("last", "the last one is taken", lambda data: data[:1], selects=True)
CRASHED = {"rust": Observation(Kind.CRASHED, detail="it ended")}


@pytest.mark.parametrize(
    ("after", "causes"),
    [
        pytest.param({"go": b"1", "python": b"1"}, ("last",), id="one-side-answers-as-before"),
        pytest.param({"go": b"0", "python": b"0"}, (UNKNOWN,), id="the-answer-itself-is-gone"),
        pytest.param({"go": b"2", "python": b"1"}, (UNKNOWN,), id="the-sides-have-changed-places"),
    ],
)
@pytest.mark.parametrize("bystanders", [{}, CRASHED], ids=["alone", "beside-one-that-always-crashes"])
def test_a_cause_that_selects_must_leave_what_one_side_answers(
    after: dict[str, bytes], causes: tuple[str, ...], bystanders: dict[str, Observation]
) -> None:
    before = Outcome(b"12", answers(go=b"1", python=b"2") | bystanders, [divergence()])

    def ask_all(inputs: list[bytes]) -> list[Outcome]:
        return [Outcome(data, answers(**after) | bystanders, []) for data in inputs]

    assert classify([before], [LAST], ask_all) == [causes]


def test_the_same_is_the_same_place_and_the_same_sides() -> None:
    assert same(divergence(path="/a/1"), divergence(path="/a/2"))
    assert not same(divergence("/a"), divergence("/b"))
    assert not same(divergence(), divergence(partition=(("python",), ("go",))))
