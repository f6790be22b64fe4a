"""What the witness says: the process that compares sampled answers with other runtimes, from this side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import gevent
import msgspec
from gevent.event import Event

from loadgen.child import Child
from loadgen.summary import Parity
from parity import config as configuration
from parity.errors import unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadgen.options import Options

LAST_WORDS = 60.0
"""Seconds that the witness has for what it has not compared yet."""


class Testimony:
    """The witness, and what it was given."""

    def __init__(self, under: str, options: Options, tell: Callable[[str], None]) -> None:
        """Start it. Raises ParityError."""
        settings = configuration.load(configuration.find_root(Path.cwd()))
        peers = options.peers
        if peers is None:
            peers = tuple(name for name in settings.runtimes if name != under)
        for name in peers:
            if name not in settings.runtimes:
                raise unknown("runtime", name, settings.runtimes, "--peers")
        plant = ["--plant", options.plant] if options.plant else []
        self.is_over = False
        self._peers, self._share, self._given, self._unheard = peers, options.sample, 0, 0
        tell(f"making {', '.join(peers)} ready, to compare answers with")
        self._witness = Child("loadgen.witness", ["--runtimes", ",".join(peers), "--under", under, *plant])
        try:
            self._witness.wait_for("ready", tell)
        except BaseException:
            self._witness.close()
            raise
        self._said: Parity | None = None
        self._has_ended = Event()
        self._hearing = gevent.spawn(self._hear)

    def _hear(self) -> None:
        """Hear all that it says: of a pipe that nobody reads it would come to stand still."""
        for line in self._witness.lines():
            if "parity" in line:
                self._said = msgspec.convert(line["parity"], Parity)
        self._has_ended.set()

    def give(self, samples: Sequence[bytes]) -> None:
        """Hand on answers to be compared."""
        for sample in samples:
            if self._witness.send(sample):
                self._given += 1
            else:
                self._unheard += 1

    def end(self, dropped: int) -> Parity:
        """Return what comparing came to; so many samples were dropped before they came here."""
        self.is_over = True
        self._witness.finish()
        self._has_ended.wait(LAST_WORDS)
        parity, dropped = self._said, dropped + self._unheard
        if parity is None:
            why = "the witness ended, or fell silent, before it said what it saw"
            return Parity(self._share, list(self._peers), self._given + dropped, 0, dropped, 0, [], why)
        sampled, dropped = parity.sampled + dropped, parity.dropped + dropped
        return msgspec.structs.replace(parity, share=self._share, sampled=sampled, dropped=dropped)

    def close(self) -> None:
        """End it."""
        self._witness.close()
