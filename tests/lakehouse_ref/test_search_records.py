"""Records: what is whole, what is torn, and what is damaged."""

from __future__ import annotations

import numpy as np
import pytest

from lakehouse_ref.search import records
from lakehouse_ref.search.records import DamagedError, Gone, Made, Put, Record

VECTOR = np.array([0.6, 0.8], np.float32)
PUT = records.put([("a", VECTOR, b'{"n":1}'), ("\u00e9", -VECTOR, b"{}")])
WRITTEN: list[Record] = [Made(2, None), PUT, Gone("a"), records.put([("b", VECTOR, b"{}")])]
PARTS = [records.write(record) for record in WRITTEN]
DATA = b"".join(PARTS)


def test_what_is_written_is_read() -> None:
    assert records.read(DATA) == (WRITTEN, len(DATA))
    assert records.read(b"") == ([], 0)


def test_entries_come_back_bit_by_bit() -> None:
    (one, vector, metadata), (other, opposite, _) = records.entries(PUT, 2)
    assert (one, metadata, other) == ("a", b'{"n":1}', "\u00e9")
    assert vector.tobytes() == VECTOR.tobytes()
    assert opposite.tobytes() == (-VECTOR).tobytes()


def test_a_torn_end_is_left_out_wherever_it_is_torn() -> None:
    begins = [len(b"".join(PARTS[:number])) for number in range(len(PARTS) + 1)]
    for end in range(len(DATA)):
        whole = max(begin for begin in begins if begin <= end)
        assert records.read(DATA[:end]) == (WRITTEN[: begins.index(whole)], whole)


@pytest.mark.parametrize("rest", [b"x", b"\0" * 500, records.MARK, records.MARK * 9, PARTS[1][:-1], b"\n{}\n"])
def test_whatever_stands_behind_the_last_whole_record_is_left_out(rest: bytes) -> None:
    assert records.read(DATA + rest) == (WRITTEN, len(DATA))


def test_a_changed_byte_before_a_whole_record_is_damage() -> None:
    for place in range(len(DATA) - len(PARTS[-1])):
        changed = bytearray(DATA)
        changed[place] ^= 0x10
        with pytest.raises(DamagedError):
            records.read(bytes(changed))


def test_a_record_that_is_missing_at_the_beginning_is_damage() -> None:
    with pytest.raises(DamagedError):
        records.read(DATA[len(PARTS[0]) :])


@pytest.fixture
def whole() -> bytes:
    many = [(f"w-{number}", VECTOR, b"{}") for number in range(600)]
    return b"".join(records.whole(2, many, len(many)))


def test_a_file_that_was_written_at_once_is_in_batches(whole: bytes) -> None:
    made, *rest = records.read_whole(whole)
    assert made == Made(2, 3)
    assert [len(record.ids) for record in rest if isinstance(record, Put)] == [256, 256, 88]
    assert records.read_whole(b"".join(records.whole(5, [], 0))) == [Made(5, 0)]


def test_none_of_its_records_can_be_missed(whole: bytes) -> None:
    with pytest.raises(DamagedError):
        records.read(whole[:-1])


def test_it_may_grow_but_a_snapshot_may_not(whole: bytes) -> None:
    more = whole + records.write(Gone("w-0"))
    assert records.read(more)[0][-1] == Gone("w-0")
    for changed in (more, whole[:-1], whole + b"\0", b"", b"\0" + whole, DATA):
        with pytest.raises(DamagedError):
            records.read_whole(changed)


def test_a_snapshot_with_any_byte_changed_is_damaged() -> None:
    small = b"".join(records.whole(2, [("a", VECTOR, b"{}")], 1))
    for place in range(len(small)):
        for bit in range(8):
            changed = bytearray(small)
            changed[place] ^= 1 << bit
            with pytest.raises(DamagedError):
                records.read_whole(bytes(changed))


def test_more_ids_than_vectors_is_damage() -> None:
    with pytest.raises(DamagedError):
        records.entries(Put(["a", "b"], VECTOR.tobytes(), [b"{}", b"{}"]), 2)
