"""Normalisers: they hide what they say and nothing else, and count how often they did."""

from __future__ import annotations

from collections import Counter

import pytest

from parity.compare import compare
from parity.errors import UsageError
from parity.generate.grammar import pick
from parity.model import Kind, Normaliser, Observation, Probe
from parity.normalise import drop, normalise
from tests.parity.made import answers

NOTHING: frozenset[str] = frozenset()


def differ_after(normaliser: Normaliser, go: bytes, python: bytes) -> bool:
    """Tell whether two answers still differ once the normaliser has done its work."""
    return bool(compare(normalise(answers(go=go, python=python), [normaliser], Counter()), NOTHING))


@pytest.mark.parametrize(
    ("pointer", "go", "python"),
    [
        pytest.param("/t", b'{"t":1}', b'{"t":2}', id="value"),
        pytest.param("/t", b'{"t":1,"a":0}', b'{"t":2,"a":0}', id="value-before-another"),
        pytest.param("/t", b'{"t":1,"a":0}', b'{"a":0}', id="missing-on-one-side"),
        pytest.param("/t", b'{"t":1}', b'{"t":[{}]}', id="type"),
        pytest.param("/t", b'{"t":1,"t":2,"a":0}', b'{"t":1,"a":0}', id="duplicates-of-it"),
        pytest.param("/t", b'{"t":1}', rb'{"\u0074":2}', id="name-written-otherwise"),
        pytest.param("/t", b'{"t":1,"a":0}', b'{"a":0,"t":1}', id="its-place-among-the-members"),
        pytest.param("/t", b'{ "t": 1, "a": 0 }', b'{ "a": 0 }', id="missing-on-one-side-of-a-spaced-output"),
        pytest.param("/t", b'{"t": 1, "a": 0}', b'{"a": 0, "t": 1}', id="its-place-in-a-spaced-output"),
        pytest.param("/t", b'{"t":1,"t":2}', b"{}", id="all-there-is-twice"),
        pytest.param("/t", b'{"a":0,"t":1,"b":0,"t":2}', b'{"a":0,"b":0}', id="duplicates-apart"),
        pytest.param("/t", '{"é":"é","t":1}'.encode(), '{"é":"é"}'.encode(), id="behind-what-is-not-ascii"),
        pytest.param("/m/t", b'{"m":{"t":1,"a":0}}', b'{"m":{"t":2,"a":0}}', id="nested"),
        pytest.param("/x~1y", b'{"x/y":1}', b'{"x/y":2}', id="solidus-in-the-name"),
        pytest.param("/m~0n", b'{"m~n":1}', b'{"m~n":2}', id="tilde-in-the-name"),
        pytest.param("/~01", b'{"~1":1}', b'{"~1":2}', id="name-that-looks-escaped"),
        pytest.param("/", b'{"":1}', b'{"":2}', id="empty-name"),
    ],
)
def test_drop_hides(pointer: str, go: bytes, python: bytes) -> None:
    assert compare(answers(go=go, python=python), NOTHING)
    assert not differ_after(drop(pointer, "a clock"), go, python)


