"""The baseline is read strictly, and each mistake in it is one sentence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from loadgen.compare import baseline
from loadgen.compare.plan import Conditions
from loadgen.compare.result import Compared
from parity.errors import FixtureError
from tests.loadgen.compare.made import changed, made_plan

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = """\
[[ratio]]
measure = "rate"
runtime = "rust"
against = "go"
ratio = 1.32
low = 1.25
high = 1.4
rounds = 5
commit = "3f2a91c"
day = 2026-11-20
file = "multitier"
corpus = 2000
users = 16
seconds = 10
"""


def load(tmp_path: Path, text: str | bytes) -> list[baseline.Entry]:
    file = tmp_path / "load_baseline.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return baseline.load(file)


def test_no_file_is_no_entry(tmp_path: Path) -> None:
    assert baseline.load(tmp_path / "load_baseline.toml") == []


def test_an_entry_is_read(tmp_path: Path) -> None:
    [entry] = load(tmp_path, ENTRY)
    assert (entry.ratio, entry.low, entry.high, entry.day) == (1.32, 1.25, 1.4, date(2026, 11, 20))
    assert entry.conditions == Conditions("multitier", 2000, 16, 10)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('"rate"', '"rates"', "entry 1 (rates): there is no such measure; known: rate, rate.CLASS, p99_ms.CLASS"),
        ('"rate"', '"p99_ms"', "there is no such measure"),
        ('"rate"', '"rate. x"', "there is no such measure"),
        ('"rust"', '"go"', "it measures go against itself"),
        ('"rust"', '" "', "runtime is empty"),
        ('"3f2a91c"', '""', "commit is empty"),
        ("ratio = 1.32", "ratio = 1.5", "its ratio 1.5 does not lie between low 1.25 and high 1.4"),
        ("low = 1.25", "low = 0", "ratio, low and high have to be above 0"),
        ("high = 1.4", "high = inf", "ratio, low and high have to be above 0"),
        ("high = 1.4", "high = nan", "ratio, low and high have to be above 0"),
        ("rounds = 5", "rounds = 2", "it is of 2 rounds, and an interval takes at least 3"),
        ("users = 16", "users = 0", "users is 0, and has to be at least 1"),
        ("rounds = 5", 'rounds = "5"', "Expected `int`, got `str` - at `$.ratio[0].rounds`"),
        ("users = 16", "users = 1.5", "Expected `int`, got `float` - at `$.ratio[0].users`"),
        ("2026-11-20", '"the day before"', "at `$.ratio[0].day`"),
        ("rounds = 5\n", "", "missing required field `rounds`"),
        ("rounds = 5", "rounds = 5\nmood = 1", "contains unknown field `mood`"),
        ("[[ratio]]", "[[ratios]]", "contains unknown field `ratios`"),
        ("rounds = 5", "rounds = 5\nrounds = 6", "is broken"),
        ("ratio = 1.32", "ratio = ", "is broken"),
    ],
)
def test_each_mistake_is_one_sentence(tmp_path: Path, before: str, after: str, sentence: str) -> None:
    assert ENTRY.count(before) == 1
    with pytest.raises(FixtureError) as caught:
        load(tmp_path, ENTRY.replace(before, after))
    said = str(caught.value)
    assert sentence in said
    assert "load_baseline.toml" in said
    assert "\n" not in said
    assert caught.value.exit_code == 2


def test_two_entries_for_the_same_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match=r"two entries for rate of rust against go, at multitier, 2,000 workers"):
        load(tmp_path, ENTRY + ENTRY.replace("1.32", "1.30"))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match="is broken"):
        load(tmp_path, b"\xff")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match="cannot be read"):
        baseline.load(tmp_path)


def test_entries_of_other_conditions_are_not_compared_and_that_is_said(tmp_path: Path) -> None:
    entries = load(tmp_path, ENTRY + ENTRY.replace("corpus = 2000", "corpus = 200").replace('"rate"', '"rate.x"'))
    counting, said = baseline.applicable(entries, made_plan())
    assert list(counting) == [("rust", "rate")]
    elsewhere = "multitier, 200 workers, 16 users, 10 s a turn"
    assert said == [f"1 entry of the baseline is of other conditions, and not compared: {elsewhere}"]


@pytest.mark.parametrize(
    ("before", "after"), [('"rust"', '"python"'), ('"go"', '"python"'), ("users = 16", "users = 8")]
)
def test_a_pair_without_an_entry_is_told_the_remedy(tmp_path: Path, before: str, after: str) -> None:
    counting, _ = baseline.applicable(load(tmp_path, ENTRY.replace(before, after)), made_plan())
    assert counting == {}
    sentence = baseline.missing(counting, made_plan())
    assert sentence is not None
    assert "there is no baseline of rust against go at multitier, 2,000 workers, 16 users, 10 s a turn" in sentence
    assert "--update-baseline" in sentence


def compared(measure: str, ratio: float) -> Compared:
    return Compared(
        measure=measure,
        runtime="rust",
        against="go",
        status="compared",
        ratio=ratio,
        low=ratio / 1.1,
        high=ratio * 1.1,
        rounds=5,
    )


def test_an_update_takes_the_place_of_the_same_pair_and_conditions_and_of_nothing_else(tmp_path: Path) -> None:
    others = ENTRY.replace("users = 16", "users = 50") + ENTRY.replace('"rust"', '"python"')
    load(tmp_path, ENTRY + ENTRY.replace('"rate"', '"rate.gone"') + others)
    plan = changed(made_plan(tmp_path), baseline=tmp_path / "load_baseline.toml")
    left_out = Compared(measure="resident_mib", runtime="rust", against="go", status="not compared", why="none")
    found = [compared("rate", 1.234567), compared("p99_ms.x", 0.5), left_out]
    assert baseline.update(plan.baseline, found, plan, commit='a"b', day=date(2026, 11, 23)) == 2
    entries = {(one.measure, one.runtime, one.users): one for one in baseline.load(plan.baseline)}
    assert set(entries) == {
        ("rate", "rust", 50),
        ("rate", "python", 16),
        ("rate", "rust", 16),
        ("p99_ms.x", "rust", 16),
    }
    new = entries["rate", "rust", 16]
    assert (new.ratio, new.low, new.high) == (1.235, 1.122, 1.358)
    assert (new.commit, new.day) == ('a"b', date(2026, 11, 23))
    assert plan.baseline.read_text().startswith("# How the measures")


def test_an_update_over_a_broken_baseline_leaves_it(tmp_path: Path) -> None:
    plan = changed(made_plan(tmp_path), baseline=tmp_path / "load_baseline.toml")
    plan.baseline.write_text("[[ratio]")
    with pytest.raises(FixtureError):
        baseline.update(plan.baseline, [compared("rate", 1.0)], plan, commit="c", day=date(2026, 11, 23))
    assert plan.baseline.read_text() == "[[ratio]"
