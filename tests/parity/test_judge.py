"""The verdict of one case, and what an output is worth."""

from __future__ import annotations

import itertools

import jsonschema_rs
import pytest

from parity.judge import Worth, judge, worth
from parity.model import Divergence, Kind, Observation, Verdict
from tests.parity.made import TWO, answered

DIVERGENCE = Divergence("", "", "text", TWO, {})
GOOD, POOR, BAD = (
    Worth(valid=True, accepted=True),
    Worth(valid=True, accepted=False),
    Worth(valid=False, accepted=False),
)
REFUSED, CRASHED = Observation(Kind.REFUSED), Observation(Kind.CRASHED)
ANSWERED = answered("1")


@pytest.mark.parametrize(
    ("observations", "divergences", "worths", "verdict"),
    [
        pytest.param([ANSWERED, ANSWERED], [], [GOOD, GOOD], Verdict.AGREE, id="the-same-good-answer"),
        pytest.param([ANSWERED, ANSWERED], [], [POOR, POOR], Verdict.AGREE, id="the-same-answer-off-the-accept-path"),
        pytest.param([ANSWERED, ANSWERED], [DIVERGENCE], [GOOD, GOOD], Verdict.DIVERGE, id="different"),
        pytest.param([ANSWERED, ANSWERED], [], [BAD, BAD], Verdict.VACUOUS, id="all-invalid-alike"),
        pytest.param([ANSWERED, ANSWERED], [], [GOOD, BAD], Verdict.VACUOUS, id="one-invalid"),
        pytest.param([REFUSED, REFUSED], [], [], Verdict.VACUOUS, id="all-refuse"),
        pytest.param([ANSWERED, CRASHED], [], [GOOD], Verdict.FAULT, id="one-crashed"),
        pytest.param([REFUSED, CRASHED], [], [], Verdict.FAULT, id="a-fault-is-worse-than-a-refusal"),
        pytest.param([CRASHED, CRASHED], [], [], Verdict.FAULT, id="all-crashed"),
        pytest.param([CRASHED, ANSWERED, ANSWERED], [DIVERGENCE], [GOOD, GOOD], Verdict.DIVERGE, id="both-at-once"),
        pytest.param([ANSWERED], [], [GOOD], Verdict.VACUOUS, id="alone"),
        pytest.param([], [], [], Verdict.VACUOUS, id="nobody"),
    ],
)
def test_the_worst_that_applies(
    observations: list[Observation], divergences: list[Divergence], worths: list[Worth], verdict: Verdict
) -> None:
    names = "abc"
    answering = [name for name, seen in zip(names, observations, strict=False) if seen.kind is Kind.ANSWERED]
    assert (
        judge(dict(zip(names, observations, strict=False)), divergences, dict(zip(answering, worths, strict=True)))
        is verdict
    )


@pytest.mark.parametrize("kind", [Kind.CRASHED, Kind.TIMED_OUT, Kind.GARBLED, Kind.GONE])
def test_every_fault_is_one(kind: Kind) -> None:
    observations = {"a": ANSWERED, "b": ANSWERED, "c": Observation(kind)}
    assert judge(observations, [], {"a": GOOD, "b": GOOD}) is Verdict.FAULT


def test_verdicts_merge_to_the_worst() -> None:
    worse = [Verdict.AGREE, Verdict.VACUOUS, Verdict.FAULT, Verdict.DIVERGE]
    for one, other in itertools.product(range(4), repeat=2):
        assert Verdict.worst([worse[one], worse[other]]) is worse[max(one, other)]
    assert Verdict.worst([]) is Verdict.VACUOUS


SCHEMA = jsonschema_rs.validator_for({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]})


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param(b'{"n":1}', GOOD, id="good"),
        pytest.param(b'{"n":0}', POOR, id="off-the-accept-path"),
        pytest.param(b'{"n":"1"}', BAD, id="not-in-the-schema"),
        pytest.param(b"{}", BAD, id="member-missing"),
        pytest.param(b"", BAD, id="empty"),
        pytest.param(b"{", BAD, id="not-json"),
        pytest.param(b'{"n":1}x', BAD, id="something-behind"),
        pytest.param(b'{"n":1,"x":"\xff"}', BAD, id="invalid-utf8"),
        pytest.param(rb'{"n":1,"x":"\ud800"}', BAD, id="lone-surrogate"),
        pytest.param(b'{"n":1e999}', BAD, id="number-out-of-range"),
        pytest.param(b"[" * 100_000, BAD, id="opens-without-end"),
        pytest.param(b'{"n":' * 100_000, BAD, id="objects-without-end"),
        pytest.param(b'{"n":1,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", BAD, id="nested-too-deep"),
    ],
)
def test_what_an_output_is_worth(output: bytes, expected: Worth) -> None:
    assert worth(output, SCHEMA.is_valid, lambda answer: answer["n"] > 0) == expected


def test_the_accept_path_is_asked_only_of_what_fits_the_schema() -> None:
    def accepted(_: object) -> bool:
        raise AssertionError

    assert worth(b"[]", SCHEMA.is_valid, accepted) == BAD
