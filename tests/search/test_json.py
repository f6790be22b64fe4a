"""Bytes that are no JSON, or more of it than anybody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .client import good, ids, refused

if TYPE_CHECKING:
    from .client import Client

SEARCH = "/vectors/index/a/search"
DEEPEST = 128
MALFORMED = [
    b"",
    b" ",
    b"{",
    b"}",
    b'{"k":1}x',
    b'{"k":1}{}',
    b'{"k":1,}',
    b"{'k':1}",
    b'{"k":01}',
    b'{"k":+1}',
    b'{"k":1.}',
    b'{"k":.5}',
    b'{"k":NaN}',
    b'{"k":Infinity}',
    b'{"k":-Infinity}',
    b'{"k":nan}',
    b'{"k":1e}',
    b'{"k":0x1}',
    b'{"k":True}',
    b'{"k":"\x01"}',
    b'{"k":"\\x"}',
    b'{"k":"\\u12"}',
    b'\xef\xbb\xbf{"k":1}',
    b'{"k":1}\x00',
    b'\x0b{"k":1}',
    b'\xc2\xa0{"k":1}',
    b'{"k":1}/* */',
    b'{"a":1 "k":1}',
    b"nul",
]
NOT_UTF8 = [
    b'{"k":"\xff"}',
    b'{"k":"\xc0\x80"}',
    b'{"k":"\xed\xa0\x80"}',
    b'{"k":"\xf4\x90\x80\x80"}',
    b'{"k":1}\x80',
    b'{"\xc3":1}',
    b"\xff\xfe{\x00}\x00",
    b'{"k":"\xe2\x82',
]


@pytest.fixture
def stocked(client: Client) -> Client:
    """Return a client that has an index."""
    client.put("a", "x", [1, 0])
    return client


def search(more: str) -> bytes:
    """Return a search with another member, which is known to nobody."""
    return f'{{"k":1,"more":{more},"vector":[1,1]}}'.encode()


@pytest.mark.parametrize("body", MALFORMED)
@pytest.mark.parametrize("call", ["search", "save"])
def test_malformed(stocked: Client, body: bytes, call: str) -> None:
    refused(stocked.ask("POST", f"/vectors/index/a/{call}", body), 400, "malformed-json")


@pytest.mark.parametrize("body", NOT_UTF8)
def test_not_utf8(stocked: Client, body: bytes) -> None:
    refused(stocked.ask("POST", SEARCH, body), 400, "invalid-utf8")


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("more", [0, 1])
def test_depth(stocked: Client, opening: str, more: int) -> None:
    depth = DEEPEST - 1 + more  # the object around it is one
    deep = opening * (depth - 1) + "[]" + ("]" if opening == "[" else "}") * (depth - 1)
    answer = stocked.ask("POST", SEARCH, search(deep))
    if more:
        refused(answer, 400, "malformed-json")
    else:
        assert ids(good(answer)) == ["x"]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_depth_without_an_end(stocked: Client, opening: str) -> None:
    for depth in (10_000, 1_000_000):
        refused(stocked.ask("POST", SEARCH, (opening * depth).encode()), 400, "malformed-json")
    assert stocked.about("a").body == {"dimension": 2, "size": 1}


@pytest.mark.parametrize("number", ["1e999", "-1e400", "9007199254740993", "-9007199254740993", "9" * 400, "1.8e308"])
def test_numbers_out_of_range(stocked: Client, number: str) -> None:
    refused(stocked.ask("POST", SEARCH, search(number)), 400, "number-out-of-range")
    refused(stocked.ask("POST", SEARCH, search(f'[{{"a":[{number}]}}]')), 400, "number-out-of-range")


@pytest.mark.parametrize(
    "number", ["1e-999", "9007199254740992", "9007199254740993.0", "1.7976931348623157e308", "-0", "0e999"]
)
def test_numbers_in_range(stocked: Client, number: str) -> None:
    assert ids(good(stocked.ask("POST", SEARCH, search(number)))) == ["x"]


@pytest.mark.parametrize("text", [r"\ud800", r"\udc00", r"\ud800\ud800", r"\ud800x", r"\udc00\ud800", r"\uD83D\u0041"])
def test_half_a_pair(stocked: Client, text: str) -> None:
    refused(stocked.ask("POST", SEARCH, search(f'"{text}"')), 400, "lone-surrogate")
    refused(stocked.ask("POST", SEARCH, search(f'{{"{text}":1}}')), 400, "lone-surrogate")


@pytest.mark.parametrize("members", ['"a":1,"a":1', r'"a":1,"\u0061":2', '"":1,"":1', '"a":1,"b":{"c":1,"c":1}'])
def test_duplicate_members(stocked: Client, members: str) -> None:
    refused(stocked.ask("POST", SEARCH, search(f"[{{{members}}}]")), 400, "duplicate-member")


@pytest.mark.parametrize("root", [b"[]", b"null", b"1", b'"{}"', b"true", b' [{"k":1}] '])
@pytest.mark.parametrize("call", ["add", "search", "delete", "save", "reload"])
def test_no_object(stocked: Client, root: bytes, call: str) -> None:
    refused(stocked.ask("POST", f"/vectors/index/a/{call}", root), 422, "not-an-object")


@pytest.mark.parametrize("k", ["1.0", "1e0", "10e-1", "0.1e1", "1.00000000000000000001"])
def test_whole_numbers_of_any_spelling(stocked: Client, k: str) -> None:
    assert ids(good(stocked.ask("POST", SEARCH, f'{{"k":{k},"vector":[1,1]}}'.encode()))) == ["x"]


def test_ids_are_compared_by_code_points_and_nothing_is_normalised(client: Client) -> None:
    names = [
        "\u00e9",
        "e\u0301",
        "\uff21",
        "\U0001f600",
        "\ue000",
        "A",
        "a",
        "\u0000",
        "\x7f",
        "a\u0000",
        '"',
        "\\",
        "\u2028",
    ]
    for name in names:
        client.put("a", name, [1, 0])
    assert ids(client.search("a", k=20, vector=[1, 0])) == sorted(names)
    for name in names:
        client.delete("a", name)
    assert client.about("a").body["size"] == 0
