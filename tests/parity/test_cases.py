"""The origins of cases: files that are sound or broken, the sweep, and exploring."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from parity.errors import FixtureError
from parity.generate import cases
from parity.generate.grammar import Grammar, concat, pick, repeat
from parity.model import Case, Origin

if TYPE_CHECKING:
    from pathlib import Path

DIGIT = pick(*"0123456789")
NUMBERS = repeat(DIGIT, 8, 8)
SOUND: dict[str, Any] = {"why": "", "rules": ["a-rule"], "input": {"text": "é"}, "output": {"base64": "/w=="}}
KEPT: dict[str, Any] = {"surface": "s", "signature": "s / unknown go | python", "input": {"base64": "/w=="}}
RULES = frozenset({"a-rule"})


def write(fixtures: Path, folder: str, name: str, content: object) -> Path:
    file = fixtures / folder / "s" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return file


# ------------------------------------------------------------------ files


def test_known_answers_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path, "known_answers", "b.json", SOUND)
    write(tmp_path, "known_answers", "a.json", SOUND | {"input": {"text": "a"}, "output": {"text": ""}})
    assert cases.known_answers("s", tmp_path, RULES) == [
        Case(b"a", Origin.KNOWN_ANSWER, "a", b"", ("a-rule",)),
        Case("é".encode(), Origin.KNOWN_ANSWER, "b", b"\xff", ("a-rule",)),
    ]


def test_the_corpus_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    write(tmp_path, "corpus", "b.json", KEPT)
    file = write(tmp_path, "corpus", "a.json", KEPT | {"input": {"text": "{}"}})
    assert cases.corpus("s", tmp_path) == [Case(b"{}", Origin.CORPUS, "a"), Case(b"\xff", Origin.CORPUS, "b")]
    assert cases.read_kept(file) == ("s", b"{}", {})


def test_a_surface_without_files_has_no_cases(tmp_path: Path) -> None:
    assert cases.known_answers("s", tmp_path, RULES) == []
    assert cases.corpus("s", tmp_path) == []


BROKEN_BYTES = [
    pytest.param({}, "exactly one of text, base64 and parts", id="neither-form"),
    pytest.param({"text": "", "base64": ""}, "exactly one of text, base64 and parts", id="both-forms"),
    pytest.param({"base64": "/w"}, "is broken", id="base64-without-padding"),
    pytest.param({"base64": "/ w=="}, "is broken", id="base64-with-a-space"),
    pytest.param({"base64": "é"}, "is broken", id="base64-beyond-ascii"),
    pytest.param({"txt": ""}, "unknown field `txt`", id="another-form"),
    pytest.param("{}", "Expected `object`, got `str`", id="text-itself"),
]


@pytest.mark.parametrize(("data", "fragment"), BROKEN_BYTES)
@pytest.mark.parametrize("field", ["input", "output"])
def test_broken_bytes_of_a_known_answer_name_the_file(tmp_path: Path, field: str, data: object, fragment: str) -> None:
    file = write(tmp_path, "known_answers", "broken.json", SOUND | {field: data})
    with pytest.raises(FixtureError) as caught:
        cases.known_answers("s", tmp_path, RULES)
    assert str(file) in str(caught.value)
    assert fragment in str(caught.value)


@pytest.mark.parametrize(("data", "fragment"), BROKEN_BYTES)
def test_broken_bytes_of_a_kept_case_name_the_file(tmp_path: Path, data: object, fragment: str) -> None:
    file = write(tmp_path, "corpus", "broken.json", KEPT | {"input": data})
    for read in (lambda: cases.corpus("s", tmp_path), lambda: cases.read_kept(file)):
        with pytest.raises(FixtureError) as caught:
            read()
        assert str(file) in str(caught.value)
        assert fragment in str(caught.value)


BROKEN_FILES = [
    pytest.param(b"", "is broken", id="empty"),
    pytest.param(b"{", "is broken", id="cut-off"),
    pytest.param(b'{"why":"\xff"}', "is broken", id="invalid-utf8"),
    pytest.param(b"[]", "Expected `object`, got `array`", id="an-array"),
    pytest.param(b"[" * 100_000, "is broken", id="nested-without-end"),
]


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        *BROKEN_FILES,
        pytest.param(SOUND | {"reason": ""}, "unknown field `reason`", id="unknown-field"),
        pytest.param(
            {name: value for name, value in SOUND.items() if name != "why"}, "missing required field `why`", id="no-why"
        ),
        pytest.param(SOUND | {"rules": "a-rule"}, "Expected `array`, got `str`", id="rules-that-are-no-list"),
        pytest.param(SOUND | {"rules": ["a-role"]}, "unknown rule 'a-role'", id="unknown-rule"),
    ],
)
def test_a_broken_known_answer_names_the_file(tmp_path: Path, content: object, fragment: str) -> None:
    write(tmp_path, "known_answers", "a.json", SOUND)
    file = write(tmp_path, "known_answers", "broken.json", content)
    with pytest.raises(FixtureError) as caught:
        cases.known_answers("s", tmp_path, RULES)
    assert str(file) in str(caught.value)
    assert fragment in str(caught.value)


def test_two_known_answers_of_one_input_are_refused(tmp_path: Path) -> None:
    """The second one would never be asked, and nobody would notice."""
    write(tmp_path, "known_answers", "a.json", SOUND)
    write(tmp_path, "known_answers", "b.json", SOUND | {"output": {"text": "another"}})
    with pytest.raises(FixtureError, match=r"b\.json has the same input as a\.json"):
        cases.known_answers("s", tmp_path, RULES)


def test_an_unknown_rule_lists_the_known_ones(tmp_path: Path) -> None:
    write(tmp_path, "known_answers", "broken.json", SOUND | {"rules": ["a-role"]})
    with pytest.raises(FixtureError, match="a-rule"):
        cases.known_answers("s", tmp_path, RULES)


@pytest.mark.parametrize(
    ("content", "fragment"),
    [*BROKEN_FILES, pytest.param({"surface": "s", "signature": ""}, "missing required field `input`", id="no-input")],
)
def test_a_broken_kept_case_names_the_file(tmp_path: Path, content: object, fragment: str) -> None:
    file = write(tmp_path, "corpus", "broken.json", content)
    with pytest.raises(FixtureError) as caught:
        cases.corpus("s", tmp_path)
    assert str(file) in str(caught.value)
    assert fragment in str(caught.value)


def test_a_kept_case_that_is_not_there_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match=r"gone\.json cannot be read: No such file"):
        cases.read_kept(tmp_path / "gone.json")


# ------------------------------------------------------------------ the sweep


def swept(
    inputs: Grammar, count: int, *, seed: int = 1, surface: str = "s", seen: set[int] | None = None
) -> list[Case]:
    return [
        case for batch in cases.sweep(inputs, surface, seed, count, set() if seen is None else seen) for case in batch
    ]


@pytest.mark.parametrize("count", [1, cases.BATCH - 1, cases.BATCH, cases.BATCH + 1, 2000])
def test_the_sweep_gives_as_many_distinct_cases_as_asked_for(count: int) -> None:
    found = swept(NUMBERS, count)
    assert len(found) == len({case.input for case in found}) == count
    assert {case.origin for case in found} == {Origin.SWEPT}
    assert all(len(case.input) == 8 and case.input.isdigit() for case in found)


def test_a_batch_is_never_empty_and_never_too_large() -> None:
    sizes = [len(batch) for batch in cases.sweep(NUMBERS, "s", 1, 2000, set())]
    assert min(sizes) > 0
    assert max(sizes) <= cases.BATCH


def test_the_sweep_is_the_same_for_a_seed() -> None:
    assert swept(NUMBERS, 1000) == swept(NUMBERS, 1000)


def test_more_cases_begin_with_the_same_ones() -> None:
    assert swept(NUMBERS, 2000)[: cases.BATCH] == swept(NUMBERS, cases.BATCH)


def test_the_sweep_is_another_for_another_seed_and_for_another_surface() -> None:
    one = swept(NUMBERS, 100)
    assert one != swept(NUMBERS, 100, seed=2)
    assert one != swept(NUMBERS, 100, surface="other")


@pytest.mark.parametrize("size", [1, 10, 100])
def test_the_sweep_ends_where_a_small_language_does(size: int) -> None:
    language = pick(*[str(number) for number in range(size)])
    assert sorted(int(case.input) for case in swept(language, 5000)) == list(range(size))


@pytest.mark.parametrize("seed", range(5))
def test_the_sweep_gives_the_last_word_of_a_language_too(seed: int) -> None:
    """As many as the language has were asked for: fewer only where the grammar has no more to give."""
    assert len(swept(repeat(DIGIT, 3, 3), 1000, seed=seed)) == 1000


def test_the_sweep_leaves_out_what_was_seen() -> None:
    seen: set[int] = set()
    first = swept(NUMBERS, 600, seen=seen)
    second = swept(NUMBERS, 600, seen=seen)
    assert len(seen) == 1200
    assert {case.input for case in first}.isdisjoint(case.input for case in second)


# ------------------------------------------------------------------ exploring


def explored(
    inputs: Grammar, count: int, *, seed: int = 1, seen: set[int] | None = None, batches: int | None = None
) -> list[list[Case]]:
    """Return the batches that the judge saw; it says stop after `batches` of them."""
    found: list[list[Case]] = []

    def judge(batch: list[Case]) -> bool:
        found.append(batch)
        return len(found) != batches

    cases.explore(inputs, seed, count, set() if seen is None else seen, judge)
    return found


def test_exploring_gives_as_many_distinct_cases_as_asked_for() -> None:
    found = list(itertools.chain(*explored(NUMBERS, 60)))
    assert len(found) == len({case.input for case in found}) == 60
    assert {case.origin for case in found} == {Origin.EXPLORED}
    assert all(len(case.input) == 8 and case.input.isdigit() for case in found)


def test_exploring_is_the_same_for_a_seed_and_another_for_another_one() -> None:
    assert explored(NUMBERS, 60) == explored(NUMBERS, 60)
    assert explored(NUMBERS, 60) != explored(NUMBERS, 60, seed=2)


@pytest.mark.parametrize("batches", [1, 3])
def test_exploring_stops_when_the_judge_says_so(batches: int) -> None:
    assert len(explored(NUMBERS, 1000, batches=batches)) == batches


def test_exploring_ends_on_a_small_language() -> None:
    found = list(itertools.chain(*explored(concat("x", DIGIT), 500)))
    assert sorted(case.input for case in found) == [b"x%d" % digit for digit in range(10)]


def test_exploring_leaves_out_what_was_seen() -> None:
    seen = {hash(b"%d" % digit) for digit in range(9)}
    assert [case.input for batch in explored(DIGIT, 10, seen=seen) for case in batch] == [b"9"]


def test_an_error_of_the_judge_comes_through() -> None:
    def judge(_: list[Case]) -> bool:
        raise FixtureError("told")

    with pytest.raises(FixtureError, match="told"):
        cases.explore(NUMBERS, 1, 100, set(), judge)
