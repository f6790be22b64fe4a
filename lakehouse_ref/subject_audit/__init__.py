"""subject_audit: the canonical bytes, the MAC and the verification of an audit chain, on bytes.

The contract is `fixtures/contract/subject_audit.rules.toml`. Where the bytes lie in files is the business of
`lakehouse_ref.services.storage`.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from lakehouse_ref import canonical, ijson
from lakehouse_ref.subject_audit import chain, noting, rows
from lakehouse_ref.subject_audit.mac import Key

if TYPE_CHECKING:
    from collections.abc import Callable

    from lakehouse_ref.ijson import Value

MEMBERS = {
    "canonical": {"op"},
    "mac": {"op", "key"},
    "row": {"op", "key"},
    "verify": {"op", "key", "subject", "manifest"},
}
"""The members that the header of each op has; that of `verify` may also have an anchor."""

HEX = re.compile("(?:[0-9a-f]{2})*")


def answer(data: bytes, touched: set[str]) -> bytes:
    """Return the answer to a header and a body.

    `touched` collects the names of the contract's rules that mattered. Never raises: every input has an answer.
    """
    head, _, body = data.partition(b"\n")
    header = read_header(head)
    if header is None:
        touched.add("request")
        return canonical.write({"refused": "request"})
    return canonical.write(OPS[header["op"]](header, body, touched))


def read_header(head: bytes) -> dict[str, str] | None:
    """Return the header's members, or None where it is none (rule `request`)."""
    try:
        header = ijson.load(head)
    except ijson.RefusedError:
        return None
    if not isinstance(header, dict):
        return None
    texts = {name: value for name, value in header.items() if isinstance(value, str)}
    if len(texts) < len(header) or texts.get("op") not in MEMBERS:
        return None
    expected = MEMBERS[texts["op"]]
    if texts.keys() != expected and not (texts["op"] == "verify" and texts.keys() == expected | {"anchor"}):
        return None
    well_formed = (
        HEX.fullmatch(texts.get("key", "")),
        "subject" not in texts or rows.SUBJECT.fullmatch(texts["subject"]),
        "anchor" not in texts or chain.read_anchor(texts["anchor"]),
    )
    return texts if all(well_formed) else None


def answer_canonical(_: dict[str, str], body: bytes, touched: set[str]) -> Value:
    """Answer what the canonical form of a JSON text is."""
    try:
        value = ijson.load(body)
    except ijson.RefusedError:
        return not_json(touched)
    form = canonical.write(value)
    noting.note_form(body, form, touched)
    return {"canonical": form.decode()}


def answer_mac(header: dict[str, str], body: bytes, touched: set[str]) -> Value:
    """Answer what the MAC of any bytes is."""
    touched.add("hmac-sha256")
    return {"mac": key_of(header).mac(body)}


def answer_row(header: dict[str, str], body: bytes, touched: set[str]) -> Value:
    """Answer what of a row is signed, and its MAC."""
    row = rows.load(body)
    if row is None:
        return not_json(touched)
    form = rows.signed(row, rows.ROW)
    noting.note_row(body, row, form, touched)
    return {"canonical": form.decode(), "mac": key_of(header).mac(form)}


def answer_verify(header: dict[str, str], body: bytes, touched: set[str]) -> Value:
    """Answer whether a chain is sound."""
    anchor = chain.read_anchor(header["anchor"]) if "anchor" in header else None
    whose = chain.Chain(header["subject"], key_of(header), anchor, "manifest", "log")
    verdict = chain.verify(header["manifest"].encode(), io.BytesIO(body), whose)
    noting.note_verdict(verdict, body, whose, touched)
    return verdict.value()


def key_of(header: dict[str, str]) -> Key:
    """Return the key that the header states."""
    return Key(bytes.fromhex(header["key"]))


def not_json(touched: set[str]) -> Value:
    """Refuse the body (rule `reader-refuses`)."""
    touched.add("reader-refuses")
    return {"refused": "not-json"}


OPS: dict[str, Callable[[dict[str, str], bytes, set[str]], Value]] = {
    "canonical": answer_canonical,
    "mac": answer_mac,
    "row": answer_row,
    "verify": answer_verify,
}
