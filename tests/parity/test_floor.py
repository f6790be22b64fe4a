"""The floor of coverage: a probe that covers less than it did is not green, and a floor does not sink by itself."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from parity import floor, pipeline
from parity import known as listed
from parity.count import Count
from parity.errors import FixtureError, UsageError
from parity.floor import Floor
from parity.model import Bytes, Verdict
from tests.parity.made import known
from tests.parity.projects import KNOWN, RULES, probe, project, run

if TYPE_CHECKING:
    from pathlib import Path

    from parity.config import Settings

PAIR = {"go": "plain", "python": "plain"}


def write(fixtures: Path, content: str | bytes) -> Path:
    fixtures.mkdir(parents=True, exist_ok=True)
    file = fixtures / floor.FILE
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def floored(root: Path, content: str, known: dict[str, bytes] | None = None, **given: Any) -> Settings:  # noqa: ANN401
    """Write a project with a floor and a probe, and return its settings."""
    settings = project(root, PAIR, known, **given)
    write(settings.fixtures, content)
    (root / "probes").mkdir(exist_ok=True)
    (root / "probes" / "test_s.py").write_text("from tests.parity.projects import probe\n\ns = probe()\n")
    return msgspec.structs.replace(settings, probes=(root / "probes",))


# ------------------------------------------------------------------ reading


def test_where_there_is_no_file_there_is_no_floor(tmp_path: Path) -> None:
    assert floor.load(tmp_path) == {}
    write(tmp_path, floor.HEAD)
    assert floor.load(tmp_path) == {}


def test_floors_are_read_by_surface(tmp_path: Path) -> None:
    write(tmp_path, "[s]\nknown_answers = 3\nrules = 2\n[t-1_x]\nknown_answers = 0\nrules = 0\n")
    assert floor.load(tmp_path) == {"s": Floor(3, 2), "t-1_x": Floor(0, 0)}


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        pytest.param("[s\n", "is broken: Expected ']'", id="no-toml"),
        pytest.param(b"# \xff\n", "is broken: 'utf-8' codec", id="no-text"),
        pytest.param("s = " + "[" * 20_000, "is broken", id="nested-without-end"),
        pytest.param("s = 1", "is broken: [s]: Expected `object`, got `int`", id="no-table"),
        pytest.param("[s]\nknown_answers = 1\n", "missing required field `rules`", id="rules-missing"),
        pytest.param("[s]\nrules = 1\n", "missing required field `known_answers`", id="known-answers-missing"),
        pytest.param("[s]\nrules = 1\nknown_answers = 1\nmore = 1\n", "unknown field `more`", id="unknown-field"),
        pytest.param("[s]\nrules = '1'\nknown_answers = 1\n", "Expected `int`", id="no-number"),
        pytest.param("[s]\nrules = 1.5\nknown_answers = 1\n", "Expected `int`", id="half-a-rule"),
        pytest.param("[s]\nrules = -1\nknown_answers = 1\n", "Expected `int` >= 0", id="less-than-nothing"),
        pytest.param("[s.t]\nrules = 1\nknown_answers = 1\n", "unknown field `t`", id="a-table-too-deep"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(tmp_path: Path, content: str | bytes, fragment: str) -> None:
    file = write(tmp_path, content)
    with pytest.raises(FixtureError) as caught:
        floor.load(tmp_path)
    assert str(file) in str(caught.value)
    assert fragment in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.exit_code == 2


def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / floor.FILE).mkdir()
    with pytest.raises(FixtureError, match=r"floor\.toml cannot be read: Is a directory"):
        floor.load(tmp_path)


def test_the_surface_whose_floor_is_broken_is_named(tmp_path: Path) -> None:
    write(tmp_path, "[s]\nknown_answers = 1\nrules = 1\n[t]\nknown_answers = 1\n")
    with pytest.raises(FixtureError, match=r"floor\.toml is broken: \[t\]: "):
        floor.load(tmp_path)


# ------------------------------------------------------------------ shrunk


@pytest.mark.parametrize(
    ("reached", "reported", "fragments"),
    [
        (Floor(10, 5), True, []),
        (Floor(11, 6), True, []),
        (Floor(9, 5), True, ["the probe shrank: 9 known answers answered, the floor is 10"]),
        (Floor(10, 4), True, ["the probe shrank: 4 rules of the contract touched, the floor is 5"]),
        (Floor(0, 0), True, ["0 known answers answered", "0 rules of the contract touched"]),
        (Floor(10, 0), False, []),
        (Floor(9, 0), False, ["9 known answers answered"]),
    ],
)
def test_what_lies_below_the_floor_is_told(reached: Floor, reported: bool, fragments: list[str]) -> None:  # noqa: FBT001
    sentences = list(floor.shrunk(Floor(10, 5), reached, rules_reported=reported))
    assert len(sentences) == len(fragments)
    assert all(fragment in sentence for fragment, sentence in zip(fragments, sentences, strict=True))


# ------------------------------------------------------------------ in a run


def test_without_a_floor_nothing_is_missed(tmp_path: Path) -> None:
    assert run(project(tmp_path, PAIR)).verdict is Verdict.AGREE


@pytest.mark.parametrize("answers", [0, 1])
def test_a_probe_at_its_floor_or_above_is_green(tmp_path: Path, answers: int) -> None:
    tally = run(floored(tmp_path, f"[s]\nknown_answers = {answers}\nrules = 1\n"))
    assert (tally.verdict, tally.notes, tally.answered_known_answers) == (Verdict.AGREE, [], 1)


def test_a_probe_that_lost_a_known_answer_is_red(tmp_path: Path) -> None:
    both = KNOWN | {"ab": b'{"n":2,"ok":true}'}
    content = "[s]\nknown_answers = 2\nrules = 1\n"
    assert run(floored(tmp_path / "before", content, both)).verdict is Verdict.AGREE
    tally = run(floored(tmp_path / "after", content, KNOWN))
    assert tally.verdict is Verdict.VACUOUS
    assert tally.notes == ["the probe shrank: 1 known answers answered, the floor is 2"]


def test_a_known_answer_that_only_one_answers_does_not_count(tmp_path: Path) -> None:
    project(tmp_path, PAIR)
    settings = floored(tmp_path, "[s]\nknown_answers = 2\nrules = 0\n", KNOWN | {"x": b'{"n":1,"ok":true}'})
    crashing = project(tmp_path, {"go": "plain", "python": "crash"}, KNOWN | {"x": b'{"n":1,"ok":true}'})
    tally = run(msgspec.structs.replace(crashing, probes=settings.probes))
    assert tally.answered_known_answers == 1
    assert any("the probe shrank: 1 known answers answered" in note for note in tally.notes)


def test_a_known_answer_that_all_are_known_to_refuse_is_not_missed(tmp_path: Path) -> None:
    """`floor update` counts it, and nothing could ever bring a run up to that."""
    both = KNOWN | {"a-": b'{"n":2,"ok":true}'}
    settings = floored(tmp_path, "[s]\nknown_answers = 2\nrules = 1\n", both)
    refusing = project(tmp_path, {"go": "refuse_minus", "python": "refuse_minus"}, both)
    entry = known(
        signature="s / known-answer-a- go+python | contract",
        input=Bytes(text="a-"),
        shows={"go": "refused", "python": "refused", "contract": "answered"},
    )
    listed.add(entry, settings.fixtures)
    tally = run(
        msgspec.structs.replace(refusing, probes=settings.probes), msgspec.structs.replace(probe(), refusals=0.9)
    )
    assert tally.known_cases == 1
    assert tally.notes == []


def test_a_probe_that_touches_fewer_rules_is_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = floored(tmp_path, "[s]\nknown_answers = 1\nrules = 2\n")
    count = Count._rules

    def says_length(self: Count, observations: dict[str, Any]) -> None:
        said = {name: msgspec.structs.replace(seen, rules=("length",)) for name, seen in observations.items()}
        count(self, said)

    monkeypatch.setattr(Count, "_rules", says_length)
    tally = run(settings)
    assert tally.rules == {"length": tally.total}
    assert tally.verdict is Verdict.VACUOUS
    assert tally.notes == ["the probe shrank: 1 rules of the contract touched, the floor is 2"]


def test_where_nobody_reports_rules_only_the_known_answers_count(tmp_path: Path) -> None:
    assert run(floored(tmp_path, "[s]\nknown_answers = 1\nrules = 99\n")).verdict is Verdict.AGREE


def test_a_surface_that_lost_its_probe_is_red_at_every_other(tmp_path: Path) -> None:
    tally = run(floored(tmp_path, "[s]\nknown_answers = 1\nrules = 1\n[gone]\nknown_answers = 5\nrules = 2\n"))
    assert tally.verdict is Verdict.VACUOUS
    assert tally.notes == ["floor.toml speaks of 'gone', and no probe declares that surface"]


def test_the_floor_is_held_to_in_the_audit_alone(tmp_path: Path) -> None:
    """A run of some phases covers less, and does not claim otherwise."""
    settings = floored(tmp_path, "[s]\nknown_answers = 2\nrules = 1\n")
    for phase in pipeline.PHASES[:-1]:
        assert run(settings, phases=(phase,)).notes == []
    assert len(run(settings, phases=("audit",)).notes) == 1


def test_a_small_run_is_not_below_the_floor(tmp_path: Path) -> None:
    assert run(floored(tmp_path, "[s]\nknown_answers = 1\nrules = 1\n", cases=2)).verdict is Verdict.AGREE


def test_a_broken_floor_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match=r"floor\.toml is broken"):
        run(floored(tmp_path, "[s]\n"))


# ------------------------------------------------------------------ writing


def test_the_first_update_writes_the_floor_and_says_what_it_is(tmp_path: Path) -> None:
    file = floor.update({"s": Floor(3, 2), "t": Floor(0, 1)}, tmp_path, lower=False)
    assert file == tmp_path / floor.FILE
    assert file.read_text().startswith(floor.HEAD)
    assert floor.load(tmp_path) == {"s": Floor(3, 2), "t": Floor(0, 1)}


@pytest.mark.parametrize("name", ["a.b", "a b", "é", '"', "a]", "#", "'", "\\"])
def test_a_surface_of_any_name_is_read_back(tmp_path: Path, name: str) -> None:
    floor.update({name: Floor(1, 1), "s": Floor(2, 2)}, tmp_path, lower=False)
    assert floor.load(tmp_path) == {name: Floor(1, 1), "s": Floor(2, 2)}


def test_a_plain_name_stays_plain(tmp_path: Path) -> None:
    assert "[extract_json-1]\n" in floor.update({"extract_json-1": Floor(1, 1)}, tmp_path, lower=False).read_text()


@pytest.mark.parametrize("now", [Floor(10, 5), Floor(11, 5), Floor(10, 6), Floor(99, 99)])
def test_a_floor_rises_or_stays(tmp_path: Path, now: Floor) -> None:
    write(tmp_path, "[s]\nknown_answers = 10\nrules = 5\n")
    floor.update({"s": now}, tmp_path, lower=False)
    assert floor.load(tmp_path) == {"s": now}


@pytest.mark.parametrize(
    ("now", "to"),
    [
        ({"s": Floor(9, 5)}, "9 and 5"),
        ({"s": Floor(99, 4)}, "99 and 4"),
        ({"t": Floor(10, 5)}, "0 and 0"),
        ({}, "0 and 0"),
    ],
)
def test_a_floor_sinks_only_where_that_is_said(tmp_path: Path, now: dict[str, Floor], to: str) -> None:
    file = write(tmp_path, "[s]\nknown_answers = 10\nrules = 5\n")
    before = file.read_bytes()
    with pytest.raises(UsageError) as caught:
        floor.update(now, tmp_path, lower=False)
    assert str(caught.value) == (
        f"the floor of s would sink from 10 known answers and 5 rules to {to}; if that is meant, say --lower"
    )
    assert file.read_bytes() == before
    floor.update(now, tmp_path, lower=True)
    assert floor.load(tmp_path) == now


def test_a_broken_floor_is_not_written_over(tmp_path: Path) -> None:
    file = write(tmp_path, "[s]\n")
    for lower in (False, True):
        with pytest.raises(FixtureError, match=r"floor\.toml is broken"):
            floor.update({"s": Floor(1, 1)}, tmp_path, lower=lower)
    assert file.read_text() == "[s]\n"


def test_the_contract_of_these_tests_has_one_rule() -> None:
    assert len(tomllib.loads(RULES)["rule"]) == 1
    assert probe().surface == "s"
