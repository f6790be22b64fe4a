"""Take out of an output what does not matter, and count how often that happened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from parity import lossless
from parity.errors import UsageError
from parity.model import Kind, Normaliser

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence

    from parity.model import Observation


def normalise(
    observations: dict[str, Observation], normalisers: Sequence[Normaliser], fired: Counter[str]
) -> dict[str, Observation]:
    """Return the observations with every normaliser applied to every output, in the order of declaration.

    Call it for outputs that differ: a normaliser that only ever changes equal outputs hides nothing, and `fired`, the
    count by name, must not say that it does.
    """
    for normaliser in normalisers:
        changed = {}
        for runtime, observation in observations.items():
            if observation.kind is Kind.ANSWERED:
                output = normaliser.apply(observation.output)
                if output != observation.output:
                    changed[runtime] = msgspec.structs.replace(observation, output=output)
        if changed:
            fired[normaliser.name] += 1
            observations = observations | changed
    return observations


def drop(pointer: str, reason: str) -> Normaliser:
    """Return a normaliser that takes one member out of a JSON output. `pointer` names it, for example `/timestamp`.

    Every byte stays beside the member, one comma, and the white space around that. An output that is not JSON, or has
    no such member, stays as it is.
    Raises UsageError for a pointer that names no member.
    """
    names = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    if not pointer.startswith("/"):
        raise UsageError(
            f"{pointer!r} is not the pointer of a member; write for example drop('/timestamp', reason=...)"
        )

    def apply(output: bytes) -> bytes:
        try:
            spans = list(_spans(lossless.read(output), names))
        except lossless.NotJSONError:
            return output
        text = output.decode()
        for start, end in reversed(spans):
            text = _cut(text, start, end)
        return text.encode()

    return Normaliser(f"drop {pointer}", reason, apply)


def _spans(node: lossless.Node, names: list[str]) -> Iterator[tuple[int, int]]:
    """Yield where each member of that path stands, duplicates among them."""
    if isinstance(node, lossless.Object):
        for member in node.members:
            if member.name == names[0]:
                if len(names) == 1:
                    yield member.start, member.end
                else:
                    yield from _spans(member.value, names[1:])


def _cut(text: str, start: int, end: int) -> str:
    """Take out a member, with the comma behind it or else the one before it."""
    if (behind := _COMMA_BEHIND.match(text, end)) is not None:
        return text[:start] + text[behind.end() :]
    before = _COMMA_BEFORE.search(text, 0, start)
    return text[: before.start() if before is not None else start] + text[end:]


_COMMA_BEHIND = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")
_COMMA_BEFORE = re.compile(r",[ \t\n\r]*$")
