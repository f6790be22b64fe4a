"""What an answer is held to: right ones pass, made by hand from the contract, and each single fault is found."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse_ref.ingest.worker import Worker, metadata
from loadgen import answers
from loadgen.answers import WrongAnswer
from loadgen.roster import Query, Roster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KNOWN = Path(__file__).parents[2] / "fixtures" / "known_answers" / "matrix"
QUERY = Query("Need 2 Welders in Aurora IL", "Welder", "Aurora", "IL", 2)
OTHER_ROLE = QUERY._replace(role="Picker")
K = 4


@pytest.fixture(scope="module")
def roster() -> Roster:
    """Return a roster of eight, whom the test knows."""
    made = Roster(200)
    made.workers = {
        f"w-{number}": Worker(f"w-{number}", role, "Aurora", "IL", ["TIG"], [], "days")
        for number, role in enumerate(["Welder"] * 6 + ["Picker"] * 2, 1)
    }
    made.size = len(made.workers)
    return made


def hit(roster: Roster, rank: int, worker: str, distance: float, **more: object) -> dict[str, Any]:
    return {
        "boosted": False,
        "distance": distance,
        "id": worker,
        "injected": False,
        "metadata": metadata(roster.workers[worker]),
        "rank": rank,
    } | more


def cold(roster: Roster) -> dict[str, Any]:
    """Return an answer without a playbook."""
    hits = [("w-3", 0.21), ("w-1", 0.4449), ("w-2", 0.4449), ("w-7", 0.600001)]
    return {
        "boosted": 0,
        "hits": [hit(roster, rank, worker, distance) for rank, (worker, distance) in enumerate(hits, 1)],
        "injected": 0,
    }


def warm(roster: Roster) -> dict[str, Any]:
    """Return an answer with one: w-1 worked with score 1, w-5 came in from beyond the first four with 0.5."""
    return {
        "boosted": 1,
        "hits": [
            hit(roster, 1, "w-3", 0.21),
            hit(roster, 2, "w-1", 0.22245, boosted=True),
            hit(roster, 3, "w-2", 0.4449),
            hit(roster, 4, "w-5", 0.5, injected=True),
        ],
        "injected": 1,
    }


def written(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def check(document: object, roster: Roster, query: Query = QUERY, **more: Any) -> None:  # noqa: ANN401
    options: dict[str, Any] = {"k": K, "excluded": (), "playbook": False} | more
    answers.check(answers.read(written(document)), query, roster, **options)


class TestARightAnswer:
    def test_without_a_playbook_passes(self, roster: Roster) -> None:
        check(cold(roster), roster)
        answers.check_top(answers.read(written(cold(roster))), QUERY)

    def test_with_one_passes(self, roster: Roster) -> None:
        check(warm(roster), roster, playbook=True)

    def test_of_a_search_with_one_in_which_nothing_was_recorded_passes(self, roster: Roster) -> None:
        check(cold(roster), roster, playbook=True)

    def test_without_those_who_are_excluded_passes(self, roster: Roster) -> None:
        check(cold(roster), roster, excluded=["w-4", "w-8"])

    def test_has_as_many_hits_as_there_are_workers_left(self, roster: Roster) -> None:
        excluded = ["w-4", "w-5", "w-6", "w-8"]
        check(cold(roster), roster, k=10, excluded=excluded)
        with pytest.raises(WrongAnswer, match="4 hits, and 5 are due"):
            check(cold(roster), roster, k=10, excluded=excluded[1:])

    def test_may_have_the_ends_of_what_a_distance_can_be(self, roster: Roster) -> None:
        answer = cold(roster)
        answer["hits"][0]["distance"], answer["hits"][3]["distance"] = 0, 2
        check(answer, roster)


# ------------------------------------------------------------------ every search

SEARCH_FAULTS: dict[str, tuple[Callable[[dict[str, Any], list[Any]], object], str]] = {
    "too-few": (lambda _, hits: hits.pop(), "3 hits, and 4 are due"),
    "none": (lambda _, hits: hits.clear(), "0 hits, and 4 are due"),
    "too-many": (lambda _, hits: hits.append(hits[3] | {"id": "w-8", "rank": 5}), "5 hits, and 4 are due"),
    "unknown-id": (lambda _, hits: hits[2].update(id="w-9"), "'w-9', and no such worker was ever added"),
    "twice": (lambda _, hits: hits[2].update(id="w-1"), "w-1 is there twice"),
    "role-of-another": (lambda _, hits: hits[1]["metadata"].update(role="Picker"), "w-1 came with metadata"),
    "city-of-another": (lambda _, hits: hits[1]["metadata"].update(city="Joliet"), "w-1 came with metadata"),
    "state-of-another": (lambda _, hits: hits[1]["metadata"].update(state="CO"), "w-1 came with metadata"),
    "hours-of-another": (lambda _, hits: hits[1]["metadata"].update(availability="any"), "w-1 came with metadata"),
    "rank": (lambda _, hits: hits[1].update(rank=3), "hit 2 says that its rank is 3"),
    "rank-from-zero": (lambda _, hits: [one.update(rank=one["rank"] - 1) for one in hits], "its rank is 0"),
    "order": (lambda _, hits: hits[3].update(distance=0.444899), "hit 4 is w-7 at 0.444899, and stands behind"),
    "order-of-equals": (
        lambda _, hits: (hits[1].update(id="w-2"), hits[2].update(id="w-1")),
        "hit 3 is w-1 at 0.4449, and stands behind",
    ),
    "finer-than-millionths": (lambda _, hits: hits[1].update(distance=0.4449000004), "no whole number of millionths"),
    "below-zero": (lambda _, hits: hits[0].update(distance=-0.000001), "no whole number of millionths"),
    "beyond-two": (lambda _, hits: hits[3].update(distance=2.000001), "no whole number of millionths"),
    "boosted-without-playbook": (
        lambda answer, hits: (hits[1].update(boosted=True), answer.update(boosted=1)),
        "a search without playbook has boosted",
    ),
    "injected-without-playbook": (
        lambda answer, hits: (hits[1].update(injected=True), answer.update(injected=1)),
        "a search without playbook has boosted or injected",
    ),
    "counted-without-playbook": (lambda answer, _: answer.update(injected=1), "a search without playbook"),
}
PLAYBOOK_FAULTS: dict[str, tuple[Callable[[dict[str, Any], list[Any]], object], str]] = {
    "boosted-uncounted": (lambda answer, _: answer.update(boosted=0), "boosted says 0, and 1 hits are"),
    "boosted-counted-twice": (lambda answer, _: answer.update(boosted=2), "boosted says 2, and 1 hits are"),
    "injected-uncounted": (lambda answer, _: answer.update(injected=0), "injected says 0, and 1 hits are"),
    "boosted-unmarked": (lambda _, hits: hits[1].update(boosted=False), "boosted says 1, and 0 hits are"),
    "both": (
        lambda answer, hits: (hits[1].update(injected=True), answer.update(injected=2)),
        "w-1 is boosted and injected",
    ),
}


@pytest.mark.parametrize("fault", SEARCH_FAULTS)
def test_each_fault_of_a_search_is_found(fault: str, roster: Roster) -> None:
    spoil, told = SEARCH_FAULTS[fault]
    answer = cold(roster)
    spoil(answer, answer["hits"])

    with pytest.raises(WrongAnswer, match=told):
        check(answer, roster)


@pytest.mark.parametrize("fault", PLAYBOOK_FAULTS)
def test_each_fault_of_a_playbook_is_found(fault: str, roster: Roster) -> None:
    spoil, told = PLAYBOOK_FAULTS[fault]
    answer = warm(roster)
    spoil(answer, answer["hits"])

    with pytest.raises(WrongAnswer, match=told):
        check(answer, roster, playbook=True)


@pytest.mark.parametrize("playbook", [False, True])
@pytest.mark.parametrize("position", range(K))
def test_an_excluded_worker_is_found_wherever_it_stands(position: int, roster: Roster, *, playbook: bool) -> None:
    answer = warm(roster) if playbook else cold(roster)
    leaked = answer["hits"][position]["id"]

    with pytest.raises(WrongAnswer, match=f"hit {position + 1} is {leaked}, which the search excluded"):
        check(answer, roster, excluded=["w-8", leaked], playbook=playbook)


@pytest.mark.parametrize(("how", "name"), [("boosted", "w-7"), ("injected", "w-7")])
def test_who_was_recorded_for_another_role_is_found(how: str, name: str, roster: Roster) -> None:
    answer = cold(roster)
    answer["hits"][3][how] = True
    answer[how] = 1

    with pytest.raises(WrongAnswer, match=f"{name}, a Picker, was {how} into a search for a Welder"):
        check(answer, roster, playbook=True)


def test_who_was_boosted_into_a_search_for_another_role_is_found(roster: Roster) -> None:
    check(warm(roster), roster, playbook=True)
    with pytest.raises(WrongAnswer, match="w-1, a Welder, was boosted into a search for a Picker"):
        check(warm(roster), roster, OTHER_ROLE, playbook=True)


@pytest.mark.parametrize("query", [OTHER_ROLE, QUERY._replace(state="CO")])
def test_a_top_hit_of_another_role_or_state_is_found(query: Query, roster: Roster) -> None:
    with pytest.raises(WrongAnswer, match="the top hit is a Welder in IL, and a"):
        answers.check_top(answers.read(written(cold(roster))), query)


# ------------------------------------------------------------------ what is no answer at all


def without(document: Any, *way: Any) -> Any:  # noqa: ANN401
    holder = document
    for name in way[:-1]:
        holder = holder[name]
    del holder[way[-1]]
    return document


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"hits"',
        b"\xff",
        b'{"boosted":0,"hits":[],"injected":0} x',
        b'{"boosted":0,"hits":[],"injected":0,"also":1}',
        b'{"boosted":0,"hits":{},"injected":0}',
        b'{"boosted":"0","hits":[],"injected":0}',
        b'{"boosted":0.5,"hits":[],"injected":0}',
        b'{"boosted":null,"hits":[],"injected":0}',
        b'{"boosted":0,"hits":[null],"injected":0}',
        b'{"Schema":{"field":"k","reason":"out-of-range"}}',
        b"[" * 100_000,
        b'{"boosted":0,"hits":[],"injected":' + b"9" * 5_000 + b"}",
    ],
)
def test_what_is_no_answer_to_a_search_is_found(body: bytes) -> None:
    with pytest.raises(WrongAnswer, match="the body is not that of a search"):
        answers.read(body)


@pytest.mark.parametrize("member", ["boosted", "distance", "id", "injected", "metadata", "rank"])
def test_a_member_that_is_missing_is_found(member: str, roster: Roster) -> None:
    with pytest.raises(WrongAnswer, match=f"`{member}`"):
        answers.read(written(without(cold(roster), "hits", 2, member)))


@pytest.mark.parametrize(
    ("way", "value"),
    [("distance", "0.5"), ("distance", None), ("id", 7), ("rank", "1"), ("boosted", 0), ("metadata", []), ("also", 1)],
)
def test_a_member_of_another_type_or_an_unknown_one_is_found(way: str, value: object, roster: Roster) -> None:
    answer = cold(roster)
    answer["hits"][1][way] = value

    with pytest.raises(WrongAnswer, match="the body is not that of a search"):
        answers.read(written(answer))


def test_unknown_metadata_is_found(roster: Roster) -> None:
    answer = cold(roster)
    answer["hits"][1]["metadata"]["name"] = "Ada"

    with pytest.raises(WrongAnswer, match="name"):
        answers.read(written(answer))


# ------------------------------------------------------------------ recordings

TEXT, ROLE, ANSWER = "Need 2 Welders in Aurora IL", "Welder", "w-1"
RECORD = "POST /v1/matrix/playbooks/record "


def known_names() -> Iterator[tuple[str, str, str, str]]:
    """Yield what was recorded in the known answers, with the name that the contract's fixtures have for it."""
    for file in sorted(KNOWN.glob("*.json")):
        known = json.loads(file.read_text())
        if "text" not in known["input"] or "text" not in known["output"]:
            continue
        calls = [line for line in known["input"]["text"].split("\n") if line not in {"", "restart", "crash"}]
        steps = json.loads(known["output"]["text"]).get("steps")
        for call, step in zip(calls, steps, strict=True) if steps else ():
            if call.startswith(RECORD) and step["status"] == 200:
                asked = json.loads(call.removeprefix(RECORD))
                yield asked["query_text"], asked["role"], asked["answer_id"], step["body"]["playbook_id"]


