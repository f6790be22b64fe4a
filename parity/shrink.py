"""Shrink an input while it keeps a property, knowing nothing but the bytes and what JSON looks like.

It serves every origin alike: what a sweep or Hypothesis drew, what a file held, and captured traffic, which no
strategy describes. The order that it descends in is shortlex: a shorter input is smaller; among inputs of one length
the one with the simpler characters is. Each pass proposes smaller inputs, the first kept one is taken, and it ends
when no pass proposes a kept one any more. So at the end removing any character, token, line, member, element or
pair of brackets loses the property.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Keeps = Callable[[list[bytes]], list[bool]]

ROUND = 64  # proposals that are tried at once: testees answer many as fast as few
FIRST_ROUND = 8  # the first ones, since where one was kept the next one often is
COSTLY_ROUND = 512  # where asking at all costs far more than one proposal does
MOST_BYTES = 512 * 2**20  # of all inputs that are tried
MOST_TRIALS = 60_000  # an end for inputs of many kilobytes, where every pass is long

_TOKEN = re.compile(
    rb'"(?:[^"\\]|\\.)*"|[\[\]{},:]|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[ \t\r\n]+|```|\w+|[\x80-\xff]+|.',
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)
_SIMPLEST = b'0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ"{}[],:-.\\`'
_RANK = {byte: rank for rank, byte in enumerate(_SIMPLEST)}
_CLOSING = {b"[": b"]", b"{": b"}"}


class Shrunk(NamedTuple):
    """The smallest input that was found, and whether shrinking came to its own end."""

    data: bytes
    minimal: bool


def shrink(
    data: bytes,
    keeps: Keeps,
    is_over: Callable[[], bool] = lambda: False,
    *,
    costly: Callable[[bytes], bool] | None = None,
) -> Shrunk:
    """Return the smallest input that `keeps` the property. `keeps` answers for many inputs at once.

    `data` itself must have the property; `keeps` must be a function of the input. `is_over` ends it early.
    Of a `costly` input far more proposals are tried at once, and what several kept ones take away is taken away
    together: where services start again, each round takes a second.
    """
    trials = _Trials(keeps, is_over, costly or (lambda _: False))
    before = None
    while before != data and not trials.spent:
        before = data
        for propose in (_drop_chunks, _drop_lines, _drop_spans, _unwrap, _drop_characters, _replace_spans, _simplify):
            data = _descend(data, propose, trials)
    return Shrunk(data, before == data and not trials.spent)


class _Trials:
    """Asks whether inputs keep the property, each one once."""

    def __init__(self, keeps: Keeps, is_over: Callable[[], bool], costly: Callable[[bytes], bool]) -> None:
        self._keeps, self._is_over, self.costly = keeps, is_over, costly
        self._known: dict[bytes, bool] = {}  # by digest, since an input may be a megabyte
        self._bytes = 0

    @property
    def spent(self) -> bool:
        return len(self._known) >= MOST_TRIALS or self._bytes >= MOST_BYTES or self._is_over()

    def first_kept(self, proposals: Iterator[tuple[int, bytes]]) -> tuple[int, bytes] | None:
        """Return the first numbered proposal that keeps the property; None where none does, or time is up."""
        size = FIRST_ROUND
        while not self.spent and (some := list(itertools.islice(proposals, size))):
            for numbered, kept in zip(some, self._ask([proposal for _, proposal in some]), strict=True):
                if kept:
                    return numbered
            size = min(2 * size, ROUND)
        return None

    def most_kept(self, data: bytes, proposals: Iterator[tuple[int, bytes]]) -> tuple[int, bytes] | None:
        """Return what as many proposals for `data` as possible come to that keep the property, together as each alone.

        It has the number of the first one. None where none keeps it, or time is up.
        """
        while not self.spent and (some := list(itertools.islice(proposals, COSTLY_ROUND))):
            kept = [one for one, kept in zip(some, self._ask([proposal for _, proposal in some]), strict=True) if kept]
            if kept:
                edits = _apart(data, [proposal for _, proposal in kept])
                counts = [len(edits) >> halvings for halvings in range(len(edits).bit_length() - 1)]
                together = [_edited(data, edits[:count]) for count in counts]
                found = (one for one, kept in zip(together, self._ask(together), strict=True) if kept)
                return kept[0][0], next(found, kept[0][1])
        return None

    def _ask(self, proposals: list[bytes]) -> list[bool]:
        digests = [hashlib.blake2b(proposal, digest_size=16).digest() for proposal in proposals]
        new = dict(zip(digests, proposals, strict=True))
        new = {digest: proposal for digest, proposal in new.items() if digest not in self._known}
        if new:
            self._bytes += sum(map(len, new.values()))
            self._known.update(zip(new, self._keeps(list(new.values())), strict=True))
        return [self._known[digest] for digest in digests]


class _Edit(NamedTuple):
    """Other bytes in the place of those from `start` to `end`."""

    start: int
    end: int
    by: bytes


def _apart(data: bytes, proposals: list[bytes]) -> list[_Edit]:
    """Return what proposals change in `data`, without those that overlap with an earlier one."""
    edits: list[_Edit] = []
    for proposal in proposals:
        start = _alike(data, proposal)
        most = min(len(data), len(proposal)) - start
        behind = _alike(data[::-1][:most], proposal[::-1][:most])
        edit = _Edit(start, len(data) - behind, proposal[start : len(proposal) - behind])
        if all(edit.end <= other.start or other.end <= edit.start for other in edits):
            edits.append(edit)
    return edits


def _alike(one: bytes, other: bytes) -> int:
    """Return how many bytes they begin with are the same."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)


