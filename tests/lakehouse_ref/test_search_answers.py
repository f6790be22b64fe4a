"""Answers put together by hand, against the canonical writer."""

from __future__ import annotations

import json
import random

import pytest

from lakehouse_ref import canonical
from lakehouse_ref.search import answers
from lakehouse_ref.search.errors import SchemaError, StateError
from lakehouse_ref.search.playbooks import Learned, Ranked, Recorded
from lakehouse_ref.search.store import Added, Described, Found, Hit, Saved

NASTY = 'a"\\\n\u00e9\u2028\U0001f600\x7f<'


@pytest.mark.parametrize(
    ("millionths", "written"),
    [
        (0, b"0"),
        (1, b"0.000001"),
        (10, b"0.00001"),
        (222_450, b"0.22245"),
        (500_000, b"0.5"),
        (999_999, b"0.999999"),
        (1_000_000, b"1"),
        (1_000_001, b"1.000001"),
        (1_200_000, b"1.2"),
        (2_000_000, b"2"),
    ],
)
def test_a_distance(millionths: int, written: bytes) -> None:
    assert answers.distance(millionths) == written


def test_every_distance_is_written_as_rfc_8785_does() -> None:
    draw = random.Random(1)
    for millionths in [*range(2000), *(draw.randrange(2_000_001) for _ in range(20_000))]:
        assert answers.distance(millionths) == canonical.write(millionths / 1_000_000)


@pytest.mark.parametrize(
    "body",
    [
        answers.added(Added(1, 0, 3)).body,
        answers.found(Found([Hit(1, NASTY, b'{"n":1,"x":"\xc3\xa9"}'), Hit(2_000_000, "b", b"{}")], 7)).body,
        answers.found(Found([], 0)).body,
        answers.deleted(2).body,
        answers.saved(Saved("s-0123456789abcdef", 3)).body,
        answers.described(Described(768, 3)).body,
        answers.dropped().body,
        answers.forgotten(2).body,
        answers.retrieved([Hit(1, NASTY, b"{}")]).body,
        answers.learned(Learned([Ranked(1, NASTY, b"{}", boosted=True)], 1, 0)).body,
        answers.recorded(Recorded("pb-0123456789abcdef", updated=True)).body,
        answers.refused(SchemaError("too-long", NASTY), set()).body,
        answers.refused(StateError("unknown-index"), set()).body,
    ],
)
def test_every_answer_is_in_the_form_of_rfc_8785(body: bytes) -> None:
    assert canonical.write(json.loads(body, parse_int=float)) == body


def test_ranks_count_from_one() -> None:
    found = json.loads(answers.found(Found([Hit(0, "a", b"{}"), Hit(0, "b", b"{}")], 2)).body)
    assert [hit["rank"] for hit in found["hits"]] == [1, 2]


@pytest.mark.parametrize(
    ("error", "status", "rule"),
    [
        (SchemaError("unknown-path"), 404, "unknown-path"),
        (SchemaError("method-not-allowed"), 405, "method-not-allowed"),
        (SchemaError("malformed-json"), 400, "malformed-json"),
        (SchemaError("missing-field", "k"), 422, "missing-field"),
        (StateError("unknown-id"), 404, "unknown-id"),
        (StateError("wrong-dimension"), 409, "wrong-dimension"),
        (StateError("damaged-snapshot"), 409, "damaged-snapshot"),
        (StateError("vectord-unreachable"), 502, "vectord-unreachable"),
    ],
)
def test_a_refusal_has_its_status_and_its_rule(error: SchemaError | StateError, status: int, rule: str) -> None:
    touched: set[str] = set()
    assert answers.refused(error, touched).status == status
    assert touched == {rule}
