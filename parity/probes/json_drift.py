"""Drift classes of everything that reads and writes JSON: how to take each suspected cause out of an input.

An edit keeps all else as it is; where it writes something new it keeps distinct names distinct, since two members of
one name would change the answer for a reason of their own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.model import DriftClass

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = re.compile(rb'("(?:[^"\\]|\\.)*)"(\s*:)', re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_MINUS_ZERO = re.compile(rb"-(?=0(?:\.0*)?(?:[eE][+-]?[0-9]+)?(?![0-9.eE])|[0-9.]+[eE]-[0-9]{3,})")
_LARGE_INTEGER = re.compile(rb"(?<![0-9.eE+-])-?[1-9][0-9]{15,}(?![0-9.eE])")
_SURROGATE = re.compile(
    rb"\\u[dD][89abAB]([0-9a-fA-F]{2})\\u[dD][c-fC-F]([0-9a-fA-F]{2})|\\u([dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
_ASTRAL = re.compile(rb"[\xf0-\xf4][\x80-\xbf]{3}")
_MARKUP = re.compile(rb"[<>&]|\\u00(?:3[cCeE]|26)")
_MARKUP_LETTER = {b"<": b"L", b">": b"G", b"&": b"A", rb"\u003c": b"l", rb"\u003e": b"g", rb"\u0026": b"a"}


def _numbered_names(data: bytes) -> bytes:
    """Give every member a name of its own, by a number at its end."""
    count = iter(range(len(data)))
    return _NAME.sub(lambda match: match[1] + b"#%d" % next(count) + b'"' + match[2], data)


def _without_duplicates(data: bytes) -> bytes:
    names = [match[1] for match in _NAME.finditer(data)]
    meanings = [_ESCAPE.sub(rb"\1", name) for name in names]
    has_escape = any(rb"\u" in name for name in names)
    return _numbered_names(data) if has_escape or len(set(meanings)) < len(meanings) else data


def _without_quote_escapes(data: bytes) -> bytes:
    return _ESCAPE.sub(lambda match: b"q" if match[1] == b'"' else match[0], data)


def _without_lone_surrogates(data: bytes) -> bytes:
    return _SURROGATE.sub(lambda match: b"s" + match[3] if match[3] else match[0], data)


def _without_astral(data: bytes) -> bytes:
    """Move code points beyond U+FFFF into the range of U+4E00, where both orders are one."""

    def lower(match: re.Match[bytes]) -> bytes:
        return chr(0x4E00 + (ord(match[0].decode("utf-8", "replace")[0]) & 0x3FFF)).encode()

    def lower_escape(match: re.Match[bytes]) -> bytes:
        if match[1] is None:
            return match[0]
        return rb"\u4e" + match[2] if match[1].lower() != match[2].lower() else rb"\u5e" + match[2]

    return _SURROGATE.sub(lower_escape, _ASTRAL.sub(lower, data))


def _sub(
    pattern: re.Pattern[bytes], replacement: bytes | Callable[[re.Match[bytes]], bytes]
) -> Callable[[bytes], bytes]:
    return lambda data: pattern.sub(replacement, data)


NEGATIVE_ZERO = DriftClass("negative-zero", "minus zero keeps its sign somewhere", _sub(_MINUS_ZERO, b""))
INTEGER_ROUNDED = DriftClass(
    "integer-rounded", "an integer beyond 2^53 is read as a double", _sub(_LARGE_INTEGER, b"1")
)
HTML_ESCAPED = DriftClass(
    "html-escaped",
    "< > and & are escaped, as writers for HTML pages do",
    _sub(_MARKUP, lambda match: _MARKUP_LETTER[match[0].lower() if len(match[0]) > 1 else match[0]]),
)
LONE_SURROGATE = DriftClass("lone-surrogate", "an unpaired surrogate escape is repaired", _without_lone_surrogates)
CODE_POINT_ORDER = DriftClass(
    "code-point-order", "names are sorted by code points, not by UTF-16 units", _without_astral
)
DUPLICATE_MEMBER = DriftClass("duplicate-member", "two members of one name are accepted", _without_duplicates)
ESCAPED_QUOTE = DriftClass("escaped-quote", "an escaped quotation mark ends a string", _without_quote_escapes)

READING_AND_WRITING = (
    NEGATIVE_ZERO,
    INTEGER_ROUNDED,
    HTML_ESCAPED,
    LONE_SURROGATE,
    CODE_POINT_ORDER,
    DUPLICATE_MEMBER,
    ESCAPED_QUOTE,
)
"""The most specific ones first: an experiment that changes little comes before one that changes much."""
