"""The shrinker: it keeps the property, ends with nothing to spare, and always ends."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from parity import lossless, shrink
from parity.lossless import Array, Node, NotJSONError, Object
from parity.shrink import Shrunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Property = Callable[[bytes], bool]


def asked(has: Property) -> Callable[[list[bytes]], list[bool]]:
    return lambda inputs: [has(data) for data in inputs]


def has_duplicate_member(data: bytes) -> bool:
    found = []

    def members(pairs: list[tuple[str, Any]]) -> None:
        found.append(max(Counter(name for name, _ in pairs).values(), default=0) > 1)

    try:
        json.loads(data, object_pairs_hook=members)
    except ValueError:
        return False
    return any(found)


def nesting(data: bytes) -> int:
    deepest = depth = 0
    for byte in data:
        depth += (byte in b"[{") - (byte in b"]}")
        deepest = max(deepest, depth)
    return deepest


def has_lone_surrogate(data: bytes) -> bool:
    try:
        text = json.dumps(json.loads(data), ensure_ascii=False)
    except ValueError:
        return False
    return any("\ud800" <= character <= "\udfff" for character in text)


def balanced_objects(data: bytes) -> int:
    count = depth = 0
    for byte in data:
        if byte == ord("}") and depth:
            depth -= 1
            count += depth == 0
        depth += byte == ord("{")
    return count


def is_not_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False


def sums_to_ten(data: bytes) -> bool:
    try:
        value = json.loads(data)
    except ValueError:
        return False
    return isinstance(value, list) and all(type(item) is int for item in value) and sum(value) >= 10


def is_steps_and_marks(data: bytes) -> bool:
    """Tell whether every line is whole, and one is a step: no character of a mark can go without all of it."""
    lines = data.split(b"\n")
    return b"step" in lines and all(re.fullmatch(rb"step|-- [a-z.]+( 600)?( secret)? --", line) for line in lines)


LONG_PROSE = b"Sure, here is the object that was asked for. " * 450
DOCUMENT = json.dumps({"crew": [{"name": f"worker {n}", "rate": n / 4} for n in range(6)], "city": "Aurora"}).encode()

PROPERTIES: list[tuple[str, Property, bytes, int]] = [
    ("minus-zero", lambda data: b"-0" in data, b'{"a": [1, -0.0, {"b": "c"}], "d": -0}', 2),
    ("duplicate-member", has_duplicate_member, b'{"x": [1, {"key": "a", "other": 1, "key": [{}]}], "y": 2}', 11),
    ("nesting-beyond-5", lambda data: nesting(data) > 5, b'{"a": [[[{"b": [{"c": [1, 2]}]}]]]}' * 2, 6),
    ("lone-surrogate", has_lone_surrogate, rb'{"name": "x\ud83d\ude00y\ud800z", "list": [1, 2]}', 8),
    ("two-balanced-objects", lambda data: balanced_objects(data) >= 2, b'Sure {"a": {"b": 1}} and {"c": "d"}.', 4),
    ("non-utf8-byte", is_not_utf8, b'Sure \xe4\xbd\xa0: {"a": "\xff", "b": "\xc3\xa9"}', 1),
    ("cut-off-utf8", is_not_utf8, b'{"a": "\xe2\x82", "b": 1}', 1),
    ("encoded-beyond-10ffff", is_not_utf8, b'{"a": "\xf4\x90\x80\x80", "b": 1}', 1),
    ("long-input", lambda data: b'{"id":-0}' in data, LONG_PROSE[:10_000] + b'{"id":-0}' + LONG_PROSE[:10_000], 9),
    ("long-document", lambda data: b"1.25" in data and b"Aurora" in data, DOCUMENT * 100, 10),
    ("long-only", lambda data: len(data) >= 100, DOCUMENT, 100),
    ("even-length", lambda data: len(data) % 2 == 1 and b"{" in data, DOCUMENT + b" " * (len(DOCUMENT) % 2 == 0), 1),
    ("a-sum", sums_to_ten, b"[1, 2, 3, [4][0], 5]".replace(b"[4][0]", b"4"), 4),
    ("astral", lambda data: "\U0001f600".encode() in data, '{"a": "x\U0001f600y"}'.encode(), 4),
    ("whole-lines", is_steps_and_marks, b"step\n-- log.jsonl 600 --\nstep\n-- a --\n-- audit.key 600 secret --", 4),
    ("empty-is-enough", lambda _: True, DOCUMENT, 0),
]
by_name = pytest.mark.parametrize(
    ("has", "data", "smallest"), [pytest.param(*row[1:], id=row[0]) for row in PROPERTIES]
)


@by_name
def test_it_keeps_the_property_and_gets_to_the_smallest_size(has: Property, data: bytes, smallest: int) -> None:
    assert has(data), "the table is wrong"
    result = shrink.shrink(data, asked(has))
    assert has(result.data)
    assert result.minimal
    assert len(result.data) == smallest, result.data


@by_name
def test_no_character_can_go(has: Property, data: bytes, smallest: int) -> None:  # noqa: ARG001
    small = shrink.shrink(data, asked(has)).data
    assert [less for less in without_a_character(small) if has(less)] == []


@by_name
def test_no_member_and_no_element_can_go(has: Property, data: bytes, smallest: int) -> None:  # noqa: ARG001
    small = shrink.shrink(data, asked(has)).data
    try:
        tree = lossless.read(small)
    except NotJSONError:
        return  # then the characters are all there is
    assert [less for less in without_a_part(tree) if has(lossless.text(less).encode())] == []


def without_a_character(data: bytes) -> Iterator[bytes]:
    """Yield the input without each character; of what is no UTF-8, without each byte."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        yield from (data[:at] + data[at + 1 :] for at in range(len(data)))
    else:
        yield from ((text[:at] + text[at + 1 :]).encode() for at in range(len(text)))


