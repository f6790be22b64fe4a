"""The probe of extract_json: what models write, and what becomes of it."""

from __future__ import annotations

import re

from parity import DriftClass, Probe
from parity.generate.grammar import concat, mutated, pick, repeat, weighted
from parity.probes import json_drift
from parity.probes.json_text import BAD_UTF8, BROKEN_OBJECT, DIGITS, OBJECT, UNICODE, WORDS

# ------------------------------------------------------------------ what models write

PROSE = repeat(
    weighted(
        (8, WORDS),
        (2, concat(WORDS, DIGITS)),
        (1, UNICODE),
        (1, pick("Sure,", "Here is the JSON:", "it's", "(see]", "]", "`x`")),
    ),
    1,
    5,
    pick(" ", " ", "\n"),
)
TAIL = weighted((6, PROSE), (1, "}"), (1, "```"), (1, '"'))
TAGGED = concat(weighted((9, "```json\n"), (1, "```json")), OBJECT, pick("\n```", "```", " \n```"))
UNTAGGED = concat(weighted((9, "```\n"), (1, "```")), OBJECT, pick("\n```", "```"))
REFUSED_FENCE = concat(
    pick("```json\n", "```\n", "```python\n", "```json5\n"),
    weighted((2, BROKEN_OBJECT), (1, PROSE), (1, concat("[", OBJECT, "]")), (1, concat(OBJECT, " ", PROSE))),
    "\n```",
)

REPLIES = weighted(
    (40, OBJECT),
    (20, concat(PROSE, " ", OBJECT, weighted((1, b""), (1, concat(" ", TAIL))))),
    (9, TAGGED),
    (4, concat(PROSE, "\n", TAGGED, "\n", PROSE)),
    (4, UNTAGGED),
    (1.2, concat(OBJECT, "\n", PROSE, "\n", UNTAGGED)),
    (1.2, concat(OBJECT, "\n", PROSE, "\n", TAGGED)),
    (1.5, concat(PROSE, "\n", REFUSED_FENCE, "\n", weighted((2, OBJECT), (1, UNTAGGED), (1, TAGGED)))),
    (1, REFUSED_FENCE),
    (1, concat(pick("```json\n", "```\n"), OBJECT)),  # the closing fence never came
    (1.5, concat(OBJECT, pick(" ", ",", "\n\n"), OBJECT)),
    (1, concat("[", OBJECT, "]")),
    (1, concat("[", repeat(OBJECT, 2, 3, pick(",", ", ")), "]", weighted((4, b""), (1, PROSE)))),
    (1, concat("[", OBJECT, ",", WORDS)),
    (2, concat(BROKEN_OBJECT, " ", OBJECT)),
    (1, concat('{"', WORDS, DIGITS, '": [', OBJECT, ", ")),  # cut off
    (1, concat(PROSE, " { ", PROSE, " ", OBJECT)),
    (1, concat(PROSE, ' "', WORDS, " ", OBJECT)),
    (1, concat(PROSE, BAD_UTF8, " ", OBJECT, weighted((1, b""), (1, BAD_UTF8)))),
    (1, concat(PROSE, weighted((3, b""), (1, " }"), (1, " []"), (1, " ``` x ```")))),
    (3, BROKEN_OBJECT),
    (1.5, mutated(concat(PROSE, "\n", TAGGED, "\n", PROSE), b'{}[]",:\\`\n\xff')),
)

# ------------------------------------------------------------------ how runtimes may differ

_FENCE = re.compile(rb"```(?:json)?(.*?)```", re.DOTALL)
_OBJECT_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[{}]', re.DOTALL)


def _tag_all_fences(data: bytes) -> bytes:
    return _FENCE.sub(rb"```json\1```", data)


def _without_array(data: bytes) -> bytes:
    stripped = data.lstrip(b" \t\r\n")
    return b" " + stripped[1:] if stripped.startswith(b"[") else data


def _without_later_objects(data: bytes) -> list[bytes]:
    """Cut off what stands behind the first balanced object, or the second, and so on: the first ones may be refused."""
    depth, ends = 0, []
    for token in _OBJECT_TOKENS.finditer(data, max(0, data.find(b"{"))):
        depth = max(0, depth + (token[0] == b"{") - (token[0] == b"}"))
        if depth == 0 and token[0] == b"}":
            ends.append(token.end())
    return [data[:end] for end in ends[:-1]]


extract_json = Probe(
    surface="extract_json",
    inputs=REPLIES,
    accepted=lambda answer: answer["matched"],
    places=(),  # matched only says whether value is null, so where two answers differ tells nothing
    drift_classes=(
        *json_drift.READING_AND_WRITING,
        DriftClass("untagged-fence", "a fence counts only with a json tag", _tag_all_fences, selects=True),
        DriftClass("array-whole", "a top-level array is an answer", _without_array, selects=True),
        DriftClass("last-object", "another object than the first is taken", _without_later_objects, selects=True),
    ),
)
