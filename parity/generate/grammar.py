"""A grammar of byte strings: one declaration that gives both a fast sampler and a Hypothesis strategy.

A sampler costs a few microseconds where Hypothesis' engine costs a millisecond, so the sweep draws from the one and
only the exploring from the other. Both give the same language, with different weights: Hypothesis keeps its own.
"""

from __future__ import annotations

import abc
import bisect
import functools
import itertools
from typing import TYPE_CHECKING, TypeGuard

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from hypothesis.strategies import SearchStrategy

    Sampler = Callable[[Random], bytes]


WEIGHT_STEPS = 1024  # into which Hypothesis' choices are divided; a rarer one is as rare as one of these


class Grammar(abc.ABC):
    """A node of a grammar. It is what a probe declares as its inputs (model.Inputs)."""

    # Both are made once a node: a grammar shares its nodes, and following every path through it would never end.
    _sampler: Sampler | None = None
    _strategy: SearchStrategy[bytes] | None = None

    def sampler(self) -> Sampler:
        """Return a fast function from a `random.Random` to a string of the language."""
        if self._sampler is None:
            self._sampler = self._make_sampler()
        return self._sampler

    def strategy(self) -> SearchStrategy[bytes]:
        """Return a Hypothesis strategy of the same language."""
        if self._strategy is None:
            self._strategy = self._make_strategy()
        return self._strategy

    @abc.abstractmethod
    def _make_sampler(self) -> Sampler:
        """Make the sampler; called once."""

    @abc.abstractmethod
    def _make_strategy(self) -> SearchStrategy[bytes]:
        """Make the strategy; called once."""

    def __add__(self, other: Grammar | bytes | str) -> Grammar:
        """Return the concatenation."""
        return _Concat((self, _node(other)))

    def __radd__(self, other: bytes | str) -> Grammar:
        """Return the concatenation."""
        return _Concat((_node(other), self))

    def __or__(self, other: Grammar | bytes | str) -> Grammar:
        """Return the choice between two, each as likely."""
        return weighted((1, self), (1, other))


class _Pick(Grammar):
    def __init__(self, alternatives: Sequence[bytes]) -> None:
        self.alternatives = tuple(alternatives)

    def _make_sampler(self) -> Sampler:
        alternatives, count = self.alternatives, len(self.alternatives)
        if count == 1:
            only = alternatives[0]
            return lambda rng: only  # noqa: ARG005
        return lambda rng: alternatives[int(rng.random() * count)]

    def _make_strategy(self) -> SearchStrategy[bytes]:
        if len(self.alternatives) == 1:
            return st.just(self.alternatives[0])  # nothing to choose, so nothing for Hypothesis to vary
        return st.sampled_from(self.alternatives)


class _Weighted(Grammar):
    def __init__(self, choices: Sequence[tuple[float, Grammar]]) -> None:
        self.choices = tuple(choices)

    def _make_sampler(self) -> Sampler:
        limits = list(itertools.accumulate(weight for weight, _ in self.choices))
        samplers = [choice.sampler() for _, choice in self.choices]
        total, right, last = limits[-1], bisect.bisect_right, len(samplers) - 1
        return lambda rng: samplers[min(last, right(limits, rng.random() * total))](rng)

    def _make_strategy(self) -> SearchStrategy[bytes]:
        """Draw as often as the weights say, as the sampler does; st.one_of would draw each flaw half of the time."""
        strategies = [choice.strategy() for _, choice in self.choices]
        limits = list(itertools.accumulate(weight for weight, _ in self.choices))
        steps = [int(limit / limits[-1] * WEIGHT_STEPS) for limit in limits]
        which, last = st.integers(0, WEIGHT_STEPS - 1), len(strategies) - 1

        @st.composite
        def chosen(draw: st.DrawFn) -> bytes:
            return draw(strategies[min(last, bisect.bisect_right(steps, draw(which)))])

        return chosen()


def _is_literal(part: Grammar | None) -> TypeGuard[_Pick]:
    return isinstance(part, _Pick) and len(part.alternatives) == 1


class _Concat(Grammar):
    def __init__(self, parts: Sequence[Grammar]) -> None:
        flat: list[Grammar] = []
        for part in parts:
            flat.extend(part.parts if isinstance(part, _Concat) else (part,))
        merged: list[Grammar] = []
        for part in flat:
            before = merged[-1] if merged else None
            if _is_literal(part) and _is_literal(before):
                merged[-1] = _Pick([before.alternatives[0] + part.alternatives[0]])
            else:
                merged.append(part)
        self.parts: tuple[Grammar, ...] = tuple(merged)

    def _make_sampler(self) -> Sampler:
        samplers = [part.sampler() for part in self.parts]
        return lambda rng: b"".join([sampler(rng) for sampler in samplers])

    def _make_strategy(self) -> SearchStrategy[bytes]:
        return st.tuples(*[part.strategy() for part in self.parts]).map(b"".join)


