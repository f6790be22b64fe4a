"""Workers as Parquet: what is written is read again, and what is no such file is told."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import duckdb
import pytest

from lakehouse_ref.ingest import parquet
from lakehouse_ref.ingest.errors import IngestError, ParquetError, ScratchError
from lakehouse_ref.ingest.generate import generate
from lakehouse_ref.ingest.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

MEMORY = "256MB"
TABLE = """
CREATE TABLE worker AS SELECT
    'w-1' AS id, 'r' AS role, 'c' AS city, 'IL' AS state, ['s'] AS skills, ['t'] AS certifications, 'd' AS availability
"""


def written(folder: Path, count: int = 2_000) -> Path:
    file = folder / "workers.parquet"
    assert parquet.write(generate(1, count), file, MEMORY) == count
    return file


def foreign(folder: Path, query: str) -> Path:
    """Write what a query says; it may ask the table `worker`, which has one row."""
    file = folder / "foreign.parquet"
    with duckdb.connect() as database:
        database.execute(TABLE)
        database.query(query).write_parquet(str(file))
    return file


def all_of(file: Path, limit: int | None = None) -> list[Worker]:
    return [worker for batch in parquet.read(parquet.look(file, MEMORY, limit)) for worker in batch]


@pytest.mark.parametrize("count", [0, 1, 1_000, 2_001])
def test_what_was_written_is_read_in_its_order(count: int, tmp_path: Path) -> None:
    assert all_of(written(tmp_path, count)) == list(generate(1, count))


def test_text_of_every_kind_is_kept(tmp_path: Path) -> None:
    odd = Worker("w'1", 'a "role"', "Coeur d\u2019Alene\n", "\u4f60\u597d", ["\\", "", "\U0001f600"], [], "\u0000")
    parquet.write([odd], tmp_path / "odd.parquet", MEMORY)
    assert all_of(tmp_path / "odd.parquet") == [odd]


def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    assert written(tmp_path).read_bytes() == written(tmp_path / "again").read_bytes()


@pytest.mark.parametrize("limit", [1, 999, 1_000, 1_500, 2_000, 5_000])
def test_no_more_rows_are_read_than_asked_for(limit: int, tmp_path: Path) -> None:
    assert all_of(written(tmp_path), limit) == list(generate(1, min(limit, 2_000)))


def test_reading_may_end_early(tmp_path: Path) -> None:
    batches = parquet.read(parquet.look(written(tmp_path), MEMORY))
    next(batches)
    batches.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["a[1].parquet", "*.parquet", "it's.parquet", "w\u00f6rker ?.parquet", "none"])
def test_a_name_is_no_pattern(name: str, tmp_path: Path) -> None:
    file = written(tmp_path).rename(tmp_path / name)
    (tmp_path / "a1.parquet").write_bytes(b"not this one")
    assert len(all_of(file)) == 2_000


def test_other_columns_are_passed_over_and_the_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    file = foreign(tmp_path, "SELECT 7 AS more, availability, * EXCLUDE availability FROM worker")
    assert all_of(file) == [Worker("w-1", "r", "c", "IL", ["s"], ["t"], "d")]


@pytest.mark.parametrize(
    ("query", "culprits"),
    [
        ("SELECT 1 AS id, 'x' AS role", ["id is INTEGER instead of VARCHAR", "skills is missing instead of VARCHAR[]"]),
        ("SELECT * REPLACE ('s, t' AS skills) FROM worker", ["skills is VARCHAR instead of VARCHAR[]"]),
        ("SELECT * REPLACE ([7] AS skills) FROM worker", ["skills is INTEGER[] instead of VARCHAR[]"]),
        ("SELECT * REPLACE ({'a': 1} AS city) FROM worker", ["city is STRUCT"]),
    ],
)
def test_columns_that_are_none_of_a_worker_are_named(query: str, culprits: list[str], tmp_path: Path) -> None:
    file = foreign(tmp_path, query)
    with pytest.raises(ParquetError) as caught:
        parquet.look(file, MEMORY)
    assert str(caught.value).startswith(f"{file}: these are no workers: ")
    for culprit in culprits:
        assert culprit in str(caught.value)


@pytest.mark.parametrize(
    "replaced", ["NULL::VARCHAR AS city", "NULL::VARCHAR[] AS skills", "['a', NULL] AS certifications"]
)
def test_a_null_is_told_with_its_row(replaced: str, tmp_path: Path) -> None:
    sound, null = "SELECT worker.* FROM worker, range(1500)", f"SELECT * REPLACE ({replaced}) FROM worker"  # noqa: S608
    file = foreign(tmp_path, f"({sound}) UNION ALL ({null})")
    with pytest.raises(ParquetError, match="row 1501: a null"):
        all_of(file)


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1PAR1", b"hello\n" * 100, b"PAR1" + b"\xff" * 100 + b"PAR1"])
def test_what_is_no_parquet_is_told(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "broken.parquet"
    file.write_bytes(data)
    with pytest.raises(ParquetError, match=r"broken\.parquet"):
        all_of(file)


def test_a_file_that_is_not_there_a_folder_and_a_link_to_nowhere_are_told(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name, why in (("nope", "no such file"), (".", "a folder"), ("link", "no such file")):
        with pytest.raises(ParquetError, match=why):
            parquet.look(tmp_path / name, MEMORY)


def test_a_file_cut_anywhere_is_told(tmp_path: Path) -> None:
    whole = written(tmp_path, 200).read_bytes()
    cut = tmp_path / "cut.parquet"
    for size in range(0, len(whole), len(whole) // 40):
        cut.write_bytes(whole[:size])
        with pytest.raises(ParquetError):
            all_of(cut)


def test_a_file_damaged_anywhere_raises_nothing_else(tmp_path: Path) -> None:
    whole = written(tmp_path, 200).read_bytes()
    damaged = tmp_path / "damaged.parquet"
    chance = Random(1)
    told = 0
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(3):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        damaged.write_bytes(data)
        try:
            all_of(damaged)
        except ParquetError:
            told += 1
    assert told > 30  # what is left changed a text


def test_writing_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScratchError, match="nowhere"):
        parquet.write(generate(1, 10), tmp_path / "nowhere" / "workers.parquet", MEMORY)


def test_too_little_memory_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ScratchError, match="more than 4MB of memory; --memory gives more"):
        parquet.write(generate(1, 2_000), tmp_path / "workers.parquet", "4MB")


def test_the_same_rows_are_known_whatever_their_bytes(tmp_path: Path) -> None:
    file = written(tmp_path)
    other = tmp_path / "other.parquet"
    duckdb.read_parquet(str(file)).write_parquet(str(other), compression="gzip")
    assert other.read_bytes() != file.read_bytes()
    assert parquet.same(parquet.look(file, MEMORY), parquet.look(other, MEMORY))
    parquet.write(generate(2, 2_000), tmp_path / "seed.parquet", MEMORY)
    assert not parquet.same(parquet.look(file, MEMORY), parquet.look(tmp_path / "seed.parquet", MEMORY))


def test_every_error_has_an_exit_code_of_its_own() -> None:
    codes = [kind.exit for kind in IngestError.__subclasses__()]
    assert sorted(codes) == [2, 3, 4, 5, 6]
