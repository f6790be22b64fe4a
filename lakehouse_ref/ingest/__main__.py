"""The program `python -m lakehouse_ref.ingest`: see its --help, and `fixtures/contract/workers.md`."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

from lakehouse_ref.ingest import command_line
from lakehouse_ref.ingest.errors import IngestError, ScratchError

INTERRUPTED = 130


def main() -> int:
    """Do what the command line says; return the exit code."""
    signal.signal(signal.SIGTERM, end)
    try:
        command = command_line.parse(sys.argv[1:])
        try:
            from lakehouse_ref.ingest.run import run  # noqa: PLC0415 -- so that --help needs no package
        except ModuleNotFoundError as error:
            raise ScratchError(f"the package {error.name} is missing; the extra `ingest` has it") from error
        for line in run(command):
            print(line, flush=True)  # noqa: T201
    except IngestError as error:
        print(f"ingest: {error}", file=sys.stderr)  # noqa: T201
        return error.exit
    except BrokenPipeError:  # nobody reads what was done any more
        sys.stdout = None
        return ScratchError.exit
    except KeyboardInterrupt:
        print("ingest: interrupted; --resume goes on with an index", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    return 0


def end(number: int, _: object) -> NoReturn:
    """End at SIGTERM in the way of Python, so that temporary files are taken away."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
