"""The probe of subject_audit_files: appending to audit chains, verifying and recovering them, on disk."""

from __future__ import annotations

import re

from parity import Probe
from parity.model import DriftClass
from parity.probes.audit_trees import TREES
from parity.probes.steps import is_done

_KEY_FOR_OTHERS = re.compile(rb"(?<= [4-7]0)[1-7](?= secret --)")
_RECOVERED = re.compile(rb'^\["recover","--subject","([^"]+)"\]$', re.MULTILINE)


def _with_torn_file(data: bytes) -> bytes:
    """Have the file there that recover would make."""
    for subject in dict.fromkeys(_RECOVERED.findall(data)):
        if b"subjects/%b.torn" % subject not in data:
            data = re.sub(rb"\n(?=-- )", b"\n-- subjects/%b.torn --\n\n" % subject, data, count=1)
    return data


subject_audit_files = Probe(
    surface="subject_audit_files",
    inputs=TREES,
    cases=2_000,
    interchange=60,
    accepted=is_done,
    places=(),  # an answer, an exit code and a file say the same thing thrice
    drift_classes=(
        DriftClass(
            "key-for-all",
            "a key that all but its owner's group may touch is accepted",
            lambda data: _KEY_FOR_OTHERS.sub(b"0", data),
        ),
        DriftClass("torn-mode", "the file for what recover cut off has another mode", _with_torn_file),
    ),
)
