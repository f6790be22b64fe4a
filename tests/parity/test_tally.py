"""The counts of a surface, and the verdict that they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.model import Fault, Origin, Verdict
from tests.parity.made import finding, tally

if TYPE_CHECKING:
    from parity.tally import Tally

FAULT = Fault("go", "crashed", b"", "", "")
OLD, NEW = finding(drift_class="old"), finding(drift_class="new")


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        pytest.param(tally("go", "python"), Verdict.AGREE, id="agree"),
        pytest.param(tally("go", "python", cases=0), Verdict.VACUOUS, id="no-cases"),
        pytest.param(tally("go", "python", notes=("x",)), Verdict.VACUOUS, id="a-note"),
        pytest.param(tally("go", "python", faults=(FAULT,)), Verdict.FAULT, id="a-fault"),
        pytest.param(tally("go", "python", findings=(NEW,)), Verdict.DIVERGE, id="new"),
        pytest.param(tally("go", "python", listed=(OLD,)), Verdict.AGREE, id="known"),
        pytest.param(tally("go", "python", listed=(OLD,), notes=("x",)), Verdict.VACUOUS, id="known-and-a-note"),
        pytest.param(tally("go", "python", listed=(OLD,), faults=(FAULT,)), Verdict.FAULT, id="known-and-a-fault"),
        pytest.param(tally("go", "python", listed=(OLD,), findings=(NEW,)), Verdict.DIVERGE, id="known-and-new"),
        pytest.param(
            tally("go", "python", listed=(OLD,), findings=(NEW,), notes=("x",), faults=(FAULT,)),
            Verdict.DIVERGE,
            id="all-at-once",
        ),
    ],
)
def test_the_verdict_is_the_worst_that_is_not_known(made: Tally, verdict: Verdict) -> None:
    assert made.verdict is verdict


def test_a_case_that_shows_more_than_what_is_known_diverges() -> None:
    made = tally("go", "python", listed=(OLD,))
    made.verdicts[Verdict.DIVERGE] += 1
    assert made.verdict is Verdict.DIVERGE, "though no finding says which it is"


def test_an_entry_that_no_finding_stands_for_changes_nothing() -> None:
    made = tally("go", "python", findings=(NEW,))
    made.known = dict(tally("go", "python", listed=(OLD,)).known)
    assert made.verdict is Verdict.DIVERGE


def test_the_cases_of_every_origin_are_the_total() -> None:
    made = tally("go", "python", cases=10)
    for origin in Origin:
        made.cases[origin] += 1
    assert made.total == 10 + len(Origin)