def without_a_part(node: Node) -> Iterator[Node]:
    match node:
        case Array():
            for at, item in enumerate(node.items):
                yield Array(node.items[:at] + node.items[at + 1 :])
                yield from (Array((*node.items[:at], less, *node.items[at + 1 :])) for less in without_a_part(item))
        case Object():
            for at, member in enumerate(node.members):
                yield Object(node.members[:at] + node.members[at + 1 :])
                for less in without_a_part(member.value):
                    changed = lossless.Member(member.token, member.name, less)
                    yield Object((*node.members[:at], changed, *node.members[at + 1 :]))


@by_name
def test_the_same_input_shrinks_to_the_same_result(has: Property, data: bytes, smallest: int) -> None:  # noqa: ARG001
    assert shrink.shrink(data, asked(has)) == shrink.shrink(data, asked(has))


@by_name
def test_every_proposal_is_smaller_than_what_was_kept(has: Property, data: bytes, smallest: int) -> None:  # noqa: ARG001
    kept = [data]

    def keeps(inputs: list[bytes]) -> list[bool]:
        assert all(len(proposal) <= len(kept[-1]) and proposal != kept[-1] for proposal in inputs)
        answers = [has(proposal) for proposal in inputs]
        kept.extend(itertools.islice((one for one, answer in zip(inputs, answers, strict=True) if answer), 1))
        return answers

    shrink.shrink(data, keeps)


def test_a_long_input_is_done_in_few_trials() -> None:
    trials: list[bytes] = []

    def keeps(inputs: list[bytes]) -> list[bool]:
        trials.extend(inputs)
        return [b"-0" in data for data in inputs]

    data = LONG_PROSE[:10_000] + b'{"id": -0}' + LONG_PROSE[:10_000]
    assert shrink.shrink(data, keeps) == Shrunk(b"-0", minimal=True)
    assert len(trials) < 5000


def test_no_input_is_tried_twice_and_no_round_is_too_large() -> None:
    trials: list[bytes] = []

    def keeps(inputs: list[bytes]) -> list[bool]:
        assert 0 < len(inputs) <= shrink.ROUND
        trials.extend(inputs)
        return [b"1.25" in data for data in inputs]

    shrink.shrink(DOCUMENT, keeps)
    assert len(trials) == len(set(trials))


