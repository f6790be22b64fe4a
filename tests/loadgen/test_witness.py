"""The witness beside real runtimes: what is the same agrees, and each altered byte is found, at its place."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from loadgen.samples import MATRIX, VALIDATE, Sample
from tests.loadgen.loaded import BODIES, ROOT, Loaded, queries, search, validation, without_plants
from tests.loadgen.witnessed import LONGEST_START, Witness, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KINDS = {
    "distance": (MATRIX, rb'("distance":0\.[0-9]*)[0-8]([,}])', rb"\g<1>9\2", "/body/hits/0/distance", "text"),
    "order": (MATRIX, rb'("id":"w-)(\d+)(".*?"id":"w-)(\d+)', rb"\1\4\3\2", "/body/hits/0/id", "text"),
    "rank": (MATRIX, rb'"rank":1', b'"rank":2', "/body/hits/0/rank", "text"),
    "metadata": (MATRIX, rb'"state":"..', b'"state":"XX', "/body/hits/0/metadata/state", "text"),
    "hit-boosted": (MATRIX, rb'"boosted":false', b'"boosted":true', "/body/hits/0/boosted", "text"),
    "hit-injected": (MATRIX, rb'"injected":false', b'"injected":true', "/body/hits/0/injected", "text"),
    "boosted": (MATRIX, rb'"boosted":0', b'"boosted":1', "/body/boosted", "text"),
    "type-of-injected": (MATRIX, rb'"injected":0', b'"injected":"0"', "/body/injected", "text"),
    "hit-missing": (MATRIX, rb'(.*),\{"boosted".*?"rank":\d+\}', rb"\1", "/body/hits/3", "missing"),
    "order-of-members": (MATRIX, rb'("id":"w-\d+"),("injected":false)', rb"\2,\1", "/body/hits/0", "order"),
    "name": (MATRIX, rb'"rank"', rb'"r\\u0061nk"', "/body/hits/0/rank", "name"),
    "layout": (MATRIX, rb'"hits":\[', b'"hits": [', "", "layout"),
    "not-json": (MATRIX, rb'"hits":\[', b'"hits":[,', "", "bytes"),
    "status": (VALIDATE, rb'"status":200', b'"status":201', "/status", "text"),
    "content-type": (VALIDATE, rb"application/json", b"application/jsom", "/type", "text"),
    "request-id": (VALIDATE, rb'"r-1"', b'"r-2"', "/body/request_id", "text"),
    "verdict": (
        VALIDATE,
        rb'"status":200(.*)"body":.*',
        rb'"status":422\1"body":{"Consistency":{"reason":"unknown-worker"}}}',
        "/status",
        "text",
    ),
}


@pytest.fixture(scope="module", params=["python", "go"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    with Loaded(request.param, tmp_path_factory.mktemp("loaded")) as one:
        one.fill()
        yield one


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Sample]]:
    """Make a sample of each surface that every runtime answers alike."""
    with Loaded("python", tmp_path_factory.mktemp("sound")) as one:
        one.fill()
        yield {
            VALIDATE: one.validate(validation("accepted")),
            MATRIX: one.search(search("Need 3 Forklift Operators in Aurora IL")),
        }


def altered(sample: Sample, pattern: bytes, by: bytes) -> Sample:
    """Return a sample whose answer was altered at one place."""
    observed = re.sub(pattern, by, sample.observed, count=1, flags=re.DOTALL)
    assert observed != sample.observed
    return sample._replace(observed=observed)


def test_what_a_large_index_answers_the_others_answer_of_a_small_case(loaded: Loaded) -> None:
    some = [loaded.validate(validation(name)) for name in BODIES]
    some += [loaded.validate(body) for body in (b"", b"{", b"\xff", b'{"kind":"fill","kind":"sms"}')]
    excluded = ["w-000001", "w-000002", "w-000003"]
    for number, query in enumerate(queries(40)):
        some.append(loaded.search(search(query, k=(1, 4, 10, 50)[number % 4])))
        some.append(loaded.search(search(query, excluded_ids=excluded, use_playbook=False)))
    some.append(loaded.search(search("Welders", k=1_000)))

    parity = run(*some)

    assert parity["why"] == ""
    assert parity["differences"] == []
    assert (parity["sampled"], parity["compared"], parity["differing"], parity["dropped"]) == (len(some),) * 2 + (0, 0)
    assert parity["runtimes"] == ["python"]


@pytest.fixture(scope="module")
def parity(sound: dict[str, Sample]) -> dict[str, Any]:
    return run(*[altered(sound[surface], pattern, by) for surface, pattern, by, _, _ in KINDS.values()])


class TestAnAlteredAnswer:
    def test_is_always_found(self, parity: dict[str, Any]) -> None:
        assert parity["differing"] == parity["compared"] == parity["sampled"] == len(KINDS)
        assert len(parity["differences"]) == len(KINDS)
        assert parity["why"] == ""

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_one_difference_at_its_place(self, parity: dict[str, Any], kind: str, sound: dict[str, Sample]) -> None:
        surface, pattern, by, path, what = KINDS[kind]
        own = altered(sound[surface], pattern, by).observed.decode()

        at = [
            one for one in parity["differences"] if (one["surface"], one["path"], one["what"]) == (surface, path, what)
        ]
        if kind in {"status", "verdict"}:  # at one place, but only one of them there alone
            shown = {"status": "201", "verdict": "422"}[kind]
            at = [one for one in at if one["rendered"]["go"] == shown]

        assert len(at) == 1
        assert at[0]["count"] == 1
        assert at[0]["sides"] == "go against python"
        assert at[0]["case"] == sound[surface].case.decode()
        assert at[0]["rendered"].keys() == {"go", "python"}
        assert at[0]["rendered"]["go"] is None or at[0]["rendered"]["go"] in own or what in {"order", "bytes", "layout"}
        assert at[0]["rendered"]["go"] != at[0]["rendered"]["python"]


def test_a_kind_of_difference_is_one_entry_with_its_smallest_case(sound: dict[str, Sample]) -> None:
    short = sound[VALIDATE]
    longer = short._replace(case=short.case + b" " * 9)
    wrong = [altered(one, rb"200", b"500") for one in (longer, short, longer, longer)]

    parity = run(*wrong, short, longer, sound[MATRIX])

    (difference,) = parity["differences"]
    assert difference["count"] == parity["differing"] == 4
    assert difference["case"].encode() == short.case
    assert parity["compared"] == 7


def test_a_runtime_under_load_may_be_among_the_others(sound: dict[str, Sample]) -> None:
    parity = run(altered(sound[VALIDATE], rb"200", b"500"), under="python")

    (difference,) = parity["differences"]
    assert difference["sides"] == "python against python (under load)"
    assert difference["rendered"] == {"python": "200", "python (under load)": "500"}


class TestAPlantedBug:
    def test_is_found_in_what_it_answered_and_shown_again_by_the_command(self, tmp_path: Path) -> None:
        with Loaded("go", tmp_path, "flat-error") as go:
            few = validation("accepted").replace(b'["w-1"]', b"[]")
            some = [go.validate(validation(name)) for name in BODIES] + [go.validate(few)]

        with Witness("--runtimes", "python", "--under", "go", "--plant", "flat-error", "--share", "0.25") as witness:
            witness.send(*some)
            parity = witness.end()

        (difference,) = parity["differences"]
        assert parity["share"] == 0.25
        assert parity["compared"] == 4
        assert difference["path"] == "/body/Completeness"
        assert difference["what"] == "missing"
        assert difference["rendered"] == {"go": None, "python": '{"reason":"too-few-fills"}'}
        again = replay(difference["replay"])
        assert again.returncode == 1, again
        assert "Completeness" in again.stdout
        assert shlex.split(difference["replay"])[-4:] == ["--plant", "go=flat-error", "--runtimes", "python,go"]

    def test_the_others_may_agree_with_each_other(self, tmp_path: Path) -> None:
        with Loaded("go", tmp_path, "flat-error") as go:
            sample = go.validate(validation("accepted").replace(b'["w-1"]', b"[]"))

        parity = run(sample, runtimes="python,go")

        (difference,) = parity["differences"]
        assert parity["runtimes"] == ["python", "go"]
        assert difference["sides"] == "go+python against go (under load)"

    def test_a_long_case_is_named_by_an_id(self, sound: dict[str, Sample]) -> None:
        parity = run(altered(sound[MATRIX], rb'"rank":1', b'"rank":2'), runtimes="python,go", under="somebody")

        (difference,) = parity["differences"]
        assert len(difference["replay"]) < 200
        again = replay(difference["replay"])
        assert again.returncode == 0, again  # it was altered on its way here
        assert again.stdout.endswith("\nagree\n")


def replay(line: str) -> subprocess.CompletedProcess[str]:
    """Give a command of a report, in the environment that the tests have."""
    uv, run_, *command = shlex.split(line)
    assert (uv, run_, command[:2]) == ("uv", "run", ["parity", "replay"])
    return subprocess.run(
        command, cwd=ROOT, env=without_plants(), capture_output=True, text=True, timeout=LONGEST_START, check=False
    )
