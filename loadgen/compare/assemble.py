"""From turns to ratios, pure: which rounds count, and what must not be compared."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from loadgen.compare import measures, ratios
from loadgen.compare.result import Compared, Row, Spread, Turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.summary import Summary


def turn(number: int, runtime: str, seed: int, summary: Summary) -> Turn:
    """Return what is kept of a turn."""
    generator = summary.generator
    reasons = [] if summary.verdict == "passed" else list(summary.reasons)
    for daemon in summary.daemons:
        if daemon.restarts or daemon.panics:  # no bound knows of them where locust was given a URL
            times = f"{_times(daemon.restarts, 'restart')} and {_times(daemon.panics, 'panic')}"
            reasons.append(f"{times} of {daemon.name}")
    return Turn(
        round=number,
        runtime=runtime,
        seed=seed,
        passed=summary.verdict == "passed" and not reasons,
        reasons=reasons,
        limited=(generator.why or "it did not keep up") if generator.limited else "",
        failures=sum(one.failures for one in summary.scenarios),
        count=sum(one.count for one in summary.scenarios),
        values=measures.values(summary),
        counts=measures.counts(summary),
    )


def rounds(turns: Sequence[Turn], names: Sequence[str]) -> list[dict[str, Turn]]:
    """Return the rounds in which every runtime had its turn. A half of a pair says nothing, and is not counted."""
    by_round: dict[int, dict[str, Turn]] = {}
    for one in turns:
        by_round.setdefault(one.round, {})[one.runtime] = one
    return [sides for _, sides in sorted(by_round.items()) if set(sides) == set(names)]


def names_of_measures(turns: Sequence[Turn]) -> list[str]:
    """Return every measure that a turn has, in the order of the first that has it."""
    return list(dict.fromkeys(name for one in turns for name in one.values))


def beside(whole: Sequence[dict[str, Turn]], names: Sequence[str]) -> list[Row]:
    """Return the measures of the runtimes beside each other."""
    rows = []
    for measure in names_of_measures([one for sides in whole for one in sides.values()]):
        seen = {
            name: [value for sides in whole if (value := sides[name].values.get(measure)) is not None] for name in names
        }
        rows.append(Row(measure, {name: _spread(found) for name, found in seen.items()}))
    return rows


def _spread(found: Sequence[float]) -> Spread | None:
    return Spread(median(found), min(found), max(found)) if found else None


def compared(whole: Sequence[dict[str, Turn]], against: str, other: str) -> list[Compared]:
    """Return the ratio of each measure of `other` to that of `against`, or why there is none."""
    pairs = [(sides[against], sides[other]) for sides in whole]
    found = []
    for measure in names_of_measures([one for pair in pairs for one in pair]):
        if why := _not_comparable(measure, pairs):
            found.append(
                Compared(measure=measure, runtime=other, against=against, status="not compared", why=why),
            )
            continue
        seen = ratios.paired(*([one.values[measure] or 0.0 for one in side] for side in zip(*pairs, strict=True)))
        too_few = seen.low is None
        found.append(
            Compared(
                measure=measure,
                runtime=other,
                against=against,
                status="no interval" if too_few else "compared",
                why=f"{_times(seen.rounds, 'round')}; an interval takes at least {ratios.LEAST_ROUNDS}"
                if too_few
                else "",
                ratio=seen.ratio,
                low=seen.low,
                high=seen.high,
                rounds=seen.rounds,
                spread=seen.spread,
            )
        )
    return found


def _not_comparable(measure: str, pairs: Sequence[tuple[Turn, Turn]]) -> str:
    """Return why a measure of two runtimes must not be compared; nothing where it may be."""
    # The rate of one scenario follows from how long all of them take, so all of them have to fail alike.
    for scenario in dict.fromkeys((None, measures.scenario(measure))):
        if why := _failing_otherwise(scenario, pairs):
            return why
    for side in zip(*pairs, strict=True):
        lacking = [str(one.round) for one in side if not (one.values.get(measure) or 0) > 0]
        if lacking:
            return f"{side[0].runtime} has none in round {', '.join(lacking)}"
    if measures.of_speed(measure) and (limited := _limited(pairs)):
        return f"the generator was the limit ({limited}), so its speed was measured and not theirs"
    return ""


def _limited(pairs: Sequence[tuple[Turn, Turn]]) -> str:
    """Return in how many turns of which runtime the generator was the limit.

    Leaving those out would leave the slow turns of the fast runtime, so no turn of such a pair is taken.
    """
    seen = {side[0].runtime: sum(bool(one.limited) for one in side) for side in zip(*pairs, strict=True)}
    return ", ".join(f"{_times(count, 'turn')} of {name}" for name, count in seen.items() if count)


def _failing_otherwise(scenario: str | None, pairs: Sequence[tuple[Turn, Turn]]) -> str:
    """Return how two failure shares differ beyond chance, over all rounds; nothing where they do not."""
    shares = {}
    for side in zip(*pairs, strict=True):
        each = [(one.failures, one.count) if scenario is None else one.counts.get(scenario, (0, 0)) for one in side]
        shares[side[0].runtime] = (sum(failures for failures, _ in each), sum(count for _, count in each))
    one, other = shares.values()
    if not ratios.failures_differ(one, other):
        return ""
    said = [f"{name} {bad / max(count, 1):.2%} ({bad:,} of {count:,})" for name, (bad, count) in shares.items()]
    return f"failure shares{f' of {scenario}' if scenario else ''} differ: {', '.join(said)}"


def _times(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
