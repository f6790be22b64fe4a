"""The ways to reach a testee. Each one is a `Transport`: it opens, answers batches in order, and closes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.model import Observation


class Hello(msgspec.Struct, frozen=True):
    """What a testee says of itself at start (fixtures/contract/helper.schema.json)."""

    protocol: int
    runtime: str
    version: str
    commit: str
    surfaces: tuple[str, ...]
    plants: tuple[str, ...]
    planted: str | None


class Requests(msgspec.Struct, frozen=True):
    """One batch of cases, encoded once for all testees."""

    surface: str
    inputs: Sequence[bytes]
    first_id: int
    lines: Sequence[bytes]
    """The requests as lines of the helper protocol."""


class Transport(Protocol):
    """A way to one testee. All of it runs on the driver's event loop."""

    kind: str
    """What the reports call this way."""

    async def open(self) -> Hello:
        """Start or reach the testee. Raises StartError."""

    async def ask(self, requests: Requests) -> list[Observation]:
        """Return what the testee does with each input, in their order; a fault of the testee is an observation."""

    async def close(self) -> None:
        """End or leave the testee; never raises."""
