"""What `audit` does: from arguments and a directory to an answer, an exit code and a sentence.

The contract is `fixtures/contract/audit.md`. `touched` collects the names of the rules that mattered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lakehouse_ref import audit_baselines, canonical
from lakehouse_ref.audit_lines import FaultError
from lakehouse_ref.services import audit_command_line
from lakehouse_ref.services.audit_sentences import sentence
from lakehouse_ref.services.storage import baselines, files, subjects, verification
from lakehouse_ref.services.storage.keys import read_key
from lakehouse_ref.subject_audit.chain import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lakehouse_ref.audit_lines import Fault
    from lakehouse_ref.ijson import Value
    from lakehouse_ref.services.audit_command_line import Command
    from lakehouse_ref.subject_audit.mac import Key

DONE, BAD_USAGE, UNREADABLE = 0, 2, 5
EXITS = {
    "tampered": 1,
    "malformed": 1,
    "unanchored": 3,
    "torn": 4,
    "unreadable": UNREADABLE,
    "refused": 6,
    "unwritten": 7,
}
WORST_FIRST = (1, 5, 4, 3, 0)


class Outcome(NamedTuple):
    """What a command came to: the line on standard output, if any, the exit code, and what a person is told."""

    answer: bytes | None
    exit: int
    sentence: str


def run(arguments: Sequence[str], directory: str, touched: set[str]) -> Outcome:
    """Do what a command line says, in a directory. Never raises because of what is there."""
    try:
        command = audit_command_line.parse(arguments)
    except audit_command_line.UsageError as error:
        touched.add("command-line")
        return Outcome(None, BAD_USAGE, str(error))
    return COMMANDS[command.name](command, directory, touched)


def outcome(answer: Value, faults: Iterable[Fault | None]) -> Outcome:
    """Return an answer with the worst exit code of its faults."""
    told = [fault for fault in faults if fault is not None]
    exits = {EXITS[fault.kind] for fault in told}
    code = next((code for code in WORST_FIRST if code in exits), max(exits, default=DONE))
    return Outcome(canonical.write(answer), code, "\n".join(map(sentence, told)))


# ------------------------------------------------------------------ subjects


def append(command: Command, directory: str, touched: set[str]) -> Outcome:
    """Append a row."""
    event = command.options["--event"]
    note_key_option(command, touched)
    try:
        key = read_key_noting(command, directory, touched)
        count, tip = subjects.append(directory, command.subject, event, key, touched)
    except FaultError as error:
        note_fault_of_append(error.fault, event, subjects.names_of(command.subject), touched)
        return outcome({"count": None, "error": error.fault.value(), "tip": None}, [error.fault])
    # The canonical writer takes a count of 2^53 only as a double, which it is exactly.
    return outcome({"count": float(count), "error": None, "tip": tip}, [])


def verify(command: Command, directory: str, touched: set[str]) -> Outcome:
    """Verify one chain, or all."""
    one = "--subject" in command.options
    touched.add("verify-subject" if one else "verify-all")
    note_key_option(command, touched)
    try:
        key = read_key_noting(command, directory, touched)
        if one:
            verdict = verification.verify(directory, command.subject, key, command.anchor)
            note_half_there(verdict, directory, command.subject, touched)
            return outcome(verdict.value(), [verdict.fault])
        return verify_all(command, directory, key, touched)
    except FaultError as error:
        if one:
            return outcome(Verdict(0, None, error.fault).value(), [error.fault])
        return outcome({"error": error.fault.value(), "subjects": []}, [error.fault])


def verify_all(command: Command, directory: str, key: Key, touched: set[str]) -> Outcome:
    """Verify every chain. Raises FaultError where the anchors can't be read."""
    anchors = {}
    if "--anchors" in command.options:
        touched.add("anchors-file")
        anchors = verification.read_anchors(directory, command.options["--anchors"])
    verdicts = {
        subject: verification.verify(directory, subject, key, anchors.get(subject))
        for subject in sorted(verification.all_subjects(directory) | anchors.keys())
    }
    for subject, verdict in verdicts.items():
        note_half_there(verdict, directory, subject, touched)
    answer: Value = {"subjects": [verdict.value() | {"subject": subject} for subject, verdict in verdicts.items()]}
    if not verdicts:
        return Outcome(canonical.write(answer), UNREADABLE, f"{subjects.FOLDER}: no subject is there to be verified")
    return outcome(answer, [verdict.fault for verdict in verdicts.values()])


