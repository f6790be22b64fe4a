"""The tests see what they are for: each planted bug of the front, by the checks that the other modules make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .programs import GO
from .test_answers import comes_back
from .test_targets import comes_through

if TYPE_CHECKING:
    from collections.abc import Callable

    from .gateway import Gateway
    from .programs import Front, Program

FOUND_BY: dict[str, Callable[[Front, Gateway], None]] = {
    "content-type-lost": lambda front, go: comes_back(front, go, 404),
    "path-normalised": lambda front, go: comes_through(front, go, "/a/../b"),
    "status-flattened": lambda front, go: comes_back(front, go, 422),
}


@pytest.mark.parametrize("plant", FOUND_BY)
def test_a_plant_is_found(program: Program, go: Gateway, plant: str) -> None:
    with program.start(**{GO: go.url, "LAKEHOUSE_PLANT": plant}) as front:
        assert front.get("/health").body["planted"] == plant
        with pytest.raises(AssertionError):
            FOUND_BY[plant](front, go)


@pytest.mark.parametrize("plant", FOUND_BY)
def test_a_plant_is_small(program: Program, go: Gateway, plant: str) -> None:
    with program.start(**{GO: go.url, "LAKEHOUSE_PLANT": plant}) as front:
        comes_through(front, go, "/v1//matrix/search?a=/../b", "POST")
        comes_back(front, go, 200)


def test_every_plant_has_its_test(program: Program) -> None:
    with program.start() as front:
        assert front.get("/health").body["plants"] == sorted(FOUND_BY)