@by_name
def test_a_costly_input_shrinks_as_far(has: Property, data: bytes, smallest: int) -> None:
    result = shrink.shrink(data, asked(has), costly=lambda _: True)
    assert has(result.data)
    assert result.minimal
    assert len(result.data) == smallest, result.data
    assert [less for less in without_a_character(result.data) if has(less)] == []


def test_a_costly_input_is_done_in_few_rounds() -> None:
    """What lies between the things that must stay is taken away together."""
    trials: list[bytes] = []
    rounds: list[int] = []

    def keeps(inputs: list[bytes]) -> list[bool]:
        trials.extend(inputs)
        rounds.append(len(inputs))
        return [re.search(b"-.*-.*-.*-.*-.*-", data, re.DOTALL) is not None for data in inputs]

    data = b"\n".join(b'{"id": -%d, "name": "w"}' % number for number in range(6))
    assert shrink.shrink(data, keeps, costly=lambda _: True) == Shrunk(b"------", minimal=True)
    costly = len(rounds)
    assert len(trials) == len(set(trials))
    assert max(rounds) <= shrink.COSTLY_ROUND
    rounds.clear()
    assert shrink.shrink(data, keeps) == Shrunk(b"------", minimal=True)
    assert costly * 3 < len(rounds)


def test_of_one_length_the_simpler_character_is_smaller() -> None:
    assert shrink.shrink(b"zz~zz", asked(lambda data: len(data) >= 3)).data == b"000"
    assert (
        shrink.shrink("{é}".encode(), asked(lambda data: data[:1] == b"{" and len(data.decode()) >= 3)).data == b"{00"
    )


def test_it_never_slips_to_another_bug() -> None:
    """Two bugs in one input: the smaller one of the other fingerprint is there at every step, and never taken."""

    def fingerprint(data: bytes) -> str | None:
        if b"<<<" in data:
            return "markup"
        return "minus" if b"-" in data else None

    start = b'{"a": -1, "b": "x<<<y", "c": [-2]}'
    offered: set[str | None] = set()

    def keeps(inputs: list[bytes]) -> list[bool]:
        found = [fingerprint(data) for data in inputs]
        offered.update(found)
        return [one == fingerprint(start) for one in found]

    assert shrink.shrink(start, keeps) == Shrunk(b"<<<", minimal=True)
    assert "minus" in offered


def test_the_budget_of_trials_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrink, "MOST_TRIALS", 100)
    count = 0

    def keeps(inputs: list[bytes]) -> list[bool]:
        nonlocal count
        count += len(inputs)
        return [b"1.25" in data and b"Aurora" in data and len(data) > 200 for data in inputs]

    result = shrink.shrink(DOCUMENT, keeps)
    assert not result.minimal
    assert b"1.25" in result.data
    assert count <= 100 + shrink.ROUND


def test_a_property_that_nothing_smaller_has_leaves_the_input_as_it_is() -> None:
    assert shrink.shrink(DOCUMENT, asked(lambda data: data == DOCUMENT)) == Shrunk(DOCUMENT, minimal=True)
    assert shrink.shrink(b"", asked(lambda _: True)) == Shrunk(b"", minimal=True)


@pytest.mark.parametrize("seed", range(5))
def test_a_property_that_answers_at_random_ends(seed: int) -> None:
    rng = random.Random(seed)
    result = shrink.shrink(DOCUMENT, lambda inputs: [rng.random() < 0.3 for _ in inputs])
    assert len(result.data) < len(DOCUMENT)


@pytest.mark.parametrize("seed", range(3))
def test_arbitrary_bytes_do_not_break_it(seed: int) -> None:
    data = b"{" + random.Random(seed).randbytes(300)
    assert shrink.shrink(data, asked(lambda small: b"{" in small)).data == b"{"
