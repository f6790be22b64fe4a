"""Adapters: names are swapped at the top and where an answer speaks of them, and not a byte else is changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.runtime_config import AdapterConfig
from parity.transports.adapters import Adapter, Adapters

if TYPE_CHECKING:
    from collections.abc import Callable

HERE, THERE = "/v1/matrix/retrieve", "/vectors/hybrid"
REQUEST = {"query_text": "query", "k": "top_k", "gr\u00f6\u00dfe": "size"}
ANSWER = {"hits": "results"}


def adapter(**changed: object) -> Adapter:
    config = {"name": "hybrid", "surface": "matrix", "path": HERE, "there": THERE, "request": REQUEST, "answer": ANSWER}
    return Adapter(AdapterConfig(**(config | {"names_at": ("/Schema/field",)} | changed)))  # type: ignore[arg-type]


class TestTarget:
    @pytest.mark.parametrize(
        ("target", "there"),
        [
            (HERE, THERE),
            (THERE, HERE),
            (f"{HERE}?", f"{THERE}?"),
            (f"{HERE}?k=1&query_text={HERE}", f"{THERE}?k=1&query_text={HERE}"),
            (f"{THERE}?a=?/b", f"{HERE}?a=?/b"),
        ],
    )
    def test_is_swapped_and_its_query_stays(self, target: str, there: str) -> None:
        one = adapter()

        assert one.is_for(target.encode())
        assert one.target(target.encode()) == there.encode()
        assert one.target(one.target(target.encode())) == target.encode()

    @pytest.mark.parametrize(
        "target",
        ["/", f"{HERE}/", f"/x{HERE}", f"{HERE}/x", HERE.upper(), f"/{HERE}", "/v1/matrix/retriev%65", f"/?{HERE}", ""],
    )
    def test_of_another_call_has_none(self, target: str) -> None:
        assert not adapter().is_for(target.encode())
        assert Adapters(()).find(target.encode()) is None

    def test_finds_its_adapter(self) -> None:
        paths = {"one": (HERE, THERE), "two": ("/a", "/b")}
        configs = [AdapterConfig(name=name, surface="s", path=path, there=to) for name, (path, to) in paths.items()]
        found = [Adapters(configs).find(target.encode()) for target in (HERE, f"{THERE}?x", "/a", "/b?", "/c")]

        assert [one and one.name for one in found] == ["one", "one", "two", "two", None]


SWAPPED = [
    pytest.param('{"query_text":"a","k":1}', '{"query":"a","top_k":1}', id="its-names"),
    pytest.param('{"query":"a","top_k":1}', '{"query_text":"a","k":1}', id="the-other-ones-gain-no-meaning"),
    pytest.param('{"query":1,"query_text":2}', '{"query_text":1,"query":2}', id="both"),
    pytest.param('{"k":1,"k":2,"top_k":3}', '{"top_k":1,"top_k":2,"k":3}', id="duplicates"),
    pytest.param('{"gr\u00f6\u00dfe":1}', '{"size":1}', id="letters-of-all-kinds"),
    pytest.param('{"k":"k","x":"query_text"}', '{"top_k":"k","x":"query_text"}', id="a-text-is-no-name"),
    pytest.param('{"x":{"k":1},"k":{"k":{"k":1}}}', '{"x":{"k":1},"top_k":{"k":{"k":1}}}', id="nested-objects-stay"),
    pytest.param('{"x":[{"k":1},["k"]],"k":2}', '{"x":[{"k":1},["k"]],"top_k":2}', id="arrays-stay"),
    pytest.param('{"x":"{\\"k\\":1}","k":"]}"}', '{"x":"{\\"k\\":1}","top_k":"]}"}', id="braces-in-texts"),
    pytest.param('{"\\"k":1,"k\\\\":2,"\\\\\\"k":3}', '{"\\"k":1,"k\\\\":2,"\\\\\\"k":3}', id="escapes-in-names"),
    pytest.param('{"K":1," k":2,"k ":3,"":4}', '{"K":1," k":2,"k ":3,"":4}', id="names-like-them"),
    pytest.param('\ufeff \t\r\n{ "k"\n:\r1 , "query_text" : 2 } \n', None, id="white-space"),
    pytest.param('{"n":[1e999,-0,1.0,{}],"k":1.0}', '{"n":[1e999,-0,1.0,{}],"top_k":1.0}', id="numbers-stay"),
    pytest.param("", "", id="empty"),
    pytest.param("{}", "{}", id="no-members"),
    pytest.param('[{"k":1}]', '[{"k":1}]', id="an-array"),
    pytest.param('"k"', '"k"', id="a-text"),
    pytest.param('["k","query"]', '["k","query"]', id="an-array-of-texts"),
    pytest.param("null", "null", id="null"),
]


@pytest.mark.parametrize(("body", "expected"), SWAPPED)
def test_names_at_the_top_are_swapped(body: str, expected: str | None) -> None:
    if expected is None:
        expected = body.replace('"k"', '"top_k"').replace('"query_text"', '"query"')
    one = adapter()

    assert one.outward(body.encode()) == expected.encode()
    assert one.outward(expected.encode()) == body.encode()


def test_a_request_without_a_body_has_none_there_either() -> None:
    assert adapter().outward(None) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"\\u006b":1}', b'{"top_k":1}'),
        (b'{"quer\\u0079_text":1,"\\u0071uery":2}', b'{"query":1,"query_text":2}'),
        (b'{"\\u0047":1}', b'{"\\u0047":1}'),
    ],
)
def test_an_escaped_name_is_the_same_name(body: bytes, expected: bytes) -> None:
    assert adapter().outward(body) == expected


BROKEN = [
    b'{"k":1',
    b'{"k"',
    b'{"k',
    b'{"k\\',
    b'{"k\\"',
    b'"',
    b'{"',
    b"}",
    b"]]]}}}",
    b'}{"k":1}',
    b'{"k":1}}}{"k":2}',
    b'{"k":1]}',
    b'["k":1}',
    b'{"k" 1}',
    b'{k:1,"k":2}',
    b'{"k":\'"\',"query":"}',
    b'{,"k":1,,}',
    b'{"k":1}x',
    b'{"a":[}]"k":1}',
    b"{'k':1}",
    b'{"k":1}\x00',
    b'{"\xff":1,"k":"\xff\xfe"}',
    b'{"k\xff":1}',
    b'\xff\xfe{\x00"\x00k\x00"\x00:\x001\x00}\x00',
    b'{"a\nb":1,"k\n":2}',
    b'{"\x00k":1}',
]


@pytest.mark.parametrize("body", BROKEN)
def test_what_is_broken_stays_just_as_broken(body: bytes) -> None:
    one = adapter()
    there = one.outward(body)

    assert there is not None
    assert one.outward(there) == body
    assert plain(there) == plain(body), "nothing but names is changed"
    assert not is_json(body)
    assert not is_json(there)


def is_json(body: bytes) -> bool:
    try:
        json.loads(body.decode())
    except ValueError:
        return False
    return True


def plain(body: bytes) -> bytes:
    """Return a body in which names that are swapped can't be told from each other."""
    for here, there in REQUEST.items():
        body = body.replace(b'"%b"' % there.encode(), b'"%b"' % here.encode())
    return body


