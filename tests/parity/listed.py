"""Projects in which divergences are known: what the tests of the list share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parity import gate, known
from parity.model import Signature, Verdict
from parity.report.summary import SummaryFile
from tests.parity import made
from tests.parity.projects import consistent, project

if TYPE_CHECKING:
    from pathlib import Path

    from parity.config import Settings
    from parity.model import Known
    from parity.summary import SurfaceEntry
    from parity.tally import Tally

RUNTIMES = ("go", "python", "rust")
SOUND = """\
[[known]]
surface = "s"
signature = "s /n minus go | python"
runtimes = ["go", "python"]
reason = "nobody writes a minus"
issue = "#7"
owner = "ada"
expires = 2999-12-31
at_most = 0.5
input = { text = "-" }
[known.shows]
go = "1"
python = "2"
"""
PAIR = {"go": "plain", "python": "minus"}
TRIO = {"go": "plain", "python": "minus", "rust": "plain"}
ENTRY = made.known()
OF_THREE = made.known(
    signature="s /n minus go+rust | python",
    runtimes=("go", "python", "rust"),
    shows={"go": "1", "python": "2", "rust": "1"},
)


def contract_of_s(fixtures: Path) -> Path:
    """Write as much of a contract for `s` as makes it a surface."""
    (fixtures / "contract").mkdir()
    (fixtures / "contract" / "s.rules.toml").touch()
    return fixtures


def listed(root: Path, runtimes: dict[str, str], /, *entries: Known, **given: Any) -> Settings:  # noqa: ANN401
    """Write a project and what is known there; return its settings."""
    settings = project(root, runtimes, **given)
    (settings.fixtures / known.FILE).unlink(missing_ok=True)
    for entry in entries:
        known.add(entry, settings.fixtures)
    return settings


def seen(settings: Settings, tally: Tally) -> SurfaceEntry:
    """Return the surface as the summary has it."""
    return SummaryFile(settings, "r", "c").update(made.ready(*settings.runtimes), tally).surfaces[0]


def new(settings: Settings, tally: Tally) -> set[tuple[str, str]]:
    """Return place and cause of what the gate does not let through."""
    found = [Signature.parse(finding.signature) for finding in gate.new(seen(settings, tally))]
    return {(signature.pattern, signature.drift_class) for signature in found}


def is_green(tally: Tally) -> bool:
    assert consistent(tally)
    assert tally.verdicts[Verdict.DIVERGE] >= tally.known_cases
    return (tally.verdict, tally.notes) == (Verdict.AGREE, [])
