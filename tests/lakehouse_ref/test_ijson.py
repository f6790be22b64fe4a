"""The strict reader's three functions mean the same; `faults` tells all that is wrong, wherever it stands."""

from __future__ import annotations

import random

import pytest

from lakehouse_ref import ijson

LONE, LARGE, HUGE, TWICE = rb'"\ud800"', b"9007199254740993", b"1e999", b'{"a":1,"a":2}'


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (b"[1]", set()),
        (b' {"a":"\\ud83d\\ude00"} ', set()),
        (b"[9007199254740992,-9007199254740992,1.7976931348623157e308,1e-999,9007199254740993.0]", set()),
        (b"\xff", {"utf8"}),
        (b"[" + TWICE + b"\xff", {"utf8"}),
        (b"[" + LONE + b"," + LARGE + b"," + HUGE + b"," + TWICE, {"syntax"}),
        (b"[NaN," + LONE + b"]", {"syntax"}),
        (b"[" * 129 + LONE + b"]" * 129, {"nesting-depth"}),
        (b"[" * 128 + LONE + b"]" * 128, {"lone-surrogate"}),
        (b"[" + TWICE + b"," + LONE + b"]", {"lone-surrogate", "duplicate-member"}),
        (b"[" + TWICE + b"," + LARGE + b"]", {"integer-range", "duplicate-member"}),
        (b"[-" + LARGE + b",-" + HUGE + b"]", {"integer-range", "number-range"}),
        (b"[" + b"9" * 5000 + b"]", {"integer-range"}),
        (b'{"a":' + TWICE + b',"a":[]}', {"duplicate-member"}),
        (rb'{"a":1,"\u0061":2}', {"duplicate-member"}),
    ],
)
def test_faults(data: bytes, faults: set[str]) -> None:
    assert ijson.faults(data) == faults


def test_the_three_agree() -> None:
    rng = random.Random(7)
    parts = [
        LONE,
        LARGE,
        HUGE,
        TWICE,
        b"1",
        b"-0",
        b"1.5",
        b'"\\u00e9"',
        b"\xff",
        b",",
        b"[",
        b"]",
        b" ",
        b"[]",
        b"NaN",
    ]
    outcomes = set()
    for _ in range(5000):
        data = b"[" + b",".join(rng.choices(parts, k=rng.randrange(4))) + b"]"
        found = ijson.faults(data)
        outcomes.add(frozenset(found))
        if found:
            for reader in (ijson.load, lambda text: ijson.read(text, set())):
                with pytest.raises(ijson.RefusedError) as refused:
                    reader(data)
                # A reader may name what it met first: of what is no JSON text, a fault behind which it has not looked.
                assert refused.value.rule in found or found == {"syntax"}
        else:
            assert repr(ijson.load(data)) == repr(ijson.read(data, set()))
    assert len(outcomes) > 10
