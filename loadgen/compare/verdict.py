"""What a comparison comes to: the gravest thing that happened decides, and every one has its sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from loadgen.compare import assemble, judge, measures
from loadgen.compare.result import EXIT_CODES, Compared, Comparison, Turn, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from loadgen.compare.baseline import Entry
    from loadgen.compare.plan import Plan

RUNNING = "it still runs, or was killed"
SAME_PROCESS = (
    "resident memory is that of one process through all rounds: its interval says how it spread here, "
    "and not what another start would have taken"
)


class Ended(msgspec.Struct, frozen=True):
    """How a run ended."""

    how: Literal["complete", "interrupted", "unable", "nothing shown"]
    why: str


def of(
    plan: Plan,
    turns: Sequence[Turn],
    ended: Ended | None,
    entries: Mapping[tuple[str, str], Entry],
    said: Sequence[str],
    *,
    commit: str,
    began: datetime,
) -> Comparison:
    """Return the comparison; `ended` is None while it runs."""
    whole = assemble.rounds(turns, plan.names)
    ratios = [one for other in plan.others for one in assemble.compared(whole, plan.against, other)]
    judged = judge.Judged(ratios, [], [], [])
    if plan.tolerance is not None and whole:
        judged = judge.judge(ratios, entries, plan.tolerance)
    unmet = list(_unmet(turns))
    shown = list(_headlines(judged.compared))
    nothing = [*_nothing(judged.compared), *judged.unjudged]
    verdict: Verdict
    if ended is None or ended.how == "interrupted":
        verdict = "interrupted"
    elif ended.how != "complete":
        verdict = ended.how
    elif unmet or judged.slower:
        verdict = "slower" if judged.slower else "failed"
    else:
        verdict = "nothing shown" if nothing else "fine"
    first = [RUNNING if ended is None else ended.why] if ended is None or ended.why else []
    warnings = [*judged.cannot_tell, *_limited(turns), *said]
    if any(measures.kind(one.measure) == measures.RESIDENT and one.ratio is not None for one in ratios):
        warnings.append(SAME_PROCESS)
    return Comparison(
        verdict=verdict,
        exit_code=EXIT_CODES[verdict],
        complete=ended is not None and ended.how == "complete",
        reasons=list(dict.fromkeys([*first, *judged.slower, *unmet, *nothing, *shown])),
        warnings=warnings,
        runtimes=list(plan.names),
        plants=plan.plants,
        conditions=plan.conditions,
        rounds_asked=plan.rounds,
        rounds=len(whole),
        beside=assemble.beside(whole, plan.names),
        ratios=judged.compared,
        turns=list(turns),
        tolerance=plan.tolerance,
        seed=plan.seed,
        commit=commit,
        command=plan.command,
        began=began.isoformat(timespec="seconds").replace("+00:00", "Z"),
    )


def _unmet(turns: Sequence[Turn]) -> Iterator[str]:
    """Yield which turns did not meet the bounds."""
    for one in turns:
        if not one.passed:
            why = "; ".join(one.reasons) or "it does not say why"
            yield f"round {one.round}: {one.runtime} did not meet its bounds: {why}"


def _limited(turns: Sequence[Turn]) -> Iterator[str]:
    """Yield in which turns the generator was the limit."""
    for one in turns:
        if one.limited:
            yield f"round {one.round}: the generator was the limit against {one.runtime}: {one.limited}"


def _headlines(ratios: Sequence[Compared]) -> Iterator[str]:
    """Yield what the rates of all scenarios say."""
    for one in ratios:
        if one.measure != measures.RATE or one.low is None or one.high is None:
            continue
        times = f"{judge.interval(one)} times, in {one.rounds} rounds"
        if one.low > 1 or one.high < 1:
            more = "more" if one.low > 1 else "fewer"
            yield f"{one.runtime} does {more} scenarios a second than {one.against}: {times}"
        else:
            yield f"{one.runtime} and {one.against} cannot be told apart by their scenarios a second: {times}"


def _nothing(ratios: Sequence[Compared]) -> Iterator[str]:
    """Yield which pair was not compared: without the rates of all scenarios, a run has shown nothing of it."""
    for one in ratios:
        if one.measure == measures.RATE and one.status != "compared":
            yield f"{one.runtime} was not compared with {one.against}: {one.why}"
