"""Who a process of the reference says that it is."""

from __future__ import annotations

import os

RUNTIME = "python"
VERSION = "0.1.0"


def commit() -> str:
    """Return the commit that the process was built from, as whoever started it says, or `unknown`."""
    return os.environ.get("LAKEHOUSE_COMMIT", "unknown")
