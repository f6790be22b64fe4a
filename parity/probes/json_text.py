"""A grammar of JSON texts, for probes whose input holds JSON: ordinary documents, and the edges where readers differ.

An edge is rare on purpose, about one value in two hundred: a case that has many at once is refused for the first one
and shows nothing of the others. A few of a hundred cases have each.
"""

from __future__ import annotations

from parity.generate.grammar import Grammar, concat, mapped, mutated, nested, pick, repeat, weighted

DIGITS = pick(*"0123456789")
WORDS = pick(
    *[
        "worker",
        "role",
        "city",
        "state",
        "shift",
        "score",
        "order",
        "fills",
        "name",
        "phone",
        "note",
        "skills",
        "start",
        "end",
        "rate",
        "badge",
        "site",
        "crew",
        "zip",
        "count",
        "email",
        "sms",
        "forklift",
        "welder",
        "loader",
        "picker",
        "shipping",
        "warehouse",
        "aurora",
        "detroit",
        "joliet",
        "springfield",
        "osha",
        "dental",
        "cnc",
    ]
)
UNICODE = pick("Café", "résumé", "你好", "⭐", "ß", "Ωmega", "Ж", "e\u0301", "\u00e9")
ASTRAL = pick("\U0001f600", "\U00010000", "\U0010ffff", "\U0001f69c")
HIGH_BMP = pick("\ue000", "\ufb33", "\uffff", "\uff21", "\ufffd")
SPACE = weighted((12, b""), (3, b" "), (1, b"\n"), (1, b"\t"), (1, b"\r\n  "))
HEX = pick(*"0123456789abcdefABCDEF")

# ------------------------------------------------------------------ numbers

WHOLE = weighted(
    (8, repeat(DIGITS, 1, 1)),
    (6, concat(pick(*"123456789"), repeat(DIGITS, 1, 6))),
    (1, concat("-", pick(*"123456789"), repeat(DIGITS, 0, 9))),
)
EXPONENT = concat(
    pick("e", "E"),
    pick("", "+", "-"),
    weighted((6, DIGITS), (3, concat(pick(*"12"), DIGITS)), (1, pick("06", "007", "300"))),
)


def _long(zeros: bytes) -> bytes:
    """Write a small number with many zeros and the exponent that undoes them, or nearly."""
    count = int(zeros[1:])
    if zeros.startswith(b"."):
        return b"0." + b"0" * count + b"1e%d" % (count + 1)
    return b"9007199254740993" + b"0" * count + b"e-%d" % count


LONG_NUMBER = mapped(concat(pick(".", "0"), pick("17", "99", "320", "801")), _long)
FRACTIONAL = weighted(
    (4, concat(WHOLE, ".", repeat(DIGITS, 1, 3))),
    (2, concat(WHOLE, EXPONENT)),
    (2, concat(WHOLE, ".", repeat(DIGITS, 1, 17), EXPONENT)),
    (
        1,
        pick(
            "1.0",
            "1E21",
            "1e20",
            "0.000001",
            "1e-7",
            "1e-6",
            "123456789012345680000.0",
            "4.50",
            "2e-3",
            "333333333.33333329",
        ),
    ),
)
MINUS_ZERO = pick("-0", "-0.0", "-0e0", "-0E+3", "-0.00", "-1e-400")
LARGE_INTEGER = weighted(
    (2, pick("9007199254740993", "-9007199254740993", "9007199254740995", "18446744073709551616")),
    (2, concat(pick("", "-"), pick(*"123456789"), repeat(DIGITS, 16, 30))),
    (1, pick("9007199254740992", "-9007199254740992", "9007199254740991")),
)
RANGE = pick(
    "1e308",
    "1e309",
    "-1e309",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "5e-324",
    "2e-324",
    "1e-400",
    "1e400",
)

# ------------------------------------------------------------------ strings


def _string(content: Grammar) -> Grammar:
    return concat('"', content, '"')


PLAIN = weighted(
    (8, WORDS),
    (3, concat(WORDS, " ", WORDS)),
    (3, concat(WORDS, repeat(DIGITS, 1, 4))),
    (1, UNICODE),
    (1, b""),
)
SIMPLE_ESCAPE = weighted(
    (3, pick(r"\n", r"\t", r"\\", r"\/", r"\b", r"\f", r"\r")),
    (2, concat(r"\u00", HEX, HEX)),
    (1, pick(r"\u2028", r"\u0000", r"\u001F", r"\u20ac")),
)
QUOTE_ESCAPE = concat(PLAIN, pick(r"\"", r"\"}", r"\"{", r"\\\"", r"\" ", r"\",\"x\":\""), PLAIN)
SURROGATE_PAIR = pick(r"\ud83d\ude00", r"\uD800\uDC00", r"\udbff\udfff", r"\ud83D\uDe9c")
LONE_SURROGATE = pick(r"\ud800", r"\udc00", r"\uDFFF", r"\ude00\ud83d", r"\ud83d\n", r"\ud83dx", r"\ud83d\u0041")
MARKUP = concat(PLAIN, pick("<", ">", "&", "<b>", "&amp;", r"\u003c", r"\u003E", r"\u0026"), PLAIN)
BRACES = concat(PLAIN, pick("{", "}", "}{", "{}", "[", "]}", "{\\\\"), PLAIN)
UNESCAPED = pick("\x7f", "\u2028", "\u2029", "/", "\uffff", "\ufeff")
RAW_CONTROL = pick("\n", "\t", "\x00", "\x1f")
BAD_UTF8 = pick(
    b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80", b"\xf8\x88\x80\x80\x80"
)

