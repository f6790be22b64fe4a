"""The errors of a load run that a user can meet, beside those of parity.errors that it shares.

ParityError
└── EnvironmentFailure    the machine or a runtime cannot do what was asked          exit code 3
    └── ReportError       the folder of the report cannot be written
"""

from __future__ import annotations

from parity.errors import EnvironmentFailure


class ReportError(EnvironmentFailure):
    """The folder of the report cannot be written."""