@pytest.mark.parametrize(
    ("pointer", "go", "python"),
    [
        pytest.param("/t", b'{"t":1,"a":0}', b'{"t":2,"a":1}', id="another-member"),
        pytest.param("/t", b'{"t":1,"a":0}', b'{"t":2,"a":-0}', id="minus-zero-in-another-member"),
        pytest.param("/t", b'{"t":1,"a":1}', b'{"t":2,"a":1.0}', id="number-text-of-another-member"),
        pytest.param("/t", rb'{"t":1,"a":"<"}', rb'{"t":2,"a":"\u003c"}', id="escape-in-another-member"),
        pytest.param("/t", b'{"t":1,"a":0,"b":0}', b'{"t":2,"b":0,"a":0}', id="order-of-the-others"),
        pytest.param("/t", b'{"t":1,"a":0,"a":0}', b'{"t":2,"a":0}', id="duplicate-of-another-member"),
        pytest.param("/t", b'{"t":1,"a":0}', b'{"t":2}', id="missing-of-another-member"),
        pytest.param("/t", b'{"m":{"t":1}}', b'{"m":{"t":2}}', id="same-name-deeper"),
        pytest.param("/m/t", b'{"t":1,"m":{}}', b'{"t":2,"m":{}}', id="same-name-higher"),
        pytest.param("/m/t", b'{"m":{"t":1}}', b'{"m":0}', id="around-it-another-type"),
        pytest.param("/m/t", b'{"m":{"t":1}}', b"{}", id="around-it-missing"),
        pytest.param("/t", b'{"T":1}', b'{"T":2}', id="name-in-another-case"),
        pytest.param("/t", b'[{"t":1}]', b'[{"t":2}]', id="inside-of-an-array"),
        pytest.param("/t", b'{"t":1,"a":0}', b'{"t":2,"a": 0}', id="white-space-beside-the-others"),
        pytest.param("/t", b'{"t":1}x', b'{"t":2}x', id="not-json"),
        pytest.param("/t", b'{"t":"\xff"}', b'{"t":"\xfe"}', id="invalid-utf8"),
    ],
)
def test_drop_does_not_hide(pointer: str, go: bytes, python: bytes) -> None:
    assert differ_after(drop(pointer, "a clock"), go, python)


@pytest.mark.parametrize("output", [b"", b"{", b"\xff", b"1", b"[1]", b"{}", b'{ "a" : 1 }', b'{"m":{"t":1}}'])
def test_drop_leaves_an_output_without_its_member_as_it_is(output: bytes) -> None:
    assert drop("/t", "a clock").apply(output) == output


def test_drop_tells_what_it_drops_and_why() -> None:
    made = drop("/meta/t", "a clock")
    assert (made.name, made.reason) == ("drop /meta/t", "a clock")


@pytest.mark.parametrize("pointer", ["", "timestamp"])
def test_drop_wants_the_pointer_of_a_member(pointer: str) -> None:
    with pytest.raises(UsageError, match="pointer"):
        drop(pointer, "a clock")


LOWER = Normaliser("lower", "case does not matter", bytes.lower)
STRIP = Normaliser("strip", "white space around does not matter", bytes.strip)


def test_it_counts_a_case_once_however_many_outputs_changed() -> None:
    fired: Counter[str] = Counter()
    normalise(answers(go="A", python="B", rust="c"), [LOWER], fired)
    normalise(answers(go="D", python="d"), [LOWER], fired)
    assert fired == {"lower": 2}


def test_one_that_changes_nothing_does_not_count() -> None:
    fired: Counter[str] = Counter()
    seen = normalise(answers(go="a", python="b"), [LOWER], fired)
    assert seen == answers(go="a", python="b")
    assert fired["lower"] == 0


def test_they_are_applied_in_the_order_of_declaration() -> None:
    mark = Normaliser("mark", "shows the order", lambda output: b"<" + output + b">")
    seen = normalise(answers(go=" a ", python="b"), [mark, STRIP], Counter())
    assert seen["go"].output == b"< a >"
    seen = normalise(answers(go=" a ", python="b"), [STRIP, mark], Counter())
    assert seen["go"].output == b"<a>"


def test_only_answers_are_changed() -> None:
    observations = {"go": Observation(Kind.REFUSED, detail="NO"), "python": Observation(Kind.CRASHED, b"A", log="LOG")}
    fired: Counter[str] = Counter()
    assert normalise(observations, [LOWER], fired) == observations
    assert not fired


def test_what_was_observed_stays_untouched() -> None:
    observations = answers(go="A", python="b")
    normalise(observations, [LOWER], Counter())
    assert observations == answers(go="A", python="b")


@pytest.mark.parametrize("reason", ["", "  "])
def test_one_without_a_reason_is_refused(reason: str) -> None:
    with pytest.raises(UsageError, match="normaliser 'lower' of probe 's' gives no reason"):
        Probe(surface="s", inputs=pick("a"), normalisers=(Normaliser("lower", reason, bytes.lower),))


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(UsageError, match="two normalisers or drift classes named 'lower'"):
        Probe(surface="s", inputs=pick("a"), normalisers=(LOWER, LOWER))
