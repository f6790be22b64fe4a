"""What the sequences of vectors and matrix are made of: calls, texts, and the flaws of requests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.generate.grammar import Grammar, concat, mapped, pick, repeat, weighted
from parity.model import Normaliser
from parity.probes.json_text import DIGITS

if TYPE_CHECKING:
    from collections.abc import Callable


def post(path: Grammar | str, body: Grammar | str) -> Grammar:
    """Return a call with a body."""
    return concat("POST ", path, " ", body)


def index(name: Grammar | str, action: str) -> Grammar:
    """Return the path of something that is done to an index."""
    return concat("/vectors/index/", name, "/", action)


def member(name: str, value: Grammar | str, flaws: Grammar | None = None, percent: float = 0.6) -> Grammar:
    """Return a member with a comma behind it; in `percent` of a hundred flawed, in a fifth of that left out."""
    sound = concat(f'"{name}":', value, ",")
    if flaws is None:
        return sound
    return weighted((100, sound), (percent, concat(f'"{name}":', flaws, ",")), (percent / 5, b""))


def body(*members: Grammar) -> Grammar:
    """Return an object of such members."""
    return mapped(concat("{", *members, "}"), _without_last_comma)


def _without_last_comma(drawn: bytes) -> bytes:
    return drawn[:-2] + b"}" if drawn.endswith(b",}") else drawn


def string(content: Grammar | str) -> Grammar:
    """Return a JSON text."""
    return concat('"', content, '"')


def times(count: int, unit: str) -> Grammar:
    """Return a long text."""
    return pick(unit * count)


NOT_A_STRING = pick("null", "7", "true", "[]", "{}")
NOT_AN_ARRAY = pick("null", '"a"', "{}", "1")
FAR_TOO_LONG = string(times(10_000, "x"))
TOO_LONG = string(pick("x" * 257, "é" * 257, "\U0001f69c" * 256 + "x"))
LONGEST = string(pick("x" * 256, "é" * 256, "\U0001f69c" * 256))
BAD_K = pick("0", "-1", "1000000", "1001", "1.5", '"3"', "null", "1e400", "[]", "2.0000000001", "-0", "NaN", "0.0")
ODD_K = pick("2.0", "20e-1", "1000", "1e3")
BAD_IDS = weighted(
    (4, NOT_AN_ARRAY), (4, pick('["a",1]', "[null]", '[["a"]]')), (0.3, pick(f"[{','.join(['0'] * 1001)}]"))
)
MANY_IDS = pick("[" + ",".join(f'"x-{number}"' for number in range(1000)) + "]")
BAD_JSON = pick(
    *("", "{", "[]", "null", '"a"', "{}x", '{"a":1,}', '{"k":1,"k":2}', '{"a":9007199254740993}', '{"a":1e400}'),
    *('{"a":NaN}', "{'a':1}", '{"a":"\\ud800"}', "\ufeff{}", '{"\\u006b":1,"k":1}', '{"a":01}'),
)
UNKNOWN = weighted((30, b""), (1, pick('"x":1,', '"query":"a",', '"hits":[],', '"top_k":1,', '"K":3,')))
PAUSE = pick("restart", "crash")
METHODS = pick("GET", "DELETE", "OPTIONS")


def elsewhere(*paths: str) -> Grammar:
    """Return calls of paths and methods that there are not."""
    wrong = pick("/", "/v1", "/vectors", "/vectors/index", "/vectors/index/", "/vectors/index/A", "/vectors/index/a.b")
    more = pick("/vectors/index/a/", "/vectors/index/a/add/", "/v1/matrix", "/v1/matrix/search/", "/v1/tenants")
    long = pick("/vectors/index/" + "n" * 64, "/vectors/index/" + "n" * 65, "/vectors/index/%61", "/vectors//index/a")
    put = concat("PUT ", pick(*paths), " {}")
    return weighted(
        (3, concat(METHODS, " ", weighted((1, wrong), (1, more), (1, long)))),
        (3, concat(METHODS, " ", pick(*paths))),
        (2, post(weighted((1, wrong), (1, more)), "{}")),
        (1, put),
    )


# ------------------------------------------------------------------ the names that a service makes

_SNAPSHOT = re.compile(rb'"snapshot":"(s-[0-9a-f]{16})"')


def _renamed(output: bytes) -> bytes:
    names: dict[bytes, bytes] = {}

    def name(found: re.Match[bytes]) -> bytes:
        return b'"snapshot":"%b"' % names.setdefault(found[1], b"s-%d" % (len(names) + 1))

    return _SNAPSHOT.sub(name, output)


SNAPSHOTS = Normaliser(
    "snapshots renamed",
    "each runtime makes up the names of its snapshots; which of them are the same name still shows",
    _renamed,
)

# ------------------------------------------------------------------ experiments


def by_lines(edit: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    """Return an experiment that edits a sequence line by line."""
    return lambda data: b"\n".join(edit(data.split(b"\n")))


def substituting(pattern: bytes, by: bytes) -> Callable[[bytes], bytes]:
    """Return an experiment that replaces whatever looks so."""
    compiled = re.compile(pattern)
    return lambda data: compiled.sub(by, data)


DIGIT3 = repeat(DIGITS, 3, 3)
