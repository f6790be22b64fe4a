"""embedding: how a text becomes a vector. hash-768 of `fixtures/contract/search.md`, "The default embedder".

The stages stand in the order of that page: fold, split into tokens, name the features, give each its component and its
sign, add up. What a token contributes is kept, since the same few words come again and again.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from lakehouse_ref import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lakehouse_ref.ijson import Value

    Feature: TypeAlias = tuple[str, int]
    """What it is called, and its weight."""

NAME = "hash-768"
DIMENSION = 768
OF_TOKEN, OF_TRIGRAM, OF_PAIR = 4, 1, 2  # weights
SPREAD = 2654435761
SIGN = 1 << 31

TOKENS = re.compile("[a-z0-9\u0080-\U0010ffff]+")
CAPITALS = re.compile("[A-Z]")
KEPT = 1 << 15  # so many tokens' contributions are kept, and so many pairs'
LONGEST_KEPT = 32  # in characters


def answer(data: bytes, touched: set[str]) -> bytes:
    """Return the RFC 8785 form of `{"components": [[number, value], ...], "tokens": count}` or `{"error": why}`.

    `touched` collects the names of the contract's rules that mattered. Never raises: every input has an answer.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        touched.add("invalid-utf8")
        return canonical.write({"error": "invalid-utf8"})
    vector = embed(text)
    note(text, vector, touched)
    components: list[Value] = [[float(number), float(vector[number])] for number in np.flatnonzero(vector)]
    return canonical.write({"components": components, "tokens": float(len(tokens(text)))})


def embed(text: str) -> np.ndarray:
    """Return the 768 components of a text, whole numbers as doubles."""
    found = tokens(text)
    places = [kept(token)[0] for token in found]
    weights = [kept(token)[1] for token in found]
    for first, second in pairwise(found):
        pair = kept_pair(first, second)
        places.append(pair[0])
        weights.append(pair[1])
    if not places:
        return np.zeros(DIMENSION)
    # Sums of whole numbers are exact in doubles, whatever their order.
    return np.bincount(np.concatenate(places), np.concatenate(weights), DIMENSION)


def tokens(text: str) -> list[str]:
    """Return the tokens of a text (rule `token`)."""
    return TOKENS.findall(folded(text))


def folded(text: str) -> str:
    """Return the text with its letters A-Z, and no other ones, made small (rule `ascii-folded`)."""
    return text.lower() if text.isascii() else text.encode().lower().decode()  # of bytes, `lower` folds A-Z alone


def features(token: str) -> Iterator[Feature]:
    """Yield the features of a token by itself (rule `trigram`)."""
    yield f"w:{token}", OF_TOKEN
    framed = f"^{token}$"
    for start in range(len(token)):
        yield f"g:{framed[start : start + 3]}", OF_TRIGRAM


def pair_feature(first: str, second: str) -> Feature:
    """Return the feature of two neighbouring tokens (rule `pair`)."""
    return f"p:{first} {second}", OF_PAIR


def hashed(feature: Feature) -> tuple[int, int]:
    """Return the component of a feature, and its weight with its sign."""
    name, weight = feature
    mixed = zlib.crc32(name.encode()) * SPREAD & 0xFFFFFFFF
    return (mixed & (SIGN - 1)) % DIMENSION, -weight if mixed >= SIGN else weight


# ------------------------------------------------------------------ what is kept


def kept(token: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the components that a token adds to, and what it adds."""
    return kept_token(token) if len(token) <= LONGEST_KEPT else contribution(*features(token))


@lru_cache(KEPT)
def kept_token(token: str) -> tuple[np.ndarray, np.ndarray]:
    """Do what `kept` does, and keep it."""
    return contribution(*features(token))


def kept_pair(first: str, second: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the component that a pair of tokens adds to, and what it adds."""
    if len(first) + len(second) > LONGEST_KEPT:
        return contribution(pair_feature(first, second))
    return kept_short_pair(first, second)


@lru_cache(KEPT)
def kept_short_pair(first: str, second: str) -> tuple[np.ndarray, np.ndarray]:
    """Do what `kept_pair` does, and keep it."""
    return contribution(pair_feature(first, second))


def contribution(*added: Feature) -> tuple[np.ndarray, np.ndarray]:
    """Return what features add, and to which components."""
    hashes = [hashed(feature) for feature in added]
    return np.array([place for place, _ in hashes], np.int64), np.array([weight for _, weight in hashes], np.float64)


# ------------------------------------------------------------------ which rules mattered


def note(text: str, vector: np.ndarray, touched: set[str]) -> None:
    """Note the rules that mattered to the vector of a text."""
    found = tokens(text)
    if CAPITALS.search(text):
        touched.add("ascii-folded")
    if not text.isascii() and variants(folded(text)) != {folded(text)}:
        touched.add("nothing-else-folded")
    if not found:
        touched.add("no-token")
        return
    touched |= {"token", "trigram"}
    every = [feature for token in found for feature in features(token)]
    if len(found) > 1:
        touched.add("pair")
        every += map(pair_feature, found, found[1:])
    if len(set(every)) < len(every):
        touched.add("repeated")
    if any(not vector[place] for place, _ in map(hashed, every)):
        touched.add("cancelled")


def variants(text: str) -> set[str]:
    """Return what a text would be if more of it were folded or normalised."""
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    return {text, text.lower(), text.casefold(), *forms}
