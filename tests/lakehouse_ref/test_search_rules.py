"""The names of the rules are those of the contract, and a request tells those of its surface."""

from __future__ import annotations

import tomllib

import pytest

from lakehouse_ref.search import rules
from tests.lakehouse_ref.known import FIXTURES


@pytest.mark.parametrize("surface", ["vectors", "matrix"])
def test_they_are_those_of_the_contract(surface: str) -> None:
    contract = tomllib.loads((FIXTURES / "contract" / f"{surface}.rules.toml").read_text())
    assert rules.BY_SURFACE[surface.encode()] == {rule["name"] for rule in contract["rule"]}


@pytest.mark.parametrize(
    ("path", "header", "told"),
    [
        ("/vectors/index/a/add", None, rules.OF_VECTORS),
        ("/v1/matrix/search", None, rules.OF_MATRIX),
        ("/vectors/index/a/add", b"matrix", rules.OF_MATRIX),
        ("/v1/matrix/search", b"vectors", rules.OF_VECTORS),
        ("/v1/matrix/search", b"other", rules.OF_MATRIX),
    ],
)
def test_a_request_belongs_to_a_surface(path: str, header: bytes | None, told: frozenset[str]) -> None:
    headers = [(b"parity-surface", header)] if header is not None else []
    assert rules.of_request(path, headers) == told
