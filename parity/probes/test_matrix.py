"""The probe of matrix: retrieval, and search that learns from what was recorded."""

from __future__ import annotations

import re

from parity import Probe
from parity.model import DriftClass
from parity.probes.matrix_calls import SEQUENCES
from parity.probes.search_calls import SNAPSHOTS, by_lines, substituting

_RECORD = b"POST /v1/matrix/playbooks/record "
_TRIPLE = re.compile(rb'"(?:query_text|role|answer_id)":"(?:[^"\\]|\\.)*"')
_ANSWER = re.compile(rb'"answer_id":"((?:[^"\\]|\\.)*)"')


def _recorded_once(lines: list[bytes]) -> list[bytes]:
    """Keep of the recordings of one answer only the last."""
    return _last_of_each(lines, _ANSWER)


def _never_again(lines: list[bytes]) -> list[bytes]:
    """Keep of equal recordings only the last."""
    return _last_of_each(lines, _TRIPLE)


def _last_of_each(lines: list[bytes], what: re.Pattern[bytes]) -> list[bytes]:
    last = {tuple(what.findall(line)): at for at, line in enumerate(lines) if line.startswith(_RECORD)}
    return [line for at, line in enumerate(lines) if not line.startswith(_RECORD) or at in last.values()]


matrix = Probe(
    surface="matrix",
    inputs=SEQUENCES,
    cases=2_000,  # each a dozen calls
    sequences=True,
    accepted=lambda answer: any(step["status"] == 200 and step["body"].get("hits") for step in answer["steps"]),
    places=(),  # a call that went wrong shows in every later answer
    normalisers=(SNAPSHOTS,),
    drift_classes=(
        DriftClass("naive-hnsw", "recording the same again disturbs", by_lines(_never_again)),
        DriftClass("boosted-twice", "two recordings of one answer count twice", by_lines(_recorded_once)),
        DriftClass(
            "boost-on-similarity",
            "a low score boosts by similarity",
            substituting(rb'"score":(?:-?0(?:\.[01][0-9]*|\.2[0-5]?)?|1e-1)(?=[,}])', b'"score":0.5'),
        ),
        DriftClass(
            "excluded-leaks",
            "an excluded id is injected",
            substituting(rb'"excluded_ids":\[[^\]]*\]', b'"excluded_ids":[]'),
        ),
        DriftClass(
            "role-gate-off",
            "recordings for other roles count",
            substituting(rb'"(query_role|role)":"(?:[^"\\]|\\.)*"', rb'"\1":"r"'),
        ),
        DriftClass(
            "injected-uncounted", "what is injected is not counted", substituting(rb'"k":[0-9.e-]+', b'"k":1000')
        ),
    ),
)
