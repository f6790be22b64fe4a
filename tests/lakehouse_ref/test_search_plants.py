"""Each planted bug of vectors and matrix does what the contract says, and few known answers are spoiled by it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse_ref.search import index, neighbours, playbooks, units
from lakehouse_ref.services import matrixd, plants
from lakehouse_ref.services.storage import indexes, journals
from parity.probes import vectors_recall
from parity.recall import share
from tests.lakehouse_ref.known import few, known_answers
from tests.lakehouse_ref.sequences import Matrixd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWNERS: list[Any] = [index, neighbours, playbooks, units, journals, indexes.LocalStore]
NAMED = [(surface, name) for surface in matrixd.SURFACES for name in plants.PLANTS[surface]]
TWO = '{"items":[{"id":"b","vector":[1,0]},{"id":"a","vector":[2,0]}]}'
ROLE = '"role":"Welder"'


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    kept = [(owner, dict(vars(owner))) for owner in OWNERS]
    yield
    for owner, names in kept:
        for name, value in names.items():
            if vars(owner)[name] is not value:
                setattr(owner, name, value)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Matrixd]:
    with Matrixd(tmp_path / "data") as asked:
        yield asked


def bodies(asked: Matrixd, *lines: str) -> list[Any]:
    steps = json.loads(asked.sequence("\n".join(lines).encode())[0])["steps"]
    asked.clear()
    return [step["body"] for step in steps]


def add(*texts: str) -> str:
    items = [{"id": text.partition(":")[0], "text": text.partition(":")[2]} for text in texts]
    return "POST /vectors/index/workers/add " + json.dumps({"items": items})


def record(text: str, answer_id: str, score: float, role: str = "Welder") -> str:
    body = {"query_text": text, "role": role, "answer_id": answer_id, "score": score}
    return "POST /v1/matrix/playbooks/record " + json.dumps(body)


def search(text: str, k: int, **more: object) -> str:
    body = {"query_text": text, "query_role": "Welder", "k": k, "use_playbook": True} | more
    return "POST /v1/matrix/search " + json.dumps(body)


def test_every_plant_is_looked_at_here() -> None:
    assert {f"test_{name.replace('-', '_')}" for _, name in NAMED} <= set(globals())


@pytest.mark.parametrize(
    ("surface", "plant"),
    # One takes a process (test_search_matrixd.py), and one more vectors than a known answer has.
    [one for one in NAMED if one[1] not in {"crash-forgets", "near-missed"}],
)
def test_a_plant_changes_a_few_known_answers(surface: str, plant: str, asked: Matrixd) -> None:
    known = known_answers(surface)
    plants.plant(plant)
    wrong = 0
    for one in known:
        wrong += asked.sequence(one.input, surface)[0] != one.output
        asked.clear()
    assert 0 < wrong < few(plant, len(known))


def test_ties_by_insertion(asked: Matrixd) -> None:
    lines = [
        f"POST /vectors/index/i/add {TWO}",
        'POST /vectors/index/i/add {"items":[{"id":"b","vector":[3,0]}]}',
        'POST /vectors/index/i/search {"vector":[1,0],"k":2}',
    ]
    assert [hit["id"] for hit in bodies(asked, *lines)[-1]["hits"]] == ["a", "b"]
    plants.plant("ties-by-insertion")
    assert [hit["id"] for hit in bodies(asked, *lines)[-1]["hits"]] == ["b", "a"]


def test_deleted_returned(asked: Matrixd) -> None:
    find = 'POST /vectors/index/i/search {"vector":[1,0],"k":2}'
    one = 'POST /vectors/index/i/search {"vector":[1,0],"k":1}'
    lines = [f"POST /vectors/index/i/add {TWO}", 'POST /vectors/index/i/delete {"id":"a"}', find, find]
    few_left = [*lines[:2], one, find]
    assert [len(body["hits"]) for body in bodies(asked, *lines)[2:]] == [1, 1]
    plants.plant("deleted-returned")
    assert [len(body["hits"]) for body in bodies(asked, *lines)[2:]] == [2, 1]
    assert [len(body["hits"]) for body in bodies(asked, *few_left)[2:]] == [1, 1]


def test_dropped_keeps(asked: Matrixd) -> None:
    made = 'POST /vectors/index/i/add {"items":[{"id":"c","vector":[1,0]}]}'
    lines = [f"POST /vectors/index/i/add {TWO}", "POST /vectors/index/i/save {}", "DELETE /vectors/index/i", made]
    assert bodies(asked, *lines)[-1]["size"] == 1
    plants.plant("dropped-keeps")
    assert bodies(asked, *lines)[-1]["size"] == 3
    assert bodies(asked, lines[0], *lines[2:])[-1]["size"] == 1


def test_crash_forgets(asked: Matrixd) -> None:
    lines = [f"POST /vectors/index/i/add {TWO}", 'POST /vectors/index/i/delete {"id":"a"}', "crash"]
    find = "GET /vectors/index/i"
    assert bodies(asked, *lines, find)[-1]["size"] == 1
    plants.plant("crash-forgets")
    assert bodies(asked, *lines, find)[-1]["size"] == 2


def test_crash_forgets_the_last_write_of_each_index(asked: Matrixd) -> None:
    """What goes on with the one index does not write what waits for the other one."""
    more = '{"items":[{"id":"c","vector":[1,0]}]}'
    lines = [f"POST /vectors/index/{name}/add {items}" for items in (TWO, more) for name in "ij"]
    sizes = ["GET /vectors/index/i", "GET /vectors/index/j"]
    assert [body["size"] for body in bodies(asked, *lines, "crash", *sizes)[-2:]] == [3, 3]
    plants.plant("crash-forgets")
    assert [body["size"] for body in bodies(asked, *lines, "crash", *sizes)[-2:]] == [2, 2]


def test_near_missed(asked: Matrixd) -> None:
    data, right = vectors_recall.case(3)

    def recall() -> float:
        found = share(vectors_recall.RECALL, asked.sequence(data, "vectors")[0], right)
        asked.clear()
        return found

    assert recall() >= vectors_recall.RECALL.floor
    plants.plant("near-missed")
    assert recall() < vectors_recall.RECALL.floor


def test_role_gate_off(asked: Matrixd) -> None:
    lines = [add("a:forklift", "b:welder"), record("forklift", "b", 1, "Other"), search("forklift", 2)]
    assert bodies(asked, *lines)[-1]["boosted"] == 0
    plants.plant("role-gate-off")
    assert bodies(asked, *lines)[-1]["boosted"] == 1


def test_boosted_twice(asked: Matrixd) -> None:
    lines = [
        add("a:forklift"),
        record("welder aurora", "a", 1),
        record("welder aurora il", "a", 1),
        search("welder aurora", 1),
    ]
    once = bodies(asked, *lines)[-1]["hits"][0]["distance"]
    plants.plant("boosted-twice")
    assert bodies(asked, *lines)[-1]["hits"][0]["distance"] == pytest.approx(once / 2, abs=1e-6)


@pytest.mark.parametrize(("score", "changed"), [(0.2, True), (0.25, True), (0.26, False)])
def test_boost_on_similarity(asked: Matrixd, score: float, *, changed: bool) -> None:
    lines = [add("a:welder detroit"), record("welder aurora", "a", score), search("welder aurora", 1)]
    sound = bodies(asked, *lines)[-1]["hits"][0]["distance"]
    plants.plant("boost-on-similarity")
    assert (bodies(asked, *lines)[-1]["hits"][0]["distance"] != sound) is changed


def test_excluded_leaks(asked: Matrixd) -> None:
    lines = [add("a:forklift", "b:welder"), record("forklift", "b", 1), search("forklift", 2, excluded_ids=["b"])]
    assert bodies(asked, *lines)[-1]["injected"] == 0
    plants.plant("excluded-leaks")
    assert bodies(asked, *lines)[-1]["injected"] == 1


def test_injected_uncounted(asked: Matrixd) -> None:
    lines = [
        add("a:forklift aurora", "b:forklift aurora il"),
        record("forklift", "b", 1),
        search("forklift", 1),
        search("forklift aurora", 1),
    ]
    assert [body["injected"] for body in bodies(asked, *lines)[2:]] == [1, 0]
    plants.plant("injected-uncounted")
    assert [body["injected"] for body in bodies(asked, *lines)[2:]] == [0, 0]
