"""The options of a load run: added to Locust's own, read once, and each mistake one sentence."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from loadgen import bounds
from loadgen.bounds import Bounds
from loadgen.client import address
from loadgen.roster import SIZES
from loadgen.shapes import FIND_CAPACITY, SHAPES
from parity.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from loadgen.client import Address

REPORT, PLANTED_REPORT = Path("reports/load"), Path("reports/planted/load")
BOUNDS = Path(__file__).parent
"""The folder of the bounds that hold unless others are given, a file for each locust file."""
SECONDS = {"soak": 1800.0}
"""How long a shape takes unless --run-time says so; others take a minute."""
MINUTE = 60.0
FIRST_RATE = 50.0
"""Scenarios a second with which the search for the capacity begins."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a run works with, checked."""

    runtime: str | None
    plant: str | None
    host: str | None
    validatord: str | None
    direct: str | None
    corpus: int
    tenant: str
    deadline: float
    arrivals: float | None
    shape: str
    seconds: float | None
    """None where it runs until somebody stops it."""
    capacity_p99: float
    step_seconds: float
    bounds: Bounds
    report: Path
    seed: int
    sample: float
    peers: tuple[str, ...] | None


def add(parser: ArgumentParser, file: str) -> None:
    """Add the options to Locust's parser."""
    own = argparse.ArgumentParser(
        f"locust -f loadgen/{file}.py", "%(prog)s [options of Locust] [options]", add_help=False
    )

    def option(name: str, **rest: Any) -> None:  # noqa: ANN401 - argparse's
        own.add_argument(name, **rest)
        # Locust's page would ask for each of them, and cannot change what was started with them.
        parser.add_argument(name, **rest, include_in_web_ui=False)

    option("--runtime", help="start this runtime of parity.toml, and put the load on it; --host takes one that runs")
    option("--plant", help="with --runtime: plant this bug, to see that the load finds it")
    option("--validatord", metavar="URL", help="with --host: who serves /v1/validate, where that is somebody else")
    if file == "cutover":
        option("--direct", metavar="URL", help="with --host, the front end: the gateway behind it, asked by turns")
    sizes = ", ".join(f"{size:,}" for size in SIZES)
    option("--corpus", type=int, default=2_000, help=f"how many workers are searched: {sizes} (2,000)")
    option("--tenant", default="load", help="with --host: whose index the workers are in, or are put into (load)")
    option("--deadline", type=float, default=10.0, help="seconds that a call may take before it is a time-out (10)")
    option("--arrivals", type=float, help="an open run: so many scenarios a second, whether or not others have ended")
    option("--shape", default="constant", help=f"{', '.join(SHAPES)} or {FIND_CAPACITY} (constant)")
    option("--capacity-p99", type=float, default=250.0, help="what find-capacity holds the p99 to, in ms (250)")
    option("--step-seconds", type=float, default=10.0, help="how long find-capacity looks at one rate (10)")
    option(
        "--bounds",
        default=str(BOUNDS / f"{file}.toml"),
        help=f"what the run has to keep to, in TOML (loadgen/{file}.toml)",
    )
    option(
        "--load-report", metavar="DIR", help="where the report goes (reports/load; with --plant reports/planted/load)"
    )
    option("--seed", type=int, default=1, help="what is asked, drawn from this (1)")
    option(
        "--sample", type=float, default=0.01, help="the share of the answers that other runtimes are compared by (0.01)"
    )
    option("--peers", help="the runtimes that they are compared with (all others of parity.toml)")
    # For --help Locust does not even read the file, and so shows no more than its own options.
    option("--load-help", action=_Help, of=own, help="show these options and exit; --help shows those of Locust")
    parser.error = lambda message: end(2, f"{file}: {message}; --load-help shows the options")  # type: ignore[method-assign]


