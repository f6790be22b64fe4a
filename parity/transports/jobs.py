"""One sequence on its way through its steps: where it stands, what it was answered, and what went wrong."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from parity.model import Kind, Observation
from parity.transports import calls
from parity.transports.conversation import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

RUN = secrets.token_hex(4)
"""Of this harness's process: a service that is not ours may remember the tenants of an earlier one."""


class Job:
    """One case on its way through its steps."""

    def __init__(self, steps: tuple[calls.Step, ...], number: int) -> None:
        """Take the steps, and a number that no other case of this run has."""
        self.seen: Observation | None = None
        """What came of it, once that is certain."""
        self.failure: Failure | None = None
        """Why it does not go on, if it does not."""
        self.pauses = calls.pauses(steps)
        self._steps, self._number = steps, number
        self._wanted = calls.names(steps)
        self._attempts = 0
        self.begin()

    def begin(self) -> None:
        """Start from the first step, as somebody whom nobody knows."""
        self._attempts += 1
        self.tenant = f"parity-{RUN}-{self._number}-{self._attempts}".encode()
        self.failure = None
        self._blamed = ""
        self._known: dict[str, str] = {}
        self._at = 0
        self._written: list[bytes] = []
        self._rules: set[str] = set()

    @property
    def has_begun(self) -> bool:
        """Whether any step was taken."""
        return self._at > 0

    @property
    def is_done(self) -> bool:
        """Whether every step was taken."""
        return self._at == len(self._steps)

    @property
    def known(self) -> Mapping[str, str]:
        """What answers said that later calls speak of."""
        return self._known

    @property
    def step(self) -> calls.Step | None:
        """The call or the pause that is next; None at the end."""
        return None if self.is_done else self._steps[self._at]

    def blame_last(self, *, surely: bool) -> None:
        """Note that what fails is behind the last answer, or may be."""
        self._blamed = f"line {self._at}{'' if surely else ' or behind it'}"

    def placed(self, failure: Failure) -> Failure:
        """Return a failure with the place that it happened at."""
        place = self._blamed or ("behind the last line" if self.is_done else f"line {self._at + 1}")
        return Failure(failure.kind, f"{place}: {failure.detail}", failure.log)

    def pass_pause(self) -> None:
        """Go on behind a pause."""
        self._at += 1

    def note(self, seen: Observation, body: bytes) -> None:
        """Take down what a call was answered."""
        self._written.append(seen.output)
        self._rules.update(seen.rules)
        if self._wanted:
            self._known |= calls.said(body, self._wanted)
        self._at += 1

    def conclude(self) -> None:
        """Put together what all calls were answered."""
        output = b'{"steps":[%b]}' % b",".join(self._written)
        self.seen = Observation(Kind.ANSWERED, output, tuple(sorted(self._rules)))
