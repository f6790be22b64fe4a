"""The command: `python -m loadgen.witness`.

Exit codes: 0 it compared what it could, whatever came of it; 2 usage; 3 the other runtimes cannot be started.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

import msgspec
import psutil

from loadgen import samples
from loadgen.witness.findings import Findings
from loadgen.witness.inbox import Inbox, read_in_background
from loadgen.witness.surfaces import Surface
from loadgen.witness.work import Work
from parity import declare
from parity.errors import ParityError
from parity.started import settings_for, started

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.summary import Parity
    from parity.config import Settings
    from parity.pipeline import Run

DONE, USAGE, UNABLE = 0, 2, 3
PATIENCE = 30.0  # seconds after the end of the input


class _Ended(BaseException):
    """It is to end before the others are up."""


class _End:
    """What SIGTERM does: while the others start it interrupts that, later on it is taken note of."""

    def __init__(self) -> None:
        self.is_asked, self.interrupts = False, True

    def __call__(self, *_: object) -> None:
        self.is_asked = True
        if self.interrupts:
            self.interrupts = False
            raise _Ended

    @staticmethod
    def nobody_is_there() -> None:
        """Hear that the input ended and brought nothing: building for a caller that died would be in vain."""
        os.kill(os.getpid(), signal.SIGTERM)


class _Arguments(argparse.ArgumentParser):
    """A command line. What it doesn't understand, it answers with one sentence."""

    def __init__(self) -> None:
        super().__init__("python -m loadgen.witness", description="Compare answers under load with other runtimes.")
        self.add_argument("--runtimes", required=True, metavar="NAMES", help="the others, such as python,rust")
        self.add_argument("--under", required=True, metavar="NAME", help="the runtime under load")
        self.add_argument("--plant", metavar="NAME", help="the bug that is planted in it, for the replay commands")
        self.add_argument("--share", type=_number, default=0.0, help="the share of the answers that is sampled")
        self.add_argument(
            "--deadline", type=_number, default=PATIENCE, metavar="S", help="seconds after the end of the input (30)"
        )

    def error(self, message: str) -> NoReturn:
        """End the process, without the usage that the standard library would print before."""
        self.exit(USAGE, f"witness: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the witness; return its exit code."""
    given = _Arguments().parse_args(arguments)
    end, inbox = _End(), Inbox()
    # Not ignored but heard: what is ignored would be ignored by the other runtimes as well.
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        settings = settings_for(runtimes=given.runtimes)
        findings = Findings(_for_replay(settings, given.under, given.plant), _say)
    except ParityError as error:
        _say(str(error))
        return error.exit_code
    signal.signal(signal.SIGTERM, end)
    code = DONE
    try:
        read_in_background(sys.stdin.fileno(), inbox, end.nobody_is_there)
        with started(settings) as run:
            end.interrupts = False
            code = _witness(run, given, findings, inbox, end)
    except BrokenPipeError:
        return DONE  # nobody is there any more who could be told
    except _Ended:
        _end_children()
        findings.notes.append("it was ended before the other runtimes were ready")
    except ParityError as error:
        findings.notes.append(str(error))
        code = error.exit_code
    except Exception as error:  # noqa: BLE001 - a bug of the harness must not lose what was found
        traceback.print_exc()
        findings.notes.append(f"it was ended by an error of its own: {type(error).__name__}: {error}")
        code = UNABLE
    else:
        return code
    inbox.end()
    with contextlib.suppress(BrokenPipeError):
        _conclude(findings.parity(given.share, [], inbox))
    return code


def _end_children() -> None:
    """End what an interruption left that came just behind the start, where nobody tidies up yet."""
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            child.kill()


def _witness(run: Run, given: argparse.Namespace, findings: Findings, inbox: Inbox, end: _End) -> int:
    """Compare what comes; the last line is written before the others are ended, so that nothing can lose it."""
    probes = declare.find_probes(run.settings.probes)
    surfaces = {name: Surface(probes[name], run, given.under) for name in samples.SURFACES}
    ready = [name for name in run.states if any(name in surface.ways for surface in surfaces.values())]
    for name, state in run.states.items():
        if state.status != "ready":
            findings.notes.append(f"{name} is {state.status}: {next(iter((state.reason or '').splitlines()), '')}")
    for sentence in findings.notes:
        _say(sentence)
    if ready:
        _write({"ready": ready})
        Work(surfaces, inbox, findings).go_on(
            lambda: end.is_asked, given.deadline, lambda counts: _write({"progress": counts})
        )
    inbox.end()
    _conclude(findings.parity(given.share, ready, inbox))
    return DONE if ready else UNABLE


def _for_replay(settings: Settings, under: str, plant: str | None) -> Settings:
    """Return the settings in which the runtime under load takes part as well, where the project knows it."""
    names = [*settings.runtimes, *([under] if under in settings.declared else [])]
    return settings_for(runtimes=",".join(names), plants=() if plant is None else (f"{under}={plant}",))


def _conclude(parity: Parity) -> None:
    _write({"parity": parity})


def _write(document: dict[str, object]) -> None:
    """Write a line, past Python's own buffer, so that none of it can be left. Raises BrokenPipeError."""
    line = msgspec.json.encode(document) + b"\n"
    while line:
        line = line[os.write(sys.stdout.fileno(), line) :]


def _say(sentence: str) -> None:
    shown = "".join(character if character.isprintable() else "?" for character in sentence)
    with contextlib.suppress(OSError):
        sys.stderr.write(f"witness: {shown}\n")
        sys.stderr.flush()


def _number(text: str) -> float:
    """Return a number of seconds, or a share. Raises ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 on")
    return value


if __name__ == "__main__":
    sys.exit(main())
