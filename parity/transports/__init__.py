"""The ways to reach a testee. Each one is a `Transport`: it opens, answers batches in order, and closes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import msgspec

from parity.model import show_bytes
from parity.transports import calls, message, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


@dataclass(frozen=True)
class Requests:
    """One batch of cases, encoded at most once for all testees."""

    surface: str
    inputs: Sequence[bytes]
    first_id: int
    prepare: Callable[[range], None] = lambda _: None
    """Called before these inputs are sent, which after a fault may be again."""

    @cached_property
    def lines(self) -> list[bytes]:
        """The requests as lines of the helper protocol."""
        return [
            _encode({"id": number, "surface": self.surface} | show_bytes(data)) + b"\n"
            for number, data in enumerate(self.inputs, self.first_id)
        ]

    @cached_property
    def messages(self) -> list[message.Message | str]:
        """The requests as HTTP messages; a sentence for an input that is none."""
        return [message.parse(data) for data in self.inputs]

    @cached_property
    def sequences(self) -> list[tuple[calls.Step, ...] | str]:
        """The requests as sequences of calls; a sentence for an input that is none."""
        return [calls.parse(data) for data in self.inputs]

    @cached_property
    def trees(self) -> list[tree.Tree | str]:
        """The requests as directories with steps; a sentence for an input that is none."""
        return [tree.parse(data) for data in self.inputs]


_encode = msgspec.json.Encoder().encode


class Askable(Protocol):
    """Who answers cases, on the driver's event loop."""

    async def ask(self, requests: Requests) -> list[Observation]:
        """Return what the testee does with each input, in their order; a fault of the testee is an observation."""


class Transport(Askable, Protocol):
    """A way to one testee. All of it runs on the driver's event loop."""

    kind: str
    """What the reports call this way."""

    async def open(self) -> Hello:
        """Start or reach the testee. Raises StartError."""

    async def close(self) -> None:
        """End or leave the testee; never raises."""
