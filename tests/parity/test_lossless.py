"""The lossless reader: what it keeps, and that it refuses what is not JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity import lossless
from parity.lossless import Array, Member, NotJSONError, Object, Scalar

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "written",
    [
        "0",
        "-0",
        "-0.0",
        "1",
        "1.0",
        "1.00",
        "1e2",
        "1E+2",
        "100",
        "18446744073709551616",
        "1e999",
        "true",
        "null",
        '"<"',
        r'"\u003c"',
        r'"\u003C"',
        r'"\/"',
        r'"\ud800"',
        '"\u2028"',
    ],
)
def test_a_scalar_stays_as_it_was_written(written: str) -> None:
    assert lossless.read(written.encode()) == Scalar(written)


def test_members_keep_their_order() -> None:
    tree = lossless.read(b'{"b":1,"a":2}')
    assert tree == Object((Member('"b"', "b", Scalar("1"), 1, 6), Member('"a"', "a", Scalar("2"), 7, 12)))


def test_duplicate_members_all_stay() -> None:
    tree = lossless.read(b'{"a":1,"a":1}')
    assert tree == Object((Member('"a"', "a", Scalar("1"), 1, 6), Member('"a"', "a", Scalar("1"), 7, 12)))


def test_a_name_has_its_token_and_its_meaning() -> None:
    assert lossless.read(rb'{"\u0061":0}') == Object((Member(r'"\u0061"', "a", Scalar("0"), 1, 11),))


def test_a_member_knows_where_it_stands_in_characters() -> None:
    source = '[ { "é" : [ 1 ] , "b":"" } ]'
    tree = lossless.read(source.encode())
    assert isinstance(tree, Array)
    assert isinstance(tree.items[0], Object)
    assert [source[member.start : member.end] for member in tree.items[0].members] == ['"é" : [ 1 ]', '"b":""']


def test_white_space_does_not_count() -> None:
    assert lossless.read(b" \t\r\n[ 1 ,\n2 ] ") == Array((Scalar("1"), Scalar("2")))


def test_numbers_that_python_calls_equal_are_different() -> None:
    trees = [lossless.read(text) for text in (b"1", b"1.0", b"true", b"0", b"-0", b"0.0", b"-0.0", b"false")]
    assert all(one != other for at, one in enumerate(trees) for other in trees[:at])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" \n", id="only-white-space"),
        pytest.param(b"\xef\xbb\xbf1", id="byte-order-mark"),
        pytest.param(b'"\xff"', id="invalid-utf8"),
        pytest.param(b'"\xed\xa0\x80"', id="encoded-surrogate"),
        pytest.param(b"1 2", id="two-values"),
        pytest.param(b"{} x", id="something-behind"),
        pytest.param(b"[", id="open-array"),
        pytest.param(b"{", id="open-object"),
        pytest.param(b'{"a"', id="ends-behind-a-name"),
        pytest.param(b'{"a":', id="ends-behind-a-colon"),
        pytest.param(b"]", id="only-a-closing-bracket"),
        pytest.param(b"[1}", id="bracket-closed-by-a-brace"),
        pytest.param(b"[1,]", id="trailing-comma-in-an-array"),
        pytest.param(b"[,1]", id="leading-comma"),
        pytest.param(b"[1 2]", id="no-comma"),
        pytest.param(b'{"a":1,}', id="trailing-comma-in-an-object"),
        pytest.param(b"{1:2}", id="name-that-is-no-string"),
        pytest.param(b"{a:2}", id="name-without-quotes"),
        pytest.param(b'{"a" 1}', id="no-colon"),
        pytest.param(b'{"a":1 "b":2}', id="no-comma-between-members"),
        pytest.param(b"01", id="leading-zero"),
        pytest.param(b"+1", id="plus-sign"),
        pytest.param(b"-", id="only-a-sign"),
        pytest.param(b"1.", id="no-digit-behind-the-point"),
        pytest.param(b".5", id="no-digit-before-the-point"),
        pytest.param(b"1e", id="no-digit-in-the-exponent"),
        pytest.param(b"0x1", id="hexadecimal"),
        pytest.param("\u0661".encode(), id="digit-beyond-ascii"),
        pytest.param(b"NaN", id="nan"),
        pytest.param(b"Infinity", id="infinity"),
        pytest.param(b"True", id="true-in-upper-case"),
        pytest.param(b"'a'", id="single-quotes"),
        pytest.param(b'"a', id="open-string"),
        pytest.param(b'"a\n"', id="raw-line-feed-in-a-string"),
        pytest.param(b'"\x00"', id="raw-nul-in-a-string"),
        pytest.param(b"[1]\x0c", id="form-feed-behind"),
        pytest.param(b"\xc2\xa01", id="no-break-space"),
        pytest.param(b"1 // one", id="comment"),
        pytest.param(rb'"\x"', id="unknown-escape"),
        pytest.param(rb'"\u12"', id="short-unicode-escape"),
        pytest.param(rb'"\u12g4"', id="unicode-escape-with-a-letter"),
        pytest.param(b'"\\\t"', id="escaped-raw-tab"),
        pytest.param(rb'{"\x":1}', id="unknown-escape-in-a-name"),
    ],
)
def test_refuses(data: bytes) -> None:
    with pytest.raises(NotJSONError):
        lossless.read(data)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_reads_deep_nesting(opening: str, closing: str) -> None:
    source = opening * 200 + "0" + closing * 200
    assert lossless.text(lossless.read(source.encode())) == source


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [300, 100_000])
def test_nesting_without_end_is_refused_and_not_a_crash(opening: bytes, depth: int) -> None:
    with pytest.raises(NotJSONError):
        lossless.read(opening * depth)


@given(VALUES, st.booleans(), st.sampled_from([None, 0, 2, "\t"]))
@settings(derandomize=True, deadline=None)
def test_text_is_what_was_read_without_white_space(value: object, ascii_only: bool, indent: int | str | None) -> None:  # noqa: FBT001
    written = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    bare = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    assert lossless.text(lossless.read(written.encode())) == bare


@given(VALUES, st.integers(0, 10**6), st.sampled_from('{}[],:"\\ue0.-tn \n\x01'), st.integers(0, 2))
@settings(derandomize=True, deadline=None, max_examples=400)
def test_accepts_exactly_what_the_standard_library_accepts(value: object, at: int, new: str, kept: int) -> None:
    written = json.dumps(value)
    at %= len(written)
    edited = written[:at] + new + written[at + kept :]
    try:
        json.loads(edited, parse_constant=_refuse)
    except ValueError:
        with pytest.raises(NotJSONError):
            lossless.read(edited.encode())
    else:
        lossless.read(edited.encode())


def _refuse(constant: str) -> None:
    raise ValueError(constant)


@pytest.mark.parametrize(
    ("pointer", "there"),
    [
        ("", '{"a":[1.0,{"b/c":"x","~":-0}],"a":2}'),
        ("/a", '[1.0,{"b/c":"x","~":-0}]'),
        ("/a/0", "1.0"),
        ("/a/1/b~1c", '"x"'),
        ("/a/1/~0", "-0"),
        ("/a/2", None),
        ("/a/x", None),
        ("/b", None),
        ("/a/0/0", None),
    ],
)
def test_what_stands_at_a_pointer(pointer: str, there: str | None) -> None:
    node = lossless.at(lossless.read(b'{"a":[1.0,{"b/c":"x","~":-0}],"a":2}'), pointer)
    assert (None if node is None else lossless.text(node)) == there
