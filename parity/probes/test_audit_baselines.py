"""The probe of audit_baselines: loading, appending and copying baselines, and the drift from the first to the last."""

from __future__ import annotations

import re

from parity import Probe
from parity.model import DriftClass
from parity.probes.audit_entries import BASELINES
from parity.probes.steps import is_done

_METRIC = re.compile(rb'("(?:[^"\\\n]|\\.)*"\s*:\s*)(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)')


def _without_zeros(data: bytes) -> bytes:
    """Let metrics that are zero be one."""
    return _METRIC.sub(lambda found: found[1] + (b"1" if float(found[2]) == 0 else found[2]), data)


def _with_small_moves(data: bytes) -> list[bytes]:
    """Give every metric the value that another one has, so that nothing moves at all."""
    values = dict.fromkeys(found[2] for found in _METRIC.finditer(data))
    return [_METRIC.sub(lambda found, value=value: found[1] + value, data) for value in values]  # type: ignore[misc]


audit_baselines = Probe(
    surface="audit_baselines",
    inputs=BASELINES,
    cases=2_000,
    interchange=60,
    accepted=is_done,
    places=(),  # an answer, an exit code and a file say the same thing thrice
    drift_classes=(
        DriftClass("drift-zero-zero-warn", "zero to zero counts as a change", _without_zeros),
        DriftClass("drift-at-20-warn", "a change of exactly 20 % counts as above it", _with_small_moves),
    ),
)
