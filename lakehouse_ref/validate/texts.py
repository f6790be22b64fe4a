"""What the rules ask of a text: is it blank, too long, the same as another? Characters are code points."""

from __future__ import annotations

import unicodedata

WHITE_SPACE = " \t\r\n"


def blank(text: str) -> bool:
    """Tell whether the text is empty, or nothing but white space."""
    return not text.strip(WHITE_SPACE)


def folded(text: str) -> bytes:
    """Return what a comparison with folded letters compares."""
    return text.encode().lower()  # of bytes, `lower` folds A-Z alone


def same_words(one: str, other: str, touched: set[str]) -> bool:
    """Tell whether two roles or cities are the same (rule `letters-folded`)."""
    if one == other:
        return True
    one, other = one.strip(WHITE_SPACE), other.strip(WHITE_SPACE)
    same = folded(one) == folded(other)
    if same or one.casefold() == other.casefold():
        touched.add("letters-folded")
    return same


def longer(text: str, limit: int, touched: set[str]) -> bool:
    """Tell whether the text has more than `limit` characters (rule `length-in-characters`)."""
    too_long = len(text) > limit
    if not text.isascii():
        combining = sum(unicodedata.combining(character) != 0 for character in text)
        if too_long != (len(text.encode()) > limit) or too_long != (len(text) - combining > limit):
            touched.add("length-in-characters")
    return too_long
