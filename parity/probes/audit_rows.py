"""The grammar of what stands in an audit row, all of it canonical text: ordinary rows, and such with one peculiarity.

A body is written as `before TAB result TAB ts TAB after`, the parts of `audit_chains.Body`: no canonical text holds
a tab.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from parity.generate.grammar import concat, pick, repeat, weighted
from parity.probes.audit_chains import Body
from parity.probes.json_text import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.generate.grammar import Grammar

_RNG = random.Random("the texts of audit rows")
"""Some hundred ready texts are drawn from: each choice costs, above all while exploring."""


def _some(count: int, make: Callable[[], str]) -> Grammar:
    return pick(*[make() for _ in range(count)])


def _sampled(count: int, part: Grammar) -> Grammar:
    sample = part.sampler()
    return _some(count, lambda: sample(_RNG).decode())


def _clock() -> str:
    month, day = _RNG.choice(("01", "05", "09", "10", "12")), _RNG.choice(("01", "03", "28", "30"))
    clock = (_RNG.choice(("00", "07", "23")), _RNG.choice(("00", "11", "59")), _RNG.choice(("00", "12", "59")))
    return f"2026-{month}-{day}T{':'.join(clock)}"


def _fraction() -> str:
    """Return a fraction of a second that does not end with zero, of one to nine digits and most often nine."""
    digits = _RNG.choice((9, 9, 9, 9, 9, 6, 3, 1))
    return f".{_RNG.randrange(10 ** (digits - 1)):0{digits - 1}d}"[:digits] + _RNG.choice("123456789")


def _hex(digits: int) -> str:
    return f"{_RNG.getrandbits(4 * digits):0{digits}x}"


HEX = pick(*"0123456789abcdef")
LAST_DIGIT = pick(*"123456789")
FRACTION = _some(60, _fraction)
TS = _some(300, lambda: _clock() + _RNG.choice((_fraction(), _fraction(), _fraction(), "")) + "Z")
ZEROS_TS = _some(100, lambda: f"{_clock()}.{_RNG.choice(('', '4', '12', '461439'))}{_RNG.choice(('0', '00'))}Z")
"""A fraction whose trailing zeros a struct would lose."""

UNICODE = pick("Café", "résumé", "你好", "⭐", "e\u0301", "\x7f", "\u2028", "/", "<b>&")
ESCAPES = pick(r"\"", r"\\", r"\n", r"\t", r"\b", r"\f", r"\r", r"\u0000", r"\u001f", r"\u000b")
TEXT = pick(
    '""', '"fill"', '"name"', '"phone"', '"shift"', '"worker"', '"site visit"', '"order 7"', '"role"', '"e-mail"'
)
ODD_TEXT = concat('"', WORDS, weighted((1, UNICODE), (1, ESCAPES)), WORDS, '"')

NUMBERS = pick(
    *("0", "-1", "7", "9007199254740992", "-9007199254740992", "4.5", "-0.5", "0.002", "0.000001", "1e-7", "1e-27"),
    *("1e+21", "1.5e+300", "5e-324", "-5e-324", "1.7976931348623157e+308", "333333333.3333333"),
    *("1.0000000000000001e+23", "9.999999999999997e-7"),
)
"""Every form of ECMAScript's numbers, integers up to 2^53."""
PLAIN_VALUE = weighted((6, TEXT), (2, repeat(LAST_DIGIT, 1, 5)), (2, pick("true", "false", "null", "[]", "{}")))
PLAIN_DETAIL = weighted(
    (3, PLAIN_VALUE),
    (1, concat('{"a":', PLAIN_VALUE, ',"b":[', PLAIN_VALUE, ",", PLAIN_VALUE, "]}")),
)
UTF16_MEMBERS = concat(
    pick('"\U0001f600"', '"\U00010000"', '"\U0010ffff"'), ":", PLAIN_VALUE, ",",
    pick('"\ue000"', '"\ufb33"', '"\uffff"'), ":", PLAIN_VALUE,
)  # fmt: skip
"""In the order of UTF-16 units, which is not that of code points."""
DEEP_MAC = concat('{"mac":"', repeat(HEX, 0, 4), '"}')


def _body(trace: Grammar | str, detail: Grammar | str, text: Grammar, ts: Grammar, after: Grammar | str) -> Grammar:
    accessor = concat(
        '{"accessor":{"daemon":', pick('"gateway"', '"matrixd"', '"validatord"'), ',"kind":', pick('"api"', '"batch"'),
        ',"purpose":', text, ',"trace_id":"', trace, '"}',
    )  # fmt: skip
    fields = concat(',"fields":[', repeat(TEXT, 0, 3, ","), "]")
    result = pick('"ok"', '"denied"', '"not_found"')
    return concat(accessor, detail, fields, "\t", result, "\t", ts, "\t", after)


TRACE = _some(200, lambda: _RNG.choice((f"{_hex(16)}-{_hex(8)}", _hex(16), "t-1")))
DETAIL = weighted((4, b""), (1, concat(',"detail":', PLAIN_DETAIL)))
PLAIN = _sampled(400, _body(TRACE, DETAIL, TEXT, TS, ""))
TRACELESS = _sampled(60, _body("", DETAIL, TEXT, TS, ""))
ZEROS = _sampled(60, _body(TRACE, DETAIL, TEXT, ZEROS_TS, ""))
UTF16 = _sampled(60, _body(TRACE, concat(',"detail":{', UTF16_MEMBERS, "}"), TEXT, TS, "")) | _sampled(
    60, _body(TRACE, "", TEXT, TS, concat(",", UTF16_MEMBERS))
)
NUMBERED = _sampled(200, _body(TRACE, concat(',"detail":[', repeat(NUMBERS, 1, 4, ","), "]"), TEXT, TS, ""))
TEXTS = _sampled(200, _body(TRACE, concat(',"detail":', ODD_TEXT), ODD_TEXT, TS, concat(',"ä":', ODD_TEXT)))
FURTHER = _sampled(60, _body(TRACE, concat(',"detail":', DEEP_MAC), TEXT, TS, "")) | _sampled(
    60, _body(TRACE, "", TEXT, TS, concat(',"v":', PLAIN_VALUE, ',"z":', PLAIN_VALUE))
)

PECULIAR = weighted((4, TRACELESS), (4, ZEROS), (4, UTF16), (6, NUMBERED), (6, TEXTS), (3, FURTHER))
LENGTHS = (
    (5, repeat(PLAIN, 1, 1)),
    (12, repeat(PLAIN, 2, 4, "\n")),
    (12, repeat(PLAIN, 5, 9, "\n")),
    (3, repeat(PLAIN, 10, 30, "\n")),
    (0.2, repeat(PLAIN, 60, 160, "\n")),
)
SOME = weighted(*LENGTHS)
BODIES = weighted(
    (20, SOME),
    (1, b""),
    (2, concat(SOME, "\n", PECULIAR)),
    (3, concat(PECULIAR, "\n", SOME)),
    (3, concat(SOME, "\n", PECULIAR, "\n", SOME)),
)
"""The rows of a chain, one a line: none to 320."""


def read_bodies(text: str) -> list[Body]:
    """Return the bodies that the grammar wrote."""
    return [Body(*line.split("\t")) for line in text.split("\n")] if text else []
