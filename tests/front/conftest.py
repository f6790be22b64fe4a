"""One front that the tests of a module share, before two gateways of the tests' own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.errors import MissingToolError
from parity.testees.build import find_tool

from .gateway import Gateway
from .programs import GO, RUST, Front, Program

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    try:
        bun = find_tool("bun")
    except MissingToolError as error:
        pytest.skip(str(error))
    return Program(bun, tmp_path_factory.mktemp("front"))


@pytest.fixture(scope="module")
def go() -> Iterator[Gateway]:
    with Gateway() as gateway:
        yield gateway


@pytest.fixture(scope="module")
def rust() -> Iterator[Gateway]:
    with Gateway() as gateway:
        yield gateway


@pytest.fixture(scope="module")
def front(program: Program, go: Gateway, rust: Gateway) -> Iterator[Front]:
    """Return a front with both gateways."""
    with program.start(**{GO: go.url, RUST: rust.url}) as front:
        yield front
