"""What is kept of an index: records, each with its length and its checksums, so that no damage is taken for data.

A journal is a row of them; so is a snapshot. The first one is `Made`. Integers are little end first:

    mark (4 bytes)  length (4)  CRC-32 of the payload (4)  CRC-32 of the 12 bytes before (4)  payload, MessagePack
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MARK = b"\xd7LV\x01"
HEAD = struct.Struct("<4sII")
CHECK = struct.Struct("<I")
HEAD_SIZE = HEAD.size + CHECK.size
BATCH = 256  # so many ids stand in a record of a file that is written anew


class Made(msgspec.Struct, tag="made", array_like=True):
    """The index has vectors of so many components.

    `records` is how many came into being together with the file, so that none of them can be missing; None where it
    grew from this one.
    """

    dimension: int
    records: int | None


class Put(msgspec.Struct, tag="put", array_like=True):
    """Ids were added or replaced. `vectors` are their unit vectors, one behind the other, in binary32."""

    ids: list[str]
    vectors: bytes
    metadata: list[bytes]


class Gone(msgspec.Struct, tag="gone", array_like=True):
    """An id was deleted."""

    id: str


Record: TypeAlias = Made | Put | Gone
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Record] = msgspec.msgpack.Decoder(Record)


class DamagedError(ValueError):
    """What was written whole cannot be read."""


def write(record: Record) -> bytes:
    """Return the bytes of a record."""
    payload = _encoder.encode(record)
    head = HEAD.pack(MARK, len(payload), zlib.crc32(payload))
    return b"".join([head, CHECK.pack(zlib.crc32(head)), payload])


def put(entries: Sequence[tuple[str, np.ndarray, bytes]]) -> Put:
    """Return the record of ids that are added, with their unit vectors and metadata."""
    vectors = b"".join(vector.astype("<f4", copy=False).tobytes() for _, vector, _ in entries)
    return Put([id_ for id_, _, _ in entries], vectors, [metadata for _, _, metadata in entries])


def entries(record: Put, dimension: int) -> Iterable[tuple[str, np.ndarray, bytes]]:
    """Return what was added. Raises DamagedError."""
    vectors = np.frombuffer(record.vectors, "<f4")
    if not len(record.ids) == len(record.metadata) == len(vectors) / dimension:
        raise DamagedError("a record holds more ids than vectors, or fewer")
    return zip(record.ids, vectors.reshape(-1, dimension).astype(np.float32, copy=False), record.metadata, strict=True)


def whole(dimension: int, everything: Iterable[tuple[str, np.ndarray, bytes]], size: int) -> Iterator[bytes]:
    """Yield the bytes of a file that holds `size` ids, in parts."""
    yield write(Made(dimension, -(-size // BATCH)))
    batch: list[tuple[str, np.ndarray, bytes]] = []
    for entry in everything:
        batch.append(entry)
        if len(batch) == BATCH:
            yield write(put(batch))
            batch.clear()
    if batch:
        yield write(put(batch))


def read(data: bytes) -> tuple[list[Record], int]:
    """Return the whole records of a file, and where the last one ends. Raises DamagedError.

    Behind it may stand what was never written to its end. A record that cannot be read and has a whole one behind it
    is damage, and so is one of those that came into being with the file.
    """
    found: list[Record] = []
    end = 0
    while (record := _at(data, end)) is not None:
        found.append(record[0])
        end = record[1]
    if any(_at(data, place) is not None for place in _marks(data, end + 1)):
        raise DamagedError("a record in its midst cannot be read")
    if found and not isinstance(found[0], Made):
        raise DamagedError("its first record is missing")
    if found and isinstance(found[0], Made) and len(found) - 1 < (found[0].records or 0):
        raise DamagedError("its last records are missing")
    return found, end


def read_whole(data: bytes) -> list[Record]:
    """Return the records of a file that was written at once, and to which nothing may have happened since."""
    found, end = read(data)
    if not found or end != len(data) or not isinstance(found[0], Made) or found[0].records != len(found) - 1:
        raise DamagedError("it is not as it was written")
    return found


def _at(data: bytes, start: int) -> tuple[Record, int] | None:
    """Return the whole record that begins at a place, and where it ends; None where there is none."""
    head = data[start : start + HEAD.size]
    begin = start + HEAD_SIZE
    if len(data) < begin or data[start + HEAD.size : begin] != CHECK.pack(zlib.crc32(head)):
        return None
    mark, length, check = HEAD.unpack(head)
    payload = memoryview(data)[begin : begin + length]
    if mark != MARK or len(payload) < length or zlib.crc32(payload) != check:
        return None
    try:
        return _decoder.decode(payload), begin + length
    except msgspec.MsgspecError:
        return None


def _marks(data: bytes, start: int) -> Iterator[int]:
    while (start := data.find(MARK, start)) >= 0:
        yield start
        start += 1