def _edited(data: bytes, edits: list[_Edit]) -> bytes:
    """Return `data` with edits that do not overlap."""
    for edit in sorted(edits, reverse=True):
        data = data[: edit.start] + edit.by + data[edit.end :]
    return data


def _descend(data: bytes, propose: Callable[[bytes], Iterator[bytes]], trials: _Trials) -> bytes:
    """Take kept proposals until there is none any more.

    After each one the search goes on where that stood: what was refused before it will most likely be refused again,
    and comes last. A round without a kept one has still seen every proposal.
    """
    start = 0
    while not trials.spent:
        behind = itertools.islice(enumerate(propose(data)), start, None)
        before = itertools.islice(enumerate(propose(data)), start)
        both = itertools.chain(behind, before)
        if (kept := trials.most_kept(data, both) if trials.costly(data) else trials.first_kept(both)) is None:
            break
        start, data = kept
    return data


def _characters(data: bytes) -> list[bytes]:
    """Split into characters, and single bytes where the input is not UTF-8."""
    return [part.encode("utf-8", "surrogateescape") for part in data.decode("utf-8", "surrogateescape")]


def _drop_chunks(data: bytes) -> Iterator[bytes]:
    """Large pieces first, so that a long input becomes short in few steps."""
    size = len(data) // 2
    while size >= 4:
        for start in range(0, len(data), size):
            yield data[:start] + data[start + size :]
        size //= 2


def _drop_lines(data: bytes) -> Iterator[bytes]:
    """Each run of one to four lines, with the line feed in front of it or behind it."""
    lines = data.split(b"\n")
    for length in range(min(4, len(lines) - 1), 0, -1):
        for start in range(len(lines) - length + 1):
            yield b"\n".join(lines[:start] + lines[start + length :])


def _drop_spans(data: bytes) -> Iterator[bytes]:
    """Each value, member or element with one comma beside it, and each run of one to four tokens."""
    tokens = _TOKEN.findall(data)
    for first, last in _values(tokens):
        start = first - 2 if first >= 2 and tokens[first - 1] == b":" else first  # a member goes with its name
        if last + 1 < len(tokens) and tokens[last + 1] == b",":
            yield b"".join(tokens[:start] + tokens[last + 2 :])
        if start and tokens[start - 1] == b",":
            yield b"".join(tokens[: start - 1] + tokens[last + 1 :])
        yield b"".join(tokens[:start] + tokens[last + 1 :])
    for length in (4, 3, 2, 1):
        for start in range(len(tokens) - length + 1):
            yield b"".join(tokens[:start] + tokens[start + length :])


