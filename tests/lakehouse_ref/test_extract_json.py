"""extract_json, rule by rule of `fixtures/contract/extract_json.rules.toml`; every expectation is written by hand."""

from __future__ import annotations

import json
import random
import tomllib
from pathlib import Path

import pytest

from lakehouse_ref.extract_json import extract
from parity.probes.test_extract_json import REPLIES

CONTRACT = Path(__file__).parents[2] / "fixtures" / "contract" / "extract_json.rules.toml"
RULES = {rule["name"] for rule in tomllib.loads(CONTRACT.read_text())["rule"]}
NOTHING = '{"matched":false,"value":null}'


def matched(value: str) -> str:
    return f'{{"matched":true,"value":{value}}}'


def answer(data: str | bytes) -> tuple[str, set[str]]:
    touched: set[str] = set()
    output = extract(data.encode() if isinstance(data, str) else data, touched)
    return output.decode(), touched


TABLE = [
    # ------------------------------------------------------------ finding a candidate
    ("fence-tagged", '```json\n{"a":1}\n```', matched('{"a":1}')),
    ("fence-tagged", '```json{"a":1}```', matched('{"a":1}')),
    ("fence-untagged", '```\n{"a":1}\n```', matched('{"a":1}')),
    ("fence-first", '{"a":1}\n```json\n{"b":2}\n```', matched('{"b":2}')),
    ("fence-first", '{"a":1}\n```\n{"b":2}\n```', matched('{"b":2}')),
    ("fence-refused", '```json\n{"a":01}\n```\n```json\n{"b":2}\n```', matched('{"b":2}')),
    ("fence-refused", '```JSON\n{"a":1}\n```', matched('{"a":1}')),
    ("fence-refused", "```json\n[1]\n```", NOTHING),
    ("fence-refused", '```json\n{"a":1} x\n```', matched('{"a":1}')),
    ("fence-unclosed", '```json\n{"a":1}', matched('{"a":1}')),
    ("fence-unclosed", '{"a":1} ```', matched('{"a":1}')),
    ("prose-around", 'Sure: {"a":1} there.', matched('{"a":1}')),
    ("prose-around", '] } {"a":1} ] }', matched('{"a":1}')),
    ("prose-any-bytes", b'\xff{"a":1}', matched('{"a":1}')),
    ("prose-any-bytes", b'{"a":1}\xc3', matched('{"a":1}')),
    ("quotes-in-prose", 'a " b {"a":1}', matched('{"a":1}')),
    ("bare-first", '{"a":1} {"b":2}', matched('{"a":1}')),
    ("bare-first", '{"a":01} {"b":2} {"c":3}', matched('{"b":2}')),
    ("bare-refused", '{"a":01} {"b":2}', matched('{"b":2}')),
    ("bare-refused", '{"a":{"b":2},}', NOTHING),
    ("bare-unclosed", '{"a":{"b":2}', NOTHING),
    ("bare-unclosed", '{ {"b":2}', NOTHING),
    ("bare-unclosed", '{"a": "} {"b":2}', NOTHING),
    ("braces-in-string", '{"a":"}"}', matched('{"a":"}"}')),
    ("braces-in-string", '{"a":"{"}', matched('{"a":"{"}')),
    ("escaped-quote", r'{"a":"\"}"}', matched(r'{"a":"\"}"}')),
    ("escaped-quote", r'{"a":"\\\""}', matched(r'{"a":"\\\""}')),
    ("array-inner", '[{"a":1},{"b":2}]', matched('{"a":1}')),
    ("array-inner", ' \n[1,[{"a":1}]]', matched('{"a":1}')),
    ("no-object", "", NOTHING),
    ("no-object", "[1,2]", NOTHING),
    ("no-object", "}", NOTHING),
    ("no-object", "``````", NOTHING),
    # ------------------------------------------------------------ reading it strictly
    ("syntax", '{"a":1,}', NOTHING),
    ("syntax", "{'a':1}", NOTHING),
    ("syntax", '{"a":NaN}', NOTHING),
    ("syntax", '{"a":-Infinity}', NOTHING),
    ("syntax", '{"a":01}', NOTHING),
    ("syntax", '{"a":+1}', NOTHING),
    ("syntax", '{"a":1.}', NOTHING),
    ("syntax", '{"a":"\n"}', NOTHING),
    ("syntax", '{"a":"\\x41"}', NOTHING),
    ("syntax", '{"a":"\\u12"}', NOTHING),
    ("syntax", '{"a":"\\u+123"}', NOTHING),
    ("syntax", '{"a":\u00a01}', NOTHING),
    ("syntax", '{"a":\u0661}', NOTHING),
    ("syntax", '{"a":1 /* one */}', NOTHING),
    ("syntax", '```json\n\ufeff{"a":1}x```', matched('{"a":1}')),
    ("utf8", b'{"a":"\xff"}', NOTHING),
    ("utf8", b'{"a":"\xc0\xaf"}', NOTHING),
    ("utf8", b'{"a":"\xed\xa0\x80"}', NOTHING),
    ("utf8", b'{"a":"\xf4\x90\x80\x80"}', NOTHING),
    ("lone-surrogate", r'{"a":"\ud800"}', NOTHING),
    ("lone-surrogate", r'{"a":"\udc00"}', NOTHING),
    ("lone-surrogate", r'{"a":"\udc00\ud800"}', NOTHING),
    ("lone-surrogate", r'{"a":"\ud800\u0041"}', NOTHING),
    ("lone-surrogate", r'{"a":"\ud800\ud800\udc00"}', NOTHING),
    ("lone-surrogate", r'{"\udfff":1}', NOTHING),
    ("surrogate-pair", r'{"a":"\ud83d\ude00"}', matched('{"a":"\U0001f600"}')),
    ("surrogate-pair", r'{"a":"\uDBFF\uDFFF"}', matched('{"a":"\U0010ffff"}')),
    ("duplicate-member", '{"a":1,"a":1}', NOTHING),
    ("duplicate-member", r'{"a":1,"\u0061":2}', NOTHING),
    ("duplicate-member", '{"x":[{"a":1,"b":0,"a":2}]}', NOTHING),
    ("duplicate-member", r'{"\ud83d\ude00":1,"😀":2}', NOTHING),
    ("integer-range", '{"a":9007199254740993}', NOTHING),
    ("integer-range", '{"a":-9007199254740993}', NOTHING),
    ("integer-range", '{"a":18446744073709551616}', NOTHING),
    ("integer-range", '{"a":1' + "0" * 400 + "}", NOTHING),
    ("integer-range", '{"a":' + "9" * 5000 + "}", NOTHING),
    ("number-range", '{"a":1e309}', NOTHING),
    ("number-range", '{"a":-1e309}', NOTHING),
    ("number-range", '{"a":1.7976931348623159e308}', NOTHING),
    ("nesting-depth", '{"a":' + "[" * 128 + "]" * 128 + "}", NOTHING),
    ("nesting-depth", '{"a":' * 129 + "1" + "}" * 129, NOTHING),
    # ------------------------------------------------------------ writing it canonically
    ("member-order", '{"b":1,"a":2}', matched('{"a":2,"b":1}')),
    ("member-order", '{"x":{"b":1,"":2}}', matched('{"x":{"":2,"b":1}}')),
    ("member-order-utf16", '{"\ue000":1,"\U0001f600":2}', matched('{"\U0001f600":2,"\ue000":1}')),
    ("number-form", '{"a":1.0}', matched('{"a":1}')),
    ("number-form", '{"a":1E21}', matched('{"a":1e+21}')),
    ("number-form", '{"a":1e20}', matched('{"a":100000000000000000000}')),
    ("number-form", '{"a":0.000001}', matched('{"a":0.000001}')),
    ("number-form", '{"a":0.0000001}', matched('{"a":1e-7}')),
    ("number-form", '{"a":5e-324}', matched('{"a":5e-324}')),
    ("number-form", '{"a":1e-400}', matched('{"a":0}')),
    ("negative-zero", '{"a":-0}', matched('{"a":0}')),
    ("negative-zero", '{"a":-0.0}', matched('{"a":0}')),
    ("negative-zero", '{"a":-1e-400}', matched('{"a":0}')),
    ("string-form", r'{"a":"\u0041\/\u001F\u000a"}', matched(r'{"a":"A/\u001f\n"}')),
    ("string-form", r'{"a":"\u0008\u0009\u000C\u000D\u0022\u005c"}', matched(r'{"a":"\b\t\f\r\"\\"}')),
    ("no-extra-escape", '{"a":"<>&/\x7f\u2028\u2029"}', matched('{"a":"<>&/\x7f\u2028\u2029"}')),
    ("no-extra-escape", r'{"a":"<\u003c\u2028"}', matched('{"a":"<<\u2028"}')),
]