class TestARecording:
    def test_is_called_as_in_every_known_answer(self) -> None:
        known = list(known_names())

        assert len(known) > 100
        for text, role, answer, name in known:
            assert answers.playbook_id(text, role, answer) == name
            answers.check_recorded(written({"playbook_id": name, "updated": True}), text, role, answer)

    @pytest.mark.parametrize("updated", [False, True])
    def test_may_be_new_or_not(self, *, updated: bool) -> None:
        name = answers.playbook_id(TEXT, ROLE, ANSWER)
        answers.check_recorded(written({"playbook_id": name, "updated": updated}), TEXT, ROLE, ANSWER)

    @pytest.mark.parametrize(
        ("text", "role", "answer"), [(TEXT + " ", ROLE, ANSWER), (TEXT, "welder", ANSWER), (TEXT, ROLE, "w-2")]
    )
    def test_of_something_else_is_found(self, text: str, role: str, answer: str) -> None:
        body = written({"playbook_id": answers.playbook_id(text, role, answer), "updated": False})

        with pytest.raises(WrongAnswer, match="is due"):
            answers.check_recorded(body, TEXT, ROLE, ANSWER)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{}",
            b"\xff",
            b'{"playbook_id":"pb-1"}',
            b'{"playbook_id":7,"updated":true}',
            b'{"playbook_id":"pb-1","updated":0}',
            b'{"playbook_id":"pb-1","updated":false,"also":1}',
        ],
    )
    def test_that_is_none_is_found(self, body: bytes) -> None:
        with pytest.raises(WrongAnswer, match="the body is not that of a recording"):
            answers.check_recorded(body, TEXT, ROLE, ANSWER)


