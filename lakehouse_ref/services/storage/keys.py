"""The key, from a file that only its owner may touch."""

from __future__ import annotations

import os
import stat

from lakehouse_ref.services.storage import files
from lakehouse_ref.subject_audit.mac import Key

SHORTEST, LONGEST = 32, 4096
FOREIGN = 0o077
"""What anybody but the owner may do with a file."""


def read_key(directory: str, name: str) -> Key:
    """Return the key that a file holds: its bytes as they are. Raises FaultError."""
    with files.stream(directory, name) as file, files.reading(name):
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & FOREIGN:
            raise files.unreadable("key-permissions", name)
        secret = file.read(LONGEST + 1)
    if len(secret) < SHORTEST:
        raise files.unreadable("key-too-short", name)
    if len(secret) > LONGEST:
        raise files.unreadable("key-too-long", name)
    return Key(secret)