class TestAnswer:
    @pytest.mark.parametrize(
        ("there", "here"),
        [
            ('{"results":[{"results":1,"id":"hits"}]}', '{"hits":[{"results":1,"id":"hits"}]}'),
            ('{"hits":[]}', '{"results":[]}'),
            ('{"query":1,"top_k":2}', '{"query":1,"top_k":2}'),
            ('{"Schema":{"field":"query","reason":"query"}}', '{"Schema":{"field":"query_text","reason":"query"}}'),
            ('{"Schema":{"field":"query_text"}}', '{"Schema":{"field":"query"}}'),
            ('{"Schema":{"field":"top_k.0.top_k"}}', '{"Schema":{"field":"k.0.top_k"}}'),
            ('{"Schema":{"field":"query."}}', '{"Schema":{"field":"query_text."}}'),
            ('{"Schema":{"field":"\\u0071uery"}}', '{"Schema":{"field":"query_text"}}'),
            ('{"\\u0053chema":{"\\u0066ield":"query"}}', '{"\\u0053chema":{"\\u0066ield":"query_text"}}'),
            ('{"Schema":{"field":"query.\u00e9\\ud800\\n"}}', '{"Schema":{"field":"query_text.\u00e9\\ud800\\n"}}'),
            ('{"Schema":{"field":"x.query"}}', '{"Schema":{"field":"x.query"}}'),
            ('{"Schema":{"field":""}}', '{"Schema":{"field":""}}'),
            ('{"Schema":{"field":["query"]}}', '{"Schema":{"field":["query"]}}'),
            ('{"Schema":{"field":{"query":"query"}}}', '{"Schema":{"field":{"query":"query"}}}'),
            ('{"Schema":{"x":{"field":"query"}}}', '{"Schema":{"x":{"field":"query"}}}'),
            ('{"Schema":[{"field":"query"}]}', '{"Schema":[{"field":"query"}]}'),
            ('{"field":"query"}', '{"field":"query"}'),
            ('[{"Schema":{"field":"query"}}]', '[{"Schema":{"field":"query"}}]'),
            ('{"Schema":{"field":"query', '{"Schema":{"field":"query'),
            ('{"Schema":{"field":"query\n"}}', '{"Schema":{"field":"query\n"}}'),
            ('{"Schema":{"field":1,"field":"query"}}', '{"Schema":{"field":1,"field":"query_text"}}'),
            ("", ""),
            ("<html>", "<html>"),
        ],
    )
    def test_speaks_of_the_contracts_names(self, there: str, here: str) -> None:
        assert adapter().inward(there.encode()) == here.encode()

    def test_keeps_what_is_no_text(self) -> None:
        body = b'{"Schema":{"field":"query\xff"},"results\xff":"\xff","results":1}'

        assert adapter().inward(body) == body.replace(b'"results":', b'"hits":')

    @pytest.mark.parametrize(
        ("pointer", "body"),
        [
            ("/field", b'{"field":"query"}'),
            ("/a/b/c/d", b'{"a":{"b":{"c":{"d":"query"}}}}'),
            ("/a~1b/~0~01", b'{"a/b":{"~~1":"query"}}'),
            ("/", b'{"":"query"}'),
        ],
    )
    def test_may_speak_of_them_at_any_depth(self, pointer: str, body: bytes) -> None:
        assert adapter(names_at=(pointer,)).inward(body) == body.replace(b"query", b"query_text")

    def test_that_speaks_of_none_stays(self) -> None:
        body = b'{"Schema":{"field":"query"},"results":1}'

        assert adapter(names_at=(), answer={}).inward(body) == body

    def test_that_speaks_of_them_where_the_answer_has_another_name(self) -> None:
        """The pointer is one into the answer as the contract has it."""
        one = adapter(answer={"Schema": "Fehler"})

        assert one.inward(b'{"Fehler":{"field":"query"}}') == b'{"Schema":{"field":"query_text"}}'


