"""The canonical writer against the vectors of RFC 8785, and the reader against its own sentence for every refusal."""

from __future__ import annotations

import json
import struct

import pytest
import rfc8785

from lakehouse_ref import canonical, ijson

APPENDIX_B = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


@pytest.mark.parametrize(("bits", "text"), APPENDIX_B)
def test_a_number_of_appendix_b(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical.write(number) == text.encode()


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_what_is_no_number_is_an_error(bits: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical.write(number)


def test_the_example_of_section_3_2_2() -> None:
    source = rb"""{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }"""
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        r'"string":"€$\u000f\nA' + "'" + r'B\"\\\\\"/"}'
    )
    assert canonical.write(ijson.read(source, set())) == expected.encode()


def test_the_order_of_section_3_2_3() -> None:
    source = rb"""{
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis"
    }"""
    written = json.loads(
        canonical.write(ijson.read(source, set())), object_pairs_hook=lambda pairs: [v for _, v in pairs]
    )
    assert written == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"1", 1.0),
        (b"-0", -0.0),
        (b"1e2", 100.0),
        (b"9007199254740992", 2.0**53),
        (b"-9007199254740992", -(2.0**53)),
        (b"null", None),
        (b"[true,false]", [True, False]),
        (b'{"a":{"b":[]}}', {"a": {"b": []}}),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\\ud800"', r"\ud800"),
    ],
)
def test_reads(data: bytes, value: object) -> None:
    read = ijson.read(data, set())
    assert (read, repr(read)) == (value, repr(value))


def test_reads_up_to_the_limit_of_nesting() -> None:
    value = ijson.read(b"[" * 128 + b"]" * 128, set())
    for _ in range(127):
        assert isinstance(value, list)
        (value,) = value
    assert value == []


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "syntax"),
        (b"1 2", "syntax"),
        (b"NaN", "syntax"),
        (b"\xef\xbb\xbf1", "syntax"),
        (b'"\x1f"', "syntax"),
        (b"\xff", "utf8"),
        (rb'"\udfff"', "lone-surrogate"),
        (b'{"a":1,"a":1}', "duplicate-member"),
        (b"9007199254740993", "integer-range"),
        (b"-9007199254740993", "integer-range"),
        (b"9" * 400, "integer-range"),
        (b"1e309", "number-range"),
        (b"-1.8e308", "number-range"),
        (b"[" * 129 + b"]" * 129, "nesting-depth"),
        (b"[" * 100_000, "nesting-depth"),
    ],
)
def test_refuses_with_the_name_of_the_rule(data: bytes, rule: str) -> None:
    touched: set[str] = set()
    with pytest.raises(ijson.RefusedError) as caught:
        ijson.read(data, touched)
    assert caught.value.rule == rule
    assert touched == set(), "the writer's rules count only for a text that is accepted"


def test_nothing_that_is_read_is_beyond_the_writer() -> None:
    for data in (b"1.7976931348623157e308", b"9007199254740992", rb'"\u0000\uffff"', b"1e22", b"-5e-324"):
        assert canonical.write(ijson.read(data, set()))
