"""The list of known divergences of a small project, and what its runs made of it."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Done, Project

PROBE = """
from parity import DriftClass, Probe
from parity.generate.grammar import pick, repeat
size = Probe(
    surface="size",
    inputs=repeat(pick(*"abcdefgh01234567yz"), 0, 5, ""),
    cases=200,
    drift_classes=(
        DriftClass("y", "a y counts otherwise", lambda data: data.replace(b"y", b"")),
        DriftClass("z", "a z counts otherwise", lambda data: data.replace(b"z", b"")),
    ),
)
"""


def day(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


LAST = day(30)
WHY = ("--reason", "no user writes a y", "--issue", "#7", "--owner", "ada", "--expires", LAST)


def the_list(project: Project) -> Path:
    return project.root / "fixtures" / "known.toml"


def entries(project: Project) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = tomllib.loads(the_list(project).read_text())["known"]
    return listed


def findings(project: Project, *, known: bool) -> list[dict[str, Any]]:
    """Return what the last run found and is known, or is not."""
    return [
        finding
        for surface in project.summary()["surfaces"]
        for finding in surface["divergences"]
        if (finding["known"] is not None) is known
    ]


def only(project: Project) -> str:
    """Return the id of the one finding of the last run that is new."""
    (finding,) = findings(project, known=False)
    return str(finding["id"])


def refusal(done: Done) -> str:
    """Return the one sentence with which a command ends that was not given what it wants."""
    assert done.code == 2, done
    assert "Traceback" not in done.all
    (line,) = done.err.splitlines()
    assert line.startswith("parity: ")
    return line
