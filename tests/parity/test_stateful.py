"""Sequences from rules: by the sampler and by Hypothesis' state machine, of one declaration."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeAlias

import pytest

from parity.generate.calls import Calls, Rule
from parity.generate.cases import explore, sweep
from parity.generate.grammar import Grammar, pick
from parity.model import Case, Origin, StatefulInputs
from parity.probes.matrix_calls import SEQUENCES as MATRIX
from parity.probes.vectors_calls import SEQUENCES as VECTORS
from parity.transports import calls

Draw: TypeAlias = Callable[..., list[bytes]]

RULES = {
    "add": Rule(6, pick("add 1", "add 2")),
    "save": Rule(1, pick("save")),
    "reload": Rule(2, pick("reload"), behind="save"),
}
SMALL = Calls(pick("begin"), RULES, most=6)


def explored(inputs: Calls, count: int = 30, seed: int = 5) -> list[bytes]:
    found: list[bytes] = []

    def judge(cases: list[Case]) -> bool:
        assert [case.origin for case in cases] == [Origin.EXPLORED]
        found.extend(case.input for case in cases)
        return True

    explore(inputs, seed, count, set(), judge)
    return found


def swept(inputs: Calls, count: int = 300, seed: int = 5) -> list[bytes]:
    return [case.input for batch in sweep(inputs, "s", seed, count, set()) for case in batch]


both = pytest.mark.parametrize("draw", [explored, swept])


def test_is_what_a_probe_may_declare() -> None:
    assert isinstance(SMALL, StatefulInputs)
    assert not isinstance(Grammar, StatefulInputs)


@both
def test_begins_as_declared_and_takes_at_most_so_many_rules(draw: Draw) -> None:
    drawn = [data.split(b"\n") for data in draw(SMALL)]
    assert all(lines[0] == b"begin" for lines in drawn)
    assert {len(lines) for lines in drawn} <= set(range(1, 8))
    assert max(len(lines) for lines in drawn) == 7


@both
def test_takes_no_rule_before_the_one_that_it_is_behind(draw: Draw) -> None:
    drawn = [data.split(b"\n") for data in draw(SMALL)]
    reloading = [lines for lines in drawn if b"reload" in lines]
    assert reloading
    assert all(b"save" in lines[: lines.index(b"reload")] for lines in reloading)


@both
def test_is_the_same_for_a_seed(draw: Draw) -> None:
    assert draw(SMALL, seed=7) == draw(SMALL, seed=7) != draw(SMALL, seed=8)


def test_the_sweep_takes_rules_by_their_weights() -> None:
    sample, rng = Calls(pick("begin"), RULES, most=12).sampler(), random.Random(1)
    lines = [line for _ in range(3_000) for line in sample(rng).split(b"\n")]
    shares = lines.count(b"add 1") + lines.count(b"add 2"), lines.count(b"save")
    assert 5.4 < shares[0] / shares[1] < 6.6


def test_exploring_ends_when_enough_is_drawn_and_when_nobody_wants_more() -> None:
    assert len(explored(SMALL, 12)) == 12
    seen: list[Case] = []

    def judge(cases: list[Case]) -> bool:
        seen.extend(cases)
        return False

    explore(SMALL, 1, 50, set(), judge)
    assert len(seen) == 1


def test_an_error_of_whoever_judges_is_not_taken_for_a_finding() -> None:
    def judge(_: list[Case]) -> bool:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        explore(SMALL, 1, 50, set(), judge)


@pytest.mark.parametrize("inputs", [VECTORS, MATRIX], ids=["vectors", "matrix"])
@both
def test_all_that_the_probes_draw_can_be_sent(draw: Draw, inputs: Calls) -> None:
    drawn = draw(inputs)
    assert len(drawn) >= 30
    assert [data for data in drawn if isinstance(calls.parse(data), str)] == []
