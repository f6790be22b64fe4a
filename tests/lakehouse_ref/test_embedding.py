"""hash-768 by hand: the check values of CRC-32 are zlib's, everything else is worked out here from the contract."""

from __future__ import annotations

import json
import zlib
from collections import Counter

import numpy as np
import pytest

from lakehouse_ref import embedding


def expected(*features: tuple[str, int]) -> dict[int, int]:
    """Return the components of features with their weights, added up as the contract says."""
    sums: Counter[int] = Counter()
    for name, weight in features:
        m = zlib.crc32(name.encode()) * 2654435761 % 2**32
        sums[m % 2**31 % 768] += -weight if m >= 2**31 else weight
    return {component: value for component, value in sums.items() if value}


def told(text: str) -> dict[int, int]:
    return {place: int(value) for place, value in enumerate(embedding.embed(text)) if value}


def rules(data: bytes) -> set[str]:
    touched: set[str] = set()
    embedding.answer(data, touched)
    return touched


def test_the_check_value_of_crc_32() -> None:
    assert zlib.crc32(b"123456789") == 0xCBF43926


def test_one_feature_by_hand() -> None:
    # CRC-32 of "123456789" is cbf43926, 3421780262; times 2654435761 modulo 2^32 is 3421780262 * 2654435761
    # = 9082895886063620982182 -> 1936014182 below 2^31, so the sign is plus, and 1936014182 mod 768 = 614.
    m = 3421780262 * 2654435761 % 2**32
    assert embedding.hashed(("123456789", 4)) == (m % 2**31 % 768, -4 if m >= 2**31 else 4)


@pytest.mark.parametrize(
    ("text", "features"),
    [
        ("a", [("w:a", 4), ("g:^a$", 1)]),
        ("ab", [("w:ab", 4), ("g:^ab", 1), ("g:ab$", 1)]),
        ("AB", [("w:ab", 4), ("g:^ab", 1), ("g:ab$", 1)]),
        ("a b", [("w:a", 4), ("g:^a$", 1), ("w:b", 4), ("g:^b$", 1), ("p:a b", 2)]),
        ("a-b", [("w:a", 4), ("g:^a$", 1), ("w:b", 4), ("g:^b$", 1), ("p:a b", 2)]),
        ("  a\tb\n", [("w:a", 4), ("g:^a$", 1), ("w:b", 4), ("g:^b$", 1), ("p:a b", 2)]),
        ("a a a", [("w:a", 12), ("g:^a$", 3), ("p:a a", 4)]),
        ("aaaa", [("w:aaaa", 4), ("g:^aa", 1), ("g:aaa", 2), ("g:aa$", 1)]),
        ("\u00e9", [("w:\u00e9", 4), ("g:^\u00e9$", 1)]),
        ("\u00c9", [("w:\u00c9", 4), ("g:^\u00c9$", 1)]),
        ("e\u0301", [("w:e\u0301", 4), ("g:^e\u0301", 1), ("g:e\u0301$", 1)]),
        ("\u0080", [("w:\u0080", 4), ("g:^\u0080$", 1)]),
        ("\x7fa\u0080", [("w:a\u0080", 4), ("g:^a\u0080", 1), ("g:a\u0080$", 1)]),
        ("\U0001f600", [("w:\U0001f600", 4), ("g:^\U0001f600$", 1)]),
        ("a\u00a0b", [("w:a\u00a0b", 4), ("g:^a\u00a0", 1), ("g:a\u00a0b", 1), ("g:\u00a0b$", 1)]),
        ("x_1", [("w:x", 4), ("g:^x$", 1), ("w:1", 4), ("g:^1$", 1), ("p:x 1", 2)]),
        ("", []),
        (" -_./\x00", []),
    ],
)
def test_the_features_of_a_text(text: str, features: list[tuple[str, int]]) -> None:
    assert told(text) == expected(*features)


def test_a_token_that_is_too_long_to_be_kept_is_embedded_alike() -> None:
    token = "abcdefghij" * 10
    framed = f"^{token}$"
    assert told(token) == expected((f"w:{token}", 4), *((f"g:{framed[at : at + 3]}", 1) for at in range(100)))
    assert told(f"{token} {token}") == expected(
        (f"w:{token}", 8), *((f"g:{framed[at : at + 3]}", 2) for at in range(100)), (f"p:{token} {token}", 2)
    )


def test_an_answer_is_written_as_rfc_8785_does() -> None:
    components = json.dumps([list(one) for one in sorted(expected(("w:a", 4), ("g:^a$", 1)).items())])
    assert embedding.answer(b"A!", set()) == f'{{"components":{components},"tokens":1}}'.replace(" ", "").encode()
    assert embedding.answer(b"", set()) == b'{"components":[],"tokens":0}'
    assert embedding.answer(b"a\xff", set()) == b'{"error":"invalid-utf8"}'


def test_a_vector_has_768_components_even_where_they_are_zero() -> None:
    assert embedding.embed("").shape == embedding.embed("a b").shape == (768,)
    assert embedding.embed("").dtype == embedding.embed("a").dtype == np.float64


@pytest.mark.parametrize(
    ("data", "touched"),
    [
        (b"a", {"token", "trigram"}),
        (b"A", {"token", "trigram", "ascii-folded"}),
        (b"a b", {"token", "trigram", "pair"}),
        (b"a a", {"token", "trigram", "pair", "repeated"}),
        ("\u00e9".encode(), {"token", "trigram", "nothing-else-folded"}),
        ("\u4e00".encode(), {"token", "trigram"}),
        (b"--", {"no-token"}),
        (b"\xc3", {"invalid-utf8"}),
    ],
)
def test_the_rules_that_mattered(data: bytes, touched: set[str]) -> None:
    assert rules(data) == touched


def test_features_that_cancel_leave_no_component() -> None:
    text = "t500 t501"  # found by trying: two of its features meet in a component, one with each sign
    assert "cancelled" in rules(text.encode())
    features = [("w:" + token, 4) for token in text.split()] + [("p:" + text, 2)]
    features += [(f"g:{f'^{token}$'[at : at + 3]}", 1) for token in text.split() for at in range(len(token))]
    every = {component for one in features for component in expected(one)}
    assert set(told(text)) == set(expected(*features)) < every
