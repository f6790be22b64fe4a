"""The command line of `audit`, understood or not (`fixtures/contract/audit.md`, "The program")."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lakehouse_ref.subject_audit import chain, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lakehouse_ref.subject_audit.chain import Anchor

USAGE = """\
audit append  --subject S --event FILE [--key FILE]
audit verify  [--subject S [--anchor COUNT:TIP] | --anchors FILE] [--key FILE]
audit recover --subject S
audit baselines load FILE
audit baselines last FILE
audit baselines append FILE --entry FILE
audit baselines copy FILE TO
audit baselines drift FILE
audit serve"""


class Syntax(NamedTuple):
    """What a command takes."""

    needs: frozenset[str] = frozenset()
    may_have: frozenset[str] = frozenset()
    files: int = 0


SYNTAX = {
    ("append",): Syntax(frozenset({"--subject", "--event"}), frozenset({"--key"})),
    ("verify",): Syntax(may_have=frozenset({"--subject", "--anchor", "--anchors", "--key"})),
    ("recover",): Syntax(frozenset({"--subject"})),
    ("baselines", "load"): Syntax(files=1),
    ("baselines", "last"): Syntax(files=1),
    ("baselines", "append"): Syntax(frozenset({"--entry"}), files=1),
    ("baselines", "copy"): Syntax(files=2),
    ("baselines", "drift"): Syntax(files=1),
}


class UsageError(ValueError):
    """The command line isn't understood; the sentence says why."""


class Command(NamedTuple):
    """A command line that is understood."""

    name: tuple[str, ...]
    options: dict[str, str]
    files: list[str]

    @property
    def key(self) -> str:
        """The file of the key."""
        return self.options.get("--key", "audit.key")

    @property
    def subject(self) -> str:
        """The subject, of a command that has one."""
        return self.options["--subject"]

    @property
    def anchor(self) -> Anchor | None:
        """The anchor, if there is one."""
        return chain.read_anchor(self.options["--anchor"]) if "--anchor" in self.options else None


def parse(arguments: Sequence[str]) -> Command:
    """Return what the arguments say. Raises UsageError."""
    words = 2 if arguments and arguments[0] == "baselines" else 1
    name = tuple(arguments[:words])
    if name not in SYNTAX:
        raise UsageError(f"audit has no such command; it has these:\n{USAGE}")
    syntax = SYNTAX[name]
    options, files = split(arguments[words:], syntax.needs | syntax.may_have)
    if missing := sorted(syntax.needs - options.keys()):
        raise UsageError(f"{' '.join(name)} needs {' and '.join(missing)}")
    if len(files) != syntax.files:
        raise UsageError(f"{' '.join(name)} takes {syntax.files} names of files, not {len(files)}")
    check_values(options, files)
    return Command(name, options, files)


def split(arguments: Sequence[str], known: frozenset[str]) -> tuple[dict[str, str], list[str]]:
    """Return the options with their values, and what else there is. Raises UsageError."""
    options: dict[str, str] = {}
    others = []
    rest = iter(arguments)
    for argument in rest:
        if not argument.startswith("--"):
            others.append(argument)
            continue
        value = next(rest, None)
        if argument not in known or argument in options or value is None:
            raise UsageError(f"{argument!a} is unknown here, there twice, or has no value")
        options[argument] = value
    return options, others


def check_values(options: dict[str, str], files: Sequence[str]) -> None:
    """Refuse options that contradict each other, and values that can't be what they should. Raises UsageError."""
    if "--anchor" in options and "--subject" not in options:
        raise UsageError("--anchor is of one --subject")
    if "--anchors" in options and "--subject" in options:
        raise UsageError("--anchors is for all subjects, not for one --subject")
    if "--subject" in options and not rows.SUBJECT.fullmatch(options["--subject"]):
        raise UsageError("a subject is 1 to 64 of A-Z a-z 0-9 . _ - and does not begin with a dot")
    if "--anchor" in options and chain.read_anchor(options["--anchor"]) is None:
        raise UsageError("an anchor is COUNT:TIP, a decimal number and 64 lowercase hex digits")
    if not all(map(is_name, [*files, *options.values()])):
        raise UsageError("a file has a name, in UTF-8")


def is_name(text: str) -> bool:
    """Tell whether text can name a file, and stand in an answer."""
    try:
        text.encode()
    except UnicodeEncodeError:  # a byte of the command line that is no UTF-8
        return False
    return text != "" and "\0" not in text
