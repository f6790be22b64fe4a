"""The strict reader: JSON text (RFC 8259) held to I-JSON (RFC 7493) and to the contract's own limits.

It refuses what a lenient decoder would quietly repair. Numbers become doubles, all of them: that is the data model of
RFC 8785, which the canonical writer works on. Three functions, one meaning: `load` reads, `read` also tells which rules
mattered, `faults` tells every rule that refuses a text. The names of the rules are those of `extract_json.rules.toml`.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

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


def load(data: bytes) -> Value:
    """Return the value of the JSON text `data`. Raises RefusedError, with one of the rules that refuse it."""
    text = decoded(data)
    check_nesting(text)
    if has_lone_surrogate(text):
        raise RefusedError("lone-surrogate")
    try:
        value: Value = _STRICT.decode(text)
    except json.JSONDecodeError:
        raise RefusedError("syntax") from None
    return value


def read(data: bytes, touched: set[str]) -> Value:
    """Return the value of the JSON text `data`.

    `touched` collects the names of the contract's rules that mattered. Raises RefusedError.
    """
    text = decoded(data)
    check_nesting(text)
    met: set[str] = set()  # the writer's rules count only for a text that is accepted
    text = check_surrogates(text, met)
    try:
        value: Value = _noting(met).decode(text)
    except json.JSONDecodeError:
        raise RefusedError("syntax") from None
    if "\\" in text:
        met.add("string-form")
    if _NEVER_ESCAPED.search(text):
        met.add("no-extra-escape")
    touched |= met
    return value


def faults(data: bytes) -> set[str]:
    """Return every rule that refuses `data`: none if `load` reads it.

    What is not UTF-8, nested too deeply or not JSON is looked at no further, and has that one fault alone.
    """
    found: set[str] = set()
    try:
        text = decoded(data)
        check_nesting(text)
        _tolerant(found).decode(text)
    except RefusedError as refused:
        return {refused.rule}
    except json.JSONDecodeError:
        return {"syntax"}
    if has_lone_surrogate(text):
        found.add("lone-surrogate")
    return found


def decoded(data: bytes) -> str:
    """Return the text that the bytes are (rule `utf8`)."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError("utf8") from None


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


def has_lone_surrogate(text: str) -> bool:
    """Tell whether an escaped surrogate has no partner (rule `lone-surrogate`)."""
    return "\\u" in text and any(escape["lone"] for escape in _SURROGATE_ESCAPES.finditer(text))


def check_surrogates(text: str, met: set[str]) -> str:
    """Refuse an escaped surrogate that has no partner (rule `lone-surrogate`); return the text to decode."""
    if has_lone_surrogate(text):
        raise RefusedError("lone-surrogate")
    if "\\u" in text and any(escape["pair"] for escape in _SURROGATE_ESCAPES.finditer(text)):
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


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise RefusedError("duplicate-member")
    return members


def _constant(_: str) -> NoReturn:  # NaN, Infinity, -Infinity
    raise RefusedError("syntax")


_STRICT = json.JSONDecoder(object_pairs_hook=_members, parse_int=integer, parse_float=double, parse_constant=_constant)
"""A decoder of the standard library with every lenience closed."""


def _tolerant(found: set[str]) -> json.JSONDecoder:
    """Build a decoder that only syntax stops; of everything else it notes the rule, and returns no value."""

    def note(check: Callable[[Any], object], what: object) -> None:
        try:
            check(what)
        except RefusedError as refused:
            found.add(refused.rule)

    return json.JSONDecoder(
        object_pairs_hook=lambda pairs: note(_members, pairs),
        parse_int=lambda text: note(integer, text),
        parse_float=lambda text: note(double, text),
        parse_constant=_constant,
    )


def _noting(met: set[str]) -> json.JSONDecoder:
    """Build a strict decoder that notes which of the writer's rules the text will meet."""

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

    return json.JSONDecoder(
        object_pairs_hook=members, parse_int=whole, parse_float=fractional, parse_constant=_constant
    )


def utf16_units(name: str) -> bytes:
    """Return what names are sorted by: their UTF-16 code units, big end first (RFC 8785 section 3.2.3)."""
    return name.encode("utf-16-be")
