"""Who hears how a run goes: a face that shows it, or nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from parity.tally import Tally


class Listener(Protocol):
    """Who wants to hear how a run goes."""

    def tell(self, text: str) -> None:
        """Hear of something that takes a while."""

    def progress(self, surface: str, phase: str, done: int, total: int) -> None:
        """Hear how far a phase is; called once a batch."""

    def found(self, tally: Tally) -> None:
        """Hear that a tally has a new finding, fault or note, which must not be lost."""


class Silent:
    """A listener that hears nothing."""

    def tell(self, text: str) -> None:
        """Hear nothing."""

    def progress(self, surface: str, phase: str, done: int, total: int) -> None:
        """Hear nothing."""

    def found(self, tally: Tally) -> None:
        """Hear nothing."""
