"""Take out of an output what does not matter, and count how often that happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from parity import lossless
from parity.model import Kind, Normaliser

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

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

    An output that is not JSON, or has no such member, stays as it is.
    """
    names = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]

    def apply(output: bytes) -> bytes:
        try:
            tree = lossless.read(output)
        except lossless.NotJSONError:
            return output
        without = _without(tree, names)
        return output if without == tree else lossless.text(without).encode()

    return Normaliser(f"drop {pointer}", reason, apply)


def _without(node: lossless.Node, names: list[str]) -> lossless.Node:
    if not isinstance(node, lossless.Object):
        return node
    kept = []
    for member in node.members:
        if member.name != names[0]:
            kept.append(member)
        elif len(names) > 1:
            kept.append(lossless.Member(member.token, member.name, _without(member.value, names[1:])))
    return lossless.Object(tuple(kept))
