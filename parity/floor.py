"""The floor under a probe's coverage: fixtures/floor.toml holds what it covered, so that one that shrank is seen."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Annotated

import msgspec

from parity.errors import FixtureError, UsageError
from parity.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FILE = "floor.toml"
HEAD = """\
# The least that each surface's probe covers. A run that answers fewer known answers, or touches fewer rules of the
# contract, fails: the probe shrank. `parity floor update` raises it; lowering it takes --lower.
"""


class Floor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The floor of one surface."""

    known_answers: Annotated[int, msgspec.Meta(ge=0)]
    rules: Annotated[int, msgspec.Meta(ge=0)]


def load(fixtures: Path) -> dict[str, Floor]:
    """Read the floors by surface; none where there is no file. Raises FixtureError."""
    file = fixtures / FILE
    if not file.exists():
        return {}
    try:
        tables = tomllib.loads(file.read_bytes().decode())
    except OSError as error:
        raise FixtureError(f"{file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FixtureError(f"{file} is broken: {error}") from None
    floors = {}
    for surface, table in tables.items():
        try:
            floors[surface] = msgspec.convert(table, Floor)
        except msgspec.ValidationError as error:
            raise FixtureError(f"{file} is broken: [{surface}]: {error}") from None
    return floors


def shrunk(floor: Floor, reached: Floor, *, rules_reported: bool) -> Iterator[str]:
    """Yield in which way a probe covers less than it did."""
    if reached.known_answers < floor.known_answers:
        yield f"the probe shrank: {reached.known_answers} known answers answered, the floor is {floor.known_answers}"
    if rules_reported and reached.rules < floor.rules:
        yield f"the probe shrank: {reached.rules} rules of the contract touched, the floor is {floor.rules}"


def update(now: Mapping[str, Floor], fixtures: Path, *, lower: bool) -> Path:
    """Write the floors as they are now. Raises UsageError where one would sink and `lower` does not say so."""
    before = load(fixtures)
    for surface, floor in before.items():
        new = now.get(surface, Floor(0, 0))
        if not lower and (new.known_answers < floor.known_answers or new.rules < floor.rules):
            raise UsageError(
                f"the floor of {surface} would sink from {floor.known_answers} known answers and {floor.rules} rules "
                f"to {new.known_answers} and {new.rules}; if that is meant, say --lower"
            )
    file = fixtures / FILE
    tables = [
        f"[{_key(name)}]\nknown_answers = {floor.known_answers}\nrules = {floor.rules}\n" for name, floor in now.items()
    ]
    write_atomically(file, "\n".join([HEAD, *tables]).encode())
    return file


def _key(name: str) -> str:
    """Return a name as TOML wants it: plain where it is plain."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)
