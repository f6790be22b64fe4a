"""What can go wrong, and the exit code of each. Anything else is a bug.

IngestError
  UsageError      2  the command line is not understood
  IndexingError   3  the index cannot be reached, or refuses
  StorageError    4  the storage cannot be reached, or refuses
  ParquetError    5  a file is not Parquet, or holds no workers
  ScratchError    6  something cannot be written here: no room, a limit, a closed pipe
"""

from __future__ import annotations


class IngestError(Exception):
    """One sentence for a person: who is to blame, and what helps."""

    exit = 1


class UsageError(IngestError):
    """The command line is not understood."""

    exit = 2


class IndexingError(IngestError):
    """The index cannot be reached, or refuses."""

    exit = 3


class StorageError(IngestError):
    """The storage cannot be reached, or refuses."""

    exit = 4


class ParquetError(IngestError):
    """A file is not Parquet, or holds no workers."""

    exit = 5


class ScratchError(IngestError):
    """Something cannot be written here."""

    exit = 6
