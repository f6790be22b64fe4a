"""Whether a runtime became slower than the baseline: yes with confidence, no with confidence, or it cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from loadgen.compare import measures, ratios

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loadgen.compare.baseline import Entry
    from loadgen.compare.result import Compared


class Judged(msgspec.Struct, frozen=True):
    """The ratios with their judgements, and the sentences that follow from them."""

    compared: list[Compared]
    slower: list[str]
    cannot_tell: list[str]
    unjudged: list[str]
    """What should have been judged and was not: never green."""


def judge(found: Sequence[Compared], entries: Mapping[tuple[str, str], Entry], tolerance: float) -> Judged:
    """Judge each ratio by its entry."""
    judged = Judged([], [], [], [])
    for one in found:
        entry = entries.get((one.runtime, one.measure))
        result = one if entry is None else _judged(one, entry, tolerance)
        judged.compared.append(result)
        if not measures.of_speed(one.measure):
            continue
        what = f"{one.measure} of {one.runtime} against {one.against}"
        if result.judgement is None:
            why = one.why if entry is not None else "the baseline has no such entry; --update-baseline writes all"
            judged.unjudged.append(f"{what} was not judged: {why}")
        elif result.judgement == "slower" and entry is not None:
            beyond = "below" if measures.more_is_better(one.measure) else "above"
            judged.slower.append(
                f"{one.runtime} became slower: {what} is {interval(result)}; the baseline is {entry.ratio:.4g} "
                f"(of {entry.day}, {entry.commit}), and {100 * tolerance:.3g} % {beyond} that is {result.limit:.4g}"
            )
        elif result.judgement == "cannot tell":
            judged.cannot_tell.append(
                f"cannot tell: {what} is {interval(result)}, on both sides of the limit "
                f"{result.limit:.4g}; {remedy(result.more_rounds)}"
            )
    have = {(one.runtime, one.measure) for one in found}
    for runtime, measure in entries:
        if (runtime, measure) not in have:
            judged.unjudged.append(
                f"{measure} of {runtime} was not judged: the baseline has it, and this run does not; "
                "--update-baseline takes it out"
            )
    return judged


def _judged(one: Compared, entry: Entry, tolerance: float) -> Compared:
    """Return a ratio with its judgement; memory only gets the baseline beside it."""
    one = msgspec.structs.replace(one, baseline=entry.ratio)
    if not measures.of_speed(one.measure) or one.ratio is None or one.low is None or one.high is None:
        return one
    more = measures.more_is_better(one.measure)
    limit = entry.ratio * (1 - tolerance if more else 1 + tolerance)
    slower = one.high < limit if more else one.low > limit
    holds = one.low >= limit if more else one.high <= limit
    if slower or holds:
        return msgspec.structs.replace(one, limit=limit, judgement="slower" if slower else "holds")
    seen = ratios.Ratio(one.ratio, one.low, one.high, one.rounds, one.spread)
    return msgspec.structs.replace(
        one, limit=limit, judgement="cannot tell", more_rounds=ratios.more_rounds(seen, limit)
    )


def interval(one: Compared) -> str:
    """Return a ratio with its interval."""
    if one.ratio is None:
        return "not compared"
    if one.low is None or one.high is None:
        return f"{one.ratio:.3g} (no interval)"
    return f"{one.ratio:.3g} ({one.low:.3g} to {one.high:.3g})"


def remedy(more: int | None) -> str:
    """Return what would help where it cannot be told."""
    if more is None:
        return "it lies so near that more rounds would hardly tell"
    return f"about {more} more round{'' if more == 1 else 's'} would probably tell"
