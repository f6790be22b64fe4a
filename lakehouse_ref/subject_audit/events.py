"""Events: what is to be appended to a chain, before it is a row (`fixtures/contract/audit.md`, "append")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakehouse_ref import audit_lines

if TYPE_CHECKING:
    from lakehouse_ref.ijson import Value
    from lakehouse_ref.subject_audit.rows import Object

OF_THE_PROGRAM = {"mac", "prev", "schema", "seq", "subject"}


def read_event(data: bytes, file: str, touched: set[str]) -> Object:
    """Return the event that a file holds, with a trace_id in any case. Raises FaultError.

    `touched` collects the names of the rules of `subject_audit_files.rules.toml` that mattered.
    """
    event = audit_lines.given_text(data, file)
    if not isinstance(event, dict) or not has_shape(event):
        raise audit_lines.refused("event-shape", file)
    audit_lines.storable(event, file)
    return with_trace_id(event, touched)


def has_shape(event: Object) -> bool:
    """Tell whether an object has what a row needs, and nothing that is the program's to say."""
    fields = event.get("fields")
    return (
        is_accessor(event.get("accessor"))
        and isinstance(fields, list)
        and all(isinstance(field, str) for field in fields)
        and isinstance(event.get("result"), str)
        and audit_lines.is_timestamp(event.get("ts"))
        and not event.keys() & OF_THE_PROGRAM
    )


def is_accessor(value: Value) -> bool:
    """Tell whether a value says who looked; only the trace_id may be missing."""
    return isinstance(value, dict) and all(
        isinstance(value.get(name, default), str)
        for name, default in (("daemon", None), ("kind", None), ("purpose", None), ("trace_id", ""))
    )


def with_trace_id(event: Object, touched: set[str]) -> Object:
    """Return the event with its trace_id, which is empty where it was not there (rule `trace-id-written`)."""
    accessor = event["accessor"]
    assert isinstance(accessor, dict)
    if "trace_id" in accessor:
        return event
    touched.add("trace-id-written")
    return event | {"accessor": accessor | {"trace_id": ""}}
