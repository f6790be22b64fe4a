"""Who is searched: for every query an exact search, by the reference's own arithmetic, has the right top hit."""

from __future__ import annotations

from collections import defaultdict
from random import Random

import numpy as np
import pytest

from lakehouse_ref import embedding
from lakehouse_ref.ingest.generate import generate
from lakehouse_ref.ingest.vocabulary import MAIN_ROLES
from lakehouse_ref.ingest.worker import Worker, text
from lakehouse_ref.search import units
from loadgen import roster
from loadgen.roster import SIZES, Query, Roster
from parity.errors import UsageError

MOST_RECORDINGS = 50
"""The playbook looks at the 50 nearest (search.md): with more, an answer's recording might not be among them."""


class Exact:
    """An index that is searched exactly."""

    def __init__(self, known: Roster) -> None:
        self.workers = known.known
        self._rows = np.array([self._unit(text(worker)) for worker in self.workers])
        self._numbers = {worker.id: number for number, worker in enumerate(self.workers)}

    def _unit(self, words: str) -> np.ndarray:
        found = units.direction(embedding.embed(words))
        assert found is not None
        return found.unit

    def top(self, query: Query) -> tuple[Worker, int]:
        """Return the nearest worker, of equals the one with the first id, and the distance."""
        apart = units.millionths(self._unit(query.text), self._rows)
        nearest = np.flatnonzero(apart == apart.min())
        first = min((self.workers[number] for number in nearest), key=lambda worker: worker.id)
        return first, int(apart.min())

    def apart(self, one: Query, other: Query) -> int:
        """Return how far two queries are from each other."""
        return int(units.millionths(self._unit(one.text), self._unit(other.text)[None, :])[0])


@pytest.fixture(scope="module", params=[200, 2_000])
def known(request: pytest.FixtureRequest) -> Roster:
    return Roster(request.param)


@pytest.fixture(scope="module")
def exact(known: Roster) -> Exact:
    return Exact(known)


def test_the_workers_are_those_of_the_corpus(known: Roster) -> None:
    assert list(known.workers.values()) == known.known == list(generate(1, known.size))
    assert all(worker.id == name for name, worker in known.workers.items())


class TestAQuery:
    def test_has_a_top_hit_of_its_role_and_state(self, known: Roster, exact: Exact) -> None:
        assert len(known.queries) > 100
        for query in known.queries:
            top, _ = exact.top(query)
            assert (top.role, top.state) == (query.role, query.state), query

    def test_is_for_workers_that_exist(self, known: Roster) -> None:
        there = {(worker.role, worker.city, worker.state) for worker in known.known}

        assert {(query.role, query.city, query.state) for query in known.queries} <= there

    def test_stands_there_once(self, known: Roster) -> None:
        assert len({query.text for query in known.queries}) == len(known.queries)

    def test_is_as_coordinators_write_it(self) -> None:
        asked = roster.query("Forklift Operator", "Aurora", "IL", 3)

        assert asked == Query("Need 3 Forklift Operators in Aurora IL", "Forklift Operator", "Aurora", "IL", 3)

    def test_is_drawn_by_the_seed(self, known: Roster) -> None:
        drawn = [known.any(Random(7)) for _ in range(3)]
        random = Random(7)

        assert len(set(drawn)) == 1
        assert len({known.any(random).text for _ in range(200)}) > 100


class TestThoseToRecord:
    def test_have_a_top_hit_of_their_role_and_state(self, known: Roster, exact: Exact) -> None:
        for query in known.recorded:
            top, _ = exact.top(query)
            assert (top.role, top.state) == (query.role, query.state), query

    def test_are_a_few_dozen_so_that_most_recordings_are_updates(self, known: Roster) -> None:
        assert 24 <= len({query.text for query in known.recorded}) <= MOST_RECORDINGS

    def test_lead_to_the_same_answer_several_at_a_time(self, known: Roster, exact: Exact) -> None:
        """So an answer has several recordings near to each of the queries, and a bug that adds them up shows."""
        by_answer = defaultdict(list)
        for query in known.recorded:
            by_answer[exact.top(query)[0].id].append(query)

        several = [queries for queries in by_answer.values() if len(queries) > 1]
        assert len(several) >= 6
        for queries in several:
            assert all(exact.apart(queries[0], other) <= units.MILLION // 2 for other in queries)

    def test_are_of_several_roles_beside_each_other(self, known: Roster) -> None:
        """So a recording for one role is near to a search for another one, and a role gate that is off shows."""
        assert len({query.role for query in known.recorded}) >= 4

    def test_are_drawn_by_the_seed(self, known: Roster) -> None:
        random = Random(3)
        assert known.one_to_record(Random(5)) == known.one_to_record(Random(5))
        assert {known.one_to_record(random) for _ in range(2_000)} == set(known.recorded)

    def test_are_also_asked_for_by_other_roles(self, known: Roster) -> None:
        names = {role.name for role in MAIN_ROLES}

        assert set(known.other_roles) == names
        for role, others in known.other_roles.items():
            assert set(others) == names - {role}


class TestAScore:
    def test_depends_on_the_answer_alone(self, known: Roster) -> None:
        assert [roster.score(one) for one in known.workers] == [roster.score(one) for one in list(known.workers)]

    def test_is_small_half_large_or_whole_and_all_of_them_are_used(self, known: Roster, exact: Exact) -> None:
        """At most 0.25 shows boost-on-similarity; none is 0, of which a boost would not be seen."""
        scores = {roster.score(exact.top(query)[0].id) for query in known.recorded}

        assert scores == {0.2, 0.5, 0.75, 1.0}


@pytest.mark.parametrize("size", [0, 1, 201, 500_000, -200])
def test_a_corpus_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(UsageError, match=f"--corpus {size} is not one of 200, 2000, 100000"):
        Roster(size)


def test_the_sizes_are_those_of_the_contract() -> None:
    assert SIZES == (200, 2_000, 100_000)
