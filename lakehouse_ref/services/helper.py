"""The reference as a helper: surfaces that are functions of bytes (`fixtures/contract/helper.md`)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lakehouse_ref import embedding, extract_json, subject_audit, validation_error
from lakehouse_ref.services import protocol

if TYPE_CHECKING:
    from lakehouse_ref.services.protocol import Surfaces

SURFACES: Surfaces = {
    "extract_json": extract_json.extract,
    "validation_error": validation_error.read,
    "subject_audit": subject_audit.answer,
    "embedding": embedding.answer,
}


def main() -> int:
    """Run the helper until its standard input ends; return the exit code."""
    return protocol.run(SURFACES)


if __name__ == "__main__":
    sys.exit(main())
