"""In-process testees of the surface `s`: it answers how long an input is."""

from __future__ import annotations

import itertools

from parity import Refusal

HEARD: dict[str, list[bytes]] = {"one": [], "other": []}
"""The inputs that `one` and `other` were asked about."""
_TICKS = itertools.count()


def plain(data: bytes) -> bytes:
    """Answer as the contract says."""
    return b'{"n":%d,"ok":true}' % len(data)


def one(data: bytes) -> bytes:
    """Answer as the contract says, and remember the input."""
    HEARD["one"].append(data)
    return plain(data)


def other(data: bytes) -> bytes:
    """Answer as the contract says, and remember the input."""
    HEARD["other"].append(data)
    return plain(data)


def minus(data: bytes) -> bytes:
    """Miscount where there is a minus."""
    return plain(data + b"?" if b"-" in data else data)


def minus_and_markup(data: bytes) -> bytes:
    """Miscount where there is a minus, and answer with a double where there is markup."""
    if b"<" in data:
        return plain(data).replace(b",", b".0,")
    return minus(data)


def crash(data: bytes) -> bytes:
    """Crash where there is an x."""
    if b"x" in data:
        raise ValueError("an x")
    return plain(data)


def crash_always(data: bytes) -> bytes:
    """Crash at every input."""
    raise ValueError(data)


def garble(data: bytes) -> bytes:
    """Answer with something other than bytes where there is an x."""
    return None if b"x" in data else plain(data)  # type: ignore[return-value]


def invalid(data: bytes) -> bytes:
    """Answer what the contract does not allow."""
    return b'{"n":"%d"}' % len(data)


def invalid_at_markup(data: bytes) -> bytes:
    """Answer what the contract does not allow where there is markup."""
    return invalid(data) if b"<" in data else plain(data)


def not_ok(data: bytes) -> bytes:
    """Answer off the accept path."""
    return plain(data).replace(b"true", b"false")


def refuse(data: bytes) -> bytes:
    """Decline every input."""
    raise Refusal(repr(data))


def clock(data: bytes) -> bytes:
    """Answer as the contract says, and with something that no two answers have in common."""
    return b'{"t":%d,' % next(_TICKS) + plain(data)[1:]


def clock_and_minus(data: bytes) -> bytes:
    """Do as `clock` does, and miscount where there is a minus."""
    return b'{"t":%d,' % next(_TICKS) + minus(data)[1:]


def deep(data: bytes) -> bytes:
    """Answer with nesting beyond all bounds where there is markup."""
    return b"[" * 5_000 if b"<" in data else plain(data)


def deep_and_closed(data: bytes) -> bytes:
    """Answer with nesting beyond all bounds, and closed, where there is markup."""
    return b"[" * 5_000 + b"]" * 5_000 if b"<" in data else plain(data)


def half_name_1(data: bytes) -> bytes:
    """Answer with half a character for a name where there is markup."""
    return rb'{"\ud800":1}' if b"<" in data else plain(data)


def half_name_2(data: bytes) -> bytes:
    """Do as `half_name_1` does, with another value."""
    return rb'{"\ud800":2}' if b"<" in data else plain(data)


def beside(data: bytes) -> bytes:
    """Answer `ok` wrongly at every input, and miscount where there is a minus."""
    return minus(data).replace(b"true", b"false")


def unsteady(data: bytes) -> bytes:
    """Miscount at every third call, whatever the input."""
    return plain(data + b"?" if next(_TICKS) % 3 == 0 else data)


def minus_by_two(data: bytes) -> bytes:
    """Miscount by two where there is a minus."""
    return plain(data + b"??" if b"-" in data else data)


def markup(data: bytes) -> bytes:
    """Miscount where there is markup."""
    return plain(data + b"?" if b"<" in data else data)


def minus_or_markup(data: bytes) -> bytes:
    """Miscount where there is a minus, and in the same way where there is markup."""
    return plain(data + b"?" if b"-" in data or b"<" in data else data)


def minus_or_x(data: bytes) -> bytes:
    """Miscount where there is a minus, and in the same way where there is an x."""
    return plain(data + b"?" if b"-" in data or b"x" in data else data)


def not_ok_at_markup(data: bytes) -> bytes:
    """Miscount where there is a minus, and answer `ok` wrongly where there is markup."""
    return minus(data).replace(b"true", b"false") if b"<" in data else minus(data)


def not_ok_at_both(data: bytes) -> bytes:
    """Miscount where there is a minus, and answer `ok` wrongly where there is markup too."""
    return not_ok_at_markup(data) if b"-" in data else plain(data)


def refuse_minus(data: bytes) -> bytes:
    """Decline what has a minus."""
    if b"-" in data:
        raise Refusal("a minus")
    return plain(data)


def not_ok_at_abc(data: bytes) -> bytes:
    """Answer `ok` wrongly at one input."""
    return not_ok(data) if data == b"abc" else plain(data)


def no_text_at_minus(data: bytes) -> bytes:
    """Answer with bytes that are no text where there is a minus."""
    return plain(data)[:-1] + b',"t":"\xff\x7f"}' if b"-" in data else plain(data)


def unsteady_minus(data: bytes) -> bytes:
    """Miscount where there is a minus, at every other call."""
    return minus(data) if next(_TICKS) % 2 else plain(data)


def wrong_at_a_minus(data: bytes) -> bytes:
    """Miscount by five at one input."""
    return plain(data + b"?????" if data == b"a-" else data)


def not_ok_at_a_minus(data: bytes) -> bytes:
    """Answer `ok` wrongly at one input."""
    return not_ok(data) if data == b"a-" else plain(data)


def minus_and_not_ok_at_a_minus(data: bytes) -> bytes:
    """Miscount where there is a minus, and answer `ok` wrongly at one input."""
    return minus(data).replace(b"true", b"false") if data == b"a-" else minus(data)
