"""The comparison: it sees every difference, says where and what it is, and who stands with whom."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity.compare import compare, partition
from parity.model import Divergence, Kind, Observation
from tests.parity.made import answered, answers

PLACES = frozenset({"/a", "/b", "/a/b", "/items", "/items/*", "/items/*/id", "/x~1y", "/m~0n"})
SPLIT = (("go",), ("python",))


def seen(go: bytes | str, python: bytes | str) -> list[tuple[str, str, str]]:
    """Return path, pattern and what of each divergence between two answers."""
    found = compare(answers(go=go, python=python), PLACES)
    assert all(one.partition == SPLIT for one in found)
    return [(one.path, one.pattern, one.what) for one in found]


@pytest.mark.parametrize(
    ("go", "python"),
    [
        pytest.param("1", "1.0", id="integer-and-double"),
        pytest.param("1", "true", id="number-and-true"),
        pytest.param("0", "false", id="number-and-false"),
        pytest.param("0", "-0", id="minus-zero"),
        pytest.param("0.0", "-0.0", id="minus-zero-as-a-double"),
        pytest.param("1e2", "100", id="exponent"),
        pytest.param("1e2", "1E2", id="case-of-the-exponent"),
        pytest.param("9007199254740992", "9007199254740993", id="beyond-a-double"),
        pytest.param("18446744073709551616", "18446744073709551616.0", id="beyond-64-bits"),
        pytest.param(r'"\u003c"', '"<"', id="escape-and-character"),
        pytest.param(r'"\u003c"', r'"\u003C"', id="case-of-an-escape"),
        pytest.param('"1"', "1", id="string-and-number"),
        pytest.param("null", '""', id="null-and-empty"),
        pytest.param('"\u00e9"', '"e\u0301"', id="normalisation-form"),
    ],
)
def test_scalars_differ_as_text(go: str, python: str) -> None:
    assert seen(go, python) == [("", "", "text")]
    assert seen(f'{{"a":{go}}}', f'{{"a":{python}}}') == [("/a", "/a", "text")]


@pytest.mark.parametrize(
    ("go", "python", "expected"),
    [
        pytest.param("{", "[", [("", "", "bytes")], id="neither-is-json"),
        pytest.param("{}", "{", [("", "", "bytes")], id="one-is-not-json"),
        pytest.param("", "null", [("", "", "bytes")], id="nothing-and-null"),
        pytest.param(b'"\xff"', b'"\xfe"', [("", "", "bytes")], id="different-bad-bytes"),
        pytest.param(b'"\xff"', '"\ufffd"', [("", "", "bytes")], id="bad-byte-and-replacement-character"),
        pytest.param(b'"\xff"', r'"\xff"', [("", "", "bytes")], id="bad-byte-and-its-escaped-look"),
        pytest.param('{"a":1}', '{"a": 1}', [("", "", "layout")], id="white-space-only"),
        pytest.param("1", "1\n", [("", "", "layout")], id="final-line-feed"),
        pytest.param("[]", "{}", [("", "", "type")], id="array-and-object"),
        pytest.param('{"a":[]}', '{"a":0}', [("/a", "/a", "type")], id="array-and-scalar"),
        pytest.param('{"a":1,"b":2}', '{"b":2,"a":1}', [("", "/a", "order")], id="member-order"),
        pytest.param('{"a":1}', r'{"\u0061":1}', [("/a", "/a", "name")], id="name-written-otherwise"),
        pytest.param('{"a":1}', "{}", [("/a", "/a", "missing")], id="member-missing"),
        pytest.param('{"a":null}', "{}", [("/a", "/a", "missing")], id="null-and-missing"),
        pytest.param("[1,2]", "[1]", [("/1", "/**", "missing")], id="element-missing"),
        pytest.param('{"a":1,"a":2}', '{"a":1}', [("/a", "/a", "missing")], id="duplicate-dropped-the-last"),
        pytest.param(
            '{"a":1,"a":2}',
            '{"a":2}',
            [("/a", "/a", "text"), ("/a", "/a", "missing")],
            id="duplicate-dropped-the-first",
        ),
        pytest.param('{"a":1,"a":2}', '{"a":1,"a":3}', [("/a", "/a", "text")], id="second-of-two-namesakes"),
        pytest.param(
            '{"a":1,"b":2}', '{"a":2,"b":1}', [("/a", "/a", "text"), ("/b", "/b", "text")], id="two-differences"
        ),
        pytest.param(
            '{"items":[{"id":1},{"id":2}]}',
            '{"items":[{"id":1},{"id":3}]}',
            [("/items/1/id", "/items/*/id", "text")],
            id="any-index-is-a-star",
        ),
        pytest.param('{"a":{"z":[1]}}', '{"a":{"z":[2]}}', [("/a/z/0", "/a/**", "text")], id="below-is-open"),
        pytest.param('{"z":{"y":1}}', '{"z":{"y":2}}', [("/z/y", "/**", "text")], id="unknown-member-is-open"),
        pytest.param('{"x/y":1}', '{"x/y":2}', [("/x~1y", "/x~1y", "text")], id="solidus-in-a-name"),
        pytest.param('{"m~n":1}', '{"m~n":2}', [("/m~0n", "/m~0n", "text")], id="tilde-in-a-name"),
        pytest.param('{"~1":1}', '{"~1":2}', [("/~01", "/**", "text")], id="name-that-looks-escaped"),
        pytest.param('{"":1}', '{"":2}', [("/", "/**", "text")], id="empty-name"),
        pytest.param(
            '{"a":{"c":1,"d":2}}', '{"a":{"d":2,"c":1}}', [("/a", "/a/**", "order")], id="order-of-an-inner-object"
        ),
    ],
)
def test_names_the_place_and_the_kind(
    go: bytes | str, python: bytes | str, expected: list[tuple[str, str, str]]
) -> None:
    assert seen(go, python) == expected


@pytest.mark.parametrize("output", [b"", b"{", b"\xff", b'{"a":1,"a":2}', b"-0", b" 1 "])
def test_the_same_bytes_agree_whatever_they_are(output: bytes) -> None:
    assert compare(answers(go=output, python=output, rust=output), PLACES) == []


def test_order_and_values_are_both_told() -> None:
    assert seen('{"a":1,"b":2}', '{"b":3,"a":1}') == [("", "/a", "order"), ("/b", "/b", "text")]


def test_a_refusal_against_an_answer_is_an_outcome() -> None:
    observations = {"go": Observation(Kind.REFUSED, detail="too large"), "python": answered("1")}
    (found,) = compare(observations, PLACES)
    assert (found.path, found.what, found.partition) == ("", "outcome", SPLIT)
    assert found.rendered == {"go": "refused", "python": "answered"}


def test_a_refusal_is_not_an_empty_answer() -> None:
    (found,) = compare({"go": Observation(Kind.REFUSED), "python": answered("")}, PLACES)
    assert found.what == "outcome"


def test_the_words_of_a_refusal_do_not_matter() -> None:
    observations = {name: Observation(Kind.REFUSED, detail=name, output=name.encode()) for name in ("go", "python")}
    assert compare(observations, PLACES) == []


@pytest.mark.parametrize("kind", [Kind.CRASHED, Kind.TIMED_OUT, Kind.GARBLED, Kind.GONE])
def test_a_faulty_testee_takes_no_part(kind: Kind) -> None:
    faulty = Observation(kind, b"2", detail="boom")
    assert compare({"go": faulty, **answers(python="1", rust="1")}, PLACES) == []
    (found,) = compare({"go": faulty, **answers(python="1", rust="2")}, PLACES)
    assert found.partition == (("python",), ("rust",))
    assert set(found.rendered) == {"python", "rust"}


def test_three_ways_are_three_groups() -> None:
    (found,) = compare(answers(go="1", python="2", rust="3"), PLACES)
    assert found.partition == (("go",), ("python",), ("rust",))


def test_the_larger_group_stands_first() -> None:
    (found,) = compare(answers(go="2", python="1", rust="1"), PLACES)
    assert found.partition == (("python", "rust"), ("go",))
    assert found.rendered == {"go": "2", "python": "1", "rust": "1"}


def test_each_path_has_sides_of_its_own() -> None:
    found = compare(answers(go='{"a":1,"b":1}', python='{"a":2,"b":1}', rust='{"a":1,"b":2}'), PLACES)
    assert [(one.path, one.partition) for one in found] == [
        ("/a", (("go", "rust"), ("python",))),
        ("/b", (("go", "python"), ("rust",))),
    ]


def test_an_order_has_the_sides_of_the_order_and_not_of_the_values() -> None:
    found = compare(answers(go='{"a":1,"b":2}', python='{"b":2,"a":1}', rust='{"a":1,"b":3}'), PLACES)
    assert [(one.what, one.partition) for one in found] == [
        ("order", (("go", "rust"), ("python",))),
        ("text", (("go", "python"), ("rust",))),
    ]


def test_nothing_stands_where_a_member_is_missing() -> None:
    (found,) = compare(answers(go='{"a":[1, 2]}', python="{}"), PLACES)
    assert found.rendered == {"go": "[1,2]", "python": None}


@pytest.mark.parametrize("depth", [200, 1000, 100_000])
def test_deep_answers_are_compared_and_not_a_crash(depth: int) -> None:
    deep = b"[" * depth
    assert len(compare(answers(go=deep + b"0" + b"]" * depth, python=deep + b"1" + b"]" * depth), PLACES)) == 1


def test_partition_is_the_same_for_every_order_of_runtimes() -> None:
    assert (
        partition({"c": "1", "a": "2", "b": "1"}) == partition({"b": "1", "c": "1", "a": "2"}) == (("b", "c"), ("a",))
    )


OUTPUTS = st.sampled_from(
    [
        b"",
        b"0",
        b"-0",
        b"1",
        b"1.0",
        b" 1",
        b"{",
        b"\xff",
        b"[1]",
        b"[1,2]",
        b'{"a":1}',
        b'{"a":1,"a":2}',
        b'{"a":2,"b":1}',
        b'{"b":1,"a":2}',
        rb'{"\u0061":1}',
        b'{"a":{"b":[0]}}',
        b'{"a":{"b":[-0]}}',
    ]
)
OBSERVATIONS = st.one_of(
    OUTPUTS.map(answered),
    st.sampled_from([Observation(Kind.REFUSED, detail="a"), Observation(Kind.REFUSED, detail="b")]),
)


def said(observation: Observation) -> tuple[Kind, bytes]:
    return observation.kind, observation.output


@given(st.lists(OBSERVATIONS, min_size=2, max_size=4))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_it_is_empty_exactly_where_all_said_the_same(rows: list[Observation]) -> None:
    found = compare({f"r{at}": row for at, row in enumerate(rows)}, PLACES)
    assert (found == []) == (len({said(row) for row in rows}) == 1)


@given(st.lists(OBSERVATIONS, min_size=2, max_size=4), st.permutations("wxyz"))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_other_names_give_the_same_divergences(rows: list[Observation], names: list[str]) -> None:
    def groups(found: list[Divergence], original: dict[str, str]) -> list[object]:
        return [
            (one.path, one.pattern, one.what, {frozenset(original[name] for name in group) for group in one.partition})
            for one in found
        ]

    plain = [f"r{at}" for at in range(len(rows))]
    new = dict(zip(names, plain, strict=False))
    one = compare(dict(zip(plain, rows, strict=True)), PLACES)
    other = compare(dict(zip(names, rows, strict=False)), PLACES)
    assert groups(one, {name: name for name in plain}) == groups(other, new)


@given(st.lists(OBSERVATIONS, min_size=2, max_size=4))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_no_group_holds_two_that_differ(rows: list[Observation]) -> None:
    observations = {f"r{at}": row for at, row in enumerate(rows)}
    for one in compare(observations, PLACES):
        for group in one.partition:
            assert len({one.rendered[name] for name in group}) == 1
        assert len(one.partition) >= 2
