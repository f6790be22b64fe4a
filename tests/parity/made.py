"""Short ways to write down what the tests feed to the harness."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from parity.config import Settings
from parity.model import (
    Bytes,
    Case,
    Divergence,
    Fault,
    Finding,
    Kind,
    Known,
    Observation,
    Origin,
    RuntimeState,
    Signature,
    Verdict,
)
from parity.pipeline import PHASES
from parity.runtime_config import RuntimeConfig
from parity.tally import Tally

if TYPE_CHECKING:
    from pathlib import Path

    from parity.model import Partition

TWO: Partition = (("go",), ("python",))


def answered(output: bytes | str, *, rules: tuple[str, ...] = ()) -> Observation:
    """Return the observation of an answer."""
    return Observation(Kind.ANSWERED, output.encode() if isinstance(output, str) else output, rules)


def answers(**outputs: bytes | str) -> dict[str, Observation]:
    """Return the observations of a case that every runtime answered."""
    return {name: answered(output) for name, output in outputs.items()}


def settings(root: Path, *runtimes: str, **changes: object) -> Settings:
    """Return settings of which only the runtimes and the folders matter."""
    values: dict[str, object] = {
        "root": root,
        "runtimes": {name: RuntimeConfig(callables={"s": "m:f"}) for name in runtimes},
        "require": (),
        "cases": None,
        "seconds": None,
        "seed": 1,
        "plants": {},
        "report": root / "reports",
        "probes": (),
        "fixtures": root / "fixtures",
        "state": root / "state",
        "deadline": 1.0,
    }
    return Settings(**(values | changes))  # type: ignore[arg-type]


def known(**changes: Any) -> Known:  # noqa: ANN401
    """Return an entry of known.toml: on surface `s` python counts a minus twice, and go does not."""
    entry = Known(
        surface="s",
        signature="s /n minus go | python",
        runtimes=("go", "python"),
        reason="nobody writes a minus",
        issue="#7",
        owner="ada",
        expires=date(2999, 12, 31),
        at_most=0.5,
        input=Bytes(text="-"),
        shows={"go": "1", "python": "2"},
    )
    return msgspec.structs.replace(entry, **changes)


def finding(
    case: bytes = b"{}",
    partition: Partition = TWO,
    outputs: dict[str, bytes] | None = None,
    *,
    drift_class: str = "unknown",
    path: str = "",
    others: tuple[str, ...] = (),
) -> Finding:
    """Return a finding of surface `s`."""
    outputs = outputs or {name: b"%d" % at for at, group in enumerate(partition) for name in group}
    rendered: dict[str, str | None] = {name: output.decode("utf-8", "replace") for name, output in outputs.items()}
    return Finding(
        Signature("s", "", drift_class, partition),
        Divergence(path, "", "text", partition, rendered),
        Case(case, Origin.SWEPT),
        {name: answered(output) for name, output in outputs.items()},
        Origin.SWEPT,
        minimal=True,
        others=others,
    )


def tally(
    *runtimes: str,
    surface: str = "s",
    cases: int = 10,
    findings: tuple[Finding, ...] = (),
    faults: tuple[Fault, ...] = (),
    notes: tuple[str, ...] = (),
    listed: tuple[Finding, ...] = (),
) -> Tally:
    """Return the tally of a surface on which `cases` were swept; those of the findings that are `listed` are known."""
    findings = (*findings, *listed)
    made = Tally(surface, "helper", runtimes, {"only-rule": cases})
    made.cases[Origin.SWEPT] = cases
    made.verdicts[Verdict.AGREE] = cases - len(findings)
    made.verdicts[Verdict.DIVERGE] = len(findings)
    for name in runtimes:
        made.answered[name] = made.accepted[name] = cases
    for one in findings:
        made.findings[one.signature] = one
        made.hits[one.signature] = 1
    for one in listed:
        made.known[one.signature] = known(signature=str(one.signature))
    made.known_cases = len(listed)
    made.faults += faults
    made.notes += notes
    made.phases += PHASES
    for fault in faults:
        made.faulted[fault.runtime] += 1
    return made


def ready(*names: str) -> dict[str, RuntimeState]:
    """Return the states of runtimes that take part; the first one is the reference."""
    return {name: RuntimeState(name, "ready", at == 0, "1.0", "abc", surfaces=("s",)) for at, name in enumerate(names)}
