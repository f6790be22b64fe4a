"""The MAC against the vectors of RFC 4231, and against the standard library's."""

from __future__ import annotations

import hashlib
import hmac
import random

import pytest

from lakehouse_ref.subject_audit.mac import FORM, Key, same_mac

LARGER = (
    b"This is a test using a larger than block-size key and a larger than block-size data. "
    b"The key needs to be hashed before being used by the HMAC algorithm."
)
RFC_4231 = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (b"\xaa" * 131, LARGER, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
]


@pytest.mark.parametrize(("key", "data", "mac"), RFC_4231)
def test_a_vector_of_rfc_4231(key: bytes, data: bytes, mac: str) -> None:
    assert Key(key).mac(data) == mac


def test_the_truncated_vector_of_rfc_4231() -> None:
    assert Key(b"\x0c" * 20).mac(b"Test With Truncation")[:32] == "a3b6167473100ee06e0c796c2955552b"


@pytest.mark.parametrize("length", [0, 1, 31, 32, 63, 64, 65, 127, 128, 4096])
def test_keys_and_data_of_any_length(length: int) -> None:
    rng = random.Random(length)
    key = Key(secret := rng.randbytes(length))
    for size in (0, 1, 55, 56, 63, 64, 65, 1000):
        data = rng.randbytes(size)
        expected = hmac.new(secret, data, hashlib.sha256).hexdigest()
        assert key.mac(data) == expected, "and a key is not used up"
        assert key.mac(data) == expected


def test_a_key_does_not_tell_itself() -> None:
    assert "secret" not in repr(Key(b"secret" * 6)) + str(vars(Key).get("__dict__"))
    assert not hasattr(Key(b"x" * 32), "__dict__")


def test_macs_are_compared_whole() -> None:
    mac = Key(b"x").mac(b"y")
    assert same_mac(mac, str(mac))
    for at in range(64):
        other = mac[:at] + ("0" if mac[at] != "0" else "1") + mac[at + 1 :]
        assert not same_mac(mac, other)
        assert FORM.fullmatch(other)


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "0" * 64 + "\n", "A" * 64, "g" * 64, "\u0660" * 64])
def test_what_is_no_mac(text: str) -> None:
    assert FORM.fullmatch(text) is None
