"""Sequences of calls as rules: one declaration that gives a fast sampler and a Hypothesis state machine.

A rule writes one line of a case (fixtures/contract/sequences.md). It may ask that another rule was taken before, since
most of what can be done to a thing that was never made is one and the same refusal.
"""

from __future__ import annotations

import bisect
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from parity.generate.grammar import Grammar


class Rule(NamedTuple):
    """One kind of call, or several that always go together."""

    weight: float
    """How often the sweep takes it, against the others that may be taken."""
    lines: Grammar
    behind: str = ""
    """The rule without which this one is not taken."""


class Calls:
    """The sequences of a surface: a beginning, and rules in any order."""

    def __init__(self, beginning: Grammar, rules: dict[str, Rule], *, most: int) -> None:
        """Take the lines that each sequence begins with, and the rules, of which at most `most` are taken."""
        self._beginning, self._rules, self.most = beginning, rules, most

    def sampler(self) -> Callable[[Random], bytes]:
        """Return a fast function from a `random.Random` to a sequence."""
        begin, most = self._beginning.sampler(), self.most
        drawn = {name: one.lines.sampler() for name, one in self._rules.items()}
        choices: dict[frozenset[str], tuple[list[str], list[float]]] = {}

        def allowed(taken: frozenset[str]) -> tuple[list[str], list[float]]:
            names = [name for name, one in self._rules.items() if not one.behind or one.behind in taken]
            return names, list(itertools.accumulate(self._rules[name].weight for name in names))

        def sample(rng: Random) -> bytes:
            lines = [begin(rng)]
            taken: frozenset[str] = frozenset()
            for _ in range(1 + int(rng.random() * most)):
                if taken not in choices:
                    choices[taken] = allowed(taken)
                names, limits = choices[taken]
                name = names[min(len(names) - 1, bisect.bisect_right(limits, rng.random() * limits[-1]))]
                lines.append(drawn[name](rng))
                taken |= {name}
            return b"\n".join(lines)

        return sample

    def machine(self, judge: Callable[[bytes], None]) -> type[RuleBasedStateMachine]:
        """Return a state machine that hands each sequence it made to `judge`."""

        class Sequences(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.lines: list[bytes] = []
                self.taken: set[str] = set()

            def teardown(self) -> None:
                if self.lines:
                    judge(b"\n".join(self.lines))

        def step(name: str, one: Rule) -> Any:  # noqa: ANN401 - what Hypothesis makes of a method
            def take(self: Sequences, lines: bytes) -> None:
                self.lines.append(lines)
                self.taken.add(name)

            take.__name__ = name
            made = rule(lines=one.lines.strategy())(take)
            return precondition(lambda self: one.behind in self.taken)(made) if one.behind else made

        def begin(self: Sequences, lines: bytes) -> None:
            self.lines.append(lines)

        for name, one in self._rules.items():
            setattr(Sequences, f"rule_{name}", step(name, one))
        Sequences.begin = initialize(lines=self._beginning.strategy())(begin)
        return Sequences
