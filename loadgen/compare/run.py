"""The run: all runtimes up, a warm-up each, the rounds by turns, and a report after each, so that nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from loadgen.compare import assemble, baseline, report, verdict
from loadgen.compare.progress import tell
from loadgen.compare.turns import TurnError, VacuousTurnError
from parity.errors import EnvironmentFailure, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from loadgen.compare.baseline import Entry
    from loadgen.compare.plan import Plan
    from loadgen.compare.result import Comparison, Turn
    from loadgen.compare.turns import Bench, Opener

WARM_UP = 0
"""The round that does not count: caches are filled, connections opened, and code compiled in it."""


class Course:
    """What a run has come to so far."""

    def __init__(self, plan: Plan, entries: dict[tuple[str, str], Entry], said: list[str]) -> None:
        """Take the plan, the baseline's entries for it, and what there is to say of the others."""
        self.plan = plan
        self.entries = entries
        self.said = said
        self.turns: list[Turn] = []
        self.ready = False
        """Whether every runtime was up; before that there is nothing to report."""
        self._commit = _commit(plan.root)
        self._began = datetime.now(UTC)

    def write(self, ended: verdict.Ended | None) -> Comparison:
        """Write the report of what there is, and return it."""
        result = verdict.of(
            self.plan, self.turns, ended, self.entries, self.said, commit=self._commit, began=self._began
        )
        report.write(result, self.plan.report)
        return result

    def update(self, result: Comparison) -> None:
        """Write the baseline from a run that may be one."""
        if result.exit_code != 0:
            tell(f"{self.plan.baseline.name} stays as it is, since the run was not fine")
            return
        day = self._began.date()
        count = baseline.update(self.plan.baseline, result.ratios, self.plan, commit=self._commit, day=day)
        left_out = [one for one in result.ratios if one.low is None]
        tell(f"{count} ratios written to {self.plan.baseline}")
        for one in left_out:
            tell(f"{one.measure} of {one.runtime} was left out: {one.why}")


def run(plan: Plan, opener: Opener) -> int:
    """Compare the runtimes, and return the exit code. Raises ParityError where nothing could begin."""
    entries: dict[tuple[str, str], Entry] = {}
    said: list[str] = []
    if plan.tolerance is not None:
        entries, said = baseline.applicable(baseline.load(plan.baseline), plan)
        if (sentence := baseline.missing(entries, plan)) is not None:
            for line in (*said, sentence):
                tell(line)
            return 5
    elif plan.update:
        baseline.load(plan.baseline)  # a broken one is said now, and not after the last round
    course = Course(plan, entries, said)
    ended = _measure(course, opener)
    if not course.ready:
        tell("interrupted before anything was measured")
        return 130
    result = course.write(ended or verdict.Ended("complete", ""))
    for line in report.closing(result):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    if plan.update:
        course.update(result)
    tell(f"{result.verdict}{'' if result.complete else ' (incomplete)'}; report in {plan.report}")
    return result.exit_code


def _measure(course: Course, opener: Opener) -> verdict.Ended | None:
    """Take the turns; return what ended them early, if anything did."""
    try:
        bench = opener(course.plan)
        try:
            _take_turns(course, bench)
        finally:
            bench.close()
    except KeyboardInterrupt:
        return verdict.Ended("interrupted", "interrupted")
    except VacuousTurnError as error:
        return verdict.Ended("nothing shown", str(error))
    except TurnError as error:
        return verdict.Ended("unable", str(error))
    except EnvironmentFailure as error:
        if not course.ready:
            raise
        return verdict.Ended("unable", str(error))
    return None


def _take_turns(course: Course, bench: Bench) -> None:
    plan = course.plan
    for name in plan.names:
        tell(f"starting {name}{_planted(plan, name)}")
        bench.start(name)
    course.ready = True
    course.write(None)
    for number in range(plan.rounds + 1):
        where = "warm-up" if number == WARM_UP else f"round {number} of {plan.rounds}"
        for name in plan.order(number):
            taken = _turn(course, bench, number, name, where)
            tell(f"{where}: {_progress(taken)}")
            if number != WARM_UP:
                course.turns.append(taken)
        course.write(None)


def _turn(course: Course, bench: Bench, number: int, name: str, where: str) -> Turn:
    label = f"{where.replace(' ', '-')}-{name.replace('/', '_')}"
    seed = course.plan.seed_of(number)
    try:
        summary = bench.turn(name, label, seed)
    except TurnError as error:
        raise type(error)(f"{where}: {name} failed: {error}") from None
    except UsageError as error:
        raise UsageError(f"{where}: {name}: {error}") from None
    return assemble.turn(number, name, seed, summary)


def _progress(taken: Turn) -> str:
    rate = taken.values["rate"] or 0.0
    parts = [f"{taken.runtime} {rate:,.0f}/s"]
    if taken.failures:
        parts.append(f"{taken.failures:,} of {taken.count:,} failed")
    if taken.limited:
        parts.append("the generator was the limit")
    if not taken.passed:
        parts.append(f"bounds not met: {'; '.join(taken.reasons)}")
    return ", ".join(parts)


def _planted(plan: Plan, name: str) -> str:
    return f" with {plan.plants[name]} planted" if name in plan.plants else ""


def _commit(root: Path) -> str:
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607 - the user's own git
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()
