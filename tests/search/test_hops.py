"""More than one process: what is answered is the same to the byte, whoever keeps the vectors."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from .client import HYBRID, HYBRID_NAMES, RETRIEVE, fresh, refused
from .oracle import Recording, playbook_id
from .test_playbooks import QUERY, Pool
from .texts import ROLES, worker, workers
from .upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .client import Client
    from .programs import Program, Programs, Service
    from .wire import Json

CALLS = 200
RUNTIMES = ("python", "go", "rust")
Call = tuple[str, "Json"]


def calls(seed: int, count: int) -> Iterator[Call]:
    """Draw calls of /v1/matrix/, sound and unsound ones."""
    draw = random.Random(seed)
    names, queries = [*workers(random.Random(1), 40), "nobody"], [worker(draw) for _ in range(6)]
    for _ in range(count):
        query, k = draw.choice(queries), draw.choice([1, 3, 10, 50])
        body: Json = {
            "k": k,
            "query_role": draw.choice(ROLES[:2]),
            "query_text": query,
            "use_playbook": draw.random() < 0.8,
        }
        if draw.random() < 0.3:
            body["excluded_ids"] = draw.sample(names, draw.randint(0, 30))
        if draw.random() < 0.1:
            body["index"] = draw.choice(["workers", "playbook_memory", "vectors", "none", "NO", "playbook_memory"])
        if draw.random() < 0.1:
            body[draw.choice(sorted(body))] = draw.choice([None, 0, "", [], "!?", 1.5, {}])
        recording: Json = {"answer_id": draw.choice(names), "query_text": query, "role": draw.choice(ROLES[:2])}
        recording["score"] = draw.choice([0, 0.25, 0.5, 1, 1, 0.3333333333333333, 2, "x"])
        yield draw.choices(
            [
                ("/v1/matrix/search", body),
                (RETRIEVE, body),
                ("/v1/matrix/playbooks/record", recording),
                ("forget", None),
            ],
            [50, 20, 30, 1],
        )[0]


def stock(client: Client) -> None:
    """Give a tenant workers, and an index of another dimension."""
    client.add("workers", [{"id": name, "text": text} for name, text in workers(random.Random(1), 40).items()])
    client.put("vectors", "x", [1, 0])


def told(front: Client, back: Client, call: Call) -> tuple[int, bytes]:
    """Return what is answered to a call."""
    target, body = call
    if target == "forget":
        answer = front.ask("DELETE", "/v1/tenant")
        stock(back)
    elif target == RETRIEVE and front.hybrid:
        answer = front.post(HYBRID, {HYBRID_NAMES.get(name, name): value for name, value in body.items()})
    else:
        answer = front.post(target, body)
    return answer.status, answer.raw


def compare(direct: Client, front: Client, back: Client, count: int, seed: int = 1) -> None:
    """Check that a front, with another process behind it, answers as one that has all in itself."""
    stock(direct)
    stock(back)
    statuses = []
    for call in calls(seed, count):
        one, other = told(direct, direct, call), told(front, back, call)
        assert one == other, call
        statuses.append(one[0])
    assert {200, 422} <= set(statuses) <= {200, 404, 409, 422}


def behind(program: Program, back: Service, data: Path) -> Service:
    """Start a front whose vectors are another service's."""
    return program.start(data, "--vectord", back.url)


def test_the_same_to_the_byte(program: Program, programs: Programs, service: Service, tmp_path: Path) -> None:
    back, tenant = programs.service(program.name), fresh()
    with (
        behind(program, back, tmp_path) as front,
        front.client(tenant) as mine,
        back.client(tenant) as kept,
        service.client() as direct,
    ):
        compare(direct, mine, kept, CALLS)
        assert kept.about("workers").status == 200
        kept_itself = [file for file in tmp_path.rglob("*") if file.suffix in {".journal", ".snapshot"}]
        assert not kept_itself, "it keeps vectors itself"


@pytest.mark.parametrize("front", RUNTIMES)
@pytest.mark.parametrize("back", RUNTIMES)
def test_every_pair(programs: Programs, front: str, back: str, tmp_path: Path) -> None:
    tenant = fresh()
    with (
        behind(programs.get(front), programs.service(back), tmp_path) as started,
        started.client(tenant) as mine,
        programs.service(back).client(tenant) as kept,
        programs.service(front).client() as direct,
    ):
        compare(direct, mine, kept, 40, seed=2)
        mine.forget()
        assert kept.about("workers").status == 404


