"""Which rules of `subject_audit.rules.toml` a case touched; apart from what answers it, and from how fast that is."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from lakehouse_ref import ijson
from lakehouse_ref.subject_audit import rows

if TYPE_CHECKING:
    from lakehouse_ref.subject_audit.chain import Chain, Verdict
    from lakehouse_ref.subject_audit.rows import Object

OF_ENDS = {"anchor": "anchor-mismatch", "unfinished": "torn", "no-anchor": "unanchored"}
"""The rules of reasons that have another name; every other reason is the name of its rule."""

MEMBERS = {"accessor", "fields", "mac", "prev", "result", "schema", "seq", "subject", "ts"}
OF_ACCESSOR = {"daemon", "kind", "purpose", "trace_id"}


def note_form(data: bytes, form: bytes, touched: set[str]) -> None:
    """Note what the canonical form of a JSON text is about."""
    met: set[str] = set()
    with suppress(ijson.RefusedError):
        ijson.read(data, met)
    if met & {"member-order", "member-order-utf16"}:
        touched.add("member-order")
    if "number-form" in met:
        touched.add("number-form")
    if form != data:
        touched.add("canonical-form")


def note_row(body: bytes, row: Object, form: bytes, touched: set[str]) -> None:
    """Note the rules of a row, `form` of which is signed."""
    note_form(body, form, touched)
    touched.add("hmac-sha256")
    if rows.ROW in row or b'"mac":' in form:
        touched.add("row-without-mac")
    if is_easily_lost(row):
        touched.add("raw-row")


def is_easily_lost(row: Object) -> bool:
    """Tell whether a row has something that a struct in between would lose (rule `raw-row`)."""
    accessor, ts = row.get("accessor"), row.get("ts")
    if isinstance(accessor, dict) and (accessor.get("trace_id") == "" or accessor.keys() - OF_ACCESSOR):
        return True
    zeros = isinstance(ts, str) and "." in ts and ts.endswith("0Z")
    return zeros or bool(row.keys() - MEMBERS)


def note_verdict(verdict: Verdict, log: bytes, whose: Chain, touched: set[str]) -> None:
    """Note the rules of a chain that was verified."""
    fault = verdict.fault
    if fault is None:
        touched.add("verified")
    else:
        touched.add(OF_ENDS.get(fault.reason, fault.reason))
        if fault.file == whose.manifest:
            touched.add("manifest")
        elif fault.line and is_followed_by_another(verdict, fault.line, log, whose):
            touched.add("first-fault")
    for line in log.split(b"\n"):
        row = rows.load(line)
        if row is not None and is_easily_lost(row):
            touched.add("raw-row")


def is_followed_by_another(verdict: Verdict, number: int, log: bytes, whose: Chain) -> bool:
    """Tell whether the line of this number has several faults, or there is one behind it (rule `first-fault`)."""
    *lines, torn = log.split(b"\n")
    found = 1 if torn and number <= len(lines) else 0
    prev = verdict.tip or ""
    for at, line in enumerate(lines[number - 1 :], number):
        row = rows.load(line)
        found += len(list(rows.row_faults(line + b"\n", row, prev, at, whose.subject, whose.key)))
        prev = str(row.get(rows.ROW)) if row is not None else ""
    return found > 1
