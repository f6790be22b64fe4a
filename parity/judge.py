"""Judge one case: what the observations and their divergences come to, and whether the answers mean anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from parity.model import Kind, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from parity.model import Divergence, Observation

_decode = msgspec.json.Decoder().decode


class Worth(NamedTuple):
    """What an output is worth: whether it fits the contract's schema, and whether it took the accept path."""

    valid: bool
    accepted: bool


def worth(output: bytes, is_valid: Callable[[Any], bool], accepted: Callable[[Any], bool]) -> Worth:
    """Read an output for the guards that equality cannot give: two sides that fail alike are not a match."""
    try:
        value = _decode(output)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Worth(valid=False, accepted=False)
    if not is_valid(value):
        return Worth(valid=False, accepted=False)
    return Worth(valid=True, accepted=accepted(value))


def judge(
    observations: Mapping[str, Observation], divergences: Sequence[Divergence], worths: Mapping[str, Worth]
) -> Verdict:
    """Return the verdict of one case; the worst that applies."""
    if divergences:
        return Verdict.DIVERGE
    if any(observation.kind.is_fault for observation in observations.values()):
        return Verdict.FAULT
    if any(observation.kind is Kind.REFUSED for observation in observations.values()):
        return Verdict.VACUOUS
    if len(observations) < 2 or not all(one.valid for one in worths.values()):
        return Verdict.VACUOUS
    return Verdict.AGREE
