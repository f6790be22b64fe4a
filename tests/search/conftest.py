"""The programs under attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.attacks.programs import RUNTIMES

from .programs import Program, Programs, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .client import Client


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    programs = Programs(tmp_path_factory.mktemp("matrixd"))
    yield programs
    programs.close()


@pytest.fixture(params=RUNTIMES)
def program(request: pytest.FixtureRequest, programs: Programs) -> Program:
    """Return one runtime's program after the other."""
    return programs.get(request.param)


@pytest.fixture
def service(program: Program, programs: Programs) -> Service:
    """Return the runtime's service that tests share; who changes more than its own tenants starts another one."""
    return programs.service(program.name)


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    """Return a connection to it, for a tenant of its own."""
    with service.client() as client:
        yield client
