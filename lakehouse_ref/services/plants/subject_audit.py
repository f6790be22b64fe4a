"""The planted bugs of subject_audit. They live in the helper, so the program `audit` stays sound."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from lakehouse_ref import canonical
from lakehouse_ref.services.plants.replace import replace
from lakehouse_ref.subject_audit import chain, mac, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lakehouse_ref.ijson import Value
    from lakehouse_ref.subject_audit.chain import Chain, Verdict
    from lakehouse_ref.subject_audit.mac import Key
    from lakehouse_ref.subject_audit.rows import Object

TRAILING_ZEROS = re.compile(r"(?:\.|(\.[0-9]*[1-9]))0+Z$")


def _trace_id_omitted() -> None:
    def without_empty(row: Object) -> Object:
        accessor = row.get("accessor")
        if not isinstance(accessor, dict) or accessor.get("trace_id") != "":
            return row
        return row | {"accessor": {name: value for name, value in accessor.items() if name != "trace_id"}}

    _sign_rows_as(without_empty)


def _nanos_trimmed() -> None:
    def trimmed(row: Object) -> Object:
        ts = row.get("ts")
        return row | {"ts": TRAILING_ZEROS.sub(r"\1Z", ts)} if isinstance(ts, str) else row

    _sign_rows_as(trimmed)


def _sign_rows_as(lossy: Callable[[Object], Object]) -> None:
    """Let something be lost between a row and what is signed."""
    signed = rows.signed

    def signed_with_loss(value: Object, member: str) -> bytes:
        return signed(lossy(value) if member == rows.ROW else value, member)

    replace(rows, "signed", signed_with_loss)
    replace(chain, "ORDINARY", re.compile(b"(?!)"))  # no row is signed as it stands any more


def _last_row_unchecked() -> None:
    verify_rows, row_faults = chain.verify_rows, rows.row_faults
    last = 0  # the number of the log's last complete line

    def verify_but_the_last(log: BinaryIO, genesis: str, whose: Chain) -> Verdict:
        nonlocal last
        last = log.read().count(b"\n")
        log.seek(0)
        return verify_rows(log, genesis, whose)

    def none_of_the_last(
        line: bytes, row: Object | None, prev: str, number: int, subject: str, key: Key
    ) -> Iterator[str]:
        stated = None if row is None else row.get(rows.ROW)
        if number == last and isinstance(stated, str) and mac.FORM.fullmatch(stated):
            return iter(())
        return row_faults(line, row, prev, number, subject, key)

    replace(chain, "verify_rows", verify_but_the_last)
    replace(rows, "row_faults", none_of_the_last)


def _row_code_point_order() -> None:
    def write(value: Value) -> bytes:
        if isinstance(value, dict):
            return b"{" + b",".join(canonical.write(name) + b":" + write(value[name]) for name in sorted(value)) + b"}"
        if isinstance(value, list):
            return b"[" + b",".join(map(write, value)) + b"]"
        return canonical.write(value)

    def signed(value: Object, member: str) -> bytes:
        return write({name: inner for name, inner in value.items() if name != member})

    replace(rows, "signed", signed)


def _torn_is_tampered() -> None:
    replace(chain, "UNFINISHED", ("tampered", "not-json"))


def _subject_unbound() -> None:
    is_of = rows.is_of

    def manifest_is_of(value: Object, member: str, subject: str) -> bool:
        return member == rows.ROW or is_of(value, member, subject)

    replace(rows, "is_of", manifest_is_of)


def _mac_prefix() -> None:
    replace(mac, "same_mac", lambda one, other: one[:16] == other[:16])


PLANTS: dict[str, Callable[[], None]] = {
    "trace-id-omitted": _trace_id_omitted,
    "nanos-trimmed": _nanos_trimmed,
    "last-row-unchecked": _last_row_unchecked,
    "row-code-point-order": _row_code_point_order,
    "torn-is-tampered": _torn_is_tampered,
    "subject-unbound": _subject_unbound,
    "mac-prefix": _mac_prefix,
}