@pytest.mark.parametrize(("rule", "data", "expected"), TABLE)
def test_a_rule_holds_and_is_reported(rule: str, data: str | bytes, expected: str) -> None:
    output, touched = answer(data)
    assert output == expected
    assert rule in touched


def test_every_rule_of_the_contract_is_in_the_table() -> None:
    assert {rule for rule, _, _ in TABLE} == RULES


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param('{"a":9007199254740992}', matched('{"a":9007199254740992}'), id="2-to-the-53"),
        pytest.param('{"a":9007199254740993.0}', matched('{"a":9007199254740992}'), id="a-double-may-round"),
        pytest.param(
            '{"a":' + "[" * 127 + "]" * 127 + "}", matched('{"a":' + "[" * 127 + "]" * 127 + "}"), id="128-deep"
        ),
        pytest.param('{"é":1,"e\u0301":2}', matched('{"e\u0301":2,"é":1}'), id="equal-only-when-normalised"),
        pytest.param('{"a":"\uffff"}', matched('{"a":"\uffff"}'), id="noncharacter"),
        pytest.param(r'{"a":"\\ud800"}', matched(r'{"a":"\\ud800"}'), id="escaped-backslash-before-a-surrogate"),
        pytest.param('{"a":"[[["}', matched('{"a":"[[["}'), id="brackets-in-a-string"),
        pytest.param('{"a":"' + "[" * 200 + '"}', matched('{"a":"' + "[" * 200 + '"}'), id="many-brackets-in-a-string"),
        pytest.param("{}", matched("{}"), id="empty-object"),
        pytest.param(' \t\r\n{ "a" : [ ] } ', matched('{"a":[]}'), id="white-space"),
        pytest.param('{"a":1}}', matched('{"a":1}'), id="one-brace-too-many"),
        pytest.param('{"a":[1}', NOTHING, id="bracket-closed-by-a-brace"),
    ],
)
def test_an_edge_that_touches_no_rule_of_refusal(data: str, expected: str) -> None:
    assert answer(data)[0] == expected


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("fence-tagged", '```\n{"a":1}\n```'),
        ("fence-untagged", '```json\n{"a":1}\n```'),
        ("fence-first", '```json\n{"a":1}\n``` {"b":2}'),
        ("bare-first", '{"a":1}'),
        ("prose-around", ' {"a":1}\n'),
        ("negative-zero", '{"a":0}'),
        ("surrogate-pair", '{"a":"😀"}'),
        ("duplicate-member", '{"a":{"a":1}}'),
        ("member-order", '{"a":1,"b":2}'),
        ("no-object", '{"a":1}'),
        ("array-inner", '{"a":[{"b":1}]}'),
        ("quotes-in-prose", 'say "hi" {"a":1}'),
    ],
)
def test_a_rule_that_did_not_matter_is_not_reported(name: str, data: str) -> None:
    assert name not in answer(data)[1]


def test_only_rules_of_the_contract_are_reported_and_the_answer_is_canonical() -> None:
    sample, rng = REPLIES.sampler(), random.Random(1)
    touched: set[str] = set()
    for _ in range(3000):
        output = json.loads(extract(sample(rng), touched))
        assert output["matched"] is (output["value"] is not None)
    assert touched <= RULES


@pytest.mark.parametrize("seed", range(3))
def test_every_input_has_an_answer(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(300):
        data = bytes(rng.choices(b'{}[]",:\\`json0-.e \n\xff\xed\xa0', k=rng.randrange(40)))
        assert json.loads(extract(data, set())).keys() == {"matched", "value"}


@pytest.mark.parametrize(
    "data", [b"{" * 100_000, b"[" * 100_000, b"```" * 30_000, b'{"' + b"\\" * 100_000, b'"' * 100_000]
)
def test_a_long_input_has_an_answer(data: bytes) -> None:
    assert extract(data, set()).decode() == NOTHING