class _Repeat(Grammar):
    def __init__(self, part: Grammar, least: int, most: int, separator: Grammar) -> None:
        self.part, self.least, self.most, self.separator = part, least, most, separator

    def _make_sampler(self) -> Sampler:
        part, separator = self.part.sampler(), self.separator.sampler()
        least, width = self.least, self.most - self.least + 1

        def sample(rng: Random) -> bytes:
            count = least + int(rng.random() * width)
            if count == 0:
                return b""
            out = [part(rng)]
            for _ in range(count - 1):
                out.append(separator(rng))
                out.append(part(rng))
            return b"".join(out)

        return sample

    def _make_strategy(self) -> SearchStrategy[bytes]:
        pairs = st.tuples(self.separator.strategy(), self.part.strategy())
        return st.lists(pairs, min_size=self.least, max_size=self.most).map(
            lambda drawn: b"".join([(separator if i else b"") + part for i, (separator, part) in enumerate(drawn)])
        )


class _Mapped(Grammar):
    def __init__(self, part: Grammar, change: Callable[[bytes], bytes]) -> None:
        self.part, self.change = part, change

    def _make_sampler(self) -> Sampler:
        part, change = self.part.sampler(), self.change
        return lambda rng: change(part(rng))

    def _make_strategy(self) -> SearchStrategy[bytes]:
        return self.part.strategy().map(self.change)


class _Mutated(Grammar):
    def __init__(self, part: Grammar, bytes_: bytes) -> None:
        self.part, self.bytes = part, bytes_

    def _make_sampler(self) -> Sampler:
        part, palette = self.part.sampler(), self.bytes

        def sample(rng: Random) -> bytes:
            return _mutate(part(rng), rng.random(), int(rng.random() * 4), palette[int(rng.random() * len(palette))])

        return sample

    def _make_strategy(self) -> SearchStrategy[bytes]:
        where = st.integers(0, 999).map(lambda number: number / 1000)
        drawn = st.tuples(self.part.strategy(), where, st.integers(0, 3), st.sampled_from(list(self.bytes)))
        return drawn.map(lambda arguments: _mutate(*arguments))


def _mutate(data: bytes, where: float, edit: int, byte: int) -> bytes:
    """Delete, insert, replace or repeat one byte."""
    at = int(where * len(data))
    match edit:
        case 0:
            return data[:at] + data[at + 1 :]
        case 1:
            return data[:at] + bytes((byte,)) + data[at:]
        case 2:
            return data[:at] + bytes((byte,)) + data[at + 1 :]
        case _:
            return data[: at + 1] + data[at:]


def pick(*alternatives: bytes | str) -> Grammar:
    """Return one of the alternatives, each as likely."""
    return _Pick([item.encode() if isinstance(item, str) else item for item in alternatives])


def weighted(*choices: tuple[float, Grammar | bytes | str]) -> Grammar:
    """Return one of the choices, as often as its weight says (in the sweep)."""
    return _Weighted([(weight, _node(choice)) for weight, choice in choices])


def concat(*parts: Grammar | bytes | str) -> Grammar:
    """Return the parts, one behind the other."""
    return _Concat([_node(part) for part in parts])


def repeat(part: Grammar | bytes | str, least: int, most: int, separator: Grammar | bytes | str = b"") -> Grammar:
    """Return between `least` and `most` of the part, both included, with a separator between them."""
    return _Repeat(_node(part), least, most, _node(separator))


def mapped(part: Grammar, change: Callable[[bytes], bytes]) -> Grammar:
    """Return the part, changed by a function."""
    return _Mapped(part, change)


def mutated(part: Grammar, palette: bytes) -> Grammar:
    """Return the part with one byte deleted, inserted from the palette, replaced from it, or repeated."""
    return _Mutated(part, palette)


def nested(leaf: Grammar, level: Callable[[Grammar], Grammar], depth: int) -> Grammar:
    """Return `leaf`, wrapped by `level` up to `depth` times: a recursion that ends."""
    return functools.reduce(lambda inner, _: level(inner), range(depth), leaf)


def _node(part: Grammar | bytes | str) -> Grammar:
    return part if isinstance(part, Grammar) else pick(part)
