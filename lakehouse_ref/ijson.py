"""The strict reader: JSON text (RFC 8259) held to I-JSON (RFC 7493) and to the contract's own limits.

`read` is the entry. It refuses what a lenient decoder would quietly repair. Numbers become doubles, all of them:
that is the data model of RFC 8785, which the canonical writer works on.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn, TypeAlias

Value: TypeAlias = "dict[str, Value] | list[Value] | str | float | bool | None"

LARGEST_INTEGER = 2.0**53
DEEPEST_NESTING = 128

_SURROGATE_ESCAPES = re.compile(
    r"(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|\\.",  # any other escape, so that an escaped backslash before a `u` is not taken for one
    re.DOTALL,
)
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_NEVER_ESCAPED = re.compile("[<>&/\x7f\u2028\u2029]")


class RefusedError(ValueError):
    """The text is refused; `rule` names the contract's rule that refuses it."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def read(data: bytes, touched: set[str]) -> Value:
    """Return the value of the JSON text `data`.

    `touched` collects the names of the contract's rules that mattered. Raises RefusedError.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError("utf8") from None
    check_nesting(text)
    met: set[str] = set()  # the writer's rules count only for a text that is accepted
    text = check_surrogates(text, met)
    try:
        value: Value = _decoder(met).decode(text)
    except json.JSONDecodeError:
        raise RefusedError("syntax") from None
    if "\\" in text:
        met.add("string-form")
    if _NEVER_ESCAPED.search(text):
        met.add("no-extra-escape")
    touched |= met
    return value


def check_nesting(text: str) -> None:
    """Refuse more than 128 arrays and objects open at once (rule `nesting-depth`)."""
    if text.count("[") + text.count("{") <= DEEPEST_NESTING:
        return
    depth = 0
    for token in _NESTING.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth > DEEPEST_NESTING:
                raise RefusedError("nesting-depth")
        elif token[0] in "]}":
            depth -= 1


def check_surrogates(text: str, met: set[str]) -> str:
    """Refuse an escaped surrogate that has no partner (rule `lone-surrogate`); return the text to decode."""
    if "\\u" in text:
        for escape in _SURROGATE_ESCAPES.finditer(text):
            if escape["lone"]:
                raise RefusedError("lone-surrogate")
            if escape["pair"]:
                met.add("surrogate-pair")
    return text


def check_names(names: list[str]) -> None:
    """Refuse two members of the same name (rule `duplicate-member`)."""
    if len(set(names)) != len(names):
        raise RefusedError("duplicate-member")


def integer(text: str) -> float:
    """Read a number without fraction and exponent (rule `integer-range`)."""
    value = float(text)
    # A double can't tell 2^53 from 2^53 + 1, so the digits decide once the double has reached the limit.
    if abs(value) > LARGEST_INTEGER or (abs(value) == LARGEST_INTEGER and text.lstrip("-") != "9007199254740992"):
        raise RefusedError("integer-range")
    return value


def double(text: str) -> float:
    """Read a number with a fraction or an exponent (rule `number-range`)."""
    value = float(text)
    if math.isinf(value):
        raise RefusedError("number-range")
    return value


def _decoder(met: set[str]) -> json.JSONDecoder:
    """Build a decoder of the standard library with every lenience closed."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        check_names(names)
        if len(names) > 1:
            by_unit = sorted(names, key=utf16_units)
            if names != by_unit:
                met.add("member-order")
            if sorted(names) != by_unit:
                met.add("member-order-utf16")
        return dict(pairs)

    def whole(text: str) -> float:
        value = integer(text)
        if text == "-0":
            met.add("negative-zero")
        return value

    def fractional(text: str) -> float:
        value = double(text)
        met.add("number-form")
        if value == 0 and text[0] == "-":
            met.add("negative-zero")
        return value

    def constant(_: str) -> NoReturn:  # NaN, Infinity, -Infinity
        raise RefusedError("syntax")

    return json.JSONDecoder(object_pairs_hook=members, parse_int=whole, parse_float=fractional, parse_constant=constant)


def utf16_units(name: str) -> bytes:
    """Return what names are sorted by: their UTF-16 code units, big end first (RFC 8785 section 3.2.3)."""
    return name.encode("utf-16-be")
