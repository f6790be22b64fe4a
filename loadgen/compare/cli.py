"""The command line: `python -m loadgen.compare go rust`.

Exit codes: 0 fine, 1 slower or bounds not met, 2 usage, 3 a runtime or the environment failed, 5 nothing was shown,
130 interrupted.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from loadgen.compare import plan, run
from loadgen.compare.locusts import Locusts
from loadgen.compare.progress import tell
from loadgen.roster import SIZES
from parity.errors import ParityError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadgen.compare.turns import Opener

PROGRAM = "python -m loadgen.compare"
DESCRIPTION = """\
Put runtimes under the same load by turns, and say how their rates, latencies and memory stand to each other.

All of them are kept running. Each round gives each of them one turn; only what was measured in one round is compared,
so that a machine that is slow for a while cannot decide.
"""
EPILOG = """\
examples:
  python -m loadgen.compare go rust                          how does Rust stand to Go?
  python -m loadgen.compare python go rust --rounds 8        and both of them to Python?
  python -m loadgen.compare go rust --update-baseline        keep the ratios, in fixtures/load_baseline.toml
  python -m loadgen.compare go rust --fail-if-slower 25%     has Rust become slower against Go since then?
  python -m loadgen.compare go rust --corpus 100000 --users 50 --seconds 60
  python -m loadgen.compare rust go --plant go=naive-hnsw    with a bug on purpose; reports to reports/planted/load

exit codes:
  0 fine   1 slower, or bounds not met   2 usage   3 a runtime or the environment failed   5 nothing was shown
  130 interrupted
"""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one sentence, like every other one."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong as a UsageError."""
        sentence = message.removeprefix("argument ")
        raise UsageError(sentence if "--help" in sentence else f"{sentence}; --help lists the options")


def parser() -> Parser:
    """Return the parser of the command line."""
    made = Parser(
        prog=PROGRAM,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("names", nargs="*", metavar="RUNTIME", help="two or more; the first is what others are held to")
    add = made.add_argument
    add("--rounds", type=_whole(1, plan.MOST_ROUNDS), default=5, metavar="N", help="turns of each (5)")
    add("--seconds", type=_whole(1), default=10, metavar="S", help="how long a turn is (10)")
    add("--users", type=_whole(1), default=16, metavar="N", help="users at once (16)")
    sizes = ", ".join(map(str, SIZES))
    add("--corpus", type=int, choices=SIZES, default=2000, metavar="N", help=f"workers to search: {sizes} (2000)")
    add("--file", choices=plan.FILES, default="multitier", help="the load, of loadgen/ (multitier)")
    add("--seed", type=_whole(0), default=1, metavar="N", help="another seed, for another load (1)")
    add("--report", metavar="DIR", help=f"where the report goes ({plan.REPORT}; planted {plan.PLANTED_REPORT})")
    add("--baseline", metavar="FILE", help="the ratios that were kept (fixtures/load_baseline.toml)")
    add(
        "--fail-if-slower",
        type=share,
        metavar="SHARE",
        help="fail where a runtime became slower than the baseline by more than this: 25%% or 0.25",
    )
    add("--update-baseline", action="store_true", help="write the ratios of this run into the baseline")
    add("--plant", action="append", default=[], metavar="RUNTIME=NAME", help="plant a bug into one; repeatable")
    return made


def share(text: str) -> float:
    """Read a share such as 25% or 0.25."""
    if not (found := re.fullmatch(r"(\d{1,3}(?:\.\d+)?)(%?)", text)):
        raise argparse.ArgumentTypeError(f"takes a share such as 25% or 0.25, not {text!r}")
    value = float(found[1]) / (100 if found[2] else 1)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"takes a share above 0 and below 100 %, such as 25% or 0.25, not {text!r}")
    return value


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or int(text) < least or (most is not None and int(text) > most):
            reach = f"from {least} to {most}" if most is not None else f"from {least} on"
            raise argparse.ArgumentTypeError(f"takes a whole number {reach}, not {text!r}")
        return int(text)

    return read


def main(arguments: Sequence[str], opener: Opener = Locusts) -> int:
    """Run the command and return its exit code; an error that a user can meet is one sentence."""
    try:
        return run.run(_plan(arguments), opener)
    except ParityError as error:
        tell(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        tell("interrupted")
        return 130
    except BrokenPipeError:
        return 0
    except OSError as error:
        tell(f"{error.filename or 'a file'} cannot be used: {error.strerror}")
        return ParityError.exit_code
    except Exception:  # noqa: BLE001 - a bug of the harness: 1 would say that a runtime is slower
        traceback.print_exc(file=sys.stderr)
        return ParityError.exit_code


def _plan(arguments: Sequence[str]) -> plan.Plan:
    given = parser().parse_intermixed_args(list(arguments))
    return plan.make(
        start=Path.cwd(),
        names=tuple(given.names),
        conditions=plan.Conditions(given.file, given.corpus, given.users, given.seconds),
        rounds=given.rounds,
        seed=given.seed,
        report=given.report,
        baseline=given.baseline,
        tolerance=given.fail_if_slower,
        update=given.update_baseline,
        plants=tuple(given.plant),
        command=shlex.join([*PROGRAM.split(), *arguments]),
    )
