"""The program `audit` (`fixtures/contract/audit.md`): a command line, or a testee of files (`files.md`)."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from lakehouse_ref.services import audit_commands, protocol

if TYPE_CHECKING:
    from lakehouse_ref.services.protocol import Surfaces


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be done, and where."""

    arguments: list[str]
    directory: str


def main() -> int:
    """Do what the command line says; return the exit code."""
    arguments = sys.argv[1:]
    if arguments == ["serve"]:
        return protocol.run(SURFACES)
    outcome = audit_commands.run(arguments, ".", set())
    if outcome.sentence:
        print(outcome.sentence, file=sys.stderr)  # noqa: T201
    if outcome.answer is not None:
        try:
            with open(1, "wb", closefd=False) as answers:
                answers.write(outcome.answer + b"\n")
        except OSError as error:
            print(f"the answer can't be written: {error.strerror}", file=sys.stderr)  # noqa: T201
            return outcome.exit or audit_commands.EXITS["unwritten"]
    return outcome.exit


def serve(surface: str, data: bytes, touched: set[str]) -> bytes:
    """Answer one request; raises where it is none. `touched` collects the rules of this surface."""
    request = msgspec.json.decode(data, type=Request)
    met: set[str] = set()
    outcome = audit_commands.run(request.arguments, request.directory, met)
    # Both surfaces have a rule `append`, and it is not the same.
    if outcome.answer is None or surface == surface_of(request.arguments):
        touched |= met
    return b'{"answer":%b,"exit":%d}' % (outcome.answer or b"null", outcome.exit)


def surface_of(arguments: list[str]) -> str:
    """Return the surface that a command belongs to."""
    return "audit_baselines" if arguments[:1] == ["baselines"] else "subject_audit_files"


SURFACES: Surfaces = {surface: partial(serve, surface) for surface in ("subject_audit_files", "audit_baselines")}

if __name__ == "__main__":
    sys.exit(main())
