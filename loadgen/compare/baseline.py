"""The baseline: fixtures/load_baseline.toml holds how fast runtimes were against each other, on purpose and with a day.

Ratios and not rates, since a rate says as much about the machine as about the runtime.
"""

from __future__ import annotations

import json
import math
import tomllib
from datetime import date  # noqa: TC003 - msgspec reads it
from typing import TYPE_CHECKING

import msgspec

from loadgen.compare import measures
from loadgen.compare.plan import Conditions
from loadgen.compare.ratios import LEAST_ROUNDS
from parity.errors import FixtureError
from parity.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from loadgen.compare.plan import Plan
    from loadgen.compare.result import Compared

HEAD = """\
# How the measures of one runtime stood to those of another: ratios with their 95 % intervals, each of the conditions
# under which it was taken. `python -m loadgen.compare ... --fail-if-slower 25%` judges by it, and
# `python -m loadgen.compare ... --update-baseline` writes it.
"""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One ratio."""

    measure: str
    runtime: str
    against: str
    ratio: float
    low: float
    high: float
    rounds: int
    commit: str
    day: date
    file: str
    corpus: int
    users: int
    seconds: int

    @property
    def conditions(self) -> Conditions:
        """What was the same in all turns."""
        return Conditions(self.file, self.corpus, self.users, self.seconds)

    @property
    def key(self) -> tuple[str, str, str, Conditions]:
        """What there is one entry for."""
        return self.measure, self.runtime, self.against, self.conditions


class BaselineFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of the file."""

    ratio: tuple[Entry, ...] = ()


def load(file: Path) -> list[Entry]:
    """Read the baseline; nothing where there is no file. Raises FixtureError for what cannot be meant."""
    if not file.exists():
        return []
    try:
        entries = msgspec.convert(tomllib.loads(file.read_bytes().decode()), BaselineFile).ratio
    except OSError as error:
        raise FixtureError(f"{file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise FixtureError(f"{file} is broken: {error}") from None
    seen = set()
    for number, entry in enumerate(entries, 1):
        for problem in problems(entry):
            raise FixtureError(f"{file}: entry {number} ({entry.measure}): {problem}")
        if entry.key in seen:
            raise FixtureError(
                f"{file}: two entries for {entry.measure} of {entry.runtime} against {entry.against}, "
                f"at {entry.conditions}"
            )
        seen.add(entry.key)
    return list(entries)


def problems(entry: Entry) -> Iterator[str]:
    """Yield what is wrong with an entry by itself."""
    if not measures.NAME.fullmatch(entry.measure):
        yield "there is no such measure; known: rate, rate.CLASS, p99_ms.CLASS, resident_mib"
    for name in ("runtime", "against", "commit", "file"):
        if not getattr(entry, name).strip():
            yield f"{name} is empty"
    if entry.runtime == entry.against:
        yield f"it measures {entry.runtime} against itself"
    if not all(math.isfinite(one) and one > 0 for one in (entry.ratio, entry.low, entry.high)):
        yield "ratio, low and high have to be above 0"
    elif not entry.low <= entry.ratio <= entry.high:
        yield f"its ratio {entry.ratio} does not lie between low {entry.low} and high {entry.high}"
    if entry.rounds < LEAST_ROUNDS:
        yield f"it is of {entry.rounds} rounds, and an interval takes at least {LEAST_ROUNDS}"
    for name in ("corpus", "users", "seconds"):
        if getattr(entry, name) < 1:
            yield f"{name} is {getattr(entry, name)}, and has to be at least 1"


def applicable(entries: Sequence[Entry], plan: Plan) -> tuple[dict[tuple[str, str], Entry], list[str]]:
    """Return the entries for a plan's pairs and conditions, by runtime and measure, and what is said of others."""
    of_pairs = [one for one in entries if one.against == plan.against and one.runtime in plan.others]
    counting = {(one.runtime, one.measure): one for one in of_pairs if one.conditions == plan.conditions}
    elsewhere = dict.fromkeys(str(one.conditions) for one in of_pairs if one.conditions != plan.conditions)
    said = []
    if elsewhere:
        number = len(of_pairs) - len(counting)
        entries_are = "1 entry of the baseline is" if number == 1 else f"{number} entries of the baseline are"
        said.append(f"{entries_are} of other conditions, and not compared: {'; '.join(elsewhere)}")
    return counting, said


def missing(counting: dict[tuple[str, str], Entry], plan: Plan) -> str | None:
    """Return that a pair has no baseline under these conditions, with the remedy; None where every pair has one."""
    lacking = [name for name in plan.others if not any(runtime == name for runtime, _ in counting)]
    if not lacking:
        return None
    return (
        f"there is no baseline of {' and '.join(lacking)} against {plan.against} at {plan.conditions} in "
        f"{plan.baseline.name}; the same command with --update-baseline in the place of --fail-if-slower makes one"
    )


def update(file: Path, compared: Sequence[Compared], plan: Plan, *, commit: str, day: date) -> int:
    """Put the compared ratios in the place of those of the same pairs and conditions; return how many were written."""
    written = [
        Entry(
            measure=one.measure,
            runtime=one.runtime,
            against=one.against,
            ratio=_rounded(one.ratio),
            low=_rounded(one.low),
            high=_rounded(one.high),
            rounds=one.rounds,
            commit=commit,
            day=day,
            **msgspec.structs.asdict(plan.conditions),
        )
        for one in compared
        if one.ratio is not None and one.low is not None and one.high is not None
    ]
    pairs = {(one.runtime, one.against) for one in written}
    kept = [one for one in load(file) if (one.runtime, one.against) not in pairs or one.conditions != plan.conditions]
    write_atomically(file, "\n".join([HEAD, *map(_toml, [*kept, *written])]).encode())
    return len(written)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _toml(entry: Entry) -> str:
    lines = ["[[ratio]]"]
    for name, value in msgspec.structs.asdict(entry).items():
        text = isinstance(value, str)
        # JSON's escapes are TOML's, but for one character that JSON leaves as it is.
        shown = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f") if text else str(value)
        lines.append(f"{name} = {shown}")
    return "\n".join(lines) + "\n"
