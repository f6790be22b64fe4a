"""The command line face: `parity run`, `parity replay`, `parity plants`, `parity doctor`; upkeep.py has the others.

Exit codes: 0 agree, 1 divergence, 2 usage, 3 a runtime or the environment failed, 5 nothing ran.
"""

from __future__ import annotations

import base64
import json
import platform
import sys
import traceback
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from parity import declare, gate, pipeline
from parity.errors import MissingToolError, ParityError, UsageError, unknown
from parity.report import show, text
from parity.report.reporter import Reporter
from parity.started import screen, settings_for, started
from parity.testees.build import find_tool, tool_version
from parity.upkeep import floor_app, known_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parity.config import Settings
    from parity.model import Observation

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Does the rewrite answer like the original, on every input that users could send?",
)

Runtimes = Annotated[
    str | None,
    typer.Option("--runtimes", metavar="NAMES", help="Only these; go@v1 is go as it was at that revision."),
]
Attach = Annotated[
    list[str] | None,
    typer.Option("--attach", metavar="RUNTIME=URL", help="Attach to a service that already runs; repeatable."),
]
Plants = Annotated[
    list[str] | None,
    typer.Option("--plant", metavar="RUNTIME=NAME", help="Plant a bug into one runtime; repeatable."),
]


app.add_typer(known_app, name="known")
app.add_typer(floor_app, name="floor")


