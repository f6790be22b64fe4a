"""The commands that keep what is committed beside the fixtures: `parity known add` and `parity floor update`."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from parity import declare, floor, known
from parity.errors import UsageError, unknown
from parity.model import Bytes, Known, Signature
from parity.report.summary import FILE
from parity.started import settings_for, started
from parity.summary import Summary

if TYPE_CHECKING:
    from parity.config import Settings
    from parity.summary import DivergenceEntry, SurfaceEntry

known_app = typer.Typer(no_args_is_help=True, help="The divergences that the gate lets through.")
floor_app = typer.Typer(no_args_is_help=True, help="How much each probe has to cover at least.")

HEADROOM = 2.0  # times as many cases as the run that found it may show a known divergence
LEAST_SHARE = 0.001


@known_app.callback()
def _known() -> None:
    """Keep `known` a group, however few commands it has."""


@floor_app.callback()
def _floor() -> None:
    """Keep `floor` a group, however few commands it has."""


@known_app.command("add")
def add(
    divergence: Annotated[str, typer.Argument(help="The id of a finding of the last run, as its report gives it.")],
    *,
    reason: Annotated[str, typer.Option(help="Why it is let through for now.")],
    issue: Annotated[str, typer.Option(help="Where it is being worked on.")],
    owner: Annotated[str, typer.Option(help="Who has to end it.")],
    expires: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The last day on which it is let through.")],
    report: Annotated[
        str | None, typer.Option(metavar="DIR", help="The reports of the run that found it (default: reports/parity).")
    ] = None,
    runtimes: Annotated[str | None, typer.Option(metavar="NAMES", help="As in the run that found it.")] = None,
    attach: Annotated[
        list[str] | None, typer.Option("--attach", metavar="RUNTIME=URL", help="As in the run that found it.")
    ] = None,
) -> None:
    """Let one divergence through until a day: write it into fixtures/known.toml."""
    settings = settings_for(runtimes=runtimes, attach=tuple(attach or ()))
    declared = settings_for().declared  # what only this command line names is unmatched in every other run
    last_day = _day(expires)
    surface, finding = _finding(divergence, Path(report) if report else settings.report)
    total = sum(surface.verdicts.values())
    if (share := finding.cases / max(total, 1)) > known.BROADEST:
        raise UsageError(f"{divergence} shows in {share:.0%} of the cases: that is another service, and no known gap")
    try:
        signature = Signature.parse(finding.signature)
    except ValueError as error:
        raise UsageError(f"{divergence} cannot be let through: {error}") from None
    given = msgspec.convert(finding.case, Bytes)
    entry = Known(
        surface=surface.name,
        signature=finding.signature,
        runtimes=tuple(sorted({name for group in signature.partition for name in group} - {known.CONTRACT})),
        reason=reason,
        issue=issue,
        owner=owner,
        expires=last_day,
        at_most=min(known.BROADEST, max(LEAST_SHARE, math.ceil(HEADROOM * share * 1000) / 1000)),
        input=given,
        shows={},
    )
    for problem in known.problems(entry, settings.fixtures, declared):
        raise UsageError(f"{divergence} cannot be let through: {problem}")
    if finding.signature in {one.signature for one in known.load(settings.fixtures, declared)}:
        raise UsageError(f"{divergence} is in fixtures/{known.FILE} already")
    shows = _shows(surface.name, given.value(), signature, settings)
    file = known.add(msgspec.structs.replace(entry, shows=shows), settings.fixtures)
    print(f"{divergence} is known until {last_day}, in {file}")
    if signature.drift_class == "unknown":
        print(
            f"its cause is unknown, so other bugs at {signature.pattern or '/'} between the same sides hide behind it, "
            f"in up to {entry.at_most:.1%} of the cases; a drift class in the probe would tell them apart"
        )


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--expires takes a day such as 2027-01-31, not {text!r}") from None
    if day < datetime.now(UTC).date():
        raise UsageError(f"--expires {text} is in the past")
    return day


def _finding(divergence: str, report: Path) -> tuple[SurfaceEntry, DivergenceEntry]:
    """Return a finding of the last run. Raises UsageError where it is none that can be known."""
    file = report / FILE
    try:
        summary = msgspec.json.decode(file.read_bytes(), type=Summary)
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}); run parity first, or say --report") from None
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise UsageError(f"{file} is not the summary of a run: {error}") from None
    found = {one.id: (surface, one) for surface in summary.surfaces for one in surface.divergences}
    if divergence not in found:
        raise unknown("divergence", divergence, found, str(file))
    if any(runtime.planted for runtime in summary.runtimes):
        raise UsageError(f"{divergence} was found with a bug planted on purpose, so it is none to be known")
    if (already := found[divergence][1].known) is not None:
        raise UsageError(f"{divergence} is known already: {already}")
    return found[divergence]


def _shows(surface: str, data: bytes, signature: Signature, settings: Settings) -> dict[str, str]:
    """Ask the runtimes again, and return what each of them shows at the place. Raises UsageError where they agree."""
    probes = declare.find_probes(settings.probes)
    if surface not in probes:
        raise unknown("surface", surface, probes, "parity known add")
    with started(settings) as run:
        outcome = run.surface(probes[surface]).ask(data)
    # The input may be that of a known answer, where the contract takes part though the divergence is not with it.
    sides = {name for group in signature.partition for name in group}
    compared = frozenset((outcome.observations.keys() - {known.CONTRACT}) | sides)
    for found in outcome.divergences:
        seen = Signature(surface, found.pattern, signature.drift_class, found.partition)
        if seen.among(compared) == signature:
            return {name: shown for name, shown in known.shows(found).items() if name in sides}
    raise UsageError(f"it does not diverge any more in this way: {signature}")


@floor_app.command("update")
def update(
    *,
    lower: Annotated[
        bool, typer.Option("--lower", help="Let a floor sink, because a probe shrank on purpose.")
    ] = False,
) -> None:
    """Raise the floors to what the probes cover now: their known answers, and the rules of their contracts."""
    settings = settings_for()
    now = {}
    for surface in sorted(declare.find_probes(settings.probes)):
        answers = len(list((settings.fixtures / "known_answers" / surface).glob("*.json")))
        now[surface] = floor.Floor(answers, len(declare.load_contract(surface, settings.fixtures).rules))
    file = floor.update(now, settings.fixtures, lower=lower)
    for surface, one in now.items():
        print(f"{surface}: {one.known_answers} known answers, {one.rules} rules")
    print(f"written to {file}")
