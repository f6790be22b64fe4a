"""The probe of vectors: named indexes, from adding to reloading, through restarts and crashes."""

from __future__ import annotations

import itertools
import re

from parity import Probe
from parity.model import DriftClass
from parity.probes.search_calls import SNAPSHOTS, by_lines
from parity.probes.vectors_calls import SEQUENCES
from parity.probes.vectors_recall import RECALL

_COMPONENT = re.compile(rb'("vector":\[\s*)(-?[0-9][0-9.eE+-]*)')
_TEXT = re.compile(rb'("text":"(?:[^"\\]|\\.)*)"')


def _without_ties(data: bytes) -> bytes:
    """Turn each vector a little aside, each one in its own way, and give each text a word of its own."""
    count = itertools.count(1)

    def aside(found: re.Match[bytes]) -> bytes:
        try:
            component = float(found[2])
        except ValueError:
            return found[0]
        # What was refused, or not, stays so.
        is_sound = 0.001 < abs(component) < 999_999
        return b"%b%.4f" % (found[1], component + 0.0137 * next(count)) if is_sound else found[0]

    return _TEXT.sub(lambda found: b'%b u%d"' % (found[1], next(count)), _COMPONENT.sub(aside, data))


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
