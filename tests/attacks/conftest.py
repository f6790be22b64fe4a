"""The programs under attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .programs import RUNTIMES, Program, Programs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def programs() -> Iterator[Programs]:
    programs = Programs()
    yield programs
    programs.close()


@pytest.fixture(params=RUNTIMES)
def program(request: pytest.FixtureRequest, programs: Programs) -> Program:
    """Return one runtime's program after the other."""
    return programs.get(request.param)


@pytest.fixture
def everyone(programs: Programs) -> list[Program]:
    """Return the programs of all runtimes that are here, where that are several."""
    found = list(programs.all())
    if len(found) < 2:
        pytest.skip("only one runtime is here")
    return found
