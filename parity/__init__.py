"""The parity harness. It asks whether a rewrite answers like the original on every input that users could send.

To declare a probe: Probe, Normaliser, drop, DriftClass, Inputs.
To read what came of it: Verdict, Signature, Finding.
To write an in-process testee: Refusal.
"""

from parity.model import DriftClass, Finding, Inputs, Normaliser, Probe, Signature, Verdict
from parity.normalise import drop
from parity.transports.inprocess import Refusal

__all__ = [
    "DriftClass",
    "Finding",
    "Inputs",
    "Normaliser",
    "Probe",
    "Refusal",
    "Signature",
    "Verdict",
    "drop",
]
