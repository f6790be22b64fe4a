"""The probe of vectors: named indexes, from adding to reloading, through restarts and crashes."""

from __future__ import annotations

import itertools
import json
import re

from parity import Probe
from parity.model import DriftClass
from parity.probes.search_calls import SNAPSHOTS, by_lines
from parity.probes.vectors_calls import SEQUENCES
from parity.probes.vectors_recall import RECALL

_VECTOR = re.compile(rb'"vector":(\[[-0-9.eE+,]*\])')
LARGEST, TINIEST = 1_000_000, 1e-12  # of a component, and of the sum of the squares: beyond, a vector is refused
_TEXT = re.compile(rb'("text":"(?:[^"\\]|\\.)*)"')


def _without_ties(data: bytes) -> bytes:
    """Turn each vector a little aside, each in its own way, and make each text longer than the one before."""
    count = itertools.count(1)

    def aside(found: re.Match[bytes]) -> bytes:
        try:
            first, *others = json.loads(found[1])
        except ValueError:
            return found[0]
        # What was refused, or not, stays so.
        if abs(first) > LARGEST - 1 or sum(component**2 for component in (first, *others)) < TINIEST:
            return found[0]
        return b'"vector":%b' % json.dumps([round(first + 0.0137 * next(count), 4), *others]).encode()

    return _TEXT.sub(lambda found: b'%b%b"' % (found[1], b" u" * next(count)), _VECTOR.sub(aside, data))


def _without_deletes(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if b"/delete " not in line]


def _without_saves(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if b"/save" not in line]


vectors = Probe(
    surface="vectors",
    inputs=SEQUENCES,
    cases=2_000,  # each a dozen calls
    sequences=True,
    recall=RECALL,
    accepted=lambda answer: any(step["status"] == 200 for step in answer["steps"]),
    places=(),  # a call that went wrong shows in every later answer
    normalisers=(SNAPSHOTS,),
    drift_classes=(
        DriftClass(
            "crash-forgets", "SIGKILL loses what SIGTERM keeps", lambda data: data.replace(b"crash", b"restart")
        ),
        DriftClass("ties-by-insertion", "hits of one distance come in another order", _without_ties),
        DriftClass("dropped-keeps", "what was saved once is not dropped", by_lines(_without_saves)),
        DriftClass("deleted-returned", "what was deleted still shows", by_lines(_without_deletes)),
    ),
)
