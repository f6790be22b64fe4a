"""Room for temporary files."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lakehouse_ref.ingest.errors import ScratchError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def folder() -> Iterator[Path]:
    """Make a folder, and take it away at the end. Raises ScratchError."""
    try:
        made = tempfile.TemporaryDirectory(prefix="ingest-", ignore_cleanup_errors=True)
    except OSError as error:
        raise ScratchError(f"there is no room for temporary files: {error.strerror}; TMPDIR names a folder") from error
    with made as name:
        yield Path(name)
