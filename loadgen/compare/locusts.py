"""The bench of real runs: a keeper process for each runtime, and a locust process for each turn."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec

from loadgen.compare.keepers import Keeper, last_line
from loadgen.compare.turns import TurnError, VacuousTurnError
from loadgen.summary import Summary
from parity.errors import EnvironmentFailure, UsageError
from parity.processes import Processes, end_group, undisturbed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from loadgen.compare.plan import Plan

KEEPER = (sys.executable, "-m", "loadgen.keeper")
LOCUST = (sys.executable, "-m", "locust")
SLACK = 180.0
"""Seconds that a turn may take beyond its own: to read the workers, to judge, and to write its report."""
PATIENCE = 15.0
"""Seconds in which an interrupted turn has to end by itself."""
FOLDER = ".turns"
"""Below the report's folder: what each turn wrote, for whoever looks into one that failed. Never committed."""


class Locusts:
    """Runtimes that keepers hold, and locust against one of them at a time."""

    def __init__(self, plan: Plan, *, keeper: Sequence[str] = KEEPER, locust: Sequence[str] = LOCUST) -> None:
        """Take the plan; nothing is started yet."""
        self._plan = plan
        self._keeper = keeper
        self._locust = locust
        self._kept: dict[str, Keeper] = {}
        self._folder = plan.report / FOLDER
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._processes = Processes(plan.state)
        self._environment = self._processes.environment({})

    def start(self, name: str) -> None:
        """Start a runtime's keeper, and wait until the workers are in."""
        command = [*self._keeper, name, "--corpus", str(self._plan.conditions.corpus), "--logs", str(self._folder)]
        if (plant := self._plan.plants.get(name)) is not None:
            command += ["--plant", plant]
        log = self._folder / f"keeper-{name.replace('/', '_')}.log"
        self._kept[name] = Keeper(name, command, self._plan.root, self._environment, log)
        self._kept[name].wait()

    def turn(self, name: str, label: str, seed: int) -> Summary:
        """Run locust against a runtime once."""
        kept = self._kept[name]
        kept.begin()
        folder = self._folder / label
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "locust.log"
        code = self._run(self._command(kept.urls, folder, seed), log)
        if code == 130:
            raise KeyboardInterrupt
        if code == 2:
            raise UsageError(f"locust refused the turn: {last_line(log)}")
        file = folder / "summary.json"
        try:
            summary = msgspec.json.decode(file.read_bytes(), type=Summary)
        except OSError:
            kept.check()  # a runtime that ended explains it better
            raise TurnError(f"locust ended with {code} and left no summary: {last_line(log)}") from None
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise TurnError(f"{file} is not the summary of a load run: {error}") from None
        if code in {0, 1}:
            # Locust was given a URL, behind which it sees no process; the keeper does.
            return msgspec.structs.replace(summary, daemons=kept.footprint())
        why = "; ".join(summary.reasons) or last_line(log)
        raise VacuousTurnError(why) if code == 5 else TurnError(f"{why} (locust ended with {code})")

    def close(self) -> None:
        """End the keepers, each of which ends what it started, and then whatever still carries this run's mark."""
        with undisturbed():
            for kept in self._kept.values():
                kept.let_go()
            for kept in self._kept.values():
                kept.end()
            self._processes.close()

    def _command(self, urls: dict[str, str], folder: Path, seed: int) -> list[str]:
        conditions = self._plan.conditions
        command = [*self._locust, "-f", f"loadgen/{conditions.file}.py", "--headless", "--only-summary"]
        command += ["--host", urls["matrixd"]]
        if "validatord" in urls:
            command += ["--validatord", urls["validatord"]]
        # The keeper put the workers in under the default tenant.
        command += ["--tenant", "default", "--corpus", str(conditions.corpus)]
        command += ["-u", str(conditions.users), "-t", f"{conditions.seconds}s", "--seed", str(seed)]
        return [*command, "--sample", "0", "--load-report", str(folder)]

    def _run(self, command: Sequence[str], log: Path) -> int:
        """Run a turn to its end, whatever ends it, and return its exit code."""
        deadline = self._plan.conditions.seconds + SLACK
        with log.open("wb") as output:
            try:
                # A session of its own: Ctrl-C in a terminal comes to this process alone, which then ends the turn.
                process = subprocess.Popen(
                    command,
                    cwd=self._plan.root,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise EnvironmentFailure(f"locust does not start: {error.strerror}") from None
            try:
                return process.wait(deadline)
            except subprocess.TimeoutExpired:
                raise TurnError(f"locust did not end within {deadline:.0f} s: {last_line(log)}") from None
            except KeyboardInterrupt:
                with undisturbed(), contextlib.suppress(subprocess.TimeoutExpired):
                    process.send_signal(signal.SIGINT)
                    process.wait(PATIENCE)
                raise
            finally:
                end_group(process.pid)
                process.wait()
