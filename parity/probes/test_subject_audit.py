"""The probe of subject_audit: canonical bytes, MACs and the verification of audit chains."""

from __future__ import annotations

from parity import Probe
from parity.probes.audit_drift import DRIFT_CLASSES
from parity.probes.audit_requests import REQUESTS

subject_audit = Probe(
    surface="subject_audit",
    inputs=REQUESTS,
    accepted=lambda answer: answer.get("verified", "mac" in answer or "canonical" in answer),
    places=(),  # count, tip and error say the same thing thrice, so where two answers differ tells nothing
    drift_classes=DRIFT_CLASSES,
)