# ------------------------------------------------------------------ what a recording does


class TestLowering:
    @pytest.mark.parametrize(
        ("millionths", "score", "due"),
        [(444_900, 1.0, 222_450), (444_900, 0.0, 444_900), (444_901, 1.0, 222_451), (1, 1.0, 1), (0, 1.0, 0)],
    )
    def test_is_as_in_the_story(self, millionths: int, score: float, due: int) -> None:
        """0.4449 became 0.2224(5) with score 1; half a millionth goes up."""
        assert answers.lowered(millionths, score) == due

    @pytest.mark.parametrize("score", ["0", "0.2", "0.25", "0.5", "0.75", "1"])
    def test_is_that_of_exact_arithmetic(self, score: str) -> None:
        random = Random(score)
        some = [*range(2_000), *(random.randrange(2_000_001) for _ in range(20_000)), 2_000_000]

        for millionths in some:
            exact = millionths * (1 - Fraction(score) / 2) + Fraction(1, 2)
            assert answers.lowered(millionths, float(score)) == math.floor(exact)


class TestAWarmSearch:
    @pytest.fixture
    def cold_hit(self, roster: Roster) -> answers.Hit:
        return answers.read(written(cold(roster))).hits[1]

    def test_has_the_answer_at_its_lowered_distance(self, roster: Roster, cold_hit: answers.Hit) -> None:
        answers.check_warm(answers.read(written(warm(roster))), cold_hit, 1.0)

    def test_may_have_it_injected(self, roster: Roster, cold_hit: answers.Hit) -> None:
        answer = warm(roster)
        answer["hits"][1].update(boosted=False, injected=True)

        answers.check_warm(answers.read(written(answer)), cold_hit, 1.0)

    @pytest.mark.parametrize(
        ("distance", "score"),
        [(0.222449, 1.0), (0.222451, 1.0), (0.4449, 1.0), (0.111225, 1.0), (0.22245, 0.999), (0.22245, 0.5)],
        ids=["one-less", "one-more", "not-lowered", "lowered-twice", "score-a-little-less", "score-half"],
    )
    def test_at_another_distance_is_found(
        self, roster: Roster, cold_hit: answers.Hit, distance: float, score: float
    ) -> None:
        answer = warm(roster)
        answer["hits"][1]["distance"] = distance

        with pytest.raises(WrongAnswer, match=r"w-1 was at 0\.4449, with a recording of score"):
            answers.check_warm(answers.read(written(answer)), cold_hit, score)

    def test_without_the_answer_is_found(self, roster: Roster, cold_hit: answers.Hit) -> None:
        answer = warm(roster)
        del answer["hits"][1]

        with pytest.raises(WrongAnswer, match="w-1 was recorded as an answer, and is not found any more"):
            answers.check_warm(answers.read(written(answer)), cold_hit, 1.0)

    def test_that_does_not_mark_it_is_found(self, roster: Roster, cold_hit: answers.Hit) -> None:
        answer = warm(roster)
        answer["hits"][1]["boosted"] = False

        with pytest.raises(WrongAnswer, match="w-1 was recorded as an answer, and is not boosted"):
            answers.check_warm(answers.read(written(answer)), cold_hit, 1.0)


class TestRemembered:
    def test_the_same_search_has_the_same_answer(self) -> None:
        remembered = answers.Remembered()
        for sent, body in ((b"a", b"1"), (b"b", b"2"), (b"a", b"1"), (b"b", b"2")):
            remembered.check(sent, body)

    @pytest.mark.parametrize("other", [b'{"hits":[1,3]}', b'{"hits":[1]}', b'{"hits":[1,2]} ', b""])
    def test_another_answer_is_found_and_shown(self, other: bytes) -> None:
        remembered = answers.Remembered()
        remembered.check(b"a", b'{"hits":[1,2]}')

        with pytest.raises(answers.WrongAnswer, match="answered otherwise before"):
            remembered.check(b"a", other)
        remembered.check(b"a", b'{"hits":[1,2]}')  # the first one goes on to count
