"""Workers as Parquet, written and read by DuckDB in bounded memory: rows stream, and no table is ever held.

One thread, so that the same rows make the same bytes; nothing is installed or loaded from the network.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import msgspec

from lakehouse_ref.ingest import scratch
from lakehouse_ref.ingest.errors import ParquetError, ScratchError
from lakehouse_ref.ingest.worker import BATCH, Worker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

COLUMNS = {name: "VARCHAR[]" if name in {"skills", "certifications"} else "VARCHAR" for name in Worker._fields}
ROW_GROUP = 20_480  # rows that DuckDB holds at once while it writes
LONGEST = 1_048_576  # bytes of a line between Python and DuckDB, which takes buffers of twice as much


class Corpus(NamedTuple):
    """A file of workers that was looked at: it is Parquet, and has the columns."""

    file: Path
    rows: int
    """How many it has, or how many of them are meant."""
    memory: str
    """How much DuckDB may hold, such as `256MB`."""


def write(workers: Iterable[Worker], file: Path, memory: str) -> int:
    """Write workers into a file that is not there yet; return how many there were. Raises ScratchError.

    They pass through a file of JSON Lines: from there DuckDB streams, and rows of Python it would collect first.
    """
    count = 0
    encoder = msgspec.json.Encoder()
    with scratch.folder() as folder:
        lines = folder / "workers.jsonl"
        try:
            with lines.open("wb") as out:
                for worker in workers:
                    out.write(encoder.encode(worker._asdict()) + b"\n")
                    count += 1
            with connected(memory, folder) as database:
                rows = database.read_json(
                    str(lines), format="newline_delimited", columns=COLUMNS, maximum_object_size=LONGEST
                )
                rows.write_parquet(str(file), compression="zstd", row_group_size=ROW_GROUP)
        except OSError as error:
            raise ScratchError(f"{lines} cannot be written: {error.strerror}; TMPDIR names another folder") from error
        except duckdb.OutOfMemoryException as error:
            raise ScratchError(f"writing takes more than {memory} of memory; --memory gives more") from error
        except duckdb.Error as error:
            raise ScratchError(f"{file} cannot be written: {first_line(error)}") from error
    return count


def look(file: Path, memory: str, limit: int | None = None) -> Corpus:
    """Return a file as a corpus of its first `limit` rows. Raises ParquetError."""
    if not file.exists():
        raise ParquetError(f"{file}: there is no such file")
    if not file.is_file():
        raise ParquetError(f"{file}: this is a folder, a pipe or a device, not a Parquet file")
    with opened(file, memory) as (database, name):
        described = database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [name]).fetchall()
        found = database.execute("SELECT num_rows FROM parquet_file_metadata(?)", [name]).fetchall()
    types = {column[0]: column[1] for column in described}
    wrong = [
        f"{column} is {types.get(column, 'missing')} instead of {kind}"
        for column, kind in COLUMNS.items()
        if types.get(column) != kind
    ]
    if wrong:
        raise ParquetError(f"{file}: these are no workers: {', '.join(wrong)}")
    rows = sum(row[0] for row in found)
    return Corpus(file, rows if limit is None else min(rows, limit), memory)


def read(corpus: Corpus, size: int = BATCH) -> Iterator[list[Worker]]:
    """Yield a corpus in batches, in the order of the file. Raises ParquetError."""
    row = 0
    with opened(corpus.file, corpus.memory) as (database, name):
        found = database.execute(f"SELECT {', '.join(COLUMNS)} FROM read_parquet(?)", [name])  # noqa: S608 -- our names
        while rows := found.fetchmany(min(size, corpus.rows - row)):
            batch = [Worker(*fields) for fields in rows]
            for row, worker in enumerate(batch, row + 1):  # noqa: B020 -- it goes on counting
                if None in worker or None in worker.skills or None in worker.certifications:
                    raise ParquetError(f"{corpus.file}, row {row}: a null; a worker has every field")
            yield batch
    if row != corpus.rows:
        raise ParquetError(f"{corpus.file}: {row:,} rows came out of {corpus.rows:,}; the file is damaged")


def same(one: Corpus, other: Corpus) -> bool:
    """Tell whether two files hold the same rows in the same order; their bytes may differ with DuckDB's version."""
    return one.rows == other.rows and all(a == b for a, b in zip_longest(read(one), read(other)))


@contextmanager
def opened(file: Path, memory: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Yield DuckDB and the name of a file for it. Raises ParquetError for what DuckDB says of the file."""
    with scratch.folder() as folder:
        # By a name of ours: in the user's one DuckDB would take * ? [ as a pattern, and s3: as a place.
        link = folder / "workers.parquet"
        link.symlink_to(file.absolute())
        try:
            with connected(memory, folder) as database:
                yield database, str(link)
        except duckdb.OutOfMemoryException as error:
            raise ParquetError(f"{file}: it takes more than {memory} of memory; --memory gives more") from error
        except duckdb.Error as error:
            told = first_line(error).replace(str(link), file.name)
            raise ParquetError(f"{file}: this cannot be read as Parquet: {told}") from error


def connected(memory: str, folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a database of its own, in memory."""
    return duckdb.connect(
        config={
            "memory_limit": memory,
            "threads": 1,
            "temp_directory": str(folder),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )


def first_line(error: Exception) -> str:
    """Return what an error says, without the lines of detail."""
    return str(error).strip().partition("\n")[0]
