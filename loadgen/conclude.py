"""From what was counted to the summary: judged, and put beside how it was run."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, NamedTuple

from loadgen import judge
from loadgen.ledger import Entry
from loadgen.meter import assess
from loadgen.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from loadgen.ledger import Ledger
    from loadgen.options import Options
    from loadgen.pace import Account
    from loadgen.summary import Capacity, Class, Daemon, Generator, Parity, Reading

LATE_SHARE = 0.01
"""Of the arrivals: so many may begin late without a word."""


class Facts(NamedTuple):
    """All that is known of a run when it has ended."""

    file: str
    scenarios: Sequence[str]
    turns: dict[str, float]
    """How long each side had its turn; empty where there were no turns."""
    options: Options
    users: int
    target: str
    commit: str
    began: datetime
    seconds: float
    book: Ledger
    account: Account
    cpus: dict[str, float]
    """Of each process of the generator, the share of a core that it was busy."""
    daemons: list[Daemon]
    readings: list[Reading]
    parity: Parity | None
    capacity: Capacity | None
    interrupted: str
    lost: Sequence[str]


def conclude(facts: Facts) -> Summary:
    """Return what a run came to."""
    book, options = facts.book, facts.options
    entries = {name: book.scenarios.get(name) or Entry() for name in facts.scenarios}
    whole = Entry()
    for entry in entries.values():
        whole.merge(entry)
    is_open = options.arrivals is not None
    judged = judge.judge(
        judge.Measured(
            entries,
            facts.turns,
            facts.account.asked if is_open else None,
            facts.daemons,
            facts.readings,
            options.shape == "soak",
            facts.parity,
            facts.capacity,
            bool(options.runtime),
            facts.interrupted,
            facts.lost,
        ),
        options.bounds,
    )
    generator = assess(facts.cpus, book.lag, whole.percentile(99))
    return Summary(
        verdict=judged.verdict,
        exit_code=judged.exit_code,
        reasons=judged.reasons,
        warnings=list(_warnings(facts, generator, whole)),
        notes=list(_notes(judged.scenarios)) if facts.turns else [],
        file=facts.file,
        target=facts.target,
        plant=options.plant,
        corpus=options.corpus,
        mode="open" if is_open else "closed",
        shape=options.shape,
        users=facts.users,
        arrivals=options.arrivals,
        seconds=round(facts.seconds, 3),
        asked_seconds=options.seconds,
        processes=len(facts.cpus),
        scenarios=judged.scenarios,
        calls=[
            entry.described(name, seconds=facts.turns.get(name.partition(":")[0]))
            for name, entry in sorted(book.calls.items())
        ],
        rate=(whole.count - whole.failures) / facts.seconds if facts.seconds else 0.0,
        failure_share=whole.failures / whole.count if whole.count else 0.0,
        bounds=judged.bounds,
        daemons=facts.daemons,
        readings=facts.readings,
        timeline=list(book.timeline(facts.seconds, facts.account.by_second)),
        statuses=dict(sorted(book.statuses.items())),
        generator=generator,
        parity=facts.parity,
        capacity=facts.capacity,
        seed=options.seed,
        commit=facts.commit,
        command=shlex.join(["locust", *sys.argv[1:]]),
        began=facts.began.isoformat(timespec="seconds").replace("+00:00", "Z"),
    )


def _notes(sides: Sequence[Class]) -> Iterator[str]:
    """Say how the first side compares with the second one; rates say something only at equal shares of failures."""
    if len(sides) != 2 or not all(one.count and one.seconds for one in sides):
        return
    first, second = sides
    if first.failures * second.count != second.failures * first.count:
        yield f"{first.name} and {second.name} failed in unequal shares, so their rates are not compared"
        return
    one, other = ((side.count - side.failures) / (side.seconds or 1.0) for side in sides)
    if other:
        yield f"{first.name} {one:,.0f} answers a second, {second.name} {other:,.0f}: {one / other - 1:+.0%}, by turns"


def _warnings(facts: Facts, generator: Generator, whole: Entry) -> Iterator[str]:
    if generator.limited:
        yield f"the generator, and not the server, was the limit: {generator.why}"
    late = facts.book.late
    if facts.capacity is None and late > whole.count * LATE_SHARE:
        yield (
            f"{late:,} of {whole.count:,} arrivals found no free user and began late, which their latency shows; "
            "more --users would not have to wait for each other"
        )
    if facts.parity is not None and facts.parity.compared:
        if facts.parity.why:
            yield f"not every sampled answer was compared: {facts.parity.why}"
        if facts.parity.dropped:
            yield f"{facts.parity.dropped:,} of {facts.parity.sampled:,} samples were not compared: too many came"
    if not facts.options.runtime:
        yield "of a --host there is no footprint and no log: memory, restarts and panics were not judged"
