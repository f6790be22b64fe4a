"""Keep one runtime running for a load run, in a process of its own: gevent, which Locust brings, is not for this.

    python -m loadgen.keeper go [--plant NAME] [--corpus 2000] [--front] [--logs DIR]

It builds the runtime as parity.toml says, starts its services, puts the workers in, and looks after both. What it tells
are lines of JSON on standard output:

    {"tell": "go: building"}
    {"ready": {"urls": {"matrixd": "http://127.0.0.1:4711", ...}, "commit": "3f2a91c"}}
    {"end": {"daemons": [...], "readings": [...]}}      as loadgen/summary.py has them
    {"error": "...", "exit_code": 3}

and what it hears are lines as well: `begin` sets the clock of the readings to zero, `end` asks for them. It ends, with
all that it started, when its standard input does: also when whoever started it has died.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

from loadgen import corpus
from loadgen.kept import Kept
from loadgen.roster import SIZES
from parity import config as configuration
from parity.errors import ParityError, StartError, UsageError, unknown
from parity.processes import Processes
from parity.testees.build import Build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.config import Settings

LOOK = 1.0
"""Seconds between two looks at the footprint."""


class Keeper:
    """The services of one runtime."""

    def __init__(self, settings: Settings, runtime: str, processes: Processes, data: Path, logs: Path) -> None:
        """Build the runtime. Raises ParityError."""
        self._runtime = runtime
        config = settings.runtimes[runtime]
        if not config.commands:
            raise UsageError(f"runtime {runtime!r} has no service that could be started; --host takes one that runs")
        build = Build(runtime, config, settings.root, settings.state, processes)
        build.make(tell)
        logs.mkdir(parents=True, exist_ok=True)
        self.kept: dict[str, Kept] = {}
        for name, command in config.commands.items():
            filled = [part.replace("{data}", str(data / name)) for part in build.fill(command)]
            called = VALIDATORD if name == "service" else name
            self.kept[called] = Kept(called, filled, build, logs / f"{runtime}-{called}.log")
        self.commit = ""

    def start(self, plant: str | None) -> None:
        """Start the services, one of them with the planted bug. Raises StartError, and UsageError for a bug of none."""
        plants: list[str] = []
        planted = False
        for kept in self.kept.values():
            tell(f"{self._runtime}: starting {kept.name}")
            health = kept.start()
            self.commit = health.commit
            if health.runtime != self._runtime:
                raise StartError(f"runtime {self._runtime!r} calls itself {health.runtime!r}")
            plants.extend(health.plants)
            if plant in health.plants:
                kept.stop()
                kept.plant, planted = plant, True
                health = kept.start()
                if health.planted != plant:
                    raise StartError(f"{kept.name} says that its planted bug is {health.planted!r}, not {plant!r}")
        if plant is not None and not planted:
            raise unknown("planted bug", plant, plants, f"--plant, for the services of {self._runtime}")

    def put_front(self, settings: Settings, processes: Processes, logs: Path) -> str:
        """Start the front end before the runtime, and return its URL for it. Raises ParityError."""
        if "matrixd" not in self.kept:
            raise UsageError(f"runtime {self._runtime!r} has no matrixd that the front end could stand before")
        config = settings.runtimes[FRONT]
        build = Build(FRONT, config, settings.root, settings.state, processes)
        build.make(tell)
        variable, prefix = BEHIND.get(self._runtime, BEHIND["go"])
        front = Kept("front", build.fill(config.service), build, logs / "front.log")
        front.variables[variable] = self.kept["matrixd"].url
        self.kept["front"] = front
        tell(f"{self._runtime}: starting the front end before it")
        front.start()
        return f"{front.url}{prefix}"

    def stop(self) -> None:
        """End all of it."""
        for kept in self.kept.values():
            kept.stop()


FRONT = "bun"
"""The runtime of parity.toml that is the front end."""
BEHIND = {"go": ("GO_LAKEHOUSE_URL", "/_go"), "rust": ("RUST_LAKEHOUSE_URL", "/api")}
"""How the front end is told of a gateway, and where it passes requests to it; who is neither stands in for Go."""
VALIDATORD = "validatord"
"""The name of the service that parity.toml has no name for."""


def tell(sentence: str) -> None:
    """Say what is being done."""
    say({"tell": sentence})


def say(line: dict[str, object]) -> None:
    """Write one line; nobody may be there any more."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
        sys.stdout.buffer.flush()


