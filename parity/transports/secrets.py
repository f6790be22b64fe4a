"""The secrets that a run was given, kept out of everything that it shows or writes down."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHORTEST = 4  # characters; anything shorter stands in texts by chance
HIDDEN = "***"
_UNIT = re.compile(r"\\+|.", re.DOTALL)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]+(.+)")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
"""What neither JSON nor a URL nor HTML writes in another way."""


class Secrets:
    """Takes secret values out of what a testee said: it may well echo its request."""

    def __init__(self, values: Iterable[str]) -> None:
        """Take the values. What they consist of counts as well, as in `Bearer TOKEN`, and the longest of all first."""
        parts = {part for value in values for part in _parts(value.strip()) if len(part) >= SHORTEST}
        self._parts = sorted(parts, key=lambda part: (-len(part), part))
        pattern = "|".join("".join(map(_spellings, _UNIT.findall(part))) for part in self._parts)
        self._text = re.compile(pattern, re.IGNORECASE) if pattern else None
        self._bytes = re.compile(pattern.encode("latin-1"), re.IGNORECASE) if pattern else None

    def hide(self, text: str) -> str:
        """Return a text without them."""
        return text if self._text is None else self._text.sub(HIDDEN, text)

    def hide_in_excerpt(self, text: str) -> str:
        """Return a text without them, and without the beginning of one that its end has cut off."""
        text = self.hide(text)
        for part in self._parts:
            for length in range(min(len(part) - 1, len(text)), SHORTEST - 1, -1):
                if text.endswith(part[:length]):
                    return text[:-length] + HIDDEN
        return text

    def hide_bytes(self, data: bytes) -> bytes:
        """Return bytes without them."""
        return data if self._bytes is None else self._bytes.sub(HIDDEN.encode(), data)


def _parts(value: str) -> Iterator[str]:
    """Yield what of a header's value is secret: all of it, and each part but the scheme, which anybody may say."""
    yield value
    scheme = _SCHEME.fullmatch(value)
    rest = scheme[2] if scheme is not None else value
    for part in (rest, *re.split(r"[\s;,]+", rest)):
        yield part
        yield part.partition("=")[2].strip('"')  # as of a cookie
    if scheme is not None and scheme[1].lower() == "basic":
        yield from _credentials(rest)


def _credentials(encoded: str) -> Iterator[str]:
    """Yield what stands behind the scheme Basic: the name with the password, and the password."""
    try:
        decoded = base64.b64decode(encoded, validate=True).decode("latin-1")
    except ValueError:
        return
    yield decoded
    yield decoded.partition(":")[2]


def _spellings(unit: str) -> str:
    """Return a pattern of the ways in which a character comes back: as it is, or escaped as in JSON, a URL or HTML.

    Nothing in it repeats without end, since whoever echoes may be hostile. Backslashes in a row are one unit.
    """
    if unit in _PLAIN:
        return re.escape(unit)
    if unit.startswith("\\"):
        return rf"(?:\\{{{len(unit)},{4 * len(unit)}}}|(?:%5c){{{len(unit)}}}|(?:&#92;){{{len(unit)}}})"
    number = ord(unit)
    named = {'"': "|&quot;", "&": "|&amp;", "<": "|&lt;", ">": "|&gt;"}.get(unit, "")
    return rf"(?:\\{{0,4}}+(?:{re.escape(unit)}|u00{number:02x})|%{number:02x}|&#{number};|&#x{number:x};{named})"
