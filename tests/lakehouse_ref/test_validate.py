"""validate: what HTTP and JSON demand of a request, and the form of its answers; every expectation is by hand."""

from __future__ import annotations

import msgspec
import pytest

from lakehouse_ref import canonical
from lakehouse_ref.validate import answers, respond, validate
from tests.lakehouse_ref.drafts import asked, bytes_of, draft, refusal

JSON = (b"content-type", b"application/json")


# ------------------------------------------------------------------ HTTP

FILL_BODY = bytes_of(draft("fill"))


@pytest.mark.parametrize(
    ("rule", "method", "headers", "body", "expected"),
    [
        ("method-not-allowed", "GET", [], b"", (405, "")),
        ("method-not-allowed", "PUT", [JSON], FILL_BODY, (405, "")),
        ("method-not-allowed", "post", [JSON], FILL_BODY, (405, "")),
        ("unsupported-media-type", "POST", [], FILL_BODY, (415, "content-type")),
        ("unsupported-media-type", "POST", [(b"content-type", b"")], FILL_BODY, (415, "content-type")),
        ("unsupported-media-type", "POST", [(b"content-type", b"text/json")], FILL_BODY, (415, "content-type")),
        ("unsupported-media-type", "POST", [(b"content-type", b"application/json5")], FILL_BODY, (415, "content-type")),
        ("unsupported-media-type", "POST", [(b"content-type", b";application/json")], FILL_BODY, (415, "content-type")),
        ("unsupported-media-type", "POST", [(b"content-type", b"text/plain"), JSON], FILL_BODY, (415, "content-type")),
        ("unsupported-media-type", "POST", [(b"content-type", b"text/plain")], None, (415, "content-type")),
        (
            "unsupported-content-encoding",
            "POST",
            [JSON, (b"content-encoding", b"gzip")],
            b"\x1f\x8b",
            (415, "content-encoding"),
        ),
        (
            "unsupported-content-encoding",
            "POST",
            [JSON, (b"content-encoding", b"identity, gzip")],
            FILL_BODY,
            (415, "content-encoding"),
        ),
        ("body-too-large", "POST", [JSON], None, (413, "")),
        ("body-too-large", "POST", [JSON], b" " * 1_048_577, (413, "")),
    ],
)
def test_http_refuses(
    rule: str, method: str, headers: list[tuple[bytes, bytes]], body: bytes | None, expected: tuple[int, str]
) -> None:
    touched: set[str] = set()
    status, field = expected
    assert respond(method, headers, body, touched) == (status, refusal(rule, field).encode())
    assert touched == {rule}


@pytest.mark.parametrize(
    "headers",
    [
        [JSON],
        [(b"content-type", b" \tApplication/JSON \t;charset=latin-1")],
        [(b"content-type", b"application/json;")],
        [JSON, (b"content-type", b"text/plain")],
        [JSON, (b"content-encoding", b"")],
        [JSON, (b"content-encoding", b" Identity ")],
        [JSON, (b"content-encoding", b"identity"), (b"content-encoding", b"gzip")],
    ],
)
def test_http_admits(headers: list[tuple[bytes, bytes]]) -> None:
    assert respond("POST", headers, FILL_BODY, set()).status == 200


def test_a_body_of_the_largest_size_is_read() -> None:
    body = FILL_BODY + b" " * (1_048_576 - len(FILL_BODY))
    assert respond("POST", [JSON], body, set()).status == 200


# ------------------------------------------------------------------ the bytes of the body

OK = bytes_of(draft("fill"))
LONE, LARGE, TWICE = rb'"\ud800"', b"9007199254740993", b'{"a":1,"a":2}'


def beside(*values: bytes) -> bytes:
    """Return an accepted body with something wrong in a member that nobody knows."""
    return OK[:-1] + b',"x":[' + b",".join(values) + b"]}"


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("invalid-utf8", beside(b'"\xff"')),
        ("invalid-utf8", OK + b"\xff"),
        ("invalid-utf8", b"\xff" + beside(LONE, LARGE, TWICE) + b"}"),
        ("invalid-utf8", beside(b'"\xed\xa0\x80"')),
        ("malformed-json", b""),
        ("malformed-json", b" \r\n\t"),
        ("malformed-json", OK + b"x"),
        ("malformed-json", OK + OK),
        ("malformed-json", b"\xef\xbb\xbf" + OK),
        ("malformed-json", OK[:-1]),
        ("malformed-json", b"\x0c" + OK),
        ("malformed-json", beside(b"NaN")),
        ("malformed-json", beside(LONE, LARGE, TWICE) + b"}"),
        ("malformed-json", beside(b"[" * 127 + b"]" * 127)),
        ("malformed-json", b"[" * 129 + LONE + b"]" * 129),
        ("lone-surrogate", beside(LONE)),
        ("lone-surrogate", beside(rb'"\udc00\ud800"')),
        ("lone-surrogate", beside(TWICE, LARGE, LONE)),
        ("lone-surrogate", OK[:-1] + rb',"\udfff":1}'),
        ("number-out-of-range", beside(LARGE)),
        ("number-out-of-range", beside(b"-" + LARGE)),
        ("number-out-of-range", beside(b"1e309")),
        ("number-out-of-range", beside(TWICE, b"-1e309")),
        ("duplicate-member", beside(TWICE)),
        ("duplicate-member", OK[:-1] + b',"kind":"fill"}'),
        ("duplicate-member", OK[:-1] + rb',"\u006bind":"fill"}'),
        ("duplicate-member", b'[{"a":1,"a":1}]'),
    ],
)
def test_a_body_that_is_refused_as_a_whole(rule: str, body: bytes) -> None:
    assert asked(body) == (400, refusal(rule), {rule})


@pytest.mark.parametrize(
    "body",
    [
        b" \t\r\n" + OK + b"\r\n\t ",
        beside(b"9007199254740992", b"-9007199254740992", b"9007199254740993.0", b"1e308", b"1e-400"),
        beside(b"[" * 126 + b"]" * 126),
        beside(rb'"\ud83d\ude00"', rb'"\\ud800"', b'{"a":{"a":1}}'),
    ],
)
def test_a_body_that_is_read(body: bytes) -> None:
    assert asked(body)[:2] == (200, '{"accepted":true,"kind":"fill","request_id":null}')


# ------------------------------------------------------------------ the form of answers


def test_an_answer_is_encoded_as_the_canonical_writer_would() -> None:
    every = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    assert [text for text in every[:0x300] if msgspec.json.encode(text) != canonical.write(text)] == []
    for text in ("".join(every), "", "\\u0041", '"\\'):
        assert answers.encode(answers.echo("sms", text)) == canonical.write(
            {"accepted": True, "kind": "sms", "request_id": text}
        )


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b'{"a":0.' + b"1" * 900_000 + b"}", b'"' * 999])
def test_a_long_body_has_an_answer(body: bytes) -> None:
    assert validate(body, set()).status in {400, 422}