def heard(seconds: float) -> Iterator[str]:
    """Yield the lines that came within some seconds; raises EOFError where no more can."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    if ready:
        data = os.read(sys.stdin.fileno(), 65_536)
        if not data:
            raise EOFError
        yield from data.decode("ascii", "replace").split()


def keep(keeper: Keeper) -> None:
    """Look after the services until standard input ends."""
    began = time.monotonic()
    while True:
        due = time.monotonic() + LOOK
        try:
            for word in heard(max(0.0, due - time.monotonic())):
                if word == "begin":
                    began = time.monotonic()
                    for kept in keeper.kept.values():
                        kept.begin()
                elif word == "end":
                    _look(keeper, began)
                    daemons = [kept.daemon() for kept in keeper.kept.values()]
                    readings = [one for kept in keeper.kept.values() for one in kept.readings]
                    say({"end": {"daemons": daemons, "readings": readings}})
        except EOFError:
            return
        time.sleep(max(0.0, due - time.monotonic()))
        _look(keeper, began)


def _watch_input(is_ready: threading.Event) -> None:
    """Until all is ready nobody says anything: what comes is the end, and filling an index for nobody is in vain."""
    while not is_ready.is_set():
        ready, _, _ = select.select([sys.stdin], [], [], 0.2)
        if ready and not is_ready.is_set():
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _look(keeper: Keeper, began: float) -> None:
    for kept in keeper.kept.values():
        kept.look(time.monotonic() - began)


def run(arguments: argparse.Namespace) -> None:
    """Make ready, look after, end. Raises ParityError."""
    root = configuration.find_root(Path.cwd())
    known = configuration.read(root / configuration.CONFIG).runtimes
    if arguments.runtime not in known:
        raise unknown("runtime", arguments.runtime, known, "--runtime")
    chosen = arguments.runtime + (f",{FRONT}" if arguments.front else "")
    settings = configuration.load(root, configuration.Options(prefix="--", runtimes=chosen))
    processes = Processes(settings.state)
    try:
        logs = Path(arguments.logs) if arguments.logs else settings.state / "load"
        with tempfile.TemporaryDirectory(prefix="load-", ignore_cleanup_errors=True) as data:
            runtime = arguments.runtime
            keeper = Keeper(settings, runtime, processes, Path(data), logs)
            is_ready = threading.Event()
            threading.Thread(target=_watch_input, args=(is_ready,), daemon=True).start()
            try:
                keeper.start(arguments.plant)
                if arguments.corpus and "matrixd" in keeper.kept:
                    corpus.fill(
                        keeper.kept["matrixd"].url, arguments.corpus, "default", lambda said: tell(f"{runtime}: {said}")
                    )
                urls = {name: kept.url for name, kept in keeper.kept.items()}
                if arguments.front:
                    urls = {"front": keeper.put_front(settings, processes, logs), "direct": urls["matrixd"]}
                is_ready.set()
                say({"ready": {"urls": urls, "commit": keeper.commit}})
                keep(keeper)
            finally:
                keeper.stop()
    finally:
        processes.close()


class Parser(argparse.ArgumentParser):
    """argparse, but what it does not understand is one sentence."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of ending the process."""
        raise UsageError(message)


def main() -> int:
    """Keep a runtime as the command line says; return the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides when it ends
    parser = Parser("loadgen.keeper", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runtime", help="a runtime of parity.toml")
    parser.add_argument("--plant", help="a planted bug to start it with")
    parser.add_argument("--corpus", type=int, choices=SIZES, help="how many workers to put in")
    parser.add_argument("--front", action="store_true", help="put the front end before it")
    parser.add_argument("--logs", help="the folder of the services' logs")
    try:
        run(parser.parse_args())
    except ParityError as error:
        say({"error": str(error), "exit_code": error.exit_code})
        return error.exit_code
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        say({"error": f"the runtime cannot be kept: {where}{error.strerror or error}", "exit_code": 3})
        return 3
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