class _Help(argparse.Action):
    """Shows the options of a load run, and ends the process."""

    def __init__(self, *names: Any, of: ArgumentParser, **rest: Any) -> None:  # noqa: ANN401 - argparse's
        super().__init__(*names, **rest | {"nargs": 0, "default": argparse.SUPPRESS})
        self._of = of

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        """Show them."""
        self._of.print_help()
        parser.exit()


def read(given: Namespace, scenarios: Sequence[str], *, of_worker: bool = False) -> Options:
    """Return the options. Raises UsageError."""
    shape, arrivals = given.shape, given.arrivals
    if shape == FIND_CAPACITY and arrivals is None:
        arrivals = FIRST_RATE
    _check_numbers(given)
    _check_whom(given)
    report = REPORT if of_worker else _report(given)
    seconds = float(given.run_time) if given.run_time else None
    if seconds is None and shape not in {"constant", FIND_CAPACITY}:
        seconds = SECONDS.get(shape, MINUTE)
    peers = None if given.peers is None else tuple(name.strip() for name in given.peers.split(",") if name.strip())
    if peers == ():
        raise UsageError(
            "--peers names nobody; write for example --peers python,rust, or --sample 0 to compare nothing"
        )
    return Options(
        runtime=given.runtime,
        plant=given.plant,
        host=given.host,
        validatord=given.validatord,
        direct=getattr(given, "direct", None),
        corpus=given.corpus,
        tenant=given.tenant if given.host else "default",
        deadline=given.deadline,
        arrivals=arrivals,
        shape=shape,
        seconds=seconds,
        capacity_p99=given.capacity_p99,
        step_seconds=given.step_seconds,
        bounds=Bounds() if of_worker else bounds.read(Path(given.bounds), scenarios),
        report=report,
        seed=given.seed,
        sample=given.sample,
        peers=peers,
    )


def _check_numbers(given: Namespace) -> None:
    if given.shape not in SHAPES and given.shape != FIND_CAPACITY:
        raise UsageError(f"--shape {given.shape!r} is none; known: {', '.join([*SHAPES, FIND_CAPACITY])}")
    for name in ("arrivals", "deadline", "step_seconds", "capacity_p99"):
        value = getattr(given, name)
        if value is not None and not (value > 0 and math.isfinite(value)):
            raise UsageError(f"--{name.replace('_', '-')} must be above zero, not {value}")
    if not 0 <= given.sample <= 1:
        raise UsageError(f"--sample is a share, 0 to 1, not {given.sample}")
    if given.corpus not in SIZES:
        raise UsageError(f"--corpus {given.corpus} is not one of {', '.join(map(str, SIZES))}")


def _check_whom(given: Namespace) -> None:
    if given.runtime and given.host and not hasattr(given, "load_urls"):
        raise UsageError("--runtime starts a runtime and --host takes one that runs; give one of them")
    if not given.runtime and not given.host:
        raise UsageError("say whom to load: --runtime go, or --host http://127.0.0.1:3110")
    if given.plant and not given.runtime:
        raise UsageError("--plant is for --runtime: nothing can be planted in what already runs")
    for name in ("validatord", "direct"):
        if getattr(given, name, None) and not given.host:
            raise UsageError(f"--{name} goes with --host; --runtime starts its own")


def _report(given: Namespace) -> Path:
    """Return the folder of the report: that of a planted run is never the committed one."""
    report = Path(given.load_report or (PLANTED_REPORT if given.plant else REPORT))
    if given.plant and report.resolve().is_relative_to(REPORT.resolve()):
        raise UsageError(f"a planted run does not write to {REPORT}, which is committed; give another --load-report")
    if report.exists() and not report.is_dir():
        raise UsageError(f"--load-report wants a folder, and {report} is a file")
    return report


def end(code: int, sentence: str) -> NoReturn:
    """End the process with one sentence."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
    sys.exit(code)


def addresses(urls: dict[str, str]) -> dict[str, Address]:
    """Return where everybody is."""
    return {name: address(url, name) for name, url in urls.items()}
