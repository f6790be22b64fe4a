"""The words of the harness as data: frozen, and without behaviour beyond reading themselves.

Structs of msgspec instead of dataclasses, because a sweep makes several for each case and they are made ten times
as fast; they also become JSON without a second description.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import re
from collections.abc import Callable, Sequence  # noqa: TC003 - msgspec reads the annotations at run time
from datetime import date  # noqa: TC003 - msgspec reads the annotations at run time
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import msgspec

from parity.errors import UsageError

if TYPE_CHECKING:
    from random import Random

    from hypothesis.stateful import RuleBasedStateMachine
    from hypothesis.strategies import SearchStrategy

Partition: TypeAlias = tuple[tuple[str, ...], ...]
"""Who stands with whom: groups of runtimes that said the same, the largest group first."""


class Origin(enum.StrEnum):
    """Where a case comes from."""

    KNOWN_ANSWER = "known_answers"
    CORPUS = "corpus"
    SWEPT = "swept"
    EXPLORED = "explored"


class Kind(enum.StrEnum):
    """How a testee met one case."""

    ANSWERED = "answered"
    REFUSED = "refused"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    GARBLED = "garbled"
    """It said something that its contract does not allow."""
    RESET = "reset"
    """It dropped the connection before its answer was whole, and still runs."""
    TOO_LARGE = "too_large"
    """Its answer does not end within the harness's bounds."""
    REDIRECTED = "redirected"
    """It sends the caller elsewhere, and the harness does not follow."""
    COMPRESSED = "compressed"
    """Its body is compressed, which nobody asked for; the harness does not unpack it."""
    GONE = "gone"
    """It had already been given up on."""

    @property
    def is_fault(self) -> bool:
        """Whether the testee failed to do its part, so that there is nothing to compare."""
        return self not in {Kind.ANSWERED, Kind.REFUSED}


class Verdict(enum.StrEnum):
    """What a comparison came to, from the best to the worst; merging takes the worst.

    A divergence is worse than a fault: it is certain that the runtimes differ, while a fault leaves it open.
    """

    AGREE = "agree"
    VACUOUS = "vacuous"
    FAULT = "fault"
    DIVERGE = "diverge"

    @staticmethod
    def worst(verdicts: list[Verdict]) -> Verdict:
        """Merge verdicts; of none at all nothing was shown, which is vacuous."""
        order = list(Verdict)
        return max(verdicts, key=order.index, default=Verdict.VACUOUS)


class Case(msgspec.Struct, frozen=True):
    """One input, the same bytes for every testee."""

    input: bytes
    origin: Origin
    name: str = ""
    """The name of its file, for known answers and the corpus."""
    expected: bytes | None = None
    """What the contract says that the answer is, for a known answer."""
    rules: tuple[str, ...] = ()
    """The rules of the contract that a known answer is about."""


class Observation(msgspec.Struct, frozen=True):
    """What one testee did with one case."""

    kind: Kind
    output: bytes = b""
    rules: tuple[str, ...] = ()
    """The contract's rules that the testee says mattered; only the reference says so."""
    detail: str = ""
    """The reason of a refusal, or what went wrong."""
    log: str = ""
    """The last lines of the testee's standard error, for a fault."""


class Divergence(msgspec.Struct, frozen=True):
    """One path at which the observations of one case differ."""

    path: str
    """A JSON pointer into the output; empty for the whole of it."""
    pattern: str
    """The path with everything that the contract leaves open replaced: the same for each case of one bug."""
    what: str
    """How they differ there: outcome, bytes, layout, type, order, name, text or missing."""
    partition: Partition
    rendered: dict[str, str | None]
    """For each runtime the text that stands there; None where nothing does."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of one input: what each testee did, and where they differ, in the order of the output."""

    input: bytes
    observations: dict[str, Observation]
    divergences: list[Divergence]


