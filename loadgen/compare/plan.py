"""What a comparison is to do: the options, checked, and the order of the turns."""

from __future__ import annotations

from pathlib import Path

import msgspec

from loadgen.compare.ratios import LEAST_ROUNDS
from parity import config
from parity.errors import UsageError, unknown

FILES = ("multitier",)
"""The loads that any runtime takes; `cutover` compares a front end with what is behind it, by itself."""
REPORT = "reports/load"
PLANTED_REPORT = "reports/planted/load"
MOST_ROUNDS = 999
"""The seed of a turn has three digits for its round."""


class Conditions(msgspec.Struct, frozen=True):
    """What has to be the same for ratios of two runs to be comparable."""

    file: str
    corpus: int
    users: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.file}, {self.corpus:,} workers, {self.users} users, {self.seconds} s a turn"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison, every option checked."""

    root: Path
    state: Path
    names: tuple[str, ...]
    """The runtimes; the first is what the others are measured against."""
    conditions: Conditions
    rounds: int
    seed: int
    report: Path
    baseline: Path
    tolerance: float | None
    """By what share a runtime may have become slower; None where that is not judged."""
    update: bool
    plants: dict[str, str]
    command: str

    @property
    def against(self) -> str:
        """The runtime that the others are measured against."""
        return self.names[0]

    @property
    def others(self) -> tuple[str, ...]:
        """The runtimes that are measured against the first."""
        return self.names[1:]

    def order(self, number: int) -> tuple[str, ...]:
        """Return the order within a round: it rotates, so that none is always first."""
        start = number % len(self.names)
        return self.names[start:] + self.names[:start]

    def seed_of(self, number: int) -> int:
        """Return the seed of a round: the same load for all runtimes in it, and another one in the next."""
        return self.seed * (MOST_ROUNDS + 1) + number


def make(
    *,
    start: Path,
    names: tuple[str, ...],
    conditions: Conditions,
    rounds: int,
    seed: int,
    report: str | None,
    baseline: str | None,
    tolerance: float | None,
    update: bool,
    plants: tuple[str, ...],
    command: str,
) -> Plan:
    """Check what was asked for. Raises UsageError with one sentence."""
    root = config.find_root(start)
    declared = config.read(root / config.CONFIG)
    if len(names) < 2:
        raise UsageError("name at least two runtimes, such as: go rust; the others are measured against the first")
    for name in names:
        if name.partition("@")[0] not in declared.runtimes:  # go@v1 is go as it was at that revision
            raise unknown("runtime", name, declared.runtimes, config.CONFIG)
        if names.count(name) > 1:
            raise UsageError(f"{name} is named twice; each runtime has one turn in a round")
    if rounds < LEAST_ROUNDS and (update or tolerance is not None):
        option = "--update-baseline" if update else "--fail-if-slower"
        raise UsageError(f"{option} takes at least {LEAST_ROUNDS} rounds, since fewer give no interval; not {rounds}")
    if update and tolerance is not None:
        raise UsageError("--update-baseline writes what --fail-if-slower judges by; give one of them")
    if update and plants:
        raise UsageError("--update-baseline does not go with --plant; a planted bug is no baseline")
    return Plan(
        root=root,
        state=root / declared.parity.state,
        names=names,
        conditions=conditions,
        rounds=rounds,
        seed=seed,
        report=_report(root, report, planted=bool(plants)),
        baseline=_given(baseline, "--baseline") or root / declared.parity.fixtures / "load_baseline.toml",
        tolerance=tolerance,
        update=update,
        plants=_plants(plants, names),
        command=command,
    )


def _plants(given: tuple[str, ...], names: tuple[str, ...]) -> dict[str, str]:
    plants: dict[str, str] = {}
    for item in given:
        runtime, equals, plant = item.partition("=")
        if not (equals and runtime and plant):
            raise UsageError(f"--plant takes runtime=name, for example go=naive-hnsw, not {item!r}")
        if runtime not in names:
            raise unknown("runtime", runtime, names, f"--plant {item}")
        if runtime in plants:
            raise UsageError(f"--plant names {runtime!r} twice; a runtime takes one planted bug at a time")
        plants[runtime] = plant
    return plants


def _report(root: Path, given: str | None, *, planted: bool) -> Path:
    committed = (root / REPORT).resolve()
    chosen = _given(given, "--report") or (root / PLANTED_REPORT if planted else committed)
    if planted and chosen.is_relative_to(committed):
        raise UsageError(f"a planted run does not write to {REPORT}, which is committed; give another --report")
    for folder in (chosen, *chosen.parents):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"--report wants a folder, and {folder} is a file")
    return chosen


def _given(path: str | None, option: str) -> Path | None:
    """Return a path as a user means it: from where the command was given."""
    if path is None:
        return None
    if not path.strip():
        raise UsageError(f"{option} wants a path")
    return Path(path).resolve()
