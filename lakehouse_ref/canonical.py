"""The canonical writer: RFC 8785, by the package of that name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rfc8785

if TYPE_CHECKING:
    from lakehouse_ref.ijson import Value


def write(value: Value) -> bytes:
    """Return the RFC 8785 form of a value that `ijson.read` returned."""
    return rfc8785.dumps(value)
