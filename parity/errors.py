"""The errors that a user can meet. Each names the culprit and the remedy; anything else is a bug of the harness.

ParityError
├── UsageError            what was asked for does not exist or does not fit          exit code 2
│   ├── ConfigError       parity.toml cannot be used
│   └── FixtureError      a known answer, a corpus file or a contract file cannot be used
└── EnvironmentFailure    the machine or a runtime cannot do what was asked          exit code 3
    ├── MissingToolError  a program that a runtime needs is not installed
    └── StartError        a runtime does not build, does not start, or is not who it should be
            └── UnreachableError  nothing answers at its address
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ParityError(Exception):
    """A failure with one sentence for the user."""

    exit_code = 3


class UsageError(ParityError):
    """What was asked for does not exist or does not fit."""

    exit_code = 2


class ConfigError(UsageError):
    """parity.toml cannot be used."""


class FixtureError(UsageError):
    """A fixture file cannot be used."""


class EnvironmentFailure(ParityError):  # noqa: N818 - EnvironmentError is Python's own, and an alias of OSError
    """The machine or a runtime cannot do what was asked."""


class MissingToolError(EnvironmentFailure):
    """A program that a runtime needs is not installed."""


class StartError(EnvironmentFailure):
    """A runtime does not build, does not start, or is not who it should be."""


class UnreachableError(StartError):
    """Nothing answers at a runtime's address."""


def unknown(kind: str, name: str, known: Iterable[str], where: str) -> UsageError:
    """Return the error for a name that nothing has: it lists the names that there are."""
    names = ", ".join(sorted(known)) or "none"
    sentence = f"unknown {kind} {name!r} in {where}; known: {names}"
    # Some names are a testee's own words, and none may act on a terminal.
    return UsageError("".join(character if character.isprintable() else "?" for character in sentence))