def _unwrap(data: bytes) -> Iterator[bytes]:
    """Each pair of brackets or quotation marks, and each value in the place of a value around it."""
    tokens = _TOKEN.findall(data)
    spans = list(_values(tokens))
    for first, last in spans:
        if last > first:
            yield b"".join(tokens[:first] + tokens[first + 1 : last] + tokens[last + 1 :])
            if tokens[first] == b"{" and last > first + 3:
                yield b"".join(tokens[:first] + tokens[first + 3 : last] + tokens[last + 1 :])
        elif tokens[first][:1] == b'"':
            yield b"".join([*tokens[:first], tokens[first][1:-1], *tokens[first + 1 :]])
    for outer_first, outer_last in spans:
        for first, last in spans:
            if outer_first < first and last < outer_last:
                yield b"".join(tokens[:outer_first] + tokens[first : last + 1] + tokens[outer_last + 1 :])


def _drop_characters(data: bytes) -> Iterator[bytes]:
    """Each character and each escape sequence; then each pair of characters, for what must stay balanced."""
    for escape in _ESCAPE.finditer(data):
        yield data[: escape.start()] + data[escape.end() :]
    characters = _characters(data)
    for at in range(len(characters)):
        yield b"".join(characters[:at] + characters[at + 1 :])
    if len(characters) <= 48:
        for at in range(len(characters)):
            for other in range(at + 1, len(characters)):
                yield b"".join(characters[:at] + characters[at + 1 : other] + characters[other + 1 :])


def _replace_spans(data: bytes) -> Iterator[bytes]:
    """Each value by the simplest ones that are shorter; one that stands there several times also everywhere at once."""
    tokens = _TOKEN.findall(data)
    for token, count in Counter(tokens).items():
        if count > 1 and token[:1] == b'"':
            for simple in (b'""', b'"0"'):
                if len(simple) < len(token):
                    yield b"".join([simple if one == token else one for one in tokens])
    for first, last in _values(tokens):
        span = b"".join(tokens[first : last + 1])
        for simple in (b"0", b"{}", b"[]", b'""'):
            if len(simple) < len(span):
                yield b"".join([*tokens[:first], simple, *tokens[last + 1 :]])
    for escape in _ESCAPE.finditer(data):
        yield data[: escape.start()] + b"0" + data[escape.end() :]
        if len(escape[0]) == len(rb"\u0000"):  # the character itself, where it can stand for itself
            character = chr(int(escape[0].removeprefix(rb"\u"), 16)).encode("utf-8", "ignore")
            yield data[: escape.start()] + character + data[escape.end() :]


def _simplify(data: bytes) -> Iterator[bytes]:
    """Each character by a simpler one that is not longer: everywhere at once, then at each place."""
    characters = _characters(data)
    for character in dict.fromkeys(characters):
        rank = _RANK.get(character[0], len(_RANK)) if len(character) == 1 else len(_RANK)
        for simpler in b"01ab":
            if _RANK[simpler] < rank and character not in b'"{}[]:,\n':
                yield data.replace(character, bytes((simpler,)))
    for at, character in enumerate(characters):
        rank = _RANK.get(character[0], len(_RANK)) if len(character) == 1 else len(_RANK)
        for simpler in b"01ab" + b'" {}':
            if _RANK[simpler] < rank:
                yield b"".join([*characters[:at], bytes((simpler,)), *characters[at + 1 :]])


def _values(tokens: list[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last token of everything that looks like a JSON value, the outermost first."""
    opened: list[int] = []
    ends: dict[int, int] = {}
    for at, token in enumerate(tokens):
        if token in _CLOSING:
            opened.append(at)
        elif opened and token == _CLOSING[tokens[opened[-1]]]:
            ends[opened.pop()] = at
        elif token[:1] in b'"-0123456789' or token in {b"true", b"false", b"null"}:
            ends[at] = at
    yield from sorted(ends.items(), key=lambda span: (span[0] - span[1], span[0]))