NAMES = st.sampled_from([*REQUEST, *REQUEST.values(), *ANSWER, *ANSWER.values(), "Schema", "field", "x", "", "{", ","])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.lists(st.tuples(NAMES, inner), max_size=4).map(tuple),
    max_leaves=12,
)
SPACE = st.sampled_from(["", " ", "\n\t "])


def write(value: object, space: str) -> str:
    """Return a JSON text; a tuple of pairs is an object, which may have a name twice."""
    if isinstance(value, tuple):
        members = [f"{space}{write(name, '')}{space}:{write(each, space)}" for name, each in value]
        return f"{space}{{{','.join(members)}{space}}}"
    if isinstance(value, list):
        return f"{space}[{f'{space},'.join(write(each, space) for each in value)}]{space}"
    return space + json.dumps(value, ensure_ascii=False)


def top(value: object, change: Callable[[str], str]) -> object:
    return tuple((change(name), each) for name, each in value) if isinstance(value, tuple) else value


def swapped(name: str) -> str:
    return (REQUEST | {there: here for here, there in REQUEST.items()}).get(name, name)


@given(VALUES, SPACE)
def test_nothing_but_the_names_at_the_top_is_changed_and_twice_is_nothing(value: object, space: str) -> None:
    body = write(value, space).encode()
    one = adapter()
    there = one.outward(body)

    assert there == write(top(value, swapped), space).encode()
    assert one.outward(there) == body


@given(
    st.binary() | st.lists(st.sampled_from([*'{}[],:"\\ ', '"k"', '"top_k"', "1", "\n"])).map("".join).map(str.encode)
)
def test_whatever_the_bytes_are_twice_is_nothing(body: bytes) -> None:
    one = adapter()
    there = one.outward(body)

    assert there is not None
    assert plain(there) == plain(body)
    if b"\\" not in body:
        assert one.outward(there) == body


@given(VALUES | st.tuples(st.tuples(st.just("Schema"), VALUES)), SPACE)
def test_an_answer_stays_one_json_text(value: object, space: str) -> None:
    before, after = (json.loads(text) for text in (write(value, space), adapter().inward(write(value, space).encode())))

    assert type(before) is type(after)
    if isinstance(before, dict):
        renamed = {"hits": "results", "results": "hits"}
        assert set(after) == {renamed.get(name, name) for name in before}


@pytest.mark.parametrize(
    "body",
    [
        b"{" * 300_000,
        b'{"a":' * 100_000,
        b'{"' + b'\\"' * 200_000,
        b'"' * 200_001,
        b"[{" * 200_000,
        b'{"Schema":' * 100_000 + b'"query"',
    ],
)
def test_a_hostile_body_is_read_once(body: bytes) -> None:
    """Where it were read again and again this would not end."""
    one = adapter()

    assert one.outward(body) == body
    assert one.inward(body) == body
