"""Grammars: sampler and strategy give the same language, and a shared node is made once."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from parity.generate.grammar import Grammar, concat, mapped, mutated, nested, pick, repeat, weighted
from parity.probes.test_extract_json import REPLIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

AB = pick("a", b"b")
DIGIT = pick(*"0123456789")
EDITS_OF_XY = {b"x", b"y"} | {b"-xy", b"x-y"} | {b"-y", b"x-"} | {b"xxy", b"xyy"}

LANGUAGES: list[tuple[str, Grammar, Iterable[bytes]]] = [
    ("pick-one", pick("a"), [b"a"]),
    ("pick", pick("a", b"b", "é", b"\xff", ""), [b"a", b"b", "é".encode(), b"\xff", b""]),
    ("weighted", weighted((5, "a"), (0.5, AB), (1, b"\xff")), [b"a", b"b", b"\xff"]),
    ("or", AB | "c" | b"d", [b"a", b"b", b"c", b"d"]),
    ("concat", concat(AB, "-", AB), [b"a-a", b"a-b", b"b-a", b"b-b"]),
    ("plus", "<" + AB + b">", [b"<a>", b"<b>"]),
    ("plus-of-two", AB + AB, [b"aa", b"ab", b"ba", b"bb"]),
    ("repeat", repeat("a", 0, 3), [b"", b"a", b"aa", b"aaa"]),
    ("repeat-exactly", repeat(AB, 2, 2), [b"aa", b"ab", b"ba", b"bb"]),
    ("repeat-never", repeat(AB, 0, 0), [b""]),
    ("repeat-with-separator", repeat("a", 1, 3, ","), [b"a", b"a,a", b"a,a,a"]),
    ("repeat-with-choice-of-separator", repeat("a", 2, 2, pick(",", ";")), [b"a,a", b"a;a"]),
    ("mapped", mapped(AB, bytes.upper), [b"A", b"B"]),
    ("mutated", mutated(pick("xy"), b"-"), EDITS_OF_XY),
    ("mutated-nothing", mutated(pick(""), b"-"), [b"", b"-"]),
    ("nested", nested(pick("0"), lambda inner: "[" + inner + "]", 3), [b"[[[0]]]"]),
    (
        "nested-with-a-way-out",
        nested(pick("0"), lambda inner: weighted((1, "1"), (1, "[" + inner + "]")), 2),
        [b"1", b"[1]", b"[[0]]"],
    ),
    ("nested-not-at-all", nested(AB, lambda inner: "[" + inner + "]", 0), [b"a", b"b"]),
]
by_name = pytest.mark.parametrize(
    ("grammar", "language"), [pytest.param(grammar, set(language), id=name) for name, grammar, language in LANGUAGES]
)


def sampled(grammar: Grammar, count: int, seed: int = 0) -> list[bytes]:
    sample, rng = grammar.sampler(), random.Random(seed)
    return [sample(rng) for _ in range(count)]


@by_name
def test_the_sampler_gives_the_whole_language_and_nothing_else(grammar: Grammar, language: set[bytes]) -> None:
    assert set(sampled(grammar, 1000)) == language


@by_name
def test_the_strategy_gives_the_whole_language_and_nothing_else(grammar: Grammar, language: set[bytes]) -> None:
    drawn: set[bytes] = set()

    @given(grammar.strategy())
    @settings(
        derandomize=True, max_examples=300, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    def draw(data: bytes) -> None:
        drawn.add(data)

    draw()
    assert drawn <= language
    # A mutation is drawn by its position in thousandths; not every one of them comes up in a few hundred examples.
    assert drawn == language or len(drawn) >= len(EDITS_OF_XY) - 2


@by_name
def test_a_seed_gives_the_same_samples(grammar: Grammar, language: set[bytes]) -> None:  # noqa: ARG001
    assert sampled(grammar, 100, seed=7) == sampled(grammar, 100, seed=7)


def test_another_seed_gives_other_samples() -> None:
    assert sampled(DIGIT, 100, seed=7) != sampled(DIGIT, 100, seed=8)


def test_the_extract_json_grammar_gives_the_same_samples_for_a_seed() -> None:
    one = sampled(REPLIES, 300, seed=7)
    assert one == sampled(REPLIES, 300, seed=7)
    assert one != sampled(REPLIES, 300, seed=8)
    assert len(set(one)) > 280


@pytest.mark.parametrize(
    ("grammar", "shares"),
    [
        pytest.param(pick("a", "b", "c", "d"), {b"a": 0.25, b"b": 0.25, b"c": 0.25, b"d": 0.25}, id="pick"),
        pytest.param(weighted((7, "a"), (2, "b"), (1, "c")), {b"a": 0.7, b"b": 0.2, b"c": 0.1}, id="weighted"),
        pytest.param(weighted((0.5, "a"), (1.5, "b")), {b"a": 0.25, b"b": 0.75}, id="weights-need-not-be-whole"),
        pytest.param(weighted((1, "a"), (0, "b")), {b"a": 1.0, b"b": 0.0}, id="weight-zero"),
        pytest.param(repeat("a", 0, 3), {b"": 0.25, b"a": 0.25, b"aa": 0.25, b"aaa": 0.25}, id="counts-of-a-repeat"),
    ],
)
def test_weights_hold(grammar: Grammar, shares: dict[bytes, float]) -> None:
    count = 20_000
    seen = Counter(sampled(grammar, count))
    for data, share in shares.items():  # 0.02 is more than five standard deviations
        assert abs(seen[data] / count - share) < 0.02, data


def test_an_edge_of_the_range_stays_inside() -> None:
    """`random()` ends just below 1; no rounding on the way may step over the last choice."""

    class Last(random.Random):
        def random(self) -> float:
            return 1 - 2**-53

    rng = Last()
    assert weighted((0.1, "a"), (0.2, "b"), (0.3, "c")).sampler()(rng) == b"c"
    assert pick(*"abcdefg").sampler()(rng) == b"g"
    assert repeat("a", 0, 7).sampler()(rng) == b"a" * 7
    assert mutated(pick("xy"), b"-+").sampler()(rng) == b"xyy"


def test_nested_ends_at_its_depth() -> None:
    grammar = nested(DIGIT, lambda inner: weighted((1, DIGIT), (9, "[" + inner + "]")), 5)
    depths = {data.count(b"[") for data in sampled(grammar, 2000)}
    assert depths == set(range(6))


def doubling(depth: int) -> tuple[Grammar, Callable[[], int]]:
    """Return a grammar in which every level stands twice on the next one, and how often a leaf was made."""
    made = 0

    class Leaf(Grammar):
        def _make_sampler(self) -> Callable[[random.Random], bytes]:
            nonlocal made
            made += 1
            return lambda rng: b"%d" % int(rng.random() * 10)

        def _make_strategy(self) -> st.SearchStrategy[bytes]:
            nonlocal made
            made += 1
            return st.just(b"0")

    grammar = nested(Leaf(), lambda inner: weighted((9, "1"), (1, concat("[", inner, ",", inner, "]"))), depth)
    return grammar, lambda: made


@pytest.mark.parametrize("face", ["sampler", "strategy"])
def test_sharing_does_not_blow_up(face: str) -> None:
    grammar, made = doubling(60)  # 2^60 paths to the leaf
    assert getattr(grammar, face)() is getattr(grammar, face)()
    assert made() == 1


def test_each_node_of_the_extract_json_grammar_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = nodes_of(REPLIES)
    made: Counter[tuple[int, str]] = Counter()
    for kind in {type(node) for node in nodes}:
        for method in ("_make_sampler", "_make_strategy"):
            monkeypatch.setattr(kind, method, _counting(getattr(kind, method), made, method))
    for node in nodes:  # whoever ran before has made some
        monkeypatch.setattr(node, "_sampler", None, raising=False)
        monkeypatch.setattr(node, "_strategy", None, raising=False)
    REPLIES.sampler()
    REPLIES.strategy()
    assert made == {(id(node), method): 1 for node in nodes for method in ("_make_sampler", "_make_strategy")}


def _counting(
    make: Callable[[Grammar], object], made: Counter[tuple[int, str]], method: str
) -> Callable[[Grammar], object]:
    def counting(node: Grammar) -> object:
        made[id(node), method] += 1
        return make(node)

    return counting


def nodes_of(grammar: Grammar) -> list[Grammar]:
    """Return every node below one, each once."""
    found: dict[int, Grammar] = {}
    waiting = [grammar]
    while waiting:
        node = waiting.pop()
        if id(node) not in found:
            found[id(node)] = node
            waiting += _parts(list(vars(node).values()))
    return list(found.values())


def _parts(values: object) -> list[Grammar]:
    if isinstance(values, Grammar):
        return [values]
    if isinstance(values, list | tuple):
        return [part for value in values for part in _parts(value)]
    return []
