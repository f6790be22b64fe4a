"""The secrets that a run was given, kept out of everything that it shows or writes down."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 4  # characters; anything shorter stands in texts by chance
HIDDEN = "***"


class Secrets:
    """Takes secret values out of what a testee said: it may well echo its request."""

    def __init__(self, values: Iterable[str]) -> None:
        """Take the values. The words of one count as well, as in `Bearer TOKEN`; the longest are looked for first."""
        words = {word for value in values for word in (value, *value.split()) if len(word) >= SHORTEST}
        words -= {"Bearer", "Basic", "Token"}
        self._words = sorted(words, key=len, reverse=True)
        self._bytes = [word.encode() for word in self._words]

    def hide(self, text: str) -> str:
        """Return a text without them."""
        for word in self._words:
            text = text.replace(word, HIDDEN)
        return text

    def hide_bytes(self, data: bytes) -> bytes:
        """Return bytes without them."""
        for word in self._bytes:
            data = data.replace(word, HIDDEN.encode())
        return data