def test_boost_through_two_processes(program: Program, service: Service, tmp_path: Path) -> None:
    """What is halved is halved through every hop, and the role gate holds."""
    tenant = fresh()
    with behind(program, service, tmp_path) as front, front.client(tenant) as mine, service.client(tenant) as kept:
        pool = Pool(kept)
        pool.client = mine
        hit = pool.check(QUERY, "Welder", 5)["hits"][2]
        pool.record(QUERY, "Welder", hit["id"], 1.0)
        (boosted,) = [one for one in pool.check(QUERY, "Welder", 5)["hits"] if one["boosted"]]
        assert boosted["id"] == hit["id"]
        assert abs(boosted["distance"] - hit["distance"] / 2) <= 1e-4
        crossed = pool.check(QUERY, "Forklift Operator", 5)
        assert (crossed["boosted"], crossed["injected"], len(crossed["hits"])) == (0, 0, 5)
        assert kept.about("playbook_memory").body["size"] == 1


def test_a_front_has_no_vectors(program: Program, service: Service, tmp_path: Path) -> None:
    with behind(program, service, tmp_path) as front, front.client() as client:
        for method, target in (("POST", "a/add"), ("POST", "a/search"), ("GET", "a"), ("DELETE", "a"), ("PUT", "a")):
            body: Json = {} if method not in {"GET", "DELETE"} else None
            refused(client.ask(method, f"/vectors/index/{target}", body), 404, "unknown-path")
        assert client.post("/v1/matrix/search", {}).reason == "missing-field query_text"
        assert client.retrieve().reason == "missing-field query_text"
        refused(client.retrieve(query_text="a", k=1), 404, "unknown-index")
        assert client.forget() == {"dropped": 0}


def everything(client: Client) -> list[tuple[int, str]]:
    """Return the refusals of all calls that need another process."""
    record = {"answer_id": "a", "query_text": "welder", "role": "r", "score": 1}
    search = {"k": 1, "query_role": "r", "query_text": "welder"}
    answers = [
        client.post("/v1/matrix/search", search),
        client.post("/v1/matrix/search", search | {"use_playbook": True}),
        client.post("/v1/matrix/playbooks/record", record),
        client.retrieve(query_text="welder", k=1),
        client.ask("DELETE", "/v1/tenant"),
    ]
    return [(answer.status, answer.reason) for answer in answers]


UNREACHABLE = [(502, "vectord-unreachable")] * 5


def test_nobody_is_behind(program: Program, tmp_path: Path) -> None:
    with program.start(tmp_path / "back") as back, back.client("t") as kept:
        stock(kept)
        with behind(program, back, tmp_path / "front") as front, front.client("t") as client:
            assert len(client.matrix("welder", "r", 3)["hits"]) == 3
            back.kill()
            assert everything(client) == UNREACHABLE
            refused(client.post("/v1/matrix/search", {"k": 0, "query_text": "a"}), 422, "missing-field query_role")
            assert front.health().status == 200
            with program.start(tmp_path / "back", port=back.port):
                assert len(client.matrix("welder", "r", 3)["hits"]) == 3


NONSENSE = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"<html>",
    b"\xff",
    b'{"hits":1}',
    b'{"hits":[{"id":"a"}]}',
    b'{"hits":[]',
    b'{"hits":[1],"size":1}',
    b'{"State":{"reason":"unknown-index"}}',
]


def test_what_is_behind_answers_nonsense(program: Program, tmp_path: Path) -> None:
    """One service for all of it: each is told, and the next one too."""
    answer: tuple[int, bytes] | None = None
    with (
        Upstream(lambda *_: answer) as upstream,
        program.start(tmp_path, "--vectord", upstream.url) as front,
        front.client() as client,
    ):
        assert everything(client) == UNREACHABLE  # it hangs up
        for nonsense in NONSENSE:
            answer = 200, nonsense
            assert everything(client) == UNREACHABLE, nonsense
        for status in (200, 204, 302, 404, 405, 409, 418, 422, 500, 503):
            answer = status, b"no"
            assert everything(client) == UNREACHABLE, status
        answer = 404, b'{"State":{"reason":"unknown-index"}}'
        refused(client.retrieve(query_text="a", k=1), 404, "unknown-index")  # and then it is sound


def test_the_same_tenant_is_asked_for(program: Program, tmp_path: Path) -> None:
    asked: list[tuple[str, str]] = []

    def answer(target: str, _: Json, headers: dict[str, str]) -> tuple[int, bytes]:
        asked.append((target, headers.get("x-lakehouse-tenant", "default")))
        return 404, b'{"State":{"reason":"unknown-index"}}'

    with Upstream(answer) as upstream, program.start(tmp_path, "--vectord", upstream.url) as front:
        for tenant in ("t-1", None):
            with front.client(tenant) as client:
                refused(client.retrieve(query_text="a", k=1), 404, "unknown-index")
    assert [tenant for _, tenant in asked] == ["t-1", "default"]
    assert {target for target, _ in asked} == {"/vectors/index/workers/search"}


def test_the_oracles_id_of_a_recording() -> None:
    assert len(playbook_id(Recording("q", "r", "a", 1.0))) == 19