STRING_EDGES = (
    (1.0, QUOTE_ESCAPE),
    (0.6, LONE_SURROGATE),
    (0.5, SURROGATE_PAIR),
    (0.9, MARKUP),
    (0.6, BRACES),
    (0.5, UNESCAPED),
    (0.3, RAW_CONTROL),
    (0.4, BAD_UTF8),
    (0.2, concat(PLAIN, "```", PLAIN)),
    (0.4, ASTRAL),
)
STRING = _string(weighted((90, PLAIN), (6, concat(PLAIN, SIMPLE_ESCAPE, PLAIN)), *STRING_EDGES))

# ------------------------------------------------------------------ values and objects

SCALAR = weighted(
    (30, STRING),
    (25, WHOLE),
    (6, FRACTIONAL),
    (6, pick("true", "false", "null")),
    (0.7, MINUS_ZERO),
    (0.7, LARGE_INTEGER),
    (0.5, RANGE),
    (0.1, LONG_NUMBER),
    (
        0.3,
        pick(
            "NaN",
            "Infinity",
            "-Infinity",
            "+1",
            "01",
            ".5",
            "1.",
            "1e",
            "0x1f",
            "undefined",
            "'a'",
            "True",
            "--1",
        ),
    ),
)
NAME = _string(
    weighted(
        (60, concat(WORDS, repeat(DIGITS, 2, 2))),
        (20, concat(pick(*"abcdefgh"), repeat(DIGITS, 1, 2))),
        (4, concat(UNICODE, DIGITS)),
        (1, b""),
        (0.5, concat(ASTRAL, DIGITS)),
        (0.5, concat(HIGH_BMP, DIGITS)),
        (0.4, concat(WORDS, pick("<", "&", r"\u003e"), DIGITS)),
        (0.4, concat(WORDS, r"\"", DIGITS)),
        (0.4, concat(pick(r"\u0061", r"\ud83d\ude00", r"\n"), DIGITS)),
    )
)


def _members(value: Grammar, least: int, most: int) -> Grammar:
    return repeat(concat(SPACE, NAME, SPACE, ":", SPACE, value, SPACE), least, most, ",")


def _object(value: Grammar, least: int = 0, most: int = 4) -> Grammar:
    return concat("{", _members(value, least, most), "}")


def _array(value: Grammar, least: int = 0, most: int = 3) -> Grammar:
    return concat("[", SPACE, repeat(value, least, most, concat(SPACE, ",", SPACE)), SPACE, "]")


VALUE = nested(SCALAR, lambda inner: weighted((14, SCALAR), (1, _object(inner, 0, 2)), (1, _array(inner))), 3)


def _same_name_twice(name: str, again: str) -> Grammar:
    between = weighted((2, ","), (1, concat(",", _members(VALUE, 1, 1), ",")))
    return concat("{", f'"{name}":', VALUE, between, f'"{again}":', VALUE, "}")


DUPLICATES = weighted(
    (3, _same_name_twice("id", "id")),
    (1, _same_name_twice("", "")),
    (1, _same_name_twice("a", r"\u0061")),
    (1, _same_name_twice("é", r"\u00e9")),
    (1, _same_name_twice("é", "e\u0301")),  # equal only to whoever normalises
    (1, concat('{"outer":', _same_name_twice("id", "id"), "}")),
)
UTF16_ORDER = concat(
    "{",
    weighted((1, b""), (1, concat(_members(VALUE, 1, 1), ","))),
    '"',
    HIGH_BMP,
    '":',
    VALUE,
    ',"',
    weighted((3, ASTRAL), (1, SURROGATE_PAIR)),
    '":',
    VALUE,
    "}",
)


def _deep(brackets: bytes) -> bytes:
    """Repeat a two-part pattern so that the whole has the depth that stands before it."""
    depth, opening, closing = brackets.split(b" ")
    count = int(depth)
    return opening * count + b"0" + closing * count


DEEP = concat('{"d":', mapped(concat(pick("126 ", "127 ", "128 ", "129 ", "200 "), pick("[ ]", '{"a": }')), _deep), "}")
"""An object with 127 to 201 levels: the contract's limit is 128."""

OBJECT = weighted(
    (60, _object(VALUE, 1, 4)),
    (2, _object(VALUE, 0, 0)),
    (8, _object(weighted((3, VALUE), (1, _object(VALUE, 1, 3)), (1, _array(VALUE, 1, 3))), 1, 3)),
    (1.2, DUPLICATES),
    (1.0, UTF16_ORDER),
    (0.5, DEEP),
)
BROKEN_OBJECT = mutated(OBJECT, b'{}[]",:\\0e-. \n\xff/')