class Signature(msgspec.Struct, frozen=True, order=True):
    """The identity of a bug, as far as it can be seen from outside. Shrinking keeps it."""

    surface: str
    pattern: str
    drift_class: str
    partition: Partition

    def __str__(self) -> str:
        """Return it as one line, the form that files and reports use."""
        groups = " | ".join("+".join(group) for group in self.partition)
        return f"{self.surface} {self.pattern or '/'} {self.drift_class} {groups}"

    @staticmethod
    def parse(line: str) -> Signature:
        """Read that line back. Raises ValueError."""
        if (found := _SIGNATURE.fullmatch(line)) is None:
            raise ValueError(f"{line!r} is not a whole signature: surface, place, cause and sides")
        sides = tuple(tuple(group.split("+")) for group in found["sides"].split(" | "))
        return Signature(found["surface"], "" if found["pattern"] == "/" else found["pattern"], found["cause"], sides)

    def among(self, runtimes: frozenset[str]) -> Signature | None:
        """Return it as it is seen where only some runtimes take part; None where nobody is left to differ."""
        left = [tuple(name for name in group if name in runtimes) for group in self.partition]
        sides = tuple(sorted((group for group in left if group), key=lambda group: (-len(group), group)))
        return msgspec.structs.replace(self, partition=sides) if len(sides) > 1 else None

    @property
    def id(self) -> str:
        """A short name that stays the same from run to run."""
        return f"{self.surface}-{self.drift_class}-{hashlib.sha256(str(self).encode()).hexdigest()[:6]}"


_NAMES = r"[^\s+|]+(?:\+[^\s+|]+)*"
_SIGNATURE = re.compile(
    rf"(?P<surface>\S+) (?P<pattern>/.*) (?P<cause>[A-Za-z0-9._-]+) (?P<sides>{_NAMES}(?: \| {_NAMES})+)"
)


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A divergence that is known: an entry of fixtures/known.toml."""

    surface: str
    signature: str
    runtimes: tuple[str, ...]
    reason: str
    issue: str
    owner: str
    expires: date
    at_most: float
    """The largest share of a run's cases that may show it."""
    input: Bytes
    """The smallest case that shows it; every run asks about it."""
    shows: dict[str, str]
    """What stood at the place for that input, by runtime; who is not named had nothing there."""

    @property
    def id(self) -> str:
        """The name that its finding had."""
        return Signature.parse(self.signature).id


class Finding(msgspec.Struct, frozen=True):
    """A divergence with its cause and its minimum."""

    signature: Signature
    divergence: Divergence
    case: Case
    """The smallest case that still shows it."""
    observations: dict[str, Observation]
    origin: Origin
    """How the first case that showed it had come about."""
    minimal: bool
    """Whether shrinking came to its end; otherwise its budget did."""
    others: tuple[str, ...] = ()
    """The further paths at which the same case differs."""
    contract: tuple[str, ...] | None = None
    """The runtimes that the contract stands with, where a known answer was the first case to show it."""


class Fault(msgspec.Struct, frozen=True):
    """A testee that crashed, hung or talked nonsense."""

    runtime: str
    kind: str
    case: bytes
    detail: str
    log: str

    def id_at(self, surface: str) -> str:
        """Return the name that its input is kept under; a fault has no signature."""
        return f"{surface}-fault-{hashlib.sha256(self.case).hexdigest()[:12]}"


class Rule(msgspec.Struct, frozen=True):
    """A rule of the contract that a schema cannot say."""

    name: str
    says: str
    source: str


class Plant(msgspec.Struct, frozen=True):
    """A planted bug, as fixtures/contract/plants.toml describes it."""

    name: str
    surface: str
    what: str
    runtimes: tuple[str, ...] = ()
    """The only ones that have it; empty where each one has."""


class Inputs(Protocol):
    """What a probe's inputs look like: anything with these two methods, of which a grammar is one."""

    def sampler(self) -> Callable[[Random], bytes]:
        """Return a fast function from a `random.Random` to an input, for the sweep."""

    def strategy(self) -> SearchStrategy[bytes]:
        """Return a Hypothesis strategy of the same inputs, for exploring."""


@runtime_checkable
class StatefulInputs(Protocol):
    """What the sequences of a surface look like: a set of rules, of which generate.calls.Calls is one."""

    most: int
    """The most rules that a sequence takes."""

    def sampler(self) -> Callable[[Random], bytes]:
        """Return a fast function from a `random.Random` to an input, for the sweep."""

    def machine(self, judge: Callable[[bytes], None]) -> type[RuleBasedStateMachine]:
        """Return a Hypothesis state machine that hands every sequence it made to `judge`, for exploring."""


BELOW_FLOOR = "recall-below-floor"
"""The cause of a finding that was measured, and that no single case shows."""


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """How well a surface's approximate search finds what an exact one would; measured for each runtime by itself."""

    name: str
    """For example recall@10."""
    floor: float
    """The least mean share of the right ids that a runtime has to find."""
    case: Callable[[int], tuple[bytes, tuple[frozenset[str], ...]]]
    """From a seed to a case with searches, and the right ids of each search."""
    found: Callable[[Any], list[list[str]]]
    """From a parsed output to the ids that each search found."""


