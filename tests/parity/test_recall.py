"""Recall: each runtime is held to the floor by itself, and whoever stays below it is a finding."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from parity.count import Count
from parity.model import BELOW_FLOOR, Contract, Kind, Observation, Recall, Verdict
from parity.probes import vectors_recall
from parity.recall import below, measure, share
from tests.parity.made import answered, settings
from tests.parity.made import tally as fresh
from tests.parity.projects import probe

if TYPE_CHECKING:
    from pathlib import Path

    from parity.tally import Tally

RIGHT = (frozenset("ab"), frozenset("cd"))


def _found(answer: dict[str, Any]) -> list[list[str]]:
    found: list[list[str]] = answer["found"]
    return found


RECALL = Recall(name="recall@2", floor=0.9, case=lambda seed: (b"case %d" % seed, RIGHT), found=_found)


def says(*found: str) -> Observation:
    return answered(json.dumps({"found": [list(ids) for ids in found]}))


def run(root: Path, **seen: Observation) -> Tally:
    """Measure runtimes that answer so."""
    made, configured = fresh(*seen), settings(root, *seen)
    contract = Contract("s", (), lambda _: True, frozenset())
    count = Count(probe(), contract, made, configured, None, lambda _: None)
    asked = []

    def ask(data: bytes) -> dict[str, Observation]:
        asked.append(data)
        return seen

    measure(RECALL, made, configured, count, ask)
    assert asked == [b"case 1"]
    return made


def test_the_right_ids_in_any_order_are_all() -> None:
    assert share(RECALL, says("ba", "cd").output, RIGHT) == 1


@pytest.mark.parametrize(
    ("found", "expected"),
    [(("ab", "cx"), 0.75), (("ab", ""), 0.5), (("aa", "cd"), 0.75), (("ax", "dx"), 0.5), (("cd", "ab"), 0.0)],
)
def test_a_wrong_or_a_missing_id_counts(found: tuple[str, ...], expected: float) -> None:
    assert share(RECALL, says(*found).output, RIGHT) == expected


@pytest.mark.parametrize(
    "output", [b"", b"{}", b'{"found":[]}', b'{"found":[["a","b"]]}', b'{"found":1}', b"[1]", b"\xff"]
)
def test_what_is_no_answer_found_nothing(output: bytes) -> None:
    assert share(RECALL, output, RIGHT) == 0


def test_whoever_reaches_the_floor_agrees(tmp_path: Path) -> None:
    made = run(tmp_path, go=says("ab", "cd"), rust=says("ba", "dc"))
    assert made.recall == {"go": 1.0, "rust": 1.0}
    assert made.findings == {}
    assert made.faults == []


def test_whoever_stays_below_it_is_found_apart_from_the_others(tmp_path: Path) -> None:
    made = run(tmp_path, go=says("ax", "cd"), python=says("ab", "cd"))
    ((signature, finding),) = made.findings.items()
    assert signature.drift_class == BELOW_FLOOR
    assert signature.partition == (("floor", "python"), ("go",))
    assert finding.divergence.rendered == {"floor": "0.9", "go": "0.7500", "python": "1.0000"}
    assert {name: seen.output for name, seen in finding.observations.items()} == {"go": b"0.7500", "python": b"1.0000"}
    assert made.verdict is Verdict.DIVERGE


def test_all_below_it_are_found(tmp_path: Path) -> None:
    made = run(tmp_path, go=says("ax", "cd"), python=says("x", "y"))
    assert [signature.partition for signature in made.findings] == [(("floor",), ("go", "python"))]


def test_whoever_fails_is_a_fault(tmp_path: Path) -> None:
    made = run(tmp_path, go=says("ab", "cd"), python=Observation(Kind.RESET, detail="line 3: gone"))
    assert [(fault.runtime, fault.detail) for fault in made.faults] == [("python", "line 3: gone")]
    assert made.recall == {"go": 1.0}


def test_just_the_floor_is_enough() -> None:
    assert below(RECALL, {"go": 0.9}) == []
    assert len(below(RECALL, {"go": 0.8999})) == 1


# ------------------------------------------------------------------ the corpus of vectors


def test_the_corpus_is_the_same_for_a_seed() -> None:
    data, right = vectors_recall.case(7)
    assert data == vectors_recall.case(7)[0] != vectors_recall.case(8)[0]
    lines = [json.loads(line.split(b" ", 2)[2]) for line in data.split(b"\n")]
    assert sum(len(line.get("items", ())) for line in lines) == vectors_recall.VECTORS
    assert len(right) == vectors_recall.QUERIES == sum("vector" in line for line in lines)


def test_the_right_ids_are_those_of_a_plain_exact_search() -> None:
    data, right = vectors_recall.case(7)
    lines = [json.loads(line.split(b" ", 2)[2]) for line in data.split(b"\n")]
    items = [item for line in lines for item in line.get("items", ())]
    queries = [line["vector"] for line in lines if "vector" in line]

    def cosine(one: list[int], other: list[int]) -> float:
        dot = sum(a * b for a, b in zip(one, other, strict=True))
        return float(dot / (sum(a * a for a in one) ** 0.5 * sum(b * b for b in other) ** 0.5))

    for query, ids in zip(queries[:3], right, strict=False):
        nearest = sorted(items, key=lambda item: -cosine(item["vector"], query))[: vectors_recall.K]
        assert {item["id"] for item in nearest} == ids


def test_what_was_found_is_read_from_the_searches_alone() -> None:
    steps = [{"body": {"added": 1}}, {"body": {"hits": [{"id": "a"}, {"id": "b"}]}}, {"body": {"hits": []}}]
    assert vectors_recall.found({"steps": steps}) == [["a", "b"], []]
