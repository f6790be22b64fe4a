"""The written form of a sequence of calls (fixtures/contract/sequences.md): pure text; `sequences.py` makes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec

from parity.transports import message

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_LINES = 200
WITH_BODY = message.METHODS - message.WITHOUT_BODY
PAUSES = {b"restart": "restart", b"crash": "crash"}
"""The lines that are no calls: how the service ends before it starts again."""
NOTHING = b"none"
"""What stands for a name of which no answer spoke."""

_NAME = re.compile(rb"\{\{([a-z_]{1,32})\}\}")


class Call(NamedTuple):
    """One call."""

    method: bytes
    target: bytes
    body: bytes | None
    """None for a method that has none."""


Step: TypeAlias = Call | str
"""A call, or the name of a pause."""


def parse(data: bytes) -> tuple[Step, ...] | str:
    """Return the steps of a case; a sentence that says why where it is none."""
    lines = data.split(b"\n")
    if len(lines) > MOST_LINES:
        return f"more than {MOST_LINES} lines"
    steps: list[Step] = []
    for number, line in enumerate(lines, 1):
        if (pause := PAUSES.get(line)) is not None:
            steps.append(pause)
        elif (made := call(line)) is not None:
            steps.append(made)
        else:
            return f"line {number} is no call, restart or crash"
    return tuple(steps)


def call(line: bytes) -> Call | None:
    """Return the call that a line is; None where it is none."""
    method, _, rest = line.partition(b" ")
    target, space, body = rest.partition(b" ")
    if method not in message.METHODS or not message.is_target(target):
        return None
    if method in WITH_BODY:
        return Call(method, target, body)
    return None if space else Call(method, target, None)


def names(steps: tuple[Step, ...]) -> frozenset[str]:
    """Return the members of answers that later calls speak of."""
    bodies = [step.body for step in steps if isinstance(step, Call) and step.body is not None]
    return frozenset(name.decode() for body in bodies for name in _NAME.findall(body))


def fill(body: bytes, known: Mapping[str, str]) -> bytes:
    """Put what answers said in the place of the names."""

    def text(found: re.Match[bytes]) -> bytes:
        value = known.get(found[1].decode())
        return NOTHING if value is None else msgspec.json.encode(value)[1:-1]

    return _NAME.sub(text, body)


def said(body: bytes, wanted: frozenset[str]) -> dict[str, str]:
    """Return those members of an answer's body that are wanted, and texts."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {name: document[name] for name in wanted if isinstance(document.get(name), str)}


def pauses(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Return the pauses of a case, in their order."""
    return tuple(step for step in steps if isinstance(step, str))