class Normaliser(msgspec.Struct, frozen=True):
    """A difference that does not matter, taken out of every output before outputs are compared.

    It counts how often it fired, and a full run in which it never did fails: then it hides nothing that is there.
    """

    name: str
    reason: str
    apply: Callable[[bytes], bytes]


class DriftClass(msgspec.Struct, frozen=True):
    """A cause of divergence, told by an experiment instead of by looks.

    `remove` edits an input so that the suspected cause is gone and as little else as possible changes; it returns the
    input as it is where there is nothing to remove. If the runtimes then stop to diverge in that way, this was it.
    Where one edit does not fit every input, it returns several, of which one has to work.
    """

    name: str
    says: str
    remove: Callable[[bytes], bytes | Sequence[bytes]]
    selects: bool = False
    """The cause is about which part of an input is answered: taking it out leaves what one side answers as it was.

    So an edit that takes the answer itself away explains nothing.
    """


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one surface's comparison needs to know."""

    surface: str
    inputs: Inputs | StatefulInputs
    cases: int = 20_000
    """Swept cases of a default run."""
    interchange: int = 0
    """Of a surface of files: how many swept cases have their steps dealt out to all the runtimes in turn."""
    recall: Recall | None = None
    """Of a surface that searches: what an approximate search has to find."""
    writes: bool = False
    """Whether a case changes something at the testee: then a runtime that is attached by URL has to allow it."""
    sequences: bool = False
    """Whether a case is a sequence of calls (fixtures/contract/sequences.md); such a surface writes as well."""
    accepted: Callable[[Any], bool] = bool
    """Whether a parsed output took the surface's accept path, so that a probe that never gets there is seen."""
    refusals: float = 0.0
    """The largest share of cases that all runtimes may refuse alike: a match of refusals shows little."""
    places: tuple[str, ...] | None = None
    """The JSON pointers that tell bugs apart; None for every one that the schema names. Below them all is one place."""
    normalisers: tuple[Normaliser, ...] = ()
    drift_classes: tuple[DriftClass, ...] = ()
    """The known causes, the most specific one first."""

    def __post_init__(self) -> None:
        """Check what types cannot say. Raises UsageError."""
        names = [item.name for item in self.normalisers] + [item.name for item in self.drift_classes]
        for name in names:
            if names.count(name) > 1:
                raise UsageError(f"probe {self.surface!r} has two normalisers or drift classes named {name!r}")
        if self.surface in {"index", ""}:
            raise UsageError(f"{self.surface!r} is no name for a surface: its page would be the index's")
        for normaliser in self.normalisers:
            if not normaliser.reason.strip():
                raise UsageError(f"normaliser {normaliser.name!r} of probe {self.surface!r} gives no reason")


class Contract(msgspec.Struct, frozen=True):
    """What the contract says of one surface."""

    surface: str
    rules: tuple[Rule, ...]
    is_valid: Callable[[Any], bool]
    """Whether a parsed output fits the surface's JSON Schema."""
    known_paths: frozenset[str]
    """The JSON pointers that the schema names; what lies below one of them is open. `*` stands for any index."""


class RuntimeState(msgspec.Struct, frozen=True):
    """Whether a runtime takes part, and if not, why."""

    name: str
    status: str
    """ready, absent (its tools or its address are not there) or failed (it does not build, start or pass its tests)."""
    reference: bool = False
    version: str | None = None
    commit: str | None = None
    reason: str | None = None
    surfaces: tuple[str, ...] = ()
    plants: tuple[str, ...] = ()


class Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A piece of a long input, so that a file need not hold a megabyte of spaces."""

    text: str
    times: int = 1


class Bytes(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Bytes in a file: as text where they are text, else in base64, or as parts."""

    text: str | None = None
    base64: str | None = None
    parts: tuple[Part, ...] | None = None

    def value(self) -> bytes:
        """Return the bytes. Raises ValueError unless exactly one form is there and sound."""
        if [self.text, self.base64, self.parts].count(None) != 2:
            raise ValueError("exactly one of text, base64 and parts is wanted")
        if self.parts is not None:
            return b"".join(part.text.encode() * part.times for part in self.parts)
        return self.text.encode() if self.text is not None else base64.b64decode(self.base64 or "", validate=True)


def show_bytes(data: bytes) -> dict[str, str]:
    """Return bytes as they stand in every file of the project: as text where they are text, else in base64."""
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}
