"""The probe of validate: whether a fill, an e-mail or a text message may go out."""

from __future__ import annotations

from parity import Probe
from parity.probes import json_drift
from parity.probes.validate_drift import DRIFT_CLASSES
from parity.probes.validate_requests import MESSAGES

validate = Probe(
    surface="validate",
    inputs=MESSAGES,
    cases=10_000,  # a request over HTTP costs about six times as much as a line to a helper
    accepted=lambda answer: answer["status"] == 200,
    places=(),  # status and body say the same thing twice, so where two answers differ tells nothing
    drift_classes=(
        *DRIFT_CLASSES,
        json_drift.INTEGER_ROUNDED,
        json_drift.LONE_SURROGATE,
        json_drift.HTML_ESCAPED,
    ),
)
