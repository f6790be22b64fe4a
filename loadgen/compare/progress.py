"""What is said while it runs, on standard error."""

from __future__ import annotations

import sys

from parity.report.show import visible


def tell(text: str) -> None:
    """Say it where a person looks while it runs."""
    sys.stderr.write(f"loadgen.compare: {visible(text, 2000)}\n")
    sys.stderr.flush()