def recover(command: Command, directory: str, touched: set[str]) -> Outcome:
    """Cut a torn line off."""
    try:
        kept = subjects.recover(directory, command.subject, touched)
    except FaultError as error:
        return outcome({"error": error.fault.value(), "kept": None}, [error.fault])
    return outcome({"error": None, "kept": kept}, [])


def read_key_noting(command: Command, directory: str, touched: set[str]) -> Key:
    """Return the key. Raises FaultError."""
    try:
        return read_key(directory, command.key)
    except FaultError:
        touched.add("key-file")
        raise


def note_key_option(command: Command, touched: set[str]) -> None:
    """Note that the key is in another file than usual."""
    if "--key" in command.options:
        touched.add("key-option")


def note_fault_of_append(fault: Fault, event: str, names: subjects.Names, touched: set[str]) -> None:
    """Note the rule that kept a row from being appended."""
    if fault.kind == "refused":
        touched.add("event-refused")
    elif fault.file == event:
        touched.add("event-unreadable")
    elif fault.kind == "torn":
        touched.add("append-torn")
    elif fault.reason == "missing" and fault.file in names:
        touched.add("half-there")
    elif fault.line is not None:
        touched.add("append-unsound")


def note_half_there(verdict: Verdict, directory: str, subject: str, touched: set[str]) -> None:
    """Note that one of a subject's two files is missing."""
    names = subjects.names_of(subject)
    if verdict.fault is not None and verdict.fault.reason == "missing":
        other = names.log if verdict.fault.file == names.manifest else names.manifest
        if files.is_there(directory, other):
            touched.add("half-there")


# ------------------------------------------------------------------ baselines

OF_KINDS = {"malformed": "malformed", "torn": "torn", "refused": "entry-refused", "unreadable": "unreadable"}
"""The rules of audit_baselines by the kinds of fault that touch them."""


def load_baselines(command: Command, directory: str, touched: set[str]) -> Outcome:
    """Count the entries, up to the first thing that is wrong."""
    touched.add("load")
    summary = baselines.load(directory, command.files[0], touched)
    return outcome({"count": summary.count, "error": told(summary.fault, touched)}, [summary.fault])


def last_of_baselines(command: Command, directory: str, touched: set[str]) -> Outcome:
    """Return the last entry."""
    touched.add("last")
    summary = baselines.load(directory, command.files[0], touched)
    last = summary.last if summary.fault is None else None
    return outcome({"error": told(summary.fault, touched), "last": last}, [summary.fault])


def append_to_baselines(command: Command, directory: str, touched: set[str]) -> Outcome:
    """Append an entry."""
    (name,) = command.files
    return counted(lambda: baselines.append(directory, name, command.options["--entry"], touched), touched)


def copy_baselines(command: Command, directory: str, touched: set[str]) -> Outcome:
    """Write the file again, byte for byte."""
    name, to = command.files
    return counted(lambda: baselines.copy(directory, name, to, touched), touched)


def counted(write: Callable[[], int], touched: set[str]) -> Outcome:
    """Return how many entries there are when something is written, or why it is not."""
    try:
        count = write()
    except FaultError as error:
        return outcome({"count": None, "error": told(error.fault, touched)}, [error.fault])
    return outcome({"count": count, "error": None}, [])


def drift_of_baselines(command: Command, directory: str, touched: set[str]) -> Outcome:
    """Return how the metrics changed from the first entry to the last."""
    summary = baselines.load(directory, command.files[0], touched)
    table: Value = []
    if summary.fault is not None:
        table = None
    elif summary.first is not None and summary.last is not None:
        table = [change.value() for change in audit_baselines.drift(summary.first, summary.last, touched)]
    return outcome({"drift": table, "error": told(summary.fault, touched)}, [summary.fault])


def told(fault: Fault | None, touched: set[str]) -> Value:
    """Return a fault of baselines as it stands in an answer, and note its rule."""
    if fault is None:
        return None
    if fault.kind in OF_KINDS:
        touched.add(OF_KINDS[fault.kind])
    return fault.value()


COMMANDS: dict[tuple[str, ...], Callable[[Command, str, set[str]], Outcome]] = {
    ("append",): append,
    ("verify",): verify,
    ("recover",): recover,
    ("baselines", "load"): load_baselines,
    ("baselines", "last"): last_of_baselines,
    ("baselines", "append"): append_to_baselines,
    ("baselines", "copy"): copy_baselines,
    ("baselines", "drift"): drift_of_baselines,
}
