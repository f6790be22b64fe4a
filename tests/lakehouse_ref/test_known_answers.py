"""The reference against the known answers: their outputs, and the rules that they touch.

Those of matrixd, which are sequences, are asked in this process; that a process loses nothing either is shown by
`test_search_matrixd.py`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

import jsonschema_rs
import pytest

from lakehouse_ref.services import matrixd
from lakehouse_ref.services.helper import SURFACES
from tests.lakehouse_ref.known import FIXTURES, Known, known_answers, message, written_down
from tests.lakehouse_ref.sequences import Matrixd
from tests.lakehouse_ref.serving import Connection, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ask: TypeAlias = Callable[[Known], tuple[bytes, set[str]]]

EVERY = [*SURFACES, "validate", *matrixd.SURFACES]
KNOWN = [answer for surface in EVERY for answer in known_answers(surface)]
BY_RULE: dict[tuple[str, str], list[Known]] = defaultdict(list)
for one in KNOWN:
    for its_rule in one.rules:
        BY_RULE[one.surface, its_rule].append(one)
by_answer = pytest.mark.parametrize("answer", [pytest.param(one, id=f"{one.surface}-{one.name}") for one in KNOWN])


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Ask a surface, validate through its service: for the output, and the rules that mattered."""
    data = tmp_path_factory.mktemp("matrixd")
    with started(LAKEHOUSE_RULES="1") as (_, port), Matrixd(data) as indexes:

        def output(answer: Known) -> tuple[bytes, set[str]]:
            if answer.surface in SURFACES:
                touched: set[str] = set()
                return SURFACES[answer.surface](answer.input, touched), touched
            if answer.surface in matrixd.SURFACES:
                indexes.clear()
                return indexes.sequence(answer.input, answer.surface)
            asked, connection = message(answer.input), Connection(port)
            reply = connection.ask(asked.target, asked.method, asked.body, *asked.headers)
            connection.close()
            told = reply.headers.get("parity-rules", "")
            return written_down(reply.status, reply.headers["content-type"], reply.body), set(told.split(","))

        yield output


@pytest.mark.parametrize("surface", EVERY)
def test_there_are_known_answers(surface: str) -> None:
    assert len([answer for answer in KNOWN if answer.surface == surface]) > 100


@by_answer
def test_output(answer: Known, ask: Ask) -> None:
    assert ask(answer)[0] == answer.output


@pytest.mark.parametrize(("surface", "rule"), sorted(BY_RULE))
def test_a_rule_is_touched_by_a_known_answer_about_it(surface: str, rule: str, ask: Ask) -> None:
    """A known answer names the rules that it is about, and may stand on the harmless side of their edge."""
    assert any(rule in ask(answer)[1] for answer in BY_RULE[surface, rule])


SCHEMAS = {
    surface: jsonschema_rs.validator_for(
        json.loads((FIXTURES / "contract" / f"{surface}.answer.schema.json").read_bytes())
    )
    for surface in EVERY
}


@by_answer
def test_the_expected_output_fits_the_schema(answer: Known) -> None:
    assert SCHEMAS[answer.surface].is_valid(json.loads(answer.output))
