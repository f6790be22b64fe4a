"""The causes: an experiment that makes the divergence vanish names it."""

from __future__ import annotations

import pytest

from parity.classify import UNKNOWN, classify, same
from parity.model import Divergence, DriftClass
from tests.parity.made import TWO

LESS_THAN = DriftClass("less-than", "a < is escaped", lambda data: data.replace(b"<", b"L"))
MINUS = DriftClass("minus", "a minus is lost", lambda data: data.replace(b"-", b""))
IDLE = DriftClass("idle", "never there", lambda data: data)


def divergence(pattern: str = "", partition: tuple[tuple[str, ...], ...] = TWO, path: str = "") -> Divergence:
    return Divergence(path, pattern, "text", partition, {})


def diverge_at(*marks: bytes) -> list[bytes]:
    """Return what stands for runtimes that differ wherever an input holds one of the marks."""
    return list(marks)


class Fake:
    """Runtimes that differ wherever an input holds a mark, at the mark's pattern."""

    def __init__(self, marks: dict[bytes, Divergence]) -> None:
        self.marks = marks
        self.asked: list[list[bytes]] = []

    def __call__(self, inputs: list[bytes]) -> list[list[Divergence]]:
        self.asked.append(inputs)
        return [[found for mark, found in self.marks.items() if mark in data] for data in inputs]


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
    assert classify([(data, divergence())], [MINUS, LESS_THAN, IDLE], runtimes) == [causes]


def test_two_peculiarities_that_are_needed_together_are_both_causes() -> None:
    def compare_all(inputs: list[bytes]) -> list[list[Divergence]]:
        return [[divergence()] if b"<" in data and b"-" in data else [] for data in inputs]

    assert classify([(b"<-", divergence())], [MINUS, LESS_THAN], compare_all) == [("minus", "less-than")]


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(divergence(pattern="/other"), id="at-another-place"),
        pytest.param(divergence(partition=(("go", "rust"), ("python",))), id="between-other-sides"),
    ],
)
def test_a_divergence_that_becomes_another_one_has_vanished(left: Divergence) -> None:
    def compare_all(inputs: list[bytes]) -> list[list[Divergence]]:
        return [[divergence()] if b"<" in data else [left] for data in inputs]

    assert classify([(b"<", divergence())], [LESS_THAN], compare_all) == [("less-than",)]


def test_a_divergence_that_is_no_longer_the_first_one_has_not_vanished() -> None:
    def compare_all(inputs: list[bytes]) -> list[list[Divergence]]:
        return [[divergence(pattern="/other"), divergence()] for _ in inputs]

    assert classify([(b"<", divergence())], [LESS_THAN], compare_all) == [(UNKNOWN,)]


def test_each_case_has_its_own_causes_and_all_experiments_go_out_together() -> None:
    runtimes = Fake({b"<": divergence(), b"-": divergence()})
    cases = [(b"a<", divergence()), (b"b-", divergence()), (b"c<-", divergence())]
    assert classify(cases, [LESS_THAN, MINUS], runtimes) == [("less-than",), ("minus",), (UNKNOWN,)]
    assert runtimes.asked == [[b"aL", b"b", b"cL-", b"c<"]]


def test_an_edit_that_changes_nothing_is_no_experiment() -> None:
    runtimes = Fake({})
    assert classify([(b"a", divergence())], [IDLE, LESS_THAN], runtimes) == [(UNKNOWN,)]
    assert sum(runtimes.asked, []) == []


def test_without_cases_there_is_nothing_to_classify() -> None:
    assert classify([], [LESS_THAN], Fake({})) == []


def test_the_same_is_the_same_place_and_the_same_sides() -> None:
    assert same(divergence(path="/a/1"), divergence(path="/a/2"))
    assert not same(divergence("/a"), divergence("/b"))
    assert not same(divergence(), divergence(partition=(("python",), ("go",))))
