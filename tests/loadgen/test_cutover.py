"""Real runs of cutover.py: the front end and the gateway behind it, by turns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from loadgen import turns
from parity.testees.build import find_tool
from tests.loadgen.driven import Driven

if TYPE_CHECKING:
    from pathlib import Path

FILE = "loadgen/cutover.py"
QUERIES = ["CNC Machinist", "Forklift Operator", "Loader", "Picker", "Shipping Clerk", "Warehouse Associate"]
UNCOMPARED = ["--sample", "0"]
USERS = 4


@pytest.fixture(autouse=True)
def tools() -> None:
    for tool in ("go", "bun"):
        try:
            find_tool(tool)
        except Exception as error:  # noqa: BLE001 - whatever keeps it away
            pytest.skip(str(error))


def test_both_sides_answer_the_six_queries_by_turns(tmp_path: Path) -> None:
    arguments = ["--runtime", "go", "--corpus", "2000", "-u", str(USERS), "-t", "7s", *UNCOMPARED]
    with Driven(tmp_path / "both", *arguments, file=FILE) as driven:
        run = driven.end()
    summary = run.summary

    assert (run.code, summary["verdict"]) == (0, "passed")
    assert {one["name"]: one["passed"] for one in summary["scenarios"]} == {"front": True, "direct": True}
    assert run.calls().keys() == {f"{side}: {role}" for side in ("front", "direct") for role in QUERIES}
    counts = {side: one["count"] for side, one in run.scenarios().items()}
    assert summary["statuses"] == {f"{side} 200": count for side, count in counts.items()}
    for side, count in counts.items():
        own = [calls for name, calls in run.calls().items() if name.startswith(f"{side}: ")]
        assert sum(own) == count
        # Each of the users is in rotation by itself, and each turn may end in the middle of one.
        own_turns = math.ceil(summary["seconds"] / turns.LENGTH / 2)
        assert max(own) - min(own) <= USERS * own_turns
    assert sum(one["seconds"] for one in summary["scenarios"]) == pytest.approx(summary["seconds"], abs=0.01)
    assert [one["name"] for one in summary["daemons"]] == ["validatord", "matrixd", "front"]
    assert summary["notes"]
    assert " answers a second, direct " in summary["notes"][0]


def test_few_workers_are_refused_since_some_queries_would_find_none(tmp_path: Path) -> None:
    with Driven(tmp_path / "few", "--runtime", "go", *UNCOMPARED, file=FILE) as driven:
        run = driven.end()

    assert run.code == 2
    assert "give --corpus 2000" in run.said


@pytest.mark.parametrize(
    ("seconds", "front", "direct"),
    [(0.5, 0.5, 0.0), (2.0, 2.0, 0.0), (3.0, 2.0, 1.0), (7.0, 4.0, 3.0), (8.0, 4.0, 4.0)],
)
def test_how_long_each_side_had_its_turn(seconds: float, front: float, direct: float) -> None:
    assert turns.lasted(("front", "direct"), seconds) == {"front": front, "direct": direct}


def test_whose_turn_it_is() -> None:
    assert [turns.side(("front", "direct"), second) for second in (0.0, 1.9, 2.0, 3.9, 4.1)] == [
        "front",
        "front",
        "direct",
        "direct",
        "front",
    ]
