"""The steps of a case dealt out to several testees, which take them in one directory."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from parity.transports.directories import Relay

from .conftest import kinds
from .trees import ONE, ONE_DONE, OTHER, OTHER_DONE, case, step, steps

if TYPE_CHECKING:
    from parity.transports import Askable

    from .conftest import Bench


@pytest.mark.parametrize(
    ("count", "names"),
    [(1, ["a"]), (2, ["a", "c"]), (3, ["a", "b", "c"]), (4, ["a", "b", "b", "c"]), (6, ["a", *"bbbb", "c"])],
)
def test_a_relay_deals_the_steps_out_in_one_directory(bench: Bench, count: int, names: list[str]) -> None:
    relay = Relay((bench.files("a"), bench.files("b"), bench.files("c")))

    (seen,) = bench.ask(relay, case(*[["who"]] * count))

    answers = [one["answer"] for one in steps(seen)]
    assert [name for name, _ in answers] == names
    assert len({place for _, place in answers}) == 1


def test_goes_on_with_what_another_one_left(bench: Bench) -> None:
    relay = Relay((bench.files("a"), bench.files("b"), bench.files("c")))

    seen = bench.ask(relay, ONE, OTHER, b"nonsense", ONE)

    assert kinds(seen) == ["answered", "answered", "refused", "answered"]
    assert [steps(seen[at]) for at in (0, 1, 3)] == [ONE_DONE, OTHER_DONE, ONE_DONE]


def test_shows_who_remembers(bench: Bench) -> None:
    sound, forgetful = bench.files("a"), bench.files("b", "remembers")

    alone = bench.ask(forgetful, ONE)
    mixed = bench.ask(Relay((forgetful, sound, forgetful)), ONE)

    assert steps(alone[0]) == ONE_DONE
    assert steps(mixed[0]) == [*ONE_DONE[:2], step({"length": 4, "text": "one\n"})]


@pytest.mark.parametrize("at", range(3))
def test_a_fault_of_one_of_them_is_the_cases(bench: Bench, at: int) -> None:
    """The others in the batch are asked again in the directory as the one before left it."""
    relay = Relay((bench.files("a", "buffers"), bench.files("b", "buffers"), bench.files("c", "buffers")))
    bad = [["line", "log", "x"]] * 3
    bad[at] = ["die", "log"]

    seen = bench.ask(relay, ONE, case(*bad), ONE)

    assert kinds(seen) == ["answered", "crashed", "answered"]
    assert seen[1].detail == f"step {at + 1}: it ended with exit code 7"
    assert [steps(seen[0]), steps(seen[2])] == [ONE_DONE, ONE_DONE]


def test_all_ways_at_once_do_not_disturb_each_other(bench: Bench) -> None:
    crew = {name: bench.files(name, manner) for name, manner in zip("abc", ["sound", "buffers", "sound"], strict=True)}
    ways: dict[str, Askable] = {**crew}
    for names in itertools.product(crew, repeat=3):
        ways[">".join(names)] = Relay((crew[names[0]], crew[names[1]], crew[names[2]]))
    who = case(["who"], ["who"], ["who"])

    rows = bench.driver.ask(ways, "s", [ONE, who]).result(timeout=60)

    assert len(ways) == 30
    places = set()
    for name, seen in rows[1].items():
        found = [one["answer"] for one in steps(seen)]
        assert [one for one, _ in found] == (name.split(">") if ">" in name else [name] * 3)
        places |= {place for _, place in found}
    assert len(places) == 30
    assert all(steps(seen) == ONE_DONE for seen in rows[0].values())
    assert [list(one._base.iterdir()) for one in crew.values() if one._base] == [[], [], []]