def main() -> None:
    """Run the command; an error that a user can meet becomes one sentence and an exit code."""
    try:
        app()
    except ParityError as error:
        print(f"parity: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except Exception:  # noqa: BLE001 - a bug of the harness or of a probe: 1 would say that the runtimes differ
        traceback.print_exc()
        sys.exit(ParityError.exit_code)


@app.command()
def run(
    surfaces: Annotated[list[str] | None, typer.Argument(metavar="[SURFACE]...", help="Only these surfaces.")] = None,
    *,
    runtimes: Runtimes = None,
    require: Annotated[str | None, typer.Option(metavar="NAMES", help="Fail where one of these is missing.")] = None,
    cases: Annotated[
        int | None, typer.Option(min=1, help="Swept cases a surface; otherwise as many as its probe says.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="A time budget for the whole run.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed, for other cases.")] = None,
    plant: Plants = None,
    attach: Attach = None,
    report: Annotated[
        str | None, typer.Option(metavar="DIR", help="Where the reports go (default: reports/parity).")
    ] = None,
) -> None:
    """Compare the runtimes on every surface, and say whether they agree."""
    settings = settings_for(
        runtimes=runtimes,
        require=require,
        cases=cases,
        seconds=seconds,
        seed=seed,
        plants=tuple(plant or ()),
        attach=tuple(attach or ()),
        report=report,
    )
    probes = declare.find_probes(settings.probes)
    for name in surfaces or ():
        if name not in probes:
            raise unknown("surface", name, probes, "parity run")
    selected = [probe for name, probe in probes.items() if not surfaces or name in surfaces]
    reporter = Reporter(settings, uuid.uuid4().hex, screen())
    reporter.begin()
    one = pipeline.Run(settings, reporter, len(selected))
    complete = False
    try:
        reporter.runtimes(one.states)
        for probe in selected:
            for phase in pipeline.phases(probe):
                one.surface(probe).phase(phase)
        complete = True
    except KeyboardInterrupt:
        print("parity: interrupted; what was found so far follows", file=sys.stderr)
    finally:
        one.close()
        summary = reporter.finish(complete=complete)
        for surface in summary.surfaces:
            for finding in surface.divergences:
                print(*text.divergence(finding), "", sep="\n")
            for fault in surface.faults:
                print(*text.fault_lines(fault), "", sep="\n")
        print(*text.closing(summary, gate.sentences(summary), settings), sep="\n")
    raise typer.Exit(gate.exit_code(summary))


@app.command()
def replay(
    divergence: Annotated[
        str,
        typer.Argument(
            help="SURFACE:BASE64 as a report prints it, or the id of a kept counterexample or of a finding."
        ),
    ],
    *,
    runtimes: Runtimes = None,
    plant: Plants = None,
    attach: Attach = None,
) -> None:
    """Ask the runtimes about one input again, and show how their answers differ."""
    given = {"runtimes": runtimes, "attach": tuple(attach or ())}
    settings = settings_for(**given, plants=tuple(plant or ()))
    probes = declare.find_probes(settings.probes)
    surface, data, planted = _find_input(divergence, settings)
    if planted and not plant:
        bugs = [f"{name}={bug}" for name, bug in planted.items()]
        print(f"parity: found with {' and '.join(bugs)} planted, and replayed with it", file=sys.stderr)
        settings = settings_for(**given, plants=tuple(bugs))
    if surface not in probes:
        raise unknown("surface", surface, probes, "parity replay")
    with started(settings) as one:
        outcome = one.surface(probes[surface]).ask(data)
    width = max(len(name) for name in ("input", *outcome.observations))
    rows = {"input": show.show_lines(data, 4000)} | {name: _seen(seen) for name, seen in outcome.observations.items()}
    print(*text.table(rows), sep="\n")
    for found in outcome.divergences:
        sides = " against ".join("+".join(group) for group in found.partition)
        print(f"\nat {show.visible(found.path) or '/'} ({found.what}): {sides}")
        for name, rendered in found.rendered.items():
            print(f"  {name.ljust(width)}  {show.visible(rendered) if rendered is not None else '(nothing)'}")
    if outcome.divergences:
        names = [group[0] for group in outcome.divergences[0].partition]
        before, after = (outcome.observations[name].output for name in names[:2])
        if explained := show.explain(before, after):
            print("", *[f"{names[0]} -> {names[1]}: {line}" for line in explained], sep="\n")
    faulty = [name for name, seen in outcome.observations.items() if seen.kind.is_fault]
    verdict = "diverge" if outcome.divergences else f"fault of {', '.join(faulty)}" if faulty else "agree"
    print(f"\n{verdict}")
    if len(outcome.observations) < 2:
        raise typer.Exit(5)
    raise typer.Exit(1 if outcome.divergences else 3 if faulty else 0)


@app.command()
def plants(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array: runtime, name, surface, what.")] = False,
) -> None:
    """List the planted bugs that each runtime can be started with."""
    settings = settings_for()
    known = declare.load_plants(settings.fixtures)
    rows = []
    with started(settings) as one:
        states = one.states
    for state in states.values():
        for name in state.plants:
            if name not in known:
                raise UsageError(
                    f"runtime {state.name!r} has the planted bug {name!r}, which plants.toml does not describe"
                )
            rows.append(
                {
                    "runtime": state.name,
                    "name": name,
                    "surface": known[name].surface,
                    "what": known[name].what,
                }
            )
    if as_json:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            print(f"{row['runtime'] + '=' + row['name']:<28}  {row['surface']}  {row['what']}")
    for state in states.values():
        if state.status != "ready":
            print(*[f"parity: {line}" for line in text.absence(state)], sep="\n", file=sys.stderr)


@app.command()
def doctor() -> None:
    """Say what is installed, what is missing, and what to do about it."""
    settings = settings_for()
    print(f"python  {platform.python_version()}  {sys.executable}")
    for tool in dict.fromkeys(["uv", "git", *[tool for config in settings.runtimes.values() for tool in config.needs]]):
        try:
            path = find_tool(tool)
        except MissingToolError as error:
            print(f"{tool.partition('>=')[0]}  missing: {error}")
        else:
            print(f"{tool.partition('>=')[0]}  {tool_version(path) or '(does not tell its version)'}  {path}")
    print()
    with started(settings) as one:
        states = one.states
    for state in states.values():
        if state.status == "ready":
            print(show.visible(f"{state.name}  ready: version {state.version}, serves {', '.join(state.surfaces)}"))
        else:
            print(*text.absence(state), sep="\n")
    ready = sum(state.status == "ready" for state in states.values())
    enough = ready >= 2
    print(f"\n{ready} of {len(states)} runtimes are ready{'' if enough else '; a comparison needs two'}")
    raise typer.Exit(0 if enough and not any(state.status == "failed" for state in states.values()) else 3)


def _find_input(name: str, settings: Settings) -> tuple[str, bytes, dict[str, str]]:
    """Return the surface and the input that a token or an id stands for, and what was planted when it was found."""
    surface, colon, token = name.partition(":")
    if colon:
        try:
            return surface, base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True), {}
        except ValueError as error:
            raise UsageError(f"{name!r} is not SURFACE:BASE64: {error}") from None
    kept = {file.stem: file for folder in _stores(settings) for file in folder.glob("*/*.json")}
    if name not in kept:
        raise unknown("divergence", name, kept, "fixtures/corpus and among the findings of earlier runs")
    return pipeline.read_kept(kept[name])


def _stores(settings: Settings) -> Iterator[Path]:
    yield settings.state / "findings"
    yield settings.fixtures / "corpus"


def _seen(seen: Observation) -> list[str]:
    if seen.output:
        return [show.visible(seen.output, 4000)]
    return [f"{seen.kind}: {show.visible(seen.detail)}", *[f"| {show.visible(line)}" for line in seen.log.splitlines()]]
