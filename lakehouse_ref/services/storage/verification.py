"""Verifying the chains that lie in files; nothing is written, nothing locked.

`touched` collects the names of the rules of `subject_audit_files.rules.toml` that mattered.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

from lakehouse_ref import ijson
from lakehouse_ref.audit_lines import LONGEST_LINE, FaultError
from lakehouse_ref.services.storage import files, subjects
from lakehouse_ref.subject_audit import chain, rows
from lakehouse_ref.subject_audit.chain import Chain, Verdict

if TYPE_CHECKING:
    from lakehouse_ref.services.storage.subjects import Names
    from lakehouse_ref.subject_audit.chain import Anchor
    from lakehouse_ref.subject_audit.mac import Key


def verify(directory: str, subject: str, key: Key, anchor: Anchor | None) -> Verdict:
    """Verify the chain of one subject."""
    names = subjects.names_of(subject)
    try:
        manifest = subjects.read_manifest(directory, names)
        genesis = rows.check_manifest(manifest, subject, key, names.manifest)
    except FaultError as error:
        return Verdict(0, None, error.fault)
    try:
        with open_log(directory, names) as log, files.reading(names.log):
            return chain.verify_rows(log, genesis, Chain(subject, key, anchor, names.manifest, names.log))
    except FaultError as error:
        return Verdict(0, genesis, error.fault)


def open_log(directory: str, names: Names) -> BinaryIO:
    """Open a log to read it in order. Raises FaultError."""
    return files.stream(directory, names.log)


def all_subjects(directory: str) -> set[str]:
    """Return every subject that has a manifest or a log; what else lies in the folder is passed over."""
    try:
        with files.reading(subjects.FOLDER):
            names = os.listdir(files.path_of(directory, subjects.FOLDER))  # noqa: PTH208
    except FaultError as error:
        if error.fault.reason != "missing":
            raise
        return set()  # no folder, and so no subject; verifying none is not green
    ends = (subjects.MANIFEST_END, subjects.LOG_END)
    found = {name.removesuffix(end) for name in names for end in ends if name.endswith(end)}
    return {subject for subject in found if rows.SUBJECT.fullmatch(subject)}


def read_anchors(directory: str, name: str) -> dict[str, Anchor]:
    """Return the anchor of each subject that a file names. Raises FaultError."""
    data = files.read_start(directory, name)
    try:
        value = ijson.load(data) if len(data) <= LONGEST_LINE else None
    except ijson.RefusedError:
        raise files.unreadable("not-json", name) from None
    if not isinstance(value, dict):
        raise files.unreadable("anchors-shape", name)
    anchors = {}
    for subject, text in value.items():
        anchor = chain.read_anchor(text) if isinstance(text, str) else None
        if anchor is None or not rows.SUBJECT.fullmatch(subject):
            raise files.unreadable("anchors-shape", name)
        anchors[subject] = anchor
    return anchors
